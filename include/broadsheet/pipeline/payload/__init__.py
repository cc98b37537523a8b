"""The payload: one variant's numbers, words and rows, as ``aggregate`` writes and the later steps read them.

Stored as JSON. Numbers stand raw beside what readers see, so that no later step formats or computes. What has
no value (NULL, NaN, nothing to divide by) is None raw and an en dash in words.

Every text in it may come from data. It is cleaned here, when a part is made, and never read as markup
afterwards.
"""

from broadsheet.pipeline.payload.charts import (
    AnnotationPart,
    ChartPart,
    ChartWord,
    PanelPart,
    ReferencePart,
    SeriesPart,
    SpreadPart,
)
from broadsheet.pipeline.payload.documents import AppendixPart, ImagePart
from broadsheet.pipeline.payload.drawable import is_drawable, known, points_of, spread_values
from broadsheet.pipeline.payload.fields import (
    CellText,
    Direction,
    Label,
    Number,
    Part,
    Plotted,
    SeriesTone,
    Text,
    Tone,
    Value,
)
from broadsheet.pipeline.payload.findings import Findings, ParameterPart, PeriodPart, text_context
from broadsheet.pipeline.payload.tables import ColumnPart, GroupPart, SummaryPart, TablePart
from broadsheet.pipeline.payload.tiles import KpiPart
from broadsheet.pipeline.payload.whole import (
    DatasetPart,
    Payload,
    ProvenancePart,
    payload_key,
    read_payload,
    write_payload,
)

__all__ = [
    "AnnotationPart",
    "AppendixPart",
    "CellText",
    "ChartPart",
    "ChartWord",
    "ColumnPart",
    "DatasetPart",
    "Direction",
    "Findings",
    "GroupPart",
    "ImagePart",
    "KpiPart",
    "Label",
    "Number",
    "PanelPart",
    "ParameterPart",
    "Part",
    "Payload",
    "PeriodPart",
    "Plotted",
    "ProvenancePart",
    "ReferencePart",
    "SeriesPart",
    "SeriesTone",
    "SpreadPart",
    "SummaryPart",
    "TablePart",
    "Text",
    "Tone",
    "Value",
    "is_drawable",
    "known",
    "payload_key",
    "points_of",
    "read_payload",
    "spread_values",
    "text_context",
    "write_payload",
]
