"""What is asked at each step of composing, and what is told to be wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from telegram import InlineKeyboardMarkup, Update

from bot.database import Database
from bot.drafts import Draft
from bot.markup import Line, lines, quiet, strong
from bot.notices.composing import store
from bot.notices.composing.keyboards import edit_rows, option_rows
from bot.notices.composing.steps import BY_NAME, STEPS, Step
from bot.notices.notice import read_content
from bot.notices.reading import Known
from bot.people.handlers import People
from bot.sending import rewrite, send
from bot.texts import Texts
from knowledge.contacts import Region
from knowledge.errors import Problem
from knowledge.text import Language

TITLES = 100


class Questions:
    """Puts the questions of composing into the chat.

    Args:
        regions: the regions that can be chosen, by code.
    """

    def __init__(
        self, texts: Texts, db: Database, people: People, regions: Mapping[str, Region]
    ) -> None:
        self._texts = texts
        self._db = db
        self._people = people
        self._regions = regions

    async def ask(self, update: Update, draft: Draft, known: Known, *, edit: bool = False) -> None:
        """The step that the draft is at is asked."""
        language = await self._people.reads(update)
        step, notice = BY_NAME[draft.content["step"]], read_content(draft.content["notice"])
        message = [
            quiet(
                self._texts.say(
                    language, "announce.step", number=STEPS.index(step) + 1, count=len(STEPS)
                )
            ),
            *lines(self._texts.say(language, f"announce.step.{step.name}")),
        ]
        titles = await self._titles(language) if step.name.endswith("signed_up") else {}
        names = partial(self._option_name, language, step, titles)
        rows = option_rows(self._texts, language, step, notice, known, names)
        keyboard = InlineKeyboardMarkup(rows)
        if edit and update.callback_query is not None:
            await rewrite(update.callback_query, message, keyboard)
        else:
            await send(update, message, keyboard)

    async def _titles(self, language: Language) -> dict[str, str]:
        found = await self._db.run(partial(store.listed, limit=TITLES))
        return {
            str(each.id): self._texts.own(language, each.notice.title.of(language))
            for each in found
        }

    def _option_name(
        self, language: Language, step: Step, titles: Mapping[str, str], option: str
    ) -> str:
        match step.name:
            case "regions":
                return self._texts.own(language, self._regions[option].name.of(language))
            case "languages":
                return self._texts.say(language, f"announce.language.{option}")
            case "topics":
                return self._texts.say(language, f"scheme.{option}")
            case "missing":
                return self._texts.say(language, f"announce.missing.{option}")
        return titles.get(option, option)

    async def told(self, update: Update, found: Sequence[Problem]) -> list[Line]:
        """A line for each problem, in the organiser's language."""
        language = await self._people.reads(update)
        return [
            Line("⚠ " + self._texts.say(language, problem.key, **problem.parameters))
            for problem in found
        ]

    async def choose_step(
        self, update: Update, draft: Draft, found: Sequence[Problem], known: Known
    ) -> None:
        """What is wrong is told, and every step offered."""
        language = await self._people.reads(update)
        message = await self.told(update, found)
        message.append(strong(self._texts.say(language, "announce.choose_step")))
        notice = read_content(draft.content["notice"])
        rows = edit_rows(self._texts, language, notice, known)
        await send(update, message, InlineKeyboardMarkup(rows))
