"""Who may import what: a symptom leads to one folder."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOWS = ("people", "asking", "curation", "notices", "sandbox")
FILES = sorted(path for folder in ("bot", "knowledge") for path in (ROOT / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def uses(path: Path, package: str) -> bool:
    return any(name == package or name.startswith(package + ".") for name in imported(path))


@pytest.mark.parametrize("package", ["bot", "telegram", "asyncio"])
def test_knowledge_knows_no_telegram(package: str) -> None:
    inside = [path for path in FILES if path.is_relative_to(ROOT / "knowledge")]
    assert [path.name for path in inside if uses(path, package)] == []


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("jieba", {"segment.py"}),
        ("rapidfuzz", {"rank.py", "spelling.py"}),
        (
            "sqlite_utils",
            {
                "store.py",
                "figures_store.py",
                "freshness_store.py",
                "kept_index.py",
                "queue_store.py",
                "outbox.py",
                "queueing.py",
                "schema.py",
                "database.py",
                "loading.py",
                "live.py",
                "shell.py",
                "demo.py",
            },
        ),
        ("telegram.request", {"transport.py"}),
    ],
)
def test_a_library_stays_where_it_belongs(package: str, allowed: set[str]) -> None:
    assert {path.name for path in FILES if uses(path, package)} <= allowed


def test_sql_stays_in_the_stores() -> None:
    allowed = {"kept_index.py", "outbox.py", "queueing.py", "schema.py", "database.py"}
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        if any(f'"{verb} ' in text for verb in ("SELECT", "INSERT INTO", "UPDATE", "DELETE FROM")):
            assert path.name in allowed or path.name.endswith("store.py"), path


def test_flows_import_knowledge_and_people_but_not_each_other() -> None:
    for flow in FLOWS:
        for path in (ROOT / "bot" / flow).rglob("*.py"):
            for other in FLOWS:
                if other not in (flow, "people"):
                    assert not uses(path, f"bot.{other}"), path


def test_only_the_composition_root_imports_every_flow() -> None:
    for path in FILES:
        flows = {flow for flow in FLOWS if flow != "people" and uses(path, f"bot.{flow}")}
        if len(flows) > 1 and path.parent.name not in FLOWS:
            assert path.name == "app.py", path


def test_only_texts_reads_the_catalogues() -> None:
    for path in FILES:
        if '"locales"' in path.read_text(encoding="utf-8"):
            assert path.name == "texts.py"


def test_files_stay_short() -> None:
    long = {
        str(path): n for path in FILES if (n := len(path.read_text("utf-8").splitlines())) > 340
    }
    assert long == {}
