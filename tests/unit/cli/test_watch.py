"""Watching files: built at once, again at every save, through errors, until Ctrl-C."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from broadsheet.cli.watch import watch_files
from broadsheet.errors import InputError


def play(acts: Sequence[Callable[[], object]]) -> Callable[[float], None]:
    """Waiting that does one act each time, and then is Ctrl-C."""
    left = iter(acts)

    def wait(seconds: float) -> None:
        del seconds
        act = next(left, None)
        if act is None:
            raise KeyboardInterrupt
        act()

    return wait


def nothing() -> None:
    """What happens while nobody saves."""


def test_every_save_of_any_file_builds_again_and_quiet_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("1")
    built: list[str] = []
    acts = [
        nothing,
        lambda: two.write_text("2"),
        nothing,
        lambda: os.utime(one, ns=(1, 1)),
        two.unlink,
        nothing,
    ]
    watch_files(
        lambda: sorted(tmp_path.iterdir()),
        lambda: built.append(",".join(path.name for path in sorted(tmp_path.iterdir()))),
        wait=play(acts),
    )
    assert built == ["one", "one,two", "one,two", "one"]
    assert "watching 2 files; Ctrl-C ends" in capsys.readouterr().out


def test_an_error_is_shown_and_watching_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.yaml"
    path.write_text("bad")
    built: list[str] = []

    def build() -> None:
        if path.read_text() == "bad":
            raise InputError("line 3 is wrong")
        built.append(path.read_text())

    watch_files(lambda: [path], build, wait=play([lambda: path.write_text("better")]))
    assert built == ["better"]
    assert "broadsheet: line 3 is wrong" in capsys.readouterr().err


def test_a_file_that_an_editor_is_replacing_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "page"
    built: list[bool] = []
    watch_files(
        lambda: [path], lambda: built.append(path.exists()), wait=play([lambda: path.write_text("x")])
    )
    assert built == [False, True]


def test_a_file_that_is_missing_for_an_instant_is_built_once_when_it_is_back(tmp_path: Path) -> None:
    path = tmp_path / "page"
    path.write_text("old")
    built: list[str] = []
    watch_files(
        lambda: [path],
        lambda: built.append(path.read_text()),
        wait=play([path.unlink, lambda: path.write_text("new"), nothing]),
    )
    assert built == ["old", "new"]


def test_a_file_moved_into_its_place_is_seen_however_old_it_is(tmp_path: Path) -> None:
    path, other = tmp_path / "page", tmp_path / ".page.swp"
    path.write_text("old")
    other.write_text("new")
    for one in (path, other):
        os.utime(one, ns=(1, 1))
    built: list[str] = []
    watch_files(
        lambda: [path],
        lambda: built.append(path.read_text()),
        wait=play([lambda: other.replace(path), nothing]),
    )
    assert built == ["old", "new"]


def test_a_file_that_vanishes_while_it_is_read_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    built: list[str] = []

    def build() -> None:
        built.append((tmp_path / "page").read_text())

    watch_files(
        lambda: tmp_path.iterdir(), build, wait=play([lambda: (tmp_path / "page").write_text("x"), nothing])
    )
    assert built == ["x"]
    assert "No such file" in capsys.readouterr().err


def test_what_is_saved_during_a_build_is_built_next(tmp_path: Path) -> None:
    path = tmp_path / "page"
    path.write_text("first")
    built: list[str] = []

    def build() -> None:
        built.append(path.read_text())
        if len(built) == 1:
            path.write_text("meanwhile")

    watch_files(lambda: [path], build, wait=play([nothing]))
    assert built == ["first", "meanwhile"]
