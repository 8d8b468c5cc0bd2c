"""What is SQLite's alone: connections, pragmas, locks, upserts and the meaning of its errors."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from sqlalchemy import URL, Column, ColumnElement, Connection, Engine, Table, create_engine, event, func
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.exc import DBAPIError

from monitor.errors import StoreBroken, StoreUnavailable

BUSY_SECONDS: Final = 5.0
_CACHE_KIB: Final = 64 * 1024
#: Pages of the write-ahead log that are gathered before they go to the database: 32 MB, eight times the default. A page
#: that is written again meanwhile goes once; an import gains a third.
_LOG_PAGES: Final = 8192
_LOG_BYTES_KEPT: Final = 64 * 1024 * 1024

_PASSING: Final = {
    sqlite3.SQLITE_BUSY: "another process is writing to it",
    sqlite3.SQLITE_LOCKED: "another process is writing to it",
    sqlite3.SQLITE_PROTOCOL: "another process is writing to it",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk reports an error",
    sqlite3.SQLITE_NOMEM: "memory is short",
    sqlite3.SQLITE_INTERRUPT: "it was interrupted",
    sqlite3.SQLITE_READONLY: "it cannot be written to: look at its owner, its mode and its file system",
    sqlite3.SQLITE_PERM: "it cannot be written to: look at its owner, its mode and its file system",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: look at its directory and at the limit of open files",
}
_LASTING: Final = {
    sqlite3.SQLITE_NOTADB: "it is not an SQLite database: name another file, or move this one away",
    sqlite3.SQLITE_CORRUPT: "it is damaged: restore a copy, or move it away to begin anew",
    sqlite3.SQLITE_ERROR: "it does not hold the tables it should: restore a copy, or move it away to begin anew",
}
#: Errors that pass while the daemon runs, but that nobody repairs by waiting when it starts.
_LASTING_AT_OPEN: Final = frozenset((sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN))


def make_engine(path: str) -> Engine:
    """An engine whose connections only read and begin no transaction by themselves; `open_writer` makes the one that writes."""
    engine = create_engine(
        URL.create("sqlite", database=path),
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,  # a traceback must not show what customers' contacts are called
        skip_autocommit_rollback=True,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=4,
        max_overflow=-1,
    )
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA temp_store=MEMORY")
    connection.execute("PRAGMA query_only=ON")


def open_writer(engine: Engine) -> Connection:
    """The connection that writes. Every commit is on the disk before it returns: a signal survives a power cut."""
    connection = engine.connect()
    connection.detach()
    mode = connection.exec_driver_sql("PRAGMA journal_mode=WAL").scalar_one()
    if mode != "wal":
        connection.close()
        raise StoreBroken(f"store {engine.url.database}: its file system cannot share memory between processes: use a local disk")
    connection.exec_driver_sql("PRAGMA query_only=OFF")
    connection.exec_driver_sql("PRAGMA synchronous=FULL")
    connection.exec_driver_sql(f"PRAGMA cache_size=-{_CACHE_KIB}")
    connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint={_LOG_PAGES}")
    connection.exec_driver_sql(f"PRAGMA journal_size_limit={_LOG_BYTES_KEPT}")
    return connection


def begin(connection: Connection) -> None:
    """Take the write lock at once: a transaction that had read first could not be given it later."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def commit(connection: Connection) -> None:
    """Make it last."""
    connection.exec_driver_sql("COMMIT")


def roll_back(connection: Connection) -> bool:
    """Undo; SQLite may have done so already when the disk was full. False: the connection is of no more use."""
    with suppress(DBAPIError):
        driver: Any = connection.connection.dbapi_connection
        if driver.in_transaction:
            connection.exec_driver_sql("ROLLBACK")
        return True
    return False


def data_version(connection: Connection) -> int:
    """A number that other connections' commits change, and this one's do not."""
    return int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())


def identity(path: str) -> tuple[int, int] | None:
    """Which file bears this name now; None when none does. SQLite goes on writing into one that was deleted."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def size_bytes(path: str) -> int:
    """The database with its write-ahead log."""
    size = 0
    for name in (path, f"{path}-wal"):
        with suppress(FileNotFoundError):
            size += os.stat(name).st_size
    return size


def upsert(table: Table, *, adding: tuple[str, ...] = ()) -> Insert:
    """Insert, or replace the row of the same key; columns `adding` are summed."""
    statement = insert(table)
    new: dict[str, Any] = {}
    for column in table.columns:
        if column.name in adding:
            new[column.name] = column + statement.excluded[column.name]
        elif not column.primary_key:
            new[column.name] = statement.excluded[column.name]
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=new)


def contains(column: Column[str], text: str) -> ColumnElement[bool]:
    """Whether `text` stands in the column, letter for letter (`LIKE` knows no case)."""
    return func.instr(column, text) > 0


def storable(text: str) -> bool:
    """False for half a surrogate pair, which no text column takes (a shell hands them over for what is not UTF-8)."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


@contextmanager
def plain_errors(path: str, *, opening: bool = False) -> Iterator[None]:
    """Turns the driver's errors into StoreUnavailable and StoreBroken. What is left is a bug of ours and stays as it is."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        primary = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if primary in _LASTING:
            raise StoreBroken(f"store {path}: {_LASTING[primary]} ({cause})") from error
        if opening and primary in _LASTING_AT_OPEN:
            raise StoreBroken(f"store {path}: {_unusable(path)} ({cause})") from error
        if primary in _PASSING:
            raise StoreUnavailable(f"store {path}: {_PASSING[primary]} ({cause})") from error
        raise


def _unusable(path: str) -> str:
    directory = os.path.dirname(path)
    if not os.path.isdir(directory):
        return f"there is no directory {directory}: create it, or name another file"
    if os.path.isdir(path):
        return "it is a directory: name a file"
    return "cannot be written to: look at owner and mode of the file and of its directory"
