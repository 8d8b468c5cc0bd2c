"""What clocks show at a contact point, at the edge of summer time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.snapshot import LocalZone, local_zone


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
