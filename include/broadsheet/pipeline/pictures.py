"""Pictures from outside: checked from their header before decoding, then drawn anew as JPEG for print."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from broadsheet.errors import DocumentError

LARGEST_FILE = 20_000_000
"""Bytes that a source picture may have."""
MOST_PIXELS = 20_000_000
"""Pixels that a source picture may have: 80 MB when decoded."""
LONGEST_SIDE = 1_600
"""Pixels of the longest side after scaling: 220 per inch over the width of an A4 page's text."""
_QUALITY = 85
_FORMATS = ("PNG", "JPEG")
# A progressive JPEG has about ten; each costs a pass over all pixels and takes only 60 bytes of the file.
_MOST_SCANS = 100
_START_OF_SCAN = b"\xff\xda"

# Pillow's own limit, below which it is silent; above it warns, and warnings are errors here.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS

_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    KeyError,
    IndexError,
    OverflowError,
    TypeError,
    struct.error,
    zlib.error,
    Warning,
)
"""What Pillow's decoders raise on bytes that are not what they say they are."""


@dataclass(frozen=True)
class Picture:
    """A picture that is safe to embed: baseline JPEG in RGB, without metadata."""

    jpeg: bytes
    width: int
    height: int


def prepare_picture(data: bytes, *, key: str) -> Picture:
    """Check a PNG or JPEG and draw it anew, always to the same bytes; DocumentError names the key."""
    if len(data) > LARGEST_FILE:
        raise DocumentError(f"picture {key!r} has {len(data):,} bytes; at most {LARGEST_FILE:,} are taken")
    # Warnings are process-wide state; a task runs one step at a time.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return _draw_anew(data, key=key)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise _too_large(key) from error
        except UnidentifiedImageError as error:
            raise DocumentError(
                f"object {key!r} is no PNG or JPEG picture; store one of these, or move it out of the prefix"
            ) from error
        except _BROKEN as error:
            raise DocumentError(
                f"picture {key!r} is damaged ({type(error).__name__}); store it again"
            ) from error


def _draw_anew(data: bytes, *, key: str) -> Picture:
    with Image.open(io.BytesIO(data), formats=_FORMATS) as source:
        # The header has been read, no pixel yet.
        if source.width * source.height > MOST_PIXELS:
            raise _too_large(key)
        if source.format != "PNG" and data.count(_START_OF_SCAN) > _MOST_SCANS:
            raise DocumentError(f"picture {key!r} has more than {_MOST_SCANS} scans; store it again")
        source.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(source)
        picture = _on_white(upright)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    # A new image carries nothing over: no EXIF place, no comment, no profile, no thumbnail.
    clean = Image.frombytes("RGB", picture.size, picture.tobytes())
    target = io.BytesIO()
    clean.save(target, "JPEG", quality=_QUALITY, subsampling=0)
    return Picture(jpeg=target.getvalue(), width=clean.width, height=clean.height)


def _on_white(image: Image.Image) -> Image.Image:
    """Return an image in RGB; where it is transparent, paper shows."""
    if image.mode.startswith("I"):
        # 16-bit greys: Pillow would cut at 255, not scale.
        image = image.point(lambda value: value / 256).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    paper = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(paper, layer).convert("RGB")


def _too_large(key: str) -> DocumentError:
    return DocumentError(f"picture {key!r} has more than {MOST_PIXELS:,} pixels; store it scaled down")
