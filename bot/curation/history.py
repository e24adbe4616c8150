"""Every version of an entry, what has changed since, and bringing one back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import BaseHandler, CallbackContext, CallbackQueryHandler

from bot.callbacks import Code, pack, pattern
from bot.curation.publishing import Publishing
from bot.curation.showing import Showing
from bot.database import Database
from bot.markup import lines, strong
from bot.people.staff import Right
from bot.sending import send
from knowledge.entry import Entry
from knowledge.errors import NoEntry
from knowledge.revise import differences
from knowledge.store import KnowledgeStore, Version

Context = CallbackContext[Any, Any, Any, Any]
Rows = list[list[InlineKeyboardButton]]

VERSIONS_SHOWN = 10


class History:
    """Handlers for the versions of an entry."""

    def __init__(self, db: Database, publishing: Publishing) -> None:
        self._db = db
        self._publishing = publishing

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers, each for another button."""
        yield CallbackQueryHandler(self.on_history, pattern(Code.HISTORY))
        yield CallbackQueryHandler(self.on_version, pattern(Code.VERSION))
        yield CallbackQueryHandler(self.on_restore, pattern(Code.RESTORE))

    async def on_history(self, update: Update, context: Context) -> None:
        """Lists the last versions, each with a button that shows what it had otherwise."""
        found = await self._publishing.entry(update, Right.SEE)
        if found is None:
            return
        entry, _ = found
        showing = await self._publishing.showing(update)
        versions = await self._db.run(lambda db: KnowledgeStore(db).versions(entry.id))
        rows: Rows = [
            [
                InlineKeyboardButton(
                    self._version(showing, version),
                    callback_data=pack(Code.VERSION, entry.id, version.number),
                )
            ]
            for version in versions[:VERSIONS_SHOWN]
        ]
        text = showing.say("history.title", id=entry.id, count=len(versions))
        await send(update, lines(text), InlineKeyboardMarkup(rows))

    @staticmethod
    def _version(showing: Showing, version: Version) -> str:
        origin = version.origin
        if origin == "release":
            origin = showing.say("history.release")
        return f"{version.number} · {version.created_at[:16].replace('T', ' ')} · {origin}"

    async def _at_version(self, update: Update, right: Right) -> tuple[Entry, Entry] | None:
        """The entry now, and as it stood at the version that a button names."""
        found = await self._publishing.entry(update, right)
        if found is None or not found[1].isdecimal():
            return None
        entry, number = found[0], int(found[1])
        try:
            then = await self._db.run(lambda db: KnowledgeStore(db).at_version(entry.id, number))
        except NoEntry:
            return None
        return entry, then

    async def on_version(self, update: Update, context: Context) -> None:
        """Shows what has changed since a version, and offers to bring it back."""
        found = await self._at_version(update, Right.SEE)
        if found is None:
            return
        entry, then = found
        showing = await self._publishing.showing(update)
        message = [
            strong(showing.say("history.since", id=entry.id, version=then.version)),
            *showing.differences(differences(then, entry)),
        ]
        data = pack(Code.RESTORE, entry.id, then.version)
        text = showing.say("button.restore", version=then.version)
        await send(
            update,
            message,
            InlineKeyboardMarkup([[InlineKeyboardButton(text, callback_data=data)]]),
        )

    async def on_restore(self, update: Update, context: Context) -> None:
        """Proposes the entry as it stood at a version."""
        found = await self._at_version(update, Right.EDIT)
        if found is not None:
            await self._publishing.propose(update, found[1])
