"""Periods that are named by their unit: `next week`, `the end of March`, `mid-2027`, `the first week of June`, `Q3`."""

from datetime import date, timedelta
from typing import Final

from monitor.domain.dates.cursor import FIRST_YEAR, LAST_YEAR, Cursor, Period, add_months, month_period
from monitor.domain.dates.feasts import nth_weekday

#: Months whose names are other words too, and what stands before a month.
_VERBS: Final = frozenset(("may", "march", "mar", "dec", "jan", "am"))
_LEADS: Final = ("IN", "BY", "BEFORE", "OF", "EDGE", "DASH", "FROM", "TO", "SINCE", "AFTER", "SLASH")
_YEAR_LEADS: Final = ("IN", "BY", "OF", "EDGE", "FROM", "WITHIN", "TO", "AFTER", "BEFORE", "SINCE", "BETWEEN")
_LARGE: Final = frozenset(("week", "weekend", "month", "quarter", "year", "decade", "century", "fortnight"))


def unit_period(c: Cursor, unit: str, ahead: int) -> Period | None:
    """The week, month … that holds today (0), the next one (1) and so on."""
    today = c.today
    if unit in ("day", "opening_day"):
        day = today + timedelta(days=ahead)
        return Period(day, day, "day")
    if unit in ("week", "fortnight"):
        size = 7 if unit == "week" else 14
        monday = today - timedelta(days=today.weekday()) + timedelta(days=size * ahead)
        return Period(monday, monday + timedelta(days=size - 1), unit)
    if unit == "weekend":
        saturday = today - timedelta(days=today.weekday()) + timedelta(days=5 + 7 * ahead)
        return Period(saturday, saturday + timedelta(days=1), unit)
    if unit in ("month", "quarter"):
        size, back = (1, 0) if unit == "month" else (3, (today.month - 1) % 3)
        first = add_months(today.replace(day=1), size * ahead - back)
        return Period(first, add_months(first, size) - timedelta(days=1), unit)
    if unit in ("year", "decade", "century"):
        size = {"year": 1, "decade": 10, "century": 100}[unit]
        year = today.year - today.year % size + size * ahead
        return Period(date(year, 1, 1), date(year + size - 1, 12, 31), unit)
    return None


def part_of(edge: str, whole: Period, today: date) -> Period:
    """The beginning, middle or end of a period: the half or third that people mean by it."""
    first, last, grain = whole
    size = (last - first).days + 1
    if edge == "rest":
        return Period(max(first, today), last, grain)
    if grain == "day":
        return whole
    if grain == "week":
        begin, end = {"begin": (0, 2), "mid": (2, 2), "end": (3, 6), "late": (3, 6)}[edge]
        return Period(first + timedelta(days=begin), first + timedelta(days=end), "week")
    if edge == "end" and grain in ("month", "quarter", "year"):
        return Period(last - timedelta(days=size // 3), last, grain)
    third, half = size // 3, size // 2
    begin, end = {"begin": (0, half - 1), "mid": (third, size - third - 1), "end": (size - third, size - 1)}.get(
        edge, (half, size - 1)
    )
    if edge == "mid" and grain == "month":
        begin, end = 9, 14 if size > 15 else size - 1
    return Period(first + timedelta(days=min(begin, end)), first + timedelta(days=max(begin, end)), "part")


def larger(c: Cursor, i: int) -> tuple[int, Period] | None:
    """A period of a week or more."""
    return _edge(c, i) or _ordinal_of(c, i) or whole(c, i)


def whole(c: Cursor, i: int) -> tuple[int, Period] | None:
    """`next month`, `the week after next`, `this weekend`, `January 2027`, `2027`, `Q3`, `the coming week`."""
    unit = c.get(c.skip(i, "THE"), "NAMED_END")
    if unit is not None and c.get(i, "UNIT") is None:
        period = unit_period(c, unit, 0)
        if period is None:
            return None
        end = part_of("end", period, c.today) if unit == "week" else Period(period.last, period.last, f"{unit}_end")
        return c.skip(i, "THE") + 1, end
    return _calendar_week(c, i) or _year(c, i) or _related(c, i) or _month(c, i) or _season(c, i) or _quarter(c, i)


def _related(c: Cursor, i: int) -> tuple[int, Period] | None:
    start, i = i, c.skip(i, "THE")
    rel = c.get(i, "REL")
    unit = c.get(i + 1 if rel else i, "UNIT")
    if unit is None:
        return None
    end = i + 2 if rel else i + 1
    if c.get(end, "AFTER_NEXT") is not None:
        found = unit_period(c, unit, 2)
        return None if found is None else (end + 1, found)
    if rel is None:
        if unit not in _LARGE or (start == i and unit not in ("weekend",)):
            return None
        found = unit_period(c, unit, 0)
        # The weekend that is over is not meant.
        return None if found is None else (end, found)
    if unit in ("second", "minute", "hour", "opening_hour"):
        return None
    ahead = {"next": 1, "this": 0, "coming": 1, "last": -1, "after_next": 2}[rel]
    if unit == "weekend" and rel in ("coming", "next"):
        ahead = 0 if rel == "coming" else 1
    if rel == "coming" and c.at(i).text.startswith("this") and unit in ("week", "month", "year"):
        ahead = 1
    found = unit_period(c, unit, ahead)
    return None if found is None else (end, found)


def year_behind(c: Cursor, i: int) -> tuple[int, int | None]:
    """(index behind, year) of a year that follows a day or month; the index alone where none does."""
    j = c.skip_all(i, "COMMA", "DOT", "OF", "IN", "SLASH", "DASH")
    year = c.get(j, "YEAR")
    if year is not None and c.get(j + 1, "UNIT") is None:
        return j + 1, year
    if c.get(j, "REL") is not None and c.get(j + 1, "UNIT") == "year":
        return j + 2, c.today.year + {"next": 1, "this": 0, "coming": 1, "last": -1, "after_next": 2}[c.get(j, "REL")]
    if c.at(j).text in ("'", "’") and c.get(j + 1, "DIGITS") is not None and c.touches(j + 1):
        return j + 2, 2000 + int(c.get(j + 1, "NUMBER")) % 100
    return i, None


def _month(c: Cursor, i: int) -> tuple[int, Period] | None:
    start, i = i, c.skip(i, "THE")
    rel = c.get(i, "REL")
    i = i + 1 if rel else i
    i = c.skip(i, "UNIT") if c.at(i).text == "month" and c.get(i + 1, "OF") is not None else i
    i = c.skip(i, "OF") if i > start else i
    month = c.get(i, "MONTH")
    if month is None:
        return None
    if (
        c.at(i).text in _VERBS
        and year_behind(c, i + 1)[1] is None
        and not (rel in ("next", "last") or any(c.get(i - 1, each) is not None for each in _LEADS))
    ):
        return None
    end, year = year_behind(c, c.skip(i + 1, "DOT") if len(c.at(i).text) <= 4 and c.get(i + 2, "YEAR") else i + 1)
    if year is None:
        year = c.today.year + (month < c.today.month)
        if rel == "last":
            year = c.today.year - (month >= c.today.month)
        elif rel == "next" and month == c.today.month:
            year += 1
    return (end, month_period(year, month)) if FIRST_YEAR < year < LAST_YEAR else None


def _season(c: Cursor, i: int) -> tuple[int, Period] | None:
    i = c.skip(i, "THE")
    rel = c.get(i, "REL")
    i = i + 1 if rel else i
    month = c.get(i, "SEASON")
    if month is None:
        return None
    end, year = year_behind(c, i + 1)
    if year is None and rel is None and c.get(i - 1, "IN") is None and c.get(i - 1, "THE") is None and c.get(i - 1, "BY") is None:
        return None
    first = date(c.today.year if year is None else year, month, 1)
    if year is None:
        over = add_months(first, 3) <= c.today
        first = first.replace(year=first.year + (over or (rel == "next" and first <= c.today)) - (rel == "last"))
    return end, Period(first, add_months(first, 3) - timedelta(days=1), "season")


def _quarter(c: Cursor, i: int) -> tuple[int, Period] | None:
    """`Q3`, `Q3 2027`, `the third quarter (of 2027)`."""
    if c.get(i, "Q") is not None and c.get(i + 1, "DIGITS") and c.touches(i + 1) and 1 <= c.get(i + 1, "NUMBER") <= 4:
        count, end = int(c.get(i + 1, "NUMBER")), i + 2
    else:
        i = c.skip(i, "THE")
        ordinal = c.get(i, "ORDINAL")
        if ordinal is None or not 1 <= ordinal <= 4 or c.get(i + 1, "UNIT") != "quarter":
            return None
        count, end = ordinal, i + 2
    end, year = year_behind(c, end)
    first = date(c.today.year if year is None else year, 3 * count - 2, 1)
    if year is None and add_months(first, 3) <= c.today:
        first = first.replace(year=first.year + 1)
    return end, Period(first, add_months(first, 3) - timedelta(days=1), "quarter")


def _year(c: Cursor, i: int) -> tuple[int, Period] | None:
    j = c.skip(i, "THE")
    j = j + 1 if c.get(j, "UNIT") == "year" else j
    year = c.get(j, "YEAR")
    if c.get(i - 1, "DASH") is not None and c.get(i - 2, "DIGITS") is not None and c.touches(i - 1):
        return None  # the end of a number
    led = j > i or any(c.get(i - 1, each) is not None for each in _YEAR_LEADS)
    dashed = c.get(i - 1, "DASH") is not None and c.get(i - 2, "EDGE") is not None
    number = c.get(j + 2, "NUMBER") if c.get(j + 1, "DASH") is not None or c.get(j + 1, "SLASH") is not None else None
    if year is not None and number is not None and c.get(j + 2, "DIGITS") is not None and 1 <= number <= 12:
        return j + 3, month_period(year, int(number))
    if year is None or not (led or dashed) or c.get(j + 1, "UNIT") is not None or _counts(c, j + 1):
        return None
    return j + 1, Period(date(year, 1, 1), date(year, 12, 31), "year")


def _counts(c: Cursor, i: int) -> bool:
    """Whether a plain noun follows, which a number before it would count."""
    token = c.at(i)
    return token.text.isalpha() and not token.means and len(token.text) > 4


def _calendar_week(c: Cursor, i: int) -> tuple[int, Period] | None:
    """`KW 12`, `week 12`, as ISO 8601 numbers weeks."""
    i = c.skip(i, "THE")
    counted = c.get(i, "UNIT") == "week" and not c.at(i).text.endswith("s") and c.get(i + 1, "DIGITS") is not None
    if c.get(i, "CALENDAR_WEEK") is None and not counted:
        return None
    week = c.get(c.skip(i + 1, "DOT"), "NUMBER")
    if week is None or not 1 <= week <= 53:
        return None
    monday = date.fromisocalendar(c.today.isocalendar().year, min(int(week), 52), 1)
    if monday + timedelta(days=6) < c.today:
        monday = date.fromisocalendar(c.today.isocalendar().year + 1, min(int(week), 52), 1)
    return c.skip(i + 1, "DOT") + 1, Period(monday, monday + timedelta(days=6), "week")


def _edge(c: Cursor, i: int) -> tuple[int, Period] | None:
    """`the end of next week`, `mid-December`, `early 2027`, `the rest of the week`, `later this month`."""
    j = c.skip(i, "THE")
    edge = c.get(j, "EDGE")
    if edge is None:
        return None
    j = c.skip_all(j + 1, "DASH", "OF", "IN", "ON")
    if edge == "rest" and (c.get(c.skip(j, "THE"), "UNIT") == "day" or c.get(j, "DAY") == 0):
        return c.skip(j, "THE") + 1, Period(c.today, c.today, "day")
    found = whole(c, j) or _bare_unit(c, j) or _ordinal_of(c, j)
    if found is None:
        return None
    end, period = found
    if edge == "late" and period.grain == "day":
        return found
    part = part_of(edge, period, c.today)
    return end, part._replace(first=max(part.first, c.today)) if edge == "late" and part.last >= c.today else part


def _bare_unit(c: Cursor, i: int) -> tuple[int, Period] | None:
    """`end of week`, `month` and the like without an article."""
    unit = c.get(i, "UNIT")
    if unit not in _LARGE:
        return None
    period = unit_period(c, unit, 0)
    return None if period is None else (i + 1, period)


def _ordinal_of(c: Cursor, i: int) -> tuple[int, Period] | None:
    """`the second Friday of December`, `the first week in May`, `the last day of the month`, `the 3rd of next month`."""
    i = c.skip(i, "THE")
    count = c.get(i, "ORDINAL")
    if count is None:
        return None
    weekday, unit = c.get(i + 1, "WEEKDAY"), c.get(i + 1, "UNIT")
    inner = i + 2 if weekday is not None or unit in ("day", "week", "opening_day", "weekend", "month") else i + 1
    joined = c.skip_all(inner, "OF", "IN", "ON")
    if joined == inner and (weekday is None or c.get(inner, "REL") is None):
        return None
    outer = whole(c, joined) or _bare_unit(c, joined)
    if outer is None:
        return None
    found = _within(count, weekday, unit if inner == i + 2 else "day", outer[1])
    if found is not None and found.last < c.today and outer[1].grain == "month" and c.get(outer[0] - 1, "YEAR") is None:
        again = month_period(outer[1].first.year + 1, outer[1].first.month)
        found = _within(count, weekday, unit if inner == i + 2 else "day", again) if c.get(joined, "MONTH") else found
    return None if found is None else (outer[0], found)


def _within(count: int, weekday: int | None, unit: str | None, outer: Period) -> Period | None:
    first, last, _ = outer
    if weekday is not None:
        if outer.grain == "month":
            try:
                day = nth_weekday(first.year, first.month, weekday, count)
            except ValueError:
                return None
        elif count > 0:
            day = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))
        else:
            day = last - timedelta(days=(last.weekday() - weekday) % 7)
        return Period(day, day, "day") if first <= day <= last else None
    if unit == "week":
        # A week belongs to the month or year that has its Thursday.
        thursday = first + timedelta(days=(3 - first.weekday()) % 7 + 7 * (count - 1))
        if count < 0:
            thursday = last - timedelta(days=(last.weekday() - 3) % 7)
        monday = thursday - timedelta(days=3)
        return Period(monday, monday + timedelta(days=6), "week") if thursday <= last else None
    if unit == "weekend":
        saturday = first + timedelta(days=(5 - first.weekday()) % 7 + 7 * (count - 1))
        return Period(saturday, saturday + timedelta(days=1), "weekend") if count > 0 and saturday <= last else None
    if unit == "month":
        begin = add_months(first, count - 1) if count > 0 else last.replace(day=1)
        return month_period(begin.year, begin.month) if begin <= last else None
    day = first + timedelta(days=count - 1) if count > 0 else last
    return Period(day, day, "day") if day <= last else None
