"""Buttons under answers, questions back and lists."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from telegram.error import BadRequest

from bot.asking.answers import Choice, Reply
from bot.callbacks import Code, pack, pattern
from bot.texts import Texts
from knowledge.text import Language

log = logging.getLogger(__name__)

ENTRIES_A_PAGE = 8

Rows = list[list[InlineKeyboardButton]]


def _open(choice: Choice) -> list[InlineKeyboardButton]:
    return [InlineKeyboardButton(choice.title, callback_data=pack(Code.OPEN, choice.entry_id))]


def feedback_row(
    texts: Texts, language: Language, question_id: str, entry_id: str
) -> list[InlineKeyboardButton]:
    """Helpful and not helpful, for the answer to a question, or to none when its id is empty."""
    return [
        InlineKeyboardButton(
            texts.say(language, key), callback_data=pack(code, question_id, entry_id)
        )
        for key, code in (
            ("button.helpful", Code.HELPFUL),
            ("button.not_helpful", Code.NOT_HELPFUL),
        )
    ]


def under_reply(
    texts: Texts, reply: Reply, language: Language, question_id: str
) -> InlineKeyboardMarkup | None:
    """What belongs under a reply: choices with a way out, or feedback and related questions."""
    rows: Rows = []
    if reply.answered is not None:
        rows.append(feedback_row(texts, language, question_id, reply.answered.id))
        if reply.older:
            older = texts.say(language, "button.older")
            data = pack(Code.OLDER, reply.answered.id)
            rows.append([InlineKeyboardButton(older, callback_data=data)])
    for number, choice in enumerate(reply.choices, 1):
        data = pack(Code.CHOOSE, question_id, choice.entry_id)
        rows.append([InlineKeyboardButton(f"{number}. {choice.title}", callback_data=data)])
    if reply.choices:
        none = texts.say(language, "button.none_of_these")
        rows.append(
            [InlineKeyboardButton(none, callback_data=pack(Code.NONE_OF_THESE, question_id))]
        )
    rows.extend(_open(choice) for choice in reply.related)
    return InlineKeyboardMarkup(rows) if rows else None


def without(markup: InlineKeyboardMarkup, *codes: Code) -> InlineKeyboardMarkup | None:
    """The keyboard without the rows that begin with one of these buttons; None when nothing is left."""
    rows = [
        row
        for row in markup.inline_keyboard
        if not re.match(pattern(*codes), str(row[0].callback_data))
    ]
    return InlineKeyboardMarkup(rows) if rows else None


def dead_number(
    texts: Texts, language: Language, entry_id: str, region: str | None
) -> list[InlineKeyboardButton]:
    """A button that says that a number does not work: one of the entry's, or of all hotlines' without one.

    Args:
        region: where the numbers were shown for.
    """
    data = pack(Code.DEAD_NUMBER, entry_id, region or "")
    return [InlineKeyboardButton(texts.say(language, "button.dead_number"), callback_data=data)]


def schemes(texts: Texts, names: Iterable[str], language: Language) -> InlineKeyboardMarkup:
    """A button for each scheme."""
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(
                    texts.say(language, f"scheme.{name}"), callback_data=pack(Code.SCHEME, name, 0)
                )
            ]
            for name in names
        ]
    )


def page_of_scheme(
    texts: Texts, scheme: str, choices: tuple[Choice, ...], page: int, language: Language
) -> InlineKeyboardMarkup:
    """A page of a scheme's questions, with ways to the pages beside it and back to the schemes."""
    last = max(0, (len(choices) - 1) // ENTRIES_A_PAGE)
    page = min(max(page, 0), last)
    start = page * ENTRIES_A_PAGE
    rows: Rows = [_open(choice) for choice in choices[start : start + ENTRIES_A_PAGE]]
    turns = []
    if page > 0:
        turns.append(("button.previous", pack(Code.SCHEME, scheme, page - 1)))
    if page < last:
        turns.append(("button.next", pack(Code.SCHEME, scheme, page + 1)))
    if turns:
        rows.append(
            [InlineKeyboardButton(texts.say(language, k), callback_data=d) for k, d in turns]
        )
    back = texts.say(language, "button.topics")
    rows.append([InlineKeyboardButton(back, callback_data=pack(Code.TOPICS))])
    return InlineKeyboardMarkup(rows)


async def take_away(query: CallbackQuery, *codes: Code) -> None:
    """The buttons that did their work go, with their rows; the others stay."""
    message = query.message
    if not isinstance(message, Message) or message.reply_markup is None:
        return
    try:
        await query.edit_message_reply_markup(without(message.reply_markup, *codes))
    except BadRequest:
        log.info("buttons_stay")  # too old to edit, or edited twice by two fast taps
