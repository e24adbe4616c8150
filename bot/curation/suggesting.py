"""A tap on "did you mean" suggests a phrasing; an editor accepts it or not, and nothing learns by itself."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Any

from telegram import CallbackQuery, Update
from telegram.ext import BaseHandler, CallbackContext, CallbackQueryHandler, CommandHandler

from bot.callbacks import Code, pattern, unpack
from bot.curation import queue_store as store
from bot.curation.gathering import Gathering, Suggestion, phrasings, with_phrasings
from bot.curation.queue_store import How
from bot.curation.queue_view import Views, page_number
from bot.database import Database
from bot.live import Live
from bot.markup import lines
from bot.people.staff import Right, Staff
from bot.sending import acknowledge, send
from knowledge.entry import Entry

Context = CallbackContext[Any, Any, Any, Any]
Propose = Callable[[Update, Entry, Sequence[str]], Awaitable[None]]


class Suggesting:
    """Handlers for suggested phrasings.

    Args:
        propose: shows an editor what a changed entry would bring, with a button to publish it.
        now: gives the time, with its zone.
    """

    def __init__(
        self,
        db: Database,
        live: Live,
        staff: Staff,
        gathering: Gathering,
        views: Views,
        *,
        propose: Propose,
        now: Callable[[], datetime.datetime],
    ) -> None:
        self._db = db
        self._live = live
        self._staff = staff
        self._gathering = gathering
        self._views = views
        self._propose = propose
        self._now = now

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers, each for another command or button."""
        yield CommandHandler("suggestions", self.suggestions)
        yield CallbackQueryHandler(self.on_suggestions, pattern(Code.SUGGESTIONS))
        yield CallbackQueryHandler(self.on_suggestion, pattern(Code.SUGGESTION))
        yield CallbackQueryHandler(self.on_accept, pattern(Code.SUGGESTION_ACCEPT))
        yield CallbackQueryHandler(self.on_reject, pattern(Code.SUGGESTION_REJECT))

    async def suggestions(self, update: Update, context: Context) -> None:
        """Shows what was chosen under "did you mean" and is no phrasing yet."""
        if await self._staff.may(update, Right.SEE):
            await self._list(update, 0)

    async def on_suggestions(self, update: Update, context: Context) -> None:
        """Shows another page."""
        query = update.callback_query
        if query is None or not await self._staff.may(update, Right.SEE):
            return
        (page,) = unpack(query.data or "", 1)
        await acknowledge(query)
        await self._list(update, page_number(page))

    async def _list(self, update: Update, page: int) -> None:
        suggested = await self._gathering.suggested()
        view = await self._views.of(update)
        await send(update, *view.suggestions(suggested, dict(self._live.base.entries), page))

    async def _tapped(
        self, update: Update, right: Right
    ) -> tuple[CallbackQuery, Suggestion, Entry] | None:
        """What a button names, for whoever has the right; otherwise they know why not."""
        query = update.callback_query
        if query is None or not await self._staff.may(update, right):
            return None
        (question_id,) = unpack(query.data or "", 1)
        suggestion = await self._gathering.suggestion(question_id)
        entry = self._live.base.entries.get(suggestion.entry_id) if suggestion else None
        if suggestion is None or entry is None:
            view = await self._views.of(update)
            await acknowledge(query, view.say("queue.gone"), alert=True)
            return None
        return query, suggestion, entry

    async def on_suggestion(self, update: Update, context: Context) -> None:
        """Shows how it was asked, and for which entry."""
        tapped = await self._tapped(update, Right.SEE)
        if tapped is None:
            return
        query, suggestion, entry = tapped
        await acknowledge(query)
        view = await self._views.of(update)
        await send(update, *view.suggestion(suggestion, entry))

    async def on_accept(self, update: Update, context: Context) -> None:
        """Proposes the entry with the phrasing."""
        tapped = await self._tapped(update, Right.EDIT)
        if tapped is None:
            return
        query, suggestion, entry = tapped
        await acknowledge(query)
        changed = with_phrasings(entry, phrasings(suggestion.group, most=1))
        if changed == entry:
            view = await self._views.of(update)
            await send(update, lines(view.say("queue.already_there")), view.card(entry.id))
            return
        await self._propose(update, changed, [asked.id for asked in suggestion.group.asked])

    async def on_reject(self, update: Update, context: Context) -> None:
        """Puts the suggestion aside; the same wording is not suggested for this entry again."""
        tapped, user = await self._tapped(update, Right.EDIT), update.effective_user
        if tapped is None or user is None:
            return
        query, suggestion, entry = tapped
        done = await self._db.run(
            partial(
                store.settle,
                group=suggestion.group,
                how=How.REJECTED,
                actor=user.id,
                now=self._now(),
                entry_id=entry.id,
            )
        )
        view = await self._views.of(update)
        await acknowledge(query, view.say("queue.settled" if done else "queue.gone"))
        if done:
            await self._list(update, 0)
