"""To which contact an event belongs: of a call to the one at its contact point, of what is written to the one of its name.

A call that goes through two queues is a contact at each. What is written is one matter wherever it goes: where its events
tell of more than one contact point it has moved, and each of them then bears the name of its own (`Event.point`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from monitor.domain.event import AFTERWARDS_KINDS, FOLLOWED, WRITTEN_CHANNELS, Channel, Event
from monitor.domain.merging import merge
from monitor.engine.directory import Directory
from monitor.engine.evaluation import Record, read_record
from monitor.store.base import ContactKey, ContactRow

#: Of several channels on which one written contact is told, in whatever order: a ticket whose messages come by mail is one.
_MOST_TELLING: Final[tuple[Channel, ...]] = ("ticket", "chat", "email")


class Groups(NamedTuple):
    """Events by their contact: those of calls by contact point too; and the contact point of each place and channel."""

    calls: dict[ContactKey, list[Event]]
    written: dict[str, list[Event]]
    points: dict[tuple[str, Channel], str]

    def point(self, event: Event) -> str:
        """The contact point that an event is told of."""
        return self.points[event.place, event.channel]

    def names(self) -> set[str]:
        """The contacts' own names."""
        return {name for name, _ in self.calls}.union(self.written)


class Gathered(NamedTuple):
    """A contact as it is stored, if it is, and what is told of it now."""

    record: Record
    events: Sequence[Event]


def gather(source: str, directory: Directory, events: Iterable[Event]) -> Groups:
    """The events by their contact; their places become contact points.

    A name under which something is written is one contact, calls of that name included.
    """
    groups = Groups({}, {}, {})
    calls, written, points = groups
    for event in events:
        where = (event.place, event.channel)
        point = points.get(where)
        if point is None:
            point = points[where] = directory.resolve(source, event.place, event.channel)
        if event.channel in WRITTEN_CHANNELS:
            written.setdefault(event.contact, []).append(event)
            if event.follows is not None and _comes_back(event):
                written.setdefault(event.follows, []).append(_came_back(event))
            continue
        if event.kind == "transferred" and not event.into_queue and directory.is_queue(source, event.to):
            event = event._replace(into_queue=True)
        calls.setdefault((event.contact, point), []).append(event)
    if written:
        for key in [key for key in calls if key[0] in written]:
            written[key[0]] += calls.pop(key)
    return groups


def _comes_back(event: Event) -> bool:
    """Whether the customer wants more of what went before: not with a thank-you, or where we or a machine go on with it."""
    return event.by in (None, "customer") and not (event.courtesy or event.automatic)


def _came_back(event: Event) -> Event:
    """What a contact learns whose matter goes on in another one: the customer had to come back on it."""
    name = f"follows/{event.contact}"
    return Event(name, event.follows or "", event.place, event.channel, "reopened", event.at, how=FOLLOWED, point="")


def begins_nothing(events: Iterable[Event]) -> bool:
    """Whether all of these only say something of a contact that is known otherwise, and begin none."""
    return all(event.kind in AFTERWARDS_KINDS or event.how == FOLLOWED for event in events)


def with_records(groups: Groups, stored: Mapping[str, Sequence[ContactRow]]) -> Iterator[Gathered]:
    """Each contact of these events. `stored`: all contacts of these names."""
    for (name, point), events in groups.calls.items():
        row = next((row for row in stored.get(name, ()) if row.contact_point == point), None)
        yield Gathered(Record(name, point, events[0].channel) if row is None else read_record(row), events)
    for name, events in groups.written.items():
        points = {groups.point(event) for event in events if event.point != ""}
        rows = [row for row in stored.get(name, ()) if row.channel in WRITTEN_CHANNELS or row.contact_point in points]
        yield _written(name, events, rows, groups)


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


def _written(name: str, events: Sequence[Event], rows: Sequence[ContactRow], groups: Groups) -> Gathered:
    """A written contact. Where version 0.1 has left one at each of its contact points they become one."""
    channel = _channel(event.channel for event in events if event.point != "" or not rows)
    # What only says something afterwards, by whomever, does not say where it is.
    placing = next((event for event in events if event.kind not in AFTERWARDS_KINDS), events[0])
    record = _record_of(rows) if rows else Record(name, groups.point(placing), channel)
    channel = _channel((record.channel, channel))
    if channel != record.channel:
        same = [event._replace(channel=channel) for event in record.events]
        record = record._replace(channel=channel, events=same, packed=None, told_on=record.channel if rows else None)
    moved = record.has_moved or any(event.point != "" and groups.point(event) != record.contact_point for event in events)
    if moved:
        placed = [at_point(event, record.contact_point) for event in record.events]
        record = record._replace(events=placed, has_moved=True, packed=None)
        events = [at_point(event, groups.point(event)) for event in events]
    return Gathered(record, [event if event.channel == channel else event._replace(channel=channel) for event in events])


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
        counted |= each.counted_at()
    return first._replace(
        channel=_channel(record.channel for record in records),
        events=merge((), reversed(events)) or (),
        others=counted,
        has_moved=True,
        packed=None,
        customer=next((record.customer for record in records if record.customer), None),
        evaluation_time=max(record.evaluation_time for record in records),
        rows=tuple(point for record in records for point in record.rows),
    )
