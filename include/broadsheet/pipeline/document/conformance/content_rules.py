"""Rules about what is drawn: everything is either content with an element, or an artifact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pikepdf import Array

from broadsheet.pipeline.document.conformance.reading import Reading
from broadsheet.pipeline.document.conformance.rules import rule


@rule("01-003", "no artifact stands inside of content")
def _artifacts(reading: Reading) -> Iterator[str]:
    for page in reading.pages:
        yield from (f"page {page.number}: an artifact inside of content" for _ in page.artifacts_in_content)


@rule("01-004", "no content stands inside of an artifact")
def _content(reading: Reading) -> Iterator[str]:
    for page in reading.pages:
        yield from (f"page {page.number}: {what} inside of an artifact" for what in page.content_in_artifacts)


@rule("01-005", "everything drawn is an artifact or belongs to an element")
def _untagged(reading: Reading) -> Iterator[str]:
    for page in reading.pages:
        yield from (f"page {page.number}: {what} is neither" for what in page.untagged)
        home = page.page.obj.objgen
        for mark in sorted(page.marks):
            if (home, mark) not in reading.owners:
                yield f"page {page.number}: mark {mark} belongs to no element"


@rule("parent-tree", "the parent tree leads from each mark to its element (ISO 32000-1, 14.7.4.4)")
def _parent_tree(reading: Reading) -> Iterator[str]:
    for page in reading.pages:
        key = page.page.obj.get("/StructParents")
        if not page.marks:
            continue
        found = reading.parent_tree.get(int(key)) if key is not None else None
        if not isinstance(found, Array):
            yield f"page {page.number} is not in the parent tree"
            continue
        for mark in sorted(page.marks):
            owner = reading.owners.get((page.page.obj.objgen, mark))
            if owner and (mark >= len(found) or found[mark].objgen != owner.obj.objgen):
                yield f"page {page.number}: mark {mark} leads elsewhere than to {owner}"


@rule("30-002", "a form with content of its own is drawn once only")
def _forms(reading: Reading) -> Iterator[str]:
    drawn = Counter(form for page in reading.pages for form, marked in page.forms if marked)
    yield from (f"form {form[0]} is drawn {times} times" for form, times in drawn.items() if times > 1)
