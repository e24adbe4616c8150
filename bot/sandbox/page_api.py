"""What the page asks of the server: its files, its words, the state, events, and what people do."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable
from importlib import resources
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.sandbox import actions
from bot.sandbox.errors import Refused, bad_request
from bot.sandbox.events import Events
from bot.sandbox.profile import commands_for, profile_text
from bot.sandbox.state import Event, Fault, Message, Person, State
from bot.texts import Texts
from knowledge.text import Language

PAGE = resources.files("bot.sandbox") / "page"
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
# Nothing is loaded from anywhere else, and nothing in a message can run.
POLICY = "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'; base-uri 'none'"
LONGEST_TEXT_OF_A_PERSON = 4096
Body = dict[str, Any]
Action = Callable[[Body], object]


class PageApi:
    """The routes of the page.

    Attributes:
        events: what open pages are told.
    """

    def __init__(self, state: State, texts: Texts, timezone: ZoneInfo) -> None:
        self._timezone = timezone
        self._state = state
        self._texts = texts
        self.events = Events()
        state.page_listeners.append(self.events.spread)

    def add_routes(self, app: web.Application) -> None:
        """The application serves the page."""
        get = app.router.add_get
        get("/", self._own_page)
        get("/page/{name}", self._own_page)
        get("/sandbox/texts/{language}", self._guarded(self._words))
        get("/sandbox/state", self._guarded(self._whole))
        get("/sandbox/events", self._guarded(self._stream))
        get("/sandbox/files/{id}", self._guarded(self._file))
        app.router.add_post("/sandbox/file", self._guarded(self._upload))
        actions_by_name: dict[str, Action] = {
            "person": self._add_person,
            "say": self._say,
            "edit": self._edit,
            "delete": self._delete,
            "tap": self._tap,
            "block": self._block,
            "inline": self._inline,
            "choose": self._choose,
            "clock": self._clock,
            "fault": self._fault,
            "limits": self._limits,
            "twice": self._twice,
        }
        for name, action in actions_by_name.items():
            app.router.add_post(f"/sandbox/{name}", self._guarded(self._taking_json(action)))

    @staticmethod
    def _guarded(
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Only this machine's own page gets through: no other site, no renamed host."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            origin = request.headers.get("Origin")
            host = urlsplit(f"//{request.host}").hostname
            foreign = origin is not None and urlsplit(origin).netloc != request.host
            if foreign or host not in ("127.0.0.1", "localhost"):
                raise web.HTTPForbidden(text="only from this machine's own page")
            return await handler(request)

        return guarded

    @staticmethod
    def _taking_json(
        action: Action,
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handler(request: web.Request) -> web.StreamResponse:
            if request.content_type != "application/json":
                raise web.HTTPUnsupportedMediaType()
            try:
                body = await request.json()
                result = action(body if isinstance(body, dict) else {})
            except Refused as error:
                return web.json_response(error.response(), status=error.code)
            except (ValueError, TypeError, KeyError, OverflowError) as error:
                return web.json_response(bad_request(repr(error)).response(), status=400)
            return web.json_response({"ok": True, "result": result})

        return handler

    async def _own_page(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info.get("name", "index.html")
        files = {file.name: file for file in PAGE.iterdir()}
        if name not in files:
            raise web.HTTPNotFound()
        return web.Response(
            body=files[name].read_bytes(),
            content_type=TYPES[f".{name.rsplit('.', 1)[-1]}"],
            charset="utf-8",
            headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"},
        )

    async def _words(self, request: web.Request) -> web.StreamResponse:
        code = request.match_info["language"]
        if code not in set(Language):
            raise web.HTTPNotFound()
        return web.json_response(self._texts.starting_with(Language(code), "sandbox."))

    def _everything(self) -> Body:
        state = self._state
        return {
            "people": [self._person_json(person) for person in state.people.values()],
            "messages": {
                chat_id: [
                    {**message, "earlier": state.earlier.get((chat_id, number), [])}
                    for number, message in chat.items()
                ]
                for chat_id, chat in state.messages.items()
                if chat_id > 0
            },
            "bot": state.bot,
            "zone": str(self._timezone),
            "requests": list(state.requests)[-100:],
            "clock": self._clock_json(),
            "faults": [vars(fault) for fault in state.faults],
            "limits": state.limits.on,
            "twice": state.deliver_twice,
        }

    def _person_json(self, person: Person) -> Body:
        language = person.language_code
        return {
            **actions.described(person),
            "commands": commands_for(self._state, person.id, language),
            "description": profile_text(self._state, "description", language),
        }

    def _clock_json(self) -> Body:
        clock = self._state.clock
        return {"now": clock.timestamp(), "ahead": clock.ahead.total_seconds()}

    async def _whole(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._everything())

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        return await self.events.stream(request, self._everything, self._current)

    def _current(self, event: Event) -> Event:
        """The event with what the page needs to know beside it, as it is now."""
        match event["type"]:
            case "commands":
                people = [self._person_json(person) for person in self._state.people.values()]
                return {"type": "people", "people": people}
            case "person":
                person = self._state.people[event["person"]["id"]]
                return {"type": "person", "person": self._person_json(person)}
            case "faults":
                return {"type": "faults", "faults": [vars(x) for x in self._state.faults]}
        return event

    def _person(self, body: Body) -> Person:
        person = self._state.people.get(int(body["person"]))
        if person is None:
            raise bad_request("user not found")
        return person

    def _message(self, person: Person, body: Body) -> Message:
        message = self._state.messages.get(person.id, {}).get(int(body["message_id"]))
        if message is None:
            raise bad_request("message not found")
        return message

    def _add_person(self, body: Body) -> object:
        name = str(body["name"]).strip()[:64]
        language = str(body["language_code"])[:16]
        if not name or not language:
            raise bad_request("name and language are needed")
        role = str(body.get("role", "worker"))
        return actions.described(actions.add_person(self._state, name, language, role))

    def _say(self, body: Body) -> object:
        text = str(body["text"]).strip()
        if not 1 <= len(text) <= LONGEST_TEXT_OF_A_PERSON:
            raise bad_request("message is too long" if text else "message text is empty")
        return actions.say(self._state, self._person(body), text, reply_to=body.get("reply_to"))

    def _edit(self, body: Body) -> object:
        text = str(body["text"]).strip()
        if not text:
            raise bad_request("message text is empty")
        return actions.edit(self._state, self._person(body), int(body["message_id"]), text)

    def _delete(self, body: Body) -> object:
        actions.delete(self._state, self._person(body), int(body["message_id"]))
        return True

    def _tap(self, body: Body) -> object:
        person = self._person(body)
        return actions.tap(self._state, person, self._message(person, body), str(body["data"]))

    def _block(self, body: Body) -> object:
        actions.block(self._state, self._person(body), blocked=bool(body["blocked"]))
        return True

    def _inline(self, body: Body) -> object:
        return actions.ask_inline(self._state, self._person(body), str(body["query"])[:256])

    def _choose(self, body: Body) -> object:
        person = self._person(body)
        return actions.choose_inline(
            self._state, person, str(body["query_id"]), str(body["result_id"])
        )

    def _clock(self, body: Body) -> object:
        clock = self._state.clock
        if body.get("reset"):
            clock.reset()
        elif "local" in body:
            to = datetime.datetime.fromisoformat(str(body["local"])).replace(tzinfo=self._timezone)
            clock.forward(to - clock.now())
        else:
            clock.forward(datetime.timedelta(seconds=float(body["forward"])))
        self._state.tell("clock", **self._clock_json())
        return self._clock_json()

    def _fault(self, body: Body) -> object:
        if body.get("none"):
            self._state.faults.clear()
        else:
            wait = body.get("retry_after")
            fault = Fault(
                method=str(body["method"]),
                code=int(body["code"]),
                description=str(body.get("description", "Internal Server Error")),
                retry_after=None if wait is None else int(wait),
                times=int(body.get("times", 1)),
                after=bool(body.get("after", False)),
            )
            self._state.faults.append(fault)
        self._state.tell("faults")
        return True

    def _limits(self, body: Body) -> object:
        self._state.limits.on = bool(body["on"])
        return True

    def _twice(self, body: Body) -> object:
        self._state.deliver_twice = bool(body["on"])
        return True

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        file = form.get("file")
        try:
            person = self._person({"person": form.get("person")})
            if not isinstance(file, web.FileField):
                raise bad_request("there is no document in the request")
            content = file.file.read()
            if not content:
                raise bad_request("file must be non-empty")
            message = actions.send_file(
                self._state,
                person,
                content,
                file.filename,
                file.content_type,
                str(form.get("caption", "")),
            )
        except Refused as error:
            return web.json_response(error.response(), status=error.code)
        except (ValueError, TypeError) as error:
            return web.json_response(bad_request(repr(error)).response(), status=400)
        return web.json_response({"ok": True, "result": message})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        file = self._state.files.get(request.match_info["id"])
        if file is None:
            raise web.HTTPNotFound()
        shown = file.kind == "photo"
        response = web.Response(
            body=file.content,
            headers={"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"},
        )
        response.content_type = file.mime_type if shown else "application/octet-stream"
        return response
