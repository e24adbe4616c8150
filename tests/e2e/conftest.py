"""The running demo, once for all tests, and a new worker for each."""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.e2e.browser import CHROMIUM, DESKTOP, PHONE, demo, free_port, open_page, wait_for_the_bot

NUMBERS = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser these tests are left out, but where one is required they fail."""
    if CHROMIUM is None and not os.environ.get("SHEBAO_TEST_BROWSER"):
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(
                    pytest.mark.skip(reason="needs chromium (apt-get install chromium)")
                )


@pytest.fixture(scope="session")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running `shebao demo`."""
    with demo(tmp_path_factory.mktemp("demo") / "data", free_port()) as url:
        wait_for_the_bot(url)
        yield url


@pytest_asyncio.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
async def page(request: pytest.FixtureRequest, demo_url: str) -> AsyncIterator[Page]:
    """The page at the width of a desktop, and again at that of a phone."""
    async with open_page(demo_url, request.param) as opened:
        yield opened


@pytest.fixture
def new_name() -> str:
    """A name that no other test uses."""
    return f"工友甲{next(NUMBERS)}号"
