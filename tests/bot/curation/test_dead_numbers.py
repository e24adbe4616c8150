"""A number that does not work: reported by workers, settled by editors."""

from __future__ import annotations

from sqlite_utils.db import Database as Connection

from bot.app import App
from bot.asking.store import report_dead_number
from bot.people.roles import Role
from tests.bot.curation.conftest import TODAY, Clock, rows
from tests.bot.telegram_server import TelegramServer, buttons

DEAD, OTHER = "☎ 有号码打不通", "12333 人社服务热线"


async def test_a_worker_says_which_number_is_dead_and_nothing_tells_who_it_was(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    telegram.says("/region 福建")
    await telegram.replies(1)
    telegram.says("/contacts")
    contacts = await telegram.replies(2)
    telegram.taps(contacts, dict(buttons(contacts))[DEAD])
    asked = await telegram.replies(3)
    telegram.taps(asked, dict(buttons(asked))[OTHER])
    await telegram.until(lambda: "已经记下：12333" in telegram.sent[-1]["text"])
    assert rows(connection, "dead_numbers") == [
        {
            "id": 1,
            "contact": "hrss-12333",
            "region": "35",
            "reported_on": "2026-11-25",
            "settled_on": None,
        }
    ]


async def test_a_chat_reports_a_number_once_a_day(
    bot: App, telegram: TelegramServer, connection: Connection, clock: Clock
) -> None:
    for number, contact in enumerate(["hrss-12333", "hrss-12333", "union-12351"], 1):
        telegram.says("/contacts")
        contacts = await telegram.replies(2 * number - 1)
        telegram.taps(contacts, dict(buttons(contacts))[DEAD])
        asked = await telegram.replies(2 * number)
        telegram.taps(asked, f"Dk:{contact}:")
        await telegram.until(lambda: "已经记下" in telegram.sent[-1]["text"])
    reported = [row["contact"] for row in rows(connection, "dead_numbers")]
    assert reported == ["hrss-12333", "union-12351"]
    clock.time = clock.time.replace(day=26)
    press = telegram.taps(telegram.sent[-2], "Dk:hrss-12333:")
    await telegram.until(lambda: press in telegram.answers)
    await telegram.until(lambda: connection["dead_numbers"].count == 3)


async def test_two_fast_taps_are_one_report_and_no_error(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    telegram.says("/contacts")
    contacts = await telegram.replies(1)
    telegram.taps(contacts, dict(buttons(contacts))[DEAD])
    asked = await telegram.replies(2)
    pressed = [telegram.taps(asked, dict(buttons(asked))[OTHER]) for _ in range(2)]
    await telegram.until(lambda: set(pressed) <= set(telegram.answers))
    await telegram.until(
        lambda: sum(method == "editMessageText" for method, _ in telegram.calls) == 2
    )
    telegram.says("/help")
    assert "/topics" in (await telegram.replies(3))["text"]
    assert connection["dead_numbers"].count == 1


async def test_after_not_helpful_the_numbers_of_that_answer_and_its_place_are_offered(
    bot: App, telegram: TelegramServer
) -> None:
    telegram.says("/region Guangdong", language="en")
    await telegram.replies(1)
    telegram.says("my boss refuses to pay shebao", language="en")
    answer = await telegram.replies(2)
    telegram.taps(answer, dict(buttons(answer))["👎 Not helpful"], language="en")
    helped = await telegram.replies(3)
    telegram.taps(helped, dict(buttons(helped))["☎ A number does not work"], language="en")
    asked = await telegram.replies(4)
    assert "Which number" in asked["text"]
    offered = [data for _, data in buttons(asked)]
    assert offered[0].startswith("Dk:")
    assert all(data.endswith(":44") for data in offered)
    assert len(offered) == len(set(offered))
    telegram.taps(asked, offered[0], language="en")
    await telegram.until(lambda: "Noted:" in telegram.sent[-1]["text"])


async def test_what_is_no_contact_or_no_place_is_not_kept(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    telegram.says("/contacts")
    contacts = await telegram.replies(1)
    pressed = [
        telegram.taps(contacts, data)
        for data in ("Dk:no-such-number:44", "Dk:hrss-12333:99", "Dk:hrss-12333:x")
    ]
    await telegram.until(lambda: set(pressed) <= set(telegram.answers))
    assert all("失效" in str(telegram.answers[press]) for press in pressed)
    assert rows(connection, "dead_numbers") == []


def report(db: Connection, contact: str, region: str, count: int = 1) -> None:
    for _ in range(count):
        report_dead_number(db, contact, region, day=TODAY)


async def test_an_editor_settles_what_was_shown_and_the_log_says_so(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    report(connection, "hrss-12333", "44", 2)
    report(connection, "union-12351", "")
    editor = telegram.staff(Role.EDITOR)
    telegram.says("/numbers", person=editor)
    listed = await telegram.reply_to(editor, 1)
    assert "1. 12333 人社服务热线（广东省）：2 次，最近 2026-11-25" in listed["text"]
    assert "2. 12351 工会职工热线（不知道）：1 次" in listed["text"]
    report(connection, "hrss-12333", "44")
    telegram.taps(listed, buttons(listed)[0][1], person=editor)
    left = await telegram.reply_to(editor, 2)
    assert "12333 人社服务热线（广东省）：1 次" in left["text"]
    (act,) = rows(connection, "audit_log")[-1:]
    assert (act["act"], act["actor"], act["subject"]) == ("number.settled", editor.id, "hrss-12333")
    assert '"reports": 2' in act["before"]
    press = telegram.taps(listed, buttons(listed)[0][1], person=editor)
    await telegram.until(lambda: press in telegram.answers)
    assert "已经有人处理过" in str(telegram.answers[press])


async def test_a_viewer_sees_reports_in_english_but_settles_none(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    report(connection, "hrss-12333", "44")
    viewer = telegram.staff(Role.VIEWER, language="en")
    telegram.says("/numbers", person=viewer)
    listed = await telegram.reply_to(viewer, 1)
    assert "(Guangdong): reported 1×, last on 2026-11-25" in listed["text"]
    press = telegram.taps(listed, buttons(listed)[0][1], person=viewer)
    await telegram.until(lambda: press in telegram.answers)
    assert rows(connection, "dead_numbers")[0]["settled_on"] is None


async def test_without_reports_the_list_says_so(bot: App, telegram: TelegramServer) -> None:
    viewer = telegram.staff(Role.VIEWER)
    telegram.says("/numbers", person=viewer)
    assert "现在没有" in (await telegram.reply_to(viewer, 1))["text"]
