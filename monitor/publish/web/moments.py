"""Moments as people read them: in the zone of the contact point that is spoken of, which stands beside each. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from monitor.domain.snapshot import PointState

_UTC: Final = ZoneInfo("UTC")


class Moment(NamedTuple):
    """A moment as people of the contact point read it, and as programs do."""

    words: str
    iso: str


def moment(at: datetime | str, zone: ZoneInfo) -> Moment:
    """A moment (or its ISO form) in a zone: `Mon 2 Nov 2026, 09:28:25 GMT`."""
    local = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(zone)
    return Moment(f"{_day(local)}, {local:%H:%M:%S %Z}", local.isoformat())


def first_and_last(first: str, last: str, zone: ZoneInfo) -> tuple[Moment, Moment]:
    """Two moments of one story (ISO forms): `Mon 2 Nov 2026, 09:28:05` and, on the same day, `09:31:40 GMT`."""
    begun, ended = (datetime.fromisoformat(at).astimezone(zone) for at in (first, last))
    since, until = f"{begun:%H:%M:%S %Z}", f"{ended:%H:%M:%S %Z}"
    if (begun.date(), begun.utcoffset()) != (ended.date(), ended.utcoffset()):
        until = f"{_day(ended)}, {until}"
    elif begun != ended:
        since = f"{begun:%H:%M:%S}"
    return Moment(f"{_day(begun)}, {since}", begun.isoformat()), Moment(until, ended.isoformat())


def _day(local: datetime) -> str:
    return f"{local:%a} {local.day} {local:%b %Y}"


def common_moment(at: datetime, points: Iterable[PointState]) -> Moment:
    """A moment that concerns all of these contact points: in their zone, in UTC where their clocks differ or there are none."""
    shown = {moment(at, ZoneInfo(zone)) for zone in {state.info.timezone for state in points}}
    return shown.pop() if len(shown) == 1 else moment(at, _UTC)
