"""File names that are readable, safe to save, and safe in a header."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.domain.file_name import content_disposition, safe_file_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Airline punctuality, 2013-W12.pdf", "Airline punctuality, 2013-W12.pdf"),
        ("../../etc/passwd", "etc-passwd.pdf"),
        ("report\u202efdp.exe", "reportfdp.exe.pdf"),
        ('a"b\r\nX-Evil: 1', "a-b X-Evil- 1.pdf"),
        ("con", "report con.pdf"),
        ("...", "report.pdf"),
        ("", "report.pdf"),
        ("Übersicht", "Übersicht.pdf"),
    ],
)
def test_the_readable_part_of_a_text_is_kept(text: str, name: str) -> None:
    assert safe_file_name(text, extension="pdf") == name


@settings(deadline=None)
@given(st.text())
def test_any_text_gives_a_name_that_file_systems_and_headers_take(text: str) -> None:
    name = safe_file_name(text, extension="pdf")
    assert len(name.encode()) <= 200
    assert name.endswith(".pdf")
    assert not set(name) & set('\\/:*?"<>|\r\n\x00\u202e')
    assert not name.startswith((".", " "))
    assert safe_file_name(name, extension="pdf") == name
    header = content_disposition(name)
    assert header.isascii()
    assert header.isprintable()


@pytest.mark.parametrize("name", ["report.pdf", "Übersicht 2013.pdf", "日本.pdf", "100 % 'true'.pdf"])
def test_readers_of_the_header_get_the_name_back(name: str) -> None:
    message = EmailMessage()
    message["Content-Disposition"] = content_disposition(name).partition("; filename*=")[0]
    assert message.get_filename("").isascii()
    message = EmailMessage()
    message["Content-Disposition"] = "inline; " + content_disposition(name).partition('"; ')[2]
    assert message.get_filename("") == name
