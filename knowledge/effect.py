"""What an edit does to other answers: who would get another one, from what to what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.base import KnowledgeBase
from knowledge.decide import Decision
from knowledge.index import Index, features
from knowledge.rows import Numbers
from knowledge.subject import subjects

# A phrasing changes hands only where the texts that an edit brings or takes away have this share of
# what it says (tests/knowledge/test_effect.py asks others as well).
LEAST_SHARED = 0.4


@dataclass(frozen=True, slots=True)
class Gets:
    """What a text gets: the decision, and the entry or topic that stands first, if any."""

    decision: Decision
    first: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A text that gets something else.

    Attributes:
        owner: id of the entry that has the text as a phrasing; empty for a question of a worker.
    """

    text: str
    owner: str
    before: Gets
    after: Gets


@dataclass(frozen=True, slots=True)
class Effect:
    """Everything that gets something else, and how much was looked at.

    Attributes:
        phrasings: how many phrasings are stored.
        questions: how many questions of workers were asked again.
    """

    moved: tuple[Moved, ...]
    phrasings: int
    questions: int

    @property
    def harmful(self) -> tuple[Moved, ...]:
        """Those that no longer get the entry that they belong to."""
        return tuple(m for m in self.moved if m.owner and m.after.first != m.owner)


def gets(base: KnowledgeBase, text: str) -> Gets:
    """What the text gets when it is asked alone."""
    settled = base.ask(text).settled
    first = settled.shown[0].id if settled.shown else settled.topic or ""
    return Gets(settled.decision, first)


def effect(
    before: KnowledgeBase,
    after: KnowledgeBase,
    changed: Collection[str],
    questions: Sequence[str],
) -> Effect:
    """Which stored phrasings and which of the questions get something else.

    Args:
        changed: ids of the edited entries.
        questions: as workers asked them.
    """
    moved = list(_phrasings_moved(before, after, changed))
    for text in dict.fromkeys(questions):
        was, becomes = gets(before, text), gets(after, text)
        if was != becomes:
            moved.append(Moved(text, "", was, becomes))
    return Effect(tuple(moved), len(after.index.phrasings.texts), len(questions))


def _phrasings_moved(
    before: KnowledgeBase, after: KnowledgeBase, changed: Collection[str]
) -> Iterator[Moved]:
    for owner, text in _concerned(before, after, changed):
        becomes = gets(after, text)
        # Most still get their own entry; that they got it before need not be asked.
        if becomes == Gets(Decision.ANSWER, owner) and owner not in changed:
            continue
        was = gets(before, text)
        if was != becomes:
            yield Moved(text, owner, was, becomes)


def _concerned(
    before: KnowledgeBase, after: KnowledgeBase, changed: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Owner and text of what may change hands; also of texts that the edit takes away."""
    index = after.index
    shares = _shared(index, _changed_features(before, after, changed))
    for position, owner in enumerate(index.ids):
        if owner not in after.entries:
            continue
        for number in index.phrasings.of(position):
            if owner in changed or shares[number] >= LEAST_SHARED:
                yield owner, index.phrasings.texts[number]
    kept = set(index.phrasings.texts)
    for position, owner in enumerate(before.index.ids):
        if owner in changed:
            for number in before.index.phrasings.of(position):
                text = before.index.phrasings.texts[number]
                if text not in kept:
                    yield owner, text


def _changed_features(
    before: KnowledgeBase, after: KnowledgeBase, changed: Collection[str]
) -> Iterator[int]:
    """Numbers, in the index after, of what stands in texts that the edit brings or takes away."""

    def texts(base: KnowledgeBase) -> set[tuple[str, str, float]]:
        entries = [base.entries[name] for name in changed if name in base.entries]
        return {(s.id, text, weight) for s in subjects(entries) for text, weight in s.texts}

    for _, text, _ in texts(before) ^ texts(after):
        for feature in features(after.segmenter.tokens(text)):
            number = after.index.features.get(feature)
            if number is not None:
                yield number


def _shared(index: Index, changed: Iterable[int]) -> Numbers:
    """For each phrasing, which share of what it says is among the features that changed."""
    held = np.zeros(len(index.features), dtype=bool)
    held[list(changed)] = True
    weights = np.asarray(index.weights)
    features_of = np.asarray(index.phrasings.features)
    starts = np.asarray(index.phrasings.feature_starts)
    sums = np.concatenate([[0.0], np.cumsum(weights[features_of])])
    shared = np.concatenate([[0.0], np.cumsum(weights[features_of] * held[features_of])])
    whole = sums[starts[1:]] - sums[starts[:-1]]
    part = shared[starts[1:]] - shared[starts[:-1]]
    shares: Numbers = np.divide(part, whole, out=np.ones_like(part), where=whole > 0)
    return shares
