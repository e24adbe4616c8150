"""Entries as staff see them: found, and shown whole."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import BaseHandler, CallbackContext, CallbackQueryHandler, CommandHandler

from bot.callbacks import Code, pack, pattern, unpack
from bot.curation.publishing import Publishing
from bot.curation.showing import Showing
from bot.live import Live
from bot.markup import BLANK, Line, lines, strong
from bot.people.staff import Right, Staff
from bot.sending import acknowledge, send
from knowledge.curate import out_of_step
from knowledge.entry import LANGUAGES, Entry, Status
from knowledge.text import Language, normalise

Context = CallbackContext[Any, Any, Any, Any]

ENTRIES_A_PAGE = 10
MOST_FOUND = 10
REVIEW_DAYS = 365

Rows = list[list[InlineKeyboardButton]]
# How a worker reads an entry: in this language.
Reads = Callable[[Entry, Language], Iterable[Line]]
# How often an entry is asked for and how much it helps, in a reader's language.
Counted = Callable[[str, Language], Awaitable[Iterable[Line]]]


class Cards:
    """Handlers for looking at entries.

    Args:
        reads: an entry as a worker reads it.
        counted: how often it is asked for, and how much it helps.
        today: the day, in the set time zone.
    """

    def __init__(
        self,
        live: Live,
        staff: Staff,
        publishing: Publishing,
        *,
        reads: Reads,
        counted: Counted,
        today: Callable[[], datetime.date],
    ) -> None:
        self._live = live
        self._staff = staff
        self._publishing = publishing
        self._reads = reads
        self._counted = counted
        self._today = today

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers, each for another command or button."""
        yield CommandHandler("faq", self.faq)
        yield CommandHandler("outdated", self.outdated)
        yield CallbackQueryHandler(self.on_card, pattern(Code.CARD))
        yield CallbackQueryHandler(self.on_scheme, pattern(Code.CARD_SCHEME))
        yield CallbackQueryHandler(self.on_texts, pattern(Code.CARD_TEXTS))
        yield CallbackQueryHandler(self.on_retire, pattern(Code.RETIRE))
        yield CallbackQueryHandler(self.on_checked, pattern(Code.CHECKED))

    async def faq(self, update: Update, context: Context) -> None:
        """Finds entries by words or id; without words, offers the schemes."""
        if not await self._staff.may(update, Right.SEE):
            return
        showing = await self._publishing.showing(update)
        words = " ".join(context.args or [])
        if not words:
            await self._schemes(update, showing)
            return
        found = self.find(words)
        if found:
            await send(update, lines(showing.say("faq.found")), self._list(showing, found))
        else:
            await send(update, lines(showing.say("faq.not_found", words=words[:50])))

    def find(self, words: str) -> list[Entry]:
        """Entries whose id or title has the words, then those that a worker would get, best first."""
        base = self._live.base
        said = normalise(words)
        named = [
            entry
            for entry in base.entries.values()
            if said in entry.id or any(said in normalise(entry.title.of(x)) for x in LANGUAGES)
        ]
        asked = [base.entries[candidate.id] for candidate in base.ask(words).candidates]
        return list({entry.id: entry for entry in [*named, *asked]}.values())[:MOST_FOUND]

    def _list(self, showing: Showing, entries: Iterable[Entry]) -> InlineKeyboardMarkup:
        return InlineKeyboardMarkup(
            [
                [
                    InlineKeyboardButton(
                        showing.title(entry.id), callback_data=pack(Code.CARD, entry.id)
                    )
                ]
                for entry in entries
            ]
        )

    def _by_scheme(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for entry in self._live.base.entries.values():
            found.setdefault(entry.scheme, []).append(entry)
        return found

    async def _schemes(self, update: Update, showing: Showing) -> None:
        rows: Rows = [
            [
                InlineKeyboardButton(
                    f"{showing.say(f'scheme.{scheme}')} ({len(entries)})",
                    callback_data=pack(Code.CARD_SCHEME, scheme, 0),
                )
            ]
            for scheme, entries in self._by_scheme().items()
        ]
        await send(update, lines(showing.say("faq.how")), InlineKeyboardMarkup(rows))

    async def on_scheme(self, update: Update, context: Context) -> None:
        """Shows a page of a scheme's entries, drafts and retired ones as well."""
        query = update.callback_query
        if query is None or not await self._staff.may(update, Right.SEE):
            return
        scheme, number = unpack(query.data or "", 2)
        showing = await self._publishing.showing(update)
        entries = self._by_scheme().get(scheme, [])
        page = int(number) if number.isdecimal() and len(number) < 4 else 0
        shown = entries[page * ENTRIES_A_PAGE : (page + 1) * ENTRIES_A_PAGE]
        if not shown:
            await acknowledge(query, showing.say("button.gone"))
            return
        await acknowledge(query)
        rows = [list(row) for row in self._list(showing, shown).inline_keyboard]
        turns = [("button.previous", page - 1)] if page else []
        if len(entries) > (page + 1) * ENTRIES_A_PAGE:
            turns.append(("button.next", page + 1))
        if turns:
            rows.append(
                [
                    InlineKeyboardButton(
                        showing.say(key), callback_data=pack(Code.CARD_SCHEME, scheme, to)
                    )
                    for key, to in turns
                ]
            )
        title = strong(showing.say(f"scheme.{scheme}"))
        await send(update, [title], InlineKeyboardMarkup(rows))

    async def outdated(self, update: Update, context: Context) -> None:
        """Lists the entries of which one language waits for a change made in the other."""
        if not await self._staff.may(update, Right.SEE):
            return
        showing = await self._publishing.showing(update)
        waiting = out_of_step(self._live.base)
        if not waiting:
            await send(update, lines(showing.say("faq.in_step")))
            return
        message = [strong(showing.say("faq.out_of_step", count=len(waiting)))]
        for language in LANGUAGES:
            count = sum(entry.outdated == language for entry in waiting)
            name = showing.say(f"field.{language}")
            message.append(Line(showing.say("faq.waits", name=name, count=count)))
        await send(update, message, self._list(showing, waiting[:ENTRIES_A_PAGE]))

    async def on_card(self, update: Update, context: Context) -> None:
        """Shows an entry whole: as a worker reads it, in both languages, and what belongs to it."""
        found = await self._publishing.entry(update, Right.SEE)
        if found is None:
            return
        entry, _ = found
        for language in (Language.ZH, Language.EN):
            await send(update, list(self._reads(entry, language)))
        showing = await self._publishing.showing(update)
        user = update.effective_user
        rights = await self._staff.rights(user.id) if user else frozenset()
        keyboard = self._acts(showing, entry, may_edit=Right.EDIT in rights)
        await send(update, await self._facts(update, showing, entry), keyboard)

    async def _facts(self, update: Update, showing: Showing, entry: Entry) -> list[Line]:
        message = [
            strong(entry.id),
            Line(
                showing.say(
                    "card.state",
                    status=showing.say(f"status.{entry.status}"),
                    version=entry.version,
                    checked=entry.checked_on,
                    review=entry.review_by,
                )
            ),
        ]
        if entry.review_by < self._today():
            message.append(Line(showing.say("card.overdue")))
        if entry.outdated is not None:
            name = showing.say(f"field.{entry.outdated}")
            message.append(Line(showing.say("card.outdated", name=name)))
        counted = {
            f"{kind}_{language}": len(texts.of(language))
            for kind, texts in (("phrasings", entry.phrasings), ("cues", entry.cues))
            for language in LANGUAGES
        }
        message.append(Line(showing.say("card.texts", **counted)))
        message.append(Line(showing.say("card.scope", scope=entry.scope)))
        message += await self._counted(entry.id, showing.language)
        return message

    @staticmethod
    def _acts(showing: Showing, entry: Entry, *, may_edit: bool) -> InlineKeyboardMarkup:
        def button(key: str, code: Code) -> InlineKeyboardButton:
            return InlineKeyboardButton(showing.say(key), callback_data=pack(code, entry.id))

        rows = [[button("button.texts", Code.CARD_TEXTS), button("button.history", Code.HISTORY)]]
        if may_edit:
            rows.insert(
                0, [button("button.edit", Code.EDIT), button("button.checked", Code.CHECKED)]
            )
            retired = entry.status is Status.RETIRED
            rows.append([button("button.revive" if retired else "button.retire", Code.RETIRE)])
        return InlineKeyboardMarkup(rows)

    async def on_texts(self, update: Update, context: Context) -> None:
        """Shows every phrasing and cue."""
        found = await self._publishing.entry(update, Right.SEE)
        if found is None:
            return
        entry, _ = found
        showing = await self._publishing.showing(update)
        message: list[Line] = []
        for kind, texts in (("phrasings", entry.phrasings), ("cues", entry.cues)):
            for language in LANGUAGES:
                message += [BLANK, strong(showing.field(f"{kind}.{language}"))]
                message += [Line(text) for text in texts.of(language)]
        await send(update, message)

    async def on_retire(self, update: Update, context: Context) -> None:
        """Proposes to take the entry out of use, or back into it."""
        found = await self._publishing.entry(update, Right.EDIT)
        if found is None:
            return
        entry, _ = found
        retired = entry.status is Status.RETIRED
        status = Status.PUBLISHED if retired else Status.RETIRED
        await self._publishing.propose(update, replace(entry, status=status))

    async def on_checked(self, update: Update, context: Context) -> None:
        """Proposes that the entry was checked today and is right for another year."""
        found = await self._publishing.entry(update, Right.EDIT)
        if found is None:
            return
        today = self._today()
        review = today + datetime.timedelta(days=REVIEW_DAYS)
        changed = replace(found[0], checked_on=today, review_by=review)
        await self._publishing.propose(update, changed)
