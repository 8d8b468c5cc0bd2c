"""Pauses and moments as servers write them."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.connectors._http.headers import http_moment, retry_after, until_reset

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("1.5", 1),
        ("3600", 3600),
        ("3601", 3600),
        ("Mon, 02 Nov 2026 09:00:30 GMT", 30),
        ("Mon, 02 Nov 2026 08:59:59 GMT", 0),  # over already
        ("Tue, 03 Nov 2026 09:00:00 GMT", 3600),
        (None, None),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("9999999999", None),
        ("Mon, 99 Nov 2026 09:00:30 GMT", None),
    ],
)
def test_a_pause_is_seconds_or_a_moment_and_at_most_an_hour(text: str | None, seconds: float | None):
    assert retry_after(text, NOW) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-11-02T09:01Z", 60),
        ("2026-11-02T10:01:30+01:00", 90),
        ("2026-11-03T09:00Z", 3600),
        ("2026-11-02T09:00Z", None),  # over already
        ("2026-11-02T09:01", None),  # of which zone?
        ("1793610060", None),  # others write seconds since 1970, or until then
        ("41", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_a_limit_begins_anew_at_a_moment(text: str | None, seconds: float | None):
    assert until_reset(text, NOW) == seconds


def test_a_moment_without_a_zone_is_utc():
    assert http_moment("Mon, 02 Nov 2026 09:00:00 -0000") == NOW
    assert http_moment("Mon, 02 Nov 2026 11:00:00 +0200") == NOW
    assert http_moment("Mon, 02 Nov 2026 09:00:01 GMT") == NOW + timedelta(seconds=1)
