"""Plays the story's calls on the demo's phone system, and the scene that is under way when the curtain rises."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from monitor.clock import Clock
from monitor.demo.calls import Call
from monitor.demo.channels import Member, Queue
from monitor.demo.dialling import call_out
from monitor.demo.pbx import Pbx
from monitor.demo.plans import CallPlan, OutboundPlan
from monitor.demo.story import PEOPLE, RECEPTION, SALES, SUPPORT, Arrival, Stage, dice, person, staff
from monitor.demo.waiting import within

#: After a pause of the machine this much of what was missed is made up for; nobody calls in from last night.
_LATE: Final = timedelta(seconds=20)
_AT_ONCE: Final = 600  # legs of calls at the same time, at any speed
_SHIFT_CHECK: Final = 60.0  # seconds between two looks at who is on duty
_SHIFTS: Final = {SUPPORT: 40, SALES: 20}  # members of a queue, on duty or not
#: On duty while the opening scene lasts: enough to serve, too few to serve at once.
_OPENING_STAFF: Final = {SUPPORT: 3, SALES: 1}
_OPENING_SECONDS: Final = 150.0
_CURTAIN_SECONDS: Final = 20.0  # how long the first acts wait for somebody to watch


def queues() -> list[Queue]:
    """The two lines with all their members."""
    return [
        Queue("support", SUPPORT, [Member(str(1001 + i), person(i).name) for i in range(_SHIFTS[SUPPORT])]),
        Queue("sales", SALES, [Member(str(1101 + i), person(i + 300).name) for i in range(_SHIFTS[SALES])]),
    ]


def opening(seed: int) -> tuple[list[CallPlan], list[tuple[float, CallPlan]]]:
    """(calls that have been there for a while, (seconds after somebody watches, call)); real seconds at every speed.

    Three support calls are with an agent, of which one is put on hold after 20 s for 130 s; three callers wait, of whom
    one gives up after 20 s. Of those to come, the first caller of the reception hears six rings, the second is held for
    75 s where the charter allows 60, and a support caller gives up after 22 s.
    """
    rng = dice(seed, "opening")

    def call(exten: str, **fate: Any) -> CallPlan:
        who = person(rng.randrange(PEOPLE))
        return replace(CallPlan(exten, who.number, who.name), **fate)

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


class Reception:
    """Lets calls come in as the story tells, and sends people on and off duty."""

    def __init__(self, clock: Clock, pbx: Pbx, stage: Stage, seed: int) -> None:
        self._clock = clock
        self._pbx = pbx
        self._stage = stage
        self._seed = seed

    def raise_curtain(self, watched: asyncio.Event) -> None:
        """The opening scene; its first acts wait a little for somebody to watch."""
        now, speed = self._clock.now(), self._stage.speed
        for line, count in _OPENING_STAFF.items():
            faster = staff(line, now, speed, self._seed) - staff(line, now, 1, self._seed)
            self._pbx.queues[line].staff(count + max(0, faster))
        present, to_come = opening(self._seed)
        for plan in present:
            self._pbx.spawn(self._play(plan))
        for delay, plan in to_come:
            self._pbx.spawn(self._when_watched(watched, delay, plan))

    async def take_calls(self, arrivals: Iterator[Arrival]) -> None:
        """Every call of the story at its moment; `arrivals` are in order and without end."""
        for arrival in arrivals:
            at = self._stage.real(arrival.at)
            while (ahead := (at - self._clock.now()).total_seconds()) > 0:
                await self._clock.sleep(ahead)
            if self._clock.now() - at <= _LATE and len(self._pbx.channels) < _AT_ONCE:
                self._pbx.spawn(self._play(scaled(arrival.plan, self._stage.speed)))
            else:
                await asyncio.sleep(0)

    async def change_shifts(self) -> None:
        """Keep as many members on duty as the hour has."""
        await self._clock.sleep(_OPENING_SECONDS)
        while True:
            self._pbx.raise_fault()
            now = self._stage.story(self._clock.now())
            for line, queue in self._pbx.queues.items():
                queue.staff(staff(line, now, self._stage.speed, self._seed))
            await self._clock.sleep(_SHIFT_CHECK / min(self._stage.speed, 20.0))

    async def _when_watched(self, watched: asyncio.Event, delay: float, plan: CallPlan) -> None:
        waiting = asyncio.ensure_future(watched.wait())
        await within(self._clock, waiting, _CURTAIN_SECONDS)
        waiting.cancel()
        await self._clock.sleep(delay)
        await self._play(plan)

    async def _play(self, plan: CallPlan) -> None:
        """One call, and the call back to whoever was lost."""
        outcome = await Call(self._pbx, plan).play()
        if outcome != "answered" and plan.call_back_after is not None and plan.exten in _SHIFTS:
            await self._clock.sleep(plan.call_back_after)
            rng = dice(self._seed, plan.number, plan.call_back_after)
            agent = rng.choice(self._pbx.queues[plan.exten].members)
            await call_out(
                self._pbx, OutboundPlan(agent.number, plan.number, rng.uniform(4, 18), rng.uniform(20, 90), rng.random() < 0.8)
            )


def scaled(plan: CallPlan, speed: float) -> CallPlan:
    """Talks, wrap-ups and the time until a call back shrink with the day; what customers wait for does not."""
    hand_on = replace(plan.hand_on, talk=plan.hand_on.talk / speed, ask=plan.hand_on.ask / speed) if plan.hand_on else None
    return replace(
        plan,
        talk=plan.talk / speed,
        holds=tuple((before / speed, length) for before, length in plan.holds),
        hand_on=hand_on,
        wrap_up=plan.wrap_up / speed,
        call_back_after=None if plan.call_back_after is None else plan.call_back_after / speed,
    )
