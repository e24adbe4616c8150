"""What editors see of the queue: lists, groups, suggestions, and the buttons under them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot.callbacks import Code, pack
from bot.curation.gathering import Order, Queued, Suggestion
from bot.markup import BLANK, Line, lines, quiet, strong
from bot.people.handlers import People
from bot.people.staff import Right, Staff
from bot.texts import Texts
from knowledge.entry import Entry
from knowledge.grouping import Group
from knowledge.text import Language

A_PAGE = 8
WORDINGS_SHOWN = 10
LONGEST_LINE = 200  # characters of a question
LONGEST_BUTTON = 40
LAST_PAGE = 10_000

Rows = list[list[InlineKeyboardButton]]
View = tuple[list[Line], InlineKeyboardMarkup]


def cut(text: str, most: int = LONGEST_LINE) -> str:
    """The text in one line, its end left out where it is longer than that."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def first_id(group: Group) -> str:
    """The question that stands for its group in buttons."""
    return group.asked[0].id


class QueueView:
    """Writes for somebody who reads this language.

    Args:
        may_edit: whether they get the buttons that change something.
    """

    def __init__(self, texts: Texts, language: Language, *, may_edit: bool) -> None:
        self._texts = texts
        self._language = language
        self._may_edit = may_edit

    def say(self, key: str, **values: object) -> str:
        """The sentence in their language."""
        return self._texts.say(self._language, key, **values)

    def title(self, entry: Entry) -> str:
        """The human question of an entry."""
        return self._texts.own(self._language, entry.title.of(self._language))

    def _button(self, key: str, code: Code, *values: object) -> InlineKeyboardButton:
        return InlineKeyboardButton(self.say(key), callback_data=pack(code, *values))

    def _turns(self, page: int, count: int, code: Code, *values: object) -> Rows:
        turns = []
        if page > 0:
            turns.append(self._button("button.previous", code, *values, page - 1))
        if count > (page + 1) * A_PAGE:
            turns.append(self._button("button.next", code, *values, page + 1))
        return [turns] if turns else []

    def queue(self, queued: Sequence[Queued], order: Order, page: int, suggestions: int) -> View:
        """A page of the groups, what order they are in, and ways to the other order and on."""
        questions = sum(each.group.count for each in queued)
        message = [
            strong(self.say("queue.title", questions=questions, groups=len(queued))),
            quiet(self.say(order)) if queued else Line(self.say("queue.empty")),
        ]
        rows: Rows = []
        for number, each in self._page(queued, page):
            message.append(Line(f"{number}. {cut(each.group.text)}"))
            message.append(quiet(self._counts(each)))
            text = f"{number}. {cut(each.group.text, LONGEST_BUTTON)}"
            data = pack(Code.GROUP, first_id(each.group))
            rows.append([InlineKeyboardButton(text, callback_data=data)])
        rows += self._turns(page, len(queued), Code.QUEUE, order.name)
        if len(queued) > 1:
            newest = order is Order.MOST
            key = "button.newest_first" if newest else "button.most_first"
            other = Order.NEWEST if newest else Order.MOST
            rows.append([self._button(key, Code.QUEUE, other.name, 0)])
        text = self.say("button.suggestions", count=suggestions)
        rows.append([InlineKeyboardButton(text, callback_data=pack(Code.SUGGESTIONS, 0))])
        return message, InlineKeyboardMarkup(rows)

    @staticmethod
    def _page(found: Sequence[Queued], page: int) -> Iterable[tuple[int, Queued]]:
        start = page * A_PAGE
        return enumerate(found[start : start + A_PAGE], start + 1)

    def _counts(self, queued: Queued) -> str:
        why = [f"{self.say(why)} {count}" for why, count in sorted(queued.why.items())]
        return self._asked(queued.group, " · ".join(why))

    def _asked(self, group: Group, why: str) -> str:
        return self.say(
            "queue.counts",
            count=group.count,
            newest=group.newest,
            languages=", ".join(group.languages),
            why=why,
        )

    def _wordings(self, group: Group) -> list[Line]:
        shown = [
            Line(self.say("queue.wording", text=cut(wording.text), count=len(wording.asked)))
            for wording in group.wordings[:WORDINGS_SHOWN]
        ]
        rest = len(group.wordings) - WORDINGS_SHOWN
        return [*shown, quiet(self.say("queue.more_wordings", count=rest))] if rest > 0 else shown

    def group(self, queued: Queued, guesses: Sequence[Entry]) -> View:
        """A group, which entries it may be about, and everything that can be made of it."""
        question_id = first_id(queued.group)
        message = [
            strong(cut(queued.group.text)),
            quiet(self._counts(queued)),
            BLANK,
            *self._wordings(queued.group),
        ]
        if guesses:
            message += [BLANK, strong(self.say("queue.guesses"))]
            message += [Line(f"{n}. {self.title(e)}") for n, e in enumerate(guesses, 1)]
        rows: Rows = []
        if self._may_edit:
            rows += self.entries(question_id, guesses)
            rows += self._acts(question_id)
        rows.append([self._button("button.queue", Code.QUEUE, Order.MOST.name, 0)])
        return message, InlineKeyboardMarkup(rows)

    def entries(self, question_id: str, entries: Iterable[Entry]) -> Rows:
        """A button for each entry that adds the question to its phrasings."""
        return [
            [
                InlineKeyboardButton(
                    self.say("button.add_to", number=number, title=self.title(entry)),
                    callback_data=pack(Code.QUEUE_ADD, question_id, entry.id),
                )
            ]
            for number, entry in enumerate(entries, 1)
        ]

    def _acts(self, question_id: str) -> Rows:
        return [
            [
                self._button("button.queue_search", Code.QUEUE_SEARCH, question_id),
                self._button("button.queue_new", Code.QUEUE_NEW, question_id),
            ],
            [
                self._button("button.out_of_scope", Code.QUEUE_OUTSIDE, question_id),
                self._button("button.dismiss", Code.QUEUE_DISMISS, question_id),
            ],
        ]

    def found(self, question_id: str, entries: Sequence[Entry]) -> View:
        """What a search word found, to add the question to, and ways to search again or go back."""
        message = lines(self.say("queue.found"))
        message += [Line(f"{n}. {self.title(e)}") for n, e in enumerate(entries, 1)]
        rows = [*self.entries(question_id, entries), *self.ways_back(question_id)]
        return message, InlineKeyboardMarkup(rows)

    def ways_back(self, question_id: str) -> Rows:
        """To the search, or to the group."""
        return [
            [
                self._button("button.queue_search", Code.QUEUE_SEARCH, question_id),
                self._button("button.back", Code.GROUP, question_id),
            ]
        ]

    def card(self, entry_id: str) -> InlineKeyboardMarkup:
        """The way to the entry."""
        return InlineKeyboardMarkup([[self._button("button.card", Code.CARD, entry_id)]])

    def suggestions(
        self, suggested: Sequence[Suggestion], entries: dict[str, Entry], page: int
    ) -> View:
        """A page of the suggested phrasings, each with the entry that was chosen."""
        message = [strong(self.say("suggestions.title", count=len(suggested)))]
        message.append(quiet(self.say("suggestions.explained")))
        rows: Rows = []
        start = page * A_PAGE
        for number, each in enumerate(suggested[start : start + A_PAGE], start + 1):
            title = self.title(entries[each.entry_id])
            message.append(Line(f"{number}. {cut(each.group.text)}"))
            message.append(
                quiet(self.say("suggestions.chosen", title=title, count=each.group.count))
            )
            text = f"{number}. {cut(each.group.text, LONGEST_BUTTON)}"
            data = pack(Code.SUGGESTION, first_id(each.group))
            rows.append([InlineKeyboardButton(text, callback_data=data)])
        rows += self._turns(page, len(suggested), Code.SUGGESTIONS)
        rows.append([self._button("button.queue", Code.QUEUE, Order.MOST.name, 0)])
        return message, InlineKeyboardMarkup(rows)

    def suggestion(self, suggestion: Suggestion, entry: Entry) -> View:
        """A suggested phrasing with its wordings, to be accepted or rejected."""
        question_id = first_id(suggestion.group)
        message = [
            strong(cut(suggestion.group.text)),
            quiet(
                self.say(
                    "suggestions.chosen", title=self.title(entry), count=suggestion.group.count
                )
            ),
            BLANK,
            *self._wordings(suggestion.group),
        ]
        rows: Rows = []
        if self._may_edit:
            rows.append(
                [
                    self._button("button.accept", Code.SUGGESTION_ACCEPT, question_id),
                    self._button("button.reject", Code.SUGGESTION_REJECT, question_id),
                ]
            )
        rows.append([self._button("button.to_suggestions", Code.SUGGESTIONS, 0)])
        return message, InlineKeyboardMarkup(rows)


class Views:
    """Writes for whoever sent an update."""

    def __init__(self, texts: Texts, people: People, staff: Staff) -> None:
        self._texts = texts
        self._people = people
        self._staff = staff

    async def of(self, update: Update) -> QueueView:
        """A view in their language, with the buttons that they may press."""
        user = update.effective_user
        rights = await self._staff.rights(user.id) if user else frozenset()
        language = await self._people.reads(update)
        return QueueView(self._texts, language, may_edit=Right.EDIT in rights)


def page_number(written: str) -> int:
    """The page that a button names; the first when it names none."""
    return min(int(written), LAST_PAGE) if written.isdecimal() and len(written) < 6 else 0
