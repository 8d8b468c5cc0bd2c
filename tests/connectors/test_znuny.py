"""Znuny's connector against a scripted generic interface on loopback: contract, errors, costs, `check`."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from monitor.connectors import znuny
from monitor.errors import AuthError, SourceError, TransientError
from monitor.testing import ConnectorContract, FakeClock, SourceScenario
from tests.connectors.scripted_znuny import ALICE, BOB, BOT, PASSWORD, ROOT, USERNAME, ScriptedZnuny, scripted_znuny
from tests.connectors.znuny_desk import ANNA, NOW, Desk, connector, filled, scripted_desk

SEARCH = "/Ticket/Search"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def desk(clock: FakeClock) -> AsyncIterator[Desk]:
    async with scripted_desk(clock) as found:
        yield found


class TestContract(ConnectorContract):
    module = znuny

    @asynccontextmanager
    async def source(self) -> AsyncIterator[SourceScenario]:
        clock = FakeClock(NOW)
        server = ScriptedZnuny(clock)
        await filled(server, clock)
        await clock.advance(600)
        async with scripted_znuny(server) as url:
            settings = {"url": url, "username": USERNAME, "password": PASSWORD, "requests_per_minute": 60_000}
            yield SourceScenario(
                settings,
                contacts={
                    "1000017": ["opened", "assigned", "replied", "received", "resolved"],
                    "1000018": ["opened", "assigned", "noted"],
                    "1000019": ["opened", "assigned"],
                },
                personal={ANNA, "bert@example.org", "Thank you", "is he the one", "alice", "Some Body"},
                secrets={PASSWORD},
                clock=clock,
                changes=lambda: server.wrote,
                unreachable={**settings, "url": "http://127.0.0.1:9"},
            )


# errors


def refusal(code: str) -> bytes:
    return json.dumps({"Error": {"ErrorCode": code, "ErrorMessage": "No!"}}).encode()


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind", "reason"),
    [
        (200, {}, refusal("TicketSearch.AuthFail"), AuthError, "auth"),
        (200, {}, refusal("TicketSearch.AccessDenied"), AuthError, "auth"),
        (200, {}, refusal("TicketSearch.WrongStructure"), TransientError, "protocol"),
        (200, {}, refusal("\x1b[31m"), TransientError, "protocol"),
        (200, {}, b'{"Message":"a proxy"}', TransientError, "protocol"),
        (200, {}, b'{"TicketID":null}', TransientError, "protocol"),
        (200, {}, b'{"TicketID":["x"]}', TransientError, "protocol"),
        (200, {}, b"null", TransientError, "protocol"),
        (200, {}, b"<html><form>Log in</form></html>", TransientError, "protocol"),
        (401, {}, b"", AuthError, "auth"),
        (403, {}, b"", AuthError, "auth"),
        (404, {}, b"", TransientError, "protocol"),
        (429, {"Retry-After": "7"}, b"", TransientError, "rate_limit"),
        (500, {}, b"HTTP::REST Error while determine Operation", TransientError, "connect"),
        (503, {"Retry-After": "7"}, b"<html>", TransientError, "connect"),
    ],
)
async def test_an_error_of_the_search_ends_the_pass_and_the_next_one_loses_nothing(
    desk: Desk, clock: FakeClock, status: int, headers: dict[str, str], body: bytes, kind: type[SourceError], reason: str
):  # fmt: skip
    await filled(desk.server, clock)
    await desk.poll()
    before = dict(desk.events)
    await clock.advance(15)
    desk.server.say(18, ALICE)
    desk.server.instead = [(SEARCH, status, headers, body)]
    with pytest.raises(SourceError) as caught:
        await desk.poll()
    assert (type(caught.value), caught.value.reason) == (kind, reason)
    assert getattr(caught.value, "retry_after", None) == (7 if "Retry-After" in headers else None)
    assert PASSWORD not in repr(caught.value)
    assert str(caught.value).isprintable()
    await desk.poll()
    assert [told[0] for told in desk.told("1000018")] == ["opened", "noted", "replied"]
    assert before.items() <= desk.events.items()


async def test_a_refused_password_in_the_middle_goes_on_where_it_was(desk: Desk, clock: FakeClock):
    for number in range(1, 61):
        desk.server.open(number)
    await clock.advance(600)
    desk.server.instead = [("/Ticket/History/45", 200, {}, refusal("TicketHistoryGet.AuthFail"))]
    with pytest.raises(AuthError, match="does not accept the password"):
        await desk.poll()
    told = {int(contact) - 1000000 for contact, _ in desk.events}
    # Whole batches of twenty, and what of the third was answered before the refusal: four are asked for at a time.
    assert set(range(1, 45)) - told <= {42, 43, 44}
    assert told <= {*range(1, 45), 46, 47, 48}
    asked = await desk.poll()
    assert {int(path.rpartition("/")[2]) for path in asked if "History" in path} == set(range(1, 61)) - told
    assert {contact for contact, _ in desk.events} == {str(1000000 + n) for n in range(1, 61)}


async def test_a_url_without_a_web_service_is_told_so(desk: Desk):
    desk.server.instead = [(SEARCH, 500, {}, b"<html>Internal Server Error</html>")]
    with pytest.raises(TransientError, match="url"):
        await desk.findings()


async def test_name_and_password_are_in_no_address(desk: Desk, clock: FakeClock):
    await filled(desk.server, clock)
    await desk.poll()
    await desk.findings()
    assert desk.server.urls
    assert not [url for url in desk.server.urls if PASSWORD in url or USERNAME in url]


@pytest.mark.parametrize("keys", [{"username": "mönch"}, {"password": "geh\neim"}, {"password": ""}, {"timezone": "Mars"}])
def test_what_cannot_go_along_in_a_header_is_refused(keys: dict[str, str]):
    settings = {"type": "znuny", "url": "http://desk.example", "username": "monitor", "password": "x"}
    with pytest.raises(ValidationError) as caught:
        znuny.Settings.model_validate(settings | keys)
    assert "geh" not in str(caught.value)


def history(**fields: Any) -> bytes:
    """A history of one record."""
    record = {
        "ArticleID": 0, "CreateBy": 1, "CreateTime": "2026-11-18 12:00:00", "HistoryType": "NewTicket", "Name": "%%",
        "OwnerID": 1,
    }  # fmt: skip
    return json.dumps({"TicketHistory": [{"History": [record | fields]}]}).encode()


@pytest.mark.parametrize(
    "broken",
    [
        b'{"TicketHistory": null}', b'{"TicketHistory": []}', b"[]", b"null", b'{"TicketHistory": [{"History": [null]}]}',
        history(CreateTime="yesterday"), history(CreateTime="2026-13-41 12:00:00"), history(CreateTime=None),
        history(CreateTime="2026-11-18"), history(CreateBy=[]), history(HistoryType=None),
        history(HistoryType="Move", Name=5.5), history(ArticleID={}), history(OwnerID=None),
    ],
)  # fmt: skip
async def test_a_history_that_is_none_is_set_aside_and_the_next_ticket_is_read(desk: Desk, clock: FakeClock, broken: bytes):
    desk.server.open(17)
    desk.server.open(18)
    await clock.advance(600)
    desk.server.instead = [("/Ticket/History/17", 200, {}, broken)]
    await desk.poll()
    rejected = [each for batch in desk.batches for each in batch.rejected]
    assert [(each.reason, each.sample.partition(":")[0]) for each in rejected] == [("malformed", "ticket 17")]
    assert {contact for contact, _ in desk.events} == {"1000018"}
    await clock.advance(15)
    assert [path for path in await desk.poll() if "History" in path] == []


@pytest.mark.parametrize(
    "article",
    [None, {}, {"ArticleID": 5}, {"SenderType": None}, {"CreateTime": "x"}, {"IsVisibleForCustomer": "maybe"}, {"From": 5.5}],
)
async def test_an_article_that_is_none_sets_its_ticket_aside(desk: Desk, clock: FakeClock, article: Any):
    desk.server.open(17)
    desk.server.open(18)
    await clock.advance(600)
    await desk.poll()
    whole = desk.server.articles[17][0]
    desk.server.articles[17] = [whole | article if article and "ArticleID" not in article else article]
    desk.server.record(17, "Misc", "anything")
    await clock.advance(15)
    await desk.poll()
    rejected = [each for batch in desk.batches for each in batch.rejected]
    assert [(each.reason, each.sample.partition(":")[0]) for each in rejected] == [("malformed", "ticket 17")]


# costs


async def test_a_pass_costs_what_changed(desk: Desk, clock: FakeClock):
    for number in range(1, 251):
        desk.server.open(number)
    await clock.advance(600)
    asked = await desk.poll()
    assert asked.count(SEARCH) == 3  # the newest ones for the zone, all by number, those that are open
    assert len([path for path in asked if "," in path]) == 1 + 3
    assert len([path for path in asked if "," not in path]) == 3 + 2 * 250
    await clock.advance(15)
    assert await desk.poll() == [SEARCH]
    desk.server.say(7, ALICE)
    await clock.advance(15)
    assert await desk.poll() == [SEARCH, "/Ticket/7", "/Ticket/7", "/Ticket/History/7"]
    await clock.advance(15)
    assert await desk.poll() == [SEARCH, "/Ticket/7"]


async def test_a_search_finds_archived_tickets_and_as_many_as_there_are(desk: Desk, clock: FakeClock):
    for number in range(1, 601):  # more than Znuny gives where nothing is said
        desk.server.open(number)
    await desk.poll()
    assert len({contact for contact, _ in desk.events}) == 600
    assert {body["SearchInArchive"] for body in desk.server.bodies} == {"AllTickets"}


async def test_what_changes_while_pages_are_turned_is_read_in_the_next_pass(desk: Desk, clock: FakeClock):
    for number in range(1, 251):
        desk.server.open(number)
    await clock.advance(600)
    read = desk.connector.read(None)
    batch = await anext(read)
    desk.state.store(batch)
    desk.server.say(3, ALICE)
    desk.server.open(251)
    async for each in read:
        desk.state.store(each)
    await clock.advance(15)
    asked = await desk.poll()
    assert [path for path in asked if "History" in path] == ["/Ticket/History/3", "/Ticket/History/251"]


async def test_a_filter_that_is_not_understood_stops_the_source(desk: Desk, clock: FakeClock):
    desk.server.open(17)
    await clock.advance(86_400)
    desk.restart(backfill="1h")
    desk.server.understands = False
    with pytest.raises(TransientError, match="does not understand the filter"):
        await desk.poll()


# check


async def test_check_says_who_is_who_and_what_is_seen(desk: Desk, clock: FakeClock):
    await filled(desk.server, clock)
    desk.server.say(18, BOB)
    desk.server.say(18, BOT)
    desk.restart(
        queues=["Support", "Projects"], robots=[str(BOT)], staff=["cindy@desk.example"], escalation={"queues": ["Managers"]}
    )  # fmt: skip
    desk.connector = connector(desk.keys, clock, desk.state, ("queue:Sales", "queue:support"))
    assert await desk.findings() == [
        (True, f"{desk.keys['url']} answers"),
        (None, "http:// sends the password in clear: use https:// where the network is not yours"),
        (True, "queues that this account sees: 2 (Projects, Support)"),
        (None, "queue Managers: this account finds no ticket there; unless it is empty, check the account's rights"),
        (False, "queue Sales: Znuny has none of this name; write it as it is written there"),
        (False, "queue support: Znuny has none of this name; write it as it is written there"),
        (True, "its times are those of UTC"),
        (
            True,
            "staff: 2 accounts by sender type agent and 1 addresses of the settings; robots: root@localhost, 5 "
            "(in the last 8 articles)",
        ),
    ]


async def test_check_finds_a_queue_in_which_nothing_has_happened_for_long(desk: Desk, clock: FakeClock):
    desk.server.open(1, queue="Managers")
    await clock.advance(60)
    for number in range(2, 150):
        desk.server.open(number)
    desk.connector = connector(desk.keys, clock, desk.state, ("queue:Managers",))
    assert not [text for _, text in await desk.findings() if "Managers" in text]


async def test_check_tells_that_answers_of_znunys_own_account_count_for_nothing(desk: Desk):
    desk.server.open(17)
    desk.server.say(17, ROOT)
    assert (
        None,
        "1 of them were written as root@localhost, which is Znuny's own account: they answer nobody",
    ) in await desk.findings()


async def test_check_with_a_wrong_password(desk: Desk):
    desk.restart(password="wrong")
    with pytest.raises(AuthError, match="password"):
        await desk.findings()


# the zone


@pytest.mark.parametrize(
    ("theirs", "shown"), [("Europe/Berlin", "UTC+01:00"), ("America/St_Johns", "UTC-03:30"), ("Pacific/Kiritimati", "UTC+14:00")]
)
async def test_another_zone_than_was_said_stops_the_source(desk: Desk, theirs: str, shown: str):
    desk.server.zone = ZoneInfo(theirs)
    desk.server.open(17)
    with pytest.raises(TransientError, match=f"server's times are {shown.replace('+', '.')}, not UTC: set timezone"):
        await desk.poll()
    desk.restart(timezone=theirs)
    await desk.poll()
    assert desk.told("1000017", "at") == [("opened", NOW)]


async def test_old_articles_of_another_zone_do_no_harm_beside_newer_ones(desk: Desk, clock: FakeClock):
    desk.server.zone = ZoneInfo("Europe/Berlin")
    desk.server.open(17)
    desk.server.zone = ZoneInfo("UTC")
    await clock.advance(86_400)
    desk.server.say(17, ALICE)
    await desk.poll()
    assert [told[0] for told in desk.told("1000017")] == ["opened", "replied"]


@pytest.mark.parametrize("minute", range(0, 180, 10))
async def test_the_hour_that_comes_twice_loses_nothing(clock: FakeClock, minute: int):
    """In Berlin it is two o'clock at midnight and at one o'clock UTC on 25 October 2026."""
    await clock.advance((NOW.replace(month=10, day=24, hour=23, minute=0) - NOW).total_seconds() + minute * 60)
    async with scripted_desk(clock) as desk:
        desk.server.zone = ZoneInfo("Europe/Berlin")
        desk.restart(timezone="Europe/Berlin")
        desk.server.open(17)
        await desk.poll()
        for _ in range(20):
            await clock.advance(300)
            desk.server.say(17, ALICE)
            said = clock.now()
            await clock.advance(15)
            await desk.poll()
            assert desk.told("1000017", "at")[-1] == ("replied", said - timedelta(microseconds=said.microsecond))
