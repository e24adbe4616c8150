"""What an editor does, clicked through in a browser."""

from __future__ import annotations

import asyncio

from playwright.async_api import expect

from tests.e2e.browser import DESKTOP, Phone, open_page

SHORT = "老板必须给您交社保。不交，您可以去告他。"


async def tap(phone: Phone, words: str, until: str) -> str:
    """The newest button with these words is tapped, and a message with those comes: its text."""
    before = await phone.messages().count()
    buttons = phone.root.locator(".inline-keyboard").get_by_role("button", name=words)
    await buttons.last.click()
    return await came(phone, before, until)


async def came(phone: Phone, before: int, until: str) -> str:
    """The text with these words that came after the first ``before`` messages."""
    async with asyncio.timeout(60):
        while True:
            for text in (await phone.messages().all_inner_texts())[before:]:
                if until in text:
                    return text
            await asyncio.sleep(0.1)


async def say(phone: Phone, words: str, until: str) -> str:
    """The person says it, and a message with those words comes: its text."""
    before = await phone.messages().count()
    await phone.say(words)
    return await came(phone, before, until)


async def test_an_editor_corrects_an_answer_and_a_worker_gets_it(demo_url: str) -> None:
    async with open_page(demo_url, DESKTOP) as page:
        editor, worker = Phone(page, "李娜"), Phone(page, "王芳")
        await editor.show()
        await say(editor, "/faq employer-refuses", "找到")
        await tap(editor, "单位不给交社保", "版")
        await tap(editor, "修改", "改哪一项")
        await tap(editor, "简短回答 (中文)", "请发新的内容")
        await say(editor, SHORT, "改哪一项")
        shown = await tap(editor, "看改动", "会这样改")
        assert f"+ {SHORT}" in shown
        assert "对别的问题的影响" in shown
        await tap(editor, "发布", "现在就生效")
        await worker.show()
        before = await worker.messages().count()
        await worker.say("单位不给交社保，我有哪些办法")
        await expect(worker.messages()).to_have_count(before + 1)
        await expect(worker.messages().last).to_contain_text(SHORT)
        await editor.show()
        await tap(editor, "看这条答案", "还没有跟上")
        await tap(editor, "历史版本", "2 个版本")
        await tap(editor, "1 · ", "第 1 版以后")
        await tap(editor, "恢复第 1 版", "会这样改")
        await tap(editor, "发布", "第 3 版")


async def test_an_administrator_invites_and_the_log_tells(demo_url: str) -> None:
    async with open_page(demo_url, DESKTOP) as page:
        admin = Phone(page, "李娜")
        await admin.show()
        await say(admin, "/invite viewer", "只能用一次")
        assert "发了邀请" in await say(admin, "/audit", "工作人员做过什么")
