"""A workshop for the calendar of a phone."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from bot.notices.notice import Notice
from bot.texts import Texts
from knowledge.text import Language

PRODUCT = "-//Shebao Bot//Notices//ZH"


def calendar(
    texts: Texts,
    language: Language,
    notice: Notice,
    notice_id: int,
    *,
    bot_name: str,
    zone: ZoneInfo,
    now: datetime.datetime,
) -> bytes:
    """The workshop as an iCalendar file: new, changed or, once withdrawn, cancelled.

    Its UID never changes, so that calendars replace what they have; a correction has a higher
    SEQUENCE.

    Args:
        bot_name: part of the UID, which tells the workshops of different bots apart.
        zone: the zone in which start and end are given.

    Source: RFC 5545, RFC 5546 (METHOD, SEQUENCE).
    """
    starts, over = notice.starts, notice.over
    if starts is None or over is None:
        raise ValueError(notice_id)
    event = Event()
    event.add("uid", f"notice-{notice_id}@{bot_name}.t.me")
    event.add("dtstamp", now.astimezone(datetime.UTC))
    event.add("sequence", notice.sequence)
    event.add("summary", texts.own(language, notice.title.of(language)))
    event.add("dtstart", starts.astimezone(zone))
    event.add("dtend", over.astimezone(zone))
    event.add("description", texts.own(language, notice.text.of(language)))
    place = texts.own(language, notice.place.of(language))
    if place:
        event.add("location", place)
    if notice.map_link:
        event.add("url", notice.map_link)
    event.add("status", "CANCELLED" if notice.withdrawn else "CONFIRMED")
    whole = Calendar()
    whole.add("prodid", PRODUCT)
    whole.add("version", "2.0")
    whole.add("method", "CANCEL" if notice.withdrawn else "PUBLISH")
    whole.add_component(event)
    whole.add_missing_timezones()
    return bytes(whole.to_ical())
