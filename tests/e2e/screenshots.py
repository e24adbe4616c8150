"""The pictures of the README: ``python -m tests.e2e.screenshots [FOLDER]``."""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path

import click
from playwright.async_api import Page

from tests.e2e.browser import DESKTOP, PHONE, Phone, demo, free_port, open_page, wait_for_the_bot
from tests.e2e.workshop import MORNING, add, compose, sees, send, set_clock, subscribe, tap

HERE = Path(__file__).parent / "screenshots"
SETTLE_MILLISECONDS = 600


async def _desktop(page: Page) -> None:
    editor, organiser = Phone(page, "李娜"), Phone(page, "Chen Gang")
    await editor.say("上班路上被车撞了算工伤吗")
    await editor.answers(1)
    await organiser.say("boss not pay insurance how to complain")
    await organiser.answers(1)
    worker = Phone(page, "王芳")
    await worker.root.get_by_role("log").evaluate("log => { log.scrollTop = 0; }")


async def _workshop(page: Page, folder: Path) -> None:
    """The organiser's preview, and the progress beside a worker who has signed up."""
    await set_clock(page, MORNING)
    organiser, worker = Phone(page, "Chen Gang"), await add(page, "阿强")
    await subscribe(worker)
    card = await compose(organiser)
    await page.wait_for_timeout(SETTLE_MILLISECONDS)
    await page.screenshot(path=folder / "preview.png")
    await send(organiser, card)
    await tap(worker, await sees(worker, "不想再收通知"), "报名")
    await sees(worker, "✓ 已报名")
    await organiser.say("/notice")
    menu = await sees(organiser, "Write a new notice")
    await tap(organiser, menu, re.compile("Workshop on"))
    await sees(organiser, "1 come")
    await page.wait_for_timeout(SETTLE_MILLISECONDS)
    await page.screenshot(path=folder / "workshop.png")


async def take(url: str, folder: Path) -> None:
    """Every picture stands in the folder."""
    async with open_page(url, {"width": 1280, "height": 800}) as page:
        await _desktop(page)
        await page.wait_for_timeout(SETTLE_MILLISECONDS)
        await page.screenshot(path=folder / "sandbox.png")
    async with open_page(url, DESKTOP, "en") as page:
        await page.locator("#show-panel").click()
        await page.locator(".requests summary").first.click()
        await page.wait_for_timeout(SETTLE_MILLISECONDS)
        await page.screenshot(path=folder / "panel.png")
    async with open_page(url, PHONE) as page:
        await page.wait_for_timeout(SETTLE_MILLISECONDS)
        await page.screenshot(path=folder / "phone.png")
    async with open_page(url, {"width": 1600, "height": 1000}) as page:
        await _workshop(page, folder)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=HERE)
def main(folder: Path) -> None:
    """Runs the demo, and takes the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as temporary,
        demo(Path(temporary) / "data", free_port()) as url,
    ):
        wait_for_the_bot(url)
        asyncio.run(take(url, folder))


if __name__ == "__main__":
    main()
