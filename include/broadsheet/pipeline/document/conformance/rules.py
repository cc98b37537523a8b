"""What a rule is, and the list of all of them."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from broadsheet.pipeline.document.conformance.reading import Reading

Check = Callable[[Reading], Iterator[str]]


@dataclass(frozen=True, order=True)
class Rule:
    """A failure condition of the Matterhorn Protocol; ``check`` says where a file meets it."""

    number: str
    asks: str = field(compare=False)
    check: Check = field(compare=False)


@dataclass(frozen=True)
class Finding:
    """A place at which a file breaks a rule."""

    rule: str
    asks: str
    place: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.place} ({self.asks})"


RULES: list[Rule] = []
"""All rules, by number."""


def rule(number: str, asks: str) -> Callable[[Check], Check]:
    """Register a check as a rule, with its number and what it asks for in words."""

    def register(check: Check) -> Check:
        insort(RULES, Rule(number, asks, check))
        return check

    return register
