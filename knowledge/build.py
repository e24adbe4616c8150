"""Building the index: texts are cut into features, and their masses are weighed, subject by subject."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from knowledge.index import Asides, Index, Phrasings, features, kind, said
from knowledge.learned import Learned, learned
from knowledge.rows import Numbers, begins, row, view
from knowledge.segment import Segmenter
from knowledge.subject import PHRASING, TITLE, Subject
from knowledge.text import latin_words
from knowledge.wording import Wording, counted, traits

# Saturation: the twentieth phrasing with 老板 says little more than the fourth.
SATURATION = 3.0
# As in BM25: what stands once among few phrasings says more than once among many.
BY_SIZE = 0.9
# How telling a feature is counts a little less than in full.
TELLING_POWER = 0.85


@dataclass(frozen=True, slots=True)
class Cut:
    """A text, segmented: its words for rapidfuzz, the numbers of its features, and its traits."""

    words: str
    features: array[int]
    traits: array[int]


@dataclass(slots=True)
class _Rows:
    """Every text of every subject, in order: whose it is, how much it counts, and how it was cut."""

    subjects: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    features: array[int] = field(default_factory=lambda: array("I"))
    trait_sizes: list[int] = field(default_factory=list)
    traits: array[int] = field(default_factory=lambda: array("I"))

    def add(self, subject: int, weight: float, text: str, cut: Cut) -> None:
        self.subjects.append(subject)
        self.weights.append(weight)
        self.texts.append(text)
        self.words.append(cut.words)
        self.sizes.append(len(cut.features))
        self.features.extend(cut.features)
        self.trait_sizes.append(len(cut.traits))
        self.traits.extend(cut.traits)


def build_index(
    asked_about: Sequence[Subject], segmenter: Segmenter, *, before: Index | None = None
) -> Index:
    """The index of these subjects.

    Args:
        before: an index made with the same segmenter; texts that it has are not segmented again.
    """
    numbers: dict[str, int] = {} if before is None else dict(before.features)
    known = {} if before is None else _known(before)
    rows = _Rows()
    for position, subject in enumerate(asked_about):
        for text, weight in subject.texts:
            cut = known.get(text) or _cut(text, segmenter, numbers)
            rows.add(position, weight, text, cut)
    return _arrange(asked_about, list(numbers), rows)


def _cut(text: str, segmenter: Segmenter, numbers: dict[str, int]) -> Cut:
    tokens = segmenter.tokens(text)
    mine = (numbers.setdefault(feature, len(numbers)) for feature in features(tokens))
    put = traits(tokens.text, tokens.stems, tokens.concepts)
    return Cut(tokens.sorted_words, array("I", mine), array("I", put))


def _known(index: Index) -> dict[str, Cut]:
    """What the index knows of each text."""
    phrasings, asides = index.phrasings, index.asides
    found = {
        text: Cut("", asides.features_of(n), asides.traits_of(n))
        for n, text in enumerate(asides.texts)
    }
    for number, text in enumerate(phrasings.texts):
        found[text] = Cut(
            phrasings.words[number], phrasings.features_of(number), phrasings.traits_of(number)
        )
    return found


def _arrange(asked_about: Sequence[Subject], names: Sequence[str], rows: _Rows) -> Index:
    used = sorted(
        np.unique(np.frombuffer(rows.features, np.uint32)).tolist(), key=names.__getitem__
    )
    renumbered = np.zeros(len(names), np.uint32)
    renumbered[used] = np.arange(len(used))
    names = [names[number] for number in used]
    feature = renumbered[np.frombuffer(rows.features, np.uint32)]
    sizes = np.array(rows.sizes, np.int64)
    held = _Held(
        feature,
        np.repeat(np.array(rows.subjects, np.int64), sizes),
        np.repeat(np.array(rows.weights, np.float64), sizes),
    )
    subjects = len(asked_about)
    # A subject and a feature that it has, feature by feature, with all that stands there of it.
    pairs, which = np.unique(
        held.feature * np.int64(subjects or 1) + held.subject, return_inverse=True
    )
    mass = np.bincount(which, weights=held.weight)
    positions, owned = pairs % (subjects or 1), pairs // (subjects or 1)
    volume = np.bincount(held.subject, weights=held.weight, minlength=subjects)
    usual = float(volume.mean()) if subjects else 1.0
    half = SATURATION * (1 - BY_SIZE + BY_SIZE * volume / (usual or 1.0))
    kinds = np.array([kind(name) for name in names], np.float64)
    of_feature = np.bincount(owned, weights=mass, minlength=len(names))
    # What a feature tells: by how much it narrows down which subject is asked about (Dumais 1991).
    chance = mass / of_feature[owned]
    unclear = np.bincount(owned, weights=-chance * np.log(chance), minlength=len(names))
    telling = np.maximum(np.log(subjects or 1) - unclear, 0.0)
    weights = kinds * telling**TELLING_POWER
    asked = np.array([weight in (TITLE, PHRASING) for weight in rows.weights], bool)
    parts = _parts(feature, sizes)
    put = _split(view(rows.traits), np.array(rows.trait_sizes, np.int64))
    phrasings = _phrasings(rows, parts, put, np.flatnonzero(asked), weights, subjects)
    groups = {group: number for number, group in enumerate(sorted({s.group for s in asked_about}))}
    counts = np.bincount(np.frombuffer(phrasings.features, np.uint32), minlength=len(names))
    return Index(
        ids=tuple(subject.id for subject in asked_about),
        groups=array("H", [groups[subject.group] for subject in asked_about]),
        features={name: number for number, name in enumerate(names)},
        weights=row("d", weights),
        starts=row("I", begins(np.bincount(owned, minlength=len(names)))),
        positions=row("H", positions),
        shares=row("f", mass / (mass + half[positions])),
        wording=_wording(rows, subjects),
        learned=_learned(phrasings),
        phrasings=phrasings,
        asides=_asides(rows, parts, put, np.flatnonzero(~asked)),
        said=said(phrasings),
        chinese={
            name: int(count)
            for name, count in zip(names, counts, strict=True)
            if count and "\u4e00" <= name[0] <= "\u9fff"
        },
        latin=frozenset(word for text in rows.texts for word in latin_words(text.casefold())),
    )


@dataclass(frozen=True, slots=True)
class _Held:
    """Each feature of each text: its number, whose text it is, and how much that counts."""

    feature: Numbers
    subject: Numbers
    weight: Numbers


def _parts(feature: Numbers, sizes: Numbers) -> list[Numbers]:
    """The features of each text, ascending."""
    text = np.repeat(np.arange(len(sizes)), sizes)
    ordered = feature[np.lexsort((feature, text))]
    return _split(ordered, sizes)


def _split(numbers: Numbers, sizes: Numbers) -> list[Numbers]:
    """The numbers in rows of these sizes."""
    starts = begins(sizes)
    return [numbers[starts[n] : starts[n + 1]] for n in range(len(sizes))]


def _joined(parts: Sequence[Numbers], chosen: Numbers) -> tuple[Numbers, Numbers]:
    """What the chosen texts have, in one row, and where that of each begins."""
    mine = [parts[number] for number in chosen]
    joined: Numbers = np.concatenate([np.zeros(0, np.uint32), *mine])
    return joined, begins(np.array([len(part) for part in mine], np.int64))


def _phrasings(
    rows: _Rows,
    parts: Sequence[Numbers],
    put: Sequence[Numbers],
    asked: Numbers,
    weights: Numbers,
    subjects: int,
) -> Phrasings:
    joined, feature_starts = _joined(parts, asked)
    traits, trait_starts = _joined(put, asked)
    sizes = np.diff(feature_starts)
    phrasing = np.repeat(np.arange(len(asked)), sizes)
    squares = np.bincount(phrasing, weights=weights[joined] ** 2, minlength=len(asked))
    owners = np.array(rows.subjects, np.int64)[asked]
    return Phrasings(
        texts=tuple(rows.texts[number] for number in asked),
        words=tuple(rows.words[number] for number in asked),
        starts=row("I", begins(np.bincount(owners, minlength=subjects))),
        features=row("I", joined),
        feature_starts=row("I", feature_starts),
        holders=row("I", phrasing[np.argsort(joined, kind="stable")]),
        holder_starts=row("I", begins(np.bincount(joined, minlength=len(weights)))),
        lengths=row("d", np.sqrt(squares)),
        traits=row("I", traits),
        trait_starts=row("I", trait_starts),
    )


def _asides(
    rows: _Rows, parts: Sequence[Numbers], put: Sequence[Numbers], chosen: Numbers
) -> Asides:
    features, starts = _joined(parts, chosen)
    traits, trait_starts = _joined(put, chosen)
    texts = tuple(rows.texts[number] for number in chosen)
    return Asides(
        texts, row("I", features), row("I", starts), row("I", traits), row("I", trait_starts)
    )


def _wording(rows: _Rows, subjects: int) -> Wording:
    sizes = np.array(rows.trait_sizes, np.int64)
    owners = np.repeat(np.array(rows.subjects, np.int64), sizes)
    weights = np.repeat(np.array(rows.weights, np.float64), sizes)
    return counted(view(rows.traits), owners, weights, subjects)


def _learned(phrasings: Phrasings) -> Learned:
    subjects = np.diff(view(phrasings.starts))
    owners = np.repeat(np.arange(len(subjects)), subjects)
    sizes = np.diff(view(phrasings.trait_starts))
    return learned(view(phrasings.traits), sizes, owners, len(subjects))
