"""Accuracy and time of matching beside two peers, on the same questions in one run.

    python -m tests.bench.matching CASES.jsonl [CASES.jsonl ...]

Peers: rapidfuzz's WRatio over every phrasing as written, and bm25s over the same words as ours. Only cases
whose first label is a written entry count, and those out of scope.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import bm25s
from rapidfuzz import fuzz, process
from rich.console import Console
from rich.table import Table

from knowledge.base import FAQ_FOLDER, KnowledgeBase, assemble
from knowledge.entry import read_entries
from knowledge.evaluate import Case, read_cases
from knowledge.text import normalise

Ranker = Callable[[Case], list[str]]


def ours(base: KnowledgeBase) -> Ranker:
    """This program, as it answers."""
    return lambda case: [c.id for c in base.ask(case.turns[-1], before=case.turns[:-1]).candidates]


def _first_ids(owners: Sequence[str], numbers: Sequence[int]) -> list[str]:
    return list(dict.fromkeys(owners[number] for number in numbers))[:5]


def wratio(base: KnowledgeBase) -> Ranker:
    """The plain use of rapidfuzz: the nearest phrasing of all, by WRatio."""
    texts, owners = _phrasings(base)

    def rank(case: Case) -> list[str]:
        found = process.extract(normalise(case.turns[-1]), texts, scorer=fuzz.WRatio, limit=40)
        return _first_ids(owners, [number for _, _, number in found])

    return rank


def bm25(base: KnowledgeBase) -> Ranker:
    """BM25 over the same words, one document a phrasing."""
    texts, owners = _phrasings(base)
    retriever = bm25s.BM25()
    words = [list(base.segmenter.tokens(text).words) or [""] for text in texts]
    retriever.index(words, show_progress=False)

    def rank(case: Case) -> list[str]:
        asked = list(base.segmenter.tokens(case.turns[-1]).words)
        if not asked:
            return []
        numbers, _ = retriever.retrieve([asked], k=40, show_progress=False)
        return _first_ids(owners, [int(number) for number in numbers[0]])

    return rank


def _phrasings(base: KnowledgeBase) -> tuple[list[str], list[str]]:
    phrasings = base.index.phrasings
    texts = [normalise(text) for text in phrasings.texts]
    owners = [
        entry_id for position, entry_id in enumerate(base.index.ids) for _ in phrasings.of(position)
    ]
    return texts, owners


def measure(rank: Ranker, cases: Sequence[Case]) -> tuple[float, float, float, float]:
    """hit@1 and hit@3 in percent, and milliseconds a question: median and 99th percentile."""
    times: list[float] = []
    first = third = 0
    for case in cases:
        started = time.perf_counter()
        found = rank(case)
        times.append((time.perf_counter() - started) * 1000)
        first += bool(set(found[:1]) & set(case.ids))
        third += bool(set(found[:3]) & set(case.ids))
    times.sort()
    inside = sum(bool(case.ids) for case in cases)
    p99 = times[min(len(times) - 1, int(len(times) * 0.99))]
    return 100 * first / inside, 100 * third / inside, statistics.median(times), p99


def main() -> None:
    """Prints one table a file."""
    base = assemble(read_entries(FAQ_FOLDER))
    written = set(base.entries)
    rankers = {"shebao": ours(base), "WRatio": wratio(base), "bm25s": bm25(base)}
    for name in sys.argv[1:]:
        cases = [case for case in read_cases(Path(name)) if not case.ids or case.ids[0] in written]
        table = Table("", "hit@1 %", "hit@3 %", "p50 ms", "p99 ms", "p50 / shebao")
        results = {label: measure(rank, cases) for label, rank in rankers.items()}
        for label, (first, third, p50, p99) in results.items():
            ratio = p50 / results["shebao"][2]
            row = (f"{first:.1f}", f"{third:.1f}", f"{p50:.2f}", f"{p99:.2f}", f"{ratio:.1f}")
            table.add_row(label, *row)
        console = Console()
        console.print(f"{Path(name).name}: {len(cases)} questions")
        console.print(table)


if __name__ == "__main__":
    main()
