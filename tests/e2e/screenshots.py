"""The pictures of the README: ``python -m tests.e2e.screenshots [FOLDER]``."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import click
from playwright.async_api import Page

from tests.e2e.browser import DESKTOP, PHONE, Phone, demo, free_port, open_page, wait_for_the_bot

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
