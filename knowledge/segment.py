"""Words of a question, Chinese and English alike: the only place that knows jieba."""

from __future__ import annotations

import logging
import re
import sys
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import snowballstemmer

from knowledge.sound import sounds
from knowledge.text import normalise
from knowledge.vocabulary import Vocabulary

# jieba 0.42.1 opens its dictionary by itself where there is no pkg_resources, which takes longer to
# import than all of jieba; and it warns about its own escapes.
_PACKAGE_RESOURCES = "pkg_resources"
_hidden = _PACKAGE_RESOURCES not in sys.modules
if _hidden:
    sys.modules[_PACKAGE_RESOURCES] = None  # type: ignore[assignment]
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import jieba
if _hidden:
    del sys.modules[_PACKAGE_RESOURCES]

jieba.setLogLevel(logging.WARNING)

# jieba's dictionary has 212,000 words that its own corpus holds fewer than five times, most of them
# names. Nobody asks with them, and leaving them out halves the time to load and the memory.
RAREST_KEPT = 5
PLACE_FREQUENCY = 50_000
LONGEST_EXPRESSION = 8  # characters of the longest Chinese expression looked up as a concept
LONGEST_PLACE = 6

_PIECES = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+|[a-z]+(?:'[a-z]+)?|[0-9]+(?:\.[0-9]+)?")
_HAN_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Tokens:
    """A segmented question.

    Attributes:
        text: the normalised text.
        words: content words in order, English ones as stems; stop words are left out.
        concepts: what the words stand for, each once, marked with ``@``.
        pairs: neighbouring Chinese characters of the content, for words that jieba cuts otherwise.
        sounds: the sounds of these neighbours, for wrong characters that sound right.
        stems: all English words and numbers in order, as stems.
        places: codes of the regions named, in order.
    """

    text: str
    words: tuple[str, ...]
    concepts: tuple[str, ...]
    pairs: tuple[str, ...]
    sounds: tuple[str, ...]
    stems: tuple[str, ...]
    places: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing is left that could carry a topic."""
        return not self.words and not self.concepts

    @property
    def sorted_words(self) -> str:
        """The words, sorted, with spaces between: what rapidfuzz compares regardless of order."""
        return " ".join(sorted(self.words))


class Segmenter:
    """Cuts text into words with a private jieba tokenizer and our own dictionary.

    Attributes:
        vocabulary: the lexicon it was made with.

    Making one loads jieba's dictionary (some hundred milliseconds); using it changes nothing in it.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._tokenizer = _tokenizer(vocabulary)
        self._stemmer = snowballstemmer.stemmer("english")
        self._stem = cache(self._stemmer.stemWord)
        # Expressions that come to the same stems, as hospital and hospitals, stand for what any of them does.
        self._expressions: dict[str, tuple[str, ...]] = {}
        for expression, concepts in vocabulary.concepts.items():
            if not _HAN_RUN.search(expression):
                stems = self._stem_expression(expression)
                known = self._expressions.get(stems, ())
                self._expressions[stems] = tuple(dict.fromkeys((*known, *concepts)))
        # 15年, app查: looked for as they are.
        self._mixed = {
            expression: concepts
            for expression, concepts in vocabulary.concepts.items()
            if _HAN_RUN.search(expression) and not _HAN_RUN.fullmatch(expression)
        }
        # Most characters begin no expression and no place: they are passed over at once.
        self._reach = _longest_by_first(vocabulary.concepts, LONGEST_EXPRESSION)
        self._place_reach = _longest_by_first(vocabulary.places, LONGEST_PLACE)
        self._longest = max((len(e.split()) for e in self._expressions), default=1)
        self._stop_stems = {self._stem(w) for w in vocabulary.stop_words if w.isascii()}

    def _stem_expression(self, expression: str) -> str:
        return " ".join(self._stem(word) for word in _PIECES.findall(expression))

    def tokens(self, text: str) -> Tokens:
        """The text, normalised and segmented."""
        return self.cut(normalise(text))

    def cut(self, text: str) -> Tokens:
        """The text, which is normalised already, segmented."""
        words: list[str] = []
        stems: list[str] = []
        for piece in _PIECES.findall(text):
            if piece[0].isascii():
                stem = self._stem(piece.removesuffix("'s"))
                stems.append(stem)
                if piece not in self.vocabulary.stop_words and stem not in self._stop_stems:
                    words.append(stem)
            else:
                words.extend(
                    word
                    for word in self._tokenizer.cut(piece, HMM=False)
                    if word not in self.vocabulary.stop_words
                )
        content = [word for word in words if not word[0].isdigit()]
        runs = _HAN_RUN.findall(text)
        return Tokens(
            text=text,
            words=tuple(content),
            concepts=self._concepts(text, runs, stems),
            pairs=_pairs(content),
            sounds=sounds(content),
            stems=tuple(stems),
            places=self._places(runs, stems),
        )

    def _concepts(self, text: str, runs: list[str], stems: list[str]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for expression, concepts in self._mixed.items():
            if expression in text:
                found.update(("@" + concept, None) for concept in concepts)
        known = self.vocabulary.concepts
        for run in runs:
            for start in range(len(run)):
                reach = self._reach.get(run[start], 0)
                for end in range(start + 1, min(start + reach, len(run)) + 1):
                    for concept in known.get(run[start:end], ()):
                        found["@" + concept] = None
        for start in range(len(stems)):
            for end in range(start + 1, min(start + self._longest, len(stems)) + 1):
                for concept in self._expressions.get(" ".join(stems[start:end]), ()):
                    found["@" + concept] = None
        return tuple(found)

    def _places(self, runs: list[str], stems: list[str]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        known = self.vocabulary.places
        for run in runs:
            start = 0
            while start < len(run):
                reach = self._place_reach.get(run[start], 0)
                end = next(
                    (
                        e
                        for e in range(min(start + reach, len(run)), start + 1, -1)
                        if run[start:e] in known
                    ),
                    None,
                )
                if end is not None:
                    found[known[run[start:end]]] = None
                start = end or start + 1
        return tuple(found) + tuple(
            known[place] for place in self._latin_places(stems) if known[place] not in found
        )

    def _latin_places(self, stems: list[str]) -> list[str]:
        places = self._stemmed_places()
        text = [" ".join(stems[i : i + size]) for size in (2, 1) for i in range(len(stems))]
        return [places[name] for name in dict.fromkeys(text) if name in places]

    @cache  # noqa: B019 (a segmenter lives as long as the program)
    def _stemmed_places(self) -> dict[str, str]:
        return {
            self._stem_expression(name): name
            for name in self.vocabulary.places
            if not _HAN_RUN.search(name)
        }


def _longest_by_first(expressions: Iterable[str], most: int) -> dict[str, int]:
    """First character -> length of the longest expression that begins with it, at most ``most``."""
    longest: dict[str, int] = {}
    for expression in expressions:
        length = min(len(expression), most)
        longest[expression[0]] = max(length, longest.get(expression[0], 0))
    return longest


def _pairs(words: list[str]) -> tuple[str, ...]:
    """Neighbouring characters inside and across Chinese words, as ``工伤`` in ``工 伤``."""
    found: dict[str, None] = {}
    previous = ""
    for word in words:
        if word[0].isascii():
            previous = ""
            continue
        run = previous + word
        for position in range(len(run) - 1):
            found["#" + run[position : position + 2]] = None
        previous = word[-1]
    return tuple(found)


def _tokenizer(vocabulary: Vocabulary) -> jieba.Tokenizer:
    """A tokenizer of our own: jieba's global one is left alone, and no cache file is written."""
    tokenizer = jieba.Tokenizer()
    frequencies: dict[str, int] = {}
    total = 0
    with tokenizer.get_dict_file() as lines:
        for line in lines:
            word, count, _ = line.decode("utf-8").split(" ", 2)
            if int(count) >= RAREST_KEPT:
                frequencies[word] = int(count)
                total += int(count)
    places = (name for name in vocabulary.places if _HAN_RUN.fullmatch(name))
    for word, frequency in {**dict.fromkeys(places, PLACE_FREQUENCY), **vocabulary.words}.items():
        frequencies[word] = max(frequency, frequencies.get(word, 0))
    # jieba walks from prefix to prefix: each must be known, with frequency 0 unless a word itself.
    for word in list(frequencies):
        for end in range(1, len(word)):
            frequencies.setdefault(word[:end], 0)
    tokenizer.FREQ, tokenizer.total = frequencies, total
    tokenizer.initialized = True
    return tokenizer
