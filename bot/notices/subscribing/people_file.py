"""Subscribers of another bot with the same token, as a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path

from bot.notices.subscribing.store import Subscriber, Wish
from knowledge.errors import InvalidKnowledge, Problem, UnreadableFile
from knowledge.text import Language

COLUMNS = ("chat_id", "language", "region", "subscribed")
LARGEST_CHAT = 2**52  # Telegram's numbers have at most 52 significant bits


class InvalidPeople(InvalidKnowledge):
    """A list of people cannot be used as it is; nothing was written."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.key = "error.invalid_people"


def read_people(path: Path, regions: Collection[str]) -> list[Subscriber]:
    """Everybody in the file, in its order.

    Raises:
        UnreadableFile: it is missing, or neither UTF-8 nor GB 18030.
        InvalidPeople: with everything that is wrong, by row and column.
    """
    text = _text(path)
    first = text.partition("\n")[0]
    separator = max((",", ";", "\t"), key=first.count)
    rows = csv.DictReader(StringIO(text, newline=""), delimiter=separator)
    names = {name.strip().casefold(): name for name in rows.fieldnames or () if name}
    problems = [
        Problem(path.name, "1", column, "expected.column", {"found": column})
        for column in COLUMNS
        if column not in names
    ]
    people: list[Subscriber] = []
    seen: dict[int, int] = {}
    if not problems:
        try:
            for row in rows:
                number = rows.line_num
                cells = {c: (row[names[c]] or "").strip() for c in COLUMNS}
                person, wrong = _person(cells, regions, seen, number)
                problems += [
                    Problem(path.name, str(number), column, key, parameters)
                    for column, key, parameters in wrong
                ]
                if person is not None:
                    people.append(person)
        except csv.Error as error:
            raise UnreadableFile(str(path), rows.line_num, str(error)) from error
    if problems:
        raise InvalidPeople(problems)
    return people


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(str(path), None, error.strerror or str(error)) from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(str(path), None, "UTF-8, GB 18030")


Wrong = tuple[str, str, dict[str, object]]


def _person(
    cells: Mapping[str, str], regions: Collection[str], seen: dict[int, int], row: int
) -> tuple[Subscriber | None, list[Wrong]]:
    wrong: list[Wrong] = []
    written = cells["chat_id"]
    chat_id = int(written) if written.isascii() and written.isdigit() and len(written) < 20 else 0
    if not 0 < chat_id < LARGEST_CHAT:
        wrong.append(("chat_id", "expected.chat_id", {"found": written}))
    elif chat_id in seen:
        wrong.append(("chat_id", "expected.twice", {"row": seen[chat_id]}))
    seen.setdefault(chat_id, row)
    language = cells["language"]
    if language not in set(Language):
        choices = ", ".join(Language)
        wrong.append(("language", "expected.choice", {"choices": choices, "found": language}))
    region = cells["region"]
    if region and region not in regions:
        wrong.append(("region", "expected.region", {"found": region}))
    subscribed = cells["subscribed"]
    if subscribed not in ("0", "1"):
        wrong.append(("subscribed", "expected.subscribed", {"found": subscribed}))
    if wrong:
        return None, wrong
    wish = Wish.ON if subscribed == "1" else Wish.OFF
    return Subscriber(chat_id, wish, Language(language), region), []


def write_people(path: Path, people: Iterable[tuple[int, str, str, int]]) -> int:
    """The file holds these people, readable by its owner only; how many they are.

    Raises:
        OSError: it cannot be written.
    """
    path.touch(mode=0o600)
    count = 0
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for row in people:
            writer.writerow(row)
            count += 1
    return count
