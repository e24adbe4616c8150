"""A workshop on the page of the sandbox: what organisers and workers tap."""

from __future__ import annotations

import re

from playwright.async_api import Locator, Page, expect

from tests.e2e.browser import Phone

# A Tuesday morning, long before quiet hours.
MORNING = "2027-03-02T10:00"
# What stands in the question of each step, and what is answered; None taps "Skip".
ANSWERS: tuple[tuple[str, str | None], ...] = (
    ("Chinese title", "社会保险法培训"),
    ("Chinese text", "讲怎么查缴费、怎么投诉，带上手机。"),
    ("English title", "Workshop on the Social Insurance Law"),
    ("English text", "How to check your record and how to complain."),
    ("When does it start", "2027-03-06 14:00"),
    ("When does it end", "16:30"),
    ("Where is it", "厦门市总工会三楼 | Trade union house, third floor"),
    ("map link", None),
    ("Whom can people ask", "12351"),
    ("How many can come", "1"),
    ("Until when", None),
    ("Send a poster", None),
)


async def set_clock(page: Page, moment: str) -> None:
    """The clock of the sandbox shows this time, in the zone of the browser."""
    panel = page.locator("#panel")
    await page.locator("#show-panel").click()
    await panel.get_by_label("调到这个时间").fill(moment)
    await panel.get_by_role("button", name="调到这个时间").click()
    await page.locator("#show-panel").click()


async def add(page: Page, name: str) -> Phone:
    """Another worker, who has just been greeted."""
    await page.locator("#add-worker").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("名字").fill(name)
    await dialog.get_by_label("手机语言").select_option("zh-hans")
    await dialog.get_by_role("button", name="加上").click()
    phone = Phone(page, name)
    await phone.show()
    return phone


async def sees(phone: Phone, words: str | re.Pattern[str]) -> Locator:
    """The newest message of the bot with these words, once there is one."""
    await phone.show()
    found = phone.messages().filter(has_text=words)
    await expect(found.last).to_be_visible()
    return found.last


async def tap(phone: Phone, message: Locator, words: str | re.Pattern[str]) -> None:
    """The person taps a button of the message as it is now."""
    await phone.show()
    buttons = message.locator(":scope > .inline-keyboard")
    await buttons.get_by_role("button", name=words, exact=isinstance(words, str)).click()


async def subscribe(phone: Phone) -> None:
    """The worker says below the greeting that they want notices."""
    await tap(phone, await sees(phone, "要不要告诉你"), "要通知")
    await tap(phone, await sees(phone, "想看哪里的通知"), re.compile("全国各地"))
    await tap(phone, await sees(phone, "想看哪些话题"), "好了")
    await sees(phone, "通知：已订")


async def compose(phone: Phone) -> Locator:
    """The organiser answers every step; the card below the preview."""
    await phone.say("/notice")
    await tap(phone, await sees(phone, "Write a new notice"), re.compile("New notice"))
    for asked, answer in ANSWERS:
        step = await sees(phone, asked)
        if answer is None:
            await tap(phone, step, re.compile("Skip"))
        else:
            await phone.say(answer)
    for asked in ("which regions", "which language", "which topics"):
        await tap(phone, await sees(phone, asked), re.compile("No limit"))
    return await sees(phone, "Preview of notice")


async def send(phone: Phone, card: Locator) -> Locator:
    """The organiser sends it; the message that shows how far it is."""
    await tap(phone, card, "Send")
    await tap(phone, await sees(phone, "Send it now"), "Yes, send")
    return await sees(phone, re.compile(r"▓▓▓▓▓▓▓▓▓▓ 100 %"))
