"""A file taken apart as its rules need it: the tree of elements, what each page draws, and its fonts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf

from broadsheet.pipeline.document.conformance.drawing import PageContent, read_page

_DEEPEST = 500


@dataclass
class Node:
    """An element of the structure tree; ``tag`` is what its role comes to, ``own_tag`` what it is called."""

    obj: Object
    own_tag: str
    tag: str
    parent: Node | None
    kids: list[Node] = field(default_factory=list)
    marks: list[tuple[tuple[int, int], int]] = field(default_factory=list)
    """Marked content that belongs to it: the page's object and the mark's number."""
    annotations: list[tuple[int, int]] = field(default_factory=list)

    def text(self, key: str) -> str:
        """Return one of its texts, such as ``/Alt``; empty when it has none."""
        value = self.obj.get(key)
        return str(value) if value is not None else ""

    def attribute(self, key: str) -> Object | None:
        """Return an attribute of any of its owners."""
        value = self.obj.get("/A")
        owners = list(value) if isinstance(value, Array) else [value]
        for owner in owners:
            if isinstance(owner, Dictionary) and key in owner:
                return owner[key]
        return None

    @property
    def lineage(self) -> Iterator[Node]:
        """It and the elements around it, from the innermost outwards."""
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent

    def __str__(self) -> str:
        return f"{self.own_tag} (object {self.obj.objgen[0]})"


class Reading:
    """A file and what is found in it, each part read when it is first asked for."""

    def __init__(self, pdf: Pdf) -> None:
        self.pdf = pdf
        self.catalog = pdf.Root

    @cached_property
    def pages(self) -> list[PageContent]:
        """What each page draws."""
        return [read_page(page, number=number) for number, page in enumerate(self.pdf.pages, start=1)]

    @cached_property
    def roles(self) -> dict[str, str]:
        """What tags that are not of the standard stand for, as the file says."""
        roles = self.tree_root.get("/RoleMap") if self.tree_root is not None else None
        return {key: str(role) for key, role in roles.items()} if isinstance(roles, Dictionary) else {}

    def role(self, tag: str) -> str:
        """Return what a tag comes to in the end; itself when its roles go round in a circle."""
        seen = [tag]
        while seen[-1] in self.roles and self.roles[seen[-1]] not in seen:
            seen.append(self.roles[seen[-1]])
        return seen[-1]

    @cached_property
    def tree_root(self) -> Object | None:
        """The root of the structure tree."""
        root = self.catalog.get("/StructTreeRoot")
        return root if isinstance(root, Dictionary) else None

    @cached_property
    def nodes(self) -> list[Node]:
        """All elements, in the order in which they are read."""
        found: list[Node] = []
        if self.tree_root is not None:
            for kid in _kids(self.tree_root):
                self._read(kid, None, found, seen=set(), depth=0)
        return found

    def _read(
        self, obj: Object, parent: Node | None, found: list[Node], *, seen: set[tuple[int, int]], depth: int
    ) -> None:
        if not isinstance(obj, Dictionary) or obj.objgen in seen or depth > _DEEPEST:
            return
        seen.add(obj.objgen)
        own = str(obj.get("/S", Name("/None")))
        node = Node(obj, own, self.role(own), parent)
        found.append(node)
        if parent is not None:
            parent.kids.append(node)
        page = obj.get("/Pg")
        for kid in _kids(obj):
            if isinstance(kid, int):
                if page is not None:
                    node.marks.append((page.objgen, kid))
            elif not isinstance(kid, Dictionary):
                continue
            elif kid.get("/Type") == Name.MCR:
                home = kid.get("/Pg", page)
                if home is not None:
                    node.marks.append((home.objgen, int(kid["/MCID"])))
            elif kid.get("/Type") == Name.OBJR:
                node.annotations.append(kid["/Obj"].objgen)
            else:
                self._read(kid, node, found, seen=seen, depth=depth + 1)

    @cached_property
    def owners(self) -> dict[tuple[tuple[int, int], int], Node]:
        """Which element each mark of each page belongs to."""
        return {mark: node for node in self.nodes for mark in node.marks}

    @cached_property
    def parent_tree(self) -> dict[int, Object]:
        """What the parent tree leads to, by key."""
        tree = self.tree_root.get("/ParentTree") if self.tree_root is not None else None
        return {} if tree is None else dict(pikepdf.NumberTree(tree).items())

    @property
    def language(self) -> str:
        """The language of the whole document."""
        return str(self.catalog.get("/Lang", "")).strip()

    @cached_property
    def annotations(self) -> list[tuple[int, Object]]:
        """All annotations with the numbers of their pages, from 1."""
        return [
            (number, annotation)
            for number, page in enumerate(self.pdf.pages, start=1)
            for annotation in page.obj.get("/Annots", [])
        ]


def _kids(obj: Object) -> list[Object]:
    kids = obj.get("/K")
    if kids is None:
        return []
    return list(kids) if isinstance(kids, Array) else [kids]
