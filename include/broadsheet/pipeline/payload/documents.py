"""Documents that come along: pictures, and PDF files that are appended."""

from __future__ import annotations

from pydantic import Field

from broadsheet.pipeline.payload.fields import Label, Part, Text


class ImagePart(Part):
    """A checked JPEG in staging; one that could not be used has a fault instead, to stand in its place."""

    key: str = ""
    width: int = 0
    height: int = 0
    caption: Label = ""
    note: Label = ""
    """What a reader must know of it, beside the caption."""
    fault: Text = ""


class AppendixPart(Part):
    """A PDF file without anything that acts, in staging; one that could not be used has a fault instead."""

    key: str = ""
    file: Label = ""
    title: Label = ""
    pages: int = 0
    """How many of its pages are appended."""
    total_pages: int = 0
    sizes: tuple[tuple[float, float], ...] = ()
    """Width and height of each page, in points."""
    page_faults: dict[int, Text] = Field(default_factory=dict)
    """Why a page cannot be shown, by its number."""
    notes: tuple[Text, ...] = ()
    """What is not as it was: what was left out of it, or repaired."""
    fault: Text = ""
