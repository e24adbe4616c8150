"""Bot API methods that write, change and delete messages.

Source: https://core.telegram.org/bots/api#available-methods; descriptions of refusals from
tdlib/telegram-bot-api (Client.cpp).
"""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from typing import Any

from bot.sandbox import keyboards
from bot.sandbox.arguments import Arguments
from bot.sandbox.errors import bad_request
from bot.sandbox.formatting import LONGEST_CAPTION, LONGEST_TEXT, Entity, formatted
from bot.sandbox.media import document, file_of, photo_sizes
from bot.sandbox.state import Message, State

Method = Callable[[State, Arguments], Awaitable[object]]

DELETABLE_SECONDS = 48 * 3600
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)
ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
    "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip


async def send_message(state: State, arguments: Arguments) -> Message:
    """A text stands in the chat."""
    return _send(state, arguments, _text(arguments))


async def send_photo(state: State, arguments: Arguments) -> Message:
    """A picture stands in the chat."""
    file = file_of(state, arguments, "photo")
    return _send(state, arguments, {"photo": photo_sizes(file), **_caption(arguments)})


async def send_document(state: State, arguments: Arguments) -> Message:
    """A file stands in the chat."""
    file = file_of(state, arguments, "document")
    return _send(state, arguments, {"document": document(file), **_caption(arguments)})


async def send_location(state: State, arguments: Arguments) -> Message:
    """A point on the map stands in the chat."""
    return _send(state, arguments, {"location": _location(arguments)})


async def send_venue(state: State, arguments: Arguments) -> Message:
    """A place with its address stands in the chat."""
    location = _location(arguments)
    venue = {
        "location": location,
        "title": arguments.text("title"),
        "address": arguments.text("address"),
    }
    return _send(state, arguments, {"venue": venue, "location": location})


async def send_media_group(state: State, arguments: Arguments) -> list[Message]:
    """Two to ten pictures or files stand in the chat."""
    media = arguments.json("media")
    if not isinstance(media, list) or not 2 <= len(media) <= 10:
        raise bad_request("wrong number of messages in the album specified")
    contents = [_media(state, arguments, item) for item in media]
    return [_send(state, arguments, content) for content in contents]


async def copy_message(state: State, arguments: Arguments) -> dict[str, int]:
    """The content of another message stands in the chat, without saying where it is from."""
    content = _content(_source(state, arguments, "copy"))
    if arguments.has("caption"):
        content.update(_caption(arguments))
    return {"message_id": _send(state, arguments, content)["message_id"]}


async def forward_message(state: State, arguments: Arguments) -> Message:
    """Another message stands in the chat, with its origin."""
    message = _source(state, arguments, "forward")
    origin = {"type": "user", "sender_user": message["from"], "date": message["date"]}
    return _send(state, arguments, {**_content(message), "forward_origin": origin})


async def edit_message_text(state: State, arguments: Arguments) -> Message:
    """The text of the bot's own message is another."""
    message = _editable(state, arguments)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    return _edit(state, arguments, message, {"text": "", "entities": [], **_text(arguments)})


async def edit_message_caption(state: State, arguments: Arguments) -> Message:
    """The words under the bot's own picture or file are others."""
    message = _editable(state, arguments)
    if "photo" not in message and "document" not in message:
        raise bad_request("there is no caption in the message to edit")
    changed = {"caption": "", "caption_entities": [], **_caption(arguments)}
    return _edit(state, arguments, message, changed)


async def edit_message_media(state: State, arguments: Arguments) -> Message:
    """The bot's own message shows another picture or file."""
    message = _editable(state, arguments)
    cleared: dict[str, Any] = {"photo": None, "document": None, "caption": "", "text": None}
    return _edit(
        state, arguments, message, cleared | _media(state, arguments, arguments.json("media"))
    )


async def edit_message_reply_markup(state: State, arguments: Arguments) -> Message:
    """The buttons under the bot's own message are others, or none."""
    return _edit(state, arguments, _editable(state, arguments), {})


async def delete_message(state: State, arguments: Arguments) -> bool:
    """The message is gone, as far as it is younger than 48 hours."""
    chat_id, number = arguments.chat_id(), arguments.integer("message_id")
    state.chat(chat_id)
    message = state.messages.get(chat_id, {}).get(number)
    if message is None:
        raise bad_request("message to delete not found")
    if state.clock.timestamp() - message["date"] > DELETABLE_SECONDS:
        raise bad_request("message can't be deleted for everyone")
    state.remove(chat_id, number)
    return True


async def delete_messages(state: State, arguments: Arguments) -> bool:
    """Those of the messages that exist and are young enough are gone."""
    chat_id, numbers = arguments.chat_id(), arguments.json("message_ids")
    if not isinstance(numbers, list) or not numbers:
        raise bad_request("message identifiers are not specified")
    if len(numbers) > 100:
        raise bad_request("too many message identifiers specified")
    for number in numbers:
        message = state.messages.get(chat_id, {}).get(int(number))
        if message and state.clock.timestamp() - message["date"] <= DELETABLE_SECONDS:
            state.remove(chat_id, int(number))
    return True


async def send_chat_action(state: State, arguments: Arguments) -> bool:
    """The person sees for some seconds that the bot is busy."""
    chat_id = arguments.chat_id()
    state.writable(chat_id)
    action = arguments.text("action")
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    state.tell("action", chat_id=chat_id, action=action)
    return True


def _text(arguments: Arguments) -> dict[str, Any]:
    text, entities = formatted(
        arguments.text("text"),
        arguments.text("parse_mode"),
        arguments.json("entities"),
        limit=LONGEST_TEXT,
        too_long="message is too long",
    )
    if not text:
        raise bad_request("message text is empty")
    return {"text": text, **({"entities": entities} if entities else {})}


def _caption(arguments: Arguments) -> dict[str, Any]:
    text, entities = formatted(
        arguments.text("caption"),
        arguments.text("parse_mode"),
        arguments.json("caption_entities"),
        limit=LONGEST_CAPTION,
        too_long="message caption is too long",
    )
    caption: dict[str, list[Entity] | str] = {}
    if text:
        caption["caption"] = text
    if entities:
        caption["caption_entities"] = entities
    return caption


def _media(state: State, arguments: Arguments, item: object) -> dict[str, Any]:
    if not isinstance(item, dict) or item.get("type") not in ("photo", "document"):
        raise bad_request("can't parse InputMedia: type must be photo or document")
    kind = item["type"]
    own = arguments.and_also({**item, kind: item.get("media")})
    file = file_of(state, own, kind)
    return {kind: photo_sizes(file) if kind == "photo" else document(file), **_caption(own)}


def _location(arguments: Arguments) -> dict[str, float]:
    try:
        return {name: float(arguments.text(name)) for name in ("latitude", "longitude")}
    except ValueError:
        raise bad_request("latitude is empty") from None


def _source(state: State, arguments: Arguments, verb: str) -> Message:
    source = arguments.integer("from_chat_id")
    message = state.messages.get(source, {}).get(arguments.integer("message_id"))
    if message is None:
        raise bad_request(f"message to {verb} not found")
    return message


def _content(message: Message) -> dict[str, Any]:
    names = (
        "text",
        "entities",
        "caption",
        "caption_entities",
        "photo",
        "document",
        "location",
        "venue",
    )
    return {name: copy.deepcopy(message[name]) for name in names if name in message}


def _send(state: State, arguments: Arguments, content: dict[str, Any]) -> Message:
    chat_id = arguments.chat_id()
    chat = state.writable(chat_id)
    markup = keyboards.checked(arguments.json("reply_markup"))
    answered = _answered(state, arguments, chat_id)
    state.limits.take(chat_id, paid=arguments.flag("allow_paid_broadcast"))
    message = {
        "message_id": state.number(),
        "from": state.bot,
        "chat": chat,
        "date": state.clock.timestamp(),
        **content,
    }
    if answered is not None:
        message["reply_to_message"] = {k: v for k, v in answered.items() if k != "reply_to_message"}
    if markup is not None and "inline_keyboard" in markup:
        message["reply_markup"] = markup
    elif markup is not None and chat_id in state.people:
        person = state.people[chat_id]
        person.reply_keyboard = None if markup.get("remove_keyboard") else markup
        state.tell("reply_keyboard", chat_id=chat_id, keyboard=person.reply_keyboard)
    return state.keep(message)


def _answered(state: State, arguments: Arguments, chat_id: int) -> Message | None:
    parameters = arguments.json("reply_parameters") or {}
    number = parameters.get("message_id") or arguments.integer("reply_to_message_id", 0)
    if not number:
        return None
    message = state.messages.get(parameters.get("chat_id", chat_id), {}).get(int(number))
    lenient = parameters.get("allow_sending_without_reply")
    if message is None and not lenient:
        raise bad_request("message to be replied not found")
    return message


def _editable(state: State, arguments: Arguments) -> Message:
    if arguments.has("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat_id, number = arguments.chat_id(), arguments.integer("message_id")
    state.writable(chat_id)
    message = state.messages.get(chat_id, {}).get(number)
    if message is None:
        raise bad_request("message to edit not found")
    if message["from"]["id"] != state.bot["id"]:
        raise bad_request("message can't be edited")
    return message


def _edit(state: State, arguments: Arguments, message: Message, changed: dict[str, Any]) -> Message:
    markup = keyboards.checked(arguments.json("reply_markup"))
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    edited = {**message, **changed, "reply_markup": markup}
    edited = {name: value for name, value in edited.items() if value not in (None, "", [])}
    before = {name: value for name, value in message.items() if name != "edit_date"}
    edited.pop("edit_date", None)
    if edited == before:
        raise bad_request(NOT_MODIFIED)
    return state.replace(message, {**edited, "edit_date": state.clock.timestamp()})


METHODS: dict[str, Method] = {
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "sendLocation": send_location,
    "sendVenue": send_venue,
    "sendMediaGroup": send_media_group,
    "copyMessage": copy_message,
    "forwardMessage": forward_message,
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageMedia": edit_message_media,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "sendChatAction": send_chat_action,
}
