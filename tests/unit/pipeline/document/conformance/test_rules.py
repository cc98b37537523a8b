"""Each rule finds the fault that it is there for, in a document that has no other before it is broken."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from reportlab.platypus.flowables import Flowable
from tests.unit.pipeline.document.conformance import annotation_breaks, breaks, font_breaks
from tests.unit.pipeline.document.conformance.breaking import Break

from broadsheet.errors import DocumentError
from broadsheet.pipeline.document.canvas import Colophon
from broadsheet.pipeline.document.conformance import RULES, check_pdf
from broadsheet.pipeline.document.elements import Element
from broadsheet.pipeline.document.fonts import Face, load_fonts
from broadsheet.pipeline.document.frame import write_document
from broadsheet.pipeline.document.lines import Span
from broadsheet.pipeline.document.tables import DataTable
from broadsheet.pipeline.document.text import TextBlock
from broadsheet.pipeline.document.theme import load_theme
from broadsheet.pipeline.payload import ColumnPart, TablePart
from broadsheet.settings import Settings

THEME = load_theme(Settings().themes_dir, "broadsheet")
COLOPHON = Colophon(
    title="Probe", subject="", author="", period="", as_of="", made_for=datetime(2013, 3, 25, tzinfo=UTC)
)
COLUMNS = tuple(ColumnPart(name=name, label=name, align="left") for name in ("One", "Two"))
BREAKS = [*breaks.BREAKS, *annotation_breaks.BREAKS, *font_breaks.BREAKS]
LOCKED = pikepdf.Encryption(
    owner="o", user="", R=3, aes=False, metadata=False, allow=pikepdf.Permissions(accessibility=False)
)
ROWS = (("a", "b"), ("c", "d"))
TABLE = TablePart(title="Rows", columns=COLUMNS, rows=ROWS, shown=2, total_rows=2)


class Square(Flowable):  # type: ignore[misc]
    """A figure, the simplest there is."""

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        return aW, 40

    def draw(self) -> None:
        with self.canv.figure(Element("Figure", alt="A square"), (0, 0, 30, 30)):
            self.canv.rect(0, 0, 30, 30)


def story() -> list[Flowable]:
    item = Element("LBody", parent=Element("LI", parent=Element("L")))
    face = Face.SERIF
    return [
        TextBlock([Span("Title", face)], THEME.headings[0], outline=0),
        TextBlock([Span("Part", face)], THEME.headings[1], outline=1),
        TextBlock([Span("See ", face), Span("this", face, link="https://example.org/")], THEME.body),
        TextBlock([Span("Item", face)], THEME.body, mark="•", element=Element("P", parent=item)),
        TextBlock([Span("1 More", face)], THEME.body, element=Element("Note")),
        TextBlock([Span("2 Still more", face)], THEME.body, element=Element("Note")),
        Square(),
        DataTable(TABLE, count=2, theme=THEME),
    ]


@pytest.fixture(scope="module")
def sound() -> bytes:
    """Return a document that has one of everything, and no fault."""
    load_fonts(Settings().static_dir)
    return write_document(story(), COLOPHON, theme=THEME)[0]


def test_a_sound_document_has_no_findings(sound: bytes) -> None:
    assert check_pdf(sound) == []


@pytest.mark.parametrize(("number", "spoil"), BREAKS, ids=lambda value: getattr(value, "__name__", value))
def test_a_broken_document_is_found(sound: bytes, number: str, spoil: Break) -> None:
    changed = BytesIO()
    with pikepdf.open(BytesIO(sound)) as pdf:
        spoil(pdf)
        pdf.save(changed)
    found = {finding.rule for finding in check_pdf(changed.getvalue())}
    assert number in found


def test_a_file_that_may_not_be_read_aloud_is_found(sound: bytes) -> None:
    locked = BytesIO()
    with pikepdf.open(BytesIO(sound)) as pdf:
        pdf.save(locked, encryption=LOCKED)
    assert {finding.rule for finding in check_pdf(locked.getvalue())} == {"26-002"}


def test_every_rule_has_a_document_that_breaks_it() -> None:
    assert {rule.number for rule in RULES} == {number for number, _ in BREAKS} | {"26-002"}


def test_rules_have_numbers_of_the_protocol_or_names() -> None:
    assert all(re.fullmatch(r"\d\d-\d\d\d|tagged|parent-tree", rule.number) for rule in RULES)


def test_a_file_that_is_no_pdf_is_refused() -> None:
    with pytest.raises(DocumentError, match="no PDF"):
        check_pdf(b"GIF89a")


def test_a_file_with_another_password_is_refused(sound: bytes) -> None:
    locked = BytesIO()
    with pikepdf.open(BytesIO(sound)) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(owner="one", user="one"))
    with pytest.raises(DocumentError, match="password"):
        check_pdf(locked.getvalue(), password="two")
    assert check_pdf(locked.getvalue(), password="one") == []


def test_the_documentation_lists_every_rule() -> None:
    page = (Path(__file__).parents[5] / "docs/accessibility.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| (\S+) \| (.+) \|$", page, re.MULTILINE)
    assert [(rule.number, rule.asks) for rule in RULES] == [row for row in listed if row[0] != "rule"][
        -len(RULES) :
    ]
