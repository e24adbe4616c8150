"""A sender that is killed in the middle, again and again, while Telegram misbehaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import notices
from tests.bench.stand_in import Faults

# Fewer floods than in the measurement, since each of them costs a second.
FAULTS = Faults(flood=0.01, blocked=0.03, server_error=0.03, silent=0.01, dropped=0.02)


def test_nobody_gets_it_twice_and_nobody_is_lost_when_the_sender_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "FAULTS", FAULTS)
    figures = notices.killed(tmp_path, recipients=400, kills=2, rate=200, seed=3)
    assert figures["got it twice"] == 0
    assert figures["lost"] == 0
    assert figures["state unlike what was seen"] == 0
    assert {"pending", "sending", "failed"}.isdisjoint(figures)
    unknown, most = figures.get("unknown", 0), figures["unknown, at most"]
    assert isinstance(unknown, int)
    assert isinstance(most, int)
    assert unknown <= most
