"""Telegram for tests: the sandbox's Bot API, with a worker to write as and a record to look at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.loading import MIGRATIONS
from bot.notices.subscribing.store import asked
from bot.people.roles import Role
from bot.people.store import SHELL, give_role
from bot.sandbox import actions
from bot.sandbox.server import SandboxServer
from bot.sandbox.state import Event, Fault, Message, Person, State
from bot.texts import Texts
from knowledge.database import open_database
from knowledge.text import Language

TOKEN = "123456:" + "A" * 35
GROUP: dict[str, Any] = {"id": -5, "type": "group", "title": "G"}
# How long a test waits for a request for updates; the bot asks again at once.
QUIET = ("getMe", "getUpdates")


class TelegramServer:
    """The sandbox server, and what the tests ask about it.

    Attributes:
        state: all that the server knows.
        sent: messages of the bot that stand in chats, in order, as they look now.
        answers: answered presses: id -> text, None without one.
        url: where it listens.
        database: where the bot keeps its data.
    """

    def __init__(self, texts: Texts) -> None:
        self.state = State(TOKEN)
        self.worker = actions.add_person(self.state, "W", "zh-hans")
        self.state.groups[GROUP["id"]] = GROUP
        self.worker.started = True
        self.answers: dict[str, str | None] = {}
        self.sent: list[Message] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.url = ""
        self.database = Path()
        self.state.page_listeners.append(self._note)
        self._server = SandboxServer(self.state, texts, ZoneInfo("Asia/Shanghai"))

    async def start(self) -> None:
        """The server listens on a free port of this machine."""
        self.url = await self._server.start()

    async def stop(self) -> None:
        """The server is gone."""
        await self._server.stop()

    def _note(self, event: Event) -> None:
        match event["type"]:
            case "message" if event["message"]["from"]["is_bot"]:
                self.sent.append(event["message"])
            case "edited" if event["message"]["from"]["is_bot"]:
                number = event["message"]["message_id"]
                self.sent = [
                    event["message"] if m["message_id"] == number else m for m in self.sent
                ]
            case "press_answered":
                self.answers[event["press"]] = event["text"] or None
            case "request" if event["request"]["method"] not in QUIET:
                self.calls.append((event["request"]["method"], event["request"]["parameters"]))

    def fails(
        self, method: str, code: int, description: str, *, times: int = 1, wait: int | None = None
    ) -> None:
        """The next requests of this method fail."""
        self.state.faults.append(Fault(method, code, description, wait, times))

    def says(
        self,
        text: str | None,
        *,
        language: str | None = None,
        chat: dict[str, Any] | None = None,
        edit_of: int | None = None,
        person: Person | None = None,
        **content: Any,
    ) -> int:
        """A person sends a message, or edits the one with that number; its number is returned."""
        who = person or self.worker
        if language or person is None:
            who.language_code = language or "zh-hans"
        if edit_of is not None:
            return int(actions.edit(self.state, who, edit_of, text or "")["message_id"])
        return int(actions.say(self.state, who, text or "", chat=chat, **content)["message_id"])

    def taps(
        self,
        message: Message,
        data: str,
        *,
        language: str = "zh-hans",
        person: Person | None = None,
    ) -> str:
        """A person taps a button under a message; the number of the press is returned."""
        if person is None:
            self.worker.language_code = language
        return actions.tap(self.state, person or self.worker, message, data)

    def staff(self, *roles: Role, name: str = "S", language: str = "zh-hans") -> Person:
        """Somebody with these roles, who has started the bot."""
        person = actions.add_person(self.state, name, language)
        person.started = True
        db = open_database(self.database, *MIGRATIONS)
        for role in roles:
            give_role(db, person.id, role, actor=SHELL, now=datetime.now(UTC))
        db.close()
        return person

    def was_asked(self, person: Person) -> None:
        """This person was asked before whether they want notices."""
        db = open_database(self.database, *MIGRATIONS)
        asked(db, person.id, Language.ZH)
        db.close()

    def to(self, person: Person) -> list[Message]:
        """The messages of the bot in this person's chat, in order, as they look now."""
        return [message for message in self.sent if message["chat"]["id"] == person.id]

    async def reply_to(self, person: Person, count: int) -> Message:
        """The last message in this person's chat, once there are that many."""
        await self.until(lambda: len(self.to(person)) >= count)
        return self.to(person)[-1]

    async def until(self, happened: Callable[[], bool], seconds: float = 60.0) -> None:
        """Waits until something is so.

        Raises:
            TimeoutError: it is not so after these seconds.
        """
        async with asyncio.timeout(seconds):
            while not happened():  # noqa: ASYNC110 (what is waited for is in another library)
                await asyncio.sleep(0.01)

    async def replies(self, count: int) -> Message:
        """The last message, once the bot has sent that many in all."""
        await self.until(lambda: len(self.sent) >= count)
        return self.sent[-1]


def buttons(message: Message) -> list[tuple[str, str]]:
    """Text and data of each button under a message."""
    rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
    return [(button["text"], button["callback_data"]) for row in rows for button in row]
