"""Calls that we place: to whom, and whether the outside party answered."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from monitor.connectors._asterisk.calls import EXTENSION, Calls, known_number
from monitor.connectors._asterisk.endpoints import Endpoints, is_local, number
from monitor.domain.event import Event, from_micros

#: Where calls are counted that no configured extension placed; one place, so that phones do not become contact points.
OUTBOUND = "outbound"


@dataclass(slots=True)
class _Placed:
    contact: str
    uid: str | None  # the channel that placed it; None: Originate rang the outside party first
    place: str
    customer: str | None
    ringing: set[str] = field(default_factory=set)
    failed: int | None = None


class Outbound:
    """Follows placed calls until it is known whether they were answered. Nothing of them outlives a restart of ours."""

    def __init__(self, calls: Calls, endpoints: Endpoints, watched: Collection[str], hash_customer: Callable[[str], str]) -> None:
        self._calls = calls
        self._endpoints = endpoints
        self._watched = watched
        self._hash = hash_customer
        self._placed: dict[str, _Placed] = {}  # by Linkedid
        self._by_uid: dict[str, str] = {}  # channels that matter -> Linkedid

    def begin(self, at: int, f: dict[str, str], dialled: str | None) -> None:
        """A line to the outside is dialled. `dialled`: the number in the dial string."""
        linked = f.get("DestLinkedid") or f.get("Linkedid", "")
        placed = self._placed.get(linked)
        if placed is None:
            placed = self._placed[linked] = self._new(linked, f, dialled)
        dest = f.get("DestUniqueid", "")
        placed.ringing.add(dest)
        self._by_uid[dest] = linked
        if placed.uid is not None:
            self._by_uid[placed.uid] = linked

    def dial_end(self, at: int, f: dict[str, str], *, answered: bool) -> None:
        """The outside party answered, or this attempt failed; another line may be tried."""
        dest = f.get("DestUniqueid", "")
        linked = self._by_uid.get(dest)
        if linked is None:
            if not answered or not self._endpoints.is_outside(f.get("DestChannel", "")):
                return
            linked = f.get("DestLinkedid", "")
            self._placed[linked] = self._new(linked, f, None)  # we came while it rang
            self._by_uid[dest] = linked
        placed = self._placed[linked]
        placed.ringing.discard(dest)
        if answered:
            self._tell(placed, at, answered=True)
        elif placed.failed is None or at > placed.failed:
            placed.failed = at

    def hangup(self, at: int, uid: str) -> None:
        """The channel that placed the call is gone: what was not answered never will be."""
        linked = self._by_uid.get(uid)
        placed = self._placed.get(linked) if linked is not None else None
        if placed is not None and (uid == placed.uid or (placed.uid is None and not placed.ringing - {uid})):
            self._tell(placed, placed.failed or at, answered=False)

    def _new(self, linked: str, f: dict[str, str], dialled: str | None) -> _Placed:
        source = f.get("Channel", "")
        place = EXTENSION + number(source)
        raw = dialled or f.get("DestCallerIDNum")
        outside = raw if known_number(raw) is not None else f.get("Exten")
        customer = self._hash(outside) if outside is not None and known_number(outside) is not None else None
        if is_local(source) or place not in self._watched:
            place = OUTBOUND
        return _Placed(linked, f.get("Uniqueid"), place, customer)

    def _tell(self, placed: _Placed, at: int, *, answered: bool) -> None:
        self._placed.pop(placed.contact, None)
        for uid in [uid for uid, linked in self._by_uid.items() if linked == placed.contact]:
            del self._by_uid[uid]
        name = f"{placed.contact}/called_out"
        moment = from_micros(at)
        event = Event(name, placed.contact, placed.place, "phone", "called_out", moment, placed.customer, answered=answered)
        self._calls.events.append(event)
