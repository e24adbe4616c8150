"""From a question, and what was asked before it, to what is settled: steps in the order they are taken."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from knowledge.decide import Decision, Reason, Settled, Thresholds, decide
from knowledge.entry import Entry
from knowledge.index import Index
from knowledge.pinyin import Pinyin
from knowledge.rank import (
    Candidate,
    Context,
    Parts,
    Weights,
    pooled,
    rank,
    retrieve,
    weigh,
)
from knowledge.segment import Segmenter, Tokens
from knowledge.spelling import Spelling
from knowledge.text import bare, normalise

# A question with at most this many words may go on from what was asked before, unless it has a score
# (percent) by itself with which it begins a new topic.
LONGEST_FOLLOW_UP = 8
NEW_TOPIC = 95.0
# Earlier questions that are followed back to find what a conversation is about.
LONGEST_CONVERSATION = 3
# A sentence with fewer words asks nothing by itself; of a letter full of questions the first are enough.
FEWEST_WORDS = 2
MOST_QUESTIONS = 4
# A longer message is a letter: its questions are about one matter, and make sense together only.
LONGEST_OF_SEVERAL = 200
# Enough for five candidates beside the topics that are none of ours.
MOST_RANKED = 7

_SENTENCE = re.compile(r"[^?!。;\n]+[?!。;\n]*")
_ASKS = re.compile(
    r"[吗呢?]|(\w)不\1|怎么|咋|多少|多久|多长|能不能|可不可以|是不是|有没有|哪|谁|如何|为什么|什么|几"
    r"|\b(?:what|how|which|who|where|when|why|can|do|does|should|must|is|are)\b"
)


@dataclass(frozen=True, slots=True)
class Match:
    """What was made of a question.

    Attributes:
        ranked: entries and topics that were considered, best first.
        context: what the question was taken to go on from, if anything.
        others: ids of the entries that answer further questions in the same message.
    """

    tokens: Tokens
    ranked: tuple[Candidate, ...]
    settled: Settled
    context: Context | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matcher:
    """Matches questions with published entries, and with topics that are none of ours.

    Attributes:
        outside: ids of those topics.
        courtesies: whole messages without a word that carries a topic, such as 谢谢, and the topic that
            each of them is nevertheless.
    """

    entries: Mapping[str, Entry]
    outside: frozenset[str]
    courtesies: Mapping[str, str]
    segmenter: Segmenter
    spelling: Spelling
    pinyin: Pinyin
    index: Index
    weights: Weights
    thresholds: Thresholds

    def read(self, text: str) -> str:
        """The text normalised, with pinyin written in characters."""
        return self.pinyin.to_chinese(normalise(text))

    def match(self, text: str, before: Sequence[str] = ()) -> Match:
        """What is made of a text that was read.

        One question is matched whole. Of several that are clear the first is answered and the others
        are named, unless the message as a whole is clearly about something else.

        Args:
            before: earlier questions of the same conversation, oldest first.
        """
        whole = self._one(text, before)
        clear = [match for match in map(self._alone, questions(text)) if self._clear(match)]
        first = dict.fromkeys(match.ranked[0].id for match in clear)
        if len(first) < 2 or (self._clear(whole) and whole.ranked[0].id not in first):
            return whole
        answer, *others = first
        chosen = next(match for match in clear if match.ranked[0].id == answer)
        rest = [candidate for candidate in whole.ranked if candidate.id != answer]
        ranked = (chosen.ranked[0], *rest)
        return Match(whole.tokens, ranked, chosen.settled, others=tuple(others))

    def _clear(self, match: Match) -> bool:
        return match.settled.reason is Reason.CLEAR

    def _alone(self, sentence: str) -> Match:
        tokens = self._tokens(sentence)
        if len(tokens.words) < FEWEST_WORDS:
            return Match(tokens, (), Settled(Decision.NONE, Reason.NOTHING_LEFT, ()))
        return self._ranked(tokens, None)

    def _one(self, text: str, before: Sequence[str]) -> Match:
        """The text as one question, which may go on from those before it."""
        tokens = self._tokens(text)
        courtesy = self.courtesies.get(bare(text)) if tokens.empty else None
        if courtesy is not None:
            return Match(tokens, (), Settled(Decision.NONE, Reason.OUTSIDE, (), courtesy))
        match = Match(tokens, (), Settled(Decision.NONE, Reason.NOTHING_LEFT, ()))
        if not tokens.empty:
            match = self._ranked(tokens, None)
        if self._may_follow(match) and before:
            context = self._context(before[-LONGEST_CONVERSATION:])
            if context is not None:
                return self._ranked(tokens, context)
        return match

    def _may_follow(self, match: Match) -> bool:
        outside = match.settled.reason is Reason.OUTSIDE
        sure = self._clear(match) and match.ranked[0].score >= NEW_TOPIC
        return not outside and not sure and len(match.tokens.words) <= LONGEST_FOLLOW_UP

    def _ranked(self, tokens: Tokens, context: Context | None) -> Match:
        ranked = rank(tokens, self.index, self.weights, context=context, limit=MOST_RANKED)
        settled = decide(ranked, self.thresholds, self.outside)
        return Match(tokens, tuple(ranked), settled, context)

    def _context(self, before: Sequence[str]) -> Context | None:
        """What the earlier questions were about, if that is known."""
        *earlier, last = before
        match = self._one(self.read(last), earlier)
        topics = [candidate.id for candidate in match.ranked if candidate.id not in self.outside]
        if match.settled.decision is Decision.NONE or not topics:
            return None
        topic = self.entries[topics[0]]
        related = frozenset(
            position
            for position, name in enumerate(self.index.ids)
            if name in topic.related
            or (name in self.entries and topic.id in self.entries[name].related)
        )
        evidence = pooled(weigh(match.tokens, self.index), self.index)
        return Context(self.index.ids.index(topic.id), related, evidence)

    def _tokens(self, text: str) -> Tokens:
        return self.segmenter.cut(self.spelling.correct(text))

    def parts(self, question: str, before: Sequence[str] = ()) -> list[Parts]:
        """What speaks for each entry and topic that a question may be about, as :meth:`match` weighs it."""
        match = self._one(self.read(question), before)
        if match.tokens.empty and match.context is None:
            return []
        return retrieve(match.tokens, self.index, match.context)


def courtesies(outside: Collection[str], index: Index) -> dict[str, str]:
    """Phrasings of topics outside that hold no word that carries a topic -> id of the topic."""
    phrasings = index.phrasings
    return {
        bare(normalise(phrasings.texts[number])): name
        for position, name in enumerate(index.ids)
        if name in outside
        for number in phrasings.of(position)
        if not phrasings.words[number]
    }


def questions(text: str) -> Iterator[str]:
    """The sentences of a normalised text that ask something, if there are several."""
    if len(text) > LONGEST_OF_SEVERAL:
        return
    asking = [sentence for sentence in _SENTENCE.findall(text) if _ASKS.search(sentence)]
    if len(asking) > 1:
        yield from asking[:MOST_QUESTIONS]
