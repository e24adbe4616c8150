"""No second holds more messages than the rate, however late the clock's owner wakes up."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.notices.pace import CATCH_UP_SECONDS, WINDOW_SECONDS, Pace


def turns(rate: int, lateness: list[float]) -> list[float]:
    """When turns were taken by somebody who sleeps as told and then so much longer."""
    time = 0.0
    pace = Pace(rate, lambda: time)
    taken = []
    for late in lateness:
        while (wait := pace.wait()) > 0:
            time += wait + late
        pace.take()
        taken.append(time)
    return taken


def most_in_a_second(taken: list[float]) -> int:
    return max(sum(begin <= moment < begin + 1 for moment in taken) for begin in taken)


@given(
    rate=st.integers(1, 40),
    lateness=st.lists(st.sampled_from([0.0, 0.001, 0.02, 0.3, 5.0]), min_size=2, max_size=120),
)
def test_no_second_holds_more_than_the_rate(rate: int, lateness: list[float]) -> None:
    assert most_in_a_second(turns(rate, lateness)) <= rate


@pytest.mark.parametrize("rate", [1, 25, 1000])
def test_the_rate_is_held_within_three_percent_or_five_when_busy(rate: int) -> None:
    taken = turns(rate, [0.0005] * rate * 10)
    held = (len(taken) - 1) / (taken[-1] - taken[0])
    assert rate * (0.97 if rate <= 100 else 0.94) <= held <= rate


def test_turns_are_spread_and_not_taken_all_at_once() -> None:
    taken = turns(25, [0.0] * 100)
    assert min(b - a for a, b in pairwise(taken)) == pytest.approx(WINDOW_SECONDS / 25)


def test_a_restart_waits_out_what_the_process_before_may_have_sent() -> None:
    assert turns(25, [0.0])[0] >= 1


def test_what_was_not_sent_for_long_is_not_caught_up_in_a_burst() -> None:
    taken = turns(25, [0.0, 10.0, 0.0, 0.0, 0.0])
    behind = CATCH_UP_SECONDS / (WINDOW_SECONDS / 25)
    assert sum(moment - taken[1] < 0.001 for moment in taken[2:]) <= behind + 1
