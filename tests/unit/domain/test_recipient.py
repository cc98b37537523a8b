"""One plain address per recipient, and nothing else gets through."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.domain.recipient import check_recipient, check_recipients
from broadsheet.errors import InputError


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("ada@broadsheet.example", "ada@broadsheet.example"),
        ("Ada.L+reports@Broadsheet.EXAMPLE", "Ada.L+reports@broadsheet.example"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
    ],
)
def test_a_plain_address_comes_back_in_ascii(text: str, normal: str) -> None:
    assert check_recipient(text) == normal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@x.example",
        "ada@",
        "ada@x.example\r\nBcc: eve@x.example",
        "ada@x.example\nDATA",
        "ada@x.example,eve@x.example",
        "ada@x.example;eve@x.example",
        "ada@x.example eve@x.example",
        '"x" <ada@x.example>, eve@x.example',
        "Ada <ada@x.example>",
        "<ada@x.example>",
        '"ada lovelace"@x.example',
        "ada(comment)@x.example",
        ".ada@x.example",
        "ada@[127.0.0.1]",
        "ada@localhost",
        "ada@x.example\x00",
        "ada@x.example\u2028eve",
        "ädä@x.example",
        "ada@x.example" + "x" * 10_000,
    ],
)
def test_anything_else_is_refused_with_the_field_named(text: str) -> None:
    with pytest.raises(InputError) as caught:
        check_recipient(text)
    assert caught.value.field == "recipients"
    assert len(str(caught.value)) < 400


def test_a_domain_that_only_looks_like_a_permitted_one_is_outside() -> None:
    with pytest.raises(InputError, match="outside the permitted domains"):
        check_recipient("ada@\u0440\u0430\u0443\u0440\u0430l.example", domains=["paypal.example"])
    assert check_recipient("ada@PAYPAL.example", domains=["Paypal.Example"]) == "ada@paypal.example"


def test_every_fault_is_reported_and_repeats_are_dropped() -> None:
    good, faults = check_recipients(["ada@x.example", "bad", "ADA@x.example", "a b@x.example"], limit=10)
    assert good == ["ada@x.example"]
    assert len(faults) == 2


def test_more_recipients_than_permitted_is_a_fault() -> None:
    _, faults = check_recipients([f"reader{number}@x.example" for number in range(3)], limit=2)
    assert "3 recipients are more than the 2 permitted" in str(faults[0])


@settings(deadline=None)
@given(st.text(max_size=60))
def test_what_passes_is_ascii_without_anything_that_a_header_or_smtp_command_could_misread(text: str) -> None:
    try:
        address = check_recipient(text)
    except InputError:
        return
    assert address.isascii()
    assert address.count("@") == 1
    assert not set(address) & set('<>,;:"()[]\\ \r\n\t\x00')
