"""Pages compared as pictures with those that somebody has looked at; ``make golden`` writes them anew.

They find what tests on facts do not: a block that covers another, a colour gone, a page half empty. The
pictures are small and may differ a little, so that another version of the rasterizer is no failure.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageStat

from broadsheet.domain.theme import DEFAULT_THEME

GOLDEN = Path(__file__).resolve().parents[3] / "golden"
WIDTH = 420
MOST_MEAN = 1.5
"""Difference of grey levels, of 255, averaged over the page."""
MOST_OFF = 0.01
"""Share of pixels that may be off by more than a fifth of all greys."""

PAGE = """
{{ cover(picture="pictures") }}
{{ contents() }}

## The week in short

{{ kpis("summary") }}

**{{ displays.share }}** of {{ values.name }} were on time[^time]; {{ ref("rows") }} has the routes.

> [!warning] Two days are missing
> The airport's feed stopped on **Saturday**. Figures of that day are estimates.

{{ columns() }}

{{ chart("by_place") }}

{{ column() }}

What stands **beside** a chart explains it.

| Airport | Flights |
|---|---:|
| Newark | 812 |
| LaGuardia | 377 |

{{ end_columns() }}

{{ chart("by_day") }}

[^time]: Less than fifteen minutes late.

## Rows

{{ table("rows", limit=8) }}
"""
PAGES = [("broadsheet", 1), ("broadsheet", 2), ("boardroom", 1), ("boardroom", 2)]


@pytest.mark.parametrize(("theme", "number"), PAGES)
def test_a_page_looks_as_it_did(
    build: Any, payload: Any, theme: str, number: int, request: pytest.FixtureRequest
) -> None:
    built = build(payload, PAGE, pictures=_picture(), theme=theme, numbered=theme != DEFAULT_THEME)
    drawn = _draw(built.data, number)
    path = GOLDEN / f"{theme}-{number}.png"
    if request.config.getoption("--golden"):
        drawn.quantize(64).save(path, optimize=True)
        return
    with Image.open(path) as kept:
        difference = ImageChops.difference(kept.convert("L"), drawn.convert("L"))
    mean = ImageStat.Stat(difference).mean[0]
    off = sum(difference.histogram()[52:]) / (difference.width * difference.height)
    assert (mean <= MOST_MEAN, off <= MOST_OFF) == (True, True), (
        f"{path.name}: mean difference {mean:.2f}, {off:.1%} of pixels off; if that is meant: make golden"
    )


def test_golden_pages_are_small(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--golden"):
        pytest.skip("they are being written")
    assert [path.name for path in GOLDEN.glob("*.png") if path.stat().st_size > 60_000] == []
    assert len(list(GOLDEN.glob("*.png"))) == len(PAGES)


def _draw(data: bytes, number: int) -> Image.Image:
    document = pypdfium2.PdfDocument(data)
    try:
        page = document[number - 1]
        picture: Image.Image = page.render(scale=WIDTH / page.get_width()).to_pil().convert("RGB")
        return picture
    finally:
        document.close()


def _picture() -> bytes:
    """Return a picture whose stretching or turning would show: a bright corner, and a gradient."""
    picture = Image.linear_gradient("L").resize((600, 400)).convert("RGB")
    picture.paste((224, 160, 48), (0, 0, 120, 120))
    buffer = BytesIO()
    picture.save(buffer, "JPEG")
    return buffer.getvalue()
