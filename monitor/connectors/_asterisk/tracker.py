"""AMI messages -> what happened to calls. Pure: moments come with the messages, or from `tick`.

Messages are put in the order of their time stamps first, because Asterisk does not promise one (FACTS section 2); what only
time shows (a caller who is still there was not lost) is left to `pending`.
"""

import heapq
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from monitor.connectors._asterisk.ami import Message, moment
from monitor.connectors._asterisk.calls import ANSWERED, EXTENSION, QUEUE, WAITING, Call, Calls, QueueLeg
from monitor.connectors._asterisk.dialling import Dialling
from monitor.connectors._asterisk.endpoints import Endpoints, is_local, number
from monitor.connectors._asterisk.outbound import Outbound
from monitor.connectors._asterisk.parking import Parking
from monitor.connectors._asterisk.pending import Pending
from monitor.connectors._asterisk.queue_names import QueueNames
from monitor.connectors._asterisk.transfers import Transfers
from monitor.connectors._asterisk.turned_away import TurnedAway

#: Messages wait this long for earlier ones; the worst disorder in 10,047 recorded events was 2.6 ms.
REORDER: Final = 20_000

#: Another thread of Asterisk may stamp the phone that a queue dials before the caller's coming to that queue, by so much.
SWAPPED: Final = 3_000

#: A time stamp may be this far from the clock we know Asterisk to have.
CREDIBLE: Final = 3_600_000_000

#: What we look at, and bytes the message must contain to be worth it. SoftHangupRequest's Cause 4: Asterisk stops.
#: BridgeEnter: the caller is the second to enter, for main/bridge.c waits for the phone it imparts.
WANTED: Final[dict[str, bytes | None]] = {
    "Newchannel": None, "DialBegin": None, "DialState": None, "DialEnd": None, "BridgeEnter": b"\r\nBridgeNumChannels: 2",
    "BridgeLeave": None, "Hangup": None, "HangupRequest": None, "SoftHangupRequest": b"\r\nCause: 4",
    "QueueCallerJoin": None, "QueueCallerLeave": None, "QueueCallerAbandon": None, "AgentConnect": None, "AgentComplete": None,
    "AgentRingNoAnswer": None, "AgentDump": None, "Hold": None, "Unhold": None, "BlindTransfer": None, "AttendedTransfer": None,
    "UserEvent": b"CallbackRequest", "Shutdown": None, "ParkedCall": None, "ParkedCallSwap": None, "UnParkedCall": None,
    "ParkedCallGiveUp": None, "ParkedCallTimeOut": None, "Newexten": b"\r\nApplication: Queue\r\n",
    "VarSet": b"\r\nVariable: QUEUESTATUS\r\n",
}  # fmt: skip

#: Of these frequent messages, which show one or two whole channels, only so much is read.
_WHICH: Final = ("Timestamp", "Channel", "Uniqueid", "Linkedid")
PARTS: Final[dict[str, tuple[str, ...]]] = {
    "Newchannel": (*_WHICH, "Exten", "CallerIDNum"),
    "DialBegin": (
        *_WHICH, "Exten", "CallerIDNum", "DestChannel", "DestUniqueid", "DestLinkedid", "DestCallerIDNum", "DialString",
    ),
    "DialState": (*_WHICH, "DestUniqueid", "DestLinkedid", "DialStatus"),
    "DialEnd": (*_WHICH, "DestChannel", "DestUniqueid", "DestLinkedid", "DialStatus", "Exten", "DestCallerIDNum"),
    "Hangup": (*_WHICH, "Cause"),
    **dict.fromkeys(("BridgeEnter", "BridgeLeave", "HangupRequest", "Hold", "Unhold"), _WHICH),
    "QueueCallerJoin": (*_WHICH, "Queue", "CallerIDNum"),
    **dict.fromkeys(("QueueCallerLeave", "QueueCallerAbandon"), (*_WHICH, "Queue")),
    "AgentConnect": (*_WHICH, "Queue", "DestChannel", "DestUniqueid", "RingTime"),
    "AgentComplete": (*_WHICH, "Reason"), "AgentRingNoAnswer": (*_WHICH, "Queue", "RingTime"),
}  # fmt: skip


class CallTracker:
    """Follows the calls of one Asterisk."""

    def __init__(
        self, hash_customer: Callable[[str], str], *, trunks: Iterable[str] = (), extensions: Iterable[str] = (),
        places: Iterable[str] = (), has_log: bool = False,
    ) -> None:  # fmt: skip
        """`places`: the configured ones, e.g. `extension:100`. `has_log`: reasons of leaving may come from queue_log."""
        extensions = frozenset(extensions)
        self.calls = Calls(hash_customer)
        self.endpoints = Endpoints(trunks, extensions)
        self.pending = Pending(self.calls, has_log=has_log)
        self.newest = 0  # moment of the newest message that was handled
        self.stamped: bool | None = None  # whether events carry time stamps of their own
        self.gone: set[str] = set()  # channels that hung up before they could be compared
        self._watched = {EXTENSION + each for each in extensions} | {p for p in places if p.startswith(EXTENSION)}
        self._dialling = Dialling(self.calls, self.endpoints, self.pending, self._watched, only_watched=bool(extensions))
        self.transfers = Transfers(self.calls, self.pending, self.endpoints)
        parking = Parking(self.calls, self.endpoints, self.transfers)
        self.queues = QueueNames(places=places)
        self._turned_away = TurnedAway(self.calls, self.endpoints, self.queues)
        self._outbound = Outbound(self.calls, self.endpoints, self._watched, hash_customer)
        self._channels: dict[str, tuple[str, bool]] = {}  # Uniqueid -> what it dialled at first, whether it was dialled
        self._queue: list[tuple[int, int, int, str, dict[str, str]]] = []
        self._count = 0
        self._joining: dict[str, int] = {}  # Uniqueid -> moment of a QueueCallerJoin that is not handled yet
        self._sees_requests = False
        self._steps: dict[str, Callable[[int, dict[str, str]], None]] = {
            "Newchannel": self._newchannel, "DialBegin": self._dial_begin, "DialEnd": self._dial_end,
            "DialState": self._dial_state, "BridgeEnter": self._bridge_enter,
            "Hangup": self._hangup, "HangupRequest": self._hangup_request, "SoftHangupRequest": self._stopping,
            "QueueCallerJoin": self._join, "QueueCallerLeave": self._leave, "QueueCallerAbandon": self._abandon,
            "AgentConnect": self._connect, "AgentComplete": self._complete, "AgentDump": self._dumped,
            "AgentRingNoAnswer": self._dialling.unanswered,
            "Hold": self._hold, "Unhold": self._unhold, "BridgeLeave": self._bridge_leave,
            "BlindTransfer": self.transfers.blind, "AttendedTransfer": self.transfers.attended, "UserEvent": self._user_event,
            "Shutdown": self._shutdown, "ParkedCall": parking.parked,
            "ParkedCallSwap": parking.parked, "UnParkedCall": parking.taken_back, "ParkedCallGiveUp": parking.left_lot,
            "ParkedCallTimeOut": parking.left_lot, "Newexten": self._turned_away.asked, "VarSet": self._turned_away.answered,
        }  # fmt: skip

    @property
    def sorting(self) -> bool:
        """Whether messages wait for earlier ones: the newest came within the last REORDER."""
        return bool(self._queue)

    @property
    def busy(self) -> bool:
        """Whether the passing of time alone may bring something soon."""
        return self.sorting or self.pending.next_due is not None

    def restore(self, entries: Mapping[str, str]) -> None:
        """Takes up the calls of an earlier life, with what was still to be decided about them."""
        self.calls.restore(entries)
        for call in self.calls.by_uid.values():
            for leg in call.legs:
                if leg.place.startswith(QUEUE):
                    self.queues.learn(leg.place.removeprefix(QUEUE))
        self.transfers.restore()
        for call in list(self.calls.by_uid.values()):
            self.pending.settle(call, call.seen)

    def feed(self, message: Message, arrived: int, offset: int = 0) -> None:
        """Takes one message. `arrived` (microseconds, our clock) stands in for a time stamp that is not there.

        `offset`: Asterisk's clock minus ours. A stamp that is far from both cannot be true and is not used.
        """
        at = moment(message.fields.get("Timestamp"))
        if self.stamped is None:
            self.stamped = at is not None
        if at is None:
            at = arrived
        elif abs(at - arrived - offset) > CREDIBLE:
            at = arrived + offset
        self._count += 1
        queue = self._queue
        heapq.heappush(queue, (at, self._count, at, message.name, message.fields))
        if message.name == "QueueCallerJoin":
            self._joining[message.fields.get("Uniqueid", "")] = at
        if queue[0][0] <= at - REORDER:
            self._release(at - REORDER)

    def tick(self, now: int, proven: int | None = None) -> None:
        """Handles what has waited long enough. `now` in microseconds of Asterisk's clock.

        That something did not happen is known up to `proven`, when Asterisk was certainly still heard; None: until now.
        """
        self._release(now - REORDER)
        self.pending.decide_due((now if proven is None else min(now, proven)) - REORDER)

    def undecided(self, now: int, proven: int) -> bool:
        """Whether something would be decided if Asterisk were known to be heard still."""
        due = self.pending.next_due
        return due is not None and proven - REORDER < due <= now - REORDER

    def flush(self) -> None:
        """The connection is gone: nothing earlier will come any more."""
        while self._queue:
            self._handle()

    def _release(self, until: int) -> None:
        queue = self._queue
        while queue and queue[0][0] <= until:
            self._handle()

    def _handle(self) -> None:
        _, _, at, name, fields = heapq.heappop(self._queue)
        if name == "DialBegin" and self._joining:
            joins = self._joining.get(fields.get("Uniqueid", ""))
            if joins is not None and joins - at <= SWAPPED:
                self._count += 1
                heapq.heappush(self._queue, (max(joins, at), self._count, at, name, fields))
                return
        elif name == "QueueCallerJoin":
            self._joining.pop(fields.get("Uniqueid", ""), None)
        if self.pending.next_due is not None and self.pending.next_due <= at:
            self.pending.decide_due(at)
        if at > self.newest:
            self.newest = at
        step = self._steps.get(name)
        if step is not None:
            step(at, fields)

    def left_for(self, uid: str, queue: str, reason: str, said: int, now: int) -> None:
        """queue_log says why a caller left a queue; `said`: the whole second of its line."""
        call = self.calls.find(uid, None)
        leg = call.waiting_in(QUEUE + self.queues.of(queue)) if call is not None else None
        if call is None or leg is None or (leg.gone is None and said <= leg.since):
            return  # of an earlier visit, which was decided when the caller came again
        leg.reason = reason
        self.pending.settle(call, now)

    def forget_left(self, before: int) -> None:
        """Forgets calls whose caller has left unanswered, with nothing told since."""
        for call in list(self.calls.by_uid.values()):
            if call.seen < before and call.leg is not None and call.leg.state not in (WAITING, ANSWERED):
                self.stop(call)

    def stop(self, call: Call) -> None:
        """Nothing more is expected of this call."""
        self.pending.drop(call)
        self.calls.forget(call)

    # --- channels -------------------------------------------------------------------------------

    def _newchannel(self, at: int, f: dict[str, str]) -> None:
        channel, uid = f.get("Channel", ""), f.get("Uniqueid", "")
        if not is_local(channel):
            self._channels.setdefault(uid, (f.get("Exten", ""), False))
            self.endpoints.appeared(channel, f.get("CallerIDNum"))

    def _dial_begin(self, at: int, f: dict[str, str]) -> None:
        """A phone is called: it rings for a caller, or somebody of ours calls out."""
        dest, dest_uid, source_uid = f.get("DestChannel", ""), f.get("DestUniqueid", ""), f.get("Uniqueid")
        dialled = None
        if not is_local(dest):
            dialled = self.endpoints.dialled(dest, f.get("DialString", ""))
            self._channels[dest_uid] = ("", True)
        call = self.calls.find(source_uid, f.get("Linkedid") or f.get("DestLinkedid"))
        source = f.get("Channel", "")
        if call is None and source_uid is not None and not is_local(source) and self.endpoints.is_outside(source):
            exten, was_dialled = self._channels.get(source_uid, (f.get("Exten", ""), False))
            if not was_dialled and source_uid not in self.calls.hung_up:
                linked = f.get("Linkedid", "")
                call = self.calls.begin(source_uid, linked, f.get("CallerIDNum"), at, exten=exten or f.get("Exten", ""))
        if call is None:
            if self.endpoints.is_outside(dest):
                self._outbound.begin(at, f, dialled)
            return
        own = self._is_own(call, source_uid)
        if call.leg is None or call.leg.state != ANSWERED:
            self._dialling.begin(call, at, f, own=own)
        elif not is_local(dest) and (own or (is_local(source) and call.handing is not None)):
            self._handed_on(call, at, f, own=own)  # else a colleague is asked while the customer is on hold

    def _handed_on(self, call: Call, at: int, f: dict[str, str], *, own: bool) -> None:
        """A phone is dialled for a customer who has been answered: the target of a transfer."""
        dest, exten = f.get("DestChannel", ""), f.get("Exten", "")
        target = number(dest)
        outside = self.endpoints.is_outside(dest)
        place = EXTENSION + (exten if own and exten != call.exten and EXTENSION + exten in self._watched else target)
        watched = place in self._watched and (place != EXTENSION + target or not outside)
        if call.back is not None and not watched:
            return  # out of the parking lot: told when somebody answers
        self.transfers.moved_on(call, at, "outside" if outside else target, into_queue=watched)
        if watched:  # whom any other colleague's phone rings for has been answered
            self._dialling.begin_at(call, place, f.get("DestUniqueid", ""), at)

    def place_of(self, exten: str, phone: str) -> str | None:
        """Where a direct call to the number `exten` is counted that talks to this phone; None: nowhere."""
        return self._dialling.place_of(exten, phone)

    @staticmethod
    def _is_own(call: Call, uid: str | None) -> bool:
        """Whether this channel carries the customer."""
        return uid is not None and (uid == call.uid or uid in call.names)

    def _dial_state(self, at: int, f: dict[str, str]) -> None:
        self._dialling.state(self.calls.find(f.get("Uniqueid"), f.get("Linkedid") or f.get("DestLinkedid")), at, f)

    def _dial_end(self, at: int, f: dict[str, str]) -> None:
        call = self.calls.find(f.get("Uniqueid"), f.get("Linkedid") or f.get("DestLinkedid"))
        if call is None:
            self._outbound.dial_end(at, f, answered=f.get("DialStatus") == "ANSWER")
            return
        if f.get("DialStatus") == "ANSWER":
            self.transfers.speaks(call, at, f.get("DestChannel", ""), f.get("DestUniqueid", ""))
        self._dialling.end(call, at, f, own=self._is_own(call, f.get("Uniqueid")))

    def _bridge_enter(self, at: int, f: dict[str, str]) -> None:
        self.pending.sees_bridges = True
        call = self.calls.find(f.get("Uniqueid"), None)
        if call is not None:
            self._dialling.bridged(call, at)

    def _hangup(self, at: int, f: dict[str, str]) -> None:
        uid = f.get("Uniqueid", "")
        self._channels.pop(uid, None)
        self._turned_away.hung_up(uid)
        self._outbound.hangup(at, uid)
        if not self.pending.in_touch:
            self.gone.add(uid)
        call = self.calls.find(uid, f.get("Linkedid"))
        if call is None or call.over is not None:
            return
        leg = call.leg
        if uid != call.uid:
            self.calls.unhold(call, uid, at)
            self._dialling.hung_up(call, uid, at)
            self.transfers.hung_up(call, uid)
            if leg is not None and leg.picked_up and leg.lifted == uid:
                self._put_down(call, leg)
            return
        hidden = not self._sees_requests and call.within is None
        if leg is not None and leg.abandoned and hidden and f.get("Cause") != "16":
            call.requested = True  # an event filter hides HangupRequest; a dialplan's own Hangup() says 16
        call.over = at
        self.pending.settle(call, at)

    def _hangup_request(self, at: int, f: dict[str, str]) -> None:
        self._sees_requests = True
        uid = f.get("Uniqueid", "")
        call = self.calls.find(uid, f.get("Linkedid"))
        if call is None:
            return
        if uid == call.uid:
            call.requested = True
            call.requested_at = at
            self.pending.settle(call, at)
        else:
            call.agent_hung_up = at
        self.calls.changed(call)

    def _stopping(self, at: int, f: dict[str, str]) -> None:
        call = self.calls.find(f.get("Uniqueid"), f.get("Linkedid"))
        if call is not None and f.get("Cause") == "4":
            call.stopping = True
            self.calls.changed(call)

    def _shutdown(self, at: int, f: dict[str, str]) -> None:
        for call in list(self.calls.by_uid.values()):
            call.stopping = True
            if call.over is None:
                call.over = at
            self.pending.settle(call, at)

    # --- queues ---------------------------------------------------------------------------------

    def _join(self, at: int, f: dict[str, str]) -> None:
        """A caller enters a queue."""
        uid, linked, place = f.get("Uniqueid", ""), f.get("Linkedid", ""), QUEUE + f.get("Queue", "")
        self.queues.learn(f.get("Queue", ""))
        call = self.calls.by_uid.get(uid) or self.calls.by_name.get(uid)
        channel = f.get("Channel", "")
        if call is None:
            about = None if self.endpoints.is_outside(channel) else self.transfers.consults_for(channel, uid, linked)
            if about is not None:
                call = self.transfers.begin_consultation(about, uid, linked, at, local=is_local(channel))
        if call is None and is_local(channel):
            call = self.calls.by_name.get(linked)
            if call is not None and call.leg is not None and call.leg.queues:
                call = self.calls.begin_within(call, uid, at)
            elif call is not None:  # the far half of a Local member was transferred to a queue
                self.calls.name(call, uid)
        if call is None:
            if uid in self.calls.hung_up:
                return  # told long after; the call is closed
            outside = self.endpoints.is_outside(channel)
            call = self.calls.begin(uid, linked, f.get("CallerIDNum"), at, trunk=outside)
        known = call.waiting_in(place)
        if known is not None and known is call.leg and known.gone is None:
            if not known.given:
                self.calls.queue(call, known)  # QueueStatus had reported it already, roughly
                known.since = at
            return
        dialled_for = self._dialling.taken_over(call, at)
        leg = call.leg
        if leg is not None:
            if leg.state == WAITING:
                leg.gone = at if leg.gone is None else leg.gone
                self.pending.decide(call, leg, force=True)
            elif leg.state == ANSWERED:
                self.transfers.moved_on(call, at, f.get("Queue", ""), into_queue=True)
        leg = self.calls.leg(call, place, uid, at)
        leg.dialling, leg.tried = dialled_for
        self.calls.queue(call, leg)

    def _waiting(self, at: int, f: dict[str, str]) -> tuple[Call, QueueLeg] | None:
        call = self.calls.find(f.get("Uniqueid"), f.get("Linkedid") if is_local(f.get("Channel", "")) else None)
        if call is None:
            return None
        place = QUEUE + f.get("Queue", "")
        leg = call.waiting_in(place) or self.transfers.took_place(call, place, at)
        return (call, leg) if leg is not None else None

    def _abandon(self, at: int, f: dict[str, str]) -> None:
        found = self._waiting(at, f)
        if found is not None:
            call, leg = found
            call.requested = self.calls.outer(call).requested
            leg.abandoned = True
            leg.gone = at
            self.calls.changed(call)
            self.pending.settle(call, at)

    def _leave(self, at: int, f: dict[str, str]) -> None:
        found = self._waiting(at, f)
        if found is not None and found[1].gone is None:
            call, leg = found
            leg.gone = at
            call.requested = self.calls.outer(call).requested
            leg.abandoned = leg.abandoned or call.requested  # he hung up first; QueueCallerAbandon may come after the Hangup
            self.calls.changed(call)
            self.pending.settle(call, at)

    def _connect(self, at: int, f: dict[str, str]) -> None:
        found = self._waiting(at, f)
        if found is not None:
            call, leg = found
            if call.consults is not None:
                self.transfers.served(call, leg)
            self._dialling.connected(call, leg, f.get("DestUniqueid", ""), at=at, rang=f.get("RingTime", ""))
            self.calls.answer(call, leg, at)
            call.left_bridge = call.moved = None
            self.transfers.speaks(call, at, f.get("DestChannel", ""), f.get("DestUniqueid", ""))

    def _dumped(self, at: int, f: dict[str, str]) -> None:
        """The agent hung up in the announcement before the two were connected: the caller waits on (app_queue.c, AGENTDUMP)."""
        found = self._waiting(at, f)
        if found is not None:
            self._put_down(*found)

    def _put_down(self, call: Call, leg: QueueLeg) -> None:
        """The phone that was lifted is gone again, and the caller was neither connected nor has left."""
        if leg.gone is None and not call.requested:
            leg.picked_up, leg.lifted = False, None
            self.calls.changed(call)

    def _complete(self, at: int, f: dict[str, str]) -> None:
        """Where no event of class call comes, nothing else tells that the call is over."""
        call = self.calls.by_uid.get(f.get("Uniqueid", ""))
        if call is not None and call.over is None and not self.pending.sees_calls and f.get("Reason") != "transfer":
            call.over = at
            self.pending.settle(call, at)

    def _user_event(self, at: int, f: dict[str, str]) -> None:
        if f.get("UserEvent") == "CallbackRequest":
            call = self.calls.find(f.get("Uniqueid"), f.get("Linkedid"))
            if call is not None:
                call.callback = True
                self.pending.settle(call, at)

    # --- hold and transfer ----------------------------------------------------------------------

    def _hold(self, at: int, f: dict[str, str]) -> None:
        uid = f.get("Uniqueid", "")
        call = self.calls.find(uid, f.get("Linkedid"))
        if call is None or uid == call.uid or self.endpoints.is_outside(f.get("Channel", "")):
            return  # the caller's own hold, or that of somebody outside to whom the call was passed on
        self.transfers.speaks(call, at, f.get("Channel", ""), uid)
        self.calls.hold(call, uid, at)

    def _unhold(self, at: int, f: dict[str, str]) -> None:
        uid = f.get("Uniqueid", "")
        call = self.calls.find(uid, f.get("Linkedid"))
        if call is not None:
            self.calls.unhold(call, uid, at)

    def _bridge_leave(self, at: int, f: dict[str, str]) -> None:
        call = self.calls.by_uid.get(f.get("Uniqueid", ""))
        if call is not None and call.over is None:
            self.transfers.left_bridge(call, at)
