"""Ranking: compared with a slow and obvious version, and steady under change."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.base import KnowledgeBase
from knowledge.build import build_index
from knowledge.entry import Status
from knowledge.errors import EmptyQuestion
from knowledge.rank import (
    MOST_TELLING,
    PARTS,
    RETRIEVED,
    UNKNOWN_TELLS,
    Weights,
    likelihoods,
    rank,
    retrieve,
    weigh,
)
from knowledge.segment import Segmenter
from knowledge.subject import PHRASING, Subject, subjects

QUESTIONS = [
    "老板不给我交社保怎么办",
    "上班路上被车撞了算工伤吗",
    "my boss refuses to pay shebao",
    "uncle fell from the crane and died",
    "工伤 认定 材料",
    "试用期不给上保险合法吗",
    "公司让我签放弃社保的承诺书",
    "我在工地干了三年，上个月从架子上掉下来，腿断了，老板垫了一点医药费就不管了，说我自己不小心，"
    "现在家里等钱用，孩子还在上学，我想知道这种情况到底算不算工伤，应该去哪里申请，要带什么",
]
WORDS = st.lists(
    st.sampled_from(
        ["老板", "社保", "工伤", "认定", "多久", "赔", "boss", "injury", "pay", "怎么办", "补缴"]
    ),
    min_size=1,
    max_size=8,
)


def evidence_slowly(question: str, subject_id: str, base: KnowledgeBase) -> float:
    """What the question says for a subject, with no index at all."""
    tokens = base.segmenter.tokens(question)
    index = base.index
    position = index.ids.index(subject_id)
    found = 0.0
    to_explain: list[float] = []
    for feature, weight in weigh(tokens, index).items():
        number = index.features.get(feature)
        holders = {} if number is None else dict(index.holders(number))
        if feature[0] not in "#~" or holders:
            to_explain.append(weight)
        found += weight * holders.get(position, 0.0)
    return found / math.sqrt(sum(sorted(to_explain)[-MOST_TELLING:]))


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_index_gives_what_looking_at_every_subject_gives(
    base: KnowledgeBase, question: str
) -> None:
    found = retrieve(base.segmenter.tokens(question), base.index)
    slow = {name: evidence_slowly(question, name, base) for name in base.index.ids}
    nearest = sorted(slow, key=lambda name: -slow[name])[:RETRIEVED]
    assert [base.index.ids[part.position] for part in found][:RETRIEVED] == nearest
    for part in found:
        name = base.index.ids[part.position]
        assert part.values[PARTS.index("evidence")] == pytest.approx(slow[name])


@given(
    st.lists(st.tuples(*[st.floats(0, 10)] * len(PARTS)), max_size=8),
    st.floats(0, 10),
)
def test_likelihoods_and_that_of_none_make_up_one(
    values: list[tuple[float, ...]], nothing: float
) -> None:
    likely = likelihoods(values, Weights((1.0,) * len(PARTS), nothing))
    assert all(0 <= each <= 1 for each in likely)
    none = math.exp(nothing) / (math.exp(nothing) + sum(math.exp(sum(v)) for v in values))
    assert sum(likely) + none == pytest.approx(1)


def test_a_share_grows_with_repetition_and_stays_below_one(base: KnowledgeBase) -> None:
    shares = base.index.shares
    assert 0 < min(shares) < max(shares) < 1


def test_a_word_says_more_among_few_than_among_many(segmenter: Segmenter) -> None:
    few = Subject("small", "group", (("pension record", PHRASING),))
    words = ("record wage", "pension card", "pension wage", "pension leave", "pension scheme")
    many = Subject("large", "group", tuple((text, PHRASING) for text in words))
    index = build_index([few, many], segmenter)
    small, large = (share for _, share in index.holders(index.features["record"]))
    assert small > large > 0


def test_a_wrong_character_of_the_right_sound_still_finds_the_word(base: KnowledgeBase) -> None:
    for wrong, right in (
        ("工商认定要在多久内申请", "work-injury.application-deadline"),
        ("事业金怎么申请", "unemployment.how-to-claim"),
        ("养老保俭要交多少年", "pension.minimum-contribution-years"),
    ):
        assert right in [candidate.id for candidate in base.ask(wrong).candidates[:3]]


def test_a_question_of_stop_words_is_refused(base: KnowledgeBase) -> None:
    with pytest.raises(EmptyQuestion):
        rank(base.segmenter.tokens("怎么办"), base.index, base.matcher.weights)


@settings(max_examples=50, deadline=None)
@given(WORDS)
def test_ranking_is_steady_and_in_order(base: KnowledgeBase, words: list[str]) -> None:
    tokens = base.segmenter.tokens(" ".join(words))
    if tokens.empty:
        return
    candidates = rank(tokens, base.index, base.matcher.weights)
    assert candidates == rank(tokens, base.index, base.matcher.weights)
    scores = [candidate.score for candidate in candidates]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 100 for score in scores)
    assert len({candidate.id for candidate in candidates}) == len(candidates)


def test_more_candidates_do_not_change_the_order(base: KnowledgeBase) -> None:
    tokens = base.segmenter.tokens(QUESTIONS[0])
    few = rank(tokens, base.index, base.matcher.weights, limit=3)
    assert rank(tokens, base.index, base.matcher.weights, limit=10)[:3] == few


def test_words_nobody_has_speak_against_everyone(base: KnowledgeBase) -> None:
    plain = rank(base.segmenter.tokens("老板不交社保"), base.index, base.matcher.weights)[0]
    odd = rank(base.segmenter.tokens("老板不交社保 qwzx vbnq"), base.index, base.matcher.weights)[0]
    assert odd.score < plain.score
    assert UNKNOWN_TELLS > 0


def test_retired_entries_and_drafts_are_not_found(base: KnowledgeBase) -> None:
    entries = [replace(entry, status=Status.RETIRED) for entry in base.entries.values()]
    assert subjects(entries) == []
    assert build_index([], base.segmenter).ids == ()
