"""The cover: a first page of its own with title, period, facts and, if so wished, a picture."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from reportlab.lib.colors import Color
from reportlab.lib.utils import ImageReader
from reportlab.platypus.flowables import Flowable

from broadsheet.domain.theme import CoverStyle
from broadsheet.pipeline.document.canvas import ReportCanvas
from broadsheet.pipeline.document.cell_marks import mixed
from broadsheet.pipeline.document.elements import Element, Tag
from broadsheet.pipeline.document.figures import Photo
from broadsheet.pipeline.document.line_drawing import draw_lines
from broadsheet.pipeline.document.lines import Line, plain
from broadsheet.pipeline.document.masthead import Facts, facts_of, kicker_of
from broadsheet.pipeline.document.theme import TextStyle, Theme
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import Payload

_BLOCK = 0.52
"""Share of the page's height that a block of colour covers."""
_PICTURE = 0.36
"""Share of the page's height that a picture has at most."""
_GAP = 18.0


class Cover(Flowable):  # type: ignore[misc]
    """A whole page. ``photo`` is cut to the shape of its place, never stretched."""

    def __init__(self, payload: Payload, *, subtitle: str, photo: Photo | None, theme: Theme) -> None:
        super().__init__()
        self.payload = payload
        self.subtitle = subtitle or payload.subtitle
        self.photo = photo
        self.theme = theme

    def bookmarks(self) -> list[tuple[str, int]]:
        """Return title and level of the document's first bookmark."""
        return [(self.payload.title, 0)]

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: N803 - reportlab's signature
        """Take the whole page."""
        self.width, self.height = aW, aH
        return aW, aH - 0.5

    def draw(self) -> None:
        """Draw it with the page's corner as the origin."""
        canvas: ReportCanvas = self.canv
        x, y = canvas.absolutePosition(0, 0)
        canvas.saveState()
        canvas.translate(-x, -y)
        canvas.add_bookmark(self.payload.title, 0, top=self.theme.page_height - 8)
        if self.theme.cover is CoverStyle.BLOCK:
            self._draw_block(canvas)
        else:
            self._draw_paper(canvas)
        canvas.restoreState()

    def _draw_paper(self, canvas: ReportCanvas) -> None:
        """Ink on paper: brand, rules, title, facts, and the picture at the foot."""
        theme = self.theme
        left, width = theme.margin_x, theme.content_width
        top = theme.page_height - theme.margin_top
        top -= self._draw_brand(canvas, x=left, top=top, color=theme.ink)
        with canvas.artifact():
            canvas.setStrokeColor(theme.ink)
            canvas.setLineWidth(3)
            canvas.line(left, top, left + width, top)
            canvas.setLineWidth(0.5)
            canvas.line(left, top - 4, left + width, top - 4)
        foot = theme.margin_bottom
        if self.photo is not None:
            height = self._picture_height(width)
            self._draw_photo(canvas, self.photo, (left, foot, width, height))
            foot += height + _GAP
        facts = Facts(facts_of(self.payload), theme)
        _, facts_height = facts.wrap(width, 0)
        # The title stands a little above the middle of what is left.
        room = top - foot - facts_height
        words = self._words(width)
        height = sum(len(lines) * style.leading + style.space_after for _, lines, style in words)
        self._draw_words(canvas, words, x=left, top=top - max((room - height) * 0.42, 24.0))
        facts.drawOn(canvas, left, foot)

    def _draw_block(self, canvas: ReportCanvas) -> None:
        """White on a block of colour over the page's upper part, the picture below it."""
        theme = self.theme
        left, width = theme.margin_x, theme.content_width
        bottom = theme.page_height * (1 - _BLOCK)
        with canvas.artifact("Background"):
            canvas.setFillColor(theme.accent)
            canvas.rect(0, bottom, theme.page_width, theme.page_height - bottom, stroke=0, fill=1)
        self._draw_brand(canvas, x=left, top=theme.page_height - theme.margin_top, color=theme.paper)
        soft = mixed(theme.accent, theme.paper, 0.82)
        words = [
            (tag, lines, style.but(color=theme.paper if tag == "H1" else soft))
            for tag, lines, style in self._words(width)
        ]
        height = sum(len(lines) * style.leading + style.space_after for _, lines, style in words)
        self._draw_words(canvas, words, x=left, top=bottom + height + 26)
        facts = Facts(facts_of(self.payload), theme)
        _, facts_height = facts.wrap(width, 0)
        top = bottom
        if self.photo is not None:
            space = bottom - theme.margin_bottom - facts_height - 2 * _GAP
            height = min(self._picture_height(theme.page_width), space)
            self._draw_photo(canvas, self.photo, (0, bottom - height, theme.page_width, height))
            top = bottom - height
        facts.drawOn(canvas, left, top - _GAP - facts_height)

    def _words(self, width: float) -> list[tuple[Tag, list[Line], TextStyle]]:
        theme = self.theme
        parts: Sequence[tuple[Tag, str, TextStyle, int]] = (
            ("P", kicker_of(self.payload), theme.kicker.but(space_after=10.0), 1),
            ("H1", self.payload.title, theme.cover_title, 4),
            ("P", self.subtitle, theme.cover_subtitle, 4),
        )
        return [
            (tag, plain(text, style, width=width, most=most), style)
            for tag, text, style, most in parts
            if text
        ]

    def _draw_words(
        self,
        canvas: ReportCanvas,
        words: Sequence[tuple[Tag, list[Line], TextStyle]],
        *,
        x: float,
        top: float,
    ) -> None:
        for tag, lines, style in words:
            element = Element(tag)
            with canvas.heading(element) if tag == "H1" else canvas.tagged(element):
                draw_lines(canvas, lines, style, x=x, top=top, width=self.theme.content_width)
            top -= len(lines) * style.leading + style.space_after

    def _draw_brand(self, canvas: ReportCanvas, *, x: float, top: float, color: Color) -> float:
        """Draw the logo or the name of who publishes, and return the height that it takes."""
        theme, logo = self.theme, self.theme.logo
        if logo is not None:
            x += theme.from_start(0, logo.width, within=theme.content_width)
            box = (x, top - logo.height, x + logo.width, top)
            with canvas.figure(Element("Figure", alt=logo.alt), box):
                # A logo is made for paper: on a ground of colour it keeps some of its own.
                if theme.cover is CoverStyle.BLOCK:
                    canvas.setFillColor(theme.paper)
                    canvas.roundRect(
                        x - 8, box[1] - 7, logo.width + 16, logo.height + 14, 3, stroke=0, fill=1
                    )
                image = ImageReader(BytesIO(logo.data))
                canvas.drawImage(image, x, box[1], logo.width, logo.height, mask="auto")
            return logo.height + 12
        if not theme.brand:
            return 0.0
        style = theme.headings[2].but(color=color, size=12.0, leading=16.0)
        with canvas.tagged(Element("P")):
            line = plain(theme.brand, style, width=300, most=1)
            draw_lines(canvas, line, style, x=x, top=top, width=theme.content_width)
        return style.leading + 8

    def _picture_height(self, width: float) -> float:
        photo = self.photo
        natural = width * photo.height / photo.width if photo else 0.0
        return min(natural, self.theme.page_height * _PICTURE)

    def _draw_photo(self, canvas: ReportCanvas, photo: Photo, box: tuple[float, float, float, float]) -> None:
        """Draw the middle of a picture that fills a box: x, y, width, height."""
        x, y, width, height = box
        scale = max(width / photo.width, height / photo.height)
        full_width, full_height = photo.width * scale, photo.height * scale
        with canvas.figure(
            Element("Figure", alt=photo.caption or say(self.theme.locale, "Picture")),
            (x, y, x + width, y + height),
        ):
            canvas.saveState()
            window = canvas.beginPath()
            window.rect(x, y, width, height)
            canvas.clipPath(window, stroke=0, fill=0)
            canvas.drawImage(
                ImageReader(BytesIO(photo.data)),
                x - (full_width - width) / 2,
                y - (full_height - height) / 2,
                full_width,
                full_height,
            )
            canvas.restoreState()
