"""What people have asked with, about what, arranged for looking up. Immutable once built."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from knowledge.learned import Learned
from knowledge.segment import Tokens
from knowledge.text import bare, normalise
from knowledge.wording import Wording

# How much a feature counts, by the mark it begins with: what words stand for, a pair of characters,
# the sound of a pair; a whole word has no mark.
WORD = 1.0
KINDS = {"@": 1.0, "#": 0.25, "~": 0.5}


def kind(feature: str) -> float:
    """How much a feature counts for what it is."""
    return KINDS.get(feature[0], WORD)


def features(tokens: Tokens) -> Iterator[str]:
    """The features of a text, each once: words, concepts, pairs of characters and their sounds."""
    yield from dict.fromkeys(tokens.words)
    yield from tokens.concepts
    yield from tokens.pairs
    yield from tokens.sounds


@dataclass(frozen=True, slots=True)
class Phrasings:
    """Titles and phrasings of all subjects in one row, subject by subject.

    Attributes:
        texts: as they were written.
        words: the words of each, sorted, with spaces between.
        starts: number of the first of each subject, by position; and at the end how many there are.
        features: numbers of the features of all, in one row.
        feature_starts: where in ``features`` those of each begin; and at the end how many there are.
        holders: numbers of the phrasings that have a feature, feature by feature.
        holder_starts: where in ``holders`` those of each feature begin; and at the end how many.
        lengths: length of each as a vector of its features' weights.
        traits: codes of the traits of all, in one row.
        trait_starts: where in ``traits`` those of each begin; and at the end how many there are.
    """

    texts: Sequence[str]
    words: Sequence[str]
    starts: array[int]
    features: array[int]
    feature_starts: array[int]
    holders: array[int]
    holder_starts: array[int]
    lengths: array[float]
    traits: array[int]
    trait_starts: array[int]

    def of(self, position: int) -> range:
        """The numbers of a subject's titles and phrasings."""
        return range(self.starts[position], self.starts[position + 1])

    def features_of(self, number: int) -> array[int]:
        """The numbers of a phrasing's features."""
        return self.features[self.feature_starts[number] : self.feature_starts[number + 1]]

    def traits_of(self, number: int) -> array[int]:
        """The codes of a phrasing's traits."""
        return self.traits[self.trait_starts[number] : self.trait_starts[number + 1]]


@dataclass(frozen=True, slots=True)
class Asides:
    """Cues and short answers: texts that nobody asks with, kept so that they need not be cut again.

    Attributes:
        features: numbers of the features of all, in one row.
        starts: where in ``features`` those of each begin; and at the end how many there are.
        traits: codes of the traits of all, in one row.
        trait_starts: where in ``traits`` those of each begin; and at the end how many there are.
    """

    texts: Sequence[str]
    features: array[int]
    starts: array[int]
    traits: array[int]
    trait_starts: array[int]

    def features_of(self, number: int) -> array[int]:
        """The numbers of a text's features."""
        return self.features[self.starts[number] : self.starts[number + 1]]

    def traits_of(self, number: int) -> array[int]:
        """The codes of a text's traits."""
        return self.traits[self.trait_starts[number] : self.trait_starts[number + 1]]


@dataclass(frozen=True, slots=True)
class Index:
    """Subjects by the features that their askers use; plain rows of numbers, quick to load.

    Attributes:
        ids: ids of the subjects, by position.
        groups: number of the group of each, by position.
        features: feature -> its number.
        weights: weight of each feature, by number: of its kind, times how much it tells (from 0).
        starts: where in ``positions`` and ``shares`` each feature begins; and at the end how many.
        positions: positions of the subjects that have the feature, ascending.
        shares: how much each of them has of it; grows with how often, and stays below 1.
        wording: how they are asked about, small words and all.
        learned: what tells the phrasings of one from those of all others.
        phrasings: titles and phrasings.
        asides: the other texts.
        said: what a title or phrasing says -> positions of the subjects that have it.
        chinese: Chinese words with how often they stand in titles and phrasings.
        latin: Latin words that stand anywhere in the subjects.
    """

    ids: tuple[str, ...]
    groups: array[int]
    features: Mapping[str, int]
    weights: array[float]
    starts: array[int]
    positions: array[int]
    shares: array[float]
    wording: Wording
    learned: Learned
    phrasings: Phrasings
    asides: Asides
    said: Mapping[str, tuple[int, ...]]
    chinese: Mapping[str, int]
    latin: frozenset[str]

    def holders(self, feature: int) -> Iterator[tuple[int, float]]:
        """Position and share of each subject that has the feature with this number."""
        first, end = self.starts[feature], self.starts[feature + 1]
        return zip(self.positions[first:end], self.shares[first:end])  # noqa: B905 (called often)

    def holds(self, position: int, feature: str) -> bool:
        """Whether any text of the subject has the feature."""
        number = self.features.get(feature)
        if number is None:
            return False
        end = self.starts[number + 1]
        place = bisect_left(self.positions, position, self.starts[number], end)
        return place < end and self.positions[place] == position


def said(phrasings: Phrasings) -> dict[str, tuple[int, ...]]:
    """What each title and phrasing says, as :func:`saying` puts it -> positions of the subjects."""
    found: dict[str, tuple[int, ...]] = {}
    for position in range(len(phrasings.starts) - 1):
        for number in phrasings.of(position):
            words = phrasings.words[number]
            key = words if " " in words else saying(words, normalise(phrasings.texts[number]))
            owners = found.setdefault(key, (position,))
            if position not in owners:
                found[key] = (*owners, position)
    return found


def saying(sorted_words: str, text: str) -> str:
    """What a normalised text says, whatever the order of its words and small words between them.

    One word alone says too little: 社保 is not 我的社保. There the whole text counts.
    """
    return sorted_words if " " in sorted_words else bare(text)
