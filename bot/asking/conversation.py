"""What was just said in a chat: in memory, for a few minutes, for a bounded number of chats."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

from bot.asking.answers import Choice

KEPT_SECONDS = 600.0
MOST_CHATS = 5_000
LONGEST_THREAD = 3

Place = tuple[int, int]  # chat and person, so that people in a group do not mix


@dataclass(frozen=True, slots=True)
class Said:
    """The last question of somebody, and what was offered to choose from.

    Attributes:
        thread: what the next question may go on from: this question and those before it, oldest
            first; or the title of the entry that was opened since.
        question_id: id under which it was recorded.
        moment: when, in seconds of a monotonic clock.
    """

    question: str
    thread: tuple[str, ...]
    question_id: str
    choices: tuple[Choice, ...]
    moment: float


class Conversations:
    """The last questions of each person, forgotten after ten minutes."""

    def __init__(self) -> None:
        self._said: OrderedDict[Place, Said] = OrderedDict()

    def remember(self, place: Place, said: Said) -> None:
        """This is the last that was said there; the oldest go when there are too many."""
        self._said[place] = said
        self._said.move_to_end(place)
        while len(self._said) > MOST_CHATS:
            self._said.popitem(last=False)
        while self._said and next(iter(self._said.values())).moment < said.moment - KEPT_SECONDS:
            self._said.popitem(last=False)

    def last(self, place: Place, now: float) -> Said | None:
        """What was said there in the last ten minutes, if anything."""
        said = self._said.get(place)
        return said if said is not None and now - said.moment <= KEPT_SECONDS else None

    def opened(self, place: Place, title: str) -> None:
        """The next question there may go on from the entry with this title."""
        said = self._said.get(place)
        if said is not None:
            self._said[place] = replace(said, thread=(title,))

    def forget(self, place: Place) -> None:
        """Nothing is remembered of this person."""
        self._said.pop(place, None)


def chosen_number(text: str, choices: tuple[Choice, ...]) -> Choice | None:
    """The choice that a message consisting of its number means, if it is one."""
    text = text.strip().rstrip(".。、")
    if text.isdecimal() and len(text) <= 2 and 1 <= int(text) <= len(choices):
        return choices[int(text) - 1]
    return None
