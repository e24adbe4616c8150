"""The dry run of an import in words: what would change, for whom, and what is wrong in which cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from bot.markup import BLANK, Line, quiet, strong
from bot.texts import Texts
from knowledge.base import KnowledgeBase
from knowledge.cells import CellProblem
from knowledge.decide import Decision
from knowledge.effect import Effect, Gets
from knowledge.plan import Change, Conflict, Plan
from knowledge.recognise import shortened
from knowledge.revise import Difference
from knowledge.text import Language

T = TypeVar("T")

SHOWN_BEFORE = 12  # characters of what is the same, before the first that differs
HEADS = {"added": "sheet.added", "changed": "sheet.changed", "retired": "sheet.retired"}


class Report:
    """Writes about an import.

    Args:
        language: the language that the editor reads.
        base: gives the titles of entries.
        most: how many items of each list are shown; None for all.
    """

    def __init__(
        self, texts: Texts, language: Language, base: KnowledgeBase, most: int | None = None
    ) -> None:
        self._texts = texts
        self._language = language
        self._base = base
        self._most = most

    def say(self, key: str, **values: object) -> str:
        """A sentence in the editor's language."""
        return self._texts.say(self._language, key, **values)

    def plan(self, plan: Plan) -> list[Line]:
        """The summary, then every change from old to new, or else every problem."""
        message = [strong(self.say("sheet.dry_run")), Line(self._summary(plan))]
        if plan.ignored:
            names = ", ".join(plan.ignored)
            message.append(quiet(self.say("sheet.ignored", names=names)))
        message += [Line(self._conflict(conflict)) for conflict in self._first(plan.conflicts)]
        message += self._more(plan.conflicts)
        if plan.problems:
            message += [BLANK, strong(self.say("sheet.problems", count=len(plan.problems)))]
            message += [Line(self.problem(problem)) for problem in self._first(plan.problems)]
            return message + self._more(plan.problems)
        for kind in HEADS:
            message += self._changes(kind, plan.of_kind(kind))
        return message

    def _summary(self, plan: Plan) -> str:
        counts = {kind: len(plan.of_kind(kind)) for kind in HEADS}
        return self.say(
            "sheet.summary", **counts, same=len(plan.same), conflicts=len(plan.conflicts)
        )

    def _conflict(self, conflict: Conflict) -> str:
        return self.say(
            "sheet.conflict",
            id=conflict.entry_id,
            exported=conflict.exported or "?",
            stands=conflict.stands,
        )

    def _first(self, items: Sequence[T]) -> Sequence[T]:
        return items[: self._most]

    def _more(self, items: Sequence[object]) -> list[Line]:
        rest = len(items) - len(self._first(items))
        return [quiet(self.say("sheet.more", count=rest))] if rest else []

    def problem(self, problem: CellProblem) -> str:
        """Sheet, row, column, what was found, what is expected."""
        return self.say(
            "sheet.problem" if problem.column else "sheet.problem_in_row",
            sheet=problem.sheet,
            row=problem.row,
            column=problem.column,
            header=problem.header,
            found=problem.found or "–",
            expected=self.say(problem.key, **problem.parameters),
        )

    def _changes(self, kind: str, changes: Sequence[Change]) -> Iterator[Line]:
        if not changes:
            return
        yield BLANK
        yield strong(self.say(HEADS[kind], count=len(changes)))
        for change in self._first(changes):
            title = self._texts.own(self._language, change.after.title.of(self._language))
            yield Line(f"{change.after.id} · {title}")
            if kind != "added":
                for difference in change.differences:
                    yield from self._difference(difference)
        yield from self._more(changes)

    def _difference(self, difference: Difference) -> Iterator[Line]:
        key = f"sheet.column.{difference.field.replace('.', '_')}"
        name = self.say(key)
        lists = difference.field.split(".")[0] in ("phrasings", "cues", "steps")
        if len(difference.before) == len(difference.after) == 1 and not lists:
            old, new = _parts_that_differ(difference.before[0], difference.after[0])
            yield Line(self.say("sheet.old_new", field=name, old=old, new=new))
            return
        yield Line(f"  {name}:")
        yield from (Line(f"  − {shortened(text)}") for text in self._first(difference.before))
        yield from (Line(f"  + {shortened(text)}") for text in self._first(difference.after))

    def effect(self, found: Effect) -> list[Line]:
        """Who would get another answer; first the phrasings that would lose their own entry."""
        asked = {"phrasings": found.phrasings, "questions": found.questions}
        message = [BLANK, strong(self.say("sheet.effect"))]
        if not found.moved:
            return [*message, Line(self.say("sheet.effect_none", **asked))]
        harmful = found.harmful
        counts = {"moved": len(found.moved), "harmful": len(harmful)}
        message.append(Line(self.say("sheet.effect_some", **counts, **asked)))
        moved = [*harmful, *(each for each in found.moved if each not in harmful)]
        for each in self._first(moved):
            before, after = self._gets(each.before), self._gets(each.after)
            text = shortened(each.text)
            message.append(
                Line(self.say("sheet.effect_moved", text=text, before=before, after=after))
            )
        return message + self._more(moved)

    def _gets(self, found: Gets) -> str:
        entry = self._base.entries.get(found.first)
        if entry is None:
            return found.first or self.say("sheet.effect_nothing")
        title = self._texts.own(self._language, entry.title.of(self._language))
        sure = found.decision is Decision.ANSWER
        return title if sure else self.say("sheet.effect_choices", title=title)


def _parts_that_differ(old: str, new: str) -> tuple[str, str]:
    """Both texts from shortly before the first character that differs."""
    pairs = zip(old, new, strict=False)
    differs = next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(old), len(new)))
    start = max(0, differs - SHOWN_BEFORE)
    if start == 0:
        return shortened(old), shortened(new)
    return "…" + shortened(old[start:]), "…" + shortened(new[start:])
