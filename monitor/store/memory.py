"""The store as plain dictionaries: the reference of what every store does, for tests and for trying things out."""

import json
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import Any

from monitor.domain.event import WRITTEN_CHANNELS
from monitor.domain.news import TELLING, News
from monitor.domain.returns import MOST_NEWS, Told
from monitor.errors import CursorMoved, StoreUnavailable
from monitor.store.base import (
    LOOKED_AT,
    MOST_COMINGS,
    NO_CURSOR,
    OPEN,
    TOLD_KEPT,
    Begun,
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
    ToldNews,
    TotalKey,
    WeekKey,
    holds_event,
)

_SignalKey = tuple[str, str, str, str]


_NewsKey = tuple[str, str, int]  # our id of the contact, kind, moment
_Dated = tuple[int, str, str, News]  # moment, contact, kind


class _Shard:
    """All rows of one source, with small indexes over the contacts that are still of interest."""

    def __init__(self) -> None:
        self.row: dict[None, CursorRow] = {}
        self.contacts: dict[ContactKey, ContactRow] = {}
        self.names: defaultdict[str, dict[ContactKey, None]] = defaultdict(dict)
        self.deadlines: dict[ContactKey, int] = {}
        self.running: dict[ContactKey, None] = {}
        self.owed: defaultdict[str, dict[ContactKey, int]] = defaultdict(dict)  # customer -> owed_until
        self.news: defaultdict[str, dict[_NewsKey, News]] = defaultdict(dict)  # contact -> what it told
        self.customers: defaultdict[str, list[_Dated]] = defaultdict(list)  # the same by customer, in order
        self.told: dict[int, dict[str, int]] = {}
        self.heard: dict[None, int] = {}
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

    def insert(self, into: list[Any], value: Any) -> None:
        """Into a list that is in order."""
        insort(into, value)
        self._undo.append(({}, lambda: into.remove(value), False, None))

    def remove(self, of: list[Any], value: Any) -> None:
        del of[bisect_left(of, value)]
        self._undo.append(({}, lambda: insort(of, value), False, None))

    def roll_back(self) -> None:
        for table, key, existed, old in reversed(self._undo):
            if callable(key):
                key()
            elif existed:
                table[key] = old
            else:
                table.pop(key, None)


class MemoryUnit:
    """One open transaction on one source's dictionaries, which reads the news of all."""

    def __init__(self, source: str, shards: Mapping[str, _Shard], journal: _Journal) -> None:
        self._source, self._all, self._shard, self._journal = source, shards, shards[source], journal

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

    def owed(self, since: Mapping[str, int]) -> Sequence[ContactRow]:
        found = [self._shard.contacts[key] for key in _owed(self._shard, since)]
        return sorted(found, key=lambda row: (row.owed_since, row[:2]))

    def came(self, since: Mapping[str, int], *, besides: Collection[str] = ()) -> Sequence[ContactRow]:
        came = (told.news for told in _came(self._all, since) if told.source == self._source and told.news.id not in besides)
        keys = {(key, news.id) for news in came for key in self._shard.names.get(news.contact, ())}
        rows = [self._shard.contacts[key] for key, our_id in keys if self._shard.contacts[key].id == our_id]
        return sorted(rows, key=lambda row: (row.begun, row[:2]))

    def comings(self, asked: Sequence[tuple[Collection[str], int]]) -> list[set[tuple[str, str, int]]]:
        return [
            {(told.source, told.news.contact, told.news.at) for told in _came(self._all, dict.fromkeys(names, since))}
            for names, since in asked
        ]

    def put_news(self, rows: Sequence[News]) -> None:
        for row in rows:
            self.drop_news((row,))  # also one that comes twice in `rows`
            key = (row.id, row.kind, row.at)
            self._journal.put(self._shard.news[row.contact], key, row)
            self._journal.insert(self._shard.customers[row.customer], _dated(row))

    def drop_news(self, rows: Sequence[News]) -> None:
        for row in rows:
            key = (row.id, row.kind, row.at)
            have = self._shard.news[row.contact].get(key)
            if have is not None:
                self._journal.drop(self._shard.news[row.contact], key)
                self._journal.remove(self._shard.customers[have.customer], _dated(have))

    def news_of(self, contacts: Iterable[str]) -> list[News]:
        return [row for contact in set(contacts) for row in self._shard.news.get(contact, {}).values()]

    def first_words(self, customers: Iterable[str], after: int, *, spoken: bool, besides: str) -> Told | None:
        found = [
            told
            for told in _told(self._all, customers)
            if told.news.at > after
            and told.news.kind == "words"
            and (told.news.channel == "phone" or not (spoken or (told.source == self._source and told.news.contact == besides)))
        ]
        return min(found, key=lambda each: (each.news.at, each.source, each.news.contact), default=None)

    def news_before(self, asked: Sequence[tuple[Collection[str], int]]) -> list[list[Told]]:
        found = []
        for names, until in asked:
            of_all: list[Told] = []
            for name in set(names):
                latest = [
                    (at, source, contact, row)
                    for source, shard in self._all.items()
                    for at, contact, _, row in _until(shard.customers.get(name, ()), until, MOST_NEWS)
                ]
                latest.sort(key=lambda each: each[:3], reverse=True)
                of_all += [Told(source, row) for _, source, _, row in latest[:MOST_NEWS]]
            found.append(of_all)
        return found

    def put_told(self, told: ToldNews) -> None:
        self._journal.put(self._shard.told, told.number, dict(told.since))

    def have_heard(self, number: int) -> None:
        self._journal.put(self._shard.heard, None, number)
        for old in [each for each in self._shard.told if each < number - TOLD_KEPT]:
            self._journal.drop(self._shard.told, old)

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

    def held_by(self, sources: Collection[str]) -> str | None:
        return None

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
            yield MemoryUnit(source, self._shards, journal)

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
        return (RunningRow(*row[:2], row.channel, row.running, row.owed_since, row.id) for row in rows if row.running is not None)

    def concerned(self, since: Mapping[str, int]) -> set[str]:
        with self._lock:
            owing = {name for name, shard in self._shards.items() if _owed(shard, since)}
            return owing | {told.source for told in _came(self._shards, since)}

    def heard(self, source: str) -> int:
        with self._lock:
            return self._shards[source].heard.get(None, 0)

    def told_after(self, number: int, besides: str) -> Iterator[tuple[str, ToldNews]]:
        with self._lock:
            told = [
                (name, ToldNews(each, since))
                for name, shard in self._shards.items()
                for each, since in shard.told.items()
                if name != besides and each > number
            ]
        return iter(sorted(told, key=lambda each: (each[1].number, each[0])))

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
        self, *, since: int | None = None, until: int | None = None, contact_points: Collection[str] | None = None,
        signal: str | None = None, limit: int | None = None, after: ListedSignal | None = None,
    ) -> Iterator[ListedSignal]:  # fmt: skip
        """Signals with `since` <= moment < `until`, newest first."""
        with self._lock:
            found = [
                ListedSignal(name, _id_of(shard, row), row)
                for name, shard in self._shards.items()
                for row in shard.signals.values()
                if (since is None or row.at >= since)
                and (until is None or row.at < until)
                and (contact_points is None or row.contact_point in contact_points)
                and (signal is None or row.signal == signal)
            ]
        if after is not None:
            found = [listed for listed in found if _place(listed) < _place(after)]
        found.sort(key=_place, reverse=True)
        return iter(found[:limit])

    def find(self, name: str) -> Sequence[FoundContact]:
        return [found for found in self._all() if name in (found.row.id, found.row.contact)]

    def find_event(self, event_id: str) -> Sequence[FoundContact]:
        return [
            found
            for found in self._all()
            if found.row.contact in self._shards[found.source].named.get(event_id, ()) and holds_event(found.row.record, event_id)
        ]

    def around(self, customers: Collection[str], moment: int, since: int, until: int, most: int) -> Sequence[FoundContact]:
        with self._lock:
            nearest: dict[tuple[str, ContactKey], int] = {}
            for source, contact, our_id, at in _told_around(self._shards, customers, moment, since, until):
                for key in self._shards[source].names.get(contact, ()):
                    if self._shards[source].contacts[key].id == our_id:
                        nearest[source, key] = min(abs(at - moment), nearest.get((source, key), OPEN))
            chosen = sorted(nearest, key=lambda each: (nearest[each], each))[:most]
            return [FoundContact(source, self._shards[source].contacts[key]) for source, key in chosen]

    def begun_between(self, since: int, until: int) -> Iterator[FoundContact]:
        found = [found for found in self._all() if since <= found.row.begun < until]
        return iter(sorted(found, key=lambda each: (each.row.begun, each.source, each.row[:2])))

    def begun_after(self, after: Begun, sources: Collection[str], most: int) -> Sequence[Begun]:
        found = (Begun(row.begun, source, *row[:2]) for source, row in self._all() if source in sources)
        return sorted(each for each in found if each > after)[:most]

    def count_begun(self, after: Begun, sources: Collection[str]) -> int:
        return len(self.begun_after(after, sources, OPEN))

    def signals_of_begun(self, since: int, until: int) -> Iterator[tuple[int, ListedSignal]]:
        for source, row in self.begun_between(since, until):
            with self._lock:
                found = [
                    each
                    for each in self._shards[source].signals.values()
                    if each.contact == row.contact
                    and (each.contact_point == row.contact_point or row.channel in WRITTEN_CHANNELS)
                ]
            yield from ((row.begun, ListedSignal(source, row.id, each)) for each in found)

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
                for of_one in shard.news.values():
                    for name, news in [(name, news) for name, news in of_one.items() if news.at < before]:
                        journal.drop(of_one, name)
                        journal.remove(shard.customers[news.customer], _dated(news))
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


def _owed(shard: _Shard, since: Mapping[str, int]) -> list[ContactKey]:
    """To whom something is owed, or was after a moment."""
    return [key for customer, after in since.items() for key, until in shard.owed.get(customer, {}).items() if until > after]


def _told(shards: Mapping[str, _Shard], customers: Iterable[str]) -> Iterator[Told]:
    for source, shard in shards.items():
        for customer in set(customers):
            for *_, row in shard.customers.get(customer, ()):
                yield Told(source, row)


def _dated(row: News) -> _Dated:
    return row.at, row.contact, row.kind, row


def _until(told: Sequence[_Dated], until: int, most: int) -> Iterator[_Dated]:
    """The latest so many of those until a moment, and all others of the last one's moment and contact."""
    end = bisect_left(told, (until + 1,))
    start = max(0, end - most)
    while start > 0 and told[start - 1][:2] == told[start][:2]:
        start -= 1
    return iter(told[start:end])


def _told_around(
    shards: Mapping[str, _Shard], customers: Iterable[str], moment: int, since: int, until: int
) -> Iterator[tuple[str, str, str, int]]:
    """(source, contact, our id of it, moment) of what was told of customers, on both sides of a moment."""
    for customer in set(customers):
        told = sorted((told.news.at, told.source, told.news.contact, told.news.id) for told in _told(shards, (customer,)))
        before, after = (
            [each for each in told if since <= each[0] <= moment],
            [each for each in told if moment < each[0] <= until],
        )
        for at, source, contact, our_id in (*before[-LOOKED_AT:], *after[:LOOKED_AT]):
            yield source, contact, our_id, at


def _came(shards: Mapping[str, _Shard], since: Mapping[str, int]) -> Iterator[Told]:
    """Of each customer the first with which he came from a moment on."""
    for customer, after in since.items():
        came = [
            Told(source, row)
            for source, shard in shards.items()
            for of_customer in (shard.customers.get(customer, ()),)
            for *_, row in of_customer[bisect_left(of_customer, (after,)) :]
            if row.kind in TELLING
        ]
        yield from sorted(came, key=lambda each: (each.news.at, each.source, each.news.contact))[:MOST_COMINGS]


def _place(listed: ListedSignal) -> tuple[int, str, Sequence[object]]:
    """Newest first is this order turned round."""
    return listed.row.at, listed.source, listed.row[:4]


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
        journal.keep(shard.owed[row.customer], key, None if row.owed_since is None else row.owed_until)


def _drop_contact(shard: _Shard, journal: _Journal, key: ContactKey) -> None:
    old = shard.contacts.get(key)
    if old is None:
        return
    journal.drop(shard.contacts, key)
    journal.drop(shard.names[old.contact], key)
    journal.drop(shard.deadlines, key)
    journal.drop(shard.running, key)
    if old.customer is not None:
        journal.drop(shard.owed[old.customer], key)
