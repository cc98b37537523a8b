"""The product's words in other languages, checked: a slip there would end a build in mid-document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from babel.messages.pofile import PoFileError, read_po

from broadsheet.domain.suggestion import suggest
from broadsheet.errors import Problem
from broadsheet.pipeline.languages import LOCALES

_LINE = re.compile(r'#.*|\s*|(?:msg(?:id|id_plural|ctxt|str(?:\[\d\])?)\s+)?"(?:\\.|[^"\\])*"\s*')


def word_file_problems(folder: Path = LOCALES) -> Iterator[Problem]:
    """Yield what is wrong with ``<language>.po``: what does not parse, and names in braces that are none."""
    for path in sorted(folder.glob("*.po")):
        try:
            text = path.read_text(encoding="utf-8")
            lines = enumerate(text.splitlines(), start=1)
            if odd := next((number for number, line in lines if not _LINE.fullmatch(line)), None):
                yield Problem(path, odd, 'is no line of a gettext file: msgid "…", msgstr "…" or "…"')
                continue
            with path.open("rb") as file:
                catalog = read_po(file, abort_invalid=True)
        except PoFileError as error:
            yield Problem(path, error.lineno + 1, f"is no gettext file: {error.args[0]}")
            continue
        except (UnicodeDecodeError, ValueError, LookupError) as error:
            yield Problem(path, None, f"cannot be read as UTF-8 text: {error}")
            continue
        for message in catalog:
            texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
            keys = message.id if isinstance(message.id, tuple | list) else (message.id,)
            known = {name for key in keys for name in _names(key)} if message.id else set()
            for said in texts if message.id else ():
                if fault := _fault(said or "", sorted(known)):
                    yield Problem(path, message.lineno, f"{keys[0]!r}: {fault}")


def _names(text: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(text) if name is not None]


def _fault(text: str, known: list[str]) -> str | None:
    try:
        names = _names(text)
    except ValueError as error:
        return f"the braces in {text!r} do not match: {error}"
    for name in names:
        if name not in known:
            return f"{{{name}}} is no name of this text: {suggest(name, known, form='{{{}}}')}"
    return None
