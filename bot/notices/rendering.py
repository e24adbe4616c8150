"""A notice as it is sent: words, markup, buttons. The preview and the outbox take it from here."""

from __future__ import annotations

from bot.callbacks import Code, pack
from bot.markup import BLANK, LONGEST_MESSAGE, Line, lines, quiet, strong, to_html
from bot.notices.moments import say_moment, say_when
from bot.notices.notice import Notice
from bot.notices.states import Button, Kind, Payload
from bot.texts import Texts
from knowledge.text import Language

# Telegram's limit for the words under a picture or document, in UTF-16 units after markup.
LONGEST_CAPTION = 1024


def most_units(notice: Notice) -> int:
    """How long the message may be, in UTF-16 units after markup."""
    return LONGEST_CAPTION if notice.poster else LONGEST_MESSAGE


def message(texts: Texts, language: Language, notice: Notice) -> list[Line]:
    """The words that a reader of this language gets."""
    own = [
        *([strong(texts.say(language, "announce.withdrawn"))] if notice.withdrawn else []),
        strong(texts.own(language, notice.title.of(language))),
        BLANK,
        *lines(texts.own(language, notice.text.of(language))),
    ]
    said = facts(texts, language, notice)
    opt_out = quiet(texts.say(language, "announce.opt_out"))
    return [*own, *([BLANK, *said] if said else []), BLANK, opt_out]


def facts(texts: Texts, language: Language, notice: Notice) -> list[Line]:
    """When, where, whom to ask, and for how many."""
    found: dict[str, object] = {
        "announce.when": say_when(texts, language, notice),
        "announce.where": texts.own(language, notice.place.of(language)),
        "announce.contact": texts.own(language, notice.contact.of(language)),
        "announce.capacity": notice.capacity,
    }
    if notice.sign_up_until is not None:
        found["announce.until"] = say_moment(texts, language, notice.sign_up_until)
    return [Line(texts.say(language, key, value=value)) for key, value in found.items() if value]


def buttons(
    texts: Texts, language: Language, notice: Notice, notice_id: int
) -> tuple[tuple[Button, ...], ...]:
    """The buttons under the notice, for somebody who has not signed up."""
    rows: list[tuple[Button, ...]] = []
    if notice.withdrawn:
        return ()
    if notice.is_workshop:
        text = texts.say(language, "button.sign_up")
        rows.append((Button(text, data=pack(Code.SIGN_UP, "join", notice_id)),))
    if notice.map_link:
        rows.append((Button(texts.say(language, "button.map"), url=notice.map_link),))
    return tuple(rows)


def payload(texts: Texts, language: Language, notice: Notice, notice_id: int) -> Payload:
    """The very message that readers of this language are sent."""
    html = "\n".join(to_html(message(texts, language, notice)))
    under = buttons(texts, language, notice, notice_id)
    poster = notice.poster
    if poster is None:
        return Payload(Kind.TEXT, html, buttons=under)
    return Payload(
        poster.kind,
        html,
        file_id=poster.file_id,
        path=poster.path,
        filename=poster.name,
        buttons=under,
    )


def payloads(texts: Texts, notice: Notice, notice_id: int) -> dict[str, Payload]:
    """The messages of every language in which somebody may get the notice."""
    found = {reader: notice.language_for(reader) for reader in Language}
    return {
        str(language): payload(texts, language, notice, notice_id)
        for language in dict.fromkeys(found.values())
        if language is not None
    }


def readers(notice: Notice) -> dict[str, str]:
    """The language of the message that readers of each language get; those who get none are left out."""
    found = {reader: notice.language_for(reader) for reader in Language}
    return {str(reader): str(language) for reader, language in found.items() if language}
