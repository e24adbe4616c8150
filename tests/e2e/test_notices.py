"""A workshop clicked through in a browser: composed, sent, filled, waited for, corrected, withdrawn."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.e2e.browser import DESKTOP, PHONE, Phone, demo, free_port, open_page, wait_for_the_bot
from tests.e2e.workshop import MORNING, add, compose, sees, send, set_clock, subscribe, tap

ORGANISER = "Chen Gang"


@pytest.fixture
def own_demo(tmp_path: Path) -> Iterator[str]:
    """A demo for one test, since its clock is moved."""
    with demo(tmp_path / "data", free_port()) as url:
        wait_for_the_bot(url)
        yield url


@pytest_asyncio.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
async def page(request: pytest.FixtureRequest, own_demo: str) -> AsyncIterator[Page]:
    """The page in the morning, at the width of a desktop, and again at that of a phone."""
    async with open_page(own_demo, request.param) as opened:
        await set_clock(opened, MORNING)
        yield opened


async def test_a_workshop_is_announced_filled_waited_for_and_reminded_of(page: Page) -> None:
    organiser, first, second = (
        Phone(page, ORGANISER),
        await add(page, "阿强"),
        await add(page, "小梅"),
    )
    await subscribe(first)
    await subscribe(second)
    card = await compose(organiser)
    await expect(card).to_contain_text("Goes to 2 people")
    await expect(card).to_contain_text("Nothing is sent from 21:00 to 08:00")
    progress = await send(organiser, card)
    await expect(progress).to_contain_text("Sent: 2")
    notice = await sees(first, "不想再收通知")
    await tap(first, notice, "报名")
    mine = await sees(first, "✓ 已报名")
    await tap(second, await sees(second, "不想再收通知"), "报名")
    await tap(second, await sees(second, "名额满了"), "候补排队")
    await sees(second, "候补第 1 位")
    await tap(first, mine, "不来了")
    await sees(second, "有位子了，你排到了")
    await set_clock(page, "2027-03-05T15:00")
    await sees(second, "明天见：社会保险法培训")
    await expect(first.messages().filter(has_text="明天见")).to_have_count(0)
    await set_clock(page, "2027-03-06T12:30")
    reminder = await sees(second, "快开始了：社会保险法培训")
    await expect(reminder.get_by_role("button", name="我到了")).to_be_visible()


async def test_a_workshop_is_corrected_and_withdrawn(page: Page) -> None:
    organiser, worker = Phone(page, ORGANISER), await add(page, "阿强")
    await subscribe(worker)
    await send(organiser, await compose(organiser))
    notice = await sees(worker, "不想再收通知")
    await tap(worker, notice, "报名")
    await sees(worker, "✓ 已报名")
    await organiser.say("/notice")
    menu = await sees(organiser, "Write a new notice")
    await tap(organiser, menu, re.compile("Workshop on"))
    card = await sees(organiser, "1 come")
    await tap(organiser, card, "Correct")
    await tap(organiser, await sees(organiser, "What do you want to change"), "Start")
    await sees(organiser, "When does it start")
    await organiser.say("2027-03-06 15:00")
    await tap(organiser, await sees(organiser, "after the correction"), "Correct")
    await sees(worker, "有变动：社会保险法培训")
    await expect(notice).to_contain_text("15:00–16:30")
    await tap(organiser, card, "Withdraw")
    await tap(organiser, await sees(organiser, 'Withdraw "'), re.compile("Yes, withdraw"))
    await sees(worker, "取消了：社会保险法培训")
    await expect(notice).to_contain_text("⚠ 已取消")


async def test_whoever_opts_out_gets_no_notice_and_is_still_answered(page: Page) -> None:
    organiser, worker = Phone(page, ORGANISER), await add(page, "阿强")
    await subscribe(worker)
    await worker.say("退订")
    ended = await sees(worker, "已退订")
    await expect(await compose(organiser)).to_contain_text("Goes to 0 people")
    await worker.show()
    await worker.say("老板不给我交社保怎么办")
    await sees(worker, "社会保险法")
    await tap(worker, ended, "还是要通知")
    await sees(worker, "通知：已订")
