"""Every method of the Bot API is answered in a shape that python-telegram-bot understands."""

from __future__ import annotations

import datetime
import inspect
from typing import Any

import pytest
import telegram
from telegram import Bot

from bot.sandbox import actions
from bot.sandbox.plausible import camel_case, known_methods
from bot.sandbox.state import Person, State
from tests.bot.sandbox.conftest import png

METHODS = sorted(
    name
    for name, method in inspect.getmembers(Bot, inspect.iscoroutinefunction)
    if "_" in name and not name.startswith("_") and camel_case(name) in known_methods()
)
# Parameters whose type is told by their name more surely than by their annotation.
NAMED: dict[str, Any] = {
    "text": "x",
    "photo": png(2, 2),
    "document": b"x",
    "action": "typing",
    "latitude": 1.0,
    "longitude": 1.0,
    "title": "x",
    "commands": [("a", "b")],
    "results": [],
    "options": ["a", "b"],
    "message_ids": [1],
    "emoji_list": ["👍"],
    "custom_emoji_ids": ["1"],
    "user_ids": [1],
    "story_ids": [1],
    "media": [
        telegram.InputMediaDocument(b"a", filename="a.txt"),
        telegram.InputMediaDocument(b"b", filename="b.txt"),
    ],
    "prices": [telegram.LabeledPrice("a", 1)],
    "shipping_options": [telegram.ShippingOption("a", "b", [telegram.LabeledPrice("a", 1)])],
    "permissions": telegram.ChatPermissions(),
    "sticker": telegram.InputSticker(b"a", ["👍"], "static"),
    "old_sticker": "x",
    "stickers": [telegram.InputSticker(b"a", ["👍"], "static")],
    "errors": [],
    "result": telegram.InlineQueryResultArticle("1", "a", telegram.InputTextMessageContent("b")),
    "content": telegram.InputStoryContentPhoto(b"a"),
    "active_period": 21600,
    "checklist": telegram.InputChecklist("a", [telegram.InputChecklistTask(1, "b")]),
    "keyboard_button": telegram.KeyboardButton("a"),
    "accepted_gift_types": telegram.AcceptedGiftTypes(True, True, True, True, True),
    "star_count": 1,
    "currency": "XTR",
    "provider_token": "",
}  # fmt: skip
OF_A_METHOD: dict[str, dict[str, Any]] = {
    "edit_message_media": {"media": telegram.InputMediaDocument(b"a", filename="a.txt")},
    "send_paid_media": {"media": [telegram.InputPaidMediaPhoto(png(2, 2))]},
    "send_sticker": {"sticker": b"a"},
    "set_webhook": {"url": "https://example.org/hook"},
    "send_location": {"latitude": 1.0, "longitude": 1.0},
    "send_venue": {"latitude": 1.0, "longitude": 1.0, "title": "x", "address": "y"},
    "send_contact": {"phone_number": "1", "first_name": "x"},
    "edit_message_live_location": {"latitude": 1.0, "longitude": 1.0},
    "get_sticker_set": {"name": "x"},
    "set_my_profile_photo": {"photo": telegram.InputProfilePhotoStatic(b"a")},
    "set_business_account_profile_photo": {"photo": telegram.InputProfilePhotoStatic(b"a")},
    "upload_sticker_file": {"sticker": b"a"},
    "set_sticker_position_in_set": {"sticker": "x"},
    "delete_sticker_from_set": {"sticker": "x"},
    "set_sticker_emoji_list": {"sticker": "x"},
    "set_sticker_keywords": {"sticker": "x"},
    "set_sticker_mask_position": {"sticker": "x"},
}


def value(name: str, annotation: object, state: State, worker: Person) -> Any:
    message = actions.say(state, worker, "x")
    own = {
        "chat_id": worker.id,
        "from_chat_id": worker.id,
        "user_id": worker.id,
        "message_id": message["message_id"],
    }
    if name in own or name in NAMED:
        return own.get(name, NAMED.get(name))
    text = str(annotation)
    if "bool" in text:
        return True
    if "datetime" in text or "timedelta" in text:
        return datetime.timedelta(seconds=60) if "date" not in name else 1
    if "int" in text and "str" not in text.replace("'", "").split("|")[0]:
        return 1
    return "x"


async def prepared(name: str, client: Bot, state: State, worker: Person) -> dict[str, Any]:
    """Arguments that exist where the method needs something to exist."""
    given = {
        parameter.name: value(parameter.name, parameter.annotation, state, worker)
        for parameter in inspect.signature(getattr(Bot, name)).parameters.values()
        if parameter.default is parameter.empty and parameter.name != "self"
    } | OF_A_METHOD.get(name, {})
    if name.startswith("edit_message"):
        sent = await client.send_document(worker.id, b"x", filename="x.txt", caption="x")
        if name == "edit_message_text":
            sent = await client.send_message(worker.id, "before")
        given |= {"chat_id": worker.id, "message_id": sent.message_id}
        if name == "edit_message_caption":
            given["caption"] = "y"
        if name == "edit_message_reply_markup":
            button = telegram.InlineKeyboardButton("a", callback_data="b")
            given["reply_markup"] = telegram.InlineKeyboardMarkup([[button]])
    if name == "get_file":
        given["file_id"] = state.store_file(b"x", "a.txt", "text/plain", "document").id
    if name == "answer_callback_query":
        given["callback_query_id"] = actions.tap(
            state, worker, actions.say(state, worker, "x"), "d"
        )
    if name == "answer_inline_query":
        given["inline_query_id"] = actions.ask_inline(state, worker, "x")
    if name in ("stop_message_live_location", "edit_message_live_location", "set_game_score"):
        given |= {"chat_id": worker.id, "message_id": 1}
    return given


@pytest.mark.parametrize("name", METHODS)
async def test_python_telegram_bot_understands_the_answer(
    name: str, client: Bot, state: State, worker: Person
) -> None:
    given = await prepared(name, client, state, worker)
    answer = await getattr(client, name)(**given)
    returned = known_methods()[camel_case(name)]
    if returned is bool:
        assert answer is True
    elif isinstance(returned, type) and issubclass(returned, telegram.TelegramObject):
        assert isinstance(answer, returned)
    else:
        assert answer is not None


def test_there_are_as_many_methods_as_the_library_has() -> None:
    assert len(METHODS) > 160
