"""Workbooks (.xlsx): written for people to edit in Excel, WPS or LibreOffice, and read back."""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from math import ceil
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation

from knowledge.cells import Computed, Row, Table, UnusableSheet, Value, column_letter, table
from knowledge.guard import examine

MOST_SHEETS = 20
LINE_POINTS, MOST_POINTS = 15.0, 409.0
_SPARE_ROWS = 1_000  # below the last, in which new rows get drop-downs


@dataclass(frozen=True, slots=True)
class Column:
    """One column as it is written.

    Attributes:
        width: in characters of the default font.
        choices: what its drop-down offers; empty for none.
    """

    header: str
    width: int
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """One sheet as it is written. Texts never become formulas, whatever they begin with."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str | int | datetime.date]]


def write_workbook(sheets: Sequence[Written], lists: str) -> bytes:
    """The sheets as an .xlsx file: header frozen, with filters, columns wide, texts wrapped.

    Args:
        lists: name of the hidden sheet that the drop-downs take their choices from.
    """
    book = Workbook(write_only=True)
    for style in _styles():
        book.add_named_style(style)
    choices = [column.choices for sheet in sheets for column in sheet.columns if column.choices]
    kept = list(dict.fromkeys(choices))
    for sheet in sheets:
        _write_sheet(book, sheet, lists, kept)
    hidden = book.create_sheet(lists)
    hidden.sheet_state = "hidden"
    for number in range(max(map(len, kept), default=0)):
        hidden.append([each[number] if number < len(each) else None for each in kept])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _styles() -> Iterator[NamedStyle]:
    top = Alignment(wrap_text=True, vertical="top")
    yield NamedStyle("faq text", alignment=top, number_format="@")
    yield NamedStyle("faq number", alignment=top)
    yield NamedStyle("faq date", alignment=top, number_format="yyyy-mm-dd")
    fill = PatternFill("solid", fgColor="DDE8F0")
    yield NamedStyle("faq header", font=Font(bold=True), fill=fill, alignment=top)


def _write_sheet(
    book: Workbook, sheet: Written, lists: str, kept: Sequence[tuple[str, ...]]
) -> None:
    page = book.create_sheet(sheet.name)
    page.freeze_panes = "B2"
    last = column_letter(len(sheet.columns) - 1)
    page.auto_filter.ref = f"A1:{last}{len(sheet.rows) + 1}"
    for position, column in enumerate(sheet.columns):
        letter = column_letter(position)
        page.column_dimensions[letter].width = column.width
        if column.choices:
            place = column_letter(kept.index(column.choices))
            source = f"'{lists}'!${place}$1:${place}${len(column.choices)}"
            rule = DataValidation("list", formula1=source, allow_blank=True, showErrorMessage=True)
            rule.add(f"{letter}2:{letter}{len(sheet.rows) + 1 + _SPARE_ROWS}")
            page.data_validations.append(rule)
    headers = [column.header for column in sheet.columns]
    widths = [column.width for column in sheet.columns]
    page.row_dimensions[1].height = _height(headers, widths)
    page.append([_cell(page, header, "faq header") for header in headers])
    for number, row in enumerate(sheet.rows, 2):
        height = _height(row, widths)
        if height > LINE_POINTS:
            page.row_dimensions[number].height = height
        page.append([None if value == "" else _cell(page, value) for value in row])


def _height(row: Sequence[str | int | datetime.date], widths: Sequence[int]) -> float:
    """The height of the row in points; not every program finds it by itself."""
    needed = 1
    for value, width in zip(row, widths, strict=True):
        if isinstance(value, str):
            written = value.split("\n")
            needed = max(needed, sum(ceil(1.1 * (_width(x) or 1) / width) for x in written))
    return min(LINE_POINTS * needed, MOST_POINTS)


def _width(line: str) -> int:
    """In characters of the default font: Chinese takes two."""
    return len(line) if line.isascii() else len(line) + sum(c > "\u2e7f" for c in line)


def _cell(page: WriteOnlyWorksheet, value: str | int | datetime.date, style: str = "") -> Any:
    if isinstance(value, str):
        cell = WriteOnlyCell(page, value)
        cell.data_type = "s"  # also what begins with "=", which would be a formula
        cell.style = style or "faq text"
    elif isinstance(value, int):
        cell = WriteOnlyCell(page, value)
        cell.style = "faq number"
    else:
        cell = WriteOnlyCell(page, datetime.datetime.combine(value, datetime.time.min))
        cell.style = "faq date"
    return cell


def read_workbook(data: bytes) -> list[Table]:
    """The sheets of an .xlsx file that hold anything.

    Raises:
        UnusableSheet: it is damaged, hostile, or too big.
    """
    extent = examine(data)
    try:
        with warnings.catch_warnings():
            # Of things in the file that openpyxl leaves out: they are none of ours.
            warnings.simplefilter("ignore")
            book = load_workbook(BytesIO(data), read_only=True, keep_links=False)
            found = [
                table(page.title, _rows(page, extent.rows, extent.columns))
                for page in book.worksheets[: MOST_SHEETS + 1]
            ]
    except UnusableSheet:
        raise
    except Exception as error:  # whatever a library makes of a file that anybody may have made
        raise UnusableSheet("sheet.error.damaged") from error
    if len(found) > MOST_SHEETS:
        raise UnusableSheet("sheet.error.too_many_sheets", most=MOST_SHEETS)
    return [sheet for sheet in found if sheet is not None]


def _rows(page: Any, last_row: int, last_column: int) -> Iterator[Row]:
    if not last_row or not last_column:
        return
    rows = page.iter_rows(min_row=1, max_row=last_row, min_col=1, max_col=last_column)
    for number, row in enumerate(rows, 1):
        if any(cell.value is not None for cell in row):
            yield Row(number, tuple(map(_value, row)))


def _value(cell: Any) -> Value:
    value = cell.value
    if cell.data_type in ("f", "e"):
        return Computed(getattr(value, "text", None) or str(value))
    if isinstance(
        value, str | int | float | datetime.date | datetime.time | datetime.timedelta | None
    ):
        return value
    return str(value)
