"""Ids that a repeated task arrives at again, tokens nobody can guess, and which deliveries may be sent."""

from __future__ import annotations

from uuid import uuid4

import pytest

from broadsheet.domain.delivery import (
    Delivery,
    DeliveryState,
    computed_id,
    message_id_of,
    new_link_token,
    token_digest,
)


def delivery(state: DeliveryState, *, unknowns: int = 0, resend_unknown: bool = True) -> Delivery:
    return Delivery(
        delivery_id=uuid4(),
        run_id=uuid4(),
        variant="main",
        recipient="ada@broadsheet.example",
        state=state,
        message_id="<x@broadsheet.example>",
        attempts=1,
        unknowns=unknowns,
        resend_unknown=resend_unknown,
        lease_until=None,
    )


def test_ids_depend_on_their_parts_and_on_where_one_part_ends() -> None:
    assert computed_id("a", "b") == computed_id("a", "b")
    assert computed_id("a", "b") != computed_id("b", "a")
    assert computed_id("ab", "c") != computed_id("a", "bc")


def test_a_message_id_is_the_same_for_every_attempt() -> None:
    ident = uuid4()
    assert message_id_of(ident, "broadsheet.example") == f"<{ident}@broadsheet.example>"


def test_tokens_are_256_bits_and_fit_into_a_path() -> None:
    tokens = {new_link_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) == 43 and token.replace("-", "").replace("_", "").isalnum() for token in tokens)


def test_a_digest_takes_any_text_that_a_stranger_sends() -> None:
    assert len(token_digest("\udcff\x00" * 50)) == 32


@pytest.mark.parametrize(
    ("state", "sendable"),
    [
        (DeliveryState.PLANNED, True),
        (DeliveryState.SENDING, False),
        (DeliveryState.ACCEPTED, False),
        (DeliveryState.REFUSED, False),
        (DeliveryState.SUPPRESSED, False),
    ],
)
def test_only_what_is_planned_may_be_sent(state: DeliveryState, *, sendable: bool) -> None:
    assert delivery(state).sendable is sendable


def test_an_unknown_end_is_repeated_once_unless_the_subscription_says_never() -> None:
    assert delivery(DeliveryState.UNKNOWN, unknowns=1).sendable
    assert not delivery(DeliveryState.UNKNOWN, unknowns=2).sendable
    assert not delivery(DeliveryState.UNKNOWN, unknowns=1, resend_unknown=False).sendable
