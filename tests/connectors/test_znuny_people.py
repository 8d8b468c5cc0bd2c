"""Who is who in Znuny: whose tickets, whose words, whose doing."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from monitor.testing import FakeClock
from tests.connectors.scripted_znuny import ALICE, BOT, ROOT
from tests.connectors.znuny_desk import NOW, Desk, scripted_desk

TICKET = "1000017"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def desk(clock: FakeClock) -> AsyncIterator[Desk]:
    async with scripted_desk(clock) as found:
        yield found


@pytest.mark.parametrize(
    ("by", "first", "opened", "answered"),
    [
        (ROOT, {"sender": "customer"}, "customer", None),
        (ALICE, {"sender": "customer", "channel": "Phone"}, "agent", None),  # a call that she writes down
        (ALICE, {"sender": "agent"}, "agent", True),  # we turn to a customer
        (ALICE, {"sender": "agent", "public": False}, "agent", None),
        (ALICE, {"sender": None}, "agent", None),
        (ROOT, {"sender": "system"}, "rule", None),
        (ROOT, {"sender": "agent"}, "rule", None),
        (ROOT, {"sender": None}, "customer", None),  # merged away: its words have gone
        (BOT, {"sender": "customer"}, "customer", None),  # a form on a web page, entered by a program
    ],
)
async def test_who_opened_it(desk: Desk, by: int, first: dict[str, object], opened: str, answered: bool | None):
    desk.restart(robots=[str(BOT)])
    desk.server.open(17, by=by, **first)  # type: ignore[arg-type]
    await desk.poll()
    assert desk.told(TICKET, "by", "answered")[0] == ("opened", opened, answered)
    assert "received" not in [told[0] for told in desk.told(TICKET)]


@pytest.mark.parametrize(("seconds", "kinds"), [(60, ["opened"]), (61, ["opened", "received"])])
async def test_words_that_take_their_time_still_open_it(desk: Desk, clock: FakeClock, seconds: int, kinds: list[str]):
    desk.server.open(17, sender=None)
    await clock.advance(seconds)
    desk.server.say(17, ROOT, sender="customer")
    await desk.poll()
    assert [told[0] for told in desk.told(TICKET)] == kinds


async def test_an_older_question_that_is_merged_into_one_of_the_same_minute_is_heard(desk: Desk, clock: FakeClock):
    desk.server.open(17)
    await clock.advance(40)
    desk.server.open(18)
    await clock.advance(60)
    desk.server.merge(17, into=18)
    await clock.advance(60)
    await desk.poll()
    assert desk.told("1000018", "at") == [("received", NOW), ("opened", NOW + timedelta(seconds=40))]


async def test_what_a_program_changes_is_a_rules_doing(desk: Desk, clock: FakeClock):
    desk.restart(robots=[str(BOT)], promise_fields=["DueBy"])
    desk.server.open(17)
    await clock.advance(60)
    desk.server.set_priority(17, "5 very high", by=BOT)
    desk.server.set_field(17, "DueBy", "", "2026-11-20 12:00:00", by=BOT)
    await desk.poll()
    assert desk.told(TICKET, "by")[1:] == [("prioritised", "rule")]


async def test_a_long_name_before_the_address_hides_nothing(desk: Desk, clock: FakeClock):
    desk.restart(staff=["cindy@desk.example"])
    desk.server.open(17)
    await clock.advance(60)
    desk.server.say(17, ROOT, sender="customer", address="cindy@desk.example")
    desk.server.articles[17][-1]["From"] = f'"{"Cindy " * 60}" <cindy@desk.example>'
    await desk.poll()
    assert desk.told(TICKET)[-1] == ("replied",)


@pytest.mark.parametrize(
    ("article", "kind", "by"),
    [
        ({"by": ALICE}, "replied", "agent"),
        ({"by": ALICE, "public": False}, "noted", "agent"),
        ({"by": ALICE, "kind": "Forward"}, "noted", "agent"),
        ({"by": ALICE, "kind": "AddNote", "channel": "Internal"}, "replied", "agent"),  # in the customers' pages
        ({"by": ROOT}, "auto_replied", "rule"),
        ({"by": ROOT, "sender": "system", "kind": "SendAutoFollowUp"}, "auto_replied", "rule"),
        ({"by": ALICE, "sender": "system", "kind": "SendAutoReply"}, "auto_replied", "rule"),
        ({"by": ROOT, "sender": "system", "public": False}, "noted", "rule"),
        ({"by": BOT}, "auto_replied", "rule"),
        ({"by": ALICE, "address": "sla@desk.example"}, "auto_replied", "rule"),
        ({"by": ROOT, "sender": "customer"}, "received", "customer"),
        ({"by": ROOT, "sender": "customer", "public": False}, "noted", "customer"),  # a third party, asked by us
        ({"by": ROOT, "sender": "customer", "address": "Cindy@desk.example"}, "replied", "agent"),
        ({"by": ROOT, "sender": "customer", "address": "bert@example.org"}, "received", "customer"),
    ],
)
async def test_whose_words_they_are(desk: Desk, clock: FakeClock, article: dict[str, object], kind: str, by: str):
    desk.restart(robots=[str(BOT), "SLA@desk.example"], staff=["cindy@desk.example"])
    desk.server.open(17)
    await clock.advance(60)
    desk.server.say(17, **article)  # type: ignore[arg-type]
    await desk.poll()
    assert desk.told(TICKET, "by")[1:] == [(kind, by)]


async def test_a_colleague_who_asks_for_something_is_the_customer_there(desk: Desk, clock: FakeClock):
    desk.restart(staff=["cindy@desk.example"])
    desk.server.open(17, "cindy@desk.example")
    await clock.advance(60)
    desk.server.say(17, ROOT, sender="customer")
    await desk.poll()
    assert desk.told(TICKET, "by") == [("opened", "customer"), ("received", "customer")]


async def test_a_customers_matter_that_a_colleague_mails_in_is_no_answer(desk: Desk, clock: FakeClock):
    desk.restart(staff=["cindy@desk.example"])
    desk.server.open(17, address="cindy@desk.example")  # somebody has named the customer since
    await clock.advance(60)
    desk.server.say(17, ALICE)
    await desk.poll()
    assert desk.told(TICKET, "by", "answered") == [("opened", "agent", None), ("replied", "agent", None)]


@pytest.mark.parametrize(
    ("login", "address", "known"),
    [("anna@example.org", "a@b.example", "anna@example.org"), ("anna", "A@b.example", "a@b.example"), ("", "", None)],
)
async def test_a_customer_goes_by_the_address(desk: Desk, login: str, address: str, known: str | None):
    desk.server.open(17, login, address=address)
    await desk.poll()
    hashed = {event.customer for event in desk.events.values()}
    desk.server.open(18, known or "")
    await desk.poll()
    assert {event.customer for key, event in desk.events.items() if key[0] == "1000018"} == hashed
