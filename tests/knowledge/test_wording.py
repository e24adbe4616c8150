"""How things are put: compared with a slow and obvious version, and told apart by small words."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from knowledge.build import build_index
from knowledge.index import Index
from knowledge.segment import Segmenter
from knowledge.subject import PHRASING, TITLE, Subject
from knowledge.wording import FEWEST_TRAITS, PRIOR_MASS, PRIOR_OF_TRAIT, traits

SUBJECTS = [
    Subject(
        "late", "group", (("公司没交社保怎么办", TITLE), ("how long have they not paid", PHRASING))
    ),
    Subject(
        "twice", "group", (("公司多交社保怎么办", PHRASING), ("how much have they paid", PHRASING))
    ),
    Subject("card", "other", (("社保卡丢了", PHRASING), ("社保卡在哪儿补办", PHRASING))),
]


@pytest.fixture(scope="module")
def index(segmenter: Segmenter) -> Index:
    return build_index(SUBJECTS, segmenter)


def of(text: str, segmenter: Segmenter) -> list[int]:
    tokens = segmenter.tokens(text)
    return traits(tokens.text, tokens.stems, tokens.concepts)


def speaks_slowly(asked: Sequence[int], position: int, segmenter: Segmenter) -> float:
    """How much likelier the traits are for the subject, with no index at all."""
    masses: list[dict[int, float]] = []
    for subject in SUBJECTS:
        mass: dict[int, float] = {}
        for text, weight in subject.texts:
            for trait in of(text, segmenter):
                mass[trait] = mass.get(trait, 0.0) + weight
        masses.append(mass)
    known = {trait for mass in masses for trait in mass}
    every = sum(sum(mass.values()) for mass in masses) + PRIOR_OF_TRAIT * len(known)
    mine, found = masses[position], 0.0
    for trait in known.intersection(asked):
        usual = (sum(mass.get(trait, 0.0) for mass in masses) + PRIOR_OF_TRAIT) / every
        likely = (mine.get(trait, 0.0) + PRIOR_MASS * usual) / (sum(mine.values()) + PRIOR_MASS)
        found += math.log(likely / usual)
    return found / max(FEWEST_TRAITS, len(known.intersection(asked)))


@pytest.mark.parametrize(
    "question", ["公司没交", "they have not paid me", "社保卡和社保 card 在哪里", "zzzz"]
)
def test_it_says_what_counting_every_text_says(
    question: str, index: Index, segmenter: Segmenter
) -> None:
    asked = of(question, segmenter)
    slow = [speaks_slowly(asked, position, segmenter) for position in range(len(SUBJECTS))]
    assert index.wording.speaks(asked) == pytest.approx(slow, abs=1e-6)


@pytest.mark.parametrize(("question", "name"), [("没交", "late"), ("多交", "twice")])
def test_small_words_tell_neighbours_apart(
    question: str, name: str, index: Index, segmenter: Segmenter
) -> None:
    said = index.wording.speaks(of(question, segmenter))
    assert index.ids[int(said.argmax())] == name


def test_numbers_are_no_traits_and_pairs_reach_across_no_gap(segmenter: Segmenter) -> None:
    assert of("交, 15 年", segmenter) == of("交。年", segmenter)
    assert set(of("15 years", segmenter)) == set(of("20 years", segmenter))


def test_what_an_edited_subject_had_before_is_forgotten(index: Index, segmenter: Segmenter) -> None:
    edited = [SUBJECTS[2], Subject("late", "group", (("公司欠缴", PHRASING),))]
    again = build_index(edited, segmenter, before=index)
    assert again.wording == build_index(edited, segmenter).wording
    assert not again.wording.speaks(of("没", segmenter)).any()
