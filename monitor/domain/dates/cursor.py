"""The tokens of one text with all that their meaning depends on, and the values that the grammar passes around."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from monitor.domain.dates.tokens import Token
from monitor.domain.hours import Calendar

_END: Final = Token("", {}, 0, 0)
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2100


class Period(NamedTuple):
    """Whole days, both included. `grain`: the unit it was named in, e.g. day, week, weekend, month."""

    first: date
    last: date
    grain: str


class Times(NamedTuple):
    """A time of day, in minutes after midnight; over 24 hours where it reaches into the next day.

    `open`: the hour may be before or after noon. `part`: a part of the day such as the morning. `closing`: when the
    contact point closes, whatever the minutes say.
    """

    begin: int
    end: int
    open: bool = False
    part: bool = False
    closing: bool = False


class Span(NamedTuple):
    """What an expression means, in local time without a zone. `exact`: it names a moment or hours, not only days."""

    begin: datetime
    end: datetime
    exact: bool
    grain: str = "day"


class Cursor:
    """`now`: the local moment of the message, without a zone. `month_first`: whether 3/4 is the fourth of March."""

    def __init__(
        self, found: Sequence[Token], now: datetime, calendar: Calendar, *, month_first: bool, half_before: bool
    ) -> None:
        self.tokens = found
        self.now = now
        self.today = now.date()
        self.calendar = calendar
        self.month_first = month_first
        self.half_before = half_before

    def at(self, index: int) -> Token:
        return self.tokens[index] if 0 <= index < len(self.tokens) else _END

    def get(self, index: int, category: str) -> Any:
        """The value of the token in this category, or None."""
        return self.tokens[index].means.get(category) if 0 <= index < len(self.tokens) else None

    def skip(self, index: int, *categories: str) -> int:
        """Past one token, if it is of one of these categories."""
        return index + 1 if any(self.get(index, category) is not None for category in categories) else index

    def skip_all(self, index: int, *categories: str) -> int:
        """Past all tokens of these categories."""
        while (after := self.skip(index, *categories)) != index:
            index = after
        return index

    def touches(self, index: int) -> bool:
        """Whether no space stands between this token and the one before."""
        return index > 0 and self.at(index - 1).end == self.at(index).start


def month_period(year: int, month: int) -> Period:
    """All days of a month."""
    return Period(date(year, month, 1), add_months(date(year, month, 1), 1) - timedelta(days=1), "month")


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month. Raises ValueError beyond the calendar."""
    number = day.year * 12 + day.month - 1 + months
    year, month = number // 12, number % 12 + 1
    return date(year, month, min(day.day, days_in(year, month)))


def days_in(year: int, month: int) -> int:
    return (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - local time of the writer; given its zone at the end


SECOND: Final = timedelta(seconds=1)


def at_minute(day: date, minute: int) -> datetime:
    return midnight(day) + timedelta(minutes=minute)


def whole_days(period: Period) -> Span:
    """From the first second of a period to its last."""
    return Span(midnight(period.first), midnight(period.last) + timedelta(days=1) - SECOND, False, period.grain)
