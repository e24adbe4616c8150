"""Whether the FAQ is sound: what it refers to exists, and each phrasing finds its own entry."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.base import KnowledgeBase
from knowledge.entry import LANGUAGES, Entry, Status
from knowledge.errors import Problem
from knowledge.law import SOCIAL_INSURANCE_LAW
from knowledge.rank import rank
from knowledge.reading import Bilingual
from knowledge.text import normalise

LONGEST_ID = 48  # an id and a question's id share Telegram's 64 bytes of callback data
# What makes an entry worth having: enough ways to ask for it, and where to read on (issue 4).
FEWEST_PHRASINGS = {"zh": 25, "en": 15}
FEWEST_CUES = 3
FEWEST_RELATED, MOST_RELATED = 2, 4


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


def _problem(entry: Entry, field: str, key: str, **parameters: object) -> Problem:
    return Problem(f"{entry.scheme}.yaml", entry.id, field, key, parameters)


def _reference_problems(entry: Entry, base: KnowledgeBase) -> Iterator[Problem]:
    if len(entry.id) > LONGEST_ID:
        yield _problem(entry, "id", "expected.at_most", most=LONGEST_ID, found=len(entry.id))
    for provision in entry.provisions:
        if not base.laws.has(provision):
            cited = f"{provision.law} {provision.article or ''}".strip()
            yield _problem(entry, "provisions", "expected.known_provision", found=cited)
    for key in entry.contacts:
        if key not in base.contacts.contacts:
            yield _problem(entry, "contacts", "expected.known_contact", found=key)
    for related in entry.related:
        known = base.entries.get(related)
        if known is None or known.status is not Status.PUBLISHED or related == entry.id:
            yield _problem(entry, "related", "expected.other_entry", found=related)


def _too_few(entry: Entry) -> Iterator[Problem]:
    counted = [
        (f"{field}.{language}", len(texts.of(language)), least)
        for language in LANGUAGES
        for field, texts, least in (
            ("phrasings", entry.phrasings, FEWEST_PHRASINGS[language]),
            ("cues", entry.cues, FEWEST_CUES),
        )
    ]
    for field, found, least in (*counted, ("related", len(entry.related), FEWEST_RELATED)):
        if found < least:
            yield _problem(entry, field, "expected.at_least_items", least=least, found=found)
    if len(entry.related) > MOST_RELATED:
        yield _problem(entry, "related", "expected.at_most_items", most=MOST_RELATED)


def _phrasing_problems(base: KnowledgeBase) -> Iterator[Problem]:
    """Phrasings that belong to two entries, or that say again in the same words what one said."""
    words = dict(zip(base.index.phrasings.texts, base.index.phrasings.words, strict=True))
    owners: dict[str, str] = {}
    for entry in _published(base):
        for language in LANGUAGES:
            said: dict[str, str] = {}
            for text in entry.phrasings.of(language):
                field = f"phrasings.{language}"
                owner = owners.setdefault(normalise(text), entry.id)
                if owner != entry.id:
                    yield _problem(entry, field, "expected.one_owner", found=text, owner=owner)
                first = said.setdefault(words[text], text)
                if first != text:
                    yield _problem(entry, field, "expected.other_words", found=text, first=first)


def problems_with(entry: Entry, base: KnowledgeBase) -> list[Problem]:
    """What keeps an edited entry from going out: what it refers to, and phrasings that others have."""
    problems = list(_reference_problems(entry, base))
    others = {
        normalise(text): other.id
        for other in _published(base)
        if other.id != entry.id
        for language in LANGUAGES
        for text in other.phrasings.of(language)
    }
    for language in LANGUAGES:
        for text in entry.phrasings.of(language):
            owner = others.get(normalise(text))
            if owner is not None:
                field = f"phrasings.{language}"
                problems.append(
                    _problem(entry, field, "expected.one_owner", found=text, owner=owner)
                )
    return problems


def _published(base: KnowledgeBase) -> Iterator[Entry]:
    return (e for e in base.entries.values() if e.status is Status.PUBLISHED)


def check(base: KnowledgeBase, today: datetime.date) -> list[Problem]:
    """What is wrong with the stored entries, by file, entry and field, as far as a program can see it.

    What they cite and whom they name exists, dates hold, there are enough phrasings and cues, each
    phrasing belongs to one entry and differs in words, and each article of the Law is cited.
    """
    problems: list[Problem] = []
    for entry in base.entries.values():
        problems.extend(_reference_problems(entry, base))
        if entry.checked_on > today:
            problems.append(_problem(entry, "checked_on", "expected.not_future"))
        if entry.status is Status.PUBLISHED:
            problems.extend(_too_few(entry))
    problems.extend(_phrasing_problems(base))
    problems.extend(
        Problem("law.yaml", str(number), "articles", "expected.cited")
        for number in uncited_articles(base)
    )
    return problems


def overdue(base: KnowledgeBase, today: datetime.date) -> list[Entry]:
    """Published entries whose review date has passed."""
    return [entry for entry in _published(base) if entry.review_by < today]


def out_of_step(base: KnowledgeBase) -> list[Entry]:
    """Published entries of which one language waits for a change made in the other."""
    return [entry for entry in _published(base) if entry.outdated is not None]


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
        for entry in _published(base)
        for provision in entry.provisions
        if provision.law == SOCIAL_INSURANCE_LAW and provision.article is not None
    }


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


def stolen_phrasings(base: KnowledgeBase) -> list[Stolen]:
    """Titles and phrasings that do not find their own entry, or topic, first."""
    found: list[Stolen] = []
    for position, owner in enumerate(base.index.ids):
        for number in base.index.phrasings.of(position):
            theft = _theft(base, owner, base.index.phrasings.texts[number])
            if theft is not None:
                found.append(theft)
    return found


def _theft(base: KnowledgeBase, owner: str, text: str) -> Stolen | None:
    tokens = base.segmenter.tokens(text)
    if tokens.empty:
        found = base.matcher.match(tokens.text).settled.topic
        return None if found == owner else Stolen(text, owner, "-", 0.0, 0.0)
    first, *others = rank(tokens, base.index, base.matcher.weights, limit=3)
    if first.id == owner:
        return None
    own = next((candidate.score for candidate in others if candidate.id == owner), 0.0)
    return Stolen(text, owner, first.id, own, first.score)
