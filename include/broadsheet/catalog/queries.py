"""Check a dataset's SQL file without a database: its header, its bindings, its order."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from broadsheet.catalog.sources import read_source
from broadsheet.catalog.values import meant
from broadsheet.domain.suggestion import suggest
from broadsheet.errors import Problem

PERIOD_BINDINGS = (
    "period_start",
    "period_end",
    "first_day",
    "end_day",
    "previous_start",
    "previous_end",
    "previous_first_day",
    "previous_end_day",
    "year_before_start",
    "year_before_end",
    "year_before_first_day",
    "year_before_end_day",
    "zone",
)
"""What every query may bind beside the parameters; ``end`` is the first instant or day after a period."""

_PERCENT = re.compile(r"%(?:(?P<escaped>%)|\((?P<name>[^)]*)\)(?P<kind>.?))?", re.DOTALL)
# In one pattern: what looks like a comment within a literal is none, and the other way round.
_NO_CODE = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_WRITES = re.compile(
    r"\b(?:insert\s+into|update\s+[\w.\"]+\s+set|delete\s+from|merge\s+into)\b", re.IGNORECASE
)
_READS = re.compile(r"\s*\(*\s*(select|with|values|table)\b", re.IGNORECASE)
_QUOTED = re.compile(r"%\((?P<ours>\w+)\)s|\{\{\s*(?P<braces>\w+)[^}]*\}\}")
_ELSEWHERE = re.compile(r"(?<![:\w]):(?P<colon>[a-z_]\w*)\b|\{\{\s*(?P<braces>\w*)[^}]*\}\}|\$\d+\b")
"""Bindings as other tools write them: ``:region``, ``{{ region }}`` and ``$1``."""


def check_query(
    path: Path, parameters: Collection[str], *, year_before: bool = False, filtered: Collection[str] = ()
) -> Iterator[Problem]:
    """Yield every fault of a SQL file that is found by reading it.

    ``year_before``: the definition says that the query gives the rows of the year before, too. ``filtered``:
    parameters by which rows are chosen after they are fetched.
    """
    text = read_source(path)
    if isinstance(text, Problem):
        yield text
        return
    if not text.lstrip().startswith("--") or "grain:" not in _header(text).lower():
        yield Problem(
            path, 1, "start with a comment that says the grain (`-- Grain: one flight.`) and the parameters"
        )
    yield from _check_bindings(path, text, parameters)
    for name in filtered:
        if (at := text.find(f"%({name})s")) >= 0:
            yield Problem(
                path,
                _line(text, at),
                f"the definition filters rows by parameter {name!r} once they are fetched; "
                "take it out of the query",
            )
    if year_before and "%(year_before_" not in text:
        yield Problem(
            path,
            None,
            "the dataset says `year_before: true`, but the query never binds that period; "
            "let in days from %(year_before_first_day)s to before %(year_before_end_day)s, too",
        )
    # Same length, so that positions still give lines.
    bare = _NO_CODE.sub(lambda found: _blank(found[0]), text)
    if not bare.strip():
        yield Problem(path, None, "the file holds no query")
        return
    yield from _check_foreign_bindings(path, text, bare, [*parameters, *PERIOD_BINDINGS])
    statement = bare.rstrip().rstrip(";")
    if (position := statement.find(";")) >= 0:
        yield Problem(path, _line(text, position), "one query only: take out the `;` and what follows it")
    written = _WRITES.search(bare)
    if written:
        what = " ".join(written[0].upper().split())
        yield Problem(path, _line(text, written.start()), f"a report only reads: take out {what}")
    elif not _READS.match(bare):
        word = bare.split()[0]
        hint = meant(word, ("SELECT", "WITH", "VALUES"))
        start = len(bare) - len(bare.lstrip())
        message = f"the file must hold a SELECT (or WITH … SELECT), and begins with {word[:40]!r}{hint}"
        yield Problem(path, _line(text, start), message)
    if not re.search(r"\border\s+by\b", bare, re.IGNORECASE):
        last = text.rstrip().count("\n") + 1
        yield Problem(path, last, "add ORDER BY over enough columns: the same data must give the same report")


def _check_bindings(path: Path, text: str, parameters: Collection[str]) -> Iterator[Problem]:
    known = [*parameters, *PERIOD_BINDINGS]
    for found in _PERCENT.finditer(text):
        line = _line(text, found.start())
        name = found["name"]
        if name is None:
            if not found["escaped"]:
                yield Problem(
                    path,
                    line,
                    "a single % stands here; write %% for a per cent sign, LIKE pattern or modulo",
                )
        elif name not in known:
            hint = suggest(name, known, form="%({})s")
            yield Problem(path, line, f"%({name})s binds nothing: {hint}")
        elif found["kind"] != "s":
            yield Problem(path, line, f"write %({name})s: the letter s must follow the name")


def _check_foreign_bindings(path: Path, text: str, bare: str, known: Collection[str]) -> Iterator[Problem]:
    """Yield bindings as other tools write them, and ours in quotes, where they are only text."""
    for literal in _NO_CODE.finditer(text):
        for found in _QUOTED.finditer(literal[0]) if literal[0].startswith("'") else ():
            name = found["ours"] or found["braces"]
            if name in known:
                message = f"{found[0]} is only text within quotes; write %({name})s without them"
                yield Problem(path, _line(text, literal.start() + found.start()), message)
    for found in _ELSEWHERE.finditer(bare):
        name = found["colon"] or found["braces"] or "name"
        if found["colon"] and name not in known:
            # The bound of a slice of an array.
            continue
        hint = f"write %({name})s" if name in known else suggest(name, known, form="%({})s")
        message = f"{found[0]} is not how a parameter is bound here: {hint}"
        yield Problem(path, _line(text, found.start()), message)


def _header(text: str) -> str:
    lines = []
    for line in text.lstrip().splitlines():
        if not line.startswith("--"):
            break
        lines.append(line)
    return "\n".join(lines)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
