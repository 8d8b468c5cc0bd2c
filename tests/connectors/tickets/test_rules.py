"""Settings and a system's defaults; who is who; what `check` says of places."""

from typing import Any

import pytest

from monitor.connector import Place
from monitor.connectors._tickets.checks import places_seen
from monitor.connectors._tickets.facts import QUEUE, State
from monitor.connectors._tickets.people import People
from monitor.connectors._tickets.rules import Rules, rules_of
from monitor.connectors._tickets.settings import HelpdeskSettings

STATES = {"Stalled": State("pending", on="customer"), "resolved": State("closed")}


def settings(**keys: Any) -> HelpdeskSettings:
    return HelpdeskSettings(type="x", url="https://desk.example", **keys)


def rules(**keys: Any) -> Rules:
    return rules_of(settings(**keys), place=QUEUE, states=STATES, rank=lambda _text: None, promise_fields=("Due",))


def test_without_settings_a_system_means_what_it_says():
    found = rules()
    assert [found.state(each).kind for each in ("stalled", "STALLED ", "resolved", "new", None)] == [
        "pending",
        "pending",
        "closed",
        "open",
        "open",
    ]
    assert tuple(found.promise_fields) == ("Due",)


def test_statuses_that_are_pending_replace_the_systems_own():
    found = rules(pending_statuses=["Waiting for parts", "resolved"])
    assert [found.state(each).kind for each in ("waiting FOR parts", "stalled", "resolved")] == ["pending", "open", "pending"]


def test_no_promise_fields_means_none():
    assert tuple(rules(promise_fields=[]).promise_fields) == ()


def test_a_complaint_is_named_by_one_thing():
    found = rules(
        complaints=[{"queue": "Complaints", "sector": "energy"}, {"tag": "FOS"}, {"field": "Type", "value": "Complaint"}]
    )
    assert [(each.field, each.value, each.sector) for each in found.complaints] == [
        (QUEUE, "Complaints", "energy"),
        ("tags", "FOS", None),
        ("Type", "Complaint", None),
    ]


@pytest.mark.parametrize(
    ("complaint", "words"),
    [
        ({}, "name one of"),
        ({"queue": "a", "tag": "b"}, "name one of"),
        ({"field": "a"}, "go together"),
        ({"queue": "a", "value": "b"}, "go together"),
        ({"queue": "a", "sector": "telecom"}, "telecoms"),
    ],
)
def test_what_names_no_complaint_is_refused(complaint: dict[str, str], words: str):
    with pytest.raises(ValueError, match=words):
        settings(complaints=[complaint])


@pytest.mark.parametrize(
    ("author", "requestors", "side"),
    [
        ("alice", (), "agent"),
        ("ALICE", (), "agent"),
        ("anna@example.org", (), "customer"),
        ("alice", ("alice",), "customer"),  # she asks for something herself
        ("alice", ("anna@example.org",), "agent"),
        ("RT_System", (), "rule"),
        ("monitoring", ("monitoring",), "rule"),
        ("sla-robot", (), "rule"),  # has the role of staff, too
        ("", (), "customer"),
    ],
)
def test_on_which_side_somebody_acts(author: str, requestors: tuple[str, ...], side: str):
    people = People.of(settings(robots=["monitoring", "sla-robot"]), ["alice", "sla-robot"], ["RT_System"], "role Agent")
    assert people.side(author, requestors) == side


def test_settings_replace_who_is_staff():
    people = People.of(settings(staff=["bob"]), ["alice"], [], "role Agent")
    assert [people.side(name) for name in ("alice", "bob")] == ["customer", "agent"]
    assert people.described() == "staff: 1 accounts by the settings; robots: none"


def test_who_is_who_is_described():
    people = People.of(settings(), ["alice", "bob"], ["RT_System"], "role Agent")
    assert people.described() == "staff: 2 accounts by role Agent; robots: RT_System"


def test_places_that_nobody_sees_are_told():
    queue = Place("queue", "A queue.")
    found = list(places_seen(queue, ["Support", "Billing"], ["queue:support", "queue:Sales"]))
    assert [(each.ok, each.text) for each in found] == [
        (True, "queues that this account sees: 2 (Billing, Support)"),
        (False, "queue Sales: this account does not see it; check its name, and the account's rights"),
    ]
    assert [each.ok for each in places_seen(queue, [], [])] == [False]
