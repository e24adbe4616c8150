"""Whether to answer, to ask back, or to say that we do not know."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path

from knowledge.errors import InvalidKnowledge, Problem
from knowledge.rank import PARTS, Candidate, Weights
from knowledge.reading import Fields, read_yaml

MOST_CHOICES = 4


class Decision(StrEnum):
    """What a question gets."""

    ANSWER = "answer"
    CHOICES = "choices"
    NONE = "none"


class Reason(StrEnum):
    """Why; also the key of the sentence that says so to staff."""

    NOTHING_LEFT = "reason.nothing_left"
    NOTHING_NEAR = "reason.nothing_near"
    OUTSIDE = "reason.outside"
    NO_SHARED_WORD = "reason.no_shared_word"
    TOO_WEAK = "reason.too_weak"
    TOO_CLOSE = "reason.too_close"
    CLEAR = "reason.clear"
    ARTICLE = "reason.article"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What it takes to answer.

    Attributes:
        answer: lowest score of a direct answer (0 to 100). As scores are likelihoods, the second can
            reach no more than the rest of a hundred.
        lead: lowest lead over the second (points of score).
        choices: lowest score of the first of those that are offered (0 to 100).
        outside: lowest score of a topic that is none of ours (0 to 100); to name one wrongly is less bad
            than to give a wrong answer.
    """

    answer: float
    lead: float
    choices: float
    outside: float


@dataclass(frozen=True, slots=True)
class Settled:
    """A decision, why, and the candidates that are shown for it, best first.

    Attributes:
        topic: id of the topic outside of ours that was asked about, if that is the reason.
    """

    decision: Decision
    reason: Reason
    shown: tuple[Candidate, ...]
    topic: str | None = None


def decide(
    ranked: Sequence[Candidate], thresholds: Thresholds, outside: Collection[str] = ()
) -> Settled:
    """What a question with these candidates gets.

    Args:
        outside: ids of topics that are none of ours.

    A direct answer needs a content word in common, a score of at least ``answer``, and the ``lead``
    over the second. Anything weaker is asked about, as long as the first's score reaches
    ``choices``.
    """
    if ranked and ranked[0].id in outside and ranked[0].score >= thresholds.outside:
        return Settled(Decision.NONE, Reason.OUTSIDE, (), ranked[0].id)
    candidates = [candidate for candidate in ranked if candidate.id not in outside]
    if not candidates or candidates[0].score < thresholds.choices:
        return Settled(Decision.NONE, Reason.NOTHING_NEAR, ())
    first = candidates[0]
    if not first.shared:
        reason = Reason.NO_SHARED_WORD
    elif first.score < thresholds.answer:
        reason = Reason.TOO_WEAK
    elif not _enough(ranked, thresholds):
        reason = Reason.TOO_CLOSE
    else:
        return Settled(Decision.ANSWER, Reason.CLEAR, (first,))
    return Settled(Decision.CHOICES, reason, tuple(candidates[:MOST_CHOICES]))


def _enough(ranked: Sequence[Candidate], thresholds: Thresholds) -> bool:
    """Whether the first has the score and the lead of a direct answer."""
    second = ranked[1].score if len(ranked) > 1 else 0.0
    return ranked[0].score >= max(thresholds.answer, second + thresholds.lead)


def read_decision(path: Path) -> tuple[Weights, Thresholds]:
    """The weights and thresholds in the file.

    Raises:
        UnreadableFile, InvalidKnowledge: the file cannot be used.
    """
    problems: list[Problem] = []
    top = Fields(read_yaml(path), path.name, "-", problems)
    inner = top.fields("weights")
    weights = Weights(
        parts=tuple(inner.decimal(part) for part in PARTS), nothing=inner.decimal("nothing")
    )
    inner.done()
    thresholds = Thresholds(*(top.decimal(part.name) for part in fields(Thresholds)))
    top.done()
    if problems:
        raise InvalidKnowledge(problems)
    return weights, thresholds


_DECISION = """\
# How likely an entry is the right one, and what it takes to answer. Written by `shebao calibrate --write`; how
# the figures were chosen is told in tests/bench/README.md.
weights:   # how much each part speaks for an entry (knowledge/rank.py), and "nothing" for none of them
{weights}
answer: {answer:g}   # lowest score, in percent, of a direct answer
lead: {lead:g}   # lowest lead over the second, in points
choices: {choices:g}   # lowest score of the first of those that are offered
outside: {outside:g}   # lowest score of a topic that is none of ours
"""


def write_decision(path: Path, weights: Weights, thresholds: Thresholds) -> None:
    """The file holds these weights and thresholds, whole or as it was.

    Raises:
        OSError: it cannot be written.
    """
    named = dict(zip((*PARTS, "nothing"), (*weights.parts, weights.nothing), strict=True))
    lines = "\n".join(f"  {name}: {value:g}" for name, value in named.items())
    text = _DECISION.format(
        weights=lines,
        answer=thresholds.answer,
        lead=thresholds.lead,
        choices=thresholds.choices,
        outside=thresholds.outside,
    )
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
