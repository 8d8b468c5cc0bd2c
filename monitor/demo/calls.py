"""Simulates one inbound call on the demo's phone system, from the first ring to the last hang-up.

The order of events is that of the recordings of a real server; FACTS section 3 explains its quirks (a DialEnd that
comes twice, an Unhold without Hold before a blind transfer, whole seconds in HoldTime).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from monitor.demo.call_plans import CallPlan, Transfer
from monitor.demo.channels import RING, RINGING, UP, Bridge, Channel, Entry, Member, Queue
from monitor.demo.dialling import DialledLeg, Record, dial, end_talk
from monitor.demo.pbx import Pbx
from monitor.demo.timeouts import done_within
from monitor.demo.transfers import consult

RING_LIMIT: Final = 15.0  # seconds a member's phone rings in a queue before the next one is tried
RETRY: Final = 1.0  # seconds between two members
WELCOME: Final = 0.5  # seconds between answering by machine and joining the queue

Outcome = Literal["answered", "abandoned", "timeout"]
RingEnd = Literal["picked up", "rang out", "caller gone"]


@dataclass(slots=True)
class _Talk:
    """An agent speaks with the caller."""

    queue: Queue
    entry: Entry
    member: Member
    phone: Channel
    bridge: Bridge
    since: datetime


class Call:
    """One inbound call, as its plan says."""

    def __init__(self, pbx: Pbx, plan: CallPlan) -> None:
        self._pbx = pbx
        self._plan = plan
        self._rings = 0  # how many phones have rung
        self._records: list[Record] = []
        begun = pbx.clock.now() - timedelta(seconds=plan.head_start)
        self._segment = begun  # where the next detail record begins
        self._caller = pbx.channel(
            "trunk", plan.number, plan.name, context="from-trunk", exten=plan.exten, state=RING, begun=begun
        )  # fmt: skip

    async def run(self) -> Outcome:
        """From arrival to hang-up."""
        pbx, plan, caller = self._pbx, self._plan, self._caller
        queue = pbx.queues.get(plan.exten)
        if queue is None:
            pickup = self._next_pickup()
            if await self._dialled(plan.exten, pickup, plan.patience, plan.talk, plan.holds):
                return "answered"
            return "abandoned"
        caller.priority = 2
        pbx.state(caller, UP)
        if not plan.head_start:
            await pbx.clock.sleep(WELCOME)
        caller.priority = 3
        return await self._wait_in(queue, self._segment + timedelta(seconds=WELCOME))

    async def _wait_in(self, queue: Queue, since: datetime) -> Outcome:
        """Wait in the queue since `since` until a member picks up, the caller gives up, or the queue's time limit ends it."""
        pbx, caller, clock = self._pbx, self._caller, self._pbx.clock
        caller.application, caller.data = "Queue", f"{queue.name},t,,,300"
        entry = queue.join(caller, since)
        place = (("Queue", queue.name), ("Position", str(len(queue.entries))), ("Count", str(len(queue.entries))))
        pbx.emit("QueueCallerJoin", [*caller.fields(), *place], privilege="agent")
        pbx.emit("MusicOnHoldStart", [*caller.fields(), ("Class", "default")])
        queue.offer()
        joined = clock.monotonic() - (clock.now() - since).total_seconds()
        gives_up, expires = joined + self._plan.patience, joined + self._plan.queue_limit
        while await done_within(clock, entry.offered, min(gives_up, expires) - clock.monotonic()):
            member = entry.offered.result()
            phone, end = await self._ring(queue, entry, member, gives_up)
            if end == "picked up":
                return await self._talk(_Talk(queue, entry, member, phone, pbx.bridge(phone, caller), clock.now()))
            queue.free(member)
            pbx.tell_of_member("QueueMemberStatus", queue, member)
            if end == "caller gone":
                return "abandoned"
            await clock.sleep(min(RETRY, gives_up - clock.monotonic()))
            if clock.monotonic() < min(gives_up, expires):
                queue.ask_again(entry)
            else:
                break
        self._go_unserved(queue, entry, timed_out=expires < gives_up)
        return "timeout" if expires < gives_up else "abandoned"

    async def _ring(self, queue: Queue, entry: Entry, member: Member, gives_up: float) -> tuple[Channel, RingEnd]:
        """One member's phone rings: until it is picked up, its time is over, or the caller has gone."""
        pbx, caller, clock = self._pbx, self._caller, self._pbx.clock
        began = clock.now()
        phone = pbx.channel(
            member.number, member.number, f"Agent {member.number}", context="from-agents", exten="s", state=0, linked=caller
        )
        phone.application, phone.data = "AppQueue", "(Outgoing Line)"
        bare = phone.fields("Dest")  # DialBegin still shows it as it was before its connected line was set
        phone.exten = caller.exten
        phone.set_connected_line(caller)
        self._emit_agent_event("AgentCalled", queue, phone, member)
        pbx.emit("DialBegin", [*caller.fields(), *bare, ("DialString", member.interface)])
        caller.set_connected_line(phone)
        pbx.state(phone, RINGING)
        leg = DialledLeg(pbx, caller, phone)
        leg.emit("DialState", "RINGING")
        pickup = self._next_pickup()
        patience = max(0.0, gives_up - clock.monotonic())
        picked_up = pickup is not None and pickup <= min(RING_LIMIT, patience)
        member.ringing = True
        pbx.tell_of_member("QueueMemberStatus", queue, member)
        await clock.sleep(pickup if pickup is not None and picked_up else min(RING_LIMIT, patience))
        member.ringing = False
        if picked_up:
            pbx.tell_of_member("QueueMemberStatus", queue, member)
            pbx.state(phone, UP)
            leg.emit("DialEnd", "ANSWER")
            pbx.emit("MusicOnHoldStop", caller.fields())
            self._leave(queue, entry)
            self._emit_agent_event(
                "AgentConnect", queue, phone, member,
                ("HoldTime", _whole_seconds(entry.since, clock.now())),
                ("RingTime", str(int((clock.now() - began).total_seconds()))),
            )  # fmt: skip
            return phone, "picked up"
        if patience <= RING_LIMIT:
            pbx.emit("HangupRequest", caller.fields())
            pbx.emit("MusicOnHoldStop", caller.fields())
            leg.emit_cancelled("CANCEL")
            self._record(phone, answered=False)
            self._write_records()
            self._emit_abandon(queue, entry)
            pbx.hangup(phone, 0)
            self._leave(queue, entry)
            pbx.hang_up_softly(caller)
            pbx.hangup(caller, 0)
            return phone, "caller gone"
        self._emit_agent_event("AgentRingNoAnswer", queue, phone, member, ("RingTime", str(int(RING_LIMIT) * 1000)))
        leg.emit_cancelled("NOANSWER")
        pbx.hangup(phone, 0)
        self._record(phone, answered=False)
        return phone, "rang out"

    def _go_unserved(self, queue: Queue, entry: Entry, *, timed_out: bool) -> None:
        """The caller hangs up, or the queue's time limit ends it: app_queue reports an abandon for both."""
        pbx, caller = self._pbx, self._caller
        if not timed_out:
            pbx.emit("HangupRequest", caller.fields())
            pbx.emit("MusicOnHoldStop", caller.fields())
            self._record(None, answered=True)
            self._write_records()
        self._emit_abandon(queue, entry)
        if timed_out:
            pbx.emit("MusicOnHoldStop", caller.fields())
        self._leave(queue, entry)
        if timed_out:
            caller.priority, caller.application, caller.data = caller.priority + 2, "Hangup", ""
        pbx.hang_up_softly(caller)
        if timed_out:
            self._record(None, answered=True)
            self._write_records()
        pbx.hangup(caller, 16 if timed_out else 0)

    async def _talk(self, talk: _Talk) -> Outcome:
        """Agent and caller talk, with holds, until one of them ends it or the agent transfers the caller."""
        pbx, caller, plan = self._pbx, self._caller, self._plan
        talk.queue.completed += 1
        talk.member.taken += 1
        arrived_here = talk.queue.exten == plan.exten
        held = await self._converse(
            talk.phone,
            plan.holds if arrived_here else (),
            plan.talk if arrived_here or plan.transfer is None else plan.transfer.talk,
            leave_held=plan.ended_by == "held" and arrived_here,
        )
        if plan.transfer and arrived_here:
            return await (self._blind_transfer if plan.transfer.how == "blind" else self._attended_transfer)(talk, plan.transfer)
        by_agent = plan.ended_by == "agent"
        pbx.emit("HangupRequest", (talk.phone if by_agent else caller).fields())
        self._complete(talk, "agent" if by_agent else "caller")
        if held:
            pbx.emit("MusicOnHoldStop", caller.fields())
        self._record(talk.phone, answered=True)
        end_talk(pbx, talk.bridge, talk.phone, caller, first=talk.phone if by_agent else caller, records=self._records)
        return "answered"

    async def _converse(self, phone: Channel, holds: Sequence[tuple[float, float]], seconds: float, *, leave_held: bool) -> bool:
        """Talk, with holds by `phone`. True: the last hold still goes on: the caller hangs up during it."""
        pbx, caller = self._pbx, self._caller
        for index, (before, length) in enumerate(holds, 1):
            await pbx.clock.sleep(before)
            pbx.emit("Hold", [*phone.fields(), ("MusicClass", "default")])
            pbx.emit("MusicOnHoldStart", [*caller.fields(), ("Class", "default")])
            await pbx.clock.sleep(length)
            if leave_held and index == len(holds):
                return True
            pbx.emit("Unhold", phone.fields())
            pbx.emit("MusicOnHoldStop", caller.fields())
        await pbx.clock.sleep(seconds)
        return False

    async def _blind_transfer(self, talk: _Talk, to: Transfer) -> Outcome:
        """Blind transfer by REFER: the agent's phone is out at once, the caller goes to the new extension."""
        pbx, caller, phone, bridge = self._pbx, self._caller, talk.phone, talk.bridge
        pbx.emit("Unhold", phone.fields())
        pbx.emit(
            "BlindTransfer",
            [
                ("Result", "Success"), *phone.fields("Transferer"), *caller.fields("Transferee"), *bridge.fields(),
                ("IsExternal", "Yes"), ("Context", "from-agents"), ("Extension", to.exten),
            ],
        )  # fmt: skip
        self._complete(talk, "transfer")
        pbx.unbridge(bridge, phone)
        pbx.hangup(phone)
        self._record(phone, answered=True)
        bridge.technology = "simple_bridge"
        caller.context, caller.exten, caller.priority = "from-agents", to.exten, 1
        pbx.unbridge(bridge, caller)
        queue = pbx.queues.get(to.exten)
        if queue is not None:
            caller.priority = 2
            return await self._wait_in(queue, pbx.clock.now())
        await self._dialled(to.exten, to.ring, self._plan.patience, to.talk)
        return "answered"

    async def _attended_transfer(self, talk: _Talk, to: Transfer) -> Outcome:
        """Attended transfer: the agent speaks with a colleague first, then the colleague with the caller."""
        pbx, caller = self._pbx, self._caller
        target = await consult(pbx, caller, talk.phone, talk.bridge, to, lambda: self._complete(talk, "transfer"))
        self._record(talk.phone, answered=True)
        now = pbx.clock.now()
        self._records.insert(0, Record(target, talk.phone, now, now, now, "ANSWERED"))
        await pbx.clock.sleep(to.talk)
        self._record(target, answered=True)
        pbx.emit("HangupRequest", [*target.fields(), ("Cause", "16")])
        end_talk(pbx, talk.bridge, target, caller, first=target, records=self._records)
        return "answered"

    async def _dialled(
        self, number: str, pickup: float | None, patience: float, talk: float, holds: Sequence[tuple[float, float]] = ()
    ) -> bool:
        """The caller reaches one phone directly; False when nobody picked up."""
        pbx, caller = self._pbx, self._caller
        caller.application, caller.data = "Dial", f"PJSIP/{number},30"
        started, was_up = self._segment, caller.state == UP
        leg = await dial(pbx, caller, number, number, f"Agent {number}", pickup, patience, number)
        answer = started if was_up else pbx.clock.now()
        if not leg.answered:
            self._records.append(Record(caller, leg.phone, started, started if was_up else None, pbx.clock.now(), "NO ANSWER"))
            leg.give_up(patience)
            self._write_records()
            pbx.hangup(caller, 0)
            return False
        bridge = pbx.bridge(leg.phone, caller)
        await self._converse(leg.phone, holds, talk, leave_held=False)
        pbx.emit("HangupRequest", [*leg.phone.fields(), ("Cause", "16")])
        self._records.append(Record(caller, leg.phone, started, answer, pbx.clock.now(), "ANSWERED"))
        end_talk(pbx, bridge, leg.phone, caller, first=leg.phone, records=self._records)
        return True

    def _complete(self, talk: _Talk, reason: str) -> None:
        now = self._pbx.clock.now()
        self._emit_agent_event(
            "AgentComplete", talk.queue, talk.phone, talk.member,
            ("HoldTime", _whole_seconds(talk.entry.since, talk.since)),
            ("TalkTime", _whole_seconds(talk.since, now)),
            ("Reason", reason),
        )  # fmt: skip
        talk.member.last_call = int(now.timestamp())
        self._pbx.spawn(self._wrap_up(talk))

    async def _wrap_up(self, talk: _Talk) -> None:
        await self._pbx.clock.sleep(self._plan.wrap_up)
        talk.queue.free(talk.member)
        self._pbx.tell_of_member("QueueMemberStatus", talk.queue, talk.member)

    def _leave(self, queue: Queue, entry: Entry) -> None:
        position = queue.position(entry)
        queue.leave(entry)
        fields = [*self._caller.fields(), ("Queue", queue.name), ("Position", str(position)), ("Count", str(len(queue.entries)))]
        self._pbx.emit("QueueCallerLeave", fields, privilege="agent")

    def _emit_abandon(self, queue: Queue, entry: Entry) -> None:
        queue.abandoned += 1
        fields = [
            *self._caller.fields(), ("Queue", queue.name), ("Position", str(queue.position(entry))),
            ("OriginalPosition", str(entry.original_position)),
            ("HoldTime", _whole_seconds(entry.since, self._pbx.clock.now())),
        ]  # fmt: skip
        self._pbx.emit("QueueCallerAbandon", fields, privilege="agent")

    def _emit_agent_event(self, event: str, queue: Queue, phone: Channel, member: Member, *extra: tuple[str, str]) -> None:
        who = (("Queue", queue.name), ("Interface", member.interface), ("MemberName", member.name))
        self._pbx.emit(event, [*self._caller.fields(), *phone.fields("Dest"), *who, *extra], privilege="agent")

    def _next_pickup(self) -> float | None:
        pickups = self._plan.pickups
        self._rings += 1
        return pickups[min(self._rings, len(pickups)) - 1]

    def _record(self, dest: Channel | None, *, answered: bool) -> None:
        """A span of the call ends and becomes a detail record; they are written when the caller's leg ends."""
        caller, now = self._caller, self._pbx.clock.now()
        disposition = "ANSWERED" if answered else "NO ANSWER"
        self._records.append(Record(caller, dest, self._segment, self._segment, now, disposition))
        self._segment = now

    def _write_records(self) -> None:
        for record in self._records:
            record.write(self._pbx)


def _whole_seconds(since: datetime, until: datetime) -> str:
    """Asterisk subtracts truncated seconds: up to 0.9 s off either way (FACTS section 3)."""
    return str(int(until.timestamp()) - int(since.timestamp()))
