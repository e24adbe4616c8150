"""Questions over the Bot API: asked, answered, chosen, judged, and what is kept of it."""

from __future__ import annotations

import asyncio
import datetime
from dataclasses import replace
from typing import Any

import pytest

from bot.app import App
from bot.config import Config
from bot.loading import MIGRATIONS, Loaded
from bot.sandbox import actions
from bot.texts import Texts
from knowledge.database import open_database
from tests.bot.conftest import start, stop
from tests.bot.telegram_server import GROUP, TelegramServer, buttons

REFUSES = "contribution.employer-refuses-to-pay"


def rows(loaded: Loaded, table: str = "questions") -> list[dict[str, object]]:
    return list(loaded.connection.query(f"SELECT * FROM {table}"))  # noqa: S608


def title(button: tuple[str, str]) -> str:
    """The question on a button of "did you mean", without its number."""
    return button[0].split(". ", 1)[1]


async def test_a_worker_gets_the_answer_the_law_and_a_number(
    bot: App, telegram: TelegramServer
) -> None:
    telegram.says("老板一直拖着不给我们交社保，我能怎么办")
    answer = await telegram.replies(1)
    assert "社会保险法" in answer["text"]
    assert "12333" in answer["text"]


async def test_an_english_question_gets_an_english_answer(
    bot: App, telegram: TelegramServer
) -> None:
    telegram.says("my boss refuses to pay shebao")
    answer = await telegram.replies(1)
    assert "Social Insurance Law" in answer["text"]


async def test_traditional_characters_are_answered_in_traditional_characters(
    bot: App, telegram: TelegramServer
) -> None:
    telegram.says("老闆一直拖著不給我們交社保，我能怎麼辦")
    answer = await telegram.replies(1)
    assert "社會保險法" in answer["text"]


async def test_a_place_in_the_question_selects_its_dialling_code(
    bot: App, telegram: TelegramServer
) -> None:
    telegram.says("在东莞打工，工伤认定要在多久内申请")
    answer = await telegram.replies(1)
    assert "广东省" in answer["text"]
    assert "020" in answer["text"]


async def test_nothing_but_stop_words_is_asked_back_about(
    bot: App, telegram: TelegramServer
) -> None:
    telegram.says("怎么办")
    answer = await telegram.replies(1)
    assert "请用一两句话说说" in answer["text"]
    assert buttons(answer) == []


async def test_small_talk_gets_contacts_and_no_law(bot: App, telegram: TelegramServer) -> None:
    telegram.says("今天天气怎么样")
    answer = await telegram.replies(1)
    assert "12333" in answer["text"]
    assert "依据" not in answer["text"]


async def test_an_unclear_question_is_offered_choices_that_end_in_none_of_these(
    bot: App, telegram: TelegramServer, loaded: Loaded
) -> None:
    telegram.says("社保")
    offered = await telegram.replies(1)
    choices = buttons(offered)
    assert 3 <= len(choices) <= 5
    assert choices[0][0] in offered["text"]
    assert choices[-1][0] == "都不是"
    telegram.taps(offered, choices[0][1])
    answer = await telegram.replies(2)
    assert answer["text"].startswith(title(choices[0]))
    await telegram.until(lambda: rows(loaded)[0]["chosen"] is not None)
    assert rows(loaded)[0]["chosen"] == choices[0][1].split(":")[2]


async def test_none_of_these_is_noted_and_names_people_who_help(
    bot: App, telegram: TelegramServer, loaded: Loaded
) -> None:
    telegram.says("社保")
    offered = await telegram.replies(1)
    telegram.taps(offered, buttons(offered)[-1][1])
    reply = await telegram.replies(2)
    assert "12351" in reply["text"]
    assert rows(loaded)[0]["chosen"] == ""


async def test_a_number_typed_instead_of_tapped_chooses(bot: App, telegram: TelegramServer) -> None:
    telegram.says("社保")
    offered = await telegram.replies(1)
    telegram.says("2")
    answer = await telegram.replies(2)
    assert answer["text"].startswith(title(buttons(offered)[1]))


async def test_feedback_stands_under_answers_only_and_is_kept_with_the_version(
    bot: App, telegram: TelegramServer, loaded: Loaded
) -> None:
    telegram.says("老板一直拖着不给我们交社保，我能怎么办")
    answer = await telegram.replies(1)
    helpful, not_helpful = buttons(answer)[:2]
    assert (helpful[0], not_helpful[0]) == ("👍 有用", "👎 没用")
    telegram.taps(answer, not_helpful[1])
    await telegram.replies(2)
    (kept,) = rows(loaded, "feedback")
    assert (kept["helpful"], kept["entry_version"]) == (0, 1)
    assert rows(loaded)[0]["helpful"] == 0
    edited = telegram.sent[0]
    assert "👍 有用" not in [text for text, _ in buttons(edited)]


async def test_a_second_thought_replaces_the_first(
    bot: App, telegram: TelegramServer, loaded: Loaded
) -> None:
    telegram.says("老板一直拖着不给我们交社保，我能怎么办")
    answer = dict(await telegram.replies(1))
    helpful, not_helpful = buttons(answer)[:2]
    for _, data in (not_helpful, helpful):
        press = telegram.taps(answer, data)
        await telegram.until(lambda press=press: press in telegram.answers)  # type: ignore[misc]
    assert [row["helpful"] for row in rows(loaded, "feedback")] == [1]


async def test_related_questions_open_with_a_tap(bot: App, telegram: TelegramServer) -> None:
    telegram.says("老板一直拖着不给我们交社保，我能怎么办")
    answer = await telegram.replies(1)
    related, data = buttons(answer)[2]
    telegram.taps(answer, data)
    opened = await telegram.replies(2)
    assert opened["text"].startswith(related)


async def test_a_question_is_kept_without_its_asker_and_with_numbers_masked(
    bot: App, telegram: TelegramServer, loaded: Loaded
) -> None:
    telegram.says("我身份证11010519491231002X电话13800138000老板不交社保")
    await telegram.replies(1)
    await telegram.until(lambda: bool(rows(loaded)))
    (kept,) = rows(loaded)
    assert kept["text"] == "我身份证[id]电话[phone]老板不交社保"
    assert set(kept) == {
        "id", "asked_on", "language", "text", "decision", "shown", "chosen", "helpful",
        "asked_hour", "region", "reason",
    }  # fmt: skip


async def test_an_edited_question_changes_the_answer_in_place(
    bot: App, telegram: TelegramServer
) -> None:
    number = telegram.says("今天天气怎么样")
    first = dict(await telegram.replies(1))
    telegram.says("老板一直拖着不给我们交社保，我能怎么办", edit_of=number)
    await telegram.until(lambda: telegram.sent[0]["text"] != first["text"])
    assert "社会保险法" in telegram.sent[0]["text"]
    assert len(telegram.sent) == 1


@pytest.mark.parametrize(
    "content",
    [
        {"sticker": {"file_id": "a", "file_unique_id": "b", "type": "regular", "width": 1,
                     "height": 1, "is_animated": False, "is_video": False}},
        {"voice": {"file_id": "a", "file_unique_id": "b", "duration": 3}},
        {"location": {"latitude": 1.0, "longitude": 2.0}},
    ],
)  # fmt: skip
async def test_what_is_no_text_gets_a_kind_explanation(
    bot: App, telegram: TelegramServer, content: dict[str, Any]
) -> None:
    telegram.says(None, **content)
    answer = await telegram.replies(1)
    assert "只看得懂文字" in answer["text"]


async def test_the_caption_of_a_picture_is_a_question(bot: App, telegram: TelegramServer) -> None:
    photo = [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]
    telegram.says(None, photo=photo, caption="老板一直拖着不给我们交社保，我能怎么办")
    answer = await telegram.replies(1)
    assert "社会保险法" in answer["text"]


async def test_a_group_is_answered_only_when_it_speaks_to_the_bot(
    bot: App, telegram: TelegramServer
) -> None:
    telegram.says("老板一直拖着不给我们交社保，我能怎么办", chat=GROUP)
    mention = f"@{telegram.state.bot['username']}"
    telegram.says(f"{mention} 老板一直拖着不给我们交社保，我能怎么办", chat=GROUP)
    answer = await telegram.replies(1)
    assert answer["chat"]["id"] == GROUP["id"]
    assert len(telegram.sent) == 1


async def test_markup_in_a_question_does_no_harm(bot: App, telegram: TelegramServer) -> None:
    telegram.says("/region <b>&")
    telegram.says("<b>老板</i> & 社保 <script>")
    await telegram.replies(2)


async def test_the_longest_message_gets_an_answer(bot: App, telegram: TelegramServer) -> None:
    telegram.says("社保" * 2048)
    await telegram.replies(1)


async def test_old_buttons_work_after_a_restart(
    bot: App, telegram: TelegramServer, config: Config, texts: Texts, loaded: Loaded
) -> None:
    telegram.says("社保")
    offered = await telegram.replies(1)
    await stop(bot)
    connection = open_database(config.db, *MIGRATIONS)
    again = await start(config, replace(loaded, connection=connection), texts)
    try:
        telegram.taps(offered, buttons(offered)[0][1])
        answer = await telegram.replies(2)
        assert answer["text"].startswith(title(buttons(offered)[0]))
        telegram.says("老板一直拖着不给我们交社保，我能怎么办")
        await telegram.replies(3)
    finally:
        await stop(again)


@pytest.mark.parametrize("data", ["e:no.such-entry", "c:abc:no.such-entry", "e:", "c:"])
async def test_a_button_of_a_withdrawn_entry_says_so(
    bot: App, telegram: TelegramServer, data: str
) -> None:
    telegram.says("社保")
    offered = await telegram.replies(1)
    telegram.taps(offered, data)
    reply = await telegram.replies(2)
    assert "撤下" in reply["text"]


@pytest.mark.parametrize("data", ["zzz", "s:no-such-scheme:0", "l:xx", "r:99", "y:abc:no.such"])
async def test_forged_or_outdated_buttons_are_told_so(
    bot: App, telegram: TelegramServer, data: str
) -> None:
    telegram.says("社保")
    offered = await telegram.replies(1)
    press = telegram.taps(offered, data)
    await telegram.until(lambda: press in telegram.answers)
    assert "失效" in (telegram.answers[press] or "")


async def test_a_failing_handler_tells_the_person_and_the_bot_goes_on(
    bot: App, telegram: TelegramServer, loaded: Loaded
) -> None:
    loaded.connection.execute("ALTER TABLE people RENAME TO away")
    telegram.says("社保")
    reply = await telegram.replies(1)
    assert "请过一会儿再发一次" in reply["text"]
    # The message passes several handlers, and each of them fails.
    await asyncio.sleep(1)
    assert len(telegram.sent) == 1
    loaded.connection.execute("ALTER TABLE away RENAME TO people")
    telegram.says("社保")
    offered = await telegram.replies(2)
    assert buttons(offered)


async def test_a_blocked_bot_goes_on_for_the_others(bot: App, telegram: TelegramServer) -> None:
    other = actions.add_person(telegram.state, "B", "zh-hans")
    telegram.says("社保", person=other)
    actions.block(telegram.state, other, blocked=True)
    telegram.says("社保")
    answered = await telegram.replies(1)
    assert answered["chat"]["id"] == telegram.worker.id
    assert bot.running


async def test_a_follow_up_is_understood_with_the_question_before(
    bot: App, telegram: TelegramServer
) -> None:
    telegram.says("工伤认定要在多久内申请")
    await telegram.replies(1)
    telegram.says("那要带什么材料")
    answer = await telegram.replies(2)
    assert "材料" in answer["text"] + "".join(text for text, _ in buttons(answer))


async def test_a_press_too_old_to_acknowledge_is_done_all_the_same(
    bot: App, telegram: TelegramServer
) -> None:
    telegram.says("社保")
    offered = await telegram.replies(1)
    telegram.taps(offered, buttons(offered)[0][1])
    telegram.state.clock.forward(datetime.timedelta(hours=1))
    answer = await telegram.replies(2)
    assert answer["text"].startswith(title(buttons(offered)[0]))


async def test_an_answer_that_telegram_refused_for_haste_is_sent_after_the_wait(
    bot: App, telegram: TelegramServer
) -> None:
    telegram.fails("sendMessage", 429, "Too Many Requests: retry after 1", wait=1)
    telegram.says("老板一直拖着不给我们交社保，我能怎么办")
    answer = await telegram.replies(1)
    assert not telegram.state.faults
    assert "社会保险法" in answer["text"]


async def test_an_update_that_arrives_twice_is_answered_once(
    bot: App, telegram: TelegramServer
) -> None:
    telegram.state.deliver_twice = True
    telegram.says("社保")
    await telegram.replies(1)
    await telegram.until(lambda: not telegram.state.updates)
    telegram.says("社保")
    await telegram.replies(2)
    await telegram.until(lambda: not telegram.state.updates)
    assert len(telegram.sent) == 2


async def test_an_update_that_was_answered_before_a_restart_is_not_answered_again(
    bot: App, telegram: TelegramServer, config: Config, texts: Texts, loaded: Loaded
) -> None:
    telegram.says("社保")
    await telegram.replies(1)
    update = telegram.state.last_update
    await stop(bot)
    connection = open_database(config.db, *MIGRATIONS)
    assert update is not None
    telegram.state.updates.appendleft(update)
    again = await start(config, replace(loaded, connection=connection), texts)
    telegram.says("社保")
    await telegram.replies(2)
    await telegram.until(lambda: not telegram.state.updates)
    await stop(again)
    assert len(telegram.sent) == 2


async def test_what_was_assumed_of_a_short_question_is_said(
    bot: App, telegram: TelegramServer
) -> None:
    telegram.says("how do I apply for unemployment benefit")
    await telegram.replies(1)
    telegram.says("and how much")
    answer = await telegram.replies(2)
    assert "Taken together with your question before" in answer["text"]


async def test_a_second_question_in_the_same_message_is_offered(
    bot: App, telegram: TelegramServer
) -> None:
    telegram.says("产假有多少天？失业金怎么申领？")
    answer = await telegram.replies(1)
    assert "98天" in answer["text"]
    assert "您还问了" in answer["text"]
    assert any("失业金怎么申领" in text for text, _ in buttons(answer))


async def test_the_housing_fund_is_answered_with_its_own_number(
    bot: App, telegram: TelegramServer
) -> None:
    telegram.says("公积金怎么提取出来")
    answer = await telegram.replies(1)
    assert "12329" in answer["text"]
