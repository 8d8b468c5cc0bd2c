"""What is told of Znuny's tickets, and of what is not seen any more."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.testing import FakeClock
from tests.connectors.scripted_znuny import ALICE, BOB, ROOT
from tests.connectors.znuny_desk import NOW, Desk, scripted_desk

TICKET = "1000017"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def desk(clock: FakeClock) -> AsyncIterator[Desk]:
    async with scripted_desk(clock) as found:
        yield found


# tickets


async def test_a_history_becomes_events_at_its_places(desk: Desk, clock: FakeClock):
    server = desk.server
    server.open(17)
    for step in (
        lambda: server.set_owner(17, ALICE),
        lambda: server.say(17, ALICE),
        lambda: server.set_state(17, "pending reminder", until="2026-11-25 12:00"),
        lambda: server.move(17, "Projects"),
        lambda: server.set_priority(17, "5 very high"),
        lambda: server.set_owner(17, ROOT),
        lambda: server.set_state(17, "closed unsuccessful"),
        lambda: server.set_state(17, "open"),
        lambda: server.set_state(17, "removed"),
    ):
        await clock.advance(60)
        step()
    await clock.advance(60)
    await desk.poll()
    assert desk.told(TICKET, "place", "to", "queue", "by") == [
        ("opened", "queue:Support", None, None, "customer"),
        ("assigned", "queue:Support", "2", None, "agent"),
        ("replied", "queue:Support", None, None, "agent"),
        ("pending", "queue:Support", None, None, "agent"),
        ("pending", "queue:Support", None, None, "agent"),
        ("assigned", "queue:Projects", "2", "Projects", "agent"),
        ("prioritised", "queue:Projects", "5 very high", None, "agent"),
        ("assigned", "queue:Projects", None, None, "agent"),
        ("resolved", "queue:Projects", None, None, "agent"),
        ("reopened", "queue:Projects", None, None, "agent"),
        ("discarded", "queue:Projects", None, None, "agent"),
    ]
    assert [told[1] for told in desk.told(TICKET, "until") if told[0] == "pending"] == [
        None,
        datetime(2026, 11, 25, 12, tzinfo=UTC),
    ]
    assert desk.batches[0].newest_outbound == NOW + timedelta(seconds=120)


@pytest.mark.parametrize(
    ("old", "new", "raised"), [("2 low", "4 high", True), ("4 high", "2 low", False), ("high", "5 very high", None)]
)
async def test_priorities_go_by_the_number_of_their_names(desk: Desk, clock: FakeClock, old: str, new: str, raised: bool | None):
    desk.server.open(17)
    desk.server.tickets[17]["Priority"] = old
    await clock.advance(60)
    desk.server.set_priority(17, new)
    await desk.poll()
    assert desk.told(TICKET, "raised")[-1] == ("prioritised", raised)


async def test_what_znuny_does_because_of_words_is_the_writers_doing(desk: Desk, clock: FakeClock):
    server = desk.server
    server.open(17)
    await clock.advance(60)
    server.set_state(17, "closed successful")
    await clock.advance(60)
    server.set_state(17, "open", ROOT)  # its PostMaster does so first, and writes the article then
    await clock.advance(2)
    server.say(17, ROOT, sender="customer")
    await clock.advance(60)
    server.set_state(17, "pending auto close+")
    await clock.advance(60)
    server.set_state(17, "closed successful", ROOT)
    await desk.poll()
    assert desk.told(TICKET, "by", "on") == [
        ("opened", "customer", None),
        ("resolved", "agent", None),
        ("reopened", "customer", None),
        ("received", "customer", None),
        ("pending", "agent", "customer"),
        ("resolved", "rule", None),
    ]


async def test_the_desks_own_statuses_mean_what_their_type_says(desk: Desk, clock: FakeClock):
    server = desk.server
    for number, state in ((17, "closed with workaround"), (18, "waiting for parts"), (19, "in the workshop")):
        server.open(number)
        await clock.advance(60)
        server.set_state(number, state)
    await desk.poll()
    assert [[told[0] for told in desk.told(str(1000000 + number))] for number in (17, 18, 19)] == [
        ["opened", "resolved"], ["opened", "pending"], ["opened"],
    ]  # fmt: skip


async def test_a_status_that_this_ticket_was_in_is_looked_up_at_another_one(desk: Desk, clock: FakeClock):
    server = desk.server
    server.open(16)
    server.set_state(16, "waiting for parts")
    await clock.advance(86_400)
    desk.restart(backfill="1h")
    for number in (17, 18):
        server.open(number)
        server.set_state(number, "waiting for parts")
        server.set_state(number, "open")
    server.open(19)
    server.record(19, "StateUpdate", "%%new%%closed by fax%%")  # nobody is in it any more: by its name
    server.record(19, "StateUpdate", "%%closed by fax%%new%%")
    await desk.poll()
    assert [told[0] for told in desk.told("1000018")] == ["opened", "pending", "resumed"]
    assert [told[0] for told in desk.told("1000019")] == ["opened", "resolved", "reopened"]
    assert {body["States"][0] for body in server.bodies if "States" in body} == {"waiting for parts", "closed by fax"}
    server.bodies.clear()
    await clock.advance(60)
    server.say(18, ALICE)
    await desk.poll()
    assert not [body for body in server.bodies if "States" in body]  # known for an hour


async def test_pending_statuses_of_the_settings_are_the_only_ones(desk: Desk, clock: FakeClock):
    desk.restart(pending_statuses=["In the workshop"])
    desk.server.open(17)
    for state in ("in the workshop", "pending reminder", "waiting for parts"):
        await clock.advance(60)
        desk.server.set_state(17, state)
    await desk.poll()
    assert [told[0] for told in desk.told(TICKET)] == ["opened", "pending", "resumed"]


async def test_dates_of_people_are_promises_and_those_of_rules_are_none(desk: Desk):
    desk.restart(promise_fields=["DueBy", "Day"])
    desk.server.open(17)
    desk.server.set_field(17, "DueBy", "", "2026-11-20 12:00:00", by=ROOT)
    desk.server.set_field(17, "DueBy", "2026-11-20 12:00:00", "2026-11-21 12:00")
    desk.server.set_field(17, "Day", "", "2026-11-23")
    desk.server.set_field(17, "DueBy", "2026-11-21 12:00", "")
    desk.server.set_field(17, "Else", "", "2026-11-23 12:00:00")
    desk.server.set_field(17, "Day", "2026-11-23", "2026-13-41 12:00:00")
    await desk.poll()
    assert [told for told in desk.told(TICKET, "name", "due") if told[0] == "promised"] == [
        ("promised", "DueBy", datetime(2026, 11, 21, 12, tzinfo=UTC)),
        ("promised", "Day", date(2026, 11, 23)),
        ("promised", "DueBy", None),
    ]


async def test_type_and_dynamic_fields_make_complaints_and_choose_policies(desk: Desk, clock: FakeClock):
    desk.restart(
        complaints=[{"field": "Type", "value": "Complaint", "sector": "energy"}, {"field": "Kind", "value": "grief"}],
        policies={"SLA": {"Gold": "gold"}},
    )
    server = desk.server
    server.open(17)
    await clock.advance(60)
    server.tickets[17] |= {"Type": "Complaint", "SLA": "Gold"}
    server.record(17, "TypeUpdate", "%%Complaint%%2%%Unclassified%%1")
    server.record(17, "SLAUpdate", "%%Gold%%3%%NULL%%")
    server.set_field(17, "Kind", "", "praise, grief")
    server.open(18)
    server.tickets[18]["Type"] = "Complaint"
    server.record(18, "TypeUpdate", "%%Complaint%%2")  # at its creation
    await desk.poll()
    assert desk.told(TICKET, "sector", "policy") == [
        ("opened", None, None),
        ("complained", "energy", None),
        ("noted", None, "gold"),
        ("complained", None, None),
    ]
    assert desk.told("1000018", "sector") == [("opened", None), ("complained", "energy")]


async def test_a_record_that_was_cut_off_is_passed_over(desk: Desk, clock: FakeClock):
    desk.server.open(17)
    await clock.advance(60)
    desk.server.move(17, "Projects")
    desk.server.records[17][-1]["Name"] = "%%" + "A::very::" * 25 + "[...]"
    await desk.poll()
    assert desk.told(TICKET, "place") == [("opened", "queue:Projects")]


async def test_merged_tickets_go_on_in_the_other_one(desk: Desk, clock: FakeClock):
    desk.server.open(17)
    await clock.advance(60)
    desk.server.open(18, "bert@example.org", queue="Projects")
    await clock.advance(60)
    desk.server.say(18, ALICE)
    await clock.advance(60)
    await desk.poll()
    assert [told[0] for told in desk.told("1000018")] == ["opened", "replied"]
    await clock.advance(15)
    desk.server.merge(18, into=17)
    await clock.advance(15)
    await desk.poll()
    assert desk.told("1000018", "to", "place")[-1] == ("merged", TICKET, "queue:Projects")
    assert not [told for told in desk.told("1000018") if told[0] in ("discarded", "resolved", "reopened")]
    assert desk.told(TICKET, "at", "by")[1:] == [
        ("received", NOW + timedelta(seconds=60), "customer"),
        ("replied", NOW + timedelta(seconds=120), "agent"),
    ]


async def test_a_closed_ticket_that_is_merged_is_not_opened_again(desk: Desk, clock: FakeClock):
    for number in (17, 18):
        desk.server.open(number)
    await clock.advance(60)
    desk.server.set_state(18, "closed successful")
    await clock.advance(60)
    desk.server.merge(18, into=17)
    await desk.poll()
    assert [told[0] for told in desk.told("1000018")] == ["opened", "resolved", "merged"]


async def test_events_keep_their_names_when_records_of_another_ticket_come_among_them(desk: Desk, clock: FakeClock):
    for number in (17, 18):
        desk.server.open(number)
    for _ in range(2):
        await clock.advance(60)
        desk.server.say(18, ALICE)
        for owner in (ALICE, BOB):
            desk.server.set_owner(17, owner)
    await clock.advance(60)
    await desk.poll()
    before = {key: (event.kind, event.at, event.to) for key, event in desk.events.items() if key[0] == TICKET}
    desk.server.merge(18, into=17)
    await clock.advance(15)
    await desk.poll()
    after = {key: (event.kind, event.at, event.to) for key, event in desk.events.items() if key[0] == TICKET}
    assert len(before) == 2 + 4
    assert before.items() <= after.items()
    assert sorted(kind for kind, _, _ in after.values()) == sorted(
        [*(k for k, _, _ in before.values()), *["received"], *["replied"] * 2]
    )


# words


@pytest.mark.parametrize(
    ("article", "courtesy"),
    [
        ({"text": "Thank you!"}, True),
        ({"text": "<div><p>Thank <b>you</b>!</p></div>", "html": True}, True),
        ({"text": "Thank you, but it still fails."}, False),
        ({"text": "Thank you!", "files": ("screen.png",)}, False),
    ],
)
async def test_a_thank_you_is_found(desk: Desk, clock: FakeClock, article: dict[str, object], courtesy: bool):
    desk.server.open(17)
    desk.server.say(17, ALICE)
    await clock.advance(60)
    desk.server.say(17, ROOT, sender="customer", **article)  # type: ignore[arg-type]
    asked = await desk.poll()
    assert desk.told(TICKET, "courtesy")[-1] == ("received", courtesy)
    assert asked.count("/Ticket/17") == 4  # the zone, the list, the ticket, its words
    await clock.advance(60)
    desk.server.say(17, ALICE)
    asked = await desk.poll()
    assert asked.count("/Ticket/17") == 2
    assert desk.told(TICKET, "courtesy")[-2] == ("received", courtesy)


# what is not there


@pytest.mark.parametrize("gone", ["deleted", "hidden", "moved"])
async def test_an_open_ticket_that_is_gone(desk: Desk, clock: FakeClock, gone: str):
    desk.restart(queues=["Support"])
    for number in (17, 18):
        desk.server.open(number)
    await clock.advance(60)
    await desk.poll()
    if gone == "deleted":
        desk.server.delete(17)
    elif gone == "hidden":
        desk.server.hidden.add(17)
    else:
        desk.server.move(17, "Projects")
    await clock.advance(60)
    await desk.poll()
    assert desk.told(TICKET, "reason", "place")[-1] == ("discarded", "out_of_sight", "queue:Support")
    assert [told[0] for told in desk.told("1000018")] == ["opened"]
    if gone == "hidden":
        desk.server.hidden.clear()
        await clock.advance(60)
        await desk.poll()
        assert desk.told(TICKET)[-1] == ("restored",)


async def test_a_ticket_that_is_gone_between_list_and_history_is_passed_over(desk: Desk, clock: FakeClock):
    for number in (17, 18):
        desk.server.open(number)
    await clock.advance(60)
    refused = b'{"Error": {"ErrorCode": "TicketHistoryGet.AccessDenied", "ErrorMessage": "no"}}'
    desk.server.instead = [("/Ticket/History/17", 200, {}, refused)]
    await desk.poll()
    assert {contact for contact, _ in desk.events} == {"1000018"}
    assert desk.batches[-1].watermark == clock.now() - timedelta(seconds=1)


async def test_a_ticket_that_is_found_and_may_not_be_read_is_told_and_spoils_no_other(desk: Desk, clock: FakeClock):
    for number in range(11, 20):
        desk.server.open(number)
    desk.server.denied = {13, 19}
    await clock.advance(60)
    await desk.poll()
    assert len({contact for contact, _ in desk.events}) == 7
    assert desk.batches[-1].untold is not None
    assert "may not read" in desk.batches[-1].untold.why[0]
    desk.server.denied = set()
    await clock.advance(15)
    await desk.poll()
    assert len({contact for contact, _ in desk.events}) == 9
    assert desk.batches[-1].untold is not None
    assert desk.batches[-1].untold.why == ()


async def test_what_a_customer_gives_is_read_of_the_articles_that_come_along(desk: Desk, clock: FakeClock):
    said = "My order number is 4711-23. It never came."
    desk.server.open(17, text=said)
    desk.server.open(18, by=ALICE, text=said)  # written down by a colleague
    await clock.advance(60)
    desk.server.say(17, ROOT, said, sender="customer", address="anna@example.org", files=("photo.jpg",))
    await clock.advance(60)
    await desk.poll()
    given = [gist and gist.gives for kind, gist in desk.told(TICKET, "gist") if kind in ("opened", "received")]
    assert given == [("order_number",), ("order_number",)]
    assert {gist for _, gist in desk.told("1000018", "gist")} == {None}
