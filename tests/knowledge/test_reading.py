"""Whatever stands in a file or a line is read or named; nothing a person can write raises otherwise."""

from __future__ import annotations

import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from knowledge.entry import read_entry
from knowledge.errors import Problem
from knowledge.evaluate import InvalidCase, read_json_lines, read_turns
from knowledge.law import article_asked, article_number

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.dates()
)
FIELDS = st.sampled_from(
    [
        "id",
        "status",
        "scope",
        "title",
        "answer",
        "zh",
        "en",
        "short",
        "steps",
        "details",
        "phrasings",
        "cues",
        "provisions",
        "law",
        "article",
        "contacts",
        "related",
        "checked_on",
        "review_by",
    ]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(FIELDS, SCALARS), inner, max_size=8),
    ),
    max_leaves=25,
)


@given(VALUES)
def test_any_entry_is_read_or_its_problems_are_named(value: Any) -> None:
    problems: list[Problem] = []
    entry = read_entry(value, file="x.yaml", scheme="contribution", problems=problems)
    assert problems
    assert isinstance(entry.checked_on, datetime.date)
    assert all(problem.file == "x.yaml" and problem.field for problem in problems)


@given(st.lists(st.text(max_size=60), max_size=5))
def test_any_batch_is_read_or_its_line_is_named(lines: list[str]) -> None:
    try:
        for number, item in read_json_lines(lines, "x"):
            assert read_turns(item, "x", number)
    except InvalidCase as error:
        assert 1 <= int(str(error.parameters["line"])) <= len(lines)


@given(
    st.text(
        st.sampled_from("第零一二三四五六七八九十百两0123456789条條 articleArt.法例"), max_size=20
    )
)
def test_any_article_is_a_number_or_nothing(text: str) -> None:
    asked = article_asked(text)
    assert asked is None or asked.number >= 0
    number = article_number(text)
    assert number is None or number >= 0
