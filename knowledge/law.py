"""The laws that answers cite, and the articles of the Social Insurance Law in a sentence each."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.entry import Provision
from knowledge.errors import InvalidKnowledge, NoArticle, Problem
from knowledge.reading import Bilingual, Fields, read_text, read_yaml
from knowledge.text import normalise

SOCIAL_INSURANCE_LAW = "社会保险法"


@dataclass(frozen=True, slots=True)
class Law:
    """A law, regulation, interpretation or policy that answers cite.

    Attributes:
        name: its full Chinese name, or the number of the instrument, as provisions write it.
        title: its name for readers of each language.
        short: what entry files may write instead of a long name, or None.
        articles: how many articles it has (count), 0 where it is cited whole.
        dated: date of the version used.
        url: where the official text is found.
    """

    name: str
    title: Bilingual[str]
    articles: int
    dated: datetime.date
    url: str
    short: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One article of the Social Insurance Law in our own words."""

    number: int
    chapter: Bilingual[str]
    summary: Bilingual[str]


@dataclass(frozen=True, slots=True)
class Laws:
    """Every law that may be cited, and the summaries of the Social Insurance Law."""

    laws: Mapping[str, Law]
    articles: Mapping[int, Article]

    def has(self, provision: Provision) -> bool:
        """Whether the law is known and has such an article."""
        law = self.laws.get(provision.law)
        if law is None:
            return False
        return provision.article is None or 1 <= provision.article <= law.articles

    def article(self, number: int) -> Article:
        """The article of the Social Insurance Law with this number.

        Raises:
            NoArticle: the Law has none.
        """
        try:
            return self.articles[number]
        except KeyError:
            raise NoArticle(number, max(self.articles, default=0)) from None


def read_laws(path: Path) -> Laws:
    """The laws and articles in the file.

    Raises:
        UnreadableFile, InvalidKnowledge: the file cannot be used.
    """
    problems: list[Problem] = []
    top = Fields(read_yaml(path), path.name, "-", problems)
    laws: dict[str, Law] = {}
    for fields in top.items("laws"):
        law = Law(
            name=fields.text("name"),
            title=fields.bilingual("title", read_text),
            articles=fields.number("articles", least=0),
            dated=fields.date("dated"),
            url=fields.text("url", pattern=r"https?://\S+"),
            short=fields.text("short") if "short" in fields.values else None,
        )
        fields.done()
        if law.name in laws:
            fields.note(f"{fields.path}name", "expected.unique")
        laws[law.name] = law
    articles: dict[int, Article] = {}
    for fields in top.items("articles"):
        article = Article(
            number=fields.number("article"),
            chapter=fields.bilingual("chapter", read_text),
            summary=fields.bilingual("summary", lambda f, n: f.text(n, most=300)),
        )
        fields.done()
        if article.number in articles:
            fields.note(f"{fields.path}article", "expected.unique")
        articles[article.number] = article
    top.done()
    law_itself = laws.get(SOCIAL_INSURANCE_LAW)
    if law_itself is None:
        top.note("laws", "expected.contains", found=SOCIAL_INSURANCE_LAW)
    elif sorted(articles) != list(range(1, law_itself.articles + 1)):
        top.note("articles", "expected.every_article", last=law_itself.articles)
    if problems:
        raise InvalidKnowledge(problems)
    return Laws(laws, articles)


_CHINESE_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_NUMBER = r"([0-9]{1,3}|[零〇一二两三四五六七八九十百]{1,6})"
_ZH_ARTICLE = re.compile(rf"第\s*{_NUMBER}\s*[条條]")
_EN_ARTICLE = re.compile(r"\b(?:articles?|art\.?)\s*([0-9]{1,3})\b", re.IGNORECASE)
_NAMED_LAW = re.compile(r"[\u4e00-\u9fff]{0,16}(?:条例|规定|办法|解释|法)(?![律院])")


def chinese_number(written: str) -> int:
    """The value of a number below 1,000 written in Arabic or Chinese digits (``五十八`` is 58)."""
    if written.isdecimal() and written.isascii():
        return int(written)
    total, digit = 0, 0
    for character in written:
        if character in "十百":
            total += (digit or 1) * (10 if character == "十" else 100)
            digit = 0
        else:
            digit = digit * 10 + _CHINESE_DIGITS[character] if digit else _CHINESE_DIGITS[character]
    return total + digit


def article_number(written: str) -> int | None:
    """The number that ``58``, ``第58条``, ``五十八`` or ``article 58`` means, standing alone."""
    text = normalise(written).removeprefix("articles").removeprefix("article").removeprefix("art.")
    text = text.strip().removeprefix("第").removesuffix("条").strip()
    return chinese_number(text) if re.fullmatch(_NUMBER, text) else None


@dataclass(frozen=True, slots=True)
class ArticleAsked:
    """An article that a question names.

    Attributes:
        number: number of the article; it need not exist.
        law: the name of another law as written, or None for the Social Insurance Law.
        rest: what the question says beside naming the article.
    """

    number: int
    law: str | None
    rest: str


def article_asked(text: str) -> ArticleAsked | None:
    """The article that a question names, as in ``第五十八条`` or ``article 58``, if any."""
    match = _ZH_ARTICLE.search(text) or _EN_ARTICLE.search(text)
    if match is None:
        return None
    named = _NAMED_LAW.search(text[: match.start()])
    law = named.group() if named else None
    if law is not None and law.endswith(SOCIAL_INSURANCE_LAW):
        law = None
    rest = text[: match.start()] + " " + text[match.end() :]
    if named:
        rest = rest.replace(named.group(), " ", 1)
    return ArticleAsked(chinese_number(match.group(1)), law, rest)
