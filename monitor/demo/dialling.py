"""What direct calls, transfers and outbound calls share: a phone that is dialled, its answer, and the end of a conversation."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from monitor.demo.call_plans import OutboundPlan
from monitor.demo.channels import RING, RINGING, UP, Bridge, Channel
from monitor.demo.pbx import Pbx

DIAL_LIMIT: Final = 30.0  # seconds a phone rings that was dialled directly


@dataclass(slots=True)
class Record:
    """A call detail record to be. It keeps what the caller's leg was like then; a transfer changes it."""

    caller: Channel
    dest: Channel | None
    start: datetime
    answer: datetime | None
    end: datetime
    disposition: str
    then: tuple[str, str, tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.then = (self.caller.exten, self.caller.context, (self.caller.application, self.caller.data))

    def write(self, pbx: Pbx) -> None:
        """Emit it."""
        exten, context, application = self.then
        pbx.cdr(
            self.caller, self.dest, self.start, self.answer, end=self.end, exten=exten, context=context,
            application=application, disposition=self.disposition,
        )  # fmt: skip


@dataclass(slots=True)
class DialledLeg:
    """A phone that rings for a caller."""

    pbx: Pbx
    caller: Channel
    phone: Channel
    answered: bool = False

    def emit(self, event: str, status: str) -> None:
        """A DialState or DialEnd of this phone."""
        self.pbx.emit(event, [*self.caller.fields(), *self.phone.fields("Dest"), ("DialStatus", status)])

    def emit_cancelled(self, status: str) -> None:
        """A phone that stops ringing is reported twice (FACTS section 3)."""
        self.emit("DialEnd", status)
        self.emit("DialEnd", "CANCEL")

    def give_up(self, patience: float) -> None:
        """Nobody picked up: the caller went, or the time to ring was over."""
        if patience <= DIAL_LIMIT:
            self.pbx.emit("HangupRequest", self.caller.fields())
        self.emit_cancelled("CANCEL" if patience <= DIAL_LIMIT else "NOANSWER")
        self.pbx.hangup(self.phone, 0)
        self.pbx.hang_up_softly(self.caller)


async def dial(
    pbx: Pbx, caller: Channel, peer: str, number: str, name: str, pickup: float | None, patience: float, dial_string: str
) -> DialledLeg:
    """Ring one phone until it is picked up after `pickup` seconds, or the caller's `patience` or the time is over."""
    outward = peer == "trunk"
    unknown = "<unknown>"
    context = "from-trunk" if outward else "from-agents"
    phone = pbx.channel(
        peer, unknown if outward else number, unknown if outward else name, context=context, exten="s", state=0, linked=caller
    )
    phone.application, phone.data = "AppDial", "(Outgoing Line)"
    phone.number, phone.exten = number, caller.exten
    phone.set_connected_line(caller)
    leg = DialledLeg(pbx, caller, phone)
    pbx.emit("DialBegin", [*caller.fields(), *phone.fields("Dest"), ("DialString", dial_string)])
    pbx.state(phone, RINGING)
    caller.set_connected_line(phone)
    leg.emit("DialState", "RINGING")
    limit = min(DIAL_LIMIT, patience)
    leg.answered = pickup is not None and pickup <= limit
    await pbx.clock.sleep(pickup if pickup is not None and leg.answered else limit)
    if leg.answered:
        pbx.state(phone, UP)
        phone.exten = ""
        leg.emit("DialEnd", "ANSWER")
        if caller.state != UP:
            pbx.state(caller, UP)
    return leg


def end_talk(pbx: Pbx, bridge: Bridge, phone: Channel, caller: Channel, *, first: Channel, records: list[Record]) -> None:
    """A conversation ends: `first` leaves first, both are hung up, the detail records are written."""
    second = caller if first is phone else phone
    if first is phone:
        for record in records:
            record.write(pbx)
    pbx.unbridge(bridge, first, second)
    if first is caller:
        pbx.hangup(phone)
        for record in records:
            record.write(pbx)
    pbx.hang_up_softly(caller)
    if first is phone:
        pbx.hangup(phone)
    pbx.hangup(caller)


async def call_out(pbx: Pbx, plan: OutboundPlan) -> None:
    """An agent calls a customer; nothing but the number links it to an earlier call (FACTS section 3)."""
    begun = pbx.clock.now()
    agent = pbx.channel(
        plan.agent, plan.agent, f"Agent {plan.agent}", context="from-agents", exten=plan.number, state=RING
    )  # fmt: skip
    agent.priority, agent.application, agent.data = 2, "Dial", f"PJSIP/{plan.number}@trunk,60"
    leg = await dial(
        pbx, agent, "trunk", plan.number, "<unknown>", plan.ring if plan.answered else None, plan.ring, f"{plan.number}@trunk"
    )
    answer = pbx.clock.now() if leg.answered else None
    if not leg.answered:
        leg.give_up(plan.ring)
        Record(agent, leg.phone, begun, None, pbx.clock.now(), "NO ANSWER").write(pbx)
        pbx.hangup(agent, 0)
        return
    bridge = pbx.bridge(leg.phone, agent)
    await pbx.clock.sleep(plan.talk)
    pbx.emit("HangupRequest", [*leg.phone.fields(), ("Cause", "16")])
    record = Record(agent, leg.phone, begun, answer, pbx.clock.now(), "ANSWERED")
    end_talk(pbx, bridge, leg.phone, agent, first=leg.phone, records=[record])
