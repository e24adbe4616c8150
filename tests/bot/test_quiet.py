"""Quiet hours: over midnight, within a day, none at all, and where clocks are changed."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.quiet import QuietHours, read_quiet_hours

SHANGHAI = ZoneInfo("Asia/Shanghai")


def hours(written: str, zone: ZoneInfo = SHANGHAI) -> QuietHours:
    found = read_quiet_hours(written, zone)
    assert found is not None
    return found


def at(day: int, hour: int, minute: int = 0, zone: ZoneInfo = SHANGHAI) -> datetime.datetime:
    return datetime.datetime(2026, 11, day, hour, minute, tzinfo=zone)


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        (at(25, 20, 59), None),
        (at(25, 21), at(26, 8)),
        (at(25, 23, 59), at(26, 8)),
        (at(26, 0), at(26, 8)),
        (at(26, 7, 59), at(26, 8)),
        (at(26, 8), None),
    ],
)
def test_the_night_is_quiet_until_the_morning(
    moment: datetime.datetime, until: datetime.datetime | None
) -> None:
    assert hours("21:00-08:00").until(moment) == until


def test_quiet_hours_can_lie_within_a_day() -> None:
    lunch = hours("12:00-14:00")
    assert lunch.until(at(25, 13)) == at(25, 14)
    assert lunch.until(at(25, 14)) is None
    assert lunch.until(at(25, 11, 59)) is None


def test_equal_times_mean_that_there_are_none() -> None:
    never = hours("00:00-00:00")
    assert never.until(at(25, 0)) is None
    assert never.finish(at(25, 20), 86_400) == at(26, 20)


def test_sending_rests_at_night() -> None:
    night = hours("21:00-08:00")
    assert night.finish(at(25, 20), 1_800) == at(25, 20, 30)
    assert night.finish(at(25, 20), 2 * 3600) == at(26, 9)
    assert night.finish(at(25, 22), 60) == at(26, 8, 1)
    assert night.finish(at(25, 20), (1 + 13 + 1) * 3600) == at(27, 9)


def test_the_hour_that_is_skipped_in_spring_does_not_trap_anybody() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = hours("22:00-02:30", berlin)  # there is no 02:30 on that day
    evening = datetime.datetime(2026, 3, 28, 23, 0, tzinfo=berlin)
    until = night.until(evening)
    assert until is not None
    assert evening < until <= evening + datetime.timedelta(hours=4, minutes=30)
    assert night.until(until) is None


@pytest.mark.parametrize("written", ["", "21-8", "21:00", "24:00-08:00", "21:60-08:00", "never"])
def test_anything_else_is_not_understood(written: str) -> None:
    assert read_quiet_hours(written, SHANGHAI) is None
