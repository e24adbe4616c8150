"""Asking in a terminal: the same answers, with colours, a history, and numbers instead of buttons."""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from bot.asking.answers import Answers, Choice, Reply
from bot.asking.conversation import LONGEST_THREAD, chosen_number
from bot.markup import Line, Style, lines, quiet, strong
from bot.texts import Texts
from knowledge.base import KnowledgeBase
from knowledge.law import article_number
from knowledge.text import Language, normalise

_STYLES = {Style.STRONG: "bold cyan", Style.QUIET: "dim", Style.PLAIN: ""}


def terminal_language(environment: Mapping[str, str] = os.environ) -> Language:
    """The language of the terminal's locale; English for all but Chinese."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "")
        if value:
            if value.startswith(("zh_TW", "zh_HK", "zh_MO")):
                return Language.ZH_HANT
            return Language.ZH if value.startswith("zh") else Language.EN
    return Language.EN


def show(console: Console, message: Sequence[Line]) -> None:
    """The message is printed, each line in its style."""
    for line in message:
        console.print(Text(line.text, style=_STYLES[line.style]), soft_wrap=True)


def questions_typed(prompt: str) -> Iterator[str]:
    """What is typed, line by line, until the end of input or Ctrl-C; the arrow keys bring lines back.

    The history stays in memory: questions are nobody's business.
    """
    if not sys.stdin.isatty():
        for line in sys.stdin:
            yield line.rstrip("\n")
        return
    from prompt_toolkit import PromptSession

    session: PromptSession[str] = PromptSession()
    while True:
        try:
            yield session.prompt(prompt)
        except (EOFError, KeyboardInterrupt):
            return


class Chat:
    """One conversation in the terminal.

    Args:
        language: of all but answers; None follows each question, and the terminal for the rest.
        region: two-digit code, or None.
    """

    def __init__(
        self,
        texts: Texts,
        base: KnowledgeBase,
        console: Console,
        *,
        language: Language | None,
        region: str | None,
        today: datetime.date,
    ) -> None:
        self._texts = texts
        self._base = base
        self._console = console
        self._chosen = language
        self._language = language or terminal_language()
        self._region = region
        self._today = today
        self._answers = Answers(texts, base)
        self._offered: tuple[Choice, ...] = ()
        self._before: list[str] = []
        self._commands: dict[str, Callable[[str], None]] = {
            "help": self._help,
            "start": self._help,
            "topics": self._topics,
            "law": self._law,
            "contacts": self._contacts,
            "region": self._set_region,
            "language": self._set_language,
        }

    def run(self, typed: Iterator[str]) -> None:
        """Answers what is typed until it ends or says /quit."""
        self._say("chat.welcome", count=len(self._base.entries))
        for line in typed:
            text = line.strip()
            if text in ("/quit", "/exit", "/q"):
                break
            if text:
                self.take(text)
        self._say("chat.goodbye")

    def _say(self, key: str, **values: object) -> None:
        show(self._console, lines(self._texts.say(self._language, key, **values)))

    def take(self, text: str) -> None:
        """Answers one line: a command, the number of something offered, or a question."""
        if text.startswith("/"):
            name, _, rest = text[1:].partition(" ")
            command = self._commands.get(name.casefold())
            if command is None:
                self._say("chat.unknown_command")
            else:
                command(rest.strip())
            return
        choice = chosen_number(text, self._offered)
        if choice is not None:
            self._open(choice.entry_id)
            return
        result = self._base.ask(text, before=self._before)
        language = self._chosen or result.language
        region = result.region or self._region
        self._before = [*self._before, text][-LONGEST_THREAD:]
        self._show(self._answers.result(result, language, region, self._today), language)

    def _show(self, reply: Reply, language: Language) -> None:
        show(self._console, reply.message)
        self._offered = reply.choices or reply.related
        if reply.related:
            self._console.print()
            show(self._console, [quiet(self._texts.say(language, "chat.related"))])
            for number, choice in enumerate(reply.related, 1):
                self._console.print(Text(f"{number}. {choice.title}", style="green"))
        if reply.choices:
            show(self._console, [quiet(self._texts.say(language, "chat.choose"))])
        self._console.print()

    def _open(self, entry_id: str) -> None:
        entry = self._base.entry(entry_id)
        language = self._chosen or (
            self._base.ask(self._before[-1]).language if self._before else self._language
        )
        self._show(self._answers.entry(entry, language, self._region, self._today), language)

    def _help(self, rest: str) -> None:
        self._say("chat.help")

    def _topics(self, rest: str) -> None:
        schemes = self._base.by_scheme()
        if rest not in schemes:
            for scheme, entries in schemes.items():
                title = self._texts.say(self._language, f"scheme.{scheme}")
                self._console.print(Text(f"  /topics {scheme}  {title} ({len(entries)})"))
            return
        ids = [entry.id for entry in schemes[rest]]
        choices = self._answers.choices(ids, self._language)
        heading = strong(self._texts.say(self._language, f"scheme.{rest}"))
        self._show(Reply((heading,), related=choices), self._language)

    def _law(self, rest: str) -> None:
        number = article_number(rest)
        if number is None:
            show(self._console, self._answers.law_help(self._language).message)
        else:
            self._show(self._answers.article(number, self._language), self._language)

    def _contacts(self, rest: str) -> None:
        show(self._console, self._answers.contacts(self._language, self._region).message)

    def _set_region(self, rest: str) -> None:
        name = normalise(rest)
        code = self._base.segmenter.vocabulary.places.get(name) or name
        region = self._base.contacts.regions.get(code)
        if region is None:
            self._say("chat.region_usage")
            return
        self._region = code
        name = self._texts.own(self._language, region.name.of(self._language))
        self._say("region.chosen", region=name)

    def _set_language(self, rest: str) -> None:
        names = {language.casefold(): language for language in Language}
        language = names.get(rest.casefold())
        if language is None:
            self._say("chat.language_usage")
            return
        self._chosen = self._language = language
        self._say("chat.language_chosen")
