"""Pinyin typed in Latin letters, as people do who have no Chinese keyboard."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from knowledge.sound import reading
from knowledge.text import latin_words

_LATIN_RUN = re.compile(r"[a-z]+(?: +[a-z]+)*")
_HAN_WORD = re.compile(r"[\u4e00-\u9fff]+")
# A character that is no word of its own costs as much as a word used a tenth of a time.
UNUSED = 0.1
# How people spell what the dictionary spells otherwise.
SPOKEN = {"shei": "谁"}


class Pinyin:
    """Reads pinyin without tones, as people type it who have no Chinese keyboard.

    Args:
        words: Chinese words with how often they are used; the more frequent of two that sound the
            same is the one that is meant.
        english: Latin words that are English, whatever else they could be.
    """

    def __init__(self, words: Mapping[str, int], english: Iterable[str]) -> None:
        self._used = words
        self._english_words = english

    @cached_property
    def _words(self) -> dict[str, tuple[str, tuple[int, ...], float]]:
        """Letters -> word, the lengths of its syllables, and its cost: the lower the likelier."""
        total = sum(self._used.values()) or 1
        table: dict[str, tuple[str, tuple[int, ...], float]] = {
            letters: (word, (len(letters),), -math.log(1 / total))
            for letters, word in SPOKEN.items()
        }
        single: dict[str, int] = {}
        for word, count in sorted(self._used.items(), key=lambda item: (-item[1], item[0])):
            if _HAN_WORD.fullmatch(word):
                read = reading(word)
                found = (word, tuple(map(len, read)), -math.log(count / total))
                table.setdefault("".join(read), found)
                for character in word:
                    single[character] = single.get(character, 0) + count
        for character, _ in sorted(single.items(), key=lambda item: (-item[1], item[0])):
            letters = reading(character)[0]
            table.setdefault(letters, (character, (len(letters),), -math.log(UNUSED / total)))
        return table

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._words), default=0)

    @cached_property
    def _english(self) -> frozenset[str]:
        spoken = {letters for letters, (word, _, _) in self._words.items() if len(word) > 1}
        return frozenset(self._english_words) - spoken

    def to_chinese(self, text: str) -> str:
        """The normalised text with its Latin words written in characters, if they are pinyin.

        They are, when at least half of them can be read as syllables and are no English words.
        """
        pieces = latin_words(text)
        if not pieces:
            return text
        foreign = sum(p not in self._english and self._read([p]) is not None for p in pieces)
        if 2 * foreign < len(pieces):
            return text
        return _LATIN_RUN.sub(lambda match: self._run(match.group()), text)

    def _run(self, run: str) -> str:
        parts: list[str] = []
        pieces: list[str] = []
        for piece in [*latin_words(run), ""]:
            if piece and self._read([piece]) is not None:
                pieces.append(piece)
                continue
            if pieces:
                parts.append(self._read(pieces) or " ".join(pieces))
                pieces = []
            if piece:
                parts.append(piece)
        return " ".join(parts)

    def _read(self, pieces: list[str]) -> str | None:
        """The likeliest reading of the letters, whose syllables do not run across pieces."""
        letters = "".join(pieces)
        ends = set(itertools.accumulate(map(len, pieces)))
        best: list[tuple[float, str] | None] = [(0.0, ""), *([None] * len(letters))]
        for start in range(len(letters)):
            reached = best[start]
            if reached is None:
                continue
            for end in range(start + 1, min(len(letters), start + self._longest) + 1):
                found = self._words.get(letters[start:end])
                if found is None:
                    continue
                word, lengths, cost = found
                inside = {e for e in ends if start < e < end}
                if not inside <= {start + size for size in itertools.accumulate(lengths)}:
                    continue
                there = best[end]
                if there is None or reached[0] + cost < there[0]:
                    best[end] = (reached[0] + cost, reached[1] + word)
        last = best[-1]
        return None if last is None else last[1]
