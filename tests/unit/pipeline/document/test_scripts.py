"""Scripts: every sentence is drawn in embedded fonts, joined and ordered, and copied as it was written."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from broadsheet.pipeline.document.faces import font_of
from broadsheet.pipeline.document.fonts import Face, load_fonts, text_width
from broadsheet.pipeline.document.line_drawing import draw_lines
from broadsheet.pipeline.document.lines import plain
from broadsheet.pipeline.document.pen import missing_characters
from broadsheet.pipeline.document.shaping import MOST_MARKS, set_text
from broadsheet.pipeline.document.theme import load_theme
from broadsheet.settings import Settings

BODY = load_theme(Settings().themes_dir, "broadsheet").body

SENTENCES = {
    "latin": "Zwölf Boxkämpfer jagten Łukasz über den großen Đeich – 5 € je Æblekage, çok güzel ővšem",
    "cyrillic": "Эх, ёмкий щит въезжает, жужжа: ґанок, їжак, љубав, ђак",
    "greek": "Ξεσκεπάζω τὴν ψυχοφθόρα βδελυγμία μὲ ὕφος ᾠδῆς",
    "chinese": "本周航班准点率：八成；晚点十二分钟（含天气原因）。",
    "traditional": "本週航班準點率：八成；晚點十二分鐘（含天氣原因）。",
    "japanese": "今週の到着便「ひかり」は、平均で12分おくれました。カタカナもヴもあります。",
    "korean": "이번 주 항공편의 정시율은 78.1%였습니다. 뷁쀍 한글",
    "arabic": "تقرير الأسبوع: تأخرت ثلاث رحلات بسبب الضباب لا غير",
    "arabic_vowels": "الرِّحْلَةُ الأُولَى وَصَلَتْ",
    "arabic_numbers": "بلغت النسبة (12.5%) من 4,112 رحلة في 2013",
    "arabic_digits": "بلغ العدد ١٢٫٥٪ في اليوم",
    "hebrew": "דוח שבועי: צפוף חם, גזע קט, סוף דבר",
    "hebrew_vowels": "בְּרֵאשִׁית הָיָה הַדּוּחַ",
    "hebrew_latin": "הטיסה של JetBlue (B6) מ-JFK באיחור 3.5 דקות",
    "devanagari": "क्षत्रिय ज्ञान से स्त्री ने हिन्दी में साप्ताहिक रिपोर्ट लिखी, कृपया दृष्टि र्कि ऑफ़िस",
    "mixed": "Boston בוסטון 東京 बोस्टन بوسطن Бостон end",
    "marks": "cafe\u0301 nai\u0308ve x\u0323\u0308",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _fonts() -> None:
    load_fonts(Settings().static_dir)


def drawn(texts: Sequence[str], *, face: Face = Face.SANS) -> bytes:
    """Return a document with a page for each text, on lines of 480 points."""
    target = BytesIO()
    canvas = Canvas(target, invariant=1, initialFontName=Face.SANS.value)
    style = BODY.but(face=face)
    for text in texts:
        draw_lines(canvas, plain(text, style, width=480), style, x=50, top=780, width=480, align="auto")
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def run(tool: str, *options: str, data: bytes, folder: Path) -> str:
    """Run a tool of poppler on a document and return what it prints; what it complains about fails."""
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} (poppler-utils) is not installed")
    path = folder / "drawn.pdf"
    path.write_bytes(data)
    target = {"pdftotext": ["-"], "pdftoppm": [str(folder / "page")]}.get(tool, [])
    done = subprocess.run(
        [tool, *options, str(path), *target], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""
    return done.stdout


def copied(data: bytes, folder: Path) -> list[str]:
    """Return the text of each page, without marks of direction."""
    pages = run("pdftotext", "-enc", "UTF-8", data=data, folder=folder).split("\f")[:-1]
    return [re.sub("[\u200e\u200f\u202a-\u202e]", "", page).strip() for page in pages]


def test_every_script_is_copied_as_it_was_written(tmp_path: Path) -> None:
    found = copied(drawn(list(SENTENCES.values())), tmp_path)
    assert dict(zip(SENTENCES, found, strict=True)) == SENTENCES


@pytest.mark.parametrize("face", [Face.SERIF_BOLD, Face.SERIF_ITALIC])
def test_so_it_is_in_bold_and_italics(face: Face, tmp_path: Path) -> None:
    found = [" ".join(page.split()) for page in copied(drawn(list(SENTENCES.values()), face=face), tmp_path)]
    whole = {name: text for name, text in SENTENCES.items() if text_width(text, face, 10.2) <= 480}
    assert len(whole) > 10
    assert {name: text for name, text in zip(SENTENCES, found, strict=True) if name in whole} == whole


def test_all_fonts_are_embedded_and_pages_draw_without_a_complaint(tmp_path: Path) -> None:
    data = drawn(list(SENTENCES.values()))
    rows = run("pdffonts", data=data, folder=tmp_path).splitlines()[2:]
    assert rows
    assert all(row.split()[-5:-2] == ["yes", "yes", "yes"] for row in rows)
    run("pdftoppm", "-r", "30", "-png", data=data, folder=tmp_path)


@pytest.mark.parametrize("sentence", SENTENCES.values(), ids=SENTENCES)
def test_no_glyph_is_the_one_for_missing_characters(sentence: str) -> None:
    for piece in set_text(sentence, Face.SANS).pieces:
        if piece.clusters is None:
            assert all(font_of(piece.face).glyph_of(character) for character in piece.text)
        else:
            assert all(glyph.number for cluster in piece.clusters for glyph in cluster.glyphs)


@pytest.mark.parametrize("name", ["arabic", "devanagari"])
def test_letters_that_join_are_not_the_glyphs_of_their_characters(name: str) -> None:
    shaped = [piece for piece in set_text(SENTENCES[name], Face.SANS).pieces if piece.clusters]
    glyphs = [glyph.number for piece in shaped for part in piece.clusters or () for glyph in part.glyphs]
    alone = [font_of(piece.face).glyph_of(character) for piece in shaped for character in piece.text]
    assert glyphs != alone
    assert glyphs != alone[::-1]


def test_words_stand_in_the_order_in_which_they_are_read(tmp_path: Path) -> None:
    words = ["טיסה", "ארוכה", "איחור"]
    boxes = run("pdftotext", "-bbox", "-enc", "UTF-8", data=drawn([" ".join(words)]), folder=tmp_path)
    place = {
        re.sub("[\u200e\u200f]", "", word): float(x)
        for x, word in re.findall(r'<word xMin="([\d.]+)"[^>]*>([^<]*)</word>', boxes)
    }
    # Poppler gives the letters of a word as they stand, from left to right.
    ordered = [min(x for word, x in place.items() if part in (word, word[::-1])) for part in words]
    assert ordered == sorted(ordered, reverse=True)


def test_a_paragraph_from_right_to_left_ends_at_the_right_edge(tmp_path: Path) -> None:
    boxes = run("pdftotext", "-bbox", data=drawn([SENTENCES["hebrew"]]), folder=tmp_path)
    assert max(map(float, re.findall(r'xMax="([\d.]+)"', boxes))) == pytest.approx(530, abs=1)


def test_what_no_font_has_is_a_box_that_is_copied_and_named(tmp_path: Path) -> None:
    texts = ["before \U000f0000 after", "\U0001f9ff\U00020000 after"]
    target = BytesIO()
    canvas = Canvas(target, initialFontName=Face.SANS.value)
    for text in texts:
        draw_lines(canvas, plain(text, BODY, width=480), BODY, x=50, top=780)
        canvas.showPage()
    assert missing_characters(canvas._doc) == ["U+1F9FF", "U+20000", "U+F0000"]
    canvas.save()
    assert copied(target.getvalue(), tmp_path) == texts
    assert set_text(texts[0], Face.SANS).width > text_width("before  after", Face.SANS, 1000)


def test_a_flood_of_marks_is_drawn_as_a_few_and_copied_whole(tmp_path: Path) -> None:
    flood = "Z" + "\u0301\u0323" * 500 + "!"
    glyphs = sum(
        len(cluster.glyphs) for piece in set_text(flood, Face.SANS).pieces for cluster in piece.clusters or ()
    )
    assert glyphs <= MOST_MARKS + 2
    (found,) = copied(drawn([flood]), tmp_path)
    assert unicodedata.normalize("NFC", found) == unicodedata.normalize("NFC", flood)


@pytest.mark.parametrize("joiner", ["\u200c", "\u200d"])
def test_a_joiner_between_two_scripts_is_drawn_as_nothing(joiner: str, tmp_path: Path) -> None:
    texts = [f"می{joiner} Boeing", f"שלום{joiner}a", f"a{joiner}می", joiner]
    found = copied(drawn(texts), tmp_path)
    assert ["Boeing" in found[0], "שלום" in found[1] or "םולש" in found[1]] == [True, True]
    assert set_text(f"שלום{joiner}a", Face.SANS).width == set_text("שלוםa", Face.SANS).width


def test_japanese_lines_never_begin_with_a_stop_nor_end_with_an_opening_bracket() -> None:
    text = "報告「書」。" * 30
    for width in range(64, 160, 7):
        lines = [line.text for line in plain(text, BODY, width=width)]
        assert "".join(lines) == text
        assert not any(line[0] in "」。" or line[-1] == "「" for line in lines)


def test_a_letter_and_its_marks_stay_on_one_line() -> None:
    text = "क्षि" * 60
    lines = [line.text for line in plain(text, BODY, width=60)]
    assert "".join(lines) == text
    assert all(line.startswith("क्षि") for line in lines)


def test_the_document_language_says_whose_forms_chinese_characters_have() -> None:
    faces = []
    for language in ("ja", "zh-Hans", "en-GB"):
        load_fonts(Settings().static_dir, language=language)
        faces.append(set_text("東京", Face.SANS).pieces[0].face)
    assert faces == [Face.JAPANESE, Face.CHINESE, Face.CHINESE]


def test_two_builds_are_the_same_bytes() -> None:
    texts = list(SENTENCES.values())
    assert drawn(texts) == drawn(texts)


def test_fonts_of_other_scripts_are_embedded_only_when_met() -> None:
    data = drawn(["Only Latin, Ελλάδα, Москва"])
    with pikepdf.open(BytesIO(data)) as document:
        fonts = document.pages[0].Resources.Font
        assert {str(font.BaseFont).partition("+")[2] for font in fonts.values()} == {"SourceSans3-Regular"}


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp", "Zs")), min_size=1, max_size=30)
)
def test_any_text_is_drawn_and_measured(text: str) -> None:
    load_fonts(Settings().static_dir)
    lines = plain(text, BODY, width=100)
    assert "".join(line.text for line in lines) == text
    with pikepdf.open(BytesIO(drawn([text]))) as document:
        assert len(document.pages) == 1


def test_an_arabic_document_begins_at_the_right(build: Any, payload: Any, tmp_path: Path) -> None:
    payload |= {"locale": "ar", "title": "الالتزام بالمواعيد"}
    data = build(payload, "{{ table('rows') }}", locale="ar").data
    boxes = run("pdftotext", "-bbox", "-f", "1", "-l", "1", data=data, folder=tmp_path)
    words = re.findall(r'xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)"[^>]*>([^<]*)<', boxes)
    ends = [float(end) for _, end, word in words if "الالتزام" in (word, word[::-1])]
    assert max(ends) == pytest.approx(544.3, abs=3)
    rank, distance = (min(float(x) for x, _, word in words if word == one) for one in ("#", "Distance"))
    assert rank > distance
    with pikepdf.open(BytesIO(data)) as document:
        assert str(document.Root.Lang) == "ar"
    # Poppler takes a page that is mostly Latin for one that runs from left to right.
    arabic = build(payload, "كانت الرحلات في موعدها. " * 40, locale="ar").data
    assert "صفحة 1 من 1" in copied(arabic, tmp_path)[0]
