"""Changing one field, or writing a new entry step by step; what is begun survives a restart."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    BaseHandler,
    CallbackContext,
    CallbackQueryHandler,
    CommandHandler,
    MessageHandler,
    filters,
)

from bot.callbacks import Code, pack, pattern, unpack
from bot.curation.proposed import KIND, Proposed, proposed
from bot.curation.publishing import Publishing, button
from bot.curation.showing import Showing, how_typed
from bot.drafts import Drafts, WaitingFor
from bot.live import Live
from bot.markup import Line, lines, quiet, strong
from bot.people.staff import Right, Staff
from bot.sending import acknowledge, send
from knowledge.entry import ID_PATTERN, LANGUAGES, SCHEMES
from knowledge.errors import Problem, ShebaoError
from knowledge.revise import FIELDS, Field, blank, revised, shown

Context = CallbackContext[Any, Any, Any, Any]

ID = "id"
# What a new entry is asked for, one after the other.
STEPS = (ID, *(name for name in FIELDS if name != "checked_on"))
# Buttons of the menu: a row for what stands in both languages, then the rest.
BILINGUAL = ("title", "short", "steps", "details", "phrasings", "cues")
SINGLE = (("provisions", "contacts"), ("related", "scope"), ("checked_on", "review_by"))
REVIEW_DAYS = 365


class Editing:
    """Handlers for what an editor changes.

    Args:
        today: the day, in the set time zone.
    """

    def __init__(
        self,
        live: Live,
        drafts: Drafts,
        staff: Staff,
        publishing: Publishing,
        *,
        today: Callable[[], datetime.date],
    ) -> None:
        self._live = live
        self._drafts = drafts
        self._staff = staff
        self._publishing = publishing
        self._today = today

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers; the one for messages takes only those that a draft waits for."""
        yield CommandHandler("new", self.new)
        yield CallbackQueryHandler(self.on_new, pattern(Code.EDIT_NEW))
        yield CallbackQueryHandler(self.on_edit, pattern(Code.EDIT))
        yield CallbackQueryHandler(self.on_field, pattern(Code.EDIT_FIELD))
        yield CallbackQueryHandler(self.on_menu, pattern(Code.EDIT_MENU))
        yield CallbackQueryHandler(self.on_small, pattern(Code.EDIT_SMALL))
        yield CallbackQueryHandler(self.on_back, pattern(Code.EDIT_BACK))
        yield CallbackQueryHandler(self.on_skip, pattern(Code.EDIT_SKIP))
        yield CallbackQueryHandler(self.on_cancel, pattern(Code.EDIT_CANCEL))
        words = filters.TEXT & filters.UpdateType.MESSAGE
        yield MessageHandler(WaitingFor(self._drafts, KIND) & words, self.on_typed)

    async def on_edit(self, update: Update, context: Context) -> None:
        """Begins to change the entry that was tapped; another edit that was begun is told of."""
        query, user = update.callback_query, update.effective_user
        if query is None or user is None or not await self._staff.may(update, Right.EDIT):
            return
        (entry_id,) = unpack(query.data or "", 1)
        showing = await self._publishing.showing(update)
        entry = self._live.base.entries.get(entry_id)
        if entry is None:
            await acknowledge(query, showing.say("button.gone"), alert=True)
            return
        await acknowledge(query)
        begun = self._drafts.get(user.id, KIND)
        if begun is not None and begun.content["content"]["id"] == entry_id:
            await self._menu(update, proposed(begun.content))
            return
        if not await self._publishing.free(update):
            return
        edit = Proposed(entry.as_json(), entry.version)
        await self._drafts.keep(edit.draft(user.id))
        await self._menu(update, edit)

    async def _menu(self, update: Update, edit: Proposed) -> None:
        """The fields to choose from, and where to go from there."""
        showing = await self._publishing.showing(update)

        def of_field(name: str) -> InlineKeyboardButton:
            data = pack(Code.EDIT_FIELD, edit.key, name)
            return InlineKeyboardButton(showing.field(name), callback_data=data)

        rows = [[of_field(f"{name}.{language}") for language in LANGUAGES] for name in BILINGUAL]
        rows += [[of_field(name) for name in pair] for pair in SINGLE]
        tick = "☑" if edit.small else "☐"
        small = f"{tick} " + showing.say("button.small_edit")
        rows.append([InlineKeyboardButton(small, callback_data=pack(Code.EDIT_SMALL, edit.key))])
        rows.append(
            [
                button(showing, "button.preview", Code.PREVIEW, edit.key),
                button(showing, "button.cancel", Code.EDIT_CANCEL, edit.key),
            ]
        )
        message = [
            strong(showing.say("edit.menu", id=edit.id)),
            quiet(showing.say("edit.small_explained")),
        ]
        await send(update, message, InlineKeyboardMarkup(rows))

    async def on_menu(self, update: Update, context: Context) -> None:
        """Goes to the fields; a new entry stays as far as it is."""
        edit, user = await self._publishing.edit(update), update.effective_user
        if edit is None or user is None:
            return
        edit = replace(edit, step=None)
        await self._drafts.keep(edit.draft(user.id))
        await self._menu(update, edit)

    async def on_small(self, update: Update, context: Context) -> None:
        """Ticks or unticks that the other language need not follow."""
        edit, user = await self._publishing.edit(update), update.effective_user
        if edit is None or user is None:
            return
        edit = replace(edit, small=not edit.small)
        await self._drafts.keep(edit.draft(user.id))
        await self._menu(update, edit)

    async def on_cancel(self, update: Update, context: Context) -> None:
        """Drops the edit; nothing has changed."""
        edit, user = await self._publishing.edit(update), update.effective_user
        if edit is None or user is None:
            return
        await self._drafts.drop(user.id, KIND)
        showing = await self._publishing.showing(update)
        await send(update, lines(showing.say("edit.cancelled")))

    async def on_field(self, update: Update, context: Context) -> None:
        """Shows what stands in the field, and asks for what shall stand there."""
        query, user = update.callback_query, update.effective_user
        edit = await self._publishing.edit(update)
        if query is None or user is None or edit is None:
            return
        _, name = unpack(query.data or "", 2)
        if name in FIELDS:
            await self._ask(update, edit, name)

    async def _ask(self, update: Update, edit: Proposed, name: str, *again: Problem) -> None:
        """The next message of this editor is for the field; they see what stands there now."""
        user = update.effective_user
        if user is None:
            return
        await self._drafts.keep(edit.draft(user.id, name))
        showing = await self._publishing.showing(update)
        message = showing.problems(again)
        if edit.step is not None:
            step = showing.say("edit.step", number=edit.step + 1, of=len(STEPS))
            message.append(quiet(step))
        message.append(strong(showing.say("edit.ask", field=self._called(showing, name))))
        message += lines(showing.say(how_typed(name), contacts=self._contacts(name)))
        now = "" if name == ID else shown(edit.content, FIELDS[name])
        if now:
            await send(update, [quiet(showing.say("edit.now")), *lines(now)])
        await send(update, message, self._way_on(showing, edit))

    @staticmethod
    def _called(showing: Showing, name: str) -> str:
        return showing.say("field.id") if name == ID else showing.field(name)

    def _contacts(self, name: str) -> str:
        return ", ".join(self._live.base.contacts.contacts) if name == "contacts" else ""

    @staticmethod
    def _way_on(showing: Showing, edit: Proposed) -> InlineKeyboardMarkup:
        cancel = button(showing, "button.cancel", Code.EDIT_CANCEL, edit.key)
        if edit.step is None:
            return InlineKeyboardMarkup(
                [[button(showing, "button.back", Code.EDIT_MENU, edit.key), cancel]]
            )
        row = [button(showing, "button.skip", Code.EDIT_SKIP, edit.key), cancel]
        if edit.step > 0:
            row.insert(0, button(showing, "button.back", Code.EDIT_BACK, edit.key))
        return InlineKeyboardMarkup([row])

    async def on_typed(self, update: Update, context: Context) -> None:
        """Takes the message for the field that waits for it."""
        user, message = update.effective_user, update.effective_message
        draft = self._drafts.get(user.id, KIND) if user else None
        if user is None or message is None or draft is None:
            return
        if not await self._staff.may(update, Right.EDIT):
            # What they write next is a question again.
            await self._drafts.keep(replace(draft, waiting=""))
            return
        edit, name, typed = proposed(draft.content), draft.waiting, message.text or ""
        if name == ID:
            await self._take_id(update, edit, typed.strip())
            return
        try:
            content = revised(edit.content, FIELDS[name], typed)
        except ShebaoError as error:
            await self._ask(update, edit, name, Problem("-", "", name, error.key, error.parameters))
            return
        edit = replace(edit, content=content)
        problems = self._problems(edit, FIELDS[name])
        if problems:
            # Kept as typed, so that it can be copied and put right.
            await self._ask(update, edit, name, *problems)
        else:
            await self._go_on(update, edit, name)

    def _problems(self, edit: Proposed, field: Field) -> list[Problem]:
        """What is wrong with this field."""
        _, problems = self._publishing.check(edit)
        place = field.name
        if field.path[0] == "parts":
            place = f"answer.{field.language}.{field.path[-1]}"
        mine = re.compile(re.escape(place) + r"(\[.*)?")
        return [problem for problem in problems if mine.fullmatch(problem.field)]

    async def _take_id(self, update: Update, edit: Proposed, typed: str) -> None:
        scheme = edit.content["scheme"]
        entry_id = typed if "." in typed else f"{scheme}.{typed}"
        problem = None
        if not re.fullmatch(ID_PATTERN, entry_id):
            problem = Problem(
                "-", "", "id", "expected.pattern", {"pattern": ID_PATTERN, "found": typed[:60]}
            )
        elif entry_id in self._live.base.entries:
            problem = Problem("-", "", "id", "expected.unique")
        if problem is not None:
            await self._ask(update, edit, ID, problem)
            return
        edit = replace(edit, content={**edit.content, "id": entry_id})
        await self._go_on(update, edit, ID)

    async def _go_on(self, update: Update, edit: Proposed, name: str) -> None:
        """To the next step of a new entry, or back to the fields."""
        user = update.effective_user
        if user is None:
            return
        if edit.step is not None and edit.step + 1 < len(STEPS):
            edit = replace(edit, step=edit.step + 1)
            await self._ask(update, edit, STEPS[edit.step or 0])
            return
        edit = replace(edit, step=None)
        await self._drafts.keep(edit.draft(user.id))
        showing = await self._publishing.showing(update)
        await send(update, [Line(showing.say("edit.taken", field=self._called(showing, name)))])
        await self._menu(update, edit)

    async def on_skip(self, update: Update, context: Context) -> None:
        """Leaves the field as it is, and goes to the next step."""
        edit = await self._publishing.edit(update)
        if edit is None or edit.step is None:
            return
        # Without an id there is nothing to keep the rest under.
        if STEPS[edit.step] == ID and not edit.id:
            await self._ask(update, edit, ID, Problem("-", "", "id", "expected.text"))
        else:
            await self._go_on(update, edit, STEPS[edit.step])

    async def on_back(self, update: Update, context: Context) -> None:
        """Asks for the field before."""
        edit = await self._publishing.edit(update)
        if edit is not None and edit.step:
            edit = replace(edit, step=edit.step - 1)
            await self._ask(update, edit, STEPS[edit.step or 0])

    async def new(self, update: Update, context: Context) -> None:
        """Begins a new entry: asks for its scheme."""
        if await self._staff.may(update, Right.EDIT):
            await self.begin_new(update, phrasings={}, sources=())

    async def begin_new(
        self, update: Update, *, phrasings: Mapping[str, Sequence[str]], sources: Sequence[str]
    ) -> None:
        """Whoever sent the update begins an entry that people ask for with these phrasings.

        Args:
            phrasings: by language, zh or en.
            sources: ids of questions that the entry will answer.
        """
        user = update.effective_user
        if user is None or not await self._publishing.free(update):
            return
        today = self._today()
        review = today + datetime.timedelta(days=REVIEW_DAYS)
        content = blank("", "", today.isoformat(), review.isoformat())
        for language, texts in phrasings.items():
            content["phrasings"][language] = list(texts)
        edit = Proposed(content, 0, sources=tuple(sources))
        await self._drafts.keep(edit.draft(user.id))
        showing = await self._publishing.showing(update)
        buttons = [
            InlineKeyboardButton(
                showing.say(f"scheme.{scheme}"), callback_data=pack(Code.EDIT_NEW, edit.key, scheme)
            )
            for scheme in SCHEMES
        ]
        rows = [buttons[start : start + 2] for start in range(0, len(buttons), 2)]
        rows.append([button(showing, "button.cancel", Code.EDIT_CANCEL, edit.key)])
        await send(update, lines(showing.say("edit.which_scheme")), InlineKeyboardMarkup(rows))

    async def on_new(self, update: Update, context: Context) -> None:
        """Takes the scheme, and asks for the id."""
        query = update.callback_query
        edit = await self._publishing.edit(update)
        if query is None or edit is None:
            return
        _, scheme = unpack(query.data or "", 2)
        if scheme in SCHEMES:
            edit = replace(edit, content={**edit.content, "scheme": scheme}, step=0)
            await self._ask(update, edit, ID)
