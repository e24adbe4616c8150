"""`shebao faq export` and `shebao faq import` from the outside."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from openpyxl import load_workbook

from bot.people import store
from knowledge.database import open_database
from knowledge.entry import Entry
from knowledge.store import KnowledgeStore
from tests.test_cli import environment, shebao

__all__ = ["environment"]

pytestmark = pytest.mark.usefixtures("environment")

REFUSES = "contribution.employer-refuses-to-pay"
PHRASING = "老板死活不肯给我上五险"


def entry(database: Path) -> Entry:
    with closing(open_database(database)) as db:
        return KnowledgeStore(db).entry(REFUSES)


def csv_file(name: str, *rows: list[str]) -> str:
    with Path(name).open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
    return name


def edit() -> str:
    """A file that changes the scope and adds a phrasing."""
    return csv_file("a.csv", ["id", "scope"], [REFUSES, "A new scope."])


def test_a_workbook_is_exported_edited_and_imported(database: Path) -> None:
    result = shebao("faq", "export", "faq.xlsx")
    assert result.exit_code == 0, result.output
    assert "224" in result.stderr
    book = load_workbook("faq.xlsx")
    sheet = book.worksheets[0]
    (row,) = [row for row in sheet.iter_rows() if row[0].value == REFUSES]
    row[15].value = "A new scope."
    book.worksheets[1].append([REFUSES, "zh", "phrasing", PHRASING])
    book.save("faq.xlsx")
    shown = shebao("faq", "import", "faq.xlsx", "--dry-run")
    assert shown.exit_code == 0, shown.output
    assert f"+ {PHRASING}" in shown.stdout
    assert "A new scope." in shown.stdout
    assert entry(database).version == 1
    done = shebao("faq", "import", "faq.xlsx", "--yes")
    assert done.exit_code == 0, done.output
    stands = entry(database)
    assert (stands.version, stands.scope) == (2, "A new scope.")
    assert stands.phrasings.zh[-1] == PHRASING
    again = shebao("faq", "import", "faq.xlsx", "--yes")
    assert again.exit_code == 0, again.output
    assert entry(database).version == 2


def test_csv_files_are_exported_and_imported_again_without_a_change(database: Path) -> None:
    assert shebao("faq", "export", "all.csv").exit_code == 0
    done = shebao("faq", "import", "all.csv", "all-phrasings.csv", "--yes")
    assert done.exit_code == 0, done.output
    with closing(open_database(database)) as db:
        assert KnowledgeStore(db).edits() == 224
        assert db.table("imports").count == 0


def test_an_import_asks_first(database: Path) -> None:
    refused = shebao("faq", "import", edit(), typed="n\n")
    assert refused.exit_code == 1
    assert entry(database).version == 1
    assert shebao("faq", "import", edit(), typed="y\n").exit_code == 0
    assert entry(database).version == 2


def test_the_database_is_backed_up_before_an_import(database: Path) -> None:
    shebao("faq", "import", edit(), "--yes")
    kept = database.with_name("shebao.before-import.db")
    with closing(sqlite3.connect(kept)) as backup:
        sql = "SELECT version FROM entries WHERE id = ?"
        assert backup.execute(sql, [REFUSES]).fetchone() == (1,)
    assert kept.stat().st_mode & 0o077 == 0


def test_an_import_is_in_the_log_with_old_and_new(database: Path) -> None:
    before = entry(database).scope
    shebao("faq", "import", edit(), "--yes")
    with closing(open_database(database)) as db:
        (act,) = store.all_acts(db)
    assert (act.act, act.actor, act.subject) == ("entry.imported", store.SHELL, REFUSES)
    assert json.loads(act.before) == {"version": 1, "scope": [before]}
    assert json.loads(act.after) == {"version": 2, "scope": ["A new scope."]}


def test_an_import_is_undone_as_a_new_version(database: Path) -> None:
    before = entry(database)
    shebao("faq", "import", edit(), "--yes")
    assert shebao("faq", "import", "--undo").exit_code == 0
    after = entry(database)
    assert (after, after.version) == (before, 3)
    again = shebao("faq", "import", "--undo")
    assert again.exit_code == 1


def test_an_import_is_not_undone_over_a_later_edit(database: Path) -> None:
    shebao("faq", "import", edit(), "--yes")
    later = csv_file("b.csv", ["id", "scope"], [REFUSES, "Later."])
    shebao("faq", "import", later, "--yes")
    with closing(open_database(database)) as db:
        db.execute("UPDATE imports SET undone_at = 'x' WHERE id = 2")
        db.conn.commit()
    undone = shebao("faq", "import", "--undo")
    assert undone.exit_code == 1
    assert REFUSES in undone.stderr
    assert entry(database).scope == "Later."


def test_an_entry_that_an_import_added_is_retired_by_undoing(database: Path) -> None:
    like = entry(database)
    json_of = like.as_json()
    cells = {
        "id": "union.new-topic",
        "scheme": "union",
        "status": "published",
        "scope": like.scope,
        "title_zh": like.title.zh,
        "title_en": like.title.en,
        "short_zh": like.answer.zh.short,
        "short_en": like.answer.en.short,
        "steps_zh": "\n".join(like.answer.zh.steps),
        "steps_en": "\n".join(like.answer.en.steps),
        "details_zh": like.answer.zh.details,
        "details_en": like.answer.en.details,
        "provisions": "社会保险法 第63条",
        "contacts": "\n".join(like.contacts),
        "related": REFUSES,
        "checked_on": str(json_of["checked_on"]),
        "review_by": str(json_of["review_by"]),
    }
    entries = csv_file("a.csv", list(cells), list(cells.values()))
    said = [
        ["union.new-topic", language, f"{text} {letter}"]
        for language, text in (("zh", "全新的问题"), ("en", "brand new topic"))
        for letter in ("alpha", "beta", "gamma")
    ]
    phrasings = csv_file("b.csv", ["id", "language", "text"], *said)
    done = shebao("faq", "import", entries, phrasings, "--yes")
    assert done.exit_code == 0, done.output
    assert shebao("faq", "import", "--undo").exit_code == 0
    shown = json.loads(shebao("faq", "show", "union.new-topic", "--json").stdout)
    assert (shown["status"], shown["version"]) == ("retired", 2)


def test_an_import_with_a_problem_writes_nothing_and_names_the_cell(database: Path) -> None:
    bad = csv_file(
        "bad.csv", ["id", "scope", "contacts"], [REFUSES, "A new scope.", "nobody-at-all"]
    )
    result = shebao("faq", "import", bad, "--yes")
    assert result.exit_code == 1
    assert "bad.csv" in result.stdout
    assert "nobody-at-all" in result.stdout
    assert entry(database).version == 1


def test_a_conflict_is_told_and_the_rest_is_imported(database: Path) -> None:
    shebao("faq", "export", "faq.csv")
    shebao("faq", "import", edit(), "--yes")
    with Path("faq.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    other = "contribution.who-pays-what"
    changed = [
        [*row[:15], "Mine.", *row[16:]] if row[0] in (REFUSES, other) else row for row in rows
    ]
    result = shebao("faq", "import", csv_file("mine.csv", *changed), "--yes")
    assert result.exit_code == 1
    assert REFUSES in result.stdout
    assert entry(database).scope == "A new scope."
    with closing(open_database(database)) as db:
        assert KnowledgeStore(db).entry(other).scope == "Mine."


def test_a_file_that_is_no_sheet_is_one_clear_line() -> None:
    Path("a.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100))
    result = shebao("faq", "import", "a.xlsx")
    assert (result.exit_code, result.stdout) == (1, "")
    assert ".xls" in result.stderr


@pytest.mark.parametrize(
    "arguments", [(), ("--undo", "--dry-run"), ("a.csv", "--undo"), ("missing.csv",)]
)
def test_wrong_usage_is_refused(arguments: tuple[str, ...]) -> None:
    edit()
    assert shebao("faq", "import", *arguments).exit_code == 2


def test_retiring_an_entry_tells_which_phrasings_get_something_else() -> None:
    file = csv_file("a.csv", ["id", "status"], [REFUSES, "retired"])
    shown = shebao("faq", "import", file, "--dry-run").stdout
    assert PHRASING not in shown
    assert "→" in shown
