"""Reading YAML into checked values: every problem is noted with its place, and none is lost."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml

from knowledge.errors import Problem, UnreadableFile

T = TypeVar("T")

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML built without libyaml: the same result, slower
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Bilingual(Generic[T]):
    """The same thing written in Chinese (simplified) and in English."""

    zh: T
    en: T

    def of(self, language: str) -> T:
        """The half that a reader of ``language`` (``zh``, ``zh-Hant`` or ``en``) gets."""
        return self.en if language == "en" else self.zh


class _UniqueKeys(_Loader):
    """Refuses a key that is written twice, where YAML would silently keep the last."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = key_node.value
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands here twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> object:
    """The content of one YAML file.

    Raises:
        UnreadableFile: the file is missing, not UTF-8, or not YAML; with the line where known.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UnreadableFile(str(path), None, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise UnreadableFile(str(path), None, f"not UTF-8 at byte {error.start}") from error
    try:
        return yaml.load(text, Loader=_UniqueKeys)  # noqa: S506 (a subclass of the safe loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise UnreadableFile(str(path), line, str(error.problem)) from error
    except yaml.YAMLError as error:
        raise UnreadableFile(str(path), None, str(error).splitlines()[0]) from error


class Fields:
    """One YAML mapping, read field by field; what is wrong is noted and a blank is returned.

    Args:
        value: what YAML held at this place.
        file: name of the file, for the notes.
        entry: id of the entry, for the notes.
        problems: where notes are added.
        path: path of this mapping inside the entry, ending in a dot, or empty.
    """

    def __init__(
        self, value: object, file: str, entry: str, problems: list[Problem], path: str = ""
    ) -> None:
        self.file, self.entry, self.problems, self.path = file, entry, problems, path
        self.values: Mapping[str, object] = {}
        self._asked: set[str] = set()
        if isinstance(value, Mapping):
            self.values = value
        else:
            self.note(path.rstrip(".") or "entry", "expected.mapping")

    def note(self, field: str, key: str, **parameters: object) -> None:
        """One more problem is on the list."""
        self.problems.append(Problem(self.file, self.entry, field, key, parameters))

    def _take(self, name: str) -> object:
        self._asked.add(name)
        return self.values.get(name)

    def optional_value(self, name: str) -> object:
        """What stands in the field, unchecked; None where it is missing or null."""
        return self._take(name)

    def text(self, name: str, *, most: int | None = None, pattern: str | None = None) -> str:
        """A text that is not empty, of at most ``most`` characters, that matches ``pattern``."""
        value = self._take(name)
        if not isinstance(value, str) or not value.strip():
            self.note(self.path + name, "expected.text")
            return ""
        value = value.strip()
        if most is not None and len(value) > most:
            self.note(self.path + name, "expected.at_most", most=most, found=len(value))
        if pattern is not None and not re.fullmatch(pattern, value):
            self.note(self.path + name, "expected.pattern", pattern=pattern, found=value)
        return value

    def optional_text(self, name: str) -> str | None:
        """A text, or None where the field is missing or null."""
        return self.text(name) if self._take(name) is not None else None

    def texts(self, name: str, *, least: int = 0) -> tuple[str, ...]:
        """A list of at least ``least`` different texts, none empty."""
        value = self._take(name)
        if value is None and not least:
            return ()
        if not isinstance(value, list):
            self.note(self.path + name, "expected.list")
            return ()
        found: list[str] = []
        for position, item in enumerate(value, 1):
            if not isinstance(item, str) or not item.strip():
                self.note(f"{self.path}{name}[{position}]", "expected.text")
            elif item.strip() in found:
                self.note(f"{self.path}{name}[{position}]", "expected.no_repeat", found=item)
            else:
                found.append(item.strip())
        if len(found) < least:
            self.note(self.path + name, "expected.at_least_items", least=least, found=len(found))
        return tuple(found)

    def choice(self, name: str, choices: type[T]) -> T | None:
        """A member of the enumeration ``choices``."""
        value = self._take(name)
        try:
            return choices(value)  # type: ignore[call-arg]
        except ValueError:
            members = ", ".join(str(member) for member in choices)  # type: ignore[attr-defined]
            self.note(self.path + name, "expected.choice", choices=members, found=value)
            return None

    def number(self, name: str, *, least: int = 1) -> int:
        """A whole number of at least ``least``."""
        value = self._take(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            self.note(self.path + name, "expected.number", least=least, found=value)
            return least
        return value

    def decimal(self, name: str) -> float:
        """A number, with or without decimals."""
        value = self._take(name)
        if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
            self.note(self.path + name, "expected.decimal", found=value)
            return 0.0
        return float(value)

    def flag(self, name: str) -> bool:
        """True or false; false where the field is missing."""
        value = self._take(name)
        if value is not None and not isinstance(value, bool):
            self.note(self.path + name, "expected.flag", found=value)
        return value is True

    def date(self, name: str) -> datetime.date:
        """A date written as 2026-11-24."""
        value = self._take(name)
        if isinstance(value, datetime.datetime) or not isinstance(value, datetime.date):
            self.note(self.path + name, "expected.date", found=value)
            return datetime.date.min
        return value

    def fields(self, name: str) -> Fields:
        """The mapping that stands in this field."""
        return Fields(self._take(name), self.file, self.entry, self.problems, f"{self.path}{name}.")

    def items(self, name: str) -> list[Fields]:
        """The list of mappings that stands in this field."""
        value = self._take(name)
        if not isinstance(value, list):
            self.note(self.path + name, "expected.list")
            return []
        return [
            Fields(item, self.file, self.entry, self.problems, f"{self.path}{name}[{position}].")
            for position, item in enumerate(value, 1)
        ]

    def bilingual(self, name: str, read: Callable[[Fields, str], T]) -> Bilingual[T]:
        """The field in both languages, each half read by ``read``."""
        inner = self.fields(name)
        both = Bilingual(read(inner, "zh"), read(inner, "en"))
        inner.done()
        return both

    def done(self) -> None:
        """Fields that nothing asked for are noted: most are misspelt."""
        for name in self.values:
            if name not in self._asked:
                known = ", ".join(sorted(self._asked))
                self.note(f"{self.path}{name}" or "''", "expected.known_field", known=known)


def read_text(fields: Fields, name: str) -> str:
    """For :meth:`Fields.bilingual`: a text without further rules."""
    return fields.text(name)
