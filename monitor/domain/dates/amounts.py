"""Numbers, and amounts of time as `an hour and a half`, `3 to 5 working days`, `two weeks and a day`."""

from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from monitor.domain.dates.cursor import Cursor, add_months, midnight
from monitor.domain.event import from_micros
from monitor.domain.hours import instant

_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600, "opening_hour": 3600}
_DAYS: Final = {"day": 1, "week": 7, "fortnight": 14, "weekend": 7}
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12, "decade": 120, "century": 1200}
_TOO_MANY: Final = 100_000
_MOST_PARTS: Final = 4


class Amount(NamedTuple):
    """(least, most, unit) of each part. `clock`: whether it counts hours or less."""

    parts: tuple[tuple[float, float, str], ...]

    @property
    def clock(self) -> bool:
        return all(unit in _SECONDS for _, _, unit in self.parts)

    @property
    def grain(self) -> str:
        return self.parts[-1][2]


def number(c: Cursor, i: int, *, article: bool = True) -> tuple[int, float] | None:
    """(index behind, value) of a number in digits or words."""
    i = c.skip(i, "ABOUT") if c.get(i, "NUMBER") is None else i
    value = c.get(i, "NUMBER")
    if value is not None:
        if c.get(i + 1, "HUNDRED") is not None:
            return i + 2, value * 100
        return i + 1, value
    tens = c.get(i, "TENS")
    if tens is not None:
        after = i + 2 if c.get(i + 1, "DASH") is not None else i + 1
        ones = c.get(after, "NUMBER")
        if ones is not None and 1 <= ones <= 9 and c.get(after, "DIGITS") is None:
            return after + 1, float(tens + ones)
        return i + 1, float(tens)
    if article and c.get(i, "ONE") is not None:
        return (i + 2, 100.0) if c.get(i + 1, "HUNDRED") is not None else (i + 1, 1.0)
    return None


def amount(c: Cursor, i: int) -> tuple[int, Amount] | None:
    """(index behind, amount) of `2 hours`, `half an hour`, `2 or 3 weeks`, `an hour and 20 minutes`."""
    parts: list[tuple[float, float, str]] = []
    end = i
    while len(parts) < _MOST_PARTS:
        part = _part(c, end if not parts else c.skip(c.skip(end, "COMMA"), "AND"))
        if part is None or (parts and part[1][2] == parts[-1][2]):
            break
        end = part[0]
        parts.append(part[1])
    return (end, Amount(tuple(parts))) if parts else None


def _part(c: Cursor, i: int) -> tuple[int, tuple[float, float, str]] | None:
    minutes = c.get(i, "DURATION")
    if minutes is not None:
        return i + 1, (minutes, minutes, "minute")
    fraction = _fraction(c, i)
    if fraction is not None:
        return fraction
    least = number(c, i)
    if least is None or least[1] > _TOO_MANY:
        return None
    end, low = least
    high = low
    joint = end + 1 if c.get(end, "TO") is not None or c.get(end, "AND") is not None else 0
    most = number(c, joint, article=False) if joint else None
    if most is not None and low < most[1] <= _TOO_MANY:
        end, high = most
    if c.get(end, "AND_HALF") is not None:
        end, low, high = end + 1, low + 0.5, high + 0.5
    end = c.skip(end, "DASH", "ABOUT")
    if c.at(end).text in ("more", "full", "whole", "good", "short", "further", "consecutive", "additional", "weitere", "volle"):
        end += 1
    end = end + 1 if c.get(end, "REL") in ("next", "coming") else end
    unit = c.get(end, "UNIT")
    if unit is None:
        return None
    if c.get(end + 1, "AND_HALF") is not None:
        return end + 2, (low + 0.5, high + 0.5, unit)
    more = number(c, end + 2, article=False) if c.get(end + 1, "AND") is not None else None
    if more is not None and high < more[1] <= _TOO_MANY and c.get(more[0], "UNIT") is None and c.get(end + 2, "DIGITS") is None:
        return more[0], (low, more[1], unit)  # a day or two
    return end + 1, (low, high, unit)


def _fraction(c: Cursor, i: int) -> tuple[int, tuple[float, float, str]] | None:
    """`half an hour`, `a half hour`, `a quarter of an hour`, `three quarters of an hour`."""
    i = c.skip(i, "ABOUT")
    count = 1.0
    if c.get(i, "ONE") is not None and (c.get(i + 1, "HALF") or c.get(i + 1, "FOURTH")) is not None:
        i += 1
    elif c.get(i, "NUMBER") is not None and c.at(i + 1).text == "quarters":
        count, i = c.get(i, "NUMBER"), i + 1
        size: float | None = 0.25
        return _of_unit(c, i + 1, count * 0.25)
    size = c.get(i, "HALF") or c.get(i, "FOURTH")
    return None if size is None else _of_unit(c, i + 1, count * size)


def _of_unit(c: Cursor, i: int, size: float) -> tuple[int, tuple[float, float, str]] | None:
    i = c.skip(c.skip(c.skip(i, "OF"), "DASH"), "ONE")
    unit = c.get(i, "UNIT")
    return None if unit is None else (i + 1, (size, size, unit))


def shifted(c: Cursor, start: datetime, what: Amount, *, least: bool = False, back: bool = False) -> datetime:
    """The moment so much later (or earlier). Raises ValueError or OverflowError beyond the calendar."""
    moment, sign = start, -1 if back else 1
    for low, high, unit in what.parts:
        count = low if least else high
        if unit in _SECONDS:
            moment += sign * timedelta(seconds=_SECONDS[unit] * count)
        elif unit == "opening_day":
            moment = opening_days(c, moment, int(count), back=back)
        elif unit in _DAYS:
            moment += sign * timedelta(days=_DAYS[unit] * count)
        else:
            months = _MONTHS[unit] * count
            later = add_months(moment.date(), sign * int(months))
            moment = midnight(later) + (moment - midnight(moment.date())) + sign * timedelta(days=30 * (months % 1))
    return moment


def opening_days(c: Cursor, start: datetime, count: int, *, back: bool = False) -> datetime:
    """When the so-manieth opening day ends, in local time; counted back, when it begins."""
    if not 1 <= count <= 1000:
        raise ValueError(f"{count} opening days is more than anybody promises")
    if back:
        day = start.date()
        while count:
            day -= timedelta(days=1)
            count -= closing_minute(c, day) is not None
        return midnight(day)
    zone = c.calendar.timezone
    # The day of the message does not count, however early it was sent.
    after = midnight(start.date()) + timedelta(days=1)
    return c.calendar.closing_of_day(after.replace(tzinfo=zone), count).astimezone(zone).replace(tzinfo=None)


def closing_minute(c: Cursor, day: date) -> int | None:
    """When the contact point closes on a date, in minutes after its midnight; None where it does not open.

    A closing after midnight counts as the last minute of the day.
    """
    zone = c.calendar.timezone
    opened = from_micros(instant(day, 0, zone))
    try:
        opening = c.calendar.next_opening(opened)
        if opening.astimezone(zone).date() != day:
            return None
        closing = c.calendar.closing_of_day(opened, 1).astimezone(zone)
    except ValueError:
        return None
    return closing.hour * 60 + closing.minute if closing.date() == day else 24 * 60
