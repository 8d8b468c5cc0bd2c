"""One open transaction in SQL. Its statements are compiled once and handed to the driver as they are.

A row costs SQLAlchemy more than it costs the database (docs/decisions/store.md), so rows go to the driver's `executemany`.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from sqlalchemy import Column, Connection, bindparam, delete, exists, insert, select, update
from sqlalchemy.sql import ClauseElement

from monitor.errors import CursorMoved
from monitor.store import schema
from monitor.store.base import (
    NO_CURSOR,
    ContactKey,
    ContactRow,
    CursorRow,
    NamedEvent,
    PlaceRow,
    SignalRow,
    TotalKey,
    WeekKey,
)
from monitor.store.engines import SqlEngine

CONTACT_COLUMNS: Final = tuple(schema.contact.c[name] for name in ContactRow._fields)
SIGNAL_COLUMNS: Final = tuple(schema.signal.c[name] for name in SignalRow._fields)
#: How many values one `IN` may take; a shorter list is filled up with its last value, so that few statements serve all.
_SIZES: Final = (1, 8, 64, 512)


class Statements:
    """Every statement of a transaction as the driver takes it, in the order of its parameters."""

    def __init__(self, engine: SqlEngine) -> None:
        dialect, upsert = engine.dialect, engine.upsert

        def text(statement: ClauseElement) -> str:
            return str(statement.compile(dialect=dialect))

        def among(column: Column[Any], *conditions: Any) -> dict[int, str]:
            found = select(*CONTACT_COLUMNS).where(column.table.c.source == bindparam("source"))
            return {
                size: text(found.where(column.in_([bindparam(f"value_{n}") for n in range(size)]), *conditions))
                for size in _SIZES
            }

        source, contact, signal, state = schema.source.c, schema.contact.c, schema.signal.c, schema.state.c
        self.cursor_row = text(
            select(source.version, source.cursor, source.watermark, source.last_outbound).where(
                source.source == bindparam("source")
            )
        )
        self.first_move = text(insert(schema.source))
        self.move = text(
            update(schema.source)
            .values({name: bindparam(f"new_{name}") for name in ("version", "cursor", "watermark", "last_outbound")})
            .where(source.source == bindparam("name"), source.version == bindparam("seen"))
        )
        self.contacts = among(contact.contact)
        self.missed = among(contact.customer, contact.missed_at.is_not(None))
        self.due = text(
            select(*CONTACT_COLUMNS)
            .where(contact.source == bindparam("source"), contact.deadline <= bindparam("until"))
            .order_by(contact.deadline, contact.contact, contact.contact_point)
            .limit(bindparam("most"))
            .offset(bindparam("skipped"))
        )
        self.first_reached = text(
            select(contact.reached_at, contact.contact)
            .where(
                contact.source == bindparam("source"),
                contact.customer == bindparam("customer"),
                contact.reached_at > bindparam("after"),
            )
            .order_by(contact.reached_at, contact.contact)
            .limit(bindparam("most"))
            .offset(bindparam("skipped"))
        )
        self.put_contact = text(upsert(schema.contact))
        self.drop_contact = text(
            delete(schema.contact).where(
                contact.source == bindparam("source"),
                contact.contact == bindparam("contact"),
                contact.contact_point == bindparam("contact_point"),
            )
        )

        self.put_named_event = text(upsert(schema.named_event))
        # No index leads from a contact to its events: that would cost every mail, and this is asked for by hand alone.
        event = schema.named_event.c
        is_left = exists().where(contact.source == event.source, contact.contact == event.contact)
        of_source = delete(schema.named_event).where(event.source == bindparam("source"), ~is_left)
        self.drop_named_events = {
            size: text(of_source.where(event.contact.in_([bindparam(f"value_{n}") for n in range(size)]))) for size in _SIZES
        }
        self.put_signal = text(upsert(schema.signal))
        self.drop_signal = text(
            delete(schema.signal).where(
                signal.source == bindparam("source"),
                signal.contact == bindparam("contact"),
                signal.contact_point == bindparam("contact_point"),
                signal.signal == bindparam("signal"),
                signal.occurrence == bindparam("occurrence"),
            )
        )
        self.add_total = text(upsert(schema.total, adding=("value",)))
        self.add_week = text(upsert(schema.week, adding=("assessed", "signals")))
        self.put_place = text(upsert(schema.place))
        place = schema.place.c
        self.drop_places = text(
            delete(schema.place).where(place.source == bindparam("source"), place.contact_point == bindparam("contact_point"))
        )
        self.put_state = text(upsert(schema.state))
        self.drop_state = text(delete(schema.state).where(state.source == bindparam("source"), state.key == bindparam("key")))
        self.put_gap = text(upsert(schema.gap))


class SqlUnit:
    """One open transaction on one source's rows."""

    def __init__(self, source: str, connection: Connection, statements: Statements) -> None:
        self._source, self._connection, self._sql = source, connection, statements

    def cursor_row(self) -> CursorRow:
        rows = self._rows(self._sql.cursor_row, (self._source,))
        return as_cursor_row(rows[0]) if rows else NO_CURSOR

    def move(self, version: int, cursor: dict[str, Any] | None, watermark: int | None, last_outbound: int | None) -> None:
        old = self.cursor_row()
        if old.version != version:
            raise CursorMoved(f"source {self._source}: somebody else has read on from version {version} to {old.version}")
        new = (
            version + 1,
            None if cursor is None else json.dumps(cursor),
            old.watermark if watermark is None else watermark,
            old.last_outbound if last_outbound is None else last_outbound,
        )
        if old is NO_CURSOR:
            self._connection.exec_driver_sql(self._sql.first_move, (self._source, *new))
        elif self._connection.exec_driver_sql(self._sql.move, (*new, self._source, version)).rowcount != 1:
            raise CursorMoved(f"source {self._source}: somebody else has read on from version {version}")

    def contacts(self, keys: Iterable[ContactKey]) -> dict[ContactKey, ContactRow]:
        wanted = set(keys)
        rows = self._among(self._sql.contacts, {contact for contact, _ in wanted})
        return {key: row for row in rows if (key := row[:2]) in wanted}

    def contacts_named(self, names: Iterable[str]) -> dict[str, list[ContactRow]]:
        found: defaultdict[str, list[ContactRow]] = defaultdict(list)
        for row in self._among(self._sql.contacts, set(names)):
            found[row.contact].append(row)
        return {name: sorted(rows, key=lambda row: row.contact_point) for name, rows in found.items()}

    def due(self, until: int, limit: int) -> Sequence[ContactRow]:
        return [ContactRow(*row) for row in self._rows(self._sql.due, (self._source, until, limit, 0))]

    def missed(self, customers: Iterable[str]) -> Sequence[ContactRow]:
        found = self._among(self._sql.missed, set(customers))
        return sorted(found, key=lambda row: (row.missed_at, row[:2]))

    def first_reached(self, pairs: Iterable[tuple[str, int]]) -> dict[tuple[str, int], tuple[int, str]]:
        found = {}
        for pair in pairs:
            for at, contact in self._rows(self._sql.first_reached, (self._source, *pair, 1, 0)):
                found[pair] = (at, contact)
        return found

    def put_contacts(self, rows: Sequence[ContactRow]) -> None:
        self._many(self._sql.put_contact, [(self._source, *row) for row in rows])

    def drop_contacts(self, keys: Sequence[ContactKey]) -> None:
        self._many(self._sql.drop_contact, [(self._source, *key) for key in keys])

    def put_named_events(self, rows: Sequence[NamedEvent]) -> None:
        self._many(self._sql.put_named_event, [(self._source, row.at // schema.DAY, row.event, row.contact) for row in rows])

    def drop_named_events(self, contacts: Collection[str]) -> None:
        for chunk in in_chunks(contacts):
            self._connection.exec_driver_sql(self._sql.drop_named_events[len(chunk)], (self._source, *chunk))

    def put_signals(self, rows: Sequence[SignalRow]) -> None:
        self._many(self._sql.put_signal, [(self._source, *row) for row in rows])

    def drop_signals(self, keys: Sequence[tuple[str, str, str, str]]) -> None:
        self._many(self._sql.drop_signal, [(self._source, *key) for key in keys])

    def add_totals(self, deltas: Mapping[TotalKey, float]) -> None:
        rows = [(self._source, metric, _as_json(labels), delta) for (metric, labels), delta in deltas.items()]
        self._many(self._sql.add_total, rows)

    def add_weeks(self, deltas: Mapping[WeekKey, tuple[int, int]]) -> None:
        self._many(self._sql.add_week, [(self._source, *key, *pair) for key, pair in deltas.items()])

    def put_places(self, rows: Sequence[PlaceRow]) -> None:
        self._many(self._sql.put_place, [(self._source, *row) for row in rows])

    def drop_places(self, contact_point: str) -> None:
        self._many(self._sql.drop_places, [(self._source, contact_point)])

    def write_state(self, entries: Mapping[str, str | None], at: int) -> None:
        kept = [(self._source, key, value, at) for key, value in entries.items() if value is not None]
        self._many(self._sql.put_state, kept)
        self._many(self._sql.drop_state, [(self._source, key) for key, value in entries.items() if value is None])

    def put_gap(self, since: int, until: int) -> None:
        self._many(self._sql.put_gap, [(self._source, since, until)])

    def _many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        if rows:
            self._connection.exec_driver_sql(sql, rows)

    def _rows(self, sql: str, parameters: tuple[Any, ...]) -> Sequence[Any]:
        return self._connection.exec_driver_sql(sql, parameters).fetchall()

    def _among(self, by_size: Mapping[int, str], values: Iterable[str]) -> Iterator[ContactRow]:
        for chunk in in_chunks(values):
            for row in self._rows(by_size[len(chunk)], (self._source, *chunk)):
                yield ContactRow(*row)


@lru_cache(maxsize=16_384)  # the same few labels come with every batch
def _as_json(labels: tuple[str, ...]) -> str:
    return json.dumps(labels)


def in_chunks(values: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """`values` in tuples whose lengths are of `_SIZES`, the last one filled up by repeating its last value."""
    rest = iter(values)
    while chunk := tuple(islice(rest, _SIZES[-1])):
        size = next(size for size in _SIZES if size >= len(chunk))
        yield chunk + chunk[-1:] * (size - len(chunk))


def as_cursor_row(row: Sequence[Any]) -> CursorRow:
    """(version, cursor as JSON, watermark, last_outbound) as stored -> CursorRow."""
    version, cursor, watermark, last_outbound = row
    return CursorRow(version, None if cursor is None else json.loads(cursor), watermark, last_outbound)
