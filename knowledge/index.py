"""What the published entries have been asked with, arranged for looking up. Immutable once built."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from knowledge.entry import LANGUAGES, Entry, Status
from knowledge.segment import Segmenter, Tokens

# How much a feature counts, by where in the entry it stands.
TITLE, PHRASING, CUE, ANSWER = 2.0, 1.0, 1.5, 0.4
# How much a feature counts, by what it is: a whole word, what it stands for, a pair of characters.
WORD, CONCEPT, PAIR, SOUND = 1.0, 1.0, 0.25, 0.5
# Saturation: the twentieth phrasing with 老板 says little more than the fourth.
SATURATION = 3.0
BY_SIZE = 0.75


@dataclass(frozen=True, slots=True)
class IndexedPhrasing:
    """One way to ask, segmented: a title or a phrasing.

    Attributes:
        text: as it was written.
        words: its words, sorted, with spaces between.
        weights: weight of each of its words, concepts and pairs: of its kind, times its rarity.
        length: length of these weights as a vector.
    """

    text: str
    words: str
    weights: Mapping[str, float]
    length: float


@dataclass(frozen=True, slots=True)
class Index:
    """Published entries by the features that their askers use.

    Attributes:
        entry_ids: ids by position.
        phrasings: titles and phrasings of each entry, by position.
        wordings: the words of these, by position, for rapidfuzz.
        held: every feature of each entry's texts, by position.
        postings: feature -> (position, share) of each entry that has it; the share grows with how
            often it stands there, and stays below 1.
        rarity: feature -> weight of its rarity (above 0).
    """

    entry_ids: tuple[str, ...]
    phrasings: tuple[tuple[IndexedPhrasing, ...], ...]
    wordings: tuple[tuple[str, ...], ...]
    held: tuple[frozenset[str], ...]
    postings: Mapping[str, tuple[tuple[int, float], ...]]
    rarity: Mapping[str, float]


def features(tokens: Tokens) -> dict[str, float]:
    """The features of a text, each with the weight of its kind."""
    found = dict.fromkeys(tokens.words, WORD)
    found.update(dict.fromkeys(tokens.concepts, CONCEPT))
    found.update(dict.fromkeys(tokens.pairs, PAIR))
    found.update(dict.fromkeys(tokens.sounds, SOUND))
    return found


def build_index(entries: Iterable[Entry], segmenter: Segmenter) -> Index:
    """The index of the published ones among the entries."""
    published = [entry for entry in entries if entry.status is Status.PUBLISHED]
    bags: list[dict[str, float]] = []
    asked: list[list[tuple[str, Tokens]]] = []
    for entry in published:
        bag: dict[str, float] = defaultdict(float)
        asked.append([])
        for text, weight in _texts(entry):
            tokens = segmenter.tokens(text)
            found = features(tokens)
            for feature, kind in found.items():
                bag[feature] += weight * kind
            if weight in (TITLE, PHRASING):
                asked[-1].append((text, tokens))
        bags.append(bag)
    return _arrange([entry.id for entry in published], asked, bags)


def _texts(entry: Entry) -> Iterable[tuple[str, float]]:
    for language in LANGUAGES:
        yield entry.title.of(language), TITLE
        yield entry.answer.of(language).short, ANSWER
        yield from ((text, PHRASING) for text in entry.phrasings.of(language))
        yield from ((text, CUE) for text in entry.cues.of(language))


def _arrange(
    entry_ids: Sequence[str],
    asked: Sequence[Sequence[tuple[str, Tokens]]],
    bags: Sequence[Mapping[str, float]],
) -> Index:
    holders: dict[str, int] = defaultdict(int)
    for bag in bags:
        for feature in bag:
            holders[feature] += 1
    rarity = {
        feature: math.log(1 + (len(bags) - count + 0.5) / (count + 0.5))
        for feature, count in holders.items()
    }
    postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
    sizes = [sum(bag.values()) for bag in bags]
    usual = sum(sizes) / max(1, len(sizes))
    for position, bag in enumerate(bags):
        # As in BM25: what stands once among few phrasings says more than once among many.
        half = SATURATION * (1 - BY_SIZE + BY_SIZE * sizes[position] / usual)
        for feature, mass in bag.items():
            postings[feature].append((position, mass / (mass + half)))
    return Index(
        entry_ids=tuple(entry_ids),
        phrasings=tuple(
            tuple(_phrasing(text, tokens, rarity) for text, tokens in texts) for texts in asked
        ),
        wordings=tuple(tuple(tokens.sorted_words for _, tokens in texts) for texts in asked),
        held=tuple(frozenset(bag) for bag in bags),
        postings={feature: tuple(found) for feature, found in postings.items()},
        rarity=rarity,
    )


def _phrasing(text: str, tokens: Tokens, rarity: Mapping[str, float]) -> IndexedPhrasing:
    weights = {feature: kind * rarity[feature] for feature, kind in features(tokens).items()}
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return IndexedPhrasing(text, tokens.sorted_words, weights, length)
