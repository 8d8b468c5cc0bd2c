"""Events that speak of a contact which is there already, whichever source reads it: "settled by phone", said of a mail.

Such an event cannot begin a contact. Who pushes it names the contact as in `explain`: our id, the source's own name, or the
name of one of its events (a Message-ID).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from monitor.domain.bounded import is_closed, tally
from monitor.domain.event import AFTERWARDS_KINDS, Event
from monitor.domain.merging import merge
from monitor.engine.directory import Directory
from monitor.engine.evaluation import read_record
from monitor.store.base import ContactKey, FoundContact, Store

#: How people name one event -> the ids it may be stored under.
EventIds = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Spoken:
    """Such events by the source and the contact that they speak of; `refused`: those that speak of none, and why."""

    of: dict[str, dict[ContactKey, list[Event]]] = field(default_factory=dict)
    refused: list[tuple[Event, str]] = field(default_factory=list)

    def add(self, contact: FoundContact, event: Event) -> bool:
        """Whether there is room for it in its contact. Where it is the first for which there is none, that closes the contact."""
        key = (contact.row.contact, contact.row.contact_point)
        said = self.of.get(contact.source, {}).get(key, [])
        known = read_record(contact.row).events
        kept = merge(known, [*said, event])
        room = not tally(known, [event], known if kept is None else kept).refused
        if room or not is_closed(known):
            self.of.setdefault(contact.source, {}).setdefault(key, [*said]).append(event)
        return room


def find(store: Store, name: str, event_ids: Iterable[str]) -> list[FoundContact]:
    """Contacts by our id or the source's own name, else by one of the ids their events may have under this name: as an event's,
    or as their own, where the event that names them was never seen."""
    found = list(store.find(name.strip().strip("<>")))
    if not found:
        found = [contact for each in event_ids for contact in (*store.find(each), *store.find_event(each))]
    return list({(each.source, each.row[:2]): each for each in found}.values())


def apart(events: Sequence[Event]) -> tuple[list[Event], list[Event]]:
    """(what makes contacts, what speaks of contacts that none of these events makes).

    Where a push tells a contact and what became of it, both belong together: what names no place takes that of the others.
    """
    if all(event.place and event.kind not in AFTERWARDS_KINDS for event in events):
        return list(events), []
    told = {event.contact: event for event in events if event.kind not in AFTERWARDS_KINDS and event.place}
    own: list[Event] = []
    spoken: list[Event] = []
    for event in events:
        beside = told.get(event.contact)
        if event.place and event.kind not in AFTERWARDS_KINDS:
            own.append(event)
        elif beside is not None:
            own.append(event if event.place else event._replace(place=beside.place, channel=beside.channel, point=""))
        else:
            spoken.append(event)
    return own, spoken


def meant(source: str, event: Event, found: Sequence[FoundContact], directory: Directory) -> FoundContact | str:
    """The contact of which an event that came through `source` speaks, or why none can be told.

    The source's own contacts go before those of others; where the event names a contact point, that decides.
    """
    own = [each for each in found if each.source == source]
    point = directory.known(source, event.place) if event.place else None
    if point is not None and any(each.row.contact_point == point for each in found):
        own = [each for each in own if each.row.contact_point == point]
    fitting = own or [each for each in found if each.source != source]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        return f"contact: nobody knows {event.contact!r}; {event.kind} speaks of a contact that is there already"
    ids = ", ".join(each.row.id for each in fitting[:5])
    return f"contact: {event.contact!r} may be any of {len(fitting)} contacts; name one of them by its id: {ids}"
