"""What tickets, conversations and looks of Freshdesk mean: a ticket of the simulator and the events that are told of it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from monitor.testing import FakeClock
from tests.connectors.freshdesk.desk import NOW, Desk, desk_at, limitless
from tests.connectors.freshdesk.simulator import (
    ALICE,
    BOB,
    BOT,
    CLOSED,
    FORWARD,
    GONE,
    OPEN,
    OUTBOUND,
    PENDING,
    PHONE,
    RESOLVED,
    SURVEY,
    THIRD_PARTY,
    WAITING,
)
from tests.connectors.simulated import in_process


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def desk(clock: FakeClock) -> AsyncIterator[Desk]:
    simulator = limitless(clock)
    with in_process(simulator) as url:
        yield desk_at(url, simulator, clock, robots=["chatbot@desk.example"])


async def read(desk: Desk, clock: FakeClock, *, later: float = 60) -> None:
    await clock.advance(later)
    await desk.poll()


def minutes(desk: Desk, number: str, *kinds: str) -> list[tuple[str, float]]:
    return [(kind, (at - NOW).total_seconds() / 60) for kind, at in desk.told(number, "at") if kind in kinds]


# words


async def test_a_question_its_answer_and_the_thanks(desk: Desk, clock: FakeClock):
    anna = desk.server.customer("anna")
    desk.server.open(1)
    await clock.advance(600)
    desk.server.say(1, ALICE, "On its way.")
    desk.server.set(1, status=PENDING)
    await read(desk, clock)
    await clock.advance(540)
    desk.server.say(1, anna, "Thank you!")
    await read(desk, clock)
    desk.server.set(1, status=RESOLVED)
    await read(desk, clock)
    assert desk.told("1", "by", "courtesy", "on") == [
        ("opened", "customer", False, None), ("replied", "agent", False, None), ("pending", "agent", False, "customer"),
        ("received", "customer", True, None), ("resumed", "customer", False, None), ("resolved", "agent", False, None),
    ]  # fmt: skip


async def test_what_answers_nobody(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    for number, said in enumerate((
        {"by": ALICE, "private": True}, {"by": BOT}, {"by": ALICE, "automation": 7}, {"by": ALICE, "auto_response": True},
        {"by": BOB, "source": FORWARD}, {"by": 1000, "source": SURVEY},
    )):  # fmt: skip
        await clock.advance(60)
        desk.server.say(1, text=f"words {number}", **said)  # type: ignore[arg-type]
    await read(desk, clock)
    assert [kind for (kind,) in desk.told("1")] == [
        "opened",
        "noted",
        "auto_replied",
        "auto_replied",
        "auto_replied",
        "noted",
        "noted",
    ]


async def test_a_public_note_is_words_to_the_customer_and_an_automatic_mail_asks_nothing(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    await clock.advance(60)
    desk.server.say(1, ALICE, "It is in the post.", source=2)
    await clock.advance(60)
    desk.server.say(1, desk.server.customer("anna"), "I am away.", auto_response=True)
    await read(desk, clock)
    assert desk.told("1", "automatic") == [("opened", False), ("replied", False), ("received", True)]


async def test_who_is_who(desk: Desk, clock: FakeClock):
    """Who asks is the customer; agents are, wherever they write from; whoever wrote inside was one then."""
    desk.server.open(1)
    desk.server.say(1, ALICE, incoming=True)  # by mail
    await clock.advance(60)
    desk.server.say(1, GONE)
    await clock.advance(60)
    desk.server.say(1, desk.server.customer("carla"))  # somebody in copy
    await clock.advance(60)
    desk.server.say(1, desk.server.customer("anna"), incoming=False)  # in the portal
    await read(desk, clock)
    assert [kind for (kind,) in desk.told("1")] == ["opened", "replied", "replied", "received", "received"]
    desk.restart(staff=["alice@desk.example"])
    desk.server.touch(1)
    await read(desk, clock)
    assert [kind for (kind,) in desk.told("1")][2] == "received"  # the settings decide


async def test_who_opened_it_for_whom(desk: Desk, clock: FakeClock):
    desk.server.open(1, source=OUTBOUND)
    desk.server.open(2, source=PHONE)
    desk.server.open(3)
    await read(desk, clock)
    assert {number: desk.told(number, "by", "answered") for number in "123"} == {
        "1": [("opened", "agent", True)], "2": [("opened", "agent", None)], "3": [("opened", "customer", None)],
    }  # fmt: skip


async def test_a_customer_is_known_by_the_address(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    await read(desk, clock)
    (known,) = {each.customer for each in desk.events.values()}
    desk.restart()
    desk.server.open(2)
    await read(desk, clock)
    assert {each.customer for each in desk.events.values()} == {known}
    assert "anna@customer.example" not in repr(desk.batches)


async def test_more_conversations_than_a_page_holds(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    for _ in range(250):
        desk.server.say(1, ALICE, private=True)
    await read(desk, clock)
    assert len(desk.told("1")) == 251


# the status: exact where `stats` has the moment


@pytest.mark.parametrize("forgets", [True, False])
async def test_each_status_has_its_moment_however_late_it_is_looked_at(desk: Desk, clock: FakeClock, forgets: bool):
    desk.server.limits.forgets = forgets
    desk.server.open(1)
    await read(desk, clock)
    for status in (PENDING, OPEN, RESOLVED, CLOSED):
        await clock.advance(600)
        desk.server.set(1, status=status)
        await read(desk, clock, later=300)
    assert minutes(desk, "1", "pending", "resumed", "resolved", "reopened") == [
        ("pending", 11),
        ("resumed", 26),
        ("resolved", 41),
    ]
    assert all(event.after is None for event in desk.events.values())


async def test_what_it_was_between_two_looks_is_told_as_far_as_stats_tell_it(desk: Desk, clock: FakeClock):
    """It was resolved and came back meanwhile: since when it was resolved nobody tells any more."""
    desk.server.open(1)
    await clock.advance(60)
    desk.server.say(1, ALICE)
    await read(desk, clock)
    await clock.advance(480)
    desk.server.set(1, status=RESOLVED)
    await clock.advance(3000)
    desk.server.say(1, desk.server.customer("anna"), "It is broken again.")
    await read(desk, clock)
    told = desk.told("1", "at", "by", "after")
    assert [each for each in told if each[0] in ("resolved", "reopened", "received")] == [
        ("resolved", NOW + timedelta(seconds=3599), "agent", NOW + timedelta(seconds=115)),  # 5 s before the last look
        ("received", NOW + timedelta(seconds=3600), "customer", None),
        ("reopened", NOW + timedelta(seconds=3600), "customer", None),
    ]


async def test_an_agent_who_opens_it_again_undoes_a_mistake(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    await read(desk, clock)
    desk.server.set(1, status=CLOSED)
    await read(desk, clock)
    desk.server.set(1, status=OPEN)
    await read(desk, clock)
    assert desk.told("1", "by")[1:] == [("resolved", "agent"), ("reopened", "agent")]


@pytest.mark.parametrize(("status", "on"), [(WAITING, "customer"), (THIRD_PARTY, "third_party")])
async def test_statuses_that_a_new_account_has(desk: Desk, clock: FakeClock, status: int, on: str):
    desk.server.open(1)
    await read(desk, clock)
    desk.server.set(1, status=status)
    await read(desk, clock)
    assert desk.told("1", "on")[1:] == [("pending", on)]


async def test_a_ticket_that_was_resolved_before_anybody_looked(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    await clock.advance(600)
    desk.server.set(1, status=RESOLVED)
    await clock.advance(600)
    desk.server.set(1, status=CLOSED)
    await read(desk, clock)
    assert minutes(desk, "1", "resolved") == [("resolved", 10)]


async def test_a_ticket_that_was_made_resolved(desk: Desk, clock: FakeClock):
    desk.server.open(1, source=PHONE, status=RESOLVED)
    desk.server.tickets[1]["stats"]["resolved_at"] = desk.server.tickets[1]["created_at"]
    await clock.advance(600)
    desk.server.say(1, ALICE, private=True)
    await read(desk, clock)
    assert minutes(desk, "1", "resolved") == [("resolved", 0)]


# other fields: known only to have changed between two looks


async def test_owner_group_and_priority_change_between_two_looks(desk: Desk, clock: FakeClock):
    desk.restart(escalation={"queues": ["managers"]})
    desk.server.open(1, priority=1)
    await read(desk, clock)
    looked = clock.now()
    await clock.advance(600)
    desk.server.set(1, responder_id=BOB, priority=4, group_id=13)
    changed = clock.now()
    await read(desk, clock)
    told = desk.told("1", "to", "queue", "raised", "place")[1:]
    assert sorted(told, key=str) == sorted(
        [
            ("assigned", str(BOB), None, None, "group:support"), ("prioritised", "urgent", None, True, "group:managers"),
            ("assigned", str(BOB), "managers", None, "group:managers"), ("escalated", None, None, None, "group:managers"),
        ], key=str,
    )  # fmt: skip
    later = [event for event in desk.events.values() if event.kind not in ("opened",) and not event.id.endswith(":first")]
    assert {(event.after, event.at) for event in later} == {(looked - timedelta(seconds=5), changed)}


async def test_the_same_is_told_whenever_it_is_read(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    await read(desk, clock)
    for number, group in enumerate((12, 13, 11, 12)):
        await clock.advance(60)
        desk.server.set(1, group_id=group, responder_id=ALICE + number % 2)
        await read(desk, clock)
    told = dict(desk.events)
    desk.restart()
    desk.server.touch(1)
    await read(desk, clock)
    assert desk.events == told


async def test_promises_of_custom_fields(desk: Desk, clock: FakeClock):
    desk.restart(promise_fields=["Promised by", "cf_due"])
    desk.server.open(1, cf_due="2026-11-25")  # it was there when first looked at
    await read(desk, clock)
    desk.server.set(1, cf_promised_by="2026-11-20")
    await read(desk, clock)
    desk.server.set(1, cf_promised_by=None)
    await read(desk, clock)
    assert [(kind, name, str(due)) for kind, name, due in desk.told("1", "name", "due")[1:]] == [
        ("promised", "cf_due", "2026-11-25"), ("promised", "Promised by", "2026-11-20"), ("promised", "Promised by", "None"),
    ]  # fmt: skip


async def test_policies_and_complaints(desk: Desk, clock: FakeClock):
    desk.restart(
        policies={"Kind": {"praise": "slow"}, "priority": {"urgent": "p1"}},
        complaints=[{"tag": "Complaint", "sector": "energy"}],
    )  # fmt: skip
    desk.server.open(1)
    for fields in ({"cf_kind": "praise"}, {"priority": 4, "cf_kind": None}, {"tags": ["vip", "complaint"]}, {"tags": []}):
        await read(desk, clock)
        desk.server.set(1, **fields)
    await read(desk, clock)
    assert desk.told("1", "policy", "sector", "withdrawn")[1:] == [
        ("noted", "slow", None, False), ("prioritised", None, None, False), ("noted", "p1", None, False),
        ("complained", None, "energy", False), ("complained", None, None, True),
    ]  # fmt: skip


async def test_of_other_fields_nothing_is_kept(desk: Desk, clock: FakeClock):
    desk.restart(policies={"Kind": {"praise": "slow"}}, complaints=[{"tag": "complaint"}], promise_fields=["Due"])
    desk.server.open(
        1, cf_kind="Mrs Smith of 1 High Street", cf_promised_by="2026-01-01", tags=("Mrs Smith",), cf_due="Mrs Smith"
    )
    await read(desk, clock)
    stored = repr(desk.state.entries)
    assert "Smith" not in stored
    assert "2026-01-01" not in stored
    assert "ticket:1" in stored


async def test_a_long_life_is_kept_short(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    for number in range(150):
        await read(desk, clock)
        desk.server.set(1, group_id=11 + number % 2, responder_id=ALICE + number % 3)
    await read(desk, clock)
    assert len(desk.state.entries["ticket:1"]) < 6_000
    assert desk.told("1", "place")[0] == ("opened", "group:support")


# merges


async def test_a_merged_ticket_goes_on_in_the_other_one_with_its_words(desk: Desk, clock: FakeClock):
    desk.server.open(1, text="Where is my pump?")
    await clock.advance(600)
    desk.server.say(1, desk.server.customer("anna"), "Hello?")
    desk.server.open(2, text="Pump?")
    await clock.advance(600)
    desk.server.merge(1, into=2)
    await clock.advance(600)
    desk.server.say(2, ALICE, "On its way.")
    await read(desk, clock)
    assert desk.told("1", "to") == [("opened", None), ("received", None), ("merged", "2")]
    assert minutes(desk, "2", "opened", "received", "replied", "noted") == [
        ("received", 0), ("opened", 10), ("received", 10), ("replied", 30),
    ]  # fmt: skip


async def test_what_a_customer_writes_merges_nothing(desk: Desk, clock: FakeClock):
    desk.server.open(1, "anna")
    desk.server.open(2, "bert")
    bert = desk.server.customer("bert")
    desk.server.say(2, bert, "Merged from ticket 1")
    desk.server.say(2, bert, "This ticket is closed and merged into ticket 1")
    await read(desk, clock)
    assert [kind for (kind,) in desk.told("2")] == ["opened", "received", "received"]


async def test_a_merge_in_other_words_is_closed_like_any_other(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    await clock.advance(600)
    desk.server.say(1, ALICE, "Siehe Ticket 2.", private=True)
    desk.server.set(1, status=CLOSED)
    await read(desk, clock)
    assert [kind for (kind,) in desk.told("1")] == ["opened", "noted", "resolved"]


# what Freshdesk's own service levels say


@pytest.mark.parametrize(
    ("fields", "stats", "told"),
    [
        ({"fr_due_by": "12:30"}, {"first_responded_at": "12:20"}, [("reply", "kept", "12:20")]),
        ({"fr_due_by": "12:30"}, {"first_responded_at": "12:40"}, [("reply", "breached", "12:30")]),
        ({"fr_due_by": "12:30", "fr_escalated": True}, {}, [("reply", "breached", "12:30")]),
        ({"fr_due_by": "12:30"}, {}, []),
        ({"due_by": "12:30"}, {"resolved_at": "12:30"}, [("resolution", "kept", "12:30")]),
        ({"due_by": "12:30", "is_escalated": True}, {"resolved_at": "12:31"}, [("resolution", "breached", "12:30")]),
        ({"due_by": "14:30", "is_escalated": True}, {}, []),  # escalated for another reason
        ({"nr_due_by": "12:30", "nr_escalated": True}, {}, [("follow_up", "breached", "12:30")]),
        ({}, {"first_responded_at": "12:20", "resolved_at": "12:30"}, []),  # no target was set
    ],
)
async def test_what_freshdesks_own_service_levels_say_comes_along(
    desk: Desk, clock: FakeClock, fields: dict[str, Any], stats: dict[str, str], told: list[tuple[str, str, str]]
):
    desk.server.open(1)

    def moments(values: dict[str, Any]) -> dict[str, Any]:
        return {key: f"2026-11-18T{text}:00Z" if isinstance(text, str) else text for key, text in values.items()}

    desk.server.tickets[1].update(moments(fields))
    desk.server.tickets[1]["stats"].update(moments(stats))
    await read(desk, clock, later=3600)
    judged = [each for each in desk.told("1", "name", "how", "at") if each[0] == "judged"]
    assert [(name, how, f"{at:%H:%M}") for _, name, how, at in judged] == told
