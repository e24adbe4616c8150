"""Opening the SQLite file, and writing to it: whole or not at all."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from sqlite_utils import Migrations
from sqlite_utils.db import Database

from knowledge import schema
from knowledge.errors import UnusableDatabase

BUSY_TIMEOUT = 5.0  # seconds to wait for another program's write


def open_database(path: Path, *extra: Migrations) -> Database:
    """The database at ``path``, in WAL mode, with every migration applied; made when missing.

    Args:
        extra: further sets of migrations, applied after the knowledge's own.

    Raises:
        UnusableDatabase: it is locked, damaged, not a database, or cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT, check_same_thread=False)
        try:
            _keep_write_ahead_log(connection)
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = NORMAL")
            db = Database(connection)
            _migrate(db, (schema.migrations, *extra))
        except BaseException:
            connection.close()
            raise
    except (sqlite3.Error, OSError) as error:
        raise UnusableDatabase(str(path), str(error)) from error
    return db


def backup(path: Path, target: Path) -> None:
    """The file ``target`` holds the whole database as it is now; the bot may go on writing meanwhile.

    An earlier backup there is replaced in one step. Only the owner can read the new one.

    Raises:
        UnusableDatabase: there is no database, it cannot be read, or the target cannot be written or
            is another kind of file.
    """
    if not path.exists():
        raise UnusableDatabase(str(path), os.strerror(errno.ENOENT))
    if target.exists() and (target.samefile(path) or not _is_database(target)):
        raise UnusableDatabase(str(target), os.strerror(errno.EEXIST))
    beside = target.with_name(target.name + ".new")
    try:
        beside.unlink(missing_ok=True)
        beside.touch(mode=0o600)
        with (
            closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT)) as source,
            closing(sqlite3.connect(beside)) as copy,
        ):
            source.backup(copy)
            # The copy is one file that can be carried away.
            copy.execute("PRAGMA journal_mode = DELETE")
        beside.replace(target)
    except (sqlite3.Error, OSError) as error:
        beside.unlink(missing_ok=True)
        raise UnusableDatabase(str(target), str(error)) from error


def _is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except OSError:
        return False


Row = Mapping[str, object]


def insert(db: Database, table: str, row: Row) -> None:
    """The row stands in the table.

    Raises:
        sqlite3.Error: there is no such table or column (sqlite-utils would make one), or a rule of
            the table is broken.
    """
    insert_all(db, table, [row])


def insert_all(db: Database, table: str, rows: Sequence[Row]) -> None:
    """The rows, all with the columns of the first, stand in the table; errors as :func:`insert`."""
    if rows:
        columns = ", ".join(rows[0])
        values = ", ".join(f":{column}" for column in rows[0])
        db.conn.executemany(f"INSERT INTO {table} ({columns}) VALUES ({values})", rows)  # noqa: S608


def _keep_write_ahead_log(connection: sqlite3.Connection) -> None:
    # SQLite does not wait for other connections here, whatever the timeout: two first starts at once.
    deadline = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _migrate(db: Database, sets: Sequence[Migrations]) -> None:
    if any(migrations.pending(db) for migrations in sets):
        with writing(db):
            for migrations in sets:
                migrations.apply(db)


@contextmanager
def reading(db: Database) -> Iterator[None]:
    """Everything that is read inside is of one moment, whatever others write."""
    if db.conn.in_transaction:
        yield
        return
    db.conn.execute("BEGIN")
    try:
        yield
    finally:
        db.conn.execute("COMMIT")


@contextmanager
def writing(db: Database) -> Iterator[None]:
    """One transaction that has the write lock from its start; another writer is waited for.

    A transaction that reads first and writes later is refused at once when another wrote between.
    """
    if db.conn.in_transaction:
        with db.atomic():
            yield
        return
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.conn.rollback()
        raise
    db.conn.commit()
