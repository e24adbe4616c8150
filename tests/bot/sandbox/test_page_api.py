"""What the page asks of the server, and what the server keeps."""

from __future__ import annotations

import datetime
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
import pytest_asyncio

from bot.sandbox import actions, running
from bot.sandbox.state import Person, State, load, save
from bot.texts import Texts
from tests.bot.sandbox.conftest import png


@pytest_asyncio.fixture
async def page(server: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser's way to the server."""
    async with aiohttp.ClientSession(base_url=server) as session:
        yield session


async def act(page: aiohttp.ClientSession, action: str, **body: Any) -> dict[str, Any]:
    async with page.post(f"/sandbox/{action}", json=body) as response:
        answer: dict[str, Any] = await response.json()
        assert answer["ok"] is (response.status == 200)
        return answer


async def test_the_page_and_its_words_are_served_and_load_nothing_from_elsewhere(
    page: aiohttp.ClientSession,
) -> None:
    async with page.get("/") as response:
        text = await response.text()
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert "://" not in text
    for name in ("main.js", "phone.js", "style.css", "icon.svg"):
        async with page.get(f"/page/{name}") as response:
            assert response.status == 200
    async with page.get("/page/..%2Fserver.py") as response:
        assert response.status == 404
    async with page.get("/sandbox/texts/en") as response:
        assert (await response.json())["sandbox.send"] == "Send"
    async with page.get("/sandbox/texts/fr") as response:
        assert response.status == 404


async def test_no_other_site_gets_through(page: aiohttp.ClientSession) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
        async with page.get("/sandbox/state", headers=headers) as response:
            assert response.status == 403
    async with page.post("/sandbox/clock", data="{}") as response:
        assert response.status == 415


async def test_people_write_edit_delete_tap_and_block(
    page: aiohttp.ClientSession, state: State, worker: Person
) -> None:
    said = await act(page, "say", person=worker.id, text="问")
    number = said["result"]["message_id"]
    await act(page, "edit", person=worker.id, message_id=number, text="再问")
    await act(page, "tap", person=worker.id, message_id=number, data="forged")
    await act(page, "block", person=worker.id, blocked=True)
    await act(page, "inline", person=worker.id, query="q")
    assert state.messages[worker.id][number]["text"] == "再问"
    await act(page, "delete", person=worker.id, message_id=number)
    assert state.messages[worker.id] == {}
    kinds = [kind for update in state.updates for kind in update if kind != "update_id"]
    assert kinds == [
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
        "inline_query",
    ]


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("say", {}),
        ("say", {"person": 1, "text": "a"}),
        ("say", {"person": "x", "text": "a"}),
        ("edit", {"person": 10001, "message_id": 99, "text": "a"}),
        ("delete", {"person": 10001, "message_id": 99}),
        ("tap", {"person": 10001, "message_id": 99, "data": "a"}),
        ("choose", {"person": 10001, "query_id": "1", "result_id": "1"}),
        ("person", {"name": " ", "language_code": "zh"}),
        ("clock", {"forward": 1e18}),
        ("clock", {"local": "yesterday"}),
        ("fault", {"method": "x"}),
    ],
)
async def test_what_cannot_be_done_is_said_and_changes_nothing(
    page: aiohttp.ClientSession, state: State, worker: Person, action: str, body: dict[str, Any]
) -> None:
    before = len(state.updates), len(state.people), state.clock.ahead
    assert not (await act(page, action, **body))["ok"]
    assert (len(state.updates), len(state.people), state.clock.ahead) == before


async def test_a_text_that_is_empty_or_too_long_is_refused(
    page: aiohttp.ClientSession, worker: Person
) -> None:
    for text in ("  ", "长" * 4097):
        assert not (await act(page, "say", person=worker.id, text=text))["ok"]


async def test_the_clock_moves_by_hours_to_a_moment_and_back(
    page: aiohttp.ClientSession, state: State
) -> None:
    await act(page, "clock", forward=3600)
    assert round(state.clock.ahead.total_seconds()) == 3600
    await act(page, "clock", local="2026-12-12T14:00")
    shown = state.clock.now().astimezone(ZoneInfo("Asia/Shanghai"))
    assert shown.isoformat().startswith("2026-12-12T14:00")
    await act(page, "clock", reset=True)
    assert state.clock.ahead == datetime.timedelta()


async def test_files_are_taken_shown_and_offered_for_download_only(
    page: aiohttp.ClientSession, state: State, worker: Person
) -> None:
    for content, name, kind in (
        (png(2, 2), "a.png", "photo"),
        (b"<script>alert(1)</script>", "a.html", "document"),
    ):
        form = aiohttp.FormData({"person": str(worker.id), "caption": "c"})
        mime = "image/png" if kind == "photo" else "text/html"
        form.add_field("file", content, filename=name, content_type=mime)
        async with page.post("/sandbox/file", data=form) as response:
            message = (await response.json())["result"]
        item = message[kind][-1] if kind == "photo" else message[kind]
        async with page.get(f"/sandbox/files/{item['file_id']}") as response:
            assert await response.read() == content
            assert response.content_type == (
                "image/png" if kind == "photo" else "application/octet-stream"
            )
    async with page.get("/sandbox/files/none") as response:
        assert response.status == 404
    async with page.post("/sandbox/file", data={"person": str(worker.id)}) as response:
        assert response.status == 400


async def test_an_open_page_is_told_the_state_and_then_what_happens(
    page: aiohttp.ClientSession, state: State, worker: Person
) -> None:
    actions.say(state, worker, "before")
    async with page.get("/sandbox/events") as response:
        hello = json.loads((await response.content.readline()).removeprefix(b"data: "))
        assert hello["type"] == "hello"
        (message,) = hello["state"]["messages"][str(worker.id)]
        assert message["text"] == "before"
        await response.content.readline()
        actions.add_person(state, "N", "en")
        event = json.loads((await response.content.readline()).removeprefix(b"data: "))
        assert (event["type"], event["person"]["name"]) == ("person", "N")


def test_a_state_that_was_saved_is_found_again(
    state: State, worker: Person, tmp_path: Path
) -> None:
    actions.send_file(state, worker, b"a", "a.txt", "text/plain", "c")
    state.clock.forward(datetime.timedelta(days=1))
    state.commands["[]"] = [{"command": "a", "description": "b"}]
    path = tmp_path / "chats.json"
    save(state, path)
    again = load(path)
    assert again.people == state.people
    assert again.messages == state.messages
    assert again.files == state.files
    assert list(again.updates) == list(state.updates)
    assert again.clock.ahead == state.clock.ahead
    assert again.number() > max(again.messages[worker.id])


@pytest.mark.parametrize("content", ["", "[]", '{"format": 99}', '{"format": 1}'])
def test_a_file_that_is_no_state_is_named(content: str, tmp_path: Path) -> None:
    path = tmp_path / "chats.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(running.UnusableState):
        running.kept_state(path)


def test_a_port_that_was_asked_for_and_is_taken_is_named(texts: Texts) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    with running.running(running.new_state(), texts, zone) as url:
        port = int(url.rsplit(":", 1)[1])
        with (
            pytest.raises(running.PortTaken),
            running.running(running.new_state(), texts, zone, port=port),
        ):
            pass
        with running.running(running.new_state(), texts, zone) as other:
            assert other != url
