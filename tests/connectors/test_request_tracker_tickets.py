"""What is told of Request Tracker's tickets, of what is not there any more, of rights, and in which zone it is asked."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from monitor.testing import FakeClock
from tests.connectors.rt_desk import ANNA, NOW, Desk, scripted_desk


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def desk(clock: FakeClock) -> AsyncIterator[Desk]:
    async with scripted_desk(clock) as found:
        yield found


# tickets


async def test_a_history_becomes_events_at_its_places(desk: Desk, clock: FakeClock):
    desk.server.open("17")
    for step in (
        lambda rt: rt.set("17", "Owner", "alice"),
        lambda rt: rt.say("17", "alice"),
        lambda rt: rt.set("17", "Status", "stalled"),
        lambda rt: rt.set("17", "Queue", "4"),
        lambda rt: rt.set("17", "Priority", "75"),
        lambda rt: rt.set("17", "Owner", "Nobody"),
    ):
        await clock.advance(60)
        step(desk.server)
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
    desk.server.open("17", "alice", requestor=ANNA)
    desk.server.system.tickets[17].owner = "alice"
    await desk.poll()
    first = desk.events["17", "1:first"]
    await clock.advance(60)
    desk.server.set("17", "Owner", "bob")
    await desk.poll()
    assert first.to == desk.events["17", "1:first"].to == "29"


async def test_what_request_tracker_does_because_of_words_is_the_writers_doing(desk: Desk, clock: FakeClock):
    desk.server.open("17")
    desk.server.set("17", "Status", "resolved")
    for writer in (ANNA, "alice"):
        await clock.advance(60)
        desk.server.say("17", writer)
        desk.server.set("17", "Status", "open", by="RT_System")
        await clock.advance(60)
        desk.server.set("17", "Status", "resolved", by="RT_System")
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
        desk.server.open(number)
        desk.server.set(number, "Status", status)
    asked = await desk.poll()
    kinds = [[told[0] for told in desk.told(number)] for number in ("17", "18", "19")]
    assert kinds == [["opened", "resolved"], ["opened", "resolved"], ["opened"]]
    assert len([path for path in asked if "__Inactive__" in path]) == 3


async def test_dates_of_people_are_promises_and_those_of_the_service_level_are_none(desk: Desk, clock: FakeClock):
    desk.keys["promise_fields"] = ["Due", "Promised by"]
    desk.restart()
    desk.server.open("17")
    desk.server.set("17", "Due", "2026-11-20 12:00:00", by="RT_System")
    desk.server.set("17", "Due", "2026-11-21 12:00:00")
    desk.server.promise("17", "2026-11-23 09:00:00")
    desk.server.set("17", "Due", "1970-01-01 00:00:00")
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
    desk.server.open("17", creator, requestor=requestor)
    await desk.poll()
    assert desk.told("17", "by") == [("opened", by)]


async def test_staff_of_the_settings_is_nobody_who_is_asked_for(desk: Desk):
    desk.keys["staff"] = ["bob"]
    desk.restart()
    desk.server.open("17")
    desk.server.say("17", "alice")
    desk.server.say("17", "bob")
    asked = await desk.poll()
    assert [told[0] for told in desk.told("17")] == ["opened", "received", "replied"]
    assert [path for path in asked if path.startswith("/user")] == ["/user/Nobody", f"/user/{ANNA}"]


async def test_who_has_been_asked_for_is_known_for_an_hour(desk: Desk, clock: FakeClock):
    desk.server.open("17")
    desk.server.say("17", "alice")
    # the customer's record once: it is asked for again at the next start
    assert [path for path in await desk.poll() if path.startswith("/user")] == ["/user/alice", "/user/Nobody", f"/user/{ANNA}"]
    await clock.advance(3599)
    desk.server.say("17", "alice")
    assert [path for path in await desk.poll() if path.startswith(("/user", "/queues"))] == []
    await clock.advance(1)
    desk.server.say("17", "alice")
    assert [path for path in await desk.poll() if path.startswith(("/user", "/queues"))] == [
        "/queues/all",
        "/user/alice",
        "/user/Nobody",
    ]


async def test_a_thank_you_is_found_in_html_and_a_machine_by_its_headers(desk: Desk, clock: FakeClock):
    desk.server.open("17")
    for text, headers, html in (
        ("<div><p>Thank <b>you</b>!</p></div>", "", True),
        ("I am away until Monday.", "From: anna@example.org\nAuto-Submitted: auto-replied\n", False),
        ("Thank you, but it still fails.", "", False),
    ):
        desk.server.say("17", "alice")
        await clock.advance(60)
        desk.server.say("17", ANNA, text, headers=headers, html=html)
        await clock.advance(60)
    await desk.poll()
    received = [told[1:] for told in desk.told("17", "courtesy", "automatic") if told[0] == "received"]
    assert received == [(True, False), (False, True), (False, False)]


async def test_merged_tickets_are_told_where_they_go_on(desk: Desk, clock: FakeClock):
    desk.server.open("17")
    await clock.advance(60)
    desk.server.open("18", queue="4")
    desk.server.say("18", "alice")
    await clock.advance(60)
    await desk.poll()
    desk.server.merge("18", into="17")
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
    desk.server.open("17")
    desk.server.open("18")
    await desk.poll()
    desk.server.gone["17"] = answer
    await clock.advance(60)
    await desk.poll()
    assert desk.told("17", "reason")[-1] == ("discarded", reason)
    assert [told[0] for told in desk.told("18")] == ["opened"]


async def test_a_deleted_ticket_still_answers_but_is_in_no_list(desk: Desk, clock: FakeClock):
    desk.server.open("17")
    await desk.poll()
    desk.server.set("17", "Status", "deleted")
    desk.server.gone["17"] = "17"
    await clock.advance(60)
    await desk.poll()
    assert desk.told("17", "reason", "place")[-1] == ("discarded", "deleted", "queue:Support")


async def test_a_ticket_that_leaves_the_queues_that_are_read_is_out_of_sight(desk: Desk, clock: FakeClock):
    desk.keys["queues"] = ["Support", "Bob's \\ queue"]
    desk.restart()
    desk.server.open("17")
    desk.server.open("18", queue="4")
    asked = await desk.poll()
    assert [told[0] for told in desk.told("18")] == []
    assert any("(Queue = 'Support' OR Queue = 'Bob\\'s \\\\ queue')" in path for path in asked)
    desk.server.set("17", "Queue", "4")
    await clock.advance(60)
    await desk.poll()
    assert desk.told("17", "reason")[-1] == ("discarded", "out_of_sight")


async def test_a_ticket_that_is_gone_between_list_and_history_is_passed_over(desk: Desk):
    desk.server.open("17")
    desk.server.open("18")
    desk.server.instead = [("/ticket/17/history", 404, {}, b'{"message": "Not Found"}')]
    await desk.poll()
    assert [contact for contact, _ in desk.events] == ["18", "18"]
    assert desk.batches[-1].watermark == NOW - timedelta(seconds=1)


# rights


async def test_pages_that_rights_have_made_short_are_not_the_last_ones(desk: Desk, clock: FakeClock):
    desk.server.per_page = 3
    desk.server.hidden = {"Comment"}
    desk.server.open("17")
    for kind in ("Comment", "Comment", "Comment", "Comment", "Comment", "Correspond"):
        await clock.advance(60)
        desk.server.say("17", "alice", kind=kind)
    await desk.poll()
    assert [told[0] for told in desk.told("17")] == ["opened", "replied"]  # of a page, of none, of the third


async def test_a_newest_record_that_is_hidden_is_told(desk: Desk, clock: FakeClock):
    desk.server.hidden = {"Comment"}
    desk.server.open("17")
    await desk.poll()
    assert desk.batches[-1].untold is not None
    assert desk.batches[-1].untold.why == ()
    await clock.advance(61)  # a busy server may take a minute from a record to LastUpdated
    desk.server.say("17", "alice", kind="Comment")
    await desk.poll()
    assert desk.batches[-1].untold is not None
    assert "ShowTicketComments" in desk.batches[-1].untold.why[0]


# the zone of the account


@pytest.mark.parametrize("minutes", [0, 60, -300, 330, 345, 825, -720, 840])
async def test_the_zone_of_the_profile_is_found_by_trying(desk: Desk, clock: FakeClock, minutes: int):
    desk.server.zone = timedelta(minutes=minutes)
    for number in range(1, 4):
        desk.server.open(str(number))
        await clock.advance(3600)
    await desk.poll()
    assert {contact for contact, _ in desk.events} == {"1", "2", "3"}
    await clock.advance(3600)
    desk.server.say("2", "alice")
    await clock.advance(15)
    assert [path for path in await desk.poll() if path.startswith("/ticket/")] == ["/ticket/2/history"]


async def test_an_empty_desk_has_no_zone_yet_and_its_first_ticket_is_not_lost(desk: Desk, clock: FakeClock):
    desk.server.zone = timedelta(hours=-5)
    await desk.poll()
    await clock.advance(15)
    desk.server.open("17")
    await clock.advance(15)
    await desk.poll()
    assert [told[0] for told in desk.told("17")] == ["opened"]


async def test_an_hour_of_summer_time_loses_nothing(desk: Desk, clock: FakeClock):
    desk.server.open("17")
    await desk.poll()
    for zone in (timedelta(hours=1), timedelta(0)):
        desk.server.zone = zone
        await clock.advance(600)
        desk.server.say("17", "alice")
        await desk.poll()
    assert [told[0] for told in desk.told("17")] == ["opened", "replied", "replied"]
