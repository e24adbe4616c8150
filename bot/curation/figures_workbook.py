"""Figures as a workbook, a sheet for each report, in which nothing is a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from functools import partial

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from bot.curation.figures_store import Figures
from bot.curation.figures_text import FiguresText
from bot.texts import Texts
from knowledge.text import Language

WIDEST_COLUMN = 70
# A cell that begins so is taken for a formula by spreadsheets, whoever wrote it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")

Row = Sequence[str | int]


def workbook(figures: Figures, names: FiguresText, texts: Texts, language: Language) -> bytes:
    """The content of an xlsx file with everything that was counted, in the reader's language."""
    say = partial(texts.say, language)
    questions = say("figures.sheet.questions")
    book = Workbook()
    del book[book.sheetnames[0]]
    _sheet(
        book,
        say("figures.sheet.time"),
        [
            say("figures.sheet.when"),
            say("figures.sheet.answered"),
            say("figures.sheet.choices"),
            say("figures.sheet.none"),
        ],
        (
            [names.label(part, figures.period), part.answered, part.choices, part.none]
            for part in figures.parts
        ),
    )
    _sheet(
        book,
        say("figures.sheet.votes"),
        [say("figures.sheet.vote"), say("figures.sheet.count")],
        [
            [say("figures.sheet.helpful"), figures.helpful],
            [say("figures.sheet.not_helpful"), figures.not_helpful],
        ],
    )
    _sheet(
        book,
        say("figures.sheet.entries"),
        [say("figures.sheet.entry"), say("figures.sheet.id"), questions],
        ([names.entry(each.name, language), each.name, each.questions] for each in figures.entries),
    )
    _sheet(
        book,
        say("figures.sheet.unanswered"),
        [say("figures.sheet.text"), questions],
        ([each.name, each.questions] for each in figures.unanswered),
    )
    _sheet(
        book,
        say("figures.sheet.languages"),
        [say("figures.sheet.language"), questions],
        ([names.language(each.name), each.questions] for each in figures.languages),
    )
    _sheet(
        book,
        say("figures.sheet.regions"),
        [say("figures.sheet.region"), questions],
        ([names.region(each.name, language), each.questions] for each in figures.regions),
    )
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _sheet(book: Workbook, title: str, heads: Sequence[str], rows: Iterable[Row]) -> None:
    sheet = book.create_sheet(title)
    widths = [0] * len(heads)
    for number, row in enumerate([heads, *rows], 1):
        for place, value in enumerate(row):
            cell = sheet.cell(number, place + 1)
            # A Chinese character is twice as wide as a Latin one.
            widths[place] = max(widths[place], len(str(value).encode("gb18030", "replace")))
            if isinstance(value, int):
                cell.value = value
                continue
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
            # What workers typed is text, and stays so when somebody edits the cell.
            cell.data_type = "s"
            cell.quotePrefix = value.startswith(FORMULA)
            if number == 1:
                cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = min(width + 2, WIDEST_COLUMN)
