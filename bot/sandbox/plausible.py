"""Answers of the right shape to methods that the bot does not use.

Which methods there are, and what they answer, is read from python-telegram-bot's own ``Bot``.
"""

from __future__ import annotations

import datetime
import functools
import inspect
import re
import typing
from collections.abc import Sequence
from typing import Any

import telegram
from telegram import Bot, Message, TelegramObject

from bot.sandbox.arguments import Arguments
from bot.sandbox.state import State

# What a value of a type may be of which some fields are told apart by a word, not a class.
_WORDS = {"type": "default", "status": "member", "source": "premium"}

# Fields that have a default in the class, but are refused when they are missing.
_REQUIRED_ALL_THE_SAME = {"Poll": {"allows_revoting": False, "members_only": False}}


def camel_case(name: str) -> str:
    """``send_message`` as the Bot API writes it."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


@functools.cache
def known_methods() -> dict[str, object]:
    """Every method of the Bot API that python-telegram-bot knows, with what it answers."""
    methods: dict[str, object] = {}
    for name, method in inspect.getmembers(Bot, inspect.iscoroutinefunction):
        if not name.startswith("_") and "_" in name and name not in ("do_api_request",):
            methods[camel_case(name)] = inspect.signature(method).return_annotation
    return {**methods, "close": bool, "logOut": bool}


def answer(state: State, method: str, arguments: Arguments) -> object:
    """What the method might answer."""
    returned = known_methods()[method]
    if _class(returned) is Message or returned == "Message | bool":
        return _message(state, arguments)
    return _value(returned, state)


def _message(state: State, arguments: Arguments) -> dict[str, Any]:
    chat_id = int(arguments.text("chat_id") or 0)
    chat = state.chat(chat_id) if chat_id else {"id": 1, "type": "private", "first_name": "–"}
    return {
        "message_id": state.number(),
        "from": state.bot,
        "chat": chat,
        "date": state.clock.timestamp(),
    }


def _class(annotation: object) -> type | None:
    if isinstance(annotation, str):
        name = re.sub(r"[\"'\s]", "", annotation)
        found = getattr(telegram, name, None)
        return found if isinstance(found, type) else None
    return annotation if isinstance(annotation, type) else None


def _value(annotation: object, state: State) -> object:
    """The least value of an annotation: empty lists, zeros, objects with what they need."""
    text = annotation if isinstance(annotation, str) else ""
    if typing.get_origin(annotation) in (tuple, Sequence) or text.startswith(("tuple", "Sequence")):
        return []
    kind = _class(annotation)
    if kind is not None and issubclass(kind, TelegramObject):
        return _object(kind, state)
    if text:
        first = re.split(r"[|\[]", text)[0].strip()
        kind = {"bool": bool, "int": int, "float": float, "str": str}.get(first)
    if kind is bool:
        return True
    if kind in (int, float):
        return 1
    if text.startswith(("dtm.", "datetime")) or kind is datetime.datetime:
        return state.clock.timestamp()
    return "x"


def _object(kind: type[TelegramObject], state: State) -> dict[str, object]:
    if kind is telegram.User:
        return state.bot
    made: dict[str, object] = dict(_REQUIRED_ALL_THE_SAME.get(kind.__name__, {}))
    for name, parameter in inspect.signature(kind.__init__).parameters.items():
        if name in ("self", "api_kwargs") or parameter.default is not parameter.empty:
            continue
        key = "from" if name == "from_user" else name
        if name in _WORDS:
            made[key] = _WORDS[name]
        elif name == "sticker_type":
            made[key] = "regular"
        else:
            made[key] = _value(parameter.annotation, state)
    return made
