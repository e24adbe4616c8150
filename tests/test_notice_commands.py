"""`shebao notice` from the outside."""

from __future__ import annotations

import datetime
import json

import pytest
from sqlite_utils.db import Database as Connection

from bot.notices import outbox, store
from bot.notices.states import DeliveryState, NoticeState, Outcome
from tests.bot.notices.conftest import NOON, add_notice, queued
from tests.test_cli import environment, shebao

__all__ = ["environment"]

pytestmark = pytest.mark.usefixtures("environment")


def test_show_keeps_the_contract(connection: Connection) -> None:
    notice_id = queued(connection, [1, 2, 3])
    outbox.take_over(connection, "one")
    (one,) = outbox.exchange(connection, "one", [], limit=1, now=NOON, quiet=False)
    sent = Outcome(one, DeliveryState.SENT, message_id=1)
    outbox.exchange(connection, "one", [sent], limit=0, now=NOON, quiet=False)
    shown = json.loads(shebao("notice", "show", str(notice_id), "--json").stdout)
    assert shown["state"] == "sending"
    assert shown["deliveries"] == {"pending": 2, "sent": 1}
    assert "pending\t2" in shebao("notice", "show", str(notice_id)).stdout


@pytest.mark.parametrize("command", ["show", "send", "pause", "resume", "cancel", "retry"])
def test_a_notice_that_is_not_there_is_one_clear_line(command: str) -> None:
    result = shebao("notice", command, "99")
    assert result.exit_code == 1
    assert "99" in result.stderr
    assert "Traceback" not in result.stderr


def test_send_only_schedules_and_tells_when(connection: Connection) -> None:
    notice_id = add_notice(connection, "draft")
    result = shebao("notice", "send", str(notice_id), "--at", "2999-12-01T23:00")
    assert result.exit_code == 0
    assert "2999-12-01 23:00" in result.stderr
    assert "2999-12-02 08:00" in result.stderr  # when the quiet hours end
    standing = store.standing(connection, notice_id)
    assert standing.state is NoticeState.SCHEDULED
    assert standing.send_at == datetime.datetime(2999, 12, 1, 15, tzinfo=datetime.UTC)
    assert outbox.counts(connection, notice_id)[DeliveryState.PENDING] == 0


def test_an_urgent_notice_does_not_wait_for_the_morning(connection: Connection) -> None:
    notice_id = add_notice(connection, "draft")
    result = shebao("notice", "send", str(notice_id), "--at", "2999-12-01T23:00", "--urgent")
    assert "08:00" not in result.stderr
    assert store.standing(connection, notice_id).urgent


@pytest.mark.parametrize("time", ["tomorrow", "2020-01-01", "2999-13-01"])
def test_a_time_that_is_none_or_past_is_refused(connection: Connection, time: str) -> None:
    notice_id = add_notice(connection, "draft")
    result = shebao("notice", "send", str(notice_id), "--at", time)
    assert result.exit_code == 2
    assert "--at" in result.stderr
    assert store.standing(connection, notice_id).state is NoticeState.DRAFT


def test_pause_resume_cancel_and_what_is_not_possible_any_more(connection: Connection) -> None:
    notice_id = queued(connection, [1, 2])
    assert shebao("notice", "pause", str(notice_id)).exit_code == 0
    again = shebao("notice", "pause", str(notice_id))
    assert again.exit_code == 1
    assert "paused" in again.stderr
    assert shebao("notice", "resume", str(notice_id)).exit_code == 0
    assert shebao("notice", "cancel", str(notice_id)).exit_code == 0
    shown = json.loads(shebao("notice", "show", str(notice_id), "--json").stdout)
    assert (shown["state"], shown["deliveries"]) == ("cancelled", {"cancelled": 2})
    assert shebao("notice", "retry", str(notice_id)).exit_code == 1


def test_retry_tells_how_many(connection: Connection) -> None:
    notice_id = queued(connection, [1, 2])
    outbox.take_over(connection, "one")
    claims = outbox.exchange(connection, "one", [], limit=2, now=NOON, quiet=False)
    failed = [Outcome(claim, DeliveryState.FAILED, "too long") for claim in claims]
    outbox.exchange(connection, "one", failed, limit=0, now=NOON, quiet=False)
    result = shebao("notice", "retry", str(notice_id))
    assert result.exit_code == 0
    assert "2" in result.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SEND_RATE", "0"),
        ("SEND_RATE", "1001"),
        ("SEND_RATE", "fast"),
        ("QUIET_HOURS", "21-8"),
        ("ERROR_SHARE", "101"),
        ("MISSED_MINUTES", "-5"),
        ("SEND_LATE", "maybe"),
    ],
)
def test_a_malformed_setting_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"SHEBAO_{name}", value)
    result = shebao("notice", "show", "1")
    assert result.exit_code == 2
    assert f"SHEBAO_{name}" in result.stderr
    assert "Traceback" not in result.stderr


def test_doctor_warns_of_what_paid_sending_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "SHEBAO_SEND_RATE" not in shebao("doctor").stdout
    monkeypatch.setenv("SHEBAO_SEND_RATE", "31")
    assert "SHEBAO_SEND_RATE" in shebao("doctor").stdout
