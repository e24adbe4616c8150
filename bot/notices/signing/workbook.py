"""Who comes to a workshop, as a workbook for the office."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import partial
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from bot.notices.signing.store import Coming, SignUp
from bot.texts import Texts
from knowledge.text import Language

WIDTHS = (6, 24, 14, 10, 22)


def workbook(
    texts: Texts,
    language: Language,
    people: Sequence[SignUp],
    zone: datetime.tzinfo,
) -> bytes:
    """The list as an xlsx file: a number, the name if one was given, and whether they were there.

    Nothing in it says who somebody is on Telegram. What a person typed is text, never a formula.
    """
    say = partial(texts.say, language)
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise ValueError
    sheet.title = say("workshop.sheet")
    sheet.append(
        [
            say("workshop.column_number"),
            say("workshop.column_name"),
            say("workshop.column_state"),
            say("workshop.column_guests"),
            say("workshop.column_here"),
        ]
    )
    for number, person in enumerate(people, 1):
        row = number + 1
        coming = person.state is Coming.COMING
        sheet.cell(row, 1, number)
        name = sheet.cell(row, 2)
        name.value, name.data_type = person.name or "", "s"
        sheet.cell(row, 3, say("workshop.coming" if coming else "workshop.waiting"))
        sheet.cell(row, 4, person.guests)
        sheet.cell(row, 5, _local(person.here_at, zone))
    for column, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
        sheet.cell(1, column).font = Font(bold=True)
    sheet.freeze_panes = "A2"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _local(written: str | None, zone: datetime.tzinfo) -> str:
    if written is None:
        return ""
    return f"{datetime.datetime.fromisoformat(written).astimezone(zone):%Y-%m-%d %H:%M}"
