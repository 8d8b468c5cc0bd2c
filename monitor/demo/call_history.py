"""What the telephone system did before the demo began, as an export of contact events would tell it. Pure.

The same calls as `call_traffic` plans, with the queues worked out call by call: AMI tells nothing of the past.
"""

import heapq
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final

from monitor.demo.call_plans import CallPlan
from monitor.demo.call_traffic import RECEPTION, SALES, SUPPORT, agents_needed, calls_of_day
from monitor.demo.calls import RETRY, RING_LIMIT
from monitor.demo.schedule import is_open, seeded_random, working_time_after

POINTS: Final = {SUPPORT: "support-line", SALES: "sales-line", RECEPTION: "reception"}
#: Of the calls that come while nobody works, one in so many is told of: the demo's nights are livelier than nights are.
_OF_THE_NIGHT: Final = 8
_ATTEMPTS: Final = 3
#: After the last word the caller is gone.
_SHORTEST_TALK: Final = 3.0

Told = dict[str, Any]


class _Story:
    """Writes down the events of one call."""

    def __init__(self, name: str, plan: CallPlan, at: datetime) -> None:
        self.events: list[tuple[datetime, Told]] = []
        self._head = {"contact": name, "contact_point": POINTS[plan.exten], "channel": "phone", "customer": plan.number}
        self.at = at

    def tell(self, kind: str, after: float = 0.0, **more: Any) -> None:
        """Something happens so many seconds after the last."""
        self.at += timedelta(seconds=after)
        name = f"{self._head['contact']}-{len(self.events) + 1}"
        self.events.append((self.at, {"id": name, **self._head, "kind": kind, **more}))


class _Line:
    """A queue and its members, of whom so many are on duty as the hour has; or a phone that rings by itself."""

    def __init__(self, line: str, seed: int) -> None:
        self._line = line
        self._seed = seed
        self._busy: list[datetime] = []  # until when members are

    def call(self, name: str, plan: CallPlan, at: datetime) -> tuple[list[tuple[datetime, Told]], bool]:
        """The events of one call, and whether it was answered. Calls come in order."""
        story = _Story(name, plan, at)
        answered = self._rings(story, plan, self._free_at(at) if self._line != RECEPTION else at)
        if answered:
            _talks(story, plan)
            if self._line != RECEPTION:
                heapq.heappush(self._busy, story.at + timedelta(seconds=plan.wrap_up))
        return story.events, answered

    def _free_at(self, at: datetime) -> datetime:
        """When a member can take a caller who comes now."""
        while self._busy and self._busy[0] <= at:
            heapq.heappop(self._busy)
        on_duty = agents_needed(self._line, at, 1, self._seed)
        return at if len(self._busy) < on_duty else heapq.nsmallest(len(self._busy) - on_duty + 1, self._busy)[-1]

    def _rings(self, story: _Story, plan: CallPlan, free: datetime) -> bool:
        """From arrival to the first word, or to the caller's having had enough."""
        begun = story.at
        gives_up = begun + timedelta(seconds=min(plan.patience, plan.queue_limit))
        reason = "caller" if plan.patience <= plan.queue_limit else "timeout"
        if self._line != RECEPTION:
            story.tell("queued")
        for pickup in plan.pickups:
            if free >= gives_up:
                break
            story.tell("ringing", (free - story.at).total_seconds())
            if pickup is not None and free + timedelta(seconds=pickup) < gives_up:
                story.tell("answered", pickup)
                return True
            free += timedelta(seconds=RING_LIMIT + RETRY)
        story.tell("left", (gives_up - story.at).total_seconds(), reason=reason)
        return False


def _talks(story: _Story, plan: CallPlan) -> None:
    for index, (before, length) in enumerate(plan.holds):
        story.tell("held", before)
        if plan.ended_by == "held" and index == len(plan.holds) - 1:
            story.tell("ended", length)
            return
        story.tell("unheld", length)
    if plan.transfer is not None:
        story.tell("transferred", plan.talk + _SHORTEST_TALK, how=plan.transfer.how, to=plan.transfer.exten)
        story.tell("ended", plan.transfer.talk + _SHORTEST_TALK)
    else:
        story.tell("ended", plan.talk + _SHORTEST_TALK)


def calls_before(begun: datetime, first: date, seed: int) -> Iterator[list[tuple[datetime, Told]]]:
    """Call by call the events of those from the day `first` on that were over at `begun`, call backs included. Simulated time."""
    day = first
    while True:
        lines = {line: _Line(line, seed) for line in POINTS}  # a day is the same whichever days are told of
        for index, (at, plan) in enumerate(calls_of_day(day, seed)):
            if at >= begun:
                return
            if not is_open(at) and index % _OF_THE_NIGHT:
                continue
            name = f"p{day:%y%m%d}-{index}"
            events, answered = lines[plan.exten].call(name, plan, at)
            if events[-1][0] >= begun:
                continue
            yield events
            if not answered:
                yield from ([told] for told in _called_back(name, plan, events[-1][0], seed) if told[0] < begun)
        day += timedelta(days=1)


def _called_back(name: str, plan: CallPlan, left: datetime, seed: int) -> Iterator[tuple[datetime, Told]]:
    """Somebody calls most callers who were lost, in working hours, and again until they are reached."""
    rng = seeded_random(seed, "called back", name)
    if rng.random() < 0.05:
        return  # forgotten
    at = left
    for attempt in range(_ATTEMPTS):
        at = working_time_after(at, rng.uniform(300, 3 * 3600))
        reached = attempt == _ATTEMPTS - 1 or rng.random() < 0.8
        story = _Story(f"{name}-back{attempt or ''}", plan, at)
        story.tell("called_out", answered=reached)
        yield story.events[0]
        if reached:
            return
