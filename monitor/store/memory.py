"""The store as plain dictionaries: the reference of what every store does, for tests and for trying things out."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import Any

from monitor.errors import CursorMoved, StoreUnavailable
from monitor.store.base import (
    NO_CURSOR,
    ContactKey,
    ContactRow,
    CursorRow,
    FoundContact,
    GapRow,
    ListedSignal,
    NamedEvent,
    PlaceRow,
    RunningRow,
    SignalRow,
    TotalKey,
    WeekKey,
    holds_event,
)

_SignalKey = tuple[str, str, str, str]


class _Shard:
    """All rows of one source, with small indexes over the contacts that are still of interest."""

    def __init__(self) -> None:
        self.row: dict[None, CursorRow] = {}
        self.contacts: dict[ContactKey, ContactRow] = {}
        self.names: defaultdict[str, dict[ContactKey, None]] = defaultdict(dict)
        self.deadlines: dict[ContactKey, int] = {}
        self.running: dict[ContactKey, None] = {}
        self.missed: defaultdict[str, dict[ContactKey, int]] = defaultdict(dict)  # customer -> missed_at
        self.reached: defaultdict[str, dict[ContactKey, int]] = defaultdict(dict)  # customer -> reached_at
        self.named: defaultdict[str, dict[str, None]] = defaultdict(dict)  # id of an event -> contacts
        self.signals: dict[_SignalKey, SignalRow] = {}
        self.totals: dict[TotalKey, float] = {}
        self.weeks: dict[WeekKey, tuple[int, int]] = {}
        self.places: dict[str, PlaceRow] = {}
        self.gaps: dict[int, int] = {}
        self.state: dict[str, tuple[str, int]] = {}


class _Journal:
    """Writes to dictionaries and can take all of it back."""

    def __init__(self) -> None:
        self._undo: list[tuple[dict[Any, Any], Any, bool, Any]] = []

    def put(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        self._undo.append((table, key, key in table, table.get(key)))
        table[key] = value

    def drop(self, table: dict[Any, Any], key: Any) -> None:
        if key in table:
            self._undo.append((table, key, True, table.pop(key)))

    def keep(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        """Put `value`, or drop the key when it is None."""
        if value is None:
            self.drop(table, key)
        else:
            self.put(table, key, value)

    def roll_back(self) -> None:
        for table, key, existed, old in reversed(self._undo):
            if existed:
                table[key] = old
            else:
                table.pop(key, None)


class MemoryUnit:
    """One open transaction on one source's dictionaries."""

    def __init__(self, source: str, shard: _Shard, journal: _Journal) -> None:
        self._source, self._shard, self._journal = source, shard, journal

    def cursor_row(self) -> CursorRow:
        return self._shard.row.get(None, NO_CURSOR)

    def move(self, version: int, cursor: dict[str, Any] | None, watermark: int | None, last_outbound: int | None) -> None:
        old = self.cursor_row()
        if old.version != version:
            raise CursorMoved(f"source {self._source}: somebody else has read on from version {version} to {old.version}")
        new = CursorRow(
            version + 1,
            json.loads(json.dumps(cursor)),
            old.watermark if watermark is None else watermark,
            old.last_outbound if last_outbound is None else last_outbound,
        )
        self._journal.put(self._shard.row, None, new)

    def contacts(self, keys: Iterable[ContactKey]) -> dict[ContactKey, ContactRow]:
        stored = self._shard.contacts
        return {key: stored[key] for key in keys if key in stored}

    def contacts_named(self, names: Iterable[str]) -> dict[str, list[ContactRow]]:
        keys = {name: sorted(self._shard.names.get(name, ())) for name in set(names)}
        return {name: [self._shard.contacts[key] for key in of_name] for name, of_name in keys.items() if of_name}

    def due(self, until: int, limit: int) -> Sequence[ContactRow]:
        fallen = sorted((deadline, key) for key, deadline in self._shard.deadlines.items() if deadline <= until)
        return [self._shard.contacts[key] for _, key in fallen[:limit]]

    def missed(self, customers: Iterable[str]) -> Sequence[ContactRow]:
        found = sorted((at, key) for customer in set(customers) for key, at in self._shard.missed.get(customer, {}).items())
        return [self._shard.contacts[key] for _, key in found]

    def first_reached(self, pairs: Iterable[tuple[str, int]]) -> dict[tuple[str, int], tuple[int, str]]:
        found = {}
        for customer, after in pairs:
            later = [(at, key[0]) for key, at in self._shard.reached.get(customer, {}).items() if at > after]
            if later:
                found[customer, after] = min(later)
        return found

    def put_contacts(self, rows: Sequence[ContactRow]) -> None:
        for row in rows:
            _drop_contact(self._shard, self._journal, (row.contact, row.contact_point))
            _put_contact(self._shard, self._journal, row)

    def drop_contacts(self, keys: Sequence[ContactKey]) -> None:
        for key in keys:
            _drop_contact(self._shard, self._journal, key)

    def put_named_events(self, rows: Sequence[NamedEvent]) -> None:
        for row in rows:
            self._journal.put(self._shard.named[row.event], row.contact, None)

    def drop_named_events(self, contacts: Collection[str]) -> None:
        for name in contacts:
            if not self._shard.names.get(name):
                for named in self._shard.named.values():
                    self._journal.drop(named, name)

    def put_signals(self, rows: Sequence[SignalRow]) -> None:
        for row in rows:
            self._journal.put(self._shard.signals, row[:4], row)

    def drop_signals(self, keys: Sequence[_SignalKey]) -> None:
        for key in keys:
            self._journal.drop(self._shard.signals, key)

    def add_totals(self, deltas: Mapping[TotalKey, float]) -> None:
        for key, delta in deltas.items():
            self._journal.put(self._shard.totals, key, self._shard.totals.get(key, 0.0) + delta)

    def add_weeks(self, deltas: Mapping[WeekKey, tuple[int, int]]) -> None:
        for key, (assessed, signals) in deltas.items():
            old = self._shard.weeks.get(key, (0, 0))
            self._journal.put(self._shard.weeks, key, (old[0] + assessed, old[1] + signals))

    def put_places(self, rows: Sequence[PlaceRow]) -> None:
        for row in rows:
            self._journal.put(self._shard.places, row.place, row)

    def drop_places(self, contact_point: str) -> None:
        for place in [row.place for row in self._shard.places.values() if row.contact_point == contact_point]:
            self._journal.drop(self._shard.places, place)

    def write_state(self, state: Mapping[str, str | None], at: int) -> None:
        for key, value in state.items():
            self._journal.keep(self._shard.state, key, None if value is None else (value, at))

    def put_gap(self, since: int, until: int) -> None:
        self._journal.put(self._shard.gaps, since, until)


class MemoryStore:
    """A whole store in this process; everything is gone with it. Set `fail_next` to make the next commit raise it."""

    def __init__(self) -> None:
        self.fail_next: Exception | None = None
        self._shards: defaultdict[str, _Shard] = defaultdict(_Shard)
        self._lock = RLock()
        self._writing = False
        self._key_check: str | None = None

    def hold(self, sources: Collection[str]) -> None:
        """No other process can see it."""

    def open(self) -> None:
        """Nothing needs to be made ready."""

    def close(self) -> None:
        """Nothing is held."""

    def keep_key_check(self, value: str, *, replace: bool = False) -> str:
        with self._lock:
            if replace or self._key_check is None:
                self._key_check = value
            return self._key_check

    @contextmanager
    def transaction(self, source: str) -> Iterator[MemoryUnit]:
        with self._lock, self._journal() as journal:
            yield MemoryUnit(source, self._shards[source], journal)

    @contextmanager
    def _journal(self) -> Iterator[_Journal]:
        if self._writing:
            raise StoreUnavailable("another transaction of this store is still open")
        self._writing, journal, done = True, _Journal(), False
        try:
            yield journal
            failure, self.fail_next = self.fail_next, None
            if failure is not None:
                raise failure
            done = True
        finally:
            self._writing = False
            if not done:
                journal.roll_back()

    def cursor_row(self, source: str) -> CursorRow:
        with self._lock:
            return self._shards[source].row.get(None, NO_CURSOR)

    def read_state(self, source: str, keys: Iterable[str]) -> dict[str, str]:
        with self._lock:
            state = self._shards[source].state
            return {key: state[key][0] for key in keys if key in state}

    def read_state_prefix(self, source: str, prefix: str) -> dict[str, str]:
        with self._lock:
            return {key: entry[0] for key, entry in self._shards[source].state.items() if key.startswith(prefix)}

    def next_deadline(self, source: str) -> int | None:
        with self._lock:
            return min(self._shards[source].deadlines.values(), default=None)

    def running(self, source: str) -> Iterator[RunningRow]:
        with self._lock:
            shard = self._shards[source]
            rows = [shard.contacts[key] for key in shard.running]
        return (RunningRow(*row[:2], row.channel, row.running, row.missed_at) for row in rows if row.running is not None)

    def totals(self) -> dict[TotalKey, float]:
        with self._lock:
            summed: dict[TotalKey, float] = {}
            for shard in self._shards.values():
                for key, value in shard.totals.items():
                    summed[key] = summed.get(key, 0.0) + value
            return summed

    def weeks(self, since: str) -> dict[WeekKey, tuple[int, int]]:
        with self._lock:
            summed: dict[WeekKey, tuple[int, int]] = {}
            for shard in self._shards.values():
                for key, (assessed, signals) in shard.weeks.items():
                    if key[2] >= since:
                        old = summed.get(key, (0, 0))
                        summed[key] = (old[0] + assessed, old[1] + signals)
            return {key: pair for key, pair in summed.items() if pair != (0, 0)}

    def places(self, source: str) -> Sequence[PlaceRow]:
        with self._lock:
            return [row for _, row in sorted(self._shards[source].places.items())]

    def at_contact_point(self, name: str) -> dict[str, list[str]]:
        with self._lock:
            return {
                source: sorted(contact for contact, point in shard.contacts if point == name)
                for source, shard in sorted(self._shards.items())
                if any(point == name for _, point in shard.contacts)
                or any(row.contact_point == name for row in shard.places.values())
            }

    def gaps(self, since: int) -> Sequence[GapRow]:
        with self._lock:
            found = [GapRow(name, start, end) for name, shard in self._shards.items() for start, end in shard.gaps.items()]
        return sorted((gap for gap in found if gap.until >= since), key=lambda gap: (gap.since, gap.source))

    def signals(
        self, *, since: int | None = None, until: int | None = None, contact_point: str | None = None,
        signal: str | None = None, limit: int | None = None,
    ) -> Iterator[ListedSignal]:  # fmt: skip
        """Signals with `since` <= moment < `until`, newest first."""
        with self._lock:
            found = [
                ListedSignal(name, _id_of(shard, row), row)
                for name, shard in self._shards.items()
                for row in shard.signals.values()
                if (since is None or row.at >= since)
                and (until is None or row.at < until)
                and (contact_point is None or row.contact_point == contact_point)
                and (signal is None or row.signal == signal)
            ]
        found.sort(key=lambda listed: (listed.row.at, listed.source, listed.row[:4]), reverse=True)
        return iter(found[:limit])

    def find(self, name: str) -> Sequence[FoundContact]:
        return [found for found in self._all() if name in (found.row.id, found.row.contact)]

    def find_event(self, event_id: str) -> Sequence[FoundContact]:
        return [
            found
            for found in self._all()
            if found.row.contact in self._shards[found.source].named.get(event_id, ()) and holds_event(found.row.record, event_id)
        ]

    def begun_between(self, since: int, until: int) -> Iterator[FoundContact]:
        found = [found for found in self._all() if since <= found.row.begun < until]
        return iter(sorted(found, key=lambda each: (each.row.begun, each.source, each.row[:2])))

    def prune(self, before: int) -> Iterator[int]:
        yield self._prune(before)

    def _prune(self, before: int) -> int:
        with self._lock, self._journal() as journal:
            gone = 0
            for shard in self._shards.values():
                over = {
                    key
                    for key, row in shard.contacts.items()
                    if row.last < before and row.deadline is None and row.running is None
                }
                for key in over:
                    _drop_contact(shard, journal, key)
                gone += len(over)
                kept = {contact for contact, _ in shard.contacts}
                for contacts in shard.named.values():
                    for contact in [contact for contact in contacts if contact not in kept]:
                        journal.drop(contacts, contact)
                names = {name for name, _ in over}
                for signal_key in [key for key in shard.signals if key[0] in names and key[:2] not in shard.contacts]:
                    journal.drop(shard.signals, signal_key)
                for entry in [key for key, (_, at) in shard.state.items() if at < before]:
                    journal.drop(shard.state, entry)
                for start in [start for start, end in shard.gaps.items() if end < before]:
                    journal.drop(shard.gaps, start)
            return gone

    def size_bytes(self) -> int | None:
        return None

    def generation(self) -> int:
        return 0

    def _all(self) -> list[FoundContact]:
        with self._lock:
            return [
                FoundContact(name, row)
                for name, shard in sorted(self._shards.items())
                for _, row in sorted(shard.contacts.items())
            ]


def _id_of(shard: _Shard, signal: SignalRow) -> str:
    """The id of the contact at which a signal fell, or of where that is now."""
    there = shard.contacts.get(signal[:2])
    return (
        there.id
        if there is not None
        else min((row.id for key, row in shard.contacts.items() if key[0] == signal.contact), default="")
    )


def _put_contact(shard: _Shard, journal: _Journal, row: ContactRow) -> None:
    key = (row.contact, row.contact_point)
    journal.put(shard.contacts, key, row)
    journal.put(shard.names[row.contact], key, None)
    journal.keep(shard.deadlines, key, row.deadline)
    if row.running is not None:
        journal.put(shard.running, key, None)
    if row.customer is not None:
        journal.keep(shard.missed[row.customer], key, row.missed_at)
        journal.keep(shard.reached[row.customer], key, row.reached_at)


def _drop_contact(shard: _Shard, journal: _Journal, key: ContactKey) -> None:
    old = shard.contacts.get(key)
    if old is None:
        return
    journal.drop(shard.contacts, key)
    journal.drop(shard.names[old.contact], key)
    journal.drop(shard.deadlines, key)
    journal.drop(shard.running, key)
    if old.customer is not None:
        journal.drop(shard.missed[old.customer], key)
        journal.drop(shard.reached[old.customer], key)
