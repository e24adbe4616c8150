"""What Telegram's servers would hold: people, chats, messages, files, and updates for the bot."""

from __future__ import annotations

import itertools
import json
import secrets
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.sandbox.clock import Clock
from bot.sandbox.errors import bad_request, forbidden
from bot.sandbox.limits import Limits

Message = dict[str, Any]
Event = dict[str, Any]
Update = dict[str, Any]

MOST_REQUESTS_KEPT = 500
FORMAT = 1


@dataclass
class Person:
    """Somebody with a phone.

    Attributes:
        id: Telegram's number of the person, and of the private chat with them (positive).
        language_code: IETF tag of their Telegram.
        role: worker, editor or organiser; only the page shows it.
        started: whether they ever wrote to the bot; before that it may not write to them.
        blocked: whether they blocked the bot.
        deactivated: whether their account is deleted.
        reply_keyboard: the keyboard that stands below their input field.
    """

    id: int
    first_name: str
    language_code: str
    role: str = "worker"
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    reply_keyboard: dict[str, Any] | None = None

    def user(self) -> dict[str, Any]:
        """The person as the Bot API describes a user."""
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "language_code": self.language_code,
        }

    def chat(self) -> dict[str, Any]:
        """The private chat with them."""
        return {"id": self.id, "type": "private", "first_name": self.first_name}


@dataclass
class File:
    """A file that somebody sent; its bytes stay in memory, and in the state file.

    Attributes:
        path: where the bot may fetch it, below ``/file/bot<token>/``.
        kind: "photo" or "document".
    """

    id: str
    unique_id: str
    path: str
    name: str
    mime_type: str
    content: bytes
    kind: str

    def json(self) -> dict[str, Any]:
        """What getFile says of it."""
        return {
            "file_id": self.id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.content),
            "file_path": self.path,
        }


@dataclass
class Fault:
    """What goes wrong on purpose.

    Attributes:
        method: the method that fails, or "*" for all but getUpdates.
        code: HTTP status and error code; 0 breaks the connection without an answer.
        times: how often it still happens.
        after: whether the method is carried out before it fails, so that the answer alone is lost.
    """

    method: str
    code: int
    description: str = "Internal Server Error"
    retry_after: int | None = None
    times: int = 1
    after: bool = False


@dataclass
class Webhook:
    """Where updates are delivered to."""

    url: str = ""
    secret_token: str = ""
    max_connections: int = 40
    last_error_date: int | None = None
    last_error_message: str | None = None


@dataclass
class State:
    """Everything the server knows. One event loop reads and writes it.

    Attributes:
        token: the only token that is accepted.
        page_listeners: called with each event that the page shows.
        deliver_twice: whether each update is handed out twice, as after a lost confirmation.
    """

    token: str
    clock: Clock = field(default_factory=Clock)
    limits: Limits = field(default_factory=Limits)
    people: dict[int, Person] = field(default_factory=dict)
    groups: dict[int, dict[str, Any]] = field(default_factory=dict)
    messages: dict[int, dict[int, Message]] = field(default_factory=dict)
    earlier: dict[tuple[int, int], list[Message]] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    commands: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    profile: dict[str, str] = field(default_factory=dict)
    updates: deque[Update] = field(default_factory=deque)
    last_update: Update | None = None
    allowed_updates: list[str] = field(default_factory=list)
    webhook: Webhook = field(default_factory=Webhook)
    presses: dict[str, tuple[int, int]] = field(default_factory=dict)
    inline: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    requests: deque[Event] = field(default_factory=lambda: deque(maxlen=MOST_REQUESTS_KEPT))
    page_listeners: list[Callable[[Event], None]] = field(default_factory=list)
    update_listeners: list[Callable[[], None]] = field(default_factory=list)
    deliver_twice: bool = False

    def __post_init__(self) -> None:
        self._numbers: Iterator[int] = itertools.count(1)

    def number(self) -> int:
        """A number that was not given out before, larger than all before it."""
        return next(self._numbers)

    @property
    def bot(self) -> dict[str, Any]:
        """The bot as a user."""
        return {
            "id": int(self.token.split(":")[0]),
            "is_bot": True,
            "first_name": self.profile.get("name") or "社保问答",
            "username": "shebao_sandbox_bot",
        }

    def tell(self, kind: str, **content: Any) -> None:
        """The page hears of something that happened."""
        for listener in self.page_listeners:
            listener({"type": kind, **content})

    def put(self, kind: str, content: dict[str, Any]) -> Update | None:
        """An update waits for the bot, unless it asked for other kinds only."""
        if self.allowed_updates and kind not in self.allowed_updates:
            return None
        update = {"update_id": self.number(), kind: content}
        self.updates.append(update)
        self.last_update = update
        for listener in self.update_listeners:
            listener()
        return update

    def chat(self, chat_id: int) -> dict[str, Any]:
        """The chat.

        Raises:
            Refused: there is no such chat.
        """
        if chat_id in self.people:
            return self.people[chat_id].chat()
        if chat_id in self.groups:
            return self.groups[chat_id]
        raise bad_request("chat not found")

    def writable(self, chat_id: int) -> dict[str, Any]:
        """The chat, when the bot may write to it.

        Raises:
            Refused: it may not.
        """
        chat = self.chat(chat_id)
        person = self.people.get(chat_id)
        if person is not None:
            if person.deactivated:
                raise forbidden("user is deactivated")
            if person.blocked:
                raise forbidden("bot was blocked by the user")
            if not person.started:
                raise forbidden("bot can't initiate conversation with a user")
        return chat

    def keep(self, message: Message) -> Message:
        """The message stands in its chat, and the page shows it."""
        chat_id = message["chat"]["id"]
        self.messages.setdefault(chat_id, {})[message["message_id"]] = message
        self.tell("message", chat_id=chat_id, message=message)
        return message

    def replace(self, message: Message, changed: Message) -> Message:
        """A message has new content; what it said before is kept for the page."""
        chat_id, number = message["chat"]["id"], message["message_id"]
        self.earlier.setdefault((chat_id, number), []).append(message)
        self.messages[chat_id][number] = changed
        self.tell("edited", chat_id=chat_id, message=changed, earlier=self.earlier[chat_id, number])
        return changed

    def remove(self, chat_id: int, message_id: int) -> None:
        """The message is gone from its chat."""
        self.messages.get(chat_id, {}).pop(message_id, None)
        self.tell("deleted", chat_id=chat_id, message_id=message_id)

    def store_file(self, content: bytes, name: str, mime_type: str, kind: str) -> File:
        """A new file with an id that the bot can fetch and send again."""
        number = self.number()
        suffix = Path(name).suffix or (".jpg" if kind == "photo" else "")
        file = File(
            id=f"{'AgAC' if kind == 'photo' else 'BQAC'}{secrets.token_urlsafe(18)}",
            unique_id=f"AQ{secrets.token_urlsafe(6)}",
            path=f"{kind}s/file_{number}{suffix}",
            name=name,
            mime_type=mime_type,
            content=content,
            kind=kind,
        )
        self.files[file.id] = file
        return file


def save(state: State, path: Path) -> None:
    """People, messages, files and waiting updates stand in the file; a half-written one never does."""
    content = {
        "format": FORMAT,
        "token": state.token,
        "next_number": state.number(),
        "ahead_seconds": state.clock.ahead.total_seconds(),
        "limits": state.limits.on,
        "people": [asdict(person) for person in state.people.values()],
        "groups": list(state.groups.values()),
        "messages": [list(chat.values()) for chat in state.messages.values()],
        "files": [{**asdict(file), "content": file.content.hex()} for file in state.files.values()],
        "commands": state.commands,
        "profile": state.profile,
        "updates": list(state.updates),
        "allowed_updates": state.allowed_updates,
    }
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    beside.replace(path)


def load(path: Path) -> State:
    """The state that was saved there.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not a state file, or of another format.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError("format")
    try:
        state = State(content["token"], Clock(timedelta(seconds=content["ahead_seconds"])))
        state._numbers = itertools.count(content["next_number"] + 1)
        state.limits.on = content["limits"]
        state.people = {person["id"]: Person(**person) for person in content["people"]}
        state.groups = {group["id"]: group for group in content["groups"]}
        for messages in content["messages"]:
            for message in messages:
                state.messages.setdefault(message["chat"]["id"], {})[message["message_id"]] = (
                    message
                )
        for file in content["files"]:
            kept = File(**{**file, "content": bytes.fromhex(file["content"])})
            state.files[kept.id] = kept
        state.commands = content["commands"]
        state.profile = content["profile"]
        state.updates = deque(content["updates"])
        state.allowed_updates = content["allowed_updates"]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("format") from error
    return state
