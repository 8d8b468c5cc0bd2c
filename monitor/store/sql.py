"""The store in SQL: one connection that writes, in one thread at a time, and short-lived ones that read from any thread."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, or_, select, tuple_

from monitor.errors import StoreBroken, StoreUnavailable
from monitor.store import migrations, schema
from monitor.store.base import (
    NO_CURSOR,
    ContactRow,
    CursorRow,
    FoundContact,
    GapRow,
    ListedSignal,
    PlaceRow,
    SignalRow,
    TotalKey,
    WeekKey,
)
from monitor.store.engines import sqlite
from monitor.store.unit import CONTACT_COLUMNS, SIGNAL_COLUMNS, SqlUnit, Statements, as_cursor_row, in_chunks

#: How many rows `prune` takes in one transaction, so that nobody waits long for the write lock.
_PRUNE_AT_ONCE: Final = 5_000
_READ_AT_ONCE: Final = 500
_BEFORE_ALL: Final = -(2**63)


class SqlStore:
    """A store in one SQLite file. Reads outside a transaction see what was committed last."""

    def __init__(self, path: str) -> None:
        self._path = os.path.abspath(path)
        self._engine = sqlite.make_engine(self._path)
        self._statements = Statements(self._engine.dialect)
        self._lock = RLock()
        self._writer: Connection | None = None
        self._writers_opened = 0
        self._file: tuple[int, int] | None = None
        self._writing = False

    def open(self) -> None:
        """Make it ready: create or upgrade the tables. Raises StoreBroken when that cannot be, naming the remedy."""
        with self._lock, sqlite.plain_errors(self._path, opening=True):
            if migrations.revision(self._connected(), self._path) != schema.REVISION:
                with self._begun() as connection:
                    migrations.upgrade(connection, self._path)

    def close(self) -> None:
        with self._lock:
            self._lose_writer()
            self._engine.dispose()

    @contextmanager
    def transaction(self, source: str) -> Iterator[SqlUnit]:
        with self._lock, sqlite.plain_errors(self._path), self._begun() as connection:
            yield SqlUnit(source, connection, self._statements)

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        if self._writing:
            raise StoreUnavailable(f"store {self._path}: another transaction of this process is still open")
        connection = self._connected()
        if sqlite.identity(self._path) != self._file:
            raise StoreBroken(f"store {self._path}: the file was moved or deleted while it was open: put it back and start again")
        self._writing, done = True, False
        try:
            sqlite.begin(connection)
            yield connection
            sqlite.commit(connection)
            done = True
        finally:
            self._writing = False
            if not done and not sqlite.roll_back(connection):
                self._lose_writer()

    def _connected(self) -> Connection:
        if self._writer is None:
            self._writer = sqlite.open_writer(self._engine)
            self._writers_opened += 1
            self._file = sqlite.identity(self._path)
        return self._writer

    def _lose_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with sqlite.plain_errors(self._path), self._engine.connect() as connection:
            yield connection

    def cursor_row(self, source: str) -> CursorRow:
        with self._reading() as connection:
            row = connection.exec_driver_sql(self._statements.cursor_row, (source,)).first()
        return NO_CURSOR if row is None else as_cursor_row(row)

    def read_state(self, source: str, keys: Iterable[str]) -> dict[str, str]:
        state = schema.state.c
        found: dict[str, str] = {}
        with self._reading() as connection:
            for chunk in in_chunks(keys):
                wanted = select(state.key, state.value).where(state.source == source, state.key.in_(chunk))
                found.update((key, value) for key, value in connection.execute(wanted))
        return found

    def read_state_prefix(self, source: str, prefix: str) -> dict[str, str]:
        state = schema.state.c
        wanted = select(state.key, state.value).where(state.source == source, state.key >= prefix)
        after = _after_prefix(prefix)
        if after is not None:
            wanted = wanted.where(state.key < after)
        with self._reading() as connection:
            return {row.key: row.value for row in connection.execute(wanted)}

    def next_deadline(self, source: str) -> int | None:
        contact = schema.contact.c
        earliest = select(func.min(contact.deadline)).where(contact.source == source, contact.deadline.is_not(None))
        with self._reading() as connection:
            found: int | None = connection.execute(earliest).scalar_one()
        return found

    def running(self, source: str) -> Iterator[ContactRow]:
        contact = schema.contact.c
        wanted = select(*CONTACT_COLUMNS).where(contact.source == source, contact.running.is_not(None))
        with self._reading() as connection:
            for row in connection.execute(wanted.execution_options(yield_per=_READ_AT_ONCE)):
                yield ContactRow(*row)

    def totals(self) -> dict[TotalKey, float]:
        total = schema.total.c
        wanted = select(total.metric, total.labels, func.sum(total.value)).group_by(total.metric, total.labels)
        with self._reading() as connection:
            return {(metric, tuple(json.loads(labels))): value for metric, labels, value in connection.execute(wanted)}

    def weeks(self, since: str) -> dict[WeekKey, tuple[int, int]]:
        week = schema.week.c
        key = (week.contact_point, week.signal, week.week_start)
        wanted = select(*key, func.sum(week.assessed), func.sum(week.signals)).where(week.week_start >= since).group_by(*key)
        with self._reading() as connection:
            rows = connection.execute(wanted).all()
        return {
            (point, signal, start): (assessed, signals) for point, signal, start, assessed, signals in rows if assessed or signals
        }

    def places(self, source: str) -> Sequence[PlaceRow]:
        place = schema.place.c
        wanted = select(place.place, place.contact_point, place.channel).where(place.source == source).order_by(place.place)
        with self._reading() as connection:
            return [PlaceRow(*row) for row in connection.execute(wanted)]

    def gaps(self, since: int) -> Sequence[GapRow]:
        gap = schema.gap.c
        wanted = select(gap.source, gap.since, gap.until).where(gap.until >= since).order_by(gap.since, gap.source)
        with self._reading() as connection:
            return [GapRow(*row) for row in connection.execute(wanted)]

    def signals(
        self, *, since: int | None = None, until: int | None = None, contact_point: str | None = None,
        signal: str | None = None, limit: int | None = None,
    ) -> Iterator[ListedSignal]:  # fmt: skip
        """Signals with `since` <= moment < `until`, newest first, as they were when the first one is taken."""
        row, contact = schema.signal.c, schema.contact.c
        same = (contact.source == row.source) & (contact.contact == row.contact) & (contact.contact_point == row.contact_point)
        conditions: list[ColumnElement[bool]] = []
        if since is not None:
            conditions.append(row.at >= since)
        if until is not None:
            conditions.append(row.at < until)
        if contact_point is not None:
            conditions.append(row.contact_point == contact_point)
        if signal is not None:
            conditions.append(row.signal == signal)
        wanted = (
            select(row.source, func.coalesce(contact.id, ""), *SIGNAL_COLUMNS)
            .select_from(schema.signal.outerjoin(schema.contact, same))
            .where(*conditions)
            .order_by(*(key.desc() for key in (row.at, row.source, row.contact, row.contact_point, row.signal, row.occurrence)))
            .limit(limit)
            .execution_options(yield_per=_READ_AT_ONCE)
        )
        with self._reading() as connection:
            for source, contact_id, *rest in connection.execute(wanted):
                yield ListedSignal(source, contact_id, SignalRow(*rest))

    def find(self, name: str) -> Sequence[FoundContact]:
        contact = schema.contact.c
        if not sqlite.storable(name):
            return []
        with self._reading() as connection:
            # Naming the column that leads the index makes SQLite read that small index instead of all the records.
            found = set(_found(connection, contact.begun >= _BEFORE_ALL, contact.id == name))
            # The source's own name leads no index of its own: asking each source costs one look-up each.
            for source in _sources(connection):
                found.update(_found(connection, contact.source == source, contact.contact == name))
        return sorted(found, key=lambda each: (each.source, each.row[:2]))

    def find_event(self, event_id: str) -> Sequence[FoundContact]:
        """Contacts whose record holds this id as a JSON string: candidates, since the record is not understood here."""
        forms = (json.dumps(event_id), json.dumps(event_id, ensure_ascii=False))
        held = or_(*(sqlite.contains(schema.contact.c.record, form) for form in forms if sqlite.storable(form)))
        with self._reading() as connection:
            found = list(_found(connection, held))
        return sorted(found, key=lambda each: (each.source, each.row[:2]))

    def begun_between(self, since: int, until: int) -> Iterator[FoundContact]:
        """Contacts that began in [since, until), oldest first, as they were when the first one is taken."""
        contact = schema.contact.c
        order = (contact.begun, contact.source, contact.contact, contact.contact_point)
        with self._reading() as connection:
            yield from _found(connection, contact.begun >= since, contact.begun < until, order=order)

    def prune(self, before: int) -> int:
        gone = 0
        with self._lock, sqlite.plain_errors(self._path):
            while taken := self._prune_contacts(before):
                gone += taken
            self._prune_state(before)
            with self._begun() as connection:
                connection.execute(delete(schema.gap).where(schema.gap.c.until < before))
        return gone

    def _prune_contacts(self, before: int) -> int:
        contact, signal = schema.contact.c, schema.signal.c
        key = (contact.source, contact.contact, contact.contact_point)
        over = (
            select(*key)
            .where(contact.last < before, contact.deadline.is_(None), contact.running.is_(None))
            .order_by(contact.last, *key)
            .limit(_PRUNE_AT_ONCE)
        )
        with self._begun() as connection:
            connection.execute(delete(schema.signal).where(tuple_(signal.source, signal.contact, signal.contact_point).in_(over)))
            return connection.execute(delete(schema.contact).where(tuple_(*key).in_(over))).rowcount

    def _prune_state(self, before: int) -> None:
        state = schema.state.c
        old = select(state.source, state.key).where(state.at < before).execution_options(yield_per=_PRUNE_AT_ONCE)
        one = delete(schema.state).where(
            state.source == bindparam("its_source"), state.key == bindparam("its_key"), state.at < bindparam("before")
        )
        with self._reading() as reader:
            for rows in reader.execute(old).partitions():
                with self._begun() as connection:
                    connection.execute(one, [{"its_source": source, "its_key": key, "before": before} for source, key in rows])

    def size_bytes(self) -> int | None:
        return sqlite.size_bytes(self._path)

    def generation(self) -> int:
        """Changes with every commit of another process, never with one of this store's own."""
        with self._lock, sqlite.plain_errors(self._path):
            version = sqlite.data_version(self._connected())
        # The number belongs to one connection; a new one begins with another.
        return (self._writers_opened << 32) + version


def _found(connection: Connection, *conditions: ColumnElement[bool], order: Sequence[Any] = ()) -> Iterator[FoundContact]:
    wanted = select(schema.contact.c.source, *CONTACT_COLUMNS).where(*conditions).order_by(*order)
    for source, *row in connection.execute(wanted.execution_options(yield_per=_READ_AT_ONCE)):
        yield FoundContact(source, ContactRow(*row))


def _sources(connection: Connection) -> Iterator[str]:
    name = schema.contact.c.source
    last = connection.execute(select(func.min(name))).scalar_one()
    while last is not None:
        yield last
        last = connection.execute(select(func.min(name)).where(name > last)).scalar_one()


def _after_prefix(prefix: str) -> str | None:
    """The least text that is greater than all texts which begin with `prefix`; None when there is none."""
    for length in range(len(prefix), 0, -1):
        code = ord(prefix[length - 1])
        if code < 0x10FFFF:
            # 0xD800 to 0xDFFF are no characters.
            return prefix[: length - 1] + chr(0xE000 if code == 0xD7FF else code + 1)
    return None
