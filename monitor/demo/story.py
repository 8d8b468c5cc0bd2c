"""Who calls the demo contact centre, when, and how it goes: pure, the same for the same day and seed.

All people are invented; the telephone numbers are those the British regulator keeps free for drama.
"""

import heapq
import math
import random
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

from monitor.demo.plans import CallPlan, HandOn

ZONE: Final = ZoneInfo("Europe/London")
SUPPORT: Final = "8001"
SALES: Final = "8002"
RECEPTION: Final = "100"
BACK_OFFICE: Final = ("1301", "1302", "1303")

#: Calls in an hour, (at night, at the busiest hour): the page is alive at night as well.
RATES: Final = {SUPPORT: (24.0, 48.0), SALES: (5.0, 20.0), RECEPTION: (5.0, 12.0)}
#: How busy an hour of a working day is; a Saturday or Sunday has a seventh of it.
_CURVE: Final = (0, 0, 0, 0, 0, 0, 0, 0.1, 0.4, 0.8, 1, 1, 0.7, 0.7, 0.9, 0.9, 0.8, 0.5, 0.2, 0.1, 0, 0, 0, 0)
_TALK: Final = 190.0  # mean seconds
_AROUND: Final = 26.0  # seconds of ringing and holding in a call, on average
WRAP_UP: Final = 10.0
PEOPLE: Final = 18_000
_NEW_A_DAY: Final = 1_200  # more than a day has calls, and few enough that nobody new comes again within a week

_FIRST: Final = (
    "Amara", "Ben", "Chloë", "Dev", "Elif", "Fergus", "Grace", "Hugo", "Iman", "Joanna", "Kofi", "Lena", "Mateo",
    "Niamh", "Oskar", "Priya", "Quentin", "Rosa", "Sam", "Tariq", "Uma", "Viktor", "Wren", "Xenia", "Yusuf", "Zoë",
)  # fmt: skip
_LAST: Final = (
    "Abara", "Bright", "Castle", "Dunne", "Ekström", "Field", "Grey", "Hall", "Ives", "Jansen", "Kerr", "Lowe",
    "Marsh", "Novák", "O'Neill", "Price", "Quill", "Rhodes", "Stone", "Thorne", "Usher", "Vale", "West", "Young",
)  # fmt: skip
#: National numbers without the last three digits, kept free for drama.
_RANGES: Final = ("020 7946 0", "0113 496 0", "0114 496 0", "0115 496 0", "0116 496 0", "0117 496 0", "0118 496 0",
                  "0121 496 0", "0131 496 0", "0141 496 0", "0151 496 0", "0161 496 0", "0191 498 0", "01632 960",
                  "07700 900", "029 2018 0", "028 9649 6", "03069 990")  # fmt: skip


class Dated(Protocol):
    """Something that happens at a moment."""

    @property
    def at(self) -> datetime: ...


Item = TypeVar("Item", bound=Dated)


class Arrival(NamedTuple):
    """A call comes in."""

    at: datetime
    plan: CallPlan


class Person(NamedTuple):
    """A customer."""

    name: str
    number: str
    address: str


def dice(seed: int, *about: Any) -> random.Random:
    """Randomness that depends on what it is about and on nothing else."""
    return random.Random(":".join(map(str, (seed, *about))))  # noqa: S311 - a story, no secret


def person(index: int) -> Person:
    """One of 18,000 customers, each with a number and an address of their own; neighbours in `index` are strangers."""
    index = index * 7919 % PEOPLE
    first, last = _FIRST[index % len(_FIRST)], _LAST[index // len(_FIRST) % len(_LAST)]
    number = f"{_RANGES[index // 1000]}{index % 1000:03}".replace(" ", "")
    plain = "".join(c for c in f"{first}.{last}".lower() if c.isascii() and (c.isalpha() or c == "."))
    return Person(f"{first} {last}", number, f"{plain}{index}@post.example")


def busyness(moment: datetime) -> float:
    """0 at night to 1 at the busiest hour of a working day."""
    local = moment.astimezone(ZONE)
    return _CURVE[local.hour] / (1 if local.weekday() < 5 else 7)


def rate(line: str, moment: datetime) -> float:
    """Calls an hour."""
    night, peak = RATES[line]
    return night + (peak - night) * busyness(moment)


def hours_of(day: date) -> Iterator[datetime]:
    """Every hour of a local day in UTC: 23, 24 or 25 of them."""
    moment, end = (datetime(d.year, d.month, d.day, tzinfo=ZONE).astimezone(UTC) for d in (day, day + timedelta(days=1)))
    while moment < end:
        yield moment
        moment += timedelta(hours=1)


def staff(line: str, moment: datetime, speed: float, seed: int) -> int:
    """How many members of a queue are on duty: enough for the hour, but in one hour of seven too few.

    Talk and wrap-up shrink with `speed`, ringing and holding do not, so that faster days need more people.
    """
    handling = (_TALK + WRAP_UP) / speed + _AROUND
    load = rate(line, moment) * speed * handling / 3600
    local = moment.astimezone(ZONE)
    short = dice(seed, "staff", line, local.date(), local.hour).random() < 1 / 7
    return max(1, math.floor(load) if short else math.ceil(load + math.sqrt(load) + 0.5))  # square-root staffing


def phone_day(day: date, seed: int) -> list[Arrival]:
    """All calls that come in on a local day, on every line, in order."""
    arrivals = []
    for line in RATES:
        rng = dice(seed, "phone", line, day)
        for hour in hours_of(day):
            at = hour
            while (at := at + timedelta(hours=rng.expovariate(rate(line, hour)))) < hour + timedelta(hours=1):
                arrivals.append((at, line, rng.random()))
    return [
        Arrival(at, call_plan(line, caller(day, i, seed), dice(seed, draw)))
        for i, (at, line, draw) in enumerate(sorted(arrivals))
    ]


def caller(day: date, index: int, seed: int) -> Person:
    """Who makes the day's call number `index`: mostly somebody new, one in eight times one of the last six days."""
    rng = dice(seed, "caller", day, index)
    newest = day.toordinal() * _NEW_A_DAY + index
    return person(newest - rng.randrange(1, 6 * _NEW_A_DAY) if rng.random() < 0.12 else newest)


def call_plan(line: str, who: Person, rng: random.Random) -> CallPlan:
    """One caller's fate."""
    patience = rng.uniform(1, 5) if rng.random() < 0.04 else min(420.0, rng.lognormvariate(math.log(80), 0.8))
    if line == RECEPTION:
        pickup = None if rng.random() < 0.06 else min(28.0, rng.lognormvariate(math.log(7), 0.5))
        return CallPlan(line, who.number, who.name, max(14.0, patience), (pickup,), rng.expovariate(1 / 70) + 10)
    talk = min(1500.0, rng.lognormvariate(math.log(_TALK * 0.8), 0.7))
    holds = _holds(rng)
    hand_on = _hand_on(line, rng)
    ended_by: Literal["agent", "caller", "held"] = "caller" if rng.random() < 0.45 else "agent"
    if hand_on:
        ended_by = "agent"
    elif holds and holds[-1][1] > 90 and rng.random() < 0.25:
        ended_by = "held"
    return CallPlan(
        line, who.number, who.name, patience, _pickups(rng), talk, holds, ended_by, hand_on,
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


def _hand_on(line: str, rng: random.Random) -> HandOn | None:
    draw = rng.random()
    other = SALES if line == SUPPORT else SUPPORT
    ring, talk = rng.uniform(2, 9), rng.uniform(30, 200)
    if draw < 0.03:
        return HandOn("blind", other, talk=talk)
    if draw < 0.08:
        return HandOn("blind", rng.choice(BACK_OFFICE), ring, talk)
    if draw < 0.12:
        return HandOn("consult", rng.choice(BACK_OFFICE), ring, talk, rng.uniform(8, 40))
    return None


def timeline(make: Callable[[date], Iterable[Item]], first: date) -> Iterator[Item]:
    """Everything from the local day `first` on, in order and without end. No item of a day may be before that day."""
    waiting: list[tuple[datetime, int, Item]] = []
    count, day = 0, first
    while True:
        for item in make(day):
            count += 1
            heapq.heappush(waiting, (item.at, count, item))
        day += timedelta(days=1)
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE)
        while waiting and waiting[0][0] < midnight:
            yield heapq.heappop(waiting)[2]


class Stage(NamedTuple):
    """Where the story's time meets the clock: the same up to `anchor`, then the story runs `speed` times faster."""

    anchor: datetime
    speed: float

    def real(self, story: datetime) -> datetime:
        """When a moment of the story happens."""
        return story if story <= self.anchor else self.anchor + (story - self.anchor) / self.speed

    def story(self, real: datetime) -> datetime:
        """What time it is in the story."""
        return real if real <= self.anchor else self.anchor + (real - self.anchor) * self.speed
