"""Files that nobody should open are refused by name, before anything in them is taken for a value."""

from __future__ import annotations

import random
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from knowledge.cells import LARGEST_FILE, MOST_COLUMNS, MOST_ROWS, Table, UnusableSheet, text_of
from knowledge.guard import MOST_PARTS
from knowledge.recognise import read_tables
from knowledge.workbook import MOST_SHEETS

SHEET = "xl/worksheets/sheet1.xml"
OPEN = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
CLOSE = "</sheetData></worksheet>"
MOST_MEMORY = 150 * 1024 * 1024  # bytes, while any of these is refused


def saved(book: Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def small() -> bytes:
    book = Workbook()
    page: Any = book.active
    page.append(["id", "title_zh"])
    page.append(["a.b", "x"])
    return saved(book)


def with_parts(parts: dict[str, bytes | str], data: bytes | None = None) -> bytes:
    """A workbook with these parts put in, or in the place of those it has."""
    out = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(data or small())) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return out.getvalue()


def sheet(rows: str) -> bytes:
    return with_parts({SHEET: OPEN + rows + CLOSE})


def zip_bomb() -> bytes:
    return sheet(" " * 200_000_000)


def many_small_bombs() -> bytes:
    return with_parts({f"xl/media/{n}.xml": b" " * 1_000_000 for n in range(300)})


def lying_sizes() -> bytes:
    """The directory says that the sheet is small; it is not."""
    data = bytearray(sheet(f"<row>{'<c/>' * 4_000_000}</row>"))
    at = data.rfind(SHEET.encode()) - 46
    struct.pack_into("<L", data, at + 24, 100)
    return bytes(data)


def entity_bomb() -> bytes:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol"}">' for n in range(10))
    return with_parts(
        {SHEET: f"<!DOCTYPE x [{entities}]>{OPEN}<row><c><v>&e9;</v></c></row>{CLOSE}"}
    )


def hidden_entity_bomb() -> bytes:
    """In a part that is called a picture and is named as the sheet."""
    bomb = f'<!DOCTYPE x [<!ENTITY e "x">]>{OPEN}<row><c><v>&e;</v></c></row>{CLOSE}'
    rels = zipfile.ZipFile(BytesIO(small())).read("xl/_rels/workbook.xml.rels").decode()
    return with_parts(
        {
            "xl/media/a.png": bomb,
            "xl/_rels/workbook.xml.rels": rels.replace("worksheets/sheet1.xml", "media/a.png"),
        }
    )


def entity_bomb_in_utf16() -> bytes:
    text = f'<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY e "x">]>{OPEN}{CLOSE}'
    return with_parts({SHEET: text.encode("utf-16")})


def many_rows() -> bytes:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, MOST_ROWS + 5))
    return sheet(rows)


def endless_cells() -> bytes:
    noise = random.Random(1).randbytes(3_100_000)  # noqa: S311
    cells = "".join(f'<c r="A{number}"/>' for number in noise)
    return sheet(f"<row>{cells}</row>")


def many_sheets() -> bytes:
    book = Workbook()
    for _ in range(MOST_SHEETS + 2):
        book.create_sheet().append(["x"])
    return saved(book)


def long_directory() -> bytes:
    return with_parts({f"x/{'n' * 300}{n}": b"" for n in range(MOST_PARTS + 50)})


def endless_tag() -> bytes:
    noise = random.Random(1).randbytes(6_000_000).hex()  # noqa: S311
    return sheet(f'<row a="{noise}"/>')


def linked() -> bytes:
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId9" Type="http://x/oleObject" Target="file:///etc/passwd"'
        ' TargetMode="External"/></Relationships>'
    )
    return with_parts({"xl/worksheets/_rels/sheet1.xml.rels": rels})


def macro_type() -> bytes:
    types = zipfile.ZipFile(BytesIO(small())).read("[Content_Types].xml").decode()
    main = "spreadsheetml.sheet.main+xml"
    return with_parts(
        {"[Content_Types].xml": types.replace(
            f"application/vnd.openxmlformats-officedocument.{main}",
            "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        )}
    )  # fmt: skip


def open_document() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    return out.getvalue()


def word_document() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<x/>")
    return out.getvalue()


def password_on_a_part() -> bytes:
    data = bytearray(small())
    at = data.rfind(SHEET.encode()) - 46
    data[at + 8] |= 1
    return bytes(data)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)

HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "zip bomb": ("a.xlsx", zip_bomb, "bomb"),
    "many small bombs": ("a.xlsx", many_small_bombs, "bomb"),
    "sizes that lie": ("a.xlsx", lying_sizes, "damaged"),
    "endless cells": ("a.xlsx", endless_cells, "bomb"),
    "endless tag": ("a.xlsx", endless_tag, "bomb"),
    "long directory": ("a.xlsx", long_directory, "bomb"),
    "entity bomb": ("a.xlsx", entity_bomb, "entities"),
    "hidden entity bomb": ("a.xlsx", hidden_entity_bomb, "entities"),
    "entities in UTF-16": ("a.xlsx", entity_bomb_in_utf16, "entities"),
    "100,000 rows": ("a.xlsx", many_rows, "too_many_rows"),
    "one cell far below": (
        "a.xlsx",
        lambda: sheet('<row r="1000000"><c r="A1000000"><v>1</v></c></row>'),
        "too_many_rows",
    ),
    "one cell far right": (
        "a.xlsx",
        lambda: sheet('<row r="1"><c r="XFD1"><v>1</v></c></row>'),
        "too_many_columns",
    ),
    "a row that cannot be": ("a.xlsx", lambda: sheet(f'<row r="{10**12}"/>'), "damaged"),
    "a row of 5,000 digits": ("a.xlsx", lambda: sheet("<row r='" + "9" * 5000 + "'/>"), "damaged"),
    "many sheets": ("a.xlsx", many_sheets, "too_many_sheets"),
    "external links": (
        "a.xlsx",
        lambda: with_parts({"xl/externalLinks/externalLink1.xml": "<externalLink/>"}),
        "links",
    ),
    "a linked object": ("a.xlsx", linked, "links"),
    "macros": ("a.xlsm", lambda: with_parts({"xl/vbaProject.bin": b"x"}), "macros"),
    "macros by type alone": ("a.xlsx", macro_type, "macros"),
    "old workbook": ("a.xls", lambda: OLE, "old_workbook"),
    "old workbook, renamed": ("a.xlsx", lambda: OLE, "old_workbook"),
    "encrypted": (
        "a.xlsx",
        lambda: OLE + "EncryptedPackage".encode("utf-16-le"),
        "encrypted",
    ),
    "encrypted part": ("a.xlsx", password_on_a_part, "encrypted"),
    "open document": ("a.ods", open_document, "open_document"),
    "word document": ("a.docx", word_document, "no_workbook"),
    "text named xlsx": ("a.xlsx", lambda: b"id,title_zh\na.b,x\n", "named_workbook"),
    "workbook named csv": ("a.csv", small, "named_text"),
    "picture": ("a.png", lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), "kind"),
    "program named csv": ("a.csv", lambda: b"\x7fELF" + bytes(200), "no_text"),
    "no name": ("", lambda: b"id,text\n", "kind"),
    "empty": ("a.csv", lambda: b" \r\n", "empty"),
    "blank rows": ("a.csv", lambda: b",,,\n,,,\n", "empty"),
    "cut short": ("a.xlsx", lambda: small()[:-300], "damaged"),
    "too big": ("a.csv", lambda: b"x" * (LARGEST_FILE + 1), "too_big"),
    "many lines": ("a.csv", lambda: b"id,text\n" + b"a,b\n" * (MOST_ROWS + 1), "too_many_rows"),
    "many columns": ("a.csv", lambda: b"id" + b",x" * (MOST_COLUMNS + 1), "too_many_columns"),
    "open quotation": ("a.csv", lambda: b'id,text\na,"b\n' + b"c\n" * 9, "quotes"),
    "field of a megabyte": ("a.csv", lambda: b"id,text\na," + b"b" * 2_000_000, "quotes"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_by_name_in_little_memory(kind: str) -> None:
    name, make, expected = HOSTILE[kind]
    data = make()
    tracemalloc.start()
    try:
        with pytest.raises(UnusableSheet) as refused:
            read_tables(name, data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert refused.value.key == f"sheet.error.{expected}"
    assert peak < MOST_MEMORY


def read_back(data: bytes) -> list[Table]:
    return read_tables("a.xlsx", data)


def test_links_that_a_spreadsheet_made_of_an_address_are_text() -> None:
    book = load_workbook(BytesIO(small()))
    book.worksheets[0]["B2"].value = "http://12333.gov.cn"
    book.worksheets[0]["B2"].hyperlink = "http://12333.gov.cn"
    (table,) = read_back(saved(book))
    assert text_of(table.rows[0].cells[1]) == "http://12333.gov.cn"


def test_formatted_cells_far_below_and_far_right_are_no_content() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="0"/></row>'
    (table,) = read_back(sheet(rows + '<row r="1048576" customHeight="1"><c r="A1048576"/></row>'))
    assert (table.header, table.rows) == (("1",), ())


def test_what_the_sheet_says_of_its_own_size_is_not_believed() -> None:
    written = OPEN.replace("<sheetData>", '<dimension ref="A1:A1"/><sheetData>')
    rows = "".join(f'<row r="{n}"><c r="C{n}"><v>{n}</v></c></row>' for n in (1, 5))
    (table,) = read_back(with_parts({SHEET: written + rows + CLOSE}))
    assert table.rows[0].number == 5
    assert text_of(table.rows[0].cells[2]) == "5"


@given(st.binary(max_size=400), st.sampled_from(["a.xlsx", "a.csv", "a.txt", "a", "a.xlsm"]))
@example(b"PK\x03\x04PK\x05\x06" + bytes(18), "a.xlsx")
@settings(max_examples=300, deadline=None)
def test_random_bytes_are_read_or_refused_and_nothing_else(data: bytes, name: str) -> None:
    try:
        tables = read_tables(name, data)
    except UnusableSheet as error:
        assert error.key.startswith("sheet.error.")
    else:
        assert tables


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_workbook_with_broken_bytes_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(SMALL)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_tables("a.xlsx", bytes(content))
    except UnusableSheet as error:
        assert error.key.startswith("sheet.error.")


@given(st.text(alphabet='<>/"=abcrowvft &;0123456789', max_size=60))
@settings(max_examples=200, deadline=None)
def test_a_sheet_of_broken_xml_is_read_or_refused(inside: str) -> None:
    try:
        read_tables("a.xlsx", sheet(inside))
    except UnusableSheet as error:
        assert error.key.startswith("sheet.error.")


SMALL = small()
