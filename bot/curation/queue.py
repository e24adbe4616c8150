"""What people ask and got no good answer to: seen in groups, each settled with one tap."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from telegram import CallbackQuery, InlineKeyboardMarkup, Update
from telegram.ext import (
    BaseHandler,
    CallbackContext,
    CallbackQueryHandler,
    CommandHandler,
    MessageHandler,
    filters,
)

from bot.callbacks import Code, pattern, unpack
from bot.curation import queue_store as store
from bot.curation.gathering import Gathering, Order, Queued, guesses, phrasings, with_phrasings
from bot.curation.queue_store import How
from bot.curation.queue_view import Views, page_number
from bot.curation.suggesting import Propose, Suggesting
from bot.database import Database
from bot.drafts import Draft, Drafts, WaitingFor
from bot.live import Live
from bot.markup import lines
from bot.people.handlers import People
from bot.people.staff import Right, Staff
from bot.sending import acknowledge, send
from bot.texts import Texts
from knowledge.entry import Entry, Status

Context = CallbackContext[Any, Any, Any, Any]

KIND = "queue"
SEARCH = "search"
# Ways to ask that a new entry begins with, in each language.
MOST_BEGUN_WITH = 20


class BeginNew(Protocol):
    """Has an editor begin an entry that people ask for so."""

    async def __call__(
        self, update: Update, *, phrasings: Mapping[str, Sequence[str]], sources: Sequence[str]
    ) -> None:
        """They are asked for the rest."""


class Queue:
    """Handlers for the queue, and for what is suggested beside it.

    Args:
        propose: shows an editor what a changed entry would bring, with a button to publish it; the ids
            are those of the questions that it answers.
        begin_new: has an editor begin a new entry.
        find: entries that words or an id stand for, best first.
        now: gives the time, with its zone.
    """

    def __init__(
        self,
        texts: Texts,
        db: Database,
        live: Live,
        drafts: Drafts,
        people: People,
        staff: Staff,
        *,
        propose: Propose,
        begin_new: BeginNew,
        find: Callable[[str], Sequence[Entry]],
        now: Callable[[], datetime.datetime],
    ) -> None:
        self._db = db
        self._live = live
        self._drafts = drafts
        self._staff = staff
        self._gathering = Gathering(db, live)
        self._views = Views(texts, people, staff)
        self._propose = propose
        self._begin_new = begin_new
        self._find = find
        self._now = now
        self._suggesting = Suggesting(
            db, live, staff, self._gathering, self._views, propose=propose, now=now
        )

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers; the one for messages takes only those that a search waits for."""
        yield from self._suggesting.handlers()
        yield CommandHandler("unanswered", self.unanswered)
        yield CallbackQueryHandler(self.on_queue, pattern(Code.QUEUE))
        yield CallbackQueryHandler(self.on_group, pattern(Code.GROUP))
        yield CallbackQueryHandler(self.on_add, pattern(Code.QUEUE_ADD))
        yield CallbackQueryHandler(self.on_search, pattern(Code.QUEUE_SEARCH))
        yield CallbackQueryHandler(self.on_new, pattern(Code.QUEUE_NEW))
        yield CallbackQueryHandler(self.on_settle, pattern(Code.QUEUE_OUTSIDE, Code.QUEUE_DISMISS))
        words = filters.TEXT & filters.UpdateType.MESSAGE
        yield MessageHandler(WaitingFor(self._drafts, KIND) & words, self.on_typed)

    async def unanswered(self, update: Update, context: Context) -> None:
        """Shows what waits, what was asked most first."""
        if await self._staff.may(update, Right.SEE):
            await self._list(update, Order.MOST, 0)

    async def on_queue(self, update: Update, context: Context) -> None:
        """Shows another page, or the other order."""
        query = update.callback_query
        if query is None or not await self._staff.may(update, Right.SEE):
            return
        name, page = unpack(query.data or "", 2)
        await acknowledge(query)
        await self._list(update, Order.__members__.get(name, Order.MOST), page_number(page))

    async def _list(self, update: Update, order: Order, page: int) -> None:
        await self._search_no_more(update)
        queued = await self._gathering.queued(order)
        suggested = await self._gathering.suggested()
        view = await self._views.of(update)
        await send(update, *view.queue(queued, order, page, len(suggested)))

    async def _tapped(self, update: Update, right: Right) -> tuple[CallbackQuery, Queued] | None:
        """The group that a button names, for whoever has the right; otherwise they know why not."""
        query = update.callback_query
        if query is None or not await self._staff.may(update, right):
            return None
        (question_id,) = unpack(query.data or "", 1)
        queued = await self._gathering.group(question_id)
        if queued is None:
            view = await self._views.of(update)
            await acknowledge(query, view.say("queue.gone"), alert=True)
            return None
        return query, queued

    async def on_group(self, update: Update, context: Context) -> None:
        """Shows a group: how it was asked, what it may be about, and what can be made of it."""
        tapped = await self._tapped(update, Right.SEE)
        if tapped is None:
            return
        query, queued = tapped
        await acknowledge(query)
        await self._search_no_more(update)
        base = self._live.base
        entries = [base.entries[entry_id] for entry_id in guesses(queued.group, base)]
        view = await self._views.of(update)
        await send(update, *view.group(queued, entries))

    async def on_add(self, update: Update, context: Context) -> None:
        """Proposes the entry with the question among its phrasings."""
        tapped = await self._tapped(update, Right.EDIT)
        if tapped is None:
            return
        query, queued = tapped
        view = await self._views.of(update)
        _, entry_id = unpack(query.data or "", 2)
        entry = self._live.base.entries.get(entry_id)
        if entry is None or entry.status is not Status.PUBLISHED:
            await acknowledge(query, view.say("button.gone"), alert=True)
            return
        await acknowledge(query)
        await self._search_no_more(update)
        changed = with_phrasings(entry, phrasings(queued.group, most=1))
        if changed == entry:
            await send(update, lines(view.say("queue.already_there")), view.card(entry_id))
            return
        await self._propose(update, changed, _ids(queued))

    async def on_new(self, update: Update, context: Context) -> None:
        """Begins an entry with the wordings of the group as its first phrasings."""
        tapped = await self._tapped(update, Right.EDIT)
        if tapped is None:
            return
        query, queued = tapped
        await acknowledge(query)
        texts = phrasings(queued.group, most=MOST_BEGUN_WITH)
        await self._begin_new(update, phrasings=texts, sources=_ids(queued))

    async def on_settle(self, update: Update, context: Context) -> None:
        """Puts the group aside: none of ours, or nothing to be done about."""
        tapped, user = await self._tapped(update, Right.EDIT), update.effective_user
        if tapped is None or user is None:
            return
        query, queued = tapped
        outside = (query.data or "").startswith(f"{Code.QUEUE_OUTSIDE}:")
        how = How.OUT_OF_SCOPE if outside else How.DISMISSED
        done = await self._db.run(
            partial(store.settle, group=queued.group, how=how, actor=user.id, now=self._now())
        )
        view = await self._views.of(update)
        await acknowledge(query, view.say("queue.settled" if done else "queue.gone"))
        if done:
            await self._list(update, Order.MOST, 0)

    async def on_search(self, update: Update, context: Context) -> None:
        """Asks for a word of the entry that is meant."""
        tapped, user = await self._tapped(update, Right.EDIT), update.effective_user
        if tapped is None or user is None:
            return
        query, _ = tapped
        await acknowledge(query)
        (question_id,) = unpack(query.data or "", 1)
        await self._drafts.keep(Draft(user.id, KIND, SEARCH, {"question": question_id}))
        view = await self._views.of(update)
        await send(update, lines(view.say("queue.search")))

    async def on_typed(self, update: Update, context: Context) -> None:
        """Shows the entries that the word stands for, to add the question to one of them."""
        user, message = update.effective_user, update.effective_message
        if user is None or message is None or not await self._staff.may(update, Right.EDIT):
            return
        draft = self._drafts.get(user.id, KIND)
        if draft is None:
            return
        await self._drafts.drop(user.id, KIND)
        question_id, words = str(draft.content["question"]), message.text or ""
        found = [entry for entry in self._find(words) if entry.status is Status.PUBLISHED]
        view = await self._views.of(update)
        if found:
            await send(update, *view.found(question_id, found))
            return
        text = view.say("faq.not_found", words=words[:50])
        await send(update, lines(text), InlineKeyboardMarkup(view.ways_back(question_id)))

    async def _search_no_more(self, update: Update) -> None:
        user = update.effective_user
        if user is not None and self._drafts.get(user.id, KIND) is not None:
            await self._drafts.drop(user.id, KIND)


def _ids(queued: Queued) -> list[str]:
    return [asked.id for asked in queued.group.asked]
