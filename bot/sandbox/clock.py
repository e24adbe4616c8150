"""A clock that can be moved, so that an evening, a reminder or a review date need not be waited for."""

from __future__ import annotations

import datetime


class Clock:
    """The time of the sandbox: this machine's, moved by as much as somebody wished.

    Args:
        ahead: by how much it is ahead of this machine's clock.
    """

    def __init__(self, ahead: datetime.timedelta = datetime.timedelta()) -> None:
        self.ahead = ahead

    def now(self) -> datetime.datetime:
        """The time it shows, in UTC."""
        return datetime.datetime.now(datetime.UTC) + self.ahead

    def timestamp(self) -> int:
        """The time it shows, in whole seconds since 1970 as the Bot API writes dates."""
        return int(self.now().timestamp())

    def forward(self, by: datetime.timedelta) -> None:
        """It shows a time that is later by that much, or earlier when ``by`` is negative."""
        # Kept within what every part of a date can hold.
        target = self.now() + by
        if not 2000 <= target.year <= 2999:
            raise OverflowError(target.year)
        self.ahead += by

    def reset(self) -> None:
        """It shows this machine's time again."""
        self.ahead = datetime.timedelta()
