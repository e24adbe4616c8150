"""What phrasings teach: each is on its own subject's side, and so is what nobody wrote."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge.base import KnowledgeBase
from knowledge.build import build_index
from knowledge.index import Index
from knowledge.learned import FEWEST_TEXTS
from knowledge.segment import Segmenter
from knowledge.subject import PHRASING, Subject
from knowledge.wording import traits

WHO = [f"{first}{last}" for first in "张王李赵刘" for last in "经理师傅老板会计工头"]
CLOSE, FAR = "公司没给我交社保", "公司多给我交社保"
SUBJECTS = [
    Subject("late", "group", tuple((f"{who}的{CLOSE}", PHRASING) for who in WHO)),
    Subject("twice", "group", tuple((f"{who}的{FAR}", PHRASING) for who in WHO)),
]


@pytest.fixture(scope="module")
def index(segmenter: Segmenter) -> Index:
    return build_index(SUBJECTS, segmenter)


def sides(text: str, index: Index, segmenter: Segmenter) -> list[float]:
    tokens = segmenter.tokens(text)
    asked = traits(tokens.text, tokens.stems, tokens.concepts)
    found: list[float] = index.learned.speaks(asked, len(index.ids)).tolist()
    return found


@pytest.mark.parametrize(("text", "name"), [("他们没交", "late"), ("他们多交", "twice")])
def test_what_neighbours_share_counts_for_less_than_what_they_do_not(
    text: str, name: str, index: Index, segmenter: Segmenter
) -> None:
    own, other = sides(text, index, segmenter), sides("公司给我社保", index, segmenter)
    assert index.ids[int(np.argmax(own))] == name
    assert max(own) - min(own) > max(other) - min(other)


def test_what_few_have_written_teaches_nothing(index: Index, segmenter: Segmenter) -> None:
    assert len(WHO) >= FEWEST_TEXTS
    assert sides("赵", index, segmenter) == [0.0, 0.0]
    assert sides("zzzz", index, segmenter) == [0.0, 0.0]


def test_nearly_all_phrasings_are_on_their_own_side(base: KnowledgeBase) -> None:
    index, phrasings = base.index, base.index.phrasings
    right = [
        int(np.argmax(index.learned.speaks(phrasings.traits_of(number), len(index.ids))))
        == position
        for position in range(len(index.ids))
        for number in phrasings.of(position)[:5]
    ]
    assert sum(right) > 0.8 * len(right)


def test_nothing_asked_about_teaches_nothing(segmenter: Segmenter) -> None:
    empty = build_index([], segmenter)
    assert empty.learned.speaks([1, 2], 0).tolist() == []
