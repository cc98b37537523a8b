"""Whoever misspelt a name is told which one was probably meant."""

from __future__ import annotations

import pytest

from broadsheet.domain.suggestion import nearest, suggest

COLUMNS = ["flight_date", "dep_delay", "arr_delay", "origin", "on_time"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("orgin", ("origin",)),
        ("ORIGIN", ("origin",)),
        ("on-time", ("on_time",)),
        ("On time", ("on_time",)),
        ("date", ("flight_date",)),
        ("late", ()),
        ("", ()),
    ],
)
def test_the_nearest_name_is_found(name: str, meant: tuple[str, ...]) -> None:
    assert nearest(name, COLUMNS) == meant


def test_a_word_of_several_names_means_one_of_them() -> None:
    names = ["departure_of_the_flight", "arrival_of_the_flight", "origin"]
    assert suggest("flight", names) == ("did you mean 'departure_of_the_flight' or 'arrival_of_the_flight'?")


def test_where_nothing_is_near_the_names_are_listed_and_a_long_list_is_cut() -> None:
    assert suggest("zebra", ["a", "b"], otherwise="use") == "use a, b"
    assert suggest("zebra", []) == "there are none"
    assert suggest("zebra", [f"column_{number}" for number in range(500)]).endswith("column_19 and 480 more")
