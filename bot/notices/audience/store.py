"""Whom a notice is for, in SQLite."""

from __future__ import annotations

import datetime
from typing import Any

from sqlite_utils.db import Database

from bot.notices.notice import Notice
from bot.notices.queueing import Select
from bot.notices.rendering import readers


def _marks(values: tuple[Any, ...]) -> str:
    return f"({', '.join('?' * len(values))})"


def audience(notice: Notice, now: datetime.datetime) -> Select:
    """Everybody who gets the notice now, with the language of the message that they get."""
    spoken, conditions, values = _conditions(notice)
    return _select("chat_id", spoken, conditions, values, now)


def audience_counts(
    db: Database, notice: Notice, now: datetime.datetime
) -> dict[tuple[str, str], int]:
    """How many get the notice, by the region they want notices from and the language of the message."""
    spoken, conditions, values = _conditions(notice)
    select = _select("subscribers.region AS region", spoken, conditions, values, now)
    found = db.execute(
        f"SELECT region, language, count(*) FROM ({select.sql})"  # noqa: S608
        " GROUP BY region, language ORDER BY count(*) DESC",
        list(select.parameters),
    )
    return {(region, language): count for region, language, count in found}


SPEAKS = "coalesce(people.language, subscribers.language)"


def _conditions(notice: Notice) -> tuple[dict[str, str], list[str], list[Any]]:
    """The language of the message by that of the reader; what readers must fulfil; its values."""
    wanted = notice.audience
    spoken = readers(notice)
    if wanted.languages:
        spoken = {r: s for r, s in spoken.items() if r.split("-")[0] in wanted.languages}
    conditions = [f"{SPEAKS} IN {_marks(tuple(spoken))}"]
    values: list[Any] = list(spoken)
    if wanted.regions:
        conditions.append(f"subscribers.region IN {_marks(('', *wanted.regions))}")
        values += ["", *wanted.regions]
    if wanted.not_regions:
        conditions.append(f"subscribers.region NOT IN {_marks(wanted.not_regions)}")
        values += wanted.not_regions
    if wanted.topics:
        each = ["topics = ''", *("instr(topics, ?) > 0" for _ in wanted.topics)]
        conditions.append(f"({' OR '.join(each)})")
        values += [f",{topic}," for topic in wanted.topics]
    for numbers, verb in ((wanted.signed_up, "IN"), (wanted.not_signed_up, "NOT IN")):
        if numbers:
            conditions.append(
                f"chat_id {verb} (SELECT chat_id FROM sign_ups WHERE state != 'cancelled'"  # noqa: S608
                f" AND notice_id IN {_marks(numbers)})"
            )
            values += numbers
    return spoken, conditions, values


def _select(
    column: str,
    spoken: dict[str, str],
    conditions: list[str],
    values: list[Any],
    now: datetime.datetime,
) -> Select:
    gets = " ".join("WHEN ? THEN ?" for _ in spoken) or "WHEN '' THEN ''"
    sql = (
        f"SELECT {column}, CASE {SPEAKS} {gets} END AS language"  # noqa: S608
        " FROM subscribers LEFT JOIN people USING (chat_id)"
        " WHERE subscribers.state = 'on' AND coalesce(paused_until, '') <= ?"
        " AND chat_id NOT IN (SELECT chat_id FROM gone_chats)"
        f" AND {' AND '.join(conditions)}"
    )
    pairs = [part for pair in spoken.items() for part in pair]
    moment = now.astimezone(datetime.UTC).isoformat(timespec="seconds")
    return Select(sql, [*pairs, moment, *values])
