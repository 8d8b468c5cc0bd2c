"""What issues of Redmine become: events at their places, by the right people."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from monitor.errors import AuthError
from monitor.testing import FakeClock
from tests.connectors.redmine_desk import NOW, Desk, scripted_desk
from tests.connectors.scripted_redmine import ADMIN, ALICE, ANNA, ANONYMOUS, BERT, BOB, BOT, GROUP, MEMBER


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def desk(clock: FakeClock) -> AsyncIterator[Desk]:
    async with scripted_desk(clock) as found:
        yield found


# issues


async def test_a_history_becomes_events_at_its_places(desk: Desk, clock: FakeClock):
    desk.server.open(17)
    for step in (
        lambda server: server.set(17, "assigned_to_id", ALICE),
        lambda server: server.set(17, "status_id", "4", notes="Which one?"),
        lambda server: server.move(17, "2", BOB),
        lambda server: server.set(17, "priority_id", "3"),
        lambda server: server.set(17, "priority_id", "1"),
        lambda server: server.set(17, "status_id", "2"),
        lambda server: server.set(17, "assigned_to_id", None),
        lambda server: server.set(17, "status_id", "5"),
    ):
        await clock.advance(60)
        step(desk.server)
    await clock.advance(60)
    await desk.poll()
    assert desk.told("17", "place", "to", "queue", "by", "raised") == [
        ("opened", "project:support", None, None, "customer", None),
        ("assigned", "project:support", ALICE, None, "agent", None),
        ("replied", "project:support", None, None, "agent", None),
        ("pending", "project:support", None, None, "agent", None),
        ("assigned", "project:projects", ALICE, "projects", "agent", None),
        ("assigned", "project:projects", BOB, None, "agent", None),
        ("prioritised", "project:projects", "High", None, "agent", True),
        ("prioritised", "project:projects", "Low", None, "agent", False),
        ("resumed", "project:projects", None, None, "agent", None),
        ("assigned", "project:projects", None, None, "agent", None),
        ("resolved", "project:projects", None, None, "agent", None),
    ]
    assert desk.batches[0].newest_outbound == NOW + timedelta(seconds=120)


async def test_resolved_is_open_as_long_as_redmine_says_so(desk: Desk, clock: FakeClock):
    desk.server.open(17)
    desk.server.set(17, "status_id", "3")
    await desk.poll()
    assert desk.told("17") == [("opened",)]
    desk.restart(pending_statuses=["resolved"])
    await clock.advance(15)
    desk.server.say(17, ALICE)
    await desk.poll()
    assert desk.told("17") == [("opened",), ("pending",), ("replied",)]


async def test_closed_on_stays_and_means_nothing(desk: Desk, clock: FakeClock):
    desk.server.open(17, closed_on="2026-11-18T12:00:10Z")
    for status in ("5", "2", "6"):
        await clock.advance(10)
        desk.server.set(17, "status_id", status)
    await desk.poll()
    assert desk.told("17", "at")[1:] == [
        ("resolved", NOW + timedelta(seconds=10)),
        ("reopened", NOW + timedelta(seconds=20)),
        ("resolved", NOW + timedelta(seconds=30)),
    ]


async def test_days_that_staff_set_are_promises(desk: Desk, clock: FakeClock):
    desk.restart(promise_fields=["due_date", "Promised by"])
    desk.server.open(17)
    desk.server.set(17, "due_date", "2026-11-30", by=BOT)
    desk.server.set(17, "due_date", "2026-11-20")
    desk.server.promise(17, None, "2026-11-23")
    desk.server.set(17, "due_date", None)
    desk.server.open(18, ALICE, due_date="2026-11-24")
    desk.server.open(19, due_date="2026-11-24")
    desk.restart(robots=["chatbot"])
    await desk.poll()
    assert [told for told in desk.told("17", "name", "due") if told[0] == "promised"] == [
        ("promised", "due_date", datetime(2026, 11, 20).date()),  # noqa: DTZ001
        ("promised", "Promised by", datetime(2026, 11, 23).date()),  # noqa: DTZ001
        ("promised", "due_date", None),
    ]
    assert desk.told("18", "by", "due") == [
        ("opened", "agent", None),
        ("promised", "agent", datetime(2026, 11, 24).date()),  # noqa: DTZ001
    ]
    assert desk.told("19") == [("opened",)]


async def test_groups_and_customers_own_nothing(desk: Desk, clock: FakeClock):
    desk.server.open(17)
    for owner in (GROUP, ALICE, ANNA, GROUP, BOB):
        await clock.advance(10)
        desk.server.set(17, "assigned_to_id", owner)
    await desk.poll()
    assert [told[1] for told in desk.told("17", "to") if told[0] == "assigned"] == [None, ALICE, None, None, BOB]


async def test_a_duplicate_asks_nothing_once_it_is_closed_as_one(desk: Desk, clock: FakeClock):
    desk.server.open(16)
    desk.server.open(17)
    desk.server.duplicates(17, of=16)
    await clock.advance(60)
    await desk.poll()
    assert desk.told("17") == [("opened",)]
    desk.server.set(17, "status_id", "6")
    await clock.advance(60)
    await desk.poll()
    assert desk.told("17", "reason")[1:] == [("discarded", "duplicate")]
    desk.server.duplicates(17, of=16, no_more=True)
    await clock.advance(60)
    desk.server.set(17, "status_id", "2")
    await clock.advance(60)
    await desk.poll()
    assert desk.told("17", "reason")[1:] == [
        ("discarded", "duplicate"),
        ("restored", None),
        ("resolved", None),
        ("reopened", None),
    ]
    assert desk.told("16") == [("opened",)]


async def test_complaints_by_project_tracker_and_field(desk: Desk, clock: FakeClock):
    kinds = {"id": 7, "name": "Kinds", "multiple": True}
    desk.restart(
        complaints=[
            {"project": "managers", "sector": "telecoms"}, {"field": "tracker", "value": "Bug"},
            {"field": "Kinds", "value": "Complaint", "sector": "energy"},
        ]
    )  # fmt: skip
    desk.server.open(17)
    desk.server.set(17, "project_id", "3")
    desk.server.open(18)
    desk.server.set(18, "tracker_id", "1")
    desk.server.open(19, custom_fields=[{**kinds, "value": ["Complaint", "Question"]}])
    await clock.advance(60)
    desk.server.journal(
        19, ALICE, {"property": "cf", "name": "7", "old_value": None, "new_value": "Question"},
        {"property": "cf", "name": "7", "old_value": "Praise", "new_value": None},
    )  # fmt: skip
    desk.server.open(20, custom_fields=[{**kinds, "value": []}])
    desk.server.journal(20, ALICE, {"property": "cf", "name": "7", "old_value": "Complaint", "new_value": None})
    await desk.poll()
    told = {n: [t for t in desk.told(n, "sector", "withdrawn", "at") if t[0] == "complained"] for n in ("17", "18", "19", "20")}
    assert told == {
        "17": [("complained", "telecoms", False, NOW)],
        "18": [("complained", None, False, NOW)],
        "19": [("complained", "energy", False, NOW)],
        "20": [
            ("complained", "energy", False, NOW + timedelta(seconds=60)),
            ("complained", None, True, NOW + timedelta(seconds=60)),
        ],
    }


@pytest.mark.parametrize("called", ["status", "owner", "queue", "priority", "due_date"])
async def test_a_custom_field_that_is_called_like_a_field_of_redmine_is_none(desk: Desk, clock: FakeClock, called: str):
    desk.server.open(17, custom_fields=[{"id": 1, "name": called, "value": "Closed"}])
    desk.server.promise(17, None, "Closed")
    await desk.poll()
    assert desk.told("17", "place") == [("opened", "project:support")]


async def test_a_priority_chooses_the_policy(desk: Desk):
    desk.restart(policies={"priority": {"high": "urgent"}})
    desk.server.open(17)
    desk.server.set(17, "priority_id", "3")
    await desk.poll()
    assert desk.told("17", "policy") == [("opened", None), ("prioritised", "urgent")]


async def test_thanks_are_looked_at_unless_something_is_attached(desk: Desk, clock: FakeClock):
    desk.server.open(17)
    attached = {"property": "attachment", "name": "3", "old_value": None, "new_value": "photo.png"}
    for text, details in (("Thank you!", ()), ("Thank you, but it still leaks.", ()), ("Thank you!", (attached,))):
        await clock.advance(60)
        desk.server.say(17, ALICE)
        await clock.advance(60)
        desk.server.journal(17, ANNA, *details, notes=text)
    await desk.poll()
    assert [told[1] for told in desk.told("17", "courtesy") if told[0] == "received"] == [True, False, False]


# who is who


@pytest.mark.parametrize(
    ("author", "by"),
    [(ANNA, "customer"), (ALICE, "agent"), (BOT, "rule"), (MEMBER, "customer"), (ADMIN, "customer"), (ANONYMOUS, "customer")],
)
async def test_who_opened_it(desk: Desk, author: str, by: str):
    desk.restart(robots=["Chatbot"])
    desk.server.open(17, author)
    await desk.poll()
    assert desk.told("17", "by") == [("opened", by)]


async def test_customers_are_told_apart_and_nobody_is_not_one_of_them(desk: Desk):
    for number, author in ((17, ANNA), (18, BERT), (19, ANNA), (20, ANONYMOUS), (21, ALICE)):
        desk.server.open(number, author)
    await desk.poll()
    anna, bert, again, anonymous, ours = (desk.told(str(n), "customer")[0][1] for n in range(17, 22))
    assert anna == again != bert
    assert (anonymous, ours) == (None, None)


async def test_whoever_edits_an_issue_is_staff_though_no_longer_a_member(desk: Desk, clock: FakeClock):
    desk.server.open(17)
    desk.server.say(17, BOB)
    desk.server.set(17, "status_id", "2", by=BOB)
    desk.server.say(17, ADMIN)
    desk.server.set(17, "priority_id", "3", by=ADMIN)
    desk.server.left = {BOB}
    await desk.poll()
    assert desk.told("17", "by") == [
        ("opened", "customer"), ("replied", "agent"), ("replied", "agent"), ("prioritised", "agent"),
    ]  # fmt: skip


async def test_who_opened_it_may_edit_it_and_stays_a_customer(desk: Desk):
    desk.server.open(17, MEMBER)
    desk.server.set(17, "status_id", "2", by=MEMBER, notes="It is urgent")
    await desk.poll()
    assert desk.told("17", "by") == [("opened", "customer"), ("received", "customer")]


@pytest.mark.parametrize("staff", [["Bob", "1"], ["6", " 1 "]])
async def test_staff_of_the_settings_are_members_by_login_and_others_by_number(desk: Desk, staff: list[str]):
    desk.restart(staff=staff)
    desk.server.open(17)
    for writer in (ALICE, BOB, ADMIN):
        desk.server.say(17, writer)
    desk.server.set(17, "status_id", "2", by=ALICE)
    await desk.poll()
    assert [told[0] for told in desk.told("17")] == ["opened", "received", "replied", "replied"]


async def test_a_customer_who_calls_himself_like_one_of_us_is_none_of_us(desk: Desk):
    desk.restart(staff=["alice"], robots=["chatbot"])
    desk.server.open(17)
    for called in ("alice", "chatbot"):
        desk.server.say(17, ANNA)
        desk.server.issues[17]["journals"][-1]["user"]["name"] = called
    await desk.poll()
    assert [told[0] for told in desk.told("17")] == ["opened", "received", "received"]


async def test_members_that_are_hidden_stop_the_source(desk: Desk):
    desk.server.open(17)
    desk.server.hidden_members = {"1"}
    with pytest.raises(AuthError, match="project support: this account may not see its members"):
        await desk.poll()
    desk.restart(staff=["5"])
    desk.server.say(17, ALICE)
    await desk.poll()
    assert [told[0] for told in desk.told("17")] == ["opened", "replied"]


async def test_what_a_customer_gives_is_read_of_the_description_and_of_notes_without_a_file(desk: Desk, clock: FakeClock):
    said = "My order number is 4711-23. It never came."
    desk.server.open(17, description=said)
    desk.server.open(18, ALICE, description=said)  # a colleague's words
    await clock.advance(60)
    desk.server.say(17, ANNA, said)
    await clock.advance(60)
    await desk.poll()
    given = [gist and gist.gives for kind, gist in desk.told("17", "gist") if kind in ("opened", "received")]
    assert given == [("order_number",), ("order_number",)]
    assert {gist for _, gist in desk.told("18", "gist")} == {None}
