"""One open transaction on one source: which contacts were evaluated in it, what was counted and what is written.

fold and judge contacts -> write down what other contacts of their customers may learn of them (`domain.news`) -> tell those
whose customer is owed something -> count and write them -> the same for stored contacts of these customers -> add totals and
weeks. Other sources learn of it in transactions of their own (`Coordinator`).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from monitor.connector import Gap
from monitor.domain.bounded import is_closed, tally
from monitor.domain.contact import LIVE_WAITS
from monitor.domain.event import AFTERWARDS_KINDS, FOLLOWED, WRITTEN_CHANNELS, Event, EventName, from_micros, to_micros
from monitor.domain.fold import fold
from monitor.domain.judge import RunningWait
from monitor.domain.ledger import Counting
from monitor.domain.merging import merge
from monitor.domain.news import Matter
from monitor.domain.snapshot import TotalKey, WeekKey
from monitor.engine.directory import Directory
from monitor.engine.evaluation import Evaluation, Examined, Record, evaluate, examine, read_record, take_back, whereabouts
from monitor.engine.gathering import begins_nothing, gather, stored_records, with_records
from monitor.store.base import ContactKey, ContactRow, CursorRow, Unit

#: A customer's name (a keyed hash) -> all names of the same person, this one among them.
NamesOf = Callable[[str], Collection[str]]


class Evaluated(NamedTuple):
    """What the live state needs to know of a contact that was evaluated."""

    point: str
    channel: str
    running: tuple[RunningWait, ...]


@dataclass(slots=True)
class IngestResult:
    """What one transaction did; given to the live state once it is committed."""

    events: int = 0  # that were new
    repeated: list[EventName] = field(default_factory=list)  # that were known, as often as they came
    refused: list[Event] = field(default_factory=list)  # for which there was no room in their contact (`domain.bounded`)
    pushed_out: int = 0  # events that were known and gave way to earlier ones
    closed: list[str] = field(default_factory=list)  # our ids of the contacts that were closed for that
    totals: dict[TotalKey, float] = field(default_factory=dict)
    weeks: dict[WeekKey, tuple[int, int]] = field(default_factory=dict)
    evaluated: dict[ContactKey, Evaluated] = field(default_factory=dict)
    deadline: int | None = None  # earliest of the contacts written
    fallen: list[datetime] = field(default_factory=list)  # moments of the signals counted for the first time
    news: set[str] = field(default_factory=set)  # all names of the customers who heard us or read our words
    source: CursorRow | None = None  # where the source stands now; None: it did not move
    swept: int = 0


class Transaction:
    """Evaluates, counts and writes contacts of `source` in the open `unit`; absence is judged at `evaluation_time`."""

    def __init__(
        self, unit: Unit, source: str, directory: Directory, evaluation_time: datetime, counting: Counting, names_of: NamesOf
    ) -> None:
        self.unit = unit
        self.source = source
        self.result = IngestResult()
        self._directory = directory
        self._evaluation_time = evaluation_time
        self._counting = counting
        self._names_of = names_of

    def add_events(self, events: Sequence[Event], gap: Gap | None = None) -> list[Evaluation]:
        """Merges events with what is stored of their contacts, and evaluates and writes those that they change.

        `gap`: the latest one of the source; a call back that is owed in it is void.
        """
        groups = gather(self.source, self._directory, events)
        if not events:
            return []
        examined = []
        for record, fresh in with_records(groups, self.unit.contacts_named(groups.names())):
            if not record.events and begins_nothing(fresh):
                continue  # they speak of a contact that is not kept any more
            merged = self._merged(record, fresh)
            if merged is None:
                if len(record.rows) < 2:
                    continue
                merged = list(record.events)  # version 0.1 has kept it twice
            if not record.customer:
                customer = next((event.customer for event in fresh if event.customer), None)
                record = record._replace(customer=customer, newly_named=customer is not None)
            if gap is not None and fresh[0].at < gap.until:
                merged = _without_callback(record, merged, gap) or merged
            examined.append(self._examine(record, merged))
        return self._write(examined)

    def tell(self, key: ContactKey, events: Sequence[Event], event_ids: Callable[[str], Sequence[str]]) -> None:
        """Adds events to a stored contact, whoever says them; to none where it is not kept any more.

        `event_ids`: the ids under which an event may be stored that they call by a name of their own, as a Message-ID.
        """
        row = self.unit.contacts([key]).get(key)
        if row is None:
            return
        record = read_record(row)
        known = {event.id for event in record.events}
        fresh = []
        for event in events:
            about = event.event
            if about is not None and about not in known:
                ids = event_ids(about)
                # A Message-ID itself is not kept, even where its mail has not been read.
                about = next((each for each in ids if each in known), ids[0] if "@" in about and ids else about)
            point = "" if record.has_moved or event.kind not in AFTERWARDS_KINDS else None
            event = event._replace(contact=record.contact, place="", channel=record.channel, customer=None)
            fresh.append(event._replace(event=about, point=point))
        merged = self._merged(record, fresh)
        if merged is not None:  # of a source that another process reads, the contact points are none that are shown here
            where = whereabouts(record, merged, self._directory.look_up)
            self._write([examine(record, merged, where, self._evaluation_time)])

    def settle(self, key: ContactKey, at: datetime, reason: str, by: str) -> tuple[str, ...] | None:
        """Settles a contact at this moment, where anything waits in it that can be settled.

        Returns which waits ended; None where the contact is not known (any more).
        """
        row = self.unit.contacts([key]).get(key)
        if row is None:
            return None
        record = read_record(row)
        where = whereabouts(record, record.events, self._directory.look_up)
        contact = examine(record, record.events, where, self._evaluation_time).contact
        waits = [wait for wait in contact.waits if wait.until is None and wait.kind not in LIVE_WAITS]
        if waits:
            at = max(at, *(wait.since for wait in waits))  # the source's clock may be ahead of ours
            settled = Event(f"settled/{to_micros(at)}", record.contact, "", record.channel, "settled", at, reason=reason, by=by)
            self.tell(key, [settled], lambda _: ())
        return tuple(dict.fromkeys(wait.kind for wait in waits))

    def forget(self, keys: Iterable[ContactKey]) -> int:
        """Removes contacts with their events, signals and evidence, and takes them out of the weeks. How many there were."""
        rows = self.unit.contacts(keys)
        dropped = []
        for row in rows.values():
            dropped += take_back(read_record(row), self._counting)
        if rows:
            self.unit.drop_signals(dropped)
            self.unit.drop_contacts(list(rows))
            self.unit.drop_named_events({contact for contact, _ in rows})
            left = self.unit.contacts_named(contact for contact, _ in rows)
            told = {(row.customer, row.contact) for row in rows.values() if row.customer is not None and row.contact not in left}
            self.unit.drop_news(sorted(told))
        return len(rows)

    def lose_callbacks(self, keys: Iterable[ContactKey], gap: Gap) -> None:
        """Call backs that these contacts are owed are void, unless they were late before the gap."""
        lost = []
        for row in self.unit.contacts(keys).values():
            record = read_record(row)
            merged = _without_callback(record, list(record.events), gap)
            if merged is not None:
                lost.append(self._examine(record, merged))
        self._write(lost)

    def evaluate_again(self, rows: Iterable[ContactRow]) -> None:
        """Evaluates and writes stored contacts without new events."""
        self._write(self._stored(rows))

    def _stored(self, rows: Iterable[ContactRow]) -> list[Examined]:
        """Stored contacts as they are judged now; of one that is kept at several contact points, all of it."""
        rows = list(rows)
        written = {row.contact for row in rows if row.channel in WRITTEN_CHANNELS}
        records = stored_records(rows, self.unit.contacts_named(written) if written else {})
        return [self._examine(record, record.events) for record in records]

    def count(self, metric: str, *labels: str, by: float) -> None:
        """Adds to a total of the source."""
        self._counting.deltas.totals[metric, labels] += by

    def finish(self) -> None:
        """Writes what was counted and the contact points that were discovered."""
        places = self._directory.unsaved(self.source)
        if places:
            self.unit.put_places(places)
        deltas = self._counting.deltas
        self.unit.add_totals(deltas.totals)
        self.unit.add_weeks(deltas.weeks)
        self.result.totals, self.result.weeks = deltas.totals, deltas.weeks

    def _merged(self, record: Record, fresh: Sequence[Event]) -> list[Event] | None:
        """The events of a contact and these, which are counted; None where they change nothing."""
        merged = merge(record.events, fresh)
        known, told = record.events, [event for event in fresh if event.how != FOLLOWED]
        if len(told) < len(fresh):  # that it is followed by another contact is a conclusion of ours, which nobody told
            known = merge(known, [event for event in fresh if event.how == FOLLOWED]) or known
        new, repeated, refused, pushed_out = tally(known, told, record.events if merged is None else merged)
        self.result.events += new
        self.result.refused += refused
        self.result.pushed_out += pushed_out
        if repeated:
            self.result.repeated += _repeated(record.contact, known, told, refused)
        return merged

    def _examine(self, record: Record, events: Sequence[Event]) -> Examined:
        return examine(record, events, whereabouts(record, events, self._directory.policy), self._evaluation_time)

    def _write(self, examined: Sequence[Examined]) -> list[Evaluation]:
        """Counts and writes these contacts, then the stored ones whose customers learn of us in them.

        Both orders count: the call back may be read before or after the missed call.
        """
        news = [row for each in examined for row in each.news(self.source)]
        self.unit.put_news(news)
        customers = {name for row in news for name in self._names_of(row.customer)}
        evaluations = self._count(self._told(each) or each for each in examined)
        self.take_up(customers)
        self.result.news |= customers
        return evaluations

    def take_up(self, customers: Collection[str]) -> None:
        """Tells the stored contacts of these customers, to whom something is owed, of what we said to them elsewhere."""
        if customers:
            self._tell_stored(self.unit.owed(customers))

    def take_up_all(self, keys: Iterable[ContactKey]) -> None:
        """The same for these contacts."""
        self._tell_stored(self.unit.contacts(keys).values())

    def _tell_stored(self, rows: Iterable[ContactRow]) -> None:
        told = map(self._told, self._stored(rows))
        self._count([each for each in told if each is not None])

    def _told(self, examined: Examined) -> Examined | None:
        """A contact that learns of what we said to its customer elsewhere, as far as that settles something; None where it
        learns nothing new."""
        record = examined.record
        told = [event for matter in examined.matters() if (event := self._settling(record, matter)) is not None]
        merged = merge(examined.events, told) if told else None
        return None if merged is None else self._examine(record, merged)

    def _settling(self, record: Record, matter: Matter) -> Event | None:
        """The first words of ours in another contact after something was owed that settle it earlier than it was."""
        names = self._names_of(record.customer or "")
        found = self.unit.first_news(names, to_micros(matter.since), spoken=matter.spoken, besides=record.contact)
        if found is None or (matter.until is not None and from_micros(found.row.at) >= matter.until):
            return None
        source, row = found
        return Event(
            f"reached/{row.at}/{row.id}", record.contact, "", record.channel, "reached", from_micros(row.at), how=row.channel,
            to=row.id, reason="same_call" if (source, row.contact) == (self.source, record.contact) else None,
        )  # fmt: skip

    def _count(self, examined: Iterable[Examined]) -> list[Evaluation]:
        evaluations = []
        for each in examined:
            evaluations.append(evaluate(self.source, each, self._counting))
            if is_closed(each.events) and not is_closed(each.record.events):
                self.result.closed.append(evaluations[-1].row.id)
        self._put(evaluations)
        return evaluations

    def _put(self, evaluations: Iterable[Evaluation]) -> None:
        rows, gone, signals, dropped, result = [], [], [], [], self.result
        for each in evaluations:
            row = each.row
            rows.append(row)
            for point in each.left:
                gone.append((row.contact, point))
                result.evaluated[row.contact, point] = Evaluated(point, row.channel, ())
            signals += each.signals
            dropped += each.dropped
            result.evaluated[row.contact, row.contact_point] = Evaluated(row.contact_point, row.channel, each.judgement.running)
            for verdict in each.fallen:
                if verdict.at is not None:
                    result.fallen.append(verdict.at)
            if row.deadline is not None and (result.deadline is None or row.deadline < result.deadline):
                result.deadline = row.deadline
        if gone:
            self.unit.drop_contacts(gone)
        if rows:
            self.unit.put_contacts(rows)
        if dropped:
            self.unit.drop_signals(dropped)
        if signals:
            self.unit.put_signals(signals)


def _repeated(contact: str, known: Iterable[Event], told: Iterable[Event], refused: Iterable[Event]) -> Iterator[EventName]:
    """Those of `told` that were known, or came before in the same batch."""
    ids, without_room = {event.id for event in known}, {event.id for event in refused}
    for event in told:
        if event.id not in without_room:
            if event.id in ids:
                yield contact, event.id, event.place
            ids.add(event.id)


def _without_callback(record: Record, events: list[Event], gap: Gap) -> list[Event] | None:
    """The events with one more, by which the call back that is owed in the gap is void; None where none is.

    What was known to be late when the contact was last judged stays late.
    """
    contact = fold(record.channel, events, reachable=record.customer is not None)
    if not any(wait.kind == "callback" and wait.until is None and wait.since < gap.until for wait in contact.waits):
        return None
    since = min(max(gap.since, record.evaluation_time), gap.until)
    name = f"gap/{to_micros(gap.since)}"
    lost = Event(name, record.contact, "", record.channel, "lost", gap.until, reason="callback", due=since)
    return merge(events, [lost])
