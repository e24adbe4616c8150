"""Bot API methods about the bot itself, about files, and answers to presses and inline queries.

Source: https://core.telegram.org/bots/api#available-methods.
"""

from __future__ import annotations

import json
import re
from typing import Any

from bot.sandbox.arguments import Arguments
from bot.sandbox.errors import bad_request
from bot.sandbox.formatting import LONGEST_TEXT, formatted
from bot.sandbox.messages import Method
from bot.sandbox.state import State

LARGEST_DOWNLOAD = 20 * 1024 * 1024
PRESS_SECONDS = 60
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
LONGEST = {"name": 64, "description": 512, "short_description": 120}


async def get_me(state: State, arguments: Arguments) -> dict[str, Any]:
    """The bot as a user."""
    return {
        **state.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def _scope(arguments: Arguments) -> str:
    scope = arguments.json("scope") or {"type": "default"}
    return json.dumps([scope, arguments.text("language_code")], sort_keys=True)


async def get_my_commands(state: State, arguments: Arguments) -> list[dict[str, str]]:
    """The commands of exactly this scope and language."""
    return state.commands.get(_scope(arguments), [])


async def set_my_commands(state: State, arguments: Arguments) -> bool:
    """The commands of this scope and language are these."""
    commands = arguments.json("commands")
    if not isinstance(commands, list):
        raise bad_request("can't parse commands JSON object")
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", str(command.get("command", ""))):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    state.commands[_scope(arguments)] = commands
    state.tell("commands")
    return True


async def delete_my_commands(state: State, arguments: Arguments) -> bool:
    """This scope and language have no commands of their own."""
    state.commands.pop(_scope(arguments), None)
    state.tell("commands")
    return True


def commands_for(state: State, chat_id: int, language_code: str) -> list[dict[str, str]]:
    """The commands that somebody in a chat sees: the narrowest scope, their language before none.

    Source: https://core.telegram.org/bots/api#determining-list-of-commands.
    """
    kind = "all_private_chats" if chat_id > 0 else "all_group_chats"
    for scope in ({"type": "chat", "chat_id": chat_id}, {"type": kind}, {"type": "default"}):
        for language in (language_code.split("-")[0], ""):
            key = json.dumps([scope, language], sort_keys=True)
            if key in state.commands:
                return state.commands[key]
    return []


def profile_text(state: State, field: str, language_code: str) -> str:
    """Name or description that somebody with this language sees."""
    own = state.profile.get(f"{field} {language_code.split('-')[0]}")
    return own or state.profile.get(f"{field} ", "")


def _getter(field: str) -> Method:
    async def get(state: State, arguments: Arguments) -> dict[str, str]:
        return {field: state.profile.get(f"{field} {arguments.text('language_code')}", "")}

    return get


def _setter(field: str) -> Method:
    async def set_(state: State, arguments: Arguments) -> bool:
        text = arguments.text(field)
        if len(text) > LONGEST[field]:
            raise bad_request(f"BOT_{field.upper()}_TOO_LONG")
        state.profile[f"{field} {arguments.text('language_code')}"] = text
        state.tell("commands")
        return True

    return set_


async def answer_callback_query(state: State, arguments: Arguments) -> bool:
    """The pressed button stops waiting; the person sees the text, if there is one."""
    number = arguments.text("callback_query_id")
    text = arguments.text("text")
    chat_id, pressed_at = state.presses.get(number, (0, 0))
    if not chat_id or state.clock.timestamp() - pressed_at > PRESS_SECONDS:
        raise bad_request(TOO_OLD)
    if len(text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    del state.presses[number]
    state.tell(
        "press_answered",
        chat_id=chat_id,
        press=number,
        text=text,
        alert=arguments.flag("show_alert"),
    )
    return True


async def answer_inline_query(state: State, arguments: Arguments) -> bool:
    """The person sees the results of what they typed after the bot's name."""
    number = arguments.text("inline_query_id")
    query = state.inline.get(number)
    if query is None or state.clock.timestamp() - query["asked_at"] > PRESS_SECONDS:
        raise bad_request(TOO_OLD)
    results = arguments.json("results")
    if not isinstance(results, list):
        raise bad_request("can't parse inline query results JSON object")
    if len(results) > 50:
        raise bad_request("too many inline query results specified")
    for result in results:
        content = result.get("input_message_content", {})
        if result.get("type") == "article" and not content:
            raise bad_request("input message content is not specified")
        if "message_text" in content:
            content["text"], content["found_entities"] = formatted(
                content["message_text"],
                content.get("parse_mode") or "",
                content.get("entities"),
                limit=LONGEST_TEXT,
                too_long="MESSAGE_TOO_LONG",
            )
    query["results"] = results
    state.tell("inline_results", chat_id=query["chat_id"], query_id=number, results=results)
    return True


async def get_file(state: State, arguments: Arguments) -> dict[str, Any]:
    """Where a file can be fetched."""
    file = state.files.get(arguments.text("file_id"))
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(file.content) > LARGEST_DOWNLOAD:
        raise bad_request("file is too big")
    return file.json()


async def get_chat(state: State, arguments: Arguments) -> dict[str, Any]:
    """The chat, whole."""
    chat = state.chat(arguments.chat_id())
    return {
        **chat,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": True,
            "limited_gifts": True,
            "unique_gifts": True,
            "premium_subscription": True,
            "gifts_from_channels": True,
        },
    }


METHODS: dict[str, Method] = {
    "getMe": get_me,
    "getMyCommands": get_my_commands,
    "setMyCommands": set_my_commands,
    "deleteMyCommands": delete_my_commands,
    **{
        f"{verb}My{name}": make(field)
        for field, name in (
            ("name", "Name"),
            ("description", "Description"),
            ("short_description", "ShortDescription"),
        )
        for verb, make in (("get", _getter), ("set", _setter))
    },
    "answerCallbackQuery": answer_callback_query,
    "answerInlineQuery": answer_inline_query,
    "getFile": get_file,
    "getChat": get_chat,
}
