"""A notice that went out is corrected or withdrawn: in what was sent, and for those who signed up."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    LinkPreviewOptions,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError
from telegram.ext import BaseHandler, CallbackQueryHandler

from bot.callbacks import Code, pack, unpack
from bot.database import Connection, Database
from bot.drafts import Drafts
from bot.markup import lines
from bot.notices.calls import keyboard
from bot.notices.composing.handlers import DRAFT
from bot.notices.composing.preview import Preview
from bot.notices.composing.store import Stored, read
from bot.notices.following import store
from bot.notices.following.afterwards import FollowUps
from bot.notices.following.store import Correction, FollowUp
from bot.notices.notice import Notice, read_content
from bot.notices.rendering import payload
from bot.notices.states import Kind
from bot.notices.store import NoNotice
from bot.people.handlers import Context, People
from bot.people.staff import Right, Staff
from bot.sending import acknowledge, rewrite, send
from bot.texts import Texts
from knowledge.database import writing
from knowledge.text import Language

log = logging.getLogger(__name__)

# Messages edited one after the other at each look; answers come between.
EDITED_AT_ONCE = 50
MOST_ATTEMPTS = 5
DIGEST_LETTERS = 16


class Changes:
    """Handlers for corrections and withdrawal, and what edits the messages that were sent.

    Args:
        approval: whether a second person has to agree to a correction. To withdraw takes one.
        now: gives the time, with its zone.
    """

    def __init__(
        self,
        texts: Texts,
        db: Database,
        people: People,
        staff: Staff,
        drafts: Drafts,
        follow_ups: FollowUps,
        preview: Preview,
        *,
        approval: bool,
        now: Callable[[], datetime.datetime],
    ) -> None:
        self._texts = texts
        self._db = db
        self._people = people
        self._staff = staff
        self._drafts = drafts
        self._follow_ups = follow_ups
        self._preview = preview
        self._approval = approval
        self._now = now

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handler for corrections and withdrawal."""
        yield CallbackQueryHandler(
            self.on_tap, rf"^{Code.NOTICE_FOLLOW}:(?:correct|agree|withdraw|sure):"
        )

    async def on_tap(self, update: Update, context: Context) -> None:
        """Corrects what went out with what was composed, or withdraws it once that is confirmed."""
        query, user = update.callback_query, update.effective_user
        if query is None or user is None or not await self._staff.may(update, Right.SEND):
            return
        act, number, author, digest = unpack(query.data or "", 4)
        language = await self._people.reads(update)
        try:
            stored = await self._db.run(partial(read, notice_id=int(number)))
        except (NoNotice, ValueError):
            await acknowledge(query, self._texts.say(language, "button.gone"))
            return
        await acknowledge(query)
        if not stored.went_out or stored.notice.withdrawn:
            await self._settle(update, "announce.not_out")
        elif act == "withdraw":
            await self._confirm(update, stored, language)
        elif act == "sure":
            await self._withdraw(update, stored, user.id)
        elif act == "agree":
            await self._agree(update, stored, user.id, author, digest)
        elif self._approval:
            await self._ask_others(update, context.bot, stored, user.id)
        else:
            await self._correct(update, stored, user.id, user.id)

    async def _settle(self, update: Update, key: str, **values: object) -> None:
        language = await self._people.reads(update)
        if update.callback_query is not None:
            text = self._texts.say(language, key, **values)
            await rewrite(update.callback_query, lines(text))

    async def _confirm(self, update: Update, stored: Stored, language: Language) -> None:
        text = self._texts.say(
            language, "announce.sure_withdraw", title=stored.notice.title.of(language)
        )
        button = InlineKeyboardButton(
            self._texts.say(language, "button.withdraw_sure"),
            callback_data=pack(Code.NOTICE_FOLLOW, "sure", stored.id),
        )
        await send(update, lines(text), InlineKeyboardMarkup([[button]]))

    async def _withdraw(self, update: Update, stored: Stored, actor: int) -> None:
        before = stored.notice
        notice = replace(before, withdrawn=True, sequence=before.sequence + 1)
        now = self._now()

        def withdraw(db: Connection) -> int:
            with writing(db):
                count = store.withdraw(db, stored.id, notice, actor=actor, now=now)
                if notice.is_workshop:
                    self._follow_ups.send(db, FollowUp.WITHDRAWN, notice, stored.id, actor=actor)
            return count

        changed = await self._db.run(withdraw)
        await self._settle(update, "announce.was_withdrawn", count=changed)

    def _draft(self, author: int, notice_id: int) -> Notice | None:
        """The correction that somebody has composed."""
        draft = self._drafts.get(author, DRAFT)
        if draft is None or draft.content["id"] != notice_id or not draft.content["corrects"]:
            return None
        return read_content(draft.content["notice"])

    async def _ask_others(self, update: Update, bot: Bot, stored: Stored, actor: int) -> None:
        """Everybody else who may send sees the correction and is asked."""
        notice, reached = self._draft(actor, stored.id), 0
        if notice is None:
            await self._settle(update, "button.gone")
            return
        for user_id in await self._staff.with_right(Right.SEND):
            if user_id == actor:
                continue
            language = await self._people.language_of(user_id)
            button = InlineKeyboardButton(
                self._texts.say(language, "button.notice_approve"),
                callback_data=pack(
                    Code.NOTICE_FOLLOW, "agree", stored.id, actor, digest_of(notice)
                ),
            )
            text = self._texts.say(language, "announce.asked_correction", id=stored.id)
            keys = InlineKeyboardMarkup([[button]])
            try:
                await self._preview.send_each(bot, user_id, notice, stored.id)
                await bot.send_message(user_id, text, reply_markup=keys, parse_mode=None)
                reached += 1
            except TelegramError as error:
                log.warning("approver_not_reached reason=%s", error.message)
        key = "announce.correction_asked" if reached else "announce.nobody_to_approve"
        await self._settle(update, key, count=reached)

    async def _agree(
        self, update: Update, stored: Stored, actor: int, author: str, digest: str
    ) -> None:
        """The correction holds, if it is another's and says what it said when it was shown."""
        notice = self._draft(int(author), stored.id) if author.isdecimal() else None
        if notice is None or digest_of(notice) != digest:
            await self._settle(update, "announce.correction_changed")
        elif int(author) == actor:
            await self._settle(update, "announce.own")
        else:
            await self._correct(update, stored, int(author), actor)

    async def _correct(self, update: Update, stored: Stored, author: int, actor: int) -> None:
        composed = self._draft(author, stored.id)
        if composed is None:
            await self._settle(update, "button.gone")
            return
        notice = replace(composed, sequence=stored.notice.sequence + 1)
        changed = await self._db.run(lambda db: self._rewrite(db, stored.id, notice, actor))
        await self._drafts.drop(author, DRAFT)
        await self._settle(update, "announce.was_corrected", count=changed)

    def _rewrite(self, db: Connection, notice_id: int, notice: Notice, actor: int) -> int:
        """The notice says this from now on, and those who signed up are told."""
        now, number = self._now(), notice.sequence
        with writing(db):
            changed = store.correct(
                db, notice_id, notice, actor=actor, act="notice.corrected", now=now
            )
            self._follow_ups.make_room(db, notice, notice_id)
            if notice.is_workshop:
                self._follow_ups.send(
                    db, FollowUp.CHANGED, notice, notice_id, number=number, actor=actor
                )
        return changed

    async def look(self, bot: Bot) -> None:
        """Some of the messages that are to be changed say what holds now."""
        found = await self._db.run(partial(store.corrections, limit=EDITED_AT_ONCE))
        notices: dict[int, Notice] = {}
        done: list[Correction] = []
        again: list[Correction] = []
        for each in found:
            if each.notice_id not in notices:
                stored = await self._db.run(partial(read, notice_id=each.notice_id))
                notices[each.notice_id] = stored.notice
            try:
                await self._edit(bot, each, notices[each.notice_id])
            except RetryAfter as error:
                await asyncio.sleep(_seconds(error.retry_after))
                break
            except (BadRequest, Forbidden) as error:
                # Deleted, blocked, or too old to be edited: those who signed up are told besides.
                log.info("notice_not_edited reason=%s", error.message)
                done.append(each)
            except TelegramError as error:
                log.warning("notice_not_edited reason=%s", error.message)
                (again if each.attempts < MOST_ATTEMPTS else done).append(each)
            else:
                done.append(each)
        if found:
            await self._settle_edits(done, again)

    async def _settle_edits(self, done: Sequence[Correction], again: Sequence[Correction]) -> None:
        await self._db.run(partial(store.settle_corrections, done=done, again=again))

    async def _edit(self, bot: Bot, each: Correction, notice: Notice) -> None:
        said = payload(self._texts, Language(each.language), notice, each.notice_id)
        where: dict[str, Any] = {
            "chat_id": each.chat_id,
            "message_id": each.message_id,
            "reply_markup": keyboard(said.buttons),
            "parse_mode": ParseMode.HTML,
        }
        if said.kind is not Kind.TEXT and said.file_id is not None:
            kind = InputMediaPhoto if said.kind is Kind.PHOTO else InputMediaDocument
            media = kind(said.file_id, caption=said.html, parse_mode=where.pop("parse_mode"))
            await bot.edit_message_media(media, **where)
        elif said.kind is Kind.TEXT:
            no_preview = LinkPreviewOptions(is_disabled=True)
            await bot.edit_message_text(said.html, link_preview_options=no_preview, **where)
        else:
            await bot.edit_message_caption(caption=said.html, **where)


def digest_of(notice: Notice) -> str:
    """A few letters that are others as soon as the notice says something else."""
    content = json.dumps(notice.as_content(), sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:DIGEST_LETTERS]


def _seconds(wait: float | datetime.timedelta) -> float:
    return wait.total_seconds() if isinstance(wait, datetime.timedelta) else float(wait)
