"""What issues of Jira mean: an issue of the simulator and the events that are told of it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from monitor.testing import FakeClock
from tests.connectors.jira.desk import NOW, Desk, desk_at
from tests.connectors.jira.shapes import (
    ALICE,
    AUTOMATION,
    BOB,
    BOT,
    CANCELED,
    CLOSED,
    FOR_CUSTOMER,
    OPEN,
    PENDING,
    RESOLVED,
    adf,
    level,
)
from tests.connectors.jira.simulator import Simulator
from tests.connectors.simulated import in_process


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def desk(clock: FakeClock) -> AsyncIterator[Desk]:
    simulator = Simulator(clock)
    with in_process(simulator) as url:
        yield desk_at(url, simulator, clock, robots=["chatbot@desk.example"])


async def read(desk: Desk, clock: FakeClock, *, later: float = 60) -> None:
    await clock.advance(later)
    await desk.poll()


async def test_a_question_its_answer_and_the_thanks(desk: Desk, clock: FakeClock):
    anna = desk.server.customer("anna")
    desk.server.open(1)
    await clock.advance(600)
    desk.server.say(1, ALICE, "On its way.")
    desk.server.set(1, ALICE, status=FOR_CUSTOMER)
    await clock.advance(600)
    desk.server.say(1, anna, "Thank you!")
    await clock.advance(4)
    desk.server.set(1, AUTOMATION, status=OPEN)
    await clock.advance(600)
    desk.server.set(1, ALICE, status=RESOLVED)
    await read(desk, clock)
    assert desk.told("SUP-1", "by", "courtesy", "on") == [
        ("opened", "customer", False, None), ("replied", "agent", False, None), ("pending", "agent", False, "customer"),
        ("received", "customer", True, None), ("resumed", "customer", False, None), ("resolved", "agent", False, None),
    ]  # fmt: skip


async def test_what_automation_does_later_or_closes_is_its_own(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    await clock.advance(10)
    desk.server.set(1, AUTOMATION, status=RESOLVED)  # right after her question, but that opens nothing
    await clock.advance(600)
    desk.server.say(1, desk.server.customer("anna"), "No.")
    await clock.advance(61)
    desk.server.set(1, AUTOMATION, status=OPEN)
    await read(desk, clock)
    assert desk.told("SUP-1", "by") == [
        ("opened", "customer"), ("resolved", "rule"), ("received", "customer"), ("reopened", "rule"),
    ]  # fmt: skip


async def test_internal_comments_automation_and_robots_answer_nobody(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    desk.server.say(1, ALICE, "Does anybody know?", public=False)
    desk.server.say(1, AUTOMATION, "We have received it.")
    desk.server.say(1, BOT, "Have you looked at our pages?")
    restricted = desk.server.say(1, BOB, "For administrators.")
    desk.server.comments[1][-1]["visibility"] = {"type": "role", "value": "Administrators"}
    await read(desk, clock)
    assert [kind for (kind,) in desk.told("SUP-1")] == ["opened", "noted", "auto_replied", "auto_replied", "noted"]
    assert ("SUP-1", str(restricted)) in desk.events


async def test_who_is_who(desk: Desk, clock: FakeClock):
    """Employees ask for help as well: whoever asks is the customer, and whoever follows the request with the customer is one."""
    desk.server.open(1, reporter=BOB, participants=[ALICE])
    desk.server.say(1, BOB, "I mean my new laptop.")
    desk.server.say(1, ALICE, "And mine.")
    desk.server.say(1, "5b10:cindy", "Here they are.")
    desk.server.open(2, participants=[ALICE])
    desk.server.say(2, ALICE, "Only colleagues see this.", public=False)
    desk.server.say(2, ALICE, "Here it is.")
    desk.server.open(3, participants=[ALICE])
    desk.server.set(3, ALICE, assignee=ALICE)
    await clock.advance(1)
    desk.server.say(3, ALICE, "Mine.")
    await read(desk, clock)
    assert [kind for (kind,) in desk.told("SUP-1")] == ["opened", "received", "received", "replied"]
    assert [kind for (kind,) in desk.told("SUP-2")] == ["opened", "noted", "replied"]
    assert [kind for (kind,) in desk.told("SUP-3")][-1] == "replied"
    desk.restart(staff=["bob@desk.example"])
    for number in (1, 2):
        desk.server.say(number, BOB, "Hm.")
    await read(desk, clock)
    assert [kind for (kind,) in desk.told("SUP-1")] == ["opened", "received", "received", "received", "received"]
    assert [kind for (kind,) in desk.told("SUP-2")][-2:] == ["received", "replied"]  # the settings decide


async def test_who_opened_it_for_whom(desk: Desk, clock: FakeClock):
    desk.server.open(1, by=ALICE)  # on behalf
    desk.server.open(2, by=AUTOMATION)  # a form on a web page
    desk.server.open(3, by=desk.server.customer("bert"))  # a customer for another one
    await read(desk, clock)
    assert {number: desk.told(f"SUP-{number}", "by", "answered") for number in (1, 2, 3)} == {
        1: [("opened", "agent", None)], 2: [("opened", "customer", None)], 3: [("opened", "customer", None)],
    }  # fmt: skip


async def test_a_customer_is_known_by_the_address_and_where_it_is_hidden_by_the_account(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    await read(desk, clock)
    (shown,) = {each.customer for each in desk.events.values()}
    names = [batch.names for batch in desk.batches if batch.names]
    desk.server.hides_addresses = True
    desk.server.open(2)
    await read(desk, clock)
    (hidden,) = {each.customer for (contact, _), each in desk.events.items() if contact == "SUP-2"}
    assert shown != hidden
    assert names == [{shown: [shown, hidden]}]  # the same person, and so it is told
    assert "anna" not in repr(desk.batches)


async def test_priorities_promises_and_policies(desk: Desk, clock: FakeClock):
    desk.restart(
        policies={"Kind": {"praise": "slow"}}, complaints=[{"tag": "complaint", "sector": "energy"}],
        promise_fields=["duedate", "promised by"],
    )  # fmt: skip
    desk.server.open(1)
    for fields in (
        {"priority": "1"}, {"duedate": "2026-11-20"}, {"promised": "2026-11-21"}, {"kind": "praise"},
        {"labels": ["complaint", "vip"]}, {"priority": "5"}, {"duedate": None},
    ):  # fmt: skip
        await clock.advance(60)
        desk.server.set(1, ALICE, **fields)
    await clock.advance(60)
    desk.server.set(1, AUTOMATION, duedate="2026-11-25")  # promises nothing
    await read(desk, clock)
    day = NOW.date()
    assert desk.told("SUP-1", "raised", "name", "due", "policy", "sector")[1:] == [
        ("prioritised", True, None, None, None, None), ("promised", None, "duedate", day + timedelta(days=2), None, None),
        ("promised", None, "promised by", day + timedelta(days=3), None, None), ("noted", None, None, None, "slow", None),
        ("complained", None, None, None, None, "energy"), ("prioritised", False, None, None, None, None),
        ("promised", None, "duedate", None, None, None),
    ]  # fmt: skip


async def test_statuses_mean_what_their_category_says_and_two_names_of_service_management(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    for status in (PENDING, OPEN, FOR_CUSTOMER, CANCELED, OPEN, RESOLVED, CLOSED):
        await clock.advance(60)
        desk.server.set(1, ALICE, status=status)
    await read(desk, clock)
    assert desk.told("SUP-1", "on")[1:] == [
        ("pending", "third_party"), ("resumed", None), ("pending", "customer"), ("resolved", None), ("reopened", None),
        ("resolved", None),
    ]  # fmt: skip


async def test_statuses_of_one_name_that_mean_different_things_are_told_apart(desk: Desk, clock: FakeClock):
    desk.server.statuses += [("7", "Review", "indeterminate"), ("8", "Review", "done")]
    desk.server.open(1)
    desk.server.open(2)
    await clock.advance(60)
    desk.server.set(1, ALICE, status="7")
    desk.server.set(2, ALICE, status="8")
    await read(desk, clock)
    assert [desk.told(f"SUP-{number}")[1:] for number in (1, 2)] == [[], [("resolved",)]]


async def test_a_status_that_no_list_has_is_what_its_category_says(desk: Desk, clock: FakeClock):
    desk.server.unlisted = [("70", "Shipped", "done"), ("71", "Packed", "indeterminate")]
    for number in (1, 2, 3):
        desk.server.open(number)
    await clock.advance(60)
    desk.server.set(1, ALICE, status="71")
    desk.server.set(1, ALICE, status="70")
    desk.server.set(2, ALICE, status="71")
    desk.server.link(3, ALICE, 2)
    desk.server.set(3, ALICE, status="70")
    await read(desk, clock)
    told = [[kind for (kind,) in desk.told(f"SUP-{number}")][1:] for number in (1, 2, 3)]
    assert told == [["resolved"], [], ["discarded"]]


async def test_settings_say_which_statuses_wait(desk: Desk, clock: FakeClock):
    desk.server.statuses += [("7", "Warten auf Kunden", "indeterminate")]
    desk.restart(pending_statuses=["Warten auf Kunden"])
    desk.server.open(1)
    for status in ("7", FOR_CUSTOMER):
        await clock.advance(60)
        desk.server.set(1, ALICE, status=status)
    await read(desk, clock)
    assert [kind for (kind,) in desk.told("SUP-1")][1:] == ["pending", "resumed"]


async def test_a_request_that_is_moved_keeps_the_key_that_it_had_first(desk: Desk, clock: FakeClock):
    desk.restart(escalation={"queues": ["mgr"]})
    desk.server.open(1)
    await read(desk, clock)
    desk.server.move(1, ALICE, "MGR")
    await clock.advance(60)
    desk.server.say(1, BOB, "I have it now.")
    await clock.advance(60)
    desk.server.move(1, BOB, "PRJ")
    await read(desk, clock)
    assert desk.told("SUP-1", "place") == [
        ("opened", "project:SUP"), ("assigned", "project:MGR"), ("escalated", "project:MGR"), ("replied", "project:MGR"),
        ("assigned", "project:PRJ"),
    ]  # fmt: skip
    assert {contact for contact, _ in desk.events} == {"SUP-1"}


async def test_a_duplicate_is_thrown_away_when_it_is_closed_and_comes_back(desk: Desk, clock: FakeClock):
    for number in (1, 2, 3):
        desk.server.open(number)
    await clock.advance(60)
    desk.server.link(1, ALICE, 3)
    await clock.advance(60)
    desk.server.set(1, ALICE, status=CLOSED)
    desk.server.set(2, ALICE, status=CLOSED)
    await clock.advance(60)
    desk.server.link(2, ALICE, 3)  # afterwards
    await clock.advance(60)
    desk.server.link(1, ALICE, 3, gone=True)  # it was none
    await clock.advance(60)
    desk.server.set(2, ALICE, status=OPEN)
    await read(desk, clock)
    assert desk.told("SUP-1", "reason")[1:] == [("discarded", "duplicate"), ("restored", None), ("resolved", None)]
    assert desk.told("SUP-2", "reason")[1:] == [("resolved", None), ("discarded", "duplicate"), ("restored", None)]
    assert desk.told("SUP-3") == [("opened",)]


async def test_what_jiras_own_service_levels_say_comes_along(desk: Desk, clock: FakeClock):
    began = int(NOW.timestamp())
    desk.server.open(1)
    desk.server.issues[1]["first_response"] = level(
        (began, began + 1200, began + 600, True), (began + 1800, began + 2100, began + 3000, False)
    )
    desk.server.issues[1]["resolution_level"] = level((began, None, began + 3000, True))
    desk.server.open(2)
    desk.server.issues[2]["resolution_level"] = level((began, None, began + 9000, False))  # it runs
    await read(desk, clock, later=3600)
    assert desk.told("SUP-1", "name", "how", "at")[1:] == [
        ("judged", "reply", "breached", NOW + timedelta(minutes=10)),
        ("judged", "follow_up", "kept", NOW + timedelta(minutes=35)),
        ("judged", "resolution", "breached", NOW + timedelta(minutes=50)),
    ]  # fmt: skip
    assert desk.told("SUP-2") == [("opened",)]


async def test_ratings(desk: Desk, clock: FakeClock):
    for number, stars in ((1, 5), (2, 2), (3, None)):
        desk.server.open(number, rating=stars, rated=None if stars is None else "2026-11-18T12:30:00.000+0000")
    await read(desk, clock, later=3600)
    assert [desk.told(f"SUP-{number}", "score")[1:] for number in (1, 2, 3)] == [[("rated", 1.0)], [("rated", 0.25)], []]


async def test_a_thank_you_with_a_file_is_more_than_that(desk: Desk, clock: FakeClock):
    anna = desk.server.customer("anna")
    for number, files in ((1, 0), (2, 1)):
        desk.server.open(number)
        await clock.advance(60)
        desk.server.say(number, ALICE, "Here it is.")
        await clock.advance(60)
        desk.server.say(number, anna, "Thank you!", files=files)
    await read(desk, clock)
    assert [desk.told(f"SUP-{number}", "courtesy")[-1] for number in (1, 2)] == [("received", True), ("received", False)]


async def test_a_reply_that_promises_a_picked_date(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    await clock.advance(60)
    picked = {"type": "date", "attrs": {"timestamp": "1795132800000"}}  # 2026-11-20
    said = adf("x") | {"content": [{"type": "paragraph", "content": [
        {"type": "text", "text": "We will send you the new one by "}, picked, {"type": "text", "text": "."},
    ]}]}  # fmt: skip
    desk.server.say(1, ALICE, body=said)
    await read(desk, clock)
    (gist,) = [event.gist for event in desk.events.values() if event.kind == "replied"]
    assert gist is not None
    assert [promise.due.date() for promise in gist.promises if promise.due is not None] == [NOW.date() + timedelta(days=2)]


async def test_an_issue_that_cannot_be_understood_is_set_aside(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    desk.server.open(2)
    desk.server.say(1, ALICE)
    desk.server.comments[1][0]["created"] = "yesterday"
    await read(desk, clock)
    rejected = [each for batch in desk.batches for each in batch.rejected]
    assert [(each.reason, each.sample) for each in rejected] == [("malformed", "ticket 1: no moment: created")]
    assert {contact for contact, _ in desk.events} == {"SUP-2"}
