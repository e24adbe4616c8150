"""Signing up, the list, the door, posters, through the running bot."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from openpyxl import load_workbook
from sqlite_utils.db import Database as Connection

from bot.loading import MIGRATIONS
from bot.notices.composing.store import create
from bot.notices.notice import Notice, Worded
from bot.notices.signing import store
from bot.notices.signing.store import Coming, Refused
from bot.sandbox.clock import Clock
from bot.sandbox.state import Message
from knowledge.database import open_database
from knowledge.text import Language
from tests.bot.notices.chat.chats import Chat, shown
from tests.bot.telegram_server import TelegramServer

ZONE = ZoneInfo("Asia/Shanghai")


async def announced(organiser: Chat, people: Sequence[Chat], capacity: str = "2") -> list[Message]:
    """A workshop for two went out to these people; the notice in each one's chat."""
    for person in people:
        await person.subscribe()
    await organiser.send(await organiser.compose(capacity=capacity))
    await organiser.sees("通知发完了")
    return [await person.sees("讲怎么查缴费") for person in people]


def file_of(chat: Chat, message: Message) -> bytes:
    """The document in a message."""
    return chat.telegram.state.files[message["document"]["file_id"]].content


async def card_of(organiser: Chat) -> Message:
    """The card of the newest notice."""
    return await organiser.tap(await organiser.say("/notice"), "社会保险法培训")


async def test_one_more_takes_a_seat_and_gives_it_back(
    organiser: Chat, worker: Chat, telegram: TelegramServer
) -> None:
    other = Chat(telegram, telegram.staff(name="B"))
    notices = await announced(organiser, [worker, other])
    mine = await worker.tap(notices[0], "报名")
    assert "带一个人" in (await worker.tap(mine, "多带一个人", 0))["text"]
    full = await other.tap(notices[1], "报名")
    waiting = await other.tap(full, "候补", 0)
    assert "候补第 1 位" in waiting["text"]
    await worker.tap(mine, "只有我自己来", 0)
    await other.sees("有位子了，你排到了")


async def test_nobody_brings_one_more_when_there_is_no_seat(organiser: Chat, worker: Chat) -> None:
    (notice,) = await announced(organiser, [worker], capacity="1")
    mine = await worker.tap(notice, "报名")
    assert "没有空位" in str(await worker.alert(mine, "多带一个人"))


async def test_after_the_deadline_nobody_signs_up_but_one_can_still_leave(
    organiser: Chat, worker: Chat, telegram: TelegramServer, clock: Clock
) -> None:
    late = Chat(telegram, telegram.staff(name="L"))
    notices = await announced(organiser, [worker, late])
    mine = await worker.tap(notices[0], "报名")
    clock.forward(datetime.timedelta(days=10, hours=9))
    assert "报名已经截止" in str(await late.alert(notices[1], "报名"))
    assert "已取消" in (await worker.tap(mine, "不来了", 0))["text"]
    clock.forward(datetime.timedelta(days=2))
    assert "活动已经结束" in str(await late.alert(notices[1], "报名"))


async def test_a_second_tap_changes_nothing(
    organiser: Chat, worker: Chat, connection: Connection
) -> None:
    (notice,) = await announced(organiser, [worker])
    await worker.tap(notice, "报名")
    assert "✓ 已报名" in (await worker.tap(notice, "报名"))["text"]
    assert store.seats(connection, 1) == 1


async def test_the_list_has_names_only_of_those_who_gave_one_and_no_formulas(
    organiser: Chat, worker: Chat, telegram: TelegramServer
) -> None:
    other = Chat(telegram, telegram.staff(name="Secret"))
    notices = await announced(organiser, [worker, other])
    mine = await worker.tap(notices[0], "报名")
    await other.tap(notices[1], "报名")
    asked = await worker.tap(mine, "留个名字")
    assert "只用在这次名单上" in asked["text"]
    assert "不要超过 40" in (await worker.say("长" * 41))["text"]
    assert "=1+1" in (await worker.say("=1+1"))["text"]
    card = await card_of(organiser)
    listed = await organiser.tap(card, "谁报了名")
    assert "1. =1+1\n2. 没留名字" in listed["text"]
    sent = await organiser.tap(card, "名单表格")
    content = file_of(organiser, sent)
    sheet = load_workbook(BytesIO(content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows())
    assert [[cell.value for cell in row[:3]] for row in rows[1:]] == [
        [1, "=1+1", "来"],
        [2, None, "来"],
    ]
    assert rows[1][1].data_type == "s"
    assert b"Secret" not in content


async def test_whoever_leaves_is_not_on_the_list_any_more_and_their_name_is_gone(
    organiser: Chat, worker: Chat, connection: Connection
) -> None:
    (notice,) = await announced(organiser, [worker])
    mine = await worker.tap(notice, "报名")
    await worker.tap(mine, "留个名字")
    await worker.say("小王")
    await worker.tap(mine, "不来了", 0)
    assert connection.execute("SELECT name, guests FROM sign_ups").fetchall() == [(None, 0)]
    assert "报名 0 人" in (await organiser.tap(await card_of(organiser), "谁报了名"))["text"]


async def test_no_name_is_needed_and_the_next_message_is_a_question_again(
    organiser: Chat, worker: Chat
) -> None:
    (notice,) = await announced(organiser, [worker])
    mine = await worker.tap(notice, "报名")
    asked = await worker.tap(mine, "留个名字")
    await worker.tap(asked, "不留", 0)
    assert "社会保险法" in (await worker.say("老板不给我交社保怎么办"))["text"]


async def test_the_calendar_keeps_its_uid_and_counts_up_and_is_cancelled(
    organiser: Chat, worker: Chat
) -> None:
    (notice,) = await announced(organiser, [worker])
    mine = await worker.tap(notice, "报名")
    first = Calendar.from_ical(file_of(worker, await worker.tap(mine, "加到日历")))
    card = await card_of(organiser)
    steps = await organiser.tap(card, "更正")
    step = await organiser.tap(steps, "开始时间")
    assert "什么时候开始" in step["text"]
    organiser.telegram.says("2026-12-12 15:00", person=organiser.person)
    organiser.press(await organiser.sees("更正后的样子"), "更正")
    changed = await worker.sees("有变动：社会保险法培训")
    second = Calendar.from_ical(file_of(worker, await worker.tap(changed, "加到日历")))
    organiser.press(card, "撤回")
    organiser.press(await organiser.sees("撤回“社会保险法培训”"), "确定撤回")
    gone = await worker.sees("取消了：社会保险法培训")
    third = Calendar.from_ical(file_of(worker, await worker.tap(gone, "从日历删掉")))
    events = [each.walk("VEVENT")[0] for each in (first, second, third)]
    assert len({str(event["uid"]) for event in events}) == 1
    assert [event.decoded("sequence") for event in events] == [0, 1, 2]
    assert [str(each["method"]) for each in (first, second, third)] == [
        "PUBLISH",
        "PUBLISH",
        "CANCEL",
    ]
    starts = [event.decoded("dtstart") for event in events]
    assert [f"{start:%H:%M}" for start in starts] == ["14:00", "15:00", "15:00"]
    assert events[0]["dtstart"].params["TZID"] == "Asia/Shanghai"
    assert first.walk("VTIMEZONE")
    assert str(events[2]["status"]) == "CANCELLED"


async def test_a_correction_changes_what_was_sent_and_makes_room(
    organiser: Chat, worker: Chat, telegram: TelegramServer
) -> None:
    other = Chat(telegram, telegram.staff(name="B"))
    notices = await announced(organiser, [worker, other], capacity="1")
    await worker.tap(notices[0], "报名")
    await other.tap(await other.tap(notices[1], "报名"), "候补", 0)
    steps = await organiser.tap(await card_of(organiser), "更正")
    await organiser.tap(steps, "名额")
    organiser.telegram.says("3", person=organiser.person)
    apply = await organiser.sees("更正后的样子")
    organiser.press(apply, "更正")
    await other.sees("有位子了")
    await telegram.until(lambda: "名额：3 人" in worker.now(notices[0])["text"])
    assert "2 条已发的消息会改过来" in organiser.now(apply)["text"]


async def test_a_withdrawn_workshop_says_so_where_it_was_sent_and_takes_nobody_in(
    organiser: Chat, worker: Chat, telegram: TelegramServer, clock: Clock
) -> None:
    other = Chat(telegram, telegram.staff(name="B"))
    notices = await announced(organiser, [worker, other])
    await worker.tap(notices[0], "报名")
    organiser.press(await card_of(organiser), "撤回")
    organiser.press(await organiser.sees("撤回“"), "确定撤回")
    await worker.sees("取消了：社会保险法培训")
    await telegram.until(lambda: other.now(notices[1])["text"].startswith("⚠ 已取消"))
    assert not shown(other.now(notices[1]))
    assert not [m for m in other.messages if "取消了" in m["text"]]
    press = telegram.taps(notices[1], "Nj:join:1", person=other.person)
    await telegram.until(lambda: press in telegram.answers)
    assert "已经取消" in str(telegram.answers[press])
    clock.forward(datetime.timedelta(days=10, hours=5))
    assert not [m for m in worker.messages if "明天见" in m["text"]]


async def test_a_poster_brings_people_and_only_their_number_is_kept(
    organiser: Chat, worker: Chat, telegram: TelegramServer
) -> None:
    await announced(organiser, [])
    card = await card_of(organiser)
    await organiser.tap(card, "海报二维码")
    organiser.telegram.says("厂门口", person=organiser.person)
    poster = await organiser.next()
    assert poster["photo"]
    (link,) = [w for w in poster["caption"].split() if "start=" in w]
    seen = await worker.say(f"/start {link.partition('start=')[2]}", 2)
    assert "要不要告诉你" in seen["text"]
    assert "讲怎么查缴费" in worker.messages[0]["text"]
    await worker.tap(worker.messages[0], "报名")
    assert "海报“厂门口”：打开 1 次" in (await card_of(organiser))["text"]


async def test_at_the_door_only_the_code_counts_and_only_on_the_day(
    organiser: Chat, worker: Chat, clock: Clock
) -> None:
    await announced(organiser, [worker])
    door = await organiser.tap(await card_of(organiser), "门口")
    (code,) = [w for w in door["caption"].split() if w.isdigit() and len(w) == 4]
    assert "还没到时间" in (await worker.say(f"/start here_1_{code}"))["text"]
    clock.forward(datetime.timedelta(days=11, hours=3, minutes=30))
    wrong = f"{(int(code) + 1) % 10_000:04}"
    assert "签到码不对" in (await worker.say(f"/start here_1_{wrong}"))["text"]
    assert "签到成功" in (await worker.say(f"/start here_1_{code}"))["text"]
    assert "已签到 1 人" in (await card_of(organiser))["text"]


@pytest.mark.parametrize("payload", ["notice_99", "notice_x", "here_x_1", "here_99_1", "notice_"])
async def test_a_link_to_nothing_says_so(worker: Chat, payload: str) -> None:
    told = await worker.say(f"/start {payload}", 2)
    assert "已经没有了" in worker.messages[0]["text"]
    assert "要不要告诉你" in told["text"]


async def test_a_reader_of_english_signs_up_in_english(
    organiser: Chat, telegram: TelegramServer
) -> None:
    reader = Chat(telegram, telegram.staff(name="E", language="en"))
    await reader.tap(await reader.say("/notices"), "Yes, tell me")
    await organiser.send(await organiser.compose())
    got = await reader.sees("How to check your record")
    assert "Sat 12 December 2026 14:00–16:30" in got["text"]
    assert "Trade union house" in got["text"]
    mine = await reader.tap(got, "Sign up")
    assert "You are signed up: Workshop on the Social Insurance Law" in mine["text"]
    assert "Cancelled:" in (await reader.tap(mine, "I cannot come", 0))["text"]


async def test_a_copy_goes_out_every_week_with_later_dates(
    organiser: Chat, worker: Chat, clock: Clock
) -> None:
    await announced(organiser, [worker])
    offered = await organiser.tap(await card_of(organiser), "重复发送")
    told = await organiser.tap(offered, "每 7 天")
    assert "下次 2026年12月8日（周二） 10:00" in told["text"]
    clock.forward(datetime.timedelta(days=7, minutes=1))
    copy = await worker.sees("2026年12月19日（周六） 14:00–16:30")
    assert "报名截止：2026年12月18日" in copy["text"]
    await organiser.tap(offered, "不重复")
    clock.forward(datetime.timedelta(days=7))
    assert "不再重复" in organiser.messages[-1]["text"]


def test_at_the_same_moment_no_more_come_than_there_are_seats(
    connection: Connection, database: Path
) -> None:
    now = datetime.datetime(2026, 12, 1, 10, tzinfo=ZONE)
    notice = Notice(
        Worded("培训", ""), Worded("文", ""), starts=now + datetime.timedelta(days=2), capacity=5
    )
    number = create(connection, notice, actor=0, now=now)
    connection.execute("UPDATE notices SET state = 'done'")
    connection.conn.commit()

    def come(chat_id: int) -> Coming:
        db = open_database(database, *MIGRATIONS)
        try:
            person = store.sign_up(db, number, chat_id, Language.ZH, wait=True, now=now)
        finally:
            db.close()
        return person.state

    with ThreadPoolExecutor(8) as pool:
        states = list(pool.map(come, range(1, 21)))
    assert states.count(Coming.COMING) == 5
    assert store.seats(connection, number) == 5


def test_the_first_in_line_moves_up_and_nobody_passes_them(connection: Connection) -> None:
    now = datetime.datetime(2026, 12, 1, 10, tzinfo=ZONE)
    notice = Notice(
        Worded("培训", ""), Worded("文", ""), starts=now + datetime.timedelta(days=2), capacity=1
    )
    number = create(connection, notice, actor=0, now=now)
    connection.execute("UPDATE notices SET state = 'done'")
    for chat_id in (1, 2, 3):
        store.sign_up(connection, number, chat_id, Language.ZH, wait=True, now=now)
    store.bring(connection, number, 2, 1, now)
    assert store.leave(connection, number, 1, now) == []
    with pytest.raises(Refused):
        store.sign_up(connection, number, 4, Language.ZH, wait=False, now=now)
    person, moved = store.bring(connection, number, 2, 0, now)
    assert (person.state, [each.chat_id for each in moved]) == (Coming.COMING, [2])
