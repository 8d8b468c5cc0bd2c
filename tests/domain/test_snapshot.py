"""What clocks show at a contact point, at the edge of summer time; how a source is read, at the edge of blindness."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.snapshot import LocalZone, Reading, SourceState, local_zone


@pytest.mark.parametrize(
    ("zone", "moment", "offset_hours", "abbreviation"),
    [
        ("Europe/London", "2026-10-25T00:59:59.999999", 1, "BST"),
        ("Europe/London", "2026-10-25T01:00", 0, "GMT"),
        ("Europe/Berlin", "2026-03-29T00:59:59.999999", 1, "CET"),
        ("Europe/Berlin", "2026-03-29T01:00", 2, "CEST"),
        ("America/New_York", "2026-11-02T09:00", -5, "EST"),
        ("America/St_Johns", "2026-11-02T09:00", -3.5, "NST"),
        ("Asia/Colombo", "2026-11-02T09:00", 5.5, "+0530"),
        ("America/Sao_Paulo", "2026-11-02T09:00", -3, "-03"),
        ("Australia/Lord_Howe", "2026-04-04T14:59:59.999999", 11, "+11"),
        ("Australia/Lord_Howe", "2026-04-04T15:00", 10.5, "+1030"),
        ("UTC", "2026-11-02T09:00", 0, "UTC"),
    ],
)
def test_offset_and_abbreviation(zone: str, moment: str, offset_hours: float, abbreviation: str) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert local_zone(ZoneInfo(zone), at) == LocalZone(offset_hours * 3600, abbreviation)


MICROSECOND = timedelta(microseconds=1)
NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("poll_seconds", "bound"),
    [(15.0, timedelta(seconds=105)), (300.0, timedelta(minutes=16)), (0.1, timedelta(seconds=60.3))],
)
def test_a_source_is_behind_after_three_polls_and_a_minute(poll_seconds: float, bound: timedelta) -> None:
    source = SourceState("web", "events", up=True, live=True, poll_interval_seconds=poll_seconds, watermark=NINE)
    assert source.reading(NINE + bound - MICROSECOND) == "up"
    assert source.reading(NINE + bound) == "up"
    assert source.reading(NINE + bound + MICROSECOND) == "behind"


@pytest.mark.parametrize(
    ("up", "watermark", "reading"),
    [
        (True, NINE + timedelta(minutes=5), "up"),  # its clock is ahead of ours
        (True, None, "behind"),  # it answers, and has never been seen completely
        (False, NINE, "down"),
        (False, NINE - timedelta(hours=1), "down"),
        (None, NINE, "not read yet"),  # what was seen before the start says nothing of now
        (None, None, "not read yet"),
    ],
)
def test_how_a_source_is_read(up: bool | None, watermark: datetime | None, reading: Reading) -> None:
    assert SourceState("web", "events", up, False, 15.0, watermark=watermark).reading(NINE) == reading
