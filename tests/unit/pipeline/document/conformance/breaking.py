"""How ways to break a document are gathered, and what several of them do."""

from __future__ import annotations

from collections.abc import Callable

from pikepdf import Array, Dictionary, Name, Object, Pdf

Break = Callable[[Pdf], None]
Breaks = list[tuple[str, Break]]


def gathering(found: Breaks, number: str) -> Callable[[Break], Break]:
    """Return a decorator that adds a way to break the rule of a number."""

    def register(function: Break) -> Break:
        found.append((number, function))
        return function

    return register


def elements(pdf: Pdf, tag: str) -> list[Object]:
    return [
        obj
        for obj in pdf.objects
        if isinstance(obj, Dictionary) and obj.get("/S") == Name(tag) and "/P" in obj
    ]


def fonts(pdf: Pdf) -> list[Object]:
    return list(pdf.pages[0].Resources.Font.values())


def draw(pdf: Pdf, operators: str) -> None:
    pdf.pages[0].contents_add(operators.encode(), prepend=False)


def make_form(pdf: Pdf, operators: bytes, **entries: Object) -> Object:
    return pdf.make_stream(
        operators, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]), **entries
    )
