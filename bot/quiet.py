"""Quiet hours: when nobody is written to who did not write first."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

WRITTEN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day to another, over midnight where the second is the earlier; equal: never."""

    begins: datetime.time
    ends: datetime.time
    zone: ZoneInfo

    def until(self, moment: datetime.datetime) -> datetime.datetime | None:
        """When the quiet hours end that ``moment`` falls in, in UTC; None when it falls in none.

        Args:
            moment: any time with its zone.
        """
        local = moment.astimezone(self.zone)
        time = local.time()
        over_midnight = self.begins > self.ends
        after, before = time >= self.begins, time < self.ends
        if not (after or before if over_midnight else after and before):
            return None
        tomorrow = over_midnight and time >= self.begins
        day = local.date() + datetime.timedelta(days=tomorrow)
        end = datetime.datetime.combine(day, self.ends, self.zone).astimezone(datetime.UTC)
        # Where clocks were just put back, the end can lie behind us.
        return end if end > moment else None

    def begin_after(self, moment: datetime.datetime) -> datetime.datetime | None:
        """When the next quiet hours begin after ``moment``, in UTC; None when there are none."""
        if self.begins == self.ends:
            return None
        day = moment.astimezone(self.zone).date()
        for days in range(3):
            date = day + datetime.timedelta(days=days)
            begin = datetime.datetime.combine(date, self.begins, self.zone)
            if begin > moment:
                return begin.astimezone(datetime.UTC)
        return None

    def finish(self, start: datetime.datetime, seconds: float) -> datetime.datetime:
        """When sending that takes so many seconds is done, if it rests in quiet hours; in UTC."""
        moment = self.until(start) or start.astimezone(datetime.UTC)
        left = datetime.timedelta(seconds=seconds)
        while (begin := self.begin_after(moment)) is not None and moment + left > begin:
            left -= begin - moment
            moment = self.until(begin) or begin
            if moment == begin:
                break
        return moment + left


def read_quiet_hours(written: str, zone: ZoneInfo) -> QuietHours | None:
    """The quiet hours written as ``21:00-08:00``; None when that is not what is written."""
    found = WRITTEN.fullmatch(written.strip())
    if found is None:
        return None
    first, second, third, fourth = map(int, found.groups())
    return QuietHours(datetime.time(first, second), datetime.time(third, fourth), zone)
