"""How far a notice is: one message, edited in place, with what can be done; and the final report."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import BaseHandler, CallbackQueryHandler

from bot.callbacks import Code, pack, unpack
from bot.database import Database
from bot.markup import Line, lines, quiet, strong, to_html
from bot.notices import outbox
from bot.notices import store as standings
from bot.notices.composing.store import read
from bot.notices.delivery import Delivery
from bot.notices.following import store
from bot.notices.moments import say_moment
from bot.notices.progress import Progress
from bot.notices.states import DeliveryState, NoticeState
from bot.notices.store import NoNotice, Standing, WrongState
from bot.people.handlers import Context, People
from bot.people.staff import Right, Staff
from bot.people.store import SHELL
from bot.sending import acknowledge
from bot.texts import Texts
from knowledge.text import Language

log = logging.getLogger(__name__)

BAR = 10
SHOWN_STATES = (
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.GONE,
    DeliveryState.UNKNOWN,
    DeliveryState.CANCELLED,
)


class Following:
    """Shows how far notices are, and handles the buttons below.

    Args:
        delivery: knows counts, rate and time left.
        now: gives the time, with its zone.
    """

    def __init__(
        self,
        texts: Texts,
        db: Database,
        people: People,
        staff: Staff,
        delivery: Delivery,
        *,
        zone: datetime.tzinfo,
        now: Callable[[], datetime.datetime],
    ) -> None:
        self._texts = texts
        self._db = db
        self._people = people
        self._staff = staff
        self._delivery = delivery
        self._zone = zone
        self._now = now

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handler for what can be done while a notice is sent."""
        acts = "pause|resume|cancel|retry|unknown"
        yield CallbackQueryHandler(self.on_tap, rf"^{Code.NOTICE_FOLLOW}:(?:{acts}):")

    async def launched(self, bot: Bot, notice_id: int, user_id: int, language: Language) -> None:
        """A message to whoever had the notice sent shows how far it is from now on."""
        try:
            progress = await self._delivery.progress(notice_id)
            message = await bot.send_message(
                user_id,
                to_html(await self._message(progress, language))[0],
                reply_markup=self._keyboard(progress, language),
                parse_mode=ParseMode.HTML,
            )
        except (TelegramError, NoNotice) as error:
            log.warning("progress_not_shown id=%s reason=%s", notice_id, error)
            return
        await self._db.run(
            partial(
                store.show_progress,
                notice_id=notice_id,
                chat_id=user_id,
                message_id=message.message_id,
                language=language,
            )
        )

    async def look(self, bot: Bot) -> None:
        """Every message that shows how far a notice is shows it as it is now."""
        for shown in await self._db.run(store.progress_messages):
            try:
                progress = await self._delivery.progress(shown.notice_id)
            except NoNotice:
                continue
            changed = await self._edit(bot, shown, progress)
            if progress.over and not changed:
                await self._db.run(partial(store.stop_showing, notice_id=shown.notice_id))

    async def _edit(self, bot: Bot, shown: store.Shown, progress: Progress) -> bool:
        """Whether there was something new to show."""
        language = shown.language
        text = to_html(await self._message(progress, language))[0]
        if text == shown.shown:
            return False
        try:
            await bot.edit_message_text(
                text,
                chat_id=shown.chat_id,
                message_id=shown.message_id,
                reply_markup=self._keyboard(progress, language),
                parse_mode=ParseMode.HTML,
            )
        except (BadRequest, Forbidden) as error:
            # Deleted, or the same; the report comes in a message of its own.
            log.info("progress_not_edited reason=%s", error.message)
        except TelegramError as error:
            log.warning("progress_not_edited reason=%s", error.message)
            return True
        await self._db.run(partial(store.note_shown, notice_id=shown.notice_id, text=text))
        return True

    async def _message(self, progress: Progress, language: Language) -> list[Line]:
        standing = progress.standing
        say = partial(self._texts.say, language)
        title = await self._title(standing.id, language)
        state = say(f"announce.state.{standing.state}")
        message = [strong(say("announce.progress", title=title, id=standing.id, state=state))]
        total = sum(progress.counts.values())
        if not total:
            return message + self._waiting(standing, language)
        done = total - progress.left
        full = round(BAR * done / total)
        bar = "▓" * full + "░" * (BAR - full)
        message.append(Line(f"{bar} {100 * done // total} %"))
        message.append(Line(say("announce.left", count=progress.left)))
        message += [
            Line(say(f"announce.count.{each}", count=progress.counts[each]))
            for each in SHOWN_STATES
            if progress.counts[each] or each is DeliveryState.SENT
        ]
        return message + self._pace(progress, language)

    def _waiting(self, standing: Standing, language: Language) -> list[Line]:
        if standing.state is not NoticeState.SCHEDULED or standing.send_at is None:
            return []
        moment = say_moment(self._texts, language, standing.send_at.astimezone(self._zone))
        return [Line(self._texts.say(language, "announce.waits_until", moment=moment))]

    def _pace(self, progress: Progress, language: Language) -> list[Line]:
        say, message = partial(self._texts.say, language), []
        if progress.standing.pause_reason is not None:
            reason = say(f"announce.pause.{progress.standing.pause_reason}")
            message.append(Line(f"⚠ {reason}"))
        if progress.quiet_until is not None:
            until = say_moment(self._texts, language, progress.quiet_until.astimezone(self._zone))
            message.append(quiet(say("announce.quiet_now", moment=until)))
        if progress.left and progress.rate:
            message.append(quiet(say("announce.rate", rate=f"{progress.rate:.1f}")))
        if progress.left and progress.finish is not None:
            finish = say_moment(self._texts, language, progress.finish.astimezone(self._zone))
            message.append(quiet(say("announce.finish", moment=finish)))
        return message

    async def _title(self, notice_id: int, language: Language) -> str:
        after = await self._db.run(partial(store.following, notice_id=notice_id))
        of = after.of if after else notice_id
        stored = await self._db.run(partial(read, notice_id=of))
        title = self._texts.own(language, stored.notice.title.of(language))
        if after is None:
            return title
        kind = self._texts.say(language, f"announce.follow.{after.kind}")
        return f"{kind}：{title}" if language is not Language.EN else f"{kind}: {title}"

    def _keyboard(self, progress: Progress, language: Language) -> InlineKeyboardMarkup | None:
        counts, standing = progress.counts, progress.standing
        acts: list[tuple[str, str]] = []
        match standing.state:
            case NoticeState.PAUSED:
                acts = [("button.resume", "resume"), ("button.notice_cancel", "cancel")]
            case NoticeState.DONE | NoticeState.CANCELLED | NoticeState.DRAFT:
                acts = []
            case NoticeState.MISSED:
                acts = [("button.notice_cancel", "cancel")]
            case _:
                acts = [("button.pause", "pause"), ("button.notice_cancel", "cancel")]
        rows = [acts] if acts else []
        if standing.state is not NoticeState.CANCELLED:
            if counts[DeliveryState.FAILED]:
                rows.append([("button.retry", "retry")])
            if counts[DeliveryState.UNKNOWN]:
                rows.append([("button.retry_unknown", "unknown")])
        if not rows:
            return None
        return InlineKeyboardMarkup(
            [
                [
                    InlineKeyboardButton(
                        self._texts.say(language, key),
                        callback_data=pack(Code.NOTICE_FOLLOW, act, standing.id),
                    )
                    for key, act in row
                ]
                for row in rows
            ]
        )

    async def on_tap(self, update: Update, context: Context) -> None:
        """Does what the button under the progress says; effective within a second."""
        query, user = update.callback_query, update.effective_user
        if query is None or user is None or not await self._staff.may(update, Right.SEND):
            return
        act, number = unpack(query.data or "", 2)
        language = await self._people.reads(update)
        try:
            await self._act(act, int(number), user.id)
        except (NoNotice, ValueError):
            await acknowledge(query, self._texts.say(language, "button.gone"))
            return
        except WrongState as error:
            state = self._texts.say(language, f"announce.state.{error.state}")
            text = self._texts.say(language, "announce.wrong_state", state=state)
            await acknowledge(query, text, alert=True)
        else:
            await acknowledge(query)
        message = query.message
        if message is not None:
            # Also where the message is an old one, it shows how far the notice is from now on.
            await self._db.run(
                partial(
                    store.show_progress,
                    notice_id=int(number),
                    chat_id=message.chat.id,
                    message_id=message.message_id,
                    language=language,
                )
            )
            await self.look(context.bot)

    async def _act(self, act: str, notice_id: int, actor: int) -> None:
        """Raises:
        NoNotice, WrongState: it cannot be done now.
        """
        now = self._now()

        def act_on(db: Any) -> None:
            match act:
                case "pause":
                    standings.pause(db, notice_id, actor=actor, now=now)
                case "resume":
                    standings.resume(db, notice_id, actor=actor, now=now)
                case "cancel":
                    standings.cancel(db, notice_id, actor=actor, now=now)
                case "retry" | "unknown":
                    unknown = act == "unknown"
                    outbox.retry(db, notice_id, actor=actor, now=now, unknown=unknown)

        await self._db.run(act_on)
        self._delivery.wake()

    async def tell(self, bot: Bot, standing: Standing) -> None:
        """Whoever had the notice sent is told that it ended, was missed, or paused by itself.

        Raises:
            TelegramError: nobody could be told; it is tried again.
        """
        if await self._is_routine(standing):
            return
        person = standing.send_by or standing.created_by
        people = [person] if person != SHELL else await self._staff.with_right(Right.SEND)
        progress = await self._delivery.progress(standing.id)
        shown = await self._db.run(store.progress_messages)
        reads = {each.chat_id: each.language for each in shown if each.notice_id == standing.id}
        for user_id in people:
            language = reads.get(user_id) or await self._people.language_of(user_id)
            key = f"announce.told.{standing.state}"
            message = [
                *lines(self._texts.say(language, key)),
                *await self._message(progress, language),
            ]
            keyboard = self._keyboard(progress, language)
            try:
                await bot.send_message(
                    user_id,
                    to_html(message)[0],
                    reply_markup=keyboard,
                    parse_mode=ParseMode.HTML,
                )
            except (BadRequest, Forbidden) as error:
                log.warning("organiser_not_reached reason=%s", error.message)

    async def _is_routine(self, standing: Standing) -> bool:
        """A reminder or the like that went out is no news."""
        after = await self._db.run(partial(store.following, notice_id=standing.id))
        return after is not None and standing.state in (NoticeState.DONE, NoticeState.CANCELLED)
