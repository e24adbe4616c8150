"""Dates and times as organisers write them, and as readers read them."""

from __future__ import annotations

import datetime
import re
from zoneinfo import ZoneInfo

from babel.dates import format_date

from bot.notices.notice import Notice
from bot.texts import Texts
from knowledge.text import Language, normalise

_DAY = r"(?:(\d{4})\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?"
_TIME = r"(\d{1,2})\s*(?:[:点时]\s*(\d{1,2})?\s*分?)"
_MOMENT = re.compile(rf"{_DAY}[\st]*(?:\([^)]*\)|周.|星期.)?\s*{_TIME}(?::00)?", re.ASCII)
_ONLY_DAY = re.compile(_DAY, re.ASCII)
_ONLY_TIME = re.compile(_TIME, re.ASCII)


def read_day(written: str, today: datetime.date) -> datetime.date | None:
    """The day written as 2026-12-12, 12月12日 or 12/12; without a year the next such day."""
    found = _ONLY_DAY.fullmatch(normalise(written))
    return _day(found.groups(), today) if found else None


def _day(parts: tuple[str | None, ...], today: datetime.date) -> datetime.date | None:
    year, month, day = (int(part) if part else None for part in parts[:3])
    try:
        date = datetime.date(year or today.year, month or 0, day or 0)
        if year is None and date < today:
            date = date.replace(year=date.year + 1)
    except ValueError:
        return None
    return date


def read_time(written: str) -> datetime.time | None:
    """The time of day written as 14:00 or 14点30分."""
    found = _ONLY_TIME.fullmatch(normalise(written))
    return _time(found.group(1), found.group(2)) if found else None


def _time(hours: str, minutes: str | None) -> datetime.time | None:
    hour, minute = int(hours), int(minutes or 0)
    return datetime.time(hour, minute) if hour < 24 and minute < 60 else None


def read_moment(
    written: str, zone: ZoneInfo, today: datetime.date, day: datetime.date | None = None
) -> datetime.datetime | None:
    """Day and time written as 2026-12-12 14:00 or 12月12日14点; the time alone where the day is known."""
    text = normalise(written)
    found = _MOMENT.fullmatch(text)
    if found is not None:
        date = _day(found.groups(), today)
        time = _time(found.group(4), found.group(5))
    else:
        date, time = day, read_time(text)
    if date is None or time is None:
        return None
    return datetime.datetime.combine(date, time, zone)


def say_day(texts: Texts, language: Language, day: datetime.date) -> str:
    """The day with its weekday."""
    locale = "en" if language is Language.EN else "zh"
    return texts.own(
        language, format_date(day, texts.say(language, "announce.day_pattern"), locale=locale)
    )


def say_moment(texts: Texts, language: Language, moment: datetime.datetime) -> str:
    """Day, weekday and time, in the zone of the moment itself."""
    return f"{say_day(texts, language, moment.date())} {moment:%H:%M}"


def say_when(texts: Texts, language: Language, notice: Notice) -> str:
    """From when to when a workshop is; empty for news."""
    starts, ends = notice.starts, notice.ends
    if starts is None:
        return ""
    begin = say_moment(texts, language, starts)
    if ends is None:
        return begin
    if ends.date() == starts.date():
        return f"{begin}–{ends:%H:%M}"
    return f"{begin} – {say_moment(texts, language, ends)}"


def say_duration(texts: Texts, language: Language, seconds: float) -> str:
    """About how long, in minutes or hours."""
    minutes = max(1, round(seconds / 60))
    if minutes < 90:
        return texts.say(language, "announce.minutes", count=minutes)
    return texts.say(language, "announce.hours", count=round(minutes / 60, 1))
