"""What a person reads: answers, questions back, law and contacts, for Telegram and terminal alike."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.markup import BLANK, Line, lines, quiet, strong
from bot.texts import Texts
from knowledge.base import KnowledgeBase, Result
from knowledge.contacts import Confidence, Contact, Region
from knowledge.decide import Decision, Reason
from knowledge.entry import Entry, Provision
from knowledge.errors import NoArticle
from knowledge.law import SOCIAL_INSURANCE_LAW
from knowledge.text import Language

# Whom to name when there is no answer: the labour authority, the union, and the line that knows all others.
GENERAL_CONTACTS = ("hrss-12333", "union-12351", "government-12345")
MOST_RELATED = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry offered under a message, as the human question that it answers."""

    entry_id: str
    title: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A message and what can be done from it.

    Attributes:
        answered: the entry that the message answers with, or None.
        choices: "did you mean", to end in "none of these".
        related: questions a reader may have next.
        provisions: the law the message rests on.
        contacts: keys of the contacts it names.
        older: whether there is an older text of it in the reader's language.
    """

    message: tuple[Line, ...]
    answered: Entry | None = None
    choices: tuple[Choice, ...] = ()
    related: tuple[Choice, ...] = ()
    provisions: tuple[Provision, ...] = ()
    contacts: tuple[str, ...] = ()
    older: bool = False


def _catalogue(language: Language) -> str:
    return "en" if language is Language.EN else "zh"


def _offer(text: str, choices: tuple[Choice, ...]) -> Reply:
    """The text and the choices by number: a button on a phone cuts a long question off."""
    numbered = [Line(f"{number}. {choice.title}") for number, choice in enumerate(choices, 1)]
    return Reply((*lines(text), *numbered), choices=choices)


class Answers:
    """Writes replies in one of the languages from what the knowledge base holds."""

    def __init__(self, texts: Texts, base: KnowledgeBase) -> None:
        self._texts = texts
        self._base = base

    def title(self, entry: Entry, language: Language) -> str:
        """The human question that an entry answers."""
        return self._texts.own(language, entry.title.of(language))

    def choices(self, entry_ids: Iterable[str], language: Language) -> tuple[Choice, ...]:
        """The published ones among the entries, to be offered."""
        published = {e.id: e for entries in self._base.by_scheme().values() for e in entries}
        return tuple(
            Choice(entry_id, self.title(published[entry_id], language))
            for entry_id in entry_ids
            if entry_id in published
        )

    def result(
        self, result: Result, language: Language, region: str | None, today: datetime.date
    ) -> Reply:
        """The reply to a question, with what was assumed, and what else was asked."""
        if result.article is not None:
            return self._article_asked(result, language)
        if result.decision is Decision.ANSWER:
            entry = self._base.entry(result.settled.shown[0].id)
            answered = self._with_others(
                self.entry(entry, language, region, today), result, language
            )
            return self._going_on(answered, result, language)
        if result.decision is Decision.CHOICES:
            choices = self.choices((c.id for c in result.settled.shown), language)
            offer = _offer(self._texts.say(language, "ask.choices"), choices)
            return self._going_on(offer, result, language)
        key = "ask.say_more" if result.settled.reason is Reason.NOTHING_LEFT else "ask.unknown"
        return self.without_answer(result.settled.topic or key, language, region)

    def _going_on(self, reply: Reply, result: Result, language: Language) -> Reply:
        """Where the question was taken to go on from the one before, the reply says so first."""
        if result.follows is None:
            return reply
        title = self.title(self._base.entries[result.follows], language)
        assumed = quiet(self._texts.say(language, "ask.follows", title=title))
        return replace(reply, message=(assumed, *reply.message))

    def _with_others(self, reply: Reply, result: Result, language: Language) -> Reply:
        """Further questions of the same message come before the related ones."""
        others = self.choices(result.others[:MOST_RELATED], language)
        if not others:
            return reply
        named = [Line(f"· {choice.title}") for choice in others]
        also = [BLANK, strong(self._texts.say(language, "ask.others")), *named]
        related = [choice for choice in reply.related if choice not in others]
        return replace(
            reply,
            message=(*reply.message, *also),
            related=(*others, *related)[: max(MOST_RELATED, len(others))],
        )

    def entry(
        self,
        entry: Entry,
        language: Language,
        region: str | None,
        today: datetime.date,
        *,
        as_written: bool = False,
    ) -> Reply:
        """An entry as the worker reads it: short answer, steps, law, contacts.

        Where their language waits for a change that was made in the other, they get the other,
        and are told so: an answer that is out of date may cost them a right.

        Args:
            as_written: whether they get their own language all the same.
        """
        waits = entry.outdated is not None and entry.outdated == _catalogue(language)
        message = [strong(self.title(entry, language))]
        if waits:
            key = "answer.older" if as_written else "answer.other_language"
            message += [quiet(self._texts.say(language, key)), BLANK]
        answer = entry.answer.of(language)
        if waits and not as_written:
            answer = entry.answer.en if entry.outdated == "zh" else entry.answer.zh
        message += [
            Line(self._texts.own(language, answer.short)),
            BLANK,
            *(
                Line(f"{number}. {self._texts.own(language, step)}")
                for number, step in enumerate(answer.steps, 1)
            ),
            BLANK,
            *lines(self._texts.own(language, answer.details)),
            BLANK,
            quiet(self._provisions(entry, language)),
        ]
        if entry.review_by < today:
            dates = {"checked": entry.checked_on, "date": entry.review_by}
            message.append(quiet(self._texts.say(language, "answer.overdue", **dates)))
        message.extend(self._contact_lines(entry.contacts, language, region))
        related = [r for r in entry.related if r != entry.id][:MOST_RELATED]
        return Reply(
            tuple(message),
            answered=entry,
            related=self.choices(related, language),
            provisions=entry.provisions,
            contacts=entry.contacts,
            older=waits and not as_written,
        )

    def _provisions(self, entry: Entry, language: Language) -> str:
        articles: dict[str, list[int]] = {}
        for provision in entry.provisions:
            numbers = articles.setdefault(provision.law, [])
            if provision.article is not None:
                numbers.append(provision.article)
        cited = [self._cite(law, numbers, language) for law, numbers in articles.items()]
        separator = self._texts.say(language, "answer.law_separator")
        return self._texts.say(
            language, "answer.law", laws=separator.join(cited), date=entry.checked_on
        )

    def _cite(self, law: str, articles: Sequence[int], language: Language) -> str:
        known = self._base.laws.laws.get(law)
        name = self._texts.own(language, known.title.of(language) if known else law)
        if not articles:
            return self._texts.say(language, "answer.law_whole", law=name)
        separator = self._texts.say(language, "answer.article_separator")
        numbers = separator.join(str(number) for number in sorted(articles))
        return self._texts.say(language, "answer.law_article", law=name, articles=numbers)

    def _contact_lines(
        self, keys: Iterable[str], language: Language, region_code: str | None
    ) -> list[Line]:
        contacts = [
            self._base.contacts.contacts[k] for k in keys if k in self._base.contacts.contacts
        ]
        region = self._base.contacts.regions.get(region_code or "")
        say = self._texts.say
        found = [BLANK, strong(say(language, "answer.contacts"))]
        found.extend(Line(self._contact(contact, language)) for contact in contacts)
        if any(contact.local for contact in contacts):
            found.append(Line(self._dialling(language, region)))
        return found

    def _contact(self, contact: Contact, language: Language) -> str:
        name = self._texts.own(language, contact.name.of(language))
        reach = contact.phone or contact.url
        if reach is None:
            line = self._texts.say(language, "contact.office", name=name)
        else:
            line = self._texts.say(language, "contact.line", name=name, reach=reach)
        if contact.confidence is Confidence.LOW:
            line += self._texts.say(language, "contact.unverified")
        return line

    def _dialling(self, language: Language, region: Region | None) -> str:
        if region is None:
            return self._texts.say(language, "contact.dialling")
        return self._texts.say(
            language,
            "contact.dialling_region",
            region=self._texts.own(language, region.name.of(language)),
            capital=self._texts.own(language, region.capital.of(language)),
            area_code=region.area_code,
        )

    def without_answer(self, key: str, language: Language, region: str | None) -> Reply:
        """The sentence for ``key``, and whom to call instead."""
        message = [
            *lines(self._texts.say(language, key)),
            *self._contact_lines(GENERAL_CONTACTS, language, region),
        ]
        return Reply(tuple(message), contacts=GENERAL_CONTACTS)

    def _article_asked(self, result: Result, language: Language) -> Reply:
        asked = result.article
        if asked is None:  # pragma: no cover (the caller looked)
            raise ValueError(result)
        if asked.law is None:
            return self.article(asked.number, language)
        choices = self.choices((c.id for c in result.settled.shown), language)
        key = "law.other_law" if choices else "law.other_law_nothing"
        url = self._base.laws.laws[SOCIAL_INSURANCE_LAW].url
        law = self._texts.own(language, asked.law)
        text = self._texts.say(language, key, law=law, article=asked.number, url=url)
        return _offer(text, choices)

    def article(self, number: int, language: Language) -> Reply:
        """An article of the Social Insurance Law in a sentence, or that there is no such article."""
        law = self._base.laws.laws[SOCIAL_INSURANCE_LAW]
        try:
            article = self._base.laws.article(number)
        except NoArticle as error:
            return Reply((Line(self._texts.say(language, error.key, **error.parameters)),))
        title = self._texts.say(
            language,
            "law.article_title",
            article=number,
            chapter=self._texts.own(language, article.chapter.of(language)),
        )
        message = (
            strong(title),
            Line(self._texts.own(language, article.summary.of(language))),
            BLANK,
            quiet(self._texts.say(language, "law.official_text", url=law.url, date=law.dated)),
        )
        citing = self._base.citing(SOCIAL_INSURANCE_LAW, number)[:MOST_RELATED]
        return Reply(
            message,
            related=self.choices((entry.id for entry in citing), language),
            provisions=(Provision(SOCIAL_INSURANCE_LAW, number),),
        )

    def law_help(self, language: Language) -> Reply:
        """How to ask for an article, and where the whole text is."""
        law = self._base.laws.laws[SOCIAL_INSURANCE_LAW]
        text = self._texts.say(language, "law.help", last=law.articles, url=law.url, date=law.dated)
        return Reply(tuple(lines(text)))

    def contacts(self, language: Language, region_code: str | None) -> Reply:
        """Every hotline with what it serves and when, and the offices of the chosen region."""
        say = self._texts.say
        message = [strong(say(language, "contacts.title"))]
        for contact in self._base.contacts.hotlines:
            message.append(Line(self._contact(contact, language)))
            serves = self._texts.own(language, contact.serves.of(language))
            hours = self._texts.own(language, contact.hours.of(language))
            message.append(quiet(say(language, "contacts.serves", serves=serves, hours=hours)))
        region = self._base.contacts.regions.get(region_code or "")
        message += [BLANK, Line(self._dialling(language, region))]
        verified = min(contact.verified_on for contact in self._base.contacts.hotlines)
        if region is not None:
            message += self._offices(region, language)
            verified = min(verified, region.verified_on)
        else:
            message.append(Line(say(language, "contacts.choose_region")))
        message += [BLANK, quiet(say(language, "contacts.verified", date=verified))]
        keys = tuple(contact.key for contact in self._base.contacts.hotlines)
        return Reply(tuple(message), contacts=keys)

    def _offices(self, region: Region, language: Language) -> list[Line]:
        say = self._texts.say
        found = [BLANK, strong(self._texts.own(language, region.name.of(language)))]
        for office in ("hrss", "nhsa", "union"):
            site = region.offices.get(office)
            if site is None:
                if office == "union":
                    found.append(
                        Line(say(language, "contacts.union_by_phone", area_code=region.area_code))
                    )
                continue
            line = say(language, f"contacts.{office}", url=site.url)
            if site.confidence is Confidence.LOW:
                line += say(language, "contact.unverified")
            found.append(Line(line))
        return found
