"""An editor finds, changes and publishes entries in the chat; nothing is lost, nobody overruled."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest
from sqlite_utils.db import Database as Connection

from bot.app import App
from bot.config import Config
from bot.curation.proposed import KIND
from bot.loading import Loaded, load
from bot.people import store as people
from bot.people.roles import Role
from bot.sandbox.state import Message, Person
from bot.store import drafts
from bot.texts import Texts
from knowledge.entry import Status
from knowledge.reading import Bilingual
from knowledge.store import KnowledgeStore
from tests.bot.conftest import start, stop
from tests.bot.telegram_server import TelegramServer, buttons
from tests.bot.test_live import kept

ENTRY = "contribution.employer-refuses-to-pay"
NOW = datetime.datetime(2026, 11, 25, 8, 0, tzinfo=datetime.UTC)


class Editor:
    """An editor's phone: types, taps by the words on a button, and reads what comes."""

    def __init__(self, telegram: TelegramServer, *roles: Role, language: str = "zh-hans") -> None:
        self.telegram = telegram
        self.person: Person = telegram.staff(*roles, name="E", language=language)

    @property
    def last(self) -> Message:
        return self.telegram.to(self.person)[-1]

    @property
    def read(self) -> str:
        return "\n".join(message["text"] for message in self.telegram.to(self.person))

    async def _settled(self, act: Any, until: str) -> Message:
        seen = len(self.telegram.to(self.person))
        act()

        def came() -> bool:
            return any(until in message["text"] for message in self.telegram.to(self.person)[seen:])

        await self.telegram.until(came)
        (found, *_) = [m for m in self.telegram.to(self.person)[seen:] if until in m["text"]]
        return found

    async def says(self, text: str, until: str) -> Message:
        return await self._settled(lambda: self.telegram.says(text, person=self.person), until)

    async def taps(self, words: str, until: str, under: Message | None = None) -> Message:
        message = under or self.last
        (data, *_) = [data for text, data in buttons(message) if words in text]
        return await self._settled(
            lambda: self.telegram.taps(message, data, person=self.person), until
        )

    async def refused(self, words: str, under: Message) -> str:
        """What is said at once above the chat when a button is tapped."""
        (data, *_) = [data for text, data in buttons(under) if words in text]
        press = self.telegram.taps(under, data, person=self.person)
        await self.telegram.until(lambda: press in self.telegram.answers)
        return str(self.telegram.answers[press])


def entry(connection: Connection, entry_id: str = ENTRY) -> Any:
    return KnowledgeStore(connection).entry(entry_id)


async def open_card(editor: Editor) -> Message:
    await editor.says(f"/faq {ENTRY}", "找到")
    return await editor.taps(editor_title(editor), "contribution.employer")


def editor_title(editor: Editor) -> str:
    return buttons(editor.last)[0][0]


async def test_an_editor_corrects_an_answer_and_the_next_worker_gets_it(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    editor = Editor(telegram, Role.EDITOR)
    before = entry(connection)
    await open_card(editor)
    await editor.taps("修改", "改哪一项")
    await editor.taps("简短回答 (中文)", "请发新的内容")
    assert before.answer.zh.short in editor.read
    await editor.says("老板必须给您交社保。不交，您可以投诉。", "改哪一项")
    shown = await editor.taps("看改动", "会这样改")
    assert f"− {before.answer.zh.short}" in shown["text"]
    assert "+ 老板必须给您交社保。不交，您可以投诉。" in shown["text"]
    assert "对别的问题的影响" in shown["text"]
    assert "英文会标成" in shown["text"]
    await editor.taps("发布", "现在就生效", shown)
    telegram.says("老板一直拖着不给我们交社保，我能怎么办")
    answer = await telegram.reply_to(telegram.worker, 1)
    assert "老板必须给您交社保。不交，您可以投诉。" in answer["text"]
    changed = entry(connection)
    assert (changed.version, changed.outdated) == (before.version + 1, "en")
    assert [d for d in drafts(connection) if d.kind == KIND] == []
    assert people.acts(connection, limit=1)[0].act == "entry.published"


async def test_an_english_reader_gets_the_current_chinese_and_can_see_the_older_english(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    old = entry(connection)
    before = kept(connection)
    zh = replace(old.answer.zh, short="现在的说法。")
    KnowledgeStore(connection).save(
        replace(old, answer=Bilingual(zh, old.answer.en), outdated="en"), origin="t", now=NOW
    )
    await telegram.until(lambda: kept(connection) not in (before, None))
    telegram.says("my boss refuses to pay shebao", language="en")
    answer = await telegram.reply_to(telegram.worker, 1)
    assert "现在的说法。" in answer["text"]
    assert "the English is not ready yet" in answer["text"]
    assert "12333" in answer["text"]
    (older,) = [data for text, data in buttons(answer) if "older English" in text]
    telegram.taps(answer, older, language="en")
    told = await telegram.reply_to(telegram.worker, 2)
    assert old.answer.en.short in told["text"]
    assert "older English text" in told["text"]


async def test_a_small_edit_leaves_the_other_language_in_step(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    editor = Editor(telegram, Role.EDITOR)
    await open_card(editor)
    await editor.taps("修改", "改哪一项")
    await editor.taps("小改动", "改哪一项")
    await editor.taps("标题 (中文)", "请发新的内容")
    await editor.says("老板不给交社保，该怎么办？", "改哪一项")
    shown = await editor.taps("看改动", "会这样改")
    assert "英文会标成" not in shown["text"]
    await editor.taps("发布", "现在就生效", shown)
    assert entry(connection).outdated is None


async def test_what_is_wrong_with_a_field_is_told_and_the_words_are_not_lost(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    editor = Editor(telegram, Role.EDITOR)
    await open_card(editor)
    await editor.taps("修改", "改哪一项")
    menu = editor.last
    await editor.taps("法律依据", "请发新的内容", menu)
    await editor.says("58", "看不懂这一行")
    await editor.says("社会保险法 58", "改哪一项")
    await editor.taps("标题 (中文)", "请发新的内容", menu)
    told = await editor.says("长" * 41, "请发新的内容")
    assert "40" in told["text"]
    assert "长" * 41 in editor.read
    shown = await editor.taps("看改动", "会这样改", menu)
    assert "还不能发布" in shown["text"]
    assert not any("发布" in text for text, _ in buttons(shown))


async def test_a_phrasing_that_another_entry_has_cannot_go_out(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    other = entry(connection, "work-injury.commuting-accident").phrasings.zh[0]
    editor = Editor(telegram, Role.EDITOR)
    await open_card(editor)
    await editor.taps("修改", "改哪一项")
    menu = editor.last
    await editor.taps("问法 (中文)", "请发新的内容", menu)
    await editor.says(other, "work-injury.commuting-accident")
    shown = await editor.taps("看改动", "会这样改", menu)
    assert "还不能发布" in shown["text"]


async def test_the_effect_names_a_phrasing_that_would_be_lost_and_the_question_of_a_worker(
    bot: App, telegram: TelegramServer
) -> None:
    telegram.says("老板一直拖着不给我们交社保，我能怎么办")
    await telegram.reply_to(telegram.worker, 1)
    editor = Editor(telegram, Role.EDITOR)
    await open_card(editor)
    shown = await editor.taps("停用", "会这样改")
    assert "老板一直拖着不给我们交社保" in shown["text"]
    assert "会找不到自己的答案" in shown["text"]
    assert any("仍然发布" in text for text, _ in buttons(shown))


async def test_two_editors_at_once_the_second_is_shown_what_changed_and_can_go_on_top(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    first, second = Editor(telegram, Role.EDITOR), Editor(telegram, Role.EDITOR)
    for editor in (first, second):
        await open_card(editor)
        await editor.taps("修改", "改哪一项")
    await first.taps("标题 (中文)", "请发新的内容")
    await first.says("第一位改的标题", "改哪一项")
    await second.taps("简短回答 (中文)", "请发新的内容")
    await second.says("第二位改的简短回答。", "改哪一项")
    mine = await second.taps("看改动", "会这样改")
    await first.taps("看改动", "会这样改")
    await first.taps("发布", "现在就生效")
    conflict = await second.taps("发布", "别人先发布了新版本", mine)
    assert "第一位改的标题" in conflict["text"]
    shown = await second.taps("放到新版本上", "会这样改", conflict)
    assert "第一位改的标题" not in shown["text"]
    await second.taps("发布", "现在就生效", shown)
    now = entry(connection)
    assert (now.title.zh, now.answer.zh.short) == ("第一位改的标题", "第二位改的简短回答。")


async def test_a_draft_survives_a_restart_and_old_buttons_still_work(
    bot: App, telegram: TelegramServer, config: Config, texts: Texts, connection: Connection
) -> None:
    editor = Editor(telegram, Role.EDITOR)
    await open_card(editor)
    await editor.taps("修改", "改哪一项")
    menu = editor.last
    await editor.taps("标题 (中文)", "请发新的内容", menu)
    await stop(bot)
    again = await start(config, load(config.db), texts)
    try:
        await editor.says("重启以后发的标题", "改哪一项")
        await editor.taps("看改动", "会这样改", menu)
        await editor.taps("发布", "现在就生效")
        assert entry(load_connection(config)).title.zh == "重启以后发的标题"
    finally:
        await stop(again)


def load_connection(config: Config) -> Connection:
    return load(config.db).connection


async def test_history_shows_what_changed_and_brings_a_version_back(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    old = entry(connection)
    editor = Editor(telegram, Role.EDITOR)
    await open_card(editor)
    card = editor.last
    await editor.taps("修改", "改哪一项")
    await editor.taps("标题 (中文)", "请发新的内容")
    await editor.says("一时改错的标题", "改哪一项")
    await editor.taps("看改动", "会这样改")
    await editor.taps("发布", "现在就生效")
    await editor.taps("历史", "2 个版本", card)
    since = await editor.taps("1 ·", "第 1 版以后改了什么")
    assert "一时改错的标题" in since["text"]
    await editor.taps("恢复第 1 版", "会这样改")
    await editor.taps("发布", "现在就生效")
    now = entry(connection)
    assert (now.title, now.version) == (old.title, 3)


async def test_a_retired_entry_answers_nobody_and_comes_back(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    editor = Editor(telegram, Role.EDITOR)
    await open_card(editor)
    card = editor.last
    await editor.taps("停用", "会这样改")
    await editor.taps("仍然发布", "现在就生效")
    assert entry(connection).status is Status.RETIRED
    again = await editor.taps("看这条答案", "已停用")
    await editor.taps("重新启用", "会这样改", again)
    await editor.taps("发布", "现在就生效")
    assert entry(connection).status is Status.PUBLISHED
    assert card


async def test_a_new_entry_is_written_step_by_step_with_back_and_skip(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    editor = Editor(telegram, Role.EDITOR)
    await editor.says("/new", "属于哪一类")
    await editor.taps("工会", "请发新的内容：编号")
    await editor.says("Not An Id!", "编号")
    await editor.says("reading-room", "标题 (中文)")
    await editor.taps("返回", "请发新的内容：编号")
    await editor.taps("跳过", "标题 (中文)")
    old = entry(connection)
    typed = [
        "工会的图书室怎么用？",
        "How can I use the union's reading room?",
        "工会会员可以免费看书。",
        "Members read for free.",
        "\n".join(old.answer.zh.steps),
        "\n".join(old.answer.en.steps),
        old.answer.zh.details,
        old.answer.en.details,
        "图书室几点开门\n工会图书室在哪\n能去工会看书吗",
        "when does the reading room open\nwhere is the union library\ncan I read books there",
        "图书室",
        "reading room",
        "工会法 2",
        "union-12351",
        f"{ENTRY}",
        "只说图书室。",
    ]
    for text in typed[:-1]:
        await editor.says(text, "请发新的内容")
    await editor.says(typed[-1], "复核期限")
    await editor.taps("跳过", "改哪一项")
    shown = await editor.taps("看改动", "会这样改")
    assert "还不能发布" not in shown["text"], shown["text"]
    await editor.taps("发布", "现在就生效")
    assert entry(connection, "union.reading-room").version == 1
    telegram.says("工会图书室在哪")
    assert "免费看书" in (await telegram.reply_to(telegram.worker, 1))["text"]


async def test_an_unfinished_edit_is_not_lost_to_another(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    editor = Editor(telegram, Role.EDITOR)
    await editor.says("/new", "属于哪一类")
    await open_card(editor)
    card = editor.last
    asked = await editor.taps("修改", "没改完的")
    await editor.taps("不改了", "什么都没有改", asked)
    await editor.taps("修改", "改哪一项", card)


async def test_buttons_of_an_edit_that_is_over_say_so(bot: App, telegram: TelegramServer) -> None:
    editor = Editor(telegram, Role.EDITOR)
    await open_card(editor)
    await editor.taps("修改", "改哪一项")
    menu = editor.last
    await editor.taps("不改了", "什么都没有改", menu)
    assert "已经结束" in await editor.refused("看改动", menu)


async def test_a_withdrawn_editor_can_neither_type_nor_tap_on(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    editor = Editor(telegram, Role.EDITOR)
    await open_card(editor)
    await editor.taps("修改", "改哪一项")
    menu = editor.last
    await editor.taps("标题 (中文)", "请发新的内容", menu)
    people.withdraw(connection, editor.person.id, None, actor=0, now=NOW)
    assert "没有做这件事的权限" in await editor.refused("看改动", menu)
    await editor.says("偷偷改的标题", "没有做这件事的权限")
    assert entry(connection).title.zh != "偷偷改的标题"
    await editor.says("老板一直拖着不给我们交社保，我能怎么办", "12333")


async def test_a_viewer_sees_the_card_without_buttons_that_change(
    bot: App, telegram: TelegramServer
) -> None:
    viewer = Editor(telegram, Role.VIEWER)
    card = await open_card(viewer)
    texts = [text for text, _ in buttons(viewer.last)]
    assert not any(word in text for text in texts for word in ("修改", "停用", "核对"))
    assert "第 1 版" in card["text"]


async def test_try_shows_the_answer_why_and_adds_the_question_as_a_phrasing(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    editor = Editor(telegram, Role.EDITOR)
    why = await editor.says("/try 黑心厂家死活不肯上五险一金咋整", "为什么这样答")
    assert ENTRY in why["text"]
    shown = await editor.taps("加为上面这条的问法", "会这样改", why)
    assert "+ 黑心厂家死活不肯上五险一金咋整" in shown["text"]
    await editor.taps("发布", "现在就生效")
    assert any(
        "黑心厂家死活不肯上五险一金咋整" in e.phrasings.zh
        for e in KnowledgeStore(connection).entries()
    )


async def test_the_flow_speaks_english_to_who_reads_english(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    editor = Editor(telegram, Role.EDITOR, language="en")
    await editor.says(f"/faq {ENTRY}", "Found")
    await editor.taps(editor_title(editor), "contribution.employer")
    await editor.taps("Edit", "Which part?")
    await editor.taps("title (English)", "Send the new text")
    await editor.says("The boss does not pay: what now?", "Which part?")
    shown = await editor.taps("See the change", "What would change")
    assert "Chinese is marked as behind" in shown["text"]
    await editor.taps("Publish", "in force now", shown)
    await editor.says("/outdated", "out of step")
    assert entry(connection).outdated == "zh"


@pytest.fixture
def approving(config: Config) -> Config:
    return replace(config, approve_answers=True)


async def test_a_second_person_agrees_where_that_is_set(
    approving: Config,
    loaded: Loaded,
    texts: Texts,
    telegram: TelegramServer,
    connection: Connection,
) -> None:
    app = await start(approving, loaded, texts)
    try:
        author, other = Editor(telegram, Role.EDITOR), Editor(telegram, Role.EDITOR)
        await open_card(author)
        await author.taps("修改", "改哪一项")
        await author.taps("标题 (中文)", "请发新的内容")
        await author.says("要审核的标题", "改哪一项")
        await author.taps("看改动", "会这样改")
        await author.taps("请别人审核", "已送去审核")
        await telegram.until(lambda: "有人请您审核" in other.read)
        asked = other.last
        assert "要审核的标题" in asked["text"]
        await author.says("/approvals", "有人请您审核")
        await author.taps("同意", "自己写的要请别人")
        assert entry(connection).title.zh != "要审核的标题"
        await other.taps("同意", "现在就生效", asked)
        assert entry(connection).title.zh == "要审核的标题"
        await telegram.until(lambda: "有人同意" in author.read)
        assert "已经有人处理" in await other.refused("同意", asked)
        assert str(other.person.id) in people.acts(connection, limit=1)[0].after
    finally:
        await stop(app)


async def test_what_is_given_back_is_with_its_author_again(
    approving: Config,
    loaded: Loaded,
    texts: Texts,
    telegram: TelegramServer,
    connection: Connection,
) -> None:
    app = await start(approving, loaded, texts)
    try:
        author, other = Editor(telegram, Role.EDITOR), Editor(telegram, Role.EDITOR)
        await open_card(author)
        await author.taps("核对过", "会这样改")
        await author.taps("请别人审核", "已送去审核")
        await telegram.until(lambda: "有人请您审核" in other.read)
        await other.taps("退回", "已退回", other.last)
        await telegram.until(lambda: "被退回了" in author.read)
        await author.taps("接着改", "改哪一项", author.last)
    finally:
        await stop(app)
