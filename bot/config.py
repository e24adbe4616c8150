"""Every setting: its name in the environment, type, unit and default."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values

from bot.quiet import QuietHours, read_quiet_hours
from knowledge.errors import ShebaoError

PREFIX = "SHEBAO_"
# Messages a second above which Telegram charges for each.
FREE_RATE = 30
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class InvalidSetting(ShebaoError):
    """A setting is missing or malformed. The value is never part of the message."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__("error.invalid_setting", name=PREFIX + name)
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as README's table shows it.

    Attributes:
        name: name without the prefix.
        default: what holds when it is not set; None means that it has no default.
    """

    name: str
    default: str | None


SETTINGS = (
    Setting("TOKEN", None),
    Setting("DB", "data/shebao.db"),
    Setting("API_URL", "https://api.telegram.org"),
    Setting("PROXY", None),
    Setting("WEBHOOK_URL", None),
    Setting("WEBHOOK_SECRET", None),
    Setting("WEBHOOK_LISTEN", "127.0.0.1:8443"),
    Setting("RETENTION_DAYS", "180"),
    Setting("TIMEZONE", "Asia/Shanghai"),
    Setting("LOG_LEVEL", "INFO"),
    Setting("ADMINS", None),
    Setting("APPROVE_ANSWERS", "no"),
    Setting("APPROVE_NOTICES", "no"),
    Setting("SEND_RATE", "25"),
    Setting("QUIET_HOURS", "21:00-08:00"),
    Setting("ERROR_SHARE", "20"),
    Setting("MISSED_MINUTES", "60"),
    Setting("SEND_LATE", "no"),
)


@dataclass(frozen=True, slots=True, repr=False)
class Webhook:
    """Where Telegram delivers updates.

    Attributes:
        url: the address that Telegram is told.
        secret: what Telegram sends along, so that nobody else can deliver.
        host: address of this machine on which is listened.
        port: the port there (1 to 65535).
    """

    url: str
    secret: str
    host: str
    port: int


@dataclass(frozen=True, slots=True, repr=False)
class Config:
    """The settings in force. It has no repr, so that no log or traceback can show a secret.

    Attributes:
        token: the bot's token, or None where no command needs one.
        db: path of the SQLite file.
        api_url: base of the Bot API, without a slash at its end.
        proxy: proxy for Telegram, ``http://`` or ``socks5://``, or None.
        webhook: where updates are delivered to, or None when the bot asks for them.
        retention_days: how long questions are kept (days, at least 1).
        timezone: zone in which dates are shown and times are meant.
        log_level: lowest level that is logged.
        admins: user ids of those who are administrators whatever the database says.
        approve_answers: whether an answer goes out only after a second person has agreed to it.
        approve_notices: whether a notice goes out only after a second person has agreed to it.
        send_rate: notices a second (1 to 1000); above 30 Telegram charges for them.
        quiet_hours: when only urgent notices are sent.
        error_share: percent of the last notices that may fail before sending pauses (1 to 100).
        missed_minutes: how late a notice may be sent without anybody being asked (at least 1).
        send_late: whether one that is later is sent all the same.
    """

    token: str | None
    db: Path
    api_url: str
    proxy: str | None
    webhook: Webhook | None
    retention_days: int
    timezone: ZoneInfo
    log_level: str
    admins: frozenset[int]
    approve_answers: bool
    approve_notices: bool
    send_rate: int
    quiet_hours: QuietHours
    error_share: int
    missed_minutes: int
    send_late: bool

    @property
    def heartbeat(self) -> Path:
        """The file that is touched whenever Telegram answered a request for updates."""
        return self.db.with_name("heartbeat")

    def need_token(self) -> str:
        """The token.

        Raises:
            InvalidSetting: there is none.
        """
        if self.token is None:
            raise InvalidSetting("TOKEN", "expected.token")
        return self.token


def _url(
    values: Mapping[str, str], name: str, schemes: tuple[str, ...], expected: str
) -> str | None:
    value = values.get(name)
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        # Reading the port checks it.
        usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise InvalidSetting(name, expected)
    return value.rstrip("/")


def _webhook(values: Mapping[str, str]) -> Webhook | None:
    url = _url(values, "WEBHOOK_URL", ("http", "https"), "expected.webhook_url")
    host, separator, port = values["WEBHOOK_LISTEN"].rpartition(":")
    if (
        not separator
        or not host
        or not re.fullmatch(r"[0-9]{1,5}", port)
        or not 0 < int(port) < 65536
    ):
        raise InvalidSetting("WEBHOOK_LISTEN", "expected.listen")
    # Without one, anybody who finds the address could speak as any worker.
    secret = values.get("WEBHOOK_SECRET") or secrets.token_urlsafe(32)
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise InvalidSetting("WEBHOOK_SECRET", "expected.webhook_secret")
    return Webhook(url, secret, host.strip("[]"), int(port)) if url else None


def _user_ids(values: Mapping[str, str], name: str) -> frozenset[int]:
    written = [part.strip() for part in values.get(name, "").split(",") if part.strip()]
    if not all(re.fullmatch(r"[1-9][0-9]{0,15}", part) for part in written):
        raise InvalidSetting(name, "expected.user_ids")
    return frozenset(map(int, written))


def _switch(values: Mapping[str, str], name: str) -> bool:
    switches = {"yes": True, "no": False}
    chosen = switches.get(values[name].casefold())
    if chosen is None:
        raise InvalidSetting(name, "expected.switch")
    return chosen


def _number(values: Mapping[str, str], name: str, most: int, expected: str) -> int:
    written = values[name]
    if not re.fullmatch(r"[1-9][0-9]{0,6}", written) or int(written) > most:
        raise InvalidSetting(name, expected)
    return int(written)


def read_config(
    environment: Mapping[str, str] | None = None, env_file: Path | None = None
) -> Config:
    """The settings from the environment, then from ``.env``, then their defaults.

    Args:
        environment: instead of the process's own.
        env_file: instead of ``.env`` in the working directory; it may be missing.

    Raises:
        InvalidSetting: one is malformed.
    """
    environment = os.environ if environment is None else environment
    from_file = dotenv_values(env_file or Path(".env"), encoding="utf-8")
    merged = {**from_file, **environment}
    defaults = {setting.name: setting.default for setting in SETTINGS if setting.default}
    set_here = {
        key.removeprefix(PREFIX): value.strip()
        for key, value in merged.items()
        if key.startswith(PREFIX) and value and value.strip()
    }
    values = {**defaults, **set_here}
    token = values.get("TOKEN")
    if token is not None and not re.fullmatch(r"[0-9]{1,20}:[A-Za-z0-9_-]{20,}", token):
        raise InvalidSetting("TOKEN", "expected.token")
    days = values["RETENTION_DAYS"]
    if not re.fullmatch(r"[1-9][0-9]{0,4}", days):
        raise InvalidSetting("RETENTION_DAYS", "expected.days")
    try:
        zone = ZoneInfo(values["TIMEZONE"])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidSetting("TIMEZONE", "expected.timezone") from None
    quiet = read_quiet_hours(values["QUIET_HOURS"], zone)
    if quiet is None:
        raise InvalidSetting("QUIET_HOURS", "expected.quiet_hours")
    level = values["LOG_LEVEL"].upper()
    if level not in LOG_LEVELS:
        raise InvalidSetting("LOG_LEVEL", "expected.log_level")
    return Config(
        token=token,
        db=Path(values["DB"]).expanduser(),
        api_url=_url(values, "API_URL", ("http", "https"), "expected.http_url") or "",
        proxy=_url(values, "PROXY", ("http", "https", "socks5", "socks5h"), "expected.proxy"),
        webhook=_webhook(values),
        retention_days=int(days),
        timezone=zone,
        log_level=level,
        admins=_user_ids(values, "ADMINS"),
        approve_answers=_switch(values, "APPROVE_ANSWERS"),
        approve_notices=_switch(values, "APPROVE_NOTICES"),
        send_rate=_number(values, "SEND_RATE", 1000, "expected.send_rate"),
        quiet_hours=quiet,
        error_share=_number(values, "ERROR_SHARE", 100, "expected.error_share"),
        missed_minutes=_number(values, "MISSED_MINUTES", 1_000_000, "expected.minutes"),
        send_late=_switch(values, "SEND_LATE"),
    )
