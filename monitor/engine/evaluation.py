"""One contact as it is kept: its packed events and the names of the facts that were counted."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from operator import is_
from sys import intern
from typing import Final, NamedTuple

import msgspec

from monitor.domain import ledger
from monitor.domain.contact import Contact
from monitor.domain.event import EPOCH, Channel, Event, from_micros, pack, to_micros, unpack
from monitor.domain.fold import fold
from monitor.domain.judge import Judgement, RunningWait, Verdict, fell_at, judge, reported_seconds
from monitor.domain.policy import Policy
from monitor.store.base import ContactRow, SignalRow


class _Stored(msgspec.Struct):
    """The record of a contact: its packed events, the names counted, its week, the latest evaluation time."""

    e: msgspec.Raw
    l: list[str]  # noqa: E741  # short in every row
    w: str | None
    h: int


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder()
_STORED: Final = msgspec.json.Decoder(_Stored)


def _encode(value: object) -> str:
    return _ENCODER.encode(value).decode()


class Record(NamedTuple):
    """What is known of a contact before new events come."""

    contact: str
    contact_point: str
    channel: Channel
    events: Sequence[Event] = ()
    counted: frozenset[str] = frozenset()
    week: str | None = None
    customer: str | None = None
    evaluation_time: datetime = EPOCH  # the latest one it was judged at: what was known absent then stays so
    packed: bytes | None = None  # the events as they are stored; None: they are not

    def entry(self, week: str) -> ledger.Entry:
        """How it is counted in this week."""
        return ledger.Entry(self.contact_point, week, self.counted, self.week)


class Examined(NamedTuple):
    """A contact folded and judged; nothing of it is counted yet."""

    record: Record
    events: Sequence[Event]
    policy: Policy
    evaluation_time: datetime
    contact: Contact
    judgement: Judgement

    def missed_at(self) -> int | None:
        """Since when a call back is owed; None where none is."""
        return next((to_micros(each.since) for each in self.judgement.running if each.wait == "callback"), None)

    def reached(self) -> list[int]:
        """When its customer, known by name, talked to us on the phone."""
        contact = self.contact
        if contact.answered_at is None or self.record.channel != "phone" or self.record.customer is None:
            return []
        later = [visit.until for visit in contact.visits if visit.ended == "answered" and visit.until is not None]
        return sorted({to_micros(at) for at in (contact.answered_at, *later)})


class Evaluation(NamedTuple):
    """The result of evaluating one contact: the row to write and what changed in the lists."""

    row: ContactRow
    contact: Contact
    judgement: Judgement
    signals: list[SignalRow]
    dropped: list[tuple[str, str, str, str]]
    fallen: list[Verdict]  # signals that were not counted before
    new: bool


def contact_id(source: str, contact: str, contact_point: str) -> str:
    """Our own name of a contact: 16 hex digits that say nothing about the customer."""
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
        bytes(stored.e),
    )


def read_running(stored: str) -> list[RunningWait]:
    """The running waits that `evaluate` stored, without judging them again."""
    return [
        RunningWait(intern(wait), from_micros(since), None if due is None else from_micros(due), bool(overdue))
        for wait, since, due, overdue in _DECODER.decode(stored)
    ]


def examine(record: Record, events: Sequence[Event], policy: Policy, evaluation_time: datetime) -> Examined:
    """Folds and judges one contact. `events` are all of it, in the order of `fold.merge`."""
    contact = fold(record.channel, events, reachable=record.customer is not None)
    evaluation_time = max(evaluation_time, record.evaluation_time)
    return Examined(record, events, policy, evaluation_time, contact, judge(contact, policy, evaluation_time))


def evaluate(source: str, examined: Examined, counting: ledger.Counting) -> Evaluation:
    """Counts what is new of an examined contact, and makes the row to write."""
    record, events, policy, evaluation_time, contact, judgement = examined
    point = record.contact_point
    week = ledger.week_start(contact.begun, policy.timezone)
    counted, fallen = ledger.count(contact, judgement, record.entry(week), counting)
    running = [(wait, to_micros(since), _micros(due_at), overdue) for wait, since, due_at, overdue in judgement.running]
    reached = contact.answered_at if record.channel == "phone" and record.customer is not None else None
    row = ContactRow(
        contact=record.contact,
        contact_point=point,
        id=contact_id(source, record.contact, point),
        channel=record.channel,
        begun=to_micros(contact.begun),
        last=to_micros(contact.last),
        record=_encode(_Stored(_packed(record, events), list(counted), week, to_micros(evaluation_time))),
        deadline=_micros(judgement.deadline),
        running=_encode(running) if running else None,
        customer=record.customer,
        missed_at=next((since for wait, since, _, _ in running if wait == "callback"), None) if running else None,
        reached_at=_micros(reached),
    )
    signals = _signals(record, contact, judgement, policy, evaluation_time)
    dropped = _dropped(record, counted) if record.counted else []
    return Evaluation(row, contact, judgement, signals, dropped, fallen, not record.counted)


def _packed(record: Record, events: Sequence[Event]) -> msgspec.Raw:
    """The events as they are stored; what is stored already, before all that is new, is not packed again."""
    known = len(record.events)
    if not known or record.packed is None or known > len(events) or not all(map(is_, record.events, events)):
        return msgspec.Raw(_ENCODER.encode([pack(event) for event in events]))
    if known == len(events):
        return msgspec.Raw(record.packed)
    fresh = _ENCODER.encode([pack(event) for event in events[known:]])
    return msgspec.Raw(record.packed[:-1] + b"," + fresh[1:])


def _signals(
    record: Record, contact: Contact, judgement: Judgement, policy: Policy, evaluation_time: datetime
) -> list[SignalRow]:  # fmt: skip
    """The rows of all breaches, with the seconds that are shown beside them."""
    rows = []
    for verdict in judgement.verdicts:
        if verdict.state == "breached" and (at := fell_at(verdict)) is not None:
            seconds = reported_seconds(verdict, contact, policy, evaluation_time)
            names = (record.contact, record.contact_point, verdict.signal, verdict.key)
            rows.append(SignalRow(*names, record.channel, to_micros(at), *seconds))
    return rows


def _dropped(record: Record, counted: set[str]) -> list[tuple[str, str, str, str]]:
    """The signals that were counted and are true no longer."""
    rows = []
    for name in record.counted - counted:
        if name.startswith("s:"):
            signal, _, key = name[2:].partition(":")
            rows.append((record.contact, record.contact_point, signal, key))
    return rows


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else to_micros(moment)
