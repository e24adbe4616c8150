"""What Telegram shows of the bot beside its messages: commands and descriptions, per language."""

from __future__ import annotations

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)

from bot.texts import Texts
from knowledge.text import Language

PRIVATE_COMMANDS = (
    "topics",
    "contacts",
    "law",
    "region",
    "language",
    "notices",
    "help",
    "privacy",
    "forget",
    "start",
)
GROUP_COMMANDS = ("topics", "contacts", "law", "help")
# Telegram takes two-letter codes; without one the list is for every other language.
LANGUAGES: tuple[tuple[str | None, Language], ...] = (
    (None, Language.EN),
    ("en", Language.EN),
    ("zh", Language.ZH),
)


async def publish_profile(bot: Bot, texts: Texts) -> None:
    """Telegram shows the commands and descriptions of the catalogues; what it has already is left.

    Raises:
        TelegramError: Telegram did not take one of them.
    """
    for code, language in LANGUAGES:
        await _publish_commands(
            bot, texts, code, language, BotCommandScopeAllPrivateChats(), PRIVATE_COMMANDS
        )
        await _publish_commands(
            bot, texts, code, language, BotCommandScopeAllGroupChats(), GROUP_COMMANDS
        )
        description = texts.say(language, "profile.description")
        if (await bot.get_my_description(code)).description != description:
            await bot.set_my_description(description, language_code=code)
        short = texts.say(language, "profile.short_description")
        if (await bot.get_my_short_description(code)).short_description != short:
            await bot.set_my_short_description(short, language_code=code)


async def publish_staff_commands(
    bot: Bot, texts: Texts, user_id: int, commands: tuple[str, ...]
) -> None:
    """Telegram shows this member of staff their own commands after those of everybody.

    Raises:
        TelegramError: Telegram did not take them; they never wrote to the bot, perhaps.
    """
    scope = BotCommandScopeChat(user_id)
    for code, language in LANGUAGES:
        if commands:
            names = (*PRIVATE_COMMANDS, *commands)
            await _publish_commands(bot, texts, code, language, scope, names)
        else:
            await bot.delete_my_commands(scope=scope, language_code=code)


async def _publish_commands(
    bot: Bot,
    texts: Texts,
    code: str | None,
    language: Language,
    scope: BotCommandScope,
    names: tuple[str, ...],
) -> None:
    commands = tuple(BotCommand(name, texts.say(language, f"command.{name}")) for name in names)
    if await bot.get_my_commands(scope=scope, language_code=code) != commands:
        await bot.set_my_commands(commands, scope=scope, language_code=code)
