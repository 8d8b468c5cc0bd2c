"""One open transaction on one source: which contacts were evaluated in it, what was counted and what is written.

fold and judge contacts -> write down what other contacts of their customers may learn of them (`domain.news`) -> tell those
whose customer is owed something -> count and write them -> the same for stored contacts of these customers -> add totals and
weeks. Other sources learn of it in transactions of their own (`Exchange`).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from monitor.connector import Gap
from monitor.domain.alike import alike, event_of, is_band
from monitor.domain.bounded import is_closed, tally
from monitor.domain.contact import LIVE_WAITS
from monitor.domain.event import (
    AFTERWARDS_KINDS,
    AGAIN,
    ALIKE,
    ANEW,
    FOLLOWED,
    WRITTEN_CHANNELS,
    Event,
    EventName,
    from_micros,
    to_micros,
)
from monitor.domain.fold import fold
from monitor.domain.judge import RunningWait
from monitor.domain.ledger import Counting
from monitor.domain.merging import merge
from monitor.domain.news import OURS, TELLING, Matter, News, changed_since
from monitor.domain.returns import MOST_A_WEEK, SHARED, returns, week_before
from monitor.domain.snapshot import TotalKey, WeekKey
from monitor.engine.days import LONGEST, DayCounts, Days
from monitor.engine.directory import Directory
from monitor.engine.evaluation import (
    Evaluation,
    Examined,
    Record,
    evaluate,
    examine,
    is_same,
    read_record,
    returning,
    take_back,
    whereabouts,
)
from monitor.engine.gathering import begins_nothing, gather, stored_records, with_records
from monitor.store.base import ContactKey, ContactRow, CursorRow, ToldNews, Unit

#: A customer's name (a keyed hash) -> all names of the same person, this one among them.
NamesOf = Callable[[str], Collection[str]]


class _New(NamedTuple):
    """Since when something is new of customers, by all their names; since when words of ours to them; and our ids of the
    contacts with which they came, or in which words were sent, as nobody knew."""

    since: Mapping[str, int]
    words: Mapping[str, int]
    came: frozenset[str] = frozenset()


_NOTHING_NEW: Final = _New({}, {})
_NO_ROWS: Final[Mapping[ContactKey, ContactRow]] = {}


class Evaluated(NamedTuple):
    """What the live state needs to know of a contact that was evaluated."""

    id: str  # our own name of it
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
    days: Days = field(default_factory=dict)  # the same of the contacts that began lately
    evaluated: dict[ContactKey, Evaluated] = field(default_factory=dict)
    deadline: int | None = None  # earliest of the contacts written
    fallen: list[datetime] = field(default_factory=list)  # moments of the signals counted for the first time
    #: The earliest moment at which something is new of a customer, by each of his names.
    news: dict[str, int] = field(default_factory=dict)
    shared: int = 0  # contacts that turned out to be of a name that stands for many
    source: CursorRow | None = None  # where the source stands now; None: it did not move
    gap: tuple[int, int] | None = None  # since and until when the source could not be seen, in microseconds
    swept: int = 0
    rewritten: int = 0  # contacts that were written; of history, those that say something else than before


class Transaction:
    """Evaluates, counts and writes contacts of `source` in the open `unit`; absence is judged at `evaluation_time`."""

    def __init__(
        self, unit: Unit, source: str, directory: Directory, evaluation_time: datetime, counting: Counting, names_of: NamesOf,
        number: int, day_counts: DayCounts,
    ) -> None:  # fmt: skip
        """`number`: under which it is kept that something was told; none is used twice."""
        self.unit = unit
        self.source = source
        self.result = IngestResult()
        self._directory = directory
        self._evaluation_time = evaluation_time
        self._counting = counting
        self._names_of = names_of
        self._number = number
        self._day_counts = day_counts
        self._lately = to_micros(counting.now - LONGEST)

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
            self._retell({row.id for row in rows.values()}, {name for name, _ in rows})
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

    def judge_anew(self, keys: Iterable[ContactKey]) -> None:
        """Judges stored contacts by the present limits, and asks anew what other contacts of their customers tell them. Written
        is what says something else than before; what is over stays judged up to when it was."""
        rows = self.unit.contacts(keys)
        examined = [
            each if each.judgement.running else each._replace(evaluation_time=each.record.evaluation_time)
            for each in self._stored(rows.values())
        ]
        self._write(examined, {each.id(self.source) for each in examined}, rows)

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
        if self.result.news and not self._counting.anew:  # else whoever judges history tells the others, who count nothing either
            self.unit.put_told(ToldNews(self._number, self.result.news))
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

    def _write(
        self, examined: Sequence[Examined], asking: Collection[str] = (), stored: Mapping[ContactKey, ContactRow] = _NO_ROWS
    ) -> list[Evaluation]:
        """Counts and writes these contacts, then the stored ones whose customers learn of us in them.

        Both orders count: the call back may be read before or after the missed call. `asking` (our ids): contacts that ask what
        their customers did before, even if they told of these long ago. Of `stored` rows those are written that change.
        """
        new = self._tell(examined)
        told = self._told(examined, {*new.came, *asking})
        learned = self._tell([after for before, after in zip(examined, told, strict=True) if after is not before])
        evaluations = self._count(told, stored)
        self._hear(new, {each.row.id for each in evaluations})
        self._hear(learned)
        return evaluations

    def tie(self, names: Collection[str]) -> None:
        """These names have turned out to be one customer's: all that was told of one is news for the others."""
        since = dict.fromkeys(names, 0)
        self.result.news.update(since)
        self._hear(_New(since, since))

    @property
    def now(self) -> datetime:
        """By our own clock."""
        return self._counting.now

    def hear(self, since: Mapping[str, int]) -> None:
        """Tells stored contacts of what is new of these customers elsewhere, from these moments on."""
        self._hear(_New(since, since))

    def _hear(self, new: _New, told: Collection[str] = ()) -> None:
        """The same, without those (our ids) that have been `told` of words of ours. What they learn may be news in its turn."""
        while new.since:
            came = self.unit.came(new.since, besides=new.came)
            owed = [row for row in self.unit.owed(new.words) if row.id not in told] if new.words else []
            stored = self._stored({row[:2]: row for row in (*owed, *came)}.values())
            heard = self._told(stored, {row.id for row in came})
            learned = [after for before, after in zip(stored, heard, strict=True) if after is not before]
            new, told = self._tell(learned), ()
            self._count(learned)

    def _tell(self, examined: Sequence[Examined]) -> _New:
        """Writes what these contacts tell of their customers."""
        if not examined:
            return _NOTHING_NEW
        stored: dict[str, set[News]] = {}
        for news in self.unit.news_of({each.record.contact for each in examined if each.record.id is not None}):
            stored.setdefault(news.id, set()).add(news)
        put, drop, since, words = list[News](), list[News](), dict[str, int](), dict[str, int]()
        for each in examined:
            before, now = stored.get(each.id(self.source), set()), each.news(self.source)
            moment = changed_since(before, now)
            if moment is None:
                continue
            put += now - before
            drop += before - now
            for news in now ^ before:
                for name in self._names_of(news.customer):
                    since[name] = min(moment, since.get(name, moment))
                    if news.kind == "words":
                        words[name] = since[name]
        self.unit.drop_news(drop)
        self.unit.put_news(put)
        for name, moment in since.items():
            if not is_band(name):  # other sources hear nothing of words
                self.result.news[name] = min(moment, self.result.news.get(name, moment))
        return _New(since, words, frozenset(news.id for news in put if news.kind in TELLING))

    def _retell(self, ids: Collection[str], contacts: Collection[str]) -> None:
        """Takes back what these contacts told: those with which their customers came later have not come again."""
        gone = [news for news in self.unit.news_of(contacts) if news.id in ids]
        self.unit.drop_news(gone)
        since: dict[str, int] = {}
        for news in gone:
            for name in self._names_of(news.customer):
                since[name] = min(news.at, since.get(name, news.at))
                if not is_band(name):
                    self.result.news[name] = min(news.at, self.result.news.get(name, news.at))
        self._hear(_New(since, {}))

    def _told(self, examined: Sequence[Examined], returning: Collection[str]) -> list[Examined]:
        """These contacts as they are once they have learned of others: of words of ours that settle something, and, if they are
        among `returning` (our ids), of what the customer did before. What learns nothing new stays the same object."""
        comings = [(each, each.coming(self.source)) for each in examined]
        asked = [(each, coming) for each, coming in comings if coming is not None and coming.id in returning]
        found = self.unit.news_before([(self._names_of(each.record.customer or ""), coming.at) for each, coming in asked])
        # of those about whom less is known nobody can have come so often
        often = [each for each, told in zip(asked, found, strict=True) if len(told) >= MOST_A_WEEK]
        weeks = [(self._names_of(each.record.customer or ""), week_before(coming)) for each, coming in often]
        came = {coming: each for (_, coming), each in zip(often, self.unit.comings(weeks), strict=True)}
        returned = {
            id(each): returns(coming, told, came.get(coming, ())) for (each, coming), told in zip(asked, found, strict=True)
        }
        worded = self._worded(examined)
        return [self._informed(each, returned.get(id(each)), worded.get(id(each))) for each in examined]

    def _worded(self, examined: Sequence[Examined]) -> dict[int, list[Event]]:
        """Which answers of these contacts were canned, as far as that matters for any of them, or did."""
        asked = [(each, question) for each in examined for question in each.questions(self.source)]
        worded: dict[int, list[Event]] = {
            id(each): [] for each in examined if each.contact.answers and any(event.kind == ALIKE for event in each.events)
        }
        found = self.unit.news_before([(question.names, question.at) for _, question in asked]) if asked else []
        for (each, question), told in zip(asked, found, strict=True):
            own = self._names_of(each.record.customer or "")
            events = worded.setdefault(id(each), [])
            if alike(question, each.record.contact, own, [news for _, news in told], self._names_of):
                events += [event_of(question, event) for event in each.events if event.id == question.answer.key]
        return worded

    def _informed(self, examined: Examined, returned: Sequence[Event] | None, worded: Sequence[Event] | None) -> Examined:
        """`returned`, `worded`: what takes the place of what the contact knew of earlier ones, and of the words of others; None:
        nothing was asked."""
        record, events = examined.record, examined.events
        told = [event for matter in examined.matters() if (event := self._settling(record, matter)) is not None]
        if returned is None and worded is None and not told:
            return examined
        if returned is not None:
            self.result.shared += any(each.reason == SHARED for each in returned) and not any(map(_is_of_many, events))
            events = [event for event in events if event.kind not in (AGAIN, ANEW)]
            told += [event._replace(seq=events[0].seq, rough=events[0].rough) for event in returned]
        if worded is not None:
            events = [event for event in events if event.kind != ALIKE]
            told += worded
        if record.has_moved:
            told = [event._replace(point="") for event in told]
        events = merge(events, told) or events
        if list(events) == list(examined.events):
            return examined
        only_returns = worded is None and all(event.kind in (AGAIN, ANEW) for event in told)
        return returning(examined, events) if only_returns else self._examine(record, events)

    def _settling(self, record: Record, matter: Matter) -> Event | None:
        """The first words of ours in another contact after something was owed that settle it earlier than it was."""
        names, after = self._names_of(record.customer or ""), to_micros(matter.since)
        while found := self.unit.first_words(names, after, spoken=matter.spoken, besides=record.contact):
            source, news = found
            if matter.until is not None and from_micros(news.at) >= matter.until:
                return None
            same_call, ours = (source, news.contact) == (self.source, record.contact), news.says(OURS)
            if not matter.came or not (same_call or ours):
                return Event(
                    f"reached/{news.at}/{news.id}", record.contact, "", record.channel, "reached", from_micros(news.at),
                    how=news.channel, to=news.id, reason="same_call" if same_call else None, by=None if ours else "customer",
                )  # fmt: skip
            after = news.at
        return None

    def _count(self, examined: Iterable[Examined], stored: Mapping[ContactKey, ContactRow] = _NO_ROWS) -> list[Evaluation]:
        evaluations = []
        for each in examined:
            evaluation = evaluate(self.source, each, self._counting)
            evaluations.append(evaluation)
            if each.record.begun >= self._lately or evaluation.row.begun >= self._lately or each.record.others:
                channel = each.record.channel
                was = each.record.told_on or channel
                self._day_counts.change(self.result.days, was, channel, each.record.counted_at(), evaluation.counted)
            if is_closed(each.events) and not is_closed(each.record.events):
                self.result.closed.append(evaluations[-1].row.id)
        self._put(evaluations, stored)
        return evaluations

    def _put(self, evaluations: Iterable[Evaluation], stored: Mapping[ContactKey, ContactRow]) -> None:
        rows, gone, signals, dropped, result = [], [], [], [], self.result
        for each in evaluations:
            row = each.row
            was = stored.get(row[:2])
            if was is None or not is_same(was, row):
                rows.append(row)
            for point in each.left:
                gone.append((row.contact, point))
                result.evaluated[row.contact, point] = Evaluated(row.id, row.channel, ())
            signals += each.signals
            dropped += each.dropped
            result.evaluated[row.contact, row.contact_point] = Evaluated(row.id, row.channel, each.judgement.running)
            for verdict in each.fallen:
                if verdict.at is not None:
                    result.fallen.append(verdict.at)
            if row.deadline is not None and (result.deadline is None or row.deadline < result.deadline):
                result.deadline = row.deadline
        if gone:
            self.unit.drop_contacts(gone)
        result.rewritten += len(rows)
        if rows:
            self.unit.put_contacts(rows)
        if dropped:
            self.unit.drop_signals(dropped)
        if signals:
            self.unit.put_signals(signals)


def _is_of_many(event: Event) -> bool:
    return event.kind == AGAIN and event.reason == SHARED


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
