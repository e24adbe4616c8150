"""Buttons under the steps of composing."""

from __future__ import annotations

from collections.abc import Callable

from telegram import InlineKeyboardButton

from bot.callbacks import Code, pack
from bot.notices.composing.steps import STEPS, Step, chosen
from bot.notices.notice import Notice
from bot.notices.reading import Known
from bot.texts import Texts
from knowledge.text import Language

Keyboard = list[list[InlineKeyboardButton]]

MANY = 6
A_ROW = 3
CHOSEN = "✓ "


def _button(texts: Texts, language: Language, key: str, *values: object) -> InlineKeyboardButton:
    return InlineKeyboardButton(texts.say(language, key), callback_data=pack(Code.COMPOSE, *values))


def option_rows(
    texts: Texts,
    language: Language,
    step: Step,
    notice: Notice,
    known: Known,
    name: Callable[[str], str],
) -> Keyboard:
    """What can be tapped at the step: its options, then on, back and away."""
    rows: Keyboard = []
    way = [_button(texts, language, "announce.back", "back")]
    if step.options is not None:
        options, on = step.options(known), chosen(notice, step)
        buttons = [
            InlineKeyboardButton(
                (CHOSEN if option in on else "") + name(option),
                callback_data=pack(Code.COMPOSE, "set", option),
            )
            for option in options
        ]
        a_row = A_ROW if len(options) > MANY and step.name == "regions" else 1
        a_row = 2 if step.name == "topics" else a_row
        rows = [buttons[start : start + a_row] for start in range(0, len(buttons), a_row)]
        key = "button.next_step" if on else "button.everybody"
        way.append(_button(texts, language, key, "next", step.name))
    else:
        way.append(_button(texts, language, "announce.skip", "skip", step.name))
    way.append(_button(texts, language, "announce.cancel", "cancel"))
    return [*rows, way]


def edit_rows(texts: Texts, language: Language, notice: Notice, known: Known) -> Keyboard:
    """Every step, to go to one of them; then on to the preview, and away."""
    buttons = [
        _button(texts, language, f"announce.field.{step.name}", "go", step.name)
        for step in STEPS
        if step.applies(notice) and (step.options is None or step.options(known))
    ]
    rows = [buttons[start : start + 2] for start in range(0, len(buttons), 2)]
    return [
        *rows,
        [
            _button(texts, language, "announce.to_preview", "done"),
            _button(texts, language, "announce.cancel", "cancel"),
        ],
    ]
