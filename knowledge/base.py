"""Everything that is known, as one immutable value: replace it whole after an edit."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.build import build_index
from knowledge.contacts import Contacts, read_contacts
from knowledge.decide import MOST_CHOICES, Decision, Reason, Settled, read_decision
from knowledge.entry import SCHEMES, Entry, Status, by_id
from knowledge.errors import NoEntry
from knowledge.index import Index
from knowledge.law import ArticleAsked, Laws, article_asked, read_laws
from knowledge.match import Match, Matcher, courtesies
from knowledge.outside import Topic, read_outside
from knowledge.pinyin import Pinyin
from knowledge.rank import Candidate
from knowledge.segment import Segmenter, Tokens
from knowledge.spelling import Spelling
from knowledge.subject import subjects
from knowledge.text import Language, detect_language
from knowledge.vocabulary import Vocabulary, read_vocabulary

FOLDER = Path(__file__).parent
FAQ_FOLDER = FOLDER / "faq"
MOST_CANDIDATES = 5


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one question.

    Attributes:
        question: as it was typed.
        language: the language to answer in.
        settled: the decision, why, and what is shown.
        candidates: entries that were considered, best first.
        tokens: the segmented question.
        region: code of the region named in the question, if any.
        article: an article of a law that the question asks for, if any.
        follows: id of the entry that was asked about before, where the question was taken to go on
            from there.
        others: ids of entries that answer further questions in the same message.
        elapsed_ms: time for matching, in milliseconds.
    """

    question: str
    language: Language
    settled: Settled
    candidates: tuple[Candidate, ...]
    tokens: Tokens
    region: str | None
    article: ArticleAsked | None
    follows: str | None
    others: tuple[str, ...]
    elapsed_ms: float

    @property
    def decision(self) -> Decision:
        """The decision alone."""
        return self.settled.decision


@dataclass(frozen=True, slots=True)
class KnowledgeBase:
    """Entries, law, contacts, and the matcher over them; asking changes nothing in it."""

    entries: Mapping[str, Entry]
    laws: Laws
    contacts: Contacts
    matcher: Matcher

    @property
    def index(self) -> Index:
        """What people have asked with."""
        return self.matcher.index

    @property
    def segmenter(self) -> Segmenter:
        """Cuts texts as the index was cut."""
        return self.matcher.segmenter

    def entry(self, entry_id: str) -> Entry:
        """The published entry with this id.

        Raises:
            NoEntry: there is none, or it is a draft or retired.
        """
        entry = self.entries.get(entry_id)
        if entry is None or entry.status is not Status.PUBLISHED:
            raise NoEntry(entry_id)
        return entry

    def by_scheme(self) -> dict[str, list[Entry]]:
        """Published entries under their schemes, in the order in which schemes are shown."""
        found: dict[str, list[Entry]] = {scheme: [] for scheme in SCHEMES}
        for entry in self.entries.values():
            if entry.status is Status.PUBLISHED:
                found.setdefault(entry.scheme, []).append(entry)
        return {scheme: entries for scheme, entries in found.items() if entries}

    def citing(self, law: str, article: int) -> list[Entry]:
        """Published entries that rest on this article; ``law`` may be shortened, as people write it."""
        return [
            entry
            for entry in self.entries.values()
            if entry.status is Status.PUBLISHED
            and any(p.article == article and p.law.endswith(law) for p in entry.provisions)
        ]

    def ask(self, question: str, *, before: Sequence[str] = ()) -> Result:
        """What the question gets; no input raises.

        Args:
            before: earlier questions of the same conversation, oldest first.
        """
        started = time.perf_counter()
        text = self.matcher.read(question)
        article = article_asked(text)
        if article is not None and self._only_article(article):
            settled = self._settle_article(article)
            match = Match(self.segmenter.tokens(text), settled.shown, settled)
        else:
            article = None
            match = self.matcher.match(text, before)
        return Result(
            question=question,
            language=detect_language(text if question.isascii() else question),
            settled=match.settled,
            candidates=tuple(c for c in match.ranked if c.id in self.entries)[:MOST_CANDIDATES],
            tokens=match.tokens,
            region=match.tokens.places[0] if match.tokens.places else None,
            article=article,
            follows=self.index.ids[match.context.position] if match.context else None,
            others=match.others,
            elapsed_ms=round((time.perf_counter() - started) * 1000, 3),
        )

    def _only_article(self, article: ArticleAsked) -> bool:
        """Whether the question asks for the article itself, and no topic beside it."""
        rest = self.segmenter.tokens(article.rest)
        return self.segmenter.vocabulary.law_words.issuperset(rest.words)

    def _settle_article(self, article: ArticleAsked) -> Settled:
        """The article itself; for another law, the entries that rest on it."""
        if article.law is None:
            known = article.number in self.laws.articles
            return Settled(Decision.ANSWER if known else Decision.NONE, Reason.ARTICLE, ())
        citing = self.citing(article.law, article.number)[:MOST_CHOICES]
        shown = tuple(
            Candidate(entry.id, self.matcher.thresholds.answer, (), "", ()) for entry in citing
        )
        return Settled(Decision.CHOICES if shown else Decision.NONE, Reason.ARTICLE, shown)


def shipped_segmenter() -> Segmenter:
    """A segmenter with the shipped lexicon.

    Raises:
        UnreadableFile, InvalidKnowledge: a file of the lexicon cannot be used.
    """
    return Segmenter(read_vocabulary(FOLDER / "lexicon"))


def shipped_outside() -> list[Topic]:
    """The shipped topics that are none of ours.

    Raises:
        UnreadableFile, InvalidKnowledge: the file cannot be used.
    """
    return read_outside(FOLDER / "outside.yaml")


def assemble(
    entries: Sequence[Entry],
    segmenter: Segmenter | None = None,
    index: Index | None = None,
    outside: Sequence[Topic] | None = None,
) -> KnowledgeBase:
    """The knowledge base over these entries, with the law, contacts and lexicon that are shipped.

    Args:
        segmenter: the shipped one when left out.
        index: the index of these entries and topics; built when left out.
        outside: the shipped topics when left out.

    Raises:
        UnreadableFile, InvalidKnowledge: one of the shipped files cannot be used.
    """
    if segmenter is None:
        segmenter = shipped_segmenter()
    if outside is None:
        outside = shipped_outside()
    if index is None:
        index = build_index(subjects(entries, outside), segmenter)
    vocabulary = segmenter.vocabulary
    weights, thresholds = read_decision(FOLDER / "decision.yaml")
    topics = frozenset(topic.id for topic in outside)
    matcher = Matcher(
        entries=by_id(entries),
        outside=topics,
        courtesies=courtesies(topics, index),
        segmenter=segmenter,
        spelling=Spelling(index.latin, vocabulary),
        pinyin=Pinyin(_spoken(index, vocabulary), index.latin),
        index=index,
        weights=weights,
        thresholds=thresholds,
    )
    return KnowledgeBase(
        entries=matcher.entries,
        laws=read_laws(FOLDER / "law.yaml"),
        contacts=read_contacts(FOLDER / "contacts.yaml"),
        matcher=matcher,
    )


# How often words are taken to be said that phrasings may not hold: stop words more than all others.
CONCEPT_USE, STOP_WORD_USE = 20, 500


def _spoken(index: Index, vocabulary: Vocabulary) -> dict[str, int]:
    """Chinese words with how often they are used."""
    uses = {
        **dict.fromkeys(vocabulary.concepts, CONCEPT_USE),
        **dict.fromkeys(vocabulary.stop_words, STOP_WORD_USE),
    }
    return {
        word: uses.get(word, 0) + index.chinese.get(word, 0) for word in (*uses, *index.chinese)
    }
