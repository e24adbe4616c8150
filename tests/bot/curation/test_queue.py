"""The queue: what is in it, how it is grouped, and each way to settle a group, over the Bot API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlite_utils.db import Database as Connection

from bot.app import App
from bot.asking import store as questions
from bot.people import store as people_store
from bot.people.roles import Role
from bot.sandbox.state import Message, Person
from knowledge.decide import Decision, Reason
from knowledge.store import KnowledgeStore
from tests.bot.curation.conftest import Clock
from tests.bot.telegram_server import TelegramServer, buttons

HELMET = "安全帽过期了去哪换新的"
HELMETS = (HELMET, "工地的安全帽过期了去哪换新的", "安全帽过期了，去哪换新的？")
WATER = "宿舍的热水器坏了没有热水"
ENTRY = "contribution.employer-refuses-to-pay"


def asked(
    db: Connection,
    clock: Clock,
    *texts: str,
    language: str = "zh",
    decision: Decision = Decision.NONE,
    reason: Reason = Reason.NOTHING_NEAR,
    chosen: str | None = None,
) -> list[str]:
    """Workers asked so; the ids of their questions."""
    ids = []
    for text in texts:
        ids.append(questions.new_question_id())
        questions.record_question(
            db,
            ids[-1],
            text=text,
            language=language,
            decision=decision,
            reason=reason,
            shown=[],
            region=None,
            day=clock.now().date(),
            moment=clock.now(),
        )
        if chosen is not None:
            questions.record_choice(db, ids[-1], chosen)
    return ids


def starting(message: Message, start: str) -> list[str]:
    """What the buttons carry that begin so."""
    return [data for _, data in buttons(message) if data.startswith(start)]


async def tapped(telegram: TelegramServer, person: Person, data: str) -> Message:
    """The message that a tap on the last one's button brings."""
    count = len(telegram.to(person))
    telegram.taps(telegram.to(person)[-1], data, person=person)
    # What an edit would change is looked for in every phrasing, which takes long on a busy machine.
    await telegram.until(lambda: len(telegram.to(person)) > count, seconds=90.0)
    return telegram.to(person)[-1]


async def told(telegram: TelegramServer, person: Person, message: Message, data: str) -> str:
    """What a tap is answered with."""
    press = telegram.taps(message, data, person=person)
    await telegram.until(lambda: press in telegram.answers)
    return str(telegram.answers[press])


async def listed(telegram: TelegramServer, person: Person, command: str = "unanswered") -> Message:
    count = len(telegram.to(person))
    telegram.says(f"/{command}", person=person)
    return await telegram.reply_to(person, count + 1)


async def opened(telegram: TelegramServer, person: Person, number: int = 0) -> Message:
    """The group at this place of the queue."""
    queue = await listed(telegram, person)
    return await tapped(telegram, person, starting(queue, "Qg:")[number])


async def publish(telegram: TelegramServer, person: Person, preview: Message) -> None:
    """The editor taps the button to publish."""
    (data,) = starting(preview, "Eq:")
    await tapped(telegram, person, data)


@pytest.mark.parametrize(
    ("language", "times", "most_first"),
    [("zh-hans", "3 次", "问得最多的在前"), ("en", "3 times", "Most asked first")],
)
async def test_like_questions_are_one_group_with_its_count_the_most_asked_first(
    bot: App,
    telegram: TelegramServer,
    db: Connection,
    clock: Clock,
    language: str,
    times: str,
    most_first: str,
) -> None:
    asked(db, clock, *HELMETS, WATER)
    viewer = telegram.staff(Role.VIEWER, language=language)
    queue = await listed(telegram, viewer)
    assert len(starting(queue, "Qg:")) == 2
    assert times in queue["text"]
    assert most_first in queue["text"]
    assert queue["text"].index(HELMET) < queue["text"].index(WATER)
    newest = await tapped(telegram, viewer, "Ql:NEWEST:0")
    assert "Ql:MOST:0" in starting(newest, "Ql:")


async def test_what_workers_asked_comes_into_the_queue_masked_and_nothing_that_fitted(
    bot: App, telegram: TelegramServer, db: Connection, clock: Clock
) -> None:
    telegram.says("加班费怎么算")
    telegram.says("怎么办")
    telegram.says("社保")
    await telegram.replies(3)
    telegram.says("老板一直拖着不给我们交社保，我能怎么办")
    answer = await telegram.replies(4)
    asked(db, clock, f"{HELMET}，电话 13800138000")
    offered = next(m for m in telegram.sent if starting(m, "n:"))
    telegram.taps(offered, starting(offered, "n:")[0])
    telegram.taps(answer, starting(answer, "x:")[0])
    await telegram.replies(6)
    viewer = telegram.staff(Role.VIEWER)
    queue = await listed(telegram, viewer)
    text = queue["text"]
    assert len(starting(queue, "Qg:")) == 3
    assert "[phone]" in text and "13800138000" not in text
    assert str(telegram.worker.id) not in text
    assert all(why in text for why in ("没有答案 1", "都不是 1", "没帮上忙 1"))


async def test_more_groups_than_fit_are_paged(
    bot: App, telegram: TelegramServer, db: Connection, clock: Clock
) -> None:
    words = ["苹果", "轮胎", "吉他", "瀑布", "雨伞", "火箭", "钢琴", "蜜蜂", "磁铁", "沙漠", "火山"]
    asked(db, clock, *words)
    viewer = telegram.staff(Role.VIEWER)
    first = await listed(telegram, viewer)
    second = await tapped(telegram, viewer, "Ql:MOST:1")
    shown = starting(first, "Qg:") + starting(second, "Qg:")
    assert len(set(shown)) == len(words)


async def test_a_viewer_sees_a_group_and_may_change_nothing(
    bot: App, telegram: TelegramServer, db: Connection, clock: Clock
) -> None:
    (question, *_) = asked(db, clock, *HELMETS)
    viewer = telegram.staff(Role.VIEWER)
    group = await opened(telegram, viewer)
    assert all(text in group["text"] for text in HELMETS[:2])
    assert "可能是问" in group["text"]
    assert [data[:3] for _, data in buttons(group)] == ["Ql:"]
    for code in ("Qd", "Qo", "Qn", "Qf", f"Qp:{question}"):
        data = f"{code}:{ENTRY}" if code.startswith("Qp") else f"{code}:{question}"
        assert "没有做这件事的权限" in await told(telegram, viewer, group, data)
    assert db["settled"].count == 0


async def test_a_right_that_was_withdrawn_between_list_and_tap_is_gone(
    bot: App, telegram: TelegramServer, db: Connection, clock: Clock
) -> None:
    asked(db, clock, HELMET)
    editor = telegram.staff(Role.EDITOR)
    group = await opened(telegram, editor)
    people_store.withdraw(db, editor.id, None, actor=0, now=clock.now())
    data = starting(group, "Qd:")[0]
    assert "没有做这件事的权限" in await told(telegram, editor, group, data)
    assert db["settled"].count == 0


@pytest.mark.parametrize("language", ["zh-hans", "en"])
async def test_a_question_becomes_a_phrasing_of_the_entry_that_is_tapped(
    bot: App, telegram: TelegramServer, db: Connection, clock: Clock, language: str
) -> None:
    ids = asked(db, clock, *HELMETS)
    editor = telegram.staff(Role.EDITOR, language=language)
    group = await opened(telegram, editor)
    add = starting(group, "Qp:")[0]
    entry_id = add.rpartition(":")[2]
    preview = await tapped(telegram, editor, add)
    assert f"+ {HELMET}" in preview["text"]
    await publish(telegram, editor, preview)
    await telegram.until(lambda: db["settled"].count == len(ids))
    assert {row["entry_id"] for row in db["settled"].rows} == {entry_id}
    assert HELMET in KnowledgeStore(db).entry(entry_id).phrasings.zh
    assert starting(await listed(telegram, editor), "Qg:") == []
    # Whoever asks so gets this entry now.
    telegram.says(HELMET)
    await telegram.until(lambda: len(telegram.to(telegram.worker)) == 1)
    assert entry_id in json.dumps(telegram.to(telegram.worker)[0]["reply_markup"])


async def test_another_entry_is_found_by_a_word(
    bot: App, telegram: TelegramServer, db: Connection, clock: Clock
) -> None:
    asked(db, clock, HELMET)
    editor = telegram.staff(Role.EDITOR)
    group = await opened(telegram, editor)
    await tapped(telegram, editor, starting(group, "Qf:")[0])
    telegram.says(ENTRY, person=editor)
    found = await telegram.reply_to(editor, 4)
    preview = await tapped(telegram, editor, starting(found, "Qp:")[0])
    assert ENTRY in preview["text"] and f"+ {HELMET}" in preview["text"]
    # The search is over: the next message is a question again.
    telegram.says("老板一直拖着不给我们交社保，我能怎么办", person=editor)
    assert starting(await telegram.reply_to(editor, 6), "y:")


async def test_a_new_entry_begins_with_the_wordings_and_without_those_that_hold_a_number(
    bot: App, telegram: TelegramServer, db: Connection, clock: Clock
) -> None:
    ids = asked(db, clock, *HELMETS[:2], f"{HELMETS[1]}，打 13800138000")
    editor = telegram.staff(Role.EDITOR)
    group = await opened(telegram, editor)
    await tapped(telegram, editor, starting(group, "Qn:")[0])
    (draft,) = (json.loads(str(row["content"])) for row in db["drafts"].rows)
    assert sorted(draft["content"]["phrasings"]["zh"]) == sorted(HELMETS[:2])
    assert sorted(draft["sources"]) == sorted(ids)
    assert db["settled"].count == 0


@pytest.mark.parametrize(("code", "how"), [("Qd:", "dismissed"), ("Qo:", "out_of_scope")])
async def test_what_is_put_aside_comes_back_only_in_other_words(
    bot: App, telegram: TelegramServer, db: Connection, clock: Clock, code: str, how: str
) -> None:
    (question, *_) = asked(db, clock, *HELMETS)
    questions.await_answer(db, question, telegram.worker.id, until=clock.now().date())
    editor = telegram.staff(Role.EDITOR)
    group = await opened(telegram, editor)
    data = starting(group, code)[0]
    await tapped(telegram, editor, data)
    assert {row["how"] for row in db["settled"].rows} == {how}
    assert db["awaiting"].count == 0
    assert people_store.acts(db, limit=1)[0].act == f"question.{how}"
    # A second tap, as of somebody else who had the same list.
    assert "已经处理过" in await told(telegram, editor, group, data)
    asked(db, clock, HELMET, "安全帽过期了 去哪换新的!!")
    assert starting(await listed(telegram, editor), "Qg:") == []
    asked(db, clock, "过期了的安全帽能不能去仓库换新的")
    assert len(starting(await listed(telegram, editor), "Qg:")) == 1


async def test_two_taps_at_once_put_a_group_aside_once(
    bot: App, telegram: TelegramServer, db: Connection, clock: Clock
) -> None:
    asked(db, clock, HELMET)
    editor = telegram.staff(Role.EDITOR)
    group = await opened(telegram, editor)
    presses = [
        telegram.taps(group, starting(group, code)[0], person=editor) for code in ("Qd:", "Qo:")
    ]
    await telegram.until(lambda: all(press in telegram.answers for press in presses))
    assert db["settled"].count == 1
    acts = [act.act for act in people_store.acts(db, limit=9) if act.act.startswith("question.")]
    assert len(acts) == 1


async def test_a_phrasing_that_is_there_already_leads_to_the_entry(
    bot: App, telegram: TelegramServer, db: Connection, clock: Clock
) -> None:
    phrasing = KnowledgeStore(db).entry(ENTRY).phrasings.zh[0]
    (question,) = asked(db, clock, phrasing, decision=Decision.ANSWER, reason=Reason.CLEAR)
    questions.record_feedback(
        db,
        question_id=question,
        entry_id=ENTRY,
        entry_version=1,
        helpful=False,
        day=clock.now().date(),
    )
    editor = telegram.staff(Role.EDITOR)
    await opened(telegram, editor)
    reply = await tapped(telegram, editor, f"Qp:{question}:{ENTRY}")
    assert [data for _, data in buttons(reply)] == [f"Ec:{ENTRY}"]


@pytest.mark.parametrize("data", ["Qg:", "Qg:nobody", "Qp:x:y", "Qd:::", "Qv:none", "Qr:none"])
async def test_a_forged_or_old_button_says_that_it_is_settled(
    bot: App, telegram: TelegramServer, db: Connection, clock: Clock, data: str
) -> None:
    asked(db, clock, HELMET)
    editor = telegram.staff(Role.EDITOR, language="en")
    queue = await listed(telegram, editor)
    assert "settled" in await told(telegram, editor, queue, data)
    assert db["settled"].count == 0


def suggest(db: Connection, clock: Clock, *texts: str) -> list[str]:
    given: dict[str, Any] = {"decision": Decision.CHOICES, "reason": Reason.TOO_WEAK}
    return asked(db, clock, *texts, chosen=ENTRY, **given)


async def test_a_tap_on_did_you_mean_suggests_a_phrasing_and_changes_nothing_by_itself(
    bot: App, telegram: TelegramServer, db: Connection
) -> None:
    text = "社保"
    telegram.says(text)
    offered = await telegram.replies(1)
    telegram.taps(offered, starting(offered, "c:")[0])
    await telegram.replies(2)
    await telegram.until(lambda: next(iter(db["questions"].rows))["chosen"] is not None)
    viewer = telegram.staff(Role.VIEWER)
    suggestions = await listed(telegram, viewer, "suggestions")
    assert f"1. {text}\n" in suggestions["text"]
    opened_one = await tapped(telegram, viewer, starting(suggestions, "Qv:")[0])
    assert [data[:3] for _, data in buttons(opened_one)] == ["Qs:"]
    assert all(text not in e.phrasings.zh for e in KnowledgeStore(db).entries())


@pytest.mark.parametrize("language", ["zh-hans", "en"])
async def test_an_accepted_suggestion_is_a_phrasing_after_it_is_published(
    bot: App, telegram: TelegramServer, db: Connection, clock: Clock, language: str
) -> None:
    ids = suggest(db, clock, *HELMETS)
    suggest(db, clock, KnowledgeStore(db).entry(ENTRY).phrasings.zh[0])
    editor = telegram.staff(Role.EDITOR, language=language)
    suggestions = await listed(telegram, editor, "suggestions")
    (data,) = starting(suggestions, "Qv:")
    assert "3" in suggestions["text"]
    one = await tapped(telegram, editor, data)
    preview = await tapped(telegram, editor, starting(one, "Qa:")[0])
    await publish(telegram, editor, preview)
    await telegram.until(lambda: db["settled"].count == len(ids))
    assert HELMET in KnowledgeStore(db).entry(ENTRY).phrasings.zh


async def test_a_rejected_suggestion_does_not_come_back(
    bot: App, telegram: TelegramServer, db: Connection, clock: Clock
) -> None:
    suggest(db, clock, HELMET)
    editor = telegram.staff(Role.EDITOR)
    suggestions = await listed(telegram, editor, "suggestions")
    one = await tapped(telegram, editor, starting(suggestions, "Qv:")[0])
    await tapped(telegram, editor, starting(one, "Qr:")[0])
    suggest(db, clock, f"{HELMET}？")
    assert starting(await listed(telegram, editor, "suggestions"), "Qv:") == []
    assert people_store.acts(db, limit=1)[0].act == "question.rejected"


async def test_what_was_chosen_and_did_not_help_is_no_suggestion_but_in_the_queue(
    bot: App, telegram: TelegramServer, db: Connection, clock: Clock
) -> None:
    (question,) = suggest(db, clock, HELMET)
    questions.record_feedback(
        db,
        question_id=question,
        entry_id=ENTRY,
        entry_version=1,
        helpful=False,
        day=clock.now().date(),
    )
    viewer = telegram.staff(Role.VIEWER)
    assert starting(await listed(telegram, viewer, "suggestions"), "Qv:") == []
    assert len(starting(await listed(telegram, viewer), "Qg:")) == 1
