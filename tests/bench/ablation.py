"""What each way into a question is worth: accuracy without it, with weights fitted anew.

    python -m tests.bench.ablation CASES.jsonl [CASES.jsonl ...]

Accuracy is cross-validated over topics, as ``shebao calibrate`` does it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from rich.console import Console
from rich.table import Table

from knowledge import index, subject
from knowledge.base import FAQ_FOLDER, KnowledgeBase, assemble, shipped_segmenter
from knowledge.calibrate import (
    Example,
    Guess,
    chosen,
    cross_validated,
    examples,
    hit_share,
    trade_off,
)
from knowledge.entry import Entry, read_entries
from knowledge.evaluate import Case, read_cases
from knowledge.match import Matcher
from knowledge.pinyin import Pinyin
from knowledge.rank import PARTS
from knowledge.spelling import Spelling

MOST_WRONG = 5.0


class NoSpelling(Spelling):
    """Leaves every word as it is."""

    def correct(self, text: str) -> str:
        """The text."""
        return text


class NoPinyin(Pinyin):
    """Reads nothing as pinyin."""

    def to_chinese(self, text: str) -> str:
        """The text."""
        return text


@contextmanager
def without_kind(mark: str) -> Iterator[None]:
    """Features with this mark count for nothing."""
    with patch.dict(index.KINDS, {mark: 1e-9}):
        yield


@contextmanager
def without_cues() -> Iterator[None]:
    """Cues count for nothing."""
    with patch.object(subject, "CUE", 1e-9):
        yield


def half(entries: Sequence[Entry]) -> list[Entry]:
    """The entries with every second phrasing."""
    return [
        replace(
            entry,
            phrasings=replace(
                entry.phrasings, zh=entry.phrasings.zh[::2], en=entry.phrasings.en[::2]
            ),
        )
        for entry in entries
    ]


def without_parts(found: Sequence[Example], names: Sequence[str]) -> list[Example]:
    """The examples with these parts at nought."""
    numbers = {PARTS.index(name) for name in names}
    return [
        replace(
            example,
            values=tuple(
                tuple(0.0 if n in numbers else value for n, value in enumerate(values))
                for values in example.values
            ),
        )
        for example in found
    ]


def row(
    name: str, base: KnowledgeBase, made: Sequence[Guess], files: Sequence[Sequence[Case]]
) -> list[str]:
    """A line of the table."""
    best = chosen(trade_off(made, base.matcher.thresholds), MOST_WRONG)
    return [name, *(str(hit_share(made, cases)) for cases in files), str(best.answered)]


def main() -> None:
    """Prints the table."""
    paths = [Path(name) for name in sys.argv[1:]]
    files = [read_cases(path) for path in paths]
    entries = read_entries(FAQ_FOLDER)
    segmenter = shipped_segmenter()
    columns = [f"{path.stem}: hit@1 %" for path in paths]
    table = Table("", *columns, f"answered % at {MOST_WRONG:g} % wrong")
    whole = assemble(entries, segmenter)
    found = examples(whole, files)
    table.add_row(*row("everything", whole, cross_validated(whole, found), files))
    for name, parts in {
        "without wording": ["wording"],
        "without what is learned": ["learned"],
        "without both": ["wording", "learned"],
        "without the scheme": ["group"],
        "without the nearest phrasing": ["alike", "spelling"],
        "without rapidfuzz": ["spelling"],
        "pooled evidence alone": ["wording", "learned", "group", "alike", "spelling"],
        "wording alone": ["evidence", "learned", "group", "alike", "spelling"],
        "learned alone": ["evidence", "wording", "group", "alike", "spelling"],
        "nearest phrasing alone": ["evidence", "wording", "learned", "group"],
        "without the conversation": ["continued", "related", "repeated"],
    }.items():
        made = cross_validated(whole, without_parts(found, parts))
        table.add_row(*row(name, whole, made, files))
    changed: dict[str, Callable[[Matcher], Matcher]] = {
        "without correcting English": lambda m: replace(
            m, spelling=NoSpelling([], m.segmenter.vocabulary)
        ),
        "without pinyin": lambda m: replace(m, pinyin=NoPinyin({}, [])),
    }
    for name, change in changed.items():
        base = replace(whole, matcher=change(whole.matcher))
        table.add_row(*row(name, base, cross_validated(base, examples(base, files)), files))
    settings: dict[str, AbstractContextManager[object]] = {
        "without concepts": without_kind("@"),
        "without pairs of characters": without_kind("#"),
        "without sounds": without_kind("~"),
        "without cues": without_cues(),
        "with half of the phrasings": nullcontext(),
    }
    for name, changing in settings.items():
        with changing:
            base = assemble(half(entries) if "half" in name else entries, segmenter)
            made = cross_validated(base, examples(base, files))
        table.add_row(*row(name, base, made, files))
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
