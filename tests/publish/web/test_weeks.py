"""Weeks for programs: the list, one report, and what is no week."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from aiohttp.test_utils import TestClient

from monitor.publish.report.as_json import as_json_value
from monitor.publish.report.values import WeekSummary
from tests.publish.report.sample import ENDS, MONDAY, REPORT, STARTS
from tests.publish.snapshots import contact_centre
from tests.publish.web.fakes import FakeServices


@pytest.fixture
def services() -> FakeServices:
    """On the Wednesday after the sample's week."""
    return FakeServices(current=replace(contact_centre(), at=ENDS + timedelta(days=2)))


async def test_a_week_is_what_the_command_writes(client: TestClient, services: FakeServices) -> None:
    answer = await client.get("/api/v1/weeks/2026-W46")
    assert answer.status == 200
    assert answer.content_type == "application/json"
    assert await answer.json() == as_json_value(REPORT)


async def test_weeks_are_listed_the_newest_first(client: TestClient, services: FakeServices) -> None:
    services.summaries = [
        WeekSummary("2026-W47", MONDAY + timedelta(7), ENDS, ENDS + timedelta(7), False, False, 10, 1, 0, 0),
        WeekSummary("2026-W46", MONDAY, STARTS, ENDS, True, True, 100, 7, 3, 4),
    ]
    answer = await client.get("/api/v1/weeks")
    assert await answer.json() == {
        "weeks": [
            {
                "week": "2026-W47", "starts": "2026-11-16T00:00:00Z", "ends": "2026-11-23T00:00:00Z", "complete": False,
                "gap": False, "judged": 10, "breached": 1, "objectives_met": 0, "objectives_judged": 0,
            },
            {
                "week": "2026-W46", "starts": "2026-11-09T00:00:00Z", "ends": "2026-11-16T00:00:00Z", "complete": True,
                "gap": True, "judged": 100, "breached": 7, "objectives_met": 3, "objectives_judged": 4,
            },
        ]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("week", "status", "problem"),
    [
        ("46", 400, "'46' is no week; write year and week of ISO 8601, as 2026-W46"),
        ("2025-W53", 400, "'2025-W53' is no week; 2025 has weeks W01 to W52"),
        ("9999-W01", 404, "9999-W01 has not begun: /api/v1/weeks lists the weeks that are known"),
        ("2020-W01", 404, "nothing is known of 2020-W01: /api/v1/weeks lists the weeks that are known"),
        ("%3Cscript%3E", 400, "'<script>' is no week"),
    ],
)
async def test_what_is_no_week_is_refused_with_the_remedy(client: TestClient, week: str, status: int, problem: str) -> None:
    answer = await client.get(f"/api/v1/weeks/{week}")
    assert answer.status == status
    assert problem in await answer.text()


async def test_a_store_that_cannot_be_read_is_said(client: TestClient, services: FakeServices) -> None:
    services.readable = False
    for path in ("/api/v1/weeks", "/api/v1/weeks/2026-W46"):
        answer = await client.get(path)
        assert answer.status == 503
        assert "secret" not in await answer.text()


async def test_a_monday_that_has_begun_somewhere_is_a_week(client: TestClient, services: FakeServices) -> None:
    """The snapshot's moment decides, and the clock that is furthest ahead."""
    at: datetime = services.current.at
    running = (at + timedelta(hours=14)).date()
    monday: date = running - timedelta(days=running.weekday())
    services.reports = {}
    for days, said in ((0, "nothing is known of"), (7, "has not begun")):
        year, week, _ = (monday + timedelta(days)).isocalendar()
        answer = await client.get(f"/api/v1/weeks/{year}-W{week:02}")
        assert answer.status == 404
        assert said in await answer.text()
