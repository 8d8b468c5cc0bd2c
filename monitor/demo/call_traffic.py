"""The calls of the demo contact centre: how many come in, what becomes of each, and how many agents that takes.

Pure: the same day and seed give the same calls.
"""

import math
import random
from datetime import date, datetime, timedelta
from typing import Final, Literal, NamedTuple

from monitor.demo.call_plans import CallPlan, Transfer
from monitor.demo.customers import Customer, customer
from monitor.demo.schedule import ZONE, hours_of, load_factor, seeded_random

SUPPORT: Final = "8001"
SALES: Final = "8002"
RECEPTION: Final = "100"
BACK_OFFICE: Final = ("1301", "1302", "1303")

#: Calls in an hour, (at night, at the busiest hour): the overview shows something at night as well.
RATES: Final = {SUPPORT: (24.0, 48.0), SALES: (5.0, 20.0), RECEPTION: (5.0, 12.0)}
_TALK: Final = 190.0  # mean seconds
_RINGING_AND_HOLDING: Final = 26.0  # mean seconds in a call
WRAP_UP: Final = 10.0
_NEW_A_DAY: Final = 1_200  # more than a day has calls, and few enough that nobody new comes again within a week


class Arrival(NamedTuple):
    """An incoming call and what is to become of it."""

    at: datetime
    plan: CallPlan


def calls_per_hour(line: str, moment: datetime) -> float:
    """How many calls come in an hour at this moment."""
    night, peak = RATES[line]
    return night + (peak - night) * load_factor(moment)


def agents_needed(line: str, moment: datetime, speed: float, seed: int) -> int:
    """How many members of a queue are on duty: enough for the hour, but in one hour of seven too few.

    Talk and wrap-up shrink with `speed`, ringing and holding do not, so that faster days need more people.
    """
    handling = (_TALK + WRAP_UP) / speed + _RINGING_AND_HOLDING
    load = calls_per_hour(line, moment) * speed * handling / 3600
    local = moment.astimezone(ZONE)
    short = seeded_random(seed, "staff", line, local.date(), local.hour).random() < 1 / 7
    return max(1, math.floor(load) if short else math.ceil(load + math.sqrt(load) + 0.5))  # square-root staffing


def calls_of_day(day: date, seed: int) -> list[Arrival]:
    """All calls that come in on a local day, on every line, in order."""
    arrivals = []
    for line in RATES:
        rng = seeded_random(seed, "phone", line, day)
        for hour in hours_of(day):
            at = hour
            while (at := at + timedelta(hours=rng.expovariate(calls_per_hour(line, hour)))) < hour + timedelta(hours=1):
                arrivals.append((at, line, rng.random()))
    return [
        Arrival(at, call_plan(line, pick_caller(day, i, seed), seeded_random(seed, draw)))
        for i, (at, line, draw) in enumerate(sorted(arrivals))
    ]


def pick_caller(day: date, index: int, seed: int) -> Customer:
    """Who makes the day's call number `index`: mostly somebody new, one in eight times one of the last six days."""
    rng = seeded_random(seed, "caller", day, index)
    newest = day.toordinal() * _NEW_A_DAY + index
    return customer(newest - rng.randrange(1, 6 * _NEW_A_DAY) if rng.random() < 0.12 else newest)


def call_plan(line: str, who: Customer, rng: random.Random) -> CallPlan:
    """A random plan for one call, with realistic shares of slow answers, holds, transfers and lost callers."""
    patience = rng.uniform(1, 5) if rng.random() < 0.04 else min(420.0, rng.lognormvariate(math.log(80), 0.8))
    if line == RECEPTION:
        pickup = None if rng.random() < 0.06 else min(28.0, rng.lognormvariate(math.log(7), 0.5))
        return CallPlan(line, who.number, who.name, max(14.0, patience), (pickup,), rng.expovariate(1 / 70) + 10)
    talk = min(1500.0, rng.lognormvariate(math.log(_TALK * 0.8), 0.7))
    holds = _holds(rng)
    transfer = _transfer(line, rng)
    ended_by: Literal["agent", "caller", "held"] = "caller" if rng.random() < 0.45 else "agent"
    if transfer:
        ended_by = "agent"
    elif holds and holds[-1][1] > 90 and rng.random() < 0.25:
        ended_by = "held"
    return CallPlan(
        line, who.number, who.name, patience, _pickups(rng), talk, holds, ended_by, transfer,
        wrap_up=WRAP_UP, call_back_after=rng.uniform(300, 3600 * 5) if rng.random() < 0.6 else None,
    )  # fmt: skip


def _pickups(rng: random.Random) -> tuple[float | None, ...]:
    """Most phones are picked up after two or three rings, some after five, some by the next member only."""
    first = None if rng.random() < 0.08 else min(14.8, rng.lognormvariate(math.log(5.5), 0.45))
    return (first, rng.uniform(2, 8))


def _holds(rng: random.Random) -> tuple[tuple[float, float], ...]:
    if rng.random() > 0.3:
        return ()
    length = rng.lognormvariate(math.log(40), 0.75)  # one in fourteen is longer than two minutes
    again = ((rng.uniform(5, 40), rng.uniform(8, 45)),) if rng.random() < 0.2 else ()
    return ((rng.uniform(10, 60), min(300.0, length)), *again)


def _transfer(line: str, rng: random.Random) -> Transfer | None:
    draw = rng.random()
    other = SALES if line == SUPPORT else SUPPORT
    ring, talk = rng.uniform(2, 9), rng.uniform(30, 200)
    if draw < 0.03:
        return Transfer("blind", other, talk=talk)
    if draw < 0.08:
        return Transfer("blind", rng.choice(BACK_OFFICE), ring, talk)
    if draw < 0.12:
        return Transfer("consult", rng.choice(BACK_OFFICE), ring, talk, rng.uniform(8, 40))
    return None
