"""The parameters of a request, as text, number, flag, JSON or file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.errors import bad_request


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a request."""

    name: str
    mime_type: str
    content: bytes


class Arguments:
    """The parameters of one request.

    Args:
        values: name -> text, JSON value or Upload, as the request carried them.
    """

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def and_also(self, values: Mapping[str, object]) -> Arguments:
        """These parameters, with others over them."""
        return Arguments({**self._values, **values})

    def shown(self) -> dict[str, object]:
        """The parameters as the page shows them: JSON unfolded, files by name."""
        return {
            name: f"<{value.name}, {len(value.content)} B>"
            if isinstance(value, Upload)
            else self.json(name, lenient=True)
            for name, value in self._values.items()
        }

    def has(self, name: str) -> bool:
        """Whether the parameter is there and not empty."""
        return self._values.get(name) not in (None, "")

    def text(self, name: str) -> str:
        """The parameter as text, empty when it is not there."""
        value = self._values.get(name, "")
        return value if isinstance(value, str) else "" if value is None else json.dumps(value)

    def upload(self, name: str) -> Upload | None:
        """The file of that name; also when the parameter says ``attach://other``."""
        value = self._values.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            value = self._values.get(value.removeprefix("attach://"))
        return value if isinstance(value, Upload) else None

    def integer(self, name: str, default: int | None = None) -> int:
        """The parameter as a whole number.

        Raises:
            Refused: it is no number, or missing without a default.
        """
        text = self.text(name)
        if not text:
            if default is None:
                raise bad_request(f"{name.replace('_', ' ')} is not specified")
            return default
        try:
            return int(text)
        except ValueError:
            raise bad_request(f"invalid {name} specified") from None

    def chat_id(self) -> int:
        """The chat that is meant.

        Raises:
            Refused: none is named, or its name is no number that can be found.
        """
        text = self.text("chat_id")
        if not text:
            raise bad_request("chat_id is empty")
        try:
            return int(text)
        except ValueError:
            raise bad_request("chat not found") from None

    def flag(self, name: str) -> bool:
        """Whether the parameter says yes, in one of the ways that Telegram takes."""
        return self.text(name).strip().lower() in ("true", "yes", "1")

    def json(self, name: str, *, lenient: bool = False) -> Any:
        """The parameter as a JSON value; None when it is not there.

        Raises:
            Refused: it is not JSON (with ``lenient`` it is returned as text instead).
        """
        value = self._values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        if lenient and value[:1] not in "[{":
            return value
        try:
            return json.loads(value)
        except ValueError:
            if lenient:
                return value
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None
