"""An edit that is being made: the entry as it would be, and what it started from."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.drafts import Draft
from knowledge.entry import Entry
from knowledge.revise import Content

KIND = "entry"


@dataclass(frozen=True, slots=True)
class Proposed:
    """An entry as somebody would have it.

    Attributes:
        content: JSON of the entry as it would be.
        base: version that the edit started from; 0 for a new entry.
        small: whether the other language need not follow.
        sources: ids of questions that this answers.
        key: names this edit in buttons, so that those of an earlier one are known as such.
        step: where in the steps of a new entry this is; None when fields are chosen freely.
    """

    content: Content
    base: int
    small: bool = False
    sources: tuple[str, ...] = ()
    key: str = field(default_factory=lambda: secrets.token_hex(4))
    step: int | None = None

    @property
    def id(self) -> str:
        """The id of the entry; empty while a new one has none."""
        return str(self.content["id"])

    def as_json(self) -> dict[str, Any]:
        """What a draft or a proposal keeps."""
        return asdict(self)

    def draft(self, user_id: int, waiting: str = "") -> Draft:
        """The draft that keeps this, and which field the next message is for."""
        return Draft(user_id, KIND, waiting, self.as_json())


def proposed(content: dict[str, Any]) -> Proposed:
    """What :meth:`Proposed.as_json` kept."""
    return Proposed(**{**content, "sources": tuple(content["sources"])})


def change_of(entry: Entry, changed: Entry, *, sources: tuple[str, ...] = ()) -> Proposed:
    """The edit that makes ``changed`` of a stored entry."""
    return Proposed(changed.as_json(), entry.version, sources=sources)
