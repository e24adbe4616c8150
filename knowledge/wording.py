"""How things are put: the text as it stands, small words and all, and for which subject that speaks.

Words such as 没, 还能, 吗 or "still" carry no topic, and evidence leaves them out; but they tell neighbours
apart: 没交 from 多交, how long from how much.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence
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
        codes: of the traits, ascending.
        starts: where in ``positions`` each trait begins; and at the end how many there are.
        positions: positions of the subjects that have the trait, ascending.
        tells: how much likelier the trait is where they are asked about than where nothing is known
            (logarithm).
        volumes: how much less likely any trait is for each subject because it has many others
            (logarithm), by position.
    """

    codes: array[int]
    starts: array[int]
    positions: array[int]
    tells: array[float]
    volumes: array[float]

    def speaks(self, asked: Sequence[int]) -> Numbers:
        """How much likelier these traits are for each subject than anywhere, on average (naive Bayes).

        Source: Zhai and Lafferty 2001 for the prior.
        """
        begin, known = view(self.starts), found_in(view(self.codes), asked)
        first, end = begin[known].astype(np.int64), begin[known + 1].astype(np.int64)
        # Row numbers of all these traits, one after the other.
        ahead = begins(end - first)
        rows = np.arange(ahead[-1]) + np.repeat(first - ahead[:-1], end - first)
        where, told = view(self.positions)[rows], view(self.tells)[rows]
        likelier = np.bincount(where, weights=told, minlength=len(self.volumes))
        average: Numbers = likelier - len(known) * view(self.volumes)
        average /= max(FEWEST_TRAITS, len(known))
        return average


def found_in(codes: Numbers, asked: Sequence[int]) -> Numbers:
    """The places of those of the asked traits that are among the codes, which ascend."""
    these = np.array(asked, np.uint32)
    places = np.searchsorted(codes, these)
    within = places < len(codes)
    known: Numbers = places[within][codes[places[within]] == these[within]]
    return known


def counted(codes: Numbers, owners: Numbers, weights: Numbers, subjects: int) -> Wording:
    """The wording of so many subjects.

    Args:
        codes: of all traits of all texts.
        owners: the position of each one's subject.
        weights: how much each counts.
    """
    keys = codes.astype(np.uint64) << np.uint64(16) | owners.astype(np.uint64)
    pairs, which = np.unique(keys, return_inverse=True)
    masses = np.bincount(which, weights=weights, minlength=len(pairs))
    positions = (pairs & np.uint64(0xFFFF)).astype(np.int64)
    traits, trait, sizes = np.unique(
        pairs >> np.uint64(16), return_inverse=True, return_counts=True
    )
    of_trait = np.bincount(trait, weights=masses, minlength=len(traits))
    every = float(of_trait.sum()) + PRIOR_OF_TRAIT * len(traits)
    prior = PRIOR_MASS * (of_trait + PRIOR_OF_TRAIT) / (every or 1.0)
    volumes = np.bincount(positions, weights=masses, minlength=subjects)
    return Wording(
        codes=row("I", traits),
        starts=row("I", begins(sizes)),
        positions=row("H", positions),
        tells=row("f", np.log1p(masses / prior[trait])),
        volumes=row("d", np.log1p(volumes / PRIOR_MASS)),
    )
