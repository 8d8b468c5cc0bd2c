"""Generates the demo's calls: the opening calls that are under way at the start, then each arrival at its moment."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from monitor.clock import Clock
from monitor.demo.call_plans import CallPlan, OutboundPlan
from monitor.demo.call_traffic import RECEPTION, SALES, SUPPORT, Arrival, agents_needed
from monitor.demo.calls import Call
from monitor.demo.channels import Member, Queue
from monitor.demo.customers import CUSTOMERS, customer
from monitor.demo.dialling import call_out
from monitor.demo.pbx import Pbx
from monitor.demo.schedule import TimeScale, seeded_random
from monitor.demo.timeouts import done_within

#: After the machine was suspended, calls that are later than this are left out.
_MAX_LATE: Final = timedelta(seconds=20)
_MAX_CHANNELS: Final = 600  # at the same time, at any speed
_STAFFING_INTERVAL: Final = 60.0  # seconds between two adjustments of the staffing
_MEMBERS: Final = {SUPPORT: 40, SALES: 20}  # members of each queue, on duty or not
#: On duty during the opening calls: enough to serve, too few to serve at once.
_OPENING_STAFF: Final = {SUPPORT: 3, SALES: 1}
_OPENING_SECONDS: Final = 150.0
_LOGIN_SECONDS: Final = 20.0  # how long the opening calls to come wait for the first AMI login


def make_queues() -> list[Queue]:
    """The two queues with all their members."""
    return [
        Queue("support", SUPPORT, [Member(str(1001 + i), customer(i).name) for i in range(_MEMBERS[SUPPORT])]),
        Queue("sales", SALES, [Member(str(1101 + i), customer(i + 300).name) for i in range(_MEMBERS[SALES])]),
    ]


def opening_calls(seed: int) -> tuple[list[CallPlan], list[tuple[float, CallPlan]]]:
    """(calls under way, (seconds after the first login, call)); real seconds at every speed.

    Three support calls are with an agent, of which one is put on hold after 20 s for 130 s; three callers wait, of whom
    one gives up after 20 s. Of those to come, the first caller of the reception hears six rings, the second is held for
    75 s where the charter allows 60, and a support caller gives up after 22 s.
    """
    rng = seeded_random(seed, "opening")

    def call(exten: str, **details: Any) -> CallPlan:
        who = customer(rng.randrange(CUSTOMERS))
        return replace(CallPlan(exten, who.number, who.name), **details)

    present = [
        call(SUPPORT, head_start=150.0, pickups=(0.0,), talk=75.0),
        call(SUPPORT, head_start=95.0, pickups=(0.0,), talk=100.0),
        call(SUPPORT, head_start=60.0, pickups=(2.0,), talk=25.0, holds=((20.0, 130.0),)),
        call(SUPPORT, head_start=50.0, pickups=(4.0,), talk=60.0, patience=400.0),
        call(SUPPORT, head_start=28.0, patience=48.0, call_back_after=240.0),
        call(SUPPORT, head_start=9.0, pickups=(5.0,), talk=70.0, patience=400.0),
        call(SALES, head_start=70.0, pickups=(0.0,), talk=60.0),
        call(SALES, head_start=15.0, pickups=(13.0,), talk=80.0, patience=400.0),
    ]
    to_come = [
        (1.0, call(RECEPTION, pickups=(16.0,), talk=40.0, patience=60.0)),
        (4.0, call(SUPPORT, patience=22.0)),
        (6.0, call(RECEPTION, pickups=(5.0,), talk=30.0, holds=((5.0, 75.0),))),
    ]
    return present, to_come


class CallGenerator:
    """Starts calls on the phone system at their moments and adjusts how many agents are on duty."""

    def __init__(self, clock: Clock, pbx: Pbx, scale: TimeScale, seed: int) -> None:
        self._clock = clock
        self._pbx = pbx
        self._scale = scale
        self._seed = seed

    def start_opening_calls(self, first_login: asyncio.Event) -> None:
        """Start the opening calls; those to come wait for the first login, but not for ever."""
        now, speed = self._scale.begun, self._scale.speed
        for line, count in _OPENING_STAFF.items():
            faster = agents_needed(line, now, speed, self._seed) - agents_needed(line, now, 1, self._seed)
            self._pbx.set_staffing(self._pbx.queues[line], count + max(0, faster))
        present, to_come = opening_calls(self._seed)
        for plan in present:
            self._pbx.spawn(self._run_call(plan))
        for delay, plan in to_come:
            self._pbx.spawn(self._after_first_login(first_login, delay, plan))

    async def generate(self, arrivals: Iterator[Arrival]) -> None:
        """Start every call at its moment; `arrivals` are in order, in simulated time, and without end."""
        for arrival in arrivals:
            at = self._scale.to_real(arrival.at)
            while (ahead := (at - self._clock.now()).total_seconds()) > 0:
                await self._clock.sleep(ahead)
            if self._clock.now() - at <= _MAX_LATE and len(self._pbx.channels) < _MAX_CHANNELS:
                self._pbx.spawn(self._run_call(scaled(arrival.plan, self._scale.speed)))
            else:
                await asyncio.sleep(0)

    def start(self, plan: CallPlan | OutboundPlan) -> None:
        """Start one call now, as it is planned."""
        if len(self._pbx.channels) < _MAX_CHANNELS:
            self._pbx.spawn(self._run_call(plan) if isinstance(plan, CallPlan) else call_out(self._pbx, plan))

    async def adjust_staffing(self) -> None:
        """Keep as many members on duty as the hour needs."""
        await self._clock.sleep(_OPENING_SECONDS)
        while True:
            self._pbx.raise_fault()
            now = self._scale.to_simulated(self._clock.now())
            for line, queue in self._pbx.queues.items():
                self._pbx.set_staffing(queue, agents_needed(line, now, self._scale.speed, self._seed))
            await self._clock.sleep(_STAFFING_INTERVAL / min(self._scale.speed, 20.0))

    async def _after_first_login(self, first_login: asyncio.Event, delay: float, plan: CallPlan) -> None:
        waiting = asyncio.ensure_future(first_login.wait())
        await done_within(self._clock, waiting, _LOGIN_SECONDS)
        waiting.cancel()
        await self._clock.sleep(delay)
        await self._run_call(plan)

    async def _run_call(self, plan: CallPlan) -> None:
        """One call, and the call back to whoever was lost."""
        outcome = await Call(self._pbx, plan).run()
        if outcome != "answered" and plan.call_back_after is not None and plan.exten in _MEMBERS:
            await self._clock.sleep(plan.call_back_after)
            rng = seeded_random(self._seed, plan.number, plan.call_back_after)
            agent = rng.choice(self._pbx.queues[plan.exten].members)
            await call_out(
                self._pbx, OutboundPlan(agent.number, plan.number, rng.uniform(4, 18), rng.uniform(20, 90), rng.random() < 0.8)
            )


def scaled(plan: CallPlan, speed: float) -> CallPlan:
    """Talks, wrap-ups and the time until a call back shrink with the speed; what customers wait for does not."""
    transfer = (
        replace(plan.transfer, talk=plan.transfer.talk / speed, consultation=plan.transfer.consultation / speed)
        if plan.transfer
        else None
    )
    return replace(
        plan,
        talk=plan.talk / speed,
        holds=tuple((before / speed, length) for before, length in plan.holds),
        transfer=transfer,
        wrap_up=plan.wrap_up / speed,
        call_back_after=None if plan.call_back_after is None else plan.call_back_after / speed,
    )
