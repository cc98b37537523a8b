"""Blocks of a page: what stands where, which page numbers are said, and where links lead."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from broadsheet.errors import DefinitionError
from broadsheet.pipeline.document.conformance import check_pdf
from broadsheet.pipeline.document.frame import write_pages

THEMES = ("broadsheet", "boardroom")
WORDS = "Delays build up as the day goes on and aircraft bring them along with every leg. "


def links(built: Any) -> list[tuple[int, int]]:
    """Return the page of each inner link and the page that it leads to, both from 1."""
    reader = built.reader
    found = []
    for number, page in enumerate(reader.pages, start=1):
        for annotation in page.get("/Annots", []):
            target = annotation.get_object().get("/Dest")
            if target is not None:
                found.append((number, reader.get_page_number(target[0].get_object()) + 1))
    return found


def page_of(built: Any, words: str) -> int:
    """Return the last page that has words."""
    return max(number for number, text in enumerate(built.pages, start=1) if words in text)


@pytest.mark.parametrize("theme", THEMES)
def test_the_contents_name_the_pages_on_which_headings_stand(build: Any, payload: Any, theme: str) -> None:
    page = (
        "{{ contents() }}\n\n## First part\n\n{{ table('rows') }}\n\n### Second part\n\n{{ table('rows') }}\n"
    )
    built = build(payload, page, theme=theme)
    listed = dict(re.findall(r"^(First part|Second part|About this report) ?(\d+)", built.pages[0], re.M))
    assert listed == {
        "First part": "1",
        "Second part": str(page_of(built, "Second part")),
        "About this report": str(built.summary.pages),
    }
    assert [target for _, target in links(built)] == [int(number) for number in listed.values()]


def test_the_contents_go_only_as_deep_as_they_are_asked_to(build: Any, payload: Any) -> None:
    built = build(
        payload, "{{ contents('In this issue', depth=1) }}\n\n## First\n\nWords.\n\n### Below\n\nWords."
    )
    assert built.pages[0].count("First") == 2
    assert built.pages[0].count("Below") == 1
    assert "In this issue" in built.pages[0]


def test_contents_of_many_headings_go_on_over_pages(build: Any, payload: Any) -> None:
    page = "{{ contents() }}\n\n" + "\n\n".join(f"## Part {number:03d}\n\nWords." for number in range(120))
    built = build(payload, page)
    listed = {int(name): int(at) for name, at in re.findall(r"Part (\d{3}) (\d+)\b", built.text)}
    assert sorted(listed) == list(range(120))
    for number in (0, 57, 119):
        assert re.search(rf"Part {number:03d}\s", built.pages[listed[number] - 1])
    assert listed[119] == page_of(built, "Part 119")


@pytest.mark.parametrize(
    ("title", "columns"), [("Part", 2), ("A name that half of the width has no room for", 1)]
)
def test_many_short_headings_stand_in_two_columns(build: Any, payload: Any, title: str, columns: int) -> None:
    page = "{{ contents() }}\n\n" + "\n\n".join(f"## {title} {number:02d}\n\nWords." for number in range(50))
    built = build(payload, page)
    areas = [one.get_object()["/Rect"] for page in built.reader.pages for one in page.get("/Annots", [])]
    assert len({round(float(area[0])) for area in areas}) == columns
    ordered = re.findall(rf"{title} (\d\d) \d", built.text)
    assert ordered == sorted(ordered)
    assert len(ordered) == 50


def test_what_was_compared_is_named_only_where_something_was(build: Any, payload: Any) -> None:
    assert built_words(build, payload).count("Compared with") == 2
    assert "Compared with" not in built_words(build, payload | {"compared": False})


def test_who_collected_the_data_stands_with_its_sources(build: Any, payload: Any) -> None:
    payload["provenance"] = {
        "datasets": [{"name": "a", "rows": 1, "sql": "a.sql", "sha256": ""}],
        "credit": "Collected by the Bureau of Examples.",
    }
    text = built_words(build, payload)
    at = [
        text.index(words) for words in ("Where the data comes from", "Bureau of Examples", "How it was made")
    ]
    assert at == sorted(at)


def built_words(build: Any, payload: Any) -> str:
    return str(build(payload, "Words.").text)


def test_the_groups_of_a_long_table_are_in_the_contents(build: Any, payload: Any) -> None:
    payload["tables"]["rows"] |= {
        "groups": [{"start": at, "stop": at + 25, "title": f"Maker {at}"} for at in range(0, 100, 25)]
    }
    built = build(payload, '{{ contents() }}\n\n## Fleet\n\n{{ table("rows") }}\n\n## After\n\nWords.')
    listed = re.findall(r"^(Maker \d+|Fleet|After) (\d+)", built.pages[0], re.M)
    assert [name for name, _ in listed] == ["Fleet", "Maker 0", "Maker 25", "Maker 50", "Maker 75", "After"]
    for name, number in listed:
        assert name in built.pages[int(number) - 1]
    assert [target for _, target in links(built)][:6] == [int(number) for _, number in listed]


def test_a_reference_says_number_and_page_and_leads_there(build: Any, payload: Any) -> None:
    page = (
        'See {{ ref("rows") }}, not {{ ref("by_day") }}.\n\n{{ pagebreak() }}\n\n{{ chart("by_place") }}\n\n'
        '{{ chart("by_day") }}\n\n{{ pagebreak() }}\n\n{{ table("rows") }}'
    )
    built = build(payload, page, numbered=True)
    assert "See Table 1 on page 3, not Figure 2 on page 2." in " ".join(built.pages[0].split())
    assert "Figure 2. A line chart" in built.pages[1]
    assert "Table 1. All rows" in built.pages[2]
    assert links(built) == [(1, 3), (1, 2)]


def test_a_reference_of_two_digits_is_right_too(build: Any, payload: Any) -> None:
    page = 'See {{ ref("rows") }}.\n\n' + "{{ pagebreak() }}\n\nWords.\n\n" * 11 + '{{ table("rows") }}'
    built = build(payload, page)
    assert "See “All rows” on page 12." in " ".join(built.pages[0].split())
    assert "Table 1" not in built.text


@pytest.mark.parametrize(
    ("moves", "said", "most"),
    [
        ([4, 5, 6, 7, 7], "See “All rows” on page 7.", 5),
        (list(range(4, 20)), "See “All rows”.", 9),
        ([4, 5] * 9, "See “All rows”.", 4),
    ],
    ids=["late", "never", "to and fro"],
)
def test_a_reference_whose_page_does_not_settle_names_none(
    build: Any,
    payload: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    moves: list[int],
    said: str,
    most: int,
) -> None:
    rounds = iter(moves)

    def moving(*given: Any, **options: Any) -> Any:
        written = write_pages(*given, **options)
        return replace(written, places={**written.places, "table-rows": next(rounds)})

    monkeypatch.setattr("broadsheet.pipeline.pdf.write_pages", moving)
    built = build(payload, 'See {{ ref("rows") }}.\n\n{{ table("rows") }}')
    assert said in built.words
    assert ("do not settle" in caplog.text) == ("on page" not in said)
    assert len(moves) - len(list(rounds)) <= most


def test_footnotes_are_numbered_as_they_are_named_and_stand_at_the_foot_of_their_page(
    build: Any, payload: Any
) -> None:
    page = (
        "## One\n\nLate[^late] and early[^early], late[^late].\n\n[^early]: Before *schedule*.\n"
        "[^late]: Fifteen minutes,\n    {{ displays.share }} of flights.\n\n## Two\n\nOnce more[^three].\n\n"
        "[^three]: The third.\n\n{{ pagebreak() }}\n\n## Three\n\nLater[^four], and late[^late].\n\n"
        "[^four]: The fourth."
    )
    built = build(payload, page)
    first, second = (" ".join(words.split()) for words in built.pages[:2])
    order = [
        "Late¹ and early², late¹.",
        "Once more³",
        "1 Fifteen minutes, 72.3 % of flights.",
        "2 Before schedule.",
        "3 The third.",
    ]
    assert [first.index(words) for words in order] == sorted(first.index(words) for words in order)
    assert "Later⁴, and late¹." in second
    assert "4 The fourth." in second
    assert "Fifteen minutes" not in second
    # Each mark leads to its note, on whichever page it stands.
    assert links(built) == [(1, 1)] * 4 + [(2, 2), (2, 1)]


FAULTS = [
    ("Words[^late].", "there is no footnote 'late'"),
    ("Words[^late].\n\n[^lite]: Text.", "did you mean 'lite'"),
    ("Words.\n\n[^late]: Text.", "nothing refers to footnote 'late'"),
    ("Words[^a].\n\n[^a]: One.\n[^a]: Two.", "written twice"),
    ("> [!warnig] Words", "did you mean 'warning'"),
    ("{{ columns() }}\n\nWords.", "never ended"),
    ("Words.\n\n{{ column() }}", "needs a {{ columns() }} before it"),
    (
        "{{ columns() }}\n\na\n\n{{ column() }}\n\nb\n\n{{ column() }}\n\nc\n\n{{ end_columns() }}",
        "two columns",
    ),
    ("{{ columns() }}\n\n{{ pagebreak() }}\n\n{{ end_columns() }}", "cannot stand within columns"),
    ("{{ contents(depth=7) }}", "depth of contents() is 1 or 2"),
    ("Words {{ contents() }} words.", "in a paragraph of its own"),
]


@pytest.mark.parametrize(("page", "said"), FAULTS)
def test_what_a_page_may_not_hold_is_refused_by_name(build: Any, payload: Any, page: str, said: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        build(payload, page)
    assert said in str(caught.value)


def test_footnote_marks_and_callouts_in_data_stay_text(build: Any, payload: Any) -> None:
    payload["displays"]["share"] = "[^late] [!warning]"
    words = build(payload, "{{ displays.share }}\n\n> {{ displays.share }}").words
    assert words.count("[^late] [!warning]") == 2


def test_a_callout_says_what_it_is_in_words_and_holds_whatever_text_can(build: Any, payload: Any) -> None:
    page = (
        "> [!warning] Two days are missing\n> The feed **stopped**.\n>\n> - one\n> - {{ displays.share }}\n\n"
        "> [!good]\n> All arrived.\n\n> An ordinary quotation."
    )
    words = build(payload, page).words
    assert "Warning Two days are missing The feed stopped. • one • 72.3 %" in words
    assert "Good All arrived." in words
    assert "[!" not in words


def test_text_is_balanced_over_two_columns_and_read_down_the_first(build: Any, payload: Any) -> None:
    sentences = [WORDS.replace("every", f"the n{number}") for number in range(12)]
    page = "{{ columns() }}\n\n" + "\n\n".join(sentences) + "\n\n{{ end_columns() }}"
    words = build(payload, page).words
    places = [words.index(f"the n{number} leg") for number in range(12)]
    assert places == sorted(places)


def test_columns_of_many_pages_lose_nothing(build: Any, payload: Any) -> None:
    page = "{{ columns() }}\n\n" + (WORDS * 40 + "\n\n") * 6 + "{{ end_columns() }}"
    built = build(payload, page)
    assert built.summary.pages > 2
    assert built.words.count("aircraft") == 240


@pytest.mark.parametrize(
    "page",
    [
        "| A | B |\n|---|---|\n| {{ displays.share }} | x |",
        "Words[^a].\n\n[^a]: {{ displays.share }}",
        "> [!note] {{ displays.share }}\n> {{ displays.share }}",
        "{{ columns() }}\n\n{{ displays.share }}\n\n{{ end_columns() }}",
        "{{ columns() }}\n\nWords.\n\n{{ column() }}\n\n{{ displays.share }}\n\n{{ end_columns() }}",
        "{{ contents() }}\n\n## {{ displays.share }}\n\nWords.",
        "{{ cover(subtitle=displays.share) }}\n\nWords.",
        '{{ columns() }}\n\n{{ table("rows") }}\n\n{{ column() }}\n\n> [!good] Good\n> {{ displays.share }}'
        "\n\n{{ end_columns() }}",
    ],
)
@pytest.mark.parametrize("value", ["word " * 3_000, "W" * 9_000])
def test_blocks_hold_values_of_any_length(build: Any, payload: Any, page: str, value: str) -> None:
    payload["displays"]["share"] = value
    assert "About this report" in build(payload, page).pages[-1]


def test_what_is_put_side_by_side_starts_at_one_height(build: Any, payload: Any) -> None:
    page = (
        '{{ columns() }}\n\n{{ chart("by_place") }}\n\n{{ column() }}\n\nBeside the chart.\n\n'
        "| A | B |\n|---|---:|\n| one | {{ displays.share }} |\n\n{{ end_columns() }}\n\nBelow."
    )
    words = build(payload, page).words
    places = [words.index(part) for part in ("hbar chart", "Beside the chart.", "A B one 72.3 %", "Below.")]
    assert places == sorted(places)


@pytest.mark.parametrize("theme", THEMES)
def test_a_cover_is_a_page_of_its_own_and_takes_the_mastheads_place(
    build: Any, payload: Any, theme: str
) -> None:
    page = '{{ cover(subtitle="All that flew", picture="pictures") }}\n\n## After it\n\nWords.'
    built = build(payload, page, theme=theme)
    first, second, *_ = built.pages
    for words in ("WEEKLY REPORT", "Punctuality", "All that flew", "United", "Page 1 of", "Data as of"):
        assert words in first
    assert "After it" in second
    assert "WEEKLY REPORT" not in second
    assert len(built.reader.pages[0].images) == 1
    assert [str(entry.title) for entry in built.reader.outline[:1]] == ["Punctuality"]


@pytest.mark.parametrize("theme", THEMES)
def test_every_page_says_title_period_zone_number_and_date_of_the_data(
    build: Any, payload: Any, theme: str
) -> None:
    built = build(payload, theme=theme)
    for number, text in enumerate(built.pages, start=1):
        words = " ".join(text.split())
        assert "Punctuality" in words
        assert "Week 12, 18–24 March 2013 (America/New_York)" in words
        assert "Data as of 22 November 2026, 00:00 EST" in words
        assert f"Page {number} of {built.summary.pages}" in words


def test_the_last_page_says_where_the_numbers_come_from_and_what_is_missing(build: Any, payload: Any) -> None:
    payload["provenance"] = {
        "report_version": "3",
        "faults": ["Left out: picture 'apron.tif' is damaged."],
        "datasets": [
            {"name": "flights", "rows": 12873, "sql": "probe/flights.sql", "sha256": "ab" * 32,
             "query_sha256": "cd" * 32}
        ],
    }  # fmt: skip
    payload["charts"]["by_place"]["series"] = []
    payload["tables"]["rows"] |= {"rows": [], "shown": 0, "total_rows": 0}
    last = " ".join(build(payload).pages[-1].split())
    said = (
        "About this report", "Airline United", "version 3", "flights 12,873 probe/flights.sql", "cd" * 8,
        "ab" * 8, "apron.tif", "Chart “A hbar chart”", "Table “All rows”",
    )  # fmt: skip
    assert [words for words in said if words not in last] == []


def test_the_last_page_says_for_which_slot_of_a_subscription_it_was_made(build: Any, payload: Any) -> None:
    last = " ".join(build(payload, revision=4).pages[-1].split())
    assert "revision 4" in last
    assert "Made for 25 March 2013, 05:00 EDT" in last
    asked = " ".join(build(payload).pages[-1].split())
    assert "Made for" not in asked


def test_characters_that_no_font_has_are_listed_at_the_end(build: Any, payload: Any) -> None:
    payload["displays"]["share"] = "box \U000e1234"
    last = " ".join(build(payload).pages[-1].split())
    assert "Characters that no font has are shown as boxes: U+E1234." in last
    assert "Nothing is missing" not in last


def test_no_notice_is_lost(build: Any, payload: Any) -> None:
    payload["notices"] = [f"Notice {number:02d}." for number in range(20)]
    built = build(payload)
    assert "8 more of these stand on the last page." in built.pages[0]
    assert "Notice 19." in built.pages[-1]


def test_nothing_missing_is_said_too(build: Any, payload: Any) -> None:
    assert "Nothing is missing." in build(payload).pages[-1]


ALL = """
{{ cover(picture="pictures") }}
{{ contents() }}

## In short

{{ kpis("summary") }}

See[^a] {{ ref("rows") }}.

> [!note] How to read this
> Words.

{{ columns() }}

{{ chart("by_place") }}

{{ column() }}

| A | B |
|---|---|
| [one](https://example.com) | two |

{{ end_columns() }}

[^a]: A note.

## Rows

{{ table("rows") }}

{{ images("pictures") }}
"""


def test_in_a_language_read_from_right_to_left_the_first_column_is_the_right_one(
    build: Any, payload: Any
) -> None:
    payload["locale"] = "ar"
    page = "{{ columns() }}\n\nFirst\n\n{{ column() }}\n\nSecond\n\n{{ end_columns() }}\n\n{{ contents() }}"
    built = build(payload, page, locale="ar")
    assert check_pdf(built.data) == []
    assert "المحتويات" in built.words
    lefts: dict[str, float] = {}

    def note(text: str, matrix: Any, at: Any, *_: Any) -> None:
        lefts[text.strip()] = matrix[4] + at[4]

    built.reader.pages[0].extract_text(visitor_text=note)
    assert lefts["First"] > 400 > 260 > lefts["Second"]


@pytest.mark.parametrize("theme", THEMES)
def test_all_blocks_together_are_the_same_bytes_and_keep_the_rules(
    build: Any, payload: Any, theme: str, tmp_path: Path
) -> None:
    built = build(payload, ALL, theme=theme, numbered=True)
    assert built.data == build(payload, ALL, theme=theme, numbered=True).data
    assert check_pdf(built.data) == []
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm is not installed")
    path = tmp_path / "report.pdf"
    path.write_bytes(built.data)
    answer = subprocess.run(
        ["pdftoppm", "-r", "20", "-png", str(path), str(tmp_path / "page")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stderr == ""


def test_only_what_the_page_asks_for_can_be_missing(build: Any, payload: Any) -> None:
    payload["tables"]["rows"] |= {"rows": [], "shown": 0, "total_rows": 0}
    assert "Nothing is missing." in build(payload, "Words.").text
    assert "no rows for it" in build(payload, "{{ table('rows') }}").words
