"""One batch -> one transaction: events, contacts, verdicts, totals, cursor and watermark, all of it or nothing.

    group the events by contact -> read those contacts -> merge · fold · judge · count -> write
    -> tell missed callers' contacts who was reached meanwhile -> move the cursor

The same code looks again at contacts whose deadline has come (`sweep`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from monitor.connector import Batch, Position
from monitor.domain import ledger
from monitor.domain.event import Event, from_micros, to_micros
from monitor.domain.fold import merge
from monitor.domain.judge import RunningWait
from monitor.domain.ledger import TotalKey
from monitor.engine.directory import OTHER, Directory
from monitor.engine.evaluation import Counting, Look, Record, look, read_record
from monitor.store.base import ContactKey, ContactRow, SourceRow, Store, Unit

#: At most this many contacts are judged in one transaction of the sweep.
SWEEP_CHUNK = 500


class Looked(NamedTuple):
    """What the picture of now needs to know of a contact that was looked at."""

    point: str
    channel: str
    running: tuple[RunningWait, ...]


@dataclass(slots=True)
class Outcome:
    """What one transaction did; given to the picture of now once it is committed."""

    events: int = 0  # that were new
    repeated: int = 0
    totals: dict[TotalKey, float] = field(default_factory=dict)
    weeks: dict[ledger.WeekKey, tuple[int, int]] = field(default_factory=dict)
    looked: dict[ContactKey, Looked] = field(default_factory=dict)
    deadline: int | None = None  # earliest of the contacts written
    fallen: list[datetime] = field(default_factory=list)  # moments of the signals counted for the first time
    source: SourceRow | None = None  # where the source stands now; None: it did not move
    swept: int = 0


class Ingest:
    """Writes batches and sweeps. Its methods block and belong in the store's thread."""

    def __init__(self, store: Store, directory: Directory, bounds: dict[str, tuple[float, ...]]) -> None:
        self._store = store
        self._directory = directory
        self._bounds = bounds

    def batch(
        self, source: str, kind: str, batch: Batch, seen: SourceRow, horizon: datetime, complete_until: datetime | None,
        extra: dict[TotalKey, float] | None = None, *, now: datetime,
    ) -> Outcome:  # fmt: skip
        """Stores one batch. `seen` is the cursor row it was read under; CursorMoved when another moved it meanwhile.

        Absence is judged at `horizon`; `complete_until` is written as the watermark. `extra` are operational counters
        that ride along. Raises StoreUnavailable: then nothing has happened.
        """
        counting = Counting(ledger.Deltas(), self._bounds)
        outcome = Outcome()
        with self._store.transaction(source) as unit:
            looks = self._take(unit, source, batch.events, horizon, counting, outcome)
            unmapped = sum(1 for each in looks.values() if each.new and _is_unmapped(each))
            self._write(unit, source, looks, horizon, counting, outcome)
            if batch.remember:
                unit.remember(batch.remember, to_micros(now))
            if batch.gap is not None:
                unit.put_gap(to_micros(batch.gap.since), to_micros(batch.gap.until))
                length = max(0.0, (batch.gap.until - batch.gap.since).total_seconds())
                counting.deltas.totals["source_gap_seconds_total", (source, kind)] += length
            if outcome.events:
                counting.deltas.totals["source_events_total", (source, kind)] += outcome.events
            if unmapped:
                counting.deltas.totals["source_records_unmapped_total", (source, kind)] += unmapped
            for rejected in batch.rejected:
                counting.deltas.totals["source_records_rejected_total", (source, kind, rejected.reason)] += rejected.count
            for key, value in (extra or {}).items():
                counting.deltas.totals[key] += value
            self._finish(unit, source, counting, outcome)
            outcome.source = _move(unit, seen, batch.position, complete_until, batch.newest_outbound)
        self._directory.saved(source)
        return outcome

    def sweep(self, source: str, horizon: datetime) -> Outcome:
        """Looks again at contacts whose deadline is not after `horizon`, at most SWEEP_CHUNK of them."""
        counting = Counting(ledger.Deltas(), self._bounds)
        outcome = Outcome()
        with self._store.transaction(source) as unit:
            rows = unit.due(to_micros(horizon), SWEEP_CHUNK)
            looks = {}
            for row in rows:
                record = read_record(row)
                looks[row.contact, row.contact_point] = self._look(source, record, record.events, horizon, counting)
            self._write(unit, source, looks, horizon, counting, outcome)
            self._finish(unit, source, counting, outcome)
        outcome.swept = len(rows)
        return outcome

    def rejudge(self, source: str, keys: Iterable[ContactKey], horizon: datetime) -> Outcome:
        """Judges stored contacts anew, whether or not a deadline has come: their limits have changed."""
        counting = Counting(ledger.Deltas(), self._bounds)
        outcome = Outcome()
        with self._store.transaction(source) as unit:
            looks = {}
            for key, row in unit.contacts(keys).items():
                record = read_record(row)
                looks[key] = self._look(source, record, record.events, horizon, counting)
            self._write(unit, source, looks, horizon, counting, outcome)
            self._finish(unit, source, counting, outcome)
        return outcome

    def _look(self, source: str, record: Record, events: Sequence[Event], horizon: datetime, counting: Counting) -> Look:
        policy = self._directory.policy(record.contact_point, record.channel)
        return look(source, record, events, policy, horizon, counting)

    def _take(
        self, unit: Unit, source: str, events: Sequence[Event], horizon: datetime, counting: Counting, outcome: Outcome
    ) -> dict[ContactKey, Look]:
        groups: dict[ContactKey, list[Event]] = {}
        points: dict[tuple[str, str], str] = {}
        for event in events:
            where = (event.place, event.channel)
            point = points.get(where)
            if point is None:
                point = points[where] = self._directory.resolve(source, event.place, event.channel)
            if event.kind == "transferred" and not event.into_queue and self._directory.is_queue(source, event.to):
                event = event._replace(into_queue=True)
            groups.setdefault((event.contact, point), []).append(event)
        if not groups:
            return {}
        stored = unit.contacts(groups)
        looks = {}
        for key, fresh in groups.items():
            row = stored.get(key)
            record = read_record(row) if row is not None else Record(key[0], key[1], fresh[0].channel, customer=fresh[0].customer)
            merged = merge(record.events, fresh)
            if merged is None:
                outcome.repeated += len(fresh)
                continue
            added = len(merged) - len(record.events)
            outcome.events += added
            outcome.repeated += len(fresh) - added
            if not record.customer:
                record = record._replace(customer=next((event.customer for event in fresh if event.customer), None))
            looks[key] = self._look(source, record, merged, horizon, counting)
        return looks

    def _write(
        self, unit: Unit, source: str, looks: dict[ContactKey, Look], horizon: datetime, counting: Counting, outcome: Outcome
    ) -> None:
        """Writes what was looked at, then tells contacts that wait for a call back who was reached."""
        _put(unit, looks.values(), outcome)
        told = self._reached(unit, looks.values())
        if told:
            again = {}
            for row, event in told:
                record = read_record(row)
                merged = merge(record.events, [event])
                if merged is not None:
                    again[row.contact, row.contact_point] = self._look(source, record, merged, horizon, counting)
            _put(unit, again.values(), outcome)

    def _reached(self, unit: Unit, looks: Iterable[Look]) -> list[tuple[ContactRow, Event]]:
        """Contacts to whom a call back is owed, with the news that their customer was reached after they missed us.

        Both orders count: the call back may be read before or after the missed call.
        """
        reached: dict[str, list[tuple[int, str]]] = {}
        missed: dict[tuple[str, int], list[ContactRow]] = {}
        for each in looks:
            row = each.row
            if row.customer is None:
                continue
            if row.reached_at is not None:
                reached.setdefault(row.customer, []).append((row.reached_at, row.contact))
            if row.missed_at is not None:
                missed.setdefault((row.customer, row.missed_at), []).append(row)
        told: dict[ContactKey, tuple[ContactRow, Event]] = {}  # each contact once, or it would be counted twice
        if reached:
            for row in unit.missed(reached):
                since = row.missed_at or 0
                later = [pair for pair in reached[row.customer or ""] if pair[0] > since]
                if later:
                    told[row.contact, row.contact_point] = (row, _news(row, *min(later)))
        if missed:
            for pair, found in unit.first_reached(missed).items():  # it knows those of this batch too, and the earliest
                for row in missed[pair]:
                    told[row.contact, row.contact_point] = (row, _news(row, *found))
        return list(told.values())

    def _finish(self, unit: Unit, source: str, counting: Counting, outcome: Outcome) -> None:
        places = self._directory.unsaved(source)
        if places:
            unit.put_places(places)
        unit.add_totals(counting.deltas.totals)
        unit.add_weeks(counting.deltas.weeks)
        outcome.totals = counting.deltas.totals
        outcome.weeks = counting.deltas.weeks


def _put(unit: Unit, looks: Iterable[Look], outcome: Outcome) -> None:
    rows, signals, dropped = [], [], []
    for each in looks:
        row = each.row
        rows.append(row)
        signals += each.signals
        dropped += each.dropped
        outcome.looked[row.contact, row.contact_point] = Looked(row.contact_point, row.channel, each.judgement.running)
        for fact in each.fallen:
            if fact.at is not None:
                outcome.fallen.append(fact.at)
        if row.deadline is not None and (outcome.deadline is None or row.deadline < outcome.deadline):
            outcome.deadline = row.deadline
    if rows:
        unit.put_contacts(rows)
    if dropped:
        unit.drop_signals(dropped)
    if signals:
        unit.put_signals(signals)


def _is_unmapped(each: Look) -> bool:
    """Calls of ours to the outside reach no contact point; that they have none is nothing to mend."""
    return each.row.contact_point == OTHER and each.contact.direction == "inbound"


def _news(row: ContactRow, at: int, contact: str) -> Event:
    """`reached` has one id, so that of two tellings the earlier stays, whatever their order."""
    reason = "same_call" if contact == row.contact else None
    return Event("reached", row.contact, "", "phone", "reached", from_micros(at), reason=reason)


def _move(
    unit: Unit, seen: SourceRow, position: Position | None, until: datetime | None, outbound: datetime | None
) -> SourceRow | None:
    """Moves the cursor only where something moved: an empty poll writes nothing.

    None where nothing moved. Not `seen`: what it was read from may have moved meanwhile.
    """
    complete = None if until is None else max(to_micros(until), seen.complete_until or 0)
    newest = None if outbound is None else max(to_micros(outbound), seen.last_outbound or 0)
    if position is None and complete is None and newest is None:
        return None
    unit.move(seen.version, seen.position if position is None else position, complete, newest)
    return SourceRow(
        seen.version + 1,
        seen.position if position is None else position,
        seen.complete_until if complete is None else complete,
        seen.last_outbound if newest is None else newest,
    )


def is_empty(batch: Batch) -> bool:
    """Nothing in it needs a transaction; a watermark alone is kept in memory and written with the next batch."""
    return not (batch.events or batch.remember or batch.rejected or batch.gap) and batch.position is None
