"""Which poster brought how many, in SQLite. Who they were is not kept."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils.db import Database

from knowledge.database import insert, writing


@dataclass(frozen=True, slots=True)
class PosterLink:
    """A link that stands on a poster.

    Attributes:
        place: where it hangs, as the organiser calls it.
        opened: how often it was opened.
    """

    notice_id: int
    number: int
    place: str
    opened: int


def poster_links(db: Database, notice_id: int) -> list[PosterLink]:
    """The links of a notice, in the order in which they were made."""
    found = db.execute(
        "SELECT notice_id, number, place, opened FROM posters WHERE notice_id = ? ORDER BY number",
        [notice_id],
    )
    return [PosterLink(*row) for row in found.fetchall()]


def link_for(db: Database, notice_id: int, place: str) -> PosterLink:
    """The link for a poster that hangs there; the same when it is asked for again."""
    with writing(db):
        links = poster_links(db, notice_id)
        for link in links:
            if link.place == place:
                return link
        number = len(links) + 1
        row = {"notice_id": notice_id, "number": number, "place": place}
        insert(db, "posters", row)
    return PosterLink(notice_id, number, place, 0)


def count_opened(db: Database, notice_id: int, number: int) -> None:
    """The link was opened once more."""
    with writing(db):
        db.execute(
            "UPDATE posters SET opened = opened + 1 WHERE notice_id = ? AND number = ?",
            [notice_id, number],
        )
