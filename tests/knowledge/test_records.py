"""The shipped law summaries, contacts and entries as a whole."""

from __future__ import annotations

import datetime

import pytest

from knowledge.base import FOLDER, KnowledgeBase
from knowledge.contacts import Confidence
from knowledge.curate import check, stolen_phrasings
from knowledge.entry import Provision
from knowledge.errors import NoArticle
from knowledge.law import article_asked, article_number, chinese_number, read_laws

TODAY = datetime.date(2026, 11, 25)


def test_every_article_has_a_sentence_in_both_languages(base: KnowledgeBase) -> None:
    assert sorted(base.laws.articles) == list(range(1, 99))
    for article in base.laws.articles.values():
        assert article.summary.zh.endswith(("。", "）"))
        assert article.summary.en.endswith((".", ")"))


def test_an_article_beyond_the_last_is_refused(base: KnowledgeBase) -> None:
    with pytest.raises(NoArticle):
        base.laws.article(99)
    assert not base.laws.has(Provision("社会保险法", 99))
    assert not base.laws.has(Provision("不存在的法", 1))


def test_there_are_31_regions_and_a_number_for_each_general_contact(base: KnowledgeBase) -> None:
    assert len(base.contacts.regions) == 31
    for region in base.contacts.regions.values():
        assert region.offices["hrss"].url.startswith("http")


def test_numbers_that_are_not_verified_are_no_hotlines(base: KnowledgeBase) -> None:
    for contact in base.contacts.hotlines:
        assert contact.confidence is not Confidence.LOW


def test_the_shipped_entries_are_sound(base: KnowledgeBase) -> None:
    assert check(base, TODAY) == []


def test_every_stored_phrasing_finds_its_own_entry(base: KnowledgeBase) -> None:
    assert stolen_phrasings(base) == []


def test_two_schemes_are_complete_and_every_scheme_has_an_entry(base: KnowledgeBase) -> None:
    counts = {scheme: len(entries) for scheme, entries in base.by_scheme().items()}
    assert counts["contribution"] >= 20
    assert counts["work-injury"] >= 42
    assert len(counts) == 18


@pytest.mark.parametrize(
    ("written", "value"),
    [("58", 58), ("五十八", 58), ("十", 10), ("十二", 12), ("九十八", 98), ("一百零二", 102)],
)
def test_chinese_numbers_are_read(written: str, value: int) -> None:
    assert chinese_number(written) == value


@pytest.mark.parametrize("value", range(1, 99))
def test_every_article_number_is_read_back(value: int) -> None:
    tens, ones = divmod(value, 10)
    digits = "零一二三四五六七八九"
    written = (
        (digits[tens] if tens > 1 else "") + ("十" if tens else "") + (digits[ones] if ones else "")
    )
    assert article_number(f"第{written}条") == value


@pytest.mark.parametrize(
    ("text", "number", "law"),
    [
        ("第五十八条", 58, None),
        ("社会保险法第58条", 58, None),
        ("中华人民共和国社会保险法第 58 条", 58, None),
        ("劳动合同法第38条", 38, "劳动合同法"),
        ("article 58", 58, None),
        ("Art. 7", 7, None),
    ],
)
def test_articles_are_recognised(text: str, number: int, law: str | None) -> None:
    asked = article_asked(text)
    assert asked is not None
    assert (asked.number, asked.law) == (number, law)


@pytest.mark.parametrize("text", ["老板不交社保", "第一次受伤", "particle 5", "第三人"])
def test_other_questions_name_no_article(text: str) -> None:
    assert article_asked(text) is None


def test_the_law_file_is_read_as_shipped() -> None:
    assert read_laws(FOLDER / "law.yaml").laws["工伤保险条例"].articles == 67
