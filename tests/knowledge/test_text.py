"""Normalising, language and masking, for any text at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.text import LONGEST_QUESTION, Language, detect_language, mask, normalise

# Letters that tests of Chinese input rarely reach by chance.
TYPED = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "老闆闆不給我交社保ＡＢｃ１２，。！？　\u200b\ufe0f\u200d😢👍🏽é①㈱ﬁßİ乾著"
        ),
    ),
    max_size=200,
)


@given(TYPED)
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(TYPED)
def test_case_and_width_do_not_matter(text: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    assert normalise(wide) == normalise(text)


@given(st.text(min_size=LONGEST_QUESTION, max_size=5000))
def test_a_long_question_keeps_its_end(text: str) -> None:
    asked = "老板不给我交社保怎么办"
    found = normalise(text + asked)
    assert len(found) <= LONGEST_QUESTION
    assert found.endswith(asked)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("老闆不給我交社保", "老板不给我交社保"),
        ("ＳＨＥＢＡＯ　怎么查", "shebao 怎么查"),
        ("工\u200b伤😢😢怎么办", "工 伤 怎么办"),
        ("好多好多多多多多多", "好多好多多多"),
        ("   ", ""),
    ],
)
def test_typed_text_is_made_comparable(typed: str, meant: str) -> None:
    assert normalise(typed) == meant


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("老板不给我交社保", Language.ZH),
        ("老闆不給我交社保", Language.ZH_HANT),
        ("my boss does not pay", Language.EN),
        ("my boss refuses to pay 社保", Language.EN),
        ("我想 apply 失业金", Language.ZH),
        ("HR说五险一金要下个月才给我交", Language.ZH),
        ("老板說不给我们交养老保险和医疗保险怎么办", Language.ZH),
        ("12333", Language.ZH),
    ],
)
def test_the_language_is_that_of_most_words(text: str, language: Language) -> None:
    assert detect_language(text) is language


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("身份证11010519491231002X", "身份证[id]"),
        ("１３８００１３８０００", "[phone]"),
        ("电话138 0013 8000谢谢", "电话[phone]谢谢"),
        ("+8613800138000", "[phone]"),
        ("0755-12345678", "[phone]"),
        ("卡号6222 0212 3456 7890 123", "卡号[card]"),
        ("护照E12345678", "护照[id]"),
        ("发到 a.b@example.com", "发到 [email]"),
        ("工资5000，干了3年", "工资5000,干了3年"),
        ("2024-03-15受伤", "2024-03-15受伤"),
        ("打12333问过", "打12333问过"),
    ],
)
def test_numbers_that_name_a_person_are_masked(typed: str, kept: str) -> None:
    assert mask(typed) == kept


@given(
    st.text(st.sampled_from("我的电话是，在工地 "), max_size=10),
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
)
def test_no_mobile_number_survives(before: str, number: str) -> None:
    assert number not in mask(before + number + "谢谢")


@given(st.text(max_size=300))
def test_masking_takes_anything(text: str) -> None:
    mask(text)
    detect_language(text)
