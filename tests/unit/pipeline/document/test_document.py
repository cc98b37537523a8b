"""Whole documents: what stands on their pages, and that equal input gives equal files."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pypdf.generic import DictionaryObject

from broadsheet.errors import DocumentError, IntegrityError

_BUILD_ELSEWHERE = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import conftest
payload = json.load(open(sys.argv[2], encoding="utf-8"))
print(conftest.build.__wrapped__(Path(sys.argv[3]))(payload).summary.sha256)
"""


def test_parts_stand_in_the_order_of_the_page(build: Any, payload: Any) -> None:
    words = build(payload).words
    parts = ["Punctuality", "One airline", "United", "On time", "72.3 % of flights", "Charts", "A line chart",
             "Rows", "Place 1", "Place 100", "Pictures", "A picture"]  # fmt: skip
    places = [words.index(part) for part in parts]
    assert places == sorted(places)


def test_every_page_says_what_when_and_where_it_is(build: Any, payload: Any) -> None:
    built = build(payload)
    assert len(built.pages) == built.summary.pages > 2
    for number, text in enumerate(built.pages, start=1):
        assert "Punctuality" in text
        assert "Week 12, 18–24 March 2013 (America/New_York)" in text
        assert "Data as of 22 November 2026, 00:00 EST" in text
        assert f"Page {number} of {len(built.pages)}" in text


def test_a_table_repeats_its_header_and_says_how_much_of_it_is_shown(build: Any, payload: Any) -> None:
    pages = [text for text in build(payload).pages if "Place" in text]
    assert len(pages) > 2
    assert all("Distance" in text and "mi" in text for text in pages)
    assert "All rows (continued)" in pages[1]
    assert "Showing 100 of 4,112 rows" in pages[-1]
    assert all("Showing" not in text for text in pages[:-1])


def test_a_limit_of_the_page_is_counted_honestly(build: Any, payload: Any) -> None:
    text = build(payload, '{{ table("rows", limit=7) }}').text
    assert "Showing 7 of 4,112 rows" in text
    assert "Place 8" not in text


def test_a_change_is_said_in_words_too(build: Any, payload: Any) -> None:
    assert "−8.5 points worse" in build(payload).text


def test_only_embedded_fonts_are_used(build: Any, payload: Any) -> None:
    payload["notices"] = ["שלום مرحبا ☃"]
    fonts: dict[str, DictionaryObject] = {}
    for page in build(payload).reader.pages:
        for reference in page["/Resources"]["/Font"].values():
            font = reference.get_object()
            fonts[font["/BaseFont"]] = font
    assert fonts
    assert not [name for name in fonts if "Helvetica" in name or "Times" in name]
    assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts.values())


def test_charts_are_vectors_with_their_text(build: Any, payload: Any) -> None:
    payload["images"] = {"pictures": []}
    built = build(payload)
    assert not [image for page in built.reader.pages for image in page.images]
    assert "60 %" in built.text
    assert "Before" in built.text


def test_outline_title_author_language_and_dates_are_set(build: Any, payload: Any) -> None:
    reader = build(payload).reader
    root = reader.trailer["/Root"]
    titles = [entry["/Title"] for entry in _flat(reader.outline)]
    assert titles == ["Punctuality", "Charts", "Rows", "Pictures", "About this report"]
    assert (reader.metadata.title, reader.metadata.author) == ("Punctuality", "Broadsheet")
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.creation_date_raw.startswith("D:20130325040000")


def _flat(outline: list[Any]) -> list[Any]:
    return [leaf for entry in outline for leaf in (_flat(entry) if isinstance(entry, list) else [entry])]


def test_pages_are_a4_portrait_and_compressed_without_ascii85(build: Any, payload: Any) -> None:
    built = build(payload)
    assert {tuple(round(float(side)) for side in page.mediabox[2:]) for page in built.reader.pages} == {
        (595, 842)
    }
    assert b"ASCII85" not in built.data


def test_two_builds_are_the_same_bytes(build: Any, payload: Any) -> None:
    first, second = build(payload), build(payload)
    assert first.data == second.data
    assert first.summary.sha256 == hashlib.sha256(first.data).hexdigest()
    assert first.summary.size_bytes == len(first.data)


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_builds_the_same_bytes(build: Any, payload: Any, tmp_path: Path, seed: str) -> None:
    source = tmp_path / "payload.json"
    source.write_text(json.dumps(payload), encoding="utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    answer = subprocess.run(
        [sys.executable, "-c", _BUILD_ELSEWHERE, str(Path(__file__).parent), str(source), str(elsewhere)],
        env={**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert answer.stdout.split()[-1] == build(payload).summary.sha256


def test_an_empty_period_is_one_page_that_says_so(build: Any, payload: Any) -> None:
    payload |= {"empty": True, "values": {}, "displays": {}, "kpis": {}, "charts": {}, "tables": {}}
    built = build(payload)
    assert len(built.pages) == 1
    assert "No data for this period" in built.text
    assert "Page 1 of 1" in built.text
    assert "United" in built.text


def test_notices_stand_on_the_first_page(build: Any, payload: Any) -> None:
    payload["notices"] = ["Two pictures are missing.", "Demo data."]
    assert "Two pictures are missing." in build(payload).pages[0]


def test_a_set_without_pictures_leaves_no_heading(build: Any, payload: Any) -> None:
    payload["images"] = {"pictures": []}
    assert "Pictures" not in build(payload).text


def test_pictures_are_drawn_once_each(build: Any, payload: Any) -> None:
    images = [image for page in build(payload).reader.pages for image in page.images]
    assert len(images) == 1
    assert images[0].image.size == (60, 40)


def test_bytes_that_are_no_jpeg_are_refused_by_name(build: Any, payload: Any) -> None:
    with pytest.raises(DocumentError, match=r"001\.jpg"):
        build(payload, pictures=b"GIF89a not a picture")


def test_a_picture_from_outside_of_the_run_is_refused(build: Any, payload: Any) -> None:
    payload["images"]["pictures"][0]["key"] = "artifacts/someone-elses.jpg"
    with pytest.raises(IntegrityError, match="not among the files"):
        build(payload)


def test_a_payload_of_another_shape_is_refused_by_field(build: Any, payload: Any) -> None:
    payload["period"] = {"name": "2013-W12"}
    with pytest.raises(IntegrityError, match=r"period\.label"):
        build(payload)


@pytest.mark.parametrize("command", [["qpdf", "--check"], ["pdftoppm", "-r", "20", "-png"]])
def test_other_programs_read_it_without_complaint(
    build: Any, payload: Any, tmp_path: Path, command: list[str]
) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    path = tmp_path / "report.pdf"
    path.write_bytes(build(payload).data)
    outputs = [str(tmp_path / "page")] if command[0] == "pdftoppm" else []
    answer = subprocess.run([*command, str(path), *outputs], capture_output=True, text=True, check=True)
    assert answer.stderr == ""


def test_a_picture_that_is_missing_is_said_where_it_should_stand(build: Any, payload: Any) -> None:
    fault = "Left out: picture 'set/b.png' is damaged (OSError); store it again."
    payload["images"]["pictures"].append({"fault": fault, "caption": "The second"})
    payload["document_notices"] = {"pictures": ["Pictures: showing 2 of 9."]}
    words = build(payload, "## Pictures\n\n{{ images('pictures') }}\n\nThe end.").words
    assert (
        words.index("Pictures") < words.index(fault) < words.index("showing 2 of 9") < words.index("The end")
    )


def test_a_set_without_pictures_says_so_below_its_heading(build: Any, payload: Any) -> None:
    payload["images"] = {"pictures": []}
    payload["document_notices"] = {"pictures": ["Left out: there is no picture under 'set/'."]}
    words = build(payload, "## Pictures\n\n{{ images('pictures') }}\n\nThe end.").words
    assert "Pictures Left out: there is no picture under 'set/'. The end." in words


def test_page_one_is_stored_as_a_picture_where_the_report_says_so(build: Any, payload: Any) -> None:
    first, second = (build(payload, "Text.", exports=("png",)).summary.picture for _ in range(2))
    assert first == second
    assert first.key.endswith("/report.png")
    assert build(payload, "Text.").summary.picture is None


def test_a_tile_too_narrow_for_a_number_writes_it_with_a_power_of_ten(build: Any, payload: Any) -> None:
    tile = payload["kpis"]["summary"][0] | {"value": -123456e31, "unit": "kg", "change_display": ""}
    payload["kpis"]["summary"] = [tile | {"display": f"−123,456{',000' * 10}.0"}] * 5
    words = build(payload).words
    assert words.count("−1.23 × 10³⁶") == 5
    assert "…" not in words


def test_a_tile_too_narrow_for_value_and_unit_makes_both_smaller_and_keeps_both(
    build: Any, payload: dict[str, Any]
) -> None:
    tile = payload["kpis"]["summary"][0]
    payload["kpis"]["summary"] = [{**tile, "display": f"{n},695,190.65", "unit": "kEUR"} for n in range(3, 8)]
    built = build(payload, '{{ kpis("summary") }}')
    assert built.text.count("kEUR") == 5
    assert "7,695,190.65" in built.text
