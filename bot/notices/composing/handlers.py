"""Composing a notice in the chat, step by step; every step can be gone back from, skipped, or ended."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, MessageHandler

from bot.callbacks import Code, pack, pattern, unpack
from bot.database import Database
from bot.drafts import Draft, Drafts, WaitingFor
from bot.markup import lines
from bot.notices.checking import problems
from bot.notices.composing import store
from bot.notices.composing.keyboards import Keyboard
from bot.notices.composing.preview import Preview
from bot.notices.composing.questions import Questions
from bot.notices.composing.steps import BY_NAME, STEPS, Step, Unreadable, following, taken, tapped
from bot.notices.notice import Notice, read_content
from bot.notices.reading import Known, region_names
from bot.notices.store import WrongState
from bot.people.handlers import Context, People
from bot.people.staff import Right, Staff
from bot.sending import acknowledge, send
from bot.texts import Texts
from knowledge.contacts import Region
from knowledge.errors import Problem
from knowledge.text import Language

DRAFT = "notice"
LISTED = 6


class Composing:
    """Handlers for what an organiser writes.

    Args:
        regions: the regions that can be chosen, by code.
        zone: the zone that times are meant in.
        now: gives the time, with its zone.
    """

    def __init__(
        self,
        texts: Texts,
        db: Database,
        people: People,
        staff: Staff,
        drafts: Drafts,
        preview: Preview,
        *,
        regions: Mapping[str, Region],
        zone: ZoneInfo,
        now: Callable[[], datetime.datetime],
    ) -> None:
        self._texts = texts
        self._db = db
        self._people = people
        self._staff = staff
        self._drafts = drafts
        self._preview = preview
        self._questions = Questions(texts, db, people, regions)
        self._names = region_names(regions)
        self._zone = zone
        self._now = now

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers; that for messages takes those that a draft waits for."""
        yield CommandHandler("notice", self.notice)
        yield CallbackQueryHandler(self.on_tap, pattern(Code.COMPOSE))
        yield MessageHandler(WaitingFor(self._drafts, DRAFT), self.on_message)

    async def known(self) -> Known:
        """What a notice is checked against now."""
        workshops = await self._db.run(store.workshops)
        return Known(self._now(), self._zone, self._names, workshops)

    async def notice(self, update: Update, context: Context) -> None:
        """Goes on with what was begun, or lists the newest notices and offers a new one."""
        user = update.effective_user
        if user is None or not await self._staff.may(update, Right.COMPOSE):
            return
        draft = self._drafts.get(user.id, DRAFT)
        if draft is not None:
            await self._ask(update, draft)
            return
        language = await self._people.reads(update)
        found = await self._db.run(partial(store.listed, limit=LISTED))
        rows: Keyboard = [[self._button(language, "button.notice_new", "new")]]
        for each in found:
            state = self._texts.say(language, f"announce.state.{each.state}")
            title = self._texts.own(language, each.notice.title.of(language))
            data = pack(Code.WORKSHOP, "card", each.id)
            rows.append([InlineKeyboardButton(f"{title} · {state}", callback_data=data)])
        text = self._texts.say(language, "announce.menu")
        await send(update, lines(text), InlineKeyboardMarkup(rows))

    def _button(self, language: Language, key: str, *values: object) -> InlineKeyboardButton:
        data = pack(Code.COMPOSE, *values)
        return InlineKeyboardButton(self._texts.say(language, key), callback_data=data)

    async def begin(
        self, update: Update, notice: Notice, *, number: int | None, corrects: bool = False
    ) -> None:
        """The notice is being written on: a new one, a draft, or one that went out and is corrected."""
        user = update.effective_user
        if user is None:
            return
        begun = self._drafts.get(user.id, DRAFT)
        if begun is not None:
            language = await self._people.reads(update)
            await send(update, lines(self._texts.say(language, "announce.finish_first")))
            await self._ask(update, begun)
            return
        content = {"notice": notice.as_content(), "id": number, "corrects": corrects}
        first = STEPS[0].name
        draft = Draft(
            user.id, DRAFT, first, {**content, "step": first, "edits": number is not None}
        )
        await self._drafts.keep(draft)
        if number is None:
            await self._ask(update, draft)
        else:
            await self._choose_step(update, draft, [])

    async def _ask(self, update: Update, draft: Draft, edit: bool = False) -> None:
        await self._questions.ask(update, draft, await self.known(), edit=edit)

    async def on_message(self, update: Update, context: Context) -> None:
        """Takes the message for what the step asks."""
        user, message = update.effective_user, update.message
        if user is None or message is None or not await self._staff.may(update, Right.COMPOSE):
            return
        draft = self._drafts.get(user.id, DRAFT)
        if draft is None or draft.waiting not in BY_NAME:
            return
        step, known = BY_NAME[draft.waiting], await self.known()
        try:
            notice = taken(read_content(draft.content["notice"]), step, message, known)
        except Unreadable as error:
            await self._refuse(update, draft, [Problem("", "", "", error.key, error.parameters)])
            return
        await self._go_on(update, draft, step, notice, known)

    async def _refuse(self, update: Update, draft: Draft, found: Sequence[Problem]) -> None:
        """What is wrong is told, and the step asked again; what was written before stays."""
        await send(update, await self._questions.told(update, found))
        await self._ask(update, draft)

    async def _go_on(
        self, update: Update, draft: Draft, step: Step, notice: Notice, known: Known
    ) -> None:
        found = [p for p in problems(notice, known, self._texts) if p.field in step.fields]
        if found:
            await self._refuse(update, draft, found)
            return
        content = {**draft.content, "notice": notice.as_content()}
        after = following(notice, step.name, known)
        if draft.content["edits"] or after is None:
            await self._finish(update, replace(draft, content=content))
            return
        await self._move(update, replace(draft, content=content), after)

    async def _move(self, update: Update, draft: Draft, step: Step) -> None:
        waits = step.name if step.read is not None or step.name == "poster" else ""
        moved = replace(draft, waiting=waits, content={**draft.content, "step": step.name})
        await self._drafts.keep(moved)
        await self._ask(update, moved)

    async def _finish(self, update: Update, draft: Draft) -> None:
        """The notice is kept and shown as it will be sent; or what is still wrong is."""
        notice, known = read_content(draft.content["notice"]), await self.known()
        found = problems(notice, known, self._texts)
        draft = replace(draft, waiting="", content={**draft.content, "edits": True})
        await self._drafts.keep(draft)
        if found:
            await self._choose_step(update, draft, found)
            return
        language = await self._people.reads(update)
        number = draft.content["id"]
        if draft.content["corrects"]:
            await self._preview.send_each(update.get_bot(), draft.user_id, notice, number)
            rows = [
                [
                    InlineKeyboardButton(
                        self._texts.say(language, "button.notice_correct"),
                        callback_data=pack(Code.NOTICE_FOLLOW, "correct", number),
                    )
                ],
                [self._button(language, "button.notice_edit", "edit")],
                [self._button(language, "announce.cancel", "cancel")],
            ]
            text = self._texts.say(language, "announce.correct_hint")
            await send(update, lines(text), InlineKeyboardMarkup(rows))
            return
        kept = await self._keep(update, notice, number, draft.user_id)
        if kept is not None:
            await self._drafts.drop(draft.user_id, DRAFT)
            await self._preview.show(update.get_bot(), draft.user_id, language, kept)

    async def _keep(
        self, update: Update, notice: Notice, number: int | None, actor: int
    ) -> int | None:
        now = self._now()
        if number is None:
            return await self._db.run(lambda db: store.create(db, notice, actor=actor, now=now))
        try:
            await self._db.run(lambda db: store.rewrite(db, number, notice, actor=actor, now=now))
        except WrongState:
            language = await self._people.reads(update)
            await send(update, lines(self._texts.say(language, "announce.no_draft")))
            return None
        return number

    async def _choose_step(self, update: Update, draft: Draft, found: Sequence[Problem]) -> None:
        await self._questions.choose_step(update, draft, found, await self.known())

    async def on_tap(self, update: Update, context: Context) -> None:
        """Does what the button of a step says."""
        query, user = update.callback_query, update.effective_user
        if query is None or user is None or not await self._staff.may(update, Right.COMPOSE):
            return
        act, value = unpack(query.data or "", 2)
        if act == "new":
            await acknowledge(query)
            await self.begin(update, Notice(), number=None)
            return
        draft = self._drafts.get(user.id, DRAFT)
        if draft is None:
            language = await self._people.reads(update)
            await acknowledge(query, self._texts.say(language, "button.gone"))
            return
        await acknowledge(query)
        await self._act(update, draft, act, value)

    async def _act(self, update: Update, draft: Draft, act: str, value: str) -> None:
        step, known = BY_NAME[draft.content["step"]], await self.known()
        notice = read_content(draft.content["notice"])
        match act:
            case "cancel":
                await self._drafts.drop(draft.user_id, DRAFT)
                language = await self._people.reads(update)
                await send(update, lines(self._texts.say(language, "announce.dropped")))
            case "skip" if value in ("", step.name):
                await self._go_on(update, draft, step, step.blank(notice), known)
            case "next" if value == step.name:
                await self._go_on(update, draft, step, notice, known)
            case "back":
                await self._move(update, draft, following(notice, step.name, known, -1) or STEPS[0])
            case "go" if value in BY_NAME:
                await self._move(update, draft, BY_NAME[value])
            case "edit":
                await self._choose_step(update, draft, [])
            case "done":
                await self._finish(update, draft)
            case "set":
                await self._tap_option(update, draft, step, notice, known, value)

    async def _tap_option(
        self,
        update: Update,
        draft: Draft,
        step: Step,
        notice: Notice,
        known: Known,
        option: str,
    ) -> None:
        try:
            changed = tapped(notice, step, option, known)
        except Unreadable:
            return  # of a step that was left meanwhile
        kept = replace(draft, content={**draft.content, "notice": changed.as_content()})
        await self._drafts.keep(kept)
        await self._ask(update, kept, edit=True)
