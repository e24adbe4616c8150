"""A notice from a file: what is read, and what is told to be wrong, by field."""

from __future__ import annotations

import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.markup import to_plain, units
from bot.notices.checking import problems
from bot.notices.moments import read_moment
from bot.notices.notice import Missing, Notice, Poster, Worded, read_content
from bot.notices.reading import InvalidNotice, Known, read_notice, region_names
from bot.notices.rendering import message, payloads
from bot.notices.states import Kind
from bot.texts import Texts
from knowledge.base import KnowledgeBase
from knowledge.text import Language

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime.datetime(2026, 11, 25, 12, 0, tzinfo=ZONE)
CONTRACT = """
title: {zh: 社会保险法培训, en: Workshop on the Social Insurance Law}
text: {zh: 讲怎么查缴费、怎么投诉。, en: How to check your record and how to complain.}
starts: 2026-12-12 14:00
ends: 2026-12-12 16:30
place: 厦门市总工会三楼
capacity: 60
audience: {region: all, language: all}
"""


@pytest.fixture
def known(base: KnowledgeBase) -> Known:
    """What a notice is checked against."""
    return Known(NOW, ZONE, region_names(base.contacts.regions), frozenset({3}))


def read(tmp_path: Path, text: str, known: Known) -> Notice:
    """The notice written so."""
    file = tmp_path / "notice.yaml"
    file.write_text(text, encoding="utf-8")
    return read_notice(file, known)


def wrong(tmp_path: Path, text: str, known: Known, texts: Texts) -> dict[str, str]:
    """What is wrong, by field."""
    try:
        found = problems(read(tmp_path, text, known), known, texts)
    except InvalidNotice as error:
        found = list(error.problems)
    return {problem.field: problem.key for problem in found}


def test_the_notice_of_the_contract_is_read(tmp_path: Path, known: Known, texts: Texts) -> None:
    notice = read(tmp_path, CONTRACT, known)
    assert notice.title == Worded("社会保险法培训", "Workshop on the Social Insurance Law")
    assert notice.starts == datetime.datetime(2026, 12, 12, 14, 0, tzinfo=ZONE)
    assert notice.ends == datetime.datetime(2026, 12, 12, 16, 30, tzinfo=ZONE)
    assert (notice.capacity, notice.place.en) == (60, "厦门市总工会三楼")
    assert problems(notice, known, texts) == []


def test_what_is_kept_is_what_was_read(tmp_path: Path, known: Known) -> None:
    notice = read(
        tmp_path,
        CONTRACT.replace("{region: all, language: all}", "{region: [福建, '44'], topic: pension}")
        + "missing: nothing\nsign_up_until: 2026-12-11 18:00\nmap_link: https://example.org/x\n",
        known,
    )
    assert notice.audience.regions == ("35", "44")
    assert read_content(notice.as_content()) == notice


@pytest.mark.parametrize(
    ("line", "field", "key"),
    [
        ("starts: 2026-11-01 9:00", "starts", "expected.future"),
        ("starts: soon", "starts", "expected.moment"),
        ("ends: 2026-12-12 14:00", "ends", "expected.after_start"),
        ("ends: 2026-02-30 14:00", "ends", "expected.moment"),
        ("sign_up_until: 2026-12-12 14:01", "sign_up_until", "expected.before_start"),
        ("sign_up_until: 2026-11-24 14:00", "sign_up_until", "expected.before_start"),
        ("capacity: 0", "capacity", "expected.number"),
        ("capacity: many", "capacity", "expected.number"),
        ("map_link: wherever", "map_link", "expected.http_url"),
        ("audience: {region: Atlantis}", "audience.region", "expected.region"),
        ("audience: {language: fr}", "audience.language", "expected.choice"),
        ("audience: {topic: weather}", "audience.topic", "expected.choice"),
        ("audience: {signed_up: 99}", "audience.signed_up", "expected.workshop"),
        ("audience: {everyone: true}", "audience.everyone", "expected.known_field"),
        ("audience: all", "audience", "expected.mapping"),
        ("title: {zh: 题}", "title.en", "expected.both_or_neither"),
        ("text: {en: Only this.}", "text.zh", "expected.both_or_neither"),
        ("missing: maybe", "missing", "expected.choice"),
        ("poster: nowhere.png", "poster", "expected.file"),
        ("stars: 5", "stars", "expected.known_field"),
    ],
)
def test_each_mistake_is_told_by_its_field(
    tmp_path: Path, known: Known, texts: Texts, line: str, field: str, key: str
) -> None:
    name = line.partition(":")[0]
    kept = [row for row in CONTRACT.splitlines() if not row.startswith(f"{name}:")]
    found = wrong(tmp_path, "\n".join([*kept, line]), known, texts)
    assert found.get(field) == key


def test_every_problem_is_told_at_once(tmp_path: Path, known: Known, texts: Texts) -> None:
    found = wrong(tmp_path, "capacity: x\nstarts: y\npaster: z\n", known, texts)
    assert set(found) == {"capacity", "starts", "paster"}


def test_a_notice_without_words_is_refused(tmp_path: Path, known: Known, texts: Texts) -> None:
    assert wrong(tmp_path, "place: 厦门\n", known, texts) == {"title": "expected.one_language"}


def test_news_has_no_capacity(tmp_path: Path, known: Known, texts: Texts) -> None:
    written = "title: {zh: 题}\ntext: {zh: 文}\ncapacity: 3\n"
    assert wrong(tmp_path, written, known, texts) == {"capacity": "expected.with_start"}


def test_a_time_without_quotation_marks_and_a_day_of_its_own_are_understood(
    tmp_path: Path, known: Known
) -> None:
    written = "title: 题\ntext: 文\ndate: 2026-12-12\nstarts: 14:00\nends: 16:30\n"
    notice = read(tmp_path, written, known)
    assert notice.starts == datetime.datetime(2026, 12, 12, 14, 0, tzinfo=ZONE)
    assert notice.ends == datetime.datetime(2026, 12, 12, 16, 30, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-12-12 14:00", (2026, 12, 12, 14, 0)),
        ("2026年12月12日 14点30分", (2026, 12, 12, 14, 30)),
        ("１２月１２日１４：００", (2026, 12, 12, 14, 0)),
        ("12/12 9:05", (2026, 12, 12, 9, 5)),
        ("1月5日 9点", (2027, 1, 5, 9, 0)),
        ("12月12日（周六）14:00", (2026, 12, 12, 14, 0)),
    ],
)
def test_times_are_read_as_people_write_them(
    written: str, moment: tuple[int, int, int, int, int]
) -> None:
    read = read_moment(written, ZONE, NOW.date())
    assert read == datetime.datetime(*moment, tzinfo=ZONE)


@pytest.mark.parametrize("written", ["", "14:00", "2026-13-01 9:00", "12月12日 25:00", "明天", "1"])
def test_what_is_no_time_is_not_guessed(written: str) -> None:
    assert read_moment(written, ZONE, NOW.date()) is None


@given(st.text(max_size=40))
def test_reading_a_time_never_fails(written: str) -> None:
    read = read_moment(written, ZONE, NOW.date())
    assert read is None or read.tzinfo is ZONE


@given(st.text("a<&>😀字\n", min_size=1, max_size=3_000), st.booleans())
def test_what_is_let_through_fits_into_one_message(written: str, with_poster: bool) -> None:
    texts = TEXTS
    poster = Poster(Kind.PHOTO, file_id="x") if with_poster else None
    notice = Notice(Worded("题", ""), Worded("x" + written, ""), poster=poster)
    known = Known(NOW, ZONE, {}, frozenset())
    fits = not problems(notice, known, texts)
    size = units(to_plain(message(texts, Language.ZH, notice)))
    assert fits is (size <= (1024 if with_poster else 4096))
    if fits:
        assert payloads(texts, notice, 1)["zh"].html.count("退订") == 1


TEXTS = Texts()


@pytest.mark.parametrize(
    ("missing", "languages"),
    [(Missing.OTHER, {"zh", "zh-Hant"}), (Missing.NOTHING, {"zh", "zh-Hant"})],
)
def test_only_written_languages_are_sent(missing: Missing, languages: set[str]) -> None:
    notice = Notice(Worded("题", ""), Worded("文", ""), missing=missing)
    assert set(payloads(TEXTS, notice, 1)) == languages
    reader = notice.language_for(Language.EN)
    assert reader == (Language.ZH if missing is Missing.OTHER else None)


def test_readers_of_traditional_characters_get_them() -> None:
    notice = Notice(Worded("社会保险", ""), Worded("讲缴费", ""))
    assert "社會保險" in payloads(TEXTS, notice, 1)["zh-Hant"].html
