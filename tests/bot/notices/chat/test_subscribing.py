"""What a worker wants of notices, through the running bot."""

from __future__ import annotations

import datetime

import pytest
from sqlite_utils.db import Database as Connection

from bot.app import App
from bot.notices.subscribing.store import Subscriber, Wish, subscriber
from bot.notices.subscribing.words import is_opt_out
from bot.people.roles import Role
from bot.sandbox.clock import Clock
from tests.bot.notices.chat.chats import Chat, shown
from tests.bot.telegram_server import TelegramServer


def wish(connection: Connection, chat: Chat) -> Subscriber:
    """What the database holds of this person."""
    found = subscriber(connection, chat.person.id)
    assert found is not None
    return found


async def test_the_greeting_asks_whether_from_where_and_about_what(
    worker: Chat, connection: Connection
) -> None:
    greeting = await worker.say("/start")
    assert "要不要告诉你" in greeting["text"]
    regions = await worker.tap(greeting, "要通知")
    assert wish(connection, worker).wish is Wish.ON
    topics = await worker.tap(regions, "福建", 0)
    topics = await worker.tap(topics, "工伤", 0)
    topics = await worker.tap(topics, "养老保险", 0)
    panel = await worker.tap(topics, "好了", 0)
    assert "地区：福建" in panel["text"]
    assert "话题：工伤、养老保险" in panel["text"]
    kept = wish(connection, worker)
    assert (kept.region, set(kept.topics)) == ("35", {"work-injury", "pension"})
    assert "要不要告诉你" not in (await worker.say("/start"))["text"]


async def test_a_reader_of_english_is_asked_and_answered_in_english(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    reader = Chat(telegram, telegram.staff(name="E", language="en"))
    regions = await reader.tap(await reader.say("/start"), "Yes, tell me")
    topics = await reader.tap(regions, "everywhere", 0)
    assert "Topics: all topics" in (await reader.tap(topics, "Done", 0))["text"]
    assert wish(connection, reader).language == "en"
    assert "You will get no more notices" in (await reader.say("Unsubscribe"))["text"]


async def test_whoever_says_no_is_not_asked_again_and_gets_no_notice(
    worker: Chat, connection: Connection
) -> None:
    greeting = await worker.say("/start")
    assert "不发通知" in (await worker.tap(greeting, "不用"))["text"]
    assert wish(connection, worker).wish is Wish.OFF
    await worker.say("老板不给我交社保怎么办")
    assert "社会保险法" in (await worker.say("老板不给我交社保怎么办"))["text"]
    assert not [m for m in worker.messages[1:] if "要不要告诉你" in m["text"]]


async def test_whoever_never_saw_a_greeting_is_asked_once_after_the_first_answer(
    worker: Chat,
) -> None:
    assert "要不要告诉你" in (await worker.say("老板不给我交社保怎么办", 2))["text"]
    await worker.say("上班路上被车撞了算工伤吗")
    await worker.say("/help")
    assert len(worker.messages) == 4


async def test_the_question_stays_when_the_greeting_gives_way_to_a_language(
    worker: Chat, connection: Connection
) -> None:
    greeting = await worker.say("/start")
    changed = await worker.tap(greeting, "English", 0)
    assert "Shall we tell you" in changed["text"]
    await worker.tap(changed, "Yes, tell me")
    assert wish(connection, worker).wish is Wish.ON


async def test_staff_are_not_asked(bot: App, telegram: TelegramServer) -> None:
    editor = Chat(telegram, telegram.staff(Role.EDITOR, name="E"))
    assert "要不要告诉你" not in (await editor.say("/start"))["text"]
    await editor.say("老板不给我交社保怎么办")
    await editor.say("/help")
    assert len(editor.messages) == 3


@pytest.mark.parametrize(
    "word", ["退订", "停", "TD", "stop", "Unsubscribe", "退訂", "ＴＤ", "退订。"]
)
async def test_the_whole_message_ends_notices_at_once_and_there_is_a_way_back(
    worker: Chat, connection: Connection, word: str
) -> None:
    await worker.subscribe()
    ended = await worker.say(word)
    assert "已退订" in ended["text"]
    assert wish(connection, worker).wish is Wish.OFF
    assert "社会保险法" in (await worker.say("老板不给我交社保怎么办"))["text"]
    assert "通知：已订" in (await worker.tap(ended, "还是要通知", 0))["text"]


@pytest.mark.parametrize(
    "text", ["停工了怎么办", "我要退订怎么弄", "stop paying shebao", "tdx", "不停", ""]
)
def test_a_word_inside_a_message_ends_nothing(text: str) -> None:
    assert not is_opt_out(text)


async def test_notices_are_put_off_for_thirty_days(
    worker: Chat, organiser: Chat, clock: Clock
) -> None:
    await worker.subscribe()
    panel = await worker.say("/notices")
    paused = await worker.tap(panel, "暂停 30 天", 0)
    assert "暂停到 2026年12月31日" in paused["text"]
    card = await organiser.compose(starts="2027-02-01 14:00", sign_up_until=None)
    assert "会发给 0 人" in card["text"]
    clock.forward(datetime.timedelta(days=30, minutes=1))
    confirm = await organiser.tap(card, "发送", 0)
    assert "会发给 1 人" in confirm["text"]


async def test_to_resume_ends_the_pause(worker: Chat, connection: Connection) -> None:
    await worker.subscribe()
    panel = await worker.say("/notices")
    await worker.tap(panel, "暂停", 0)
    assert "通知：已订" in (await worker.tap(panel, "现在恢复", 0))["text"]
    assert wish(connection, worker).paused_until is None


async def test_past_notices_are_read_again(worker: Chat, organiser: Chat) -> None:
    panel = await worker.say("/notices")
    assert "还没有通知" in (await worker.tap(panel, "过去的通知", 0))["text"]
    await organiser.send(await organiser.compose())
    await organiser.sees("通知发完了")
    panel = await worker.say("/notices")
    past = await worker.tap(panel, "过去的通知", 0)
    assert "讲怎么查缴费" in (await worker.tap(past, "社会保险法培训"))["text"]


async def test_forget_shows_and_erases_what_is_kept_of_notices(
    worker: Chat, organiser: Chat, connection: Connection
) -> None:
    await worker.subscribe()
    await organiser.send(await organiser.compose())
    await worker.tap(await worker.sees("讲怎么查缴费"), "报名")
    kept = await worker.say("/forget")
    assert "通知：已订" in kept["text"]
    assert "报过名的活动：1 个" in kept["text"]
    await worker.tap(kept, "全部删掉", 0)
    for table in ("subscribers", "sign_ups", "deliveries", "people"):
        rows = connection.execute(
            f"SELECT count(*) FROM {table} WHERE chat_id = ?",  # noqa: S608
            [worker.person.id],
        )
        assert rows.fetchone() == (0,), table


async def test_an_old_or_forged_button_does_no_harm(worker: Chat, connection: Connection) -> None:
    panel = await worker.say("/notices")
    for data in ("Nn:region:99", "Nn:topic:nonsense", "Nn:nothing", "Nn"):
        press = worker.telegram.taps(panel, data, person=worker.person)
        await worker.telegram.until(lambda press=press: press in worker.telegram.answers)  # type: ignore[misc]
    found = subscriber(connection, worker.person.id)
    assert found is None or (found.region, found.topics) == ("", ())


async def test_notices_are_chosen_in_private_only(bot: App, telegram: TelegramServer) -> None:
    group = next(iter(telegram.state.groups.values()))
    telegram.says("/notices", chat=group)
    assert "私聊" in (await telegram.replies(1))["text"]
    assert not shown(telegram.sent[-1])
