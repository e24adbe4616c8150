"""What a notice and its deliveries can be, and what is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class NoticeState(StrEnum):
    """Where a notice stands."""

    DRAFT = "draft"
    APPROVAL = "approval"  # waits for a second person
    SCHEDULED = "scheduled"  # is queued when its time has come
    MISSED = "missed"  # its time passed while nobody could send; a person decides
    QUEUEING = "queueing"  # some of its deliveries are in the outbox, not yet all
    QUEUED = "queued"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class DeliveryState(StrEnum):
    """Where one notice to one chat stands."""

    PENDING = "pending"
    SENDING = "sending"  # claimed: the call is about to be made, or under way
    SENT = "sent"
    FAILED = "failed"
    GONE = "gone"  # blocked, deactivated, or there is no such chat
    UNKNOWN = "unknown"  # may have arrived; never repeated by itself
    CANCELLED = "cancelled"


class PauseReason(StrEnum):
    """Why a notice paused by itself."""

    ERRORS = "errors"  # too many of the last ones failed
    TOKEN = "token"  # noqa: S105 (Telegram does not know the bot's token)
    RECIPIENTS = "recipients"  # what is sent, or to whom, could not be worked out


class Kind(StrEnum):
    """What a message is to Telegram."""

    TEXT = "text"
    PHOTO = "photo"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message: with a link or with callback data, not both."""

    text: str
    url: str | None = None
    data: str | None = None


@dataclass(frozen=True, slots=True)
class Payload:
    """The very message that is sent.

    Attributes:
        html: text, or caption of a photo or document, as Telegram's HTML.
        file_id: the file as Telegram knows it; None until it was uploaded once.
        path: where the file is on this machine, needed while there is no ``file_id``.
        filename: what a document is called.
        buttons: rows of buttons.
        entities: when there are any, ``html`` is plain text and these are its markup, as the Bot API
            writes them.
    """

    kind: Kind
    html: str
    file_id: str | None = None
    path: str | None = None
    filename: str | None = None
    buttons: tuple[tuple[Button, ...], ...] = ()
    entities: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def to_upload(self) -> bool:
        """Whether Telegram does not have the file yet."""
        return self.kind is not Kind.TEXT and self.file_id is None

    def as_json(self) -> str:
        """For :func:`read_payload`."""
        return json.dumps(asdict(self), ensure_ascii=False)


def read_payload(written: str) -> Payload:
    """What :meth:`Payload.as_json` wrote."""
    value = json.loads(written)
    value["kind"] = Kind(value["kind"])
    value["buttons"] = tuple(tuple(Button(**button) for button in row) for row in value["buttons"])
    value["entities"] = tuple(value["entities"])
    return Payload(**value)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this process has claimed.

    Attributes:
        attempts: how often it was tried before.
    """

    notice_id: int
    chat_id: int
    language: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the call of a claimed delivery went.

    Attributes:
        state: the new state; pending when it is tried again.
        reason: a word or two for people and logs; never what was sent.
        tried: whether the attempt counts.
        wait: when pending, seconds until the next attempt.
        new_chat_id: where the chat has moved to.
        file_id: of the file that was uploaded with it.
    """

    claim: Claim
    state: DeliveryState
    reason: str | None = None
    message_id: int | None = None
    tried: bool = True
    wait: float = 0.0
    new_chat_id: int | None = None
    file_id: str | None = None


Counts = dict[DeliveryState, int]
OPEN = (DeliveryState.PENDING, DeliveryState.SENDING)


def left(counts: Counts) -> int:
    """How many are not settled."""
    return sum(counts[state] for state in OPEN)
