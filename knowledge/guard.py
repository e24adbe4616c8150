"""Whether a workbook may be opened: looked through in one pass, in bounded time and memory.

An .xlsx file is a zip of XML files. Everything that could cost more than it is worth is found before
a library parses it: zip bombs, endless rows, entity bombs, macros, links to other files.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from xml.parsers import expat

from knowledge.cells import LARGEST_FILE, MOST_COLUMNS, MOST_ROWS, UnusableSheet

LARGEST_UNPACKED = 100 * 1024 * 1024  # bytes, all parts together; the whole FAQ is 20 MB
MOST_RATIO = 100  # unpacked to packed; spreadsheets come to 10 or 20
RATIO_FROM = 1024 * 1024  # bytes; in smaller parts the ratio says nothing
MOST_PARTS = 1_000
MOST_ELEMENTS = 3_000_000  # of XML in all parts; the whole FAQ has 600,000
LAST_ROW = 1_048_576  # that a workbook can have
LARGEST_TOKEN = 1024 * 1024  # bytes without an end of a tag; a parser reads them again each time
_CHUNK = 64 * 1024

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END, _ZIP64_END = b"PK\x05\x06", b"PK\x06\x07"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_MACROS = ("vbaproject.bin", "xl/macrosheets/", "vbadata.xml")
# What a member of a workbook may be that is not XML: pictures, and settings of a printer.
_NO_XML = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".emf", ".wmf", ".svg", ".bin")


@dataclass(frozen=True, slots=True)
class Extent:
    """How far the filled cells of the sheets reach.

    Attributes:
        rows: number of the last row, in any sheet (from 1; 0 when all are empty).
        columns: number of the last column, in any sheet.
    """

    rows: int
    columns: int


def is_zip(data: bytes) -> bool:
    """Whether the bytes begin as a zip file, and so as a workbook."""
    return data.startswith(_ZIP)


def refuse_other_kinds(data: bytes) -> None:
    """The file may be a workbook, or a text; an old or encrypted workbook is refused by name.

    Raises:
        UnusableSheet: it is too big, empty, an .xls file or encrypted.
    """
    if len(data) > LARGEST_FILE:
        megabytes = LARGEST_FILE // 1024 // 1024
        raise UnusableSheet("sheet.error.too_big", megabytes=megabytes)
    if not data.strip():
        raise UnusableSheet("sheet.error.empty")
    if data.startswith(_OLE):
        encrypted = _ENCRYPTED_PACKAGE in data
        raise UnusableSheet("sheet.error.encrypted" if encrypted else "sheet.error.old_workbook")


def examine(data: bytes) -> Extent:
    """How far the sheets of the workbook reach, after all that could do harm has been ruled out.

    Raises:
        UnusableSheet: with what is wrong.
    """
    _refuse_long_directory(data)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            _refuse_by_names(archive)
            _refuse_bombs(archive)
            scan = _Scan()
            for member in archive.infolist():
                scan.read(archive, member)
            return Extent(scan.last_row, scan.last_column)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise UnusableSheet("sheet.error.damaged") from error
    except (ValueError, struct.error, UnicodeDecodeError) as error:
        raise UnusableSheet("sheet.error.damaged") from error


def _refuse_long_directory(data: bytes) -> None:
    """The list of members is short: zipfile reads it whole, and makes an object of each."""
    position = data.rfind(_END, max(0, len(data) - 65_557))
    if position < 0 or len(data) < position + 22 or _ZIP64_END in data[position - 20 : position]:
        raise UnusableSheet("sheet.error.damaged")
    (size,) = struct.unpack_from("<L", data, position + 12)
    if size > 300 * MOST_PARTS:
        raise UnusableSheet("sheet.error.bomb")


def _refuse_by_names(archive: zipfile.ZipFile) -> None:
    names = [name.casefold() for name in archive.namelist()]
    if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
        mimetype = archive.read("mimetype")
        if b"opendocument" in mimetype:
            raise UnusableSheet("sheet.error.open_document")
    if any(mark in name for name in names for mark in _MACROS):
        raise UnusableSheet("sheet.error.macros")
    if any(name.startswith("xl/externallinks/") for name in names):
        raise UnusableSheet("sheet.error.links")
    if "xl/workbook.xml" not in names or "[content_types].xml" not in names:
        raise UnusableSheet("sheet.error.no_workbook")


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if len(members) > MOST_PARTS or sum(m.file_size for m in members) > LARGEST_UNPACKED:
        raise UnusableSheet("sheet.error.bomb")
    for member in members:
        if member.flag_bits & 1:
            raise UnusableSheet("sheet.error.encrypted")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UnusableSheet("sheet.error.damaged")
        packed = max(1, member.compress_size)
        if member.file_size > RATIO_FROM and member.file_size / packed > MOST_RATIO:
            raise UnusableSheet("sheet.error.bomb")


_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")


class _Scan:
    """Reads the parts of a workbook, and keeps nothing but how far they reach."""

    def __init__(self) -> None:
        self.last_row = self.last_column = self._elements = 0
        self._row = self._column = 0

    def read(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        """The part holds nothing that is refused."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._on_doctype
        parser.StartElementHandler = self._on_start
        self._row = 0
        try:
            with archive.open(member) as part:
                given = 0
                while chunk := part.read(_CHUNK):
                    parser.Parse(chunk, False)
                    given += len(chunk)
                    if given - parser.CurrentByteIndex > LARGEST_TOKEN:
                        raise UnusableSheet("sheet.error.bomb")
                parser.Parse(b"", True)
        except expat.ExpatError as error:
            if not (member.filename.casefold().endswith(_NO_XML) or member.is_dir()):
                raise UnusableSheet("sheet.error.damaged") from error

    @staticmethod
    def _on_doctype(*_: object) -> None:
        # Workbooks have none. It is where entities are defined that grow without end.
        raise UnusableSheet("sheet.error.entities")

    def _on_start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise UnusableSheet("sheet.error.bomb")
        tag = name.rpartition(" ")[2]
        if tag == "row":
            self._row = int(attributes["r"]) if "r" in attributes else self._row + 1
            self._column = 0
            if not 1 <= self._row <= LAST_ROW:
                raise UnusableSheet("sheet.error.damaged")
        elif tag == "c":
            self._cell(attributes.get("r"))
        elif tag in ("v", "is", "f"):
            self._reach()
        elif tag == "Relationship":
            self._relationship(attributes)
        elif tag in ("Override", "Default") and "macroEnabled" in attributes.get("ContentType", ""):
            raise UnusableSheet("sheet.error.macros")

    def _cell(self, reference: str | None) -> None:
        self._column += 1
        match = _REFERENCE.fullmatch(reference) if reference else None
        if match is None:
            return
        letters, row = match.groups()
        self._row, self._column = int(row), 0
        for letter in letters.upper():
            self._column = self._column * 26 + ord(letter) - ord("A") + 1

    def _reach(self) -> None:
        # Sheets hold formatted cells far below their content; only filled ones count.
        self.last_row = max(self.last_row, self._row)
        self.last_column = max(self.last_column, self._column)
        if self._row > MOST_ROWS:
            raise UnusableSheet("sheet.error.too_many_rows", most=MOST_ROWS)
        if self._column > MOST_COLUMNS:
            raise UnusableSheet("sheet.error.too_many_columns", most=MOST_COLUMNS)

    @staticmethod
    def _relationship(attributes: dict[str, str]) -> None:
        kind = attributes.get("Type", "").rpartition("/")[2]
        # Spreadsheet programs make a link of every address that is typed; those are text to us.
        if attributes.get("TargetMode") == "External" and kind != "hyperlink":
            raise UnusableSheet("sheet.error.links")
