"""What people do with their phones: each becomes an update for the bot."""

from __future__ import annotations

import secrets
from typing import Any

from bot.sandbox.errors import bad_request
from bot.sandbox.formatting import found_entities
from bot.sandbox.media import document, photo_sizes
from bot.sandbox.state import Message, Person, State

FIRST_PERSON = 10_001
MOST_PEOPLE = 2_000


def add_person(state: State, first_name: str, language_code: str, role: str = "worker") -> Person:
    """Somebody new with a phone, who has not yet written to the bot."""
    if len(state.people) >= MOST_PEOPLE:
        raise bad_request("too many people")
    number = max([FIRST_PERSON - 1, *state.people]) + 1
    person = Person(number, first_name, language_code, role)
    state.people[number] = person
    state.tell("person", person=described(person))
    return person


def described(person: Person) -> dict[str, Any]:
    """A person as the page knows them."""
    return {
        "id": person.id,
        "name": person.first_name,
        "language_code": person.language_code,
        "role": person.role,
        "started": person.started,
        "blocked": person.blocked,
        "deactivated": person.deactivated,
        "reply_keyboard": person.reply_keyboard,
    }


def say(
    state: State,
    person: Person,
    text: str,
    *,
    reply_to: int | None = None,
    chat: dict[str, Any] | None = None,
    **content: Any,
) -> Message:
    """The person sends a message, to the bot or into a group."""
    chat_id = chat["id"] if chat else person.id
    message = _message(state, person, chat or person.chat())
    if text:
        message["text"] = text
        entities = found_entities(text)
        if entities:
            message["entities"] = entities
    message.update(content)
    answered = state.messages.get(chat_id, {}).get(reply_to or 0)
    if answered is not None:
        message["reply_to_message"] = answered
    _unblocked(state, person)
    state.keep(message)
    state.put("message", message)
    return message


def send_file(
    state: State, person: Person, content: bytes, name: str, mime_type: str, caption: str
) -> Message:
    """The person sends a file; a picture arrives as a picture."""
    as_photo = mime_type in ("image/png", "image/jpeg")
    file = state.store_file(content, name, mime_type, "photo" if as_photo else "document")
    sent: dict[str, Any] = (
        {"photo": photo_sizes(file)} if as_photo else {"document": document(file)}
    )
    if caption:
        sent["caption"] = caption
        sent["caption_entities"] = found_entities(caption)
    return say(state, person, "", **sent)


def edit(state: State, person: Person, message_id: int, text: str) -> Message:
    """The person corrects a message of their own."""
    message = _own(state, person, message_id)
    changed = {
        **message,
        "text": text,
        "entities": found_entities(text),
        "edit_date": state.clock.timestamp(),
    }
    if not changed["entities"]:
        del changed["entities"]
    state.replace(message, changed)
    state.put("edited_message", changed)
    return changed


def delete(state: State, person: Person, message_id: int) -> None:
    """A message is gone for both sides. The bot does not hear of it, as with Telegram."""
    if message_id not in state.messages.get(person.id, {}):
        raise bad_request("message to delete not found")
    state.remove(person.id, message_id)


def tap(
    state: State, person: Person, message: Message, data: str, *, chat_id: int | None = None
) -> str:
    """The person taps a button under a message; the number of the press is returned.

    Any data is taken: an old button, or a forged press, comes to the bot just so.
    """
    number = secrets.token_hex(8)
    state.presses[number] = (chat_id or person.id, state.clock.timestamp())
    state.put(
        "callback_query",
        {
            "id": number,
            "from": person.user(),
            "chat_instance": str(message["chat"]["id"]),
            "message": message,
            "data": data,
        },
    )
    return number


def block(state: State, person: Person, *, blocked: bool) -> None:
    """The person blocks the bot, or lets it write again."""
    if person.blocked == blocked:
        return
    person.blocked = blocked
    person.started = True
    member: dict[str, Any] = {"user": state.bot, "status": "member"}
    gone: dict[str, Any] = {"user": state.bot, "status": "kicked", "until_date": 0}
    state.put(
        "my_chat_member",
        {
            "chat": person.chat(),
            "from": person.user(),
            "date": state.clock.timestamp(),
            "old_chat_member": member if blocked else gone,
            "new_chat_member": gone if blocked else member,
        },
    )
    state.tell("person", person=described(person))


def ask_inline(state: State, person: Person, query: str) -> str:
    """The person types after the bot's name; the number of the query is returned."""
    number = secrets.token_hex(8)
    state.inline[number] = {
        "chat_id": person.id,
        "asked_at": state.clock.timestamp(),
        "results": [],
    }
    state.put(
        "inline_query",
        {"id": number, "from": person.user(), "query": query, "offset": "", "chat_type": "sender"},
    )
    return number


def choose_inline(state: State, person: Person, query_id: str, result_id: str) -> Message:
    """The person sends one of the results; the bot hears which, and the message is theirs."""
    results = state.inline.get(query_id, {}).get("results", [])
    result = next((result for result in results if str(result.get("id")) == result_id), None)
    if result is None:
        raise bad_request("RESULT_ID_INVALID")
    content = result.get("input_message_content", {})
    message = _message(state, person, person.chat())
    message |= {"via_bot": state.bot, "text": content.get("text", result.get("title", ""))}
    if content.get("found_entities"):
        message["entities"] = content["found_entities"]
    state.keep(message)
    state.put(
        "chosen_inline_result",
        {"result_id": result_id, "from": person.user(), "query": ""},
    )
    return message


def _message(state: State, person: Person, chat: dict[str, Any]) -> Message:
    return {
        "message_id": state.number(),
        "from": person.user(),
        "chat": chat,
        "date": state.clock.timestamp(),
    }


def _own(state: State, person: Person, message_id: int) -> Message:
    message = state.messages.get(person.id, {}).get(message_id)
    if message is None or message["from"]["id"] != person.id or "text" not in message:
        raise bad_request("message can't be edited")
    return message


def _unblocked(state: State, person: Person) -> None:
    """Whoever writes to a bot has started it, and blocks it no longer."""
    block(state, person, blocked=False)
    if not person.started:
        person.started = True
        state.tell("person", person=described(person))
