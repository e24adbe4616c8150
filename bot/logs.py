"""Logging that never shows the token, and ids instead of words."""

from __future__ import annotations

import logging


class _Masking(logging.Formatter):
    """Replaces the token wherever it stands, in messages and tracebacks alike."""

    def __init__(self, token: str | None) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._token = token

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return text.replace(self._token, "[token]") if self._token else text


def set_up_logging(level: str, token: str | None) -> None:
    """Logging goes to stderr from ``level`` on, without the token."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Masking(token))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # httpx logs every request's address, which holds the token, at INFO.
    for name in ("httpx", "httpcore", "apscheduler"):
        logging.getLogger(name).setLevel(logging.WARNING)
