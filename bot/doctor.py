"""Whether an installation is in order, without changing it more than a start would."""

from __future__ import annotations

import datetime
import sqlite3
from dataclasses import dataclass, field

from bot.config import FREE_RATE, Config
from bot.heartbeat import HEARTBEAT_STALE_SECONDS, heartbeat_age
from bot.loading import Loaded, load
from knowledge import curate
from knowledge.errors import ShebaoError
from knowledge.store import KnowledgeStore


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Attributes:
        fine: True in order, False not in order, None only to know.
        key: key of the sentence that says so.
    """

    fine: bool | None
    key: str
    parameters: dict[str, object] = field(default_factory=dict)


def examine(config: Config) -> list[Finding]:
    """Everything that was looked at, in an order to read."""
    findings = [Finding(True, "doctor.token") if config.token else Finding(None, "doctor.no_token")]
    try:
        loaded = load(config.db)
    except ShebaoError as error:
        return [*findings, Finding(False, error.key, error.parameters)]
    try:
        findings += [*_database(loaded, config), *_knowledge(loaded, config)]
    finally:
        loaded.connection.close()
    if config.send_rate > FREE_RATE:
        paid: dict[str, object] = {"rate": config.send_rate, "free": FREE_RATE}
        findings.append(Finding(None, "doctor.paid_rate", paid))
    return [*findings, _polling(config)]


def _database(loaded: Loaded, config: Config) -> list[Finding]:
    path = str(config.db)
    try:
        (verdict,) = loaded.connection.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        return [Finding(False, "error.unusable_database", {"path": path, "reason": verdict})]
    count = loaded.connection.table("questions").count
    return [
        Finding(True, "doctor.database", {"path": path}),
        Finding(None, "doctor.questions", {"count": count, "days": config.retention_days}),
    ]


def _knowledge(loaded: Loaded, config: Config) -> list[Finding]:
    today = datetime.datetime.now(config.timezone).date()
    changed = KnowledgeStore(loaded.connection).changed_by_staff()
    overdue = curate.overdue(loaded.base, today)
    findings = [Finding(True, "doctor.entries", {"count": len(loaded.base.entries)})]
    if changed:
        findings.append(Finding(None, "doctor.changed", {"ids": ", ".join(changed)}))
    if overdue:
        ids = ", ".join(entry.id for entry in overdue)
        findings.append(Finding(False, "doctor.overdue", {"ids": ids}))
    return findings


def _polling(config: Config) -> Finding:
    age = heartbeat_age(config.heartbeat, datetime.datetime.now(datetime.UTC))
    if age is None:
        return Finding(None, "doctor.never_ran")
    if age > HEARTBEAT_STALE_SECONDS:
        return Finding(False, "doctor.stale", {"seconds": round(age)})
    return Finding(True, "doctor.polling", {"seconds": round(age)})
