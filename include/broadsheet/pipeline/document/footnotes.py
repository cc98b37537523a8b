"""Footnotes of a page: ``[^late]`` in the text, ``[^late]: what it says`` on a line of its own.

They are numbered in the order in which the text refers to them, and stand at the foot of its page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from broadsheet.domain.suggestion import suggest
from broadsheet.pipeline.document.template import Page

_DEFINITION = re.compile(r"^\[\^([\w-]+)\]:[ \t]*(.*)$")
_FENCE = re.compile(r"^ {0,3}(```|~~~)")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def anchor_of(number: int) -> str:
    """Return the name of the place where a footnote stands, as a link to it."""
    return f"#footnote-{number}"


def number_of(link: str) -> int | None:
    """Return the number of the footnote that a link leads to; None for a link to something else."""
    number = link.removeprefix("#footnote-")
    return int(number) if number != link and number.isdecimal() else None


@dataclass
class Footnotes:
    """The footnotes of one page, while it is read."""

    page: Page
    texts: dict[str, str] = field(default_factory=dict)
    """Markdown by name."""
    numbers: dict[str, int] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    """Referred to, but not yet set."""

    def refer(self, name: str) -> tuple[str, str]:
        """Return a footnote's raised number and the link to it; DefinitionError when there is none."""
        if name not in self.texts:
            hint = suggest(name, self.texts) if self.texts else f"write it on a line: [^{name}]: …"
            raise self.page.problem(f"there is no footnote {name!r}: {hint}", near=f"[^{name}]")
        if name not in self.numbers:
            self.numbers[name] = len(self.numbers) + 1
            self.waiting.append(name)
        number = self.numbers[name]
        return str(number).translate(_RAISED), anchor_of(number)

    def take(self) -> list[tuple[int, str]]:
        """Return number and text of the footnotes that were named since the last time."""
        taken = [(self.numbers[name], self.texts[name]) for name in self.waiting]
        self.waiting = []
        return taken

    def check(self) -> None:
        """Raise DefinitionError for a footnote that nothing refers to: a reader would miss it."""
        for name in self.texts:
            if name not in self.numbers:
                raise self.page.problem(
                    f"nothing refers to footnote {name!r}: write [^{name}] where it belongs, or take it out",
                    near=f"[^{name}]:",
                )


def take_out(page: Page) -> tuple[str, Footnotes]:
    """Return a page's Markdown without the texts of its footnotes, and these."""
    footnotes = Footnotes(page)
    kept: list[str] = []
    current = ""
    fence = ""
    for line in page.markdown.split("\n"):
        if opened := _FENCE.match(line):
            fence = "" if fence == opened.group(1) else fence or opened.group(1)
        found = None if fence else _DEFINITION.match(line)
        if found:
            current = found.group(1)
            if current in footnotes.texts:
                raise page.problem(f"footnote {current!r} is written twice", near=f"[^{current}]:")
            footnotes.texts[current] = found.group(2)
            kept.append("")
        elif current and line.startswith(("    ", "\t")):
            footnotes.texts[current] += f" {line.strip()}"
        else:
            current = ""
            kept.append(line)
    return "\n".join(kept), footnotes
