"""Whether a notice makes sense: times, languages, lengths, and whom it is for."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.markup import to_plain, units
from bot.notices.notice import WRITTEN_LANGUAGES, Notice
from bot.notices.reading import Known
from bot.notices.rendering import message, most_units
from bot.texts import Texts
from knowledge.errors import Problem
from knowledge.text import Language


def _problem(field: str, key: str, **parameters: object) -> Problem:
    return Problem("-", "-", field, key, parameters)


def problems(notice: Notice, known: Known, texts: Texts) -> list[Problem]:
    """Everything that keeps the notice from being sent, by field."""
    return [
        *_languages(notice),
        *_times(notice, known),
        *_details(notice),
        *_lengths(notice, texts),
    ]


def _languages(notice: Notice) -> Iterator[Problem]:
    for language in WRITTEN_LANGUAGES:
        title, text = getattr(notice.title, language), getattr(notice.text, language)
        if text and not title:
            yield _problem(f"title.{language}", "expected.both_or_neither")
        if title and not text:
            yield _problem(f"text.{language}", "expected.both_or_neither")
    if not notice.written_in():
        yield _problem("title", "expected.one_language")


def _times(notice: Notice, known: Known) -> Iterator[Problem]:
    starts, ends, until = notice.starts, notice.ends, notice.sign_up_until
    if starts is not None and starts <= known.now:
        yield _problem("starts", "expected.future", found=f"{starts:%Y-%m-%d %H:%M}")
    for name, value in (("ends", ends), ("sign_up_until", until), ("capacity", notice.capacity)):
        if value is not None and starts is None:
            yield _problem(name, "expected.with_start")
    if starts is not None and ends is not None and ends <= starts:
        yield _problem("ends", "expected.after_start", found=f"{ends:%Y-%m-%d %H:%M}")
    if starts is not None and until is not None and not known.now < until <= starts:
        yield _problem("sign_up_until", "expected.before_start", found=f"{until:%Y-%m-%d %H:%M}")


def _details(notice: Notice) -> Iterator[Problem]:
    if notice.capacity is not None and notice.capacity < 1:
        yield _problem("capacity", "expected.number", least=1, found=notice.capacity)
    if notice.map_link and not _is_link(notice.map_link):
        yield _problem("map_link", "expected.http_url", found=notice.map_link)


def _is_link(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in (parts.hostname or "")


def _lengths(notice: Notice, texts: Texts) -> Iterator[Problem]:
    """As Telegram counts: in UTF-16 units, after the markup is taken out."""
    for language in notice.written_in():
        found = units(to_plain(message(texts, Language(language), notice)))
        if found > most_units(notice):
            yield _problem(
                f"text.{language}", "expected.at_most_units", most=most_units(notice), found=found
            )
