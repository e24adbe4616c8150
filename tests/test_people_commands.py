"""`shebao people` and `shebao notice new|list`, as a union uses them in the shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlite_utils.db import Database as Connection

from bot.cli import main
from bot.notices.subscribing.store import Wish, subscriber
from bot.people.store import preferences
from knowledge.text import Language

HEADER = "chat_id,language,region,subscribed\n"
NOTICE = """
title: {zh: 社会保险法培训, en: Workshop on the Social Insurance Law}
text: {zh: 讲怎么查缴费。, en: How to check your record.}
starts: 2099-12-12 14:00
ends: 2099-12-12 16:30
place: 厦门市总工会三楼
capacity: 60
audience: {region: all, language: all}
"""


@pytest.fixture
def run(database: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    """Runs commands on the database of the test."""
    monkeypatch.setenv("SHEBAO_DB", str(database))
    monkeypatch.chdir(tmp_path)
    return CliRunner()


def written(tmp_path: Path, content: str | bytes) -> str:
    """The path of a file that holds this."""
    path = tmp_path / "people.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def test_subscribers_move_in_and_out_again(
    run: CliRunner, tmp_path: Path, connection: Connection
) -> None:
    people = HEADER + "1001,zh,35,1\n1002,en,,1\n1003,zh-Hant,44,0\n"
    result = run.invoke(main, ["people", "import", written(tmp_path, people)])
    assert result.exit_code == 0, result.output
    found = subscriber(connection, 1001)
    assert found is not None
    assert (found.wish, found.region) == (Wish.ON, "35")
    assert preferences(connection, 1002).language is Language.EN
    gone = subscriber(connection, 1003)
    assert gone is not None
    assert gone.wish is Wish.OFF
    out = tmp_path / "out.csv"
    assert run.invoke(main, ["people", "export", str(out)]).exit_code == 0
    assert out.read_text(encoding="utf-8").replace("\r\n", "\n") == people
    assert out.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfchat_id;language;region;subscribed\r\n1001;zh;35;1\r\n",
        "备注\tsubscribed\tregion\tlanguage\tchat_id\n老会员\t1\t35\tzh\t1001\n".encode("gb18030"),
    ],
)
def test_lists_from_other_programs_are_understood(
    run: CliRunner, tmp_path: Path, connection: Connection, content: bytes
) -> None:
    result = run.invoke(main, ["people", "import", written(tmp_path, content)])
    assert result.exit_code == 0, result.output
    found = subscriber(connection, 1001)
    assert found is not None
    assert found.region == "35"


def test_bad_rows_are_told_by_row_and_column_and_nothing_is_written(
    run: CliRunner, tmp_path: Path, connection: Connection
) -> None:
    rows = "1001,zh,35,1\nx,zh,35,1\n1002,fr,35,1\n1003,zh,99,yes\n1001,zh,35,1\n"
    result = run.invoke(main, ["people", "import", written(tmp_path, HEADER + rows)])
    assert result.exit_code == 1
    told = [line.strip() for line in result.stderr.splitlines()[1:]]
    places = [tuple(line.replace("，", ", ").split(", ")[1:3]) for line in told]
    assert [(row, column.partition("：")[0].partition(":")[0]) for row, column in places] == [
        ("3", "chat_id"),
        ("4", "language"),
        ("5", "region"),
        ("5", "subscribed"),
        ("6", "chat_id"),
    ]
    assert subscriber(connection, 1001) is None


def test_a_missing_column_and_a_dry_run_write_nothing(
    run: CliRunner, tmp_path: Path, connection: Connection
) -> None:
    result = run.invoke(main, ["people", "import", written(tmp_path, "chat_id,language\n1,zh\n")])
    assert result.exit_code == 1
    assert "subscribed" in result.stderr
    good = written(tmp_path, HEADER + "1001,zh,35,1\n")
    assert run.invoke(main, ["people", "import", good, "--dry-run"]).exit_code == 0
    assert subscriber(connection, 1001) is None


def test_to_import_again_keeps_the_topics_that_somebody_chose(
    run: CliRunner, tmp_path: Path, connection: Connection
) -> None:
    good = written(tmp_path, HEADER + "1001,zh,35,1\n")
    run.invoke(main, ["people", "import", good])
    connection.execute("UPDATE subscribers SET topics = ',pension,' WHERE chat_id = 1001")
    connection.conn.commit()
    run.invoke(main, ["people", "import", good])
    found = subscriber(connection, 1001)
    assert found is not None
    assert found.topics == ("pension",)


def test_a_notice_from_a_file_is_kept_listed_and_counted(run: CliRunner, tmp_path: Path) -> None:
    run.invoke(main, ["people", "import", written(tmp_path, HEADER + "1,zh,35,1\n2,en,,1\n")])
    file = tmp_path / "notice.yaml"
    file.write_text(NOTICE, encoding="utf-8")
    new = run.invoke(main, ["notice", "new", str(file), "--json"])
    assert new.exit_code == 0, new.output
    kept = json.loads(new.stdout)
    assert kept["audience"] == 2
    (listed,) = json.loads(run.invoke(main, ["notice", "list", "--json"]).stdout)
    assert (listed["id"], listed["state"]) == (kept["id"], "draft")
    shown = run.invoke(main, ["notice", "show", str(kept["id"]), "--json"])
    assert json.loads(shown.stdout)["state"] == "draft"
    assert run.invoke(main, ["notice", "list"]).stdout.startswith(f"{kept['id']}\tdraft\t")


def test_a_wrong_notice_is_told_by_field_and_not_kept(run: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "notice.yaml"
    file.write_text(NOTICE.replace("16:30", "13:00").replace("60", "0"), encoding="utf-8")
    result = run.invoke(main, ["notice", "new", str(file), "--json"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "capacity" in result.stderr
    assert json.loads(run.invoke(main, ["notice", "list", "--json"]).stdout) == []
