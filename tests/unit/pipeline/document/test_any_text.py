"""Any text in any field: a document is built that readers take without a word, and that contains the text.

More examples than the suite has time for: ``TEST_EXAMPLES=500 pytest …/test_any_text.py``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from tests.unit.pipeline.document.conftest import Build

from broadsheet.pipeline.cleaning import clean
from broadsheet.pipeline.document.faces import BOX, face_of, visible
from broadsheet.pipeline.document.fonts import Face
from broadsheet.pipeline.payload import Payload

EXAMPLES = int(os.environ.get("TEST_EXAMPLES", "20"))
PAGE = """
Prose: {{ values.prose }}

{{ kpis("summary") }}

{{ chart("by_place") }}

{{ table("rows") }}

{{ images("pictures") }}
"""
# Wherever it is drawn, this much of a text is not cut.
SHORT = 24
HOSTILE = (
    "<b>x</b> & {{ 7*7 }} {% raw %} %s {0}",
    '<a href="javascript:alert(1)">[x](file:///etc/passwd)</a>',
    "a\x00\x01\x1b\x7f\ufeffb\r\nc\td\u2028e",
    "a \u202egnp.exe\u202c b \u2066c\u2069",
    "e" + "\u0301\u0489" * 40,
    "\ud800 lone \udfff",
    "עברית abc 123 العربية",
    "日本語 한국어 中文 हिन्दी ไทย",
    "👩‍👩‍👧 🇩🇪 \U0001f3f4\U000e0067\U000e0062",
    ") ( \\ ( \\0 \\",
    "\u0301\u0302 leading marks",
    "\U0010fffd \ue000 \ufdd0 \U000e0100",
    "x\u200cy\u200dz\u00adw",
    "ﬁ ﬂ Å Ω K ﷽ ẛ̣",
)
ANY_CHARACTER = st.one_of(
    st.characters(max_codepoint=0x7E),
    st.characters(max_codepoint=0x24FF),
    st.characters(min_codepoint=0x2500, max_codepoint=0xFFFF),
    st.characters(min_codepoint=0x10000),
)
ANY_TEXT = st.one_of(
    st.text(ANY_CHARACTER, max_size=SHORT), st.sampled_from(HOSTILE).map(lambda text: text[:SHORT])
)
FIELDS = (
    "title",
    "subtitle",
    "notice",
    "fact",
    "tile",
    "chart",
    "category",
    "head",
    "cell",
    "caption",
    "prose",
)
"""Where a text is put."""
WHOLE = ("title", "subtitle", "notice", "fact", "chart", "cell", "caption", "prose")
"""Where as much of a text is drawn as this test puts there; elsewhere what has no room is cut."""


def spread(payload: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    """Put texts into a payload."""
    kpi = payload["kpis"]["summary"][0] | {
        "label": texts["tile"],
        "note": texts["tile"],
        "display": texts["tile"],
    }
    chart = payload["charts"]["by_place"] | {"title": texts["chart"], "x": [texts["category"], "b", "c"]}
    series = [chart["series"][0] | {"name": texts["category"]}]
    table = payload["tables"]["rows"]
    column, *others = table["columns"]
    cells = [[str(number), texts["cell"], "1"] for number in range(3)]
    return payload | {
        "title": texts["title"],
        "subtitle": texts["subtitle"],
        "notices": [texts["notice"]],
        "parameters": [{"name": "p", "label": texts["fact"], "value": None, "display": texts["fact"]}],
        # Values come from files and databases, which hold no halves of characters.
        "values": {"prose": texts["prose"].encode(errors="replace").decode()},
        "kpis": {"summary": [kpi]},
        "charts": {"by_place": chart | {"series": series, "alt": texts["chart"], "unit": texts["category"]}},
        "tables": {"rows": table | {"columns": [column | {"label": texts["head"]}, *others], "rows": cells}},
        "images": {"pictures": [payload["images"]["pictures"][0] | {"caption": texts["caption"]}]},
    }


def drawn(text: str) -> str:
    """Return what is seen of a cleaned text: boxes for what no font has."""
    return "".join(
        character if character.isspace() or face_of(character, Face.SANS) else BOX
        for character in visible(text)
    )


def squeezed(text: str) -> str:
    """Return text as far as a copy keeps it: compatible forms are one, spaces and controls are none."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text))
    return "".join(
        each for each in plain if not re.match(r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2066-\u2069]", each)
    )


def said(*command: str) -> str:
    """Return what a program of poppler or qpdf printed; it must not have complained."""
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b""), command
    return done.stdout.decode()


def missing(payload: dict[str, Any], texts: dict[str, str], path: Path) -> Iterator[str]:
    """Yield the fields whose text a reader does not find: in its order, or at all where it runs both ways."""
    found = squeezed(said("pdfinfo", "-struct-text", str(path)))
    copied = Counter(squeezed(said("pdftotext", "-raw", str(path), "-")))
    for field in WHOLE:
        # What no font has is seen as a box, and copied as what it stands for.
        forms = [squeezed(visible(payload[field])), squeezed(drawn(payload[field]))]
        if not any(form in found or not Counter(form) - copied for form in forms):
            yield f"{field}: {texts[field]!r} → {forms[0]!r}"


def cleaned(payload: Payload) -> dict[str, str]:
    """Return the texts of a payload by their fields, as the document gets them."""
    return {
        "title": payload.title,
        "subtitle": payload.subtitle,
        "notice": payload.notices[0],
        "fact": payload.parameters[0].display,
        "chart": payload.charts["by_place"].title,
        "cell": payload.tables["rows"].rows[0][1],
        "caption": payload.images["pictures"][0].caption,
        # A page cleans what it prints.
        "prose": clean(str(payload.values["prose"])),
    }


@settings(
    max_examples=EXAMPLES,
    derandomize="TEST_EXAMPLES" not in os.environ,
    deadline=None,
    # A document takes too long to look for the smallest one.
    phases=(Phase.explicit, Phase.generate),
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(texts={field: HOSTILE[number % len(HOSTILE)][:SHORT] for number, field in enumerate(FIELDS)})
@example(texts={field: HOSTILE[-1 - number % len(HOSTILE)][:SHORT] for number, field in enumerate(FIELDS)})
@example(texts=dict.fromkeys(FIELDS, ""))
@given(texts=st.fixed_dictionaries({field: ANY_TEXT for field in FIELDS}))
def test_any_text_in_any_field_is_drawn_and_read(
    build: Build, payload: dict[str, Any], tmp_path: Path, texts: dict[str, str]
) -> None:
    given_payload = Payload.model_validate(spread(payload, texts))
    built = build(given_payload.model_dump(mode="json"), PAGE)
    path = tmp_path / "built.pdf"
    path.write_bytes(built.data)
    said("qpdf", "--check", str(path))
    said("pdftoppm", "-r", "20", "-png", str(path), str(tmp_path / "page"))
    assert list(missing(cleaned(given_payload), texts, path)) == []
