"""The dates of feasts that people name instead of a date, in one year."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm, Meeus, Astronomical Algorithms, chapter 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    l = (32 + 2 * e + 2 * i - h - k) % 7  # noqa: E741 - the letters of the source
    m = (a + 11 * h + 22 * l) // 451
    month, day = divmod(h + l - 7 * m + 114, 31)
    return date(year, month, day + 1)


def nth_weekday(year: int, month: int, weekday: int, count: int) -> date:
    """The so-manieth weekday (0 = Monday) of a month, or with -1 the last. Raises ValueError where there is none."""
    if count < 0:
        following = date(year + month // 12, month % 12 + 1, 1)
        return following - timedelta(days=(following.weekday() - weekday - 1) % 7 + 1)
    first = date(year, month, 1)
    day = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))
    if day.month != month:
        raise ValueError(f"month {month} of {year} has no {count}th such weekday")
    return day


def _fixed(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


def _from_easter(days: int) -> Callable[[int], date]:
    return lambda year: easter(year) + timedelta(days=days)


def _nth(month: int, weekday: int, count: int, days: int = 0) -> Callable[[int], date]:
    return lambda year: nth_weekday(year, month, weekday, count) + timedelta(days=days)


FEASTS: Final[Mapping[str, Callable[[int], date]]] = {
    "christmas": _fixed(12, 25),
    "christmas_eve": _fixed(12, 24),
    "boxing_day": _fixed(12, 26),
    "new_years_eve": _fixed(12, 31),
    "new_year": _fixed(1, 1),
    "easter": _from_easter(0),
    "easter_monday": _from_easter(1),
    "good_friday": _from_easter(-2),
    "maundy_thursday": _from_easter(-3),
    "ash_wednesday": _from_easter(-46),
    "ascension": _from_easter(39),
    "whit_sunday": _from_easter(49),
    "whit_monday": _from_easter(50),
    "thanksgiving": _nth(11, 3, 4),
    "black_friday": _nth(11, 3, 4, 1),
    "cyber_monday": _nth(11, 3, 4, 4),
    "labor_day": _nth(9, 0, 1),
    "memorial_day": _nth(5, 0, -1),
    "mlk_day": _nth(1, 0, 3),
    "presidents_day": _nth(2, 0, 3),
    "columbus_day": _nth(10, 0, 2),
    "mothers_day": _nth(5, 6, 2),
    "fathers_day": _nth(6, 6, 3),
    "independence_day": _fixed(7, 4),
    "juneteenth": _fixed(6, 19),
    "veterans_day": _fixed(11, 11),
    "halloween": _fixed(10, 31),
    "all_saints": _fixed(11, 1),
    "valentines": _fixed(2, 14),
    "st_patrick": _fixed(3, 17),
    "st_nicholas": _fixed(12, 6),
    "bonfire_night": _fixed(11, 5),
    "may_day": _fixed(5, 1),
    "groundhog": _fixed(2, 2),
    "april_fools": _fixed(4, 1),
    "earth_day": _fixed(4, 22),
    "german_unity": _fixed(10, 3),
}
