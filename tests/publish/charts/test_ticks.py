"""Marks of an axis of time: round times on the clocks of a zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from monitor.publish.charts.ticks import ticks

LONDON, KATHMANDU = ZoneInfo("Europe/London"), ZoneInfo("Asia/Kathmandu")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def words(begin: str, end: str, zone: ZoneInfo = LONDON) -> list[str]:
    return [tick.words + tick.more for tick in ticks(utc(begin), utc(end), zone)]


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ("2026-11-24T09:14:02", "2026-11-24T09:14:07", ["09:14:02", "09:14:03", "09:14:04", "09:14:05", "09:14:06", "09:14:07"]),
        ("2026-11-24T09:14:02", "2026-11-24T09:20:02", ["09:15", "09:16", "09:17", "09:18", "09:19", "09:20"]),
        ("2026-11-24T09:14:02", "2026-11-24T09:20:03", ["09:16", "09:18", "09:20"]),  # a second more than six steps of a minute
        ("2026-11-24T20:00:00", "2026-11-25T07:00:00", ["20:00", "22:00", "Wed 25", "02:00", "04:00", "06:00"]),
        ("2026-11-18T12:00:00", "2026-11-23T10:15:00", ["Thu 19", "Fri 20", "Sat 21", "Sun 22", "Mon 23"]),
        ("2026-11-04T12:00:00", "2026-12-10T10:15:00", ["9 Nov", "16 Nov", "23 Nov", "30 Nov", "7 Dec"]),
        ("2026-01-20T12:00:00", "2026-06-20T10:15:00", ["Feb 2026", "Mar 2026", "Apr 2026", "May 2026", "Jun 2026"]),
        ("2020-01-20T12:00:00", "2026-06-20T10:15:00", ["Jan 2022", "Jan 2024", "Jan 2026"]),
        ("2026-11-24T09:14:02", "2026-11-24T09:14:02.5", ["09:14:02"]),
    ],
)  # fmt: skip
def test_round_times_few_enough_to_be_read(begin: str, end: str, expected: list[str]):
    assert words(begin, end) == expected


def test_a_zone_off_by_three_quarters_has_round_times_too():
    # Kathmandu is 5:45 ahead: 09:00 in UTC is 14:45 there.
    assert words("2026-11-24T09:00:00", "2026-11-24T12:00:00", KATHMANDU) == [
        "15:00",
        "15:30",
        "16:00",
        "16:30",
        "17:00",
        "17:30",
    ]


def test_a_time_that_the_clocks_skip_has_no_mark():
    # 29 March 2026: from 01:00 to 02:00 in London; one in the morning is not there.
    assert words("2026-03-29T00:00:00", "2026-03-29T05:00:00") == ["Sun 29", "02:00", "03:00", "04:00", "05:00", "06:00"]


def test_a_time_that_the_clocks_repeat_has_one():
    # 25 October 2026: 01:00 comes at 00:00 and at 01:00 UTC.
    found = ticks(utc("2026-10-24T23:00:00"), utc("2026-10-25T03:00:00"), LONDON)
    assert [(tick.words, tick.at) for tick in found] == [
        ("Sun", utc("2026-10-24T23:00")),
        ("01:00", utc("2026-10-25T00:00")),
        ("02:00", utc("2026-10-25T02:00")),
        ("03:00", utc("2026-10-25T03:00")),
    ]
