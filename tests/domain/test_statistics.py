"""Figures from textbooks and worked out with fractions: small counts, large ones, edges."""

from fractions import Fraction
from math import comb

import pytest

from monitor.domain.statistics import fisher, holm, nearest_rank, wilson


@pytest.mark.parametrize(
    ("percent", "expected"),
    [(5, 15), (20, 15), (30, 20), (40, 20), (50, 35), (90, 50), (95, 50), (100, 50)],
)
def test_percentiles_are_the_nearest_rank(percent: int, expected: int) -> None:
    # the worked example of the definition: of 15 20 35 40 50 p5 is the first, p30 and p40 the second, p50 the third
    assert nearest_rank([15, 20, 35, 40, 50], percent) == expected


def test_ninety_of_ten_is_the_ninth_and_of_eleven_the_tenth() -> None:
    assert nearest_rank(list(range(1, 11)), 90) == 9
    assert nearest_rank(list(range(1, 12)), 90) == 10
    assert nearest_rank([7.0], 50) == nearest_rank([7.0], 95) == 7.0


# Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 3 (score): 81/263, 15/148, 0/20, 1/29.
@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_intervals_are_those_that_newcombe_printed(count: int, of: int, low: float, high: float) -> None:
    assert wilson(count, of) == pytest.approx((low, high), abs=5e-5)
    assert wilson(of - count, of) == pytest.approx((1 - high, 1 - low), abs=5e-5)


def test_one_of_one_is_not_certain_and_ends_are_exact() -> None:
    assert wilson(1, 1).low == pytest.approx(1 / (1 + 1.959963984540054**2))
    assert wilson(1, 1).high == 1.0
    assert wilson(0, 1).low == 0.0


def exactly(bad: int, of: int, other_bad: int, other_of: int) -> float:
    """Fisher's two-sided test in whole numbers: all tables that are no more probable."""
    column, total = bad + other_bad, of + other_of
    weights = {
        here: comb(of, here) * comb(other_of, column - here) for here in range(max(0, column - other_of), min(of, column) + 1)
    }
    return float(Fraction(sum(weight for weight in weights.values() if weight <= weights[bad]), comb(total, column)))


def test_the_tea_of_the_lady_is_a_matter_of_chance() -> None:
    # Fisher's own: 3 of 4 cups right; (16 + 1) / 70 on one side, twice that on both: 34/70
    assert fisher(3, 4, 1, 4) == pytest.approx(34 / 70)
    # all 4 right: 1/70 on either side
    assert fisher(4, 4, 0, 4) == pytest.approx(2 / 70)


@pytest.mark.parametrize(
    "table",
    [
        (0, 1, 1, 1), (1, 1, 1, 1), (0, 5, 0, 9), (5, 5, 9, 9), (2, 41, 5, 38), (1, 100, 9, 90), (10, 20, 10, 20),
        (7, 12, 1, 40), (30, 200, 60, 200),
    ],
)  # fmt: skip
def test_small_tables_agree_with_whole_numbers(table: tuple[int, int, int, int]) -> None:
    bad, of, other_bad, other_of = table
    assert fisher(*table) == pytest.approx(exactly(*table), rel=1e-9)
    assert fisher(other_bad, other_of, bad, of) == pytest.approx(exactly(*table), rel=1e-9)


def test_every_small_table_agrees_with_whole_numbers() -> None:
    for of in range(7):
        for other_of in range(7):
            for bad in range(of + 1):
                for other_bad in range(other_of + 1):
                    if of and other_of:
                        assert fisher(bad, of, other_bad, other_of) == pytest.approx(exactly(bad, of, other_bad, other_of))


def test_the_figures_of_the_sketch() -> None:
    # 79 -> 61 % of about 1,100 calls, and 39 of 41, then 33 of 38 promises (sketches/README.md)
    assert fisher(229, 1090, 431, 1104) == pytest.approx(exactly(229, 1090, 431, 1104), rel=1e-7)
    assert fisher(229, 1090, 431, 1104) < 1e-18
    assert fisher(2, 41, 5, 38) == pytest.approx(0.25, abs=0.01)


def test_nothing_on_one_side_says_nothing() -> None:
    assert fisher(0, 0, 5, 9) == fisher(5, 9, 0, 0) == 1.0


def test_large_counts_neither_overflow_nor_take_long() -> None:
    assert fisher(100_000, 1_000_000, 100_000, 1_000_000) == 1.0
    assert fisher(0, 1_000_000, 1_000_000, 1_000_000) == 0.0
    # a standard error of the difference apart: sqrt(2 * 0.1 * 0.9 / 1e6) = 424 of a million; p = 0.317 by the normal law
    assert fisher(100_000, 1_000_000, 100_424, 1_000_000) == pytest.approx(0.318, abs=0.002)


def test_holm_multiplies_by_what_is_left_and_never_falls() -> None:
    # Holm's rule by hand: 0.005 * 4, 0.01 * 3, 0.03 * 2, 0.04 * 1 -> at least the one before
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []
