"""Whoever agreed to it is told of an answer: once, by day, also after a restart, and erased then."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from sqlite_utils.db import Database as Connection

from bot.app import App
from bot.asking import store as questions
from bot.config import Config
from bot.curation import queue_store as store
from bot.loading import Loaded
from bot.sandbox import actions
from bot.texts import Texts
from knowledge.decide import Decision, Reason
from tests.bot.conftest import stop
from tests.bot.curation.conftest import NOW, Clock, start_at
from tests.bot.telegram_server import GROUP, TelegramServer, buttons

ENTRY = "contribution.employer-refuses-to-pay"
NOBODY_KNOWS = {"zh": "厂里发的饭卡能不能换成补贴", "en": "can my meal card be swapped"}
OFFERED = {"zh": "有答案时告诉我", "en": "Tell me when there is an answer"}
HEADING = {"zh": "现在有答案了", "en": "There is now an answer"}
LAW = {"zh": "社会保险法", "en": "Social Insurance Law"}


@pytest.fixture
def loaded(loaded: Loaded) -> Loaded:
    """Knowledge in which no question of ours is near enough to anything."""
    matcher = loaded.base.matcher
    thresholds = replace(matcher.thresholds, choices=101.0, outside=90.0)
    base = replace(loaded.base, matcher=replace(matcher, thresholds=thresholds))
    return replace(loaded, base=base)


def waiting(db: Connection) -> list[dict[str, object]]:
    return list(db.query("SELECT * FROM awaiting"))


async def agree(telegram: TelegramServer, language: str = "zh") -> str:
    """The worker asks what nobody knows, and wants to be told; the id of the question."""
    said = len(telegram.sent)
    shown = "zh-hans" if language == "zh" else "en"
    telegram.says(NOBODY_KNOWS[language], language=shown)
    reply = await telegram.replies(said + 1)
    ((label, data),) = buttons(reply)
    assert label == OFFERED[language]
    telegram.taps(reply, data, language=shown)
    await telegram.replies(said + 2)
    return data.partition(":")[2]


def publish(db: Connection, clock: Clock, *ids: str, entry: str = ENTRY) -> None:
    """An editor published what answers the questions."""
    store.publish(db, entry, ids, now=clock.now())


async def looked_again(db: Connection, telegram: TelegramServer, clock: Clock) -> None:
    """The bot has looked whom to tell since now: it told somebody else."""
    other = actions.add_person(telegram.state, "O", "zh-hans")
    other.started = True
    db.execute(
        "INSERT INTO awaiting (question_id, chat_id, language, until, entry_id, state,"
        " next_attempt_at) VALUES ('other', ?, 'zh', '2999-01-01', ?, 'ready', ?)",
        [other.id, ENTRY, clock.now().isoformat(timespec="seconds")],
    )
    db.conn.commit()
    await telegram.reply_to(other, 1)


@pytest_asyncio.fixture
async def night(config: Config, loaded: Loaded, texts: Texts) -> AsyncIterator[tuple[App, Clock]]:
    """The running bot, at eleven in the evening."""
    clock = Clock(NOW.replace(hour=15))
    app = await start_at(config, loaded, texts, clock)
    yield app, clock
    await stop(app)


async def test_nobody_is_kept_beside_a_question_without_a_tap(
    bot: App, telegram: TelegramServer, db: Connection
) -> None:
    telegram.says(NOBODY_KNOWS["zh"])
    reply = await telegram.replies(1)
    assert "看不到是谁问的" in reply["text"]
    await telegram.until(lambda: db["questions"].count == 1)
    assert waiting(db) == []


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_whoever_agreed_gets_the_answer_once_and_is_erased(
    bot: App, telegram: TelegramServer, db: Connection, clock: Clock, language: str
) -> None:
    question = await agree(telegram, language)
    publish(db, clock, question)
    told = await telegram.replies(3)
    assert HEADING[language] in told["text"]
    assert LAW[language] in told["text"]
    assert any(data.startswith(f"y:{question}:") for _, data in buttons(told))
    await telegram.until(lambda: not waiting(db))
    publish(db, clock, question)
    await looked_again(db, telegram, clock)
    assert len(telegram.to(telegram.worker)) == 3


async def test_the_button_goes_and_a_second_tap_changes_nothing(
    bot: App, telegram: TelegramServer, db: Connection
) -> None:
    question = await agree(telegram)
    asked = telegram.sent[0]
    await telegram.until(lambda: buttons(telegram.sent[0]) == [])
    press = telegram.taps(asked, f"Qt:{question}")
    await telegram.until(lambda: press in telegram.answers)
    assert "已经记下" in str(telegram.answers[press])
    assert len(waiting(db)) == 1
    assert len(telegram.sent) == 2


async def test_none_of_these_may_be_waited_for_as_well(
    bot: App, telegram: TelegramServer, db: Connection
) -> None:
    telegram.says(NOBODY_KNOWS["zh"])
    offered = await telegram.replies(1)
    await telegram.until(lambda: db["questions"].count == 1)
    (question,) = (str(row["id"]) for row in db["questions"].rows)
    telegram.taps(offered, f"n:{question}")
    reply = await telegram.replies(2)
    ((label, data),) = buttons(reply)
    assert label == OFFERED["zh"]
    telegram.taps(reply, data)
    await telegram.replies(3)
    assert [row["chat_id"] for row in waiting(db)] == [telegram.worker.id]


async def test_a_group_is_never_kept(bot: App, telegram: TelegramServer, db: Connection) -> None:
    telegram.says(f"@{telegram.state.bot['username']} {NOBODY_KNOWS['zh']}", chat=GROUP)
    reply = await telegram.replies(1)
    assert buttons(reply) == []
    await telegram.until(lambda: db["questions"].count == 1)
    (question,) = (str(row["id"]) for row in db["questions"].rows)
    press = telegram.taps(reply, f"Qt:{question}")
    await telegram.until(lambda: press in telegram.answers)
    assert waiting(db) == []


async def test_what_is_none_of_ours_is_not_waited_for(bot: App, telegram: TelegramServer) -> None:
    telegram.says("加班费怎么算")
    assert buttons(await telegram.replies(1)) == []


async def test_a_restart_between_consent_and_telling_loses_nobody(
    config: Config,
    loaded: Loaded,
    texts: Texts,
    telegram: TelegramServer,
    db: Connection,
    clock: Clock,
) -> None:
    from bot.loading import load

    app = await start_at(config, loaded, texts, clock)
    question = await agree(telegram)
    await stop(app)
    publish(db, clock, question)
    app = await start_at(config, load(config.db), texts, clock)
    try:
        assert HEADING["zh"] in (await telegram.replies(3))["text"]
        await telegram.until(lambda: not waiting(db))
    finally:
        await stop(app)


async def test_whose_message_was_being_sent_at_the_end_is_not_told_twice(
    config: Config,
    loaded: Loaded,
    texts: Texts,
    telegram: TelegramServer,
    db: Connection,
    clock: Clock,
) -> None:
    day = clock.now().date()
    questions.record_question(
        db, "q1", text="x", language="zh", decision=Decision.NONE,
        reason=Reason.NOTHING_NEAR, shown=[], region=None, day=day, moment=NOW,
    )  # fmt: skip
    questions.await_answer(db, "q1", telegram.worker.id, until=day)
    publish(db, clock, "q1")
    assert store.claim(db, clock.now()) is not None
    app = await start_at(config, loaded, texts, clock)
    try:
        await looked_again(db, telegram, clock)
        assert telegram.to(telegram.worker) == []
        await telegram.until(lambda: not waiting(db))
    finally:
        await stop(app)


async def test_nobody_is_told_at_night_and_everybody_in_the_morning(
    night: tuple[App, Clock], telegram: TelegramServer, db: Connection
) -> None:
    _, clock = night
    question = await agree(telegram)
    publish(db, clock, question)
    # The bot goes on answering meanwhile.
    telegram.says("谢谢")
    await telegram.replies(3)
    assert [row["state"] for row in waiting(db)] == ["ready"]
    clock.time += datetime.timedelta(hours=9, minutes=1)
    assert HEADING["zh"] in (await telegram.replies(4))["text"]


async def test_several_questions_that_one_answer_settles_bring_one_message(
    bot: App, telegram: TelegramServer, db: Connection, clock: Clock
) -> None:
    first = await agree(telegram)
    second = await agree(telegram, "en")
    publish(db, clock, first, second)
    await telegram.replies(5)
    await looked_again(db, telegram, clock)
    assert len(telegram.to(telegram.worker)) == 5


async def test_whoever_blocked_the_bot_is_forgotten(
    bot: App, telegram: TelegramServer, db: Connection, clock: Clock
) -> None:
    first = await agree(telegram)
    await agree(telegram, "en")
    actions.block(telegram.state, telegram.worker, blocked=True)
    publish(db, clock, first)
    await telegram.until(lambda: not waiting(db))
    assert len(telegram.sent) == 4


async def test_what_telegram_refused_is_tried_again_later(
    bot: App, telegram: TelegramServer, db: Connection, clock: Clock
) -> None:
    question = await agree(telegram)
    telegram.fails("sendMessage", 429, "Too Many Requests", wait=40)
    publish(db, clock, question)
    await telegram.until(lambda: [row["attempts"] for row in waiting(db)] == [1])
    assert len(telegram.sent) == 2
    clock.time += datetime.timedelta(seconds=41)
    assert HEADING["zh"] in (await telegram.replies(3))["text"]


async def test_forget_shows_and_erases_who_waits(
    bot: App, telegram: TelegramServer, db: Connection, clock: Clock
) -> None:
    question = await agree(telegram)
    telegram.says("/forget")
    shown = await telegram.replies(3)
    assert "等着答案的问题：1 个" in shown["text"]
    telegram.taps(shown, "f")
    await telegram.until(lambda: not waiting(db))
    publish(db, clock, question)
    await looked_again(db, telegram, clock)
    assert len(telegram.to(telegram.worker)) == 3


async def test_a_tap_after_the_answer_is_there_opens_it(
    bot: App, telegram: TelegramServer, db: Connection, clock: Clock
) -> None:
    telegram.says(NOBODY_KNOWS["zh"])
    reply = await telegram.replies(1)
    ((_, data),) = buttons(reply)
    await telegram.until(lambda: db["questions"].count == 1)
    publish(db, clock, data.partition(":")[2])
    telegram.taps(reply, data)
    assert LAW["zh"] in (await telegram.replies(2))["text"]
    assert waiting(db) == []


async def test_a_question_that_was_erased_cannot_be_waited_for(
    bot: App, telegram: TelegramServer, db: Connection
) -> None:
    telegram.says(NOBODY_KNOWS["en"], language="en")
    reply = await telegram.replies(1)
    press = telegram.taps(reply, "Qt:nonsense", language="en")
    await telegram.until(lambda: press in telegram.answers)
    assert telegram.answers[press]
    assert waiting(db) == []


def test_a_chat_is_erased_when_its_time_is_over(db: Connection) -> None:
    day = datetime.date(2026, 11, 20)
    questions.record_question(
        db, "q1", text="x", language="zh", decision=Decision.NONE,
        reason=Reason.NOTHING_NEAR, shown=[], region=None, day=day, moment=NOW,
    )  # fmt: skip
    questions.await_answer(db, "q1", 7, until=day)
    store.purge(db, before=day, today=day)
    assert len(waiting(db)) == 1
    store.purge(db, before=day, today=day + datetime.timedelta(days=1))
    assert waiting(db) == []
