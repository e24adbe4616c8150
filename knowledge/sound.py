"""How Chinese characters sound, for words typed with the wrong character of the right sound."""

from __future__ import annotations

import itertools
from functools import cache

from pypinyin import lazy_pinyin

# Sounds that many speakers do not tell apart, and so do not type apart.
_ALIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"))


@cache
def syllable(character: str) -> str:
    """The sound of a Chinese character: its first reading without tone, retroflex and final -g."""
    sound: str = lazy_pinyin(character)[0]
    for initial, alike in _ALIKE:
        if sound.startswith(initial):
            sound = alike + sound.removeprefix(initial)
    return sound.removesuffix("g") if sound.endswith("ng") else sound


def sounds(words: list[str]) -> tuple[str, ...]:
    """The sounds of neighbouring characters inside and across Chinese words, marked with ``~``."""
    found: dict[str, None] = {}
    previous = ""
    for word in words:
        if word[0].isascii():
            previous = ""
            continue
        run = previous + word
        for first, second in itertools.pairwise(run):
            found[f"~{syllable(first)} {syllable(second)}"] = None
        previous = word[-1]
    return tuple(found)
