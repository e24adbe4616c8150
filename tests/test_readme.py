"""README says what is true: every command, every setting with its default, and the release notes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from bot.cli import main
from bot.config import PREFIX, SETTINGS
from tests.test_cli import commands

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_command_stands_in_the_readme_and_no_other() -> None:
    known = {path for path, command in commands(main) if not hasattr(command, "commands")}
    listed = set(re.findall(r"^\| `shebao ([a-z]+(?: [a-z]+)?)", README, re.MULTILINE))
    assert listed == known


def test_every_setting_stands_in_the_readme_with_its_default() -> None:
    rows = dict(re.findall(rf"^\| `{PREFIX}([A-Z_]+)` \| `?([^`|]*)`? ", README, re.MULTILINE))
    assert {name: value.strip() for name, value in rows.items()} == {
        setting.name: setting.default or "–" for setting in SETTINGS
    }


def test_the_version_has_its_notes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"### {project['version']}" in README


def test_ci_runs_the_readmes_test_command() -> None:
    (command,) = re.findall(r"^python3 -m venv .*pytest.*$", README, re.MULTILINE)
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
