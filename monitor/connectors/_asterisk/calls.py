"""The calls in progress, and what can happen to them, told as neutral events. Pure; AMI and queue_log both speak to it.

One `Call` is one customer's way through the phone system. Each stay in a queue or at a direct number is a `Visit`, and
every event id is made from the visit's key, so that a fact has the same id whoever tells it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from monitor.domain.event import Event, from_micros

WAITING: Final = "waiting"
ANSWERED: Final = "answered"
LEFT: Final = "left"
LOST: Final = "lost"

NOTE: Final = "call:"
QUEUE: Final = "queue:"
EXTENSION: Final = "extension:"


@dataclass(slots=True)
class Visit:
    """One stay of a caller in a queue or at a ringing direct number. Moments are microseconds since 1970."""

    place: str
    key: str
    since: int
    state: str = WAITING
    rings: int = 0
    gone: int | None = None  # left at this moment; why is not known yet
    abandoned: bool = False  # AMI said QueueCallerAbandon, which may be a time-out as well
    picked_up: bool = False  # a phone was lifted, AgentConnect has not come yet
    reason: str | None = None  # what queue_log says of the leaving
    transfers: int = 0
    ended: bool = False
    dialling: list[str] = field(default_factory=list)  # direct numbers: the phones that ring


@dataclass(slots=True)
class Call:
    """One customer's way through the phone system. No number is kept, only its hash."""

    contact: str
    uid: str
    customer: str | None = None
    trunk: bool = True
    exten: str = ""  # what the caller dialled
    seen: int = 0
    visits: list[Visit] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # further Linkedids and Uniqueids under which the customer's part runs
    holds: dict[str, int] = field(default_factory=dict)  # holder's Uniqueid -> ordinal of the hold that runs
    held: dict[str, int] = field(default_factory=dict)  # holder's Uniqueid -> holds so far
    requested: bool = False  # the caller's own phone asked to hang up
    stopping: bool = False  # Asterisk is stopping
    callback: bool = False  # the caller asked to be called back
    agent_hung_up: int | None = None
    left_bridge: int | None = None
    transferred: int | None = None
    handing: tuple[int, str, str | None] | None = None  # moment, how and target of a transfer whose target is not yet clear
    over: int | None = None
    ended: bool = False

    @property
    def visit(self) -> Visit | None:
        """Where the caller is, or was last."""
        return self.visits[-1] if self.visits else None

    def waiting_in(self, place: str) -> Visit | None:
        """The visit to `place` that still waits."""
        for visit in reversed(self.visits):
            if visit.place == place:
                return visit if visit.state == WAITING else None
        return None


def known_number(raw: str | None) -> str | None:
    """A caller's number, or None for `<unknown>`, `anonymous` and the like (FACTS section 2)."""
    return raw if raw and any(c.isdigit() for c in raw) else None


class Calls:
    """Open calls by Uniqueid of the caller's channel; tells `events` and remembers which notes changed."""

    def __init__(self, hash_customer: Callable[[str], str]) -> None:
        self._hash = hash_customer
        self.by_uid: dict[str, Call] = {}
        self.by_name: dict[str, Call] = {}  # Linkedids, and Uniqueids of other channels that carry the customer
        self.events: list[Event] = []
        self._changed: set[str] = set()
        self._noted: set[str] = set()  # calls that have a note in the store

    # --- memory ---------------------------------------------------------------------------------

    def restore(self, notes: Mapping[str, str]) -> None:
        """Takes up the calls that `take_notes` wrote. A note that cannot be read is forgotten."""
        for key, note in notes.items():
            try:
                raw: dict[str, Any] = json.loads(note)
                raw["visits"] = [Visit(**visit) for visit in raw["visits"]]
                handing = raw.pop("handing")
                call = Call(**raw, handing=tuple(handing) if handing else None)
            except (ValueError, TypeError, KeyError):
                self._noted.add(key.removeprefix(NOTE))
                self._changed.add(key.removeprefix(NOTE))
                continue
            self._noted.add(call.uid)
            self._add(call)

    def take_notes(self) -> dict[str, str | None]:
        """What to remember since the last time: a note for each call that changed, None for each that was forgotten."""
        notes: dict[str, str | None] = {}
        for uid in self._changed:
            call = self.by_uid.get(uid)
            if call is not None:
                notes[NOTE + uid] = json.dumps(call, default=_slots, separators=(",", ":"))
                self._noted.add(uid)
            elif uid in self._noted:
                notes[NOTE + uid] = None
                self._noted.discard(uid)
        self._changed.clear()
        return notes

    def take_events(self) -> list[Event]:
        """The events since the last time."""
        events, self.events = self.events, []
        return events

    def find(self, uid: str | None, linked: str | None) -> Call | None:
        """The call of a channel: its caller's own, or the one it is linked to."""
        if uid is not None and (call := self.by_uid.get(uid) or self.by_name.get(uid)) is not None:
            return call
        return self.by_name.get(linked) if linked is not None else None

    def changed(self, call: Call) -> None:
        """Its note is to be written again."""
        self._changed.add(call.uid)

    def name(self, call: Call, name: str) -> None:
        """From now on `name` means this call too (a Linkedid changes when bridges merge, FACTS section 2)."""
        if name != call.uid and name not in self.by_name:
            call.names.append(name)
            self.by_name[name] = call
            self._changed.add(call.uid)

    def forget(self, call: Call) -> None:
        """Nothing more is expected of it."""
        self.by_uid.pop(call.uid, None)
        for name in (call.contact, *call.names):
            if self.by_name.get(name) is call:
                del self.by_name[name]
        self._changed.add(call.uid)

    def _add(self, call: Call) -> None:
        self.by_uid[call.uid] = call
        for name in (call.contact, *call.names):
            self.by_name.setdefault(name, call)

    # --- what can happen ------------------------------------------------------------------------

    def begin(self, uid: str, linked: str, number: str | None, at: int, *, trunk: bool = True, exten: str = "") -> Call:
        """A customer's call came into sight."""
        customer = self._hash(number) if known_number(number) is not None and number is not None else None
        call = Call(linked or uid, uid, customer, trunk, exten, at)
        self._add(call)
        self._changed.add(uid)
        return call

    def visit(self, call: Call, place: str, uid: str, at: int) -> Visit:
        """The caller comes to a place; `uid` is the channel that stands there."""
        ordinal = 1 + sum(1 for visit in call.visits if visit.place == place)
        visit = Visit(place, f"{uid}/{place.partition(':')[2]}/{ordinal}", at)
        call.visits.append(visit)
        return visit

    def queue(self, call: Call, visit: Visit, *, rough: bool = False) -> None:
        """Tells that the caller of a new visit waits in a queue."""
        self._tell(call, visit, "queued", visit.since, rough=rough)

    def ring(self, call: Call, visit: Visit, at: int, *, rough: bool = False) -> None:
        """A phone rings for the caller. Each attempt is told; the first is the one that counts."""
        visit.rings += 1
        self._tell(call, visit, "ringing", at, id=f"{visit.key}/ringing/{visit.rings}", rough=rough)

    def answer(self, call: Call, visit: Visit, at: int, *, rough: bool = False) -> None:
        """A human picked up."""
        visit.state, visit.gone, visit.dialling = ANSWERED, None, []
        self._tell(call, visit, "answered", at, rough=rough)

    def leave(self, call: Call, visit: Visit, reason: str, at: int, *, rough: bool = False) -> None:
        """The caller is no longer waiting there, for one of LEAVE_REASONS."""
        visit.state, visit.gone, visit.dialling = LEFT, None, []
        self._tell(call, visit, "left", at, reason=reason, rough=rough)

    def hold(self, call: Call, holder: str, at: int) -> None:
        """An agent's phone put the customer on hold. A second press changes nothing."""
        visit = call.visit
        if visit is None or visit.state not in (ANSWERED, LOST) or holder in call.holds:
            return
        ordinal = call.held.get(holder, 0) + 1
        call.held[holder] = call.holds[holder] = ordinal
        self._tell(call, visit, "held", at, id=f"{holder}/held/{ordinal}")

    def unhold(self, call: Call, holder: str, at: int) -> None:
        """The hold is over. Without one that runs nothing happened (an Unhold precedes every blind transfer)."""
        ordinal = call.holds.pop(holder, None)
        visit = call.visit
        if ordinal is not None and visit is not None:
            self._tell(call, visit, "unheld", at, id=f"{holder}/unheld/{ordinal}")

    def release(self, call: Call, at: int) -> None:
        """Whoever held the customer no longer does."""
        for holder in list(call.holds):
            self.unhold(call, holder, at)

    def transfer(self, call: Call, at: int, how: str, to: str | None, *, into_queue: bool, rough: bool = False) -> None:
        """An agent handed the customer on."""
        visit = call.visit
        if visit is not None:
            visit.transfers += 1
            id_ = f"{visit.key}/transferred/{visit.transfers}"
            self._tell(call, visit, "transferred", at, id=id_, how=how, to=to, into_queue=into_queue, rough=rough)

    def end(self, call: Call, at: int, *, rough: bool = False) -> None:
        """The customer's part is over. Each visit ends; one that still waits must have been left or lost before."""
        if not call.ended:
            call.ended = True
            self.release(call, at)
            for visit in call.visits:
                self.end_visit(call, visit, at, rough=rough)

    def end_visit(self, call: Call, visit: Visit, at: int, *, rough: bool = False) -> None:
        """One visit is over; a rough telling may be followed by the exact one."""
        visit.ended = True
        self._tell(call, visit, "ended", at, rough=rough)

    def lose(self, call: Call, at: int) -> None:
        """Nobody can tell how what runs went on: a wait, a hold. The call itself may go on."""
        visit = call.visit
        if visit is None or not (visit.state == WAITING or call.holds):
            return
        if visit.state == WAITING:
            visit.state, visit.gone, visit.dialling = LOST, None, []
        call.holds.clear()
        self._tell(call, visit, "lost", at, id=f"{visit.key}/lost/{at}", reason="gap")

    def _tell(self, call: Call, visit: Visit, kind: str, at: int, *, id: str | None = None, **details: Any) -> None:
        call.seen = max(call.seen, at)
        self._changed.add(call.uid)
        name = id or f"{visit.key}/{kind}"
        self.events.append(Event(name, call.contact, visit.place, "phone", kind, from_micros(at), call.customer, **details))


def _slots(value: object) -> dict[str, Any]:
    if isinstance(value, Call | Visit):
        return {name: getattr(value, name) for name in value.__slots__}
    raise TypeError(f"{type(value).__name__} has no place in a note")
