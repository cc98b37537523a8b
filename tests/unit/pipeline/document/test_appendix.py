"""Appended PDF files: a line where they are named; their pages at the end, numbered, bookmarked, linked."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.unit.pipeline.document.conftest import Built, make_spec
from tests.unit.pipeline.foreign import armed, changed, make_pdf

from broadsheet.pipeline.appendices import clean_pdf
from broadsheet.pipeline.document.conformance import check_pdf

PAGE = """
## Reports

{{ appendix("reports") }}

The end of the text.
"""


@pytest.fixture
def appended(build: Any, payload: Any) -> Any:
    """Build a document with files appended, as the fetch step would leave them."""

    def run(*files: bytes, page: str = PAGE, **changes: Any) -> Built:
        parts, staged = [], {}
        for number, data in enumerate(files, start=1):
            clean = clean_pdf(data, key="x.pdf", max_pages=200)
            key = f"{make_spec().document_prefix('reports')}{number:03d}.pdf"
            staged[key] = clean.data
            part = {"key": key, "file": f"file_{number}.pdf", "title": f"Inspection {number}"}
            part |= {"pages": len(clean.sizes), "total_pages": clean.total, "sizes": clean.sizes}
            parts.append(part | {"page_faults": clean.page_faults, "notes": clean.notes} | changes)
        payload["appendices"] = {"reports": parts}
        return build(payload, page, staged=staged)

    return run


def test_pages_stand_at_the_end_with_the_documents_numbers(appended: Any) -> None:
    built = appended(make_pdf(2, words="First file"), make_pdf(1, size=(842, 595), words="Second file"))
    first, *rest, last = built.pages
    assert "Appendix 1: Inspection 1" in first
    assert "file_2.pdf" in first
    assert "Page 1 of 5" in first
    assert [
        "First file 1 of 2" in rest[0],
        "First file 2 of 2" in rest[1],
        "Second file 1 of 1" in rest[2],
    ] == [True] * 3
    assert "Page 4 of 5" in rest[2]
    assert "About this report" in last
    assert built.summary.pages == 5


def test_each_file_has_a_bookmark_and_a_link_to_its_first_page(appended: Any) -> None:
    reader = appended(make_pdf(2), make_pdf(3)).reader
    titles = [str(one.title) for one in _flat(reader.outline)]
    assert titles[-3:-1] == ["Appendix 1: Inspection 1", "Appendix 2: Inspection 2"]
    pages = [reader.get_destination_page_number(one) for one in _flat(reader.outline)[-3:-1]]
    assert pages == [1, 3]
    links = [one.get_object()["/Dest"][0] for one in reader.pages[0]["/Annots"]]
    assert [reader.get_page_number(link.get_object()) for link in links] == [1, 3]


def _flat(outline: list[Any]) -> list[Any]:
    return [one for item in outline for one in (_flat(item) if isinstance(item, list) else [item])]


def test_what_is_not_as_it_was_is_said_beside_the_file(appended: Any) -> None:
    words = appended(changed(armed), pages=2).words
    assert "pages 1 to 2 of 3" in words
    assert "left out: JavaScript" in words


def test_a_page_that_cannot_be_shown_says_so_in_its_place(appended: Any) -> None:
    fault = "Page 2 cannot be shown: it has no area."
    built = appended(make_pdf(3), page_faults={2: fault})
    assert fault in built.pages[2]
    assert "Foreign page 2" not in built.text
    assert "Foreign page 3 of 3" in built.pages[3]


def test_a_file_that_could_not_be_used_is_said_where_it_should_stand(build: Any, payload: Any) -> None:
    fault = "Left out: PDF 'reports/a.pdf' is encrypted; store a copy without password and restrictions."
    payload["appendices"] = {"reports": [{"file": "a.pdf", "title": "A", "fault": fault}]}
    built = build(payload, PAGE)
    assert built.words.index("Reports") < built.words.index(fault) < built.words.index("The end of the text")
    assert built.summary.pages == 1


def test_the_same_files_give_the_same_bytes(appended: Any) -> None:
    files = (make_pdf(2), make_pdf(1, size=(300, 2000)))
    assert appended(*files).data == appended(*files).data


def test_files_named_twice_are_appended_once(appended: Any) -> None:
    assert appended(make_pdf(2), page=PAGE + PAGE).summary.pages == 4


@pytest.mark.parametrize("size", [(842, 595), (300, 200), (100, 14_000), (14_000, 100), (5, 5)])
def test_readers_take_the_document_without_a_word(appended: Any, tmp_path: Path, size: Any) -> None:
    path = tmp_path / "built.pdf"
    path.write_bytes(appended(make_pdf(2), make_pdf(1, size=size), changed(armed)).data)
    for command in (
        ["qpdf", "--check", str(path)],
        ["pdftotext", str(path), "-"],
        ["pdftoppm", "-r", "10", "-png", str(path), str(tmp_path / "page")],
    ):
        if not shutil.which(command[0]):
            pytest.skip(f"{command[0]} is not installed")
        done = subprocess.run(command, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b""), command


def test_what_an_appendix_breaks_of_the_rules_is_its_fonts_and_nothing_else(appended: Any) -> None:
    findings = check_pdf(appended(make_pdf(2), changed(armed)).data)
    assert findings
    assert {finding.rule for finding in findings} == {"31-009"}


def test_the_line_says_on_which_page_an_appendix_begins(appended: Any) -> None:
    built = appended(make_pdf(2), make_pdf(1))
    first = " ".join(built.pages[0].split())
    assert re.findall(r"file_\d\.pdf · (\d pages?) · from page (\d)", first) == [
        ("2 pages", "2"),
        ("1 page", "4"),
    ]
    assert "Page 4 of 5" in built.pages[3]


def test_an_appendix_is_named_in_the_documents_language(build: Any, payload: Any) -> None:
    clean = clean_pdf(make_pdf(2), key="x.pdf", max_pages=200)
    key = f"{make_spec().document_prefix('reports')}001.pdf"
    part = {
        "key": key,
        "file": "f.pdf",
        "title": "Bericht",
        "pages": 2,
        "total_pages": 2,
        "sizes": clean.sizes,
    }
    changed = payload | {"locale": "de", "appendices": {"reports": [part]}}
    words = build(changed, PAGE, staged={key: clean.data}, locale="de").words
    assert "Anhang 1: Bericht" in words
    assert "f.pdf · 2 Seiten · ab Seite 2" in words
    assert "f.pdf, Seite 2 von 2" in words
