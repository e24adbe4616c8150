"""Text as Telegram takes it: HTML to entities, refused as strictly, and entities found by themselves.

Source: https://core.telegram.org/bots/api#html-style, and ``parse_html`` of tdlib/td
(td/telegram/MessageEntity.cpp), whose error descriptions these are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.errors import bad_request

Entity = dict[str, Any]

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024

_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
_NAMED_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|([a-zA-Z]+));?")
_ATTRIBUTE = re.compile(r"""\s*([^\s=>]*)\s*(=?)\s*("[^"]*"|'[^']*'|[\w.-]*)""", re.ASCII)
_FOUND = (
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z]\w{3,31}\b", re.ASCII)),
    ("bot_command", re.compile(r"(?<![\w/@])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/])", re.ASCII)),
    ("url", re.compile(r"(?<![\w@])(?:https?://)?(?:[\w-]+\.)+[a-z]{2,6}(?:/[\w./?=&%#~-]*)?\b", re.A)),
    ("email", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)),
    ("hashtag", re.compile(r"(?<![\w&])#\w*[^\W\d]\w*")),
)  # fmt: skip


def utf16(text: str) -> int:
    """Length in UTF-16 code units, in which Telegram counts."""
    return len(text) + sum(character > "\uffff" for character in text)


def _byte_offset(text: str, position: int) -> int:
    return len(text[:position].encode("utf-8", "surrogatepass"))


def _decoded(match: re.Match[str]) -> str:
    hexadecimal, decimal, name = match.groups()
    if name is not None:
        return _NAMED_CHARACTERS.get(name, match[0])
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return chr(code) if 0 < code < 0x10FFFF else match[0]


@dataclass
class _Open:
    tag: str
    argument: str
    offset: int
    begins: int


@dataclass
class _Html:
    source: str
    text: list[str] = field(default_factory=list)
    offset: int = 0
    open: list[_Open] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)

    def parse(self) -> tuple[str, list[Entity]]:
        position = 0
        while position < len(self.source):
            tag = self.source.find("<", position)
            self._add(self.source[position : tag if tag >= 0 else None])
            if tag < 0:
                break
            closes = self.source.startswith("</", tag)
            position = self._end(tag) if closes else self._start(tag)
        if self.open:
            name = self.open[-1].tag
            raise _unparsable(f'Can\'t find end tag corresponding to start tag "{name}"')
        return "".join(self.text), sorted(self.entities, key=lambda e: (e["offset"], -e["length"]))

    def _add(self, raw: str) -> None:
        text = _REFERENCE.sub(_decoded, raw)
        self.text.append(text)
        self.offset += utf16(text)

    def _start(self, begins: int) -> int:
        at = _byte_offset(self.source, begins)
        name_match = re.compile(r"[^\s>]*").match(self.source, begins + 1)
        name = name_match[0].lower() if name_match else ""
        position = begins + 1 + len(name)
        if position >= len(self.source):
            raise _unparsable(f"Unclosed start tag at byte offset {at}")
        if name not in _KINDS:
            raise _unparsable(f'Unsupported start tag "{name}" at byte offset {at}')
        attributes: dict[str, str] = {}
        while True:
            position += len(self.source[position:]) - len(self.source[position:].lstrip())
            if self.source[position : position + 1] == ">":
                break
            match = _ATTRIBUTE.match(self.source, position)
            if match is None or not match[1]:
                if position >= len(self.source):
                    raise _unparsable(f"Unclosed start tag at byte offset {at}")
                raise _unparsable(f'Empty attribute name in the tag "{name}" at byte offset {at}')
            if not match[2] and (name, match[1]) != ("blockquote", "expandable"):
                raise _unparsable(
                    "Expected equal sign in declaration of an attribute of the tag"
                    f' "{name}" at byte offset {at}'
                )
            attributes[match[1].lower()] = _REFERENCE.sub(_decoded, match[3].strip("\"'"))
            position = match.end()
        self.open.append(_Open(name, _argument(name, attributes, at), self.offset, len(self.text)))
        return position + 1

    def _end(self, begins: int) -> int:
        at = _byte_offset(self.source, begins)
        if not self.open:
            raise _unparsable(f"Unexpected end tag at byte offset {at}")
        match = re.compile(r"</([^\s>]*)\s*(>?)").match(self.source, begins)
        if match is None or not match[2]:
            raise _unparsable(f"Unclosed end tag at byte offset {at}")
        opened = self.open.pop()
        name = match[1].lower()
        if name and name != opened.tag:
            raise _unparsable(
                f'Unmatched end tag at byte offset {at}, expected "</{opened.tag}>", found "</{name}>"'
            )
        self._close(opened)
        return match.end()

    def _close(self, opened: _Open) -> None:
        length = self.offset - opened.offset
        if not length:
            return
        entity: Entity = {
            "type": _KINDS[opened.tag],
            "offset": opened.offset,
            "length": length,
        }
        if opened.tag == "a":
            url = opened.argument or "".join(self.text[opened.begins :])
            if "." not in url and ":" not in url:
                return
            entity["url"] = url if ":" in url else f"http://{url}/"
        if opened.tag == "tg-emoji":
            entity["custom_emoji_id"] = opened.argument
        if opened.tag == "blockquote" and opened.argument:
            entity["type"] = "expandable_blockquote"
        self.entities.append(entity)


def _argument(tag: str, attributes: dict[str, str], at: int) -> str:
    if tag == "span" and attributes.get("class") != "tg-spoiler":
        raise _unparsable(f'Tag "span" must have class "tg-spoiler" at byte offset {at}')
    if tag == "blockquote":
        return "expandable" if "expandable" in attributes else ""
    return attributes.get({"a": "href", "tg-emoji": "emoji-id"}.get(tag, ""), "")


def _unparsable(reason: str) -> Exception:
    return bad_request(f"can't parse entities: {reason}")


def found_entities(text: str) -> list[Entity]:
    """Mentions, commands, addresses and hashtags that Telegram marks in any text."""
    entities: list[Entity] = []
    taken: set[int] = set()
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            positions = set(range(match.start(), match.end()))
            if positions & taken:
                continue
            taken |= positions
            entities.append(
                {
                    "type": kind,
                    "offset": utf16(text[: match.start()]),
                    "length": utf16(match[0]),
                }
            )
    return sorted(entities, key=lambda entity: entity["offset"])


def formatted(
    text: str,
    parse_mode: str,
    entities: list[Entity] | None,
    *,
    limit: int,
    too_long: str,
) -> tuple[str, list[Entity]]:
    """The text that people see and its entities.

    Args:
        parse_mode: "HTML" in any case, or empty.
        limit: most UTF-16 code units after parsing.
        too_long: Telegram's description when it is longer.

    Raises:
        Refused: Telegram would refuse it.
    """
    if parse_mode.lower() == "html":
        text, entities = _Html(text).parse()
    elif parse_mode:
        # MarkdownV2 exists in Telegram, but this bot writes HTML.
        raise bad_request("unsupported parse_mode")
    left = len(text) - len(text.lstrip())
    shift = utf16(text[:left])
    text = text.strip()
    if utf16(text) > limit:
        raise bad_request(too_long)
    kept = [_moved(entity, shift, utf16(text)) for entity in entities or []]
    kept = [entity for entity in kept if entity["length"] > 0]
    return text, kept or found_entities(text)


def _moved(entity: Entity, shift: int, end: int) -> Entity:
    begins = max(0, entity["offset"] - shift)
    ends = min(end, entity["offset"] - shift + entity["length"])
    return {**entity, "offset": begins, "length": ends - begins}
