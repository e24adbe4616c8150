"""Whether the FAQ is sound: what it refers to exists, and each phrasing finds its own entry."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.base import KnowledgeBase
from knowledge.entry import LANGUAGES, Entry, Status
from knowledge.errors import Problem
from knowledge.law import SOCIAL_INSURANCE_LAW
from knowledge.rank import rank
from knowledge.reading import Bilingual
from knowledge.text import normalise

LONGEST_ID = 48  # an id and a question's id share Telegram's 64 bytes of callback data


@dataclass(frozen=True, slots=True)
class Stolen:
    """A phrasing that finds another entry first.

    Attributes:
        owner: id of the entry it belongs to.
        thief: id of the entry it finds.
        owner_score: score of its own entry, 0 when it is not among the candidates.
    """

    text: str
    owner: str
    thief: str
    owner_score: float
    thief_score: float


def _reference_problems(entry: Entry, base: KnowledgeBase) -> Iterable[Problem]:
    def problem(field: str, key: str, found: object) -> Problem:
        return Problem("faq", entry.id, field, key, {"found": found})

    if len(entry.id) > LONGEST_ID:
        yield Problem(
            "faq", entry.id, "id", "expected.at_most", {"most": LONGEST_ID, "found": len(entry.id)}
        )
    for provision in entry.provisions:
        if not base.laws.has(provision):
            cited = f"{provision.law} {provision.article or ''}".strip()
            yield problem("provisions", "expected.known_provision", cited)
    for key in entry.contacts:
        if key not in base.contacts.contacts:
            yield problem("contacts", "expected.known_contact", key)


def check(base: KnowledgeBase, today: datetime.date) -> list[Problem]:
    """What is wrong with the stored entries: what they cite, whom they name, dates, shared phrasings."""
    problems: list[Problem] = []
    owners: dict[str, str] = {}
    for entry in base.entries.values():
        problems.extend(_reference_problems(entry, base))
        if entry.checked_on > today:
            problems.append(Problem("faq", entry.id, "checked_on", "expected.not_future"))
        if entry.status is not Status.PUBLISHED:
            continue
        for language in LANGUAGES:
            for text in entry.phrasings.of(language):
                key = " ".join(base.segmenter.tokens(text).text.split())
                owner = owners.setdefault(key, entry.id)
                if owner != entry.id:
                    problems.append(
                        Problem(
                            "faq",
                            entry.id,
                            "phrasings",
                            "expected.one_owner",
                            {"found": text, "owner": owner},
                        )
                    )
    return problems


def overdue(base: KnowledgeBase, today: datetime.date) -> list[Entry]:
    """Published entries whose review date has passed."""
    return [
        entry
        for entry in base.entries.values()
        if entry.status is Status.PUBLISHED and entry.review_by < today
    ]


LEAST_PHRASINGS = {"zh": 25, "en": 15}


def uncited_articles(base: KnowledgeBase) -> list[int]:
    """Articles of the Social Insurance Law that no published entry cites."""
    return sorted(set(base.laws.articles) - _cited(base))


def coverage(base: KnowledgeBase) -> list[tuple[Bilingual[str], int, int]]:
    """Each chapter of the Social Insurance Law, its articles that are cited, and all its articles."""
    cited = _cited(base)
    chapters: dict[str, tuple[Bilingual[str], list[int]]] = {}
    for article in base.laws.articles.values():
        chapters.setdefault(article.chapter.zh, (article.chapter, []))[1].append(article.number)
    return [
        (name, sum(number in cited for number in numbers), len(numbers))
        for name, numbers in chapters.values()
    ]


def _cited(base: KnowledgeBase) -> set[int]:
    return {
        provision.article
        for entry in base.entries.values()
        if entry.status is Status.PUBLISHED
        for provision in entry.provisions
        if provision.law == SOCIAL_INSURANCE_LAW and provision.article is not None
    }


def with_few_phrasings(base: KnowledgeBase) -> list[Entry]:
    """Published entries with fewer phrasings in a language than are worth having."""
    return [
        entry
        for entry in base.entries.values()
        if entry.status is Status.PUBLISHED
        and any(len(entry.phrasings.of(name)) < least for name, least in LEAST_PHRASINGS.items())
    ]


def idle_expressions(base: KnowledgeBase) -> list[str]:
    """Expressions of the concepts that stand in no title, phrasing or cue."""
    written = "\n".join(
        normalise(text)
        for entry in base.entries.values()
        for language in LANGUAGES
        for text in (
            entry.title.of(language),
            *entry.phrasings.of(language),
            *entry.cues.of(language),
        )
    )
    return sorted(x for x in base.segmenter.vocabulary.concepts if normalise(x) not in written)


def unwritten_related(base: KnowledgeBase) -> list[tuple[str, str]]:
    """Entry and related id where no entry with that id is stored yet."""
    return [
        (entry.id, related)
        for entry in base.entries.values()
        for related in entry.related
        if related not in base.entries
    ]


def stolen_phrasings(base: KnowledgeBase) -> list[Stolen]:
    """Titles and phrasings of published entries that do not find their own entry first."""
    found: list[Stolen] = []
    for position, owner in enumerate(base.index.entry_ids):
        for number in base.index.phrasings.of(position):
            text = base.index.phrasings.texts[number]
            tokens = base.segmenter.tokens(text)
            if tokens.empty:
                found.append(Stolen(text, owner, "-", 0.0, 0.0))
                continue
            candidates = rank(tokens, base.index, base.weights, limit=len(base.index.entry_ids))
            first = candidates[0]
            if first.id != owner:
                own = next((c.score for c in candidates if c.id == owner), 0.0)
                found.append(Stolen(text, owner, first.id, own, first.score))
    return found
