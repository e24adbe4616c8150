"""Changing an entry field by field: what is typed for a field, and what differs afterwards."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from knowledge.entry import LANGUAGES, Entry, entry_from_json
from knowledge.errors import Problem, ShebaoError

Content = dict[str, Any]

# Fields whose words a worker reads, so that both languages must say the same.
_READ = ("title", "short", "steps", "details")


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that can be changed.

    Attributes:
        name: such as ``steps.zh``, or ``contacts``.
        path: where it stands in the JSON of an entry.
        lines: whether it is a list, typed one item a line.
    """

    name: str
    path: tuple[str, ...]
    lines: bool = False

    @property
    def language(self) -> str | None:
        """The language that the field is written in, if it is one of two."""
        last = self.name.rpartition(".")[2]
        return last if last in LANGUAGES else None


def _both(name: str, *path: str, lines: bool = False) -> list[Field]:
    return [
        Field(f"{name}.{x}", tuple(x if p == "*" else p for p in path), lines) for x in LANGUAGES
    ]


FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in (
        *_both("title", "title", "*"),
        *_both("short", "parts", "*", "short"),
        *_both("steps", "parts", "*", "steps", lines=True),
        *_both("details", "parts", "*", "details"),
        *_both("phrasings", "phrasings", "*", lines=True),
        *_both("cues", "cues", "*", lines=True),
        Field("provisions", ("provisions",), lines=True),
        Field("contacts", ("contacts",), lines=True),
        Field("related", ("related",), lines=True),
        Field("scope", ("scope",)),
        Field("checked_on", ("checked_on",)),
        Field("review_by", ("review_by",)),
    )
}


class UnreadableLine(ShebaoError):
    """A line typed for a field cannot be used."""

    def __init__(self, line: str) -> None:
        super().__init__("error.unreadable_provision", line=line[:80])


def shown(content: Content, field: Field) -> str:
    """The field as a person types it: lists one item a line."""
    value: Any = content
    for part in field.path:
        value = value.get(part, "")
    if field.name == "provisions":
        return "\n".join(f"{p['law']} {p['article'] or ''}".strip() for p in value)
    return "\n".join(value) if field.lines else str(value)


def revised(content: Content, field: Field, typed: str) -> Content:
    """The content with what was typed in this field.

    Phrasings and cues are added to those there are; a line that begins with "-" takes one away.

    Raises:
        UnreadableLine: a provision is neither a law nor a law and the number of an article.
    """
    changed = copy.deepcopy(content)
    place: Any = changed
    for part in field.path[:-1]:
        place = place.setdefault(part, {})
    last = field.path[-1]
    typed = typed.strip()
    items = [line.strip() for line in typed.splitlines() if line.strip()]
    if field.name == "provisions":
        place[last] = [_provision(line) for line in items]
    elif field.name.startswith(("phrasings.", "cues.")):
        place[last] = _added(place.get(last, []), items)
    elif field.lines:
        place[last] = [re.sub(r"^\d{1,2}[.、．)]\s*", "", line) for line in items]
    else:
        place[last] = typed
    return changed


def _provision(line: str) -> dict[str, object]:
    match = re.fullmatch(r"《?(.+?)》?\s*(?:第)?\s*(\d{1,4})?\s*条?", line)
    if match is None or line.isdecimal():
        raise UnreadableLine(line)
    law, article = match.groups()
    return {"law": law.strip(), "article": int(article) if article else None}


def _added(texts: list[str], items: list[str]) -> list[str]:
    gone = {item[1:].strip() for item in items if item.startswith(("-", "－"))}
    new = [item.lstrip("+＋").strip() for item in items if not item.startswith(("-", "－"))]
    return [x for x in dict.fromkeys([*texts, *new]) if x and x not in gone]


def entry_of(content: Content, law_names: Mapping[str, str]) -> tuple[Entry, list[Problem]]:
    """The entry as far as it is written, and what is wrong with it.

    Args:
        law_names: short name -> full name of laws that have a short one.
    """
    problems: list[Problem] = []
    entry = entry_from_json(content, problems)
    provisions = tuple(replace(p, law=law_names.get(p.law, p.law)) for p in entry.provisions)
    return replace(entry, provisions=provisions), problems


def blank(entry_id: str, scheme: str, checked_on: str, review_by: str) -> Content:
    """A new entry with nothing written yet; it lacks what :func:`entry_of` then tells."""
    nothing: Content = {"zh": [], "en": []}
    return {
        "id": entry_id,
        "scheme": scheme,
        "status": "published",
        "scope": "",
        "title": {"zh": "", "en": ""},
        "parts": {name: {"short": "", "steps": [], "details": ""} for name in LANGUAGES},
        "phrasings": copy.deepcopy(nothing),
        "cues": copy.deepcopy(nothing),
        "provisions": [],
        "contacts": [],
        "related": [],
        "checked_on": checked_on,
        "review_by": review_by,
        "outdated": None,
    }


@dataclass(frozen=True, slots=True)
class Difference:
    """One field before and after; lists as the items taken away and added."""

    field: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def differences(before: Entry | None, after: Entry) -> list[Difference]:
    """What is different, field by field; for a new entry everything that it has."""
    new = after.as_json()
    old = before.as_json() if before is not None else {**blank("", "", "", ""), "status": ""}
    found = []
    for field in (*FIELDS.values(), Field("status", ("status",))):
        then, now = shown(old, field), shown(new, field)
        if then == now:
            continue
        if field.lines:
            was, became = then.splitlines(), now.splitlines()
            gone = tuple(line for line in was if line not in became)
            added = tuple(line for line in became if line not in was)
            # The same items in another order.
            found.append(Difference(field.name, gone or tuple(was) * (not added), added))
        else:
            found.append(Difference(field.name, (then,) if then else (), (now,) if now else ()))
    return found


def in_step(before: Entry | None, after: Entry, *, small: bool) -> Entry:
    """The entry with the language that now waits for the other, if one does.

    Args:
        small: whether the change says nothing that the other language would have to say, too.
    """
    if before is None:
        return replace(after, outdated=None)
    changed = {
        language
        for difference in differences(before, after)
        for name, _, language in [difference.field.partition(".")]
        if name in _READ
    }
    if not changed or small:
        return replace(after, outdated=before.outdated)
    if len(changed) == len(LANGUAGES) or before.outdated in changed:
        return replace(after, outdated=None)
    (other,) = set(LANGUAGES) - changed
    return replace(after, outdated=other)


def rebased(mine: Content, base: Content, theirs: Content) -> tuple[Content, list[str]]:
    """My changes on top of what others wrote meanwhile, and the fields that both changed (mine stand)."""
    merged, both = copy.deepcopy(theirs), []
    changed: Callable[[Content, Field], bool] = lambda x, f: shown(x, f) != shown(base, f)  # noqa: E731
    for field in FIELDS.values():
        if not changed(mine, field):
            continue
        if changed(theirs, field) and shown(mine, field) != shown(theirs, field):
            both.append(field.name)
        place: Any = merged
        value: Any = mine
        for part in field.path[:-1]:
            place, value = place[part], value[part]
        place[field.path[-1]] = copy.deepcopy(value[field.path[-1]])
    return merged, both
