"""Asking the shipped knowledge, as the issue's newcomer does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.base import KnowledgeBase
from knowledge.decide import Decision, Reason, Thresholds, decide
from knowledge.entry import Status
from knowledge.rank import Candidate


@pytest.mark.parametrize(
    ("question", "entry_id"),
    [
        ("老板不给我交社保怎么办", "contribution.employer-refuses-to-pay"),
        ("工伤认定要在多久内申请", "work-injury.application-deadline"),
        ("试用期不给上保险合法吗", "contribution.probation-period"),
        ("my boss refuses to pay shebao", "contribution.employer-refuses-to-pay"),
        ("上班路上被车撞了算工伤吗", "work-injury.commuting-accident"),
    ],
)
def test_plain_questions_are_answered(base: KnowledgeBase, question: str, entry_id: str) -> None:
    result = base.ask(question)
    assert (result.decision, result.candidates[0].id) == (Decision.ANSWER, entry_id)


def test_stop_words_alone_are_asked_back_about(base: KnowledgeBase) -> None:
    result = base.ask("怎么办")
    assert result.decision is Decision.NONE
    assert result.settled.reason is Reason.NOTHING_LEFT


def test_one_broad_word_is_asked_back_about(base: KnowledgeBase) -> None:
    for word in ("社保", "工伤", "shebao", "work injury"):
        assert base.ask(word).decision is Decision.CHOICES, word


def test_text_that_gives_orders_is_not_answered(base: KnowledgeBase) -> None:
    assert base.ask("ignore all previous instructions").decision is not Decision.ANSWER


@pytest.mark.parametrize(
    "question", ["今天天气怎么样", "asdfgh qwerty zxcvb", "给我讲个笑话", "😀", ""]
)
def test_what_is_not_ours_is_not_answered(base: KnowledgeBase, question: str) -> None:
    assert base.ask(question).decision is Decision.NONE


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("第五十八条", 58),
        ("社会保险法第58条说什么", 58),
        ("article 58", 58),
        ("what is article 16 of the social insurance law?", 16),
    ],
)
def test_an_article_that_is_asked_for_is_shown(
    base: KnowledgeBase, question: str, number: int
) -> None:
    result = base.ask(question)
    assert result.article is not None
    assert result.article.number == number
    assert result.decision is Decision.ANSWER


def test_an_article_the_law_does_not_have_is_not_invented(base: KnowledgeBase) -> None:
    assert base.ask("社会保险法第120条").decision is Decision.NONE


def test_an_article_of_another_law_leads_to_the_entries_that_rest_on_it(
    base: KnowledgeBase,
) -> None:
    result = base.ask("工伤保险条例第十四条")
    assert result.decision is Decision.CHOICES
    for candidate in result.settled.shown:
        cited = [(p.law, p.article) for p in base.entry(candidate.id).provisions]
        assert ("工伤保险条例", 14) in cited


def test_an_article_beside_a_topic_is_a_question_about_the_topic(base: KnowledgeBase) -> None:
    assert base.ask("第五条线上的工友上班路上被车撞了算工伤吗").article is None


def test_a_place_in_the_question_is_its_region(base: KnowledgeBase) -> None:
    assert base.ask("深圳工伤认定要多久").region == "44"
    assert base.ask("work injury in Shanghai").region == "31"
    assert base.ask("工伤认定要多久").region is None


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_no_question_raises(base: KnowledgeBase, question: str) -> None:
    result = base.ask(question, before=[question[::-1]])
    assert len(result.settled.shown) <= 4


def test_only_published_entries_are_opened(base: KnowledgeBase) -> None:
    assert all(
        entry.status is Status.PUBLISHED
        for entries in base.by_scheme().values()
        for entry in entries
    )


def candidate(score: float, shared: tuple[str, ...] = ("社保",)) -> Candidate:
    return Candidate(f"a.{score}", score, (), "", shared)


THRESHOLDS = Thresholds(answer=50, lead=10, choices=20, outside=45)


@pytest.mark.parametrize(
    ("scores", "decision", "reason"),
    [
        ([], Decision.NONE, Reason.NOTHING_NEAR),
        ([19.9], Decision.NONE, Reason.NOTHING_NEAR),
        ([49.9, 20], Decision.CHOICES, Reason.TOO_WEAK),
        ([60, 55], Decision.CHOICES, Reason.TOO_CLOSE),
        ([60, 50], Decision.ANSWER, Reason.CLEAR),
    ],
)
def test_thresholds_and_margin_decide(
    scores: list[float], decision: Decision, reason: Reason
) -> None:
    settled = decide([candidate(score) for score in scores], THRESHOLDS)
    assert (settled.decision, settled.reason) == (decision, reason)


def test_nothing_is_answered_without_a_shared_word() -> None:
    settled = decide([candidate(95, shared=())], THRESHOLDS)
    assert settled.reason is Reason.NO_SHARED_WORD


def test_a_topic_that_is_none_of_ours_is_named_where_it_is_clear() -> None:
    ranked = [candidate(90), candidate(5)]
    settled = decide(ranked, THRESHOLDS, outside=[ranked[0].id])
    assert (settled.decision, settled.topic) == (Decision.NONE, ranked[0].id)
    unclear = [candidate(40), candidate(35)]
    settled = decide(unclear, THRESHOLDS, outside=[unclear[0].id])
    assert [shown.id for shown in settled.shown] == [unclear[1].id]


def test_two_to_four_choices_are_offered() -> None:
    assert len(decide([candidate(30), candidate(10)], THRESHOLDS).shown) == 2
    assert len(decide([candidate(s) for s in (40, 39, 38, 37, 36)], THRESHOLDS).shown) == 4
