"""Text of every script as programs read it: copied from pages, and read part by part in order."""

from __future__ import annotations

import re
import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from broadsheet.pipeline.document.spoken import language_of

SCRIPTS = {
    "latin": "Zwölf Boxkämpfer über den großen Deich",
    "cyrillic": "Съешь ещё этих мягких булок",
    "greek": "Ξεσκεπάζω τὴν ψυχοφθόρα",
    "chinese": "本周航班准点率八成",
    "japanese": "今週のひかりは遅れました",
    "korean": "이번 주 항공편의 정시율",
    "arabic": "تأخرت ثلاث رحلات لا غير",
    "hebrew": "הטיסה המריאה באיחור",
    "devanagari": "क्षत्रिय ने हिन्दी में साप्ताहिक रिपोर्ट लिखी",
}
MIXED = "Boston בוסטון 東京 बोस्टन بوسطن Бостон end"
MARKS = re.compile("[\u034f\u200b-\u200f\u202a-\u202e]")


def read(tool: str, *options: str, data: bytes, folder: Path) -> str:
    """Return what a tool of poppler reads, without signs that are not seen."""
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} (poppler-utils) is not installed")
    path = folder / "read.pdf"
    path.write_bytes(data)
    target = ["-"] if tool == "pdftotext" else []
    done = subprocess.run([tool, *options, str(path), *target], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return MARKS.sub("", done.stdout)


def parts(data: bytes) -> dict[str, list[tuple[str, str]]]:
    """Return by tag what elements say of themselves: ActualText and Lang."""
    found: dict[str, list[tuple[str, str]]] = {}
    with pikepdf.open(BytesIO(data)) as document:
        for one in document.objects:
            if isinstance(one, pikepdf.Dictionary) and "/S" in one and "/P" in one:
                said = str(one.get("/ActualText", "")), str(one.get("/Lang", ""))
                found.setdefault(str(one.S), []).append(said)
    return found


@pytest.fixture
def everywhere(build: Any, payload: Any) -> Any:
    """Return a builder of a document that has a text in a heading, a paragraph, a tile, a chart and cells."""

    def make(text: str, *, locale: str = "en-GB") -> bytes:
        kpi = payload["kpis"]["summary"][0] | {"label": text}
        table = payload["tables"]["rows"] | {"rows": [["1", text, "5"], ["2", "plain", "6"]], "shown": 2}
        chart = payload["charts"]["by_place"] | {"x": [text, "b", "c"], "title": text}
        changed = payload | {
            "locale": locale,
            "kpis": {"summary": [kpi]},
            "tables": {"rows": table},
            "charts": payload["charts"] | {"by_place": chart},
        }
        page = f'{{{{ kpis("summary") }}}}\n\n## {text}\n\n{text}\n\n{{{{ chart("by_place") }}}}\n\n'
        return bytes(build(changed, page + '{{ table("rows") }}', locale=locale).data)

    return make


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_text_is_copied_as_it_is_wherever_it_stands(name: str, everywhere: Any, tmp_path: Path) -> None:
    text = SCRIPTS[name]
    data = everywhere(text)
    copied = " ".join(read("pdftotext", "-enc", "UTF-8", data=data, folder=tmp_path).split())
    # A heading, a paragraph, a tile's label, a chart's title and category, a cell.
    assert copied.count(text) == 6


@pytest.mark.parametrize("name", sorted({*SCRIPTS} - {"arabic", "hebrew"}))
def test_programs_that_read_aloud_meet_the_text_part_by_part(
    name: str, everywhere: Any, tmp_path: Path
) -> None:
    text = SCRIPTS[name]
    tree = read("pdfinfo", "-struct-text", data=everywhere(text), folder=tmp_path)
    joined = " ".join("".join(re.findall(r'^ +"(.*)"$', tree, re.MULTILINE)).split())
    assert joined.count(text) == 6


@pytest.mark.parametrize("name", ["arabic", "hebrew"])
def test_parts_from_right_to_left_say_their_text_in_the_order_of_reading(name: str, everywhere: Any) -> None:
    text = SCRIPTS[name]
    said = parts(everywhere(text))
    for tag in ("/H2", "/P", "/Lbl", "/Caption", "/TD"):
        assert text in [words.strip() for words, _ in said[tag]], tag
    assert ("", "") in said["/TD"]


def test_wrapped_text_is_read_and_copied_whole(build: Any, payload: Any, tmp_path: Path) -> None:
    for name in ("devanagari", "arabic", "mixed"):
        text = " ".join([SCRIPTS.get(name, MIXED)] * 9)
        data = build(payload, text).data
        if name != "mixed":
            copied = " ".join(read("pdftotext", "-enc", "UTF-8", data=data, folder=tmp_path).split())
            assert text in copied, name
        if name != "devanagari":
            assert text in [words.strip() for words, _ in parts(data)["/P"]]


def test_a_cell_of_many_scripts_is_copied_as_it_was_written(everywhere: Any, tmp_path: Path) -> None:
    data = everywhere(MIXED)
    copied = " ".join(read("pdftotext", "-enc", "UTF-8", data=data, folder=tmp_path).split())
    assert MIXED in copied
    assert MIXED in [words.strip() for words, _ in parts(data)["/TD"]]


@pytest.mark.parametrize(
    ("text", "language"),
    [("Ξεσκεπάζω 2013", "el"), ("דוח שבועי", "he"), ("이번 주", "ko"), ("今週の便", "ja"),
     ("本周航班", ""), ("Съешь", ""), ("Boston", ""), ("Δ 5 km", ""), ("12,5 €", "")],
)  # fmt: skip
def test_scripts_of_one_language_tell_it(text: str, language: str) -> None:
    assert language_of(text) == language


def test_an_element_says_a_language_that_is_not_the_documents(everywhere: Any) -> None:
    assert {language for _, language in parts(everywhere(SCRIPTS["greek"]))["/TD"]} == {"", "el"}
    assert {language for _, language in parts(everywhere(SCRIPTS["greek"], locale="el"))["/TD"]} == {""}


def test_lines_that_end_within_a_sentence_get_no_space(build: Any, payload: Any, tmp_path: Path) -> None:
    text = SCRIPTS["japanese"] * 12
    tree = read("pdfinfo", "-struct-text", data=build(payload, text).data, folder=tmp_path)
    assert text in tree
