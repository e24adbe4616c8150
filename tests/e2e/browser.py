"""`shebao demo` in a process of its own, and a browser that looks at its page."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from playwright.async_api import Locator, Page, async_playwright, expect

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None
)
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
START_SECONDS = 60.0
WAIT_MILLISECONDS = 15_000


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def demo(folder: Path, port: int, language: str = "zh") -> Iterator[str]:
    """`shebao demo` runs with its data in the folder; its address is given, and Ctrl-C ends it.

    Raises:
        AssertionError: it did not start, or did not end in good order.
    """
    # A file, not a pipe: nobody reads it while the test runs.
    printed = folder.with_suffix(".log")
    with printed.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "demo", "--no-browser", "--port", str(port),
             "--data", str(folder)],
            cwd=ROOT, env={**os.environ, "LANG": f"{language}.UTF-8", "PYTHONWARNINGS": ""},
            stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_SECONDS
        while url not in printed.read_text("utf-8"):
            assert process.poll() is None, printed.read_text("utf-8")
            assert time.monotonic() < deadline, printed.read_text("utf-8")
            time.sleep(0.1)
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0, printed.read_text("utf-8")
    assert "Traceback" not in printed.read_text("utf-8")


def wait_for_the_bot(url: str) -> None:
    """The bot has told the sandbox its commands."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{url}/sandbox/state") as response:  # noqa: S310
            if b'"command": "topics"' in response.read():
                return
        time.sleep(0.1)
    raise TimeoutError(url)


@asynccontextmanager
async def open_page(url: str, size: dict[str, int], language: str = "zh") -> AsyncIterator[Page]:
    """The page in Debian's chromium; any error in it fails the test."""
    problems: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = await browser.new_page(
            viewport={"width": size["width"], "height": size["height"]}, reduced_motion="reduce"
        )
        page.set_default_timeout(WAIT_MILLISECONDS)
        expect.set_options(timeout=WAIT_MILLISECONDS)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith((url, "blob:")) else problems.append(request.url)
            ),
        )
        await page.goto(f"{url}/?lang={language}")
        await expect(page.locator(".phone")).not_to_have_count(0)
        yield page
        await browser.close()
    assert problems == []


class Phone:
    """One person's phone on the page."""

    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        self.name = name
        self.root = page.locator(".phone").filter(has=page.get_by_role("heading", name=name))

    async def show(self) -> None:
        """The phone is in sight, also where only one has room."""
        tab = self.page.get_by_role("tab", name=self.name)
        if await tab.count() and await tab.is_visible():
            await tab.click()
        await expect(self.root).to_be_visible()

    async def say(self, text: str) -> None:
        """The person types and sends."""
        await self.show()
        box = self.root.get_by_role("combobox")
        await box.fill(text)
        await box.press("Enter")
        await expect(self.messages("mine").last).to_contain_text(text)

    def messages(self, whose: str = "theirs") -> Locator:
        """The messages of the bot ("theirs") or of the person ("mine"), the oldest first."""
        return self.root.locator(f".log > .message.{whose}")

    async def answers(self, count: int) -> Locator:
        """The newest message of the bot, once it has sent that many."""
        await expect(self.messages()).to_have_count(count)
        return self.messages().last

    async def tap(self, words: str | re.Pattern[str], message: Locator | None = None) -> None:
        """The person taps a button under a message, the newest if none is named."""
        where = message if message is not None else self.messages().last
        await where.locator(".inline-keyboard").get_by_role("button", name=words).first.click()
