"""What goes out after a notice: reminders, changes, room for one who waited, and how it was."""

from __future__ import annotations

from bot.callbacks import Code, pack
from bot.markup import BLANK, Line, lines, strong, to_html
from bot.notices.following.store import FollowUp
from bot.notices.moments import say_when
from bot.notices.notice import Notice
from bot.notices.rendering import facts
from bot.notices.states import Button, Kind, Payload
from bot.texts import Texts
from knowledge.text import Language

MOST_STARS = 5
HEADS = {
    FollowUp.DAY: "workshop.reminder_day",
    FollowUp.HOURS: "workshop.reminder_hours",
    FollowUp.ROOM: "workshop.room",
    FollowUp.CHANGED: "workshop.changed",
    FollowUp.WITHDRAWN: "workshop.withdrawn",
    FollowUp.RATING: "workshop.rating",
}

Rows = tuple[tuple[Button, ...], ...]


def after_message(
    texts: Texts, language: Language, kind: FollowUp, notice: Notice, notice_id: int
) -> Payload:
    """What goes out after the notice, to a reader of this language."""
    title = texts.own(language, notice.title.of(language))
    message: list[Line] = [strong(texts.say(language, HEADS[kind], title=title))]
    match kind:
        case FollowUp.WITHDRAWN:
            message.append(Line(say_when(texts, language, notice)))
        case FollowUp.RATING:
            message += lines(texts.say(language, "workshop.rating_hint"))
        case FollowUp.CHANGED:
            own = lines(texts.own(language, notice.text.of(language)))
            message += [BLANK, *own, BLANK, *facts(texts, language, notice)]
        case _:
            message += [BLANK, *facts(texts, language, notice)]
    html = to_html(message)[0]
    return Payload(Kind.TEXT, html, buttons=_buttons(texts, language, kind, notice, notice_id))


def _buttons(
    texts: Texts, language: Language, kind: FollowUp, notice: Notice, notice_id: int
) -> Rows:
    match kind:
        case FollowUp.RATING:
            stars = range(1, MOST_STARS + 1)
            return (tuple(Button(f"{n} ★", data=pack(Code.RATE, notice_id, n)) for n in stars),)
        case FollowUp.WITHDRAWN:
            calendar = Button(
                texts.say(language, "button.calendar_remove"),
                data=pack(Code.SIGN_UP, "ics", notice_id),
            )
            return ((calendar,),)
    return own_buttons(texts, language, notice, notice_id, here=kind is FollowUp.HOURS)


def own_buttons(
    texts: Texts,
    language: Language,
    notice: Notice,
    notice_id: int,
    *,
    guests: int | None = None,
    coming: bool = True,
    named: bool = True,
    here: bool = False,
) -> Rows:
    """The buttons for somebody who has signed up.

    Args:
        guests: how many they bring, where that can be changed here.
        coming: whether they have a seat; else they wait for one.
        named: whether the organiser knows a name, or none is to be asked for.
        here: whether they may be at the door.
    """

    def button(key: str, act: str) -> Button:
        return Button(texts.say(language, key), data=pack(Code.SIGN_UP, act, notice_id))

    first: list[Button] = []
    if guests is not None:
        first.append(
            button("button.plus_one", "plus") if guests == 0 else button("button.alone", "minus")
        )
    first.append(button("button.not_coming" if coming else "button.not_waiting", "leave"))
    rows = [tuple(first)]
    if coming:
        second = [button("button.calendar", "ics")]
        if not named:
            second.append(button("button.give_name", "name"))
        if here:
            data = pack(Code.HERE, notice_id)
            second.append(Button(texts.say(language, "button.here"), data=data))
        rows.append(tuple(second))
    if notice.map_link:
        rows.append((Button(texts.say(language, "button.map"), url=notice.map_link),))
    return tuple(rows)
