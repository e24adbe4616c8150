"""`shebao staff` and `shebao audit` from the outside."""

from __future__ import annotations

import csv
import datetime
import json
from pathlib import Path

import pytest

from bot.people import store
from bot.people.roles import Role
from knowledge.database import open_database
from tests.test_cli import environment, shebao

__all__ = ["environment"]

pytestmark = pytest.mark.usefixtures("environment")


def test_roles_are_given_listed_and_taken_back() -> None:
    assert shebao("staff", "add", "42", "editor").exit_code == 0
    assert "42" in shebao("staff", "add", "42", "editor").stderr
    shebao("staff", "add", "42", "organiser")
    listed = json.loads(shebao("staff", "list", "--json").stdout)
    assert {member["role"] for member in listed} == {"editor", "organiser"}
    assert shebao("staff", "remove", "42").exit_code == 0
    assert shebao("staff", "list").stdout == ""


def test_an_administrator_by_setting_is_listed_and_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEBAO_ADMINS", "7, 8")
    assert "SHEBAO_ADMINS" in shebao("staff", "list").stdout
    assert "SHEBAO_ADMINS" in shebao("staff", "remove", "7").stderr


@pytest.mark.parametrize("value", ["seven", "7;8", "-1", "0"])
def test_malformed_administrators_are_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SHEBAO_ADMINS", value)
    result = shebao("staff", "list")
    assert result.exit_code == 2
    assert "SHEBAO_ADMINS" in result.stderr
    assert value not in result.stderr


def test_an_invite_from_the_shell_gives_its_role(database: Path) -> None:
    message = shebao("staff", "invite", "admin").stdout.strip()
    secret = message.removeprefix("/start staff_")
    db = open_database(database)
    now = datetime.datetime.now(datetime.UTC)
    assert store.redeem(db, secret, 9, now=now) is Role.ADMIN
    db.close()


@pytest.mark.parametrize(
    "arguments", [("add", "nobody", "editor"), ("add", "42", "king"), ("remove", "-3")]
)
def test_wrong_arguments_are_refused(arguments: tuple[str, ...]) -> None:
    assert shebao("staff", *arguments).exit_code == 2


def test_the_log_is_exported_whole(tmp_path: Path) -> None:
    shebao("staff", "add", "42", "editor")
    shebao("staff", "remove", "42", "editor")
    file = tmp_path / "audit.csv"
    assert shebao("audit", "export", str(file)).exit_code == 0
    with file.open(encoding="utf-8-sig", newline="") as lines:
        acts = list(csv.DictReader(lines))
    assert [act["act"] for act in acts] == ["staff.added", "staff.removed"]
    assert shebao("audit", "export", str(tmp_path / "none" / "audit.csv")).exit_code == 1
