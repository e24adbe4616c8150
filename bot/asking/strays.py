"""What nobody else takes: old buttons, unknown commands, messages without words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, MessageHandler, filters

from bot.markup import lines
from bot.people.handlers import Context, People
from bot.sending import acknowledge, send
from bot.texts import Texts


class Strays:
    """The last handlers of all: whoever sent something hears what to do instead."""

    def __init__(self, texts: Texts, people: People) -> None:
        self._texts = texts
        self._people = people

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers, the most general at the end."""
        yield CallbackQueryHandler(self.on_unknown_button)
        private = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
        yield MessageHandler(private & filters.COMMAND, self.on_unknown_command)
        yield MessageHandler(private & ~filters.StatusUpdate.ALL, self.on_no_words)

    async def on_unknown_button(self, update: Update, context: Context) -> None:
        """Says that a button from another time does nothing any more."""
        query = update.callback_query
        if query is not None:
            language = await self._people.reads(update)
            await acknowledge(query, self._texts.say(language, "button.gone"), alert=True)

    async def on_unknown_command(self, update: Update, context: Context) -> None:
        """Says that there is no such command, and which there are."""
        language = await self._people.reads(update)
        await send(update, lines(self._texts.say(language, "command.unknown")))

    async def on_no_words(self, update: Update, context: Context) -> None:
        """Explains kindly that pictures, voice and the like cannot be read."""
        language = await self._people.reads(update)
        await send(update, lines(self._texts.say(language, "ask.words_please")))
