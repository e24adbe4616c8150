"""Entries as sheets: which columns there are, what they are called, and what stands in them."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from knowledge.base import KnowledgeBase
from knowledge.cells import clean
from knowledge.contacts import Contact
from knowledge.entry import LANGUAGES, SCHEMES, Entry, Status
from knowledge.reading import Bilingual
from knowledge.revise import FIELDS, shown
from knowledge.text import normalise
from knowledge.workbook import Column, Written

KINDS = {"phrasing": "phrasings", "cue": "cues"}  # as a row says -> field of the entry
# Column -> width in characters. Chinese takes two.
ENTRY_COLUMNS = {
    "id": 34,
    "scheme": 24,
    "status": 20,
    "version": 14,
    "title_zh": 40,
    "title_en": 44,
    "short_zh": 50,
    "short_en": 54,
    "steps_zh": 64,
    "steps_en": 70,
    "details_zh": 80,
    "details_en": 90,
    "provisions": 40,
    "contacts": 26,
    "related": 40,
    "scope": 50,
    "checked_on": 14,
    "review_by": 14,
}
PHRASING_COLUMNS = {"id": 40, "language": 18, "kind": 20, "text": 80, "delete": 18, "mark": 24}
CONTACT_COLUMNS = {"key": 24, "name": 60, "phone": 20, "serves": 70, "hours": 50, "url": 40}
SHEETS = ("entries", "phrasings", "contacts", "help", "lists")


class Words:
    """What people call the sheets, columns and choices, in both languages.

    Args:
        named: group (``sheet``, ``column``, ``status``, ``scheme``, ``language``, ``kind``,
            ``delete``) -> key -> its name.
        help_lines: what the help sheet says, line by line.
    """

    def __init__(
        self,
        named: Mapping[str, Mapping[str, Bilingual[str]]],
        help_lines: Bilingual[tuple[str, ...]],
    ) -> None:
        self.named = named
        self.help_lines = help_lines
        self._keys = {group: self._all(group) for group in named}

    def label(self, group: str, key: str) -> str:
        """The name in both languages, as it is written into a sheet."""
        name = self.named[group][key]
        # No sheet may have a slash in its name.
        return f"{name.zh} {name.en}" if group == "sheet" else f"{name.zh} / {name.en}"

    def keys(self, group: str) -> Mapping[str, str]:
        """Everything that means one of the group -> its key: either name, both, or the key itself."""
        return self._keys[group]

    def _all(self, group: str) -> dict[str, str]:
        return {
            plain(written): key
            for key, name in self.named[group].items()
            for written in (key, name.zh, name.en, self.label(group, key))
        }


@lru_cache(maxsize=4096)
def plain(written: str) -> str:
    """A name made comparable: without differences of case, width, spaces and underscores."""
    return normalise(written).replace(" ", "").replace("_", "")


def mark_of(text: str) -> str:
    """The mark by which a row is known as that of this phrasing, also after its text was edited.

    It begins with a letter, so that no spreadsheet takes it for a number.
    """
    return "p" + hashlib.sha256(text.encode()).hexdigest()[:9]


def field_name(column: str) -> str:
    """The field of an entry that stands in this column: ``title_zh`` is ``title.zh``."""
    name, _, language = column.rpartition("_")
    return f"{name}.{language}" if language in LANGUAGES else column


def cell_text(entry: Entry, column: str) -> str:
    """What stands in the column of the sheet of entries, as text."""
    if column == "id":
        return entry.id
    if column == "provisions":
        return "\n".join(
            p.law if p.article is None else f"{p.law} 第{p.article}条" for p in entry.provisions
        )
    if column in ("scheme", "status", "version"):
        return str(getattr(entry, column))
    return clean(shown(entry.as_json(), FIELDS[field_name(column)]))


def entry_rows(entries: Iterable[Entry], words: Words) -> Iterator[list[str | int | datetime.date]]:
    """The rows of the sheet of entries."""
    dated = {"checked_on", "review_by"}
    for entry in entries:
        row: list[str | int | datetime.date] = []
        for column in ENTRY_COLUMNS:
            if column in dated:
                row.append(entry.checked_on if column == "checked_on" else entry.review_by)
            elif column == "version":
                row.append(entry.version)
            elif column in ("scheme", "status"):
                row.append(words.label(column, cell_text(entry, column)))
            else:
                row.append(cell_text(entry, column))
        yield row


def phrasing_rows(entries: Iterable[Entry], words: Words) -> Iterator[list[str]]:
    """The rows of the sheet of phrasings."""
    for entry in entries:
        for kind in KINDS:
            texts = entry.phrasings if kind == "phrasing" else entry.cues
            for language in LANGUAGES:
                for text in texts.of(language):
                    yield [
                        entry.id,
                        words.label("language", language),
                        words.label("kind", kind),
                        clean(text),
                        "",
                        mark_of(text),
                    ]


def contact_rows(contacts: Iterable[Contact]) -> Iterator[list[str]]:
    """The rows of the sheet of contacts, which is there to look at."""
    for contact in contacts:
        both = [f"{x.zh} / {x.en}" for x in (contact.name, contact.serves, contact.hours)]
        name, serves, hours = both
        yield [contact.key, name, contact.phone or "", serves, hours, contact.url or ""]


def headers(columns: Iterable[str], words: Words) -> list[str]:
    """What stands above these columns."""
    return [words.label("column", column) for column in columns]


def sheets(base: KnowledgeBase, words: Words) -> Sequence[Written]:
    """The whole FAQ as sheets of a workbook."""
    entries = list(base.entries.values())
    choices = {
        "scheme": tuple(words.label("scheme", scheme) for scheme in SCHEMES),
        "status": tuple(words.label("status", status) for status in Status),
        "language": tuple(words.label("language", language) for language in LANGUAGES),
        "kind": tuple(words.label("kind", kind) for kind in KINDS),
        "delete": (words.label("delete", "delete"),),
    }

    def columns(widths: Mapping[str, int]) -> list[Column]:
        return [
            Column(words.label("column", name), width, choices.get(name, ()))
            for name, width in widths.items()
        ]

    lines = zip(words.help_lines.zh, words.help_lines.en, strict=True)
    return [
        Written(
            words.label("sheet", "entries"),
            columns(ENTRY_COLUMNS),
            list(entry_rows(entries, words)),
        ),
        Written(
            words.label("sheet", "phrasings"),
            columns(PHRASING_COLUMNS),
            list(phrasing_rows(entries, words)),
        ),
        Written(
            words.label("sheet", "contacts"),
            columns(CONTACT_COLUMNS),
            list(contact_rows(base.contacts.contacts.values())),
        ),
        Written(
            words.label("sheet", "help"),
            [
                Column(words.named["language"]["zh"].zh, 80),
                Column(words.named["language"]["en"].en, 90),
            ],
            [list(line) for line in lines],
        ),
    ]
