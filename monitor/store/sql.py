"""The store in SQL: one connection that writes, in one thread at a time, and short-lived ones that read from any thread."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from threading import RLock
from typing import Final

from sqlalchemy import ColumnElement, Connection, Exists, Table, bindparam, delete, func, insert, inspect, select, tuple_

from monitor.domain.event import WRITTEN_CHANNELS
from monitor.errors import StoreUnavailable
from monitor.store import migrations, names, schema
from monitor.store.around import around
from monitor.store.base import (
    NO_CURSOR,
    OPEN,
    Begun,
    ContactKey,
    CursorRow,
    FoundContact,
    GapRow,
    ListedSignal,
    PlaceRow,
    RunningRow,
    SignalRow,
    ToldNews,
    TotalKey,
    WeekKey,
)
from monitor.store.engines import SqlEngine, storable
from monitor.store.unit import SIGNAL_COLUMNS, SqlUnit, Statements, as_cursor_row, in_chunks, in_questions

#: How many contacts `prune` drops in one transaction, and how many entries of state it looks at: some hundredths of a second,
#: in which nobody else writes.
_PRUNE_AT_ONCE: Final = 500
_LOOKED_AT_ONCE: Final = 2_000
#: Signals that are read in one go: as many as an answer over HTTP holds at most.
_LISTED_AT_ONCE: Final = 1_000
#: Newest first is this order turned round.
_SIGNAL_ORDER: Final = tuple(
    schema.signal.c[name] for name in ("at", "source", "contact", "contact_point", "signal", "occurrence")
)


_BEGUN: Final = tuple(schema.contact.c[name] for name in ("begun", "source", "contact", "contact_point"))


class SqlStore:
    """A store in one database. Reads outside a transaction see what was committed last."""

    def __init__(self, engine: SqlEngine) -> None:
        self._engine = engine
        self._statements = Statements(engine)
        self._lock = RLock()
        self._writer: Connection | None = None
        self._writing = False
        self._held = False

    @property
    def shown(self) -> str:
        """The store's name for messages, without a password."""
        return self._engine.shown

    def hold(self, sources: Collection[str]) -> None:
        """Be the only daemon for these sources; the first time before `open`, whose errors it raises too, and StoreHeld."""
        with self._lock, self._engine.errors(opening=not self._held):
            self._engine.hold(sources)
            self._held = True

    def held_by(self, sources: Collection[str]) -> str | None:
        with self._engine.errors():
            found = self._engine.holder(sources)
        return None if found is None else str(found)

    def open(self) -> None:
        """Make it ready: create or upgrade the tables. Raises StoreBroken when that cannot be, naming the remedy."""
        self.migrate()

    def migrate(self) -> tuple[str | None, str]:
        """The same, and which revision the tables had and have now; None: there were none."""
        with self._lock, self._engine.errors(opening=True):
            with self._asking() as connection:
                before = migrations.revision(connection, self.shown)
            if before != schema.REVISION:
                with self._begun(self._engine.begin_upgrade) as connection:
                    before = migrations.revision(connection, self.shown)  # another process may have been quicker
                    migrations.upgrade(connection, self.shown)
                self._lose_writer()  # it was set up for an upgrade
        return before, schema.REVISION

    def verify(self) -> None:
        """Whether `open` would take it, without making or changing anything in it. Raises StoreBroken, StoreUnavailable."""
        with self._engine.errors(opening=True), self._engine.reading() as connection:
            migrations.verify(connection, self.shown)

    def keep_key_check(self, value: str, *, replace: bool = False) -> str:
        kept = self.key_check()
        if kept is not None and not replace:
            return kept
        with self.whole() as connection:
            kept = connection.execute(select(schema.key_check.c.value)).scalar()  # another process may have been quicker
            if kept is None or replace:
                connection.execute(delete(schema.key_check))
                connection.execute(insert(schema.key_check).values(value=value))
                kept = value
        return str(kept)

    def key_check(self) -> str | None:
        """The check value that is kept; None where none is, also in a store whose tables are older. Changes nothing."""
        with self._engine.errors(opening=True), self._engine.reading() as connection:
            if not inspect(connection).has_table(schema.key_check.name):
                return None
            found: str | None = connection.execute(select(schema.key_check.c.value)).scalar()
        return found

    def close(self) -> None:
        with self._lock:
            self._lose_writer()
            self._engine.dispose()

    @contextmanager
    def transaction(self, source: str) -> Iterator[SqlUnit]:
        with self._lock, self._engine.errors(), self._writing_for(source) as connection:
            yield SqlUnit(source, connection, self._statements)

    @contextmanager
    def whole(self) -> Iterator[Connection]:
        """One transaction over all sources, for what is no batch: pruning and copying."""
        with self._lock, self._engine.errors(), self._writing_for(None) as connection:
            yield connection

    @contextmanager
    def rewriting(self, source: str) -> Iterator[tuple[SqlUnit, Connection, Connection]]:
        """One transaction on a source that goes through all of it: its unit, the unit's connection, and another one that reads
        what was there before."""
        with self._lock, self._engine.errors(), self._writing_for(source) as connection, self._engine.snapshot() as before:
            yield SqlUnit(source, connection, self._statements), connection, before

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """All of it as it is at one moment."""
        with self._engine.errors(), self._engine.snapshot() as connection:
            yield connection

    def _writing_for(self, source: str | None) -> AbstractContextManager[Connection]:
        return self._begun(lambda connection: self._engine.begin(connection, source))

    @contextmanager
    def _begun(self, begin: Callable[[Connection], None]) -> Iterator[Connection]:
        if self._writing:
            raise StoreUnavailable(f"store {self.shown}: another transaction of this process is still open")
        connection = self._connected()
        self._writing, done, usable = True, False, True
        try:
            begin(connection)
            yield connection
            usable = self._engine.commit(connection)
            done = True
        finally:
            self._writing = False
            if not done:
                usable = self._engine.roll_back(connection)
            if not usable:
                self._lose_writer()

    @contextmanager
    def _asking(self) -> Iterator[Connection]:
        """The connection that writes, outside a transaction; given up when it turns out to be broken."""
        connection, done = self._connected(), False
        try:
            yield connection
            done = True
        finally:
            if not done and not self._writing and not self._engine.roll_back(connection):
                self._lose_writer()

    def _connected(self) -> Connection:
        if self._writer is None:
            self._writer = self._engine.open_writer()
        return self._writer

    def _lose_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._engine.errors(), self._engine.reading() as connection:
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

    def running(self, source: str) -> Iterator[RunningRow]:
        contact = schema.contact.c
        columns = (contact[name] for name in RunningRow._fields)  # not the record, which is most of a row
        wanted = select(*columns).where(contact.source == source, contact.running.is_not(None))
        with self._reading() as connection, names.streamed(connection, wanted) as rows:
            for row in rows:
                yield RunningRow(*row)

    def concerned(self, since: Mapping[str, int]) -> set[str]:
        found: set[str] = set()
        with self._reading() as connection:
            for chunk in in_chunks(since):
                parameters = (*chunk, min(since[name] for name in chunk))
                rows = connection.exec_driver_sql(self._statements.owing[len(chunk)], parameters)
                found.update(source for source, customer, until in rows if until > since[customer])
            for questions in in_questions(list(since.items()), OPEN):
                rows = connection.exec_driver_sql(self._statements.came[len(questions) // 2], questions)
                found.update(source for _, source, *_ in rows)
        return found

    def heard(self, source: str) -> int:
        with self._reading() as connection:
            number: int | None = connection.execute(select(schema.heard.c.number).where(schema.heard.c.source == source)).scalar()
        return number or 0

    def told_after(self, number: int, besides: str) -> Iterator[tuple[str, ToldNews]]:
        told = schema.told.c
        wanted = select(told.source, told.number, told.since).where(told.number > number, told.source != besides)
        with self._reading() as connection, names.streamed(connection, wanted.order_by(told.number, told.source)) as rows:
            for source, each, since in rows:
                yield source, ToldNews(each, json.loads(since))

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

    def at_contact_point(self, name: str) -> dict[str, list[str]]:
        """Looks at the keys of all contacts: it is asked for by hand alone, and no index serves it."""
        if not storable(name):
            return {}
        contact, place = schema.contact.c, schema.place.c
        standing = select(contact.source, contact.contact).where(contact.contact_point == name)
        discovering = select(place.source).where(place.contact_point == name)
        with self._reading() as connection:
            found: dict[str, list[str]] = {source: [] for source in connection.execute(discovering).scalars()}
            for source, own in connection.execute(standing.order_by(contact.source, contact.contact)):
                found.setdefault(source, []).append(own)
        return dict(sorted(found.items()))

    def gaps(self, since: int) -> Sequence[GapRow]:
        gap = schema.gap.c
        wanted = select(gap.source, gap.since, gap.until).where(gap.until >= since).order_by(gap.since, gap.source)
        with self._reading() as connection:
            return [GapRow(*row) for row in connection.execute(wanted)]

    def signals(
        self, *, since: int | None = None, until: int | None = None, contact_points: Collection[str] | None = None,
        signal: str | None = None, limit: int | None = None, after: ListedSignal | None = None,
    ) -> Iterator[ListedSignal]:  # fmt: skip
        """Portion by portion, each by a question of its own: who reads slowly, as through a pager, keeps no transaction open."""
        row = schema.signal.c
        given: list[ColumnElement[bool]] = []
        if since is not None:
            given.append(row.at >= since)
        if until is not None:
            given.append(row.at < until)
        if contact_points is not None:
            given.append(_at_one_of(sorted(contact_points)))
        if signal is not None:
            given.append(row.signal == signal)
        left, last = limit, after
        while left is None or left > 0:
            most = _LISTED_AT_ONCE if left is None else min(_LISTED_AT_ONCE, left)
            portion = self._signals([*given, *_listed_after(last)], most)
            yield from portion
            if len(portion) < most:
                return
            left = None if left is None else left - most
            last = portion[-1]

    def _signals(self, conditions: Sequence[ColumnElement[bool]], most: int) -> list[ListedSignal]:
        row, contact = schema.signal.c, schema.contact.c
        same = (contact.source == row.source) & (contact.contact == row.contact) & (contact.contact_point == row.contact_point)
        later = schema.contact.alias()
        moved = select(func.min(later.c.id)).where(later.c.source == row.source, later.c.contact == row.contact).scalar_subquery()
        wanted = (
            select(row.source, func.coalesce(contact.id, moved, ""), *SIGNAL_COLUMNS)
            .select_from(schema.signal.outerjoin(schema.contact, same))
            .where(*conditions)
            .order_by(*(key.desc() for key in _SIGNAL_ORDER))
            .limit(most)
        )
        with self._reading() as connection:
            rows = connection.execute(wanted).all()
        return [ListedSignal(source, contact_id, SignalRow(*rest)) for source, contact_id, *rest in rows]

    def find(self, name: str) -> Sequence[FoundContact]:
        if not storable(name):
            return []
        with self._reading() as connection:
            found = {*names.by_id(connection, name), *names.by_own_name(connection, name)}
        return sorted(found, key=_key)

    def find_event(self, event_id: str) -> Sequence[FoundContact]:
        if not storable(event_id):
            return []
        with self._reading() as connection:
            return sorted(names.by_event(connection, event_id), key=_key)

    def around(self, customers: Collection[str], moment: int, since: int, until: int, most: int) -> Sequence[FoundContact]:
        with self._reading() as connection:
            return around(connection, customers, moment, since, until, most)

    def begun_between(self, since: int, until: int) -> Iterator[FoundContact]:
        """Contacts that began in [since, until), oldest first, as they were when the first one is taken."""
        contact = schema.contact.c
        order = (contact.begun, contact.source, contact.contact, contact.contact_point)
        with self._reading() as connection:
            yield from names.contacts(connection, contact.begun >= since, contact.begun < until, order=order)

    def begun_after(self, after: Begun, sources: Collection[str], most: int) -> Sequence[Begun]:
        wanted = select(*_BEGUN).where(*_later(after, sources)).order_by(*_BEGUN).limit(most)
        with self._reading() as connection:
            return [Begun(*row) for row in connection.execute(wanted)]

    def count_begun(self, after: Begun, sources: Collection[str]) -> int:
        with self._reading() as connection:
            found: int = connection.execute(select(func.count()).where(*_later(after, sources))).scalar_one()
        return found

    def signals_of_begun(self, since: int, until: int) -> Iterator[tuple[int, ListedSignal]]:
        contact, row = schema.contact.c, schema.signal.c
        same = (row.source == contact.source) & (row.contact == contact.contact)
        there = (row.contact_point == contact.contact_point) | contact.channel.in_(sorted(WRITTEN_CHANNELS))
        wanted = (
            select(contact.begun, contact.source, contact.id, *SIGNAL_COLUMNS)
            .select_from(schema.contact.join(schema.signal, same))
            .where(contact.begun >= since, contact.begun < until, there)
        )
        with self._reading() as connection, names.streamed(connection, wanted) as rows:
            for begun, source, contact_id, *signal in rows:
                yield begun, ListedSignal(source, contact_id, SignalRow(*signal))

    def prune(self, before: int) -> Iterator[int]:
        while gone := self._prune_contacts(before):
            yield gone
        yield from names.prune_events(self._reading, self.whole, before)
        for table in (schema.state, schema.news):
            yield from self._prune_aged(table, before)
        with self.whole() as connection:
            connection.execute(delete(schema.gap).where(schema.gap.c.until < before))
            self._engine.tidy(connection)

    def _prune_contacts(self, before: int) -> int:
        contact, signal = schema.contact.c, schema.signal.c
        key = (contact.source, contact.contact, contact.contact_point)
        over = (
            select(*key)
            .where(contact.last < before, contact.deadline.is_(None), contact.running.is_(None))
            .order_by(contact.last, *key)
            .limit(_PRUNE_AT_ONCE)
        )
        with self.whole() as connection:
            connection.execute(delete(schema.signal).where(tuple_(signal.source, signal.contact, signal.contact_point).in_(over)))
            pruned = over.subquery()
            names = select(pruned.c.source, pruned.c.contact)
            connection.execute(delete(schema.signal).where(tuple_(signal.source, signal.contact).in_(names), ~_has_contact()))
            return connection.execute(delete(schema.contact).where(tuple_(*key).in_(over))).rowcount

    def _prune_aged(self, table: Table, before: int) -> Iterator[int]:
        """Goes over all rows in the order of their keys: an index on their age would cost every write of one."""
        key, at = tuple(table.primary_key), table.c.at
        one = delete(table).where(*(column == bindparam(f"its_{column.name}") for column in key), at < bindparam("before"))
        after: tuple[ColumnElement[bool], ...] = ()
        while True:
            part = select(*key, at.label("age")).where(*after).order_by(*key).limit(_LOOKED_AT_ONCE)
            with self._reading() as reader:
                rows = reader.execute(part).all()
            if not rows:
                return
            after = (tuple_(*key) > tuple(rows[-1][:-1]),)
            old = [row[:-1] for row in rows if row.age < before]
            if old:
                with self.whole() as connection:
                    names = [f"its_{column.name}" for column in key]
                    connection.execute(one, [dict(zip(names, row, strict=True)) | {"before": before} for row in old])
            yield 0

    def size_bytes(self) -> int | None:
        with self._engine.errors():
            return self._engine.size_bytes()

    def generation(self) -> int:
        """Changes with every commit of another process, never with one of this store's own."""
        with self._lock, self._engine.errors(), self._asking() as connection:
            return self._engine.generation(connection)


def _later(after: Begun, sources: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    """The first condition is for the index."""
    return _BEGUN[0] >= after.at, tuple_(*_BEGUN) > tuple(after), schema.contact.c.source.in_(sorted(sources))


def _has_contact() -> Exists:
    """Whether a contact stands where a signal fell. One that has moved since stands elsewhere."""
    row, contact = schema.signal.c, schema.contact.c
    same = (contact.source == row.source) & (contact.contact == row.contact) & (contact.contact_point == row.contact_point)
    return select(contact.id).where(same).exists()


def _at_one_of(contact_points: Sequence[str]) -> ColumnElement[bool]:
    """That a signal is of one of these. One alone has an index; the rows of several would have to be sorted, so that they are
    read along with all others, by the moment."""
    row = schema.signal.c
    if len(contact_points) == 1:
        return row.contact_point == contact_points[0]
    return func.coalesce(row.contact_point, "").in_(contact_points)


def _listed_after(last: ListedSignal | None) -> tuple[ColumnElement[bool], ...]:
    """That a signal stands after this one, newest first. The first condition is what an index on the moment serves."""
    if last is None:
        return ()
    return schema.signal.c.at <= last.row.at, tuple_(*_SIGNAL_ORDER) < (last.row.at, last.source, *last.row[:4])


def _key(found: FoundContact) -> tuple[str, ContactKey]:
    return found.source, found.row[:2]


def _after_prefix(prefix: str) -> str | None:
    """The least text that is greater than all texts which begin with `prefix`; None when there is none."""
    for length in range(len(prefix), 0, -1):
        code = ord(prefix[length - 1])
        if code < 0x10FFFF:
            # 0xD800 to 0xDFFF are no characters.
            return prefix[: length - 1] + chr(0xE000 if code == 0xD7FF else code + 1)
    return None
