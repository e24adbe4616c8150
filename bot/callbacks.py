"""What a button carries: a code and ids, never text, in at most 64 bytes.

Callback data can be forged and outlives restarts and entries: whoever handles a press checks what the
ids name, and says so when it is gone.
"""

from __future__ import annotations

from enum import StrEnum

LONGEST = 64


class Code(StrEnum):
    """What a press asks for."""

    OPEN = "e"  # an entry, from a list: e:ENTRY
    CHOOSE = "c"  # "did you mean": c:QUESTION:ENTRY
    NONE_OF_THESE = "n"  # n:QUESTION
    HELPFUL = "y"  # y:QUESTION:ENTRY, QUESTION may be empty
    NOT_HELPFUL = "x"  # x:QUESTION:ENTRY
    TOPICS = "t"  # t
    SCHEME = "s"  # s:SCHEME:PAGE
    LANGUAGE = "l"  # l:LANGUAGE
    REGION = "r"  # r:CODE, CODE may be empty
    CHOOSE_REGION = "g"  # g
    FORGET = "f"  # f
    STAFF_WITHDRAW = "Sw"  # Sw:USER:ROLE
    STAFF_INVITE = "Si"  # Si:ROLE
    DEAD_NUMBER = "Dn"  # which number does not work: Dn:ENTRY:REGION, both may be empty
    DEAD_NUMBER_IS = "Dk"  # Dk:CONTACT:REGION
    SETTLE_NUMBER = "Ds"  # Ds:CONTACT:REGION:LAST, LAST being the newest report that was shown
    FIGURES = "Fp"  # Fp:PERIOD
    FIGURES_FILE = "Fx"  # Fx:PERIOD
    AUDIT = "Sa"  # Sa:BEFORE, the id that the page ends before


def pack(code: Code, *values: object) -> str:
    """The callback data for a press.

    Raises:
        ValueError: it would be longer than 64 bytes.
    """
    data = ":".join([code, *map(str, values)])
    if len(data.encode()) > LONGEST:
        raise ValueError(data)
    return data


def pattern(*codes: Code) -> str:
    """The regular expression that matches callback data with one of these codes."""
    return f"^(?:{'|'.join(codes)})(:|$)"


def unpack(data: str, count: int) -> list[str]:
    """The values in callback data, exactly ``count`` of them; missing ones are empty."""
    values = data.split(":")[1:]
    return (values + [""] * count)[:count]
