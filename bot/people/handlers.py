"""A person and the bot: start, language, region, what is kept, forgetting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import BaseHandler, CallbackContext, CallbackQueryHandler, CommandHandler

from bot.callbacks import Code, pack, pattern, unpack
from bot.database import Connection, Database
from bot.markup import BLANK, Line, lines, strong
from bot.people import store
from bot.people.store import Preferences
from bot.sending import acknowledge, is_private, rewrite, send
from bot.texts import Texts
from knowledge.contacts import Region
from knowledge.text import Language, normalise

Context = CallbackContext[Any, Any, Any, Any]
Keyboard = list[list[InlineKeyboardButton]]
Link = Callable[[Update, Context, str], Awaitable[None]]

NOTHING_CHOSEN = Preferences()
LANGUAGE_NAMES = {Language.ZH: "简体中文", Language.ZH_HANT: "繁體中文", Language.EN: "English"}
REGIONS_A_ROW = 3


def telegram_language(code: str | None) -> Language:
    """The nearest language to a Telegram client's IETF tag; English for all but Chinese."""
    tag = (code or "").lower()
    if tag.startswith(("zh-hant", "zh-tw", "zh-hk", "zh-mo")):
        return Language.ZH_HANT
    return Language.ZH if tag.startswith("zh") else Language.EN


@dataclass(frozen=True, slots=True)
class Invitation:
    """A question that stands below the greeting."""

    message: list[Line]
    rows: Keyboard


class Beside(Protocol):
    """What others keep about a person, and ask them once."""

    @property
    def to_ask(self) -> Callable[[Connection, int, Language], bool]:
        """Whether this chat, which reads this language, is to be asked; it counts as asked by that."""

    @property
    def invitation(self) -> Callable[[Language], Invitation]:
        """The question, for readers of a language."""

    @property
    def kept(self) -> Callable[[Update], Awaitable[list[Line]]]:
        """Lines that say what is kept about the sender."""

    @property
    def erase(self) -> store.Erase:
        """Takes all of it out of the database."""


class People:
    """Handlers for what concerns the person, not the question.

    Args:
        regions: the regions that can be chosen, by code.
        places: name of a province or city -> code, normalised.
        open_entry: shows the entry that a deep link names; false when there is none.
        links: what opens other deep links, by what stands before the first "_" of their payload.
        commands: the commands that whoever sent the update has beyond those of everybody.
        beside: gives what others keep about a person, and ask them.
        retention_days: how long questions are kept, to be told (days).
    """

    def __init__(
        self,
        texts: Texts,
        db: Database,
        *,
        regions: dict[str, Region],
        places: dict[str, str],
        open_entry: Callable[[Update, str], Awaitable[bool]],
        links: Mapping[str, Link],
        commands: Callable[[Update], Awaitable[Sequence[str]]],
        beside: Callable[[], Beside],
        retention_days: int,
    ) -> None:
        self._texts = texts
        self._db = db
        self._regions = regions
        self._places = places
        self._open_entry = open_entry
        self._links = links
        self._commands = commands
        self._beside = beside
        self._retention_days = retention_days

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers, each for another command or button."""
        yield CommandHandler("start", self.start)
        yield CommandHandler("help", self.help)
        yield CommandHandler("language", self.language)
        yield CommandHandler("region", self.region)
        yield CommandHandler("privacy", self.privacy)
        yield CommandHandler("forget", self.forget)
        yield CallbackQueryHandler(self.on_language, pattern(Code.LANGUAGE))
        yield CallbackQueryHandler(self.on_region, pattern(Code.REGION))
        yield CallbackQueryHandler(self.on_choose_region, pattern(Code.CHOOSE_REGION))
        yield CallbackQueryHandler(self.on_forget, pattern(Code.FORGET))

    async def start(self, update: Update, context: Context) -> None:
        """Greets; with a payload, opens the entry it names, or does what else it stands for."""
        payload = context.args[0] if context.args else ""
        kind, _, rest = payload.partition("_")
        if kind in self._links:
            await self._links[kind](update, context, rest)
            return
        if payload and await self._open_entry(update, payload.replace("__", ".")):
            return
        language, to_ask = await self._reads_and_is_to_be_asked(update)
        keyboard = [
            [self._button(language, "button.topics", pack(Code.TOPICS))],
            [
                InlineKeyboardButton(name, callback_data=pack(Code.LANGUAGE, code))
                for code, name in LANGUAGE_NAMES.items()
            ],
        ]
        greeting = lines(self._texts.say(language, "start.greeting"))
        if to_ask:
            invitation = self._beside().invitation(language)
            greeting += [BLANK, *invitation.message]
            keyboard = [*invitation.rows, *keyboard]
        await send(update, greeting, InlineKeyboardMarkup(keyboard))

    async def _reads_and_is_to_be_asked(self, update: Update) -> tuple[Language, bool]:
        """In one turn on the thread of the database, so that a greeting comes before the answers."""
        user, chat = update.effective_user, update.effective_chat
        language = telegram_language(user.language_code if user else None)
        if chat is None:
            return language, False

        def look(db: Connection) -> tuple[Language, bool]:
            reads = store.preferences(db, chat.id).language or language
            return reads, is_private(update) and self._beside().to_ask(db, chat.id, reads)

        return await self._db.run(look)

    async def help(self, update: Update, context: Context) -> None:
        """Says how to ask and what the commands are, for staff those of staff as well."""
        language = await self.reads(update)
        message = lines(self._texts.say(language, "help.text"))
        commands = await self._commands(update)
        if commands:
            message += [BLANK, strong(self._texts.say(language, "help.staff"))]
        for name in commands:
            message.append(Line(f"/{name} – {self._texts.say(language, f'command.{name}')}"))
        await send(update, message)

    async def preferences(self, update: Update) -> Preferences:
        """What is kept about the chat that the update comes from."""
        chat = update.effective_chat
        if chat is None:
            return NOTHING_CHOSEN
        return await self._db.run(lambda db: store.preferences(db, chat.id))

    async def reads(self, update: Update) -> Language:
        """The language for all but answers: the chosen one, else that of the person's Telegram."""
        chosen = (await self.preferences(update)).language
        user = update.effective_user
        return chosen or telegram_language(user.language_code if user else None)

    async def language_of(self, user_id: int) -> Language:
        """The language to write to somebody in, unasked: the chosen one, else Chinese."""
        kept = await self._db.run(lambda db: store.preferences(db, user_id))
        return kept.language or Language.ZH

    def _button(self, language: Language, key: str, data: str) -> InlineKeyboardButton:
        return InlineKeyboardButton(self._texts.say(language, key), callback_data=data)

    async def language(self, update: Update, context: Context) -> None:
        """Offers the languages."""
        language = await self.reads(update)
        keyboard = [
            [InlineKeyboardButton(name, callback_data=pack(Code.LANGUAGE, code))]
            for code, name in LANGUAGE_NAMES.items()
        ]
        text = self._texts.say(language, "language.choose", name=LANGUAGE_NAMES[language])
        await send(update, lines(text), InlineKeyboardMarkup(keyboard))

    async def on_language(self, update: Update, context: Context) -> None:
        """Keeps the language that was tapped."""
        query, chat = update.callback_query, update.effective_chat
        if query is None or chat is None:
            return
        (code,) = unpack(query.data or "", 1)
        if code not in set(Language):
            await acknowledge(query, self._texts.say(await self.reads(update), "button.gone"))
            return
        language = Language(code)
        await self._db.run(lambda db: store.choose_language(db, chat.id, language))
        await acknowledge(query)
        text = self._texts.say(language, "language.chosen", name=LANGUAGE_NAMES[language])
        # The greeting, which this takes the place of, may have asked what is not answered yet.
        _, to_ask = await self._reads_and_is_to_be_asked(update)
        if not to_ask:
            await rewrite(query, [Line(text)])
            return
        invitation = self._beside().invitation(language)
        keyboard = InlineKeyboardMarkup(invitation.rows)
        await rewrite(query, [Line(text), BLANK, *invitation.message], keyboard)

    async def region(self, update: Update, context: Context) -> None:
        """Keeps the region that is named after the command, or offers them all."""
        chat = update.effective_chat
        language = await self.reads(update)
        if context.args and chat is not None:
            name = normalise(" ".join(context.args))
            code = self._places.get(name) or (name if name in self._regions else None)
            if code is None:
                text = self._texts.say(language, "region.unknown", name=" ".join(context.args))
                await send(update, [Line(text)], self._region_keyboard(language))
                return
            await self._db.run(lambda db: store.choose_region(db, chat.id, code))
            await send(update, [Line(self._region_chosen(language, code))])
            return
        await self._offer_regions(update)

    async def on_choose_region(self, update: Update, context: Context) -> None:
        """Offers the regions, from a button."""
        if update.callback_query is not None:
            await acknowledge(update.callback_query)
        await self._offer_regions(update)

    async def _offer_regions(self, update: Update) -> None:
        language = await self.reads(update)
        now = self._region_name(language, (await self.preferences(update)).region)
        text = self._texts.say(language, "region.choose", region=now)
        await send(update, lines(text), self._region_keyboard(language))

    def _region_name(self, language: Language, code: str | None) -> str:
        region = self._regions.get(code or "")
        if region is None:
            return self._texts.say(language, "region.none")
        return self._texts.own(language, region.name.of(language))

    def _region_chosen(self, language: Language, code: str | None) -> str:
        if code not in self._regions:
            return self._texts.say(language, "region.removed")
        name = self._region_name(language, code)
        return self._texts.say(language, "region.chosen", region=name)

    def _region_keyboard(self, language: Language) -> InlineKeyboardMarkup:
        buttons = [
            InlineKeyboardButton(
                self._region_name(language, code), callback_data=pack(Code.REGION, code)
            )
            for code in self._regions
        ]
        rows: Keyboard = [
            buttons[start : start + REGIONS_A_ROW]
            for start in range(0, len(buttons), REGIONS_A_ROW)
        ]
        rows.append([self._button(language, "region.none", pack(Code.REGION, ""))])
        return InlineKeyboardMarkup(rows)

    async def on_region(self, update: Update, context: Context) -> None:
        """Keeps the region that was tapped, or none."""
        query, chat = update.callback_query, update.effective_chat
        if query is None or chat is None:
            return
        (code,) = unpack(query.data or "", 1)
        language = await self.reads(update)
        if code and code not in self._regions:
            await acknowledge(query, self._texts.say(language, "button.gone"))
            return
        await self._db.run(lambda db: store.choose_region(db, chat.id, code or None))
        await acknowledge(query)
        await rewrite(query, [Line(self._region_chosen(language, code))])

    async def privacy(self, update: Update, context: Context) -> None:
        """Says what is kept, for how long, and how to erase it."""
        language = await self.reads(update)
        text = self._texts.say(language, "privacy.text", days=self._retention_days)
        await send(update, lines(text))

    async def forget(self, update: Update, context: Context) -> None:
        """Shows what is kept about this chat, and offers to erase it."""
        chat = update.effective_chat
        if chat is None:
            return
        language = await self.reads(update)
        kept = await self.preferences(update)
        beside = await self._beside().kept(update)
        awaited = await self._db.run(lambda db: store.awaited(db, chat.id))
        if kept == NOTHING_CHOSEN and not awaited and not beside:
            await send(update, lines(self._texts.say(language, "forget.nothing")))
            return
        name = LANGUAGE_NAMES[kept.language] if kept.language else "–"
        message = [
            strong(self._texts.say(language, "forget.title")),
            Line(self._texts.say(language, "forget.language", name=name)),
            Line(
                self._texts.say(
                    language, "forget.region", region=self._region_name(language, kept.region)
                )
            ),
            Line(self._texts.say(language, "forget.awaited", count=awaited)),
            *beside,
            BLANK,
            *lines(self._texts.say(language, "forget.explain")),
        ]
        keyboard = [[self._button(language, "button.forget", pack(Code.FORGET))]]
        await send(update, message, InlineKeyboardMarkup(keyboard))

    async def on_forget(self, update: Update, context: Context) -> None:
        """Erases what is kept about this chat."""
        query, chat = update.callback_query, update.effective_chat
        if query is None or chat is None:
            return
        language = await self.reads(update)
        await self._db.run(lambda db: store.forget(db, chat.id, self._beside().erase))
        await acknowledge(query)
        await rewrite(query, lines(self._texts.say(language, "forget.done")))
