"""A report's page: Jinja2 in a sandbox, rendered to Markdown in which every value and block is a placeholder.

Nothing that a template prints goes through the Markdown parser. Each ``{{ … }}`` leaves a token that cannot
be guessed; after parsing, the token of a value becomes plain text and the token of a block becomes the
block. So a value can neither be markup nor forge a block, whatever it holds.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, TracebackType

from jinja2 import (
    BytecodeCache,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    pass_context,
)
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from markupsafe import Markup

from broadsheet.catalog.sandbox import TemplateSandbox
from broadsheet.catalog.texts import FAILURES, failure_words
from broadsheet.errors import DefinitionError, Problem
from broadsheet.pipeline.cleaning import clean
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import Payload

_VALUE_LIMIT = 20_000


@dataclass(frozen=True)
class Block:
    """A part of the document that is not text: what the template called, with which names and words."""

    kind: str
    names: tuple[str, ...] = ()
    limit: int | None = None
    words: str = ""


class BlockError(Exception):
    """A template asks for something that the report does not have."""


@dataclass(frozen=True)
class Page:
    """A rendered page: Markdown with tokens, and what the tokens stand for."""

    path: Path
    markdown: str
    parts: dict[str, str | Block]
    token: re.Pattern[str]

    @property
    def blocks(self) -> list[Block]:
        """Its blocks, in the order in which they are printed."""
        return [part for part in self.parts.values() if isinstance(part, Block)]

    def problem(self, message: str, *, near: str = "") -> DefinitionError:
        """Return an error about the template; ``near`` is text whose line in the file is named."""
        line = None
        if near:
            lines = self.path.read_text(encoding="utf-8").splitlines()
            line = next((number for number, text in enumerate(lines, start=1) if near in text), None)
        return DefinitionError([Problem(self.path, line, message)])


class _Parts:
    """Hands out tokens while a template is rendered."""

    def __init__(self) -> None:
        self.stem = f"x{secrets.token_hex(12)}n"
        self.parts: dict[str, str | Block] = {}

    # With the context jinja2 asks for each value, constants too, when a page is rendered; without it, it asks
    # for constants when it compiles, and compiled pages are kept.
    @pass_context
    def keep(self, _context: Context, value: object) -> object:
        """Take a printed value and return its token; what a macro made holds tokens already."""
        if isinstance(value, StrictUndefined):
            return str(value)
        if isinstance(value, Markup):
            return value
        token = f"{self.stem}{len(self.parts)}x"
        self.parts[token] = (
            value
            if isinstance(value, Block)
            else clean("–" if value is None else str(value), limit=_VALUE_LIMIT)
        )
        return Markup(token)


class _Compiled(BytecodeCache):
    """Compiled pages, kept while the process lives; one that was changed is compiled anew."""

    def __init__(self) -> None:
        self._codes: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._codes.get(bucket.key, ("", None))
        bucket.code = code if checksum == bucket.checksum else None

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key] = (bucket.checksum, bucket.code)


_COMPILED = _Compiled()


def render_page(payload: Payload, *, templates_dir: Path, report_id: str) -> Page:
    """Render a report's template; DefinitionError with file and line when it cannot be."""
    folder = templates_dir / "reports"
    translated = folder / f"{report_id}.{payload.locale}.md.j2"
    path = translated if translated.is_file() else folder / f"{report_id}.md.j2"
    parts = _Parts()
    environment = TemplateSandbox(
        loader=FileSystemLoader(folder, encoding="utf-8-sig"),
        autoescape=True,
        finalize=parts.keep,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_COMPILED,
    )
    try:
        markdown = environment.get_template(path.name).render(_context(payload))
    except TemplateNotFound as error:
        raise DefinitionError([Problem(path, None, f"template {error.name!r} does not exist")]) from error
    except TemplateSyntaxError as error:
        raise DefinitionError(
            [Problem(Path(error.filename or path), error.lineno, str(error.message))]
        ) from error
    except (BlockError, *FAILURES) as error:
        place, line = _template_line(error.__traceback__, folder) or (path, None)
        raise DefinitionError([Problem(place, line, failure_words(error))]) from error
    return Page(path, markdown, parts.parts, re.compile(f"{parts.stem}\\d+x"))


def _template_line(trace: TracebackType | None, folder: Path) -> tuple[Path, int] | None:
    """Return the innermost place of a traceback that lies in a template."""
    found = None
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.startswith(str(folder)):
            found = (Path(name), trace.tb_lineno)
        trace = trace.tb_next
    return found


def _context(payload: Payload) -> dict[str, object]:
    """Return the names that a page may use: the payload's own, and the blocks."""
    names = payload.model_dump(
        mode="json", exclude={"kpis", "charts", "tables", "images", "appendices", "document_notices"}
    )
    names["parameters"] = {part["name"]: part for part in names["parameters"]}
    return {**names, **_block_functions(payload)}


def _words(text: object) -> str:
    return clean(str(text), limit=300).strip()


def _block_functions(payload: Payload) -> dict[str, Callable[..., Block]]:
    def known(kind: str, name: object, names: Iterable[str]) -> str:
        if not isinstance(name, str) or name not in names:
            have = ", ".join(sorted(names)) or "none"
            raise BlockError(f"the report has no {kind} {name!r}; it has: {have}")
        return name

    def kpis(name: str) -> Block:
        return Block("kpis", (known("KPI set", name, payload.kpis),))

    def chart(name: str) -> Block:
        return Block("chart", (known("chart", name, payload.charts),))

    def charts(*names: str) -> Block:
        if len(names) != 2:
            raise BlockError(f"charts() puts two charts side by side, but {len(names)} are named")
        return Block("charts", tuple(known("chart", name, payload.charts) for name in names))

    def table(name: str, *, limit: int | None = None) -> Block:
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
            raise BlockError(f"the limit of table {name!r} must be a whole number above 0, not {limit!r}")
        return Block("table", (known("table", name, payload.tables),), limit)

    def images(name: str, *, across: int | None = None) -> Block:
        if across is not None and (isinstance(across, bool) or across not in (1, 2, 3, 4)):
            raise BlockError(f"images({name!r}) can stand 1 to 4 across, not {across!r}")
        return Block("images", (known("image set", name, payload.images),), limit=across)

    def appendix(name: str) -> Block:
        return Block("appendix", (known("set of PDF files", name, payload.appendices),))

    def pagebreak() -> Block:
        return Block("pagebreak")

    def cover(*, subtitle: str = "", picture: str | None = None) -> Block:
        names = () if picture is None else (known("image set", picture, payload.images),)
        return Block("cover", names, words=_words(subtitle))

    def contents(title: str | None = None, *, depth: int = 2) -> Block:
        if isinstance(depth, bool) or depth not in (1, 2):
            raise BlockError(f"the depth of contents() is 1 or 2 levels of headings, not {depth!r}")
        return Block(
            "contents", limit=depth, words=_words(say(payload.locale, "Contents") if title is None else title)
        )

    def ref(name: str) -> Block:
        return Block("ref", (known("chart or table", name, {*payload.charts, *payload.tables}),))

    def columns() -> Block:
        return Block("columns")

    def column() -> Block:
        return Block("column")

    def end_columns() -> Block:
        return Block("end_columns")

    return {
        "kpis": kpis,
        "chart": chart,
        "charts": charts,
        "table": table,
        "images": images,
        "appendix": appendix,
        "pagebreak": pagebreak,
        "cover": cover,
        "contents": contents,
        "ref": ref,
        "columns": columns,
        "column": column,
        "end_columns": end_columns,
    }
