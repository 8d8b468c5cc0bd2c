"""Times of day: `5pm`, `17:30`, `half five`, `quarter to six`, `between 8 and 12`, `noon`, `in the morning`."""

from typing import Final

from monitor.domain.dates.amounts import number
from monitor.domain.dates.cursor import Cursor, Times
from monitor.domain.dates.vocabulary import in_order

_HALF_DAY: Final = 12 * 60
_DAY: Final = 24 * 60
#: The hours that business keeps: what is said without am or pm lies in them.
_EARLIEST: Final = 7 * 60


def times(c: Cursor, i: int, *, led: bool = False) -> tuple[int, Times] | None:
    """(index behind, time). `led`: a bare number may be an hour, as after a day or after `at`."""
    ranged = _range(c, i, led=led)
    if ranged is not None:
        return ranged
    start = i
    at = c.get(i, "AT") is not None and c.get(i, "IN_PART") is None
    i = c.skip(c.skip(c.skip(c.skip(i, "AT"), "ABOUT"), "IN_PART"), "ABOUT") if at else i
    return _point(c, i, led=led or at) or _part(c, i) or (_part(c, start) if at else None)


def _range(c: Cursor, i: int, *, led: bool) -> tuple[int, Times] | None:
    """`between 8 and 12`, `from 4 to 5pm`, `9-11am`."""
    between = c.get(i, "BETWEEN") is not None
    opened = between or c.get(i, "FROM") is not None or c.get(i, "AT") is not None
    first = _point(c, i + 1 if opened else i, led=True)
    if first is None:
        return None
    middle, begin = _with_part(c, *first)
    joins = c.get(middle, "TO") is not None or (between and c.get(middle, "AND") is not None)
    if not joins:
        return None
    second = _point(c, c.skip(middle + 1, "AT"), led=True)
    if second is None:
        return None
    end, finish = _with_part(c, *second) if middle != first[0] else second
    sure = not begin.open or not finish.open or c.get(end, "OCLOCK") is not None
    if not (opened or led or sure) or (c.get(end, "UNIT") is not None and c.get(end, "OCLOCK") is None):
        return None
    return c.skip(end, "OCLOCK"), _between(begin, finish)


def _with_part(c: Cursor, end: int, time: Times) -> tuple[int, Times]:
    """A time with the part of the day that follows it: `3 in the morning`."""
    part = part_behind(c, end) if c.get(end, "IN_PART") is not None else None
    return (end, time) if part is None else (part[0], in_part(time, part[1]))


def _between(begin: Times, finish: Times) -> Times:
    if begin.open and not finish.open:
        candidates = [m for m in (begin.begin, begin.begin + _HALF_DAY) if m < finish.end]
        return Times(max(candidates, default=begin.begin), finish.end)
    if finish.open and not begin.open:
        candidates = [m for m in (finish.end, finish.end + _HALF_DAY) if m > begin.begin]
        return Times(begin.begin, min(candidates, default=finish.end + _DAY))
    if begin.open and finish.open:
        first = in_business(begin.begin)
        last = next((m for m in (finish.end, finish.end + _HALF_DAY) if m > first), finish.end + _DAY)
        return Times(first, last, open=True)
    return Times(begin.begin, finish.end if finish.end > begin.begin else finish.end + _DAY)


def in_business(minute: int) -> int:
    """The minute of a clock without am and pm: between seven in the morning and seven in the evening."""
    return minute if minute >= _EARLIEST else minute + _HALF_DAY


def in_part(time: Times, part: Times) -> Times:
    """The hour that lies in this part of the day."""
    if time.begin > 12 * 60 + 59 and not time.open:
        return time
    later = time.begin + _HALF_DAY
    afternoon = part.begin >= 12 * 60 or (part.end > 18 * 60)
    move = _HALF_DAY if afternoon and time.begin < 12 * 60 and later <= _DAY else 0
    if not afternoon and time.begin >= 12 * 60:
        move = -_HALF_DAY
    return time._replace(begin=time.begin + move, end=time.end + move, open=False)


def _point(c: Cursor, i: int, *, led: bool) -> tuple[int, Times] | None:
    """One moment of the clock."""
    found = _named(c, i) or _to_or_past(c, i) or _hour(c, i, led=led)
    if found is None:
        return None
    end, time = found
    end = c.skip(c.skip(end, "ISH"), "ZONE")
    return c.skip(end, "DASH") + 1 if c.get(c.skip(end, "DASH"), "ISH") is not None else end, time


def _named(c: Cursor, i: int) -> tuple[int, Times] | None:
    minute = c.get(i, "CLOCK")
    return None if minute is None else (i + 1, Times(minute, minute))


def _to_or_past(c: Cursor, i: int) -> tuple[int, Times] | None:
    """`half past four`, `quarter to six`, `ten to six`, `20 past 3`, and `half five`, which languages read differently."""
    i = c.skip(i, "ONE") if c.get(i + 1, "FOURTH") is not None else i
    minutes: float
    if c.get(i, "HALF") is not None:
        after = i + 1
        if c.get(after, "MINUTES_PAST") is not None:
            return _around(c, after + 1, 30)
        return _around(c, after, -30 if c.half_before else 30, bare=True)
    if c.get(i, "FOURTH") is not None:
        minutes, after = 15, i + 1
    else:
        counted = number(c, i, article=False)
        if counted is None or not 1 <= counted[1] < 60:
            return None
        after, minutes = counted
        after = c.skip(after, "UNIT") if c.get(after, "UNIT") == "minute" else after
    if c.get(after, "MINUTES_PAST") is not None:
        return _around(c, after + 1, minutes)
    if c.get(after, "MINUTES_TO") is not None and not (
        c.get(i, "DIGITS") is not None and (minutes < 13 or c.get(i - 1, "FROM") is not None)
    ):
        # `5 to 6` in digits is from five to six
        return _around(c, after + 1, -minutes, of=True)
    return None


def _around(c: Cursor, i: int, minutes: float, *, bare: bool = False, of: bool = False) -> tuple[int, Times] | None:
    """So many minutes after the hour that is named here."""
    if bare and (c.get(i, "UNIT") or c.get(i, "OCLOCK")) is not None:
        return None
    found = _named(c, i) or _hour(c, i, led=True)
    if found is None or found[1].begin % 60 or (of and c.get(found[0], "UNIT") is not None and c.get(i, "NUMBER") is None):
        return None
    if c.get(found[0], "UNIT") is not None and c.get(found[0], "OCLOCK") is None:
        return None
    minute = found[1].begin + int(minutes)
    open_ = found[1].open or (c.half_before and c.get(i, "TIME") is None and found[1].begin < 13 * 60)
    return found[0], found[1]._replace(begin=minute, end=minute, open=open_)


def _hour(c: Cursor, i: int, *, led: bool) -> tuple[int, Times] | None:
    """`17:30`, `5.30 pm`, `5pm`, `9 o'clock`, `half`-less hours; a bare number only where it is led up to."""
    minute, end = c.get(i, "TIME"), i + 1
    if (
        c.half_before
        and c.get(i, "DIGITS") is not None
        and c.get(end, "DOT") is not None
        and c.touches(end)
        and c.at(end + 1).text
    ):
        return None  # an ordinal
    certain = minute is not None
    if minute is None and c.get(i, "DOTTED_TIME") is not None:
        minute = c.get(i, "DOTTED_TIME")
        certain = led and _ends_number(c, end)
    elif minute is None:
        if led and c.get(i, "MILITARY") is not None and c.get(end, "OCLOCK") is not None:
            return end + 1, Times(c.get(i, "MILITARY"), c.get(i, "MILITARY"))
        hour = number(c, i, article=False)
        if c.get(i, "MILITARY") is not None and c.get(i + 1, "AMPM") is not None:
            hour = i + 1, float(c.get(i, "MILITARY") // 60)
        if hour is None or not hour[1].is_integer() or not 0 <= hour[1] <= 24:
            return None
        end, minute = hour[0], int(hour[1]) * 60
        spoken = number(c, end, article=False)
        if spoken and c.get(i, "DIGITS") is None and hour[1] <= 12 and 10 <= spoken[1] < 60:
            end, minute, certain = spoken[0], minute + int(spoken[1]), led
    if c.get(i, "MILITARY") is not None and c.get(i + 1, "AMPM") is not None:
        minute, end = c.get(i, "MILITARY"), i + 1  # 330 pm
    half = c.get(end, "AMPM")
    if (
        half is not None
        and minute <= 13 * 60
        and not (c.get(end, "IN_PART") is not None and c.get(end + 1, "WEEKDAY") is not None)
    ):
        minute = minute % _HALF_DAY + half
        return end + 1, Times(minute, minute)
    if c.get(end, "OCLOCK") is not None and (c.get(end, "UNIT") is None or c.at(end).text == "h" or led):
        end, certain = end + 1, True
        if c.half_before and (after := c.get(end, "NUMBER")) is not None and after < 60 and c.get(end, "DIGITS") is not None:
            end, minute = end + 1, minute + int(after)
        if (half := c.get(end, "AMPM")) is not None and c.get(end, "IN_PART") is None:
            return end + 1, Times(minute % _HALF_DAY + half, minute % _HALF_DAY + half)
    elif not certain and not (led and _ends_number(c, end)) and not _says_hour(c, end):
        return None
    open_ = 0 < minute < 13 * 60 and not c.half_before and not c.at(i).text.startswith("0")
    return end, Times(minute, minute, open=open_)


def _says_hour(c: Cursor, end: int) -> bool:
    """Whether what follows a number makes an hour of it: `11ish`, `one in the morning`."""
    if c.get(end, "ISH") is not None and c.touches(end):
        return True
    return c.get(end, "IN_PART") is not None and c.get(end + 1, "THE") is not None and c.get(end + 2, "PART") is not None


def _ends_number(c: Cursor, end: int) -> bool:
    """Whether the number stands alone: nothing that it counts follows."""
    token = c.at(end)
    if any(category in token.means for category in ("UNIT", "DAY", "MONTH", "HUNDRED", "FOURTH")):
        return "DAY" in token.means
    return token.text not in _COUNTED and not (token.text.isalpha() and not token.means and token.text not in _GOES_ON)


_COUNTED: Final = frozenset(in_order("% € $ £ / : # + * ="))
#: Plain words that may follow an hour.
_GOES_ON: Final = frozenset(
    in_order(
        "so but when where as if because with we i you he she they it our the then please thanks sharp latest and or cst est pst"
        " gmt utc bst cet ist edt cdt pdt local precisely exactly onwards ish ok okay right to für zurück an bei"
        " dann wie oder und sein ist melden rufe ruft"
    )
)


def _part(c: Cursor, i: int) -> tuple[int, Times] | None:
    """`the morning`, `early afternoon`, `close of business`, `first thing`."""
    closing = c.skip(i, "THE")
    if c.get(closing, "CLOSE") is not None or c.get(closing, "DAY_END") is not None:
        return closing + 1, Times(_DAY - 1, _DAY - 1, closing=True)
    if c.get(i, "FIRST") is not None:
        after = part_behind(c, i + 1)
        return (after[0] if after else i + 1), Times(7 * 60, 12 * 60, part=True)
    return part_behind(c, i)


def part_behind(c: Cursor, i: int) -> tuple[int, Times] | None:
    """A part of the day with what leads to it."""
    i = c.skip_all(i, "IN_PART", "THE", "OF")
    edge = c.get(i, "EDGE")
    i = c.skip_all(i + 1, "DASH", "OF", "THE", "IN_PART") if edge is not None else i
    span = c.get(i, "PART")
    if span is None:
        return None
    begin, end = span
    third = (end - begin) // 3
    if edge == "begin":
        end = begin + 2 * third
    elif edge in ("late", "rest", "end"):
        begin += third
    elif edge == "mid":
        begin, end = begin + third, end - third
    return i + 1, Times(begin, end, part=True)
