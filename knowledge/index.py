"""What people have asked with, about what, arranged for looking up. Immutable once built."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.segment import Segmenter, Tokens
from knowledge.subject import PHRASING, TITLE, Subject
from knowledge.text import bare, latin_words, normalise

# How much a feature counts, by the mark it begins with: what words stand for, a pair of characters,
# the sound of a pair; a whole word has no mark.
WORD = 1.0
KINDS = {"@": 1.0, "#": 0.25, "~": 0.5}
# Saturation: the twentieth phrasing with 老板 says little more than the fourth.
SATURATION = 3.0
BY_SIZE = 0.9
# A feature of one entry is telling, of two somewhat less so: rarity counts a little less than in BM25.
RARITY_POWER = 0.85
# Naive Bayes: the mass of an average text that is added to each subject's own (Dirichlet prior), and
# what is added to the mass of each feature in it.
PRIOR_MASS, PRIOR_OF_FEATURE = 200.0, 0.5


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
    """

    texts: Sequence[str]
    words: Sequence[str]
    starts: array[int]
    features: array[int]
    feature_starts: array[int]
    holders: array[int]
    holder_starts: array[int]
    lengths: array[float]

    def of(self, position: int) -> range:
        """The numbers of a subject's titles and phrasings."""
        return range(self.starts[position], self.starts[position + 1])

    def features_of(self, number: int) -> array[int]:
        """The numbers of a phrasing's features."""
        return self.features[self.feature_starts[number] : self.feature_starts[number + 1]]


@dataclass(frozen=True, slots=True)
class Index:
    """Subjects by the features that their askers use; plain rows of numbers, quick to load.

    Attributes:
        ids: ids of the subjects, by position.
        groups: number of the group of each, by position.
        features: feature -> its number.
        weights: weight of each feature, by number: of its kind, times its rarity (above 0).
        starts: where in ``positions`` and ``shares`` each feature begins; and at the end how many.
        positions: positions of the subjects that have the feature, ascending.
        shares: how much each of them has of it; grows with how often, and stays below 1.
        tells: how much likelier the feature is where they are asked about than where nothing is known
            (logarithm, times the weight of its kind).
        volumes: how much less likely any feature is for each subject because it has many others
            (logarithm), by position.
        phrasings: titles and phrasings.
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
    tells: array[float]
    volumes: array[float]
    phrasings: Phrasings
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


@dataclass(frozen=True, slots=True)
class Cut:
    """A text of a subject, segmented: what it was, its words for rapidfuzz, and its features."""

    text: str
    words: str
    features: tuple[str, ...]


def build_index(
    asked_about: Sequence[Subject], segmenter: Segmenter, *, before: Index | None = None
) -> Index:
    """The index of these subjects.

    Args:
        before: an index made with the same segmenter; titles and phrasings that it has are not
            segmented again.
    """
    known = {} if before is None else _cuts(before)
    bags: list[dict[str, float]] = []
    asked: list[list[Cut]] = []
    latin: set[str] = set()
    for subject in asked_about:
        bag: dict[str, float] = defaultdict(float)
        asked.append([])
        for text, weight in subject.texts:
            latin.update(latin_words(text.casefold()))
            cut = known.get(text) or _cut(text, segmenter)
            for feature in cut.features:
                bag[feature] += weight
            if weight in (TITLE, PHRASING):
                asked[-1].append(cut)
        bags.append(bag)
    return arrange(asked_about, asked, bags, frozenset(latin))


def _cut(text: str, segmenter: Segmenter) -> Cut:
    tokens = segmenter.tokens(text)
    return Cut(text, tokens.sorted_words, tuple(features(tokens)))


def _cuts(index: Index) -> dict[str, Cut]:
    """What the index knows of each title and phrasing."""
    names, phrasings = list(index.features), index.phrasings
    return {
        text: Cut(text, words, tuple(names[f] for f in phrasings.features_of(number)))
        for number, (text, words) in enumerate(zip(phrasings.texts, phrasings.words, strict=True))
    }


def arrange(
    asked_about: Sequence[Subject],
    asked: Sequence[Sequence[Cut]],
    bags: Sequence[Mapping[str, float]],
    latin: frozenset[str] = frozenset(),
) -> Index:
    """The index of subjects with these titles and phrasings, and these masses of features."""
    # Exact, so that the index does not depend on the order in which features were met.
    sizes = [math.fsum(bag.values()) for bag in bags]
    usual = math.fsum(sizes) / max(1, len(sizes))
    numbers = {feature: n for n, feature in enumerate(sorted(set().union(*bags)))}
    holding = [array("H") for _ in numbers]
    held = [array("d") for _ in numbers]
    masses = [array("d") for _ in numbers]
    for position, bag in enumerate(bags):
        # As in BM25: what stands once among few phrasings says more than once among many.
        half = SATURATION * (1 - BY_SIZE + BY_SIZE * sizes[position] / usual)
        for feature, mass in bag.items():
            number = numbers[feature]
            holding[number].append(position)
            held[number].append(mass / (mass + half))
            masses[number].append(mass)
    every = math.fsum(sizes) + PRIOR_OF_FEATURE * len(numbers)
    weights = array("d")
    starts, positions, shares, tells = array("I", [0]), array("H"), array("d"), array("d")
    for feature, number in numbers.items():
        holders = len(holding[number])
        rarity = math.log(1 + (len(bags) - holders + 0.5) / (holders + 0.5))
        weights.append(kind(feature) * rarity**RARITY_POWER)
        positions.extend(holding[number])
        shares.extend(held[number])
        prior = PRIOR_MASS * (math.fsum(masses[number]) + PRIOR_OF_FEATURE) / every
        tells.extend([kind(feature) * math.log1p(mass / prior) for mass in masses[number]])
        starts.append(len(positions))
    arranged = _phrasings(asked, numbers, weights)
    groups = {group: number for number, group in enumerate(sorted({s.group for s in asked_about}))}
    return Index(
        ids=tuple(subject.id for subject in asked_about),
        groups=array("H", (groups[subject.group] for subject in asked_about)),
        features=numbers,
        weights=weights,
        starts=starts,
        positions=positions,
        shares=shares,
        tells=tells,
        volumes=array("d", (math.log1p(size / PRIOR_MASS) for size in sizes)),
        phrasings=arranged,
        said=said(arranged),
        chinese=Counter(
            feature
            for cuts in asked
            for cut in cuts
            for feature in cut.features
            if "\u4e00" <= feature[0] <= "\u9fff"
        ),
        latin=latin,
    )


def said(phrasings: Phrasings) -> dict[str, tuple[int, ...]]:
    """What each title and phrasing says, as :func:`saying` puts it -> positions of the subjects."""
    found: dict[str, tuple[int, ...]] = {}
    for position in range(len(phrasings.starts) - 1):
        for number in phrasings.of(position):
            key = saying(phrasings.words[number], normalise(phrasings.texts[number]))
            owners = found.setdefault(key, (position,))
            if position not in owners:
                found[key] = (*owners, position)
    return found


def saying(sorted_words: str, text: str) -> str:
    """What a normalised text says, whatever the order of its words and small words between them.

    One word alone says too little: 社保 is not 我的社保. There the whole text counts.
    """
    return sorted_words if " " in sorted_words else bare(text)


def _phrasings(
    asked: Sequence[Sequence[Cut]],
    numbers: Mapping[str, int],
    weights: Sequence[float],
) -> Phrasings:
    starts, feature_starts = array("I", [0]), array("I", [0])
    held, lengths = array("I"), array("d")
    squares = [weight**2 for weight in weights]
    for cuts in asked:
        for cut in cuts:
            mine = sorted([numbers[feature] for feature in cut.features])
            held.extend(mine)
            feature_starts.append(len(held))
            lengths.append(math.sqrt(math.fsum([squares[number] for number in mine])))
        starts.append(len(lengths))
    holders, holder_starts = _turned(held, feature_starts, len(numbers))
    return Phrasings(
        texts=tuple(cut.text for cuts in asked for cut in cuts),
        words=tuple(cut.words for cuts in asked for cut in cuts),
        starts=starts,
        features=held,
        feature_starts=feature_starts,
        holders=holders,
        holder_starts=holder_starts,
        lengths=lengths,
    )


def _turned(
    features_held: array[int], feature_starts: array[int], features_known: int
) -> tuple[array[int], array[int]]:
    """Phrasings by feature, from features by phrasing."""
    feature = np.frombuffer(features_held, np.uint32)
    starts = np.frombuffer(feature_starts, np.uint32)
    sizes = starts[1:] - starts[:-1]
    phrasing = np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes)
    holders, holder_starts = array("I"), array("I", [0])
    holders.frombytes(phrasing[np.argsort(feature, kind="stable")].tobytes())
    counts = np.bincount(feature, minlength=features_known)
    holder_starts.frombytes(np.cumsum(counts).astype(np.uint32).tobytes())
    return holders, holder_starts
