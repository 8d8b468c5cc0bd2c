"""How a customer who was answered is passed on: transfers, Redirects, an agent's consultation that waits in a queue. Pure.

Rules after Asterisk's main/bridge.c (ast_bridge_transfer_attended), main/bridge_basic.c (the feature codes) and FACTS section 3.
"""

from collections.abc import Mapping
from typing import Final

from monitor.connectors._asterisk.calls import ANSWERED, LOST, QUEUE, Call, Calls, QueueLeg
from monitor.connectors._asterisk.endpoints import Endpoints, endpoint, is_local, is_short, number
from monitor.connectors._asterisk.pending import Pending

#: Events of one act (a transfer, a hang-up) lie within this.
TOGETHER: Final = 2_000_000
#: QueueCallerJoin and the BlindTransfer that leads there come in either order, microseconds apart; a busy machine takes longer.
SWAPPED: Final = 200_000


class Transfers:
    """Tells who was passed on, when and where to."""

    def __init__(self, calls: Calls, pending: Pending, endpoints: Endpoints) -> None:
        self._calls = calls
        self._pending = pending
        self._endpoints = endpoints
        self._by_phone: dict[str, dict[str, str]] = {}  # endpoint -> Uniqueids of its channels that speak with a customer -> call

    def restore(self) -> None:
        """Takes up which phones speak with whom."""
        for call in self._calls.by_uid.values():
            for uid, phone in call.phones.items():
                self._by_phone.setdefault(phone, {})[uid] = call.uid

    # --- who speaks with the customer -------------------------------------------------------------

    def speaks(self, call: Call, at: int, channel: str, uid: str) -> None:
        """A phone of ours answered the customer, or took him back."""
        call = self._calls.outer(call)
        if is_local(channel) or uid == call.uid:
            return
        if call.back is not None:
            self.took(call, at, channel, call.back)
        if uid and uid not in call.phones and not self._endpoints.is_outside(channel):
            call.phones[uid] = phone = endpoint(channel)
            call.spoke = number(channel)
            self._by_phone.setdefault(phone, {})[uid] = call.uid
            self._calls.changed(call)

    def took(self, call: Call, at: int, channel: str, parkers: list[str], caller_number: str | None = None) -> None:
        """Somebody speaks to the customer who was parked: whoever parked him, or a colleague to whom he was handed on."""
        self._calls.release(call, at, parked=True)
        outside = self._endpoints.is_outside(channel)
        who = (caller_number or "") if is_local(channel) else number(channel)
        if outside or (who and parkers and who not in parkers):
            self._calls.transfer(call, at, "blind", "outside" if outside else who, into_queue=False)
        call.lot = call.back = None
        call.transferred = at
        self._calls.changed(call)

    def hung_up(self, call: Call, uid: str) -> None:
        """A channel of the call is gone."""
        phone = call.phones.pop(uid, None)
        if phone is not None:
            on_phone = self._by_phone.get(phone, {})
            on_phone.pop(uid, None)
            if not on_phone:
                self._by_phone.pop(phone, None)
            self._calls.changed(call)

    # --- the customer moves -----------------------------------------------------------------------

    def left_bridge(self, call: Call, at: int) -> None:
        """The customer leaves the bridge: no longer on hold, perhaps passed on without a transfer event (Redirect).

        The holder's own leaving says nothing: with a feature code it goes to ask a colleague, the customer still held.
        """
        if call.lot is None:  # else into the lot or out of it, of which the parking events tell
            self._calls.release(call, at)
            call.left_bridge = at
            self._calls.changed(call)

    def moved_on(self, call: Call, at: int, to: str, *, into_queue: bool) -> None:
        """The answered customer comes to another phone or queue: by the transfer we heard of, or by a Redirect."""
        call.moved = None
        if call.handing is not None:
            self._pending.passed_on(call, to, into_queue=into_queue)
        elif call.back is not None:
            if to not in call.back:
                self._calls.transfer(call, at, "blind", to, into_queue=into_queue)
        else:
            near = (call.transferred, call.agent_hung_up)
            left = call.left_bridge
            told = left is not None and all(other is None or abs(left - other) > TOGETHER for other in near)
            if left is not None and told:
                self._calls.transfer(call, left, "blind", to, into_queue=into_queue)
            call.moved = [at, len(call.legs) - 1, to, into_queue, told]
        call.left_bridge = call.back = None

    def blind(self, at: int, f: Mapping[str, str]) -> None:
        """BlindTransfer: told when its target is clear."""
        if f.get("Result") != "Success":
            return
        call = self._calls.find(f.get("TransfereeUniqueid"), f.get("TransfererLinkedid"))
        if call is not None and call.consults is not None:
            self._was_no_consultation(call, at)
            return
        if call is None or f.get("TransfererUniqueid") == call.uid or call.lot is not None:
            return  # the customer's own, or the way into the lot: ParkedCall came first
        if call.moved is not None and abs(at - call.moved[0]) <= SWAPPED:
            _, index, to, into_queue, told = call.moved
            call.moved = None
            if not told:
                self._calls.transfer(call, at, "blind", to, into_queue=into_queue, leg=call.legs[index])
            call.transferred = at
            self._calls.changed(call)
            return
        extension = f.get("Extension")
        self._transferred(call, at, (at, "blind", extension if is_short(extension) else "outside"))

    def attended(self, at: int, f: Mapping[str, str]) -> None:
        """AttendedTransfer, by REFER or feature code."""
        where = f.get("DestType")
        if f.get("Result") != "Success" or where == "Fail":
            return
        consultation = self._consulting_channel(f)
        if consultation is not None:
            call = self._calls.by_uid.get(consultation.consults or "")
        else:
            call = self._calls.find(f.get("TransfereeUniqueid"), f.get("OrigTransfererLinkedid"))
            if call is None:
                call = self._calls.find(f.get("OrigTransfererUniqueid"), f.get("SecondTransfererLinkedid"))
        if call is None or f.get("OrigTransfererUniqueid") == call.uid or call.lot is not None:
            return
        if where == "Threeway":  # all in one bridge: off hold, and nobody was passed on (bridge_basic.c, threeway_enter)
            self._calls.release(call, at)
            return
        consultation = consultation or self._consultation(call)
        for key in ("TransfereeLinkedid", "SecondTransfererLinkedid"):
            if f.get(key):
                self._calls.name(call, f[key])
        # A phone may send its REFER on the consultation: the customer is the target then, and the colleague the transferee.
        other = "Transferee" if f.get("TransferTargetUniqueid") == call.uid else "TransferTarget"
        target = f.get(other + "Channel", "")
        waits = consultation is not None and consultation.leg is not None and consultation.leg.queues
        if where == "Bridge" and not target and not waits:  # alone in its bridge: may be the parking lot (ParkedCallSwap)
            self._transferred(call, at, (at, "consult", None))
            return
        to = None if not target or waits else "outside" if self._endpoints.is_outside(target) else number(target)
        self._transferred(call, at, None)
        self._calls.transfer(call, at, "consult", to, into_queue=waits or f.get("DestApp") == "Queue")
        if target:
            self.speaks(call, at, target, f.get(other + "Uniqueid", ""))
        if waits and consultation is not None:
            self._take_place(call, consultation, at)

    def _transferred(self, call: Call, at: int, handing: tuple[int, str, str | None] | None) -> None:
        if call.handing is not None:  # the customer was passed on again before the target of the first transfer was seen
            self._pending.passed_on(call, None, into_queue=False)
        self._calls.release(call, at)
        call.transferred, call.handing = at, handing
        self._calls.changed(call)
        self._pending.settle(call, at)

    # --- an agent's consultation that waits in a queue ----------------------------------------------

    def consults_for(self, channel: str, uid: str, linked: str) -> Call | None:
        """The customer about whom somebody enters a queue: a phone that speaks with him, or what its feature code dialled."""
        if is_local(channel):
            call = self._calls.by_name.get(linked)
            held = call is not None and call.handing is None and call.lot is None and call.back is None and bool(call.holds)
            return call if held and call is not None and _talks(call) else None
        for own, of in self._by_phone.get(endpoint(channel), {}).items():
            call = self._calls.by_uid.get(of)
            if own != uid and call is not None and call.over is None and _talks(call):
                return call
        return None

    def begin_consultation(self, call: Call, uid: str, linked: str, at: int, *, local: bool) -> Call:
        """A call of its own, of which nothing is told while it waits: no customer does, and none is owed a call back."""
        consultation = self._calls.begin(uid, uid if local else linked, None, at, trunk=False)
        consultation.consults, call.consulting = call.uid, uid
        self._calls.changed(call)
        return consultation

    def served(self, consultation: Call, leg: QueueLeg) -> None:
        """The consultation is answered: from now on it is told as the call of any other phone of ours."""
        consultation.consults = None
        self._calls.queue(consultation, leg)

    def took_place(self, call: Call, place: str, at: int) -> QueueLeg | None:
        """Something happens to the customer in a queue that he never entered: he was given another's place there."""
        leg = call.leg
        since = call.left_bridge
        if since is None:  # a phone rang for him before the queue was known to be the reason
            since = call.moved[0] if call.moved is not None else call.transferred
        if leg is None or leg.state != ANSWERED or leg.place == place or since is None or since > at or call.over is not None:
            return None
        consultation = self._consultation(call)
        if consultation is not None and consultation.leg is not None and consultation.leg.place == place:
            return self._take_place(call, consultation, since)
        if call.transferred is None and call.consulting is None:  # nothing gave him a place: his coming may yet be reported
            return None
        call.left_bridge = None
        new = self._calls.leg(call, place, call.uid, since)
        new.given = True
        self._calls.queue(call, new)
        return new

    def _was_no_consultation(self, waiting: Call, at: int) -> None:
        """The far half of a Local member was transferred into the queue, and QueueCallerJoin came before BlindTransfer."""
        call, leg = self._calls.by_uid.get(waiting.consults or ""), waiting.leg
        if call is not None and leg is not None:
            self._transferred(call, at, None)
            self._calls.transfer(call, at, "blind", leg.place.removeprefix(QUEUE), into_queue=True)
            self._take_place(call, waiting, leg.since)

    def _consulting_channel(self, f: Mapping[str, str]) -> Call | None:
        """The consultation that one of the transferer's two channels is."""
        for key in ("SecondTransfererUniqueid", "OrigTransfererUniqueid"):
            call = self._calls.by_uid.get(f.get(key, ""))
            if call is not None and call.consults is not None:
                return call
        return None

    def _consultation(self, call: Call) -> Call | None:
        consultation = self._calls.by_uid.get(call.consulting or "")
        return consultation if consultation is not None and consultation.consults == call.uid else None

    def _take_place(self, call: Call, consultation: Call, at: int) -> QueueLeg | None:
        """The customer waits from now on where the agent did; the agent's own wait is none of his."""
        waited = consultation.leg
        if waited is None:
            return None
        self._pending.drop(consultation)
        self._calls.forget(consultation)
        for name in (consultation.uid, consultation.contact):
            self._calls.name(call, name)
        call.consulting = call.left_bridge = None
        leg = self._calls.leg(call, waited.place, call.uid, at)
        leg.given = True
        self._calls.queue(call, leg)
        leg.dialling, leg.tried = waited.dialling, waited.tried
        if any(uid not in waited.tried for uid in waited.dialling):
            self._calls.ring(call, leg, at)  # it rang for the agent before
        return leg


def _talks(call: Call) -> bool:
    return call.leg is not None and call.leg.state in (ANSWERED, LOST)
