"""Callers who never got into a queue, as class dialplan shows them (apps/app_queue.c: queue_exec, set_queue_result)."""

import pytest

from monitor.connectors._asterisk.sight import class_of
from tests.connectors.asterisk.test_tracker_cases import Told, only


def refused(value: str, told: Told | None = None, at: float = 1.0, queue: str = "support,t,,,300") -> Told:
    told = told or Told()(0, "Newchannel", Exten="8001")
    return told(at, "Newexten", Application="Queue", AppData=queue)(at + 0.001, "VarSet", Variable="QUEUESTATUS", Value=value)


@pytest.mark.parametrize(("value", "reason"), [("FULL", "full"), ("JOINEMPTY", "no_agents"), ("JOINUNAVAIL", "no_agents")])
def test_who_is_refused_is_turned_away_once(value: str, reason: str) -> None:
    told = refused(value)(2, "HangupRequest")(2.01, "Hangup")
    [event] = told.events()
    assert (event.kind, event.place, event.reason, event.rough) == ("turned_away", "queue:support", reason, False)
    assert event.customer is not None


@pytest.mark.parametrize("value", ["TIMEOUT", "LEAVEEMPTY", "LEAVEUNAVAIL", "CONTINUE", "WITHDRAW", "UNKNOWN", ""])
def test_how_a_wait_ended_is_told_by_other_events(value: str) -> None:
    assert refused(value)(2, "Hangup").events() == []


def test_who_is_refused_by_two_queues_is_turned_away_by_both() -> None:
    told = refused("FULL", refused("FULL"), 3.0, "sales")(4, "Hangup")
    assert [(event.place, event.reason) for event in told.events()] == [("queue:support", "full"), ("queue:sales", "full")]


def test_who_overflows_from_a_full_queue_into_another_waits_there() -> None:
    told = refused("FULL")(1.5, "QueueCallerJoin", Queue="sales")(9, "QueueCallerAbandon", Queue="sales")
    story = told(9, "HangupRequest")(9.01, "Hangup").story()
    assert story == {
        ("5551", "queue:support"): "turned_away(full)",
        ("5551", "queue:sales"): "queued left(caller) ended",
    }


def test_a_queue_that_the_dialplan_calls_by_other_capitals_is_the_same() -> None:
    told = Told()(0.5, "QueueCallerJoin", Queue="support", Uniqueid="1795000000.8", Linkedid="1795000000.8")
    told.events(5)
    [event] = refused("FULL", told, 10.0, "Support,t").events()
    assert event.place == "queue:support"


def test_a_variable_without_the_application_before_it_says_nothing() -> None:
    told = Told()(0, "Newchannel", Exten="8001")(1, "VarSet", Variable="QUEUESTATUS", Value="FULL")
    assert told(2, "Hangup").events() == []


def test_nothing_is_kept_of_a_channel_that_is_gone() -> None:
    told = refused("FULL")(2, "Hangup")
    told.events()
    assert told.calls._turned_away._asked == {}
    assert told.calls.calls.by_uid == {}
    assert only(refused("FULL")(2, "Hangup").story()) == "turned_away(full)"


def test_these_messages_prove_neither_class_call_nor_agent() -> None:
    assert class_of("Newexten") is None
    assert class_of("VarSet") is None
