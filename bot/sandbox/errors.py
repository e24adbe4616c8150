"""What a Bot API server refuses, with Telegram's codes and descriptions."""

from __future__ import annotations


class Refused(Exception):
    """A request that Telegram would not carry out.

    Attributes:
        code: HTTP status and ``error_code`` of the response.
        description: Telegram's words for it.
        retry_after: seconds to wait before the next try, with code 429 only.
    """

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after

    def response(self) -> dict[str, object]:
        """The body of the response."""
        body: dict[str, object] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return body


def bad_request(description: str) -> Refused:
    """Something in the request is wrong."""
    return Refused(400, f"Bad Request: {description}")


def forbidden(description: str) -> Refused:
    """The bot may not write to that chat."""
    return Refused(403, f"Forbidden: {description}")


def too_many_requests(seconds: int) -> Refused:
    """The bot has to wait."""
    return Refused(429, f"Too Many Requests: retry after {seconds}", seconds)
