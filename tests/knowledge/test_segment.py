"""Words, concepts and places of questions in both languages."""

from __future__ import annotations

import jieba
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.segment import Segmenter


def test_own_words_stay_together(segmenter: Segmenter) -> None:
    assert "工伤认定" in segmenter.tokens("怎么申请工伤认定").words
    assert "五险" in segmenter.tokens("公司没交五险").words


def test_stop_words_alone_leave_nothing(segmenter: Segmenter) -> None:
    for text in ("怎么办", "请问怎么办呢", "what should I do", "你好", "？？？", "", "123"):
        assert segmenter.tokens(text).empty, text


def test_plural_case_and_form_do_not_matter(segmenter: Segmenter) -> None:
    one = segmenter.tokens("My BOSS pays")
    assert one.words == segmenter.tokens("my bosses paying").words


def test_both_languages_meet_in_a_concept(segmenter: Segmenter) -> None:
    shared = set(segmenter.tokens("uncle fell from the crane").concepts) & set(
        segmenter.tokens("舅舅从塔吊上摔下来").concepts
    )
    assert {"@accident", "@crane-and-height"} <= shared


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("在深圳打工", ("44",)),
        ("从杭州跳槽到合肥", ("33", "34")),
        ("I work in Shenzhen", ("44",)),
        ("I work in xi'an", ("61",)),
        ("Inner Mongolia pension", ("15",)),
        ("老板不给交社保", ()),
    ],
)
def test_places_select_their_region(
    segmenter: Segmenter, text: str, codes: tuple[str, ...]
) -> None:
    assert segmenter.tokens(text).places == codes


def test_jiebas_global_tokenizer_is_left_alone(segmenter: Segmenter) -> None:
    segmenter.tokens("老板不给我交社保")
    assert not jieba.dt.initialized


@given(st.text(max_size=400))
def test_no_text_raises_and_segmenting_is_steady(segmenter: Segmenter, text: str) -> None:
    assert segmenter.tokens(text) == segmenter.tokens(text)
