"""The token bucket, on a clock of the test's own."""

from __future__ import annotations

from broadsheet.portal.rate_limit import RateLimiter


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def limiter(clock: Clock, *, most_addresses: int = 100) -> RateLimiter:
    return RateLimiter(burst=2, per_second=0.5, most_addresses=most_addresses, monotonic=clock)


def test_a_burst_passes_and_then_a_steady_rate() -> None:
    clock = Clock()
    limits = limiter(clock)
    assert [limits.wait("192.0.2.1") for _ in range(3)] == [0.0, 0.0, 2.0]
    clock.now = 1.0
    assert limits.wait("192.0.2.1") == 1.0
    clock.now = 2.0
    assert limits.wait("192.0.2.1") == 0.0


def test_asking_while_refused_costs_nothing() -> None:
    clock = Clock()
    limits = limiter(clock)
    for _ in range(50):
        limits.wait("192.0.2.1")
    clock.now = 2.0
    assert limits.wait("192.0.2.1") == 0.0


def test_addresses_do_not_hinder_one_another_but_one_ipv6_network_is_one_party() -> None:
    limits = limiter(Clock())
    for number in range(3):
        limits.wait(f"2001:db8::{number}")
    assert limits.wait("2001:db8::99") > 0
    assert limits.wait("2001:db8:0:1::1") == 0.0
    assert limits.wait("192.0.2.1") == 0.0


def test_many_readers_behind_one_address_are_not_taken_for_somebody_who_guesses() -> None:
    limits = RateLimiter(burst=10, per_second=1.0, known_cost=0.1, monotonic=Clock())
    for _ in range(90):
        assert limits.wait("192.0.2.1") == 0.0
        limits.welcome("192.0.2.1")
    # Nine tenths are used up; what is left is one guess.
    assert limits.wait("192.0.2.1") == 0.0
    assert limits.wait("192.0.2.1") > 0


def test_good_links_too_have_a_limit() -> None:
    limits = RateLimiter(burst=2, per_second=1.0, known_cost=0.5, monotonic=Clock())
    passed = 0
    while limits.wait("192.0.2.1") == 0.0:
        limits.welcome("192.0.2.1")
        passed += 1
    assert passed == 3


def test_good_links_never_save_up_more_than_a_burst_of_guesses() -> None:
    clock = Clock()
    limits = limiter(clock)
    for _ in range(100):
        limits.wait("192.0.2.1")
        clock.now += 10
        limits.welcome("192.0.2.1")
    assert [limits.wait("192.0.2.1") for _ in range(3)] == [0.0, 0.0, 2.0]


def test_a_welcome_to_an_address_that_was_forgotten_changes_nothing() -> None:
    limits = limiter(Clock())
    limits.welcome("192.0.2.1")
    assert [limits.wait("192.0.2.1") for _ in range(3)] == [0.0, 0.0, 2.0]


def test_memory_is_bounded() -> None:
    limits = limiter(Clock(), most_addresses=10)
    for number in range(1000):
        limits.wait(f"address-{number}")
    assert len(limits._buckets) == 10
