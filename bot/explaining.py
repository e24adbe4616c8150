"""Why a question got what it got, for whoever is to put it right: `shebao ask --explain`."""

from __future__ import annotations

from collections.abc import Iterator

from bot.texts import Texts
from knowledge.base import KnowledgeBase, Result
from knowledge.decide import Decision
from knowledge.rank import PARTS, Candidate, unheard, witnesses
from knowledge.text import Language

MOST_WITNESSES = 8


def as_json(
    texts: Texts, base: KnowledgeBase, result: Result, language: Language
) -> dict[str, object]:
    """Everything that counted, to be read by a program."""
    return {
        "reason": texts.say(language, result.settled.reason),
        "words": list(result.tokens.words),
        "concepts": list(result.tokens.concepts),
        "unheard": unheard(result.tokens, base.index),
        "follows": result.follows,
        "others": list(result.others),
        "candidates": [
            {
                "id": candidate.id,
                "score": candidate.score,
                "parts": dict(zip(PARTS, candidate.parts, strict=False)),
                "witnesses": dict(witnesses(result.tokens, base.index, candidate.id)),
                "phrasing": candidate.phrasing,
                "shared": list(candidate.shared),
            }
            for candidate in result.candidates
        ],
    }


def as_lines(
    texts: Texts, base: KnowledgeBase, result: Result, language: Language
) -> Iterator[str]:
    """Everything that counted, and which phrasing would help, to be read by an editor."""
    tokens = result.tokens
    yield texts.say(language, "explain.words", words=" ".join(tokens.words) or "–")
    yield texts.say(language, "explain.concepts", concepts=" ".join(tokens.concepts) or "–")
    if result.follows is not None:
        yield texts.say(language, "explain.follows", id=result.follows)
    for candidate in result.candidates:
        yield _candidate(texts, base, result, candidate, language)
    reason = texts.say(language, result.settled.reason)
    yield texts.say(language, "explain.decision", decision=result.decision, reason=reason)
    words = unheard(tokens, base.index)
    if words:
        yield texts.say(language, "explain.unheard", words=" ".join(words))
    if result.decision is not Decision.ANSWER and not tokens.empty:
        yield texts.say(language, "explain.advice", question=result.question)


def _candidate(
    texts: Texts, base: KnowledgeBase, result: Result, candidate: Candidate, language: Language
) -> str:
    parts = [
        f"{texts.say(language, f'explain.part.{name}')} {value}"
        for name, value in zip(PARTS, candidate.parts, strict=False)  # an article has none
        if value
    ]
    speaking = witnesses(result.tokens, base.index, candidate.id)[:MOST_WITNESSES]
    return texts.say(
        language,
        "explain.candidate",
        id=candidate.id,
        score=candidate.score,
        parts=", ".join(parts) or "–",
        witnesses=", ".join(f"{feature} {points}" for feature, points in speaking) or "–",
        phrasing=candidate.phrasing or "–",
    )
