"""Figures out of the tables and views: what was asked, how it went, and what staff should look at."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlite_utils.db import Database

from knowledge.database import open_database

HOURS_A_DAY, DAYS_A_WEEK, DAYS_A_MONTH, MONTHS_A_YEAR = 24, 7, 30, 12
# Days over which an entry's card counts.
CARD_DAYS = 90


class Period(StrEnum):
    """How far back figures go, up to now."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Span:
    """A period that ends now, in the parts that a picture shows.

    Attributes:
        starts: the beginning of each part as its rows name it, oldest first: an hour (ISO 8601,
            UTC), a day or, in a year, a month.
    """

    period: Period
    starts: tuple[str, ...]


def span(period: Period, now: datetime.datetime, timezone: ZoneInfo) -> Span:
    """24 hours, 7 or 30 days, or 12 calendar months, with the one that ``now`` is in as the last."""
    if period is Period.DAY:
        hour = now.astimezone(datetime.UTC).replace(minute=0, second=0, microsecond=0)
        hours = (hour - datetime.timedelta(hours=back) for back in range(HOURS_A_DAY))
        starts = [each.isoformat(timespec="minutes") for each in hours]
    elif period is Period.YEAR:
        today = now.astimezone(timezone).date()
        months = (today.year * 12 + today.month - 1 - back for back in range(MONTHS_A_YEAR))
        starts = [f"{month // 12:04}-{month % 12 + 1:02}" for month in months]
    else:
        count = DAYS_A_WEEK if period is Period.WEEK else DAYS_A_MONTH
        today = now.astimezone(timezone).date()
        starts = [(today - datetime.timedelta(days=back)).isoformat() for back in range(count)]
    return Span(period, tuple(reversed(starts)))


@dataclass(frozen=True, slots=True)
class Part:
    """Questions of one part of a period, by what was decided."""

    start: str
    answered: int
    choices: int
    none: int


@dataclass(frozen=True, slots=True)
class Counted:
    """How often something was asked: an entry, a text, a language, a region.

    Attributes:
        name: id, masked text, or code; empty where it is not known.
    """

    name: str
    questions: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What was asked in a period and how it went.

    Attributes:
        parts: every part of the period, also those without questions, oldest first.
        helpful, not_helpful: votes under answers to these questions.
        entries: by how often a question was answered with them, most often first.
        unanswered: texts that got no answer, "none of these" or "not helpful", as entries are.
    """

    period: Period
    parts: tuple[Part, ...]
    helpful: int
    not_helpful: int
    entries: tuple[Counted, ...]
    unanswered: tuple[Counted, ...]
    languages: tuple[Counted, ...]
    regions: tuple[Counted, ...]

    @property
    def answered(self) -> int:
        """Questions that were answered."""
        return sum(part.answered for part in self.parts)

    @property
    def choices(self) -> int:
        """Questions that were asked back about."""
        return sum(part.choices for part in self.parts)

    @property
    def none(self) -> int:
        """Questions without an answer."""
        return sum(part.none for part in self.parts)

    @property
    def questions(self) -> int:
        """All questions."""
        return self.answered + self.choices + self.none


# The part of a period that a row belongs to.
_PART = (
    "CASE :period WHEN 'day' THEN asked_hour WHEN 'year' THEN substr(asked_on, 1, 7)"
    " ELSE asked_on END"
)


def figures(db: Database, of: Span) -> Figures:
    """What was asked in that span, counted from its rows."""
    within = {"period": str(of.period), "first": of.starts[0], "last": of.starts[-1]}
    condition = f"{_PART} BETWEEN :first AND :last"
    if of.period in (Period.DAY, Period.WEEK):
        # Few rows of many are found by their day; most of them are read faster in the order they lie in.
        # A day before, because it is yet yesterday in zones to the west of UTC.
        day = datetime.date.fromisoformat(of.starts[0][:10]) - datetime.timedelta(days=1)
        within["day"] = day.isoformat()
        condition += " AND asked_on >= :day"
    decided: dict[tuple[str, str], int] = {}
    helpful = not_helpful = 0
    for part, decision, questions, good, bad in db.execute(
        f"SELECT {_PART} AS part, decision, sum(questions), sum(helpful), sum(not_helpful)"  # noqa: S608
        f" FROM v_counts WHERE {condition} GROUP BY part, decision",
        within,
    ):
        decided[part, decision] = questions
        helpful, not_helpful = helpful + good, not_helpful + bad

    def counted(column: str, *, view: str = "v_counts", only: str = "1") -> tuple[Counted, ...]:
        questions = "count(*)" if view == "v_questions" else "sum(questions)"
        rows = db.execute(
            f"SELECT {column}, {questions} AS number FROM {view}"  # noqa: S608
            f" WHERE {condition} AND {only}"
            f" GROUP BY {column} ORDER BY number DESC, {column}",
            within,
        )
        return tuple(Counted(name, number) for name, number in rows)

    return Figures(
        period=of.period,
        parts=tuple(
            Part(start, *(decided.get((start, d), 0) for d in ("answer", "choices", "none")))
            for start in of.starts
        ),
        helpful=helpful,
        not_helpful=not_helpful,
        entries=counted("entry_id", only="entry_id != ''"),
        unanswered=counted("text", view="v_questions", only="unanswered"),
        languages=counted("language"),
        regions=counted("region"),
    )


def figures_in(path: Path, of: Span) -> Figures:
    """What was asked in that span, counted over a connection of its own.

    Raises:
        UnusableDatabase: the file cannot be opened.
    """
    db = open_database(path)
    try:
        return figures(db, of)
    finally:
        db.close()


@dataclass(frozen=True, slots=True)
class Votes:
    """How many found an answer helpful, and how many did not."""

    helpful: int
    not_helpful: int

    @property
    def total(self) -> int:
        """All votes."""
        return self.helpful + self.not_helpful

    @property
    def share(self) -> float | None:
        """The helpful ones (0 to 1); None without votes."""
        return self.helpful / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class EntryFigures:
    """What an entry's card says of its use.

    Attributes:
        asked: questions that were answered with it in the last 90 days.
        votes: all votes of these days.
        current: those of them under the version that is now in force.
    """

    asked: int
    votes: Votes
    current: Votes


def _votes(db: Database, condition: str, values: list[object]) -> Votes:
    row = db.execute(
        "SELECT coalesce(sum(helpful), 0), coalesce(sum(1 - helpful), 0)"  # noqa: S608
        f" FROM feedback WHERE {condition}",
        values,
    ).fetchone()
    return Votes(*row)


def entry_figures(db: Database, entry_id: str, today: datetime.date) -> EntryFigures:
    """How often the entry was asked for in the last 90 days, and how helpful it was found."""
    first = (today - datetime.timedelta(days=CARD_DAYS - 1)).isoformat()
    asked = db.execute(
        "SELECT coalesce(sum(questions), 0) FROM v_counts WHERE entry_id = ? AND asked_on >= ?",
        [entry_id, first],
    ).fetchone()[0]
    since = "entry_id = ? AND given_on >= ?"
    version = " AND entry_version = (SELECT version FROM entries WHERE id = ?)"
    return EntryFigures(
        asked=asked,
        votes=_votes(db, since, [entry_id, first]),
        current=_votes(db, since + version, [entry_id, first, entry_id]),
    )
