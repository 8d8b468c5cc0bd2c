"""When things happen in the demo contact centre: local days, how busy an hour is, ordered timelines, simulated time. Pure."""

import heapq
import random
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Europe/London")
#: How busy an hour of a working day is; a Saturday or Sunday has a seventh of it.
_CURVE: Final = (0, 0, 0, 0, 0, 0, 0, 0.1, 0.4, 0.8, 1, 1, 0.7, 0.7, 0.9, 0.9, 0.8, 0.5, 0.2, 0.1, 0, 0, 0, 0)


class Dated(Protocol):
    """Anything with a moment at which it happens."""

    @property
    def at(self) -> datetime: ...


Item = TypeVar("Item", bound=Dated)


def seeded_random(seed: int, *about: Any) -> random.Random:
    """A generator that depends on the seed and on what it is used for, and on nothing else."""
    return random.Random(":".join(map(str, (seed, *about))))  # noqa: S311 - simulated traffic, no secret


def load_factor(moment: datetime) -> float:
    """0 at night to 1 at the busiest hour of a working day."""
    local = moment.astimezone(ZONE)
    return _CURVE[local.hour] / (1 if local.weekday() < 5 else 7)


def hours_of(day: date) -> Iterator[datetime]:
    """Every hour of a local day in UTC: 23, 24 or 25 of them."""
    moment, end = (datetime(d.year, d.month, d.day, tzinfo=ZONE).astimezone(UTC) for d in (day, day + timedelta(days=1)))
    while moment < end:
        yield moment
        moment += timedelta(hours=1)


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


class TimeScale(NamedTuple):
    """Relates simulated to real time: the same up to `anchor`, then simulated time runs `speed` times faster."""

    anchor: datetime
    speed: float

    def to_real(self, simulated: datetime) -> datetime:
        """When something of the simulated schedule really happens."""
        return simulated if simulated <= self.anchor else self.anchor + (simulated - self.anchor) / self.speed

    def to_simulated(self, real: datetime) -> datetime:
        """The simulated moment that corresponds to a real one."""
        return real if real <= self.anchor else self.anchor + (real - self.anchor) * self.speed
