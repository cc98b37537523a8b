"""What stands in the document beside text: charts with their titles, pictures, rules and call-outs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, UnidentifiedImageError
from reportlab.lib.utils import ImageReader
from reportlab.platypus.flowables import Flowable

from broadsheet.errors import DocumentError
from broadsheet.pipeline.document.drawing import Drawing, draw
from broadsheet.pipeline.document.elements import Element
from broadsheet.pipeline.document.line_drawing import draw_lines
from broadsheet.pipeline.document.lines import Line, plain
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import ChartPart

_MAX_PIXELS = 20_000_000
_ROW_HEIGHT = 150.0
# A picture of the usual proportions fills the width.
_FULL_HEIGHT = 314.0
_ROW_GAP = 10.0


class Rule(Flowable):  # type: ignore[misc]
    """A hairline across the column."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.spaceBefore = self.spaceAfter = 8.0

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Return the space it takes."""
        self.width = aW
        return aW, 0.6

    def draw(self) -> None:
        """Draw the line."""
        with self.canv.artifact():
            self.canv.setStrokeColor(self.theme.rule)
            self.canv.setLineWidth(0.6)
            self.canv.line(0, 0.3, self.width, 0.3)


class Notices(Flowable):  # type: ignore[misc]
    """What a reader must know before reading on, on a tinted ground."""

    def __init__(self, notices: Sequence[str], theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.notices = notices
        self.spaceBefore, self.spaceAfter = 2.0, 12.0
        self.lines: list[list[Line]] = []

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Set the notices and return the space they take."""
        self.lines = [plain(text, self.theme.notice, width=aW - 26, most=6) for text in self.notices]
        count = sum(len(lines) for lines in self.lines)
        self.width = aW
        self.height = count * self.theme.notice.leading + 3.0 * (len(self.lines) - 1) + 13
        return aW, self.height

    def draw(self) -> None:
        """Draw the ground, its edge and the notices."""
        canvas = self.canv
        with canvas.artifact():
            canvas.setFillColor(self.theme.ground)
            canvas.rect(0, 0, self.width, self.height, stroke=0, fill=1)
            canvas.setFillColor(self.theme.accent)
            edge = self.theme.from_start(0, 2.4, within=self.width)
            canvas.rect(edge, 0, 2.4, self.height, stroke=0, fill=1)
        top = self.height - 6.5
        with canvas.group(Element("Div")):
            for lines in self.lines:
                with canvas.tagged(Element("P")):
                    draw_lines(canvas, lines, self.theme.notice, x=14, top=top, width=self.width - 28)
                top -= len(lines) * self.theme.notice.leading + 3.0


_TITLE_LINES = _SUBTITLE_LINES = 3


def tallest_drawing(theme: Theme) -> float:
    """Return the height that a chart's drawing may have, in points: a page less title and subtitle."""
    title, note = theme.figure_title, theme.figure_note
    head = 7 + _TITLE_LINES * title.leading + _SUBTITLE_LINES * note.leading + note.space_after
    # Whole points: drawings round their height.
    return float(int(theme.content_height - head))


class ChartFigure(Flowable):  # type: ignore[misc]
    """A chart under its title. It never splits."""

    def __init__(self, chart: ChartPart, drawing: Drawing, *, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.chart = chart
        self.drawing = drawing
        self.spaceBefore, self.spaceAfter = 10.0, 14.0

    def head(self) -> tuple[list[Line], list[Line]]:
        """Set title and subtitle for the drawing's width."""
        width = self.drawing.width
        title = plain(self.chart.title, self.theme.figure_title, width=width, most=_TITLE_LINES)
        note = plain(self.chart.subtitle, self.theme.figure_note, width=width, most=_SUBTITLE_LINES)
        return title, note

    def head_height(self) -> float:
        """Return the height of title and subtitle."""
        title, note = self.head()
        height = 7 + len(title) * self.theme.figure_title.leading + len(note) * self.theme.figure_note.leading
        return height + self.theme.figure_note.space_after

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Return the space it takes."""
        self.width, self.height = self.drawing.width, self.head_height() + self.drawing.height
        return aW, self.height

    def start_height(self, width: float) -> float:
        """Return the height that a page must have left for this to start on it."""
        return self.wrap(width, 0)[1]

    def draw(self) -> None:
        """Draw it in a column of its own."""
        self.draw_at(0, self.height, head_height=self.head_height())

    def draw_at(self, x: float, top: float, *, head_height: float) -> None:
        """Draw it with its upper left corner at a point, the chart below a head of a given height."""
        canvas, (title, note) = self.canv, self.head()
        with canvas.artifact():
            canvas.setStrokeColor(self.theme.ink)
            canvas.setLineWidth(0.7)
            canvas.line(x, top - 0.4, x + self.drawing.width, top - 0.4)
        below = top - 7 - len(title) * self.theme.figure_title.leading
        # The caption is no part of the figure: programs that say a figure's alternative text skip the rest.
        with canvas.group(Element("Div")):
            with canvas.tagged(Element("Caption")):
                draw_lines(canvas, title, self.theme.figure_title, x=x, top=top - 6, width=self.drawing.width)
                draw_lines(canvas, note, self.theme.figure_note, x=x, top=below, width=self.drawing.width)
            canvas.saveState()
            canvas.translate(x, top - head_height - self.drawing.height)
            figure = Element("Figure", alt=self.chart.alt or self.chart.title)
            with canvas.figure(figure, (0, 0, self.drawing.width, self.drawing.height)):
                draw(self.drawing, canvas)
            canvas.restoreState()


class ChartRow(Flowable):  # type: ignore[misc]
    """Two charts side by side, their plots starting at one height."""

    def __init__(self, left: ChartFigure, right: ChartFigure, *, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.figures = (left, right)
        self.spaceBefore, self.spaceAfter = 10.0, 14.0

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Return the space they take."""
        self.head_height = max(figure.head_height() for figure in self.figures)
        self.width = aW
        self.height = self.head_height + max(figure.drawing.height for figure in self.figures)
        return aW, self.height

    def start_height(self, width: float) -> float:
        """Return the height that a page must have left for this to start on it."""
        return self.wrap(width, 0)[1]

    def draw(self) -> None:
        """Draw both."""
        for x, figure in zip((0.0, self.theme.column_width + self.theme.gutter), self.figures, strict=True):
            figure.canv = self.canv
            figure.draw_at(x, self.height, head_height=self.head_height)


@dataclass(frozen=True)
class Photo:
    """A JPEG's bytes with its size in pixels and its caption; with a fault, what stands in its place."""

    data: bytes
    width: int
    height: int
    caption: str
    fault: str = ""


def missing_photo(fault: str, *, caption: str) -> Photo:
    """Return what stands in the place of a picture that could not be used."""
    return Photo(b"", 4, 3, caption, fault)


def open_photo(key: str, data: bytes, *, caption: str) -> Photo:
    """Check a JPEG by its head, without decoding it; DocumentError when it is none or is too large."""
    try:
        with Image.open(BytesIO(data), formats=("JPEG",)) as image:
            width, height = image.size
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise DocumentError(f"picture {key} is no JPEG that can be read: {error}") from error
    if width * height > _MAX_PIXELS or not width or not height:
        raise DocumentError(
            f"picture {key} has {width} x {height} pixels; at most {_MAX_PIXELS // 1_000_000} million"
        )
    return Photo(data, width, height, caption)


class PhotoRow(Flowable):  # type: ignore[misc]
    """Up to four pictures of one height, side by side, with captions below."""

    def __init__(
        self, photos: Sequence[Photo], *, columns: int, theme: Theme, above: PhotoRow | None = None
    ) -> None:
        super().__init__()
        self.theme = theme
        self.photos = photos
        self.columns = columns
        self.above = above
        self.spaceBefore, self.spaceAfter = 4.0, 12.0

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Choose the height at which the pictures fill the row, and return the space it takes."""
        room = aW - _ROW_GAP * (self.columns - 1)
        ratios = [min(max(photo.width / photo.height, 0.4), 3.0) for photo in self.photos]
        # A last row that is not full is no higher than the one above it.
        share = sum(ratios) if len(self.photos) == self.columns else room / _ROW_HEIGHT
        self.photo_height = min(
            room / max(share, sum(ratios)), _ROW_HEIGHT if self.columns > 1 else _FULL_HEIGHT
        )
        if self.above is not None and len(self.photos) < self.columns:
            self.above.wrap(aW, 0)
            self.photo_height = min(self.photo_height, self.above.photo_height)
        self.widths = [ratio * self.photo_height for ratio in ratios]
        self.captions = [
            plain(photo.caption, self.theme.caption, width=width, most=4)
            for photo, width in zip(self.photos, self.widths, strict=True)
        ]
        lines = max(len(caption) for caption in self.captions)
        self.width, self.height = aW, self.photo_height + 4 + lines * self.theme.caption.leading
        return aW, self.height

    def start_height(self, width: float) -> float:
        """Return the height that a page must have left for this to start on it."""
        return self.wrap(width, 0)[1]

    def draw(self) -> None:
        """Draw the pictures within their boxes, and the captions."""
        x, bottom = 0.0, self.height - self.photo_height
        for photo, width, caption in zip(self.photos, self.widths, self.captions, strict=True):
            with self.canv.group(Element("Div")):
                if photo.fault:
                    self._draw_fault(photo.fault, x, width)
                else:
                    self._draw_photo(photo, x, width)
                if caption:
                    with self.canv.tagged(Element("Caption")):
                        draw_lines(self.canv, caption, self.theme.caption, x=x, top=bottom - 4, width=width)
            x += width + _ROW_GAP

    def _draw_photo(self, photo: Photo, x: float, width: float) -> None:
        bottom = self.height - self.photo_height
        figure = Element("Figure", alt=photo.caption or say(self.theme.locale, "Picture"))
        with self.canv.figure(figure, (x, bottom, x + width, self.height)):
            self.canv.drawImage(
                ImageReader(BytesIO(photo.data)),
                x,
                bottom,
                width,
                self.photo_height,
                preserveAspectRatio=True,
                anchor="sw",
            )

    def _draw_fault(self, fault: str, x: float, width: float) -> None:
        """Say in a picture's place why it is not there."""
        bottom, pad = self.height - self.photo_height, 9.0
        with self.canv.artifact():
            self.canv.setFillColor(self.theme.ground)
            self.canv.setStrokeColor(self.theme.rule)
            self.canv.setLineWidth(0.6)
            self.canv.rect(x, bottom, width, self.photo_height, stroke=1, fill=1)
        most = max(int((self.photo_height - 2 * pad) / self.theme.figure_note.leading), 1)
        lines = plain(fault, self.theme.figure_note, width=width - 2 * pad, most=most)
        with self.canv.tagged(Element("P")):
            draw_lines(self.canv, lines, self.theme.figure_note, x=x + pad, top=self.height - pad)
