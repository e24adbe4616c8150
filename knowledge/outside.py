"""Topics that people ask about and that are none of ours: each gets a fitting reply, never a legal answer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from knowledge.errors import InvalidKnowledge, Problem
from knowledge.reading import Bilingual, Fields, read_yaml

ID_PATTERN = r"outside\.[a-z]+(_[a-z]+)*"


@dataclass(frozen=True, slots=True)
class Topic:
    """One of these topics.

    Attributes:
        id: also the key of the reply in the catalogues.
        phrasings: how people come up with it.
    """

    id: str
    phrasings: Bilingual[tuple[str, ...]]


def read_outside(path: Path) -> list[Topic]:
    """The topics in the file.

    Raises:
        UnreadableFile, InvalidKnowledge: the file cannot be used.
    """
    problems: list[Problem] = []
    top = Fields(read_yaml(path), path.name, "-", problems)
    topics: list[Topic] = []
    for item in top.items("topics"):
        topic_id = item.text("id", pattern=ID_PATTERN)
        item.entry = topic_id
        topics.append(
            Topic(topic_id, item.bilingual("phrasings", lambda f, n: f.texts(n, least=1)))
        )
        item.done()
    top.done()
    if problems:
        raise InvalidKnowledge(problems)
    return topics
