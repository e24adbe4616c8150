"""/stats: every figure against a table that was counted by hand, as picture, words and workbook."""

from __future__ import annotations

import datetime
import io
import json
import subprocess
import sys
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from sqlite_utils.db import Database as Connection

from bot.app import App
from bot.asking import store
from bot.curation import drawing
from bot.curation.figures_store import (
    Counted,
    EntryFigures,
    Period,
    Votes,
    entry_figures,
    figures,
    span,
)
from bot.curation.figures_text import FiguresText
from bot.markup import LONGEST_CAPTION, to_plain, units
from bot.people.roles import Role
from bot.sandbox.media import picture_size
from bot.texts import Texts
from knowledge.base import KnowledgeBase
from knowledge.decide import Decision
from knowledge.text import Language
from tests.bot.curation.conftest import COMMUTING, NOW, REFUSES, asked, fill, rows, vote
from tests.bot.telegram_server import TelegramServer, buttons

CHINA = ZoneInfo("Asia/Shanghai")
PERIODS = {
    #               answered, choices, none, helpful, not helpful
    Period.DAY: (2, 1, 1, 2, 1),
    Period.WEEK: (3, 2, 2, 2, 1),
    Period.MONTH: (4, 2, 2, 3, 1),
    Period.YEAR: (4, 3, 2, 3, 1),
}


def counted(db: Connection, period: Period) -> Any:
    return figures(db, span(period, NOW, CHINA))


@pytest.mark.parametrize("period", list(Period))
def test_each_period_counts_what_was_counted_by_hand(
    connection: Connection, period: Period
) -> None:
    fill(connection)
    found = counted(connection, period)
    assert (
        found.answered,
        found.choices,
        found.none,
        found.helpful,
        found.not_helpful,
    ) == PERIODS[period]


def test_entries_texts_languages_and_regions_of_a_week(connection: Connection) -> None:
    fill(connection)
    week = counted(connection, Period.WEEK)
    assert week.entries == (Counted(COMMUTING, 3), Counted(REFUSES, 1))
    assert set(week.unanswered) == {
        Counted("=cmd|'x'!A1", 1),
        Counted("上班摔了", 1),
        Counted("保险", 1),
        Counted("天气", 1),
    }
    assert week.languages == (Counted("zh", 5), Counted("en", 1), Counted("zh-Hant", 1))
    assert week.regions == (Counted("", 4), Counted("44", 2), Counted("35", 1))


def test_the_parts_of_a_period_end_now_and_leave_none_out() -> None:
    hours = span(Period.DAY, NOW, CHINA).starts
    assert (len(hours), hours[0], hours[-1]) == (
        24,
        "2026-11-24T09:00+00:00",
        "2026-11-25T08:00+00:00",
    )
    assert span(Period.WEEK, NOW, CHINA).starts[0] == "2026-11-19"
    assert span(Period.MONTH, NOW, CHINA).starts[0] == "2026-10-27"
    months = span(Period.YEAR, NOW, CHINA).starts
    assert (len(months), months[0], months[-1]) == (12, "2025-12", "2026-11")


def test_each_question_counts_in_its_own_hour_and_day(connection: Connection) -> None:
    fill(connection)
    day = {part.start[11:13]: part for part in counted(connection, Period.DAY).parts}
    assert (day["08"].answered, day["07"].answered, day["06"].none, day["09"].choices) == (1,) * 4
    week = {part.start: part for part in counted(connection, Period.WEEK).parts}
    assert (week["2026-11-25"].answered, week["2026-11-24"].choices) == (2, 2)


def test_questions_from_before_hours_were_kept_count_in_days_alone(connection: Connection) -> None:
    fill(connection)
    connection.execute("UPDATE questions SET asked_hour = NULL, region = NULL")
    assert counted(connection, Period.DAY).questions == 0
    week = counted(connection, Period.WEEK)
    assert (week.questions, week.regions) == (7, (Counted("", 7),))


def test_the_counts_of_a_year_outlive_the_questions(connection: Connection) -> None:
    fill(connection)
    before = counted(connection, Period.YEAR)
    for days in (90, 2, 1):
        store.purge(connection, before=NOW.date() - datetime.timedelta(days=days))
    after = counted(connection, Period.YEAR)
    assert (after.parts, after.entries, after.languages, after.regions) == (
        before.parts, before.entries, before.languages, before.regions,
    )  # fmt: skip
    assert (after.helpful, after.not_helpful) == (before.helpful, before.not_helpful)
    assert connection["questions"].count == 5
    assert "not paid" not in str(rows(connection, "question_counts"))


def test_each_view_shows_its_report(connection: Connection) -> None:
    fill(connection)
    vote(connection, COMMUTING, True, version=2)
    assert rows(connection, "v_questions_by_day")[0] == {
        "day": "2026-11-25", "decision": "answer", "questions": 2, "helpful": 1, "not_helpful": 1,
    }  # fmt: skip
    assert rows(connection, "v_helpful_by_entry_and_version") == [
        {"entry_id": REFUSES, "version": 1, "helpful": 2, "not_helpful": 0, "helpful_percent": 100},
        {"entry_id": COMMUTING, "version": 1, "helpful": 1, "not_helpful": 1, "helpful_percent": 50},
        {"entry_id": COMMUTING, "version": 2, "helpful": 1, "not_helpful": 0, "helpful_percent": 100},
    ]  # fmt: skip
    top = rows(connection, "v_top_entries")
    assert [(row["entry_id"], row["questions"]) for row in top] == [(COMMUTING, 3), (REFUSES, 2)]
    assert top[0]["title_zh"]
    assert {row["text"] for row in rows(connection, "v_top_unanswered")} == {
        "=cmd|'x'!A1", "上班摔了", "保险", "天气",
    }  # fmt: skip
    assert rows(connection, "v_languages")[0] == {"language": "zh", "questions": 6, "unanswered": 3}
    assert rows(connection, "v_regions")[1] == {"region": "44", "questions": 3, "unanswered": 1}


def test_a_card_tells_use_and_votes_of_ninety_days_and_of_the_version_in_force(
    connection: Connection,
) -> None:
    fill(connection)
    today = NOW.date()
    vote(connection, COMMUTING, False, version=7)
    vote(connection, COMMUTING, True, day=today - datetime.timedelta(days=90))
    answer = Decision.ANSWER
    asked(connection, "很久以前", answer, [COMMUTING], hours_ago=24 * 90)
    found = entry_figures(connection, COMMUTING, today)
    assert found == EntryFigures(asked=3, votes=Votes(1, 2), current=Votes(1, 1))
    assert found.current.share == 0.5
    assert entry_figures(connection, "no.such", today).votes.share is None


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            Language.ZH,
            ["近 90 天问了 3 次", "👍 1 · 👎 2（有用占 33%）", "其中现在这一版：👍 1 · 👎 1"],
        ),
        (
            Language.EN,
            [
                "Asked 3× in the last 90 days",
                "👍 1 · 👎 2 (33% helpful)",
                "Of these, this version: 👍 1 · 👎 1",
            ],
        ),
    ],
)
def test_a_card_says_so_in_words(
    base: KnowledgeBase, texts: Texts, language: Language, told: list[str]
) -> None:
    words = FiguresText(texts, base, CHINA)
    found = EntryFigures(asked=3, votes=Votes(1, 2), current=Votes(1, 1))
    assert [line.text for line in words.card(found, language)] == told
    without_votes = EntryFigures(asked=0, votes=Votes(0, 0), current=Votes(0, 0))
    assert len(words.card(without_votes, language)) == 2


async def test_a_viewer_gets_a_picture_and_changes_the_period_in_place(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    fill(connection)
    viewer = telegram.staff(Role.VIEWER)
    telegram.says("/stats", person=viewer)
    shown = await telegram.reply_to(viewer, 1)
    assert picture_size(telegram.state.files[shown["photo"][0]["file_id"]].content) > (300, 300)
    assert "过去 7 天：7 个问题" in shown["caption"]
    assert "🟦 答了 3 · 🟨 反问了 2 · 🟥 没答上 2" in shown["caption"]
    assert "有用占 67%" in shown["caption"]
    assert "广东省 2" in shown["caption"]
    assert [text for text, _ in buttons(shown)] == [
        "24 小时",
        "一周",
        "一个月",
        "一年",
        "📊 表格（xlsx）",
    ]
    telegram.taps(shown, buttons(shown)[2][1], person=viewer)
    await telegram.until(lambda: "过去 30 天：8 个问题" in telegram.to(viewer)[-1]["caption"])
    assert len(telegram.to(viewer)) == 1


async def test_a_viewer_who_reads_english_gets_the_year_that_was_named(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    fill(connection)
    viewer = telegram.staff(Role.VIEWER, language="en")
    telegram.says("/stats year", person=viewer)
    caption = (await telegram.reply_to(viewer, 1))["caption"]
    assert "Questions in the last 12 months: 9" in caption
    assert "answered 4 · 🟨 asked back 3 · 🟥 no answer 2" in caption
    assert "Guangdong 3" in caption


async def test_the_workbook_holds_everything_and_no_formula(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    fill(connection)
    viewer = telegram.staff(Role.VIEWER, language="en")
    telegram.says("/stats", person=viewer)
    shown = await telegram.reply_to(viewer, 1)
    telegram.taps(shown, buttons(shown)[-1][1], person=viewer)
    sent = (await telegram.reply_to(viewer, 2))["document"]
    assert sent["file_name"] == "shebao-week-2026-11-25.xlsx"
    book = load_workbook(io.BytesIO(telegram.state.files[sent["file_id"]].content))
    assert book.sheetnames == [
        "Time",
        "Helpful",
        "Asked most",
        "Not answered",
        "Languages",
        "Regions",
    ]
    cells = {sheet.title: [[c.value for c in row] for row in sheet] for sheet in book}
    assert cells["Time"][-1] == ["11-25", 2, 0, 1]
    assert [row[1:] for row in cells["Asked most"][1:]] == [[COMMUTING, 3], [REFUSES, 1]]
    (dangerous,) = [cell for cell in book["Not answered"]["A"] if str(cell.value).startswith("=")]
    assert dangerous.data_type == "s"
    assert dangerous.quotePrefix


async def test_without_a_question_words_say_so(bot: App, telegram: TelegramServer) -> None:
    viewer = telegram.staff(Role.VIEWER)
    telegram.says("/stats day", person=viewer)
    shown = await telegram.reply_to(viewer, 1)
    assert "还没有人提问" in shown["text"]
    assert len(buttons(shown)) == 5


async def test_figures_come_in_words_when_the_picture_cannot_be_drawn(
    bot: App,
    telegram: TelegramServer,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    fill(connection)
    monkeypatch.setattr(drawing, "PROGRAM", drawing.PROGRAM.with_name("gone.py"))
    viewer = telegram.staff(Role.VIEWER)
    telegram.says("/stats", person=viewer)
    assert "7 个问题" in (await telegram.reply_to(viewer, 1))["text"]
    assert "picture_not_drawn" in caplog.text


async def test_a_worker_gets_no_figures_also_not_by_a_forged_button(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    fill(connection)
    telegram.says("/stats")
    refusal = await telegram.replies(1)
    assert "没有做这件事的权限" in refusal["text"]
    pressed = [telegram.taps(refusal, data) for data in ("Fp:week", "Fx:week")]
    await telegram.until(lambda: set(pressed) <= set(telegram.answers))
    assert all("没有做这件事的权限" in str(telegram.answers[press]) for press in pressed)


async def test_a_question_keeps_its_hour_and_the_region_that_was_named_or_chosen(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    telegram.says("在东莞打工，工伤认定要在多久内申请")
    await telegram.until(lambda: connection["questions"].count == 1)
    telegram.says("/region 福建")
    await telegram.replies(2)
    telegram.says("老板一直拖着不给我们交社保，我能怎么办")
    await telegram.until(lambda: connection["questions"].count == 2)
    kept = [(row["asked_hour"], row["region"]) for row in rows(connection, "questions")]
    assert sorted(kept) == [("2026-11-25T08:00+00:00", "35"), ("2026-11-25T08:00+00:00", "44")]


@pytest.mark.parametrize("language", [Language.ZH, Language.EN])
def test_the_longest_figures_fit_under_a_picture(
    connection: Connection, base: KnowledgeBase, texts: Texts, language: Language
) -> None:
    longest = sorted(base.entries.values(), key=lambda e: -len(e.title.of(language)))[:9]
    regions = sorted(base.contacts.regions.values(), key=lambda r: -len(r.name.of(language)))
    for number, entry in enumerate(longest):
        for code in ("zh", "zh-Hant", "en"):
            for _ in range(40):
                asked(
                    connection, f"{number}𠀀" * 200, Decision.ANSWER, [entry.id],
                    language=code, region=regions[number].code, helpful=False,
                )  # fmt: skip
    message = FiguresText(texts, base, CHINA).message(counted(connection, Period.YEAR), language)
    assert units(to_plain(message)) < LONGEST_CAPTION - 100


def test_the_drawing_program_draws_also_without_an_entry() -> None:
    given = json.dumps({"parts": [[0, 0, 1]], "labels": ["2026-11"], "entries": []})
    done = subprocess.run(
        [sys.executable, "-I", str(drawing.PROGRAM)],
        input=given.encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
