"""Request Tracker's connector against a scripted REST 2 on loopback: contract, errors, costs, `check`."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from monitor.connectors import request_tracker
from monitor.errors import AuthError, SourceError, TransientError
from monitor.testing import ConnectorContract, FakeClock, SourceScenario
from tests.connectors.rt_desk import ANNA, NOW, Desk, connector, filled, scripted_desk
from tests.connectors.scripted_rt import TOKEN, ScriptedRt, scripted_rt


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def desk(clock: FakeClock) -> AsyncIterator[Desk]:
    async with scripted_desk(clock) as found:
        yield found


class TestContract(ConnectorContract):
    module = request_tracker

    @asynccontextmanager
    async def source(self) -> AsyncIterator[SourceScenario]:
        clock = FakeClock(NOW)
        rt = ScriptedRt(clock)
        filled(rt)
        await clock.advance(600)
        async with scripted_rt(rt) as url:
            settings = {"url": url, "token": TOKEN, "requests_per_minute": 60_000}
            yield SourceScenario(
                settings,
                contacts={
                    "17": ["opened", "assigned", "replied", "received", "resolved"],
                    "18": ["opened", "assigned", "noted"],
                    "19": ["opened", "assigned"],
                },
                personal={ANNA, "bert@example.org", "Thank you", "is he the one", "alice"},
                secrets={TOKEN},
                clock=clock,
                changes=lambda: rt.wrote,
                unreachable={**settings, "url": "http://127.0.0.1:9"},
            )


# errors


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind", "reason"),
    [
        (401, {}, b'{"message":"Unauthorized"}', AuthError, "auth"),
        (403, {}, b'{"message":"Forbidden"}', AuthError, "auth"),
        (404, {}, b'{"message":"Not Found"}', TransientError, "protocol"),
        (400, {}, b'{"message":"Unknown field: Foo at Tickets.pm line 3187."}', TransientError, "protocol"),
        (429, {"Retry-After": "7"}, b"", TransientError, "rate_limit"),
        (503, {"Retry-After": "7"}, b"<html>", TransientError, "connect"),
        (200, {}, b"<html><form>Log in</form></html>", TransientError, "protocol"),
    ],
)
async def test_an_error_of_the_list_ends_the_pass_and_the_next_one_loses_nothing(
    desk: Desk, clock: FakeClock, status: int, headers: dict[str, str], body: bytes, kind: type[SourceError], reason: str
):  # fmt: skip
    filled(desk.server)
    await desk.poll()
    before = dict(desk.events)
    desk.server.say("18", "alice")
    desk.server.instead = [("LastUpdated", status, headers, body)]
    await clock.advance(15)
    with pytest.raises(SourceError) as caught:
        await desk.poll()
    assert (type(caught.value), caught.value.reason) == (kind, reason)
    assert getattr(caught.value, "retry_after", None) == (7 if "Retry-After" in headers else None)
    assert TOKEN not in repr(caught.value)
    await desk.poll()
    assert [told[0] for told in desk.told("18")] == ["opened", "noted", "replied"]
    assert before.items() <= desk.events.items()


async def test_a_401_in_the_middle_goes_on_where_it_was(desk: Desk, clock: FakeClock):
    for number in range(1, 61):
        desk.server.open(str(number))
    await clock.advance(600)
    desk.server.instead = [("/ticket/45/history", 401, {}, b"{}")]
    with pytest.raises(AuthError, match="does not accept the token"):
        await desk.poll()
    told = {int(contact) for contact, _ in desk.events}
    # Whole batches of twenty, and what of the third was answered before the refusal: four are asked for at a time.
    assert set(range(1, 45)) - told <= {42, 43, 44}
    assert told <= {*range(1, 45), 46, 47, 48}
    asked = await desk.poll()
    assert {int(path.split("/")[2]) for path in asked if "history" in path} == set(range(1, 61)) - told
    assert {contact for contact, _ in desk.events} == {str(n) for n in range(1, 61)}


def history(**fields: Any) -> bytes:
    """A history of one record."""
    record = {"id": "1", "Type": "Create", "Created": "2026-11-18T12:00:00Z", "Creator": {"id": "a"}, "ObjectId": "17"}
    return json.dumps({"items": [record | fields]}).encode()


@pytest.mark.parametrize(
    "broken",
    [
        b'{"items": null}', b'{"items": {}}', b"[]", b"null", b'{"items": [null]}', b'{"items": [{"id": "1"}]}', history(id="x"),
        history(Created="yesterday"), history(Created="2026-13-41T12:00:00Z"), history(Created=None), history(Creator=[]),
        history(Type=None), history(Type="Set", Field=[]), history(ObjectId={}), history(Type=5.5),
    ],
)  # fmt: skip
async def test_a_history_that_is_none_is_set_aside_and_the_next_ticket_is_read(desk: Desk, clock: FakeClock, broken: bytes):
    desk.server.open("17")
    desk.server.open("18")
    await clock.advance(600)
    desk.server.instead = [("/ticket/17/history", 200, {}, broken)]
    await desk.poll()
    rejected = [each for batch in desk.batches for each in batch.rejected]
    assert [(each.reason, each.sample.partition(":")[0]) for each in rejected] == [("malformed", "ticket 17")]
    assert {contact for contact, _ in desk.events} == {"18"}
    await clock.advance(15)
    assert [path for path in await desk.poll() if "history" in path] == []


@pytest.mark.parametrize("broken", [b'{"items": 5}', b'{"items": [{"id": "17"}]}', b"null"])
async def test_a_list_that_is_none_ends_the_pass(desk: Desk, broken: bytes):
    desk.server.open("17")
    desk.server.instead = [("LastUpdated >= '2026-10", 200, {}, broken)]
    with pytest.raises(SourceError) as caught:
        await desk.poll()
    assert caught.value.reason == "protocol"


# costs


@pytest.mark.parametrize(("kind", "words"), [("Comment", 0), ("Correspond", 100)])
async def test_a_pass_costs_what_changed(desk: Desk, clock: FakeClock, kind: str, words: int):
    for number in range(1, 251):
        desk.server.open(str(number))
    await clock.advance(7200)
    await desk.poll()
    for number in range(10, 60):
        desk.server.say(str(number), "alice", kind=kind)
    await clock.advance(60)
    asked = await desk.poll()
    assert len([path for path in asked if "history" in path]) == 50
    assert len([path for path in asked if "attachment" in path]) == words
    assert len(asked) <= 50 + words + 12  # and the list, the look, once an hour the zone, the queues and who is who
    await clock.advance(15)
    assert len(await desk.poll()) == 1


# check


async def test_check_says_who_is_who_and_what_is_seen(desk: Desk, clock: FakeClock):
    filled(desk.server)
    desk.keys["robots"] = ["bot"]
    desk.connector = connector(desk.keys, clock, desk.state, ("queue:Sales",))
    assert await desk.findings() == [
        (True, f"{desk.keys['url']} answers"),
        (None, "http:// sends the token in clear: use https:// where the network is not yours"),
        (True, "Request Tracker 5.0.3"),
        (True, "queues that this account sees: 3 (General, Projects, Support)"),
        (False, "queue Sales: this account does not see it; check its name, and the account's rights"),
        (True, "staff: 1 accounts by being privileged; robots: RT_System, bot (among who wrote the last 100 messages)"),
        (True, "searches are read in the zone of the account's profile: UTC+00:00"),
        (True, "the account may not change the ticket that was tried"),
    ]


async def test_check_tells_an_account_that_may_write(desk: Desk):
    filled(desk.server)
    desk.server.may_write = True
    assert (False, "the account may change tickets: take ModifyTicket and CommentOnTicket from it") in await desk.findings()


async def test_check_with_a_wrong_token(desk: Desk):
    desk.keys["token"] = "1-14-wrong"
    desk.restart()
    with pytest.raises(AuthError, match="token"):
        await desk.findings()
