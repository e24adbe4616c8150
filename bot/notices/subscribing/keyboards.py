"""Buttons with which a worker says what they want of notices."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from telegram import InlineKeyboardButton

from bot.callbacks import Code, pack
from bot.texts import Texts
from knowledge.entry import SCHEMES
from knowledge.text import Language

Keyboard = list[list[InlineKeyboardButton]]

REGIONS_A_ROW = 3
TOPICS_A_ROW = 2
CHOSEN = "✓ "


def _button(text: str, *values: object) -> InlineKeyboardButton:
    return InlineKeyboardButton(text, callback_data=pack(Code.NOTICES, *values))


def _rows(buttons: list[InlineKeyboardButton], a_row: int) -> Keyboard:
    return [buttons[start : start + a_row] for start in range(0, len(buttons), a_row)]


def invitation_row(texts: Texts, language: Language) -> list[InlineKeyboardButton]:
    """Whether they want notices."""
    return [
        _button(texts.say(language, "button.notices_yes"), "yes"),
        _button(texts.say(language, "button.notices_no"), "no"),
    ]


def region_rows(
    texts: Texts, language: Language, names: Mapping[str, str], chosen: str
) -> Keyboard:
    """Where notices are wanted from; everywhere first."""
    buttons = [
        _button((CHOSEN if code == chosen else "") + name, "region", code)
        for code, name in names.items()
    ]
    return [buttons[:1], *_rows(buttons[1:], REGIONS_A_ROW)]


def topic_rows(texts: Texts, language: Language, chosen: Collection[str]) -> Keyboard:
    """What notices are wanted about; each can be chosen and left out again."""
    everything = (CHOSEN if not chosen else "") + texts.say(language, "notices.all_topics")
    buttons = [
        _button(
            (CHOSEN if scheme in chosen else "") + texts.say(language, f"scheme.{scheme}"),
            "topic",
            scheme,
        )
        for scheme in SCHEMES
    ]
    done = _button(texts.say(language, "button.done"), "menu")
    return [[_button(everything, "topic", "")], *_rows(buttons, TOPICS_A_ROW), [done]]


def panel_rows(texts: Texts, language: Language, wanted: bool, paused: bool) -> Keyboard:
    """What can be changed."""
    earlier = [_button(texts.say(language, "button.notices_past"), "past")]
    if not wanted:
        return [[_button(texts.say(language, "button.notices_yes"), "yes")], earlier]
    rest = ("button.notices_resume", "resume") if paused else ("button.notices_pause", "pause")
    return [
        [
            _button(texts.say(language, "button.notices_region"), "from"),
            _button(texts.say(language, "button.notices_topics"), "about"),
        ],
        [
            _button(texts.say(language, rest[0]), rest[1]),
            _button(texts.say(language, "button.notices_off"), "off"),
        ],
        earlier,
    ]
