"""One daemon for each source in a PostgreSQL database: advisory locks on a connection of their own, which end with it."""

from collections.abc import Callable, Collection
from typing import Any, Final

import psycopg

from monitor.errors import StoreHeld
from monitor.store.engines.holder import Holder, signature

_WHO: Final = """SELECT activity.application_name, activity.backend_start
    FROM pg_locks AS lock JOIN pg_stat_activity AS activity USING (pid)
    WHERE lock.locktype = 'advisory' AND lock.granted AND lock.objsubid = 1
    AND (lock.classid::bigint << 32 | lock.objid::bigint) = %s
    AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


class SourceLocks:
    """The sources that this daemon reads into a database."""

    def __init__(self, connect: Callable[[], "psycopg.Connection[Any]"], number: Callable[[str], int], shown: str) -> None:
        """`number`: by which number a lock is called; `shown`: the database's name without a password."""
        self._connect = connect
        self._number = number
        self._shown = shown
        self._connection: psycopg.Connection[Any] | None = None
        self._held: set[str] = set()

    def hold(self, sources: Collection[str]) -> None:
        """Lock these and no others, anew where the connection was lost. Raises StoreHeld when another daemon has one of them,
        and the driver's errors when the server cannot be asked.
        """
        connection = self._connected()
        for source in self._held.difference(sources):
            connection.execute("SELECT pg_advisory_unlock(%s)", (self._number(source),))
            self._held.discard(source)
        for source in sorted(set(sources) - self._held):
            row = connection.execute("SELECT pg_try_advisory_lock(%s)", (self._number(source),)).fetchone()
            if row is None or not row[0]:
                raise StoreHeld(
                    f"store {self._shown}: {self._holder(connection, source)} reads source {source} into it: "
                    "end that one first, or read the source in one of the two only"
                )
            self._held.add(source)

    def holder(self, sources: Collection[str]) -> Holder | None:
        """Who holds one of these sources. Raises the driver's errors when the server cannot be asked."""
        connection = self._connected()
        for source in sorted(sources):
            row = connection.execute(_WHO, (self._number(source),)).fetchone()
            if row is not None:
                return Holder.read(*row)
        return None

    def release(self) -> None:
        """Let another daemon have them."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._held.clear()

    def _connected(self) -> "psycopg.Connection[Any]":
        """The connection, which has just answered; a new one, which holds nothing yet, where it was lost."""
        if self._connection is not None:
            try:
                self._connection.execute("SELECT 1")
            except psycopg.OperationalError:
                self.release()
        if self._connection is None:
            self._connection = self._connect()
            self._connection.autocommit = True
            self._connection.execute("SELECT set_config('application_name', %s, false)", (signature(),))
        return self._connection

    def _holder(self, connection: "psycopg.Connection[Any]", source: str) -> Holder:
        """Who has it, if that is still so."""
        row = connection.execute(_WHO, (self._number(source),)).fetchone()
        return Holder() if row is None else Holder.read(*row)
