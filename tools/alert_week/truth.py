"""What was really wrong, counted from the simulated callers themselves and never from a metric."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from tools.alert_week.places import HOUR, Lived

#: Fewer callers in an hour tell nothing.
FEWEST = 4


class Hour(NamedTuple):
    """One hour of one line: how many callers entered its queue in it, how many of these waited over their limit."""

    point: str
    start: float
    callers: int
    late: int

    @property
    def bad(self) -> bool:
        """More than half of the callers waited too long."""
        return self.callers >= FEWEST and 2 * self.late > self.callers


def hours(lived: Iterable[Lived]) -> list[Hour]:
    """Every hour of every line in which somebody called, in order of time."""
    found = []
    for each in lived:
        counts: defaultdict[float, list[bool]] = defaultdict(list)
        for caller in each.callers:
            counts[caller.at - caller.at % HOUR].append(caller.late)
        found += [Hour(each.place.name, start, len(late), sum(late)) for start, late in counts.items()]
    return sorted(found, key=lambda hour: (hour.start, hour.point))
