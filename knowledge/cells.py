"""What stands in the cells of a spreadsheet, whatever kind of file it came from."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from knowledge.errors import ShebaoError

# What no file of ours comes near: the whole FAQ is 2 MB, 31,000 rows and 20 columns.
LARGEST_FILE = 10 * 1024 * 1024  # bytes
MOST_ROWS = 100_000
MOST_COLUMNS = 100


class UnusableSheet(ShebaoError):
    """The file is refused whole: another kind of file, damaged, hostile, or too big."""


@dataclass(frozen=True, slots=True)
class Computed:
    """A formula, or what one came to that could not be computed: a cell whose text nobody wrote."""

    text: str


Value = (
    str
    | int
    | float
    | datetime.datetime
    | datetime.date
    | datetime.time
    | datetime.timedelta
    | Computed
    | None
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row under the header, with the number that a person sees beside it."""

    number: int
    cells: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet.

    Attributes:
        name: of the sheet; for CSV that of the file.
        header: texts of the first row that holds anything.
        header_row: number of that row, from 1.
        rows: the rows under it that hold anything.
    """

    name: str
    header: tuple[str, ...]
    header_row: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One thing wrong in one cell, or in a row.

    Attributes:
        sheet: name of the sheet, or of the CSV file.
        row: number of the row as a person sees it.
        column: letter of the column; empty when it concerns the row.
        header: what stands above it, or should.
        found: what stands there.
        key: key of the sentence that says what is expected.
        parameters: values of the named parameters in that sentence.
    """

    sheet: str
    row: int
    column: str
    header: str
    found: str
    key: str
    parameters: dict[str, object] = field(default_factory=dict)


# XML cannot carry these, and nobody types them.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """The text as it comes back from a spreadsheet: one kind of line end, no control characters."""
    text = text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
    return _UNWRITABLE.sub("", text).strip()


def text_of(value: Value) -> str:
    """What a person sees in the cell; numbers and dates as they would be typed."""
    match value:
        case None:
            return ""
        case str():
            return clean(value)
        case bool():
            return str(value).upper()
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime.datetime() if value.time() == datetime.time.min:
            return value.date().isoformat()
        case Computed():
            return value.text
        case _:
            return str(value)


_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s+0?0:00(?::00)?)?"
)
# Days since 1899-12-30, as spreadsheets count: from 1990 to 2100.
_FIRST_SERIAL, _LAST_SERIAL = 32_874, 73_050


def date_text(value: Value) -> str:
    """The date as 2026-11-24, however it was typed; anything else as it stands."""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, int | float) and _FIRST_SERIAL <= value <= _LAST_SERIAL:
        return (datetime.date(1899, 12, 30) + datetime.timedelta(days=int(value))).isoformat()
    text = text_of(value)
    match = _DATE.fullmatch(text)
    if match is None:
        return text
    year, month, day = map(int, match.groups())
    return f"{year:04}-{month:02}-{day:02}"


def column_letter(position: int) -> str:
    """The letter over the column at this position, from 0: A, B … Z, AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def table(name: str, rows: Iterable[Row]) -> Table | None:
    """The sheet with these rows; None when none holds anything.

    Raises:
        UnusableSheet: it has too many rows.
    """
    filled = [row for row in rows if any(text_of(value) for value in row.cells)]
    if not filled:
        return None
    if len(filled) > MOST_ROWS:
        raise UnusableSheet("sheet.error.too_many_rows", most=MOST_ROWS)
    header = tuple(text_of(value) for value in filled[0].cells)
    return Table(name, header, filled[0].number, tuple(filled[1:]))
