"""Like questions come together, in whatever order they are given."""

from __future__ import annotations

import datetime
import random

from knowledge.base import KnowledgeBase
from knowledge.grouping import Asked, digest, groups, same_words

DAY = datetime.date(2026, 11, 20)
HELMETS = ("安全帽过期了去哪换", "工地的安全帽过期了去哪换", "安全帽过期了 去哪换？")
DORMITORY = ("宿舍没有热水怎么办", "宿舍没有热水")


def asked(*texts: str, language: str = "zh") -> list[Asked]:
    return [
        Asked(f"q{number}", text, language, DAY + datetime.timedelta(days=number))
        for number, text in enumerate(texts)
    ]


def test_questions_that_are_put_alike_are_one_group_and_others_are_not(
    base: KnowledgeBase,
) -> None:
    found = groups(asked(*HELMETS, *DORMITORY), base.matcher)
    assert [group.count for group in found] == [3, 2]
    assert {each.text for each in found[0].asked} == set(HELMETS)


def test_a_group_is_named_by_a_short_wording_and_knows_its_newest_day(base: KnowledgeBase) -> None:
    (group,) = groups(asked(*HELMETS), base.matcher)
    assert group.text == "安全帽过期了去哪换"
    assert group.newest == DAY + datetime.timedelta(days=2)
    assert group.languages == ("zh",)


def test_wordings_that_differ_in_marks_script_and_spaces_are_one(base: KnowledgeBase) -> None:
    (group,) = groups(asked("宿舍没有热水", "宿舍沒有熱水！", " 宿舍 没有热水 "), base.matcher)
    assert len(group.wordings) == 1
    assert group.count == 3


def test_the_order_in_which_questions_are_given_changes_nothing(base: KnowledgeBase) -> None:
    texts = [
        text
        for entry in list(base.entries.values())[:30]
        for text in entry.phrasings.zh[:6] + entry.phrasings.en[:4]
    ]
    given = asked(*texts)
    shuffled = random.Random(7).sample(given, len(given))  # noqa: S311
    assert groups(given, base.matcher) == groups(shuffled, base.matcher)


def test_every_question_is_in_exactly_one_group(base: KnowledgeBase) -> None:
    given = asked(*HELMETS, *DORMITORY, "", "？？？", "helmet is too old", "my helmet is too old")
    found = groups(given, base.matcher)
    assert sorted(each.id for group in found for each in group.asked) == sorted(
        each.id for each in given
    )


def test_a_digest_is_that_of_the_words_and_does_not_show_them() -> None:
    assert digest("宿舍没有热水？") == digest("宿舍沒有熱水")
    assert digest("宿舍没有热水") != digest("宿舍有热水")
    assert "热水" not in digest("宿舍没有热水")
    assert same_words("!?") != same_words("...")
