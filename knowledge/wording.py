"""How things are put: the text as it stands, small words and all, and for which subject that speaks.

Words such as 没, 还能, 吗 or "still" carry no topic, and evidence leaves them out; but they tell neighbours
apart: 没交 from 多交, how long from how much.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

import numpy as np

from knowledge.rows import Numbers, begins, row, view

# The mass of an average text that is added to each subject's own (Dirichlet prior), and what is added to
# the mass of each trait in it.
PRIOR_MASS, PRIOR_OF_TRAIT = 400.0, 0.5
# An average over at least so many traits: one or two say little, whatever they say.
FEWEST_TRAITS = 15

_HAN_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")


def traits(text: str, stems: Iterable[str], concepts: Iterable[str]) -> list[int]:
    """Codes of what a normalised text is made of, each once.

    Chinese characters and their pairs, English words and their pairs, and concepts; numbers are left out.

    Args:
        stems: of all its English words, in order.
    """
    found: dict[str, None] = dict.fromkeys(concepts)
    for run in _HAN_RUN.findall(text):
        found.update(dict.fromkeys(run))
        found.update(dict.fromkeys(map("".join, pairwise(run))))
    words = [stem for stem in stems if not stem[0].isdigit()]
    found.update(dict.fromkeys(words))
    found.update(dict.fromkeys(map(" ".join, pairwise(words))))
    return [crc32(trait.encode()) for trait in found]


@dataclass(frozen=True, slots=True)
class Wording:
    """How subjects are asked about, trait by trait; plain rows of numbers, quick to load.

    Attributes:
        contents: a number for the texts of each subject, by position: the same for the same texts.
        codes: of the traits, ascending.
        starts: where in ``positions`` each trait begins; and at the end how many there are.
        positions: positions of the subjects that have the trait, ascending.
        masses: how often each of them has it, weighted by the kind of text.
        tells: how much likelier the trait is where they are asked about than where nothing is known
            (logarithm).
        volumes: how much less likely any trait is for each subject because it has many others
            (logarithm), by position.
    """

    contents: array[int]
    codes: array[int]
    starts: array[int]
    positions: array[int]
    masses: array[float]
    tells: array[float]
    volumes: array[float]

    def speaks(self, asked: Sequence[int]) -> Numbers:
        """How much likelier these traits are for each subject than anywhere, on average (naive Bayes).

        Source: Zhai and Lafferty 2001 for the prior.
        """
        codes, begin = view(self.codes), view(self.starts)
        these = np.array(asked, np.uint32)
        places = np.searchsorted(codes, these)
        within = places < len(codes)
        known = places[within][codes[places[within]] == these[within]]
        first, end = begin[known].astype(np.int64), begin[known + 1].astype(np.int64)
        # Row numbers of all these traits, one after the other.
        ahead = begins(end - first)
        rows = np.arange(ahead[-1]) + np.repeat(first - ahead[:-1], end - first)
        where, told = view(self.positions)[rows], view(self.tells)[rows]
        likelier = np.bincount(where, weights=told, minlength=len(self.volumes))
        average: Numbers = likelier - len(known) * view(self.volumes)
        average /= max(FEWEST_TRAITS, len(known))
        return average


@dataclass(frozen=True, slots=True)
class Masses:
    """How often subjects have traits: three rows, of codes, positions and masses."""

    codes: Numbers
    positions: Numbers
    masses: Numbers


def counted(texts: Iterable[tuple[int, float, Sequence[int]]]) -> Masses:
    """What these texts come to, each given with its subject's position, its weight and its traits."""
    codes, sizes, owners, weights = array("I"), array("I"), array("I"), array("d")
    for position, weight, mine in texts:
        codes.extend(mine)
        sizes.append(len(mine))
        owners.append(position)
        weights.append(weight)
    size = view(sizes)
    keys = view(codes).astype(np.uint64) << np.uint64(16) | np.repeat(view(owners), size)
    pairs, which = np.unique(keys, return_inverse=True)
    mass = np.bincount(which, weights=np.repeat(view(weights), size), minlength=len(pairs))
    return Masses(pairs >> np.uint64(16), pairs & np.uint64(0xFFFF), mass.astype(np.float32))


def taken_over(contents: Sequence[int], before: Wording) -> Iterator[Masses]:
    """What is known of those of the subjects that have the same texts as before."""
    earlier = {content: position for position, content in enumerate(before.contents)}
    codes = np.repeat(view(before.codes), np.diff(view(before.starts)))
    masses = view(before.masses)
    order = np.argsort(view(before.positions), kind="stable")
    first = begins(np.bincount(view(before.positions), minlength=len(earlier)))
    for position, content in enumerate(contents):
        if content in earlier:
            mine = order[first[earlier[content]] : first[earlier[content] + 1]]
            yield Masses(codes[mine], np.full(len(mine), position), masses[mine])


def arranged(contents: Sequence[int], found: Sequence[Masses]) -> Wording:
    """The wording of subjects with these contents, from all that was counted."""
    codes = np.concatenate([each.codes for each in found]).astype(np.uint32)
    positions = np.concatenate([each.positions for each in found]).astype(np.uint16)
    masses = np.concatenate([each.masses for each in found]).astype(np.float32)
    order = np.lexsort((positions, codes))
    codes, positions, masses = codes[order], positions[order], masses[order]
    traits, which, sizes = np.unique(codes, return_inverse=True, return_counts=True)
    of_trait = np.bincount(which, weights=masses, minlength=len(traits))
    every = float(of_trait.sum()) + PRIOR_OF_TRAIT * len(traits)
    prior = PRIOR_MASS * (of_trait + PRIOR_OF_TRAIT) / (every or 1.0)
    volume = np.bincount(positions, weights=masses, minlength=len(contents))
    return Wording(
        contents=array("Q", contents),
        codes=row("I", traits),
        starts=row("I", begins(sizes)),
        positions=row("H", positions),
        masses=row("f", masses),
        tells=row("f", np.log1p(masses / prior[which])),
        volumes=row("d", np.log1p(volume / PRIOR_MASS)),
    )
