"""Has what follows a notice go out, through the outbox like the notice itself."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

from bot.database import Connection
from bot.notices.following.store import Following, FollowUp, follow_up
from bot.notices.notice import Notice
from bot.notices.signing.store import SignUp, make_room
from bot.people.store import SHELL
from bot.quiet import QuietHours
from knowledge.database import writing

# What would be held by quiet hours until less than this before the start goes out at once.
LAST_CALL = datetime.timedelta(hours=1)


class FollowUps:
    """Sends reminders, changes and the like to those who signed up.

    Args:
        now: gives the time, with its zone.
    """

    def __init__(self, quiet: QuietHours, now: Callable[[], datetime.datetime]) -> None:
        self._quiet = quiet
        self._now = now

    def send(
        self,
        db: Connection,
        kind: FollowUp,
        notice: Notice,
        of: int,
        *,
        number: int = 0,
        actor: int = SHELL,
    ) -> bool:
        """It goes out, in quiet hours only if it would come too late; false when it did before.

        Belongs into the transaction of what it is about.
        """
        now = self._now()
        what = Following(of, kind, number)
        urgent = self._cannot_wait(notice, now)
        return follow_up(db, what, notice, urgent=urgent, actor=actor, now=now)

    def _cannot_wait(self, notice: Notice, now: datetime.datetime) -> bool:
        until = self._quiet.until(now)
        if until is None or notice.starts is None:
            return False
        return now < notice.starts <= until + LAST_CALL

    def room(self, db: Connection, notice: Notice, of: int, moved: Sequence[SignUp]) -> None:
        """Everybody who moved up from the waiting list is told."""
        for person in moved:
            self.send(db, FollowUp.ROOM, notice, of, number=person.line)

    def make_room(self, db: Connection, notice: Notice, of: int) -> None:
        """Whoever waits comes as far as there is room now, and is told."""
        with writing(db):
            self.room(db, notice, of, make_room(db, of, self._now()))
