"""What an import would do, as a value: shown to a person first, and applied when they agree."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.base import KnowledgeBase
from knowledge.cells import CellProblem
from knowledge.entry import Entry, Status
from knowledge.revise import Difference


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that would be written.

    Attributes:
        before: as it stands; None for a new one.
        differences: field by field.
    """

    before: Entry | None
    after: Entry
    differences: tuple[Difference, ...]

    @property
    def kind(self) -> str:
        """``added``, ``retired`` or ``changed``."""
        if self.before is None:
            return "added"
        retired = self.after.status is Status.RETIRED is not self.before.status
        return "retired" if retired else "changed"


@dataclass(frozen=True, slots=True)
class Conflict:
    """An entry that the file changes, and that somebody else changed after the export.

    Attributes:
        exported: the version that the file was made from; None where it does not say.
        stands: the version that stands now.
    """

    entry_id: str
    exported: int | None
    stands: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that an import would do. With problems it can do nothing.

    Attributes:
        same: ids of the entries in the file that stay as they are.
        ignored: names of sheets that were not read.
    """

    changes: tuple[Change, ...]
    same: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    problems: tuple[CellProblem, ...]
    ignored: tuple[str, ...]

    def of_kind(self, kind: str) -> list[Change]:
        """The changes of this kind."""
        return [change for change in self.changes if change.kind == kind]

    def entries_after(self, base: KnowledgeBase) -> list[Entry]:
        """All entries as they would stand."""
        changed = {change.after.id: change.after for change in self.changes}
        return list({**base.entries, **changed}.values())
