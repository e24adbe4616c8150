"""Which sheet and which column is which: told by their names, in either language and any order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from knowledge.cells import (
    CellProblem,
    Computed,
    Row,
    Table,
    UnusableSheet,
    Value,
    column_letter,
    text_of,
)
from knowledge.delimited import read_delimited
from knowledge.guard import is_zip, refuse_other_kinds
from knowledge.spreadsheet import ENTRY_COLUMNS, PHRASING_COLUMNS, SHEETS, Words, plain
from knowledge.workbook import read_workbook

LONGEST_FOUND = 60
_WORKBOOKS, _TEXTS = (".xlsx",), (".csv", ".tsv", ".txt")


def read_tables(name: str, data: bytes) -> list[Table]:
    """The sheets of a file, by what it is, not only by what it is called.

    Args:
        name: of the file, with its ending.

    Raises:
        UnusableSheet: it is no workbook and no CSV, or cannot be used.
    """
    refuse_other_kinds(data)
    ending = "." + name.casefold().rpartition(".")[2]
    if is_zip(data):
        if ending in _TEXTS:
            raise UnusableSheet("sheet.error.named_text")
        return read_workbook(data)
    if ending in _WORKBOOKS:
        raise UnusableSheet("sheet.error.named_workbook")
    if ending not in _TEXTS:
        raise UnusableSheet("sheet.error.kind")
    table = read_delimited(name, data)
    if table is None:
        raise UnusableSheet("sheet.error.empty")
    return [table]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of entries or of phrasings whose columns are known.

    Attributes:
        kind: ``entries`` or ``phrasings``.
        columns: name of a column -> its position.
    """

    kind: str
    table: Table
    columns: dict[str, int]
    words: Words

    def value(self, row: Row, column: str) -> Value:
        """What stands in the row under this column; None where there is no such column."""
        position = self.columns.get(column)
        if position is None or position >= len(row.cells):
            return None
        return row.cells[position]

    def text(self, row: Row, column: str) -> str:
        """The same as text."""
        return text_of(self.value(row, column))

    def problem(self, row: Row, column: str, key: str, **parameters: object) -> CellProblem:
        """Something wrong in this cell."""
        position = self.columns.get(column)
        return CellProblem(
            self.table.name,
            row.number,
            "" if position is None else column_letter(position),
            self.words.label("column", column),
            shortened(self.text(row, column)),
            key,
            parameters,
        )


def shortened(text: str) -> str:
    """The beginning of the text in one line, as much as a message has room for."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_FOUND else line[: LONGEST_FOUND - 1] + "…"


@dataclass(frozen=True, slots=True)
class Recognised:
    """The sheets that are read, those that nobody knows, and what is wrong with their headers."""

    sheets: tuple[Sheet, ...]
    ignored: tuple[str, ...]
    problems: tuple[CellProblem, ...]


def recognise(tables: Iterable[Table], words: Words) -> Recognised:
    """Sheets of entries and of phrasings, in the order of the file."""
    sheets: list[Sheet] = []
    ignored: list[str] = []
    problems: list[CellProblem] = []
    for table in tables:
        kind = _kind(table, words)
        if kind is None:
            ignored.append(table.name)
        elif kind in ("entries", "phrasings"):
            sheet = Sheet(kind, table, _columns(table, kind, words), words)
            problems.extend(_header_problems(sheet))
            sheets.append(sheet)
    return Recognised(tuple(sheets), tuple(ignored), tuple(problems))


def _kind(table: Table, words: Words) -> str | None:
    known = words.keys("column")
    found = {known.get(plain(header)) for header in table.header}
    if {"id", "text"} <= found:
        return "phrasings"
    if "id" in found and len(found & set(ENTRY_COLUMNS)) > 1:
        return "entries"
    named = words.keys("sheet").get(plain(table.name))
    return named if named in SHEETS else None


def _columns(table: Table, kind: str, words: Words) -> dict[str, int]:
    wanted = ENTRY_COLUMNS if kind == "entries" else PHRASING_COLUMNS
    known = words.keys("column")
    columns: dict[str, int] = {}
    for position, header in enumerate(table.header):
        column = known.get(plain(header))
        if column in wanted:
            columns.setdefault(column, position)
    return columns


def _header_problems(sheet: Sheet) -> Iterator[CellProblem]:
    table = sheet.table
    needed = ("id",) if sheet.kind == "entries" else ("id", "text", "language")
    for column in needed:
        if column not in sheet.columns:
            name = sheet.words.label("column", column)
            yield CellProblem(
                table.name, table.header_row, "", name, "", "sheet.expected.column", {"name": name}
            )
    known = set(sheet.columns.values())
    twice = sheet.words.keys("column")
    width = max((len(row.cells) for row in table.rows), default=0)
    for position in range(width):
        if position in known:
            continue
        first = next((r for r in table.rows if _filled(r, position)), None)
        if first is None:
            continue
        header = table.header[position] if position < len(table.header) else ""
        again = twice.get(plain(header)) in sheet.columns
        key = "sheet.expected.once" if again else "sheet.expected.known_column"
        row = table.header_row if header else first.number
        found = header or text_of(first.cells[position])
        yield CellProblem(table.name, row, column_letter(position), header, shortened(found), key)


def _filled(row: Row, position: int) -> bool:
    return position < len(row.cells) and bool(text_of(row.cells[position]))


def computed(sheet: Sheet) -> Iterator[CellProblem]:
    """The cells that hold a formula where a text is expected."""
    for row in sheet.table.rows:
        for column in sheet.columns:
            if isinstance(sheet.value(row, column), Computed):
                yield sheet.problem(row, column, "sheet.expected.no_formula")
