"""What an expression means in local time -> moments in UTC, and when a promise for it is due."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from monitor.domain.dates.amounts import closing_minute
from monitor.domain.dates.cursor import SECOND, Cursor, Span, at_minute, midnight
from monitor.domain.event import from_micros
from monitor.domain.hours import instant


class Expression(NamedTuple):
    """A date expression. `begin` and `end` are in UTC and equal for a moment; days end with their last second.

    `start`, `stop`: where it stands in the text. `exact`: it names a moment or hours, not only days. `due`: when what is
    promised for it is due: a moment at itself, days at the closing of the last on which the contact point opens; None
    where it only says after what.
    """

    begin: datetime
    end: datetime
    start: int
    stop: int
    exact: bool
    due: datetime | None


def resolved(c: Cursor, i: int, end: int, span: Span) -> Expression:
    while c.get(i, "BY") is not None or (c.get(i, "ON") is not None and c.get(i, "REL") is None and i + 1 < end):
        i += 1
    due = _due(c, span)
    return Expression(
        _aware(c, span.begin),
        _aware(c, span.end, last=True),
        c.at(i).start,
        c.at(end - 1).end,
        span.exact,
        None if due is None else _aware(c, due, last=True),
    )


def _aware(c: Cursor, local: datetime, *, last: bool = False) -> datetime:
    minute = local.hour * 60 + local.minute
    return (from_micros(instant(local.date(), minute, c.calendar.timezone, last=last)) + timedelta(seconds=local.second)).replace(
        tzinfo=UTC
    )


def _due(c: Cursor, span: Span) -> datetime | None:
    if span.grain == "after":
        return None
    if span.exact:
        return span.end if span.end > c.now else midnight(span.end.date()) + timedelta(days=1) - SECOND
    last = span.end.date()
    first = last - timedelta(days=6) if span.grain == "week" else last
    while last >= max(first, span.begin.date(), c.today):
        closing = closing_minute(c, last)
        if closing is not None and (due := min(at_minute(last, closing), span.end)) > c.now:
            return due
        last -= timedelta(days=1)
    return span.end
