"""`shebao demo`: the sandbox, and the ordinary application that takes it for Telegram."""

from __future__ import annotations

import os
import sys
import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlite_utils.db import Database as Connection

from bot.config import PREFIX, read_config
from bot.loading import load
from bot.logs import set_up_logging
from bot.people.roles import Role
from bot.people.store import SHELL, give_role
from bot.running import run
from bot.sandbox.running import kept_state, running
from bot.sandbox.state import State
from bot.shell import Shell

EXAMPLE_ROLES = {
    "editor": (Role.EDITOR, Role.ADMIN),
    "organiser": (Role.ORGANISER,),
}
# Settings that a trial takes over; token, database and addresses are its own.
TAKEN_OVER = (
    "TIMEZONE",
    "RETENTION_DAYS",
    "SEND_RATE",
    "QUIET_HOURS",
    "ERROR_SHARE",
    "MISSED_MINUTES",
    "SEND_LATE",
    "APPROVE_NOTICES",
)


def run_demo(shell: Shell, *, port: int | None, data: Path | None, open_browser: bool) -> None:
    """The whole bot runs in a browser until it is told to stop.

    Args:
        port: of the sandbox; None for the usual or a free one.
        data: folder in which database and chats are kept; None for one that is gone afterwards.

    Raises:
        ShebaoError: the port is taken, or what the folder holds cannot be used.
    """
    with _folder(data) as folder:
        state = kept_state(folder / "chats.json")
        state_file = folder / "chats.json" if data else None
        timezone = shell.config.timezone
        with running(state, shell.texts, timezone, port=port, state_file=state_file) as url:
            environment = {
                name: value
                for name, value in os.environ.items()
                if name.removeprefix(PREFIX) in TAKEN_OVER
            } | {
                "SHEBAO_TOKEN": state.token,
                "SHEBAO_DB": str(folder / "shebao.db"),
                "SHEBAO_API_URL": url,
            }
            config = read_config(environment, folder / "no.env")
            set_up_logging("WARNING", state.token)
            loaded = load(config.db)
            _give_roles(loaded.connection, state)
            click.echo(shell.say("demo.try", url=url))
            if open_browser and _has_display():
                webbrowser.open(f"{url}/?lang={'en' if shell.language == 'en' else 'zh'}")
            run(config, loaded, shell.texts, state.clock.now)


def _give_roles(connection: Connection, state: State) -> None:
    """The example staff may do what their phones say; the editor is an administrator as well."""
    for person in state.people.values():
        for role in EXAMPLE_ROLES.get(person.role, ()):
            give_role(connection, person.id, role, actor=SHELL, now=state.clock.now())


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is not None:
        data.mkdir(parents=True, exist_ok=True)
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="shebao-demo-") as temporary:
        yield Path(temporary)


def _has_display() -> bool:
    """Whether a browser would open in a window, and not take this terminal."""
    return sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
