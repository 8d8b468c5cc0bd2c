"""What audits of Zendesk mean: a ticket of the simulator and the events that are told of it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from monitor.testing import FakeClock
from tests.connectors.simulated import in_process
from tests.connectors.zendesk.desk import NOW, Desk, desk_at
from tests.connectors.zendesk.simulator import ALICE, BOB, BOT, GONE, KIND, SYSTEM, Simulator

BY_RULE = {"channel": "rule", "source": {"from": {"id": 7, "title": "t"}, "rel": "trigger"}}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def desk(clock: FakeClock) -> AsyncIterator[Desk]:
    simulator = Simulator(clock)
    with in_process(simulator) as url:
        yield desk_at(url, simulator, clock, robots=["chatbot@desk.example"])


async def read(desk: Desk, clock: FakeClock, *, later: float = 300) -> None:
    await clock.advance(later)
    await desk.poll()


async def test_a_question_its_answer_and_the_thanks(desk: Desk, clock: FakeClock):
    anna = desk.server.customer("anna")
    desk.server.open(1)
    await clock.advance(600)
    desk.server.say(1, ALICE, "On its way.", also=(desk.server.changed(1, "status", "pending"),))
    await clock.advance(600)
    desk.server.say(1, anna, "Thank you!")
    await clock.advance(600)
    desk.server.set(1, ALICE, status="solved")
    await read(desk, clock)
    assert desk.told("1", "by", "courtesy", "on") == [
        ("opened", "customer", False, None), ("replied", "agent", False, None), ("pending", "agent", False, "customer"),
        ("received", "customer", True, None), ("resumed", "customer", False, None), ("resolved", "agent", False, None),
    ]  # fmt: skip


async def test_notes_triggers_and_robots_answer_nobody(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    desk.server.say(1, ALICE, "Does anybody know?", public=False)
    desk.server.say(1, SYSTEM, "We have received it.", via=BY_RULE)
    desk.server.say(1, BOT, "Have you looked at our pages?")
    desk.server.say(1, BOB, "Look there.", via={"channel": "answer_bot_api"})
    await read(desk, clock)
    assert [kind for kind, *_ in desk.told("1")] == ["opened", "noted", "auto_replied", "auto_replied", "auto_replied"]


async def test_a_comment_that_is_made_private_is_no_answer(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    await clock.advance(60)
    comment = desk.server.say(1, ALICE, "Between us: no.")
    await clock.advance(60)
    desk.server.update(1, ALICE, {"type": "CommentPrivacyChange", "comment_id": comment, "public": False})
    await read(desk, clock)
    assert [kind for kind, *_ in desk.told("1")] == ["opened", "noted"]


async def test_what_triggers_set_in_the_second_of_its_creation_is_how_it_began(desk: Desk, clock: FakeClock):
    desk.server.open(1, group=None, priority=None)
    first = desk.server.audits[1][0]["events"]
    first.append({"id": 1, **desk.server.changed(1, "priority", "urgent", rule=True)})
    first.append({"id": 2, **desk.server.changed(1, "group_id", 12, rule=True)})
    await read(desk, clock)
    assert desk.told("1", "place") == [("opened", "group:projects")]


async def test_a_ticket_that_no_group_has_yet_is_taken_by_one(desk: Desk, clock: FakeClock):
    desk.server.open(1, group=None)
    await clock.advance(60)
    desk.server.set(1, ALICE, group_id=11, assignee_id=ALICE)
    await read(desk, clock)
    assert desk.told("1", "place", "queue", "to") == [
        ("opened", "group:none", None, None), ("assigned", "group:support", "support", None),
        ("assigned", "group:support", None, str(ALICE)),
    ]  # fmt: skip


async def test_priorities_promises_and_policies(desk: Desk, clock: FakeClock):
    desk.restart(policies={"Kind": {"praise": "slow"}}, complaints=[{"tag": "complaint", "sector": "energy"}])
    desk.server.open(1)
    await clock.advance(60)
    desk.server.set(1, ALICE, priority="urgent")
    await clock.advance(60)
    desk.server.set(1, ALICE, due_at="2026-11-20T17:00:00Z")
    await clock.advance(60)
    desk.server.set(1, ALICE, f9002="praise")
    await clock.advance(60)
    desk.server.set(1, ALICE, tags=["complaint", "vip"])
    await clock.advance(60)
    desk.server.set(1, SYSTEM, BY_RULE, due_at="2026-11-21T17:00:00Z")  # an automation promises nothing
    await read(desk, clock)
    told = desk.told("1", "raised", "due", "policy", "sector")
    assert told[1:] == [
        ("prioritised", True, None, None, None), ("promised", None, NOW + timedelta(days=2, hours=5), None, None),
        ("noted", None, None, "slow", None), ("complained", None, None, None, "energy"),
    ]  # fmt: skip
    assert KIND == 9002


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
    told = desk.told("2", "at")
    assert [kind for kind, _ in told] == ["received", "opened", "received", "replied"]
    assert [(at - NOW).total_seconds() for _, at in told] == [0, 600, 600, 1800]


async def test_a_merge_is_told_by_its_words_where_the_audits_name_no_ticket(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    desk.server.open(2)
    await clock.advance(600)
    desk.server.merge(1, into=2, named=False)
    await read(desk, clock)
    assert desk.told("1", "to")[-1] == ("merged", "2")
    assert [kind for (kind,) in desk.told("2")] == ["opened", "received"]


async def test_a_merge_in_another_language_is_a_duplicate_that_is_thrown_away(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    await clock.advance(600)
    changes = desk.server.changed(1, "status", "closed"), desk.server.changed(1, "tags", ["closed_by_merge"])
    desk.server.update(1, ALICE, {"type": "Comment", "public": False, "plain_body": "Zusammengeführt"}, *changes)
    await read(desk, clock)
    assert desk.told("1", "reason") == [("opened", None), ("discarded", "duplicate")]


async def test_what_a_customer_writes_merges_nothing(desk: Desk, clock: FakeClock):
    desk.server.open(1, "anna")
    desk.server.open(2, "bert")
    words = 'Request #1 "s" was closed and merged into this request. Last comment in request #1:\n\nwords'
    desk.server.say(2, desk.server.customer("bert"), words)
    await read(desk, clock)
    assert [kind for (kind,) in desk.told("2")] == ["opened", "received"]


async def test_a_follow_up_inherits_the_tags_of_what_was_merged_and_names_it(desk: Desk, clock: FakeClock):
    followed = {"channel": "email", "source": {"from": {"ticket_id": 1, "subject": "s"}, "to": {}, "rel": "follow_up"}}
    desk.server.open(2, via=followed, tags=("closed_by_merge",))
    await clock.advance(60)
    desk.server.set(2, ALICE, status="solved")
    await clock.advance(60)
    desk.server.set(2, SYSTEM, BY_RULE, status="closed")
    await read(desk, clock)
    assert desk.told("2", "follows", "how") == [("opened", "1", None), ("resolved", None, "done")]


@pytest.mark.parametrize(
    ("words", "files", "thanks"), [("Thank you!", 0, True), ("Thank you!", 1, False), ("It is broken again.", 0, False)]
)
async def test_a_follow_up_may_be_a_mere_thank_you(desk: Desk, clock: FakeClock, words: str, files: int, thanks: bool):
    """Zendesk makes a new ticket of what the customer answers to a closed one."""
    followed = {"channel": "email", "source": {"from": {"ticket_id": 1, "subject": "s"}, "to": {}, "rel": "follow_up"}}
    desk.server.open(2, text=words, via=followed)
    desk.server.audits[2][0]["events"][0]["attachments"] = [{"id": 7, "file_name": "photo.png"}] * files
    await read(desk, clock)
    assert desk.told("2", "follows", "courtesy") == [("opened", "1", thanks)]


async def test_ratings(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    for score in ("offered", "good", "bad"):
        await clock.advance(60)
        desk.server.rate(1, score)
    await clock.advance(60)
    anna = desk.server.customer("anna")
    desk.server.update(1, anna, {"type": "Change", "field_name": "satisfaction_score", "value": "goodwithcomment"})
    await read(desk, clock)
    assert desk.told("1", "score")[1:] == [("rated", 1.0), ("rated", 0.0), ("rated", 1.0)]


async def test_who_opened_it_for_whom(desk: Desk, clock: FakeClock):
    anna = desk.server.customer("anna")
    desk.server.open(1, by=ALICE)  # public: it was sent to her
    desk.server.open(2, by=ALICE, public=False)  # a call, say
    desk.server.open(3, by=ALICE, author=anna)  # her words, by hand
    desk.server.open(4, by=BOT)  # a form on a web page
    await read(desk, clock)
    assert {number: desk.told(number, "by", "answered") for number in "1234"} == {
        "1": [("opened", "agent", True)], "2": [("opened", "agent", None)],
        "3": [("opened", "customer", None)], "4": [("opened", "customer", None)],
    }  # fmt: skip


async def test_an_agent_who_has_left_still_answered(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    desk.server.set(1, GONE, assignee_id=GONE)
    await clock.advance(60)
    desk.server.say(1, GONE, "Here it is.")
    desk.server.open(2, "bert")
    desk.server.say(2, GONE, "I have it as well.")  # nothing shows that she was one of us
    await read(desk, clock)
    assert [kind for (kind,) in desk.told("1")][-1] == "replied"
    assert [kind for (kind,) in desk.told("2")][-1] == "received"
    desk.restart(staff=["alice@desk.example"])
    desk.server.touch(1)
    await read(desk, clock)
    assert [kind for (kind,) in desk.told("1")][-1] == "received"  # the settings decide


async def test_what_zendesks_own_service_levels_say_comes_along(desk: Desk, clock: FakeClock):
    desk.server.open(1)

    def metric(number: int, kind: str, minutes: int) -> dict[str, Any]:
        return {"instance_id": number, "type": kind, "time": f"2026-11-18T12:{minutes:02}:00Z"}

    desk.server.metrics[1] = {
        "reply_time": [
            metric(1, "activate", 0), metric(1, "apply_sla", 0), metric(1, "breach", 10), metric(1, "fulfill", 20),
            metric(2, "activate", 30), metric(2, "apply_sla", 30), metric(2, "fulfill", 35),
            metric(3, "activate", 40), metric(3, "apply_sla", 40),  # it runs
        ],
        "resolution_time": [metric(1, "activate", 0), metric(1, "fulfill", 50)],  # no target was set
        "agent_work_time": [metric(1, "apply_sla", 0), metric(1, "breach", 5)],
    }  # fmt: skip
    await read(desk, clock, later=3600)
    assert desk.told("1", "name", "how", "at")[1:] == [
        ("judged", "reply", "breached", NOW + timedelta(minutes=10)),
        ("judged", "follow_up", "kept", NOW + timedelta(minutes=35)),
    ]  # fmt: skip


async def test_hold_waits_for_a_third_party_and_closed_follows_solved_without_a_word(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    for status in ("hold", "open", "solved", "closed"):
        await clock.advance(60)
        desk.server.set(1, ALICE, status=status)
    await read(desk, clock)
    assert desk.told("1", "on")[1:] == [("pending", "third_party"), ("resumed", None), ("resolved", None)]


async def test_a_customer_is_known_by_the_address(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    await read(desk, clock)
    (event,) = {each.customer for each in desk.events.values()}
    desk.server.open(2)
    await read(desk, clock)
    assert {each.customer for each in desk.events.values()} == {event}
    assert "anna@customer.example" not in repr(desk.batches)


async def test_audits_that_are_newer_than_the_listing_count(desk: Desk, clock: FakeClock):
    desk.server.open(1)
    await clock.advance(300)
    desk.server.meanwhile = [("/incremental/", lambda: desk.server.set(1, ALICE, status="solved"))]
    await desk.poll()
    assert [kind for (kind,) in desk.told("1")] == ["opened", "resolved"]
    assert desk.told("1")[-1:] == [("resolved",)]
