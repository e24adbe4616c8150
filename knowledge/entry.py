"""One FAQ answer: its form, how it is read from YAML, and how it is shown as JSON."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from knowledge.errors import InvalidKnowledge, Problem
from knowledge.reading import Bilingual, Fields, read_yaml

LANGUAGES = ("zh", "en")
# Schemes in the order in which people are shown them.
SCHEMES = (
    "contribution",
    "work-injury",
    "pension",
    "medical",
    "unemployment",
    "maternity",
    "resident-pension",
    "resident-medical",
    "social-assistance",
    "migrant-workers",
    "platform-work",
    "transfer-and-records",
    "enforcement-and-disputes",
    "union",
    "law",
    "fund",
    "foreigners",
    "servicemembers",
)
ID_PATTERN = r"[a-z]+(-[a-z]+)*\.[a-z0-9]+(-[a-z0-9]+)*"

# A title is a button of "did you mean" and a line of a list: 40 characters fit a phone's width twice.
LONGEST_TITLE = {"zh": 40, "en": 110}
LONGEST_SHORT = {"zh": 100, "en": 250}
# The whole answer as text. With law and contacts some 900 characters reach a Chinese reader.
LONGEST_ANSWER = {"zh": 520, "en": 900}
SHORTEST_ANSWER = {"zh": 300, "en": 400}
MOST_STEPS = 6


class Status(StrEnum):
    """Whether workers get an entry."""

    PUBLISHED = "published"
    DRAFT = "draft"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Answer:
    """What to tell the asker, in one language.

    Attributes:
        short: the answer in one or two sentences.
        steps: what to do, in order.
        details: the law, exceptions and traps, in our own words.
    """

    short: str
    steps: tuple[str, ...]
    details: str

    @property
    def text(self) -> str:
        """The whole answer as plain text, one step a line."""
        numbered = [f"{number}. {step}" for number, step in enumerate(self.steps, 1)]
        return "\n".join([self.short, *numbered, self.details])


@dataclass(frozen=True, slots=True)
class Provision:
    """The law that governs an answer.

    Attributes:
        law: full Chinese name without 《》, or the number of an instrument.
        article: number of the article (at least 1), or None for an instrument cited whole.
    """

    law: str
    article: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One FAQ answer with everything that belongs to it.

    Attributes:
        outdated: the language whose answer waits for a change made in the other, if one does.
    """

    id: str
    scheme: str
    status: Status
    scope: str
    title: Bilingual[str]
    answer: Bilingual[Answer]
    phrasings: Bilingual[tuple[str, ...]]
    cues: Bilingual[tuple[str, ...]]
    provisions: tuple[Provision, ...]
    contacts: tuple[str, ...]
    related: tuple[str, ...]
    checked_on: datetime.date
    review_by: datetime.date
    outdated: str | None = None
    version: int = field(default=1, compare=False)

    def as_json(self) -> dict[str, object]:
        """The JSON contract of ``faq show`` and ``faq export``; nothing of the entry is left out.

        ``answer`` is the text a reader sees; ``parts`` holds the same in its parts.
        """

        def parts(answer: Answer) -> dict[str, object]:
            return {"short": answer.short, "steps": list(answer.steps), "details": answer.details}

        return {
            "id": self.id,
            "scheme": self.scheme,
            "status": str(self.status),
            "version": self.version,
            "scope": self.scope,
            "title": {"zh": self.title.zh, "en": self.title.en},
            "answer": {"zh": self.answer.zh.text, "en": self.answer.en.text},
            "parts": {"zh": parts(self.answer.zh), "en": parts(self.answer.en)},
            "phrasings": {"zh": list(self.phrasings.zh), "en": list(self.phrasings.en)},
            "cues": {"zh": list(self.cues.zh), "en": list(self.cues.en)},
            "provisions": [{"law": p.law, "article": p.article} for p in self.provisions],
            "contacts": list(self.contacts),
            "related": list(self.related),
            "checked_on": self.checked_on.isoformat(),
            "review_by": self.review_by.isoformat(),
            "outdated": self.outdated,
        }

    @property
    def digest(self) -> str:
        """A fingerprint of the content: equal exactly when all but version and state are equal."""
        content = replace(self, version=1).as_json()
        del content["outdated"]
        text = json.dumps(content, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _answer(fields: Fields, language: str) -> Answer:
    inner = fields.fields(language)
    answer = Answer(
        short=inner.text("short", most=LONGEST_SHORT[language]),
        steps=inner.texts("steps", least=1),
        details=inner.text("details"),
    )
    inner.done()
    length = len(answer.text)
    where = fields.path + language
    if length > LONGEST_ANSWER[language]:
        fields.note(where, "expected.at_most", most=LONGEST_ANSWER[language], found=length)
    if length < SHORTEST_ANSWER[language]:
        fields.note(where, "expected.at_least", least=SHORTEST_ANSWER[language], found=length)
    if len(answer.steps) > MOST_STEPS:
        fields.note(f"{where}.steps", "expected.at_most_items", most=MOST_STEPS)
    return answer


def _provision(fields: Fields) -> Provision:
    law = fields.text("law")
    article = fields.number("article") if "article" in fields.values else None
    fields.done()
    return Provision(law, article)


def read_entry(value: object, *, file: str, scheme: str, problems: list[Problem]) -> Entry:
    """The entry that ``value`` describes; what is wrong with it is added to ``problems``."""
    name = str(value.get("id", "?")) if isinstance(value, dict) else "?"
    fields = Fields(value, file, name, problems)
    status = fields.choice("status", Status)
    entry = Entry(
        id=fields.text("id", pattern=ID_PATTERN),
        scheme=scheme,
        status=status or Status.DRAFT,
        scope=fields.text("scope"),
        title=fields.bilingual("title", lambda f, n: f.text(n, most=LONGEST_TITLE[n])),
        answer=fields.bilingual("answer", _answer),
        phrasings=fields.bilingual("phrasings", lambda f, n: f.texts(n, least=3)),
        cues=fields.bilingual("cues", lambda f, n: f.texts(n)),
        provisions=tuple(_provision(item) for item in fields.items("provisions")),
        contacts=fields.texts("contacts", least=1),
        related=fields.texts("related"),
        checked_on=fields.date("checked_on"),
        review_by=fields.date("review_by"),
    )
    if not entry.provisions:
        fields.note("provisions", "expected.at_least_items", least=1, found=0)
    if entry.review_by <= entry.checked_on:
        fields.note("review_by", "expected.after", other="checked_on")
    fields.done()
    return entry


def entry_from_json(content: Mapping[str, object], problems: list[Problem]) -> Entry:
    """The entry that :meth:`Entry.as_json` describes; what is wrong with it is added to ``problems``."""
    scheme = str(content.get("scheme", ""))
    if scheme not in SCHEMES:
        known = ", ".join(SCHEMES)
        note: dict[str, object] = {"choices": known, "found": scheme}
        problems.append(
            Problem("-", str(content.get("id", "?")), "scheme", "expected.choice", note)
        )
    written = {
        **{name: content[name] for name in _SAME_IN_JSON if name in content},
        "answer": content.get("parts"),
        "provisions": _without_null(content.get("provisions")),
        **{name: _date(content.get(name)) for name in ("checked_on", "review_by")},
    }
    entry = read_entry(written, file=f"{scheme}.yaml", scheme=scheme, problems=problems)
    outdated, version = content.get("outdated"), content.get("version")
    return replace(
        entry,
        outdated=str(outdated) if outdated in LANGUAGES else None,
        version=version if isinstance(version, int) else 1,
    )


def _without_null(provisions: object) -> object:
    """An instrument that is cited whole has no article in YAML, and a null in JSON."""
    if not isinstance(provisions, list):
        return provisions
    return [
        {name: value for name, value in item.items() if value is not None}
        if isinstance(item, dict)
        else item
        for item in provisions
    ]


_SAME_IN_JSON = ("id", "status", "scope", "title", "phrasings", "cues", "contacts", "related")


def _date(value: object) -> object:
    """The date that is written there; whatever else stands there is for :class:`Fields` to refuse."""
    try:
        return datetime.date.fromisoformat(str(value))
    except ValueError:
        return value


def _read_file(path: Path, problems: list[Problem]) -> Iterator[Entry]:
    fields = Fields(read_yaml(path), path.name, "-", problems)
    scheme = fields.text("scheme")
    if scheme and scheme not in SCHEMES:
        fields.note("scheme", "expected.choice", choices=", ".join(SCHEMES), found=scheme)
    entries = fields.values.get("entries")
    if not isinstance(entries, list):
        fields.note("entries", "expected.list")
        return
    for value in entries:
        yield read_entry(value, file=path.name, scheme=scheme, problems=problems)


def _full_law_names(path: Path) -> dict[str, str]:
    """Short name -> name of each law that has one, so that no editor need type a title of 28 characters."""
    if not path.exists():
        return {}
    top = Fields(read_yaml(path), path.name, "-", [])
    return {
        str(law.values["short"]): str(law.values.get("name"))
        for law in top.items("laws")
        if "short" in law.values
    }


def _with_full_names(entry: Entry, full_names: Mapping[str, str]) -> Entry:
    provisions = tuple(
        replace(provision, law=full_names.get(provision.law, provision.law))
        for provision in entry.provisions
    )
    return replace(entry, provisions=provisions)


def read_entries(folder: Path) -> list[Entry]:
    """Every entry of the YAML files in ``folder``, in the order of files and lines.

    Raises:
        UnreadableFile: a file is missing or not YAML.
        InvalidKnowledge: with everything that is wrong, in all files.
    """
    problems: list[Problem] = []
    entries: dict[str, Entry] = {}
    full_names = _full_law_names(folder.parent / "law.yaml")
    for path in sorted(folder.glob("*.yaml")):
        for written in _read_file(path, problems):
            entry = _with_full_names(written, full_names)
            if entry.id in entries:
                problems.append(Problem(path.name, entry.id, "id", "expected.unique"))
            entries[entry.id] = entry
    if problems:
        raise InvalidKnowledge(problems)
    return list(entries.values())


def files_digest(folder: Path) -> str:
    """A fingerprint of the YAML files: changes when any of them does."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.yaml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def by_id(entries: Iterable[Entry]) -> dict[str, Entry]:
    """The entries, to look up by id, in the order given."""
    return {entry.id: entry for entry in entries}
