"""What a template's blocks become: tiles, charts, tables, pictures and page breaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from reportlab.platypus.flowables import Flowable, PageBreak

from broadsheet.errors import NotFoundError
from broadsheet.pipeline.document.appendix import Appendix, appendix_lines
from broadsheet.pipeline.document.contents import Contents
from broadsheet.pipeline.document.drawing import Drawing
from broadsheet.pipeline.document.elements import Element
from broadsheet.pipeline.document.figures import (
    ChartFigure,
    ChartRow,
    Notices,
    Photo,
    PhotoRow,
    missing_photo,
)
from broadsheet.pipeline.document.places import Anchored, Places
from broadsheet.pipeline.document.tables import DataTable
from broadsheet.pipeline.document.template import Block
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.document.tiles import SPARK, TileRow, columns_for
from broadsheet.pipeline.document.wanted import FULL, HALF
from broadsheet.pipeline.payload import ImagePart, Payload

LoadDrawing = Callable[[str, str], Drawing]
LoadPhoto = Callable[[ImagePart], Photo]


class BlockBuilder:
    """Builds blocks from one payload; ``load_drawing`` takes a chart's name and its size."""

    def __init__(
        self,
        payload: Payload,
        *,
        theme: Theme,
        places: Places,
        load_drawing: LoadDrawing,
        load_photo: LoadPhoto,
    ) -> None:
        self.payload = payload
        self.places = places
        self.theme = theme
        self.load_drawing = load_drawing
        self.load_photo = load_photo
        self.appendices: dict[str, list[Appendix]] = {}
        """The sets that the page has named so far, in its order."""

    def __call__(self, block: Block, *, narrow: bool = False) -> list[Flowable]:
        """Return the flowables of a block; NotFoundError for a kind that does not exist.

        ``narrow`` ones stand in one of two columns.
        """
        match block.kind:
            case "kpis":
                return self._kpis(block.names[0])
            case "chart":
                return [self._chart(block.names[0], HALF if narrow else FULL)]
            case "charts":
                if narrow:
                    return [self._chart(name, HALF) for name in block.names]
                return [self._chart_row(block.names)]
            case "table":
                return [self._table(block.names[0], block.limit)]
            case "images":
                return self._images(block.names[0], across=block.limit)
            case "appendix":
                return self._appendix(block.names[0])
            case "pagebreak":
                return [PageBreak()]
            case "contents":
                return [Contents(block.words, depth=block.limit or 2, theme=self.theme)]
            case "cover":
                # It stands at the document's head, where ``pdf`` puts it.
                return []
        raise NotFoundError(f"no block {block.kind!r}")

    def _kpis(self, name: str) -> list[Flowable]:
        kpis = self.payload.kpis[name]
        columns, element = columns_for(len(kpis)), Element("L", numbering="None")
        return [
            TileRow(
                kpis[at : at + columns],
                sparks=[
                    self.load_drawing(f"{name}.{number}", SPARK) if kpi.points else None
                    for number, kpi in enumerate(kpis[at : at + columns], start=at)
                ],
                columns=columns,
                last=at + columns >= len(kpis),
                theme=self.theme,
                element=element,
            )
            for at in range(0, len(kpis), columns)
        ]

    def _table(self, name: str, limit: int | None) -> Flowable:
        table = self.payload.tables[name]
        count = min(len(table.rows), limit or len(table.rows))
        titled = table.model_copy(update={"title": self.places.title("tables", name, table.title)})
        return Anchored(DataTable(titled, count=count, theme=self.theme), self.places.anchor("tables", name))

    def _chart(self, name: str, size: str) -> Flowable:
        return Anchored(self._figure(name, size), self.places.anchor("charts", name))

    def _chart_row(self, names: Sequence[str]) -> Flowable:
        row: Flowable = ChartRow(*(self._figure(name, HALF) for name in names), theme=self.theme)
        for name in names:
            row = Anchored(row, self.places.anchor("charts", name))
        return row

    def _figure(self, name: str, size: str) -> ChartFigure:
        chart = self.payload.charts[name]
        titled = chart.model_copy(update={"title": self.places.title("charts", name, chart.title)})
        return ChartFigure(titled, self.load_drawing(name, size), theme=self.theme)

    def _images(self, name: str, *, across: int | None) -> list[Flowable]:
        photos = [self._photo(picture) for picture in self.payload.images[name]]
        columns = across or {1: 1, 2: 2, 4: 2}.get(len(photos), 3)
        rows: list[Flowable] = []
        above: PhotoRow | None = None
        for at in range(0, len(photos), columns):
            above = PhotoRow(photos[at : at + columns], columns=columns, theme=self.theme, above=above)
            rows.append(above)
        notices = self.payload.document_notices.get(name, ())
        return [*rows, Notices(notices, theme=self.theme)] if notices else rows

    def _appendix(self, name: str) -> list[Flowable]:
        """Return the lines that lead to a set's files; what could not be used is said among them."""
        if name not in self.appendices:
            number = sum(len(files) for files in self.appendices.values())
            parts = [part for part in self.payload.appendices[name] if not part.fault]
            self.appendices[name] = [
                Appendix(number, part, self.theme.locale)
                for number, part in enumerate(parts, start=number + 1)
            ]
        faults = [part.fault for part in self.payload.appendices[name] if part.fault]
        notices = [*faults, *self.payload.document_notices.get(name, ())]
        lines: list[Flowable] = list(appendix_lines(self.appendices[name], theme=self.theme))
        return [*lines, Notices(notices, theme=self.theme)] if notices else lines

    def _photo(self, picture: ImagePart) -> Photo:
        caption = f"{picture.caption} ({picture.note})" if picture.note else picture.caption
        if picture.fault:
            return missing_photo(picture.fault, caption=caption)
        return replace(self.load_photo(picture), caption=caption)
