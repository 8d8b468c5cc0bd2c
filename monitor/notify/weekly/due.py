"""When the weekly report is due. Pure.

A time that the clock change skips is the end of the gap; of one that comes twice the first counts. Between one such moment
and the next one report goes out, that of the week before the moment: what was missed longer than a week ago is not sent.
"""

from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from monitor.domain.event import from_micros
from monitor.domain.hours import instant


class Appointment(NamedTuple):
    """When reports go out: a weekday (Monday is 0) and a time of day in a zone."""

    weekday: int
    at: time
    timezone: tzinfo


class Due(NamedTuple):
    """The report that is to be out."""

    week: str  # ISO, as 2026-W46
    since: datetime  # UTC
    until: datetime  # the next one is due


def due(appointment: Appointment, now: datetime) -> Due:
    """The report that is due at `now`: since the latest such moment, itself included."""
    today = now.astimezone(appointment.timezone).date()
    day = today - timedelta(days=(today.weekday() - appointment.weekday) % 7)
    if _moment(appointment, day) > now:
        day -= timedelta(days=7)
    year, week, _ = (day - timedelta(days=7)).isocalendar()
    return Due(f"{year}-W{week:02d}", _moment(appointment, day), _moment(appointment, day + timedelta(days=7)))


def _moment(appointment: Appointment, day: date) -> datetime:
    return from_micros(instant(day, appointment.at.hour * 60 + appointment.at.minute, appointment.timezone))
