"""The calls in progress, and what can happen to them, as neutral events. Pure; AMI and queue_log both report to it.

One `Call` is one customer's way through the phone system. Each stay in a queue or at a direct number is a `QueueLeg`, and
every event id is made from the leg's key, so that a fact has the same id whoever reports it.
"""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from msgspec import field

from monitor.domain.event import Event, from_micros

WAITING: Final = "waiting"
ANSWERED: Final = "answered"
LEFT: Final = "left"
LOST: Final = "lost"

STATE_PREFIX: Final = "call:"
QUEUE: Final = "queue:"
EXTENSION: Final = "extension:"
_LOT: Final = "/lot"  # ends the name of whoever holds a customer in the parking lot

#: So many callers who hung up last are remembered by their Uniqueid.
_HUNG_UP: Final = 64
_SECOND: Final = 1_000_000
#: What ends something. Asterisk's clock may be set back meanwhile: nothing ends before it began, or before its caller came.
_ENDING: Final = ("unheld", "ended")


# Neither refers to another, so that the collector of reference cycles need not look at them (`gc`): there may be thousands.
class QueueLeg(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """One stay of a caller in a queue or at a ringing direct number. Moments are microseconds since 1970."""

    place: str  # empty: a ringing phone that is nobody's contact point
    key: str
    since: int
    state: str = WAITING
    rings: int = 0
    gone: int | None = None  # left at this moment; why is not known yet
    abandoned: bool = False  # AMI said QueueCallerAbandon, which may be a time-out as well
    picked_up: bool = False  # a phone was lifted, AgentConnect has not come yet
    reason: str | None = None  # what queue_log says of the leaving
    transfers: int = 0
    served: int | None = None  # queue_log: answered at this moment
    gave_up: int | None = None  # queue_log said so of this moment; a later line of the same caller disproves it
    agent: str = ""  # our extension that answered, where queue_log shows one
    ended: bool = False
    newest: int = 0  # the latest moment that was told of it
    given: bool = False  # the customer was given another's place in the queue, and did not enter it himself
    dialling: list[str] = field(default_factory=list)  # Uniqueids that are dialled for the caller
    tried: dict[str, int] = field(default_factory=dict)  # those of them that do not ring yet, and when they were dialled
    rang: int | None = None  # the first phone rang at this moment
    dialled_at: int | None = None  # the first phone of the queue was dialled at this moment, as far as we saw
    silent: bool = False  # none rings any more; another Dial() may follow
    lifted: str | None = None  # this phone was lifted, its user is not yet talking to the caller
    lifted_at: int | None = None
    dialled: list[str] = field(default_factory=list)  # direct numbers: names of the phones that this Dial() called
    behind: list[str] = field(default_factory=list)  # and of those behind its Local channels
    exten: str = ""  # the caller's extension in the dialplan when they were called
    phones: int = 0  # how many phones were called in all
    local: bool = False  # and whether any Local channel was
    fixed: bool = False  # a phone has rung or refused: the place is decided

    def end_dialling(self, state: str) -> None:
        """It is decided how the caller's wait ended."""
        self.local = False
        self.state, self.gone, self.lifted = state, None, None
        if self.dialling or self.tried or self.dialled or self.behind:  # of a log there are none
            self.dialling, self.tried, self.dialled, self.behind = [], {}, [], []


class Call(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, gc=False, rename={"legs": "visits"}):
    """One customer's way through the phone system. No number is kept, only its hash.

    Stored without what is as it was at the beginning. Legs are `visits` there, as the first version called them.
    """

    contact: str
    uid: str
    customer: str | None = None
    trunk: bool = True
    exten: str = ""  # what the caller dialled
    seen: int = 0
    legs: list[QueueLeg] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # further Linkedids and Uniqueids under which the customer's part runs
    holds: dict[str, int] = field(default_factory=dict)  # holder's Uniqueid -> ordinal of the hold that runs
    held: dict[str, int] = field(default_factory=dict)  # holder's Uniqueid -> holds so far
    requested: bool = False  # the caller's own phone asked to hang up
    requested_at: int | None = None
    stopping: bool = False  # Asterisk is stopping
    callback: bool = False  # the caller asked to be called back
    agent_hung_up: int | None = None
    left_bridge: int | None = None
    transferred: int | None = None
    handing: tuple[int, str, str | None] | None = None  # moment, how and target of a transfer whose target is not yet clear
    moved: list[Any] | None = None  # came elsewhere before any transfer was heard of: moment, leg, target, into a queue, told
    phones: dict[str, str] = field(default_factory=dict)  # Uniqueid -> endpoint of each phone of ours that speaks with him
    spoke: str = ""  # number of the phone that answered last
    lot: list[str] | None = None  # in the parking lot: the numbers that may take him back without handing him on
    back: list[str] | None = None  # the same, once he has left the lot and nobody has spoken to him yet
    consults: str | None = None  # an agent's own call into a queue: Uniqueid of the customer whom it is about
    consulting: str | None = None  # the other way round
    over: int | None = None
    ended: bool = False

    @property
    def leg(self) -> QueueLeg | None:
        """Where the caller is, or was last."""
        return self.legs[-1] if self.legs else None

    def waiting_in(self, place: str) -> QueueLeg | None:
        """The leg to `place` that still waits."""
        for leg in reversed(self.legs):
            if leg.place == place:
                return leg if leg.state == WAITING else None
        return None


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Call)


def known_number(raw: str | None) -> str | None:
    """A caller's number, or None for `<unknown>`, `anonymous` and the like (FACTS section 2)."""
    return raw if raw and (raw.isdigit() or any(map(str.isdigit, raw))) else None


class Calls:
    """Open calls by Uniqueid of the caller's channel; emits `events` and knows which entries changed."""

    def __init__(self, hash_customer: Callable[[str], str]) -> None:
        self._hash = hash_customer
        self.by_uid: dict[str, Call] = {}
        self.by_name: dict[str, Call] = {}  # Linkedids, and Uniqueids of other channels that carry the customer
        self.events: list[Event] = []
        self.hung_up: deque[str] = deque(maxlen=_HUNG_UP)  # callers who hung up: what still comes of them begins nothing
        self._changed: set[str] = set()
        self._stored: set[str] = set()  # calls that have an entry in the store

    # --- memory ---------------------------------------------------------------------------------

    def restore(self, entries: Mapping[str, str]) -> None:
        """Takes up the calls that `drain_state` wrote. An entry that cannot be read is forgotten."""
        for key, entry in entries.items():
            try:
                call = _DECODER.decode(entry)
            except msgspec.DecodeError:
                self._stored.add(key.removeprefix(STATE_PREFIX))
                self._changed.add(key.removeprefix(STATE_PREFIX))
                continue
            self._stored.add(call.uid)
            self._add(call)

    def drain_state(self) -> dict[str, str | None]:
        """What to remember since the last time: an entry for each call that changed, None for each that was forgotten."""
        entries: dict[str, str | None] = {}
        for uid in self._changed:
            call = self.by_uid.get(uid)
            if call is not None:
                entries[STATE_PREFIX + uid] = _ENCODER.encode(call).decode()
                self._stored.add(uid)
            elif uid in self._stored:
                entries[STATE_PREFIX + uid] = None
                self._stored.discard(uid)
        self._changed.clear()
        return entries

    def discard_state(self) -> None:
        """Nobody asks for entries: an archive is read as a whole."""
        self._changed.clear()

    def drain_events(self) -> list[Event]:
        """The events since the last time."""
        events, self.events = self.events, []
        return events

    def find(self, uid: str | None, linked: str | None) -> Call | None:
        """The call of a channel: its caller's own, or the one it is linked to."""
        if uid is not None and (call := self.by_uid.get(uid) or self.by_name.get(uid)) is not None:
            return call
        return self.by_name.get(linked) if linked is not None else None

    def changed(self, call: Call) -> None:
        """Its entry is to be written again."""
        self._changed.add(call.uid)

    def name(self, call: Call, name: str) -> None:
        """From now on `name` means this call too (a Linkedid changes when bridges merge, FACTS section 2)."""
        if name != call.uid and name not in self.by_name:
            call.names.append(name)
            self.by_name[name] = call
            self._changed.add(call.uid)

    def forget(self, call: Call) -> None:
        """Nothing more is expected of it."""
        if call.over is not None:
            self.hung_up.append(call.uid)
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
        known = known_number(number)
        customer = self._hash(known) if known is not None else None
        call = Call(linked or uid, uid, customer, trunk, exten, at)
        self._add(call)
        self._changed.add(uid)
        return call

    def leg(self, call: Call, place: str, uid: str, at: int) -> QueueLeg:
        """The caller comes to a place; `uid` is the channel that stands there."""
        self.release(call, at, parked=True)
        ordinal = 1 + sum(1 for leg in call.legs if leg.place == place)
        leg = QueueLeg(place, f"{uid}/{place.partition(':')[2]}/{ordinal}", at)
        call.legs.append(leg)
        return leg

    def place(self, call: Call, leg: QueueLeg, place: str) -> None:
        """The last leg belongs to another place than it seemed; nothing of it was told."""
        call.legs.remove(leg)
        ordinal = 1 + sum(1 for other in call.legs if other.place == place)
        leg.place, leg.key = place, f"{call.uid}/{place.partition(':')[2]}/{ordinal}"
        call.legs.append(leg)
        self._changed.add(call.uid)

    def queue(self, call: Call, leg: QueueLeg, *, rough: bool = False) -> None:
        """Tells that the caller of a new leg waits in a queue."""
        since = _first_queued(call, leg)
        self._tell(call, leg, "queued", leg.since, rough=rough, since=None if since is None else from_micros(since))

    def ring(self, call: Call, leg: QueueLeg, at: int, *, rough: bool = False) -> None:
        """A phone rings for the caller. Each attempt is an event; the first is the one that counts."""
        leg.rings += 1
        at = max(at, leg.since)  # another thread of Asterisk stamps the ring than the queue
        leg.rang = at if leg.rang is None else min(at, leg.rang)
        leg.fixed, leg.silent = True, False
        self._tell(call, leg, "ringing", at, id=f"{leg.key}/ringing/{leg.rings}", rough=rough)

    def rang_unseen(self, call: Call, leg: QueueLeg, at: int) -> None:
        """A queue's attempt began at `at`, give or take a second: told if it is none of those that were seen."""
        seen = leg.dialled_at
        if leg.rang is None or (seen is not None and at + _SECOND < min(seen, leg.rang)):
            self.ring(call, leg, at, rough=True)

    def silence(self, call: Call, leg: QueueLeg) -> None:
        """No phone rings for the caller of a direct number any more. Perhaps another Dial() follows an announcement."""
        if leg.gone is not None and leg.rings and not leg.silent:
            leg.silent = True
            self._tell(call, leg, "ringing", leg.gone, id=f"{leg.key}/ringing/{leg.rings}/over", reason="over")

    def answer(self, call: Call, leg: QueueLeg, at: int, *, rough: bool = False) -> None:
        """A human picked up."""
        leg.end_dialling(ANSWERED)
        self._tell(call, leg, "answered", at, rough=rough)

    def served(self, call: Call, leg: QueueLeg, at: int) -> None:
        """Who left a place was answered later in the same call, where no contact point is."""
        self._tell(call, leg, "answered", at, id=f"{leg.key}/served")

    def leave(self, call: Call, leg: QueueLeg, reason: str, at: int, *, rough: bool = False) -> None:
        """The caller is no longer waiting there, for one of LEAVE_REASONS."""
        if not (leg.place.startswith(QUEUE) or leg.rings or (leg.phones and len(call.legs) == 1)):
            leg.place = ""  # nothing rang there: only the first place of a call knows of a caller whom its phones refused
        leg.end_dialling(LEFT)
        self._tell(call, leg, "left", at, reason=reason, rough=rough)

    def hold(self, call: Call, holder: str, at: int) -> None:
        """An agent's phone put the customer on hold. A second press changes nothing."""
        leg = call.leg
        if leg is None or leg.state not in (ANSWERED, LOST) or holder in call.holds:
            return
        ordinal = call.held.get(holder, 0) + 1
        call.held[holder] = call.holds[holder] = ordinal
        self._tell(call, leg, "held", at, id=f"{holder}/held/{ordinal}")

    def unhold(self, call: Call, holder: str, at: int) -> None:
        """The hold is over. Without one that runs nothing happened (an Unhold precedes every blind transfer)."""
        ordinal = call.holds.pop(holder, None)
        leg = call.leg
        if ordinal is not None and leg is not None:
            self._tell(call, leg, "unheld", at, id=f"{holder}/unheld/{ordinal}")

    def park(self, call: Call, at: int) -> None:
        """The customer is in the parking lot: a hold that belongs to no phone."""
        self.hold(call, call.uid + _LOT, at)

    def release(self, call: Call, at: int, *, parked: bool = False) -> None:
        """Whoever held the customer no longer does; `parked`: nor does the parking lot."""
        for holder in list(call.holds):
            if parked or not holder.endswith(_LOT):
                self.unhold(call, holder, at)

    def transfer(
        self, call: Call, at: int, how: str, to: str | None, *,
        into_queue: bool, rough: bool = False, leg: QueueLeg | None = None,
    ) -> None:  # fmt: skip
        """An agent passed the customer on, from his last leg or from `leg`."""
        leg = leg or call.leg
        if leg is not None:
            leg.transfers += 1
            id_ = f"{leg.key}/transferred/{leg.transfers}"
            self._tell(call, leg, "transferred", at, id=id_, how=how, to=to, into_queue=into_queue, rough=rough)

    def turn_away(self, uid: str, place: str, reason: str, at: int, *, rough: bool) -> None:
        """A caller asked for a place and never got in; nothing else needs to be known of the call."""
        call = self.by_uid.get(uid)
        contact, customer = (call.contact, call.customer) if call is not None else (uid, None)
        id_ = f"{uid}/{place.partition(':')[2]}/{at // 1_000_000}/turned_away"
        self.events.append(
            Event(id_, contact, place, "phone", "turned_away", from_micros(at), customer, reason=reason, rough=rough)
        )

    def end(self, call: Call, at: int, *, rough: bool = False) -> None:
        """The customer's part is over. Each leg ends; one that still waits must have been left or lost before."""
        if not call.ended:
            call.ended = True
            self.release(call, at, parked=True)
            for leg in call.legs:
                self.end_leg(call, leg, at, rough=rough)

    def end_leg(self, call: Call, leg: QueueLeg, at: int, *, rough: bool = False) -> None:
        """One leg is over; a rough telling may be followed by the exact one."""
        leg.ended = True
        self._tell(call, leg, "ended", at, rough=rough)

    def lose(self, call: Call, at: int) -> None:
        """How what runs went on is unknown: a wait, a hold. The call itself may go on."""
        leg = call.leg
        if leg is None or not (leg.state == WAITING or call.holds):
            return
        if leg.state == WAITING:
            leg.end_dialling(LOST)
        call.holds.clear()
        self._tell(call, leg, "lost", at, id=f"{leg.key}/lost/{at}", reason="gap")

    def _tell(self, call: Call, leg: QueueLeg, kind: str, at: int, *, id: str | None = None, **details: Any) -> None:
        call.seen = max(call.seen, at)
        self._changed.add(call.uid)
        if not leg.place or call.consults is not None:
            return  # at no contact point; or an agent waits, no customer
        name = id or f"{leg.key}/{kind}"
        at = max(at, leg.newest if kind in _ENDING else leg.since)
        leg.newest = max(leg.newest, at)
        self.events.append(Event(name, call.contact, leg.place, "phone", kind, from_micros(at), call.customer, **details))


def _first_queued(call: Call, leg: QueueLeg) -> int | None:
    """When the caller came to the first of the queues that led, unserved, to this one; None where there was none."""
    since: int | None = None
    for earlier in reversed(call.legs[: call.legs.index(leg)]):
        if earlier.state in (ANSWERED, LOST):
            break
        if earlier.place.startswith(QUEUE):
            since = earlier.since
    return since
