"""Entries nearest to a question: evidence pooled over an entry, then its nearest phrasing."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from knowledge.errors import EmptyQuestion
from knowledge.index import Index, IndexedPhrasing, features
from knowledge.segment import Tokens

# Entries whose phrasings are compared one by one; the right one is further down for no labelled case.
RETRIEVED = 12
# Phrasings of an entry, nearest by rapidfuzz, whose rarity-weighted likeness is worked out.
COMPARED = 4
# A feature that no entry has is as telling as one that few have: it speaks against all of them.
UNKNOWN_RARITY = 4.0


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part of a score counts; they sum to 1."""

    explained: float
    likeness: float
    spelling: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may answer a question.

    Attributes:
        score: 0 to 100.
        explained: share of the question's evidence that the entry's texts hold (0 to 1).
        likeness: rarity-weighted likeness of the nearest phrasing (0 to 1).
        spelling: likeness of the words as written of the nearest phrasing, by rapidfuzz (0 to 1).
        phrasing: the nearest phrasing.
        shared: content words that question and entry share.
    """

    id: str
    score: float
    explained: float
    likeness: float
    spelling: float
    phrasing: str
    shared: tuple[str, ...]


def rank(
    question: Tokens,
    index: Index,
    weights: Weights,
    *,
    context: Tokens | None = None,
    limit: int = 5,
) -> list[Candidate]:
    """Published entries nearest to a segmented question, best first; ties in the order of the index.

    Args:
        context: the question before, in a conversation; it counts a little.
        limit: most candidates to return (count, at least 1).

    Raises:
        EmptyQuestion: segmentation left nothing that could carry a topic.

    Source: rapidfuzz.process.extract; the weights were chosen as tests/bench/README.md tells.
    """
    if question.empty:
        raise EmptyQuestion
    asked = weigh(question, index, context)
    length = math.sqrt(sum(weight * weight for weight in asked.values()))
    explained = _explained(asked, index)
    nearest = sorted(explained, key=lambda position: (-explained[position], position))[:RETRIEVED]
    found = [
        _candidate(question, asked, length, index, position, explained[position], weights)
        for position in nearest
    ]
    found.sort(key=lambda candidate: -candidate.score)
    return [_with_shared(candidate, question, index) for candidate in found[:limit]]


# Of a question's features these many, the heaviest, are what an entry is expected to explain: the
# rest of a long story is told to nobody's purpose.
MOST_TELLING = 20
CONTEXT_SHARE = 0.35


def weigh(question: Tokens, index: Index, context: Tokens | None = None) -> dict[str, float]:
    """The features of a question, each with its kind's weight times its rarity."""
    kinds = features(question)
    if context is not None:
        for feature, kind in features(context).items():
            kinds.setdefault(feature, kind * CONTEXT_SHARE)
    return {
        feature: kind * index.rarity.get(feature, UNKNOWN_RARITY) for feature, kind in kinds.items()
    }


def _explained(asked: Mapping[str, float], index: Index) -> dict[int, float]:
    weights = sorted(
        (w for feature, w in asked.items() if feature[0] not in "#~" or feature in index.rarity),
        reverse=True,
    )
    total = sum(weights[:MOST_TELLING])
    scores: dict[int, float] = defaultdict(float)
    for feature, weight in asked.items():
        for position, share in index.postings.get(feature, ()):
            scores[position] += weight * share
    return {position: min(1.0, score / total) for position, score in scores.items()}


def _candidate(
    question: Tokens,
    asked: Mapping[str, float],
    length: float,
    index: Index,
    position: int,
    explained: float,
    weights: Weights,
) -> Candidate:
    phrasings = index.phrasings[position]
    # Both sides are sorted already: this is token_sort_ratio without sorting them again.
    close = process.extract(
        question.sorted_words, index.wordings[position], scorer=fuzz.ratio, limit=COMPARED
    )
    best, likeness, spelling = phrasings[0], 0.0, 0.0
    for _, ratio, number in close:
        alike = _likeness(asked, length, phrasings[number])
        if (alike + ratio / 100, alike) > (likeness + spelling, likeness):
            best, likeness, spelling = phrasings[number], alike, ratio / 100
    score = (
        weights.explained * explained + weights.likeness * likeness + weights.spelling * spelling
    )
    return Candidate(
        id=index.entry_ids[position],
        score=round(100 * min(1.0, score), 1),
        explained=round(explained, 3),
        likeness=round(likeness, 3),
        spelling=round(spelling, 3),
        phrasing=best.text,
        shared=(),
    )


def _with_shared(candidate: Candidate, question: Tokens, index: Index) -> Candidate:
    held = index.held[index.entry_ids.index(candidate.id)]
    shared = [word for word in dict.fromkeys(question.words) if word in held]
    return replace(candidate, shared=tuple(shared))


def _likeness(asked: Mapping[str, float], length: float, phrasing: IndexedPhrasing) -> float:
    """Cosine of the question and a phrasing, both weighted by kind and rarity."""
    if not phrasing.length or not length:
        return 0.0
    shared = asked.keys() & phrasing.weights.keys()
    # Exact, because a set has no order that is the same in every process.
    product = math.fsum(asked[feature] * phrasing.weights[feature] for feature in shared)
    return product / (length * phrasing.length)
