"""Keyboards under messages, checked as Telegram checks them.

Source: ``get_reply_markup`` of tdlib/td (td/telegram/ReplyMarkup.cpp) and of
tdlib/telegram-bot-api (Client.cpp), whose limits and descriptions these are.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.errors import bad_request

Markup = dict[str, Any]

MOST_IN_A_ROW = 12
MOST_BUTTONS = 300
LONGEST_CALLBACK_DATA = 64
_REQUESTS = (
    "url",
    "callback_data",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "web_app",
    "login_url",
    "copy_text",
    "callback_game",
    "pay",
)


def checked(markup: object) -> Markup | None:
    """The markup as it will be shown; None when nothing of it is left.

    Buttons without text are left out, and so is what exceeds a row or the keyboard.

    Raises:
        Refused: Telegram would refuse it.
    """
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        rows = _rows(markup, "inline_keyboard", " of the InlineKeyboardMarkup")
        for button in (button for row in rows for button in row):
            _check_inline(button)
        return {"inline_keyboard": rows} if rows else None
    if "keyboard" in markup:
        rows = _rows(markup, "keyboard", "")
        return {**markup, "keyboard": rows} if rows else None
    if markup.get("remove_keyboard") or markup.get("force_reply"):
        return markup
    return None


def _rows(markup: Markup, field: str, of: str) -> list[list[Markup]]:
    given = markup[field]
    if not isinstance(given, list) or not all(isinstance(row, list) for row in given):
        raise bad_request(f'field "{field}"{of} must be an Array of Arrays')
    rows: list[list[Markup]] = []
    left = MOST_BUTTONS
    for row in given:
        kept = [_button(button, field) for button in row]
        kept = [button for button in kept if button["text"]][: min(MOST_IN_A_ROW, left)]
        left -= len(kept)
        if kept:
            rows.append(kept)
    return rows


def _button(button: object, field: str) -> Markup:
    if isinstance(button, str) and field == "keyboard":
        return {"text": button}
    inline = field == "inline_keyboard"
    what = "inline keyboard button" if inline else "keyboard button"
    if not isinstance(button, dict):
        kind = "InlineKeyboardButton must be an Object" if inline else (
            "KeyboardButton must be a String or an Object"
        )  # fmt: skip
        raise bad_request(f"can't parse {what}: {kind}")
    if not isinstance(button.get("text"), str):
        raise bad_request(f"can't parse {what}: Can't find field \"text\"")
    return button


def _check_inline(button: Markup) -> None:
    if not any(button.get(kind) not in (None, "", False) or kind in button for kind in _REQUESTS):
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= LONGEST_CALLBACK_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not _is_link(str(url)):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _is_link(url: str) -> bool:
    try:
        parts = urlsplit(url if ":" in url else f"http://{url}")
        return parts.scheme == "tg" or (
            parts.scheme in ("http", "https") and "." in (parts.hostname or "")
        )
    except ValueError:
        return False
