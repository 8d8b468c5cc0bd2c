"""When things happen in the demo contact centre: days, how busy an hour is, working time, timelines, simulated time. Pure.

All traffic is planned in simulated time, in which the start is always a working morning in London; `TimeScale` says when it
really happens.
"""

import heapq
import math
import random
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Europe/London")
#: How busy an hour of a working day is; a Saturday or Sunday has a seventh of it.
_CURVE: Final = (0, 0, 0, 0, 0, 0, 0, 0.1, 0.4, 0.8, 1, 1, 0.7, 0.7, 0.9, 0.9, 0.8, 0.5, 0.2, 0.1, 0, 0, 0, 0)

_OPEN: Final = 9 * 3600  # seconds after midnight of a working day
_CLOSE: Final = 17 * 3600 + 1800
_DAY: Final = 86_400
_WEEK: Final = 7 * _DAY
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_OPEN_FOR: Final = timedelta(hours=2, minutes=30)


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


def working_time_after(moment: datetime, seconds: float) -> datetime:
    """When the people of the demo have worked for `seconds` after `moment`: Monday to Friday, 9:00 to 17:30."""
    local = moment.astimezone(ZONE)
    day, left = local.date(), seconds
    begin = local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1e6
    while True:
        if day.weekday() < 5:
            start = max(_OPEN, begin)
            if start + left <= _CLOSE:
                return datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(seconds=start + left)
            left -= max(0.0, _CLOSE - start)
        day, begin = day + timedelta(days=1), 0.0


def moments_of_day(day: date, kind: str, seed: int, peak: float, night: float) -> Iterator[tuple[datetime, random.Random, str]]:
    """Moments of a day at which something begins, with a random generator and a name for each; rates are per hour."""
    rng = seeded_random(seed, kind, day)
    count = 0
    for hour in hours_of(day):
        pace = night + (peak - night) * load_factor(hour)
        at = hour
        while pace > 0 and (at := at + timedelta(hours=rng.expovariate(pace))) < hour + timedelta(hours=1):
            count += 1
            yield at, rng, f"{day:%Y%m%d}-{count}"


def lognormal(rng: random.Random, median: float, spread: float = 1.0) -> float:
    """A random length around its median, as people's times are."""
    return rng.lognormvariate(math.log(median), spread)


class TimeScale(NamedTuple):
    """Relates simulated to real time: `shift` apart up to the start, then simulated time runs `speed` times faster."""

    anchor: datetime  # the start, really
    speed: float
    shift: timedelta = timedelta(0)  # real less simulated time, up to the start

    @property
    def begun(self) -> datetime:
        """The start in simulated time."""
        return self.anchor - self.shift

    def to_real(self, simulated: datetime) -> datetime:
        """When something of the simulated schedule really happens."""
        real = simulated + self.shift
        return real if real <= self.anchor else self.anchor + (real - self.anchor) / self.speed

    def to_simulated(self, real: datetime) -> datetime:
        """The simulated moment that corresponds to a real one."""
        return (real if real <= self.anchor else self.anchor + (real - self.anchor) * self.speed) - self.shift


def is_open(moment: datetime, for_another: timedelta = timedelta(0)) -> bool:
    """Whether people work at a simulated moment, and will for so long after it."""
    local = moment.astimezone(ZONE)
    second = local.hour * 3600 + local.minute * 60 + local.second
    return local.weekday() < 5 and _OPEN <= second < _CLOSE and second <= _CLOSE - for_another.total_seconds()


def shift_to_open(start: datetime) -> timedelta:
    """By how much simulated time is behind a real start, so that people work for hours from then on: whole hours on London's
    clocks. None on a working day between 9:00 and 15:00; else it is ten something, on Friday where it is weekend."""
    if is_open(start, _OPEN_FOR):
        return timedelta(0)
    local = start.astimezone(ZONE).replace(tzinfo=None)
    working = local.replace(hour=10) - timedelta(days=max(0, local.weekday() - 4))
    return local - working


def opening_hours(shift: timedelta) -> dict[str, list[str]]:
    """The hours in which people work, as a calendar of the configuration writes them, where they are moved by `shift`."""
    found: dict[str, list[str]] = {}
    for day in range(5):
        begin = (day * _DAY + _OPEN + int(shift.total_seconds())) % _WEEK
        end = begin + _CLOSE - _OPEN
        for since, until in ((begin, min(end, begin - begin % _DAY + _DAY)), (begin - begin % _DAY + _DAY, end)):
            if since < until:
                weekday = _WEEKDAYS[since // _DAY % 7]
                found.setdefault(weekday, []).append(f"{_of_day(since % _DAY)}-{_of_day((until - 1) % _DAY + 1)}")
    return {day: sorted(found[day]) for day in _WEEKDAYS if day in found}


def _of_day(second: int) -> str:
    return f"{second // 3600:02}:{second % 3600 // 60:02}"
