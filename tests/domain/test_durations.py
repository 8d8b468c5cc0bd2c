"""Durations as people write them, and as they read them."""

from datetime import timedelta

import pytest

from monitor.domain.durations import format_duration, format_exactly, parse_duration, parse_opening_days


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0s", 0), ("90s", 90), ("2m", 120), ("4h", 14400), ("3d", 259200), ("1w", 604800), ("250ms", 0.25), ("0.5s", 0.5),
        ("1h30m", 5400), ("1d12h", 129600), ("1.5h", 5400), (" 2m ", 120), ("007s", 7), ("1m1m", 120),
    ],
)  # fmt: skip
def test_a_number_and_a_unit_make_a_duration(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


def test_what_is_a_duration_already_stays_one() -> None:
    assert parse_duration(timedelta(minutes=2)) == timedelta(minutes=2)


@pytest.mark.parametrize(
    "wrong",
    ["", " ", "90", 90, 1.5, None, True, "s", "-5s", "5 s", "5S", "5y", "1h 30m", "1h30", "3bd", "1,5h", ".5s", "٣s!", ["2m"]],
)
def test_anything_else_is_refused_with_the_remedy(wrong: object) -> None:
    with pytest.raises(ValueError, match="write a number and a unit, as 90s, 2m, 4h or 3d"):
        parse_duration(wrong)


@pytest.mark.parametrize("endless", ["99999999999w", "9" * 400 + "h"])
def test_a_duration_longer_than_time_is_refused_too(endless: str) -> None:
    with pytest.raises(ValueError, match="is too long a duration"):
        parse_duration(endless)


@pytest.mark.parametrize(
    ("text", "days"),
    [("3bd", 3), ("1bd", 1), (" 10bd ", 10), ("0bd", 0), ("999bd", 999), ("1000bd", None), ("3d", None), ("bd", None),
     ("-1bd", None), ("3bd4h", None), ("1.5bd", None), (3, None), (None, None)],
)  # fmt: skip
def test_whole_opening_days(text: object, days: int | None) -> None:
    assert parse_opening_days(text) == days


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"), (0.25, "0.25s"), (20, "20s"), (20.000001, "20s"), (59.5, "59.5s"), (60, "1m"), (61, "1m 1s"), (120, "2m"),
        (3600, "1h"), (7384, "2h 3m 4s"), (86400, "1d"), (90061, "1d 1h 1m"), (90000, "1d 1h"), (-90, "-1m 30s"), (-0.5, "-0.5s"),
        (59.9999, "60s"), (3599.6, "1h"), (100, "1m 40s"), (10, "10s"),
    ],
)  # fmt: skip
def test_people_read_the_largest_parts(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"), (-1, "0s"), (0.25, "0.25s"), (20, "20s"), (20.000001, "20.000001s"), (59.9999, "59.9999s"), (60, "1m"),
        (600, "10m"), (14400, "4h"), (14400.000001, "4h 0.000001s"), (14399.999999, "3h 59m 59.999999s"), (7384.5, "2h 3m 4.5s"),
        (36000.1, "10h 0.1s"), (259200, "72h"),
    ],
)  # fmt: skip
def test_what_is_compared_is_shown_exactly(seconds: float, text: str) -> None:
    assert format_exactly(seconds) == text
