"""What is logged never holds the token."""

from __future__ import annotations

import logging

import pytest

from bot.config import read_config
from bot.logs import set_up_logging

TOKEN = "123456:" + "S" * 35


def test_a_token_in_a_message_or_traceback_is_masked(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        set_up_logging("INFO", TOKEN)
        try:
            raise RuntimeError(f"https://example.org/bot{TOKEN}/getMe")
        except RuntimeError:
            logging.getLogger("a").exception("call to %s", TOKEN)
        logging.getLogger("httpx").info("POST %s", TOKEN)
    finally:
        root.handlers, root.level = before, level
    logged = capsys.readouterr().err
    assert TOKEN not in logged
    assert "[token]" in logged
    assert "POST" not in logged


def test_the_settings_have_no_repr_that_shows_a_secret() -> None:
    config = read_config({"SHEBAO_TOKEN": TOKEN})
    assert TOKEN not in repr(config)
    assert config.need_token() == TOKEN
