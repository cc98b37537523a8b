"""A run in its readers' words."""

from __future__ import annotations

import pytest

from broadsheet.domain.delivery import DeliveryState
from broadsheet.domain.job import STAGES, StageState
from broadsheet.domain.run import RunState
from broadsheet.portal.pages import run_words


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("fetch failed; its log says why", "It stopped while collecting data."),
        (
            "build_pdf, render_charts failed; its log says why",
            "It stopped while drawing charts and laying out pages.",
        ),
        ("deliveries: 1 not sent, 2 accepted", "Mails: 1 not sent, 2 accepted."),
        ("the source did not answer", "The source did not answer."),
        ("something failed; its log says why", "Something failed; its log says why."),
        ("a whole sentence.", "A whole sentence."),
        ("", "No reason is known."),
        (None, "No reason is known."),
    ],
)
def test_a_reason_of_the_ledger_is_a_sentence_for_readers(reason: str | None, words: str) -> None:
    assert run_words.reason_words(reason) == words


def test_every_state_and_stage_has_words() -> None:
    assert set(run_words.BADGES) == set(RunState)
    assert set(run_words.STAGE_BADGES) == set(StageState)
    assert set(run_words.DELIVERY_TONES) == set(DeliveryState)
    for name in STAGES:
        words = run_words.reason_words(f"{name} failed; its log says why")
        assert words.startswith("It stopped while ")
