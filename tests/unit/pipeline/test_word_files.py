"""Slips in the product's words of other languages are named with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadsheet.pipeline.word_files import word_file_problems

HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def test_the_shipped_words_have_no_fault() -> None:
    assert list(word_file_problems()) == []


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('msgid "{count} of {all}"\nmsgstr "{cuont} von {all}"\n', 4, "did you mean {count}?"),
        ('msgid "{count}"\nmsgstr "{count"\n', 4, "do not match"),
        ('msgid "Total"\nmsgstr "{name}"\n', 4, "{name} is no name of this text: there are none"),
        (
            'msgid "{count} row"\nmsgid_plural "{count} rows"\nmsgstr[0] "eine"\nmsgstr[1] "{n} Zeilen"\n',
            4,
            "{n} is no name",
        ),
        ('msgid "Total\nmsgstr "Summe"\n', 4, "is no line of a gettext file"),
    ],
)
def test_a_slip_is_named_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    (tmp_path / "de.po").write_text(HEAD + text, encoding="utf-8")
    found = list(word_file_problems(tmp_path))
    assert [one.line for one in found] == [line], [str(one) for one in found]
    assert said in found[0].message


def test_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "de.po").write_bytes((HEAD + 'msgid "a"\nmsgstr "ü"\n').encode("latin-1"))
    assert "cannot be read as UTF-8" in next(word_file_problems(tmp_path)).message
