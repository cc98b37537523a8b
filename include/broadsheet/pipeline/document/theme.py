"""The look: page, measures, colours and text styles.

One accent, ink and greys. Good and bad differ from each other in lightness as well as in hue, and are
always said in words too. The colours of a chart's layers alternate in lightness, so that neighbours differ
on a grey print.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4

from broadsheet.pipeline.document.fonts import Face

PAGE_WIDTH, PAGE_HEIGHT = A4
MARGIN_X = 51.0
MARGIN_TOP = 50.0
MARGIN_BOTTOM = 62.0
CONTENT_WIDTH = PAGE_WIDTH - 2 * MARGIN_X
CONTENT_HEIGHT = PAGE_HEIGHT - MARGIN_TOP - MARGIN_BOTTOM
FOOTER_TOP = 46.0
GUTTER = 24.0
COLUMN_WIDTH = (CONTENT_WIDTH - GUTTER) / 2

INK_HEX = "#1b1b1b"
QUIET_HEX = "#5c6066"
RULE_HEX = "#c9c8c3"
GRID_HEX = "#e4e3df"
ACCENT_HEX = "#0f4c75"
GHOST_HEX = "#cfd3d8"
SERIES_HEX = ("#0f4c75", "#e0a030", "#7fa7c4", "#a4432f", "#c9c3b4", "#4d6b53", "#d4a5a0", "#5b5f97")

INK = HexColor(INK_HEX)
QUIET = HexColor(QUIET_HEX)
RULE = HexColor(RULE_HEX)
ACCENT = HexColor(ACCENT_HEX)
GOOD = HexColor("#1d7a54")
BAD = HexColor("#9d2b1e")
ZEBRA = HexColor("#f6f5f2")
NEWSPRINT = HexColor("#f4f0e8")
WHITE = HexColor("#ffffff")


@dataclass(frozen=True)
class TextStyle:
    """How a block of text is set. ``tracking`` is extra space between letters, in points."""

    face: Face = Face.SERIF
    size: float = 10.2
    leading: float = 14.6
    color: Color = INK
    space_before: float = 0.0
    space_after: float = 7.5
    tracking: float = 0.0

    def but(self, **changes: object) -> TextStyle:
        """Return this style with some attributes changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


BODY = TextStyle()
KICKER = TextStyle(Face.SANS_BOLD, 8.2, 11, ACCENT, space_after=5, tracking=1.1)
TITLE = TextStyle(Face.SERIF_BOLD, 31, 35, INK, space_after=5)
SUBTITLE = TextStyle(Face.SERIF, 13.2, 17.5, QUIET, space_after=11)
LEAD = TextStyle(Face.SERIF, 12, 17, INK, space_after=9)
HEADINGS = (
    TextStyle(Face.SERIF_BOLD, 20, 24, INK, space_before=15, space_after=8),
    TextStyle(Face.SERIF_BOLD, 15.5, 19, INK, space_before=13, space_after=6),
    TextStyle(Face.SANS_BOLD, 10.6, 14, INK, space_before=9, space_after=4),
)
LABEL = TextStyle(Face.SANS, 7.6, 10, QUIET, space_after=0)
FACT = TextStyle(Face.SANS_BOLD, 9.2, 12, INK, space_after=0)
NOTICE = TextStyle(Face.SANS, 8.8, 12.2, INK, space_after=0)
FIGURE_TITLE = TextStyle(Face.SANS_BOLD, 10.2, 12.6, INK, space_after=1)
FIGURE_NOTE = TextStyle(Face.SANS, 8.4, 10.8, QUIET, space_after=5)
CAPTION = TextStyle(Face.SERIF_ITALIC, 8.8, 11.4, QUIET, space_after=0)
CELL = TextStyle(Face.SANS, 8.4, 10.4, INK, space_after=0)
CELL_HEAD = TextStyle(Face.SANS_BOLD, 8.2, 10.2, INK, space_after=0)
CELL_UNIT = TextStyle(Face.SANS, 7.4, 9.4, QUIET, space_after=0)
FOOTER = TextStyle(Face.SANS, 7.6, 10, QUIET, space_after=0)
CODE = TextStyle(Face.SANS, 9, 12.6, INK, space_after=7)
