"""What is sent and to whom, worked out when a notice goes into the outbox."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from bot.database import Connection
from bot.notices.afterwards import after_message
from bot.notices.audience.store import audience
from bot.notices.composing.store import read
from bot.notices.following.store import Following, FollowUp, following
from bot.notices.queueing import Prepared, Select
from bot.notices.rendering import payloads
from bot.notices.signing.store import Coming, that_one, those_signed_up, those_who_came
from bot.texts import Texts
from knowledge.text import Language


class Preparing:
    """Gives the messages of a notice, and its recipients at that moment.

    Args:
        now: gives the time, with its zone.
    """

    def __init__(self, texts: Texts, now: Callable[[], datetime.datetime]) -> None:
        self._texts = texts
        self._now = now

    def __call__(self, db: Connection, notice_id: int) -> Prepared:
        """For the notice with this number, or what follows one.

        Raises:
            NoNotice: there is none.
        """
        after = following(db, notice_id)
        if after is None:
            notice = read(db, notice_id).notice
            messages = payloads(self._texts, notice, notice_id)
            return Prepared(messages, audience(notice, self._now()))
        notice = read(db, after.of).notice
        messages = {
            str(language): after_message(self._texts, language, after.kind, notice, after.of)
            for language in Language
        }
        return Prepared(messages, _signed_up(after))


def _signed_up(after: Following) -> Select:
    match after.kind:
        case FollowUp.ROOM:
            return that_one(after.of, after.number)
        case FollowUp.CHANGED | FollowUp.WITHDRAWN:
            return those_signed_up(after.of, Coming.COMING, Coming.WAITING)
        case FollowUp.RATING:
            return those_who_came(after.of)
    return those_signed_up(after.of, Coming.COMING)
