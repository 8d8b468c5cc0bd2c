"""What articles and the history of Zammad mean: a ticket of the simulator and the events that are told of it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from monitor.testing import FakeClock
from tests.connectors.simulated import in_process
from tests.connectors.zammad.desk import NOW, Desk, desk_at
from tests.connectors.zammad.simulator import ALICE, BOB, BOT, NOBODY, Simulator


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def desk(clock: FakeClock) -> AsyncIterator[Desk]:
    simulator = Simulator(clock)
    with in_process(simulator) as url:
        yield desk_at(url, simulator, clock, robots=["chatbot@desk.example"])


async def read(desk: Desk, clock: FakeClock) -> None:
    await clock.advance(60)
    await desk.poll()


async def test_a_question_its_answer_and_the_thanks(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    await clock.advance(600)
    desk.server.say(1, ALICE, "On its way.")
    desk.server.set(1, ALICE, state="pending reminder", pending_time="2026-11-20 09:00:00 UTC")
    await clock.advance(600)
    desk.server.say(1, desk.server.customer("anna"), "Thank you!")
    await clock.advance(600)
    desk.server.set(1, ALICE, state="closed")
    await read(desk, clock)
    assert desk.told("22001", "by", "courtesy", "until")[:2] == [
        ("opened", "customer", False, None),
        ("replied", "agent", False, None),
    ]
    assert [kind for kind, *_ in desk.told("22001")] == [
        "opened",
        "replied",
        "pending",
        "pending",
        "received",
        "resumed",
        "resolved",
    ]
    assert desk.told("22001", "until")[3] == ("pending", NOW.replace(day=20, hour=9))
    assert desk.told("22001", "by", "courtesy")[4:6] == [("received", "customer", True), ("resumed", "customer", False)]


async def test_articles_decide_what_is_an_answer(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    told = [
        ({"by": ALICE, "kind": "note", "internal": True}, "noted"), ({"by": ALICE, "kind": "note"}, "noted"),
        ({"by": ALICE, "kind": "email", "internal": True}, "replied"),  # it was sent all the same
        ({"by": ALICE, "kind": "phone"}, "replied"), ({"by": ALICE, "kind": "phone", "sender": "Customer"}, "received"),
        ({"by": ALICE, "kind": "web", "internal": True}, "noted"), ({"by": BOT}, "auto_replied"),
        ({"by": NOBODY, "sender": "System"}, "auto_replied"),
    ]  # fmt: skip
    for what, _ in told:
        await clock.advance(1)
        desk.server.say(1, **what)
    await read(desk, clock)
    assert [kind for (kind,) in desk.told("22001")] == ["opened", *(kind for _, kind in told)]


async def test_a_machine_of_the_customers_asks_nothing(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    desk.server.say(1, desk.server.customer("anna"), "I am away.", automatic=True)
    await read(desk, clock)
    assert desk.told("22001", "automatic")[-1] == ("received", True)


async def test_a_colleague_whom_zammad_takes_for_a_customer(desk: Desk, clock: FakeClock):
    desk.restart(staff=["dora@desk.example"])
    desk.server.open(1)
    desk.server.say(1, desk.server.customer("bert"), "Here it is.", address="dora@desk.example")
    desk.server.say(1, desk.server.customer("bert"), "And here?")
    await read(desk, clock)
    assert [kind for (kind,) in desk.told("22001")] == ["opened", "replied", "received"]


async def test_states_that_ignore_escalation_pause(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    for state in ("at the supplier", "in the workshop", "pending close", "open", "closed"):
        await clock.advance(60)
        desk.server.set(1, ALICE, state=state)
    await read(desk, clock)
    assert desk.told("22001", "on")[1:] == [
        ("pending", "third_party"), ("resumed", None), ("pending", "customer"), ("resumed", None), ("resolved", None),
    ]  # fmt: skip


async def test_who_did_it(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    await clock.advance(60)
    desk.server.set(1, ALICE, state="closed")
    await clock.advance(60)
    desk.server.say(1, desk.server.customer("anna"), "It is still broken.")
    await clock.advance(60)
    desk.server.set(1, NOBODY, priority_id=3)
    desk.server.set(1, ALICE, group_id=2, rule="Trigger")
    desk.server.set(1, BOT, state="closed")
    await clock.advance(60)
    desk.server.say(1, desk.server.customer("carl"), "Me too.")
    desk.server.set(1, NOBODY, state="open")  # because of these words
    await read(desk, clock)
    assert desk.told("22001", "by")[1:] == [
        ("resolved", "agent"), ("received", "customer"), ("reopened", "customer"), ("prioritised", "rule"), ("assigned", "rule"),
        ("resolved", "rule"), ("received", "customer"), ("reopened", "customer"),
    ]  # fmt: skip


async def test_owners_groups_priorities_promises_tags_and_policies(desk: Desk, clock: FakeClock):
    desk.restart(promise_fields=["promised_by"], complaints=[{"tag": "complaint"}], policies={"kind": {"praise": "slow"}})
    desk.server.open(1, kind="email")
    desk.server.tickets[1]["kind"] = ""
    for act in (
        lambda: desk.server.set(1, ALICE, owner_id=ALICE), lambda: desk.server.set(1, ALICE, owner_id=NOBODY, group_id=2),
        lambda: desk.server.set(1, BOB, priority_id=3), lambda: desk.server.set(1, BOB, promised_by="2026-11-20"),
        lambda: desk.server.tag(1, BOB, "complaint"), lambda: desk.server.tag(1, BOB, "complaint", gone=True),
        lambda: desk.server.set(1, BOB, kind="praise"),
    ):  # fmt: skip
        await clock.advance(60)
        act()
    await read(desk, clock)
    assert desk.told("22001", "place", "to", "queue", "raised")[1:5] == [
        ("assigned", "group:support", str(ALICE), None, None), ("assigned", "group:support", None, None, None),
        ("assigned", "group:projects", None, "projects", None), ("prioritised", "group:projects", "3 high", None, True),
    ]  # fmt: skip
    assert desk.told("22001", "due", "withdrawn", "policy")[5:] == [
        ("promised", (NOW + timedelta(days=2)).date(), False, None), ("complained", None, False, None),
        ("complained", None, True, None), ("noted", None, False, "slow"),
    ]  # fmt: skip


async def test_what_zammads_own_service_levels_say_comes_along(desk: Desk, clock: FakeClock):
    desk.server.open(
        1, first_response_at="2026-11-18T12:20:00.000Z", first_response_diff_in_min=-5,
        close_at="2026-11-18T12:40:00.000Z", close_diff_in_min=30,
    )  # fmt: skip
    desk.server.open(2, first_response_at="2026-11-18T12:20:00.000Z", first_response_diff_in_min=None)
    await clock.advance(3600)
    await desk.poll()
    assert desk.told("22001", "name", "how")[1:] == [("judged", "reply", "breached"), ("judged", "resolution", "kept")]
    assert desk.told("22002") == [("opened",)]


async def test_a_merged_ticket_goes_on_in_the_other_one_with_its_words(desk: Desk, clock: FakeClock):
    desk.server.open(1, text="Where is my pump?")
    await clock.advance(600)
    desk.server.open(2, text="Pump?")
    await clock.advance(600)
    desk.server.merge(1, into=2)
    await clock.advance(600)
    desk.server.say(2, ALICE, "On its way.")
    await read(desk, clock)
    assert desk.told("22001", "to", "by") == [("opened", None, "customer"), ("merged", "22002", "agent")]
    told = desk.told("22002", "at")
    assert [(kind, (at - NOW).total_seconds()) for kind, at in told] == [("received", 0), ("opened", 600), ("replied", 1800)]


async def test_who_opened_it_for_whom(desk: Desk, clock: FakeClock):
    desk.server.open(1, by=ALICE, sender="Agent")
    desk.server.open(2, by=ALICE, sender="Agent", kind="note")
    desk.server.open(3, by=ALICE, kind="phone")
    desk.server.open(4, by=BOT, sender="Agent", kind="web")
    await read(desk, clock)
    assert {number: desk.told(f"2200{number}", "by", "answered") for number in "1234"} == {
        "1": [("opened", "agent", True)], "2": [("opened", "agent", None)],
        "3": [("opened", "customer", None)], "4": [("opened", "customer", None)],
    }  # fmt: skip


async def test_a_history_that_is_newer_than_the_listing_counts(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    await clock.advance(60)
    desk.server.meanwhile = [("tickets/search", lambda: desk.server.set(1, ALICE, state="closed"))]
    await desk.poll()
    assert [kind for (kind,) in desk.told("22001")] == ["opened", "resolved"]
