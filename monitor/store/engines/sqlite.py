"""What is SQLite's alone: connections, pragmas, locks, upserts and the meaning of its errors."""

import errno
import os
import sqlite3
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from sqlalchemy import URL, Connection, Dialect, Table, create_engine, event
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.exc import DBAPIError

from monitor import log
from monitor.errors import StoreBroken, StoreUnavailable
from monitor.store.engines import Unavailable, new_values
from monitor.store.engines.holder import Holder
from monitor.store.engines.lock_file import LockFile

BUSY_SECONDS: Final = 5.0
_CACHE_KIB: Final = 32 * 1024
#: Pages of the write-ahead log that are gathered before they go to the database: 32 MB, eight times the default. A page
#: that is written again meanwhile goes once; an import gains a third.
_LOG_PAGES: Final = 8192
_LOG_BYTES_KEPT: Final = 64 * 1024 * 1024
#: The mode of all files: their owner reads and writes.
_OWN: Final = 0o600

_BUSY: Final = Unavailable("another process is writing to it", "find out which, as by lsof; a backup must copy it, not lock it")
_READ_ONLY: Final = Unavailable("it is read-only", "look at its owner, its mode and its file system")
_PASSING: Final = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_PROTOCOL: _BUSY,
    sqlite3.SQLITE_FULL: Unavailable("the disk is full", "make room on the disk on which it lies"),
    sqlite3.SQLITE_IOERR: Unavailable("the disk reports an error", "look at the disk, at quotas, and at the kernel's log"),
    sqlite3.SQLITE_NOMEM: Unavailable("memory is short", "end what takes it, or give the monitor more"),
    sqlite3.SQLITE_INTERRUPT: Unavailable("it was interrupted", "wait a moment"),
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: Unavailable("it cannot be opened", "look at its directory and at the limit of open files"),
}
_LASTING: Final = {
    sqlite3.SQLITE_NOTADB: "it is not an SQLite database: name another file, or move this one away",
    sqlite3.SQLITE_CORRUPT: "it is damaged: restore a copy, or move it away to begin anew",
    sqlite3.SQLITE_ERROR: "it does not hold the tables it should: restore a copy, or move it away to begin anew",
}
#: Errors that pass while the daemon runs, but that nobody repairs by waiting when it starts.
_LASTING_AT_OPEN: Final = frozenset((sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN))
#: Why no lock file can be made beside a store, which nobody repairs by waiting.
_NO_PLACE: Final = frozenset((errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.EPERM, errno.EROFS, errno.ELOOP))


class SqliteEngine:
    """One SQLite file."""

    def __init__(self, path: str) -> None:
        self._path = os.path.abspath(path)
        #: Its connections only read and begin no transaction by themselves; `open_writer` makes the one that writes.
        self._engine = create_engine(
            URL.create("sqlite", database=self._path),
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,  # a traceback must not show what customers' contacts are called
            skip_autocommit_rollback=True,
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
            pool_size=4,
            max_overflow=-1,
        )
        event.listen(self._engine, "connect", _prepare)
        self._file: tuple[int, int] | None = None
        self._writers_opened = 0
        self._lock_file = LockFile(self._path)

    @property
    def shown(self) -> str:
        return self._path

    @property
    def dialect(self) -> Dialect:
        return self._engine.dialect

    @contextmanager
    def errors(self, *, opening: bool = False) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            primary = getattr(cause, "sqlite_errorcode", 0) & 0xFF
            if primary in _LASTING:
                raise StoreBroken(f"store {self._path}: {_LASTING[primary]} ({cause})") from error
            if opening and primary in _LASTING_AT_OPEN:
                raise StoreBroken(f"store {self._path}: {_unusable(self._path)} ({cause})") from error
            if primary in _PASSING:
                raise _PASSING[primary].error(self._path, cause) from error
            raise

    def hold(self, sources: Collection[str]) -> None:
        """The whole file is one daemon's, whichever sources it reads: who writes locks all of it."""
        try:
            self._lock_file.acquire()
        except OSError as error:
            why = f"{self._lock_file.path}: {error.strerror}"
            if error.errno in _NO_PLACE:
                raise StoreBroken(f"store {self._path}: {_unusable(self._path)} ({why})") from None
            raise StoreUnavailable(f"store {self._path}: cannot lock {why}") from None

    def holder(self, sources: Collection[str]) -> Holder | None:
        try:
            return self._lock_file.holder()
        except OSError as error:
            raise StoreUnavailable(f"store {self._path}: cannot look at {self._lock_file.path}: {error.strerror}") from None

    def open_writer(self) -> Connection:
        """Every commit is on the disk before it returns: a signal survives a power cut."""
        _keep_private(self._path)
        connection = self._engine.connect()
        connection.detach()
        mode = connection.exec_driver_sql("PRAGMA journal_mode=WAL").scalar_one()
        if mode != "wal":
            connection.close()
            raise StoreBroken(f"store {self._path}: its file system cannot share memory between processes: use a local disk")
        connection.exec_driver_sql("PRAGMA query_only=OFF")
        connection.exec_driver_sql("PRAGMA synchronous=FULL")
        connection.exec_driver_sql(f"PRAGMA cache_size=-{_CACHE_KIB}")
        connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint={_LOG_PAGES}")
        connection.exec_driver_sql(f"PRAGMA journal_size_limit={_LOG_BYTES_KEPT}")
        self._file = _identity(self._path)
        self._writers_opened += 1
        return connection

    def reading(self) -> Connection:
        return self._engine.connect()

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                self.roll_back(connection)

    def begin(self, connection: Connection, source: str | None) -> None:
        """Take the write lock, of the whole file, at once: a transaction that had read first could not be given it later."""
        if _identity(self._path) != self._file:
            raise StoreBroken(f"store {self._path}: the file was moved or deleted while it was open: put it back and start again")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def begin_upgrade(self, connection: Connection) -> None:
        """Indexes of many rows are sorted in a file: memory would not do for 10 million contacts."""
        connection.exec_driver_sql("PRAGMA temp_store=FILE")
        self.begin(connection, None)

    def commit(self, connection: Connection) -> bool:
        connection.exec_driver_sql("COMMIT")
        return True

    def roll_back(self, connection: Connection) -> bool:
        """SQLite may have undone it already when the disk was full; after Ctrl-C in a statement the connection is given up."""
        if not connection.invalidated:
            with suppress(DBAPIError):
                driver: Any = connection.connection.dbapi_connection
                if driver.in_transaction:
                    connection.exec_driver_sql("ROLLBACK")
                return True
        return False

    def upsert(self, table: Table, *, adding: tuple[str, ...] = ()) -> Insert:
        statement = insert(table)
        keys, new = list(table.primary_key), new_values(table, statement, adding)
        if not new:
            return statement.on_conflict_do_nothing(index_elements=keys)
        return statement.on_conflict_do_update(index_elements=keys, set_=new)

    def generation(self, connection: Connection) -> int:
        version = int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())
        # The number belongs to one connection; a new one begins with another.
        return (self._writers_opened << 32) + version

    def tidy(self, connection: Connection) -> None:
        """It keeps nothing."""

    def size_bytes(self) -> int:
        """The database with its write-ahead log."""
        size = 0
        for name in (self._path, f"{self._path}-wal"):
            with suppress(FileNotFoundError):
                size += os.stat(name).st_size
        return size

    def dispose(self) -> None:
        self._lock_file.release()
        self._engine.dispose()


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA temp_store=MEMORY")
    connection.execute("PRAGMA query_only=ON")


def _keep_private(path: str) -> None:
    """The database and what lies beside it are for their owner alone. SQLite gives new files beside it the database's mode."""
    with suppress(OSError):  # what is wrong with the path is told by SQLite
        # Never one that is there: closing it would take this process's locks off it.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWN))
    for name in (path, f"{path}-wal", f"{path}-shm"):
        with suppress(OSError):
            if stat.S_IMODE(os.stat(name).st_mode) & ~_OWN:
                _withdraw(name)


def _withdraw(name: str) -> None:
    try:
        os.chmod(name, _OWN)
    except OSError as error:
        log.get("store").warning(
            "other users of this machine may read the store: let its owner chmod 600 it", file=name, error=error.strerror
        )


def _identity(path: str) -> tuple[int, int] | None:
    """Which file bears this name now; None when none does. SQLite goes on writing into one that was deleted."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _unusable(path: str) -> str:
    directory = os.path.dirname(path)
    if not os.path.isdir(directory):
        return f"there is no directory {directory}: create it, or name another file"
    if os.path.isdir(path):
        return "it is a directory: name a file"
    return "cannot be written to: look at owner and mode of the file and of its directory"
