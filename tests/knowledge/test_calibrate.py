"""Fitting weights: better than where it began, never far from it without cause, and honest about it."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.base import FOLDER, KnowledgeBase
from knowledge.calibrate import (
    FOLDS,
    Example,
    Guess,
    chosen,
    cross_validated,
    examples,
    fit,
    guesses,
    hit_share,
    reliability,
    trade_off,
)
from knowledge.decide import Thresholds, read_decision, write_decision
from knowledge.evaluate import Case
from knowledge.rank import PARTS, Weights, likelihoods

CASES = [
    Case(("老板不给我交社保怎么办",), ("contribution.employer-refuses-to-pay",)),
    Case(("上班路上被车撞了算工伤吗",), ("work-injury.commuting-accident",)),
    Case(("失业金怎么申领", "那能领几个月"), ("unemployment.how-long",)),
    Case(("给我讲个笑话",), ()),
    Case(("怎么办",), ()),
]
START = Weights((1.0,) * len(PARTS), 1.0)


def example(values: list[float], right: int | None, fold: int = 0) -> Example:
    return Example(
        Case(("q",), ("a",) if right is not None else ()),
        tuple(f"e{n}" for n in range(len(values))),
        tuple((value, *[0.0] * (len(PARTS) - 1)) for value in values),
        tuple(n == right for n in range(len(values))),
        fold,
        1.0,
    )


def unlikelihood(found: list[Example], weights: Weights) -> float:
    total = 0.0
    for one in found:
        likely = likelihoods(one.values, weights)
        right = math.fsum(p for p, ok in zip(likely, one.right, strict=True) if ok)
        total -= math.log(right if one.case.ids else 1 - math.fsum(likely) + right)
    return total


def test_questions_without_anything_to_look_for_are_left_out(base: KnowledgeBase) -> None:
    found = examples(base, [CASES])
    assert [one.case.turns[-1] for one in found] == [c.turns[-1] for c in CASES[:4]]
    assert all(0 <= one.fold < FOLDS for one in found)


def test_fitting_makes_the_labels_likelier(base: KnowledgeBase) -> None:
    found = [example([2.0, 1.0], 0), example([1.5, 0.2], 0), example([0.2, 0.1], None)]
    assert unlikelihood(found, fit(found, START)) < unlikelihood(found, START)


def test_a_part_that_no_question_has_keeps_its_weight() -> None:
    fitted = fit([example([2.0, 1.0], 0)], START)
    assert fitted.parts[1:] == START.parts[1:]


def test_guesses_are_those_of_the_matcher(base: KnowledgeBase) -> None:
    found = examples(base, [CASES[:2]])
    for guess, case in zip(guesses(base, found, base.matcher.weights), CASES, strict=False):
        first = base.ask(case.turns[-1]).candidates[0]
        assert guess.score == pytest.approx(first.score, abs=0.1)
        assert guess.right


def test_each_example_is_guessed_once_by_others(base: KnowledgeBase) -> None:
    found = examples(base, [CASES])
    made = cross_validated(base, found)
    assert sorted(g.case.turns for g in made) == sorted(e.case.turns for e in found)
    assert hit_share(made, CASES) is not None
    assert hit_share(made, []) is None


def made(score: float, right: bool) -> Guess:
    return Guess(Case(("q",), ("a",)), score, score, right, outside=False)


def test_the_threshold_answers_most_within_the_limit() -> None:
    thresholds = Thresholds(answer=50, lead=0, choices=1, outside=50)
    guessed = [made(96, True)] * 8 + [made(62, True), made(52, False)]
    points = trade_off(guessed, thresholds)
    assert [p.answered for p in points] == sorted((p.answered for p in points), reverse=True)
    best = chosen(points, most_wrong=5)
    assert (best.answered, best.wrong) == (90.0, 0.0)
    assert chosen(points, most_wrong=10).answered == 100.0
    hopeless = trade_off([made(99, False)], thresholds)
    assert chosen(hopeless, most_wrong=0).wrong == 100.0


def test_reliability_tells_how_often_a_score_is_right() -> None:
    table = reliability([made(95, True), made(100, False), made(12, False)])
    assert [(b.low, b.questions, b.right) for b in table] == [(10, 1, 0.0), (90, 2, 50.0)]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    weights, thresholds = read_decision(FOLDER / "decision.yaml")
    path = tmp_path / "decision.yaml"
    changed = replace(thresholds, answer=72.5)
    write_decision(path, weights, changed)
    assert read_decision(path) == (weights, changed)
