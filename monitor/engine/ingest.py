"""One batch -> one transaction: events, contacts, verdicts, totals, cursor and watermark, all of it or nothing.

    group the events by contact -> read those contacts -> merge · fold · judge · count -> write
    -> the customers' other contacts for which that decides something -> move the cursor

The same code evaluates contacts whose deadline has come (`sweep`), whose limits have changed (`rejudge`), and of which
somebody else says something (`tell`, `settle`).
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final, NamedTuple

from monitor import log
from monitor.connector import Batch, Cursor, Gap
from monitor.domain.bounded import TOO_MANY
from monitor.domain.event import EPOCH, Event, to_micros
from monitor.domain.ledger import Counting, Deltas
from monitor.domain.people import Names
from monitor.domain.returns import MOST_A_WEEK
from monitor.domain.snapshot import TotalKey
from monitor.engine.days import DayCounts
from monitor.engine.directory import OTHER, Directory
from monitor.engine.evaluation import Evaluation
from monitor.engine.known import EventIds, Spoken, find, meant
from monitor.engine.transaction import IngestResult, Transaction
from monitor.store.base import ContactKey, CursorRow, NamedEvent, Store, Unit

#: What the sender of an event is told.
NO_ROOM: Final = "contact: it has as many events as are kept and takes no later ones; begin another one"
#: Under such a key a source's state holds the names in one record of a customer.
_RECORD: Final = "engine:names:"
#: At most this many contacts are judged in one transaction of the sweep.
SWEEP_CHUNK = 500


class Settled(NamedTuple):
    """Which waits of a contact ended by being settled; `waits` None: it is not known (any more)."""

    waits: tuple[str, ...] | None
    result: IngestResult


class Ingest:
    """Stores batches and sweeps. Its methods block and belong in the store's thread; all raise StoreUnavailable.

    `now` is by our own clock: what fell long before it is counted as history (`ledger.HISTORY_AFTER`).
    """

    def __init__(
        self, store: Store, directory: Directory, bounds: dict[str, tuple[float, ...]], event_ids: EventIds = lambda _: (),
        naming: Collection[str] = (), names: Names | None = None,
    ) -> None:  # fmt: skip
        """`event_ids`: the ids under which an event may be stored that people name otherwise. `naming`: the types of source
        that have such events. `names`: those by which one customer is known."""
        self._store = store
        self._event_ids = event_ids
        self._naming = naming
        self._names = names or Names()
        self._directory = directory
        self._bounds = bounds
        self._number = 0  # of the latest transaction: the moment by our clock in microseconds, and no two alike
        self._told_of_many: set[str] = set()  # sources of which it is said that a name stands for many
        self._day_counts = DayCounts(directory)
        self._gaps: dict[str, Gap] = {}  # of each source the latest: what happened in it may come in later batches

    def batch(
        self, source: str, kind: str, batch: Batch, cursor_row: CursorRow, evaluation_time: datetime, watermark: datetime | None,
        extra: dict[TotalKey, float] | None = None, *, now: datetime,
    ) -> IngestResult:  # fmt: skip
        """Stores one batch. `cursor_row` is the row it was read under; CursorMoved when another moved it meanwhile.

        Absence is judged at `evaluation_time`; `watermark` is written unless the stored one is later. `extra` are
        operational counters that are added with it. Raises StoreUnavailable: then nothing has happened.
        Events for which there is no room in their contact go to `batch.on_refused`, once all else is committed.
        """
        lost = batch.gap if batch.gap is not None and batch.gap.callbacks else None
        if lost is not None:
            self._gaps[source] = lost
        with self._transaction(source, evaluation_time, now) as transaction:
            tied = self._tie(source, transaction, batch)
            evaluations = transaction.add_events(batch.events, self._gaps.get(source))
            transaction.tie(tied)
            if kind in self._naming:
                transaction.unit.put_named_events([NamedEvent(e.contact, e.id, to_micros(e.at)) for e in batch.events])
            if lost is not None:
                transaction.lose_callbacks(self._owed(source), lost)
            if batch.state:
                transaction.unit.write_state(batch.state, to_micros(now))
            _count_records(transaction, kind, batch, evaluations)
            for (metric, labels), value in (extra or {}).items():
                transaction.count(metric, *labels, by=value)
            transaction.finish()
            transaction.result.source = _move(transaction.unit, cursor_row, batch.cursor, watermark, batch.newest_outbound)
        if batch.on_refused is not None:
            for event in transaction.result.refused:
                batch.on_refused(event, NO_ROOM, TOO_MANY)
        return transaction.result

    def sweep(self, source: str, evaluation_time: datetime, *, now: datetime) -> IngestResult:
        """Evaluates contacts whose deadline is not after `evaluation_time`, at most SWEEP_CHUNK of them."""
        with self._transaction(source, evaluation_time, now) as transaction:
            rows = transaction.unit.due(to_micros(evaluation_time), SWEEP_CHUNK)
            transaction.evaluate_again(rows)
            transaction.finish()
        transaction.result.swept = len(rows)
        return transaction.result

    def rejudge(self, source: str, keys: Iterable[ContactKey], evaluation_time: datetime, *, now: datetime) -> IngestResult:
        """Judges stored contacts anew, whether or not a deadline has come: their limits have changed."""
        with self._transaction(source, evaluation_time, now) as transaction:
            transaction.evaluate_again(transaction.unit.contacts(keys).values())
            transaction.finish()
        return transaction.result

    def meant(self, source: str, events: Sequence[Event]) -> Spoken:
        """Of which stored contacts these events speak, which came through `source` and bring no contact of their own."""
        spoken = Spoken()
        for event in events:
            found = find(self._store, event.contact, self._event_ids(event.contact))
            contact = meant(source, event, found, self._directory)
            if isinstance(contact, str):
                spoken.refused.append((event, contact))
                continue
            said = event
            if contact.source != source:  # what two sources call their events may be the same
                said = event._replace(id=f"{source}/{event.id}")
            if not spoken.add(contact, said):
                spoken.refused.append((event, NO_ROOM))
        return spoken

    def tell(self, source: str, events: Mapping[ContactKey, Sequence[Event]], *, now: datetime) -> IngestResult:
        """Stores what is said of contacts of `source`, whoever said it. Moves no cursor.

        No absence is judged that was not judged before: how far the source has been seen does not change.
        """
        with self._transaction(source, EPOCH, now) as transaction:
            for key, said in events.items():
                transaction.tell(key, said, self._event_ids)
            transaction.finish()
        return transaction.result

    def settle(self, source: str, key: ContactKey, at: datetime, reason: str, by: str) -> Settled:
        """No answer is needed any more in a contact from now (`at`) on: what waits in it ends. Where nothing does, nothing is
        written."""
        with self._transaction(source, EPOCH, at) as transaction:
            waits = transaction.settle(key, at, reason, by)
            transaction.finish()
        return Settled(waits, transaction.result)

    def hear(self, source: str, since: Mapping[str, int], *, now: datetime, anew: bool = False) -> IngestResult:
        """Contacts of `source` learn of what another source has told of their customers, from these moments on. Moves no cursor,
        judges no absence. `anew`: because history was judged anew."""
        with self._transaction(source, EPOCH, now, anew=anew) as transaction:
            transaction.hear(since)
            transaction.finish()
        return transaction.result

    def judge_anew(self, source: str, keys: Iterable[ContactKey], evaluation_time: datetime, *, now: datetime) -> IngestResult:
        """Judges stored contacts by the present limits as history: weeks, days and lists follow, counters stay as they are but
        for limits that have fallen in waits that still run. Tells other sources nothing (`JudgingAnew` does)."""
        with self._transaction(source, evaluation_time, now, anew=True) as transaction:
            transaction.judge_anew(keys)
            transaction.finish()
        return transaction.result

    def pass_on(self, source: str, since: Mapping[str, int], *, now: datetime) -> None:
        """Tells every other source of the store, whoever reads it, what `source` has told of these customers. For who imports:
        a daemon passes on between other work (`Exchange`)."""
        for other in sorted(self._store.concerned(since) - {source}) if since else ():
            self.pass_on(other, self.hear(other, since, now=now).news, now=now)

    def have_heard(self, source: str, number: int) -> None:
        """`source` has heard of all that was told up to this number."""
        with self._store.transaction(source) as unit:
            unit.have_heard(number)

    def forget(self, source: str, contacts: Sequence[ContactKey], *, now: datetime) -> int:
        """Removes contacts and all that is known of them; their counters stay. How many there were."""
        with self._transaction(source, EPOCH, now) as transaction:
            gone = transaction.forget(contacts)
            transaction.finish()
        return gone

    def forget_places(self, source: str, contact_point: str) -> None:
        """Removes a contact point that was discovered; it is discovered again where it is told of again."""
        with self._store.transaction(source) as unit:
            unit.drop_places(contact_point)

    def restore_names(self, source: str) -> None:
        """What the records of a source say of its customers, as it was told before this start."""
        for key, entry in self._store.read_state_prefix(source, _RECORD).items():
            self._names.put(key, json.loads(entry))

    def _tie(self, source: str, transaction: Transaction, batch: Batch) -> set[str]:
        """Takes note of which names are one customer's. Those that were not tied before."""
        tied: set[str] = set()
        for record, names in batch.names.items():
            key = f"{_RECORD}{source}:{record}"
            if self._names.put(key, names):
                tied.update(names)
                transaction.unit.write_state({key: json.dumps(sorted(names))}, to_micros(transaction.now))
        return tied

    def _owed(self, source: str) -> list[ContactKey]:
        """The contacts of a source to whom a call back is owed."""
        return [(row.contact, row.contact_point) for row in self._store.running(source) if row.owed_since is not None]

    @contextmanager
    def _transaction(self, source: str, evaluation_time: datetime, now: datetime, *, anew: bool = False) -> Iterator[Transaction]:
        """Committed when the block ends, undone when it raises."""
        counting = Counting(Deltas(), self._bounds, now, anew, (source, self._directory.kind(source)))
        self._number = max(to_micros(now), self._number + 1)
        with self._store.transaction(source) as unit:
            transaction = Transaction(
                unit, source, self._directory, evaluation_time, counting, self._names.of, self._number, self._day_counts
            )
            yield transaction
        self._directory.saved(source)
        if transaction.result.shared and source not in self._told_of_many:
            self._told_of_many.add(source)
            log.get("source").warning(
                "a number or address stands for many people: its contacts are not taken for returns; name it under people.shared",
                source=source, more_than_a_week=MOST_A_WEEK,
            )  # fmt: skip
        for contact in transaction.result.closed:
            log.get("source").warning(
                "a contact has too many events: what waits there is void, later ones are refused",
                source=source, contact=contact,
            )  # fmt: skip


def _count_records(transaction: Transaction, kind: str, batch: Batch, evaluations: Iterable[Evaluation]) -> None:
    """What a batch says of how its source is read: events, records that fell to no contact point, rejects, a gap."""
    source = transaction.source
    if transaction.result.events:
        transaction.count("source_events_total", source, kind, by=transaction.result.events)
    unmapped = sum(1 for each in evaluations if each.new and _is_unmapped(each))
    if unmapped:
        transaction.count("source_records_unmapped_total", source, kind, by=unmapped)
    if transaction.result.shared:
        transaction.count("source_shared_customers_total", source, kind, by=transaction.result.shared)
    left_out = len(transaction.result.refused) + transaction.result.pushed_out
    if left_out:
        transaction.count("source_records_rejected_total", source, kind, TOO_MANY, by=left_out)
    for rejected in batch.rejected:
        transaction.count("source_records_rejected_total", source, kind, rejected.reason, by=rejected.count)
    if batch.gap is not None:
        transaction.result.gap = to_micros(batch.gap.since), to_micros(batch.gap.until)
        transaction.unit.put_gap(*transaction.result.gap)
        length = max(0.0, (batch.gap.until - batch.gap.since).total_seconds())
        transaction.count("source_gap_seconds_total", source, kind, by=length)


def _is_unmapped(each: Evaluation) -> bool:
    """Calls of ours to the outside reach no contact point; that they have none is nothing to mend."""
    return each.row.contact_point == OTHER and each.contact.direction == "inbound"


def _move(
    unit: Unit, cursor_row: CursorRow, cursor: Cursor | None, until: datetime | None, outbound: datetime | None
) -> CursorRow | None:
    """Moves the cursor only where something moved: an empty poll writes nothing. Moments never move back.

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
    return not (batch.events or batch.state or batch.rejected or batch.gap or batch.names) and batch.cursor is None
