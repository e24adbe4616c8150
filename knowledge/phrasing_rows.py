"""What the rows of the sheet of phrasings do to the phrasings and cues of an entry."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from knowledge.cells import CellProblem, Row, clean
from knowledge.recognise import Sheet
from knowledge.spreadsheet import KINDS, mark_of, plain


@dataclass(frozen=True, slots=True)
class Asked:
    """One row that says something.

    Attributes:
        field: ``phrasings`` or ``cues``.
        mark: what tells which phrasing the row was exported for; empty in a new row.
    """

    sheet: Sheet
    row: Row
    entry_id: str
    field: str
    language: str
    text: str
    delete: bool
    mark: str

    def problem(self, column: str, key: str, **parameters: object) -> CellProblem:
        """Something wrong in this row."""
        return self.sheet.problem(self.row, column, key, **parameters)


def read_rows(sheet: Sheet, problems: list[CellProblem]) -> Iterator[Asked]:
    """The rows of the sheet that say something; what cannot be understood is added to ``problems``."""
    words = sheet.words
    languages, kinds, marks = words.keys("language"), words.keys("kind"), words.keys("delete")
    for row in sheet.table.rows:
        entry_id, text = sheet.text(row, "id").casefold(), sheet.text(row, "text")
        kind, language = (plain(sheet.text(row, name)) for name in ("kind", "language"))
        delete, mark = plain(sheet.text(row, "delete")), sheet.text(row, "mark")
        wrong = [
            sheet.problem(row, name, key, choices=_choices(sheet, group))
            for name, key, group, bad in (
                ("id", "sheet.expected.id", "", not entry_id),
                ("language", "sheet.expected.choice", "language", language not in languages),
                ("kind", "sheet.expected.choice", "kind", bool(kind) and kind not in kinds),
                ("delete", "sheet.expected.choice", "delete", bool(delete) and delete not in marks),
            )
            if bad
        ]
        # Blank is to leave: an exported row whose text was emptied deletes nothing.
        if not text and not (delete and mark):
            continue
        problems.extend(wrong)
        if not wrong:
            field = KINDS[kinds.get(kind, "phrasing")]
            yield Asked(sheet, row, entry_id, field, languages[language], text, bool(delete), mark)


def _choices(sheet: Sheet, group: str) -> str:
    return ", ".join(sheet.words.label(group, key) for key in sheet.words.named.get(group, ()))


class Saying:
    """The phrasings or cues of an entry in one language, while rows are applied to them.

    Args:
        elsewhere: the marks of all phrasings there are now, of any entry.

    Attributes:
        edited: whether any row changed something.
        gone: whether a row stands for a phrasing that somebody took away or changed meanwhile.
    """

    def __init__(self, texts: Sequence[str], elsewhere: Collection[str]) -> None:
        self.edited = self.gone = False
        self._elsewhere = elsewhere
        self._texts: list[str | None] = list(texts)  # None where one was taken away
        self._rows: list[Asked | None] = [None] * len(texts)
        self._positions = {clean(text): position for position, text in enumerate(texts)}
        self._marks = {mark_of(text): position for position, text in enumerate(texts)}

    @property
    def texts(self) -> list[str]:
        """The texts as they are now."""
        return [text for text in self._texts if text is not None]

    @property
    def rows(self) -> list[Asked | None]:
        """The row that each text comes from, if there is one."""
        return [row for text, row in zip(self._texts, self._rows, strict=True) if text is not None]

    def apply(self, asked: Sequence[Asked]) -> Iterator[CellProblem]:
        """The rows are applied: first those that changed nothing, so that a copy of one is new."""
        rest = []
        for row in asked:
            position = self._marks.get(row.mark)
            if row.delete or position is None or self._positions.get(row.text) != position:
                rest.append(row)
            else:
                del self._marks[row.mark]
                self._rows[position] = row
        for row in rest:
            if row.delete:
                if not self._delete(row):
                    yield row.problem("text", "sheet.expected.phrasing")
            else:
                self._write(row)

    def _delete(self, row: Asked) -> bool:
        position = self._positions.get(row.text)
        if position is None:
            position = self._marks.get(row.mark)
        if position is None or self._texts[position] is None:
            return False
        self._take_away(position)
        return True

    def _take_away(self, position: int) -> None:
        self._positions.pop(clean(self._texts[position] or ""), None)
        self._texts[position] = None
        self.edited = True

    def _write(self, row: Asked) -> None:
        position = self._positions.get(row.text)
        marked = self._marks.pop(row.mark, None)
        if marked is not None and self._texts[marked] is not None and marked != position:
            if position is None:
                self._positions.pop(clean(self._texts[marked] or ""), None)
                self._positions[row.text] = marked
                self._texts[marked], self._rows[marked] = row.text, row
                self.edited = True
                return
            self._take_away(marked)  # it was edited into what another one says
        if position is not None:
            self._rows[position] = row
        elif row.mark and marked is None and row.mark not in self._elsewhere:
            self.gone = True
        else:
            self._positions[row.text] = len(self._texts)
            self._texts.append(row.text)
            self._rows.append(row)
            self.edited = True
