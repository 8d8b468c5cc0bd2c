"""What was judged and breached of the contacts that were offered on a day: kept in memory, counted over from the store.

The store knows weeks. The day of a contact follows from when it began and the zone of its contact point, so that each counts for
its day what its record names, at any moment: a transaction adds the difference of two records.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

from monitor.domain.event import Channel, from_micros, to_micros
from monitor.engine.directory import Directory
from monitor.engine.evaluation import Counted, read_counted
from monitor.store.base import OPEN, Store

#: Day (ISO date) -> (contact point, channel, signal) -> (assessed, signals)
Days = dict[str, dict[tuple[str, Channel, str], tuple[int, int]]]
#: What began longer ago lies in no zone in the running day: the longest days have 26 hours.
LONGEST: Final = timedelta(hours=48)
_NOTHING: Final = Counted()


class DayCounts:
    """Adds up what contacts count for their days. Belongs to the store's thread."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._zones: dict[str, tzinfo] = {}  # of a contact point it is the same on every channel

    def add(self, days: Days, point: str, channel: Channel, begun: int, names: Iterable[str], sign: int = 1) -> None:
        """Adds to `days` what is counted of a contact at a contact point; `sign` -1 takes it back."""
        judged = [name for name in names if name[0] in "as"]
        if not judged:
            return
        counts = days.setdefault(self._day(point, channel, begun), {})
        for name in judged:
            kind, signal, _ = name.split(":", 2)
            assessed, signals = counts.get((point, channel, signal), (0, 0))
            counts[point, channel, signal] = (assessed + sign, signals) if kind == "a" else (assessed, signals + sign)

    def change(
        self, days: Days, was: Channel, channel: Channel, before: Mapping[str, Counted], after: Mapping[str, Counted]
    ) -> None:
        """Adds to `days` what a contact counts now, by contact point, without what it counted before, when its channel `was`."""
        for point in {**before, **after}:
            had, has = before.get(point, _NOTHING), after.get(point, _NOTHING)
            same = has.held & had.held if has.begun == had.begun and was == channel else frozenset()
            self.add(days, point, was, had.begun, had.held - same, -1)
            self.add(days, point, channel, has.begun, has.held - same)

    def _day(self, point: str, channel: Channel, begun: int) -> str:
        zone = self._zones.get(point)
        if zone is None:
            zone = self._zones[point] = self._directory.look_up(point, channel).timezone
        return from_micros(begun).astimezone(zone).date().isoformat()


def stored_days(store: Store, directory: Directory, now: datetime) -> Days:
    """What the contacts of the running day count, as the store has them; of other days only some. Blocks."""
    zones = {directory.look_up(config.name, channel).timezone for config, channel, _ in directory.points()}
    first = min((midnight(now, zone) for zone in zones), default=now)
    counts, days = DayCounts(directory), Days()
    for found in store.begun_between(to_micros(first), OPEN):
        channel: Channel = found.row.channel  # type: ignore[assignment]  # written by `evaluate`
        for point, counted in read_counted(found.row).items():
            counts.add(days, point, channel, counted.begun, counted.held)
    return days


def midnight(moment: datetime, zone: tzinfo) -> datetime:
    """The first instant of the day in which `moment` lies in that zone, in UTC."""
    return datetime.combine(moment.astimezone(zone).date(), time(), zone).astimezone(UTC)


def drop_ended(days: Days, now: datetime) -> None:
    """Forgets the days that have ended in every zone: nowhere is it more than twelve hours earlier than in Greenwich."""
    first = (now.astimezone(UTC) - timedelta(hours=12)).date().isoformat()
    for day in [day for day in days if day < first]:
        del days[day]
