"""Changing an entry field by field."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.base import KnowledgeBase
from knowledge.entry import entry_from_json
from knowledge.errors import Problem
from knowledge.reading import Bilingual
from knowledge.revise import (
    FIELDS,
    UnreadableLine,
    blank,
    differences,
    entry_of,
    in_step,
    rebased,
    revised,
    shown,
)

ENTRY = "contribution.employer-refuses-to-pay"


def test_every_entry_comes_back_from_its_json(base: KnowledgeBase) -> None:
    for entry in base.entries.values():
        problems: list[Problem] = []
        again = entry_from_json(entry.as_json(), problems)
        assert (again, again.version, problems) == (entry, entry.version, [])


@pytest.mark.parametrize("name", FIELDS)
def test_typing_what_stands_there_changes_nothing(base: KnowledgeBase, name: str) -> None:
    content = base.entries[ENTRY].as_json()
    assert revised(content, FIELDS[name], shown(content, FIELDS[name])) == content


@given(st.sampled_from(sorted(FIELDS)), st.text(max_size=60))
def test_no_text_breaks_a_field_or_another(base: KnowledgeBase, name: str, typed: str) -> None:
    content = base.entries[ENTRY].as_json()
    try:
        changed = revised(content, FIELDS[name], typed)
    except UnreadableLine:
        return
    assert all(
        shown(changed, field) == shown(content, field)
        for other, field in FIELDS.items()
        if other != name
    )
    entry_of(changed, {})


def test_phrasings_are_added_and_taken_away_by_a_minus(base: KnowledgeBase) -> None:
    content = base.entries[ENTRY].as_json()
    field = FIELDS["phrasings.zh"]
    first = shown(content, field).splitlines()[0]
    changed = shown(revised(content, field, f"-{first}\n新的问法"), field).splitlines()
    assert first not in changed
    assert changed[-1] == "新的问法"


@pytest.mark.parametrize(
    "line", ["社会保险法 58", "《社会保险法》第58条", "社会保险法第 58 条", "社会保险法58"]
)
def test_a_provision_is_read_as_people_write_it(base: KnowledgeBase, line: str) -> None:
    content = revised(base.entries[ENTRY].as_json(), FIELDS["provisions"], line)
    assert content["provisions"] == [{"law": "社会保险法", "article": 58}]


def test_a_blank_entry_lacks_everything_but_dates() -> None:
    _, problems = entry_of(blank("law.x", "law", "2026-11-25", "2027-11-25"), {})
    fields = {problem.field for problem in problems}
    assert {"title.zh", "answer.en.short", "provisions", "phrasings.zh"} <= fields
    assert not any("checked_on" in field or "review_by" in field for field in fields)


def test_a_change_in_one_language_leaves_the_other_behind(base: KnowledgeBase) -> None:
    old = base.entries[ENTRY]
    zh = replace(old, title=Bilingual("别的标题", old.title.en))
    both = replace(old, title=Bilingual("别的标题", "Another title"))
    assert in_step(old, zh, small=False).outdated == "en"
    assert in_step(old, zh, small=True).outdated is None
    assert in_step(old, both, small=False).outdated is None
    behind = replace(old, outdated="en")
    assert in_step(behind, replace(behind, title=both.title), small=False).outdated is None
    phrased = replace(old, phrasings=Bilingual((*old.phrasings.zh, "x"), old.phrasings.en))
    assert in_step(old, phrased, small=False).outdated is None


def test_two_changes_meet_and_those_to_the_same_field_are_named(base: KnowledgeBase) -> None:
    old = base.entries[ENTRY].as_json()
    mine = revised(revised(old, FIELDS["title.zh"], "我的"), FIELDS["scope"], "我的范围")
    theirs = revised(revised(old, FIELDS["title.zh"], "你的"), FIELDS["title.en"], "Yours")
    merged, both = rebased(mine, old, theirs)
    assert both == ["title.zh"]
    assert merged["title"] == {"zh": "我的", "en": "Yours"}
    assert merged["scope"] == "我的范围"


def test_differences_name_what_went_and_what_came(base: KnowledgeBase) -> None:
    old = base.entries[ENTRY]
    new = replace(old, contacts=(*old.contacts[1:], "union-12351x"))
    (found,) = differences(old, new)
    assert (found.field, found.before, found.after) == (
        "contacts",
        (old.contacts[0],),
        ("union-12351x",),
    )
    assert differences(old, old) == []
