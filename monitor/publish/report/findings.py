"""What the figures of a report amount to: what is more than chance, what lasted, which hours weigh most. Pure."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

from monitor.domain.statistics import fisher, holm, wilson
from monitor.publish.report.values import (
    CHANCE,
    LASTING_WEEKS,
    Change,
    HeatCell,
    HoursCause,
    Lasting,
    TrendWeek,
    reaches,
)

#: The hours of a week, by the clocks of a place: of one in which clocks go back two hours fall into one place.
HOURS: Final = 168
#: Fewer bad contacts than this have no pattern worth a sentence.
LEAST_OF_CAUSE: Final = 5
#: The longest stretch of hours that is one cause; a whole day is one, too.
LONGEST_STRETCH: Final = 4
_DAY: Final = 24
#: A year of weeks that are listed, and some that are looked at meanwhile.
_WEEKS_REMEMBERED: Final = 64


class Hours(NamedTuple):
    """What was judged of one signal by the hour in which contacts came: 168 counts each, Monday 0:00 first."""

    judged: list[int]
    breached: list[int]


def changes(lines: Sequence[tuple[TrendWeek | None, TrendWeek]]) -> list[Change | None]:
    """For each line (the week before, the reported one) how it changed; None where one of them has no figure or a gap.

    Of all lines together one in a hundred reports calls something more than chance that is none.
    """
    comparable = [
        (index, before, now)
        for index, (before, now) in enumerate(lines)
        if before is not None and before.judged and now.judged and not before.gap and not now.gap
    ]
    alone = _alone(
        tuple((now.breached or 0, now.judged or 0, before.breached or 0, before.judged or 0) for _, before, now in comparable)
    )
    found: list[Change | None] = [None] * len(lines)
    for (index, before, _), probability, among_all in zip(comparable, alone, holm(alone), strict=True):
        found[index] = Change(before.judged or 0, before.breached or 0, probability, among_all < CHANCE)
    return found


@lru_cache(maxsize=_WEEKS_REMEMBERED)
def _alone(counts: tuple[tuple[int, int, int, int], ...]) -> Sequence[float]:
    """How probable each difference is by itself. A week of two hundred contact points takes a tenth of a second; past ones stay
    as they are, and are shown again and again."""
    return tuple(fisher(*each) for each in counts)


def lasting(trend: Sequence[TrendWeek], objective: float) -> Lasting | None:
    """What went well at the end of a trend, and for how long. A week with a gap ends it, one without a figure is passed over."""
    if len(trend) < LASTING_WEEKS:
        return None
    well: list[TrendWeek] = []
    before: list[TrendWeek] = []
    for week in reversed(trend):
        if not week.judged or week.breached is None:
            continue
        if before or week.gap or not reaches(week.judged, week.breached, objective):
            before.append(week)
        else:
            well.append(week)
    if len(well) < LASTING_WEEKS or not trend[-1].judged:
        return None
    if not before:
        return Lasting("sustained", len(well), well[-1].week)
    if before[0].gap:
        return None
    before_it = [week for week in before if not week.gap]
    judged, breached = _pooled(before_it)
    judged_well, breached_well = _pooled(well)
    is_better = breached * judged_well > breached_well * judged
    if not is_better or fisher(breached_well, judged_well, breached, judged) >= CHANCE:
        return None
    return Lasting("better", len(well), well[-1].week, (judged - breached) / judged)


def _pooled(weeks: Sequence[TrendWeek]) -> tuple[int, int]:
    return sum(week.judged or 0 for week in weeks), sum(week.breached or 0 for week in weeks)


def heat_cells(hours: Hours) -> tuple[HeatCell, ...]:
    """The hours in which anything was judged, in order."""
    return tuple(
        HeatCell(*divmod(hour, _DAY), judged, breached, wilson(breached, judged).low)
        for hour, (judged, breached) in enumerate(zip(hours.judged, hours.breached, strict=True))
        if judged
    )


def worst_hours(signal: str, hours: Hours) -> HoursCause | None:
    """The stretch of hours, of one day or of every day, in which most went wrong beyond what the rest would have had; None where
    that is no more than chance gives, each stretch that was looked at counted as a test (Bonferroni)."""
    judged, breached = sum(hours.judged), sum(hours.breached)
    if breached < LEAST_OF_CAUSE:
        return None
    looked_at, best, excess = 0, None, 0.0
    for weekday, first, last, here, bad in _stretches(hours):
        if not here or here == judged:
            continue
        looked_at += 1
        beyond = bad - here * breached / judged
        if beyond > excess:
            best, excess = HoursCause(signal, weekday, first, last, bad, here, breached), beyond
    if best is None or best.breached < LEAST_OF_CAUSE:
        return None
    probability = fisher(best.breached, best.judged, breached - best.breached, judged - best.judged)
    return best if probability * looked_at < CHANCE else None


def _stretches(hours: Hours) -> Iterator[tuple[int | None, int, int, int, int]]:
    """(weekday or every day, first hour, hour after the last, judged, breached), short ones first."""
    days = [(weekday, _day(hours.judged, weekday), _day(hours.breached, weekday)) for weekday in range(7)]
    judged, breached = ([sum(hour) for hour in zip(*(day[which] for day in days), strict=True)] for which in (1, 2))
    lines = [
        (weekday, [*accumulate(judged, initial=0)], [*accumulate(breached, initial=0)])
        for weekday, judged, breached in (*days, (None, judged, breached))
    ]
    for length in (*range(1, LONGEST_STRETCH + 1), _DAY):
        for weekday, judged, breached in lines:
            if length == _DAY and weekday is None:
                continue  # that is the whole week
            for first in range(_DAY - length + 1):
                last = first + length
                yield weekday, first, last, judged[last] - judged[first], breached[last] - breached[first]


def _day(counts: list[int], weekday: int) -> list[int]:
    return counts[weekday * _DAY : (weekday + 1) * _DAY]
