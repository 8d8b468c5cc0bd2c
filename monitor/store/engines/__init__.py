"""What is one database's alone, behind one protocol: connections, locks, upserts and the meaning of its errors."""

from collections.abc import Collection
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.sql.dml import Insert

from monitor.errors import StoreUnavailable
from monitor.store.engines.holder import Holder


class SqlEngine(Protocol):
    """A database as `SqlStore` needs it. Its calls raise the driver's errors; `errors` turns them into ours.

    One connection writes at a time, in one thread; connections for reading may be had from any thread.
    """

    @property
    def shown(self) -> str:
        """The database's name for messages, without a password."""

    @property
    def dialect(self) -> Dialect:
        """What statements are compiled for. Their parameters go to the driver as a sequence."""

    def errors(self, *, opening: bool = False) -> AbstractContextManager[None]:
        """Turns the driver's errors into StoreUnavailable and StoreBroken; what else there is, is a bug and stays as it is."""

    def hold(self, sources: Collection[str]) -> None:
        """Be the only daemon that reads these sources into the database, and let go of others, until `dispose` or the end of the
        process, however it ends. Called again and again: what was lost is taken anew. Raises StoreHeld."""

    def holder(self, sources: Collection[str]) -> Holder | None:
        """The daemon that holds one of these sources."""

    def open_writer(self) -> Connection:
        """A connection that writes, in a transaction only between `begin` and `commit` or `roll_back`."""

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection that cannot write, for one question. It sees what was committed last."""

    def snapshot(self) -> AbstractContextManager[Connection]:
        """A connection that cannot write and sees one moment, however many questions are put to it."""

    def begin(self, connection: Connection, source: str | None) -> None:
        """Begin to write for one source, or with None for all: no other process may write for the same until the end."""

    def begin_upgrade(self, connection: Connection) -> None:
        """Begin to change tables, alone. Waits for another process that is doing so."""

    def commit(self, connection: Connection) -> bool:
        """Make it last: when it returns, it is stored; when it raises, it is not. False: the connection is of no more use."""

    def roll_back(self, connection: Connection) -> bool:
        """Undo. False: the connection is of no more use."""

    def upsert(self, table: Table, *, adding: tuple[str, ...] = ()) -> Insert:
        """Insert, or replace the row of the same key; columns `adding` are summed. A row that is its key stays as it is."""

    def generation(self, connection: Connection) -> int:
        """A number that changes when others have committed, and not by this engine's own commits."""

    def tidy(self, connection: Connection) -> None:
        """Drop what the engine itself keeps in the database and needs no more; once a day, in a transaction for all sources."""

    def size_bytes(self) -> int:
        """How large the database is on disk."""

    def dispose(self) -> None:
        """Close the connections that are kept for reading, and hold nothing any more."""


class Unavailable(NamedTuple):
    """Why a store takes nothing for now, and what to do about it; neither names the store."""

    why: str
    to_do: str

    def error(self, shown: str, cause: object) -> StoreUnavailable:
        """The same with the store's name, and the driver's own words."""
        return StoreUnavailable(f"store {shown}: {self.why} ({cause}): {self.to_do}", *self)


def storable(text: str) -> bool:
    """False for half a surrogate pair, which no text column takes (a shell hands them over for what is not UTF-8)."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def new_values(table: Table, statement: Any, adding: tuple[str, ...]) -> dict[str, Any]:
    """What an upsert sets in the row that was there. Both dialects write it alike."""
    new: dict[str, Any] = {}
    for column in table.columns:
        if column.name in adding:
            new[column.name] = column + statement.excluded[column.name]
        elif not column.primary_key:
            new[column.name] = statement.excluded[column.name]
    return new
