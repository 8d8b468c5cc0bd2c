"""Days: `tomorrow`, `next Friday`, `the 3rd`, `Monday week`, `20 Nov`, `3/10/2027`, `a week on Tuesday`, `Boxing Day`."""

from datetime import date, timedelta
from typing import Final

from monitor.domain.dates.amounts import number
from monitor.domain.dates.cursor import FIRST_YEAR, LAST_YEAR, Cursor, Period, add_months, days_in
from monitor.domain.dates.feasts import FEASTS
from monitor.domain.dates.periods import larger, unit_period, year_behind
from monitor.domain.dates.vocabulary import in_order

#: Words that also are other words: a date only with a preposition or a number.
_DOUBTFUL: Final = frozenset(
    in_order("sat sun may march mar fall spring dec jan jun second do so mi di sa fr mo am mai die sommer winter")
)
_LEADS: Final = (
    "ON",
    "BY",
    "REL",
    "FROM",
    "BEFORE",
    "AFTER",
    "IN",
    "TO",
    "AND",
    "EVERY",
    "OF",
    "BETWEEN",
    "WITHIN",
    "SINCE",
    "EDGE",
)
#: What may follow `the 3rd` where it is a date.
_GOES_ON: Final = frozenset(
    in_order(
        "we i you he she they it our so but when where as if because with for then please latest and or to by at in from"
        " um wir ich sie zwischen an bei kommt"
    )
)
_AHEAD: Final = {"next": 1, "this": 0, "coming": 0, "last": -1, "after_next": 2}


def day(c: Cursor, i: int) -> tuple[int, Period] | None:
    """(index behind, period) of the longest expression of days that begins here."""
    found = [each for each in (_weekday(c, i), _dated(c, i), _named(c, i), _week_on(c, i), larger(c, i)) if each is not None]
    return max(found, key=lambda each: each[0]) if found else None


def one(day: date) -> Period:
    return Period(day, day, "day")


def led(c: Cursor, i: int) -> bool:
    """Whether a preposition or the like stands before."""
    return any(c.get(i - 1, category) is not None for category in _LEADS)


def _named(c: Cursor, i: int) -> tuple[int, Period] | None:
    """`tomorrow`, `the day after tomorrow`, feasts, `later today`."""
    if c.get(i, "EDGE") == "late" and c.get(i + 1, "DAY") == 0:
        return i + 2, one(c.today)
    offset = c.get(i, "DAY")
    if offset is not None:
        return i + 1, one(c.today + timedelta(days=offset))
    i = c.skip(i, "THE") if c.get(i + 1, "HOLIDAY") is not None else i
    rel = c.get(i, "REL")
    feast = c.get(i + 1 if rel else i, "HOLIDAY")
    if feast is None:
        return None
    end, year = year_behind(c, i + 2 if rel else i + 1)
    when = FEASTS[feast]
    if year is None:
        found = when(c.today.year)
        if rel == "last":
            found = found if found < c.today else when(c.today.year - 1)
        elif found < c.today:
            found = when(c.today.year + 1)
    else:
        found = when(year)
    return end, one(found)


def _weekday(c: Cursor, i: int) -> tuple[int, Period] | None:
    start = i
    i = c.skip(i, "THE") if c.get(i + 1, "REL") is not None else i
    rel = c.get(i, "REL")
    at = i + 1 if rel else i
    weekday = c.get(at, "WEEKDAY")
    if weekday is None:
        return _week_then_weekday(c, start)
    bare = c.at(at).text
    end = c.skip(at + 1, "DOT") if len(bare) <= 4 and c.get(at + 2, "DIGITS") is not None else at + 1
    dated = _dated(c, c.skip_all(end, "COMMA", "ON", "THE"), behind_weekday=True)
    if dated is not None:
        return _agreeing(c, dated, weekday)
    if bare in _DOUBTFUL and not (rel or led(c, i)):
        return None
    behind = _behind_weekday(c, end, weekday)
    if behind is not None:
        return behind
    return end, one(coming(c, weekday, rel))


def coming(c: Cursor, weekday: int, rel: str | None = None) -> date:
    """The coming one, `this` week's, `next` week's or the `last`."""
    monday = c.today - timedelta(days=c.today.weekday())
    if rel in ("next", "after_next"):
        return monday + timedelta(days=weekday + 7 * _AHEAD[rel])
    if rel == "last":
        return c.today - timedelta(days=(c.today.weekday() - weekday - 1) % 7 + 1)
    if rel == "this" and weekday >= c.today.weekday():
        return monday + timedelta(days=weekday)
    return c.today + timedelta(days=(weekday - c.today.weekday() - 1) % 7 + 1)


def _agreeing(c: Cursor, dated: tuple[int, Period], weekday: int) -> tuple[int, Period]:
    """`Friday the 13th`: the next such date that is a Friday, where one of the coming months has it."""
    end, period = dated
    found = period.first
    if found.weekday() == weekday or c.get(end - 1, "ORDINAL") is None or c.get(end - 2, "MONTH") is not None:
        return dated
    for months in range(1, 14):
        other = add_months(found.replace(day=1), months)
        if found.day <= days_in(other.year, other.month) and other.replace(day=found.day).weekday() == weekday:
            return end, one(other.replace(day=found.day))
    return dated


def _behind_weekday(c: Cursor, end: int, weekday: int) -> tuple[int, Period] | None:
    """`Friday week`, `Friday next week`, `Monday of the following week`, `Monday after next`, `Friday fortnight`."""
    if c.get(end, "AFTER_NEXT") is not None:
        return end + 1, one(coming(c, weekday) + timedelta(days=7))
    unit = c.get(end, "UNIT")
    if unit in ("week", "fortnight") and not c.at(end).text.endswith("s"):
        return end + 1, one(coming(c, weekday) + timedelta(days=7 if unit == "week" else 14))
    j = c.skip_all(end, "COMMA", "OF", "IN", "THE")
    rel = c.get(j, "REL")
    if rel is not None and c.get(j + 1, "UNIT") == "week":
        ahead = 1 if rel == "coming" else _AHEAD[rel]
        found = unit_period(c, "week", ahead)
        return None if found is None else (j + 2, one(found.first + timedelta(days=weekday)))
    if c.get(j, "UNIT") == "week" and c.get(j + 1, "AFTER_NEXT") is not None:
        found = unit_period(c, "week", 2)
        return None if found is None else (j + 2, one(found.first + timedelta(days=weekday)))
    return None


def _week_then_weekday(c: Cursor, i: int) -> tuple[int, Period] | None:
    """`next week Friday`, `next week on Tuesday`."""
    i = c.skip(i, "THE")
    rel = c.get(i, "REL")
    if rel is None or c.get(i + 1, "UNIT") != "week":
        return None
    j = c.skip_all(i + 2, "COMMA", "ON", "BETWEEN", "FROM")
    weekday = c.get(j, "WEEKDAY")
    found = unit_period(c, "week", 1 if rel == "coming" else _AHEAD[rel])
    if weekday is None or found is None or c.get(j + 1, "MONTH") is not None or c.get(j + 1, "ORDINAL") is not None:
        return None
    until = c.get(j + 2, "WEEKDAY") if c.get(j + 1, "TO") is not None or c.get(j + 1, "AND") is not None else None
    if until is not None and until > weekday:
        return j + 3, Period(found.first + timedelta(days=weekday), found.first + timedelta(days=until), "day")
    return j + 1, one(found.first + timedelta(days=weekday))


def _week_on(c: Cursor, i: int) -> tuple[int, Period] | None:
    """`a week on Tuesday`, `two weeks from Monday`, `a week today`, `the week of 30 November`."""
    i = c.skip(i, "THE")
    shift = c.get(i, "WEEK_OF")
    if c.get(i, "UNIT") == "week" and c.get(i + 1, "OF") is not None:
        shift, i = 0, i + 1
    if shift is not None:
        found = _dated(c, c.skip_all(i + 1, "THE", "ON"), behind_weekday=True) or _weekday(c, i + 1)
        if found is None:
            return None
        end, period = found
        monday = period.first - timedelta(days=period.first.weekday())
        last = period.first if shift else monday + timedelta(days=6)
        return end, Period(monday, last, "week")
    counted = number(c, i)
    if counted is None or c.get(counted[0], "UNIT") not in ("week", "fortnight", "day", "month"):
        return None
    j = counted[0] + 1
    if not 1 <= counted[1] <= 500 or not counted[1].is_integer():
        return None
    joined = c.skip(j, "ON", "FROM", "AFTER", "LATER_WORD")
    begin = _named(c, joined) or _weekday(c, joined) or _dated(c, joined)
    if begin is None or (joined == j and c.get(j, "DAY") is None and c.get(j, "WEEKDAY") is None):
        return None
    end, period = begin
    count, unit = int(counted[1]), c.get(counted[0], "UNIT")
    if unit == "month":
        return end, one(add_months(period.first, count))
    return end, one(period.first + timedelta(days=count * {"week": 7, "fortnight": 14, "day": 1}[unit]))


def _dated(c: Cursor, i: int, *, behind_weekday: bool = False) -> tuple[int, Period] | None:
    return _numeric(c, i) or _day_and_month(c, i) or _month_and_day(c, i) or _ordinal_alone(c, i, sure=behind_weekday)


def _numeric(c: Cursor, i: int) -> tuple[int, Period] | None:
    """`2026-11-20`, `20/11/2026`, `20.11.`, `11/20`."""
    i = c.skip(i, "THE") if c.get(i + 1, "DATE") is not None else i
    written = c.get(i, "DATE")
    if written is not None:
        year, month, number_of_day = written
        if c.get(i, "SIGN") in ("/", "-") and ((c.month_first and number_of_day <= 12) or month > 12):
            month, number_of_day = number_of_day, month
        return _date(i + 1, year, month, number_of_day)
    short = c.get(i, "SHORT")
    if short is None:
        return None
    dotted = c.get(i, "NUMBER") is not None
    end = c.skip(i + 1, "DOT") if dotted else i + 1
    led_to = (
        led(c, i) or c.get(i - 1, "WEEKDAY") is not None or c.get(i - 1, "COMMA") is not None or c.get(i - 1, "THE") is not None
    )
    if dotted and not c.half_before and not ((c.get(i - 1, "ON") or c.get(i - 1, "BY")) is not None and not c.month_first):
        return None  # 3.11 is a number in English
    if (dotted and not (end > i + 1 or led_to)) or c.get(end, "UNIT") is not None:
        return None
    first, second = short
    if not dotted and ((c.month_first and first <= 12) or second > 12):
        first, second = second, first
    return _upcoming(c, end, second, first)


def _date(end: int, year: int, month: int, number_of_day: int) -> tuple[int, Period] | None:
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= number_of_day <= days_in(year, month)):
        return None
    return end, one(date(year, month, number_of_day))


def _upcoming(c: Cursor, end: int, month: int, number_of_day: int) -> tuple[int, Period] | None:
    """The next date of this day and month; of a year that follows, where one does."""
    after, year = year_behind(c, end)
    if year is not None:
        return _date(after, year, month, number_of_day)
    for year in range(c.today.year, c.today.year + 9):
        found = _date(end, year, month, number_of_day)
        if found is not None and found[1].first >= c.today:
            return found
    return None


def _day_number(c: Cursor, i: int) -> tuple[int, int] | None:
    """(index behind, day of the month) in digits, as an ordinal in digits or words, `twenty-first`."""
    value = c.get(i, "ORDINAL")
    if value is not None and value > 0:
        return i + 1, value
    tens = c.get(i, "TENS")
    if tens is not None:
        j = c.skip(i + 1, "DASH")
        ones = c.get(j, "ORDINAL") or c.get(j, "NUMBER")
        if ones is not None and 1 <= ones <= 9:
            return j + 1, tens + int(ones)
        return i + 1, tens
    value = c.get(i, "NUMBER")
    if value is not None and c.get(i, "DECIMAL") is None and 1 <= value <= 31 and value == int(value):
        # German writes an ordinal with a dot.
        dotted = c.half_before or c.get(i + 2, "MONTH") is not None
        return (c.skip(i + 1, "DOT") if dotted else i + 1), int(value)
    return None


def _day_and_month(c: Cursor, i: int) -> tuple[int, Period] | None:
    """`20 November`, `the 3rd of May 2027`, `3 to 5 December`."""
    first = _day_number(c, c.skip(i, "THE"))
    if first is None:
        return None
    j, begin = first
    month_at = c.skip_all(j, "OF", "DASH", "COMMA", "SLASH") if c.get(j, "TO") is None or c.get(j + 1, "MONTH") is not None else j
    if c.get(month_at, "MONTH") is not None:
        return _in_month(c, month_at, begin, begin, month_at + 1)
    if c.get(j, "TO") is None and c.get(j, "AND") is None:
        return None
    second = _day_number(c, c.skip(j + 1, "THE"))
    if second is None:
        return None
    month_at = c.skip_all(second[0], "OF")
    return _in_month(c, month_at, begin, second[1], month_at + 1) if c.get(month_at, "MONTH") is not None else None


def _month_and_day(c: Cursor, i: int) -> tuple[int, Period] | None:
    """`November 20`, `Nov. 3rd, 2027`, `May the 4th`, `December 3-5`."""
    i = c.skip(i, "REL") if c.get(i + 1, "MONTH") is not None else i
    if c.get(i, "MONTH") is None or c.half_before:
        return None
    first = _day_number(c, c.skip_all(i + 1, "DOT", "THE", "DASH", "SLASH"))
    if first is None or c.get(first[0], "AMPM") is not None or c.get(first[0], "OCLOCK") is not None:
        return None
    end, begin = first
    last = begin
    if c.get(end, "TO") is not None:
        second = _day_number(c, c.skip(end + 1, "THE"))
        if second is not None and second[1] > begin and c.get(second[0], "MONTH") is None and c.get(second[0], "AMPM") is None:
            end, last = second
    return _in_month(c, i, begin, last, end)


def _in_month(c: Cursor, month_at: int, begin: int, last: int, end: int) -> tuple[int, Period] | None:
    month = c.get(month_at, "MONTH")
    end = c.skip(end, "DOT") if len(c.at(month_at).text) <= 4 and c.get(end + 1, "YEAR") is not None else end
    until = _upcoming(c, end, month, last)
    if until is None or begin == last:
        return until
    closing = until[1].first
    return until[0], Period(closing.replace(day=begin), closing, "day") if begin < last else one(closing)


def _bare_number(c: Cursor, i: int) -> tuple[int, Period] | None:
    """`Monday 21`: the day of the month, where one of the next weeks has such a date or there is no such hour."""
    value = c.get(i, "NUMBER") if c.get(i, "DIGITS") is not None else None
    weekday = c.get(i - 1, "WEEKDAY")
    if value is None or weekday is None or not 1 <= value <= 31 or c.at(i + 1).text in ("%", ":"):
        return None
    if any(c.get(i + 1, each) is not None for each in ("AMPM", "OCLOCK", "TO", "UNIT", "ISH", "MONTH")):
        return None
    for days in range(1, 400):
        other = c.today + timedelta(days=days)
        if other.day == value and other.weekday() == weekday:
            return (i + 1, one(other)) if days < 45 or value > 24 else None
    return None


def _ordinal_alone(c: Cursor, i: int, *, sure: bool = False) -> tuple[int, Period] | None:
    """`the 3rd`, `by the 12th`: the next day of a month with this number."""
    j = c.skip(i, "THE")
    value = c.get(j, "ORDINAL")
    worded = _day_number(c, j) if j > i and c.get(j, "DIGITS") is None else None
    if worded is not None and (sure or ((worded[1] >= 10 or led(c, i)) and _ends(c, worded[0]))):
        return worded[0], one(_next_day(c, worded[1]))
    led_twice = j > i and (c.get(i - 1, "ON") or c.get(i - 1, "BY")) is not None
    if value is None and led_twice and c.get(j, "DIGITS") is not None and c.get(j, "NUMBER") <= 31 and _ends(c, j + 1):
        return j + 1, one(_next_day(c, int(c.get(j, "NUMBER"))))
    if sure and value is None and (number_of_day := _bare_number(c, j)) is not None:
        return number_of_day
    end = j + 1
    if value is None or c.get(j, "DIGITS") is None:
        dot = c.half_before and c.get(j, "DIGITS") is not None and c.get(j + 1, "DOT") is not None
        if not dot or not (j > i or led(c, i)) or c.get(j, "NUMBER") > 31 or c.at(j).end != c.at(j + 1).start:
            return None
        value, end = int(c.get(j, "NUMBER")), j + 2
        if c.at(end).text and not c.at(end).text.islower() and not c.at(end).means:
            return None
    if not (sure or j > i or led(c, i)):
        return None
    token = c.at(end)
    if token.text.isalpha() and not token.means and token.text not in _GOES_ON and not sure:
        return None
    if any(category in token.means for category in ("UNIT", "MONTH")) and "REL" not in token.means:
        return None
    return end, one(_next_day(c, value))


def _next_day(c: Cursor, number_of_day: int) -> date:
    """The next day of a month with this number. Raises ValueError where no month has it."""
    month = c.today.replace(day=1)
    for ahead in range(13):
        other = add_months(month, ahead)
        if 1 <= number_of_day <= days_in(other.year, other.month) and other.replace(day=number_of_day) >= c.today:
            return other.replace(day=number_of_day)
    raise ValueError(f"no month has a day {number_of_day}")


def _ends(c: Cursor, i: int) -> bool:
    """Whether what was said ends here, or a time follows."""
    token = c.at(i)
    return not token.text or not token.text.isalpha() or any(each in token.means for each in ("AT", "BETWEEN", "AND", "TO"))
