"""The HTTP server: the Bot API under ``/bot<token>/``, and the page with what it needs."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.sandbox import messages, plausible, profile
from bot.sandbox.arguments import Arguments, Upload
from bot.sandbox.errors import Refused
from bot.sandbox.messages import Method
from bot.sandbox.page_api import PageApi
from bot.sandbox.state import Fault, State, save
from bot.sandbox.updates import Updates
from bot.texts import Texts

LARGEST_REQUEST = 60 * 1024 * 1024
SAVE_EVERY_SECONDS = 2.0
_METHODS: dict[str, Method] = {
    name.lower(): method for name, method in {**messages.METHODS, **profile.METHODS}.items()
}
_PLAUSIBLE = {name.lower(): name for name in plausible.known_methods()}


class SandboxServer:
    """A local Bot API with a page, on the loopback interface.

    Args:
        state: the world it serves.
        texts: the words of the page.
        timezone: in which the page shows times.
        state_file: where the state is kept; nowhere when None.
    """

    def __init__(
        self, state: State, texts: Texts, timezone: ZoneInfo, state_file: Path | None = None
    ) -> None:
        self.state = state
        self.updates = Updates(state)
        self._page = PageApi(state, texts, timezone)
        self._state_file = state_file
        self._runner: web.AppRunner | None = None
        self._saving: asyncio.Task[None] | None = None
        self._own: dict[str, Any] = {
            "getupdates": self.updates.get_updates,
            "setwebhook": self.updates.set_webhook,
            "deletewebhook": self.updates.delete_webhook,
        }

    async def start(self, port: int = 0) -> str:
        """It listens on that port of this machine, or on a free one; its address is returned.

        Raises:
            OSError: the port is taken.
        """
        app = web.Application(client_max_size=LARGEST_REQUEST)
        app.router.add_route("*", "/bot{token}/{method}", self._bot_api)
        app.router.add_get("/file/bot{token}/{path:.+}", self._file)
        self._page.add_routes(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        if self._state_file is not None:
            self._saving = asyncio.create_task(self._save_again_and_again(self._state_file))
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def stop(self) -> None:
        """Nothing is listened to or delivered any more, and the state is saved."""
        await self.updates.stop()
        self._page.events.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._saving is not None and self._state_file is not None:
            self._saving.cancel()
            with suppress(asyncio.CancelledError):
                await self._saving
            save(self.state, self._state_file)

    async def _save_again_and_again(self, path: Path) -> None:
        while True:
            await asyncio.sleep(SAVE_EVERY_SECONDS)
            save(self.state, path)

    async def _bot_api(self, request: web.Request) -> web.StreamResponse:
        began = time.perf_counter()
        method = request.match_info["method"]
        if request.match_info["token"] != self.state.token:
            return _json(Refused(401, "Unauthorized"))
        arguments = Arguments(await _values(request))
        fault = self._fault(method)
        try:
            if fault is not None and fault.after:
                await self._call(method, arguments)
            if fault is not None and not fault.code:
                _break_off(request)
            if fault is not None:
                raise Refused(fault.code, fault.description, fault.retry_after)
            result = await self._call(method, arguments)
        except Refused as error:
            self._log(method, arguments, error.response(), began)
            return _json(error)
        body = {"ok": True, "result": result}
        self._log(method, arguments, body, began)
        return web.json_response(body)

    async def _call(self, method: str, arguments: Arguments) -> object:
        name = method.lower()
        if name in self._own:
            return await self._own[name](arguments)
        if name == "getwebhookinfo":
            return self.updates.webhook_info()
        if name in _METHODS:
            return await _METHODS[name](self.state, arguments)
        if name in _PLAUSIBLE:
            return plausible.answer(self.state, _PLAUSIBLE[name], arguments)
        raise Refused(404, "Not Found: method not found")

    def _fault(self, method: str) -> Fault | None:
        for fault in self.state.faults:
            named = fault.method.lower()
            if named == method.lower() or (named == "*" and method.lower() != "getupdates"):
                fault.times -= 1
                if fault.times <= 0:
                    self.state.faults.remove(fault)
                self.state.tell("faults")
                return fault
        return None

    def _log(self, method: str, arguments: Arguments, body: dict[str, Any], began: float) -> None:
        """Keeps the request for the page; waiting in vain for updates is not worth a line."""
        if method.lower() == "getupdates" and body.get("result") == []:
            return
        entry = {
            "number": self.state.number(),
            "at": self.state.clock.timestamp(),
            "method": method,
            "parameters": arguments.shown(),
            "answer": body,
            "milliseconds": round((time.perf_counter() - began) * 1000, 1),
        }
        self.state.requests.append(entry)
        self.state.tell("request", request=entry)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.state.token:
            return _json(Refused(401, "Unauthorized"))
        for file in self.state.files.values():
            if file.path == request.match_info["path"]:
                return web.Response(body=file.content, content_type="application/octet-stream")
        return _json(Refused(404, "Not Found"))


async def _values(request: web.Request) -> dict[str, object]:
    values: dict[str, object] = dict(request.query)
    if request.content_type == "application/json":
        body = await request.text()
        try:
            parsed = json.loads(body) if body else {}
        except ValueError:
            parsed = {}
        return values | (parsed if isinstance(parsed, dict) else {})
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            values[name] = Upload(value.filename, value.content_type, value.file.read())
        else:
            values[name] = value.decode() if isinstance(value, bytes | bytearray) else value
    return values


def _json(error: Refused) -> web.Response:
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
    return web.json_response(error.response(), status=error.code, headers=headers)


def _break_off(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
    raise Refused(500, "Internal Server Error")
