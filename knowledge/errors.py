"""What can go wrong with the knowledge. Each error carries a text key and parameters, never prose."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass


class ShebaoError(Exception):
    """A failure that a person is told about.

    Attributes:
        key: key of the sentence in the catalogues.
        parameters: values of the named parameters in that sentence.
    """

    def __init__(self, key: str, **parameters: object) -> None:
        super().__init__(key, parameters)
        self.key = key
        self.parameters = parameters


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one field: where it is, and what was expected there.

    Attributes:
        file: name of the file (or table) it was read from.
        entry: id of the entry or record, or its position when it has no id.
        field: path of the field, such as ``answer.zh.short``.
        key: key of the sentence that says what is expected.
        parameters: values of the named parameters in that sentence.
    """

    file: str
    entry: str
    field: str
    key: str
    parameters: dict[str, object] = dataclasses.field(default_factory=dict)


class InvalidKnowledge(ShebaoError):
    """Knowledge files hold something that cannot be used; nothing was loaded.

    Attributes:
        problems: everything found, in file order.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("error.invalid_knowledge", count=len(problems))
        self.problems = tuple(problems)


class UnreadableFile(ShebaoError):
    """A knowledge file is missing, is not UTF-8, or is not YAML."""

    def __init__(self, file: str, line: int | None, reason: str) -> None:
        super().__init__("error.unreadable_file", file=file, line=line or "?", reason=reason)


class NoEntry(ShebaoError):
    """No entry has this id."""

    def __init__(self, entry_id: str) -> None:
        super().__init__("error.no_entry", id=entry_id)


class NoArticle(ShebaoError):
    """The law has no article with this number."""

    def __init__(self, article: int, last: int) -> None:
        super().__init__("error.no_article", article=article, last=last)


class UnusableDatabase(ShebaoError):
    """The database is locked by another program, is damaged, or cannot be opened."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__("error.unusable_database", path=path, reason=reason)


class EmptyQuestion(ShebaoError):
    """Nothing is left of the question that could carry a topic."""

    def __init__(self) -> None:
        super().__init__("error.empty_question")


class NoCases(ShebaoError):
    """Files of labelled questions hold none that could be used."""

    def __init__(self) -> None:
        super().__init__("error.no_cases")
