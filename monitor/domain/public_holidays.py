"""The days on which a country is closed, by the data of the `holidays` library, and where its parts differ."""

from collections.abc import Iterable
from datetime import date, timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import Final, NamedTuple

from monitor.domain.hours import ClosedDates

#: Longer than any country's name; comparing two names costs their lengths multiplied.
_LONGEST_NAME: Final = 60


@lru_cache(maxsize=1024)
def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """Public holidays, observed days included, by ISO 3166 code, e.g. GB and ENG; none are known after 2100.

    Raises ValueError, with the nearest known names, for a country or subdivision without data.
    """
    import holidays  # half a second, and most runs of the command line need no calendar

    known = holidays.list_supported_countries()
    code = country.strip().upper()
    if code not in known:
        meant = country_called(country)
        remedy = f"did you mean {meant}?" if meant is not None else "use the ISO 3166 code, as GB or DE"
        raise ValueError(f"holidays: no data for country {country!r}; {remedy}")
    try:
        found = holidays.country_holidays(code, subdiv=subdivision, years=year)
    except NotImplementedError:
        remedy = _nearest((subdivision or "").upper(), known[code])
        raise ValueError(f"holidays: no data for subdivision {subdivision!r} of {code}; {remedy}") from None
    return frozenset(day for day in found if day.year == year)


def country_codes() -> frozenset[str]:
    """The two letters of every country of ISO 3166."""
    from holidays.registry import COUNTRIES

    return frozenset(code for _, code, *_ in COUNTRIES.values())


def country_called(name: str) -> str | None:
    """The two letters of the country whose English name or three letters are most like `name`; None where none is like it."""
    from holidays.registry import COUNTRIES

    codes = {
        each: code for module, (_, code, three, *_) in COUNTRIES.items() for each in (module.replace("_", " "), three.lower())
    }
    near = get_close_matches(name.strip().lower()[:_LONGEST_NAME], codes, n=1, cutoff=0.82)
    return codes[near[0]] if near else None


def _nearest(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = get_close_matches(name, names, n=3, cutoff=0.5) or (names if len(names) <= 20 else [])
    return f"known are {', '.join(near)}" if near else "use its ISO 3166-2 code, as ENG or BY"


def closed_days(
    country: str | None = None, subdivision: str | None = None, also: Iterable[date] = (), open_anyway: Iterable[date] = ()
) -> ClosedDates:
    """Public holidays (none without a country) and the dates in `also`, without those in `open_anyway`.

    In the configuration `open_anyway` is called `except`. Raises ValueError at once for a country or subdivision without
    data.
    """
    extra, opened = frozenset(also), frozenset(open_anyway)
    if country is not None:
        public_holidays(country, subdivision, 2000)

    def closed(year: int) -> frozenset[date]:
        public = public_holidays(country, subdivision, year) if country is not None else frozenset()
        return (public | {day for day in extra if day.year == year}) - opened

    return closed


class Differing(NamedTuple):
    """A day that is a holiday in some subdivisions of a country and none in others."""

    day: date
    closed_in: tuple[str, ...]
    open_in: tuple[str, ...]
    counts_as_closed: bool  # where no subdivision is named

    def mistaken(self) -> int:
        """In how many subdivisions it is otherwise than it counts where none is named."""
        return len(self.open_in if self.counts_as_closed else self.closed_in)


def differing_days(country: str, first: date) -> list[Differing]:
    """The days of the year that begins on `first` on which not all subdivisions of a country are alike, in order.

    Raises ValueError for a country without data.
    """
    import holidays

    last = first + timedelta(days=364)

    def closed(subdivision: str | None) -> frozenset[date]:
        found = public_holidays(country, subdivision, first.year) | public_holidays(country, subdivision, last.year)
        return frozenset(day for day in found if first <= day <= last)

    together = closed(None)
    by_part = {name: closed(name) for name in holidays.list_supported_countries()[country.strip().upper()]}
    days = together.union(*by_part.values()) - together.intersection(*by_part.values())
    return [
        Differing(
            day,
            tuple(name for name, closed_there in by_part.items() if day in closed_there),
            tuple(name for name, closed_there in by_part.items() if day not in closed_there),
            day in together,
        )
        for day in sorted(days)
    ]  # fmt: skip


def name_of_day(country: str, subdivision: str, day: date) -> str:
    """What a public holiday is called, in English where the data has it."""
    import holidays

    return str(holidays.country_holidays(country.strip().upper(), subdiv=subdivision, years=day.year, language="en_US")[day])
