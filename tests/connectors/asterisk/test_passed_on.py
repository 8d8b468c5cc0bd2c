"""Transfers in the call tracker: into queues, swapped, in quick succession, as a conference; and reasons of the right visit."""

import itertools

import pytest

from monitor.connectors._asterisk.reconcile import PbxState, reconcile
from monitor.domain.event import from_micros
from tests.connectors.asterisk.test_tracker import stories
from tests.connectors.asterisk.test_tracker_cases import AGENT, CALLER, LINE, PHONE, START, Told, answered, blind, only, queued

#: The agent's second line, and the phone of the queue that is asked.
SECOND = {"Uniqueid": "x.5", "Linkedid": "x.5", "Channel": "PJSIP/1001-00000005", "CallerIDNum": "1001"}
THIRD = "PJSIP/1003-00000006"
TALKED = "queued ringing answered held unheld"


def micros(at: float) -> int:
    return round((START + at) * 1_000_000)


def consulting(**settings: object) -> Told:
    """The agent, who talks from 5 s, holds the customer at 6 s and waits in sales from 7 s, where a phone rings from 8 s."""
    told = answered(**settings).agent(6, "Hold")(6.5, "Newchannel", Exten="8002", **SECOND)
    return told(7, "QueueCallerJoin", Queue="sales", **SECOND).dial(8, "x.6", THIRD, "1003", **SECOND)


def attended(told: Told, at: float, **fields: str) -> Told:
    """The transfer gives the customer the place of the agent's second line."""
    ours = {"OrigTransfererUniqueid": AGENT, "OrigTransfererLinkedid": CALLER, "OrigTransfererChannel": PHONE}
    second = {"SecondTransfererUniqueid": "x.5", "SecondTransfererLinkedid": "x.5"}
    customer = {"TransfereeUniqueid": CALLER, "TransfereeLinkedid": CALLER, "TransfereeChannel": LINE}
    told.agent(at - 0.001, "Unhold")(
        at,
        "AttendedTransfer",
        **{"Result": "Success", "DestType": "App", "DestApp": "Queue", **ours, **second, **customer, **fields},
    )
    return told.agent(at + 0.001, "Hangup")(at + 0.001, "BridgeLeave")(at + 0.002, "Hangup", **SECOND)


# --- attended transfer into a queue --------------------------------------------------------------------


def test_the_customer_waits_in_the_second_queue_from_the_transfer_on() -> None:
    told = attended(consulting(), 10).dialled(15, "ANSWER", "x.6", THIRD)
    told(15.01, "QueueCallerLeave", Queue="sales")(15.01, "AgentConnect", Queue="sales", DestChannel=THIRD, DestUniqueid="x.6")
    events = told(20, "Hangup").events()
    assert stories(events) == {
        ("5551", "queue:support"): f"{TALKED} transferred(consult,queue) ended",
        ("5551", "queue:sales"): "queued ringing answered ended",
    }
    assert {e.at for e in events if e.place == "queue:sales" and e.kind in ("queued", "ringing")} == {from_micros(micros(10))}


def test_a_phone_that_rings_only_after_the_transfer_rings_for_the_customer_from_then() -> None:
    told = consulting().dialled(9, "NOANSWER", "x.6", THIRD, **SECOND)
    events = attended(told, 10).dial(11, "x.7", THIRD, "1003").events()
    assert [e.at for e in events if e.place == "queue:sales" and e.kind == "ringing"] == [from_micros(micros(11))]


def test_who_gives_up_there_has_abandoned_the_second_queue() -> None:
    told = attended(consulting(), 10)(15, "HangupRequest")(15.01, "QueueCallerAbandon", Queue="sales")(15.02, "Hangup")
    assert told.story()["5551", "queue:sales"] == "queued ringing left(caller) ended"


def test_a_time_out_there_is_the_customers() -> None:
    told = attended(consulting(), 10)(15, "QueueCallerAbandon", Queue="sales")(15.001, "QueueCallerLeave", Queue="sales")
    assert told(18, "Hangup", Cause="16").story()["5551", "queue:sales"] == "queued ringing left(timeout) ended"


def test_the_events_there_may_bear_the_consultations_id() -> None:
    told = attended(consulting(), 10)(15, "AgentConnect", Queue="sales", Uniqueid="x.5", Linkedid=CALLER)
    assert told.story()["5551", "queue:sales"] == "queued ringing answered"


def test_a_consultation_that_waits_is_no_contact_and_owes_nobody_a_call() -> None:
    told = consulting()(12, "HangupRequest", **SECOND)(12.01, "QueueCallerAbandon", Queue="sales", **SECOND)
    told(12.02, "Hangup", **SECOND).agent(13, "Unhold")
    assert only(told.story()) == TALKED


def test_a_consultation_that_times_out_is_none_either() -> None:
    told = consulting()(12, "QueueCallerAbandon", Queue="sales", **SECOND)(12.5, "Hangup", **SECOND, Cause="16")
    assert only(told.agent(13, "Unhold").story()) == TALKED


def test_a_consultation_that_is_answered_is_an_answered_call_of_that_queue_without_a_customer() -> None:
    told = consulting().dialled(9, "ANSWER", "x.6", THIRD, **SECOND)
    told(9.01, "AgentConnect", Queue="sales", DestChannel=THIRD, DestUniqueid="x.6", **SECOND)
    told.agent(11.99, "Unhold")
    target = {"TransferTargetUniqueid": "x.6", "TransferTargetChannel": THIRD, "DestType": "Bridge", "DestApp": ""}
    events = attended(told, 12, **target).events()
    assert stories(events) == {
        ("5551", "queue:support"): f"{TALKED} transferred(consult,1003)",
        ("", "queue:sales"): "queued answered ended",
    }


def test_without_a_hold_the_agents_second_line_is_known_by_its_phone() -> None:
    told = answered()(7, "QueueCallerJoin", Queue="sales", **SECOND)
    assert attended(told, 10).story()["5551", "queue:sales"] == "queued"


def test_a_colleague_who_speaks_with_nobody_is_a_caller_as_any_other() -> None:
    other = {"Uniqueid": "x.9", "Linkedid": "x.9", "Channel": "PJSIP/1002-00000009", "CallerIDNum": "1002"}
    assert answered()(7, "QueueCallerJoin", Queue="sales", **other).story()["1002", "queue:sales"] == "queued"


def test_an_agent_whose_customer_is_gone_is_a_caller_as_any_other() -> None:
    told = answered()(6, "HangupRequest").agent(6.01, "Hangup")(6.02, "Hangup")(7, "QueueCallerJoin", Queue="sales", **SECOND)
    assert told.story()["1001", "queue:sales"] == "queued"


def test_a_phone_may_send_its_transfer_on_the_consultation() -> None:
    roles = {
        "OrigTransfererUniqueid": "x.5", "OrigTransfererLinkedid": "x.5", "SecondTransfererUniqueid": AGENT,
        "SecondTransfererLinkedid": CALLER, "TransfereeUniqueid": "", "TransfereeLinkedid": "", "TransfereeChannel": "",
        "TransferTargetUniqueid": CALLER, "TransferTargetChannel": LINE,
    }  # fmt: skip
    story = attended(consulting(), 10, **roles).story()
    assert story["5551", "queue:support"] == f"{TALKED} transferred(consult,queue)"
    assert story["5551", "queue:sales"] == "queued ringing"


def test_where_the_transfer_is_not_seen_the_answer_shows_whose_place_it_was() -> None:
    told = consulting().agent(9.99, "Unhold")(10, "BridgeLeave")(15, "AgentConnect", Queue="sales")
    events = [e for e in told.events() if e.place == "queue:sales"]
    assert [(e.kind, e.at) for e in events if e.kind != "ringing"] == [
        ("queued", from_micros(micros(10))), ("answered", from_micros(micros(15))),
    ]  # fmt: skip


def test_so_it_does_where_a_phone_rings_in_between() -> None:
    told = consulting().agent(9.99, "Unhold")(10, "BridgeLeave")(10.1, "Hangup", **SECOND).dial(14, "x.7", THIRD, "1003")
    story = told.dialled(15, "ANSWER", "x.7", THIRD)(15.001, "AgentConnect", Queue="sales").story()
    assert story["5551", "queue:sales"] == "queued answered"


def test_a_consultation_that_began_before_we_listened_is_known_at_the_answer() -> None:
    told = answered().agent(6, "Hold")
    told = attended(told, 10)(15, "AgentConnect", Queue="sales")
    assert told.story()["5551", "queue:sales"] == "queued answered"


def test_by_feature_code_a_local_channel_waits_while_the_customer_is_held() -> None:
    far = {"Uniqueid": "x.8", "Channel": "Local/8002@agents-00000001;2"}
    told = answered().agent(6, "Hold").agent(6.1, "BridgeLeave")(7, "QueueCallerJoin", Queue="sales", **far)
    assert [e.kind for e in told.events(9)] == ["queued", "ringing", "answered", "held"]
    ours = {"OrigTransfererUniqueid": AGENT, "SecondTransfererUniqueid": AGENT, "TransfereeUniqueid": CALLER}
    linked = {"OrigTransfererLinkedid": CALLER, "SecondTransfererLinkedid": CALLER}
    target = {"TransferTargetChannel": "Local/8002@agents-00000001;1", "DestType": "Bridge", "Result": "Success"}
    told(10, "AttendedTransfer", **ours, **linked, **target)(15, "AgentConnect", Queue="sales", **far)
    assert stories(told.events()) == {
        ("5551", "queue:support"): "unheld transferred(consult,queue)",
        ("5551", "queue:sales"): "queued answered",
    }


def test_two_agents_consult_two_queues_at_once() -> None:
    told = consulting()
    customer = {"Uniqueid": "y.1", "Linkedid": "y.1", "Channel": "PJSIP/trunk-00000031", "CallerIDNum": "5552"}
    phone = {"DestUniqueid": "y.2", "DestChannel": "PJSIP/1002-00000032"}
    told(7.1, "QueueCallerJoin", Queue="help", **customer)(7.2, "AgentConnect", Queue="help", **customer, **phone)
    second = {"Uniqueid": "y.5", "Linkedid": "y.5", "Channel": "PJSIP/1002-00000033", "CallerIDNum": "1002"}
    told(8.1, "QueueCallerJoin", Queue="sales", **second)
    ids = {"OrigTransfererUniqueid": "y.2", "OrigTransfererLinkedid": "y.1", "SecondTransfererUniqueid": "y.5"}
    ids |= {"TransfereeUniqueid": "y.1", "TransfereeLinkedid": "y.1", "SecondTransfererLinkedid": "y.5"}
    told(9, "AttendedTransfer", Result="Success", DestType="App", DestApp="Queue", **ids)
    story = attended(told, 10)(12, "AgentConnect", Queue="sales", **customer).story()
    assert story["5551", "queue:sales"] == "queued ringing"
    assert story["5552", "queue:sales"] == "queued answered"


def test_a_consultation_is_remembered_over_a_restart() -> None:
    before = consulting()
    before.events(9)
    told = Told()
    told.calls.restore({key: entry for key, entry in before.calls.calls.drain_state().items() if entry is not None})
    story = stories(attended(told, 10)(12, "AgentConnect", Queue="sales").events())
    assert story == {
        ("5551", "queue:support"): "unheld transferred(consult,queue)",
        ("5551", "queue:sales"): "queued ringing answered",
    }


def test_a_consultation_that_began_while_we_were_away_is_none_either() -> None:
    told = answered().agent(6, "Hold")
    entry = {"Queue": "sales", "Uniqueid": "x.5", "Channel": "PJSIP/1001-00000005", "CallerIDNum": "1001", "Wait": "3"}
    told.events(6.5)
    channels = {uid: {"Linkedid": linked} for uid, linked in ((CALLER, CALLER), (AGENT, CALLER), ("x.5", "x.5"))}
    reconcile(told.calls, PbxState({"x.5": entry}, channels), since=micros(6.5), login=micros(10), restarted=False)
    assert told.calls.calls.drain_events() == []


def test_an_entry_of_an_older_version_is_taken_up() -> None:
    entry = (
        '{"contact":"c.1","uid":"c.1","customer":"customer-5551","trunk":true,"exten":"8001","seen":1795000005000000,'
        '"visits":[{"place":"queue:support","key":"c.1/support/1","since":1795000001000000,"state":"answered","rings":1,'
        '"gone":null,"abandoned":false,"picked_up":true,"reason":null,"transfers":0,"ended":false,"dialling":[]}],"names":[],'
        '"holds":{},"held":{},"requested":false,"stopping":false,"callback":false,"agent_hung_up":null,"left_bridge":null,'
        '"transferred":null,"handing":null,"over":null,"ended":false}'
    )
    told = Told()
    told.calls.restore({"call:c.1": entry})
    (call,) = told.calls.calls.by_uid.values()
    assert (call.lot, call.consults, call.phones) == (None, None, {})


# --- blind ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("apart", [0.000019, 0.008])
def test_a_blind_transfer_is_told_once_whatever_order_its_events_come_in(order: tuple[int, ...], apart: float) -> None:
    told = answered()
    steps = [
        lambda at: blind(told, at, "8002"),
        lambda at: told(at, "BridgeLeave"),
        lambda at: told(at, "QueueCallerJoin", Queue="sales"),
    ]
    for n, step in enumerate(order):
        steps[step](6 + n * apart)
    told.agent(6.03, "Hangup")(9, "AgentConnect", Queue="sales")(12, "Hangup")
    assert told.story() == {
        ("5551", "queue:support"): "queued ringing answered transferred(blind,sales,queue) ended",
        ("5551", "queue:sales"): "queued answered ended",
    }


@pytest.mark.parametrize("early", [0.0, 0.0004, 0.0025])
def test_a_phone_that_the_new_queue_rings_may_be_stamped_before_the_caller_enters_it(early: float) -> None:
    told = blind(answered(), 6, "8002")(6.002, "QueueCallerJoin", Queue="sales").dial(6.002 - early, "x.7", THIRD, "1003")
    story = told.dialled(9, "ANSWER", "x.7", THIRD)(9.001, "AgentConnect", Queue="sales").story()
    assert story["5551", "queue:support"] == "queued ringing answered transferred(blind,sales,queue)"
    assert story["5551", "queue:sales"] == "queued ringing answered"


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("order", list(itertools.permutations(range(2))))
def test_so_is_that_of_a_member_behind_a_local_channel(order: tuple[int, ...], held: bool) -> None:
    far = {"Uniqueid": "x.4", "Channel": "Local/1001@agents-00000001;2"}
    ours = {"TransfererUniqueid": AGENT, "TransfererLinkedid": CALLER, "TransfererChannel": PHONE, "Result": "Success"}
    told = answered()
    if held:
        told.agent(5.5, "Hold")
    steps = [
        lambda at: told(at, "BlindTransfer", TransfereeUniqueid="x.4", TransfereeLinkedid=CALLER, Extension="8002", **ours),
        lambda at: told(at, "QueueCallerJoin", Queue="sales", **far),
    ]
    for n, step in enumerate(order):
        steps[step](6 + n * 0.000019)
    story = told(9, "AgentConnect", Queue="sales", **far).story()
    assert story["5551", "queue:sales"] == "queued answered"
    hold = " held unheld" if held else ""
    assert story["5551", "queue:support"] == f"queued ringing answered{hold} transferred(blind,sales,queue)"


@pytest.mark.parametrize("later", [0.5, 3.4, 9.9])
def test_two_transfers_within_the_ten_seconds_a_target_is_awaited_are_two(later: float) -> None:
    told = blind(answered(), 6, "700")
    told(6 + later, "BlindTransfer", Result="Success", TransfererUniqueid="x.9", TransfereeUniqueid=CALLER, Extension="1044")
    assert only(told.story()) == "queued ringing answered transferred(blind,700) transferred(blind,1044)"


def test_a_blind_and_an_attended_transfer_in_quick_succession_are_two() -> None:
    ours = {"OrigTransfererUniqueid": "x.9", "OrigTransfererLinkedid": CALLER, "SecondTransfererLinkedid": "x.7"}
    told = blind(answered(), 6, "1002")
    target = {"TransferTargetChannel": THIRD, "TransferTargetUniqueid": "x.6"}
    told(8, "AttendedTransfer", Result="Success", DestType="Bridge", TransfereeUniqueid=CALLER, **ours, **target)
    assert only(told.story()) == "queued ringing answered transferred(blind,1002) transferred(consult,1003)"


def test_a_later_transfer_is_not_taken_for_the_one_that_led_here() -> None:
    told = answered()(6, "BridgeLeave").agent(6.01, "Hangup")(6.1, "QueueCallerJoin", Queue="sales")
    told(6.2, "AgentConnect", Queue="sales")
    told(9, "BlindTransfer", Result="Success", TransfererUniqueid="x.9", TransfereeUniqueid=CALLER, Extension="1044")
    assert told.story()["5551", "queue:sales"] == "queued answered transferred(blind,1044)"


# --- conference ---------------------------------------------------------------------------------------------


def test_in_a_conference_of_three_the_customer_is_off_hold_and_nobody_was_passed_on() -> None:
    ours = {"OrigTransfererUniqueid": AGENT, "OrigTransfererLinkedid": CALLER, "SecondTransfererLinkedid": CALLER}
    told = answered().agent(6, "Hold").agent(6.1, "BridgeLeave")
    told(10, "AttendedTransfer", Result="Success", DestType="Threeway", TransfereeUniqueid=CALLER, **ours)
    events = told.agent(20, "Hangup").events()
    assert only(stories(events)) == TALKED
    assert [e.at for e in events if e.kind == "unheld"] == [from_micros(micros(10))]


# --- leaving a queue ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seen", ["AgentDump", "DialEnd", "Hangup"])
def test_a_key_after_the_agent_hung_up_in_the_announcement_is_a_key(seen: str) -> None:
    told = queued().dial(2).dialled(3, "ANSWER")
    if seen == "DialEnd":
        told.dialled(4, "NOANSWER")
    else:
        told.agent(4, seen, Queue="support", **({"Uniqueid": CALLER} if seen == "AgentDump" else {}))
    told(4.5, "QueueCallerLeave", Queue="support")
    assert only(told(12, "HangupRequest")(12.01, "Hangup", Cause="0").story()) == "queued ringing left(key) ended"


def test_who_hangs_up_himself_in_the_announcement_gave_up_although_the_agents_phone_goes_first() -> None:
    told = queued().dial(2).dialled(3, "ANSWER")(4, "HangupRequest").agent(4.001, "Hangup")
    told(4.002, "QueueCallerAbandon", Queue="support")(4.003, "Hangup", Cause="0")
    assert only(told.story()) == "queued ringing left(caller) ended"


def test_a_supervisor_who_moves_a_waiting_caller_takes_him_out_of_the_first_queue() -> None:
    told = queued()(6, "QueueCallerAbandon", Queue="support")(6.001, "QueueCallerLeave", Queue="support")
    story = told(6.002, "QueueCallerJoin", Queue="sales")(8, "AgentConnect", Queue="sales").story()
    assert story == {("5551", "queue:support"): "queued left(timeout)", ("5551", "queue:sales"): "queued answered"}


def test_who_hangs_up_has_left_for_no_other_reason_even_where_the_abandon_is_stamped_last() -> None:
    told = queued()(6, "HangupRequest")(6.001, "QueueCallerLeave", Queue="support")(6.002, "Hangup", Cause="16")
    assert only(told(6.003, "QueueCallerAbandon", Queue="support").story()) == "queued left(caller) ended"


def test_a_reason_that_is_read_late_is_not_that_of_the_next_queue() -> None:
    told = queued(has_log=True)(6.2, "QueueCallerAbandon", Queue="support")(6.3, "QueueCallerJoin", Queue="sales")
    told.events(6.5)
    told.calls.left_for(CALLER, "support", "no_agents", micros(6), micros(7))
    told(20, "QueueCallerAbandon", Queue="sales")(20.01, "Hangup", Cause="16")
    assert stories(told.events())["5551", "queue:sales"] == "left(timeout) ended"


def test_nor_that_of_the_next_visit_to_the_same_queue() -> None:
    told = queued(has_log=True)(6.2, "QueueCallerAbandon", Queue="support")(6.3, "QueueCallerJoin", Queue="support")
    told.events(6.5)
    told.calls.left_for(CALLER, "support", "no_agents", micros(6), micros(7))
    told(20, "QueueCallerAbandon", Queue="support")(20.01, "Hangup", Cause="16")
    assert [e.reason for e in told.events() if e.kind == "left"] == ["timeout"]


def test_a_reason_that_is_read_before_the_event_arrives_is_kept_for_it() -> None:
    told = queued(has_log=True)
    told.events(6.5)
    told.calls.left_for(CALLER, "support", "no_agents", micros(6), micros(6.9))
    told(6.95, "QueueCallerAbandon", Queue="support")(7.1, "Hangup", Cause="16")
    assert only(stories(told.events())) == "left(no_agents) ended"
