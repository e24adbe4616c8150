"""What tells one subject's phrasings from all others', learned from them: a linear classifier over traits.

Counts weigh a trait by itself; learning weighs it beside those it stands with, so that what others say
already counts for less.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.rows import Numbers, begins, row, view
from knowledge.wording import found_in

# Traits of fewer texts teach little, and make up nearly all of the weights.
FEWEST_TEXTS = 20
MOST_TRAITS = 60_000  # so that the number of one has 16 bits
# How much a trait's telling sets it off before anything is learned.
TELLING_POWER = 0.5
# Texts between two corrections of the weights, and how large a correction is.
BATCH, STEP = 128, np.float32(0.2)
# The golden ratio's fraction: its multiples are spread evenly, wherever one stops.
SPREAD = 0.6180339887498949
TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Learned:
    """A linear classifier; plain rows of numbers, quick to load.

    Attributes:
        codes: of the traits, ascending.
        scales: how far each sets a text off before anything is learned.
        weights: how much each speaks for each subject, trait by trait, in order of position.
    """

    codes: array[int]
    scales: array[float]
    weights: array[float]

    def speaks(self, asked: Sequence[int], subjects: int) -> Numbers:
        """How far a text with these traits is on each subject's side: about 1 for its own, -1 for others."""
        known = found_in(view(self.codes), asked)
        scales = view(self.scales)[known]
        length = float(np.sqrt((scales**2).sum())) or 1.0
        sides: Numbers = scales @ view(self.weights).reshape(-1, subjects or 1)[known] / length
        return sides if subjects else np.zeros(0)


def learned(codes: Numbers, sizes: Numbers, owners: Numbers, subjects: int) -> Learned:
    """The classifier after one look at each of the texts, in an order that mixes the subjects.

    Args:
        codes: traits of all texts, text by text.
        sizes: how many traits each text has.
        owners: position of the subject of each text.

    Source: Rifkin and Klautau 2004 for one against all; Bottou 2010 for one look being enough.
    """
    traits, number, texts = np.unique(codes, return_inverse=True, return_counts=True)
    frequent = texts >= FEWEST_TEXTS
    if frequent.sum() > MOST_TRAITS:
        frequent = texts > np.sort(texts)[-MOST_TRAITS - 1]
    kept = frequent[number]
    trait = (np.cumsum(frequent) - 1)[number[kept]]
    text = np.repeat(np.arange(len(sizes)), sizes)[kept]
    scales = _telling(trait, owners[text], int(frequent.sum()), subjects) ** TELLING_POWER
    lengths = np.sqrt(np.bincount(text, weights=scales[trait] ** 2, minlength=len(sizes)))
    values = (scales[trait] / np.maximum(lengths[text], TINY)).astype(np.float32)
    order = _mixed(owners)
    turns = np.argsort(order)[text]
    by_turn = np.argsort(turns, kind="stable")
    trait, values, turns = trait[by_turn], values[by_turn], turns[by_turn]
    weights = np.zeros((len(scales), subjects), np.float32)
    for first in range(0, len(order), BATCH):
        mine = slice(*np.searchsorted(turns, (first, first + BATCH)))
        batch = order[first : first + BATCH]
        _correct(weights, trait[mine], values[mine], turns[mine] - first, owners[batch])
    return Learned(row("I", traits[frequent]), row("f", scales), row("f", weights.ravel()))


def _telling(trait: Numbers, owners: Numbers, traits: int, subjects: int) -> Numbers:
    """How much each trait narrows down which subject is asked about (Dumais 1991)."""
    cells = np.bincount(trait * subjects + owners, minlength=traits * subjects)
    chance = cells.reshape(traits, subjects) / np.bincount(trait, minlength=traits)[:, None]
    unclear = -(chance * np.log(np.maximum(chance, TINY))).sum(axis=1)
    telling: Numbers = np.maximum(np.log(subjects or 1) - unclear, 0.0)
    return telling


def _mixed(owners: Numbers) -> Numbers:
    """The numbers of the texts in an order in which each subject's are spread evenly."""
    sizes = np.bincount(owners)
    within = np.arange(len(owners)) - begins(sizes)[owners]
    return np.argsort(within * SPREAD % 1, kind="stable")


def _runs(ascending: Numbers) -> tuple[Numbers, Numbers]:
    """Each value of a row in ascending order, once, and where it begins."""
    first = np.flatnonzero(np.diff(ascending, prepend=ascending[0] - 1))
    return ascending[first], first


def _correct(
    weights: Numbers, trait: Numbers, values: Numbers, text: Numbers, owners: Numbers
) -> None:
    """The weights are moved towards these texts' own subjects, as far as they fall short (squared hinge).

    Args:
        trait, values, text: traits of the texts, how much they count, and which of the texts has them.
        owners: positions of the texts' subjects.
    """
    if not len(trait):
        return
    # Sums in a fixed order, and no matrix product: its threads wait for each other on a busy machine.
    each = values[:, None]
    known, first = _runs(text)
    sides = np.zeros((len(owners), weights.shape[1]), np.float32)
    sides[known] = np.add.reduceat(weights[trait] * each, first, axis=0)
    wanted = np.full_like(sides, -1.0)
    wanted[np.arange(len(owners)), owners] = 1.0
    short = wanted * np.maximum(1.0 - wanted * sides, 0.0)
    # Numbers of 16 bits are sorted without being compared.
    by_trait = np.argsort(trait.astype(np.uint16), kind="stable")
    these, first = _runs(trait[by_trait])
    weights[these] += STEP * np.add.reduceat((short[text] * each)[by_trait], first, axis=0)
