"""`/api/v1/waiting` and `/api/v1/next-limits`: who waits, the longest first, and what falls due next."""

from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from monitor.domain.event import Channel
from monitor.domain.snapshot import Waiting, WhoWaits
from tests.publish.snapshots import NOW, ago
from tests.publish.web.fakes import FakeServices
from tests.publish.web.openapi_check import check_answer


def waiting(number: int, point: str, channel: Channel, wait: str, seconds: float, due: float | None, **changed: Any) -> Waiting:
    """Somebody who has waited for so many seconds, and whose limit falls in `due`."""
    due_at = None if due is None else NOW + timedelta(seconds=due)
    told = {"overdue": due is not None and due < 0, "due_soon": False, "business_seconds": None, **changed}
    return Waiting(f"{number:016x}", point, channel, wait, ago(seconds), due_at, **told)


@pytest.fixture
def services() -> FakeServices:
    """On the support line two wait in the queue and one is held; of 23 tickets two are shown."""
    calls = [waiting(1, "support-line", "phone", "queue", 95, -75), waiting(2, "support-line", "phone", "queue", 12, 8)]
    held = waiting(3, "support-line", "phone", "hold", 48, 72, due_soon=True)
    tickets = [
        waiting(number, "service-desk", "ticket", "resolution", 200_000 - number, None, business_seconds=9_000.0)
        for number in (4, 5)
    ]
    return FakeServices(
        who_waits={
            ("support-line", "phone"): {"queue": WhoWaits(2, calls), "hold": WhoWaits(1, [held])},
            ("service-desk", "ticket"): {"resolution": WhoWaits(23, tickets)},
        },
        limits=WhoWaits(7, [calls[1], held]),
    )


async def asked(client: TestClient, path: str, **query: str) -> Any:
    answer = await client.get(path, params=query)
    body = await answer.json()
    check_answer(
        {"/api/v1/waiting": "waiting", "/api/v1/next-limits": "nextLimits"}[path], answer.status, "application/json", body
    )
    return body


async def ids(client: TestClient, **query: str) -> tuple[int, list[int]]:
    """How many wait, and the numbers of those shown."""
    body = await asked(client, "/api/v1/waiting", **query)
    return body["total"], [int(each["contact"], 16) for each in body["waiting"]]


async def test_who_waits_the_longest_first(client: TestClient):
    assert await ids(client) == (26, [4, 5, 1, 3, 2])
    assert await ids(client, limit="2") == (26, [4, 5])
    first, *_, last = (await asked(client, "/api/v1/waiting"))["waiting"]
    assert last == {
        "contact": "0000000000000002", "contact_point": "support-line", "channel": "phone", "wait": "queue",
        "since": "2026-11-02T09:29:48Z", "due_at": "2026-11-02T09:30:08Z", "overdue": False, "due_soon": False,
        "business_seconds": None,
    }  # fmt: skip
    assert (first["due_at"], first["business_seconds"]) == (None, 9_000.0)


async def test_only_those_asked_for(client: TestClient):
    assert await ids(client, contact_point="support-line") == (3, [1, 3, 2])
    assert await ids(client, contact_point="support-line", wait="queue") == (2, [1, 2])
    assert await ids(client, team="IT") == (23, [4, 5])
    assert await ids(client, team="IT", contact_point="support-line") == (0, [])
    assert await ids(client, contact_point="reception") == (0, [])


async def test_what_is_not_known_is_told_apart(client: TestClient):
    mail = {
        "contact_point": "info-mail",
        "channel": "email",
        "because": "source mail has been down for 21 min 50 s: login refused: check password_file",
        "since": "2026-11-02T09:08:00Z",
    }
    for path in ("/api/v1/waiting", "/api/v1/next-limits"):
        assert (await asked(client, path))["unknown"] == [mail]
    assert (await asked(client, "/api/v1/waiting", contact_point="support-line"))["unknown"] == []


async def test_what_falls_due_next(client: TestClient):
    body = await asked(client, "/api/v1/next-limits", limit="1")
    assert (body["at"], body["within_seconds"], body["total"]) == ("2026-11-02T09:30:00Z", 3600, 7)
    assert [int(each["contact"], 16) for each in body["waiting"]] == [2]


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({"contact_point": "suport-line"}, 404, "did you mean 'support-line'?"),
        ({"wait": "queues"}, 400, "write one of ring, queue, hold"),
        ({"limit": "201"}, 400, "from 1 to 200"),
        ({"team": "ITT"}, 400, "did you mean 'IT'?"),
    ],
)
async def test_what_cannot_be_meant_is_refused(client: TestClient, query: dict[str, str], status: int, said: str):
    answer = await client.get("/api/v1/waiting", params=query)
    assert answer.status == status
    assert said in (await answer.json())["error"]
