"""Subjects nearest to a question: evidence pooled over a subject, then its nearest phrasing."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from knowledge.errors import EmptyQuestion
from knowledge.index import Index, features, kind
from knowledge.segment import Tokens

# Subjects whose phrasings are compared one by one; the right one is further down for no labelled case.
RETRIEVED = 12
# Phrasings of a subject, nearest by rapidfuzz, whose rarity-weighted likeness is worked out.
COMPARED = 4
# A feature that nothing has is as telling as one that few have: it speaks against all.
UNKNOWN_RARITY = 4.0
# Of a question's features these many, the heaviest, make up what there is to explain: the rest of a
# long story is told to nobody's purpose.
MOST_TELLING = 40


# What speaks for a subject, in the order of :attr:`Parts.values`:
# - evidence: what the question's features say for it, by how much there is to explain (from 0);
# - group: share of its group, such as its scheme, in the evidence for all (0 to 1);
# - likeness: square of the rarity-weighted likeness of its nearest phrasing (0 to 1);
# - spelling: square of the likeness of the words as written of that phrasing, by rapidfuzz (0 to 1);
# - verbatim: whether that phrasing has just the words of the question (0 or 1): a stored phrasing is
#   a promise, and finds its own entry;
# and where the question goes on from what was asked before:
# - continued: what the features of the question before say for it (from 0);
# - related: whether one of the two names the other as related (0 or 1);
# - repeated: whether it is what was asked about before (0 or 1).
# Likenesses are squared, as only a close one says something.
PARTS = (
    "evidence",
    "group",
    "likeness",
    "spelling",
    "verbatim",
    "continued",
    "related",
    "repeated",
)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part speaks for a subject, and ``nothing`` for none of them.

    Fitted by ``shebao calibrate`` so that a score of s is right s times in a hundred.
    """

    parts: tuple[float, ...]
    nothing: float

    def total(self, values: Sequence[float]) -> float:
        """All that speaks for a subject with these parts."""
        return sum(weight * value for weight, value in zip(self.parts, values, strict=True))


@dataclass(frozen=True, slots=True)
class Context:
    """What was asked before, in a conversation.

    Attributes:
        position: of the subject it was about.
        related: positions of the subjects that name it as related, or that it names.
        evidence: what the features of that question say for each subject, by position.
    """

    position: int
    related: frozenset[int]
    evidence: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subject that may answer a question.

    Attributes:
        score: how likely it is the right one, in percent.
        parts: what speaks for it, in the order of ``PARTS``.
        phrasing: the nearest phrasing.
        shared: content words that question and subject share.
    """

    id: str
    score: float
    parts: tuple[float, ...]
    phrasing: str
    shared: tuple[str, ...]


def rank(
    question: Tokens,
    index: Index,
    weights: Weights,
    *,
    context: Context | None = None,
    limit: int = 5,
) -> list[Candidate]:
    """Subjects nearest to a segmented question, best first; ties in the order of the index.

    The score is the likelihood of a conditional logit model over the nearest subjects and "none".

    Args:
        context: what was asked before, when the question goes on from there.
        limit: most candidates to return (count, at least 1).

    Raises:
        EmptyQuestion: segmentation left nothing that could carry a topic, and nothing was asked before.

    Source: McFadden 1974 for the model, rapidfuzz.process.extract for the phrasings; the weights
    were chosen as tests/bench/README.md tells.
    """
    if question.empty and context is None:
        raise EmptyQuestion
    found = retrieve(question, index, context)
    likely = likelihoods([part.values for part in found], weights)
    order = sorted(range(len(found)), key=lambda number: -likely[number])[:limit]
    return [_candidate(question, index, found[number], 100 * likely[number]) for number in order]


def likelihoods(values: Sequence[Sequence[float]], weights: Weights) -> list[float]:
    """How likely each of the subjects with these parts is the right one; the rest of 1 is for none."""
    totals = [weights.total(parts) for parts in values]
    highest = max([weights.nothing, *totals])
    grown = [math.exp(total - highest) for total in totals]
    every = math.fsum(grown) + math.exp(weights.nothing - highest)
    return [each / every for each in grown]


@dataclass(frozen=True, slots=True)
class Parts:
    """What speaks for one subject.

    Attributes:
        position: of the subject in the index.
        values: in the order of ``PARTS``.
        nearest: number of its nearest phrasing.
    """

    position: int
    values: tuple[float, ...]
    nearest: int


def retrieve(question: Tokens, index: Index, context: Context | None = None) -> list[Parts]:
    """What speaks for each of the subjects with the most evidence, in order of evidence.

    After them those that have just these words, and those that the conversation was about.
    """
    asked = weigh(question, index)
    evidence = pooled(asked, index)
    nearest = sorted(evidence, key=lambda position: (-evidence[position], position))[:RETRIEVED]
    words = question.sorted_words
    more = index.said.get(words, ())
    if context is not None:
        more = (*more, context.position, *sorted(context.related))
    nearest = list(dict.fromkeys((*nearest, *more)))
    shares = _group_shares(evidence, index)
    known = {
        index.features[feature]: w for feature, w in asked.items() if feature in index.features
    }
    length = math.sqrt(math.fsum(weight * weight for weight in asked.values()))
    found: list[Parts] = []
    for position in nearest:
        likeness, spelling, phrasing = _nearest(words, known, length, index, position)
        values = (
            evidence.get(position, 0.0),
            shares.get(index.groups[position], 0.0),
            likeness**2,
            spelling**2,
            float(spelling == 1.0),
            *_continuing(position, context),
        )
        found.append(Parts(position, values, phrasing))
    return found


def _continuing(position: int, context: Context | None) -> tuple[float, float, float]:
    if context is None:
        return (0.0, 0.0, 0.0)
    return (
        context.evidence.get(position, 0.0),
        float(position in context.related),
        float(position == context.position),
    )


def _group_shares(evidence: Mapping[int, float], index: Index) -> dict[int, float]:
    """The share of each group in the evidence, where strong evidence counts for more."""
    groups: dict[int, float] = defaultdict(float)
    for position, found in evidence.items():
        groups[index.groups[position]] += found**3
    every = math.fsum(groups.values()) or 1.0
    return {group: found / every for group, found in groups.items()}


def weigh(question: Tokens, index: Index) -> dict[str, float]:
    """The features of a question, each with its kind's weight times its rarity."""
    return {feature: _weight(feature, index) for feature in features(question)}


def _weight(feature: str, index: Index) -> float:
    number = index.features.get(feature)
    return kind(feature) * UNKNOWN_RARITY if number is None else index.weights[number]


def pooled(asked: Mapping[str, float], index: Index) -> dict[int, float]:
    """What the weighed features say for each subject that has any of them, by its position.

    The sum over the features, by the root of how much there is to explain: as evidence is noisy, it
    grows with the root of the number of witnesses.
    """
    to_explain = math.sqrt(math.fsum(_telling(asked, index))) or 1.0
    sums = [0.0] * len(index.ids)
    for feature, weight in asked.items():
        number = index.features.get(feature)
        if number is not None:
            counts = weight / to_explain
            for position, share in index.holders(number):
                sums[position] += counts * share
    return {position: found for position, found in enumerate(sums) if found}


def _telling(asked: Mapping[str, float], index: Index) -> Iterable[float]:
    """The heaviest weights; unknown neighbours and sounds are slips as often as topics."""
    counted = (
        weight
        for feature, weight in asked.items()
        if feature[0] not in "#~" or feature in index.features
    )
    return sorted(counted, reverse=True)[:MOST_TELLING]


def _nearest(
    words: str, asked: Mapping[int, float], length: float, index: Index, position: int
) -> tuple[float, float, int]:
    """Likeness, spelling and number of the subject's phrasing that is nearest to the question."""
    phrasings = index.phrasings
    mine = phrasings.of(position)
    # Both sides are sorted already: this is token_sort_ratio without sorting them again.
    close = process.extract(
        words, phrasings.words[mine.start : mine.stop], scorer=fuzz.ratio, limit=COMPARED
    )
    best, likeness, spelling = mine.start, 0.0, 0.0
    for _, ratio, number in close:
        alike = _likeness(asked, length, index, mine.start + number)
        if (alike + ratio / 100, alike) > (likeness + spelling, likeness):
            best, likeness, spelling = mine.start + number, alike, ratio / 100
    return likeness, spelling, best


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


def _candidate(question: Tokens, index: Index, part: Parts, score: float) -> Candidate:
    return Candidate(
        id=index.ids[part.position],
        score=round(score, 1),
        parts=tuple(round(value, 3) for value in part.values),
        phrasing=index.phrasings.texts[part.nearest],
        shared=tuple(
            word for word in dict.fromkeys(question.words) if index.holds(part.position, word)
        ),
    )


def witnesses(question: Tokens, index: Index, subject_id: str) -> list[tuple[str, float]]:
    """The features of the question that speak for a subject, and how much, most first."""
    position = index.ids.index(subject_id)
    found: list[tuple[str, float]] = []
    for feature, weight in weigh(question, index).items():
        number = index.features.get(feature)
        share = 0.0 if number is None else dict(index.holders(number)).get(position, 0.0)
        if share:
            found.append((feature, round(weight * share, 3)))
    return sorted(found, key=lambda witness: -witness[1])


def unheard(question: Tokens, index: Index) -> list[str]:
    """Words of the question that stand in nothing anybody wrote."""
    return [word for word in dict.fromkeys(question.words) if word not in index.features]
