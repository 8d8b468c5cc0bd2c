"""What counts can tell and what is chance: a Wilson interval, Fisher's exact test, Holm's guard over many tests.

All are right for small counts. Sources: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209; R. A. Fisher, J. R. Stat. Soc. 85
(1922) 87, two-sided as in R's `fisher.test` (all tables that are no more probable than the one seen); S. Holm, Scand. J. Stat. 6
(1979) 65.
"""

from collections.abc import Callable, Iterator, Sequence
from math import ceil, exp, lgamma, log, sqrt
from typing import Final, NamedTuple

#: The two-sided 95 % quantile of the normal distribution.
Z_95: Final = 1.959963984540054
#: Tables whose probabilities differ by less than this part are equally probable: rounding, as in R.
_SAME: Final = 1e-7
#: Terms of a sum that are a smaller part of it than this change no digit of it.
_NEGLIGIBLE: Final = 1e-17


def nearest_rank(ordered: Sequence[float], percent: int) -> float:
    """The smallest of some values, given in their order and at least one, that `percent` of a hundred of them do not exceed."""
    return ordered[max(1, ceil(percent * len(ordered) / 100)) - 1]


class Interval(NamedTuple):
    """Two shares between which the true one lies."""

    low: float
    high: float


def wilson(count: int, of: int, z: float = Z_95) -> Interval:
    """Between which shares the one lies of which `count` of `of` (at least 1) is a sample; 95 times in 100."""
    share, square = count / of, z * z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = z * sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return Interval(0.0 if count == 0 else max(0.0, middle - half), 1.0 if count == of else min(1.0, middle + half))


def fisher(bad: int, of: int, other_bad: int, other_of: int) -> float:
    """How probable it is that two shares differ as much as these, or more, by chance alone: `bad` of `of`, `other_bad` of
    `other_of`. 1 where either is a share of nothing.

    Sums only the terms that count, outwards from where they are largest: a million on either side take milliseconds.
    """
    if of == 0 or other_of == 0:
        return 1.0
    row, column, total = of, bad + other_bad, of + other_of
    least, most = max(0, row + column - total), min(row, column)

    def log_probability(here: int) -> float:
        return _log_choose(column, here) + _log_choose(total - column, row - here) - _log_choose(total, row)

    seen = log_probability(bad) + log(1 + _SAME)
    mode = min(most, max(least, (row + 1) * (column + 1) // (total + 2)))
    lower = _last(lambda here: log_probability(here) <= seen, least, mode) if log_probability(least) <= seen else None
    upper = _first(lambda here: log_probability(here) <= seen, mode, most) if log_probability(most) <= seen else None
    if lower is not None and upper is not None and lower >= upper:
        return 1.0  # as probable as any: what was seen is the mode, or beside it
    down = 0.0 if lower is None else _tail(lower, least, -1, row, column, total) * exp(log_probability(lower))
    up = 0.0 if upper is None else _tail(upper, most, 1, row, column, total) * exp(log_probability(upper))
    return min(1.0, down + up)


def holm(probabilities: Sequence[float]) -> list[float]:
    """Each probability as it stands among all of them: that of one false alarm in the whole lot stays below it."""
    order = sorted(range(len(probabilities)), key=probabilities.__getitem__)
    adjusted, highest = [0.0] * len(probabilities), 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * probabilities[index]))
        adjusted[index] = highest
    return adjusted


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _tail(start: int, end: int, step: int, row: int, column: int, total: int) -> float:
    """The probabilities from `start` to `end` in units of the first one; they fall all the way."""
    return sum(_falling(start, end, step, row, column, total))


def _falling(start: int, end: int, step: int, row: int, column: int, total: int) -> Iterator[float]:
    term = whole = 1.0
    yield term
    for here in range(start, end, step):
        if step > 0:
            term *= (row - here) * (column - here) / ((here + 1) * (total - row - column + here + 1))
        else:
            term *= here * (total - row - column + here) / ((row - here + 1) * (column - here + 1))
        whole += term
        yield term
        if term < _NEGLIGIBLE * whole:
            return


def _last(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The last number for which something holds that holds for `low` and, once it does not, no more up to `high`."""
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The first number for which something holds that, once it does, holds up to `high`."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low
