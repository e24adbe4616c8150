"""Weights and thresholds from labelled questions: fitted, cross-validated, and laid out to choose from."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from knowledge.base import KnowledgeBase
from knowledge.decide import Thresholds
from knowledge.errors import NoCases
from knowledge.evaluate import Case
from knowledge.rank import PARTS, Weights, likelihoods

FOLDS = 5
ROUNDS = 100
# Pull towards the weights in force, so that a part which few questions have is not fitted to these few.
PULL = 0.01
FIRST_STEP, LARGEST_STEP = 0.05, 0.5


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled question as the model sees it.

    Attributes:
        ids: of the subjects with the most evidence.
        values: what speaks for each, in the order of ``PARTS``.
        right: which of them are acceptable; none for a question that is out of scope.
        fold: questions on one topic are in one fold.
        importance: so that each file of cases counts alike, however long it is.
    """

    case: Case
    ids: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    right: tuple[bool, ...]
    fold: int
    importance: float


def examples(base: KnowledgeBase, files: Sequence[Sequence[Case]]) -> list[Example]:
    """The labelled questions, ready to fit to; those that hold nothing to look for are left out.

    Raises:
        NoCases: none is left.
    """
    found: list[Example] = []
    for cases in files:
        for case in cases:
            parts = base.matcher.parts(case.turns[-1], case.turns[:-1])
            ids = tuple(base.index.ids[part.position] for part in parts)
            # A topic that is none of ours is right where no entry is.
            right = tuple(
                name in case.ids if case.ids else name in base.matcher.outside for name in ids
            )
            topic = case.ids[0] if case.ids else case.turns[-1]
            found.append(
                Example(
                    case,
                    ids,
                    tuple(part.values for part in parts),
                    right,
                    zlib.crc32(topic.encode()) % FOLDS,
                    1 / len(cases),
                )
            )
    usable = [example for example in found if example.ids]
    if not usable:
        raise NoCases
    return usable


def fit(found: Sequence[Example], start: Weights) -> Weights:
    """The weights under which the labels are likeliest, near those they start from.

    Source: resilient backpropagation (Riedmiller and Braun 1993), as the parts differ in scale.
    """
    whole = sum(example.importance for example in found) or 1.0
    first = [*start.parts, start.nothing]
    weights, steps, before = list(first), [FIRST_STEP] * len(first), [0.0] * len(first)
    for _ in range(ROUNDS):
        slope = [PULL * (weight - origin) for weight, origin in zip(weights, first, strict=True)]
        for example in found:
            for number, part in enumerate(_slope(example, _weights(weights))):
                slope[number] += part * example.importance / whole
        for number, part in enumerate(slope):
            turn = part * before[number]
            if turn > 0:
                steps[number] = min(LARGEST_STEP, steps[number] * 1.2)
            elif turn < 0:
                steps[number] *= 0.5
            weights[number] -= math.copysign(steps[number], part) if part else 0.0
        before = slope
    return _weights([round(weight, 2) for weight in weights])


def _weights(numbers: Sequence[float]) -> Weights:
    return Weights(tuple(numbers[:-1]), numbers[-1])


def _slope(example: Example, weights: Weights) -> Iterator[float]:
    """How the unlikelihood of the label grows with each weight."""
    likely = likelihoods(example.values, weights)
    none = 1.0 - math.fsum(likely)
    none_right = not any(example.right) or not example.case.ids
    right = math.fsum(p for p, ok in zip(likely, example.right, strict=True) if ok)
    right = max(right + (none if none_right else 0.0), 1e-12)
    pull = [p - (p / right if ok else 0.0) for p, ok in zip(likely, example.right, strict=True)]
    for number in range(len(PARTS)):
        yield math.fsum(p * v[number] for p, v in zip(pull, example.values, strict=True))
    yield none - (none / right if none_right else 0.0)


@dataclass(frozen=True, slots=True)
class Guess:
    """What the model makes of a labelled question.

    Attributes:
        score: of the first, in percent.
        lead: over the second, in points.
        right: whether the first is acceptable.
        outside: whether the first is a topic that is none of ours.
    """

    case: Case
    score: float
    lead: float
    right: bool
    outside: bool


def guesses(base: KnowledgeBase, found: Sequence[Example], weights: Weights) -> list[Guess]:
    """The first and its lead for each of the examples."""
    made: list[Guess] = []
    for example in found:
        likely = likelihoods(example.values, weights)
        order = sorted(range(len(likely)), key=lambda number: -likely[number])
        first, second = order[0], likely[order[1]] if len(order) > 1 else 0.0
        made.append(
            Guess(
                example.case,
                100 * likely[first],
                100 * (likely[first] - second),
                example.right[first],
                example.ids[first] in base.matcher.outside,
            )
        )
    return made


def cross_validated(base: KnowledgeBase, found: Sequence[Example]) -> list[Guess]:
    """Guesses at each example with weights that were fitted to questions on other topics."""
    made: list[Guess] = []
    for fold in range(FOLDS):
        weights = fit([example for example in found if example.fold != fold], base.matcher.weights)
        made.extend(guesses(base, [e for e in found if e.fold == fold], weights))
    return made


def hit_share(made: Sequence[Guess], cases: Sequence[Case]) -> float | None:
    """Share of the cases in scope whose first is right, in percent; None when there is none."""
    inside = [case for case in cases if case.ids]
    right = {id(guess.case) for guess in made if guess.right}
    if not inside:
        return None
    return round(100 * sum(id(case) in right for case in inside) / len(inside), 1)


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold brings, in percent of all questions."""

    thresholds: Thresholds
    answered: float
    wrong: float


def trade_off(made: Sequence[Guess], thresholds: Thresholds) -> list[Point]:
    """Share answered directly and share answered wrongly, by the score that it takes."""
    points: list[Point] = []
    for answer in range(30, 100, 5):
        candidate = replace(thresholds, answer=float(answer))
        answered = [
            guess
            for guess in made
            if not guess.outside and guess.score >= answer and guess.lead >= thresholds.lead
        ]
        wrong = [guess for guess in answered if not guess.right]
        points.append(
            Point(
                candidate,
                round(100 * len(answered) / len(made), 1),
                round(100 * len(wrong) / len(made), 1),
            )
        )
    return points


def chosen(points: Sequence[Point], most_wrong: float) -> Point:
    """The point that answers most with at most this share wrong; else the one with the fewest wrong."""
    allowed = [point for point in points if point.wrong <= most_wrong]
    if not allowed:
        return min(points, key=lambda point: point.wrong)
    return max(allowed, key=lambda point: point.answered)


@dataclass(frozen=True, slots=True)
class Bin:
    """Guesses with a score in the same tenth.

    Attributes:
        low: lower end of the tenth, in percent.
        score: mean score, in percent.
        right: share that is right, in percent.
    """

    low: int
    questions: int
    score: float
    right: float


def reliability(made: Sequence[Guess]) -> list[Bin]:
    """How often guesses are right, by their score."""
    bins: list[Bin] = []
    for low in range(0, 100, 10):
        inside = [g for g in made if low <= g.score < low + 10 or (low == 90 and g.score >= 100)]
        if inside:
            bins.append(
                Bin(
                    low,
                    len(inside),
                    round(math.fsum(guess.score for guess in inside) / len(inside), 1),
                    round(100 * sum(guess.right for guess in inside) / len(inside), 1),
                )
            )
    return bins
