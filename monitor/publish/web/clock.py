"""Moments of one contact, as short as they are plain: times alone where all of it happened on one day. Pure."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.publish.web.moments import Moment


class Clock:
    """The clock on the wall of a contact point, for a page on which these moments stand."""

    def __init__(self, zone: ZoneInfo, moments: Iterable[datetime]) -> None:
        local = [at.astimezone(zone) for at in moments]
        self.zone = zone
        self.is_one_day = len({at.date() for at in local}) <= 1
        self._is_one_year = len({at.year for at in local}) <= 1
        self._changes = len({at.utcoffset() for at in local}) > 1

    def moment(self, at: str | datetime) -> Moment:
        """`09:14:02`; `Wed 18 Nov, 15:20:04` where there are several days; the zone where its clocks change between them."""
        local = self._local(at)
        return Moment(self._day(local) + self._time(local), local.isoformat())

    def span(self, since: str | datetime, until: str | datetime) -> str:
        """`Wed 18 Nov, 15:20:04 to 17:30:00`."""
        first, last = self._local(since), self._local(until)
        end = self._time(last) if first.date() == last.date() else self._day(last) + self._time(last)
        return f"{self._day(first)}{self._time(first)} to {end}"

    def _local(self, at: str | datetime) -> datetime:
        return (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(self.zone)

    def _day(self, local: datetime) -> str:
        if self.is_one_day:
            return ""
        return f"{local:%a} {local.day} {local:%b}" + ("" if self._is_one_year else f" {local.year}") + ", "

    def _time(self, local: datetime) -> str:
        return f"{local:%H:%M:%S %Z}" if self._changes else f"{local:%H:%M:%S}"
