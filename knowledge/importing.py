"""What a spreadsheet would do to the FAQ, told before anything is done: the dry run of an import."""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace

from knowledge.base import KnowledgeBase
from knowledge.cells import CellProblem, Row, Table, UnusableSheet, date_text
from knowledge.curate import problems_with
from knowledge.entry import LANGUAGES, SCHEMES, Entry, Status
from knowledge.errors import NoEntry, Problem
from knowledge.phrasing_rows import Asked, Saying, read_rows
from knowledge.plan import Change, Conflict, Plan
from knowledge.recognise import Sheet, computed, recognise
from knowledge.revise import (
    FIELDS,
    Content,
    Difference,
    UnreadableLine,
    blank,
    differences,
    entry_of,
    in_step,
    revised,
)
from knowledge.spreadsheet import (
    ENTRY_COLUMNS,
    KINDS,
    Words,
    cell_text,
    field_name,
    mark_of,
    plain,
)

MOST_PROBLEMS = 1_000  # that are listed; nobody reads more
MOST_PHRASINGS = 1_000  # of an entry in one language; those that have most have 150


def plan(
    tables: Iterable[Table],
    base: KnowledgeBase,
    words: Words,
    *,
    at_version: Callable[[str, int], Entry],
    today: datetime.date,
) -> Plan:
    """What importing these sheets would do.

    Args:
        base: the FAQ as it stands.
        at_version: gives an entry as it stood at a version, or raises NoEntry.

    Raises:
        UnusableSheet: there is no sheet of entries or of phrasings.
    """
    found = recognise(tables, words)
    if not found.sheets:
        raise UnusableSheet("sheet.error.no_table")
    run = _Run(base, words, at_version, today)
    run.problems.extend(found.problems)
    for sheet in found.sheets:
        run.problems.extend(computed(sheet))
    if not run.problems:
        run.read(found.sheets)
    return run.plan(found.ignored)


_TEXT_FIELD = re.compile(r"(phrasings|cues)\.(zh|en)(?:\[(\d+)\])?")
_ANSWER_FIELD = re.compile(r"answer\.(zh|en)(?:\.(short|steps|details))?(?:\[\d+\])?")
# What the knowledge says about YAML files, as it is said about sheets.
_SAID_OF_SHEETS = {
    "expected.text": "sheet.expected.text",
    "expected.date": "sheet.expected.date",
    "expected.choice": "sheet.expected.choice",
    "expected.pattern": "sheet.expected.id",
    "expected.known_contact": "sheet.expected.contact",
    "expected.known_provision": "sheet.expected.law",
}


class _Run:
    """One dry run: what was read so far, and what is wrong with it."""

    def __init__(
        self,
        base: KnowledgeBase,
        words: Words,
        at_version: Callable[[str, int], Entry],
        today: datetime.date,
    ) -> None:
        self.problems: list[CellProblem] = []
        self._base, self._words, self._at_version, self._today = base, words, at_version, today
        self._law_names = {law.short: law.name for law in base.laws.laws.values() if law.short}
        self._rows: dict[str, tuple[Sheet, Row]] = {}
        self._asked: dict[str, list[Asked]] = defaultdict(list)
        self._said: dict[str, dict[tuple[str, str], Saying]] = {}
        self._marks: set[str] = set()
        self._changes: list[Change] = []
        self._same: list[str] = []
        self._conflicts: list[Conflict] = []

    def read(self, sheets: Iterable[Sheet]) -> None:
        """Every entry that the sheets name is compared with what stands."""
        for sheet in sheets:
            if sheet.kind == "entries":
                self._read_entries(sheet)
            else:
                for asked in read_rows(sheet, self.problems):
                    self._asked[asked.entry_id].append(asked)
        if self._asked:
            self._marks = {
                mark_of(text)
                for entry in self._base.entries.values()
                for texts in (entry.phrasings, entry.cues)
                for language in LANGUAGES
                for text in texts.of(language)
            }
        for entry_id in dict.fromkeys([*self._rows, *self._asked]):
            if len(self.problems) > MOST_PROBLEMS:
                return
            if entry_id not in self._rows and entry_id not in self._base.entries:
                first = self._asked[entry_id][0]
                self.problems.append(first.problem("id", "sheet.expected.known_entry"))
            else:
                self._compare(entry_id)
        self._check_references()

    def plan(self, ignored: tuple[str, ...]) -> Plan:
        """What was found out."""
        problems = tuple(self.problems[:MOST_PROBLEMS])
        return Plan(
            tuple(self._changes), tuple(self._same), tuple(self._conflicts), problems, ignored
        )

    def _read_entries(self, sheet: Sheet) -> None:
        for row in sheet.table.rows:
            entry_id = sheet.text(row, "id").casefold()
            if not entry_id:
                self.problems.append(sheet.problem(row, "id", "sheet.expected.id"))
            elif entry_id in self._rows:
                self.problems.append(sheet.problem(row, "id", "sheet.expected.one_row"))
            else:
                self._rows[entry_id] = (sheet, row)

    def _compare(self, entry_id: str) -> None:
        stands = self._base.entries.get(entry_id)
        original = self._original(entry_id, stands)
        if isinstance(original, CellProblem):
            self.problems.append(original)
            return
        count = len(self.problems)
        content = original.as_json() if original else _new(entry_id)
        edited = self._apply_row(entry_id, original, content)
        texts_edited, gone = self._apply_texts(entry_id, content)
        if len(self.problems) > count:
            return
        if gone and stands is not None:
            self._conflicts.append(Conflict(entry_id, None, stands.version))
        elif stands is not None and not edited and not texts_edited:
            self._same.append(entry_id)
        else:
            self._take(entry_id, original, stands, content)

    def _original(self, entry_id: str, stands: Entry | None) -> Entry | CellProblem | None:
        """The entry as the file was made from it."""
        place = self._rows.get(entry_id)
        written = place[0].text(place[1], "version") if place else ""
        if place is None or not written:
            return stands
        if stands is None:
            return place[0].problem(place[1], "version", "sheet.expected.no_version")
        if written == str(stands.version):
            return stands
        try:
            return self._at_version(entry_id, int(written))
        except (NoEntry, ValueError, OverflowError):
            return place[0].problem(
                place[1], "version", "sheet.expected.version", version=stands.version
            )

    def _apply_row(self, entry_id: str, original: Entry | None, content: Content) -> bool:
        """The content has what the row of the entry says otherwise; whether it says anything."""
        place = self._rows.get(entry_id)
        edited = False
        for column in ENTRY_COLUMNS if place else ():
            if place is None or column in ("id", "version"):
                continue
            sheet, row = place
            written = _written(sheet, row, column)
            if not written or (original and written == cell_text(original, column)):
                continue
            edited = True
            if plain(written) in self._words.keys("delete"):
                written = ""
            try:
                _put(content, column, written)
            except UnreadableLine:
                self.problems.append(sheet.problem(row, column, "sheet.expected.provision"))
        return edited

    def _apply_texts(self, entry_id: str, content: Content) -> tuple[bool, bool]:
        """The content has the phrasings of the rows; whether they change any, or one that is gone."""
        said: dict[tuple[str, str], Saying] = {}
        for field in KINDS.values():
            for language in LANGUAGES:
                rows = [
                    asked
                    for asked in self._asked.get(entry_id, ())
                    if (asked.field, asked.language) == (field, language)
                ]
                saying = Saying(content[field][language], self._marks)
                if len(rows) > MOST_PHRASINGS:
                    key = "sheet.expected.fewer_phrasings"
                    self.problems.append(
                        rows[MOST_PHRASINGS].problem("id", key, most=MOST_PHRASINGS)
                    )
                    rows = []
                self.problems.extend(saying.apply(rows))
                content[field][language] = saying.texts
                said[field, language] = saying
        self._said[entry_id] = said
        return any(s.edited for s in said.values()), any(s.gone for s in said.values())

    def _take(
        self, entry_id: str, original: Entry | None, stands: Entry | None, content: Content
    ) -> None:
        entry, problems = entry_of(content, self._law_names)
        if stands is not None and entry.digest == stands.digest and not problems:
            self._same.append(entry_id)
        elif original is not stands and original is not None and stands is not None:
            self._conflicts.append(Conflict(entry_id, original.version, stands.version))
        elif problems:
            self.problems.extend(self._in_cell(problem, entry_id) for problem in problems)
        else:
            after = in_step(stands, entry, small=False)
            found = differences(stands, after)
            if stands is None or stands.scheme != after.scheme:
                was = (stands.scheme,) if stands else ()
                found.insert(0, Difference("scheme", was, (after.scheme,)))
            self._changes.append(Change(stands, after, tuple(found)))

    def _check_references(self) -> None:
        """What the changed entries refer to exists, once all of them stand."""
        changed = {change.after.id: change.after for change in self._changes}
        after = replace(self._base, entries={**self._base.entries, **changed})
        for entry in changed.values():
            found = problems_with(entry, after)
            if entry.checked_on > self._today:
                found.append(Problem("-", entry.id, "checked_on", "expected.not_future"))
            self.problems.extend(self._in_cell(problem, entry.id) for problem in found)

    def _in_cell(self, problem: Problem, entry_id: str) -> CellProblem:
        """The problem with the cell it came from."""
        key = _SAID_OF_SHEETS.get(problem.key, problem.key)
        parameters = dict(problem.parameters)
        column = _column(problem.field)
        if key == "sheet.expected.choice":
            group, members = ("status", Status) if column == "status" else ("scheme", SCHEMES)
            labels = [self._words.label(group, str(member)) for member in members]
            parameters["choices"] = ", ".join(labels)
        asked = self._asked_at(problem, entry_id)
        if asked is not None:
            return asked.problem("text", key, **parameters)
        place = self._rows.get(entry_id)
        if place is None:
            # The row that made the entry be looked at at all.
            return self._asked[entry_id][0].problem("id", key, **parameters)
        if column not in ENTRY_COLUMNS:
            column = "id"
        return place[0].problem(place[1], column, key, **parameters)

    def _asked_at(self, problem: Problem, entry_id: str) -> Asked | None:
        match = _TEXT_FIELD.fullmatch(problem.field)
        if match is None:
            return None
        field, language, position = match.groups()
        saying = self._said[entry_id][field, language]
        if position is not None:
            return saying.rows[int(position) - 1]
        found = problem.parameters.get("found")
        if found in saying.texts:
            return saying.rows[saying.texts.index(str(found))]
        return next((row for row in saying.rows if row is not None), None)


def _new(entry_id: str) -> Content:
    return {**blank(entry_id, "", "", ""), "status": str(Status.DRAFT)}


def _written(sheet: Sheet, row: Row, column: str) -> str:
    """What the cell says, in the form in which an export says it."""
    if column in ("checked_on", "review_by"):
        return date_text(sheet.value(row, column))
    text = sheet.text(row, column)
    if column in ("scheme", "status"):
        return sheet.words.keys(column).get(plain(text), text)
    return text


def _put(content: Content, column: str, written: str) -> None:
    if column in ("scheme", "status"):
        content[column] = written
        return
    if column in ("contacts", "related"):
        written = "\n".join(re.split(r"[\s,，、;；]+", written))
    field = FIELDS[field_name(column)]
    content.update(revised(content, field, written))


def _column(field: str) -> str:
    """The column of the sheet of entries in which this field of an entry stands."""
    match = _ANSWER_FIELD.fullmatch(field)
    if match is not None:
        return f"{match.group(2) or 'details'}_{match.group(1)}"
    name = re.sub(r"\[\d+\].*", "", field)
    return name.replace(".", "_")
