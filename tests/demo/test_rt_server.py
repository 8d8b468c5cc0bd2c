"""The demo's Request Tracker: its answers beside those of a real one, who is let in, and what the connector makes of it."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from monitor.connectors import request_tracker
from monitor.demo.customers import customer
from monitor.demo.rt_server import API, RtServer
from monitor.demo.rt_tickets import Words
from monitor.demo.schedule import TimeScale
from monitor.demo.ticket_generator import COMPLAINT, QUEUE, TicketGenerator, make_system
from monitor.demo.ticket_traffic import Kind, TicketStep
from monitor.testing import FakeClock, make_context
from monitor.testing.context import FakeState
from tests.connectors.recorded_answers import recorded

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
NOON = MONDAY + timedelta(hours=3)
TOKEN = "t0ken"
ANNA = customer(3)
TICKET = 261102001


def step(hours: float, kind: Kind, number: int = TICKET, *, agent: str = "amina", text: str = "", due: float = 0) -> TicketStep:
    due_at = MONDAY + timedelta(hours=due) if due else None
    return TicketStep(MONDAY + timedelta(hours=hours), number, kind, ANNA, agent, "Broken headset", text, due_at)


STORY = (
    step(0, "open", text="Broken headset"), step(0.1, "take"), step(0.2, "take", agent="bruno"), step(0.3, "complaint"),
    step(0.5, "reply"), step(0.6, "stall"), step(1, "write", text="Which one do you mean?"), step(1.2, "reply"),
    step(1.2, "resume"), step(1.3, "write", text="Thanks a lot!"), step(1.4, "raise"), step(1.5, "promise", due=2),
    step(1.9, "resolve"), step(2, "write", text="It broke again."), step(2.2, "reply"), step(2.4, "resolve"),
    step(0.5, "open", TICKET + 1, text="Wrong tariff"),
)  # fmt: skip


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
async def server(clock: FakeClock) -> AsyncIterator[RtServer]:
    server = RtServer(make_system(), TOKEN, clock)
    generator = TicketGenerator(server.system, TimeScale(NOON, 1), clock)
    for each in STORY:
        generator.play(each)
    await server.start()
    yield server
    await server.stop()


async def ask(server: RtServer, path: str, token: str = TOKEN, method: str = "GET") -> tuple[int, str, Any]:
    """(status, content type, JSON) of an answer; `path` is written as it goes out."""
    url = f"http://127.0.0.1:{server.port}{path}"
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"token {token}"}) as session,
        session.request(method, url) as answer,
    ):
        return answer.status, answer.headers["Content-Type"], await answer.json()


# beside recordings of a real one


#: What people write or choose there: a text of any kind.
CONTENT = ("Content", "Data", "Field", "Headers", "Name", "NewValue", "OldValue", "RealName", "Subject", "name")


def shape(value: Any, key: str = "") -> Any:
    """Keys and types of JSON; of a list those of all its items together; of a text how it is written."""
    if isinstance(value, dict):
        return {name: shape(value[name], name) for name in sorted(value)}
    if isinstance(value, list):
        return all_shapes(value) if key != "values" else "list"
    if not isinstance(value, str) or key in CONTENT:
        return type(value).__name__
    for how in (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", r"\d+", r"http://[^/]+/REST/2\.0/.+"):
        if re.fullmatch(how, value):
            return how
    return "str"


def all_shapes(items: list[Any]) -> dict[str, list[str]]:
    """By each key of any of them every shape that it has."""
    keys = sorted({name for each in items for name in each})
    return {name: sorted({repr(shape(each[name], name)) if name in each else "absent" for each in items}) for name in keys}


#: Recording -> what is put for its numbers and names in what was asked.
BESIDE: dict[str, tuple[tuple[str, str], ...]] = {
    "rt": (),
    "queues_last_page": (("&page=2", "&page=1"),),
    "tickets": (),
    "tickets_page_1": (("2026-11-15", "2026-11-01"),),
    "tickets_none": (("9999", "999999999"),),
    "tickets_of_a_stranger": (("0&", "999999999&"),),
    "tickets_bad_query": (),
    "transactions": (),
    "ticket_in_time": (("/20", f"/{TICKET}"),),
    "history_in_time": (("/20", f"/{TICKET}"),),
    "history_page_1": (("/20", f"/{TICKET}"),),
    "history_last_page": (("/20", f"/{TICKET}"),),
    "attachments_in_time": (("/338", f"/{TICKET}00"),),
    "user_alice": (("alice", "amina"),),
    "user_Nobody": (),
    "user_RT_System": (),
    "error_401": (),
    "error_404": (),
}
#: What a recording shows because there are more pages of it.
DIFFERS: dict[str, frozenset[str]] = {
    "queues_last_page": frozenset({"prev_page"}),
    "tickets_page_1": frozenset({"next_page"}),
}


def without(body: Any, keys: frozenset[str]) -> Any:
    return {name: value for name, value in body.items() if name not in keys} if isinstance(body, dict) else body


@pytest.mark.parametrize("name", BESIDE)
async def test_an_answer_has_the_keys_and_types_of_a_real_one(server: RtServer, name: str):
    real = recorded("request_tracker", name)
    path = real.path
    for old, new in BESIDE[name]:
        assert old in path
        path = path.replace(old, new)
    token = "wrong" if real.status == 401 else TOKEN
    status, content_type, body = await ask(server, API + path, token)
    assert (status, content_type) == (real.status, real.headers["content-type"])
    differs = DIFFERS.get(name, frozenset())
    ours, theirs = shape(without(body, differs)), shape(without(real.json(), differs))
    assert ours == theirs


async def test_pages_name_the_next_and_the_one_before(server: RtServer):
    for number in range(3):
        server.system.open(500 + number, ANNA.address, NOON, "1", Words(""))
    address = f"http://127.0.0.1:{server.port}{API}"
    seen = []
    for page in (1, 2, 3):
        _, _, body = await ask(server, f"{API}/tickets?query=id%20%3E%200&per_page=2&page={page}")
        seen.append((body["count"], body["pages"], body["total"], "prev_page" in body, body.get("next_page")))
    assert seen == [
        (2, 3, 5, False, f"{address}/tickets?query=id+%3E+0&per_page=2&page=2"),
        (2, 3, 5, True, f"{address}/tickets?query=id+%3E+0&per_page=2&page=3"),
        (1, 3, 5, True, None),
    ]
    _, _, real = await ask(server, f"{API}/tickets?query=id%20%3E%200&per_page=5000")
    assert real["per_page"] == 100


# who is let in


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        (f"{API}/ticket/{TICKET}", "POST", 405),
        (f"{API}/ticket/{TICKET}", "PUT", 405),
        (f"{API}/ticket/4", "GET", 404),
        (f"{API}/ticket/x", "GET", 404),
        (f"{API}/ticket/4/history", "GET", 404),
        (f"{API}/user/stranger", "GET", 404),
        (f"{API}/attachment/9", "GET", 404),
        (f"{API}/nothing", "GET", 404),
        ("/", "GET", 404),
        (f"{API}/tickets?query=", "GET", 400),
        (f"{API}/transactions?query=Queue%20%3D%201", "GET", 400),
    ],
)
async def test_what_is_not_there_is_refused(server: RtServer, path: str, method: str, status: int):
    assert (await ask(server, path, method=method))[0] == status
    assert (await ask(server, path, "wrong", method))[0] == 401


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 40])
async def test_a_page_that_is_none_is_harmless(server: RtServer, page: str):
    assert (await ask(server, f"{API}/tickets?query=id%3E0&page={quote(page)}"))[0] == 200


# read by the connector


@pytest.fixture
def connector(server: RtServer, clock: FakeClock) -> Any:
    keys = {"url": f"http://127.0.0.1:{server.port}", "token": TOKEN, "requests_per_minute": 6_000,
            "complaints": [{"field": COMPLAINT[0], "value": COMPLAINT[1]}]}  # fmt: skip
    settings = request_tracker.Settings.model_validate({"type": "request_tracker", **keys})
    return request_tracker.connect(settings, make_context(clock=clock, state=FakeState(), places=(f"queue:{QUEUE}",)))


async def test_the_connector_reads_the_story_as_it_was_played(connector: Any):
    batches = [batch async for batch in connector.read(None)]
    told = [event for batch in batches for event in batch.events if event.contact == str(TICKET)]
    hours = [(event.kind, event.by, round((event.at - MONDAY).total_seconds() / 3600, 1)) for event in told]
    assert hours == [
        ("opened", "customer", 0.0), ("assigned", "customer", 0.0), ("assigned", "agent", 0.1), ("assigned", "agent", 0.2),
        ("complained", "agent", 0.3), ("replied", "agent", 0.5), ("pending", "agent", 0.6), ("received", "customer", 1.0),
        ("replied", "agent", 1.2), ("resumed", "agent", 1.2), ("received", "customer", 1.3), ("prioritised", "agent", 1.4),
        ("promised", "agent", 1.5), ("resolved", "agent", 1.9), ("received", "customer", 2.0), ("reopened", "customer", 2.0),
        ("replied", "agent", 2.2), ("resolved", "agent", 2.4),
    ]  # fmt: skip
    assert [event.to for event in told if event.kind == "assigned"] == [None, "20", "21"]
    assert [bool(event.courtesy) for event in told if event.kind == "received"] == [False, True, False]
    assert next(event.due for event in told if event.kind == "promised") == MONDAY + timedelta(hours=2)
    assert next(event.raised for event in told if event.kind == "prioritised") is True
    assert {event.place for event in told} == {f"queue:{QUEUE}"}
    other = [event.kind for batch in batches for event in batch.events if event.contact == str(TICKET + 1)]
    assert other == ["opened", "assigned"]
    assert batches[-1].watermark == NOON - timedelta(seconds=1)
    assert [rejected for batch in batches for rejected in batch.rejected] == []


async def test_the_account_of_the_demo_may_only_read(connector: Any):
    assert [(finding.ok, finding.text) async for finding in connector.check()][1:] == [
        (None, "http:// sends the token in clear: use https:// where the network is not yours"),
        (True, "Request Tracker 5.0.3"),
        (True, f"queues that this account sees: 1 ({QUEUE})"),
        (True, "staff: 1 accounts by being privileged; robots: RT_System (among who wrote the last 100 messages)"),
        (True, "searches are read in the zone of the account's profile: UTC+00:00"),
        (True, "the account may not change the ticket that was tried"),
    ]
