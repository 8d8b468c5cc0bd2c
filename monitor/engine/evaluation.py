"""One contact as it is kept: its packed events and the names of the facts that were counted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from itertools import groupby
from operator import is_, itemgetter
from sys import intern
from typing import Any, Final, NamedTuple

import msgspec

from monitor.domain import ledger
from monitor.domain.alike import Question, news_of_words, questions
from monitor.domain.contact import Contact
from monitor.domain.event import EPOCH, WRITTEN_CHANNELS, Channel, Event, from_micros, pack, to_micros, unpack
from monitor.domain.fold import fold, stays_of, with_returns
from monitor.domain.judge import Judgement, RunningWait, Verdict, fell_at, is_misdialled, judge, related_to, reported_seconds
from monitor.domain.news import Matter, News, matters, news_of
from monitor.domain.policy import Policy
from monitor.domain.returns import Coming
from monitor.store.base import OPEN, ContactRow, SignalRow


class _Stored(msgspec.Struct, omit_defaults=True):
    """The record of a contact: its packed events, the names counted, its week, the latest evaluation time.

    Of one that has moved also what was counted of it at other contact points. `d`: the seconds of its waits that ended, by wait,
    and behind a colon the contact point where that is another one; None: an earlier version has written it.
    `o`: we began it. `j`: where history was judged anew, what weeks show of it (`ledger.Entry.judged`), by contact point.
    """

    e: msgspec.Raw
    l: list[str]  # noqa: E741  # short in every row
    w: str | None
    h: int
    m: dict[str, tuple[list[str], str | None]] | None = None
    d: dict[str, list[float]] | None = None
    o: bool = False
    j: dict[str, list[str]] | None = None


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder()
_STORED: Final = msgspec.json.Decoder(_Stored)
_NO_EVENTS: Final = msgspec.Raw(b"")


def _encode(value: object) -> str:
    return _ENCODER.encode(value).decode()


#: (contact point, channel, name of a policy or "") -> what holds there.
PolicyOf = Callable[[str, Channel, str], Policy]


class Counted(NamedTuple):
    """What has been counted of a contact at one contact point, the week (its Monday) in which it was, and when it had begun.

    `judged`: the verdicts that its week holds, where it was judged anew by other limits; None: those counted.
    """

    names: frozenset[str] = frozenset()
    week: str | None = None
    begun: int = 0
    judged: frozenset[str] | None = None

    @property
    def held(self) -> frozenset[str]:
        """The names of the verdicts that weeks, lists and days show of it, among others."""
        return self.names if self.judged is None else self.judged


class Record(NamedTuple):
    """What is known of a contact before new events come."""

    contact: str
    contact_point: str  # where it is; of what was never moved, where it began
    channel: Channel
    events: Sequence[Event] = ()
    counted: frozenset[str] = frozenset()
    week: str | None = None
    customer: str | None = None
    evaluation_time: datetime = EPOCH  # the latest one it was judged at: what was known absent then stays so
    others: Mapping[str, Counted] = {}  # by contact point where it was before
    has_moved: bool = False  # its events name their contact points
    rows: tuple[str, ...] = ()  # the contact points under which it is stored
    id: str | None = None  # our own name of it; None: it is new
    begun: int = 0
    packed: bytes | None = None  # the events as they are stored; None: they are not
    newly_named: bool = False  # its customer was not known before
    judged: frozenset[str] | None = None  # `Counted.judged` where it is
    waits: bool = False  # something went on in it
    told_on: Channel | None = None  # the channel it was counted on, where it is another one now

    def entry(self, week: str) -> ledger.Entry:
        """How it is counted in this week."""
        return ledger.Entry(self.contact_point, week, self.counted, self.week, judged=self.judged, waits=self.waits)

    def counted_at(self) -> dict[str, "Counted"]:
        """What was counted of it at each contact point, where it is first."""
        return {self.contact_point: Counted(self.counted, self.week, self.begun, self.judged), **self.others}


class Whereabouts(NamedTuple):
    """The contact point of each of a contact's stays, and the policy that held in it; at least one, the last is now."""

    points: Sequence[str]
    policies: Sequence[Policy]


class Examined(NamedTuple):
    """A contact folded and judged; nothing of it is counted yet."""

    record: Record
    events: Sequence[Event]
    where: Whereabouts
    evaluation_time: datetime
    contact: Contact
    judgement: Judgement

    def matters(self) -> list[Matter]:
        """What its customer, known by name, is owed, and other contacts can settle."""
        return matters(self.contact, self.judgement, self.where.policies) if self.record.customer is not None else []

    def news(self, source: str) -> set[News]:
        """All that it tells of its customer, if he is known by name."""
        customer = self.record.customer
        if customer is None or is_misdialled(self.judgement.outcomes):
            return set()
        told = news_of(customer, self.record.contact, self.id(source), self.contact, self.events)
        if self.contact.answers:
            told.update(news_of_words(customer, source, self.record.contact, self.id(source), self.contact))
        return told

    def coming(self, source: str) -> Coming | None:
        """With which its customer, known by name, came; None: he did not begin it."""
        if self.contact.came_at is None or is_misdialled(self.judgement.outcomes):
            return None
        return Coming(source, self.record.contact, self.id(source), self.record.channel, to_micros(self.contact.came_at))

    def questions(self, source: str) -> list[Question]:
        """What its answers ask of others' words, if its customer is known by name."""
        return questions(source, self.contact) if self.contact.answers and self.record.customer is not None else []

    def id(self, source: str) -> str:
        """Our own name of it."""
        record, point = self.record, "" if self.record.channel in WRITTEN_CHANNELS else self.where.points[-1]
        return record.id or contact_id(source, record.contact, point)


class Evaluation(NamedTuple):
    """The result of evaluating one contact: the row to write and what changed in the lists."""

    row: ContactRow
    contact: Contact
    judgement: Judgement
    signals: list[SignalRow]
    dropped: list[tuple[str, str, str, str]]
    fallen: list[Verdict]  # signals that were not counted before
    new: bool
    counted: Mapping[str, Counted]  # by contact point
    left: Sequence[str] = ()  # contact points under which it is stored no longer


def contact_id(source: str, contact: str, contact_point: str) -> str:
    """Our own name of a contact: 16 hex digits that say nothing about the customer.

    `contact_point` is "" for what is written, which may move.
    """
    return blake2b(f"{source}\0{contact}\0{contact_point}".encode(), digest_size=8).hexdigest()


def read_record(row: ContactRow) -> Record:
    """The record in a stored row."""
    stored = _STORED.decode(row.record)
    channel: Channel = row.channel  # type: ignore[assignment]  # written by `evaluate` below
    events = [unpack(packed, row.contact, channel) for packed in _DECODER.decode(stored.e)]
    return Record(
        row.contact,
        row.contact_point,
        channel,
        events,
        frozenset(stored.l),
        stored.w,
        row.customer,
        from_micros(stored.h),
        _elsewhere(stored, row),
        stored.m is not None,
        (row.contact_point,),
        row.id,
        row.begun,
        bytes(stored.e),
        judged=_judged(stored, row.contact_point),
        waits=row.running is not None,
    )


def read_counted(row: ContactRow) -> dict[str, Counted]:
    """What has been counted of a stored contact at each contact point."""
    stored = _STORED.decode(row.record)
    here = Counted(frozenset(stored.l), stored.w, row.begun, _judged(stored, row.contact_point))
    return {row.contact_point: here, **_elsewhere(stored, row)}


class _Counts(msgspec.Struct):
    """The part of a record that reports read; the events are passed over."""

    l: list[str]  # noqa: E741  # as in `_Stored`
    w: str | None
    m: dict[str, tuple[list[str], str | None]] | None = None
    d: dict[str, list[float]] | None = None
    o: bool = False
    j: dict[str, list[str]] | None = None


_COUNTS: Final = msgspec.json.Decoder(_Counts)


class History(NamedTuple):
    """What a stored contact counts at one contact point, as it is judged now where it was judged anew. `waits`: by kind the
    seconds of those that ended; None: to be judged."""

    contact_point: str
    week: str | None
    names: Sequence[str]
    waits: Mapping[str, Sequence[float]] | None
    outbound: bool


def read_history(row: ContactRow) -> list[History]:
    """The same for reports, at each contact point, without its events: it costs a tenth of `read_record`."""
    stored = _COUNTS.decode(row.record)
    if stored.m is None:
        return [History(row.contact_point, stored.w, _shown(stored, row.contact_point, stored.l), stored.d, stored.o)]
    ledgers = {row.contact_point: (stored.l, stored.w), **stored.m}
    measured: dict[str, dict[str, list[float]]] = {}
    for key, lengths in (stored.d or {}).items():
        wait, _, elsewhere = key.partition(":")
        measured.setdefault(elsewhere or row.contact_point, {})[wait] = lengths
    return [
        History(point, week, _shown(stored, point, names), None if stored.d is None else measured.get(point, {}), stored.o)
        for point, (names, week) in ledgers.items()
    ]


def _shown(stored: _Counts, point: str, names: Sequence[str]) -> Sequence[str]:
    """What is to be shown of what was counted at a contact point: where it was judged anew, that."""
    if stored.j is None or point not in stored.j:
        return names
    return [*(name for name in names if name[0] not in "ast"), *stored.j[point]]


def measured_waits(examined: Examined) -> dict[str, dict[str, list[float]]]:
    """By contact point and kind the seconds of each wait of an examined contact that ended there."""
    found: dict[str, dict[str, list[float]]] = {}
    for wait, _, seconds, _, stay in examined.judgement.measured:
        found.setdefault(examined.where.points[stay], {}).setdefault(wait, []).append(round(seconds, 6))
    return found


def _lengths(examined: Examined) -> dict[str, list[float]]:
    """As `read_history` reads them."""
    here = examined.where.points[-1]
    return {
        wait if point == here else f"{wait}:{point}": lengths
        for point, waits in measured_waits(examined).items()
        for wait, lengths in waits.items()
    }


def _elsewhere(stored: _Stored, row: ContactRow) -> dict[str, Counted]:
    if stored.m is None:
        return {}
    return {
        point: Counted(frozenset(names), week, row.begun, _judged(stored, point)) for point, (names, week) in stored.m.items()
    }


def _judged(stored: _Stored, point: str) -> frozenset[str] | None:
    return None if stored.j is None or point not in stored.j else frozenset(stored.j[point])


def is_same(stored: ContactRow, row: ContactRow) -> bool:
    """Whether two rows of a contact say the same."""
    return stored._replace(record="") == row._replace(record="") and _said(stored) == _said(row)


def _said(row: ContactRow) -> tuple[object, ...]:
    """What a record says; names have no order in it."""
    stored = _STORED.decode(row.record)
    rest = msgspec.structs.replace(stored, e=_NO_EVENTS, l=[], m=None, j=None)
    return bytes(stored.e), read_counted(row), msgspec.structs.astuple(rest)


def renamed(record: str, rename: Callable[[str], str]) -> tuple[str, Mapping[str, str]]:
    """A stored record whose events have other ids, and by what occurrence each that was counted is known then.

    Of things of one moment the id decides which comes first; what began with the first of them goes on as that.
    """
    stored = _STORED.decode(record)
    events: list[list[Any]] = []
    counted: dict[str, str] = {}
    for _, tied in groupby(
        _DECODER.decode(stored.e), key=lambda row: (row[1], row[2], row[3].get("seq") if len(row) > 3 else None)
    ):
        before = list(tied)
        after = sorted(([rename(event_id), *rest] for event_id, *rest in before), key=itemgetter(0))
        counted.update((old[0], new[0]) for old, new in zip(before, after, strict=True))
        events += after
    for row in events:
        if len(row) > 3 and row[3].get("event") is not None:
            row[3]["event"] = rename(row[3]["event"])

    def names(of: Iterable[str]) -> list[str]:
        return [f"{kind}:{counted.get(key, key)}" if colon else key for kind, colon, key in (each.rpartition(":") for each in of)]

    elsewhere = None if stored.m is None else {point: (names(of), week) for point, (of, week) in stored.m.items()}
    judged = None if stored.j is None else {point: names(of) for point, of in stored.j.items()}
    kept = _Stored(
        msgspec.Raw(_ENCODER.encode(events)), names(stored.l), stored.w, stored.h, elsewhere, stored.d, stored.o, judged
    )
    return _encode(kept), counted


def read_running(stored: str) -> list[RunningWait]:
    """The running waits that `evaluate` stored, without judging them again."""
    return [
        RunningWait(intern(wait), from_micros(since), _moment(due), bool(overdue), _moment(*soon) if soon else None)
        for wait, since, due, overdue, *soon in _DECODER.decode(stored)
    ]


def whereabouts(record: Record, events: Sequence[Event], policy_of: PolicyOf) -> Whereabouts:
    """Where a contact of these events has been."""
    stays = stays_of(record.channel, events)
    if not stays:
        return Whereabouts((record.contact_point,), (policy_of(record.contact_point, record.channel, ""),))
    points = [stay.point or record.contact_point for stay in stays]
    policies = [policy_of(point, record.channel, stay.policy) for point, stay in zip(points, stays, strict=True)]
    return Whereabouts(points, policies)


def examine(record: Record, events: Sequence[Event], where: Whereabouts, evaluation_time: datetime) -> Examined:
    """Folds and judges one contact. `events` are all of it, in the order of `merge`."""
    policy = where.policies[-1]
    contact = fold(record.channel, events, reachable=record.customer is not None, reading=policy.reading)
    evaluation_time = max(evaluation_time, record.evaluation_time)
    judgement = judge(contact, policy, evaluation_time, where.policies[:-1])
    return Examined(record, events, where, evaluation_time, contact, judgement)


def returning(examined: Examined, events: Sequence[Event]) -> Examined:
    """The same contact with other RETURNS among its events: nothing else of it need be looked at anew."""
    contact, policies = with_returns(examined.contact, events), examined.where.policies
    judgement = judge(contact, policies[-1], examined.evaluation_time, policies[:-1])
    return examined._replace(events=events, contact=contact, judgement=judgement)


def evaluate(source: str, examined: Examined, counting: ledger.Counting) -> Evaluation:
    """Counts what is new of an examined contact, and makes the row to write."""
    record, events, (points, policies), evaluation_time, contact, judgement = examined
    point = points[-1]
    if record.others or len(points) > 1 or point != record.contact_point:
        ledgers, fallen = _count_apart(examined, counting)
    else:
        week = ledger.week_start(contact.begun, policies[-1].timezone)
        names, judged, fallen = ledger.count(contact, judgement, record.entry(week), counting)
        ledgers = {point: Counted(names, week, to_micros(contact.begun), judged)}
    running = [_stored_wait(each) for each in judgement.running]
    here = ledgers.get(point, Counted())
    elsewhere = {other: (list(each.names), each.week) for other, each in ledgers.items() if other != point}
    anew = {at: list(each.judged) for at, each in ledgers.items() if each.judged is not None}
    kept = _Stored(
        _packed(record, events), list(here.names), here.week, to_micros(evaluation_time),
        elsewhere if record.has_moved else None, _lengths(examined), contact.direction == "outbound", anew or None,
    )  # fmt: skip
    matters = examined.matters()
    row = ContactRow(
        contact=record.contact,
        contact_point=point,
        id=examined.id(source),
        channel=record.channel,
        begun=to_micros(contact.begun),
        last=to_micros(contact.last),
        record=_encode(kept),
        deadline=_micros(judgement.deadline),
        running=_encode(running) if running else None,
        customer=record.customer,
        owed_since=min((to_micros(matter.since) for matter in matters), default=None),
        owed_until=max((OPEN if matter.until is None else to_micros(matter.until) for matter in matters), default=None),
    )
    signals = _signals(examined, judgement.verdicts)
    dropped = _dropped(record, ledgers) if record.counted or record.others else []
    left = [each for each in record.rows if each != point]
    return Evaluation(row, contact, judgement, signals, dropped, fallen, not (record.counted or record.others), ledgers, left)


def _packed(record: Record, events: Sequence[Event]) -> msgspec.Raw:
    """The events as they are stored; what is stored already, before all that is new, is not packed again."""
    known = len(record.events)
    if not known or record.packed is None or known > len(events) or not all(map(is_, record.events, events)):
        return msgspec.Raw(_ENCODER.encode([pack(event) for event in events]))
    if known == len(events):
        return msgspec.Raw(record.packed)
    fresh = _ENCODER.encode([pack(event) for event in events[known:]])
    return msgspec.Raw(record.packed[:-1] + b"," + fresh[1:])


def _count_apart(examined: Examined, counting: ledger.Counting) -> tuple[dict[str, Counted], list[Verdict]]:
    """Counts each thing at the contact point where the contact was when it happened; what was counted elsewhere by mistake is
    taken back there."""
    record, _, (points, policies), _, contact, judgement = examined
    before = record.counted_at()
    zones = {point: policy.timezone for point, policy in zip(points, policies, strict=True)}
    found: dict[str, Counted] = {}
    fallen: list[Verdict] = []
    for point in dict.fromkeys((*points, *before)):
        had = before.get(point, Counted())
        week = ledger.week_start(contact.begun, zones[point]) if point in zones else had.week or ""
        elsewhere = frozenset[str]().union(*(each.names for other, each in before.items() if other != point))
        entry = ledger.Entry(point, week, had.names, had.week, point == points[0], elsewhere, had.judged, record.waits)
        here = frozenset(number for number, each in enumerate(points) if each == point)
        names, judged, new = ledger.count(contact, judgement.at(here), entry, counting)
        fallen += new
        if names or judged:
            found[point] = Counted(names, week, to_micros(contact.begun), judged)
    return found, fallen


def running_signals(examined: Examined) -> list[SignalRow]:
    """The rows of the breaches of waits that go on, with the seconds waited so far."""
    return _signals(examined, (each for each in examined.judgement.verdicts if each.wait is not None and each.wait.until is None))


def _signals(examined: Examined, verdicts: Iterable[Verdict]) -> list[SignalRow]:
    """The rows of the breaches among these, where they fell, with the seconds that are shown beside them."""
    record, _, (points, policies), evaluation_time, contact, _ = examined
    rows = []
    for verdict in verdicts:
        if verdict.state == "breached" and (at := fell_at(verdict)) is not None:
            seconds = reported_seconds(verdict, contact, policies[verdict.stay], evaluation_time)
            names = (record.contact, points[verdict.stay], verdict.signal, verdict.key)
            rows.append(SignalRow(*names, record.channel, to_micros(at), *seconds, related_to(verdict, contact)))
    return rows


def take_back(record: Record, counting: ledger.Counting) -> list[tuple[str, str, str, str]]:
    """Takes back all that was counted of a contact, wherever it was. The signals that are listed of it."""
    for point, had in record.counted_at().items():
        entry = ledger.Entry(point, had.week or "", had.names, had.week, judged=had.judged)
        ledger.take_back(record.channel, point, entry, counting.deltas)
    return _dropped(record, {})


def _dropped(record: Record, ledgers: Mapping[str, Counted]) -> list[tuple[str, str, str, str]]:
    """The signals that are listed and are true no longer."""
    rows = []
    for point, had in record.counted_at().items():
        for name in had.held - ledgers.get(point, Counted()).held:
            if name.startswith("s:"):
                signal, _, key = name[2:].partition(":")
                rows.append((record.contact, point, signal, key))
    return rows


def _stored_wait(running: RunningWait) -> tuple[str | int | bool | None, ...]:
    """As `read_running` reads it; the last item only where a warning is wanted."""
    wait, since, due_at, overdue, soon_at = running
    stored = (wait, to_micros(since), _micros(due_at), overdue)
    return stored if soon_at is None else (*stored, to_micros(soon_at))


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else to_micros(moment)


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
