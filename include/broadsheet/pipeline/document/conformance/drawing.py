"""What a page draws: each marked piece of it, what is in no marked piece, and the codes of each font."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Page

_PAINTING = frozenset({"f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh", "INLINE IMAGE"})
_SHOWING = frozenset({"Tj", "TJ", "'", '"'})
_DEEPEST = 12


@dataclass
class UsedFont:
    """A font and the codes of it that are drawn."""

    obj: Object
    codes: set[int] = field(default_factory=set)


@dataclass
class PageContent:
    """What is found on a page. Lists hold the operators at fault, in words."""

    page: Page
    number: int
    marks: set[int] = field(default_factory=set)
    untagged: list[str] = field(default_factory=list)
    artifacts_in_content: list[str] = field(default_factory=list)
    content_in_artifacts: list[str] = field(default_factory=list)
    fonts: dict[tuple[int, int], UsedFont] = field(default_factory=dict)
    forms: list[tuple[tuple[int, int], bool]] = field(default_factory=list)
    """Form objects as they are drawn, and whether they have marks of their own."""
    references: list[str] = field(default_factory=list)
    """Names of objects that show another file."""


def read_page(page: Page, *, number: int) -> PageContent:
    """Read a page's operators and those of the forms that it draws; ``number`` counts pages from 1."""
    content = PageContent(page, number)
    _Walk(content).read(page, page.obj.get("/Resources", Dictionary()), depth=0)
    return content


class _Walk:
    """Follows operators; its state is which marked pieces are open and which font is set."""

    def __init__(self, content: PageContent) -> None:
        self.content = content
        # Of each open piece: "artifact", "content" (with a mark) or "" for any other.
        self.open: list[str] = []
        self.font: Object | None = None
        self.saved: list[Object | None] = []

    def read(self, source: Page | Object, resources: Object, *, depth: int) -> None:
        outer = len(self.open)
        for instruction in pikepdf.parse_content_stream(source):
            self._take(str(instruction.operator), list(instruction.operands), resources, depth)
        del self.open[outer:]

    def _take(self, operator: str, operands: list[Object], resources: Object, depth: int) -> None:
        match operator:
            case "BMC" | "BDC":
                self._enter(str(operands[0]), operands[1] if len(operands) > 1 else None, resources)
            case "EMC":
                if self.open:
                    self.open.pop()
            case "q":
                self.saved.append(self.font)
            case "Q":
                self.font = self.saved.pop() if self.saved else None
            case "Tf":
                self.font = resources.get("/Font", Dictionary()).get(str(operands[0]))
            case "Do":
                self._draw(str(operands[0]), resources, depth)
            case _ if operator in _SHOWING:
                self._show(operator, operands)
            case _ if operator in _PAINTING:
                self._paint(operator)

    def _enter(self, tag: str, properties: Object | None, resources: Object) -> None:
        if isinstance(properties, Name):
            properties = resources.get("/Properties", Dictionary()).get(str(properties))
        mark = properties.get("/MCID") if isinstance(properties, Dictionary) else None
        if tag == "/Artifact":
            if "content" in self.open:
                self.content.artifacts_in_content.append(tag)
            self.open.append("artifact")
        elif mark is not None:
            if "artifact" in self.open:
                self.content.content_in_artifacts.append(f"{tag} {int(mark)}")
            self.content.marks.add(int(mark))
            self.open.append("content")
        else:
            self.open.append("")

    def _paint(self, what: str) -> None:
        if not any(self.open):
            self.content.untagged.append(what)

    def _show(self, operator: str, operands: list[Object]) -> None:
        pieces = operands[-1] if isinstance(operands[-1], Array) else [operands[-1]]
        data = b"".join(bytes(piece) for piece in _strings(pieces))
        if not data:
            return
        self._paint(f"{operator} {data[:24]!r}")
        if self.font is None:
            return
        used = self.content.fonts.setdefault(self.font.objgen, UsedFont(self.font))
        if self.font.get("/Subtype") == Name.Type0:
            used.codes.update(int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))
        else:
            used.codes.update(data)

    def _draw(self, name: str, resources: Object, depth: int) -> None:
        drawn = resources.get("/XObject", Dictionary()).get(name)
        if drawn is None or depth > _DEEPEST:
            return
        if "/Ref" in drawn:
            self.content.references.append(name)
        if drawn.get("/Subtype") != Name.Form:
            self._paint(f"Do {name}")
            return
        known, font = set(self.content.marks), self.font
        self.read(drawn, drawn.get("/Resources", resources), depth=depth + 1)
        self.font = font
        self.content.forms.append((drawn.objgen, self.content.marks != known))


def _strings(pieces: Iterable[object]) -> Iterable[pikepdf.String]:
    return (piece for piece in pieces if isinstance(piece, pikepdf.String))
