"""What can be asked about, and the texts by which it is found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from knowledge.entry import LANGUAGES, Entry, Status
from knowledge.outside import Topic

# How much a feature counts, by where in the entry it stands.
TITLE, PHRASING, CUE, ANSWER = 2.0, 1.0, 1.5, 0.4


@dataclass(frozen=True, slots=True)
class Subject:
    """What can be asked about: a published entry, or a topic that is none of ours.

    Attributes:
        group: the scheme, or whatever else is asked about in like words.
        texts: each with how much its features count; those of ``TITLE`` and ``PHRASING`` are what
            people ask.
    """

    id: str
    group: str
    texts: tuple[tuple[str, float], ...]


def subjects(entries: Iterable[Entry], outside: Iterable[Topic] = ()) -> list[Subject]:
    """The published ones among the entries, then the topics that are none of ours."""
    ours = [
        Subject(entry.id, entry.scheme, tuple(_texts(entry)))
        for entry in entries
        if entry.status is Status.PUBLISHED
    ]
    return ours + [
        Subject(
            topic.id,
            topic.id,
            tuple((text, PHRASING) for name in LANGUAGES for text in topic.phrasings.of(name)),
        )
        for topic in outside
    ]


def _texts(entry: Entry) -> Iterator[tuple[str, float]]:
    for language in LANGUAGES:
        yield entry.title.of(language), TITLE
        yield entry.answer.of(language).short, ANSWER
        yield from ((text, PHRASING) for text in entry.phrasings.of(language))
        yield from ((text, CUE) for text in entry.cues.of(language))
