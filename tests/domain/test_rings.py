"""Ring cadence: the edges of each ring to the millisecond, and the tables by country."""

import pytest

from monitor.domain.rings import DEFAULT_PERIOD, ring_period, rings_heard, seconds_until_ring


@pytest.mark.parametrize(
    ("country", "period"),
    [
        ("GB", 3.0),
        ("AU", 3.0),
        ("JP", 3.0),
        ("BE", 4.0),
        ("ES", 4.5),
        ("DE", 5.0),
        ("FR", 5.0),
        ("MX", 5.0),
        ("US", 6.0),
        ("SE", 6.0),
        ("TH", 6.0),
    ],
)
def test_the_period_is_what_the_caller_hears_in_the_country(country: str, period: float) -> None:
    assert ring_period(country) == period


def test_an_unknown_country_rings_every_five_seconds() -> None:
    assert ring_period("ZZ") == ring_period("") == DEFAULT_PERIOD == 5.0


def test_countries_may_be_written_small_and_the_kingdom_by_its_reserved_name() -> None:
    assert ring_period("gb") == ring_period(" UK ") == 3.0


# Field-facts section 3: seconds to the start of ring 5 and ring 6.
@pytest.mark.parametrize(
    ("country", "fifth", "sixth"), [("US", 24, 30), ("GB", 12, 15), ("DE", 20, 25), ("ES", 18, 22.5), ("SE", 24, 30)]
)
def test_the_fifth_ring_begins_at_the_millisecond(country: str, fifth: float, sixth: float) -> None:
    period = ring_period(country)
    assert seconds_until_ring(5, period) == fifth
    assert seconds_until_ring(6, period) == sixth
    assert rings_heard(fifth - 0.001, period) == 4
    assert rings_heard(fifth, period) == 5
    assert rings_heard(fifth + 0.001, period) == 5
    assert rings_heard(sixth - 0.001, period) == 5
    assert rings_heard(sixth, period) == 6


def test_the_first_ring_is_heard_at_once() -> None:
    assert seconds_until_ring(1, 5.0) == 0
    assert rings_heard(0.0, 5.0) == 1
    assert rings_heard(4.999999, 5.0) == 1
    assert rings_heard(-0.2, 5.0) == 1  # two clocks that disagree a little


@pytest.mark.parametrize("period", [3.0, 4.0, 4.5, 5.0, 6.0, 0.1])
def test_sums_of_floats_do_not_lose_a_ring(period: float) -> None:
    ringing = 0.0
    for n in range(1, 200):
        assert rings_heard(ringing, period) == n
        assert rings_heard(seconds_until_ring(n, period), period) == n
        ringing += period
