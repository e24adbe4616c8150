"""Whom a worker can call: hotlines, and the offices of the 31 provincial units."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from knowledge.errors import InvalidKnowledge, Problem
from knowledge.reading import Bilingual, Fields, read_text, read_yaml


class Confidence(StrEnum):
    """How sure a record is. ``low`` is never shown as certain."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Contact:
    """One referral record.

    Attributes:
        phone: number as dialled on the spot, or None where there is only a website or a counter.
        local: whether the number answers for the place it is dialled in, so that from elsewhere the
            area code comes first.
        hotline: whether /contacts lists it.
    """

    key: str
    name: Bilingual[str]
    serves: Bilingual[str]
    hours: Bilingual[str]
    phone: str | None
    local: bool
    hotline: bool
    url: str | None
    confidence: Confidence
    verified_on: datetime.date


@dataclass(frozen=True, slots=True)
class Website:
    """Address of an office of one region."""

    url: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Region:
    """One of the 31 provincial units.

    Attributes:
        code: first two digits of its administrative code, such as ``44``.
        area_code: dialling code of its capital.
        offices: websites by office (``hrss``, ``nhsa``, ``union``); unknown ones are missing.
    """

    code: str
    name: Bilingual[str]
    capital: Bilingual[str]
    area_code: str
    offices: Mapping[str, Website]
    verified_on: datetime.date


@dataclass(frozen=True, slots=True)
class Contacts:
    """Every referral record and region, in the order of the file."""

    contacts: Mapping[str, Contact]
    regions: Mapping[str, Region]

    @property
    def hotlines(self) -> list[Contact]:
        """The records that /contacts lists."""
        return [contact for contact in self.contacts.values() if contact.hotline]


OFFICES = ("hrss", "nhsa", "union")


def _contact(fields: Fields) -> Contact:
    contact = Contact(
        key=fields.text("key", pattern=r"[a-z0-9]+(-[a-z0-9]+)*"),
        name=fields.bilingual("name", read_text),
        serves=fields.bilingual("serves", read_text),
        hours=fields.bilingual("hours", read_text),
        phone=fields.optional_text("phone"),
        local=fields.flag("local"),
        hotline=fields.flag("hotline"),
        url=fields.optional_text("url"),
        confidence=fields.choice("confidence", Confidence) or Confidence.LOW,
        verified_on=fields.date("verified_on"),
    )
    fields.done()
    return contact


def _region(fields: Fields) -> Region:
    offices: dict[str, Website] = {}
    inner = fields.fields("offices")
    for office in OFFICES:
        if inner.values.get(office) is not None:
            site = inner.fields(office)
            url = site.text("url", pattern=r"https?://\S+")
            confidence = site.choice("confidence", Confidence) or Confidence.LOW
            site.done()
            offices[office] = Website(url, confidence)
    inner.done()
    region = Region(
        code=fields.text("code", pattern=r"[1-6][0-9]"),
        name=fields.bilingual("name", read_text),
        capital=fields.bilingual("capital", read_text),
        area_code=fields.text("area_code", pattern=r"0[0-9]{2,3}"),
        offices=offices,
        verified_on=fields.date("verified_on"),
    )
    fields.done()
    return region


def read_contacts(path: Path) -> Contacts:
    """The records in the file.

    Raises:
        UnreadableFile, InvalidKnowledge: the file cannot be used.
    """
    problems: list[Problem] = []
    top = Fields(read_yaml(path), path.name, "-", problems)
    contacts: dict[str, Contact] = {}
    for fields in top.items("contacts"):
        contact = _contact(fields)
        if contact.key in contacts:
            fields.note(f"{fields.path}key", "expected.unique")
        contacts[contact.key] = contact
    regions: dict[str, Region] = {}
    for fields in top.items("regions"):
        region = _region(fields)
        if region.code in regions:
            fields.note(f"{fields.path}code", "expected.unique")
        regions[region.code] = region
    top.done()
    if problems:
        raise InvalidKnowledge(problems)
    return Contacts(contacts, regions)
