"""Subjects nearest to a question: evidence pooled over a subject, then its nearest phrasing."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz

from knowledge.errors import EmptyQuestion
from knowledge.index import Index, features, kind, saying
from knowledge.rows import view
from knowledge.segment import Tokens
from knowledge.wording import traits

Numbers = npt.NDArray[np.float64]

# Subjects that are looked at closely: those with the most evidence.
RETRIEVED = 12
# What more phrasings than these have makes them hardly any more alike, and takes most of the time.
MOST_HOLDERS = 700
# A feature that nothing has is as telling as one that few have: it speaks against all.
UNKNOWN_TELLS = 4.0
# Of a question's features these many, the heaviest, make up what there is to explain: the rest of a
# long story is told to nobody's purpose.
MOST_TELLING = 40
TINY = 1e-12


# What speaks for a subject, in the order of :attr:`Parts.values`:
# - evidence: what the question's features say for it, by how much there is to explain (from 0);
# - wording: how much likelier it is put this way, small words and all, where it is asked about (naive Bayes,
#   a logarithm, on average);
# - learned: how far it is on its side, by what tells its phrasings from all others (about -1 to 1);
# - group: share of its group, such as its scheme, in the evidence for all (0 to 1);
# - alike: how like the question its phrasings are, weighted by what features tell and pooled so that near
#   ones count for most (from 0, usually below 1);
# - spelling: square of the likeness of the words as written of the nearest one, by rapidfuzz (0 to 1);
# - verbatim: whether a phrasing has just the words of the question (0 or 1): a stored phrasing is a
#   promise, and finds its own entry;
# and where the question goes on from what was asked before:
# - continued: what the features of the question before say for it (from 0);
# - related: whether one of the two names the other as related (0 or 1);
# - repeated: whether it is what was asked about before (0 or 1).
PARTS = (
    "evidence",
    "wording",
    "learned",
    "group",
    "alike",
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
    evidence: Numbers


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

    Source: McFadden 1974 for the model; tests/bench/README.md tells how the weights were chosen.
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
    put = traits(question.text, question.stems, question.concepts)
    wording, sides = index.wording.speaks(put), index.learned.speaks(put, len(index.ids))
    nearest = np.argsort(-evidence, kind="stable")[:RETRIEVED].tolist()
    words = question.sorted_words
    owners = index.said.get(saying(words, question.text), ())
    more = owners
    if context is not None:
        more = (*more, context.position, *sorted(context.related))
    nearest = list(dict.fromkeys((*nearest, *more)))
    shares = _group_shares(evidence, index)
    likenesses = likeness(asked, index)
    found: list[Parts] = []
    for position in nearest:
        alike, phrasing = _alike(likenesses, index, position)
        spelling = fuzz.ratio(words, index.phrasings.words[phrasing]) / 100
        values = (
            float(evidence[position]),
            float(wording[position]),
            float(sides[position]),
            float(shares[index.groups[position]]),
            alike,
            spelling**2,
            float(position in owners),
            *_continuing(position, context),
        )
        found.append(Parts(position, values, phrasing))
    return found


def _continuing(position: int, context: Context | None) -> tuple[float, float, float]:
    if context is None:
        return (0.0, 0.0, 0.0)
    return (
        float(context.evidence[position]),
        float(position in context.related),
        float(position == context.position),
    )


def _group_shares(evidence: Numbers, index: Index) -> Numbers:
    """The share of each group in the evidence, where strong evidence counts for more."""
    groups = np.bincount(view(index.groups), weights=evidence**3)
    shares: Numbers = groups / (groups.sum() or 1.0)
    return shares


def weigh(question: Tokens, index: Index) -> dict[str, float]:
    """The features of a question, each with its kind's weight times how much it tells."""
    return {feature: _weight(feature, index) for feature in features(question)}


def _weight(feature: str, index: Index) -> float:
    number = index.features.get(feature)
    return kind(feature) * UNKNOWN_TELLS if number is None else index.weights[number]


def pooled(asked: Mapping[str, float], index: Index) -> Numbers:
    """What the weighed features say for each subject, by its position.

    The sum over the features, by the root of how much there is to explain: as it is noisy, it grows with
    the root of the number of witnesses.

    Source: Robertson and Zaragoza 2009 for the shares (BM25).
    """
    known = {index.features[f]: weight for f, weight in asked.items() if f in index.features}
    where, each, parts = _gathered(known, index.starts, index.positions)
    rows = view(index.shares)
    shares = np.concatenate([np.zeros(0), *(rows[part] for part in parts)])
    to_explain = math.sqrt(math.fsum(_telling(asked, index))) or 1.0
    evidence = np.bincount(where, weights=shares * each, minlength=len(index.ids)) / to_explain
    return evidence.astype(np.float64, copy=False)


def likeness(asked: Mapping[str, float], index: Index) -> Numbers:
    """Cosine of the question and each phrasing, by its number; features count by what they tell."""
    phrasings = index.phrasings
    starts = phrasings.holder_starts
    numbers = {index.features[f]: weight**2 for f, weight in asked.items() if f in index.features}
    known = {n: w for n, w in numbers.items() if starts[n + 1] - starts[n] <= MOST_HOLDERS}
    where, each, _ = _gathered(known, starts, phrasings.holders)
    products = np.bincount(where, weights=each, minlength=len(phrasings.texts))
    length = math.sqrt(math.fsum(weight**2 for weight in asked.values())) or 1.0
    alike: Numbers = products / (length * np.maximum(view(phrasings.lengths), TINY))
    return alike


def _gathered(
    known: Mapping[int, float], starts: array[int], places: array[int]
) -> tuple[Any, Numbers, list[slice]]:
    """Rows of the known features, one after the other: places, the features' weights, and which rows."""
    parts = [slice(starts[number], starts[number + 1]) for number in known]
    if not parts:
        return np.zeros(0, np.intp), np.zeros(0), []
    each = np.repeat(list(known.values()), [part.stop - part.start for part in parts])
    rows = view(places)
    return np.concatenate([rows[part] for part in parts]), each, parts


def _alike(likenesses: Numbers, index: Index, position: int) -> tuple[float, int]:
    """How like the question the subject's phrasings are together, and the number of the nearest."""
    phrasings = index.phrasings.of(position)
    mine = likenesses[phrasings.start : phrasings.stop]
    # The third power, pooled: a near phrasing counts for more than many distant ones.
    together = float((mine * mine * mine).sum()) ** (1 / 3)
    return together, phrasings.start + int(mine.argmax())


def _telling(asked: Mapping[str, float], index: Index) -> Iterable[float]:
    """The heaviest weights; unknown neighbours and sounds are slips as often as topics."""
    counted = (
        weight
        for feature, weight in asked.items()
        if feature[0] not in "#~" or feature in index.features
    )
    return sorted(counted, reverse=True)[:MOST_TELLING]


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
