"""Pictures from outside: checked from their header before decoding, then drawn anew as JPEG for print."""

from __future__ import annotations

import io
import math
import struct
import warnings
import zlib
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from broadsheet.errors import DocumentError

LARGEST_FILE = 20_000_000
"""Bytes that a source picture may have."""
MOST_PIXELS = 20_000_000
"""Pixels that a source picture may have: 80 MB when decoded."""
LONGEST_SIDE = 1_600
"""Pixels of the longest side after scaling: 220 per inch over the width of an A4 page's text."""
WHITE = "#ffffff"
_QUALITY = 85
_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP")
# JPEG's own extension for several views of one scene: the first is the picture, the rest are no animation.
_VIEWS = ("MPO",)
# A progressive JPEG has about ten; each costs a pass over all pixels and takes only 60 bytes of the file.
_MOST_SCANS = 100
_START_OF_SCAN = b"\xff\xda"

# Pillow's own limit, below which it is silent; above it warns, which is an error here.
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
    RuntimeError,
    struct.error,
    zlib.error,
)
"""What Pillow's decoders raise on bytes that are not what they say they are."""


@dataclass(frozen=True)
class Picture:
    """A picture that is safe to embed: baseline JPEG in RGB, without metadata."""

    jpeg: bytes
    width: int
    height: int
    note: str = ""
    """What a reader must know of it: that it is the first of several."""


def prepare_picture(data: bytes, *, key: str, paper: str = WHITE) -> Picture:
    """Check a picture and draw it anew, always to the same bytes; DocumentError names the key.

    What it is follows from its bytes, not from its name. Where it is transparent, ``paper`` shows.
    """
    if not data:
        raise DocumentError(f"picture {key!r} is empty; store it again")
    if len(data) > LARGEST_FILE:
        raise DocumentError(f"picture {key!r} has {len(data):,} bytes; at most {LARGEST_FILE:,} are taken")
    # Warnings are process-wide state; a task runs one step at a time.
    with warnings.catch_warnings():
        # Decoders warn of notes and profiles that are odd; the picture is drawn without them.
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            return _draw_anew(data, key=key, paper=paper)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError) as error:
            raise _too_large(key) from error
        except UnidentifiedImageError as error:
            raise DocumentError(
                f"object {key!r} is no PNG, JPEG, WebP, TIFF, GIF or BMP picture; store one of these, "
                "or move it out of the prefix"
            ) from error
        except _BROKEN as error:
            raise DocumentError(
                f"picture {key!r} is damaged ({type(error).__name__}); store it again"
            ) from error


def _draw_anew(data: bytes, *, key: str, paper: str) -> Picture:
    with Image.open(io.BytesIO(data), formats=_FORMATS) as source:
        # The header has been read, no pixel yet.
        if source.width * source.height > MOST_PIXELS:
            raise _too_large(key)
        if source.format in ("JPEG", "MPO") and data.count(_START_OF_SCAN) > _MOST_SCANS:
            raise DocumentError(f"picture {key!r} has more than {_MOST_SCANS} scans; store it again")
        several = getattr(source, "is_animated", False) and source.format not in _VIEWS
        source.seek(0)
        source.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        source.load()
        picture = _on_paper(_upright(source), paper)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    # A new image carries nothing over: no EXIF place, no comment, no profile, no thumbnail.
    clean = Image.frombytes("RGB", picture.size, picture.tobytes())
    target = io.BytesIO()
    clean.save(target, "JPEG", quality=_QUALITY, subsampling=0)
    note = "the first of several pictures in its file" if several else ""
    return Picture(jpeg=target.getvalue(), width=clean.width, height=clean.height, note=note)


def _upright(image: Image.Image) -> Image.Image:
    """Turn an image as its EXIF says; what cannot be read of EXIF turns nothing."""
    try:
        return ImageOps.exif_transpose(image)
    except _BROKEN:
        return image


def _on_paper(image: Image.Image, paper: str) -> Image.Image:
    """Return an image in RGB with 8 bits; where it is transparent, paper shows."""
    if image.mode.startswith("I") or image.mode == "F":
        image = _eight_bits(image)
    if not image.has_transparency_data:
        return _in_srgb(image)
    layer = image.convert("RGBA")
    ground = Image.new("RGBA", layer.size, paper)
    return Image.alpha_composite(ground, layer).convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Scale greys of 16 and 32 bits: Pillow would cut at 255."""
    if image.mode.startswith("I;16"):
        return image.point(lambda value: value / 256).convert("L")
    low, high = image.convert("F").getextrema()
    if isinstance(low, tuple) or isinstance(high, tuple) or not low < high < math.inf or low == -math.inf:
        return Image.new("L", image.size, 0)
    if image.mode == "I" and low >= 0 and high < 65_536:
        # 16 bits in the place of 32.
        low, high = 0, 65_535
    factor = 255 / (high - low)
    return image.convert("F").point(lambda value: value * factor + (-low * factor)).convert("L")


def _in_srgb(image: Image.Image) -> Image.Image:
    """Return an image in RGB, its colours taken through its profile where it has one that can be read."""
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "CMYK", "L"):
        try:
            converted = ImageCms.profileToProfile(
                image, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, *_BROKEN):
            converted = None
        if converted is not None:
            return converted
    return image.convert("RGB")


def _too_large(key: str) -> DocumentError:
    return DocumentError(f"picture {key!r} has more than {MOST_PIXELS:,} pixels; store it scaled down")
