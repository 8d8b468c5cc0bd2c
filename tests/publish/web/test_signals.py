"""`/api/v1/signals` over a real socket: filters, bounds, one page after the other."""

from datetime import UTC, datetime, timedelta

import pytest
from aiohttp.test_utils import TestClient
from yarl import URL

from monitor.publish.web.services import SignalsWanted
from tests.publish.snapshots import NOW
from tests.publish.web.answers import signal_row
from tests.publish.web.fakes import FakeServices


async def test_as_the_command_says_them(client: TestClient, services: FakeServices):
    services.rows = [signal_row()]
    answer = await client.get("/api/v1/signals")
    assert (answer.status, await answer.json()) == (200, [signal_row()])
    assert services.asked == [SignalsWanted(NOW - timedelta(days=7))]


async def test_only_those_asked_for(client: TestClient, services: FakeServices):
    query = {"contact_point": "ä/b%", "signal": "late_reply", "since": "2026-11-02T10:00:00+01:00", "until": "15m"}
    services.rows = [signal_row()]
    assert (await client.get("/api/v1/signals", params={**query, "limit": "1000"})).status == 200
    nine, quarter_past = datetime(2026, 11, 2, 9, tzinfo=UTC), datetime(2026, 11, 2, 9, 15, tzinfo=UTC)
    wanted = SignalsWanted(nine, quarter_past, frozenset({"ä/b%"}), "late_reply", 1000)
    assert services.asked == [wanted._replace(limit=1), wanted]  # nobody is called so now: is there anything of one that was?


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("limit=0", "from 1 to 1000"),
        ("limit=1001", "from 1 to 1000"),
        ("limit=-1", "from 1 to 1000"),
        ("limit=", "from 1 to 1000"),
        ("limit=1e2", "from 1 to 1000"),
        ("limit=%D9%A1", "from 1 to 1000"),
        ("limit=" + "9" * 5000, "from 1 to 1000"),
        ("since=yesterday", "write 2026-11-02T09:00:00Z or 7d"),
        ("since=2026-11-02T09:00:00", "write 2026-11-02T09:00:00Z or 7d"),
        ("since=0001-01-01T00:00:00%2B14:00", "write 2026-11-02T09:00:00Z or 7d"),
        ("since=999999d", "write 7d"),
        ("since=" + "9" * 5000 + "d", "write 2026-11-02T09:00:00Z or 7d"),
        ("signal=late_replies", "did you mean late_reply?"),
        ("signal=", "write one of slow_answer"),
        ("contact_point=%00", "no name of a contact point"),
        ("contact_point=" + "x" * 301, "no name of a contact point"),
        ("contactpoint=x", "there is no parameter 'contactpoint'"),
        ("limit=1&limit=2", "limit: write it once"),
        ("until=tomorrow", "until: 'tomorrow' is neither a moment with its zone nor a duration"),
        ("until=7d", "until: '7d' is not after since"),
        ("until=2026-11-01T09:00:00Z&since=1h", "is not after since"),
        ("team=sale", "did you mean 'Sales'?"),
        ("team=", "write the team of a contact point"),
        ("team=%ED%A0%80%00", "write the team of a contact point"),
        ("cursor=", "ask again without it"),
        ("cursor=%C3%A4", "ask again without it"),
        ("cursor=" + "A" * 81, "ask again without it"),
    ],
)
async def test_what_cannot_be_meant_is_refused_with_the_remedy(client: TestClient, services: FakeServices, query: str, said: str):
    answer = await client.get(f"/api/v1/signals?{query}")
    assert answer.status == 400
    assert said in (await answer.json())["error"]
    assert services.asked == []


async def test_nothing_of_a_name_that_nobody_has_is_no_good_news(client: TestClient, services: FakeServices):
    answer = await client.get("/api/v1/signals", params={"contact_point": "suport-line"})
    assert answer.status == 404
    assert (await answer.json())["error"] == "there is no contact point 'suport-line'; did you mean 'support-line'?"
    services.rows = [signal_row()]
    assert (await client.get("/api/v1/signals", params={"contact_point": "gone"})).status == 200


async def test_a_team_is_its_contact_points(client: TestClient, services: FakeServices):
    for query in ({"team": "Customer service"}, {"team": "Customer service", "contact_point": "info-mail"}):
        assert (await client.get("/api/v1/signals", params=query)).status == 200
    assert (await client.get("/api/v1/signals", params={"team": "Sales", "contact_point": "info-mail"})).status == 200
    assert [asked.contact_points for asked in services.asked] == [{"support-line", "info-mail"}, {"info-mail"}, set()]


async def test_the_answer_says_where_the_next_page_is(client: TestClient, services: FakeServices):
    services.rows = [signal_row(native_id=f"c{number}") for number in range(5)]
    query = {"team": "Customer service", "since": "30d", "until": "1h", "limit": "2"}
    first = await client.get("/api/v1/signals", params=query)
    assert first.headers["Link"] == (
        "</api/v1/signals?team=Customer+service&since=2026-10-03T09%3A30%3A00Z&until=2026-11-02T08%3A30%3A00Z&limit=2"
        '&cursor=at-2>; rel="next"'
    )
    read, answer = [], first
    while True:
        read.append([row["native_id"] for row in await answer.json()])
        if "next" not in answer.links:
            break
        answer = await client.get(URL(answer.links["next"]["url"]).relative())
    assert read == [["c0", "c1"], ["c2", "c3"], ["c4"]]
    assert [(asked.cursor, asked.limit, asked.since, asked.until) for asked in services.asked] == [
        (cursor, 2, NOW - timedelta(days=30), NOW - timedelta(hours=1)) for cursor in (None, "at-2", "at-4")
    ]


async def test_the_last_page_names_no_other(client: TestClient, services: FakeServices):
    services.rows = [signal_row()] * 2
    answer = await client.get("/api/v1/signals", params={"limit": "2"})
    assert (len(await answer.json()), "Link" in answer.headers) == (2, False)


async def test_a_cursor_that_stands_at_nothing_is_refused(client: TestClient, services: FakeServices):
    services.rows = [signal_row()]
    answer = await client.get("/api/v1/signals", params={"cursor": "forged"})
    assert answer.status == 400
    assert "ask again without it, and follow the Link header of that answer" in (await answer.json())["error"]
