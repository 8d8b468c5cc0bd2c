"""A ticket's history as events: each case a history by hand, and what it must tell."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.connector import Event, Place
from monitor.connectors._tickets.events import events_of, newest_reply
from monitor.connectors._tickets.facts import (
    OWNER,
    PRIORITY,
    QUEUE,
    STATUS,
    UNTIL,
    Change,
    Fact,
    Merge,
    Message,
    Rating,
    Side,
    Stamp,
    State,
    Ticket,
    Value,
)
from monitor.connectors._tickets.rules import ComplaintRule, Rules

T0 = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PLACE = Place("queue", "A queue.")
RULES = Rules(
    {
        "stalled": State("pending", on="customer"),
        "waiting": State("pending", on="third_party"),
        "resolved": State("closed", how="done"),
        "closed": State("closed"),
        "rejected": State("discarded", reason="rejected"),
        "deleted": State("discarded", reason="deleted"),
    },
    rank=lambda text: float(text) if text.isdigit() else None,
    promise_fields=("Due", "Promised by"),
    escalation_queues=frozenset(("managers",)),
    complaints=(ComplaintRule(QUEUE, "Complaints", "telecoms"), ComplaintRule("tags", "ombudsman", None)),
    policies={PRIORITY: {"100": "urgent"}, "SLA": {"gold": "gold"}},
)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def stamp(minutes: float, by: Side = "agent", seq: int | None = None) -> Stamp:
    number = int(minutes * 60) if seq is None else seq
    return Stamp(f"t{minutes:g}" if seq is None else f"t{minutes:g}.{seq}", at(minutes), by, number)


def said(minutes: float, by: Side, **more: Any) -> Message:
    return Message(stamp(minutes, by), **more)


def changed(minutes: float, field: str, old: Value, new: Value, by: Side = "agent", seq: int | None = None) -> Change:
    return Change(stamp(minutes, by, seq), field, old, new)


def ticket(*facts: Fact, by: Side = "customer", now: dict[str, Value] | None = None) -> Ticket:
    held: dict[str, Value] = {STATUS: "open", OWNER: None, QUEUE: "Support", PRIORITY: "50", **(now or {})}
    return Ticket("17", "17", Stamp("t0", T0, by, 0), "anna@example.org", held, facts)


def told(one: Ticket, rules: Rules = RULES, thanks: tuple[str, ...] = ()) -> list[Event]:
    return events_of(one, rules, PLACE, lambda raw: f"hash of {raw}", dict.fromkeys(thanks, "thanks"))


def short(events: list[Event], *fields: str) -> list[tuple[Any, ...]]:
    """(kind, minutes since T0, the fields asked for) of what is not the first assignment."""
    return [
        (e.kind, (e.at - T0).total_seconds() / 60, *(getattr(e, field) for field in fields))
        for e in events
        if not e.id.endswith(":first")
    ]


def test_the_first_event_opens_it_at_its_place_for_its_customer():
    opened, assigned = told(ticket())
    assert (opened.kind, opened.id, opened.contact, opened.place, opened.channel) == (
        "opened",
        "t0",
        "17",
        "queue:Support",
        "ticket",
    )
    assert (opened.at, opened.by, opened.customer, opened.rough) == (T0, "customer", "hash of anna@example.org", True)
    assert (assigned.kind, assigned.to, assigned.queue) == ("assigned", None, "Support")


@pytest.mark.parametrize(
    ("message", "kind", "automatic"),
    [
        (said(5, "customer"), "received", False),
        (said(5, "customer", automatic=True), "received", True),
        (said(5, "agent"), "replied", False),
        (said(5, "bot"), "replied", False),
        (said(5, "rule"), "auto_replied", False),
        (said(5, "agent", public=False), "noted", False),
        (said(5, "rule", public=False), "noted", False),
        (said(5, "customer", public=False), "noted", False),
    ],
)
def test_words_are_told_by_side_and_visibility(message: Message, kind: str, automatic: bool):
    event = told(ticket(message))[-1]
    assert (event.kind, event.automatic, event.by, event.id) == (kind, automatic, message.stamp.by, "t5")


def test_what_began_with_our_own_words_says_so():
    opened = told(replace(ticket(said(5, "agent"), by="agent"), answered=True))[0]
    assert (opened.kind, opened.by, opened.answered) == ("opened", "agent", True)
    assert told(ticket())[0].answered is None


def test_a_pending_status_says_until_when_it_is_meant_to_stand():
    status = changed(5, STATUS, "open", "stalled", seq=2), changed(30, STATUS, "stalled", "open")
    until = changed(5, UNTIL, None, at(600), seq=1), changed(20, UNTIL, at(600), at(900)), changed(40, UNTIL, at(900), None)
    assert short(told(ticket(*status, *until)), "until", "on")[1:] == [
        ("pending", 5, at(600), "customer"),
        ("pending", 20, at(900), "customer"),
        ("resumed", 30, None, None),
    ]


def test_a_thank_you_is_one_unless_a_machine_wrote_it():
    facts = said(5, "customer"), said(6, "customer", automatic=True), said(7, "customer")
    assert [e.courtesy for e in told(ticket(*facts), thanks=("t5", "t6")) if e.kind == "received"] == [True, False, False]


# states


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        ("open", "stalled", ["pending"]),
        ("stalled", "open", ["resumed"]),
        ("stalled", "waiting", ["pending"]),
        ("open", "resolved", ["resolved"]),
        ("resolved", "closed", []),  # one resolution
        ("resolved", "open", ["reopened"]),
        ("resolved", "stalled", ["reopened", "pending"]),
        ("stalled", "resolved", ["resolved"]),
        ("open", "rejected", ["discarded"]),
        ("rejected", "open", ["restored"]),
        ("deleted", "resolved", ["restored", "resolved"]),
        ("rejected", "deleted", ["restored", "discarded"]),
        ("resolved", "deleted", ["discarded"]),
        ("new", "open", []),
        ("Stalled", "OPEN", ["resumed"]),
        ("unheard of", "open", []),
    ],
)
def test_what_a_change_of_status_means(old: str, new: str, kinds: list[str]):
    at_first = {"stalled": 1, "waiting": 1, "resolved": 1, "closed": 1, "rejected": 1, "deleted": 1}.get(old.casefold(), 0)
    events = told(ticket(changed(5, STATUS, old, new), now={STATUS: new}))
    assert [e.kind for e in events][2 + at_first :] == kinds
    assert [e.seq for e in events] == sorted(e.seq or 0 for e in events)


def test_details_of_states():
    facts = (
        changed(1, STATUS, "open", "waiting"),
        changed(2, STATUS, "waiting", "resolved"),
        changed(3, STATUS, "resolved", "deleted", "rule"),
    )
    assert short(told(ticket(*facts, now={STATUS: "deleted"})), "on", "how", "reason", "by")[1:] == [
        ("pending", 1, "third_party", None, None, "agent"),
        ("resolved", 2, None, "done", None, "agent"),
        ("discarded", 3, None, None, "deleted", "rule"),
    ]


def test_a_ticket_that_was_made_in_a_state():
    assert short(told(ticket(now={STATUS: "resolved"}))) == [("opened", 0), ("resolved", 0)]
    assert short(told(ticket(changed(9, STATUS, "stalled", "open"), now={STATUS: "open"}))) == [
        ("opened", 0),
        ("pending", 0),
        ("resumed", 9),
    ]


# owners, queues, priorities


def test_owner_and_queue_are_two_things_and_the_first_of_each_is_told():
    facts = changed(1, OWNER, None, "alice"), changed(2, QUEUE, "Support", "Billing"), changed(3, OWNER, "alice", None)
    events = told(ticket(*facts, now={QUEUE: "Billing"}))
    assert [(e.to, e.queue, e.place) for e in events if e.kind == "assigned"] == [
        (None, "Support", "queue:Support"),
        ("alice", None, "queue:Support"),
        ("alice", "Billing", "queue:Billing"),
        (None, None, "queue:Billing"),
    ]


def test_what_comes_after_a_move_stands_at_the_new_place():
    events = told(ticket(said(1, "customer"), changed(2, QUEUE, "Support", "Billing"), said(3, "agent"), now={QUEUE: "Billing"}))
    assert [(e.kind, e.place) for e in events] == [
        ("opened", "queue:Support"),
        ("assigned", "queue:Support"),
        ("received", "queue:Support"),
        ("assigned", "queue:Billing"),
        ("replied", "queue:Billing"),
    ]


def test_a_move_to_the_managers_escalates():
    events = told(ticket(changed(2, QUEUE, "Support", "Managers"), now={QUEUE: "Managers"}))
    assert short(events, "by")[1:] == [("assigned", 2, "agent"), ("escalated", 2, "agent")]


@pytest.mark.parametrize(
    ("old", "new", "raised"), [("50", "75", True), ("75", "50", False), ("50", "50", False), ("50", "high", None)]
)
def test_a_priority_is_raised_or_lowered_where_anybody_can_say(old: str, new: str, raised: bool | None):
    event = told(ticket(changed(2, PRIORITY, old, new, "rule"), now={PRIORITY: new}))[-1]
    assert (event.kind, event.to, event.raised, event.by) == ("prioritised", new, raised, "rule")


def test_the_first_priority_raises_nothing():
    assert "prioritised" not in [e.kind for e in told(ticket(now={PRIORITY: "75"}))]


def test_raising_can_be_left_out():
    quiet = Rules({}, RULES.rank, escalate_by_priority=False)
    assert told(ticket(changed(2, PRIORITY, "50", "75"), now={PRIORITY: "75"}), quiet)[-1].raised is None


# promises

DUE = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = date(2026, 11, 21)


def promises(one: Ticket) -> list[tuple[Any, ...]]:
    return [(e.name, e.due, (e.at - T0).total_seconds() / 60) for e in told(one) if e.kind == "promised"]


def test_a_date_that_people_set_is_a_promise_and_each_field_is_one_of_its_own():
    facts = changed(1, "Due", None, DUE), changed(2, "Promised by", None, DAY), changed(3, "Due", DUE, None)
    assert promises(ticket(*facts, now={"Due": None, "Promised by": DAY})) == [
        ("Due", DUE, 1),
        ("Promised by", DAY, 2),
        ("Due", None, 3),
    ]


def test_a_date_that_a_rule_or_a_customer_sets_is_none_and_moves_none():
    facts = changed(1, "Due", None, DUE), changed(2, "Due", DUE, DAY, "rule"), changed(3, "Due", DAY, None, "customer")
    assert promises(ticket(*facts)) == [("Due", DUE, 1)]


def test_a_date_that_was_there_from_the_beginning_promises_if_one_of_us_made_the_ticket():
    assert promises(ticket(by="agent", now={"Due": DUE})) == [("Due", DUE, 0)]
    assert promises(ticket(by="customer", now={"Due": DUE})) == []
    assert promises(ticket(changed(1, "Due", DAY, DUE, "rule"), by="agent", now={"Due": DUE})) == [("Due", DAY, 0)]


def test_other_dates_and_texts_promise_nothing():
    facts = changed(1, "Starts", None, DUE), changed(2, "Due", None, "next week"), changed(3, "Due", "next week", None)
    assert promises(ticket(*facts)) == []


# complaints


def complaints(one: Ticket) -> list[tuple[Any, ...]]:
    return [((e.at - T0).total_seconds() / 60, e.sector, e.since, e.withdrawn) for e in told(one) if e.kind == "complained"]


def test_a_ticket_of_the_complaints_queue_is_one_from_its_first_words():
    assert complaints(ticket(now={QUEUE: "complaints"})) == [(0, "telecoms", T0, False)]
    assert complaints(ticket(changed(9, QUEUE, "Support", "Complaints"), now={QUEUE: "Complaints"})) == [
        (9, "telecoms", T0, False)
    ]


def test_a_complaint_that_is_moved_stays_one():
    assert complaints(ticket(changed(9, QUEUE, "Complaints", "Support"))) == [(0, "telecoms", T0, False)]


def test_a_tag_makes_a_complaint_and_without_it_there_is_none():
    facts = (
        changed(3, "tags", "vip", "vip, Ombudsman"),
        changed(5, "tags", "vip, Ombudsman", "Ombudsman"),
        changed(7, "tags", "Ombudsman", ""),
    )
    assert complaints(ticket(*facts, now={"tags": ""})) == [(3, None, T0, False), (7, None, None, True)]


# policies


def test_a_policy_goes_by_the_first_field_that_names_one():
    facts = changed(1, PRIORITY, "100", "50"), changed(2, "SLA", None, "Gold"), changed(3, "SLA", "Gold", None)
    events = told(ticket(*facts, now={PRIORITY: "50", "SLA": None}))
    assert [(e.kind, e.policy) for e in events if e.policy is not None] == [
        ("opened", "urgent"),
        ("prioritised", ""),
        ("noted", "gold"),
        ("noted", ""),
    ]


def test_where_nothing_names_a_policy_nothing_is_said():
    assert [e.policy for e in told(ticket(changed(1, PRIORITY, "50", "60"), now={PRIORITY: "60"}))] == [None, None, None]


# merges, ratings, order


def test_a_merge_and_a_rating():
    events = told(ticket(Merge(stamp(5), "12"), Rating(stamp(6, "customer"), 0.25)))
    assert [(e.kind, e.to, e.score) for e in events[2:]] == [("merged", "12", None), ("rated", None, 0.25)]


def test_what_happened_in_one_second_stands_in_the_order_of_its_records():
    facts = (
        Message(Stamp("500", at(1), "customer", 500)),
        Change(Stamp("501", at(1), "rule", 501), STATUS, "resolved", "open"),
        Change(Stamp("502", at(1), "agent", 502), STATUS, "open", "stalled"),
    )
    for order in permutations(facts):
        events = told(ticket(*order, now={STATUS: "stalled"}))
        assert [e.kind for e in events] == ["opened", "assigned", "resolved", "received", "reopened", "pending"]
        assert len({e.seq for e in events}) == len(events)


def test_the_newest_reply():
    assert newest_reply(told(ticket(said(5, "agent"), said(9, "agent"), said(20, "rule"), said(30, "customer")))) == at(9)
    assert newest_reply(told(ticket())) is None


FIELDS = st.sampled_from(
    (
        (STATUS, ("open", "stalled", "resolved", "rejected")),
        (OWNER, (None, "a", "b")),
        (QUEUE, ("X", "Managers")),
        ("Due", (None, DUE)),
    )
)


@st.composite
def histories(draw: st.DrawFn) -> Ticket:
    """A ticket whose changes fit together."""
    held: dict[str, Value] = {STATUS: "open", OWNER: None, QUEUE: "X", PRIORITY: "50", "Due": None}
    facts: list[Fact] = []
    for seq in range(1, 1 + draw(st.integers(0, 8))):
        when = Stamp(f"r{seq}", at(seq // 3), draw(st.sampled_from(("customer", "agent", "rule"))), seq)
        if draw(st.booleans()):
            facts.append(Message(when, public=draw(st.booleans())))
            continue
        field, values = draw(FIELDS)
        new = draw(st.sampled_from(values))
        facts.append(Change(when, field, held[field], new))
        held[field] = new
    return Ticket("17", "17", Stamp("c", T0, "customer", 0), None, dict(held), facts)


@given(histories(), st.integers(0, 8))
def test_what_was_told_of_the_beginning_stays_as_it_was_when_more_has_happened(whole: Ticket, count: int):
    early = list(whole.facts)[:count]
    held = dict(told_values(whole, count))
    begun = Ticket("17", "17", whole.opened, None, held, early)
    assert told(begun) == told(whole)[: len(told(begun))]


def told_values(whole: Ticket, count: int) -> dict[str, Value]:
    """What the fields held after `count` facts."""
    held: dict[str, Value] = {STATUS: "open", OWNER: None, QUEUE: "X", PRIORITY: "50", "Due": None}
    for fact in list(whole.facts)[:count]:
        if isinstance(fact, Change):
            held[fact.field] = fact.new
    return held


@given(histories())
def test_every_event_has_an_id_of_its_own_and_their_order_is_told(one: Ticket):
    events = told(one)
    assert len({e.id for e in events}) == len(events)
    assert [(e.at, e.seq) for e in events] == sorted((e.at, e.seq) for e in events)
