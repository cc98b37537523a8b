"""A theme: how every document that is set in it looks, as declared in ``include/themes/<name>.yaml``.

Sizes are points, 72 to an inch. Colours are written ``#rrggbb``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from broadsheet.domain.parts import Name, Part

DEFAULT_THEME = "broadsheet"
"""The theme of a report that names none."""

HexColor = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]


class PageSize(StrEnum):
    """Paper."""

    A4 = "A4"
    LETTER = "Letter"


class PageGrid(Part):
    """The paper, its margins, and the gap between two columns."""

    size: PageSize = PageSize.A4
    margin_x: float = Field(51.0, ge=28, le=120)
    """Left and right."""
    margin_top: float = Field(50.0, ge=28, le=160)
    margin_bottom: float = Field(62.0, ge=50, le=160)
    """Above the paper's edge; the footer stands in it."""
    gutter: float = Field(24.0, ge=8, le=60)
    """Between charts and columns that stand side by side."""


class Family(StrEnum):
    """Fonts that come with Broadsheet."""

    SERIF = "serif"
    SANS = "sans"


class Fonts(Part):
    """Which family sets what."""

    text: Family = Family.SERIF
    """Prose and titles."""
    data: Family = Family.SANS
    """Tables, tiles, charts and labels."""


class Colors(Part):
    """The palette. Text stands on white paper, so colours of text must be dark enough to be read."""

    ink: HexColor
    """Text and strong lines."""
    quiet: HexColor
    """Labels, notes and footers."""
    accent: HexColor
    """Links, kickers and the edges of tiles and call-outs."""
    good: HexColor
    """A change for the better."""
    bad: HexColor
    """A change for the worse."""
    warn: HexColor
    """What deserves a second look."""
    rule: HexColor
    """Hairlines."""
    ground: HexColor
    """Ground of notices and call-outs."""
    stripe: HexColor
    """Ground of every second row of a table."""
    grid: HexColor
    """Grid lines of charts."""
    ghost: HexColor
    """The period before, in charts."""
    series: tuple[HexColor, ...] = Field(min_length=4, max_length=16)
    """Lines, bars and layers of charts, in this order."""


class FaceRole(StrEnum):
    """A face, by what it is for; the theme's fonts say of which family it is."""

    TEXT = "text"
    TEXT_BOLD = "text bold"
    TEXT_ITALIC = "text italic"
    DATA = "data"
    DATA_BOLD = "data bold"


class Tone(StrEnum):
    """A colour of text, by its name in the palette."""

    INK = "ink"
    QUIET = "quiet"
    ACCENT = "accent"


class Style(Part):
    """How one kind of text is set."""

    face: FaceRole = FaceRole.TEXT
    size: float = Field(ge=6, le=72)
    leading: float = Field(ge=7, le=90)
    """From line to line."""
    color: Tone = Tone.INK
    before: float = Field(0.0, ge=0, le=120)
    """Space above."""
    after: float = Field(0.0, ge=0, le=120)
    """Space below."""
    tracking: float = Field(0.0, ge=0, le=5)
    """Extra space between letters."""


_TEXT, _TEXT_BOLD, _ITALIC = FaceRole.TEXT, FaceRole.TEXT_BOLD, FaceRole.TEXT_ITALIC
_DATA, _DATA_BOLD = FaceRole.DATA, FaceRole.DATA_BOLD
_INK, _QUIET, _ACCENT = Tone.INK, Tone.QUIET, Tone.ACCENT


def _style(
    face: FaceRole, size: float, leading: float, color: Tone = _INK, *, before: float = 0, after: float = 0
) -> Style:
    return Style(face=face, size=size, leading=leading, color=color, before=before, after=after)


class TypeScale(Part):
    """Styles of text. A theme gives what is other than here: of a style, too, only what is other."""

    body: Style = _style(_TEXT, 10.2, 14.6, after=7.5)
    kicker: Style = Style(face=_DATA_BOLD, size=8.2, leading=11, color=_ACCENT, after=5, tracking=1.1)
    """The line above the title."""
    title: Style = _style(_TEXT_BOLD, 31, 35, after=5)
    subtitle: Style = _style(_TEXT, 13.2, 17.5, _QUIET, after=11)
    lead: Style = _style(_TEXT, 12, 17, after=9)
    """Quotes, and the words of a page that has nothing else."""
    heading1: Style = _style(_TEXT_BOLD, 20, 24, before=15, after=8)
    heading2: Style = _style(_TEXT_BOLD, 15.5, 19, before=13, after=6)
    heading3: Style = _style(_DATA_BOLD, 10.6, 14, before=9, after=4)
    label: Style = _style(_DATA, 7.6, 10, _QUIET)
    """Labels of the facts below the title."""
    fact: Style = _style(_DATA_BOLD, 9.2, 12)
    """The facts below the title."""
    notice: Style = _style(_DATA, 8.8, 12.2)
    figure_title: Style = _style(_DATA_BOLD, 10.2, 12.6, after=1)
    """Titles of charts and tables."""
    figure_note: Style = _style(_DATA, 8.4, 10.8, _QUIET, after=5)
    """Subtitles of charts, and what stands below tables."""
    caption: Style = _style(_ITALIC, 8.8, 11.4, _QUIET)
    """Below pictures."""
    cell: Style = _style(_DATA, 8.4, 10.4)
    """Rows of tables."""
    cell_head: Style = _style(_DATA_BOLD, 8.2, 10.2)
    cell_unit: Style = _style(_DATA, 7.4, 9.4, _QUIET)
    group_heading: Style = _style(_DATA_BOLD, 9.4, 12, _ACCENT)
    """Above the rows of a group."""
    summary: Style = _style(_DATA_BOLD, 8.4, 10.4)
    """Subtotals and totals; as large as rows."""
    tile_value: Style = _style(_DATA_BOLD, 23, 27)
    tile_unit: Style = _style(_DATA, 11, 27, _QUIET)
    tile_label: Style = _style(_DATA_BOLD, 8.6, 10.8)
    tile_change: Style = _style(_DATA, 8.4, 10.8)
    tile_note: Style = _style(_DATA, 7.6, 9.6, _QUIET)
    footer: Style = _style(_DATA, 7.6, 10, _QUIET)
    """Running words at the head and the foot of pages."""
    callout: Style = _style(_DATA, 9.4, 13, after=4)
    footnote: Style = _style(_TEXT, 8.4, 11, after=2)
    contents: Style = _style(_TEXT, 10.2, 16)
    """A line of the table of contents."""
    cover_title: Style = _style(_TEXT_BOLD, 42, 46, after=10)
    cover_subtitle: Style = _style(_TEXT, 17, 23, _QUIET, after=14)
    code: Style = _style(_DATA, 9, 12.6, after=7)

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, given: Any) -> Any:
        """Complete each style that is given in part."""
        if not isinstance(given, Mapping):
            return given
        filled = dict(given)
        for name, style in given.items():
            field = cls.model_fields.get(name)
            if field is not None and isinstance(style, Mapping):
                filled[name] = {**field.default.model_dump(), **style}
        return filled


class Masthead(StrEnum):
    """What opens the first page of a report without a cover."""

    RULES = "rules"
    """A heavy and a light rule, as newspapers have them."""
    BAND = "band"
    """A band of the accent colour across the paper's edge."""


class Running(StrEnum):
    """Where every page says what, when and where it is."""

    FOOT = "foot"
    """All of it below a line at the page's foot."""
    HEAD_AND_FOOT = "head and foot"
    """Title and period above the text from the second page on, the rest at the foot."""


class CoverStyle(StrEnum):
    """How a cover is laid out."""

    PAPER = "paper"
    """Ink on white, between rules."""
    BLOCK = "block"
    """White on a block of the accent colour."""


class Logo(Part):
    """A picture that stands on covers, and above the title of reports without one."""

    file: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*\.(png|jpg|jpeg)$")]
    """PNG or JPEG beside the theme's file; transparent parts show the paper."""
    height: float = Field(24.0, ge=8, le=80)
    alt: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    """What it shows, for who cannot see it: the organisation's name."""


class ThemeDefinition(Part):
    """A theme as its file declares it."""

    name: Name
    """The file's name."""
    title: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    """How people who choose a theme see it."""
    page: PageGrid = PageGrid()
    fonts: Fonts = Fonts()
    colors: Colors
    masthead: Masthead = Masthead.RULES
    running: Running = Running.FOOT
    cover: CoverStyle = CoverStyle.PAPER
    brand: str = Field("", max_length=60)
    """Name of who publishes, in words; a logo takes its place where there is one."""
    logo: Logo | None = None
    type: TypeScale = TypeScale()
