"""Building the index: texts are cut into features, and their masses are weighed, subject by subject."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np

from knowledge.index import Asides, Index, Phrasings, features, kind, said
from knowledge.rows import Numbers, begins, row
from knowledge.segment import Segmenter
from knowledge.subject import PHRASING, TITLE, Subject
from knowledge.text import latin_words, normalise
from knowledge.wording import Wording, arranged, counted, taken_over, traits

# Saturation: the twentieth phrasing with 老板 says little more than the fourth.
SATURATION = 3.0
# As in BM25: what stands once among few phrasings says more than once among many.
BY_SIZE = 0.9
# How telling a feature is counts a little less than in full.
TELLING_POWER = 0.85


@dataclass(frozen=True, slots=True)
class Cut:
    """A text, segmented: its words for rapidfuzz, and the numbers of its features."""

    words: str
    features: array[int]


@dataclass(slots=True)
class _Rows:
    """Every text of every subject, in order: whose it is, how much it counts, and how it was cut."""

    subjects: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    features: array[int] = field(default_factory=lambda: array("I"))

    def add(self, subject: int, weight: float, text: str, cut: Cut) -> None:
        self.subjects.append(subject)
        self.weights.append(weight)
        self.texts.append(text)
        self.words.append(cut.words)
        self.sizes.append(len(cut.features))
        self.features.extend(cut.features)


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
    names = list(numbers)
    return _arrange(asked_about, names, rows, _wording(asked_about, names, rows, segmenter, before))


def _cut(text: str, segmenter: Segmenter, numbers: dict[str, int]) -> Cut:
    tokens = segmenter.tokens(text)
    mine = (numbers.setdefault(feature, len(numbers)) for feature in features(tokens))
    return Cut(tokens.sorted_words, array("I", mine))


def _known(index: Index) -> dict[str, Cut]:
    """What the index knows of each text."""
    phrasings, asides = index.phrasings, index.asides
    found = {text: Cut("", asides.features_of(n)) for n, text in enumerate(asides.texts)}
    for number, text in enumerate(phrasings.texts):
        found[text] = Cut(phrasings.words[number], phrasings.features_of(number))
    return found


def _wording(
    asked_about: Sequence[Subject],
    names: Sequence[str],
    rows: _Rows,
    segmenter: Segmenter,
    before: Index | None,
) -> Wording:
    """How the subjects are asked about; only texts of those that changed are looked at."""
    contents = [_content(subject) for subject in asked_about]
    known = set() if before is None else set(before.wording.contents)
    changed = {position for position, content in enumerate(contents) if content not in known}
    found = counted(_traits(changed, names, rows, segmenter))
    kept = () if before is None else taken_over(contents, before.wording)
    return arranged(contents, [found, *kept])


def _content(subject: Subject) -> int:
    digest = blake2b(repr(subject.texts).encode(), digest_size=8).digest()
    return int.from_bytes(digest)


def _traits(
    changed: set[int], names: Sequence[str], rows: _Rows, segmenter: Segmenter
) -> Iterator[tuple[int, float, list[int]]]:
    """Position, weight and traits of each text of the changed subjects."""
    concepts = {number: name for number, name in enumerate(names) if name[0] == "@"}
    start = 0
    for number, size in enumerate(rows.sizes):
        mine = rows.features[start : start + size]
        start += size
        if rows.subjects[number] in changed:
            text = normalise(rows.texts[number])
            meant = (concepts[feature] for feature in mine if feature in concepts)
            found = traits(text, segmenter.stems(text), meant)
            yield rows.subjects[number], rows.weights[number], found


def _arrange(
    asked_about: Sequence[Subject], names: Sequence[str], rows: _Rows, wording: Wording
) -> Index:
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
    phrasings = _phrasings(rows, parts, np.flatnonzero(asked), subjects, weights)
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
        wording=wording,
        phrasings=phrasings,
        asides=_asides(rows, parts, np.flatnonzero(~asked)),
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
    starts = begins(sizes)
    return [ordered[starts[n] : starts[n + 1]] for n in range(len(sizes))]


def _joined(parts: Sequence[Numbers], chosen: Numbers) -> tuple[Numbers, Numbers]:
    """The features of the chosen texts in one row, and where those of each begin."""
    mine = [parts[number] for number in chosen]
    row: Numbers = np.concatenate([np.zeros(0, np.uint32), *mine])
    return row, begins(np.array([len(part) for part in mine], np.int64))


def _phrasings(
    rows: _Rows, parts: Sequence[Numbers], asked: Numbers, subjects: int, weights: Numbers
) -> Phrasings:
    joined, feature_starts = _joined(parts, asked)
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
    )


def _asides(rows: _Rows, parts: Sequence[Numbers], chosen: Numbers) -> Asides:
    joined, starts = _joined(parts, chosen)
    texts = tuple(rows.texts[number] for number in chosen)
    return Asides(texts, row("I", joined), row("I", starts))
