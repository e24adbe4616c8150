"""A notice: what an organiser announces, when and where, and to whom."""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any

from bot.notices.states import Kind
from knowledge.text import Language

WRITTEN_LANGUAGES = ("zh", "en")


class Missing(StrEnum):
    """What readers of a language get in which the notice is not written."""

    OTHER = "other"  # the language in which it is
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Worded:
    """The same thing in Chinese and in English; empty where it is not written."""

    zh: str = ""
    en: str = ""

    def of(self, language: str) -> str:
        """What a reader of ``language`` (``zh``, ``zh-Hant`` or ``en``) gets; the other if need be."""
        return (self.en or self.zh) if language == "en" else (self.zh or self.en)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who gets a notice, of all who want notices. An empty part stands for everybody.

    Attributes:
        regions: two-digit codes; whoever wants notices from everywhere is meant as well.
        languages: ``zh`` (both kinds of characters) or ``en``.
        topics: FAQ schemes; whoever wants every topic is meant as well.
        signed_up: numbers of earlier notices; only those who signed up for one of them.
        not_signed_up: numbers of notices; nobody who signed up for one of them.
        not_regions: codes; nobody who wants notices from one of them.
    """

    regions: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    signed_up: tuple[int, ...] = ()
    not_signed_up: tuple[int, ...] = ()
    not_regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Poster:
    """A picture or document that goes with the words.

    Attributes:
        file_id: as Telegram knows it; None while it is a file of this machine.
        path: where it is on this machine.
        name: what a document is called.
    """

    kind: Kind
    file_id: str | None = None
    path: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """What is announced. Without a start it is news, which nobody signs up for.

    Attributes:
        starts, ends, sign_up_until: with their zone.
        capacity: how many can come; None when there is room for all.
        missing: what readers of a language get in which it is not written.
        sequence: how often it was corrected; what calendars go by.
        withdrawn: whether it does not take place, or does not hold any more.
    """

    title: Worded = Worded()
    text: Worded = Worded()
    starts: datetime.datetime | None = None
    ends: datetime.datetime | None = None
    place: Worded = Worded()
    map_link: str = ""
    contact: Worded = Worded()
    capacity: int | None = None
    sign_up_until: datetime.datetime | None = None
    poster: Poster | None = None
    audience: Audience = field(default=Audience())
    missing: Missing = Missing.OTHER
    sequence: int = 0
    withdrawn: bool = False

    @property
    def is_workshop(self) -> bool:
        """Whether one can sign up for it."""
        return self.starts is not None

    @property
    def closes(self) -> datetime.datetime | None:
        """When sign-up ends: at the deadline, or at the start."""
        return self.sign_up_until or self.starts

    @property
    def over(self) -> datetime.datetime | None:
        """When the workshop is over; two hours after its start when nobody said."""
        if self.starts is None:
            return None
        return self.ends or self.starts + datetime.timedelta(hours=2)

    def written_in(self) -> tuple[str, ...]:
        """The languages in which title and text are written."""
        return tuple(x for x in WRITTEN_LANGUAGES if getattr(self.title, x))

    def language_for(self, reader: Language) -> Language | None:
        """The language in which this reader gets it; None when they get nothing."""
        needed = "en" if reader is Language.EN else "zh"
        if needed in self.written_in():
            return reader
        if self.missing is Missing.NOTHING:
            return None
        return Language.ZH if needed == "en" else Language.EN

    def as_content(self) -> dict[str, Any]:
        """As JSON values, for :func:`read_content`."""
        content = asdict(self)
        for name in ("starts", "ends", "sign_up_until"):
            moment = content[name]
            content[name] = moment.isoformat() if moment else None
        return content


def read_content(content: dict[str, Any]) -> Notice:
    """What :meth:`Notice.as_content` gave."""
    values = {each.name: content[each.name] for each in fields(Notice) if each.name in content}
    for name in ("title", "text", "place", "contact"):
        values[name] = Worded(**values[name])
    for name in ("starts", "ends", "sign_up_until"):
        moment = values[name]
        values[name] = datetime.datetime.fromisoformat(moment) if moment else None
    values["audience"] = Audience(**{k: tuple(v) for k, v in values["audience"].items()})
    values["missing"] = Missing(values["missing"])
    poster = values["poster"]
    values["poster"] = Poster(**{**poster, "kind": Kind(poster["kind"])}) if poster else None
    return Notice(**values)
