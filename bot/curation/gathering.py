"""Questions gathered for editors: groups of those without a good answer, and suggested phrasings."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Generic, TypeVar

from bot.curation import queue_store as store
from bot.curation.queue_store import Chosen, Open, Why
from bot.database import Database
from bot.live import Live
from knowledge.base import KnowledgeBase
from knowledge.entry import LANGUAGES, Entry
from knowledge.grouping import Group, groups, same_words
from knowledge.index import Index
from knowledge.reading import Bilingual
from knowledge.text import to_simplified

MOST_QUESTIONS = 5_000
MOST_GUESSES = 4
WORDINGS_ASKED = 3
# What :func:`knowledge.text.mask` puts in the place of a number.
MASKED = re.compile(r"\[(?:id|phone|card|number|email)\]")

Q = TypeVar("Q")
T = TypeVar("T")


class Order(StrEnum):
    """What comes first in the queue; also the key of the sentence that says so."""

    MOST = "queue.most_first"
    NEWEST = "queue.newest_first"


@dataclass(frozen=True, slots=True)
class Queued:
    """A group of questions that waits for an editor, and how often it is there for which reason."""

    group: Group
    why: Mapping[Why, int]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Questions whose askers all chose the same entry, which has no such phrasing yet."""

    group: Group
    entry_id: str


class _Kept(Generic[Q, T]):
    """What was found last, as long as it would be found from the same questions and index."""

    def __init__(self) -> None:
        self._index: Index | None = None
        self._questions: list[Q] = []
        self._found: list[T] = []

    async def found(
        self,
        questions: list[Q],
        base: KnowledgeBase,
        find: Callable[[list[Q], KnowledgeBase], list[T]],
    ) -> list[T]:
        """What ``find`` finds in the questions; it runs in a thread of its own."""
        if self._index is base.index and self._questions == questions:
            return self._found
        found = await asyncio.to_thread(find, questions, base)
        self._index, self._questions, self._found = base.index, questions, found
        return found


class Gathering:
    """Gathers what is in the database now; grouping is done once for the same questions."""

    def __init__(self, db: Database, live: Live) -> None:
        self._db = db
        self._live = live
        self._queued: _Kept[Open, Queued] = _Kept()
        self._suggested: _Kept[Chosen, Suggestion] = _Kept()

    async def queued(self, order: Order = Order.MOST) -> list[Queued]:
        """The groups that wait, in this order."""
        waiting = await self._db.run(partial(store.open_questions, limit=MOST_QUESTIONS))
        found = await self._queued.found(waiting, self._live.base, _queued)
        if order is Order.MOST:
            return found
        return sorted(found, key=lambda each: -each.group.newest.toordinal())

    async def group(self, question_id: str) -> Queued | None:
        """The group that holds this question, as long as it waits."""
        return next((q for q in await self.queued() if _holds(q.group, question_id)), None)

    async def suggested(self) -> list[Suggestion]:
        """The suggested phrasings, those that were chosen most first."""
        chosen = await self._db.run(partial(store.chosen_questions, limit=MOST_QUESTIONS))
        return await self._suggested.found(chosen, self._live.base, _suggested)

    async def suggestion(self, question_id: str) -> Suggestion | None:
        """The suggestion that this question makes, as long as it waits."""
        return next((s for s in await self.suggested() if _holds(s.group, question_id)), None)


def _holds(group: Group, question_id: str) -> bool:
    return any(asked.id == question_id for asked in group.asked)


def _queued(waiting: list[Open], base: KnowledgeBase) -> list[Queued]:
    why = {each.asked.id: each.why for each in waiting}
    found = groups((each.asked for each in waiting), base.matcher)
    return [Queued(group, Counter(why[asked.id] for asked in group.asked)) for group in found]


def _suggested(chosen: list[Chosen], base: KnowledgeBase) -> list[Suggestion]:
    by_entry: dict[str, list[Chosen]] = {}
    for each in chosen:
        by_entry.setdefault(each.entry_id, []).append(each)
    found: list[Suggestion] = []
    for entry_id, questions in by_entry.items():
        entry = base.entries.get(entry_id)
        if entry is None:
            continue
        there = said(entry)
        new = [each.asked for each in questions if same_words(each.asked.text) not in there]
        found += [Suggestion(group, entry_id) for group in groups(new, base.matcher)]
    return sorted(found, key=lambda s: (-s.group.count, -s.group.newest.toordinal(), s.entry_id))


def said(entry: Entry) -> set[str]:
    """What the entry's titles and phrasings say, as texts that differ in marks only are the same."""
    return {
        same_words(text)
        for language in LANGUAGES
        for text in (entry.title.of(language), *entry.phrasings.of(language))
    }


def phrasings(group: Group, most: int) -> dict[str, list[str]]:
    """The first wordings of a group that can be phrasings, by the language they would stand under.

    Args:
        most: of each language (at least 1).
    """
    found: dict[str, list[str]] = {}
    for wording in group.wordings:
        if MASKED.search(wording.text):
            continue
        language = "en" if wording.asked[0].language == "en" else "zh"
        texts = found.setdefault(language, [])
        if len(texts) < most:
            one_line = " ".join(wording.text.split())
            texts.append(one_line if language == "en" else to_simplified(one_line))
    return found


def with_phrasings(entry: Entry, new: Mapping[str, Iterable[str]]) -> Entry:
    """The entry with these phrasings, by language, behind those that it has."""
    there = said(entry)
    added = {
        language: tuple(text for text in new.get(language, ()) if same_words(text) not in there)
        for language in LANGUAGES
    }
    both = Bilingual(
        (*entry.phrasings.zh, *added["zh"]),
        (*entry.phrasings.en, *added["en"]),
    )
    return replace(entry, phrasings=both)


def guesses(group: Group, base: KnowledgeBase) -> list[str]:
    """Ids of the entries that the group may be about, the likeliest first."""
    scores: dict[str, float] = {}
    for wording in group.wordings[:WORDINGS_ASKED]:
        for candidate in base.ask(wording.text).candidates:
            scores[candidate.id] = max(scores.get(candidate.id, 0.0), candidate.score)
    return sorted(scores, key=lambda entry_id: (-scores[entry_id], entry_id))[:MOST_GUESSES]
