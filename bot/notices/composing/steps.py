"""The steps in which a notice is composed: what each takes, and when it is left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from telegram import Message

from bot.notices.moments import read_moment
from bot.notices.notice import (
    WRITTEN_LANGUAGES,
    Audience,
    Missing,
    Notice,
    Poster,
    Worded,
)
from bot.notices.reading import Known
from bot.notices.states import Kind
from knowledge.entry import SCHEMES

# Between the Chinese and the English half of what is short enough for one line.
BETWEEN = "|"
LONGEST_TITLE = 120


class Unreadable(Exception):
    """What was written cannot be taken for what the step asks.

    Attributes:
        key: of the sentence that says what was expected.
    """

    def __init__(self, key: str, **parameters: object) -> None:
        super().__init__(key)
        self.key = key
        self.parameters = parameters


Read = Callable[[Notice, str, Known], Notice]


def _always(notice: Notice) -> bool:
    return True


def _for_workshops(notice: Notice) -> bool:
    return notice.starts is not None


@dataclass(frozen=True, slots=True)
class Step:
    """One question to the organiser.

    Attributes:
        name: of the step; its sentence is ``notice.step.NAME``.
        fields: whose problems are told at this step.
        read: takes what was written; None where buttons or a file answer.
        blank: what the fields hold when the step is skipped.
        options: what can be tapped, each on and off; their number may be many.
        applies: whether the step is asked at all.
    """

    name: str
    fields: tuple[str, ...]
    read: Read | None
    blank: Callable[[Notice], Notice]
    options: Callable[[Known], Sequence[str]] | None = None
    applies: Callable[[Notice], bool] = _always


def _words(field: str, language: str, most: int | None) -> Read:
    def read(notice: Notice, written: str, known: Known) -> Notice:
        if most is not None and len(written) > most:
            raise Unreadable("expected.at_most", most=most, found=len(written))
        return _reworded(notice, field, **{language: written})

    return read


def _reworded(notice: Notice, field: str, **words: str) -> Notice:
    changed: dict[str, Any] = {field: replace(getattr(notice, field), **words)}
    return replace(notice, **changed)


def _without(field: str, language: str) -> Callable[[Notice], Notice]:
    return lambda notice: _reworded(notice, field, **{language: ""})


def _written(language: str) -> Callable[[Notice], bool]:
    return lambda notice: bool(getattr(notice.title, language))


def _both(field: str) -> Read:
    """One line for all, or the Chinese and the English with a mark between."""

    def read(notice: Notice, written: str, known: Known) -> Notice:
        zh, _, en = (part.strip() for part in written.partition(BETWEEN))
        return _set(notice, field, Worded(zh or en, en or zh))

    return read


def _set(notice: Notice, field: str, value: object) -> Notice:
    changed: dict[str, Any] = {field: value}
    return replace(notice, **changed)


def _moment(field: str) -> Read:
    def read(notice: Notice, written: str, known: Known) -> Notice:
        day = notice.starts.date() if notice.starts and field != "starts" else None
        moment = read_moment(written, known.zone, known.today, day)
        if moment is None:
            raise Unreadable("expected.moment", found=written)
        return _set(notice, field, moment)

    return read


def _capacity(notice: Notice, written: str, known: Known) -> Notice:
    if not (written.isascii() and written.isdigit()) or not 0 < int(written) < 1_000_000:
        raise Unreadable("expected.number", least=1, found=written)
    return replace(notice, capacity=int(written))


def _link(notice: Notice, written: str, known: Known) -> Notice:
    return replace(notice, map_link=written)


def _no_start(notice: Notice) -> Notice:
    return replace(notice, starts=None, ends=None, sign_up_until=None, capacity=None)


def _blank(field: str, value: object) -> Callable[[Notice], Notice]:
    return lambda notice: _set(notice, field, value)


def _everybody(part: str) -> Callable[[Notice], Notice]:
    changed: dict[str, Any] = {part: ()}
    return lambda notice: replace(notice, audience=replace(notice.audience, **changed))


def _workshops(known: Known) -> list[str]:
    return [str(number) for number in sorted(known.workshops, reverse=True)[:8]]


def _audience_step(
    part: str, options: Callable[[Known], Sequence[str]], applies: Callable[[Notice], bool]
) -> Step:
    return Step(part, (f"audience.{part}",), None, _everybody(part), options, applies)


def _one_language(notice: Notice) -> bool:
    return len(notice.written_in()) == 1


STEPS: tuple[Step, ...] = (
    Step("title_zh", ("title.zh",), _words("title", "zh", LONGEST_TITLE), _without("title", "zh")),
    Step(
        "text_zh",
        ("text.zh",),
        _words("text", "zh", None),
        _without("text", "zh"),
        applies=_written("zh"),
    ),
    Step(
        "title_en",
        ("title.en", "title"),
        _words("title", "en", LONGEST_TITLE),
        _without("title", "en"),
    ),
    Step(
        "text_en",
        ("text.en",),
        _words("text", "en", None),
        _without("text", "en"),
        applies=_written("en"),
    ),
    Step("starts", ("starts",), _moment("starts"), _no_start),
    Step("ends", ("ends",), _moment("ends"), _blank("ends", None), applies=_for_workshops),
    Step("place", ("place",), _both("place"), _blank("place", Worded())),
    Step("map_link", ("map_link",), _link, _blank("map_link", "")),
    Step("contact", ("contact",), _both("contact"), _blank("contact", Worded())),
    Step("capacity", ("capacity",), _capacity, _blank("capacity", None), applies=_for_workshops),
    Step(
        "sign_up_until",
        ("sign_up_until",),
        _moment("sign_up_until"),
        _blank("sign_up_until", None),
        applies=_for_workshops,
    ),
    Step("poster", ("poster", "text.zh", "text.en"), None, _blank("poster", None)),
    _audience_step("regions", lambda known: list(dict.fromkeys(known.regions.values())), _always),
    _audience_step("languages", lambda known: WRITTEN_LANGUAGES, _always),
    _audience_step("topics", lambda known: SCHEMES, _always),
    _audience_step("signed_up", _workshops, _always),
    _audience_step("not_signed_up", _workshops, _always),
    Step(
        "missing",
        ("missing",),
        None,
        _blank("missing", Missing.OTHER),
        lambda known: [str(each) for each in Missing],
        _one_language,
    ),
)
BY_NAME = {step.name: step for step in STEPS}


def following(notice: Notice, name: str, known: Known, by: int = 1) -> Step | None:
    """The next step that is asked (the one before with ``by`` -1); None at the end."""
    number = STEPS.index(BY_NAME[name]) + by
    while 0 <= number < len(STEPS):
        step = STEPS[number]
        if step.applies(notice) and (step.options is None or step.options(known)):
            return step
        number += by
    return None


def chosen(notice: Notice, step: Step) -> tuple[str, ...]:
    """What is on, of what can be tapped."""
    if step.name == "missing":
        return (str(notice.missing),)
    return tuple(map(str, getattr(notice.audience, step.name)))


def tapped(notice: Notice, step: Step, option: str, known: Known) -> Notice:
    """The notice with that option on where it was off, and off where it was on.

    Raises:
        Unreadable: there is no such option.
    """
    options = step.options(known) if step.options else ()
    if option not in options:
        raise Unreadable("button.gone")
    if step.name == "missing":
        return replace(notice, missing=Missing(option))
    on = set(chosen(notice, step)) ^ {option}
    values = [each for each in options if each in on]
    numbers = step.name in ("signed_up", "not_signed_up")
    changed: dict[str, Any] = {step.name: tuple(map(int, values)) if numbers else tuple(values)}
    audience: Audience = replace(notice.audience, **changed)
    return replace(notice, audience=audience)


def taken(notice: Notice, step: Step, message: Message, known: Known) -> Notice:
    """The notice with what the message holds.

    Raises:
        Unreadable: it is not what the step asks for.
    """
    if step.name == "poster":
        return replace(notice, poster=_poster(message))
    written = (message.text or "").strip()
    if step.read is None or not written:
        raise Unreadable("expected.words")
    return step.read(notice, written, known)


def _poster(message: Message) -> Poster:
    if message.photo:
        return Poster(Kind.PHOTO, file_id=message.photo[-1].file_id)
    if message.document:
        file = message.document
        return Poster(Kind.DOCUMENT, file_id=file.file_id, name=file.file_name)
    raise Unreadable("expected.poster")
