"""The workbook in the chat: sent out, sent back, looked through, applied, undone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlite_utils.db import Database as Connection

from bot.app import App
from bot.config import Config
from bot.loading import Loaded
from bot.people import store
from bot.people.roles import Role
from bot.sandbox import actions
from bot.sandbox.state import Message, Person
from bot.texts import Texts
from knowledge.base import KnowledgeBase
from knowledge.cells import LARGEST_FILE
from knowledge.store import KnowledgeStore
from tests.bot.conftest import start, stop
from tests.bot.telegram_server import TelegramServer, buttons
from tests.conftest import NOW

REFUSES = "contribution.employer-refuses-to-pay"
EDIT = f"id,scope\n{REFUSES},A new scope.\n".encode()


def sends(
    telegram: TelegramServer,
    person: Person,
    content: bytes = EDIT,
    name: str = "a.csv",
    **words: Any,
) -> None:
    """The person sends a file."""
    caption = words.get("caption", "")
    actions.send_file(telegram.state, person, content, name, "application/octet-stream", caption)


def scope(connection: Connection) -> str:
    return KnowledgeStore(connection).entry(REFUSES).scope


def data_of(message: Message, text: str) -> str:
    """What the button with this text carries."""
    (data,) = [data for shown, data in buttons(message) if shown == text]
    return data


async def looked_through(telegram: TelegramServer, person: Person, count: int = 1) -> Message:
    """The last message, once there are that many; all phrasings may have to be asked before."""
    await telegram.until(lambda: len(telegram.to(person)) >= count, seconds=120)
    return telegram.to(person)[-1]


async def test_an_editor_sends_a_file_sees_the_change_applies_it_and_takes_it_back(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    editor = telegram.staff(Role.EDITOR)
    before = scope(connection)
    sends(telegram, editor)
    shown = await looked_through(telegram, editor)
    assert "修改 1" in shown["text"]
    assert "A new scope." in shown["text"]
    assert scope(connection) == before
    telegram.taps(shown, data_of(shown, "就这样改"), person=editor)
    applied = await telegram.reply_to(editor, 2)
    assert scope(connection) == "A new scope."
    assert store.acts(connection, limit=1)[0].actor == editor.id
    assert telegram.database.with_name("shebao.before-import.db").exists()
    telegram.taps(applied, data_of(applied, "撤销"), person=editor)
    undone = await telegram.reply_to(editor, 3)
    assert "1" in undone["text"]
    assert scope(connection) == before
    assert store.acts(connection, limit=1)[0].act == "entry.import_undone"


async def test_a_new_phrasing_is_answered_right_after_the_press(
    bot: App, telegram: TelegramServer
) -> None:
    editor = telegram.staff(Role.EDITOR, language="en")
    phrasing = "blorptastic quuxification zorblevance"
    sends(telegram, editor, f"id,language,text\n{REFUSES},en,{phrasing}\n".encode())
    shown = await looked_through(telegram, editor)
    assert f"+ {phrasing}" in shown["text"]
    telegram.taps(shown, data_of(shown, "Change it like this"), person=editor)
    await looked_through(telegram, editor, 2)
    telegram.says(phrasing, language="en")
    answer = await telegram.reply_to(telegram.worker, 1)
    assert answer["text"].startswith("My employer does not pay")


async def test_the_export_is_a_workbook_that_changes_nothing_when_sent_back(
    bot: App, telegram: TelegramServer, base: KnowledgeBase
) -> None:
    viewer = telegram.staff(Role.VIEWER, Role.EDITOR)
    telegram.says("/export", person=viewer)
    sent = await looked_through(telegram, viewer)
    assert sent["document"]["file_name"].startswith("faq-20")
    file = telegram.state.files[sent["document"]["file_id"]]
    assert load_workbook(BytesIO(file.content)).sheetnames[0] == "答案 entries"
    sends(telegram, viewer, file.content, "faq.xlsx")
    shown = await looked_through(telegram, viewer, 2)
    assert f"新增 0，修改 0，停用 0，不变 {len(base.entries)}" in shown["text"]
    assert buttons(shown) == []


async def test_a_mistake_is_told_with_its_cell_and_offers_no_button(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    editor = telegram.staff(Role.EDITOR, language="en")
    sends(telegram, editor, f"id,contacts\n{REFUSES},nobody\n".encode(), "mine.csv")
    shown = await looked_through(telegram, editor)
    assert "mine.csv, row 2, column B (联系方式" in shown["text"]
    assert 'found "nobody"' in shown["text"]
    assert buttons(shown) == []


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), ".xls"),
        ("a.pdf", b"%PDF-1.7", ".csv"),
        ("a.csv", b"x" * (LARGEST_FILE + 1), "10 MB"),
    ],
)
async def test_a_file_of_another_kind_is_refused_kindly(
    bot: App, telegram: TelegramServer, name: str, content: bytes, told: str
) -> None:
    editor = telegram.staff(Role.EDITOR)
    sends(telegram, editor, content, name)
    assert told in (await looked_through(telegram, editor))["text"]


async def test_files_of_workers_are_answered_as_before(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    worker = telegram.worker
    sends(telegram, worker)
    assert "文字" in (await telegram.reply_to(worker, 1))["text"]
    sends(telegram, worker, caption="老板不给我交社保怎么办")
    assert "12333" in (await telegram.reply_to(worker, 2))["text"]
    assert scope(connection) != "A new scope."


async def test_whoever_lost_the_right_can_press_nothing(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    editor = telegram.staff(Role.EDITOR)
    sends(telegram, editor)
    shown = await looked_through(telegram, editor)
    store.withdraw(connection, editor.id, None, actor=store.SHELL, now=NOW)
    for _, data in (*buttons(shown), ("", "Iu:1")):
        press = telegram.taps(shown, data, person=editor)
        await telegram.until(lambda press=press: press in telegram.answers)  # type: ignore[misc]
        assert "没有做这件事的权限" in str(telegram.answers[press])
    assert scope(connection) != "A new scope."


async def test_nobody_presses_the_button_of_somebody_else(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    editor = telegram.staff(Role.EDITOR)
    other = telegram.staff(Role.EDITOR, name="O")
    sends(telegram, editor)
    shown = await looked_through(telegram, editor)
    press = telegram.taps(shown, data_of(shown, "就这样改"), person=other)
    await telegram.until(lambda: press in telegram.answers)
    assert "再发一次" in str(telegram.answers[press])
    assert scope(connection) != "A new scope."


async def test_cancelling_changes_nothing_and_ends_the_button(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    editor = telegram.staff(Role.EDITOR)
    sends(telegram, editor)
    shown = await looked_through(telegram, editor)
    telegram.taps(shown, data_of(shown, "不改"), person=editor)
    await telegram.reply_to(editor, 2)
    press = telegram.taps(shown, data_of(shown, "就这样改"), person=editor)
    await telegram.until(lambda: press in telegram.answers)
    assert "再发一次" in str(telegram.answers[press])
    assert scope(connection) != "A new scope."


async def test_an_edit_made_meanwhile_is_shown_before_anything_is_written(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    editor = telegram.staff(Role.EDITOR)
    sends(telegram, editor)
    shown = await looked_through(telegram, editor)
    kept = KnowledgeStore(connection)
    theirs = replace(kept.entry(REFUSES), scope="Theirs.")
    kept.save(theirs, origin="user 5", now=NOW)
    telegram.taps(shown, data_of(shown, "就这样改"), person=editor)
    again = await telegram.reply_to(editor, 3)
    assert "Theirs." in again["text"]
    assert scope(connection) == "Theirs."
    telegram.taps(again, data_of(again, "就这样改"), person=editor)
    await telegram.reply_to(editor, 4)
    assert scope(connection) == "A new scope."


async def test_what_was_looked_through_survives_a_restart(
    bot: App,
    telegram: TelegramServer,
    config: Config,
    texts: Texts,
) -> None:
    from bot.loading import load

    editor = telegram.staff(Role.EDITOR)
    sends(telegram, editor)
    shown = await looked_through(telegram, editor)
    await stop(bot)
    loaded: Loaded = await asyncio.to_thread(load, config.db)
    again = await start(config, loaded, texts)
    telegram.taps(shown, data_of(shown, "就这样改"), person=editor)
    applied = await telegram.reply_to(editor, 2)
    assert "1" in applied["text"]
    await stop(again)


async def test_where_two_have_to_agree_a_colleague_applies_it(
    telegram: TelegramServer,
    config: Config,
    loaded: Loaded,
    texts: Texts,
    connection: Connection,
) -> None:
    app = await start(replace(config, approve_answers=True), loaded, texts)
    editor = telegram.staff(Role.EDITOR)
    sends(telegram, editor)
    shown = await looked_through(telegram, editor)
    telegram.taps(shown, data_of(shown, "请另一位同事确认"), person=editor)
    assert "没有别的编辑" in (await telegram.reply_to(editor, 2))["text"]
    colleague = telegram.staff(Role.EDITOR, name="C")
    telegram.taps(shown, data_of(shown, "请另一位同事确认"), person=editor)
    asked = await telegram.reply_to(colleague, 1)
    assert "A new scope." in asked["text"]
    assert scope(connection) != "A new scope."
    telegram.taps(asked, data_of(asked, "就这样改"), person=colleague)
    await telegram.reply_to(colleague, 2)
    assert scope(connection) == "A new scope."
    act = store.acts(connection, limit=1)[0]
    assert act.actor == editor.id
    assert f'"approved_by": {colleague.id}' in act.after
    await stop(app)


async def test_what_has_no_room_in_a_message_comes_as_a_file(
    bot: App, telegram: TelegramServer
) -> None:
    editor = telegram.staff(Role.EDITOR)
    rows = "".join(f"{REFUSES},nobody{number}\n" for number in range(40))
    sends(telegram, editor, f"id,contacts\n{rows}".encode())
    whole = await telegram.reply_to(editor, 2)
    content = telegram.state.files[whole["document"]["file_id"]].content.decode("utf-8-sig")
    assert "还有" in telegram.to(editor)[0]["text"]
    assert len(content.splitlines()) > 39
