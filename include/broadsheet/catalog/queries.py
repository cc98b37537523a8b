"""Check a dataset's SQL file without a database: its header, its bindings, its order."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

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


def check_query(
    path: Path, parameters: Collection[str], *, year_before: bool = False, filtered: Collection[str] = ()
) -> Iterator[Problem]:
    """Yield every fault of a SQL file that is found by reading it.

    ``year_before``: the definition says that the query gives the rows of the year before, too. ``filtered``:
    parameters by which rows are chosen after they are fetched.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        yield Problem(path, None, "the SQL file does not exist; add it, or correct `sql:` in the definition")
        return
    except (OSError, UnicodeDecodeError) as error:
        yield Problem(path, None, f"the SQL file cannot be read as UTF-8 text: {error}")
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
    statement = bare.rstrip().rstrip(";")
    if (position := statement.find(";")) >= 0:
        yield Problem(path, _line(text, position), "one query only: take out the `;` and what follows it")
    if not re.match(r"\s*(select|with|values|table)\b", bare, re.IGNORECASE):
        yield Problem(path, None, "the file must hold a SELECT (or WITH … SELECT)")
    if not re.search(r"\border\s+by\b", bare, re.IGNORECASE):
        yield Problem(path, None, "add ORDER BY over enough columns: the same data must give the same report")


def _check_bindings(path: Path, text: str, parameters: Collection[str]) -> Iterator[Problem]:
    known = [*parameters, *PERIOD_BINDINGS]
    for found in _PERCENT.finditer(text):
        line = _line(text, found.start())
        name = found["name"]
        if name is None:
            if not found["escaped"]:
                yield Problem(
                    path, line, "a single % stands here; write %% for a per cent sign or LIKE pattern"
                )
        elif name not in known:
            hint = suggest(name, known, form="%({})s")
            yield Problem(path, line, f"%({name})s binds nothing: {hint}")
        elif found["kind"] != "s":
            yield Problem(path, line, f"write %({name})s: the letter s must follow the name")


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
