"""PDF files from outside: what acts does not come along, what cannot be shown is told."""

from __future__ import annotations

import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Encryption, Name, Pdf
from tests.unit.pipeline.foreign import armed, changed, make_pdf

from broadsheet.errors import DocumentError
from broadsheet.pipeline.appendices import CleanPdf, clean_pdf

KEY = "reports/inspection.pdf"


def clean(data: bytes, *, max_pages: int = 200) -> CleanPdf:
    return clean_pdf(data, key=KEY, max_pages=max_pages)


def test_pages_keep_their_words_and_sizes() -> None:
    found = clean(make_pdf(2, size=(300, 200)))
    assert (found.total, found.sizes, found.page_faults) == (2, [(300, 200)] * 2, {})
    assert found.notes == ["not embedded in it: Helvetica"]


def test_the_same_bytes_give_the_same_copy() -> None:
    assert clean(changed(armed, static_id=True)).data == clean(changed(armed, static_id=True)).data


def test_nothing_that_acts_comes_along_and_that_is_said() -> None:
    found = clean(changed(armed))
    (said,) = [note for note in found.notes if note.startswith("left out")]
    for word in (
        "JavaScript",
        "an action on opening",
        "an XFA form",
        "1 attachment",
        "4 links",
        "2 ways out",
    ):
        assert word in said
    with pikepdf.open(BytesIO(found.data)) as pdf:
        kept = b"".join(each.unparse(resolved=True) for each in pdf.objects if each is not None)
        assert not pdf.attachments
        assert set(pdf.Root.keys()) == {"/Type", "/Pages"}
    for gone in (
        b"JavaScript",
        b"/AA",
        b"/URI",
        b"Launch",
        b"EmbeddedFile",
        b"passwd",
        b"other.pdf",
        b"/XFA",
    ):
        assert gone not in kept


@pytest.mark.parametrize("user", ["", "secret"])
def test_an_encrypted_file_is_refused_even_where_no_password_is_asked(user: str) -> None:
    data = changed(lambda _: None, encryption=Encryption(owner="owner", user=user))
    with pytest.raises(DocumentError, match=r"inspection\.pdf' is encrypted; store a copy without"):
        clean(data)


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7", b"GIF89a", make_pdf()[:400], b"%PDF-1.7\n" + b"\x00" * 9_999]
)
def test_what_is_no_pdf_is_refused_by_its_key(data: bytes) -> None:
    with pytest.raises(DocumentError, match=r"inspection\.pdf' (is no PDF|has no page)"):
        clean(data)


def test_a_damaged_file_is_repaired_and_that_is_said() -> None:
    found = clean(make_pdf(3)[:-300])
    assert len(found.sizes) == 3
    assert "the file was damaged and has been repaired as far as possible" in found.notes


def test_a_page_without_a_size_gets_one_and_that_is_said() -> None:
    def change(pdf: Pdf) -> None:
        pdf.pages[1].obj.MediaBox = Array([0, 0, 595])

    found = clean(changed(change))
    assert (len(found.sizes), found.page_faults) == (3, {})
    assert "repaired" in found.notes[-1]


def test_many_pages_are_cut_and_counted() -> None:
    found = clean(make_pdf(30), max_pages=5)
    assert (found.total, len(found.sizes)) == (30, 5)


@pytest.mark.parametrize(
    ("box", "words"),
    [
        ([0, 0, 0, 0], "it has no area"),
        ([5, 5, 5, 900], "it has no area"),
        ([0, 0, 1e7, 1e7], "it measures 10,000,000 x 10,000,000 points"),
    ],
)
def test_a_page_of_an_impossible_size_is_blank_with_its_fault(box: list[float], words: str) -> None:
    def change(pdf: Pdf) -> None:
        for key in ("/CropBox", "/TrimBox"):
            if key in pdf.pages[1].obj:
                del pdf.pages[1].obj[key]
        pdf.pages[1].obj.MediaBox = Array(box)

    found = clean(changed(change))
    assert (len(found.sizes), list(found.page_faults)) == (3, [2])
    assert words in found.page_faults[2]


@pytest.mark.parametrize(
    ("turn", "size"), [(0, (300, 200)), (90, (200, 300)), (180, (300, 200)), (270, (200, 300))]
)
def test_a_turned_page_is_as_wide_as_it_is_seen(turn: int, size: tuple[float, float]) -> None:
    def change(pdf: Pdf) -> None:
        pdf.pages[0].obj.Rotate = turn
        pdf.pages[0].obj.MediaBox = Array([100, 50, 400, 250])

    assert clean(changed(change, make_pdf(1, size=(300, 200)))).sizes == [size]


def test_a_page_whose_content_cannot_be_read_is_told() -> None:
    def change(pdf: Pdf) -> None:
        broken = pdf.make_stream(b"not deflated at all")
        broken.Filter = Name.LZWDecode
        pdf.pages[0].obj.Contents = pdf.make_indirect(broken)
        pdf.pages[2].obj.Contents = Dictionary()

    found = clean(changed(change, compress_streams=False))
    assert 2 not in found.page_faults
    assert found.page_faults or "damaged" in " ".join(found.notes)


def test_operators_that_readers_complain_of_are_left_out(tmp_path: Path) -> None:
    if not shutil.which("pdftoppm"):
        pytest.skip("pdftoppm (poppler-utils) is not installed")

    def change(pdf: Pdf) -> None:
        bad = b"Q Q q 1 0 0 rg 50 50 100 100 re f foo 1 2 bar 1 re /P <</MCID 3>> BDC 0 0 9 9 re f EMC q q"
        pdf.pages[0].obj.Contents = pdf.make_stream(bad)

    path = tmp_path / "clean.pdf"
    path.write_bytes(clean(changed(change)).data)
    done = subprocess.run(
        ["pdftoppm", "-r", "20", "-png", str(path), str(tmp_path / "page")], capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_layer_that_is_hidden_stays_hidden() -> None:
    def change(pdf: Pdf) -> None:
        layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="Secret"))
        page = pdf.pages[0].obj
        page.Resources.Properties = Dictionary(L0=layer)
        page.Contents = pdf.make_stream(b"/OC /L0 BDC 0 0 99 99 re f EMC")
        pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))

    with pikepdf.open(BytesIO(clean(changed(change)).data)) as pdf:
        content = pdf.pages[0].resources.XObject.Content
        assert b"/OC /L0 BDC" in content.read_bytes()
        (hidden,) = pdf.Root.OCProperties.D.OFF
        assert hidden.objgen == content.Resources.Properties.L0.objgen


def test_a_page_that_would_fill_the_memory_is_told_and_the_others_are_taken() -> None:
    def change(pdf: Pdf) -> None:
        # Some ten kilobytes in the file.
        pdf.pages[0].obj.Contents = pdf.make_stream(b"0 0 m " * 2_100_000)

    data = changed(change)
    assert len(data) < 100_000
    found = clean(data)
    assert found.page_faults == {
        1: "Page 1 cannot be shown: it has more than 12,000,000 bytes of drawing operators."
    }
    assert len(found.sizes) == 3
