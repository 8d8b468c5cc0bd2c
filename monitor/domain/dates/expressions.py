"""Date expressions in a text, as moments: days with times, ranges, and what lies so far ahead of another moment."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from monitor.domain.dates.amounts import Amount, amount, closing_minute, shifted
from monitor.domain.dates.clock import in_business, in_part, part_behind, times
from monitor.domain.dates.cursor import SECOND, Cursor, Period, Span, Times, add_months, at_minute, midnight, whole_days
from monitor.domain.dates.days import coming, day, one
from monitor.domain.dates.resolving import Expression, resolved
from monitor.domain.dates.tokens import tokens
from monitor.domain.dates.vocabulary import Vocabulary, in_order
from monitor.domain.hours import Calendar

_DAY: Final = 24 * 60
#: One of these stands in every expression, at most so many tokens behind its beginning.
_SAYING: Final = frozenset(
    in_order(
        "UNIT DAY TONIGHT WEEKDAY DAY_PART MONTH DATE SHORT TIME DOTTED_TIME NUMBER ORDINAL TENS PART CLOCK CLOSE DAY_END FIRST"
        " NAMED_END HOLIDAY SEASON YEAR DURATION CALENDAR_WEEK WEEK_OF"
    )
)
_REACH: Final = 6
#: Zones where the month is written before the day.
_MONTH_FIRST: Final = frozenset(
    f"America/{city}"
    for city in in_order(
        "New_York Chicago Denver Los_Angeles Phoenix Anchorage Detroit Boise Indianapolis Louisville Juneau Adak Nome Menominee"
    )
) | {"Pacific/Honolulu", "US/Eastern", "US/Central", "US/Mountain", "US/Pacific", "US/Alaska", "US/Hawaii"}


def expressions(text: str, at: datetime, calendar: Calendar, words: Vocabulary) -> list[Expression]:
    """The expressions of a text that are not over at `at` (aware), in their order. Opening days are the calendar's,
    whose zone is the writer's."""
    zone = calendar.timezone
    now = at.astimezone(zone).replace(tzinfo=None)
    month_first = isinstance(zone, ZoneInfo) and zone.key in _MONTH_FIRST
    c = Cursor(tokens(text, words), now, calendar, month_first=month_first, half_before=words.half_before)
    near = _near_a_date(c)
    found: list[Expression] = []
    i = 0
    while i < len(c.tokens):
        end, span = _expression(c, i) if near[i] else (i + 1, None)
        if span is not None and span.end >= now:
            found.append(resolved(c, i, end, span))
        i = max(end, i + 1)
    return found


def _near_a_date(c: Cursor) -> list[bool]:
    """Of each token whether it may begin an expression: one of the next says something that only dates and times say."""
    near = [False] * len(c.tokens)
    last = len(c.tokens) + _REACH
    for i in range(len(c.tokens) - 1, -1, -1):
        means = c.tokens[i].means
        if means and not _SAYING.isdisjoint(means):
            last = i
        near[i] = bool(means) and last - i <= _REACH
    return near


def _expression(c: Cursor, i: int) -> tuple[int, Span | None]:
    """(index behind, what is meant) of the longest expression that begins here; (index, None) for what is no moment."""
    try:
        every = _every(c, i)
        if every:
            return every, None
        found = [each for each in (_offset(c, i), _modified(c, i), _point(c, i), _range(c, i)) if each is not None]
        end, span = max(found, key=lambda each: each[0]) if found else (i, None)
        alone = c.get(i, "FROM") is not None and not any(c.get(each, "TO") is not None for each in range(i, end))
        return end, span._replace(grain="after") if span is not None and alone else span
    except (ValueError, OverflowError):
        return i, None  # a date beyond the calendar


def _every(c: Cursor, i: int) -> int:
    """The index behind what happens again and again: `every Friday`, `each month`; else 0."""
    if c.get(i, "EVERY") is None:
        return 0
    j = c.skip(i + 1, "ORDINAL")
    if c.get(j, "UNIT") is not None:
        return j + 1
    found = amount(c, j)
    if found is not None:
        return found[0]
    named = day(c, j)
    return named[0] if named is not None else j + 1 if c.get(j, "PART") is not None else 0


def _modified(c: Cursor, i: int) -> tuple[int, Span | None] | None:
    """`before Friday`, `after 5pm`, `since Monday`, `by noon`."""
    for category in ("SINCE", "BY", "BEFORE", "AFTER"):
        if c.get(i, category) is None:
            continue
        found = _range(c, i + 1) or _point(c, c.skip_all(i + 1, "ON", "AT") if category != "BEFORE" else i + 1, led=True)
        if found is None or found[1] is None:
            continue
        end, span = found
        if category == "SINCE" or span is None:
            return end, None
        if category == "BEFORE":
            # Before the end of a month is by its end.
            return end, span if c.get(c.skip(i + 1, "THE"), "EDGE") == "end" else _before(c, span)
        if category == "AFTER":
            begin = span.end if span.exact else span.end + SECOND
            return end, Span(begin, midnight(begin.date()) + timedelta(days=1) - SECOND, span.exact, "after")
        return end, span
    return None


def _before(c: Cursor, span: Span) -> Span:
    if span.exact and span.begin == span.end:
        return span
    end = span.begin if span.exact else span.begin - SECOND
    begin = min(c.now, end) if span.grain != "day" or span.exact else max(min(c.now, end), midnight(end.date()))
    return Span(begin, end, span.exact, "day")


def _range(c: Cursor, i: int) -> tuple[int, Span | None] | None:
    """`from Monday to Wednesday`, `between tomorrow 9am and Friday noon`, `Nov 3 - Dec 1`."""
    opened = c.get(i, "FROM") is not None or c.get(i, "BETWEEN") is not None
    first = _point(c, i + 1 if opened else i)
    if first is None or first[1] is None:
        return None
    joint, begin = first
    joins = c.get(joint, "TO") is not None and (c.get(joint, "AND") is None or c.get(i, "BETWEEN") is not None)
    if not joins or begin is None:
        return None
    second = _point(c, c.skip_all(joint + 1, "ON", "AT"), led=True)
    if second is None or second[1] is None:
        return None
    end, finish = second
    assert finish is not None
    if not _names_year(c, i, joint) and _names_year(c, joint, end):
        begin = _in_year_of(begin, finish)
    last = finish.end
    if last < begin.begin - timedelta(days=8) and begin.begin.year == last.year + 1:
        begin = begin._replace(begin=midnight(add_months(begin.begin.date(), -12)))  # it began before now
    while last < begin.begin and last + timedelta(days=7) < begin.begin + timedelta(days=8):
        last += timedelta(days=7)
    if last < begin.begin:
        return None
    return end, Span(begin.begin, last, finish.exact, finish.grain)


def _names_year(c: Cursor, i: int, end: int) -> bool:
    return any(c.get(each, "YEAR") is not None or c.get(each, "DATE") is not None for each in range(i, end))


def _in_year_of(begin: Span, finish: Span) -> Span:
    """`May to October 2027`: the year of the end is that of the beginning too, or the one before."""
    months = 12 * (finish.end.year - begin.begin.year)
    moved = midnight(add_months(begin.begin.date(), months))
    return begin._replace(begin=moved if moved <= finish.end else midnight(add_months(begin.begin.date(), months - 12)))


def _offset(c: Cursor, i: int) -> tuple[int, Span | None] | None:
    """What lies so far ahead: `in 3 days`, `within the hour`, `two weeks from Monday`, `the next 3 weeks`."""
    within = c.get(i, "WITHIN") is not None
    if within or c.get(i, "IN") is not None:
        return _ahead(c, i + 1, within=within)
    j = c.skip(i, "THE")
    rel = c.get(j, "REL")
    if rel in ("next", "coming"):
        found = amount(c, j + 1)
        if c.get(j + 1, "UNIT") in ("hour", "minute"):
            found = j + 2, Amount(((1.0, 1.0, c.get(j + 1, "UNIT")),))
        if found is not None and c.get(j + 1, "ONE") is None:
            return found[0], Span(c.now, shifted(c, c.now, found[1]), True, "range")
        return None
    return _away_from(c, i)


def _ahead(c: Cursor, i: int, *, within: bool) -> tuple[int, Span | None] | None:
    j = c.skip_all(i, "THE", "REL") if within else i
    j = j + 1 if c.get(j, "THE") is not None and c.get(j + 1, "NUMBER") is not None else j
    unit = c.get(j, "UNIT")
    found = amount(c, j)
    if found is None and within and unit is not None:
        if unit in ("quarter", "year", "decade", "century"):
            return None  # the one that follows
        several = c.at(j).text.endswith("n" if c.half_before else "s")  # the next days
        count = 3.0 if several else 1.0
        found = j + 1, Amount(((count, count, unit),))
    if found is None:
        return None
    end, what = found
    if c.get(end, "AGO") is not None:
        return end + 1, None
    # `in 3 days' time`
    end = end + 1 if c.at(end).text in ("'", "’") else end
    end = c.skip(c.skip(end, "TIME_WORD"), "FROM_NOW")
    least, most = shifted(c, c.now, what, least=True), shifted(c, c.now, what)
    if within:
        return end, Span(c.now, most, True, "range")
    if what.clock:
        return end, Span(least, most, True)
    return _with_time(c, end, Period(least.date(), most.date(), "day"), most if what.grain == "opening_day" else None)


def _away_from(c: Cursor, i: int) -> tuple[int, Span | None] | None:
    """`3 days from now`, `an hour ago`, `two days after Christmas`, `a week before the 3rd`."""
    found = amount(c, i)
    if found is None:
        return None
    end, what = found
    if c.get(end, "AGO") is not None or c.get(end, "LATER_WORD") is not None:
        if c.get(end, "AGO") is not None:
            return end + 1, None
        return end + 1, _days_ahead(c, c.now, what)
    start = c.get(end, "FROM_NOW")
    if start is not None:
        return _from_now(c, end + 1, what, start)
    back = c.get(end, "BEFORE") is not None
    if not back and c.get(end, "AFTER") is None and c.get(end, "FROM") is None:
        return None
    point = _point(c, end + 1, led=True)
    if point is None or point[1] is None:
        return None
    origin = point[1].begin
    moved = shifted(c, origin, what, back=back)
    if what.clock or point[1].exact:
        return point[0], Span(moved, moved, True)
    return point[0], whole_days(one(moved.date()))


def _from_now(c: Cursor, end: int, what: Amount, start: int) -> tuple[int, Span | None]:
    begin = c.now if start == 0 else midnight(c.today) + timedelta(days=start)
    if what.clock:
        return end, Span(shifted(c, begin, what, least=True), shifted(c, begin, what), True)
    return _with_time(c, end, Period(shifted(c, begin, what, least=True).date(), shifted(c, begin, what).date(), "day"))


def _days_ahead(c: Cursor, begin: datetime, what: Amount) -> Span:
    moved = shifted(c, begin, what)
    return Span(moved, moved, True) if what.clock else whole_days(one(moved.date()))


def _with_time(c: Cursor, end: int, period: Period, closing: datetime | None = None) -> tuple[int, Span | None]:
    """Days with the time of day that may follow."""
    following = _time_behind(c, end)
    if following is not None and period.first == period.last:
        return following[0], _combined(c, period, following[1])
    span = whole_days(period)
    return end, span if closing is None else Span(span.begin, closing, True, "opening_day")


def _point(c: Cursor, i: int, *, led: bool = False) -> tuple[int, Span | None] | None:
    """A day, a time, or both in either order."""
    ways = (_day_first(c, i), _time_first(c, i, led=led), _counted(c, i))
    if c.get(i, "IN_PART") is not None and c.get(i + 1, "PART") is not None:
        ways = (ways[1], ways[0], ways[2])  # am Morgen is no tomorrow
    found = [each for each in ways if each is not None]
    return max(found, key=lambda each: each[0]) if found else None


def _counted(c: Cursor, i: int) -> tuple[int, Span | None] | None:
    """`two weeks from today` as the end of a range."""
    return _away_from(c, i) if c.get(i, "NUMBER") is not None or c.get(i, "ONE") is not None else None


def _day_first(c: Cursor, i: int) -> tuple[int, Span | None] | None:
    at = c.skip(i, "REL")
    compound = c.get(at, "DAY_PART")
    if compound is not None:
        weekday, (begin, finish) = compound
        named = one(coming(c, weekday, c.get(i, "REL")))
        return _with_clock(c, at + 1, named, Times(begin, finish, part=True))
    if c.get(i, "TONIGHT") is not None:
        return _with_clock(c, i + 1, one(c.today), Times(18 * 60, _DAY, part=True))
    part = c.get(i + 1, "PART")
    if part is not None and c.get(i, "REL") in ("next", "last"):
        ahead = timedelta(days=1 if c.get(i, "REL") == "next" else -1)
        begin, finish = part
        return _with_clock(c, i + 2, one(c.today + ahead), Times(begin, finish, part=True))
    start = c.skip_all(i, "ON", "IN", "AT", "FROM", "BETWEEN") if c.get(i, "REL") is None else i
    found = day(c, i) or (day(c, start) if start > i else None)
    if found is None:
        return None
    end, period = found
    if period.grain == "day" and c.get(i, "DATE_TIME") is not None:
        minute = c.get(i, "DATE_TIME")
        return end, Span(at_minute(period.first, minute), at_minute(period.first, minute), True)
    if period.grain != "day" or period.first != period.last:
        return end, whole_days(period)
    return _with_time(c, end, period)


def _time_behind(c: Cursor, end: int) -> tuple[int, Times] | None:
    """The time that follows a day, with the part of the day that may follow it or stand before it."""
    j = c.skip_all(end, "COMMA", "ON") if c.get(end, "AT") is None and c.get(end, "BETWEEN") is None else end
    j = j + 1 if c.get(j, "DASH") is not None and c.get(j + 1, "TIME") is not None else j
    if c.get(j, "IN") is not None and c.get(j, "IN_PART") is None:
        return None
    if (half := c.get(j, "AMPM")) is not None and c.get(j, "IN_PART") is None:
        return j + 1, Times(half + (0 if half else 6 * 60), 18 * 60 if half else _DAY // 2, part=True)
    found = times(c, j, led=True) or (times(c, c.skip(j, "BY", "BEFORE"), led=not c.half_before))
    if found is None:
        return None
    after, time = found
    other = times(c, c.skip_all(after, "COMMA", "IN", "DASH"), led=True) if time.part else part_behind(c, after)
    if other is not None and time.part and not other[1].part:
        return other[0], in_part(other[1], time)
    if other is not None and not time.part and other[1].part:
        return other[0], in_part(time, other[1])
    return found


def _with_clock(c: Cursor, end: int, period: Period, part: Times) -> tuple[int, Span | None]:
    """A part of a day with the hour that may follow: `tonight at 8`."""
    clock = times(c, c.skip_all(end, "COMMA"), led=True)
    if clock is not None and not clock[1].part and not clock[1].closing:
        return clock[0], _combined(c, period, in_part(clock[1], part))
    return end, _combined(c, period, part)


def _time_first(c: Cursor, i: int, *, led: bool) -> tuple[int, Span | None] | None:
    """`5pm tomorrow`, `at 4 this afternoon`, `between 8 and 12 on Monday`, `noon`, `in the morning`."""
    found = times(c, i, led=led) or _hours_of_a_day(c, i)
    if found is None:
        return None
    end, time = found
    begins_part = c.get(i, "PART") is not None
    j = c.skip_all(end, "COMMA", "ON", "OF") if c.get(end, "REL") is None else end
    if c.get(j, "TONIGHT") is not None:
        return j + 1, _combined(c, one(c.today), in_part(time, Times(18 * 60, _DAY, part=True)))
    compound = c.get(j, "DAY_PART")
    if compound is not None:
        weekday, (begin, finish) = compound
        return j + 1, _combined(c, one(coming(c, weekday)), in_part(time, Times(begin, finish, part=True)))
    named = day(c, j) or day(c, c.skip_all(j, "IN"))
    if named is not None and named[1].grain == "day" and named[1].first == named[1].last:
        behind = part_behind(c, named[0])
        if behind is not None and not time.part:
            return behind[0], _combined(c, named[1], in_part(time, behind[1]))
        return named[0], _combined(c, named[1], time)
    part = part_behind(c, end)
    clock = times(c, c.skip(end, "COMMA")) if time.part and _says_when(c, i) else None
    if clock is not None and not clock[1].part:
        return clock[0], _alone(c, in_part(clock[1], time))
    if part is not None and not time.part:
        later = day(c, c.skip_all(part[0], "COMMA", "ON", "OF"))
        if later is not None and later[1].grain == "day" and later[1].first == later[1].last:
            return later[0], _combined(c, later[1], in_part(time, part[1]))
        return part[0], _alone(c, in_part(time, part[1]))
    if time.part and c.at(i).text == "this" and _combined(c, one(c.today), time).end <= c.now:
        return end, None
    if (begins_part or (time.part and not _says_when(c, i))) and not led:
        return None
    return end, _alone(c, time)


def _hours_of_a_day(c: Cursor, i: int) -> tuple[int, Times] | None:
    """`6-8 next Monday`: hours that nothing leads to but a day follows."""
    if c.get(i, "DIGITS") is None or c.get(i + 1, "TO") is None or c.get(i + 2, "DIGITS") is None:
        return None
    found = times(c, i, led=True)
    named = day(c, c.skip(found[0], "ON")) if found is not None else None
    return found if named is not None and named[1].grain == "day" else None


def _says_when(c: Cursor, i: int) -> bool:
    """Whether a part of the day is said of a day: `this morning` and `first thing`, not `good morning`."""
    return any(c.get(i, each) is not None for each in ("IN_PART", "FIRST", "AT", "EDGE", "THE")) or c.get(i - 1, "BY") is not None


def _combined(c: Cursor, period: Period, time: Times) -> Span:
    if time.closing:
        closing = closing_minute(c, period.first)
        end = at_minute(period.first, closing if closing is not None else _DAY) - (
            timedelta(0) if closing is not None else SECOND
        )
        return Span(end, end, True)
    if time.open:
        moved = in_business(time.begin) - time.begin
        time = time._replace(begin=time.begin + moved, end=time.end + moved, open=False)
    end = at_minute(period.first, time.end)
    if time.end == _DAY:
        end -= SECOND  # midnight at the end of a day still belongs to it
    return Span(min(at_minute(period.first, time.begin), end), end, True, "part" if time.part else "day")


def _alone(c: Cursor, time: Times) -> Span:
    """A time without a day: the next one."""
    if not time.open or time.end > time.begin:
        today = _combined(c, one(c.today), time)
        if time.closing and today.end <= c.now:
            return whole_days(one(c.today))
        return today if today.end > c.now else _combined(c, one(c.today + timedelta(days=1)), time)
    usual = in_business(time.begin)
    other = (time.begin + _DAY // 2) % _DAY
    for minute in (usual, other):
        if at_minute(c.today, minute) > c.now and 7 * 60 <= minute <= 20 * 60:
            return _combined(c, one(c.today), Times(minute, minute))
    return _combined(c, one(c.today + timedelta(days=1)), Times(usual, usual))
