"""A stand-in for Telegram's servers: real HTTP, real Bot API JSON, one chat log to look at."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from aiohttp import web

TOKEN = "123456:" + "A" * 35
BOT = {"id": 123456, "is_bot": True, "first_name": "社保问答", "username": "shebao_test_bot"}
ALLOWED_TAGS = {"b", "i", "u", "s", "a", "code", "pre", "blockquote", "tg-spoiler"}


class _StrictHtml(HTMLParser):
    """Telegram's rules as far as the bot needs them: known tags, properly nested, all closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ALLOWED_TAGS:
            raise ValueError(f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}"')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise ValueError(f'Bad Request: can\'t parse entities: Unexpected end tag "{tag}"')

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(text: str, parse_mode: str | None) -> str:
    """The text as people see it.

    Raises:
        ValueError: with Telegram's description, when it would refuse the message.
    """
    if parse_mode == "HTML":
        parser = _StrictHtml()
        parser.feed(text)
        parser.close()
        if parser.open:
            raise ValueError("Bad Request: can't parse entities: Can't find end tag")
        text = parser.text
    if not text.strip():
        raise ValueError("Bad Request: message text is empty")
    if len(text.encode("utf-16-le")) // 2 > 4096:
        raise ValueError("Bad Request: message is too long")
    return text


def check_markup(markup: dict[str, Any] | None) -> None:
    """Raises ValueError when a button breaks Telegram's rules."""
    for row in (markup or {}).get("inline_keyboard", []):
        for button in row:
            if not button["text"]:
                raise ValueError("Bad Request: text buttons must be non-empty")
            if len(button.get("callback_data", "x").encode()) > 64:
                raise ValueError("Bad Request: BUTTON_DATA_INVALID")


@dataclass
class TelegramServer:
    """Takes what the bot sends and hands out what people do.

    Attributes:
        sent: messages of the bot that stand in chats, in order, edits applied.
        calls: every request as method and parameters, but for getUpdates.
        answers: answered callback queries: id -> text.
        fail: asked before each request; an (HTTP status, description) it returns is the response.
    """

    sent: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: dict[str, str | None] = field(default_factory=dict)
    fail: Callable[[str, dict[str, Any]], tuple[int, str] | None] = lambda method, data: None
    commands: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._updates: list[dict[str, Any]] = []
        self._numbers = itertools.count(1)
        self._arrived = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self) -> None:
        """The server listens on a free port of this machine."""
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"

    async def stop(self) -> None:
        """The server is gone."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if request.match_info["token"] != TOKEN:
            return _failure(401, "Unauthorized")
        data = {key: _value(value) for key, value in (await request.post()).items()}
        if method != "getUpdates":
            self.calls.append((method, data))
        failed = self.fail(method, data)
        if failed is not None:
            return _failure(*failed)
        handler = getattr(self, f"_{method}", None)
        if handler is None:
            return _failure(404, "Not Found: method not found")
        try:
            result = await handler(data)
        except ValueError as error:
            return _failure(400, str(error))
        return web.json_response({"ok": True, "result": result})

    async def _getMe(self, data: dict[str, Any]) -> object:  # noqa: N802
        return BOT

    async def _deleteWebhook(self, data: dict[str, Any]) -> object:  # noqa: N802
        return True

    async def _getUpdates(self, data: dict[str, Any]) -> object:  # noqa: N802
        offset = int(data.get("offset", 0))
        self._updates = [u for u in self._updates if u["update_id"] >= offset]
        deadline = time.monotonic() + min(float(data.get("timeout", 0)), 0.5)
        while not self._updates and time.monotonic() < deadline:
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), deadline - time.monotonic())
            except TimeoutError:
                break
        return self._updates

    async def _sendMessage(self, data: dict[str, Any]) -> object:  # noqa: N802
        text = parsed(data["text"], data.get("parse_mode"))
        check_markup(data.get("reply_markup"))
        message = {
            "message_id": next(self._numbers),
            "date": int(time.time()),
            "chat": {"id": int(data["chat_id"]), "type": "private"},
            "from": BOT,
            "text": text,
        }
        if data.get("reply_markup"):
            message["reply_markup"] = data["reply_markup"]
        self.sent.append(message)
        return message

    def _message(self, data: dict[str, Any]) -> dict[str, Any]:
        for message in self.sent:
            if message["message_id"] == int(data["message_id"]):
                return message
        raise ValueError("Bad Request: message to edit not found")

    async def _editMessageText(self, data: dict[str, Any]) -> object:  # noqa: N802
        message = self._message(data)
        text = parsed(data["text"], data.get("parse_mode"))
        check_markup(data.get("reply_markup"))
        if message["text"] == text and message.get("reply_markup") == data.get("reply_markup"):
            raise ValueError("Bad Request: message is not modified")
        message["text"] = text
        message.pop("reply_markup", None)
        if data.get("reply_markup"):
            message["reply_markup"] = data["reply_markup"]
        return message

    async def _editMessageReplyMarkup(self, data: dict[str, Any]) -> object:  # noqa: N802
        message = self._message(data)
        if message.get("reply_markup") == data.get("reply_markup"):
            raise ValueError("Bad Request: message is not modified")
        message.pop("reply_markup", None)
        if data.get("reply_markup"):
            message["reply_markup"] = data["reply_markup"]
        return message

    async def _answerCallbackQuery(self, data: dict[str, Any]) -> object:  # noqa: N802
        self.answers[data["callback_query_id"]] = data.get("text")
        return True

    def _key(self, data: dict[str, Any]) -> str:
        return json.dumps([data.get("language_code"), data.get("scope")], sort_keys=True)

    async def _getMyCommands(self, data: dict[str, Any]) -> object:  # noqa: N802
        return self.commands.get(self._key(data), [])

    async def _setMyCommands(self, data: dict[str, Any]) -> object:  # noqa: N802
        self.commands[self._key(data)] = data["commands"]
        return True

    async def _getMyDescription(self, data: dict[str, Any]) -> object:  # noqa: N802
        return {"description": self.texts.get(f"description {data.get('language_code')}", "")}

    async def _setMyDescription(self, data: dict[str, Any]) -> object:  # noqa: N802
        self.texts[f"description {data.get('language_code')}"] = data["description"]
        return True

    async def _getMyShortDescription(self, data: dict[str, Any]) -> object:  # noqa: N802
        return {"short_description": self.texts.get(f"short {data.get('language_code')}", "")}

    async def _setMyShortDescription(self, data: dict[str, Any]) -> object:  # noqa: N802
        self.texts[f"short {data.get('language_code')}"] = data["short_description"]
        return True

    def _put(self, kind: str, content: dict[str, Any]) -> None:
        self._updates.append({"update_id": next(self._numbers), kind: content})
        self._arrived.set()

    def says(
        self,
        text: str | None,
        *,
        chat: dict[str, Any] | None = None,
        language: str = "zh-hans",
        edit_of: int | None = None,
        **content: Any,
    ) -> int:
        """A person sends a message, or edits the one with the number ``edit_of``; its number is returned."""
        number = edit_of or next(self._numbers)
        message: dict[str, Any] = {
            "message_id": number,
            "date": int(time.time()),
            "chat": chat or {"id": 7, "type": "private"},
            "from": person(language),
            **content,
        }
        if text is not None:
            message["text"] = text
            if text.startswith("/"):
                length = len(text.split()[0])
                entity = {"type": "bot_command", "offset": 0, "length": length}
                message.setdefault("entities", [entity])
        if edit_of:
            message["edit_date"] = int(time.time())
        self._put("edited_message" if edit_of else "message", message)
        return number

    def taps(self, message: dict[str, Any], data: str, *, language: str = "zh-hans") -> str:
        """A person taps a button under a message; the number of the press is returned."""
        number = str(next(self._numbers))
        self._put(
            "callback_query",
            {
                "id": number,
                "from": person(language),
                "chat_instance": "1",
                "message": message,
                "data": data,
            },
        )
        return number

    async def until(self, happened: Callable[[], bool], seconds: float = 20.0) -> None:
        """Waits until something is so.

        Raises:
            TimeoutError: it is not so after these seconds.
        """
        async with asyncio.timeout(seconds):
            while not happened():  # noqa: ASYNC110 (what is waited for is in another library)
                await asyncio.sleep(0.01)

    async def replies(self, count: int) -> dict[str, Any]:
        """The last message, once the bot has sent that many in all."""
        await self.until(lambda: len(self.sent) >= count)
        return self.sent[-1]


def person(language: str) -> dict[str, Any]:
    """The worker in all tests."""
    return {"id": 7, "is_bot": False, "first_name": "W", "language_code": language}


def buttons(message: dict[str, Any]) -> list[tuple[str, str]]:
    """Text and data of each button under a message."""
    rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
    return [(button["text"], button["callback_data"]) for row in rows for button in row]


def _value(value: Any) -> Any:
    try:
        parsed_value = json.loads(value)
    except (TypeError, ValueError):
        return value
    return parsed_value if isinstance(parsed_value, dict | list) else value


def _failure(status: int, description: str) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    if status == 429:
        body["parameters"] = {"retry_after": 1}
    return web.json_response(body, status=status)
