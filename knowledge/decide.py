"""Whether to answer, to ask back, or to say that we do not know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from knowledge.errors import InvalidKnowledge, Problem
from knowledge.rank import Candidate, Weights
from knowledge.reading import Fields, read_yaml

FEWEST_CHOICES, MOST_CHOICES = 2, 4


class Decision(StrEnum):
    """What a question gets."""

    ANSWER = "answer"
    CHOICES = "choices"
    NONE = "none"


class Reason(StrEnum):
    """Why; also the key of the sentence that says so to staff."""

    NOTHING_LEFT = "reason.nothing_left"
    NOTHING_NEAR = "reason.nothing_near"
    NO_SHARED_WORD = "reason.no_shared_word"
    TOO_WEAK = "reason.too_weak"
    TOO_CLOSE = "reason.too_close"
    CLEAR = "reason.clear"
    ARTICLE = "reason.article"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What it takes to answer.

    Attributes:
        answer: lowest score of a direct answer (0 to 100).
        lead: lowest lead over the second (points of score). Measured against a share of the first's
            score: see tests/bench/README.md.
        sure: score from which on no lead is asked for (0 to 100).
        choices: lowest score of anything offered (0 to 100).
    """

    answer: float
    lead: float
    sure: float
    choices: float


@dataclass(frozen=True, slots=True)
class Settled:
    """A decision, why, and the candidates that are shown for it, best first."""

    decision: Decision
    reason: Reason
    shown: tuple[Candidate, ...]


def decide(candidates: Sequence[Candidate], thresholds: Thresholds) -> Settled:
    """What a question with these candidates gets.

    A direct answer needs a content word in common, a score of at least ``answer``, and either the
    ``lead`` over the second or a score of at least ``sure``. Anything weaker is asked about, as
    long as its score reaches ``choices``.
    """
    if not candidates or candidates[0].score < thresholds.choices:
        return Settled(Decision.NONE, Reason.NOTHING_NEAR, ())
    first = candidates[0]
    second = candidates[1].score if len(candidates) > 1 else 0.0
    lead = first.score - second
    if not first.shared:
        reason = Reason.NO_SHARED_WORD
    elif first.score < thresholds.answer:
        reason = Reason.TOO_WEAK
    elif lead < thresholds.lead and first.score < thresholds.sure:
        reason = Reason.TOO_CLOSE
    else:
        return Settled(Decision.ANSWER, Reason.CLEAR, (first,))
    near = [c for c in candidates[:MOST_CHOICES] if c.score >= thresholds.choices]
    shown = near if len(near) >= FEWEST_CHOICES else candidates[:FEWEST_CHOICES]
    return Settled(Decision.CHOICES, reason, tuple(shown))


def read_decision(path: Path) -> tuple[Weights, Thresholds]:
    """The weights and thresholds in the file.

    Raises:
        UnreadableFile, InvalidKnowledge: the file cannot be used.
    """
    problems: list[Problem] = []
    top = Fields(read_yaml(path), path.name, "-", problems)
    inner = top.fields("weights")
    weights = Weights(
        explained=inner.fraction("explained"),
        likeness=inner.fraction("likeness"),
        spelling=inner.fraction("spelling"),
    )
    inner.done()
    thresholds = Thresholds(
        answer=top.number("answer", least=0),
        lead=top.number("lead", least=0),
        sure=top.number("sure", least=0),
        choices=top.number("choices", least=0),
    )
    top.done()
    if problems:
        raise InvalidKnowledge(problems)
    return weights, thresholds
