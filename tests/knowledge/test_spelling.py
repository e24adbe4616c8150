"""Small slips in English words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.base import KnowledgeBase
from knowledge.text import normalise


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("my bos refusses to pay insurence", "my bos refuses to pay insurance"),
        ("probaton and insurance", "probation and insurance"),
        ("work injruy on the way", "work injury on the way"),
        ("shebaoo", "shebao"),
    ],
)
def test_a_small_slip_is_put_right(base: KnowledgeBase, typed: str, meant: str) -> None:
    assert base.matcher.spelling.correct(typed) == meant


@pytest.mark.parametrize("text", ["my boss refuses to pay", "qwzxv", "Zhengzhou", "工伤 insurance"])
def test_known_and_strange_words_stay(base: KnowledgeBase, text: str) -> None:
    assert base.matcher.spelling.correct(normalise(text)) == normalise(text)


def test_a_question_with_slips_finds_its_answer(base: KnowledgeBase) -> None:
    found = base.ask("my emplyer refusses to pay socail insurence").candidates[0].id
    assert found == base.ask("my employer refuses to pay social insurance").candidates[0].id


@given(st.text(max_size=200))
def test_correcting_twice_changes_nothing(base: KnowledgeBase, text: str) -> None:
    once = base.matcher.spelling.correct(normalise(text))
    assert base.matcher.spelling.correct(once) == once
