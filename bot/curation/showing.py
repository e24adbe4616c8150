"""What editors read of an edit: the difference, its effect, and what keeps it from going out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.markup import BLANK, Line, quiet, strong
from bot.texts import Texts
from knowledge.base import KnowledgeBase
from knowledge.decide import Decision
from knowledge.effect import Effect, Gets
from knowledge.errors import Problem
from knowledge.revise import Difference
from knowledge.text import Language

MOST_MOVED = 12
MOST_PROBLEMS = 12
LONGEST_SHOWN = 300
# How each is typed.
HOW = {
    "id": "edit.how_id",
    "phrasings": "edit.how_phrasings",
    "cues": "edit.how_phrasings",
    "provisions": "edit.how_provisions",
    "contacts": "edit.how_contacts",
    "related": "edit.how_related",
    "steps": "edit.how_lines",
    "checked_on": "edit.how_date",
    "review_by": "edit.how_date",
}


class Showing:
    """Writes lines about edits.

    Attributes:
        language: the language that the editor reads.
    """

    def __init__(self, texts: Texts, language: Language, base: KnowledgeBase) -> None:
        self._texts = texts
        self.language = language
        self._base = base

    def say(self, key: str, **values: object) -> str:
        """A sentence in the editor's language."""
        return self._texts.say(self.language, key, **values)

    def field(self, name: str) -> str:
        """What a field is called."""
        base, _, language = name.partition(".")
        called = self.say(f"field.{base}")
        return f"{called} ({self.say(f'field.{language}')})" if language else called

    def title(self, entry_id: str) -> str:
        """The human question of an entry, or that the topic is none of ours."""
        entry = self._base.entries.get(entry_id)
        if entry is None:
            return self.say("effect.outside")
        return self._texts.own(self.language, entry.title.of(self.language))

    def differences(self, found: Sequence[Difference]) -> list[Line]:
        """Each field with what went (−) and what came (+)."""
        if not found:
            return [Line(self.say("edit.no_difference"))]
        message: list[Line] = []
        for difference in found:
            message.append(strong(self.field(difference.field)))
            message += [Line(f"− {self._value(difference, x)}") for x in difference.before]
            message += [Line(f"+ {self._value(difference, x)}") for x in difference.after]
        return message

    def _value(self, difference: Difference, text: str) -> str:
        return self.say(f"status.{text}") if difference.field == "status" else _cut(text)

    def effect(self, found: Effect) -> list[Line]:
        """Who would get something else, from what to what: workers first, then who loses their entry."""
        harmful = found.harmful
        asked = [moved for moved in found.moved if not moved.owner]
        message = [BLANK, strong(self.say("effect.title"))]
        counts = {"phrasings": found.phrasings, "questions": found.questions}
        if not found.moved:
            return [*message, Line(self.say("effect.none", **counts))]
        message.append(
            Line(self.say("effect.some", moved=len(found.moved), harmful=len(harmful), **counts))
        )
        for moved in list(dict.fromkeys([*asked, *harmful, *found.moved]))[:MOST_MOVED]:
            kind = "effect.phrasing" if moved.owner else "effect.question"
            message.append(Line(self.say(kind, text=_cut(moved.text))))
            message.append(
                quiet(
                    self.say(
                        "effect.from_to",
                        before=self._gets(moved.before),
                        after=self._gets(moved.after),
                    )
                )
            )
        if len(found.moved) > MOST_MOVED:
            message.append(Line(self.say("effect.more", count=len(found.moved) - MOST_MOVED)))
        return message

    def _gets(self, found: Gets) -> str:
        if found.decision is Decision.NONE and not found.first:
            return self.say("effect.nothing")
        title = self.title(found.first)
        return (
            self.say("effect.choices", title=title) if found.decision is Decision.CHOICES else title
        )

    def problems(self, found: Iterable[Problem]) -> list[Line]:
        """What is wrong, by field."""
        return [
            Line(
                self.say(
                    "edit.problem",
                    field=problem.field,
                    expected=self.say(problem.key, **problem.parameters),
                )
            )
            for problem in list(found)[:MOST_PROBLEMS]
        ]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]} …"


def how_typed(field: str) -> str:
    """The key of the sentence that says how a field is typed."""
    return HOW.get(field.partition(".")[0], "edit.how_text")
