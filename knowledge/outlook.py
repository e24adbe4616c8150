"""What an import would do to other answers, asked again only where it can be something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from knowledge.base import KnowledgeBase
from knowledge.effect import Effect, effect
from knowledge.entry import Entry
from knowledge.plan import Change, Plan
from knowledge.subject import subjects


def outlook(
    plan: Plan,
    base: KnowledgeBase,
    with_entries: Callable[[list[Entry]], KnowledgeBase],
    questions: Sequence[str],
) -> Effect:
    """Who would get something else.

    Args:
        with_entries: gives the knowledge as it would be with these entries.
        questions: as workers asked them.
    """
    changed = [change.after.id for change in plan.changes if _found_otherwise(change)]
    if not changed:
        return Effect((), len(base.index.phrasings.texts), len(questions))
    return effect(base, with_entries(plan.entries_after(base)), changed, questions)


def _found_otherwise(change: Change) -> bool:
    """Whether the texts by which the entry is found differ: not where only its steps do, say."""
    before = subjects([change.before] if change.before else [])
    return before != subjects([change.after])
