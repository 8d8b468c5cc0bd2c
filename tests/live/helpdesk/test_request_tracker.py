"""The connector on a real Request Tracker."""

from datetime import timedelta
from typing import Any

import pytest

from monitor.connectors import request_tracker as connector_module
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.testing import FakeClock, make_context
from monitor.testing.context import FakeState
from tests.live.helpdesk.conftest import STORIES
from tests.live.helpdesk.judged import by_contact, differences, read_whole
from tests.live.helpdesk.mail import mail_from
from tests.live.helpdesk.player import Player
from tests.live.helpdesk.story import COMPLAINTS_QUEUE, COMPLAINTS_SECTOR, ESCALATION_QUEUE, NOW
from tests.servers.helpdesk import BOT, READER, STRANGER
from tests.servers.request_tracker import REAL_SERVER, RequestTracker

pytestmark = [*REAL_SERVER, pytest.mark.waits(40)]


def connector(server: RequestTracker, clock: FakeClock, state: FakeState, **keys: Any) -> HelpdeskConnector:
    settings = {
        "type": "request_tracker", "url": server.url, "token": server.token, "timeout": "60s", "backfill": "90d",
        "promise_fields": ["Due", "Promised by"], "robots": [BOT], "requests_per_minute": 60_000,
        "escalation": {"queues": [ESCALATION_QUEUE]}, "complaints": [{"queue": COMPLAINTS_QUEUE, "sector": COMPLAINTS_SECTOR}],
    }  # fmt: skip
    return connector_module.connect(
        connector_module.Settings.model_validate(settings | keys), make_context(clock=clock, state=state)
    )


@pytest.mark.parametrize("system", ["request_tracker"])
@pytest.mark.parametrize("story", STORIES)
async def test_what_is_read_is_what_happened(played: Player, request_tracker: RequestTracker, story: str):
    state = FakeState()
    batches = await read_whole(connector(request_tracker, FakeClock(NOW), state), state)
    assert [rejected for batch in batches for rejected in batch.rejected] == []
    assert batches[-1].untold is None or batches[-1].untold.why == ()
    different = differences(STORIES[story], "request_tracker", played.numbers, by_contact(batches))
    assert not different, "\n".join(different)


@pytest.fixture
def server(request_tracker: RequestTracker) -> RequestTracker:
    request_tracker.wind_back()
    request_tracker.clock.stand_at(NOW)
    return request_tracker


def ask(server: RequestTracker, name: str = "carol", queue: str = "support") -> None:
    server.deliver(mail_from(name, queue, "Where is it?", server.clock.now()), queue.title())


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Kiritimati"])
async def test_the_zone_of_the_accounts_profile_changes_nothing(server: RequestTracker, zone: str):
    server.client().put(f"/user/{READER}", {"Timezone": zone})
    clock, state = FakeClock(NOW), FakeState()
    reader = connector(server, clock, state)
    ask(server)
    await server_and_we_wait(server, clock, timedelta(hours=3))
    assert set(by_contact(await read_whole(reader, state))) == {"1"}
    server.client("alice").post("/ticket/1/correspond", {"Content": "Here.", "ContentType": "text/plain"})
    ask(server, "dave")
    await server_and_we_wait(server, clock, timedelta(seconds=15))
    assert set(by_contact(await read_whole(reader, state))) == {"1", "2"}
    await server_and_we_wait(server, clock, timedelta(seconds=15))
    assert by_contact(await read_whole(reader, state)) == {}


async def test_what_is_deleted_moved_out_of_sight_or_merged_is_noticed(server: RequestTracker):
    clock, state = FakeClock(NOW), FakeState()
    reader = connector(server, clock, state, queues=["Support"])
    for name in ("carol", "dave", "erin", "frank"):
        ask(server, name)
    await server_and_we_wait(server, clock, timedelta(seconds=60))
    await read_whole(reader, state)
    agent = server.client("alice")
    agent.put("/ticket/1", {"Status": "deleted"})
    agent.put("/ticket/2", {"Queue": "Projects"})
    agent.put("/ticket/3", {"MergeInto": 4})
    await server_and_we_wait(server, clock, timedelta(seconds=60))
    told = by_contact(await read_whole(reader, state))
    assert {number: (events[-1].kind, events[-1].reason, events[-1].to) for number, events in told.items() if number != "4"} == {
        "1": ("discarded", "deleted", None),
        "2": ("discarded", "out_of_sight", None),
        "3": ("merged", None, "4"),
    }
    assert [event.kind for event in told["4"]] == ["opened", "assigned", "received"]


async def test_check_on_the_real_one(server: RequestTracker):
    ask(server)
    server.client("alice").post("/ticket/1/correspond", {"Content": "Here.", "ContentType": "text/plain"})
    findings = [finding async for finding in connector(server, FakeClock(NOW), FakeState()).check()]
    assert [finding.text for finding in findings if finding.ok is False] == []
    said = " ".join(finding.text for finding in findings)
    assert "staff: 1 accounts by being privileged; robots: RT_System, chatbot" in said
    assert "may not change" in said


async def test_an_account_that_sees_nothing_is_told_by_check(server: RequestTracker):
    ask(server)
    findings = [f async for f in connector(server, FakeClock(NOW), FakeState(), token=server.token_of(STRANGER)).check()]
    assert "queues that this account sees: 0" in [finding.text for finding in findings if finding.ok is False]


async def server_and_we_wait(server: RequestTracker, clock: FakeClock, time: timedelta) -> None:
    server.clock.advance(time)
    await clock.advance(time.total_seconds())


@pytest.mark.parametrize("right", [None, "AdminUsers"])
async def test_the_record_of_a_requestor_ties_his_names(server: RequestTracker, right: str | None):
    """An account that has another name than its address; numbers are seen by those alone who may change users."""
    root = server.client()
    root.post(
        "/user", {"Name": "jdoe", "EmailAddress": "jane@customer.example", "MobilePhone": "+44 7700 900123", "Privileged": 0}
    )
    root.post("/ticket", {"Queue": "Support", "Subject": "Where is it?", "Requestor": "jdoe", "Content": "?"})
    if right is not None:
        server.perl(
            "my $user = RT::User->new(RT->SystemUser); $user->Load($ARGV[0]);"
            "$user->PrincipalObj->GrantRight(Right => $ARGV[1], Object => RT->System);",
            READER, right,
        )  # fmt: skip
    state, hashed = FakeState(), make_context().hash_customer
    server.clock.advance(timedelta(minutes=1))
    batches = await read_whole(connector(server, FakeClock(server.clock.now()), state), state)
    [names] = [set(each) for batch in batches for each in batch.names.values()]
    assert names == {hashed(each) for each in ("jdoe", "jane@customer.example", *(["+447700900123"] if right else []))}
