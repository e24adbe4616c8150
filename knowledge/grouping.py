"""Like questions together: what people ask, however they put it."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from knowledge.match import Matcher
from knowledge.rank import weigh
from knowledge.text import bare, normalise

Numbers = npt.NDArray[np.float64]

# Least cosine with the middle of a group, by the weights that the index gives to features (0 to 1).
ALIKE = 0.55
# What more wordings than this share of all have tells none of them apart.
COMMON = 0.2
FEWEST_COMMON = 50
SOUND = "~"
# A wording is typical whose likeness to the rest of its group is at least this share of the best.
TYPICAL = 0.8


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is kept.

    Attributes:
        day: on which it was asked.
    """

    id: str
    text: str
    language: str
    day: datetime.date


@dataclass(frozen=True, slots=True)
class Wording:
    """One way in which a question was put, and how often.

    Attributes:
        asked: the questions that were put so, the newest first.
    """

    text: str
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that are like each other.

    Attributes:
        wordings: how they were put, the typical one first, then those that were used most.
    """

    wordings: tuple[Wording, ...]

    @property
    def text(self) -> str:
        """The shortest typical wording."""
        return self.wordings[0].text

    @property
    def asked(self) -> tuple[Asked, ...]:
        """All its questions."""
        return tuple(each for wording in self.wordings for each in wording.asked)

    @property
    def count(self) -> int:
        """How many questions there are."""
        return sum(len(wording.asked) for wording in self.wordings)

    @property
    def newest(self) -> datetime.date:
        """The day of the last."""
        return max(each.day for each in self.asked)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages they were asked in, the most used first."""
        found = [each.language for each in self.asked]
        return tuple(sorted(set(found), key=lambda name: (-found.count(name), name)))


@lru_cache(maxsize=10_000)
def same_words(text: str) -> str:
    """What two texts have in common that differ in marks, spaces, case and script only."""
    normalised = normalise(text)
    return bare(normalised) or normalised


def digest(text: str) -> str:
    """Stands for the words of a text, which cannot be told from it."""
    return hashlib.sha256(same_words(text).encode()).hexdigest()


def groups(asked: Iterable[Asked], matcher: Matcher) -> list[Group]:
    """The questions in groups, the largest first, then those with the newest question.

    The order in which they are given changes nothing. Each group is what is near to its middle: the
    wording with the most, and most used, wordings near to it that no group has yet.

    Source: star clustering (Aslam, Pelekhov and Rus 2004), over cosines of weighted features.
    """
    wordings = _wordings(asked)
    near = _near([_vector(wording.text, matcher) for wording in wordings])
    weights = np.array([len(wording.asked) for wording in wordings], dtype=float)
    found: list[Group] = []
    free = np.ones(len(wordings), dtype=bool)
    reach = [float(weights[numbers] @ likeness) for numbers, likeness in near]
    for middle in sorted(range(len(wordings)), key=lambda number: -reach[number]):
        if not free[middle]:
            continue
        numbers = near[middle][0]
        members = numbers[free[numbers]]
        free[members] = False
        found.append(_group([int(number) for number in members], wordings, near))
    return sorted(found, key=lambda group: (-group.count, -group.newest.toordinal(), group.text))


def _wordings(asked: Iterable[Asked]) -> list[Wording]:
    """Each wording once, in an order that only depends on the wordings."""
    same: dict[str, list[Asked]] = {}
    for each in asked:
        same.setdefault(same_words(each.text), []).append(each)
    found = []
    for key in sorted(same, key=lambda key: (len(key), key)):
        newest = sorted(same[key], key=lambda each: (each.day, each.id), reverse=True)
        text = min((each.text for each in newest), key=lambda text: (len(text), text))
        found.append(Wording(text, tuple(newest)))
    return found


def _vector(text: str, matcher: Matcher) -> dict[str, float]:
    """The features of a text with their weights, as those of a question; of length 1, or empty."""
    tokens = matcher.segmenter.cut(matcher.spelling.correct(matcher.read(text)))
    # Sounds say once more what pairs of characters say.
    weights = {
        feature: weight
        for feature, weight in weigh(tokens, matcher.index).items()
        if feature[0] != SOUND
    }
    length = float(np.sqrt(sum(weight**2 for weight in weights.values())))
    return {feature: weight / length for feature, weight in weights.items()} if length else {}


Near = tuple[npt.NDArray[np.intp], Numbers]


def _near(vectors: Sequence[dict[str, float]]) -> list[Near]:
    """For each text the numbers of those that are alike, itself among them, and how much they are."""
    holders: dict[str, list[int]] = {}
    for number, vector in enumerate(vectors):
        for feature in vector:
            holders.setdefault(feature, []).append(number)
    most = max(FEWEST_COMMON, COMMON * len(vectors))
    columns = {
        feature: (np.array(numbers), np.array([vectors[number][feature] for number in numbers]))
        for feature, numbers in holders.items()
        if 1 < len(numbers) <= most
    }
    found: list[Near] = []
    for number, vector in enumerate(vectors):
        cosines = np.zeros(len(vectors))
        for feature, weight in vector.items():
            if feature in columns:
                where, weights = columns[feature]
                cosines[where] += weight * weights
        cosines[number] = 1.0
        alike = np.flatnonzero(cosines >= ALIKE)
        found.append((alike, cosines[alike]))
    return found


def _group(members: list[int], wordings: Sequence[Wording], near: Sequence[Near]) -> Group:
    inside = set(members)

    def likeness(number: int) -> float:
        """To all questions of the group together."""
        return sum(
            float(alike) * len(wordings[other].asked)
            for other, alike in zip(*near[number], strict=True)
            if int(other) in inside
        )

    likenesses = {number: likeness(number) for number in members}
    least = TYPICAL * max(likenesses.values())
    # They are in order of length.
    first = next(number for number in members if likenesses[number] >= least)
    rest = sorted(
        (number for number in members if number != first),
        key=lambda number: (-len(wordings[number].asked), number),
    )
    return Group(tuple(wordings[number] for number in (first, *rest)))
