"""A notice from a YAML file: every problem is named by its field."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.notices.moments import read_day, read_moment
from bot.notices.notice import WRITTEN_LANGUAGES, Audience, Missing, Notice, Poster, Worded
from bot.notices.states import Kind
from knowledge.contacts import Region
from knowledge.entry import SCHEMES
from knowledge.errors import InvalidKnowledge, Problem
from knowledge.reading import Fields, read_yaml
from knowledge.text import normalise

PICTURES = (".png", ".jpg", ".jpeg")
LARGEST_PICTURE = 10 * 1024 * 1024
LARGEST_DOCUMENT = 50 * 1024 * 1024
ALL = "all"
# People say 福建, not 福建省.
KIND_OF_REGION = re.compile(r"(?:省|市|(?:壮族|回族|维吾尔)?自治区)$")


class InvalidNotice(InvalidKnowledge):
    """A notice cannot be used as it is written; nothing was kept."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.key = "error.invalid_notice"


@dataclass(frozen=True, slots=True)
class Known:
    """What a notice is checked against.

    Attributes:
        now: the time, with its zone.
        zone: the zone that times are meant in.
        regions: code of each region by its code and its names, normalised.
        workshops: numbers of the notices that one could sign up for.
    """

    now: datetime.datetime
    zone: ZoneInfo
    regions: Mapping[str, str]
    workshops: frozenset[int]

    @property
    def today(self) -> datetime.date:
        """The day in the zone."""
        return self.now.astimezone(self.zone).date()


def region_names(regions: Mapping[str, Region]) -> dict[str, str]:
    """Code of each region by its code and its names, normalised."""
    return {
        normalise(name): code
        for code, region in regions.items()
        for name in (
            code,
            region.name.zh,
            KIND_OF_REGION.sub("", region.name.zh),
            region.name.en,
        )
    }


def read_notice(path: Path, known: Known) -> Notice:
    """The notice in a YAML file, as far as its fields can be read; its sense is not checked.

    Raises:
        UnreadableFile: the file is missing or not YAML.
        InvalidNotice: with everything that is wrong.
    """
    problems: list[Problem] = []
    fields = Fields(read_yaml(path), path.name, "-", problems)
    day = _day(fields, known)
    notice = Notice(
        title=_worded(fields, "title"),
        text=_worded(fields, "text"),
        starts=_moment(fields, "starts", known, day),
        ends=_moment(fields, "ends", known, day),
        place=_worded(fields, "place"),
        map_link=fields.optional_text("map_link") or "",
        contact=_worded(fields, "contact"),
        capacity=fields.number("capacity") if _given(fields, "capacity") else None,
        sign_up_until=_moment(fields, "sign_up_until", known, None),
        poster=_poster(fields, path.parent),
        audience=_audience(fields, known),
        missing=(fields.choice("missing", Missing) if _given(fields, "missing") else None)
        or Missing.OTHER,
    )
    fields.done()
    if problems:
        raise InvalidNotice(problems)
    return notice


def _given(fields: Fields, name: str) -> bool:
    # Asked for, so that it is known as a field also where it is missing.
    return fields.optional_value(name) is not None


def _worded(fields: Fields, name: str) -> Worded:
    """In both languages, in one of them, or the same for both."""
    value = fields.optional_value(name)
    if value is None:
        return Worded()
    if not isinstance(value, Mapping):
        same = fields.text(name)
        return Worded(same, same)
    inner = fields.fields(name)
    words = {language: inner.optional_text(language) or "" for language in WRITTEN_LANGUAGES}
    inner.done()
    return Worded(**words)


def _day(fields: Fields, known: Known) -> datetime.date | None:
    value = fields.optional_value("date")
    if value is None:
        return None
    if isinstance(value, datetime.date):
        return value
    day = read_day(str(value), known.today)
    if day is None:
        fields.note("date", "expected.date", found=value)
    return day


def _moment(
    fields: Fields, name: str, known: Known, day: datetime.date | None
) -> datetime.datetime | None:
    value = fields.optional_value(name)
    if value is None:
        return None
    if isinstance(value, int) and 0 <= value < 24 * 60:
        # YAML reads 14:00 without quotation marks as a number to the base of sixty.
        value = f"{value // 60}:{value % 60:02}"
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=known.zone) if value.tzinfo is None else value
    moment = read_moment(str(value), known.zone, known.today, day)
    if moment is None:
        fields.note(name, "expected.moment", found=value)
    return moment


def _poster(fields: Fields, folder: Path) -> Poster | None:
    written = fields.optional_text("poster")
    if not written:
        return None
    path = (folder / written).resolve()
    is_picture = path.suffix.casefold() in PICTURES
    largest = LARGEST_PICTURE if is_picture else LARGEST_DOCUMENT
    if not path.is_file():
        fields.note("poster", "expected.file", found=written)
    elif not 0 < path.stat().st_size <= largest:
        fields.note("poster", "expected.file_size", most=largest // 1024 // 1024)
    kind = Kind.PHOTO if is_picture else Kind.DOCUMENT
    return Poster(kind, path=str(path), name=path.name)


def _audience(fields: Fields, known: Known) -> Audience:
    if not _given(fields, "audience"):
        return Audience()
    inner = fields.fields("audience")
    audience = Audience(
        regions=_regions(inner, "region", known),
        languages=_members(inner, "language", WRITTEN_LANGUAGES),
        topics=_members(inner, "topic", SCHEMES),
        signed_up=_workshops(inner, "signed_up", known),
        not_signed_up=_workshops(inner, "not_signed_up", known),
        not_regions=_regions(inner, "not_region", known),
    )
    inner.done()
    return audience


def _listed(fields: Fields, name: str) -> list[object]:
    """One value or a list of them; none for all."""
    value = fields.optional_value(name)
    if value is None or value == ALL:
        return []
    return value if isinstance(value, list) else [value]


def _members(fields: Fields, name: str, members: Sequence[str]) -> tuple[str, ...]:
    found = _listed(fields, name)
    for value in found:
        if value not in members:
            choices = ", ".join((ALL, *members))
            fields.note(fields.path + name, "expected.choice", choices=choices, found=value)
    return tuple(str(value) for value in found)


def _regions(fields: Fields, name: str, known: Known) -> tuple[str, ...]:
    codes: list[str] = []
    for value in _listed(fields, name):
        code = known.regions.get(normalise(str(value)))
        if code is None:
            fields.note(fields.path + name, "expected.region", found=value)
        else:
            codes.append(code)
    return tuple(codes)


def _workshops(fields: Fields, name: str, known: Known) -> tuple[int, ...]:
    numbers: list[int] = []
    for value in _listed(fields, name):
        if isinstance(value, int) and value in known.workshops:
            numbers.append(value)
        else:
            fields.note(fields.path + name, "expected.workshop", found=value)
    return tuple(numbers)
