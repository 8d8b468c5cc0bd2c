"""One batch -> one transaction: events, contacts, verdicts, totals, cursor and watermark, all of it or nothing.

    group the events by contact -> read those contacts -> merge · fold · judge · count -> write
    -> tell missed callers' contacts who was reached meanwhile -> move the cursor

The same code evaluations again at contacts whose deadline has come (`sweep`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from monitor.connector import Batch, Cursor
from monitor.domain import ledger
from monitor.domain.event import Event, from_micros, to_micros
from monitor.domain.fold import merge
from monitor.domain.judge import RunningWait
from monitor.domain.ledger import TotalKey
from monitor.engine.directory import OTHER, Directory
from monitor.engine.evaluation import Counting, Evaluation, Record, evaluate, read_record
from monitor.store.base import ContactKey, ContactRow, CursorRow, Store, Unit

#: At most this many contacts are judged in one transaction of the sweep.
SWEEP_CHUNK = 500


class Evaluated(NamedTuple):
    """What the live_state of now needs to know of a contact that was evaluated at."""

    point: str
    channel: str
    running: tuple[RunningWait, ...]


@dataclass(slots=True)
class IngestResult:
    """What one transaction did; given to the live_state of now once it is committed."""

    events: int = 0  # that were new
    repeated: int = 0
    totals: dict[TotalKey, float] = field(default_factory=dict)
    weeks: dict[ledger.WeekKey, tuple[int, int]] = field(default_factory=dict)
    evaluated: dict[ContactKey, Evaluated] = field(default_factory=dict)
    deadline: int | None = None  # earliest of the contacts written
    fallen: list[datetime] = field(default_factory=list)  # moments of the signals counted for the first time
    source: CursorRow | None = None  # where the source stands now; None: it did not move
    swept: int = 0


class Ingest:
    """Writes batches and sweeps. Its methods block and belong in the store's thread."""

    def __init__(self, store: Store, directory: Directory, bounds: dict[str, tuple[float, ...]]) -> None:
        self._store = store
        self._directory = directory
        self._bounds = bounds

    def batch(
        self, source: str, kind: str, batch: Batch, cursor_row: CursorRow, evaluation_time: datetime, watermark: datetime | None,
        extra: dict[TotalKey, float] | None = None, *, now: datetime,
    ) -> IngestResult:  # fmt: skip
        """Stores one batch. `cursor_row` is the cursor row it was read under; CursorMoved when another moved it meanwhile.

        Absence is judged at `evaluation_time`; `watermark` is written as the watermark. `extra` are operational counters
        that ride along. Raises StoreUnavailable: then nothing has happened.
        """
        counting = Counting(ledger.Deltas(), self._bounds)
        result = IngestResult()
        with self._store.transaction(source) as unit:
            evaluations = self._take(unit, source, batch.events, evaluation_time, counting, result)
            unmapped = sum(1 for each in evaluations.values() if each.new and _is_unmapped(each))
            self._write(unit, source, evaluations, evaluation_time, counting, result)
            if batch.state:
                unit.write_state(batch.state, to_micros(now))
            if batch.gap is not None:
                unit.put_gap(to_micros(batch.gap.since), to_micros(batch.gap.until))
                length = max(0.0, (batch.gap.until - batch.gap.since).total_seconds())
                counting.deltas.totals["source_gap_seconds_total", (source, kind)] += length
            if result.events:
                counting.deltas.totals["source_events_total", (source, kind)] += result.events
            if unmapped:
                counting.deltas.totals["source_records_unmapped_total", (source, kind)] += unmapped
            for rejected in batch.rejected:
                counting.deltas.totals["source_records_rejected_total", (source, kind, rejected.reason)] += rejected.count
            for key, value in (extra or {}).items():
                counting.deltas.totals[key] += value
            self._finish(unit, source, counting, result)
            result.source = _move(unit, cursor_row, batch.cursor, watermark, batch.newest_outbound)
        self._directory.saved(source)
        return result

    def sweep(self, source: str, evaluation_time: datetime) -> IngestResult:
        """Looks again at contacts whose deadline is not after `evaluation_time`, at most SWEEP_CHUNK of them."""
        counting = Counting(ledger.Deltas(), self._bounds)
        result = IngestResult()
        with self._store.transaction(source) as unit:
            rows = unit.due(to_micros(evaluation_time), SWEEP_CHUNK)
            evaluations = {}
            for row in rows:
                record = read_record(row)
                evaluations[row.contact, row.contact_point] = self._evaluate(
                    source, record, record.events, evaluation_time, counting
                )
            self._write(unit, source, evaluations, evaluation_time, counting, result)
            self._finish(unit, source, counting, result)
        result.swept = len(rows)
        return result

    def rejudge(self, source: str, keys: Iterable[ContactKey], evaluation_time: datetime) -> IngestResult:
        """Judges stored contacts anew, whether or not a deadline has come: their limits have changed."""
        counting = Counting(ledger.Deltas(), self._bounds)
        result = IngestResult()
        with self._store.transaction(source) as unit:
            evaluations = {}
            for key, row in unit.contacts(keys).items():
                record = read_record(row)
                evaluations[key] = self._evaluate(source, record, record.events, evaluation_time, counting)
            self._write(unit, source, evaluations, evaluation_time, counting, result)
            self._finish(unit, source, counting, result)
        return result

    def _evaluate(
        self, source: str, record: Record, events: Sequence[Event], evaluation_time: datetime, counting: Counting
    ) -> Evaluation:
        policy = self._directory.policy(record.contact_point, record.channel)
        return evaluate(source, record, events, policy, evaluation_time, counting)

    def _take(
        self,
        unit: Unit,
        source: str,
        events: Sequence[Event],
        evaluation_time: datetime,
        counting: Counting,
        result: IngestResult,
    ) -> dict[ContactKey, Evaluation]:
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
        evaluations = {}
        for key, fresh in groups.items():
            row = stored.get(key)
            record = read_record(row) if row is not None else Record(key[0], key[1], fresh[0].channel, customer=fresh[0].customer)
            merged = merge(record.events, fresh)
            if merged is None:
                result.repeated += len(fresh)
                continue
            added = len(merged) - len(record.events)
            result.events += added
            result.repeated += len(fresh) - added
            if not record.customer:
                record = record._replace(customer=next((event.customer for event in fresh if event.customer), None))
            evaluations[key] = self._evaluate(source, record, merged, evaluation_time, counting)
        return evaluations

    def _write(
        self,
        unit: Unit,
        source: str,
        evaluations: dict[ContactKey, Evaluation],
        evaluation_time: datetime,
        counting: Counting,
        result: IngestResult,
    ) -> None:
        """Writes what was evaluated at, then tells contacts that wait for a call back who was reached."""
        _put(unit, evaluations.values(), result)
        told = self._reached(unit, evaluations.values())
        if told:
            again = {}
            for row, event in told:
                record = read_record(row)
                merged = merge(record.events, [event])
                if merged is not None:
                    again[row.contact, row.contact_point] = self._evaluate(source, record, merged, evaluation_time, counting)
            _put(unit, again.values(), result)

    def _reached(self, unit: Unit, evaluations: Iterable[Evaluation]) -> list[tuple[ContactRow, Event]]:
        """Contacts to whom a call back is owed, with the news that their customer was reached after they missed us.

        Both orders count: the call back may be read before or after the missed call.
        """
        reached: dict[str, list[tuple[int, str]]] = {}
        missed: dict[tuple[str, int], list[ContactRow]] = {}
        for each in evaluations:
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

    def _finish(self, unit: Unit, source: str, counting: Counting, result: IngestResult) -> None:
        places = self._directory.unsaved(source)
        if places:
            unit.put_places(places)
        unit.add_totals(counting.deltas.totals)
        unit.add_weeks(counting.deltas.weeks)
        result.totals = counting.deltas.totals
        result.weeks = counting.deltas.weeks


def _put(unit: Unit, evaluations: Iterable[Evaluation], result: IngestResult) -> None:
    rows, signals, dropped = [], [], []
    for each in evaluations:
        row = each.row
        rows.append(row)
        signals += each.signals
        dropped += each.dropped
        result.evaluated[row.contact, row.contact_point] = Evaluated(row.contact_point, row.channel, each.judgement.running)
        for fact in each.fallen:
            if fact.at is not None:
                result.fallen.append(fact.at)
        if row.deadline is not None and (result.deadline is None or row.deadline < result.deadline):
            result.deadline = row.deadline
    if rows:
        unit.put_contacts(rows)
    if dropped:
        unit.drop_signals(dropped)
    if signals:
        unit.put_signals(signals)


def _is_unmapped(each: Evaluation) -> bool:
    """Calls of ours to the outside reach no contact point; that they have none is nothing to mend."""
    return each.row.contact_point == OTHER and each.contact.direction == "inbound"


def _news(row: ContactRow, at: int, contact: str) -> Event:
    """`reached` has one id, so that of two tellings the earlier stays, whatever their order."""
    reason = "same_call" if contact == row.contact else None
    return Event("reached", row.contact, "", "phone", "reached", from_micros(at), reason=reason)


def _move(
    unit: Unit, cursor_row: CursorRow, cursor: Cursor | None, until: datetime | None, outbound: datetime | None
) -> CursorRow | None:
    """Moves the cursor only where something moved: an empty poll writes nothing.

    None where nothing moved. Not `cursor_row`: what it was read from may have moved meanwhile.
    """
    complete = None if until is None else max(to_micros(until), cursor_row.watermark or 0)
    newest = None if outbound is None else max(to_micros(outbound), cursor_row.last_outbound or 0)
    if cursor is None and complete is None and newest is None:
        return None
    unit.move(cursor_row.version, cursor_row.cursor if cursor is None else cursor, complete, newest)
    return CursorRow(
        cursor_row.version + 1,
        cursor_row.cursor if cursor is None else cursor,
        cursor_row.watermark if complete is None else complete,
        cursor_row.last_outbound if newest is None else newest,
    )


def is_empty(batch: Batch) -> bool:
    """Nothing in it needs a transaction; a watermark alone is kept in memory and written with the next batch."""
    return not (batch.events or batch.state or batch.rejected or batch.gap) and batch.cursor is None
