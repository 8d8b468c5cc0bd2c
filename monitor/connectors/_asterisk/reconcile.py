"""After a gap: what we knew of open calls, held against what Asterisk shows now (FACTS section 5, "what polls show").

No poll shows a hold, or when a call was answered: what cannot be known is lost, never invented.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from monitor.connectors._asterisk.ami import Message, whole_number
from monitor.connectors._asterisk.calls import ANSWERED, LOST, QUEUE, WAITING, Call, QueueLeg, known_number
from monitor.connectors._asterisk.endpoints import is_local
from monitor.connectors._asterisk.tracker import CallTracker

SECOND: Final = 1_000_000
#: `Wait` is cut to whole seconds; a larger difference means that the caller came anew.
_SAME_WAIT: Final = 3 * SECOND
#: Without a look at the channels a call that was open before a gap may still go on; not for ever.
_UNSEEN: Final = 12 * 3600 * SECOND
#: What a caller's channel is in while phones ring for it without a queue; empty where it is not shown.
_RINGING: Final = frozenset(("", "Dial", "RetryDial", "FollowMe"))


@dataclass(slots=True)
class PbxState:
    """What Asterisk shows. None: it did not say (no permission, or app_queue is not there)."""

    entries: dict[str, dict[str, str]] | None = None  # waiting callers by Uniqueid
    channels: dict[str, dict[str, str]] | None = None  # every channel by Uniqueid
    members: list[str] = field(default_factory=list)  # interfaces of queue members
    queues: list[str] = field(default_factory=list)

    def add_queues(self, parts: Iterable[Message]) -> None:
        """Adds the parts of an answer to QueueStatus."""
        self.entries = {}
        for name, fields in parts:
            if name == "QueueEntry":
                self.entries[fields.get("Uniqueid", "")] = fields
            elif name == "QueueMember":
                self.members += [fields.get("Location", ""), fields.get("StateInterface", "")]
            elif name == "QueueParams":
                self.queues.append(fields.get("Queue", ""))

    def add_channels(self, parts: Iterable[Message]) -> None:
        """Adds the parts of an answer to CoreShowChannels."""
        self.channels = {f.get("Uniqueid", ""): f for name, f in parts if name == "CoreShowChannel"}

    def others_in(self, bridge: str, uid: str) -> list[dict[str, str]]:
        """The other channels of a bridge."""
        channels = (self.channels or {}).items()
        return [fields for other, fields in channels if fields.get("BridgeId") == bridge and other != uid]


def lose_holds(ami: CallTracker, since: int) -> None:
    """Holds that ran when sight was lost, at `since`: when they ended is unknown."""
    for call in list(ami.calls.by_uid.values()):
        if call.holds:
            ami.calls.lose(call, max(since, call.seen))


def reconcile(ami: CallTracker, pbx: PbxState, *, since: int | None, login: int, restarted: bool) -> None:
    """Ends, loses and begins calls. Moments in microseconds of Asterisk's clock; `since`: when sight was lost."""
    for interface in pbx.members:
        ami.endpoints.member(interface)
    for queue in pbx.queues:
        ami.queues.learn(queue)
    for call in list(ami.calls.by_uid.values()):
        if call.over is None and call.seen < login:
            _compare(ami, call, pbx, since or login, login, restarted=restarted)
    for uid, fields in (pbx.entries or {}).items():
        _observed_late(ami, uid, fields, pbx, login)
    for uid, fields in (pbx.channels or {}).items():
        _answered_unseen(ami, uid, fields, pbx, login)
    ami.pending.in_touch = True
    ami.gone.clear()


def _compare(ami: CallTracker, call: Call, pbx: PbxState, since: int, login: int, *, restarted: bool) -> None:
    """Ends or loses an open call that is not what it was before sight was lost."""
    calls, leg, lost_at = ami.calls, call.leg, max(since, call.seen)
    alive = not restarted and (pbx.channels is None or call.uid in pbx.channels)
    if leg is not None and leg.state == WAITING:
        entry = (pbx.entries or {}).get(call.uid)
        if alive and entry is not None and QUEUE + entry.get("Queue", "") == leg.place:
            if not _is_same_wait(entry, leg, login):
                calls.lose(call, lost_at)  # left and came again; `_observed_late` begins the new leg
            return
        if alive and _still_rings(leg, pbx, call.uid):
            return
        if restarted:
            calls.leave(call, leg, "restart", lost_at)
        else:
            calls.lose(call, lost_at)
    ended = leg is not None and leg.ended  # by queue_log
    if alive and (pbx.channels is not None or (call.seen > login - _UNSEEN and not ended)):
        return
    if leg is not None and not ended and (restarted or pbx.channels is not None):
        calls.end(call, lost_at if restarted else login, rough=True)
    ami.stop(call)


def _is_same_wait(entry: dict[str, str], leg: QueueLeg, login: int) -> bool:
    return abs(_joined(entry, login) - leg.since) <= _SAME_WAIT


def _still_rings(leg: QueueLeg, pbx: PbxState, uid: str) -> bool:
    """A phone without a queue rings for as long as the caller's channel is in Dial and in no bridge.

    In a bridge somebody has answered, in another application nobody has: either way how long it rang is unknown.
    """
    shown = (pbx.channels or {}).get(uid)
    if shown is None or leg.place.startswith(QUEUE):
        return False
    return not shown.get("BridgeId") and shown.get("Application", "") in _RINGING


def _answered_unseen(ami: CallTracker, uid: str, shown: dict[str, str], pbx: PbxState, login: int) -> None:
    """A customer who talks to somebody and was not known: what follows counts, a hold for example, but no wait before it.

    `Application` and `ApplicationData` name the queue; a direct number is the one dialled or that of the phone in the same
    bridge (manager.c, CoreShowChannels).
    """
    calls, linked, channel = ami.calls, shown.get("Linkedid", ""), shown.get("Channel", "")
    bridge, application = shown.get("BridgeId", ""), shown.get("Application", "")
    if not bridge or uid in ami.gone or calls.find(uid, linked) is not None:
        return
    outside = not is_local(channel) and ami.endpoints.is_outside(channel)
    place: str | None = None
    exten = shown.get("Exten", "")
    if application == "Queue":
        place = QUEUE + ami.queues.of(shown.get("ApplicationData", "").partition(",")[0])
    elif application == "Dial" and outside:
        phones = (other.get("Channel", "") for other in pbx.others_in(bridge, uid))
        phone = next((phone for phone in phones if phone and not is_local(phone)), "")
        place = ami.place_of(exten, phone)
    if place is not None:
        call = calls.begin(uid, linked, known_number(shown.get("CallerIDNum")), login, trunk=outside, exten=exten)
        calls.leg(call, place, uid, login).state = LOST


def _observed_late(ami: CallTracker, uid: str, fields: dict[str, str], pbx: PbxState, login: int) -> None:
    """A caller who waits and was not known: the beginning is known to a second."""
    calls, place = ami.calls, QUEUE + fields.get("Queue", "")
    call = calls.find(uid, None)
    if uid in ami.gone or (call is not None and (call.waiting_in(place) is not None or call.seen >= login)):
        return
    since = _joined(fields, login)
    if call is None:
        channel = fields.get("Channel", "")
        linked = (pbx.channels or {}).get(uid, {}).get("Linkedid", uid)
        trunk = not is_local(channel) and ami.endpoints.is_outside(channel)
        about = None if trunk else ami.transfers.consults_for(channel, uid, linked)
        if about is not None:
            call = ami.transfers.begin_consultation(about, uid, linked, since, local=is_local(channel))
        else:
            call = calls.begin(uid, linked, known_number(fields.get("CallerIDNum")), since, trunk=trunk)
    elif call.leg is not None and call.leg.state == ANSWERED and call.leg.since >= since:
        return  # answered just before
    calls.queue(call, calls.leg(call, place, uid, since), rough=True)


def _joined(fields: dict[str, str], login: int) -> int:
    return login - (whole_number(fields.get("Wait", "")) or 0) * SECOND
