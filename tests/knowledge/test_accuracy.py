"""The matcher on labelled questions that no phrasing was written from."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.base import KnowledgeBase
from knowledge.evaluate import Evaluation, evaluate, read_cases
from knowledge.text import normalise

CASES = Path(__file__).parent.parent / "cases" / "questions.jsonl"
KINDS = {
    "zh-colloquial",
    "zh-keyword",
    "zh-typo",
    "zh-narrative",
    "zh-Hant",
    "mixed",
    "en-plain",
    "en-broken",
    "en-formal",
    "followup",
    "oos",
}


@pytest.fixture(scope="module")
def evaluation(base: KnowledgeBase) -> Evaluation:
    return evaluate(base, read_cases(CASES))


def test_there_are_enough_cases_of_every_kind_and_none_is_a_phrasing(
    base: KnowledgeBase, evaluation: Evaluation
) -> None:
    assert evaluation.overall.questions >= 300
    assert set(evaluation.kinds) == KINDS
    phrasings = {normalise(text) for text in base.index.phrasings.texts}
    alone = [case for case, _ in evaluation.asked if len(case.turns) == 1 and case.ids]
    assert [case.turns[0] for case in alone if normalise(case.turns[0]) in phrasings] == []
    known = set(base.entries)
    assert [case.ids for case, _ in evaluation.asked if not known.issuperset(case.ids)] == []


def test_accuracy_keeps_its_floor(evaluation: Evaluation) -> None:
    figures = evaluation.overall
    assert figures.hit1 is not None and figures.hit1 >= 82
    assert figures.hit3 is not None and figures.hit3 >= 93
    assert figures.useful is not None and figures.useful >= 90


def test_wrong_answers_keep_their_ceiling(evaluation: Evaluation) -> None:
    figures = evaluation.overall
    assert figures.wrong is not None and figures.wrong <= 5
    assert figures.false_answer is not None and figures.false_answer <= 10
