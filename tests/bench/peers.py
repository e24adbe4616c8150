"""Other ways to find the phrasing nearest to a question, each built from the same phrasings."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.base import FOLDER, assemble, shipped_segmenter
from knowledge.build import build_index
from knowledge.decide import Decision
from knowledge.entry import read_entries
from knowledge.evaluate import Case
from knowledge.subject import PHRASING, Subject
from knowledge.text import normalise

# Phrasings looked at before their owners are counted; enough for three owners.
DEPTH = 60


@dataclass(frozen=True, slots=True)
class Item:
    """A phrasing and the id of what it asks about."""

    owner: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """Ids, best first, and how sure a peer is of the first: comparable among its own answers only.

    Attributes:
        answered: whether it would be answered directly; None where a peer does not decide.
    """

    ids: list[str]
    sure: float
    answered: bool | None = None


Peer = Callable[[Case], Found]


def _owners(items: Sequence[Item], ranked: Iterable[tuple[int, float]]) -> Found:
    scores: dict[str, float] = {}
    for number, score in ranked:
        scores.setdefault(items[number].owner, score)
    best = [*scores.values(), 0.0, 0.0]
    return Found(list(scores), best[0] - best[1] + best[0] / 1000)


def shebao(items: Sequence[Item]) -> Peer:
    """This program with all that its entries hold."""
    base = assemble(read_entries(FOLDER / "faq"))

    def find(case: Case) -> Found:
        result = base.ask(case.turns[-1], before=case.turns[:-1])
        first = result.candidates[0].score if result.candidates else 0.0
        answered = result.decision is Decision.ANSWER
        return Found([c.id for c in result.candidates], first, answered)

    return find


def shebao_from_phrasings(items: Sequence[Item]) -> Peer:
    """This program over phrasings alone, for sizes that the entries do not have."""
    shipped = assemble([])
    texts: dict[str, list[tuple[str, float]]] = {}
    for item in items:
        texts.setdefault(item.owner, []).append((item.text, PHRASING))
    subjects = [Subject(owner, "all", tuple(those)) for owner, those in texts.items()]
    index = build_index(subjects, shipped.segmenter)
    base = assemble([], shipped.segmenter, index, [])
    matcher = base.matcher

    def find(case: Case) -> Found:
        ranked = matcher.match(matcher.read(case.turns[-1])).ranked
        return Found([c.id for c in ranked], ranked[0].score if ranked else 0.0)

    return find


def wratio(items: Sequence[Item]) -> Peer:
    """The plain use of rapidfuzz: WRatio over every phrasing as written."""
    from rapidfuzz import fuzz, process

    texts = [normalise(item.text) for item in items]

    def find(case: Case) -> Found:
        asked = normalise(case.turns[-1])
        near = process.extract(asked, texts, scorer=fuzz.WRatio, limit=DEPTH)
        return _owners(items, ((number, score) for _, score, number in near))

    return find


def token_set_ratio(items: Sequence[Item]) -> Peer:
    """rapidfuzz's token_set_ratio over words."""
    from rapidfuzz import fuzz, process

    segmenter = shipped_segmenter()
    texts = [" ".join(segmenter.tokens(item.text).words) for item in items]

    def find(case: Case) -> Found:
        asked = " ".join(segmenter.tokens(case.turns[-1]).words)
        near = process.extract(asked, texts, scorer=fuzz.token_set_ratio, limit=DEPTH)
        return _owners(items, ((number, score) for _, score, number in near))

    return find


def bm25(items: Sequence[Item]) -> Peer:
    """bm25s over words, one document a phrasing."""
    import bm25s

    segmenter = shipped_segmenter()
    retriever = bm25s.BM25()
    retriever.index(
        [list(segmenter.tokens(item.text).words) or [""] for item in items], show_progress=False
    )

    def find(case: Case) -> Found:
        asked = list(segmenter.tokens(case.turns[-1]).words)
        if not asked:
            return Found([], 0.0)
        numbers, scores = retriever.retrieve([asked], k=DEPTH, show_progress=False)
        return _owners(items, zip(map(int, numbers[0]), map(float, scores[0]), strict=True))

    return find


def linear_classifier(items: Sequence[Item]) -> Peer:
    """scikit-learn: TF-IDF of one to four characters, and a linear support vector machine."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True)
    owners = [item.owner for item in items]
    classifier = LinearSVC(C=0.5)
    classifier.fit(vectorizer.fit_transform(normalise(item.text) for item in items), owners)
    names = list(classifier.classes_)

    def find(case: Case) -> Found:
        row = classifier.decision_function(vectorizer.transform([normalise(case.turns[-1])]))[0]
        order = sorted(range(len(names)), key=lambda number: -row[number])[:5]
        return Found([names[number] for number in order], float(row[order[0]] - row[order[1]]))

    return find


def full_text_search(items: Sequence[Item]) -> Peer:
    """SQLite FTS5 over words, ranked by its bm25()."""
    segmenter = shipped_segmenter()
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE phrasing USING fts5(words)")
    connection.executemany(
        "INSERT INTO phrasing (rowid, words) VALUES (?, ?)",
        ((n, " ".join(segmenter.tokens(item.text).words)) for n, item in enumerate(items)),
    )

    def find(case: Case) -> Found:
        words = dict.fromkeys(segmenter.tokens(case.turns[-1]).words)
        if not words:
            return Found([], 0.0)
        query = " OR ".join(f'"{word}"' for word in words)
        rows = connection.execute(
            "SELECT rowid, -bm25(phrasing) FROM phrasing WHERE phrasing MATCH ?"
            " ORDER BY bm25(phrasing) LIMIT ?",
            [query, DEPTH],
        )
        return _owners(items, rows)

    return find


PEERS: dict[str, Callable[[Sequence[Item]], Peer]] = {
    "shebao": shebao,
    "rapidfuzz WRatio": wratio,
    "rapidfuzz token_set_ratio": token_set_ratio,
    "bm25s": bm25,
    "scikit-learn linear": linear_classifier,
    "SQLite FTS5": full_text_search,
}
# The classifier is left out of growth: training it grows with phrasings and ids alike.
GROWING = {**PEERS, "shebao": shebao_from_phrasings}
del GROWING["scikit-learn linear"]


def read_items(path: Path) -> list[Item]:
    """Titles and phrasings that a file of tab-separated lines holds."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Item(*line.split("\t", 1)) for line in lines]
