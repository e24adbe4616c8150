"""Matching beside its peers, on the same phrasings and questions in one run.

    python -m tests.bench.matching CASES.jsonl [CASES.jsonl ...] [--charts FOLDER]

Prints accuracy, time, time to build and memory, then the time a question takes as phrasings grow, and with
``--charts`` draws both. Each peer runs in a process of its own. Needs the extra ``bench``.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from knowledge.base import FOLDER, assemble
from knowledge.entry import read_entries
from knowledge.evaluate import Case, read_cases
from tests.bench.charts import draw
from tests.bench.peers import GROWING, PEERS, Found, Item, read_items

GROWTH = (0.1, 1, 10)
GROWTH_QUESTIONS = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """What a peer made of one question, whether that is in scope, and the milliseconds it took."""

    inside: bool
    first: bool
    third: bool
    sure: float
    answered: bool | None
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One peer over files of cases: build in seconds, memory of its process in MB."""

    build: float
    memory: float
    files: dict[str, list[Asked]]

    def median(self) -> float:
        """Median of all questions, in milliseconds."""
        return statistics.median(a.milliseconds for asked in self.files.values() for a in asked)


def ask(peer_found: Found, case: Case, seconds: float) -> Asked:
    """How a find compares with the label."""
    ids = peer_found.ids
    return Asked(
        bool(case.ids),
        bool(set(ids[:1]) & set(case.ids)),
        bool(set(ids[:3]) & set(case.ids)),
        peer_found.sure if ids else float("-inf"),
        peer_found.answered,
        1000 * seconds,
    )


def run_peer(name: str, items: Path, files: Sequence[Path], growing: bool, most: int) -> None:
    """Measures one peer in this process, and prints it as JSON."""
    read = read_items(items)
    started = time.perf_counter()
    find = (GROWING if growing else PEERS)[name](read)
    build = time.perf_counter() - started
    known = {item.owner for item in read}
    found: dict[str, list[Asked]] = {}
    for path in files:
        found[path.stem] = []
        for case in read_cases(path)[:most]:
            before = time.perf_counter()
            made = find(case)
            seconds = time.perf_counter() - before
            ours = Found(
                [i for i in made.ids if not i.startswith("outside.")], made.sure, made.answered
            )
            if not case.ids or set(case.ids) & known:
                found[path.stem].append(ask(ours, case, seconds))
    print(json.dumps(asdict(Measured(build, memory(), found))))  # noqa: T201


def memory() -> float:
    """Most memory that this process has had, in MB (Linux)."""
    # getrusage would count the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def measure(name: str, items: Path, files: Sequence[Path], growing: bool, most: int) -> Measured:
    """Measures one peer in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.matching", *map(str, files)]
    command += ["--peer", name, "--items", str(items), "--most", str(most)]
    done = subprocess.run(
        [*command, "--growing"] if growing else command, check=True, stdout=subprocess.PIPE
    )
    raw = json.loads(done.stdout)
    asked = {stem: [Asked(**one) for one in those] for stem, those in raw["files"].items()}
    return Measured(raw["build"], raw["memory"], asked)


def phrasings() -> list[Item]:
    """Titles and phrasings of the shipped entries and topics."""
    index = assemble(read_entries(FOLDER / "faq")).index
    return [
        Item(owner, index.phrasings.texts[number])
        for position, owner in enumerate(index.ids)
        for number in index.phrasings.of(position)
    ]


def grown(items: Sequence[Item], times: float) -> Iterator[Item]:
    """A part of the items, or all with made-up ones beside: halves of two phrasings of one owner."""
    chance = random.Random(1)  # noqa: S311 (the same phrasings in every run)
    if times <= 1:
        yield from chance.sample(list(items), round(len(items) * times))
        return
    yield from items
    owned: dict[str, list[str]] = {}
    for item in items:
        owned.setdefault(item.owner, []).append(item.text)
    for _ in range(round(len(items) * (times - 1))):
        owner = chance.choice(items).owner
        one, two = chance.choice(owned[owner]), chance.choice(owned[owner])
        yield Item(owner, one[: len(one) // 2] + two[len(two) // 2 :])


def write_items(items: Iterator[Item], path: Path) -> None:
    """The file holds the items, one a line."""
    lines = (f"{item.owner}\t{' '.join(item.text.split())}\n" for item in items)
    path.write_text("".join(lines), encoding="utf-8")


def wrong_at(asked: Sequence[Asked], answered: int) -> float:
    """Share of wrong answers, in percent of all, if this many questions were answered, the surest first."""
    surest = sorted(asked, key=lambda one: -one.sure)[:answered]
    return 100 * sum(not one.first for one in surest) / len(asked)


def accuracy_table(measured: dict[str, Measured], files: Sequence[Path]) -> Table:
    """hit@1 / hit@3 / wrong when as many are answered as this program answers, by file; and costs."""
    ours = measured["shebao"]
    columns = [f"{path.stem}: hit@1 / hit@3 / wrong %" for path in files]
    table = Table("", *columns, "p50 ms", "p99 ms", "p50 / ours", "build s", "memory MB")
    for name, one in measured.items():
        row = [name]
        for path in files:
            asked = one.files[path.stem]
            third = 100 * sum(a.third for a in asked) / sum(a.inside for a in asked)
            answered = sum(bool(a.answered) for a in ours.files[path.stem])
            row.append(f"{hit(asked):.1f} / {third:.1f} / {wrong_at(asked, answered):.1f}")
        times = sorted(a.milliseconds for asked in one.files.values() for a in asked)
        p99 = times[min(len(times) - 1, int(len(times) * 0.99))]
        ratio = one.median() / ours.median()
        row += [f"{one.median():.2f}", f"{p99:.2f}", f"{ratio:.1f}"]
        table.add_row(*row, f"{one.build:.1f}", f"{one.memory:.0f}")
    return table


def hit(asked: Sequence[Asked]) -> float:
    """Share of the questions in scope whose first is right, in percent."""
    return 100 * sum(one.first for one in asked) / sum(one.inside for one in asked)


def main() -> None:
    """Measures every peer, prints the tables, and draws the charts where they are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--charts", type=Path)
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    parser.add_argument("--items", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--most", type=int, default=10**9, help=argparse.SUPPRESS)
    parser.add_argument("--growing", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.peer:
        run_peer(chosen.peer, chosen.items, chosen.files, chosen.growing, chosen.most)
        return
    console = Console(width=200)
    items = phrasings()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "items.tsv"
        write_items(iter(items), path)
        measured = {name: measure(name, path, chosen.files, False, chosen.most) for name in PEERS}
        console.print(f"{len(items)} titles and phrasings")
        console.print(accuracy_table(measured, chosen.files))
        growth: dict[str, dict[int, float]] = {name: {} for name in GROWING}
        table = Table("p50 ms / build s / memory MB", *GROWING)
        for times in GROWTH:
            write_items(grown(items, times), path)
            row: list[str] = []
            for name in GROWING:
                one = measure(name, path, chosen.files[:1], True, GROWTH_QUESTIONS)
                growth[name][round(len(items) * times)] = one.median()
                row.append(f"{one.median():.2f} / {one.build:.1f} / {one.memory:.0f}")
            table.add_row(f"{round(len(items) * times)} phrasings", *row)
        console.print(table)
    if chosen.charts:
        accuracy = {
            name: {path.stem: hit(one.files[path.stem]) for path in chosen.files}
            for name, one in measured.items()
        }
        draw(chosen.charts, accuracy, growth)


if __name__ == "__main__":
    main()
