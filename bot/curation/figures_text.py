"""Figures in words: what stands under the picture, in the terminal and in the workbook."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from bot.curation.figures_store import Counted, EntryFigures, Figures, Part, Period
from bot.markup import BLANK, Line, strong
from bot.people.handlers import LANGUAGE_NAMES
from bot.texts import Texts
from knowledge.base import KnowledgeBase
from knowledge.text import Language

# What a caption can hold of each; the workbook has all.
MOST_NAMED = 5
LONGEST_NAME = 40


class FiguresText:
    """Writes figures in the reader's language.

    Args:
        timezone: zone in which hours are told.
    """

    def __init__(self, texts: Texts, base: KnowledgeBase, timezone: ZoneInfo) -> None:
        self._texts = texts
        self._base = base
        self._timezone = timezone

    def label(self, part: Part, period: Period) -> str:
        """A part's hour, month and day, or year and month; without words."""
        if period is Period.DAY:
            hour = datetime.datetime.fromisoformat(part.start).astimezone(self._timezone)
            return hour.strftime("%H:%M")
        return part.start if period is Period.YEAR else part.start.removeprefix(part.start[:5])

    def message(self, figures: Figures, language: Language) -> list[Line]:
        """Totals, what was asked most, what was not answered, languages and regions."""
        period = self._texts.say(language, f"figures.period.{figures.period}")
        title = self._texts.say(
            language, "figures.title", period=period, questions=figures.questions
        )
        if not figures.questions:
            return [strong(title), Line(self._texts.say(language, "figures.nothing"))]
        decided = self._texts.say(
            language,
            "figures.decided",
            answered=figures.answered,
            choices=figures.choices,
            none=figures.none,
        )
        message = [strong(title), Line(decided), Line(self._helpful(figures, language))]
        entries = [(self.entry(each.name, language), each) for each in figures.entries]
        message += self._list("figures.entries", entries, language)
        unanswered = [(each.name, each) for each in figures.unanswered]
        message += self._list("figures.unanswered", unanswered, language)
        languages = [(self.language(each.name), each) for each in figures.languages]
        regions = [(self.region(each.name, language), each) for each in figures.regions]
        message += [BLANK, Line(self._row("figures.languages", languages, language))]
        message.append(Line(self._row("figures.regions", regions, language)))
        return message

    def _helpful(self, figures: Figures, language: Language) -> str:
        votes = figures.helpful + figures.not_helpful
        return self._texts.say(
            language,
            "figures.helpful" if votes else "figures.no_votes",
            helpful=figures.helpful,
            not_helpful=figures.not_helpful,
            percent=round(100 * figures.helpful / votes) if votes else 0,
        )

    def card(self, of: EntryFigures, language: Language) -> list[Line]:
        """How often an entry was asked for, and how helpful it was found, for its card."""
        lines = [Line(self._texts.say(language, "figures.card", asked=of.asked))]
        if of.votes.share is None:
            return [*lines, Line(self._texts.say(language, "figures.no_votes"))]
        votes, current = of.votes, of.current
        every = self._texts.say(
            language,
            "figures.card_votes",
            helpful=votes.helpful,
            not_helpful=votes.not_helpful,
            percent=round(100 * of.votes.share),
        )
        lines.append(Line(every))
        if current != votes:
            of_version = self._texts.say(
                language,
                "figures.card_current",
                helpful=current.helpful,
                not_helpful=current.not_helpful,
            )
            lines.append(Line(of_version))
        return lines

    def _list(
        self, key: str, named: list[tuple[str, Counted]], language: Language
    ) -> Iterable[Line]:
        if not named:
            return
        yield BLANK
        yield strong(self._texts.say(language, key))
        for number, (name, counted) in enumerate(named[:MOST_NAMED], 1):
            short = " ".join(name.split())
            if len(short) > LONGEST_NAME:
                short = short[: LONGEST_NAME - 1] + "…"
            yield Line(f"{number}. {short} – {counted.questions}")

    def _row(self, key: str, named: list[tuple[str, Counted]], language: Language) -> str:
        shown = [f"{name} {counted.questions}" for name, counted in named[:MOST_NAMED]]
        more = " …" if len(named) > MOST_NAMED else ""
        return self._texts.say(language, key, counts=" · ".join(shown) + more)

    def entry(self, entry_id: str, language: Language) -> str:
        """The entry's title; its id when it is gone."""
        entry = self._base.entries.get(entry_id)
        return self._texts.own(language, entry.title.of(language)) if entry else entry_id

    def region(self, code: str, language: Language) -> str:
        """The region's name."""
        region = self._base.contacts.regions.get(code)
        if region is None:
            return code or self._texts.say(language, "figures.region_unknown")
        return self._texts.own(language, region.name.of(language))

    @staticmethod
    def language(code: str) -> str:
        """The language's name in itself."""
        return LANGUAGE_NAMES[Language(code)] if code in set(Language) else code
