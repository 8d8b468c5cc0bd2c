"""Runs planned calls on a real Asterisk, all at once, and returns what happened as the phones themselves measured it.

The flow: every caller dials at their moment -> agents' phones do what their plan says -> everybody is done and the switch
has no channel left -> the moments that the phones noted become the ground truth. Nothing is taken from Asterisk.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.live.calls.sip import Call, Phone
from tests.servers.asterisk.server import Asterisk

FOREVER = 3600.0
AT_MOST_SECONDS = 90.0
LAG_STEP_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Hold:
    """`after` seconds of talk the agent holds the caller for `seconds`; `unhold` False goes on while still on hold."""

    after: float
    seconds: float
    unhold: bool = True


@dataclass(frozen=True, slots=True)
class Unpark:
    """`after` seconds after the customer was parked `number` dials the place `at` and talks with him."""

    number: str
    at: str
    after: float
    talk: float = 1.0


@dataclass(frozen=True, slots=True)
class Agent:
    """What one phone does when it rings. `ring` None: it is never answered.

    `wakes`: seconds before it begins to ring; `refuses`: it never does. When answered: the holds, `talk` seconds, then a
    transfer if one is named, else it hangs up (`hangs_up` False: it leaves that to the other side). `consult`: seconds spoken
    with the target of an attended transfer.
    """

    number: str
    ring: float | None = 1.0
    wakes: float = 0.0
    refuses: bool = False
    presses: tuple[float, str] | None = None  # seconds after answering, the key
    holds: tuple[Hold, ...] = ()
    talk: float = 1.0
    hangs_up: bool = True
    blind_to: str | None = None
    attended_to: str | None = None
    consult: float = 1.0
    unparked: Unpark | None = None


@dataclass(frozen=True, slots=True)
class CallBack:
    """`after` seconds after the lost call ended, `agent` rings the caller, who answers after `ring` seconds."""

    agent: str
    after: float
    ring: float = 1.0
    talk: float = 1.0


@dataclass(frozen=True, slots=True)
class PickUp:
    """`after` seconds after the caller dialled, `agent` dials `dials` and so takes the call that rings elsewhere."""

    agent: str
    dials: str
    after: float
    talk: float = 1.0


@dataclass(frozen=True, slots=True)
class Case:
    """One caller and whoever they meet. `stay` counts from being connected, `patience` from dialling (until connected)."""

    name: str
    point: str  # the contact point it is about: queue, or "direct"
    dials: str
    caller: str
    agents: tuple[Agent, ...] = ()
    at: float = 0.0
    patience: float = FOREVER
    stay: float = FOREVER
    caller_hold: Hold | None = None
    presses: tuple[float, str] | None = None  # so many seconds after being connected, and the key
    called_back: CallBack | None = None
    picked_up: PickUp | None = None
    redirected: tuple[float, str] | None = None  # seconds after dialling a supervisor sends the call there


@dataclass(frozen=True, slots=True)
class Leg:
    """One phone that rang for a caller, or, for a callback, the caller's own phone."""

    number: str
    rang_at: float
    answered_at: float | None
    ended_at: float | None
    holds: tuple[tuple[float, float], ...]  # since, until
    transferred: bool


@dataclass(frozen=True, slots=True)
class MeasuredCall:
    """What the phones measured of one case. Moments are wall-clock seconds."""

    case: Case
    dialled_at: float
    ended_at: float
    ended_by: str  # "caller" | "switch"
    legs: tuple[Leg, ...]  # in the order in which they rang
    callbacks: tuple[Leg, ...]
    unparked_at: float | None = None
    pressed_at: float | None = None

    @property
    def answered_at(self) -> float | None:
        return min((leg.answered_at for leg in self.legs if leg.answered_at is not None), default=None)

    @property
    def waited(self) -> float:
        """Seconds until a human answered, or until the caller was gone."""
        return (self.answered_at or self.ended_at) - self.dialled_at

    @property
    def rang(self) -> float | None:
        """Seconds from the first phone that rang until a human answered or the caller was gone; None: no phone rang."""
        return (self.answered_at or self.ended_at) - self.legs[0].rang_at if self.legs else None

    @property
    def holds(self) -> list[float]:
        """Seconds of each hold by an agent."""
        return [until - since for leg in self.legs for since, until in leg.holds]


@dataclass(frozen=True, slots=True)
class GroundTruth:
    """The whole run. `lag`: the longest time in seconds that the phones were late for something: how busy the machine was."""

    began: float
    ended: float
    lag: float
    calls: Mapping[str, MeasuredCall]

    def __or__(self, later: "GroundTruth") -> "GroundTruth":
        """This run and a later one."""
        return GroundTruth(self.began, later.ended, max(self.lag, later.lag), {**self.calls, **later.calls})

    def __str__(self) -> str:
        lines = [f"{'case':30} {'point':8} {'answered':9} {'by':7} {'wait':>6} {'ring':>6} {'end':>6}  holds, callbacks"]
        for name, call in self.calls.items():
            rang = f"{call.rang:6.2f}" if call.rang is not None else "     -"
            holds = " ".join(f"{seconds:.2f}" for seconds in call.holds)
            who = f"{name:30} {call.case.point:8} {'yes' if call.answered_at else 'no':9} {call.ended_by:7}"
            back = " called back" * len(call.callbacks)
            lines.append(f"{who} {call.waited:6.2f} {rang} {call.ended_at - self.began:6.2f}  {holds}{back}")
        return "\n".join(lines)


@dataclass(slots=True)
class _Run:
    """The phones of one run, and the case each belongs to."""

    asterisk: Asterisk
    cases: Sequence[Case]
    agents: Phone = field(init=False)
    outside: Phone = field(init=False)
    lag: float = 0.0

    def __post_init__(self) -> None:
        switch = (self.asterisk.host, self.asterisk.sip_port)
        self.agents = Phone(self.asterisk.host, self.asterisk.agents_port, switch, self._agent)
        self.outside = Phone(self.asterisk.outside_host, self.asterisk.outside_port, switch, self._called_back)

    async def _agent(self, call: Call) -> None:
        """An agent's phone rings."""
        plan = next((agent for case in self.cases for agent in case.agents if agent.number == call.number), None)
        if plan is None:
            raise AssertionError(f"a phone rang that no case plans for: {call.number}")
        if plan.refuses:
            call.refuse()
            return
        if plan.wakes and await _over(call, plan.wakes):
            return
        call.ring()
        if plan.ring is None or await _over(call, plan.ring):
            await call.ended.wait()
            return
        await call.answer()
        if plan.presses is not None and not await _over(call, plan.presses[0]):
            await call.press(plan.presses[1])
        for hold in plan.holds:
            if await _over(call, hold.after):
                return
            await call.hold()
            if await _over(call, hold.seconds):
                return
            if hold.unhold:
                await call.unhold()
        if await _over(call, plan.talk):
            return
        if plan.attended_to is not None:
            await call.hold()
            consultation = self.agents.call(plan.number, plan.attended_to)
            await consultation.dial()
            await asyncio.sleep(plan.consult)
            await call.refer(plan.attended_to, consultation)
            # The switch ends the consultation. Asterisk reports the transfer before it has moved the customer into the
            # queue: a BYE in between makes it lose the customer, about once in six runs.
            if not await _over(consultation, 2.0):
                await consultation.hang_up()
        elif plan.blind_to is not None:
            if plan.unparked is not None:
                self.agents.start(self._unpark(plan.unparked))
            await call.refer(plan.blind_to)
        elif not plan.hangs_up:
            await call.ended.wait()
        await call.hang_up()

    async def _unpark(self, plan: Unpark) -> None:
        await asyncio.sleep(plan.after)
        call = self.agents.call(plan.number, plan.at)
        assert await call.dial() == 200, f"nobody was parked at {plan.at}"
        if not await _over(call, plan.talk):
            await call.hang_up()

    async def _caller(self, case: Case) -> None:
        """A caller dials, waits, talks and goes."""
        call = self.outside.call(case.caller, case.dials)
        await asyncio.sleep(case.at)
        dialling = asyncio.create_task(call.dial())
        done, _ = await asyncio.wait((dialling,), timeout=case.patience)
        if not done:
            call.cancel()
        if await dialling == 200:
            if case.presses is not None and not await _over(call, case.presses[0]):
                await call.press(case.presses[1])
            if case.caller_hold is not None and not await _over(call, case.caller_hold.after):
                await call.hold()
                if not await _over(call, case.caller_hold.seconds):
                    await call.unhold()
            if not await _over(call, case.stay):
                await call.hang_up()
        if case.called_back is not None:
            await self._call_back(case.called_back, case.caller)

    async def _call_back(self, plan: CallBack, caller: str) -> None:
        await asyncio.sleep(plan.after)
        call = self.agents.call(plan.agent, caller)
        if await call.dial() == 200 and not await _over(call, plan.talk):
            await call.hang_up()

    async def _pick_up(self, plan: PickUp, at: float) -> None:
        await asyncio.sleep(at + plan.after)
        call = self.agents.call(plan.agent, plan.dials)
        if await call.dial() == 200 and not await _over(call, plan.talk):
            await call.hang_up()

    async def _redirect(self, case: Case) -> None:
        """A supervisor takes the caller's channel and sends it on in the dialplan."""
        assert case.redirected is not None
        after, exten = case.redirected
        await asyncio.sleep(case.at + after)
        lines = (await asyncio.to_thread(self.asterisk.cli, "core show channels concise")).splitlines()
        channel = next(line.split("!")[0] for line in lines if f"!{case.caller}!" in line and line.startswith("PJSIP/trunk"))
        await asyncio.to_thread(self.asterisk.cli, f"channel redirect {channel} from-trunk,{exten},1")

    async def _called_back(self, call: Call) -> None:
        """The phone of somebody outside rings."""
        case = next((case for case in self.cases if case.caller == call.number and case.called_back is not None), None)
        if case is None or case.called_back is None:
            raise AssertionError(f"nobody was to call {call.number}")
        call.ring()
        if not await _over(call, case.called_back.ring):
            await call.answer()
            await call.ended.wait()

    async def run(self) -> None:
        await self.agents.open()
        await self.outside.open()
        watching = asyncio.create_task(self._measure_lag())
        try:
            colleagues = [self._pick_up(case.picked_up, case.at) for case in self.cases if case.picked_up is not None]
            moved = [self._redirect(case) for case in self.cases if case.redirected is not None]
            await asyncio.gather(*(self._caller(case) for case in self.cases), *colleagues, *moved)
            for _ in range(300):
                if await asyncio.to_thread(self.asterisk.calls_running) == 0:
                    break
                await asyncio.sleep(0.1)
            else:
                raise AssertionError(f"calls are left over: {self.asterisk.cli('core show channels concise')}")
        finally:
            watching.cancel()
            await self.agents.close()
            await self.outside.close()
        for failure in (*self.agents.failures(), *self.outside.failures()):
            raise failure

    async def _measure_lag(self) -> None:
        while True:
            due = time.monotonic() + LAG_STEP_SECONDS
            await asyncio.sleep(LAG_STEP_SECONDS)
            self.lag = max(self.lag, time.monotonic() - due)

    def truth(self, case: Case) -> MeasuredCall:
        agents, outside = list(self.agents.calls.values()), list(self.outside.calls.values())
        call = next(call for call in outside if call.placed and call.number == case.caller)
        mine = {agent.number for agent in case.agents}
        rang = [call for call in agents if not call.placed and call.number in mine and call.when("ringing") is not None]
        legs = sorted((_leg(call) for call in rang), key=lambda leg: leg.rang_at)
        back = tuple(_leg(call) for call in outside if not call.placed and call.number == case.caller)
        dialled_at = call.when("placed")
        ended_at = call.when("hung up", "other hung up", "cancelled", "refused")
        assert dialled_at is not None
        assert ended_at is not None, f"{case.name} never ended"
        by = "caller" if call.when("hung up", "cancelled") is not None else "switch"
        places = {agent.unparked.at for agent in case.agents if agent.unparked is not None}
        unparked = next((call.when("up") for call in agents if call.placed and _dialled(call) in places), None)
        return MeasuredCall(case, dialled_at, ended_at, by, tuple(legs), back, unparked, call.when("pressed 3"))


async def run_calls(asterisk: Asterisk, cases: Sequence[Case]) -> GroundTruth:
    """Runs all cases at the same time. No two of them may share a caller or an agent. Raises when one goes astray."""
    people = [person for case in cases for person in (case.caller, *{n for agent in case.agents for n in _numbers(agent)})]
    assert len(set(people)) == len(people), "two cases share a person"
    run = _Run(asterisk, cases)
    began = time.time()
    async with asyncio.timeout(AT_MOST_SECONDS):
        await run.run()
    ended = time.time()
    return GroundTruth(began, ended, run.lag, {case.name: run.truth(case) for case in cases})


async def _over(call: Call, seconds: float) -> bool:
    """Lets `seconds` of the call pass; True as soon as it is over."""
    try:
        await asyncio.wait_for(call.ended.wait(), seconds)
    except TimeoutError:
        return False
    return True


def _numbers(agent: Agent) -> tuple[str, ...]:
    return (agent.number,) if agent.unparked is None else (agent.number, agent.unparked.number)


def _dialled(call: Call) -> str:
    return call.other.partition("sip:")[2].partition("@")[0]


def _leg(call: Call) -> Leg:
    rang_at = call.when("ringing")
    assert rang_at is not None
    ended_at = call.when("hung up", "other hung up", "given up")
    left_at = call.when("transferred") or ended_at
    holds: list[tuple[float, float]] = []
    since: float | None = None
    for what, at in call.moments:
        if what == "held":
            since = at
        elif what in ("unheld", "transferred", "hung up", "other hung up") and since is not None:
            holds.append((since, at))
            since = None
    return Leg(call.number, rang_at, call.when("answered"), left_at, tuple(holds), call.when("transferred") is not None)
