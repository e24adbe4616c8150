"""Entries as sheets and back: what a dry run of an import tells."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from bot.sheets.files import workbook
from bot.sheets.words import words_of
from bot.texts import Texts
from knowledge.base import KnowledgeBase
from knowledge.cells import CellProblem, Table, date_text, text_of
from knowledge.delimited import read_delimited, write_delimited
from knowledge.entry import Entry, Status
from knowledge.errors import NoEntry
from knowledge.importing import MOST_PHRASINGS, plan
from knowledge.plan import Plan
from knowledge.recognise import read_tables
from knowledge.spreadsheet import ENTRY_COLUMNS, PHRASING_COLUMNS, Words, entry_rows, mark_of
from knowledge.workbook import read_workbook

TODAY = datetime.date(2026, 11, 25)
REFUSES = "contribution.employer-refuses-to-pay"
NEW = "pension.new-topic"


def no_version(entry_id: str, version: int) -> Entry:
    raise NoEntry(entry_id)


@pytest.fixture(scope="module")
def words(texts: Texts) -> Words:
    return words_of(texts)


@pytest.fixture(scope="module")
def exported(base: KnowledgeBase, words: Words) -> bytes:
    return workbook(base, words)


Import = Callable[..., Plan]


@pytest.fixture
def imported(base: KnowledgeBase, words: Words) -> Import:
    """The dry run of CSV files with these rows, the first of each naming the columns."""

    def dry_run(
        *files: list[list[str]],
        on: KnowledgeBase = base,
        at_version: Callable[[str, int], Entry] = no_version,
    ) -> Plan:
        tables = [table_of(rows) for rows in files]
        return plan(tables, on, words, at_version=at_version, today=TODAY)

    return dry_run


def table_of(rows: list[list[str]]) -> Table:
    table = read_delimited("a.csv", write_delimited(rows[0], rows[1:]))
    assert table is not None
    return table


def new_entry(base: KnowledgeBase, words: Words, **changes: str) -> list[list[str]]:
    """The row of a new entry that is like an old one."""
    (row,) = entry_rows([base.entries[REFUSES]], words)
    cells = dict(zip(ENTRY_COLUMNS, map(str, row), strict=True))
    cells |= {"id": NEW, "version": "", "scheme": "pension", "title_zh": "新的题目", **changes}
    return [list(cells), list(cells.values())]


def new_phrasings(count: int = 3) -> list[list[str]]:
    said = [[NEW, "zh", "phrasing", f"新话题怎么办第{x}种", ""] for x in "甲乙丙丁"[:count]]
    said += [[NEW, "en", "phrasing", f"how is the new topic {x}", ""] for x in "abcd"[:count]]
    return [["id", "language", "kind", "text", "delete"], *said]


def test_the_whole_faq_exported_and_imported_again_changes_nothing(
    exported: bytes, base: KnowledgeBase, words: Words
) -> None:
    tables = read_tables("faq.xlsx", exported)
    found = plan(tables, base, words, at_version=no_version, today=TODAY)
    assert (found.changes, found.problems, found.conflicts, found.ignored) == ((), (), (), ())
    assert set(found.same) == set(base.entries)


def test_the_workbook_is_made_for_people(exported: bytes, base: KnowledgeBase) -> None:
    book = load_workbook(BytesIO(exported))
    assert book.sheetnames[:4] == [
        "答案 entries",
        "问法 phrasings",
        "联系方式 contacts",
        "说明 help",
    ]
    entries = book["答案 entries"]
    assert entries.freeze_panes == "B2"
    assert entries.auto_filter.ref == f"A1:R{len(base.entries) + 1}"
    assert entries["A1"].value == "答案编号 / Entry id"
    assert entries["E2"].alignment.wrap_text
    assert entries.column_dimensions["K"].width == 80
    assert entries["Q2"].is_date
    rules = {str(rule.sqref): rule.formula1 for rule in entries.data_validations.dataValidation}
    lists = book["选项 lists"]
    assert lists.sheet_state == "hidden"
    assert [lists[f"B{row}"].value for row in (1, 2, 3)] == [
        "已发布 / published", "草稿 / draft", "已停用 / retired",
    ]  # fmt: skip
    last = len(base.entries) + 1001
    assert rules[f"C2:C{last}"] == "'选项 lists'!$B$1:$B$3"


def test_texts_that_begin_like_a_formula_stay_texts(base: KnowledgeBase, words: Words) -> None:
    entry = base.entries[REFUSES]
    cues = replace(entry.cues, zh=("=1+1", "+86", "-不交", "@all", "'='"))
    changed = replace(base, entries={REFUSES: replace(entry, cues=cues)})
    content = workbook(changed, words)
    found = plan(read_workbook(content), changed, words, at_version=no_version, today=TODAY)
    assert found.same == (REFUSES,)
    sheet = load_workbook(BytesIO(content))["问法 phrasings"]
    assert "=1+1" in [cell.value for cell in sheet["D"] if cell.data_type == "s"]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_columns_are_known_by_name_in_either_language_and_any_order(imported: Import) -> None:
    for header in (
        ["简短回答（中文）", "答案编号"],
        ["Short Answer (Chinese)", "ENTRY ID"],
        ["short_zh", "id"],
        ["简短回答（中文） / Short answer (Chinese)", "答案编号 / Entry id"],
        ["簡短回答（中文）", "答案編號"],
    ):
        found = imported([header, ["可以投诉。", REFUSES]])
        (change,) = found.changes
        (difference,) = change.differences
        assert (difference.field, difference.after) == ("short.zh", ("可以投诉。",))


def test_a_blank_cell_leaves_what_stands(imported: Import) -> None:
    found = imported([["id", "title_zh", "related", "status"], [REFUSES, "", "", ""]])
    assert found.same == (REFUSES,)
    assert not found.changes


def test_a_delete_mark_empties_what_may_be_empty_and_is_refused_elsewhere(
    imported: Import,
) -> None:
    (change,) = imported([["id", "related"], [REFUSES, "删除"]]).changes
    assert change.after.related == ()
    (problem,) = imported([["id", "title_zh"], [REFUSES, "DELETE"]]).problems
    assert (problem.row, problem.column, problem.key) == (2, "B", "sheet.expected.text")


def test_a_phrasing_is_added_changed_and_deleted(imported: Import, base: KnowledgeBase) -> None:
    first, second, *rest = base.entries[REFUSES].phrasings.zh
    found = imported(
        [
            ["id", "language", "kind", "text", "delete", "mark"],
            [REFUSES, "中文", "问法", f"{first}呀", "", mark_of(first)],
            [REFUSES, "Chinese", "phrasing", second, "删除", mark_of(second)],
            [REFUSES, "zh", "", "老板说试用期过了才给办理", "", ""],
        ]
    )
    (change,) = found.changes
    assert change.after.phrasings.zh == (f"{first}呀", *rest, "老板说试用期过了才给办理")
    assert change.kind == "changed"


def test_a_row_that_is_not_there_deletes_nothing(imported: Import, base: KnowledgeBase) -> None:
    text = base.entries[REFUSES].phrasings.en[0]
    found = imported([["id", "language", "text"], [REFUSES, "en", text]])
    assert found.same == (REFUSES,)


def test_a_copied_row_is_a_new_phrasing(imported: Import, base: KnowledgeBase) -> None:
    first = base.entries[REFUSES].phrasings.zh[0]
    (change,) = imported(
        [
            ["id", "language", "text", "mark"],
            [REFUSES, "zh", "抄来的一行改成的新问法", mark_of(first)],
            [REFUSES, "zh", first, mark_of(first)],
        ]
    ).changes
    assert change.after.phrasings.zh[0] == first
    assert change.after.phrasings.zh[-1] == "抄来的一行改成的新问法"


def test_a_phrasing_edited_into_another_of_the_entry_is_merged_with_it(
    imported: Import, base: KnowledgeBase
) -> None:
    first, second, *rest = base.entries[REFUSES].phrasings.zh
    (change,) = imported(
        [
            ["id", "language", "text", "mark"],
            [REFUSES, "zh", second, mark_of(first)],
        ]
    ).changes
    assert change.after.phrasings.zh == (second, *rest)


def test_a_phrasing_that_somebody_took_away_meanwhile_does_not_come_back(
    imported: Import, base: KnowledgeBase
) -> None:
    gone = "这句话早就被人删掉了"
    rows = [["id", "language", "text", "mark"], [REFUSES, "zh", gone, mark_of(gone)]]
    found = imported(rows)
    assert [conflict.entry_id for conflict in found.conflicts] == [REFUSES]
    assert not found.changes


def test_a_new_entry_is_added_as_a_draft_unless_it_says_otherwise(
    imported: Import, base: KnowledgeBase, words: Words
) -> None:
    for written, status in (("", Status.DRAFT), ("已发布", Status.PUBLISHED)):
        found = imported(new_entry(base, words, status=written), new_phrasings())
        assert found.problems == ()
        (change,) = found.of_kind("added")
        assert (change.after.id, change.after.status) == (NEW, status)
        assert change.after.scheme == "pension"
        assert len(change.after.phrasings.en) == 3


def test_an_entry_is_retired_and_never_deleted(imported: Import, base: KnowledgeBase) -> None:
    found = imported([["编号", "id", "status"], ["", REFUSES, "已停用 / retired"]])
    (change,) = found.of_kind("retired")
    assert change.after == replace(base.entries[REFUSES], status=Status.RETIRED)


def test_laws_may_be_shortened_and_articles_written_in_several_ways(imported: Import) -> None:
    written = "《社会保险法》第63条\n社会保险法 84\n劳动争议司法解释（二） 第19条"
    (change,) = imported([["id", "provisions"], [REFUSES, written]]).changes
    laws = [(p.law, p.article) for p in change.after.provisions]
    assert laws[:2] == [("社会保险法", 63), ("社会保险法", 84)]
    assert laws[2][0].startswith("最高人民法院")


@pytest.mark.parametrize(
    ("column", "written", "letter", "key"),
    [
        ("title_zh", "长" * 41, "B", "expected.at_most"),
        ("status", "online", "B", "sheet.expected.choice"),
        ("scheme", "养老院", "B", "sheet.expected.choice"),
        ("checked_on", "11/24/2026", "B", "sheet.expected.date"),
        ("checked_on", "2026-13-01", "B", "sheet.expected.date"),
        ("checked_on", "2027-01-01", "B", "expected.not_future"),
        ("review_by", "2020-01-01", "B", "expected.after"),
        ("provisions", "没有的法 第3条", "B", "sheet.expected.law"),
        ("provisions", "63", "B", "sheet.expected.provision"),
        ("contacts", "nobody", "B", "sheet.expected.contact"),
        ("related", "pension.nothing", "B", "expected.other_entry"),
        ("details_zh", "短", "B", "expected.at_least"),
        ("steps_en", "\n".join("abcdefgh"), "B", "expected.at_most_items"),
        ("version", "77", "B", "sheet.expected.version"),
        ("version", "one", "B", "sheet.expected.version"),
        ("version", "9" * 400, "B", "sheet.expected.version"),
    ],
)
def test_what_is_wrong_is_told_with_its_cell(
    imported: Import, column: str, written: str, letter: str, key: str
) -> None:
    problems = imported([["id", column], [REFUSES, written]]).problems
    assert key in [problem.key for problem in problems]
    assert {(p.sheet, p.row, p.column) for p in problems} == {("a.csv", 2, letter)}


@pytest.mark.parametrize(
    ("rows", "row", "column", "key"),
    [
        ([["id", "titel", "title_zh"], [REFUSES, "x", ""]], 1, "B", "sheet.expected.known_column"),
        ([["id", "title_zh", "标题（中文）"], [REFUSES, "", "x"]], 1, "C", "sheet.expected.once"),
        ([["id", "title_zh"], [REFUSES, "", "stray"]], 2, "C", "sheet.expected.known_column"),
        ([["id", "title_zh"], ["", "x"]], 2, "A", "sheet.expected.id"),
        ([["id", "title_zh"], [REFUSES, ""], [REFUSES, "x"]], 3, "A", "sheet.expected.one_row"),
        ([["id", "text", "kind"], [REFUSES, "x", ""]], 1, "", "sheet.expected.column"),
        ([["id", "text", "language"], [REFUSES, "x", "fr"]], 2, "C", "sheet.expected.choice"),
        ([["id", "text", "language"], ["a.b", "x", "en"]], 2, "A", "sheet.expected.known_entry"),
        ([["id", "text", "language"], ["", "x", "en"]], 2, "A", "sheet.expected.id"),
        (
            [["id", "text", "language", "delete"], [REFUSES, "不是它的问法", "zh", "删除"]],
            2,
            "B",
            "sheet.expected.phrasing",
        ),
        (
            [["id", "text", "language", "delete"], [REFUSES, "好", "zh", "yes"]],
            2,
            "D",
            "sheet.expected.choice",
        ),
        ([["id", "version", "title_zh"], [NEW, "3", "x"]], 2, "B", "sheet.expected.no_version"),
        ([["id", "title_zh"], ["Not An Id", "x"]], 2, "A", "sheet.expected.id"),
    ],
)
def test_rows_and_columns_that_cannot_be_read_are_told(
    imported: Import, rows: list[list[str]], row: int, column: str, key: str
) -> None:
    problems = imported(rows).problems
    assert (row, column, key) in [(p.row, p.column, p.key) for p in problems]


def test_a_phrasing_of_another_entry_is_told_with_its_row(
    imported: Import, base: KnowledgeBase
) -> None:
    other = next(entry for entry in base.entries.values() if entry.id != REFUSES)
    rows = [["id", "language", "text"], [REFUSES, "zh", other.phrasings.zh[0]]]
    (problem,) = imported(rows).problems
    assert (problem.row, problem.column, problem.key) == (2, "C", "expected.one_owner")
    assert problem.parameters["owner"] == other.id


def test_a_new_entry_with_too_few_phrasings_is_refused(
    imported: Import, base: KnowledgeBase, words: Words
) -> None:
    found = imported(new_entry(base, words), new_phrasings(2))
    assert {problem.key for problem in found.problems} == {"expected.at_least_items"}


def test_no_entry_takes_phrasings_without_end(imported: Import) -> None:
    rows = [[REFUSES, "zh", f"问法 {number}"] for number in range(MOST_PHRASINGS + 1)]
    (problem,) = imported([["id", "language", "text"], *rows]).problems
    assert problem.key == "sheet.expected.fewer_phrasings"


def at_version_of(entry: Entry) -> Callable[[str, int], Entry]:
    return lambda entry_id, version: replace(entry, version=version)


def edited_meanwhile(base: KnowledgeBase) -> KnowledgeBase:
    """REFUSES was exported as version 1; now a colleague's version 2 stands."""
    entry = base.entries[REFUSES]
    theirs = replace(entry, scope="A colleague changed this.", version=2)
    return replace(base, entries={**base.entries, REFUSES: theirs})


def test_an_entry_that_a_colleague_changed_is_not_overwritten(
    imported: Import, base: KnowledgeBase
) -> None:
    now, was = edited_meanwhile(base), base.entries[REFUSES]
    rows = [["id", "version", "title_zh"], [REFUSES, "1", "我的题目"]]
    found = imported(rows, on=now, at_version=at_version_of(was))
    ((conflict),) = found.conflicts
    assert (conflict.entry_id, conflict.exported, conflict.stands) == (REFUSES, 1, 2)
    assert not found.changes


def test_an_unedited_row_of_an_entry_that_a_colleague_changed_is_no_conflict(
    imported: Import, base: KnowledgeBase, words: Words
) -> None:
    now, was = edited_meanwhile(base), base.entries[REFUSES]
    (row,) = entry_rows([was], words)
    rows = [list(ENTRY_COLUMNS), [str(value) for value in row]]
    found = imported(rows, on=now, at_version=at_version_of(was))
    assert found.same == (REFUSES,)
    assert not found.conflicts


def test_changing_one_language_marks_the_other(imported: Import) -> None:
    (change,) = imported([["id", "title_en"], [REFUSES, "My employer pays nothing"]]).changes
    assert change.after.outdated == "zh"


def test_numbers_and_dates_of_excel_are_texts_and_dates(base: KnowledgeBase, words: Words) -> None:
    book = Workbook()
    page: Any = book.active
    page.append(["id", "checked_on", "review_by", "scope"])
    page.append([REFUSES, datetime.date(2026, 11, 23), 46800, 12333])
    page.append([next(iter(base.entries)), "2026年11月2日", "2027/5/6", 1.5])
    data = BytesIO()
    book.save(data)
    tables = read_tables("a.xlsx", data.getvalue())
    found = plan(tables, base, words, at_version=no_version, today=TODAY)
    after = {change.after.id: change.after for change in found.changes}
    assert after[REFUSES].checked_on == datetime.date(2026, 11, 23)
    assert after[REFUSES].review_by == datetime.date(2028, 2, 17)
    assert after[REFUSES].scope == "12333"
    assert after[next(iter(base.entries))].review_by == datetime.date(2027, 5, 6)
    assert after[next(iter(base.entries))].scope == "1.5"


def test_formulas_are_told_by_cell_and_not_read(base: KnowledgeBase, words: Words) -> None:
    book = Workbook()
    page: Any = book.active
    page.append(["id", "title_zh"])
    page.append([REFUSES, '=HYPERLINK("http://x")'])
    page.append(["=A2", "x"])
    data = BytesIO()
    book.save(data)
    tables = read_tables("a.xlsx", data.getvalue())
    found = plan(tables, base, words, at_version=no_version, today=TODAY)
    assert [(p.row, p.column, p.key) for p in found.problems] == [
        (2, "B", "sheet.expected.no_formula"),
        (3, "A", "sheet.expected.no_formula"),
    ]
    assert not found.changes


def test_sheets_of_ones_own_are_left_alone_and_named(base: KnowledgeBase, words: Words) -> None:
    book = Workbook()
    page: Any = book.active
    page.append(["id", "title_zh"])
    page.append([REFUSES, ""])
    book.create_sheet("my notes").append(["call Li", "=1+1"])
    data = BytesIO()
    book.save(data)
    tables = read_tables("a.xlsx", data.getvalue())
    found = plan(tables, base, words, at_version=no_version, today=TODAY)
    assert (found.ignored, found.problems) == (("my notes",), ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_comes_in_many_ways(imported: Import, encoding: str, separator: str, end: str) -> None:
    cells = [["答案编号", "简短回答（中文）", "范围"], [REFUSES, '"可以，\n投诉；"', "x"]]
    text = end.join(separator.join(row) for row in cells)
    (table,) = read_tables("a.csv", text.encode(encoding))
    assert table.header == ("答案编号", "简短回答（中文）", "范围")
    assert text_of(table.rows[0].cells[1]) == "可以，\n投诉；"


ANY_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30)


@given(st.lists(st.lists(ANY_TEXT, min_size=2, max_size=4), min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_any_text_comes_back_from_csv(rows: list[list[str]]) -> None:
    written = [[text_of(cell) for cell in row] for row in rows]
    table = read_delimited("a.csv", write_delimited(["id", "text", "x", "y"], written))
    kept = [row for row in written if any(row)]
    found = [[text_of(cell) for cell in row.cells] for row in table.rows] if table else []
    assert found == kept


@given(ANY_TEXT.map(text_of).filter(bool), st.sampled_from(["scope", "title_en"]))
@settings(max_examples=25, deadline=None)
def test_any_text_comes_back_from_a_workbook(
    base: KnowledgeBase, words: Words, text: str, column: str
) -> None:
    entry = base.entries[REFUSES]
    changed = (
        replace(entry, scope=text)
        if column == "scope"
        else replace(entry, title=replace(entry.title, en=text))
    )
    one = replace(base, entries={REFUSES: changed})
    tables = read_workbook(workbook(one, words))
    found = plan(tables, one, words, at_version=no_version, today=TODAY)
    assert (found.same, found.problems) == ((REFUSES,), ())


@given(st.dates(datetime.date(1990, 1, 2), datetime.date(2099, 12, 31)))
def test_a_date_is_the_same_however_it_is_typed(day: datetime.date) -> None:
    serial = (day - datetime.date(1899, 12, 30)).days
    for written in (
        day,
        datetime.datetime.combine(day, datetime.time.min),
        serial,
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.isoformat()} 00:00:00",
    ):
        assert date_text(written) == day.isoformat()


def test_every_column_has_another_name(words: Words) -> None:
    for columns in (ENTRY_COLUMNS, PHRASING_COLUMNS):
        for language in ("zh", "en"):
            names = [words.named["column"][column].of(language) for column in columns]
            assert len(set(names)) == len(names)


def test_a_problem_is_a_value(imported: Import) -> None:
    (problem,) = imported([["id", "title_zh"], [REFUSES, "长" * 41]]).problems
    assert problem == CellProblem(
        "a.csv", 2, "B", "标题（中文） / Title (Chinese)", "长" * 41, "expected.at_most",
        {"most": 40, "found": 41},
    )  # fmt: skip
