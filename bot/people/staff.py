"""Staff: who may do what, invites, and the log of what was done."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import TelegramError
from telegram.ext import BaseHandler, CallbackContext, CallbackQueryHandler, CommandHandler
from telegram.helpers import create_deep_linked_url

from bot.callbacks import Code, pack, pattern, unpack
from bot.database import Connection, Database
from bot.markup import Line, lines, quiet, strong
from bot.people import store
from bot.people.roles import RIGHTS, STAFF_ROLES, Right, Role, rights_of
from bot.people.store import Act, Member
from bot.sending import acknowledge, is_private, send
from bot.texts import Texts
from knowledge.text import Language

__all__ = ["Right", "Role", "Staff"]

log = logging.getLogger(__name__)

Context = CallbackContext[Any, Any, Any, Any]

INVITE_PREFIX = "staff"  # of the payload of a deep link: staff_SECRET
ACTS_A_PAGE = 10
LONGEST_CHANGE = 120


class Staff:
    """Rights of whoever writes, asked for at each command, message and press; and their handlers.

    Args:
        admins: user ids that are administrators by setting; nobody can withdraw that in a chat.
        reads: gives the language that the sender of an update reads.
        now: gives the time, with its zone.
        changed: called with a user whose roles changed.
    """

    def __init__(
        self,
        texts: Texts,
        db: Database,
        *,
        admins: frozenset[int],
        reads: Callable[[Update], Awaitable[Language]],
        now: Callable[[], datetime.datetime],
        changed: Callable[[Bot, int], Awaitable[None]],
    ) -> None:
        self._texts = texts
        self._db = db
        self._admins = admins
        self._reads = reads
        self._now = now
        self._changed = changed

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers, each for another command or button."""
        yield CommandHandler("staff", self.staff)
        yield CommandHandler("invite", self.invite)
        yield CommandHandler("audit", self.audit)
        yield CallbackQueryHandler(self.on_withdraw, pattern(Code.STAFF_WITHDRAW))
        yield CallbackQueryHandler(self.on_invite, pattern(Code.STAFF_INVITE))
        yield CallbackQueryHandler(self.on_audit, pattern(Code.AUDIT))

    async def roles(self, user_id: int) -> frozenset[Role]:
        """The roles that this user has now."""
        return await self._db.run(partial(self.roles_in, user_id=user_id))

    def roles_in(self, db: Connection, user_id: int) -> frozenset[Role]:
        """The roles that this user has now; for functions that run on the thread of the database."""
        given = store.roles(db, user_id)
        return given | {Role.ADMIN} if user_id in self._admins else given

    async def rights(self, user_id: int) -> frozenset[Right]:
        """What this user may do now."""
        return rights_of(await self.roles(user_id))

    async def may(self, update: Update, right: Right) -> bool:
        """Whether the sender has the right now, in a private chat; if not, they have been told so."""
        user = update.effective_user
        if user is not None and is_private(update) and right in await self.rights(user.id):
            return True
        language = await self._reads(update)
        key = "staff.no_right" if is_private(update) else "staff.private_only"
        text = self._texts.say(language, key)
        if update.callback_query is not None:
            await acknowledge(update.callback_query, text, alert=True)
        else:
            await send(update, lines(text))
        return False

    async def with_right(self, right: Right) -> list[int]:
        """User ids of everybody who has the right now."""
        found = await self._db.run(store.members)
        given = {member.user_id for member in found if right in RIGHTS[member.role]}
        return sorted(given | (self._admins if right in RIGHTS[Role.ADMIN] else set()))

    async def staff(self, update: Update, context: Context) -> None:
        """Lists everybody with a role, each with a button that withdraws it."""
        if await self.may(update, Right.MANAGE):
            await self._list(update, context.bot)

    async def _list(self, update: Update, bot: Bot) -> None:
        language = await self._reads(update)
        say = partial(self._texts.say, language)
        message: list[Line] = [strong(say("staff.title"))]
        rows: list[list[InlineKeyboardButton]] = []
        for user_id in sorted(self._admins):
            name = await self._name(bot, user_id)
            message.append(Line(say("staff.by_setting", name=name, id=user_id)))
        for member in await self._db.run(store.members):
            name = await self._name(bot, member.user_id)
            role = say(f"role.{member.role}")
            message.append(Line(self._line(member, name, role, language)))
            data = pack(Code.STAFF_WITHDRAW, member.user_id, member.role)
            text = say("button.withdraw", name=name, role=role)
            rows.append([InlineKeyboardButton(text, callback_data=data)])
        if not rows:
            message.append(Line(say("staff.nobody")))
        message.append(quiet(say("staff.invite_hint")))
        await send(update, message, InlineKeyboardMarkup(rows) if rows else None)

    def _line(self, member: Member, name: str, role: str, language: Language) -> str:
        return self._texts.say(
            language,
            "staff.member",
            name=name,
            id=member.user_id,
            role=role,
            date=member.added_at[:10],
        )

    async def _name(self, bot: Bot, user_id: int) -> str:
        """The first name, which only Telegram keeps; the number when it does not tell."""
        if user_id == store.SHELL:
            return "–"
        try:
            return (await bot.get_chat(user_id)).first_name or str(user_id)
        except TelegramError:
            return str(user_id)

    async def on_withdraw(self, update: Update, context: Context) -> None:
        """Takes a role away, effective at once."""
        query, user = update.callback_query, update.effective_user
        if query is None or user is None or not await self.may(update, Right.MANAGE):
            return
        number, name = unpack(query.data or "", 2)
        language = await self._reads(update)
        if not number.isdecimal() or name not in STAFF_ROLES:
            await acknowledge(query, self._texts.say(language, "button.gone"))
            return
        user_id, role = int(number), Role(name)
        gone = await self._db.run(
            lambda db: store.withdraw(db, user_id, role, actor=user.id, now=self._now())
        )
        key = "staff.withdrawn" if gone else "staff.had_none"
        await acknowledge(query, self._texts.say(language, key))
        await self._tell_changed(context.bot, user_id)
        # Whoever withdrew their own right sees the list no more.
        if Right.MANAGE in await self.rights(user.id):
            await self._list(update, context.bot)

    async def _tell_changed(self, bot: Bot, user_id: int) -> None:
        try:
            await self._changed(bot, user_id)
        except TelegramError as error:
            log.warning("commands_not_shown reason=%s", error.message)

    async def invite(self, update: Update, context: Context) -> None:
        """Gives a link for the role that is named, or offers the roles."""
        if not await self.may(update, Right.MANAGE):
            return
        name = (context.args or [""])[0].casefold()
        language = await self._reads(update)
        if name not in STAFF_ROLES:
            buttons = [
                [
                    InlineKeyboardButton(
                        self._texts.say(language, f"role.{role}"),
                        callback_data=pack(Code.STAFF_INVITE, role),
                    )
                ]
                for role in STAFF_ROLES
            ]
            text = self._texts.say(language, "staff.which_role")
            await send(update, lines(text), InlineKeyboardMarkup(buttons))
            return
        await self._send_link(update, context.bot, Role(name))

    async def on_invite(self, update: Update, context: Context) -> None:
        """Gives a link for the role that was tapped."""
        query = update.callback_query
        if query is None or not await self.may(update, Right.MANAGE):
            return
        (name,) = unpack(query.data or "", 1)
        if name not in STAFF_ROLES:
            language = await self._reads(update)
            await acknowledge(query, self._texts.say(language, "button.gone"))
            return
        await acknowledge(query)
        await self._send_link(update, context.bot, Role(name))

    async def _send_link(self, update: Update, bot: Bot, role: Role) -> None:
        user = update.effective_user
        actor = user.id if user else store.SHELL
        secret = await self._db.run(lambda db: store.invite(db, role, actor=actor, now=self._now()))
        language = await self._reads(update)
        text = self._texts.say(
            language,
            "staff.invitation",
            role=self._texts.say(language, f"role.{role}"),
            link=create_deep_linked_url(bot.username, f"{INVITE_PREFIX}_{secret}"),
            hours=store.INVITE_HOURS,
        )
        await send(update, lines(text))

    async def redeem(self, update: Update, context: Context, secret: str) -> None:
        """Gives the role of an invite to whoever opened its link, in private."""
        user = update.effective_user
        language = await self._reads(update)
        if user is None or not is_private(update):
            await send(update, lines(self._texts.say(language, "staff.private_only")))
            return
        role = await self._db.run(lambda db: store.redeem(db, secret, user.id, now=self._now()))
        if role is None:
            await send(update, lines(self._texts.say(language, "staff.invite_void")))
            return
        name = self._texts.say(language, f"role.{role}")
        await send(update, lines(self._texts.say(language, "staff.welcome", role=name)))
        await self._tell_changed(context.bot, user.id)

    async def audit(self, update: Update, context: Context) -> None:
        """Shows what staff did last."""
        if await self.may(update, Right.MANAGE):
            await self._acts(update, context.bot, None)

    async def on_audit(self, update: Update, context: Context) -> None:
        """Shows what staff did before that."""
        query = update.callback_query
        if query is None or not await self.may(update, Right.MANAGE):
            return
        (number,) = unpack(query.data or "", 1)
        await acknowledge(query)
        await self._acts(update, context.bot, int(number) if number.isdecimal() else None)

    async def _acts(self, update: Update, bot: Bot, before: int | None) -> None:
        language = await self._reads(update)
        found = await self._db.run(lambda db: store.acts(db, before=before, limit=ACTS_A_PAGE + 1))
        page, more = found[:ACTS_A_PAGE], len(found) > ACTS_A_PAGE
        names = {act.actor: await self._name(bot, act.actor) for act in page}
        message: list[Line] = [strong(self._texts.say(language, "audit.title"))]
        for act in page:
            message.extend(self._act(act, names[act.actor], language))
        if not page:
            message.append(Line(self._texts.say(language, "audit.nothing")))
        keyboard = None
        if more:
            text = self._texts.say(language, "button.earlier")
            button = InlineKeyboardButton(text, callback_data=pack(Code.AUDIT, page[-1].id))
            keyboard = InlineKeyboardMarkup([[button]])
        await send(update, message, keyboard)

    def _act(self, act: Act, name: str, language: Language) -> list[Line]:
        key = f"act.{act.act}"
        what = self._texts.say(language, key) if self._texts.has(key) else act.act
        head = self._texts.say(
            language, "audit.line", at=act.at[:16].replace("T", " "), name=name, act=what,
            subject=act.subject,
        )  # fmt: skip
        changes = [text for text in (act.before, act.after) if text != "null"]
        shown = " → ".join(text[:LONGEST_CHANGE] for text in changes)
        return [Line(head), quiet(shown)] if shown else [Line(head)]
