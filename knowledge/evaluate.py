"""Labelled questions in, figures out."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.base import KnowledgeBase, Result
from knowledge.decide import Decision
from knowledge.errors import ShebaoError


class InvalidCase(ShebaoError):
    """A line of labelled or batched questions cannot be used."""

    def __init__(self, file: str, line: int, expected: str) -> None:
        super().__init__("error.invalid_case", file=file, line=line)
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled question.

    Attributes:
        turns: the conversation; the last one is asked.
        ids: acceptable entries, best first; empty when the question is out of scope.
    """

    turns: tuple[str, ...]
    ids: tuple[str, ...] = ()
    kind: str = ""
    lang: str = ""


def read_turns(item: object, file: str, line: int) -> tuple[str, ...]:
    """The questions of one parsed line: ``{"q": …}`` or ``{"turns": […]}``.

    Raises:
        InvalidCase: it is neither.
    """
    if isinstance(item, dict):
        turns = item.get("turns", [item.get("q")])
        if isinstance(turns, list) and turns and all(isinstance(turn, str) for turn in turns):
            return tuple(turns)
    raise InvalidCase(file, line, "expected.case")


def read_json_lines(lines: Iterable[str], file: str) -> Iterable[tuple[int, object]]:
    """Number and value of each line that is not blank.

    Raises:
        InvalidCase: a line is not JSON.
    """
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError as error:
                raise InvalidCase(file, number, "expected.json") from error


def read_cases(path: Path) -> list[Case]:
    """The labelled questions in the file.

    Raises:
        InvalidCase: with the number of the first line that is wrong.
        OSError: the file cannot be read.
    """
    cases: list[Case] = []
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidCase(path.name, 0, "expected.utf8") from error
    for number, item in read_json_lines(text.splitlines(), path.name):
        turns = read_turns(item, path.name, number)
        ids = item.get("ids") if isinstance(item, dict) else None
        if not isinstance(item, dict) or not isinstance(ids, list):
            raise InvalidCase(path.name, number, "expected.case_ids")
        cases.append(
            Case(turns, tuple(map(str, ids)), str(item.get("kind", "")), str(item.get("lang", "")))
        )
    return cases


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares in percent; None where there was nothing to measure.

    Attributes:
        questions: how many were asked.
        hit1: first candidate acceptable, of those in scope.
        hit3: one of the first three acceptable, of those in scope.
        useful: answered rightly or offered rightly, of those in scope.
        wrong: answered directly with a wrong entry, of all.
        false_answer: out of scope and answered directly, of those out of scope.
    """

    questions: int
    hit1: float | None
    hit3: float | None
    useful: float | None
    wrong: float | None
    false_answer: float | None


def _share(values: Sequence[bool]) -> float | None:
    return round(100 * sum(values) / len(values), 1) if values else None


def figures(asked: Sequence[tuple[Case, Result]]) -> Figures:
    """The figures over these questions and what they got."""
    inside = [(case, result) for case, result in asked if case.ids]
    outside = [result for case, result in asked if not case.ids]

    def hit(case: Case, result: Result, depth: int) -> bool:
        return any(candidate.id in case.ids for candidate in result.candidates[:depth])

    def wrong(case: Case, result: Result) -> bool:
        return result.decision is Decision.ANSWER and not useful(case, result)

    return Figures(
        questions=len(asked),
        hit1=_share([hit(case, result, 1) for case, result in inside]),
        hit3=_share([hit(case, result, 3) for case, result in inside]),
        useful=_share([useful(case, result) for case, result in inside]),
        wrong=_share([wrong(case, result) for case, result in asked]),
        false_answer=_share([result.decision is Decision.ANSWER for result in outside]),
    )


def useful(case: Case, result: Result) -> bool:
    """Whether an acceptable entry was the answer or among the choices."""
    return any(candidate.id in case.ids for candidate in result.settled.shown)


def mistaken(case: Case, result: Result) -> bool:
    """Whether the first candidate is not acceptable, or an out-of-scope question was answered."""
    if not case.ids:
        return result.decision is Decision.ANSWER
    return not result.candidates or result.candidates[0].id not in case.ids


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures over all, by kind and by language, and milliseconds of matching."""

    overall: Figures
    kinds: dict[str, Figures]
    languages: dict[str, Figures]
    p50_ms: float
    p99_ms: float
    asked: tuple[tuple[Case, Result], ...]


def evaluate(base: KnowledgeBase, cases: Sequence[Case]) -> Evaluation:
    """What the knowledge base makes of the labelled questions."""
    asked = [(case, base.ask(case.turns[-1], before=case.turns[:-1])) for case in cases]
    times = sorted(result.elapsed_ms for _, result in asked) or [0.0]

    def grouped(attribute: str) -> dict[str, Figures]:
        names = sorted({getattr(case, attribute) for case, _ in asked})
        return {
            name: figures([(c, r) for c, r in asked if getattr(c, attribute) == name])
            for name in names
        }

    return Evaluation(
        overall=figures(asked),
        kinds=grouped("kind"),
        languages=grouped("lang"),
        p50_ms=round(statistics.median(times), 3),
        p99_ms=round(times[min(len(times) - 1, int(len(times) * 0.99))], 3),
        asked=tuple(asked),
    )
