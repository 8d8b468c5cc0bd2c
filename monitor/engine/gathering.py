"""To which contact an event belongs: of a call to the one at its contact point, of what is written to the one of its name.

A call that goes through two queues is a contact at each. What is written is one matter wherever it goes: where its events
tell of more than one contact point it has moved, and each of them then bears the name of its own (`Event.point`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from monitor.domain.event import AFTERWARDS_KINDS, FOLLOWED, WRITTEN_CHANNELS, Channel, Event
from monitor.domain.merging import merge
from monitor.engine.directory import Directory
from monitor.engine.evaluation import Counted, Record, read_record
from monitor.store.base import ContactRow

#: Of several channels on which one written contact is told, in whatever order: a ticket whose messages come by mail is one.
_MOST_TELLING: Final[tuple[Channel, ...]] = ("ticket", "chat", "email")

#: An event and the contact point that its place is.
Told = tuple[str, Event]


class Gathered(NamedTuple):
    """A contact as it is stored, if it is, and what is told of it now."""

    record: Record
    events: Sequence[Event]


def gather(source: str, directory: Directory, events: Iterable[Event]) -> dict[str, list[Told]]:
    """The events by the name of their contact; their places become contact points."""
    groups: defaultdict[str, list[Told]] = defaultdict(list)
    points: dict[tuple[str, str], str] = {}
    for event in events:
        where = (event.place, event.channel)
        point = points.get(where)
        if point is None:
            point = points[where] = directory.resolve(source, event.place, event.channel)
        if event.kind == "transferred" and not event.into_queue and directory.is_queue(source, event.to):
            event = event._replace(into_queue=True)
        groups[event.contact].append((point, event))
        if event.follows is not None:
            groups[event.follows].append((point, _came_back(event)))
    return groups


def _came_back(event: Event) -> Event:
    """What a contact learns whose matter goes on in another one: the customer had to come back on it."""
    name = f"follows/{event.contact}"
    return Event(name, event.follows or "", "", event.channel, "reopened", event.at, how=FOLLOWED, point="")


def begins_nothing(events: Iterable[Event]) -> bool:
    """Whether all of these only say something of a contact that is known otherwise, and begin none."""
    return all(event.kind in AFTERWARDS_KINDS or event.how == FOLLOWED for event in events)


def with_records(groups: Mapping[str, Sequence[Told]], stored: Mapping[str, Sequence[ContactRow]]) -> Iterator[Gathered]:
    """Each contact of these events. `stored`: all contacts of these names."""
    for name, told in groups.items():
        rows = stored.get(name, ())
        if any(event.channel in WRITTEN_CHANNELS for _, event in told):
            points = {point for point, event in told if event.point != ""}
            yield _written(name, told, [row for row in rows if row.channel in WRITTEN_CHANNELS or row.contact_point in points])
            continue
        by_point: dict[str, list[Event]] = {}
        for point, event in told:
            by_point.setdefault(point, []).append(event)
        for point, of_point in by_point.items():
            row = next((row for row in rows if row.contact_point == point), None)
            yield Gathered(Record(name, point, of_point[0].channel) if row is None else read_record(row), of_point)


def stored_records(rows: Iterable[ContactRow], named: Mapping[str, Sequence[ContactRow]]) -> Iterator[Record]:
    """The contacts in these rows. `named`: all rows of those that are written, of which several become one."""
    joined = set()
    for row in rows:
        same = [each for each in named.get(row.contact, ()) if each.channel in WRITTEN_CHANNELS]
        if row.channel not in WRITTEN_CHANNELS or len(same) < 2:
            yield read_record(row)
        elif row.contact not in joined:
            joined.add(row.contact)
            yield _record_of(same)


def _written(name: str, told: Sequence[Told], rows: Sequence[ContactRow]) -> Gathered:
    """A written contact. Where version 0.1 has left one at each of its contact points they become one."""
    points = {point for point, event in told if event.point != ""} or {rows[0].contact_point if rows else told[0][0]}
    channel = _channel(event.channel for _, event in told if event.point != "" or not rows)
    if not rows:
        record = Record(name, told[0][0], channel)
    else:
        record = _record_of(rows)
        channel = _channel((record.channel, channel))
    if channel != record.channel:
        events = [event._replace(channel=channel) for event in record.events]
        record = record._replace(channel=channel, events=events)
    fresh = [event if event.channel == channel else event._replace(channel=channel) for _, event in told]
    if record.has_moved or points != {record.contact_point}:
        events = [at_point(event, record.contact_point) for event in record.events]
        record = record._replace(events=events, has_moved=True)
        fresh = [at_point(event, point) for event, (point, _) in zip(fresh, told, strict=True)]
    return Gathered(record, fresh)


def at_point(event: Event, point: str) -> Event:
    """The event with the name of its contact point, unless it has one or tells of none."""
    if event.point is not None:
        return event
    return event._replace(point="" if event.kind in AFTERWARDS_KINDS else point)


def _channel(channels: Iterable[str]) -> Channel:
    told = set(channels)
    return next((each for each in _MOST_TELLING if each in told), "email")


def _record_of(rows: Sequence[ContactRow]) -> Record:
    """One contact of all its rows, the one that began first before the others; what was counted of each stays counted there."""
    records = sorted(map(read_record, rows), key=lambda record: (record.begun, record.contact_point))
    first, *others = records
    if not others:
        return first
    events = [at_point(event, record.contact_point) for record in records for event in record.events]
    counted = {**first.others}
    for each in others:
        counted |= {each.contact_point: Counted(each.counted, each.week), **each.others}
    return first._replace(
        channel=_channel(record.channel for record in records),
        events=merge((), reversed(events)) or (),
        others=counted,
        has_moved=True,
        customer=next((record.customer for record in records if record.customer), None),
        evaluation_time=max(record.evaluation_time for record in records),
        rows=tuple(point for record in records for point in record.rows),
    )
