"""Has pictures drawn by another process, one at a time, so that the bot stays small and answers."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.curation.figures_store import Figures

log = logging.getLogger(__name__)

PROGRAM = Path(__file__).with_name("picture.py")
LONGEST_SECONDS = 60.0
MOST_ENTRIES = 5


class Drawing:
    """Draws figures.

    Args:
        cache: folder in which the drawing program keeps what it found out about fonts; may be missing.
    """

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="drawing")

    async def of(self, figures: Figures, labels: list[str]) -> bytes | None:
        """The PNG of the figures; None, and the log says why, when it could not be drawn."""
        asked = {
            "parts": [[part.answered, part.choices, part.none] for part in figures.parts],
            "labels": labels,
            "entries": [entry.questions for entry in figures.entries[:MOST_ENTRIES]],
        }
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._draw, json.dumps(asked))

    def _draw(self, asked: str) -> bytes | None:
        try:
            done = subprocess.run(  # noqa: S603 (our own program, numbers on its standard input)
                [sys.executable, "-I", str(PROGRAM)],
                input=asked.encode(),
                capture_output=True,
                timeout=LONGEST_SECONDS,
                env={**os.environ, "MPLCONFIGDIR": str(self._cache)},
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            log.error("picture_not_drawn reason=%s", type(error).__name__)
            return None
        return done.stdout

    def close(self) -> None:
        """No picture is being drawn any more."""
        self._thread.shutdown(wait=True, cancel_futures=True)
