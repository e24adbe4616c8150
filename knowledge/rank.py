"""Entries nearest to a question: evidence pooled over an entry, then its nearest phrasing."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from knowledge.errors import EmptyQuestion
from knowledge.index import Index, features, kind
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
    explained = _explained(asked, index)
    nearest = sorted(explained, key=lambda position: (-explained[position], position))[:RETRIEVED]
    known = {
        index.features[feature]: w for feature, w in asked.items() if feature in index.features
    }
    length = math.sqrt(math.fsum(weight * weight for weight in asked.values()))
    found = [
        _candidate(question, known, length, index, position, explained[position], weights)
        for position in nearest
    ]
    return sorted(found, key=lambda candidate: -candidate.score)[:limit]


# Of a question's features these many, the heaviest, are what an entry is expected to explain: the
# rest of a long story is told to nobody's purpose.
MOST_TELLING = 20
CONTEXT_SHARE = 0.35


def weigh(question: Tokens, index: Index, context: Tokens | None = None) -> dict[str, float]:
    """The features of a question, each with its kind's weight times its rarity."""
    asked = {feature: _weight(feature, index) for feature in features(question)}
    if context is not None:
        for feature in features(context):
            asked.setdefault(feature, CONTEXT_SHARE * _weight(feature, index))
    return asked


def _weight(feature: str, index: Index) -> float:
    number = index.features.get(feature)
    return kind(feature) * UNKNOWN_RARITY if number is None else index.weights[number]


def _explained(asked: Mapping[str, float], index: Index) -> dict[int, float]:
    weights = sorted(
        (w for feature, w in asked.items() if feature[0] not in "#~" or feature in index.features),
        reverse=True,
    )
    total = sum(weights[:MOST_TELLING])
    scores: dict[int, float] = defaultdict(float)
    for feature, weight in asked.items():
        number = index.features.get(feature)
        if number is not None:
            for position, share in index.holders(number):
                scores[position] += weight * share
    return {position: min(1.0, score / total) for position, score in scores.items()}


def _candidate(
    question: Tokens,
    asked: Mapping[int, float],
    length: float,
    index: Index,
    position: int,
    explained: float,
    weights: Weights,
) -> Candidate:
    phrasings = index.phrasings
    mine = phrasings.of(position)
    # Both sides are sorted already: this is token_sort_ratio without sorting them again.
    close = process.extract(
        question.sorted_words,
        phrasings.words[mine.start : mine.stop],
        scorer=fuzz.ratio,
        limit=COMPARED,
    )
    best, likeness, spelling = mine.start, 0.0, 0.0
    for _, ratio, number in close:
        alike = _likeness(asked, length, index, mine.start + number)
        if (alike + ratio / 100, alike) > (likeness + spelling, likeness):
            best, likeness, spelling = mine.start + number, alike, ratio / 100
    score = (
        weights.explained * explained + weights.likeness * likeness + weights.spelling * spelling
    )
    return Candidate(
        id=index.entry_ids[position],
        score=round(100 * min(1.0, score), 1),
        explained=round(explained, 3),
        likeness=round(likeness, 3),
        spelling=round(spelling, 3),
        phrasing=phrasings.texts[best],
        shared=tuple(word for word in dict.fromkeys(question.words) if index.holds(position, word)),
    )


def _likeness(asked: Mapping[int, float], length: float, index: Index, number: int) -> float:
    """Cosine of the question and a phrasing, both weighted by kind and rarity."""
    other = index.phrasings.lengths[number]
    if not other or not length:
        return 0.0
    product = math.fsum(
        asked[feature] * index.weights[feature]
        for feature in index.phrasings.features_of(number)
        if feature in asked
    )
    return product / (length * other)
