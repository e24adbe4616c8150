"""Staff over the Bot API: invites, rights, withdrawal, and the log of it all."""

from __future__ import annotations

import datetime
import sqlite3
from typing import Any

import pytest
from sqlite_utils.db import Database as Connection

from bot.app import App
from bot.people import store
from bot.people.roles import RIGHTS, Right, Role, staff_commands
from tests.bot.telegram_server import TelegramServer, buttons

NOW = datetime.datetime(2026, 11, 25, 8, 0, tzinfo=datetime.UTC)


def payload(text: str) -> str:
    """What the link in an invitation carries."""
    return text.rpartition("?start=")[2]


async def test_an_invite_makes_the_first_who_opens_it_an_editor_and_nobody_after(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    admin = telegram.staff(Role.ADMIN)
    newcomer = telegram.staff(name="N")
    telegram.says("/invite editor", person=admin)
    link = payload((await telegram.reply_to(admin, 1))["text"])
    telegram.says(f"/start {link}", person=newcomer)
    assert "编辑" in (await telegram.reply_to(newcomer, 1))["text"]
    assert store.roles(connection, newcomer.id) == {Role.EDITOR}
    telegram.says(f"/start {link}")
    assert "用过了" in (await telegram.reply_to(telegram.worker, 1))["text"]
    assert store.roles(connection, telegram.worker.id) == frozenset()


async def test_an_invite_can_be_asked_for_by_buttons_in_english(
    bot: App, telegram: TelegramServer
) -> None:
    admin = telegram.staff(Role.ADMIN, language="en")
    telegram.says("/invite", person=admin)
    offered = await telegram.reply_to(admin, 1)
    assert [text for text, _ in buttons(offered)] == [
        "viewer",
        "editor",
        "organiser",
        "administrator",
    ]
    telegram.taps(offered, buttons(offered)[2][1], person=admin)
    assert "organiser" in (await telegram.reply_to(admin, 2))["text"]


def test_an_invite_is_void_after_two_days(connection: Connection) -> None:
    secret = store.invite(connection, Role.EDITOR, actor=store.SHELL, now=NOW)
    late = NOW + datetime.timedelta(hours=store.INVITE_HOURS, seconds=1)
    assert store.redeem(connection, secret, 7, now=late) is None
    assert store.redeem(connection, secret, 7, now=NOW) is Role.EDITOR


def test_an_invite_is_void_when_whoever_made_it_lost_their_role(connection: Connection) -> None:
    store.give_role(connection, 5, Role.ADMIN, actor=store.SHELL, now=NOW)
    secret = store.invite(connection, Role.ADMIN, actor=5, now=NOW)
    store.withdraw(connection, 5, None, actor=store.SHELL, now=NOW)
    assert store.redeem(connection, secret, 7, now=NOW) is None


def test_of_an_invite_only_a_digest_is_kept(connection: Connection) -> None:
    secret = store.invite(connection, Role.EDITOR, actor=store.SHELL, now=NOW)
    kept = "\n".join(
        str(row) for table in ("invites", "audit_log") for row in connection[table].rows
    )
    assert secret not in kept


async def test_an_old_button_does_nothing_after_the_role_was_withdrawn(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    admin = telegram.staff(Role.ADMIN)
    other = telegram.staff(Role.VIEWER, name="V")
    telegram.says("/staff", person=admin)
    listed = await telegram.reply_to(admin, 1)
    assert "V" in listed["text"]
    store.withdraw(connection, admin.id, None, actor=store.SHELL, now=NOW)
    (data,) = [data for text, data in buttons(listed) if "V" in text]
    press = telegram.taps(listed, data, person=admin)
    await telegram.until(lambda: press in telegram.answers)
    assert "没有做这件事的权限" in str(telegram.answers[press])
    assert store.roles(connection, other.id) == {Role.VIEWER}


async def test_a_role_is_withdrawn_from_the_list_and_the_log_says_by_whom(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    admin = telegram.staff(Role.ADMIN, name="A")
    telegram.staff(Role.EDITOR, name="E")
    telegram.says("/staff", person=admin)
    listed = await telegram.reply_to(admin, 1)
    (data,) = [data for text, data in buttons(listed) if "E" in text]
    telegram.taps(listed, data, person=admin)
    assert "E" not in (await telegram.reply_to(admin, 2))["text"].replace("SHEBAO", "")
    telegram.says("/audit", person=admin)
    told = (await telegram.reply_to(admin, 3))["text"]
    assert "A：收回了身份" in told
    assert store.acts(connection, limit=1)[0].actor == admin.id


async def test_nobody_may_manage_staff_in_a_group(bot: App, telegram: TelegramServer) -> None:
    admin = telegram.staff(Role.ADMIN)
    group = next(iter(telegram.state.groups.values()))
    telegram.says("/staff", person=admin, chat=group)
    assert "私聊" in (await telegram.replies(1))["text"]


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_may_give_the_commands_that_it_is_shown_and_no_other(
    bot: App, telegram: TelegramServer, role: Role
) -> None:
    person = telegram.staff(*([role] if role is not Role.WORKER else []), name="P")
    shown = staff_commands(RIGHTS[role])
    for number, command in enumerate(staff_commands(frozenset(Right)), 1):
        telegram.says(f"/{command}", person=person)
        await telegram.reply_to(person, number)
        replies = telegram.to(person)
        refused = ["没有做这件事的权限" in reply.get("text", "") for reply in replies]
        assert refused[-1] is (command not in shown), command


async def test_help_names_the_commands_of_staff_to_staff_only(
    bot: App, telegram: TelegramServer
) -> None:
    admin = telegram.staff(Role.ADMIN)
    telegram.says("/help", person=admin)
    assert "/audit" in (await telegram.reply_to(admin, 1))["text"]
    telegram.says("/help")
    assert "/audit" not in (await telegram.reply_to(telegram.worker, 1))["text"]


@pytest.mark.parametrize("change", ["UPDATE audit_log SET actor = 1", "DELETE FROM audit_log"])
def test_nothing_is_taken_out_of_the_log(connection: Connection, change: str) -> None:
    store.give_role(connection, 5, Role.EDITOR, actor=store.SHELL, now=NOW)
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(change)


async def test_telegram_shows_staff_their_own_commands_and_takes_them_away(
    bot: App, telegram: TelegramServer
) -> None:
    admin = telegram.staff(Role.ADMIN)
    newcomer = telegram.staff(name="N")

    def menus() -> list[list[dict[str, Any]]]:
        return [
            menu for scope, menu in telegram.state.commands.items() if str(newcomer.id) in scope
        ]

    telegram.says("/invite admin", person=admin)
    link = payload((await telegram.reply_to(admin, 1))["text"])
    telegram.says(f"/start {link}", person=newcomer)
    await telegram.until(lambda: len(menus()) == 3)
    assert all("staff" in str(menu) for menu in menus())
    telegram.says("/staff", person=admin)
    listed = await telegram.reply_to(admin, 2)
    (data,) = [data for text, data in buttons(listed) if "N" in text]
    telegram.taps(listed, data, person=admin)
    await telegram.until(lambda: not any(menus()))


def test_a_draft_that_waits_takes_the_place_of_another(connection: Connection) -> None:
    from bot.store import Draft, drafts, keep_draft

    keep_draft(connection, Draft(1, "entry", "title", {"a": "甲"}), NOW)
    keep_draft(connection, Draft(1, "notice", "text", {}), NOW + datetime.timedelta(seconds=1))
    assert drafts(connection) == [
        Draft(1, "entry", "", {"a": "甲"}),
        Draft(1, "notice", "text", {}),
    ]
