"""The parts of a document and what is known of each; how they make a tree is in ``structure``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from broadsheet.pipeline.document.structure import Structure

Tag = Literal[
    "Document", "Part", "Sect", "Div", "H1", "H2", "H3", "P", "L", "LI", "Lbl", "LBody", "BlockQuote",
    "Caption", "TOC", "TOCI", "Table", "THead", "TBody", "TFoot", "TR", "TH", "TD", "Span", "Quote", "Note",
    "Reference", "Code", "Link", "Figure",
]  # fmt: skip
"""Standard structure types, so that no table of roles is needed."""

TAGS = frozenset(get_args(Tag))
HEADINGS: tuple[Tag, ...] = ("H1", "H2", "H3")
Scope = Literal["", "Row", "Column", "Both"]
Numbering = Literal["", "Decimal", "Disc", "None"]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Content:
    """A marked piece of a page."""

    page: int
    mark: int


@dataclass(frozen=True)
class Annotation:
    """An annotation, by reportlab's name for it."""

    page: int
    name: str


class Element:
    """One part of the document. ``alt`` says in words what a figure shows; ``scope`` what a cell heads.

    ``numbering`` is how a list's items are marked, ``columns`` over how many columns a cell reaches.
    """

    __slots__ = (
        "alt", "box", "columns", "kids", "number", "numbering", "parent", "said", "scope", "tag",
        "title", "tree",
    )  # fmt: skip

    def __init__(
        self,
        tag: Tag,
        *,
        parent: Element | None = None,
        alt: str = "",
        title: str = "",
        scope: Scope = "",
        numbering: Numbering = "",
        columns: int = 1,
    ) -> None:
        self.tag: Tag = tag
        self.parent = parent
        self.alt = alt
        self.title = title
        self.scope = scope
        self.numbering = numbering
        self.columns = columns
        self.box: Box | None = None
        self.said: list[str] = []
        self.kids: list[Element | Content | Annotation | range] = []
        self.number = 0
        self.tree: Structure | None = None

    def attributes(self) -> str:
        """Return the attributes that its tag is described by, as they stand in the file."""
        owners: dict[str, str] = {}
        if self.box:
            owners["Layout"] = f"/BBox [{' '.join(f'{number:.2f}' for number in self.box)}]"
        if self.numbering:
            owners["List"] = f"/ListNumbering /{self.numbering}"
        cell = f"/Scope /{self.scope}" if self.scope else ""
        if self.columns > 1:
            cell += f" /ColSpan {self.columns}"
        if cell:
            owners["Table"] = cell
        made = [f"<< /O /{owner} {entries} >>" for owner, entries in owners.items()]
        return f"/A [{' '.join(made)}]" if made else ""
