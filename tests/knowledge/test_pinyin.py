"""Pinyin typed in Latin letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.base import KnowledgeBase
from knowledge.text import Language, normalise


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("shebao zenme chaxun", "社保怎么查询"),
        ("gongshang rending yao duo jiu", "工伤认定要多久"),
        ("gai zhao shei", "该找谁"),
        ("yanglaojin", "养老金"),
        ("shiye jin 怎么领", "失业金 怎么领"),
    ],
)
def test_pinyin_is_read_as_the_words_that_people_use(
    base: KnowledgeBase, typed: str, meant: str
) -> None:
    assert base.matcher.pinyin.to_chinese(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "how can he manage a wage",
        "i work in shenzhen and lost my yibao card",
        "hr 一直 delay 不给我交",
        "can i sue",
        "qwzxv",
        "",
    ],
)
def test_english_and_nonsense_stay(base: KnowledgeBase, text: str) -> None:
    assert base.matcher.pinyin.to_chinese(text) == text


def test_who_asks_in_pinyin_is_answered_in_chinese(base: KnowledgeBase) -> None:
    result = base.ask("gongshang rending yao duo jiu")
    assert result.language is Language.ZH
    same = base.ask("工伤认定要多久")
    assert [c.id for c in result.candidates] == [c.id for c in same.candidates]


@given(st.text(alphabet=st.sampled_from("abcdeghinorsuwxyz '1工伤"), max_size=60))
def test_reading_pinyin_leaves_characters_and_digits_alone(base: KnowledgeBase, text: str) -> None:
    text = normalise(text)
    read = base.matcher.pinyin.to_chinese(text)
    kept = [c for c in text if not c.isalpha() or not c.isascii()]
    rest = iter(read)
    assert all(c in rest for c in kept if c != " ")
