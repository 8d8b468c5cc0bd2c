"""What is PostgreSQL's alone: connections, time limits, locks, upserts and the meaning of its errors.

Several daemons may share a database. Whoever writes holds an advisory lock on its source until the end of the transaction,
as SQLite's writer holds the file: what was read cannot change before it is written back, and no total is added up twice.
"""

import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from time import monotonic, sleep
from typing import Any, Final

import psycopg
from psycopg.adapt import Buffer, Loader
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.string import StrDumper
from sqlalchemy import Connection, Dialect, Table, create_engine
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.exc import DBAPIError

from monitor.errors import ConfigError, StoreBroken
from monitor.store.engines import Unavailable, new_values
from monitor.store.engines.holder import Holder
from monitor.store.engines.source_locks import SourceLocks

#: How long one waits for another writer of the same source, as long as with SQLite.
BUSY_SECONDS: Final = 5.0
#: What the server ends by itself: a statement that takes too long, a transaction whose owner has fallen silent. Without, a
#: daemon that was stopped in the middle of a transaction would hold up every other one.
_STATEMENT_SECONDS: Final = 300
_IDLE_SECONDS: Final = 120
_UPGRADE_WAIT_SECONDS: Final = 1800
#: How long to ask for the outcome of a commit whose answer was lost with the connection.
OUTCOME_SECONDS: Final = 30.0
#: What libpq does unless the URL says otherwise: give up on a server that does not answer.
_CONNECT: Final = {
    "application_name": "contact-monitor", "connect_timeout": 10, "tcp_user_timeout": 30_000,
    "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "client_encoding": "UTF8",
}  # fmt: skip
_ASK_AGAIN_SECONDS: Final = 0.2

_LASTING: Final = {
    "42P01": "it does not hold the tables it should: restore a copy, or name another database to begin anew",
    "42703": "it does not hold the tables it should: restore a copy, or name another database to begin anew",
    "0A000": "its tables were changed while it was open: start again with the newer version",
    "XX001": "it is damaged: restore a copy",
    "XX002": "it is damaged: restore a copy",
}
_LASTING_AT_OPEN: Final = {
    "28000": "the server does not let this user in: look at the user and at pg_hba.conf",
    "28P01": "the password is wrong: look at the URL, PGPASSWORD or the file PGPASSFILE names",
    "3D000": "there is no such database: create it, as with createdb",
    "3F000": "there is no schema to make tables in: create it, or look at search_path",
    "42501": "the user may not make tables there: make it the owner of the database",
}
_BUSY: Final = Unavailable("another process is writing to it", "see who, in pg_stat_activity")
_AWAY: Final = Unavailable("the server cannot be reached", "see whether it runs, and can be reached from the monitor's host")
_PASSING: Final = {
    "55P03": _BUSY,
    "40001": _BUSY,
    "40P01": _BUSY,
    "57014": Unavailable("a statement took too long or was cancelled", "see how busy the server is"),
    "25P03": Unavailable("a transaction was left open too long", "see how busy the monitor's host is"),
    "25006": Unavailable("the server takes no writes: it is a standby", "name the primary server, or promote this one"),
    "42501": Unavailable("the user may not write there", "give it back the rights of the database's owner"),
}
#: Classes of errors: the first two characters.
_PASSING_CLASSES: Final = {
    "08": Unavailable("the connection was lost", _AWAY.to_do),
    "28": Unavailable("the server does not let this user in", "look at the user and at pg_hba.conf"),
    "3D": Unavailable("the database is gone", "restore it"),
    "53": Unavailable("the server is short of disk, memory or connections", "make room: its log says of what"),
    "57": Unavailable("the server is starting or stopping", "see whether it starts again by itself"),
    "58": Unavailable("the server's disk reports an error", "see the server's log"),
}
_UNKNOWN_OUTCOME: Final = Unavailable("a connection was lost in the middle of a commit", _AWAY.to_do)


class PostgresqlEngine:
    """One PostgreSQL database, named by a URI of libpq."""

    def __init__(self, url: str, shown: str) -> None:
        """Raises ConfigError when libpq does not understand the URI; it may hold a password and is not shown."""
        try:
            given = conninfo_to_dict(url)
        except psycopg.Error:
            raise ConfigError(f"store: {shown}: libpq does not understand it; write postgresql://USER@HOST/DATABASE") from None
        self._options: dict[str, Any] = _CONNECT | given
        self._shown = shown
        self._engine = create_engine(
            "postgresql+psycopg://",
            creator=self._connect,
            paramstyle="format",
            hide_parameters=True,  # a traceback must not show what customers' contacts are called
            use_native_hstore=False,
            pool_size=4,
            max_overflow=-1,
        )
        #: Who this is in the table of writers.
        self._name = secrets.token_hex(8)
        self._transaction = ""
        self._locks = SourceLocks(self._connect, lambda source: _lock_number(f"daemon of {source}"), shown)

    @property
    def shown(self) -> str:
        return self._shown

    @property
    def dialect(self) -> Dialect:
        return self._engine.dialect

    @contextmanager
    def errors(self, *, opening: bool = False) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, psycopg.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            if (why := _lasting(cause, opening=opening)) is not None:
                raise StoreBroken(f"store {self._shown}: {why} ({_reason(cause)})") from error
            if (passing := _passing(cause)) is not None:
                raise passing.error(self._shown, _reason(cause)) from error
            raise

    def hold(self, sources: Collection[str]) -> None:
        self._locks.hold(sources)

    def holder(self, sources: Collection[str]) -> Holder | None:
        return self._locks.holder(sources)

    def open_writer(self) -> Connection:
        """Between transactions nothing is open on the server: `begin` says BEGIN itself, and takes the lock in the same trip."""
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()
        return connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            yield connection.execution_options(postgresql_readonly=True)

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")  # who copies has other things to do
            yield connection

    def begin(self, connection: Connection, source: str | None) -> None:
        """One trip: BEGIN, the locks, and the number under which the outcome can be asked for."""
        every = _lock_number("every source")
        if source is None:
            locks = f"pg_advisory_xact_lock({every})"
        else:
            locks = f"pg_advisory_xact_lock_shared({every}), pg_advisory_xact_lock({_lock_number(f'source {source}')})"
        self._begin(connection, f"{_BEGIN}; SELECT pg_current_xact_id()::text, {locks}")

    def begin_upgrade(self, connection: Connection) -> None:
        limits = f"SET LOCAL lock_timeout = '{_UPGRADE_WAIT_SECONDS}s'; SET LOCAL statement_timeout = 0"
        lock = f"SELECT pg_current_xact_id()::text, pg_advisory_xact_lock({_lock_number('every source')})"
        self._begin(connection, f"{_BEGIN}; {limits}; {lock}")

    def _begin(self, connection: Connection, statements: str) -> None:
        answer = _simple(connection, statements)
        while answer.nextset():
            pass
        self._transaction = answer.fetchone()[0]

    def commit(self, connection: Connection) -> bool:
        """Where the answer to COMMIT is lost, the server is asked what became of the transaction: it must not count twice."""
        try:
            _simple(connection, f"{_COUNT_WRITE.format(self._name)}; COMMIT")
        except psycopg.OperationalError:
            if not _driver(connection).broken or not self._was_committed():
                raise
            connection.invalidate()
            return False
        return True

    def _was_committed(self) -> bool:
        """Raises StoreUnavailable when the server cannot be asked in time."""
        until = monotonic() + OUTCOME_SECONDS
        while True:
            with suppress(psycopg.OperationalError), self._connect() as asking:
                row = asking.execute("SELECT pg_xact_status(%s::xid8)", (self._transaction,)).fetchone()
                if row is not None and row[0] != "in progress":
                    return bool(row[0] == "committed")
                # Its session may wait for us without knowing that we are gone.
                asking.execute(_END_SESSION, (self._transaction,))
            if monotonic() > until:
                raise _UNKNOWN_OUTCOME.error(self._shown, "its outcome is not known")
            sleep(_ASK_AGAIN_SECONDS)

    def roll_back(self, connection: Connection) -> bool:
        if not connection.invalidated:
            with suppress(psycopg.Error):
                _simple(connection, "ROLLBACK")
                return True
            connection.invalidate()
        return False

    def upsert(self, table: Table, *, adding: tuple[str, ...] = ()) -> Insert:
        statement = insert(table)
        keys, new = list(table.primary_key), new_values(table, statement, adding)
        if not new:
            return statement.on_conflict_do_nothing(index_elements=keys)
        return statement.on_conflict_do_update(index_elements=keys, set_=new)

    def generation(self, connection: Connection) -> int:
        found = _driver(connection).execute("SELECT writer, writes FROM writer WHERE writer <> %s ORDER BY 1", (self._name,))
        # Not the sum, which could come out the same when an old row goes and another grows.
        return int.from_bytes(blake2b(repr(found.fetchall()).encode(), digest_size=7).digest())

    def tidy(self, connection: Connection) -> None:
        """Writers that have not written for a month are gone."""
        _simple(connection, "DELETE FROM writer WHERE at < now() - interval '30 days'")

    def size_bytes(self) -> int:
        with self.reading() as connection:
            return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())

    def dispose(self) -> None:
        self._locks.release()
        self._engine.dispose()

    def _connect(self) -> "psycopg.Connection[Any]":
        connection: psycopg.Connection[Any] = psycopg.connect(**self._options, autocommit=True)
        connection.adapters.register_dumper(str, _TextDumper)
        for name in ("text", "varchar"):
            connection.adapters.register_loader(name, _TextLoader)
        connection.execute(_SESSION, (f"{BUSY_SECONDS}s", f"{_STATEMENT_SECONDS}s", f"{_IDLE_SECONDS}s"))
        connection.autocommit = False
        return connection


#: Whatever the server's default is: at a higher level everything would be seen as it was before the lock was had.
_BEGIN: Final = "BEGIN ISOLATION LEVEL READ COMMITTED"
_SESSION: Final = """SELECT set_config('lock_timeout', %s, false), set_config('statement_timeout', %s, false),
    set_config('idle_in_transaction_session_timeout', %s, false), set_config('extra_float_digits', '1', false),
    set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false),
    set_config('tcp_keepalives_count', '3', false)"""
_END_SESSION: Final = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_xid = %s::xid8::xid"
_COUNT_WRITE: Final = """INSERT INTO writer AS mine VALUES ('{}', 1, now())
    ON CONFLICT (writer) DO UPDATE SET writes = mine.writes + 1, at = now()"""


class _TextDumper(StrDumper):
    """PostgreSQL's text cannot hold the character 0. It is written as 1 1, and 1 itself as 1 2: order and prefixes stay."""

    def dump(self, obj: str) -> Buffer | None:
        if "\1" in obj or "\0" in obj:
            obj = obj.replace("\1", "\1\2").replace("\0", "\1\1")
        return super().dump(obj)


class _TextLoader(Loader):
    """The way back."""

    def load(self, data: Buffer) -> str:
        text = bytes(data).decode()
        return text.replace("\1\1", "\0").replace("\1\2", "\1") if "\1" in text else text


def _driver(connection: Connection) -> Any:
    """psycopg's own connection: what is said to it costs SQLAlchemy nothing."""
    return connection.connection.dbapi_connection


def _simple(connection: Connection, statements: str) -> Any:
    """Several statements in one trip, which the server prepares only one by one."""
    return _driver(connection).execute(statements.encode(), prepare=False)


def _lock_number(what: str) -> int:
    """A number of 64 bits, which is what advisory locks are called by."""
    return int.from_bytes(blake2b(f"contact-monitor: {what}".encode(), digest_size=8).digest(), signed=True)


def _state(error: BaseException | None) -> str:
    """The five characters that say what went wrong; empty when it was not the server that said so."""
    return getattr(error, "sqlstate", None) or ""


def _lasting(error: BaseException | None, *, opening: bool) -> str | None:
    """What nobody mends by waiting, and the remedy."""
    state = _state(error)
    if state in _LASTING or not opening:
        return _LASTING.get(state)
    return _LASTING_AT_OPEN.get(state) if state else _refused(_reason(error))


def _passing(error: BaseException | None) -> Unavailable | None:
    """What may pass."""
    state = _state(error)
    if not state:
        return _AWAY if isinstance(error, psycopg.OperationalError) else None
    return _PASSING.get(state) or _PASSING_CLASSES.get(state[:2])


def _reason(error: BaseException | None) -> str:
    """What libpq says of a connection, on one line; of anything else the first line: the next may show what was to be written."""
    lines = str(error).strip().splitlines() or [""]
    return lines[0] if _state(error) else "; ".join(line.strip() for line in lines)


def _refused(why: str) -> str | None:
    """A refusal at log-in has no error code (libpq keeps it to itself), only words; what nobody mends by waiting."""
    said = why.lower()
    if "password" in said:
        return _LASTING_AT_OPEN["28P01"]
    if "does not exist" in said:
        return "there is no such user or database: create it, as with createuser and createdb"
    if "pg_hba.conf" in said or "certificate" in said:
        return "the server does not let us in: look at pg_hba.conf and at the URL's sslmode and sslrootcert"
    return None
