"""The `shebao` command from the outside."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from knowledge.base import FOLDER
from knowledge.decide import read_decision

ROOT = Path(__file__).parent.parent
REFUSES = "contribution.employer-refuses-to-pay"


@pytest.fixture
def environment(database: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Settings of a newcomer, with a database of one's own."""
    for name in list(os.environ):
        if name.startswith("SHEBAO_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SHEBAO_DB", str(database))
    monkeypatch.chdir(tmp_path)


def shebao(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), input=typed)


@pytest.mark.usefixtures("environment")
class TestAsk:
    def test_json_keeps_the_contract(self) -> None:
        result = shebao("ask", "老板不给我交社保怎么办", "--json")
        value = json.loads(result.stdout)
        assert set(value) == {
            "question", "language", "decision", "candidates", "text", "provisions",
            "contacts", "region", "elapsed_ms",
        }  # fmt: skip
        assert value["decision"] == "answer"
        assert value["candidates"][0]["id"] == REFUSES
        assert 0 <= value["candidates"][0]["score"] <= 100
        assert len(value["candidates"]) <= 5
        assert {"law": "社会保险法", "article": 63} in value["provisions"]
        assert "hrss-12333" in value["contacts"]
        assert value["text"].count("\n") > 3

    def test_a_batch_answers_line_by_line_in_order(self, tmp_path: Path) -> None:
        questions = ["工伤认定要在多久内申请", "怎么办", "my boss refuses to pay shebao"]
        lines = [json.dumps({"q": question}, ensure_ascii=False) for question in questions]
        lines.append(json.dumps({"turns": ["老板不交社保", "那要多久"]}, ensure_ascii=False))
        path = tmp_path / "batch.jsonl"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        result = shebao("ask", "--json", "--batch", str(path))
        values = [json.loads(line) for line in result.stdout.splitlines()]
        assert [value["question"] for value in values] == [*questions, "那要多久"]
        assert [value["language"] for value in values] == ["zh", "zh", "en", "zh"]

    def test_a_batch_comes_from_standard_input_too(self) -> None:
        result = shebao("ask", "--json", "--batch", "-", typed='{"q": "工伤认定"}\n')
        assert json.loads(result.stdout)["question"] == "工伤认定"

    def test_a_broken_line_is_named(self) -> None:
        result = shebao("ask", "--json", "--batch", "-", typed='{"q": "工伤认定"}\n{"p": 1}\n')
        assert result.exit_code == 1
        assert "2" in result.stderr

    def test_neither_or_both_is_wrong_usage(self) -> None:
        assert shebao("ask").exit_code == 2
        assert shebao("ask", "x", "--batch", "-", typed="").exit_code == 2

    def test_explain_shows_parts_and_reason(self) -> None:
        result = shebao("ask", "老板不给我交社保怎么办", "--json", "--explain")
        explained = json.loads(result.stdout)["explain"]
        assert "老板" in explained["words"]
        first = explained["candidates"][0]
        assert {"evidence", "alike", "spelling"} <= set(first["parts"])
        assert first["witnesses"]["老板"] > 0
        assert "@employer" in shebao("ask", "老板不给我交社保怎么办", "--explain").stderr

    def test_an_unknown_region_is_wrong_usage(self) -> None:
        assert shebao("ask", "工伤认定", "--region", "火星").exit_code == 2

    def test_a_chosen_language_wins(self) -> None:
        value = json.loads(shebao("ask", "老板不给我交社保怎么办", "--lang", "en", "--json").stdout)
        assert "Social Insurance Law" in value["text"]


@pytest.mark.usefixtures("environment")
class TestFaq:
    def test_list_and_show_keep_the_contract(self) -> None:
        listed = json.loads(shebao("faq", "list", "--json").stdout)
        assert set(listed[0]) == {"id", "scheme", "status", "title", "version"}
        shown = json.loads(shebao("faq", "show", REFUSES, "--json").stdout)
        assert shown["id"] == REFUSES
        assert isinstance(shown["answer"]["zh"], str)

    def test_an_unknown_id_is_one_clear_line(self) -> None:
        result = shebao("faq", "show", "no.such")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "no.such" in result.stderr

    def test_export_writes_every_entry(self, tmp_path: Path) -> None:
        assert shebao("faq", "export", "all.json").exit_code == 0
        exported = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
        assert len(exported) == len(json.loads(shebao("faq", "list", "--json").stdout))

    def test_export_refuses_other_formats_and_places(self) -> None:
        assert shebao("faq", "export", "all.doc").exit_code == 2
        assert shebao("faq", "export", "no/such/folder/all.json").exit_code == 1

    def test_check_passes_on_what_is_shipped(self) -> None:
        result = shebao("faq", "check")
        assert result.exit_code == 0, result.output


@pytest.mark.usefixtures("environment")
class TestEvaluate:
    def test_figures_and_mistakes_are_printed(self, tmp_path: Path) -> None:
        cases = [
            {
                "q": "上班路上被车撞了算工伤吗",
                "ids": ["work-injury.commuting-accident"],
                "kind": "k",
            },
            {"q": "上班路上被车撞了算工伤吗", "ids": [REFUSES], "kind": "k"},
            {"q": "随便", "ids": ["not.written"], "kind": "k"},
        ]
        (tmp_path / "cases.jsonl").write_text("\n".join(map(json.dumps, cases)))
        figures = json.loads(shebao("evaluate", "cases.jsonl", "--json", "--written-only").stdout)
        assert (figures["questions"], figures["hit1"]) == (2, 50.0)
        assert figures["kinds"]["k"]["questions"] == 2
        told = shebao("evaluate", "cases.jsonl", "--errors", "--written-only").stdout
        assert told.count("上班路上被车撞了算工伤吗") == 1
        assert "50.0" in told


@pytest.mark.usefixtures("environment")
class TestChat:
    def test_a_newcomer_talks(self) -> None:
        typed = (
            "老板不给我交社保怎么办\n1\n社保\n1\n/law 58\n/contacts\n/topics\n/topics work-injury\n"
        )
        typed += "/region 广东\n/language en\n/help\n/fly\n/quit\n"
        result = shebao("chat", typed=typed)
        assert result.exit_code == 0, result.output
        for expected in ("社会保险法", "12333", "Article 58", "/topics work-injury"):
            assert expected in result.stdout

    def test_the_end_of_input_ends_it(self) -> None:
        assert shebao("chat", typed="").exit_code == 0


class TestTrouble:
    def test_a_missing_token_is_one_line_and_wrong_usage(self, environment: None) -> None:
        result = shebao("run")
        assert result.exit_code == 2
        assert result.stderr.count("\n") == 1
        assert "SHEBAO_TOKEN" in result.stderr

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("TOKEN", "not-a-token-but-secret"),
            ("RETENTION_DAYS", "-1"),
            ("TIMEZONE", "Mars/Olympus"),
            ("LOG_LEVEL", "LOUD"),
            ("API_URL", "ftp://x"),
            ("API_URL", "http://[::1"),
            ("PROXY", "localhost:1080"),
        ],
    )
    def test_a_malformed_setting_is_named_and_its_value_never_shown(
        self, environment: None, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        monkeypatch.setenv(f"SHEBAO_{name}", value)
        result = shebao("doctor")
        assert result.exit_code == 2
        assert f"SHEBAO_{name}" in result.stderr
        assert value not in result.output

    def test_settings_come_from_a_file_too(self, environment: None, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("SHEBAO_RETENTION_DAYS=soon\n")
        assert shebao("doctor").exit_code == 2

    def test_a_damaged_database_is_one_clear_line(self, environment: None, database: Path) -> None:
        database.write_bytes(b"no database" * 1000)
        for command in (["ask", "工伤"], ["doctor"], ["faq", "list"]):
            result = shebao(*command)
            assert result.exit_code == 1
            assert str(database) in result.output
            assert "Traceback" not in result.output

    def test_a_database_that_lost_a_table_is_one_clear_line(
        self, environment: None, database: Path
    ) -> None:
        opened = sqlite3.connect(database)
        opened.execute("DROP TABLE entry_texts")
        opened.close()
        result = shebao("ask", "工伤")
        assert result.exit_code == 1
        assert "entry_texts" in result.stderr

    def test_a_locked_database_is_one_clear_line(
        self, environment: None, database: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("knowledge.database.BUSY_TIMEOUT", 0.05)
        holder = sqlite3.connect(database)
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        result = shebao("ask", "工伤")
        holder.close()
        assert result.exit_code == 1
        assert str(database) in result.stderr

    def test_an_unreadable_file_is_one_clear_line(
        self, environment: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "broken.yaml").write_text("scheme: a\n- b\n")
        monkeypatch.setattr("bot.loading.FAQ_FOLDER", tmp_path)
        result = shebao("ask", "工伤")
        assert result.exit_code == 1
        assert "broken.yaml" in result.stderr
        assert result.stderr.count("\n") == 1

    def test_an_unknown_command_is_wrong_usage(self, environment: None) -> None:
        assert shebao("fly").exit_code == 2


@pytest.mark.usefixtures("environment")
class TestDoctor:
    def test_a_fresh_installation_is_in_order(self) -> None:
        result = shebao("doctor")
        assert result.exit_code == 0, result.output

    def test_a_stale_heartbeat_is_not_in_order(self, database: Path) -> None:
        heartbeat = database.with_name("heartbeat")
        heartbeat.touch()
        assert shebao("doctor").exit_code == 0
        old = time.time() - 600
        os.utime(heartbeat, (old, old))
        assert shebao("doctor").exit_code == 1

    def test_a_secret_is_never_printed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        token = "123456:" + "S" * 35
        monkeypatch.setenv("SHEBAO_TOKEN", token)
        assert "S" * 35 not in shebao("doctor").output


def commands(group: click.Group, prefix: str = "") -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    for name, command in group.commands.items():
        path = f"{prefix} {name}".strip()
        found.append((path, command))
        if isinstance(command, click.Group):
            found.extend(commands(command, path))
    return found


def test_every_command_and_option_has_help() -> None:
    for path, command in commands(main):
        assert command.help, path
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{path} {parameter.name}"


@pytest.mark.parametrize(
    ("locale", "expected"), [("zh_CN.UTF-8", "用法|回答"), ("C.UTF-8", "Answer one")]
)
def test_help_speaks_the_language_of_the_terminal(locale: str, expected: str) -> None:
    environment = {**os.environ, "LC_ALL": locale}
    result = subprocess.run(
        [sys.executable, "-m", "bot", "--help"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert any(word in result.stdout for word in expected.split("|"))


@pytest.mark.usefixtures("environment")
class TestBackup:
    def test_the_copy_holds_everything_and_only_its_owner_can_read_it(
        self, database: Path, tmp_path: Path
    ) -> None:
        target = tmp_path / "copy.db"
        result = shebao("backup", str(target))
        assert result.exit_code == 0
        with sqlite3.connect(database) as source, sqlite3.connect(target) as copy:
            count = "SELECT count(*) FROM entries"
            assert copy.execute(count).fetchone() == source.execute(count).fetchone()
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert target.stat().st_mode & 0o077 == 0
        assert shebao("backup", str(target)).exit_code == 0

    def test_what_is_no_backup_is_not_overwritten(self, tmp_path: Path) -> None:
        letter = tmp_path / "letter.txt"
        letter.write_text("keep", encoding="utf-8")
        result = shebao("backup", str(letter))
        assert result.exit_code == 1
        assert str(letter) in result.stderr
        assert letter.read_text(encoding="utf-8") == "keep"

    def test_the_database_itself_and_a_missing_folder_are_refused(
        self, database: Path, tmp_path: Path
    ) -> None:
        assert shebao("backup", str(database)).exit_code == 1
        assert shebao("backup", str(tmp_path / "none" / "copy.db")).exit_code == 1

    def test_without_a_database_there_is_nothing_to_back_up(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SHEBAO_DB", str(tmp_path / "none.db"))
        assert shebao("backup", str(tmp_path / "copy.db")).exit_code == 1
        assert not (tmp_path / "none.db").exists()


def test_the_demo_names_a_port_that_is_taken_and_a_folder_it_cannot_use(tmp_path: Path) -> None:
    (tmp_path / "chats.json").write_text("{}", encoding="utf-8")
    result = shebao("demo", "--no-browser", "--data", str(tmp_path))
    assert result.exit_code == 1
    assert "chats.json" in result.stderr
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = shebao("demo", "--no-browser", "--port", port)
        assert result.exit_code == 1
        assert port in result.stderr


@pytest.mark.usefixtures("environment")
class TestCalibrate:
    @pytest.fixture
    def cases(self, tmp_path: Path) -> Path:
        lines = [
            {"q": "老板不给我交社保怎么办", "ids": [REFUSES]},
            {"q": "上班路上被车撞了算工伤吗", "ids": ["work-injury.commuting-accident"]},
            {"q": "给我讲个笑话", "ids": []},
        ]
        path = tmp_path / "cases.jsonl"
        path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
        return path

    def test_the_trade_off_and_how_far_scores_can_be_trusted_are_shown(self, cases: Path) -> None:
        before = (FOLDER / "decision.yaml").read_bytes()
        result = shebao("calibrate", str(cases))
        assert result.exit_code == 0
        assert "100.0" in result.stdout
        assert result.stdout.count("→") == 1
        assert (FOLDER / "decision.yaml").read_bytes() == before

    def test_what_was_chosen_is_written(
        self, cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.cli.FOLDER", tmp_path)
        assert shebao("calibrate", str(cases), "--write", "--most-wrong", "0").exit_code == 0
        weights, thresholds = read_decision(tmp_path / "decision.yaml")
        assert weights.nothing > 0
        assert thresholds.answer >= 30

    def test_a_file_without_questions_is_an_error_in_one_line(self, tmp_path: Path) -> None:
        empty = tmp_path / "empty.jsonl"
        empty.touch()
        result = shebao("calibrate", str(empty))
        assert result.exit_code == 1
        assert len(result.stderr.strip().splitlines()) == 1
