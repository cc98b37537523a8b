"""The look of one document: measures, colours and text styles, made of a theme's definition.

Whoever draws is handed a :class:`Theme`; there is no current one. ``theme.ink`` is a colour for the page,
``theme.colors.ink`` the same as ``#rrggbb`` for charts.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image, UnidentifiedImageError
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4, LETTER

from broadsheet.catalog.themes import read_theme
from broadsheet.domain.run import DEFAULT_LOCALE
from broadsheet.domain.theme import (
    Colors,
    CoverStyle,
    FaceRole,
    Family,
    Fonts,
    Logo,
    Masthead,
    PageSize,
    Running,
    Style,
    ThemeDefinition,
)
from broadsheet.errors import DefinitionError, Problem
from broadsheet.pipeline.document.fonts import Face
from broadsheet.pipeline.languages import is_rtl

_PAPER = {PageSize.A4: A4, PageSize.LETTER: LETTER}
CELL_PAD = 5.0
_FOOTER_DROP = 16.0
"""From the end of the text to the footer's line."""


@dataclass(frozen=True)
class TextStyle:
    """How a block of text is set. ``tracking`` is extra space between letters, in points."""

    face: Face
    size: float
    leading: float
    color: Color
    space_before: float = 0.0
    space_after: float = 0.0
    tracking: float = 0.0
    rtl: bool = False
    """Whether the document is read from right to left: text then begins at the right."""

    def but(self, **changes: object) -> TextStyle:
        """Return this style with some attributes changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class LogoPicture:
    """A logo's bytes, its size in points, and what it shows."""

    data: bytes
    width: float
    height: float
    alt: str


@dataclass(frozen=True)
class Theme:
    """What a document is drawn with. Lengths are points; two of one file are equal."""

    name: str
    colors: Colors
    page_width: float
    page_height: float
    margin_x: float
    margin_top: float
    margin_bottom: float
    gutter: float
    ink: Color = field(compare=False)
    quiet: Color = field(compare=False)
    accent: Color = field(compare=False)
    good: Color = field(compare=False)
    bad: Color = field(compare=False)
    warn: Color = field(compare=False)
    rule: Color = field(compare=False)
    paper: Color = field(compare=False)
    ground: Color = field(compare=False)
    stripe: Color = field(compare=False)
    body: TextStyle
    kicker: TextStyle
    title: TextStyle
    subtitle: TextStyle
    lead: TextStyle
    headings: tuple[TextStyle, TextStyle, TextStyle]
    label: TextStyle
    fact: TextStyle
    notice: TextStyle
    figure_title: TextStyle
    figure_note: TextStyle
    caption: TextStyle
    cell: TextStyle
    cell_head: TextStyle
    cell_unit: TextStyle
    group_heading: TextStyle
    summary: TextStyle
    tile_value: TextStyle
    tile_unit: TextStyle
    tile_label: TextStyle
    tile_change: TextStyle
    tile_note: TextStyle
    footer: TextStyle
    callout: TextStyle
    footnote: TextStyle
    contents: TextStyle
    cover_title: TextStyle
    cover_subtitle: TextStyle
    code: TextStyle
    masthead: Masthead = Masthead.RULES
    running: Running = Running.FOOT
    cover: CoverStyle = CoverStyle.PAPER
    cell_pad: float = CELL_PAD
    """Between a cell's edge and its text."""
    brand: str = ""
    logo: LogoPicture | None = None
    locale: str = DEFAULT_LOCALE
    """Language of the document, in which the product's own words are set."""

    @property
    def rtl(self) -> bool:
        """Whether the document is read from right to left."""
        return is_rtl(self.locale)

    def in_language(self, locale: str) -> Theme:
        """Return the theme for a document in a language."""
        if not is_rtl(locale):
            return replace(self, locale=locale)
        styles = {
            one.name: getattr(self, one.name).but(rtl=True)
            for one in fields(self)
            if isinstance(getattr(self, one.name), TextStyle)
        }
        first, second, third = (style.but(rtl=True) for style in self.headings)
        return replace(self, locale=locale, headings=(first, second, third), **styles)

    def from_start(self, distance: float, width: float, *, within: float) -> float:
        """Return the left edge of what stands at a distance from where reading starts."""
        return within - distance - width if self.rtl else distance

    @property
    def content_width(self) -> float:
        """Width of the text."""
        return self.page_width - 2 * self.margin_x

    @property
    def content_height(self) -> float:
        """Height of the text."""
        return self.page_height - self.margin_top - self.margin_bottom

    @property
    def column_width(self) -> float:
        """Width of one of two columns."""
        return (self.content_width - self.gutter) / 2

    @property
    def footer_top(self) -> float:
        """Height of the footer's line above the paper's edge."""
        return self.margin_bottom - _FOOTER_DROP


def load_theme(themes_dir: Path, name: str) -> Theme:
    """Return a theme by its name; DefinitionError says what is wrong with its file, or that it has none."""
    path = themes_dir / f"{name}.yaml"
    if path.parent != themes_dir or path.name.startswith("."):
        # A run may have its theme's name from anybody who may start one.
        raise DefinitionError([Problem(themes_dir, None, f"{name[:100]!r} is no theme's name")])
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        changed = 0
    return _load(path, changed)


@lru_cache(maxsize=16)
def _load(path: Path, changed: int) -> Theme:  # noqa: ARG001 - a changed file is another entry
    definition, problems = read_theme(path)
    if definition is None:
        raise DefinitionError(problems)
    logo = (
        None if definition.logo is None else _open_logo(path.parent / definition.logo.file, definition.logo)
    )
    return make_theme(definition, logo=logo)


def make_theme(definition: ThemeDefinition, *, logo: LogoPicture | None = None) -> Theme:
    """Resolve a definition's names of colours and faces."""
    page, colors, scale = definition.page, definition.colors, definition.type
    width, height = _PAPER[page.size]

    def style(declared: Style) -> TextStyle:
        return TextStyle(
            face=_face(declared.face, definition.fonts),
            size=declared.size,
            leading=declared.leading,
            color=HexColor(getattr(colors, declared.color.value)),
            space_before=declared.before,
            space_after=declared.after,
            tracking=declared.tracking,
        )

    return Theme(
        name=definition.name,
        colors=colors,
        page_width=width,
        page_height=height,
        margin_x=page.margin_x,
        margin_top=page.margin_top,
        margin_bottom=page.margin_bottom,
        gutter=page.gutter,
        ink=HexColor(colors.ink),
        quiet=HexColor(colors.quiet),
        accent=HexColor(colors.accent),
        good=HexColor(colors.good),
        bad=HexColor(colors.bad),
        warn=HexColor(colors.warn),
        rule=HexColor(colors.rule),
        paper=HexColor("#ffffff"),
        ground=HexColor(colors.ground),
        stripe=HexColor(colors.stripe),
        masthead=definition.masthead,
        running=definition.running,
        cover=definition.cover,
        cell_pad=CELL_PAD,
        brand=definition.brand,
        logo=logo,
        locale=DEFAULT_LOCALE,
        headings=(style(scale.heading1), style(scale.heading2), style(scale.heading3)),
        **{
            name: style(getattr(scale, name))
            for name in type(scale).model_fields
            if not name.startswith("heading")
        },
    )


def _open_logo(path: Path, declared: Logo) -> LogoPicture:
    try:
        data = path.read_bytes()
        with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as image:
            width, height = image.size
            # Decoded here, where its name is known: a header says little of what follows it.
            image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise DefinitionError([Problem(path, None, f"the logo cannot be read: {error}")]) from error
    return LogoPicture(data, declared.height * width / height, declared.height, declared.alt)


_FACES = {
    (Family.SERIF, "regular"): Face.SERIF,
    (Family.SERIF, "bold"): Face.SERIF_BOLD,
    (Family.SERIF, "italic"): Face.SERIF_ITALIC,
    (Family.SANS, "regular"): Face.SANS,
    (Family.SANS, "bold"): Face.SANS_BOLD,
    # Source Sans comes without an italic.
    (Family.SANS, "italic"): Face.SANS,
}


def _face(role: FaceRole, fonts: Fonts) -> Face:
    of, _, cut = role.value.partition(" ")
    return _FACES[fonts.text if of == "text" else fonts.data, cut or "regular"]
