"""What goes out of date, in SQLite: dead numbers, answers that help less, and who got which digest."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils.db import Database

from bot.curation.figures_store import Votes
from bot.people import store
from knowledge.database import insert, insert_all, writing

# Two stretches of votes are compared; fewer votes in one of them, or a smaller fall, are chance.
COMPARED_WEEKS = 4
LEAST_VOTES = 10
LEAST_FALL = 0.15

# The row of a week itself in `digests`.
EVERYBODY = 0


@dataclass(frozen=True, slots=True)
class DeadNumber:
    """Reports that a number does not work in a place, not yet settled.

    Attributes:
        region: two-digit code, or empty where it was not known.
        last: id of the newest of the reports.
        first_on, last_on: days of the oldest and the newest, ISO 8601.
    """

    contact: str
    region: str
    reports: int
    last: int
    first_on: str
    last_on: str


def dead_numbers(db: Database) -> list[DeadNumber]:
    """What was reported and is not settled, most reports first."""
    found = db.execute(
        "SELECT contact, region, count(*) AS reports, max(id), min(reported_on), max(reported_on)"
        " FROM dead_numbers WHERE settled_on IS NULL"
        " GROUP BY contact, region ORDER BY reports DESC, contact, region"
    )
    return [DeadNumber(*row) for row in found]


def settle(
    db: Database, contact: str, region: str, *, last: int, actor: int, now: datetime.datetime
) -> int:
    """The reports up to the one with the id ``last`` are settled, and the log says by whom; their number."""
    with writing(db):
        settled = db.execute(
            "UPDATE dead_numbers SET settled_on = ?"
            " WHERE contact = ? AND region = ? AND id <= ? AND settled_on IS NULL",
            [now.date().isoformat(), contact, region, last],
        ).rowcount
        if settled:
            store.record(
                db,
                actor=actor,
                act="number.settled",
                subject=contact,
                before={"region": region, "reports": settled},
                after=None,
                now=now,
            )
    return settled


@dataclass(frozen=True, slots=True)
class Fallen:
    """An entry that was found less helpful in the last weeks than in those before."""

    entry_id: str
    before: Votes
    now: Votes


def fallen(db: Database, today: datetime.date) -> list[Fallen]:
    """Entries whose helpful share fell clearly, the deepest fall first."""
    weeks = datetime.timedelta(weeks=COMPARED_WEEKS)
    middle, first = today - weeks, today - 2 * weeks
    found: list[tuple[float, Fallen]] = []
    for entry_id, *counts in db.execute(
        "SELECT entry_id,"
        " sum(given_on <= :middle AND helpful), sum(given_on <= :middle AND NOT helpful),"
        " sum(given_on > :middle AND helpful), sum(given_on > :middle AND NOT helpful)"
        " FROM feedback WHERE given_on > :first AND given_on <= :today GROUP BY entry_id",
        {"middle": middle.isoformat(), "first": first.isoformat(), "today": today.isoformat()},
    ):
        before, now = Votes(*counts[:2]), Votes(*counts[2:])
        if min(before.total, now.total) < LEAST_VOTES:
            continue
        fall = before.helpful / before.total - now.helpful / now.total
        if fall >= LEAST_FALL:
            found.append((fall, Fallen(entry_id, before, now)))
    return [each for _, each in sorted(found, key=lambda x: (-x[0], x[1].entry_id))]


def begin_week(
    db: Database, week: datetime.date, recipients: Sequence[int], now: datetime.datetime
) -> None:
    """Each recipient is to get the digest of that week; once begun, a week stays as it was begun.

    The week in which the bot runs for the first time has nothing to tell yet, and no recipients.
    """
    with writing(db):
        digests = db.table("digests")
        name = week.isoformat()
        if digests.count_where("week = ? AND user_id = ?", [name, EVERYBODY]):
            return
        first_ever = digests.count == 0
        moment = now.isoformat(timespec="seconds")
        insert(db, "digests", {"week": name, "user_id": EVERYBODY, "taken_at": moment})
        if not first_ever:
            insert_all(db, "digests", [{"week": name, "user_id": user} for user in recipients])


def take_recipient(db: Database, week: datetime.date, now: datetime.datetime) -> int | None:
    """Somebody who is to get the digest of that week, and from now on counts as having got it."""
    with writing(db):
        found = db.execute(
            "SELECT user_id FROM digests WHERE week = ? AND taken_at IS NULL LIMIT 1",
            [week.isoformat()],
        ).fetchone()
        if found is None:
            return None
        db.execute(
            "UPDATE digests SET taken_at = ? WHERE week = ? AND user_id = ?",
            [now.isoformat(timespec="seconds"), week.isoformat(), found[0]],
        )
    return int(found[0])


def give_back(db: Database, week: datetime.date, user_id: int) -> None:
    """The digest surely did not reach this recipient, who is to get it still."""
    with writing(db):
        db.execute(
            "UPDATE digests SET taken_at = NULL WHERE week = ? AND user_id = ?",
            [week.isoformat(), user_id],
        )


def week_begun(db: Database, week: datetime.date) -> bool:
    """Whether the digest of that week has been begun."""
    return bool(
        db.table("digests").count_where("week = ? AND user_id = ?", [week.isoformat(), EVERYBODY])
    )
