"""What staff have begun in the chat: kept in SQLite, and in memory to tell what a message is meant for."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from telegram import Message
from telegram.constants import ChatType
from telegram.ext.filters import MessageFilter

from bot import store
from bot.database import Database
from bot.store import Draft

__all__ = ["Draft", "Drafts", "WaitingFor"]


class Drafts:
    """The drafts of all staff; a restart loses none.

    Args:
        now: gives the time, with its zone.
    """

    def __init__(self, db: Database, now: Callable[[], datetime.datetime]) -> None:
        self._db = db
        self._now = now
        self._drafts: dict[tuple[int, str], Draft] = {}

    async def load(self) -> None:
        """The drafts of before the start are known."""
        found = await self._db.run(store.drafts)
        self._drafts = {(draft.user_id, draft.kind): draft for draft in found}

    def get(self, user_id: int, kind: str) -> Draft | None:
        """What this person has begun of that kind."""
        return self._drafts.get((user_id, kind))

    def waiting(self, user_id: int) -> Draft | None:
        """The draft that this person's next message is meant for."""
        for (owner, _), draft in self._drafts.items():
            if owner == user_id and draft.waiting:
                return draft
        return None

    async def keep(self, draft: Draft) -> None:
        """The draft is kept; if it waits for a message, no other of this person does."""
        now = self._now()
        await self._db.run(partial(store.keep_draft, draft=draft, now=now))
        if draft.waiting:
            for key, other in self._drafts.items():
                if other.user_id == draft.user_id:
                    self._drafts[key] = replace(other, waiting="")
        self._drafts[draft.user_id, draft.kind] = draft

    async def drop(self, user_id: int, kind: str) -> None:
        """The draft is gone."""
        await self._db.run(partial(store.drop_draft, user_id=user_id, kind=kind))
        self._drafts.pop((user_id, kind), None)


class WaitingFor(MessageFilter):
    """Messages in private of somebody whose draft of this kind waits for one."""

    def __init__(self, drafts: Drafts, kind: str) -> None:
        super().__init__(name=f"WaitingFor({kind})")
        self._drafts = drafts
        self._kind = kind

    def filter(self, message: Message) -> bool:
        """Whether the draft waits for this message."""
        if message.from_user is None or message.chat.type != ChatType.PRIVATE:
            return False
        if (message.text or "").startswith("/"):
            return False
        draft = self._drafts.waiting(message.from_user.id)
        return draft is not None and draft.kind == self._kind
