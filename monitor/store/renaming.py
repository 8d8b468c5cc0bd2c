"""Brings what is stored of a source under other names, once: contacts, events, signals and the connector's own entries."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple, Protocol

from sqlalchemy import Connection, Table, delete, select

from monitor import log
from monitor.store import migrations, schema
from monitor.store.base import ContactRow, NamedEvent, SignalRow
from monitor.store.sql import SqlStore
from monitor.store.unit import CONTACT_COLUMNS, SIGNAL_COLUMNS, SqlUnit

#: The entry of a source whose names have been brought over; it is never old enough to be dropped.
_DONE: Final = "engine:names"
_NEVER_OLD: Final = 2**62
_ROWS_AT_ONCE: Final = 500


class Renaming(Protocol):
    """The new names of one source. What has no new one keeps the old."""

    def contact(self, name: str) -> str:
        """Of a contact."""

    def event(self, event_id: str) -> str:
        """Of an event, where it is found by it."""

    def entry(self, key: str, entry: str) -> tuple[str, str]:
        """An entry of the connector's state."""

    def record(self, record: str) -> tuple[str, Mapping[str, str]]:
        """The record of a contact, and by what occurrence its signals are known then."""


def rename(store: SqlStore, source: str, renaming: Renaming, version: str) -> None:
    """All of a source in one transaction, or nothing; nothing where it is done. `version` is kept as the sign that it is.

    Raises StoreUnavailable, StoreBroken.
    """
    if store.read_state(source, [_DONE]).get(_DONE) == version:
        return
    with store.rewriting(source) as (unit, writing, before):
        state = schema.state.c
        done = select(state.value).where(state.source == source, state.key == _DONE)
        if writing.execute(done).scalar() == version:
            return  # another process was quicker
        _Rewriting(source, renaming, unit, writing, before).run()
        unit.write_state({_DONE: version}, _NEVER_OLD)


class _Rewriting(NamedTuple):
    source: str
    renaming: Renaming
    unit: SqlUnit
    writing: Connection
    before: Connection

    def run(self) -> None:
        self._entries()
        self._named_events()
        done = 0
        for rows in self._portions(schema.contact, CONTACT_COLUMNS):
            self._contacts([ContactRow(*row) for row in rows])
            done += len(rows)
            if done % migrations.SHOWN_EVERY < _ROWS_AT_ONCE <= done:
                log.get("store").info("names are replaced by hashes, once", source=self.source, contacts=done)

    def _portions(self, table: Table, columns: Iterable[Any]) -> Iterator[list[Any]]:
        wanted = select(*columns).where(table.c.source == self.source).order_by(*table.primary_key)
        with self.before.execute(wanted.execution_options(yield_per=_ROWS_AT_ONCE)) as found:
            yield from map(list, found.partitions())

    def _entries(self) -> None:
        state = schema.state.c
        for rows in self._portions(schema.state, (state.key, state.value, state.at)):
            self.unit.write_state({key: None for key, _, _ in rows}, 0)
            for at, entries in groupby(sorted(rows, key=itemgetter(2)), key=itemgetter(2)):
                self.unit.write_state(dict(self.renaming.entry(key, value) for key, value, _ in entries), at)

    def _named_events(self) -> None:
        event = schema.named_event.c
        self.writing.execute(delete(schema.named_event).where(event.source == self.source))
        for rows in self._portions(schema.named_event, (event.contact, event.event, event.day)):
            named = [
                NamedEvent(self.renaming.contact(contact), self.renaming.event(name), day * schema.DAY)
                for contact, name, day in rows
            ]
            self.unit.put_named_events(named)

    def _contacts(self, rows: list[ContactRow]) -> None:
        signal, occurrences = schema.signal.c, dict[str, dict[str, str]]()
        fresh = []
        for row in rows:
            record, counted = self.renaming.record(row.record)
            occurrences.setdefault(row.contact, {}).update(counted)
            fresh.append(row._replace(contact=self.renaming.contact(row.contact), record=record))
        self.unit.drop_contacts([row[:2] for row in rows])
        self.unit.put_contacts(fresh)
        wanted = select(*SIGNAL_COLUMNS).where(signal.source == self.source, signal.contact.in_(occurrences))
        signals = [SignalRow(*row) for row in self.before.execute(wanted)]
        self.unit.drop_signals([row[:4] for row in signals])
        self.unit.put_signals(
            [
                row._replace(
                    contact=self.renaming.contact(row.contact),
                    occurrence=occurrences[row.contact].get(row.occurrence, row.occurrence),
                )
                for row in signals
            ]
        )
