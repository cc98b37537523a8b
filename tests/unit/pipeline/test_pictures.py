"""Pictures from outside: what is safe is drawn anew, everything else is refused by its key."""

from __future__ import annotations

import io
import struct
import warnings
import zlib

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from broadsheet.errors import DocumentError
from broadsheet.pipeline.pictures import LARGEST_FILE, LONGEST_SIDE, prepare_picture

KEY = "reports/harbour.png"


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG of one colour, written without holding its pixels: a bomb of a few kilobytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer = zlib.compressobj(9)
    row = b"\x00" * (1 + (width + 7) // 8)
    pixels = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("width", "height"), [(15_000, 15_000), (13_300, 13_300), (5_000, 4_001), (2**31 - 1, 1)]
)
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(width: int, height: int) -> None:
    bomb = (
        png_of(width, height)
        if height > 1
        else png_of(8, 8).replace(struct.pack(">II", 8, 8), struct.pack(">II", width, height))
    )
    assert len(bomb) < 40_000
    with pytest.raises(DocumentError, match=r"harbour\.png"):
        prepare_picture(bomb, key=KEY)


def test_a_jpeg_of_many_scans_is_refused_before_it_is_decoded() -> None:
    good = encoded(Image.new("RGB", (64, 64)), "JPEG", progressive=True)
    last = good[good.rindex(b"\xff\xc4") : -2]
    assert prepare_picture(good[:-2] + last * 50 + good[-2:], key=KEY).width == 64
    with pytest.raises(DocumentError, match=r"harbour\.png.* more than 100 scans"):
        prepare_picture(good[:-2] + last * 200_000 + good[-2:], key=KEY)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7 not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\n",
        encoded(Image.new("RGB", (9, 9)), "PPM"),
        encoded(Image.new("RGB", (9, 9)), "ICO"),
        encoded(Image.new("RGB", (9, 9)), "JPEG2000"),
        b"8BPS\x00\x01" + bytes(40),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"SIMPLE  =                    T" + b" " * 3_000,
    ],
)
def test_what_is_no_picture_of_a_known_kind_is_refused_whatever_its_name(data: bytes) -> None:
    with pytest.raises(DocumentError, match=r"harbour\.png"):
        prepare_picture(data, key=KEY)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"])
def test_a_truncated_or_damaged_picture_is_refused(kind: str) -> None:
    whole = encoded(Image.effect_noise((200, 200), 90).convert("RGB"), kind)
    with pytest.raises(DocumentError, match=r"harbour\.png.* (damaged|no PNG)"):
        prepare_picture(whole[: len(whole) // 2], key=KEY)


def test_a_file_of_too_many_bytes_is_refused_unread() -> None:
    with pytest.raises(DocumentError, match="bytes"):
        prepare_picture(bytes(LARGEST_FILE + 1), key=KEY)


def test_the_same_bytes_give_the_same_jpeg_without_metadata() -> None:
    notes = PngInfo()
    notes.add_text("Author", "somebody@example.com")
    source = encoded(Image.effect_noise((300, 200), 60).convert("RGB"), pnginfo=notes)
    first, second = prepare_picture(source, key=KEY), prepare_picture(source, key=KEY)
    assert first == second
    assert b"somebody" not in first.jpeg
    with Image.open(io.BytesIO(first.jpeg)) as drawn:
        assert (drawn.format, drawn.mode, drawn.size) == ("JPEG", "RGB", (300, 200))
        assert not drawn.getexif()
        assert set(drawn.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_large_picture_is_scaled_to_print_and_a_small_one_left() -> None:
    large = prepare_picture(encoded(Image.new("RGB", (4_000, 1_000)), "JPEG"), key=KEY)
    assert (large.width, large.height) == (LONGEST_SIDE, LONGEST_SIDE // 4)
    small = prepare_picture(encoded(Image.new("L", (3, 5))), key=KEY)
    assert (small.width, small.height) == (3, 5)


def test_a_picture_taken_sideways_is_set_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    upright = prepare_picture(encoded(Image.new("RGB", (40, 20)), "JPEG", exif=exif), key=KEY)
    assert (upright.width, upright.height) == (20, 40)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_mode_of_png_becomes_rgb_on_white(mode: str) -> None:
    picture = prepare_picture(encoded(Image.new(mode, (4, 4))), key=KEY)
    with Image.open(io.BytesIO(picture.jpeg)) as drawn:
        transparent = mode in ("LA", "RGBA")
        assert drawn.getpixel((1, 1)) == ((255, 255, 255) if transparent else (0, 0, 0))


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("WEBP", "RGB"),
        ("TIFF", "RGB"),
        ("TIFF", "CMYK"),
        ("TIFF", "I;16"),
        ("TIFF", "F"),
        ("JPEG", "CMYK"),
        ("GIF", "P"),
        ("BMP", "RGB"),
        ("PNG", "I;16"),
    ],
)
def test_every_known_kind_becomes_the_same_rgb_jpeg_each_time(kind: str, mode: str) -> None:
    grey = Image.linear_gradient("L")
    if mode == "I;16":
        source = Image.frombytes("I;16", grey.size, b"".join(bytes((0, value)) for value in grey.tobytes()))
    else:
        source = grey.convert(mode)
    data = encoded(source, kind)
    picture = prepare_picture(data, key="reports/harbour.txt")
    assert picture == prepare_picture(data, key="reports/harbour.txt")
    with Image.open(io.BytesIO(picture.jpeg)) as drawn:
        assert (drawn.format, drawn.mode, drawn.size) == ("JPEG", "RGB", (256, 256))
        for y in (10, 128, 250):
            assert all(abs(value - y) < 12 for value in drawn.getpixel((5, y)))


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_of_an_animation_the_first_frame_is_taken_and_that_is_said(kind: str) -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "green", "blue")]
    picture = prepare_picture(encoded(frames[0], kind, save_all=True, append_images=frames[1:]), key=KEY)
    assert picture.note == "the first of several pictures in its file"
    with Image.open(io.BytesIO(picture.jpeg)) as drawn:
        red, green, blue = drawn.getpixel((4, 4))
    assert red > 200 > 60 > max(green, blue)
    assert prepare_picture(encoded(frames[0], kind), key=KEY).note == ""


def test_paper_shows_through_what_is_transparent() -> None:
    picture = prepare_picture(encoded(Image.new("RGBA", (4, 4))), key=KEY, paper="#f4f0e8")
    with Image.open(io.BytesIO(picture.jpeg)) as drawn:
        assert all(abs(a - b) < 3 for a, b in zip(drawn.getpixel((1, 1)), (0xF4, 0xF0, 0xE8), strict=True))


def test_colours_are_taken_through_the_profile_that_a_picture_carries() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    source = Image.new("RGB", (4, 4), (200, 100, 50))
    plain = prepare_picture(encoded(source, "JPEG"), key=KEY)
    # A profile that does not fit, or is none, changes nothing.
    assert prepare_picture(encoded(source, "JPEG", icc_profile=profile), key=KEY) == plain
    assert prepare_picture(encoded(source, "JPEG", icc_profile=b"rubbish"), key=KEY) == plain


def test_exif_that_cannot_be_read_turns_nothing() -> None:
    data = encoded(Image.new("RGB", (40, 20)), "JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff")
    assert prepare_picture(data, key=KEY).width == 40


def test_warnings_of_other_code_are_left_as_they_were() -> None:
    before = list(warnings.filters)
    prepare_picture(encoded(Image.new("RGB", (4, 4))), key=KEY)
    assert list(warnings.filters) == before
