"""Messages as lines with a style, and how Telegram and a terminal get them."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

# Telegram's limit for one message, in UTF-16 code units after its markup is parsed.
LONGEST_MESSAGE = 4096
# The same for the words under a picture or file.
LONGEST_CAPTION = 1024


class Style(StrEnum):
    """How a line looks."""

    PLAIN = "plain"
    STRONG = "strong"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a message. Its text is never markup; an empty one separates paragraphs."""

    text: str = ""
    style: Style = Style.PLAIN


BLANK = Line()


def strong(text: str) -> Line:
    """A line that stands out."""
    return Line(text, Style.STRONG)


def quiet(text: str) -> Line:
    """A line that stands back."""
    return Line(text, Style.QUIET)


def lines(text: str) -> list[Line]:
    """The text, a plain line for each of its lines."""
    return [Line(part) for part in text.splitlines()]


def units(text: str) -> int:
    """Length as Telegram counts it: UTF-16 code units."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


_TAGS = {Style.STRONG: "b", Style.QUIET: "i"}


def _html(line: Line) -> str:
    escaped = html.escape(line.text, quote=False)
    tag = _TAGS.get(line.style)
    return f"<{tag}>{escaped}</{tag}>" if tag and escaped.strip() else escaped


def _cut(line: Line, limit: int) -> Iterable[Line]:
    """The line in pieces of at most ``limit`` units, no character split."""
    if units(line.text) <= limit:
        yield line
        return
    text = ""
    size = 0
    for character in line.text:
        width = units(character)
        if size + width > limit:
            yield Line(text, line.style)
            text, size = "", 0
        text += character
        size += width
    yield Line(text, line.style)


def to_html(message: Sequence[Line], limit: int = LONGEST_MESSAGE) -> list[str]:
    """The message as Telegram's HTML, in as many parts as its length needs, split between lines.

    Args:
        limit: most UTF-16 units of text in a part (at least 2).
    """
    parts: list[list[Line]] = [[]]
    size = 0
    for line in (piece for whole in message for piece in _cut(whole, limit)):
        width = units(line.text) + 1
        if parts[-1] and size + width > limit + 1:
            parts.append([])
            size = 0
        if parts[-1] or line.text:
            parts[-1].append(line)
            size += width
    return ["\n".join(map(_html, part)).strip() for part in parts if any(x.text for x in part)]


def to_plain(message: Sequence[Line]) -> str:
    """The message without markup, as a terminal or a JSON reader gets it."""
    return "\n".join(line.text for line in message).strip()
