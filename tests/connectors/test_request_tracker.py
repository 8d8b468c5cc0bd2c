"""Request Tracker's connector against a scripted REST 2 on loopback, and what its records mean, by recordings of a real one."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.connector import Batch, Event
from monitor.connectors import request_tracker
from monitor.connectors._http.fields import items
from monitor.connectors._request_tracker import rank, value
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.errors import AuthError, SourceError, TransientError
from monitor.testing import ConnectorContract, FakeClock, SourceScenario, make_context
from monitor.testing.context import FakeState
from tests.connectors.recorded_answers import recorded
from tests.connectors.scripted_rt import TOKEN, ScriptedRt, scripted_rt

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
ANNA = "anna@example.org"


class Desk:
    """A scripted Request Tracker and a connector to it, read as the engine reads."""

    def __init__(self, rt: ScriptedRt, clock: FakeClock, url: str, **keys: Any) -> None:
        self.rt = rt
        self.clock = clock
        self.keys = {"url": url, "token": TOKEN, "requests_per_minute": 60_000, **keys}
        self.state = FakeState()
        self.batches: list[Batch] = []
        self.events: dict[tuple[str, str], Event] = {}
        self.restart()

    def restart(self) -> None:
        self.connector = connector(self.keys, self.clock, self.state)

    async def poll(self) -> list[str]:
        """One pass; what was asked for in it."""
        self.rt.asked.clear()
        self.batches = []
        async for batch in self.connector.read(self.state.cursor):
            self.batches.append(batch)
            self.state.store(batch)
            self.events |= {(event.contact, event.id): event for event in batch.events}
        return list(self.rt.asked)

    def told(self, number: str, *fields: str) -> list[tuple[Any, ...]]:
        """(kind, the fields asked for) of each event of a ticket but the first assignment, in order."""
        found = sorted((e for e in self.events.values() if e.contact == number), key=lambda e: (e.at, e.seq or 0))
        return [(e.kind, *(getattr(e, name) for name in fields)) for e in found if not e.id.endswith(":first")]

    async def findings(self) -> list[tuple[bool | None, str]]:
        return [(finding.ok, finding.text) async for finding in self.connector.check()]


def connector(keys: dict[str, Any], clock: FakeClock, state: FakeState, places: tuple[str, ...] = ()) -> HelpdeskConnector:
    settings = request_tracker.Settings.model_validate({"type": "request_tracker", **keys})
    return request_tracker.connect(settings, make_context(clock=clock, state=state, places=places))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def desk(clock: FakeClock) -> AsyncIterator[Desk]:
    rt = ScriptedRt(clock)
    async with scripted_rt(rt) as url:
        yield Desk(rt, clock, url)


def filled(rt: ScriptedRt) -> None:
    """Three tickets, an hour ago."""
    hour_ago = NOW - timedelta(hours=1)
    rt.open("17", at=hour_ago)
    rt.say("17", "alice", "Which one?")
    rt.say("17", ANNA, "Thank you!", headers="From: Anna Archer <anna@example.org>\n")
    rt.set("17", "Status", "open", "resolved")
    rt.open("18", "bert@example.org", at=hour_ago)
    rt.say("18", "alice", "Between us: is he the one?", kind="Comment")
    rt.open("19", "carla@example.org", queue="4", at=hour_ago)


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


# tickets


async def test_a_history_becomes_events_at_its_places(desk: Desk, clock: FakeClock):
    desk.rt.open("17")
    for step in (
        lambda rt: rt.set("17", "Owner", "6", "29"),
        lambda rt: rt.say("17", "alice"),
        lambda rt: rt.set("17", "Status", "new", "stalled"),
        lambda rt: rt.set("17", "Queue", "3", "4"),
        lambda rt: rt.set("17", "Priority", "50", "75"),
        lambda rt: rt.set("17", "Owner", "29", "6"),
    ):
        await clock.advance(60)
        step(desk.rt)
    await clock.advance(60)
    await desk.poll()
    assert desk.told("17", "place", "to", "queue", "by") == [
        ("opened", "queue:Support", None, None, "customer"),
        ("assigned", "queue:Support", "29", None, "agent"),
        ("replied", "queue:Support", None, None, "agent"),
        ("pending", "queue:Support", None, None, "agent"),
        ("assigned", "queue:Projects", "29", "Projects", "agent"),
        ("prioritised", "queue:Projects", "75", None, "agent"),
        ("assigned", "queue:Projects", None, None, "agent"),
    ]
    assert desk.batches[0].newest_outbound == NOW + timedelta(seconds=120)


async def test_an_owner_from_the_beginning_has_the_name_that_the_history_will_call_him_by(desk: Desk, clock: FakeClock):
    desk.rt.open("17", "alice", requestor=ANNA)
    desk.rt.tickets["17"]["Owner"] = {"id": "alice", "type": "user"}
    await desk.poll()
    first = desk.events["17", "1:first"]
    await clock.advance(60)
    desk.rt.set("17", "Owner", "29", "31")
    await desk.poll()
    assert first.to == desk.events["17", "1:first"].to == "29"


async def test_what_request_tracker_does_because_of_words_is_the_writers_doing(desk: Desk, clock: FakeClock):
    desk.rt.open("17")
    desk.rt.set("17", "Status", "new", "resolved")
    for writer in (ANNA, "alice"):
        await clock.advance(60)
        desk.rt.say("17", writer)
        desk.rt.set("17", "Status", "resolved", "open", by="RT_System")
        await clock.advance(60)
        desk.rt.set("17", "Status", "open", "resolved", by="RT_System")
    await desk.poll()
    assert [told for told in desk.told("17", "by") if told[0] in ("reopened", "resolved")] == [
        ("resolved", "agent"),
        ("reopened", "customer"),
        ("resolved", "rule"),
        ("reopened", "agent"),
        ("resolved", "rule"),
    ]


async def test_the_desks_own_statuses_that_close_are_found(desk: Desk, clock: FakeClock):
    for number, status in (("17", "done"), ("18", "won't fix"), ("19", "in the workshop")):
        desk.rt.open(number)
        desk.rt.set(number, "Status", "new", status)
    asked = await desk.poll()
    kinds = [[told[0] for told in desk.told(number)] for number in ("17", "18", "19")]
    assert kinds == [["opened", "resolved"], ["opened", "resolved"], ["opened"]]
    assert len([path for path in asked if "__Inactive__" in path]) == 3


async def test_dates_of_people_are_promises_and_those_of_the_service_level_are_none(desk: Desk, clock: FakeClock):
    desk.keys["promise_fields"] = ["Due", "Promised by"]
    desk.restart()
    desk.rt.open("17")
    desk.rt.set("17", "Due", "1970-01-01 00:00:00", "2026-11-20 12:00:00", by="RT_System")
    desk.rt.set("17", "Due", "2026-11-20 12:00:00", "2026-11-21 12:00:00")
    desk.rt.promise("17", "", "2026-11-23 09:00:00")
    desk.rt.set("17", "Due", "2026-11-21 12:00:00", "1970-01-01 00:00:00")
    await desk.poll()
    assert [told for told in desk.told("17", "name", "due") if told[0] == "promised"] == [
        ("promised", "Due", datetime(2026, 11, 21, 12, tzinfo=UTC)),
        ("promised", "Promised by", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("promised", "Due", None),
    ]


@pytest.mark.parametrize(
    ("creator", "requestor", "by"),
    [
        (ANNA, ANNA, "customer"),
        ("alice", ANNA, "agent"),  # entered for her
        ("alice", "alice", "customer"),  # asks for something herself
        ("RT_System", ANNA, "rule"),
        ("bot", ANNA, "rule"),
        ("unheard-of", ANNA, "customer"),
    ],
)
async def test_who_opened_it(desk: Desk, creator: str, requestor: str, by: str):
    desk.keys["robots"] = ["bot"]
    desk.restart()
    desk.rt.open("17", creator, requestor=requestor)
    await desk.poll()
    assert desk.told("17", "by") == [("opened", by)]


async def test_staff_of_the_settings_is_nobody_who_is_asked_for(desk: Desk):
    desk.keys["staff"] = ["bob"]
    desk.restart()
    desk.rt.open("17")
    desk.rt.say("17", "alice")
    desk.rt.say("17", "bob")
    asked = await desk.poll()
    assert [told[0] for told in desk.told("17")] == ["opened", "received", "replied"]
    assert [path for path in asked if path.startswith("/user")] == ["/user/Nobody"]


async def test_who_has_been_asked_for_is_known_for_an_hour(desk: Desk, clock: FakeClock):
    desk.rt.open("17")
    desk.rt.say("17", "alice")
    assert [path for path in await desk.poll() if path.startswith("/user")] == ["/user/alice", "/user/Nobody"]
    await clock.advance(3599)
    desk.rt.say("17", "alice")
    assert [path for path in await desk.poll() if path.startswith(("/user", "/queues"))] == []
    await clock.advance(1)
    desk.rt.say("17", "alice")
    assert [path for path in await desk.poll() if path.startswith(("/user", "/queues"))] == [
        "/queues/all",
        "/user/alice",
        "/user/Nobody",
    ]


async def test_a_thank_you_is_found_in_html_and_a_machine_by_its_headers(desk: Desk, clock: FakeClock):
    desk.rt.open("17")
    for text, headers, html in (
        ("<div><p>Thank <b>you</b>!</p></div>", "", True),
        ("I am away until Monday.", "From: anna@example.org\nAuto-Submitted: auto-replied\n", False),
        ("Thank you, but it still fails.", "", False),
    ):
        desk.rt.say("17", "alice")
        await clock.advance(60)
        desk.rt.say("17", ANNA, text, headers=headers, html=html)
        await clock.advance(60)
    await desk.poll()
    received = [told[1:] for told in desk.told("17", "courtesy", "automatic") if told[0] == "received"]
    assert received == [(True, False), (False, True), (False, False)]


async def test_merged_tickets_are_told_where_they_go_on(desk: Desk, clock: FakeClock):
    desk.rt.open("17")
    await clock.advance(60)
    desk.rt.open("18", queue="4")
    desk.rt.say("18", "alice")
    await clock.advance(60)
    await desk.poll()
    desk.rt.merge("18", into="17")
    await clock.advance(60)
    await desk.poll()
    assert desk.told("17", "id") == [("opened", "1"), ("received", "2"), ("replied", "3")]
    assert desk.told("18", "id", "to", "place") == [
        ("opened", "2", None, "queue:Projects"),
        ("replied", "3", None, "queue:Projects"),
        ("merged", "4", "17", "queue:Projects"),
    ]
    await clock.advance(60)
    assert "/ticket/18" not in await desk.poll()


# what is not there


@pytest.mark.parametrize(("answer", "reason"), [(404, "deleted"), (403, "out_of_sight")])
async def test_an_open_ticket_that_is_gone(desk: Desk, clock: FakeClock, answer: int, reason: str):
    desk.rt.open("17")
    desk.rt.open("18")
    await desk.poll()
    desk.rt.gone["17"] = answer
    await clock.advance(60)
    await desk.poll()
    assert desk.told("17", "reason")[-1] == ("discarded", reason)
    assert [told[0] for told in desk.told("18")] == ["opened"]


async def test_a_deleted_ticket_still_answers_but_is_in_no_list(desk: Desk, clock: FakeClock):
    desk.rt.open("17")
    await desk.poll()
    desk.rt.set("17", "Status", "new", "deleted")
    desk.rt.gone["17"] = "17"
    await clock.advance(60)
    await desk.poll()
    assert desk.told("17", "reason", "place")[-1] == ("discarded", "deleted", "queue:Support")


async def test_a_ticket_that_leaves_the_queues_that_are_read_is_out_of_sight(desk: Desk, clock: FakeClock):
    desk.keys["queues"] = ["Support", "Bob's \\ queue"]
    desk.restart()
    desk.rt.open("17")
    desk.rt.open("18", queue="4")
    asked = await desk.poll()
    assert [told[0] for told in desk.told("18")] == []
    assert any("(Queue = 'Support' OR Queue = 'Bob\\'s \\\\ queue')" in path for path in asked)
    desk.rt.set("17", "Queue", "3", "4")
    await clock.advance(60)
    await desk.poll()
    assert desk.told("17", "reason")[-1] == ("discarded", "out_of_sight")


async def test_a_ticket_that_is_gone_between_list_and_history_is_passed_over(desk: Desk):
    desk.rt.open("17")
    desk.rt.open("18")
    desk.rt.instead = [("/ticket/17/history", 404, {}, b'{"message": "Not Found"}')]
    await desk.poll()
    assert [contact for contact, _ in desk.events] == ["18", "18"]
    assert desk.batches[-1].watermark == NOW - timedelta(seconds=1)


# rights


async def test_pages_that_rights_have_made_short_are_not_the_last_ones(desk: Desk, clock: FakeClock):
    desk.rt.per_page = 3
    desk.rt.hidden = {"Comment"}
    desk.rt.open("17")
    for kind in ("Comment", "Comment", "Comment", "Comment", "Comment", "Correspond"):
        await clock.advance(60)
        desk.rt.say("17", "alice", kind=kind)
    await desk.poll()
    assert [told[0] for told in desk.told("17")] == ["opened", "replied"]  # of a page, of none, of the third


async def test_a_newest_record_that_is_hidden_is_told(desk: Desk, clock: FakeClock):
    desk.rt.hidden = {"Comment"}
    desk.rt.open("17")
    await desk.poll()
    assert desk.batches[-1].untold is not None
    assert desk.batches[-1].untold.why == ()
    await clock.advance(61)  # a busy server may take a minute from a record to LastUpdated
    desk.rt.say("17", "alice", kind="Comment")
    await desk.poll()
    assert desk.batches[-1].untold is not None
    assert "ShowTicketComments" in desk.batches[-1].untold.why[0]


# the zone of the account


@pytest.mark.parametrize("minutes", [0, 60, -300, 330, 345, 825, -720, 840])
async def test_the_zone_of_the_profile_is_found_by_trying(desk: Desk, clock: FakeClock, minutes: int):
    desk.rt.zone = timedelta(minutes=minutes)
    for number in range(1, 4):
        desk.rt.open(str(number))
        await clock.advance(3600)
    await desk.poll()
    assert {contact for contact, _ in desk.events} == {"1", "2", "3"}
    await clock.advance(3600)
    desk.rt.say("2", "alice")
    await clock.advance(15)
    assert [path for path in await desk.poll() if path.startswith("/ticket/")] == ["/ticket/2/history"]


async def test_an_empty_desk_has_no_zone_yet_and_its_first_ticket_is_not_lost(desk: Desk, clock: FakeClock):
    desk.rt.zone = timedelta(hours=-5)
    await desk.poll()
    await clock.advance(15)
    desk.rt.open("17")
    await clock.advance(15)
    await desk.poll()
    assert [told[0] for told in desk.told("17")] == ["opened"]


async def test_an_hour_of_summer_time_loses_nothing(desk: Desk, clock: FakeClock):
    desk.rt.open("17")
    await desk.poll()
    for zone in (timedelta(hours=1), timedelta(0)):
        desk.rt.zone = zone
        await clock.advance(600)
        desk.rt.say("17", "alice")
        await desk.poll()
    assert [told[0] for told in desk.told("17")] == ["opened", "replied", "replied"]


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
    filled(desk.rt)
    await desk.poll()
    before = dict(desk.events)
    desk.rt.say("18", "alice")
    desk.rt.instead = [("LastUpdated", status, headers, body)]
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
        desk.rt.open(str(number))
    await clock.advance(600)
    desk.rt.instead = [("/ticket/45/history", 401, {}, b"{}")]
    with pytest.raises(AuthError, match="does not accept the token"):
        await desk.poll()
    assert {contact for contact, _ in desk.events} == {str(n) for n in range(1, 41)}
    asked = await desk.poll()
    assert [path for path in asked if "history" in path and int(path.split("/")[2]) <= 40] == []
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
    desk.rt.open("17")
    desk.rt.open("18")
    await clock.advance(600)
    desk.rt.instead = [("/ticket/17/history", 200, {}, broken)]
    await desk.poll()
    rejected = [each for batch in desk.batches for each in batch.rejected]
    assert [(each.reason, each.sample.partition(":")[0]) for each in rejected] == [("malformed", "ticket 17")]
    assert {contact for contact, _ in desk.events} == {"18"}
    await clock.advance(15)
    assert [path for path in await desk.poll() if "history" in path] == []


@pytest.mark.parametrize("broken", [b'{"items": 5}', b'{"items": [{"id": "17"}]}', b"null"])
async def test_a_list_that_is_none_ends_the_pass(desk: Desk, broken: bytes):
    desk.rt.open("17")
    desk.rt.instead = [("LastUpdated >= '2026-10", 200, {}, broken)]
    with pytest.raises(SourceError) as caught:
        await desk.poll()
    assert caught.value.reason == "protocol"


# costs


async def test_a_pass_costs_what_changed(desk: Desk, clock: FakeClock):
    for number in range(1, 251):
        desk.rt.open(str(number))
    await clock.advance(7200)
    await desk.poll()
    for number in range(10, 60):
        desk.rt.say(str(number), "alice")
    await clock.advance(60)
    asked = await desk.poll()
    assert len([path for path in asked if "history" in path]) == 50
    assert len(asked) <= 50 + 12  # and the list, the look, once an hour the zone, the queues and who is who
    await clock.advance(15)
    assert len(await desk.poll()) == 1


# check


async def test_check_says_who_is_who_and_what_is_seen(desk: Desk, clock: FakeClock):
    filled(desk.rt)
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
    filled(desk.rt)
    desk.rt.may_write = True
    assert (False, "the account may change tickets: take ModifyTicket and CommentOnTicket from it") in await desk.findings()


async def test_check_with_a_wrong_token(desk: Desk):
    desk.keys["token"] = "1-14-wrong"
    desk.restart()
    with pytest.raises(AuthError, match="token"):
        await desk.findings()


# what records mean


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-20 12:00:00", datetime(2026, 11, 20, 12, tzinfo=UTC)),
        ("2026-11-20T12:00:00Z", datetime(2026, 11, 20, 12, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 20).date()),  # noqa: DTZ001
        ("1970-01-01 00:00:00", None),
        ("1970-01-01T00:00:00Z", None),
        ("1970-01-01", None),
        ("1970-01-02", datetime(1970, 1, 2).date()),  # noqa: DTZ001
        ("", None),
        (None, None),
        ("2026-13-41 12:00:00", "2026-13-41 12:00:00"),
        ("gold", "gold"),
        (5, "5"),
        ("x" * 500, "x" * 200),
    ],
)
def test_values(text: Any, meant: Any):
    assert value({"NewValue": text}, "NewValue") == meant


@pytest.mark.parametrize(("text", "number"), [("50", 50.0), ("-5", -5.0), ("high", None), ("", None), ("5" * 30, None)])
def test_priorities_are_numbers(text: str, number: float | None):
    assert rank(text) == number


def test_the_scripted_server_answers_in_the_shapes_of_the_real_one():
    rt = ScriptedRt(FakeClock(NOW))
    filled(rt)
    real_ticket = items(recorded("request_tracker", "tickets").json(), "items")[0]
    real_records = items(recorded("request_tracker", "history_in_time").json(), "items")
    assert rt.tickets["17"].keys() <= real_ticket.keys()
    assert {"id", "type", "name", "values"} <= real_ticket["CustomFields"][0].keys()
    for scripted in rt.records["17"]:
        assert scripted.keys() <= real_records[0].keys()
    assert json.dumps(rt.tickets)
