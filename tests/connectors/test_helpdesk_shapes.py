"""Helpdesks whose answers hold anything anywhere: what one ticket is told by never keeps the others from being read."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import pytest

from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.testing import FakeClock
from monitor.testing.context import FakeState
from tests.connectors import redmine_desk, rt_desk, znuny_desk
from tests.connectors.freshdesk import desk as freshdesk_desk
from tests.connectors.freshdesk import simulator as freshdesk
from tests.connectors.scripted_redmine import ALICE as STAFF
from tests.connectors.scripted_redmine import ANNA as CUSTOMER
from tests.connectors.simulated import in_process
from tests.connectors.tickets.shapes import FEW, Told, faults, told
from tests.connectors.zammad import desk as zammad_desk
from tests.connectors.zammad import simulator as zammad
from tests.connectors.zendesk import desk as zendesk_desk
from tests.connectors.zendesk import simulator as zendesk

NOW = rt_desk.NOW
RULES = {
    "promise_fields": ["Promised by", "due_at", "promised_by"],
    "complaints": [{"tag": "complaint"}, {"field": "Kind", "value": "x"}],
    "policies": {"priority": {"high": "short"}}, "requests_per_minute": 60_000,
}  # fmt: skip


class Sample(NamedTuple):
    """What a desk answered, and a new connector to it."""

    answers: Told
    make: Callable[[], HelpdeskConnector]
    of_one: str  # is in the path of a request that tells of one ticket


async def from_zendesk(clock: FakeClock) -> Sample:
    desk = zendesk.Simulator(clock)
    desk.open(1)
    await clock.advance(60)
    desk.say(1, zendesk.ALICE, "Which one?")
    desk.set(1, zendesk.ALICE, priority="high", group_id=12, assignee_id=zendesk.BOB, f9001="2026-11-21", tags=["complaint"])
    private = desk.say(1, zendesk.ALICE, "words", also=({"type": "CommentPrivacyChange", "comment_id": 5, "public": False},))
    desk.update(1, zendesk.ALICE, {"type": "CommentPrivacyChange", "comment_id": private, "public": False})
    desk.say(1, desk.customer("anna"), "Thank you", files=1)
    desk.open(2, "anna", via={"channel": "web", "source": {"from": {"ticket_id": 7}, "to": {}, "rel": "follow_up"}})
    desk.merge(2, 1)
    desk.rate(1, "bad")
    events = [{"instance_id": 1, "type": kind, "time": "2026-11-18T12:01:00Z"} for kind in ("activate", "apply_sla", "breach")]
    desk.metrics[1] = {"reply_time": events}
    await clock.advance(120)
    with in_process(desk) as url:
        keys = {
            "url": url, "username": zendesk.USERNAME, "token": zendesk.TOKEN, "exports_per_minute": 1000, **RULES,
            "groups": ["support", "projects"], "robots": ["chatbot@desk.example"],
        }  # fmt: skip
        return await sample(lambda: zendesk_desk.connector(keys, clock, FakeState()), "/audits")


async def from_zammad(clock: FakeClock) -> Sample:
    desk = zammad.Simulator(clock)
    desk.open(1)
    await clock.advance(60)
    desk.say(1, zammad.ALICE, "Which one?")
    desk.set(1, zammad.ALICE, owner_id=zammad.BOB, priority_id=3, group_id=2, promised_by="2026-11-21")
    desk.set(1, zammad.ALICE, state="pending reminder", pending_time="2026-11-19T12:00:00.000Z")
    desk.tag(1, zammad.ALICE, "complaint")
    desk.tag(1, zammad.ALICE, "other")
    desk.tag(1, zammad.ALICE, "other", gone=True)
    desk.say(1, desk.customer("anna"), "Thank you", files=1)
    desk.tickets[1] |= {"first_response_at": "2026-11-18T12:01:00.000Z", "first_response_diff_in_min": -3}
    desk.open(2, "bert")
    desk.merge(2, 1)
    await clock.advance(120)
    with in_process(desk) as url:
        keys = {"url": url, "token": zammad.TOKEN, "groups": ["support", "projects"], "robots": ["chatbot"], **RULES}
        return await sample(lambda: zammad_desk.connector(keys, clock, FakeState()), "/ticket_(history|articles)/")


async def from_freshdesk(clock: FakeClock) -> Sample:
    desk = freshdesk_desk.limitless(clock)
    desk.open(1, tags=("complaint",))
    await clock.advance(60)
    desk.say(1, freshdesk.ALICE, "Which one?")
    desk.set(1, priority=3, group_id=12, responder_id=freshdesk.BOB, due_by="2026-11-18T12:00:30Z", fr_escalated=True)
    desk.say(1, desk.customer("anna"), "Thank you", files=1)
    desk.open(2, "anna")
    desk.merge(2, 1)
    desk.set(1, status=freshdesk.CLOSED)
    desk.rate(1, -103)
    await clock.advance(120)
    with in_process(desk) as url:
        keys = {"url": url, "key": freshdesk.KEY, "lists_per_minute": 1000, "groups": ["support", "projects"], **RULES}
        return await sample(lambda: freshdesk_desk.connector(keys, clock, FakeState()), "/conversations")


async def from_redmine(clock: FakeClock) -> Sample:
    async with redmine_desk.scripted_desk(clock) as desk:
        server = desk.server
        server.open(17, category={"id": 4, "name": "Umbrellas"})
        server.issues[17]["custom_fields"].append({"id": 2, "name": "Kind", "value": ["x", "y"], "multiple": True})
        server.open(18)
        await clock.advance(60)
        server.say(17, STAFF, "Which one?")
        server.promise(17, None, "2026-11-21")
        server.move(17, "2", STAFF)
        server.set(17, "priority_id", "3")
        server.set(17, "due_date", "2026-11-22")
        server.journal(17, STAFF, {"property": "cf", "name": "2", "old_value": None, "new_value": "y"})
        server.journal(17, CUSTOMER, {"property": "attachment", "name": "7", "new_value": "photo.png"}, notes="Thank you")
        server.duplicates(17, 18)
        server.set(17, "status_id", "5")
        await clock.advance(120)
        keys = {**desk.keys, **RULES, "projects": ["support", "projects"], "trackers": ["Support"], "robots": ["chatbot"]}
        return await sample(lambda: redmine_desk.connector(keys, clock, FakeState()), "/issues/")


async def from_znuny(clock: FakeClock) -> Sample:
    async with znuny_desk.scripted_desk(clock) as desk:
        server = desk.server
        server.open(17)
        await clock.advance(60)
        server.say(17, znuny_desk.ALICE, "Which one?", html=True)
        server.set_owner(17, 3)
        server.move(17, "Projects")
        server.set_priority(17, "5 very high")
        server.set_field(17, "Promised by", "", "2026-11-21")
        server.set_state(17, "waiting for parts", until="2026-11-19 12:00")
        server.say(17, znuny_desk.ROOT, "Thank you", sender="customer")
        server.open(18, "bert@example.org")
        await clock.advance(60)
        server.merge(18, 17)
        await clock.advance(120)
        keys = {**desk.keys, **RULES, "queues": ["Support", "Projects"], "staff": ["bob@desk.example"]}
        return await sample(lambda: znuny_desk.connector(keys, clock, FakeState()), "/History/")


async def from_request_tracker(clock: FakeClock) -> Sample:
    async with rt_desk.scripted_desk(clock) as desk:
        server = desk.server
        server.open("17")
        await clock.advance(60)
        server.say("17", "alice", "Which one?")
        server.set("17", "Owner", "bob")
        server.set("17", "Queue", "4")
        server.set("17", "Priority", "80")
        server.promise("17", "2026-11-21")
        server.set("17", "Status", "done")
        server.say("17", rt_desk.ANNA, "Thank you", headers="From: Anna Archer <anna@example.org>\n")
        server.open("18", "bert@example.org")
        server.say("18", "bert@example.org", "Hello?")
        server.merge("18", "17")
        await clock.advance(120)
        keys = {**desk.keys, **RULES, "queues": ["Support", "Projects"], "robots": ["bot"]}
        return await sample(lambda: rt_desk.connector(keys, clock, FakeState()), "/history")


async def sample(make: Callable[[], HelpdeskConnector], of_one: str) -> Sample:
    """What it is answered now."""
    return Sample(await told(make()), make, of_one)


SAMPLES = [from_zendesk, from_zammad, from_freshdesk, from_redmine, from_znuny, from_request_tracker]


@pytest.mark.parametrize("junk", FEW, ids=repr)
@pytest.mark.parametrize("made", SAMPLES, ids=lambda made: made.__name__)
async def test_anything_may_stand_anywhere(made: Callable[[FakeClock], Awaitable[Sample]], junk: Any):
    clock = FakeClock(NOW)
    answers, make, of_one = await made(clock)
    assert any(re.search(of_one, path) for _, path, _ in answers)
    assert await faults(answers, make, clock.now(), junk, of_one) == []
