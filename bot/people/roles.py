"""Roles of staff, and what each may do."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the bot; everybody is a worker."""

    WORKER = "worker"
    VIEWER = "viewer"
    EDITOR = "editor"
    ORGANISER = "organiser"
    ADMIN = "admin"


STAFF_ROLES = (Role.VIEWER, Role.EDITOR, Role.ORGANISER, Role.ADMIN)


class Right(StrEnum):
    """What a role allows."""

    SEE = "see"  # entries as staff see them, what was asked, figures
    EDIT = "edit"  # entries
    COMPOSE = "compose"  # notices
    SEND = "send"  # notices
    MANAGE = "manage"  # staff, and the log of what they did


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.WORKER: frozenset(),
    Role.VIEWER: frozenset({Right.SEE}),
    Role.EDITOR: frozenset({Right.SEE, Right.EDIT}),
    Role.ORGANISER: frozenset({Right.SEE, Right.COMPOSE, Right.SEND}),
    Role.ADMIN: frozenset(Right),
}

# Commands beyond those of everybody, by the right that they need.
STAFF_COMMANDS: dict[Right, tuple[str, ...]] = {
    Right.SEE: (
        "faq",
        "try",
        "outdated",
        "export",
        "unanswered",
        "suggestions",
        "stats",
        "digest",
        "numbers",
    ),
    Right.EDIT: ("new", "approvals"),
    Right.COMPOSE: ("notice",),
    Right.SEND: (),
    Right.MANAGE: ("staff", "invite", "audit"),
}


def rights_of(roles: Iterable[Role]) -> frozenset[Right]:
    """Everything that one of the roles allows."""
    return frozenset(right for role in roles for right in RIGHTS[role])


def staff_commands(rights: frozenset[Right]) -> tuple[str, ...]:
    """The commands that these rights add, in the order in which they are shown."""
    return tuple(
        dict.fromkeys(
            command for right in Right if right in rights for command in STAFF_COMMANDS[right]
        )
    )
