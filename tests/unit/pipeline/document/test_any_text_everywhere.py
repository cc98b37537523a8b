"""Any text in any place of a document: readers find each of them, in its order, or cut with an ellipsis.

More: ``TEST_EXAMPLES=300 pytest …/test_any_text_everywhere.py``.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from tests.unit.pipeline.document.conftest import Build, make_spec
from tests.unit.pipeline.document.test_any_text import ANY_CHARACTER, HOSTILE, drawn, said, squeezed
from tests.unit.pipeline.foreign import make_pdf

from broadsheet.pipeline.appendices import clean_pdf
from broadsheet.pipeline.cleaning import clean
from broadsheet.pipeline.document.bidi import has_right_to_left
from broadsheet.pipeline.document.faces import visible
from broadsheet.pipeline.payload import Payload

EXAMPLES = int(os.environ.get("TEST_EXAMPLES", "6"))
PAGE = """
{{ cover(subtitle=values["cover"]) }}

{{ contents(values["contents"]) }}

{{ kpis("summary") }}

# {{ values["heading"] }}

Words[^note] before **{{ values["bold"] }}** and after.

> [!warning] {{ values["callout_title"] }}
> {{ values["callout"] }}

## {{ values["section"] }}

| {{ values["head"] }} | b |
|---|---:|
| {{ values["row"] }} | {{ values["right"] }} |

- {{ values["item"] }}

> {{ values["quote"] }}

`{{ values["code"] }}`

[{{ values["link"] }}](https://example.com/)

See {{ ref("line") }}.

[^note]: {{ values["note"] }}

{{ chart("line") }}

{{ chart("hbar") }}

{{ chart("combo") }}

{{ chart("multiples") }}

{{ chart("nothing") }}

{{ table("rows") }}

{{ images("pictures") }}

{{ appendix("papers") }}
"""
VALUES = tuple(re.findall(r'values\["(\w+)"\]', PAGE))
WHOLE = (
    *VALUES,
    *("fact", "parameter", "period", "zone", "as_of", "credit", "fault", "notice"),
    *("tile", "change", "against", "target", "tile_note"),
    *("line_title", "line_subtitle", "hbar_title", "empty", "chart_note"),
    *("table_title", "column", "column_unit", "cell", "number", "group", "group_note", "table_note"),
    *("subtotal", "total", "total_cell", "caption", "picture_note", "picture_fault", "set_notice"),
    *("appendix", "appendix_file", "appendix_note", "page_fault", "appendix_fault"),
)
"""Texts that are drawn to their end."""
SHORTENED = (
    *("line_x", "line_y", "line_series", "line_category", "line_reference", "line_annotation"),
    *("hbar_category", "hbar_series", "hbar_x", "second_label", "panel", "display", "unit", "fact_label"),
)
"""Texts that end in an ellipsis where the place is too narrow."""
SPOKEN = ("line_alt", "hbar_alt", "caption", "picture_note")
BOOKMARKED = ("title", "heading", "section", "group", "appendix")
FIELDS = tuple(dict.fromkeys(("title", *WHOLE, *SHORTENED, *SPOKEN, *BOOKMARKED)))
SHORT = 14
"""Wherever it is drawn in full, this much of a text is not cut."""
_HALVES = re.compile("[\ud800-\udfff]")
REPLACEMENT = "\ufffd"
ANY_TEXT = st.one_of(
    st.text(ANY_CHARACTER, max_size=SHORT), st.sampled_from(HOSTILE).map(lambda text: text[:SHORT])
)


def marked(texts: dict[str, str]) -> dict[str, str]:
    """Return texts that cannot be taken for one another: of a field's number and its text.

    No source and no file of an author's holds halves of characters.
    """
    return {field: mark_of(field) + _HALVES.sub(REPLACEMENT, texts[field]) for field in FIELDS}


def mark_of(field: str) -> str:
    """Return what the text of a field begins with."""
    return f"Q{FIELDS.index(field)}z"


def spread(payload: dict[str, Any], t: dict[str, str]) -> dict[str, Any]:
    """Put texts into a payload."""
    base = payload["charts"]["by_day"]
    one, other = base["series"]
    line = base | {
        "title": t["line_title"], "subtitle": t["line_subtitle"], "alt": t["line_alt"],
        "x_label": t["line_x"], "y_label": t["line_y"], "x": [t["line_category"], "b", "c"],
        "series": [one | {"name": t["line_series"]}, other],
        "references": [{"value": 0.6, "label": t["line_reference"]}],
        "annotations": [{"text": t["line_annotation"], "start": 1}], "note": t["chart_note"],
    }  # fmt: skip
    hbar = base | {
        "kind": "hbar", "title": t["hbar_title"], "alt": t["hbar_alt"], "x_label": t["hbar_x"],
        "x": [t["hbar_category"], "b", "c"], "series": [one | {"name": t["hbar_series"]}, other],
    }  # fmt: skip
    combo = base | {
        "kind": "combo", "title": "Combo", "alt": "Combo", "second_label": t["second_label"],
        "series": [one, other | {"shape": "line", "second": True, "role": "current"}],
    }  # fmt: skip
    multiples = base | {
        "kind": "multiples", "title": "Multiples", "alt": "Multiples", "series": [],
        "panels": [{"title": t["panel"], "series": [one]}, {"title": "b", "series": [one]}],
    }  # fmt: skip
    nothing = base | {"title": "Nothing", "alt": "Nothing", "empty": t["empty"]}
    columns = [
        {"name": "a", "label": t["column"], "unit": t["column_unit"], "heads": True},
        {"name": "b", "label": "Number", "align": "right"},
    ]
    rows = [[t["cell"], t["number"]], *([f"row {number}", "1"] for number in range(60))]
    group = {
        "start": 0, "stop": 61, "title": t["group"], "note": t["group_note"], "total_rows": 61,
        "subtotal": {"kind": "subtotal", "label": t["subtotal"], "cells": ["", "61"]},
    }  # fmt: skip
    total = {"kind": "total", "label": t["total"], "cells": ["", t["total_cell"]]}
    table = {
        "title": t["table_title"], "columns": columns, "rows": rows, "shown": 61, "total_rows": 61,
        "groups": [group], "summaries": [total], "notes": [t["table_note"]],
    }  # fmt: skip
    tile = payload["kpis"]["summary"][0] | {
        "label": t["tile"], "display": t["display"], "unit": t["unit"], "change_display": t["change"],
        "against": t["against"], "target_display": t["target"], "note": t["tile_note"],
    }  # fmt: skip
    picture = payload["images"]["pictures"][0] | {"caption": t["caption"], "note": t["picture_note"]}
    broken = {"caption": "broken", "fault": t["picture_fault"]}
    papers = [
        {
            "key": f"{make_spec().document_prefix('papers')}001.pdf", "file": t["appendix_file"],
            "title": t["appendix"], "pages": 2, "total_pages": 2, "sizes": [[300, 400], [300, 400]],
            "page_faults": {2: t["page_fault"]}, "notes": [t["appendix_note"]],
        },
        {"file": "b", "title": "b", "fault": t["appendix_fault"]},
    ]  # fmt: skip
    dataset = {"name": "a", "rows": 1, "sql": "a.sql", "sha256": "0" * 64}
    return payload | {
        "title": t["title"],
        "notices": [t["notice"]],
        "parameters": [{"name": "p", "label": t["fact_label"], "value": None, "display": t["fact"]},
                       {"name": "q", "label": "q", "value": None, "display": t["parameter"]}],
        "period": payload["period"] | {"label": t["period"], "zone": t["zone"]},
        "data_as_of_display": t["as_of"],
        "values": {name: t[name] for name in VALUES},
        "kpis": {"summary": [tile, tile]},
        "charts": {"line": line, "hbar": hbar, "combo": combo, "multiples": multiples, "nothing": nothing},
        "tables": {"rows": table},
        "images": {"pictures": [picture, broken]},
        "document_notices": {"pictures": [t["set_notice"]]},
        "appendices": {"papers": papers},
        "provenance": {"datasets": [dataset], "credit": t["credit"], "faults": [t["fault"]]},
    }  # fmt: skip


@dataclass(frozen=True)
class Read:
    """What programs find in a document."""

    text: str
    """What its parts say in reading order, and what is copied off its pages."""
    alternatives: list[str]
    bookmarks: list[str]
    title: str


def read(data: bytes, folder: Path) -> Read:
    """Read a document in all the ways that readers have; no program may complain of it."""
    path = folder / "built.pdf"
    path.write_bytes(data)
    said("qpdf", "--check", str(path))
    said("pdftoppm", "-r", "15", "-png", str(path), str(folder / "page"))
    # Each piece of text stands in quotation marks, on lines of its own.
    pieces = re.findall(r'^ *"(.*?)"$', said("pdfinfo", "-struct-text", str(path)), re.MULTILINE | re.DOTALL)
    with pikepdf.open(BytesIO(data)) as document:
        alternatives = list(_said_of(document.Root.StructTreeRoot, "/Alt"))
        spoken = list(_said_of(document.Root.StructTreeRoot, "/ActualText"))
        with document.open_outline() as outline:
            bookmarks = [one.title for one in _flat(outline.root)]
        title = str(document.docinfo["/Title"])
    copied = said("pdftotext", "-raw", str(path), "-")
    text = "\n".join(map(seen, ("".join(pieces), *spoken, copied)))
    return Read(text, list(map(seen, alternatives)), list(map(seen, bookmarks)), seen(title))


def seen(text: str) -> str:
    """Return text as far as it is seen: what has no shape of its own is looked for by nobody."""
    return squeezed(visible(text))


def _flat(entries: Any) -> Iterator[Any]:
    for entry in entries:
        yield entry
        yield from _flat(entry.children)


def _said_of(element: Any, key: str) -> Iterator[str]:
    """Yield what elements say of themselves under a key, from one downwards."""
    if key in element:
        yield str(element[key])
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield from _said_of(kid, key)


def forms_of(text: str) -> list[str]:
    """Return how a text is read: what no font has is seen as a box, and copied as what it stands for."""
    text = clean(text).strip()
    return [seen(text), squeezed(drawn(text))]


def is_turned(mark: str, forms: list[str], found: str) -> bool:
    """Whether all letters of a text that runs both ways are found beside each other, with its mark.

    Words of a drawing have no text of their own, and programs turn them around each in its own way.
    """
    found = unicodedata.normalize("NFKD", found)
    return any(
        Counter(found[start : start + len(form)]) == Counter(form)
        for form in (unicodedata.normalize("NFKD", form) for form in forms if has_right_to_left(form))
        for at in (hit.start() for hit in re.finditer(mark, found))
        for start in range(max(at - len(form), 0), at + 1)
    )


def is_cut(forms: list[str], found: str) -> bool:
    """Whether some beginning of a text is found with an ellipsis behind it."""
    return any(f"{form[:end]}…" in found for form in forms for end in range(2, len(form)))


def missing(texts: dict[str, str], document: Read) -> Iterator[str]:
    """Yield the fields whose text a reader does not find where it should be."""
    for field in (*WHOLE, *SHORTENED):
        forms = forms_of(texts[field])
        if not (
            any(form in document.text for form in forms)
            or is_turned(mark_of(field), forms, document.text)
            or (field in SHORTENED and is_cut(forms, document.text))
        ):
            yield f"{field}: {texts[field]!r} → {forms[0]!r}"
    for field in SPOKEN:
        if not any(forms_of(texts[field])[0] in one for one in document.alternatives):
            yield f"alternative text {field}: {texts[field]!r}"
    for field in BOOKMARKED:
        if not any(forms_of(texts[field])[0] in one for one in document.bookmarks):
            yield f"bookmark {field}: {texts[field]!r}"
    if document.title != forms_of(texts["title"])[0]:
        yield f"title: {texts['title']!r}"


@pytest.fixture(scope="module")
def paper() -> bytes:
    """Return a file that can be appended."""
    return clean_pdf(make_pdf(2, size=(300, 400)), key="x.pdf", max_pages=2).data


@settings(
    max_examples=EXAMPLES,
    derandomize="TEST_EXAMPLES" not in os.environ,
    deadline=None,
    # A document takes too long to look for the smallest one.
    phases=(Phase.explicit, Phase.generate),
    database=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
    ],
)
@example(texts={field: HOSTILE[number % len(HOSTILE)][:SHORT] for number, field in enumerate(FIELDS)})
@given(texts=st.fixed_dictionaries({field: ANY_TEXT for field in FIELDS}))
def test_any_text_in_any_place_is_found_by_readers(
    build: Build, payload: dict[str, Any], paper: bytes, tmp_path: Path, texts: dict[str, str]
) -> None:
    put = marked(texts)
    key = f"{make_spec().document_prefix('papers')}001.pdf"
    given_payload = Payload.model_validate(spread(payload, put)).model_dump(mode="json")
    built = build(given_payload, PAGE, staged={key: paper})
    assert list(missing(put, read(built.data, tmp_path))) == []
