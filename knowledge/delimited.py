"""CSV files: read in whatever encoding and with whatever separator they come, written as Excel reads them."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from knowledge.cells import MOST_COLUMNS, MOST_ROWS, Row, Table, UnusableSheet, table

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SEPARATORS = (",", ";", "\t")
# What spreadsheets take for the start of a formula; the apostrophe makes it text.
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "'")


def decoded(data: bytes) -> str:
    """The text: UTF-8 with or without a mark, UTF-16 with one, else GB18030, which holds GBK.

    Raises:
        UnusableSheet: it is none of these.
    """
    marked = [encoding for mark, encoding in _MARKS.items() if data.startswith(mark)]
    for encoding in marked or ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnusableSheet("sheet.error.no_text")


def read_delimited(name: str, data: bytes) -> Table | None:
    """The rows of a CSV file; None when it holds none.

    Args:
        name: what to call it when something in it is wrong.

    Raises:
        UnusableSheet: no text, too long, or a quotation mark that never ends.
    """
    text = decoded(data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[Row] = []
    try:
        for cells in reader:
            if len(rows) > MOST_ROWS:
                raise UnusableSheet("sheet.error.too_many_rows", most=MOST_ROWS)
            if len(cells) > MOST_COLUMNS and any(cells[MOST_COLUMNS:]):
                raise UnusableSheet("sheet.error.too_many_columns", most=MOST_COLUMNS)
            # A spreadsheet counts records, not lines: a cell may hold several lines.
            rows.append(Row(len(rows) + 1, tuple(map(_unguarded, cells))))
    except csv.Error as error:
        raise UnusableSheet("sheet.error.quotes", line=reader.line_num) from error
    return table(name, rows)


def write_delimited(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The rows as CSV in UTF-8, with the mark without which Excel takes Chinese for something else."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    for row in rows:
        writer.writerow([_guarded(cell) for cell in row])
    return codecs.BOM_UTF8 + out.getvalue().encode()


def _guarded(text: str) -> str:
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def _unguarded(text: str) -> str:
    rest = text.lstrip().removeprefix("'")
    return rest if text.lstrip().startswith("'") and rest.startswith(_FORMULA_STARTS) else text
