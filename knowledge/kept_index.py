"""The index, kept in the database: building it anew takes longer than everything else at a start."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from array import array
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlite_utils.db import Database

from knowledge.build import build_index
from knowledge.database import insert, reading, writing
from knowledge.index import Asides, Index, Phrasings, said
from knowledge.learned import Learned
from knowledge.segment import Segmenter
from knowledge.subject import Subject
from knowledge.wording import Wording

# Libraries that decide how a text is cut into features.
_LIBRARIES = ("jieba", "pypinyin", "snowballstemmer", "opencc")
_CODE = (
    "build.py",
    "index.py",
    "learned.py",
    "pinyin.py",
    "segment.py",
    "sound.py",
    "text.py",
    "vocabulary.py",
    "wording.py",
)
_FOLDER = Path(__file__).parent


def index_of(db: Database, asked_about: Sequence[Subject], segmenter: Segmenter) -> Index:
    """The index of the subjects, from the database where it is kept for exactly these; else built and kept.

    A database that is busy or cannot be written to is no reason to stop: the next start will keep it.
    """
    kept = _kept(db, _digest(asked_about))
    if kept is not None:
        return kept
    index = build_index(asked_about, segmenter)
    keep(db, asked_about, index)
    return index


def keep(db: Database, asked_about: Sequence[Subject], index: Index) -> None:
    """The index of these subjects is kept in the place of an earlier one, unless the database is busy."""
    strings, numbers = _write(index)
    row = {"digest": _digest(asked_about), "strings": strings, "numbers": numbers}
    with suppress(sqlite3.OperationalError), writing(db):
        db.execute("DELETE FROM kept_index")
        insert(db, "kept_index", row)


def _kept(db: Database, digest: str) -> Index | None:
    """The index that is kept, if it is made from what has this digest."""
    sql = "SELECT rowid, strings FROM kept_index WHERE digest = ?"
    with reading(db):
        row = next(iter(db.query(sql, [digest])), None)
        if row is None:
            return None
        with db.conn.blobopen("kept_index", "numbers", row["rowid"], readonly=True) as numbers:
            return _read(row["strings"], numbers)


def _digest(asked_about: Iterable[Subject]) -> str:
    """Of everything that an index is made from: subjects, lexicon, and the code that cuts texts."""
    digest = hashlib.sha256(f"{sys.byteorder} {array('I').itemsize}".encode())
    for library in _LIBRARIES:
        digest.update(version(library).encode())
    for path in (*(_FOLDER / name for name in _CODE), *sorted((_FOLDER / "lexicon").iterdir())):
        digest.update(path.read_bytes())
    for subject in asked_about:
        digest.update(repr(subject).encode())
    return digest.hexdigest()


def _arrays(index: Index) -> list[tuple[str, str, array[Any]]]:
    """Every row of numbers, with the part of the index that has it and what it is called there."""
    parts: dict[str, Index | Phrasings | Asides | Wording | Learned] = {
        "index": index,
        "phrasings": index.phrasings,
        "asides": index.asides,
        "wording": index.wording,
        "learned": index.learned,
    }
    return [
        (name, each.name, getattr(part, each.name))
        for name, part in parts.items()
        for each in fields(part)
        if isinstance(getattr(part, each.name), array)
    ]


def _write(index: Index) -> tuple[str, bytes]:
    arrays = _arrays(index)
    strings = {
        "ids": index.ids,
        "features": list(index.features),
        "texts": index.phrasings.texts,
        "words": index.phrasings.words,
        "asides": index.asides.texts,
        "chinese": index.chinese,
        "latin": sorted(index.latin),
        "arrays": [(part, name, numbers.typecode, len(numbers)) for part, name, numbers in arrays],
    }
    numbers = b"".join(numbers.tobytes() for _, _, numbers in arrays)
    return json.dumps(strings, ensure_ascii=False), numbers


def _read(strings: str, numbers: sqlite3.Blob) -> Index:
    """The index; its numbers are read row by row, as twice all of them would take much memory."""
    found = json.loads(strings)
    rows: dict[str, dict[str, array[Any]]] = {}
    for part, name, typecode, length in found["arrays"]:
        values: array[Any] = array(typecode)
        values.frombytes(numbers.read(length * values.itemsize))
        rows.setdefault(part, {})[name] = values
    phrasings = Phrasings(tuple(found["texts"]), tuple(found["words"]), **rows["phrasings"])
    return Index(
        ids=tuple(found["ids"]),
        features={feature: number for number, feature in enumerate(found["features"])},
        phrasings=phrasings,
        asides=Asides(tuple(found["asides"]), **rows["asides"]),
        wording=Wording(**rows["wording"]),
        learned=Learned(**rows["learned"]),
        said=said(phrasings),
        chinese=found["chinese"],
        latin=frozenset(found["latin"]),
        **rows["index"],
    )
