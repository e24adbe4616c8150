"""The FAQ as a workbook in the chat: sent out, edited, sent back, looked through, taken in, undone."""

from __future__ import annotations

import asyncio
import datetime
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from telegram import Bot, Document, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.constants import ChatAction
from telegram.error import TelegramError
from telegram.ext import (
    BaseHandler,
    CallbackContext,
    CallbackQueryHandler,
    CommandHandler,
    MessageHandler,
    filters,
)

from bot.callbacks import Code, pack, pattern, unpack
from bot.curation.looking_through import LookingThrough, Seen
from bot.database import Database
from bot.drafts import Draft, Drafts
from bot.live import Live
from bot.markup import Line, lines, to_html, to_plain
from bot.people.handlers import People
from bot.people.staff import Right, Staff
from bot.sending import acknowledge, send
from bot.sheets import store
from bot.sheets.files import backup_path, workbook
from bot.sheets.report import Report
from bot.texts import Texts
from knowledge.cells import LARGEST_FILE, UnusableSheet
from knowledge.database import backup
from knowledge.errors import ShebaoError
from knowledge.text import Language

log = logging.getLogger(__name__)

Context = CallbackContext[Any, Any, Any, Any]

KIND = "import"
MOST_LISTED = 12  # of each list in a message; a file beside it holds all


class Spreadsheets:
    """Handlers for the workbook.

    Args:
        database: where the database stands; its backup before an import stands beside it.
        second_person: whether somebody else than the sender has to agree.
        otherwise: answers files of people who may not edit.
        now: gives the time, with its zone.
        today: the day, in the set time zone.
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
        database: Path,
        second_person: bool,
        otherwise: Callable[[Update, Context], Awaitable[None]],
        now: Callable[[], datetime.datetime],
        today: Callable[[], datetime.date],
    ) -> None:
        self._texts = texts
        self._db = db
        self._live = live
        self._drafts = drafts
        self._people = people
        self._staff = staff
        self._database = database
        self._second_person = second_person
        self._otherwise = otherwise
        self._now = now
        self._today = today
        self._looking = LookingThrough(texts, db, live, today=today)

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers; the one for messages takes every file that is sent in private."""
        yield CommandHandler("export", self.export)
        yield CallbackQueryHandler(self.on_apply, pattern(Code.IMPORT_APPLY))
        yield CallbackQueryHandler(self.on_cancel, pattern(Code.IMPORT_CANCEL))
        yield CallbackQueryHandler(self.on_undo, pattern(Code.IMPORT_UNDO))
        private = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
        yield MessageHandler(private & filters.Document.ALL, self.on_file)

    async def export(self, update: Update, context: Context) -> None:
        """Sends the whole FAQ as a workbook."""
        chat = update.effective_chat
        if chat is None or not await self._staff.may(update, Right.SEE):
            return
        language = await self._people.reads(update)
        await chat.send_action(ChatAction.UPLOAD_DOCUMENT)
        content = await asyncio.to_thread(workbook, self._live.base, self._looking.words)
        caption = self._texts.say(language, "sheet.exported", count=len(self._live.base.entries))
        name = f"faq-{self._today().isoformat()}.xlsx"
        await chat.send_document(content, filename=name, caption=caption, parse_mode=None)

    async def on_file(self, update: Update, context: Context) -> None:
        """Looks through a file of an editor, and shows what it would change."""
        user, message = update.effective_user, update.effective_message
        if user is None or message is None or message.document is None:
            return
        if Right.EDIT not in await self._staff.rights(user.id):
            await self._otherwise(update, context)
            return
        source = _source(message.document)
        await self._drafts.drop(user.id, KIND)
        if (message.document.file_size or 0) > LARGEST_FILE:
            megabytes = LARGEST_FILE // 1024 // 1024
            too_big = UnusableSheet("sheet.error.too_big", megabytes=megabytes)
            await self._tell_error(update, too_big)
            return
        await self._look(update, context.bot, user.id, source)

    async def _look(self, update: Update, bot: Bot, user_id: int, source: dict[str, Any]) -> None:
        """Whoever sent the update sees what the file would change, with a button to agree."""
        language = await self._people.reads(update)
        seen = await self._seen(update, bot, source, with_effect=True)
        if seen is None:
            return
        keyboard = None
        if seen.plan.changes and not seen.plan.problems:
            await self._drafts.keep(
                Draft(user_id, KIND, "", {**source, "fingerprint": seen.fingerprint})
            )
            key = "button.send_to_second" if self._second_person else "button.import"
            values = (source["key"], user_id)
            keyboard = InlineKeyboardMarkup(
                [
                    [self._button(language, key, Code.IMPORT_APPLY, *values)],
                    [self._button(language, "button.import_cancel", Code.IMPORT_CANCEL, *values)],
                ]
            )
        await send(update, self._message(seen, language, MOST_LISTED), keyboard)
        await self._send_whole(update, seen, language)

    async def _seen(
        self, update: Update, bot: Bot, source: dict[str, Any], *, with_effect: bool
    ) -> Seen | None:
        """What the file would change now; None when it cannot be used, and they have been told."""
        try:
            file = await bot.get_file(source["file_id"])
            data = bytes(await file.download_as_bytearray())
        except TelegramError as error:
            log.warning("file_not_fetched reason=%s", error.message)
            language = await self._people.reads(update)
            await send(update, lines(self._texts.say(language, "sheet.send_again")))
            return None
        try:
            return await self._looking.through(source["name"], data, with_effect=with_effect)
        except UnusableSheet as error:
            log.info("file_refused reason=%s bytes=%s", error.key, len(data))
            await self._tell_error(update, error)
            return None

    def _message(self, seen: Seen, language: Language, most: int | None) -> list[Line]:
        report = Report(self._texts, language, self._live.base, most)
        message = report.plan(seen.plan)
        return message + report.effect(seen.effect) if seen.effect else message

    async def _send_whole(self, update: Update, seen: Seen, language: Language) -> None:
        """What has no room in a message is sent as a file."""
        whole = self._message(seen, language, None)
        chat = update.effective_chat
        if chat is None or len(whole) <= len(self._message(seen, language, MOST_LISTED)):
            return
        content = to_plain(whole).encode("utf-8-sig")
        caption = self._texts.say(language, "sheet.whole_report")
        await chat.send_document(content, filename="import.txt", caption=caption, parse_mode=None)

    async def on_apply(self, update: Update, context: Context) -> None:
        """Takes the file in as it was shown; where two have to agree, asks the others first."""
        user, draft = update.effective_user, await self._draft(update)
        if user is None or draft is None:
            return
        if self._second_person and user.id == draft.user_id:
            await self._ask_others(update, context.bot, draft)
            return
        seen = await self._seen(update, context.bot, draft.content, with_effect=False)
        if seen is None:
            return
        if seen.fingerprint != draft.content["fingerprint"]:
            language = await self._people.reads(update)
            await send(update, lines(self._texts.say(language, "sheet.looks_different")))
            await self._look(update, context.bot, draft.user_id, draft.content)
            return
        await self._apply(update, draft, seen, approved_by=user.id)

    async def _draft(self, update: Update) -> Draft | None:
        """The import that a button belongs to, for an editor who may press it; else they are told."""
        query, user = update.callback_query, update.effective_user
        if query is None or user is None or not await self._staff.may(update, Right.EDIT):
            return None
        key, owner = unpack(query.data or "", 2)
        draft = self._drafts.get(int(owner), KIND) if owner.isdecimal() else None
        mine = draft is not None and (draft.user_id == user.id or self._second_person)
        if draft is None or draft.content["key"] != key or not mine:
            language = await self._people.reads(update)
            await acknowledge(query, self._texts.say(language, "sheet.gone"), alert=True)
            return None
        await acknowledge(query)
        return draft

    async def _apply(self, update: Update, draft: Draft, seen: Seen, *, approved_by: int) -> None:
        language = await self._people.reads(update)
        author = draft.user_id
        try:
            await asyncio.to_thread(backup, self._database, backup_path(self._database))
            number = await self._db.run(
                partial(
                    store.apply,
                    plan=seen.plan,
                    actor=author,
                    approved_by=approved_by if approved_by != author else None,
                    now=self._now(),
                )
            )
        except ShebaoError as error:
            await self._tell_error(update, error)
            return
        await self._drafts.drop(author, KIND)
        await self._live.refresh()
        log.info("import_applied number=%s entries=%s", number, len(seen.plan.changes))
        text = self._texts.say(language, "sheet.applied", count=len(seen.plan.changes))
        undo = self._button(language, "button.import_undo", Code.IMPORT_UNDO, number)
        await send(update, lines(text), InlineKeyboardMarkup([[undo]]))

    async def _ask_others(self, update: Update, bot: Bot, draft: Draft) -> None:
        """Everybody else who may edit sees what would change, with a button to agree."""
        seen = await self._seen(update, bot, draft.content, with_effect=True)
        if seen is None:
            return
        told = 0
        for user_id in await self._staff.with_right(Right.EDIT):
            if user_id != draft.user_id and await self._ask(bot, user_id, draft, seen):
                told += 1
        language = await self._people.reads(update)
        key = "sheet.sent_to_others" if told else "sheet.nobody_else"
        await send(update, lines(self._texts.say(language, key, count=told)))

    async def _ask(self, bot: Bot, user_id: int, draft: Draft, seen: Seen) -> bool:
        language = await self._people.language_of(user_id)
        values = (draft.content["key"], draft.user_id)
        agree = self._button(language, "button.import", Code.IMPORT_APPLY, *values)
        head = Line(self._texts.say(language, "sheet.please_agree", name=draft.content["name"]))
        parts = to_html([head, *self._message(seen, language, MOST_LISTED)])
        try:
            for number, part in enumerate(parts, 1):
                keyboard = InlineKeyboardMarkup([[agree]]) if number == len(parts) else None
                await bot.send_message(user_id, part, reply_markup=keyboard)
        except TelegramError as error:
            log.warning("second_person_not_asked reason=%s", error.message)
            return False
        return True

    async def on_cancel(self, update: Update, context: Context) -> None:
        """Leaves everything as it is."""
        draft = await self._draft(update)
        if draft is not None:
            await self._drafts.drop(draft.user_id, KIND)
            language = await self._people.reads(update)
            await send(update, lines(self._texts.say(language, "sheet.cancelled")))

    async def on_undo(self, update: Update, context: Context) -> None:
        """Takes an import back."""
        query, user = update.callback_query, update.effective_user
        if query is None or user is None or not await self._staff.may(update, Right.EDIT):
            return
        await acknowledge(query)
        (number,) = unpack(query.data or "", 1)
        language = await self._people.reads(update)
        try:
            restored = await self._db.run(
                partial(
                    store.undo,
                    number=int(number) if number.isdecimal() else 0,
                    actor=user.id,
                    now=self._now(),
                )
            )
        except ShebaoError as error:
            await self._tell_error(update, error)
            return
        await self._live.refresh()
        await send(update, lines(self._texts.say(language, "sheet.undone", count=len(restored))))

    async def _tell_error(self, update: Update, error: ShebaoError) -> None:
        language = await self._people.reads(update)
        await send(update, lines(self._texts.say(language, error.key, **error.parameters)))

    def _button(
        self, language: Language, key: str, code: Code, *values: object
    ) -> InlineKeyboardButton:
        return InlineKeyboardButton(
            self._texts.say(language, key), callback_data=pack(code, *values)
        )


def _source(document: Document) -> dict[str, Any]:
    """What of a file is kept until somebody agrees: Telegram keeps the file itself."""
    return {
        "file_id": document.file_id,
        "name": document.file_name or "",
        "key": secrets.token_hex(4),
    }
