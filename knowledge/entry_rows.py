"""An entry as the rows that keep it."""

from __future__ import annotations

from knowledge.database import Row
from knowledge.entry import LANGUAGES, Entry


def entry_row(entry: Entry, position: int, released: str | None) -> Row:
    """The row of the table of entries.

    Args:
        position: where it stands among all.
        released: fingerprint of its content in the release that it came from, if it came from one.
    """
    return {
        "id": entry.id,
        "position": position,
        "scheme": entry.scheme,
        "status": str(entry.status),
        "version": entry.version,
        "scope": entry.scope,
        "title_zh": entry.title.zh,
        "title_en": entry.title.en,
        "short_zh": entry.answer.zh.short,
        "short_en": entry.answer.en.short,
        "details_zh": entry.answer.zh.details,
        "details_en": entry.answer.en.details,
        "checked_on": entry.checked_on.isoformat(),
        "review_by": entry.review_by.isoformat(),
        "outdated": entry.outdated,
        "digest": entry.digest,
        "released_digest": released,
    }


def text_rows(entry: Entry) -> list[Row]:
    """A row for each step, phrasing and cue."""
    found: list[Row] = []
    for language in LANGUAGES:
        groups = {
            "step": entry.answer.of(language).steps,
            "phrasing": entry.phrasings.of(language),
            "cue": entry.cues.of(language),
        }
        for kind, texts in groups.items():
            for position, text in enumerate(texts):
                row = {"kind": kind, "language": language, "position": position, "text": text}
                found.append({"entry_id": entry.id, **row})
    return found


def provision_rows(entry: Entry) -> list[Row]:
    """A row for each provision."""
    return [
        {"entry_id": entry.id, "position": number, "law": p.law, "article": p.article}
        for number, p in enumerate(entry.provisions)
    ]


def link_rows(entry: Entry) -> list[Row]:
    """A row for each contact and each related entry."""
    return [
        {"entry_id": entry.id, "kind": kind, "position": number, "target": target}
        for kind, targets in (("contact", entry.contacts), ("related", entry.related))
        for number, target in enumerate(targets)
    ]
