"""What people are shown of how a wait was measured. All begins at nine on Monday 2 November 2026, in UTC."""

from datetime import UTC
from typing import Any

from monitor.domain.contact import Wait
from monitor.domain.event import Event
from monitor.domain.hours import Calendar, parse_week
from monitor.domain.policy import Limit, Policy, Rule
from monitor.engine.arithmetic import arithmetic_of
from monitor.engine.explain import Explanation, as_contract, explain
from monitor.store.memory import MemoryStore
from tests.engine.fake_daemon import at, event
from tests.engine.scenarios import ingest_run

HOUR = 3600


def explained(*events: Event) -> Explanation:
    store = MemoryStore()
    run = ingest_run(store)
    run.store_batch(list(events))
    [found] = store.find(events[0].contact)
    return explain(run.directory, store, found)


def call(kind: str, seconds: float, **details: Any) -> Event:
    return event("c", kind, seconds, **details)


def test_the_rings_that_were_heard_and_how_far_apart() -> None:
    found = explained(call("ringing", 0), call("answered", 11), call("ended", 60))
    [ring] = [each for each in found["waits"] if each["wait"] == "ring"]
    assert ring["rings"] is not None
    period = ring["rings"]["period_seconds"]
    assert ring["rings"] == {"heard": int(11 // period) + 1, "limit": 5, "period_seconds": period}
    assert ring["policy"] == "default"
    assert ring["counted"] == [["2026-11-02T09:00:00Z", "2026-11-02T09:00:11Z"]]


def test_only_people_are_told_so() -> None:
    contract = as_contract(explained(call("ringing", 0), call("answered", 11)))
    assert "open" not in contract
    assert not {"counted", "counted_left_out", "paused", "policy", "rings"} & contract["waits"][0].keys()


def test_a_call_has_no_opening_hours_around_it() -> None:
    assert explained(call("queued", 0), call("answered", 11))["open"] is None


def test_a_misdialled_call_owes_no_call_back() -> None:
    """He gave up after 3 s, and shorter than 5 s is a misdialled call: nobody waits to be called back."""
    found = explained(call("queued", 0, customer="x"), call("left", 3, how="caller", customer="x"))
    assert {each["wait"]: each["outcome"] for each in found["waits"]} == {"queue": "void", "callback": "void"}


def office() -> Policy:
    calendar = Calendar("office", UTC, parse_week({"mon-fri": "09:00-17:00"}))
    rule = Rule("late_resolution", 0.85, Limit(4.0 * HOUR), calendar, pauses=frozenset({"customer"}))
    return Policy("mail", {"late_resolution": rule}, calendar, UTC, 3.0)


def test_only_opening_hours_count() -> None:
    wait = Wait("resolution", "k", at(7 * HOUR), at(25 * HOUR))  # from 16:00 on Monday to 10:00 on Tuesday
    found = arithmetic_of(wait, office(), at(100 * HOUR))
    assert found["counted"] == [
        ["2026-11-02T16:00:00Z", "2026-11-02T17:00:00Z"], ["2026-11-03T09:00:00Z", "2026-11-03T10:00:00Z"],
    ]  # fmt: skip
    assert (found["counted_left_out"], found["paused"], found["rings"]) == (0, False, None)


def test_a_wait_of_years_is_bounded() -> None:
    # 400 weeks of five days from a Monday at nine
    wait = Wait("resolution", "k", at(0), None)
    found = arithmetic_of(wait, office(), at(400 * 7 * 24 * HOUR))
    assert (len(found["counted"]), found["counted_left_out"]) == (300, 1700)
