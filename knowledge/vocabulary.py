"""Our own words: what to keep together, what means the same, what means nothing, what is a place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.errors import InvalidKnowledge, Problem
from knowledge.reading import Fields, read_yaml
from knowledge.text import normalise


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The lexicon, normalised and ready for the segmenter.

    Attributes:
        words: word that stays together when Chinese is segmented -> how often it is taken to be said
            (at least 1; in jieba's dictionary 的 has 318825).
        concepts: word or expression in either language -> concepts it stands for.
        stop_words: words that carry no topic.
        law_words: words that ask for an article of the law and name no topic; English ones as stems.
        places: name of a province or city -> two-digit code of its region.
    """

    words: Mapping[str, int]
    concepts: Mapping[str, tuple[str, ...]]
    stop_words: frozenset[str]
    law_words: frozenset[str]
    places: Mapping[str, str]


def _concepts(path: Path, problems: list[Problem]) -> dict[str, tuple[str, ...]]:
    content = read_yaml(path)
    found: dict[str, tuple[str, ...]] = {}
    if not isinstance(content, dict):
        problems.append(Problem(path.name, "-", "-", "expected.mapping"))
        return found
    for concept, members in content.items():
        fields = Fields(members, path.name, str(concept), problems)
        for word in (*fields.texts("zh"), *fields.texts("en")):
            key = normalise(word)
            found[key] = (*found.get(key, ()), str(concept))
        fields.done()
    return found


def _places(path: Path, problems: list[Problem]) -> dict[str, str]:
    content = read_yaml(path)
    places: dict[str, str] = {}
    if not isinstance(content, dict):
        problems.append(Problem(path.name, "-", "-", "expected.mapping"))
        return places
    fields = Fields(content, path.name, "-", problems)
    for code in content:
        for name in fields.texts(code, least=1):
            key = normalise(name)
            if places.setdefault(key, str(code)) != str(code):
                problems.append(Problem(path.name, str(code), name, "expected.unique"))
    return places


def read_vocabulary(folder: Path) -> Vocabulary:
    """The lexicon that stands in ``folder``.

    Raises:
        UnreadableFile: a file is missing or not YAML.
        InvalidKnowledge: with everything that is wrong, in all files.
    """
    problems: list[Problem] = []
    words = Fields(read_yaml(folder / "words.yaml"), "words.yaml", "-", problems)
    frequencies = {normalise(str(word)): words.number(word) for word in words.values}
    stop = Fields(read_yaml(folder / "stopwords.yaml"), "stopwords.yaml", "-", problems)
    vocabulary = Vocabulary(
        words=frequencies,
        concepts=_concepts(folder / "concepts.yaml", problems),
        stop_words=frozenset(
            normalise(word) for word in (*stop.texts("zh", least=1), *stop.texts("en", least=1))
        ),
        law_words=frozenset(normalise(word) for word in stop.texts("law", least=1)),
        places=_places(folder / "places.yaml", problems),
    )
    words.done()
    stop.done()
    if problems:
        raise InvalidKnowledge(problems)
    return vocabulary
