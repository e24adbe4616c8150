"""The file that is as fresh as the last updates that Telegram delivered."""

from __future__ import annotations

import datetime
from pathlib import Path

# A request for updates is answered after ten seconds at the latest; a few in a row may be lost.
HEARTBEAT_STALE_SECONDS = 60.0
HEARTBEAT_EVERY_SECONDS = 5.0


def heartbeat_age(heartbeat: Path, now: datetime.datetime) -> float | None:
    """Seconds since updates last arrived; None when the bot stopped cleanly or never ran."""
    try:
        return max(0.0, now.timestamp() - heartbeat.stat().st_mtime)
    except OSError:
        return None


def touch(heartbeat: Path) -> None:
    """Updates arrived just now."""
    heartbeat.touch()
