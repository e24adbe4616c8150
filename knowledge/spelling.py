"""English words with a small slip, put right by the words that entries and lexicon know."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge.text import latin_words
from knowledge.vocabulary import Vocabulary

_WORD = re.compile(r"[a-z]+")
# Shorter words are one slip away from too many others.
SHORTEST_CORRECTED = 5
# One letter missing, added, changed or swapped; two in a long word.
LONG_WORD = 8


class Spelling:
    """Corrects Latin words that nobody wrote towards ones that somebody did.

    Args:
        latin: Latin words of the entries, normalised.

    Source: rapidfuzz.distance.OSA, the distance that counts a swap of neighbours as one slip.
    """

    def __init__(self, latin: Iterable[str], vocabulary: Vocabulary) -> None:
        known = set(latin)
        for text in (*vocabulary.concepts, *vocabulary.stop_words, *vocabulary.places):
            known.update(latin_words(text))
        self._known = frozenset(known)
        self._targets: dict[str, list[str]] = {}
        for word in sorted(known):
            if len(word) >= SHORTEST_CORRECTED - 1:
                self._targets.setdefault(word[0], []).append(word)

    def correct(self, text: str) -> str:
        """The normalised text with each unknown Latin word replaced by the known one nearest to it.

        Words stay as they are when they are short, or when nothing known is near. The first letter
        is taken to be right.
        """
        return _WORD.sub(lambda match: self._word(match.group()), text)

    def _word(self, word: str) -> str:
        if len(word) < SHORTEST_CORRECTED or word in self._known:
            return word
        slips = 2 if len(word) >= LONG_WORD else 1
        nearest = process.extractOne(
            word, self._targets.get(word[0], ()), scorer=OSA.distance, score_cutoff=slips
        )
        return nearest[0] if nearest else word
