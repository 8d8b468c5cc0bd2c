"""The parking lot in the call tracker: to the customer a hold; a hand-over only when somebody else takes him back."""

import itertools

import pytest

from monitor.domain.event import from_micros
from tests.connectors.asterisk.test_tracker import stories
from tests.connectors.asterisk.test_tracker_cases import AGENT, CALLER, LINE, PHONE, START, Told, answered, direct, only, queued

SAME, OTHER = "PJSIP/1001-0000000a", "PJSIP/1002-0000000b"


def lot(told: Told, at: float, name: str = "ParkedCall", *, by: str = "PJSIP/1001", **fields: str) -> Told:
    parkee = {"ParkeeUniqueid": CALLER, "ParkeeLinkedid": CALLER, "ParkeeChannel": LINE}
    return told(at, name, **{"ParkerDialString": by, "ParkingSpace": "701", **parkee, **fields})


def taken(told: Told, at: float, channel: str, uid: str = "x.20", by: str = "PJSIP/1001", **fields: str) -> Told:
    who = {"RetrieverUniqueid": uid, "RetrieverLinkedid": uid, "RetrieverChannel": channel}
    return lot(told, at, "UnParkedCall", by=by, **who, **fields)


def blind(told: Told, at: float, extension: str = "700", agent: str = AGENT, channel: str = PHONE) -> Told:
    ours = {"TransfererUniqueid": agent, "TransfererLinkedid": CALLER, "TransfererChannel": channel}
    return told(at, "BlindTransfer", Result="Success", TransfereeUniqueid=CALLER, Extension=extension, **ours)


def parked() -> Told:
    """Talks from 5 s, in the lot from 6 s by a blind transfer to its extension; the agent's phone is gone at 6.1 s."""
    return lot(blind(answered(), 6), 6.0005)(6.001, "BridgeLeave").agent(6.1, "Hangup")


def test_the_time_in_the_lot_is_a_hold_from_the_moment_of_parking_while_it_lasts() -> None:
    held = [e for e in parked().events(6.2) if e.kind == "held"]
    assert [e.at for e in held] == [from_micros(int((START + 6.0005) * 1e6))]


def test_taken_back_by_whoever_parked_is_a_hold_and_no_hand_over() -> None:
    assert only(taken(parked(), 15, SAME).story()) == "queued ringing answered held unheld"


def test_taken_by_a_colleague_is_one_hand_over() -> None:
    told = taken(parked(), 15, OTHER)(15.001, "BridgeLeave")
    assert only(told.story()) == "queued ringing answered held unheld transferred(blind,1002)"


def test_who_gives_up_in_the_lot_has_hung_up_on_hold() -> None:
    told = lot(parked()(15, "HangupRequest"), 15.001, "ParkedCallGiveUp")(15.002, "BridgeLeave")(15.003, "Hangup")
    assert only(told.story()) == "queued ringing answered held unheld ended"


def test_who_gives_up_is_on_hold_up_to_the_end_of_the_call() -> None:
    told = lot(parked()(15, "HangupRequest"), 15, "ParkedCallGiveUp")(15, "Hangup")
    assert [e.at for e in told.events() if e.kind == "unheld"] == [from_micros(int((START + 15) * 1e6))]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_transfer_lot_and_bridge_may_come_in_any_order(order: tuple[int, ...]) -> None:
    told = answered()
    steps = [
        lambda at: blind(told, at),
        lambda at: lot(told, at),
        lambda at: told(at, "BridgeLeave"),
    ]
    for n, step in enumerate(order):
        steps[step](6 + n * 0.00002)
    assert only(taken(told, 15, SAME).story()) == "queued ringing answered held unheld"


@pytest.mark.parametrize("order", list(itertools.permutations(range(2))))
def test_taking_back_and_bridge_may_come_in_any_order(order: tuple[int, ...]) -> None:
    told = parked()
    steps = [lambda at: taken(told, at, SAME), lambda at: told(at, "BridgeLeave")]
    for n, step in enumerate(order):
        steps[step](15 + n * 0.00002)
    told.agent(19, "HangupRequest", Uniqueid="x.20", Channel=SAME)(19.001, "BridgeLeave")
    story = told(19.1, "QueueCallerJoin", Queue="survey").story()
    assert story["5551", "queue:support"] == "queued ringing answered held unheld"


def test_parked_twice_by_the_same_agent_is_two_holds() -> None:
    told = taken(parked(), 9, SAME)
    lot(blind(told, 12, agent="x.20", channel=SAME), 12.001)
    assert only(taken(told, 15, SAME, "x.21").story()) == "queued ringing answered held unheld held unheld"


def test_parked_taken_by_a_colleague_and_passed_on_again_is_two_transfers() -> None:
    told = blind(taken(parked(), 9, OTHER), 9.9, "1044", "x.20", OTHER)(9.91, "BridgeLeave")
    assert only(told.story()) == "queued ringing answered held unheld transferred(blind,1002) transferred(blind,1044)"


def test_an_agents_own_hold_becomes_that_of_the_lot() -> None:
    told = lot(answered().agent(6, "Hold"), 8)(8.001, "BridgeLeave").agent(8.01, "Hangup")
    assert only(taken(told, 12, SAME).story()) == "queued ringing answered held unheld held unheld"


@pytest.mark.parametrize(("channel", "story"), [(SAME, ""), (OTHER, " transferred(blind,1002)")])
def test_parked_by_a_redirect_the_last_agent_is_the_parker(channel: str, story: str) -> None:
    told = lot(answered()(6, "BridgeLeave").agent(6.001, "Hangup"), 6.002, by="PJSIP/trunk")
    assert only(taken(told, 9, channel, by="PJSIP/trunk").story()) == "queued ringing answered held unheld" + story


def test_a_phone_behind_a_local_channel_is_known_by_its_number() -> None:
    told = lot(answered(), 6, by="Local/1001@agents")
    assert only(taken(told, 9, SAME, by="Local/1001@agents").story()) == "queued ringing answered held unheld"


def test_the_far_half_of_a_local_member_stands_for_the_customer() -> None:
    half = {"ParkeeUniqueid": "x.4", "ParkeeChannel": "Local/1001@agents-00000001;2"}
    told = taken(lot(answered(), 6, **half), 9, OTHER, **half)
    assert only(told.story()) == "queued ringing answered held unheld transferred(blind,1002)"


def test_a_phone_of_ours_in_the_lot_is_no_hold_of_the_customer() -> None:
    told = lot(answered(), 6, by="PJSIP/trunk", ParkeeUniqueid=AGENT, ParkeeChannel=PHONE)
    assert only(told.story()) == "queued ringing answered"


def test_an_agent_who_dialled_the_lot_and_transferred_the_customer_into_it() -> None:
    ours = {"OrigTransfererUniqueid": AGENT, "OrigTransfererLinkedid": CALLER, "SecondTransfererLinkedid": "x.7"}
    for swap in (8.001, 7.999):
        told = lot(answered().agent(6, "Hold"), 7, ParkeeUniqueid="x.7", ParkeeLinkedid="x.7", ParkeeChannel=SAME)
        told.agent(7.99, "Unhold")
        told(8, "AttendedTransfer", Result="Success", DestType="Bridge", TransfereeUniqueid=CALLER, **ours)
        taken(lot(told, swap, "ParkedCallSwap"), 15, SAME)
        assert only(told.story()) == "queued ringing answered held unheld held unheld"


def test_a_time_out_in_the_lot_that_rings_the_parker_goes_on_as_a_hold_until_he_answers() -> None:
    told = lot(parked(), 51, "ParkedCallTimeOut")(51.001, "BridgeLeave").dial(51.1, "x.30", SAME)
    assert [e.kind for e in told.events(60)] == ["queued", "ringing", "answered", "held"]
    assert only(stories(told.dialled(61, "ANSWER", "x.30", SAME).events())) == "unheld"


def test_a_time_out_that_a_colleague_answers_is_a_hand_over() -> None:
    told = lot(parked(), 51, "ParkedCallTimeOut")(51.001, "BridgeLeave").dial(51.1, "x.30", OTHER, "1002")
    story = only(told.dialled(61, "ANSWER", "x.30", OTHER).story())
    assert story == "queued ringing answered held unheld transferred(blind,1002)"


def test_a_time_out_that_nobody_answers_is_on_hold_to_the_end() -> None:
    told = lot(parked(), 51, "ParkedCallTimeOut").dial(51.1, "x.30", SAME).dialled(61, "NOANSWER", "x.30", SAME)
    assert only(told(70, "HangupRequest")(70, "Hangup").story()) == "queued ringing answered held unheld ended"


def test_a_time_out_that_leads_into_a_queue_ends_the_hold_where_the_new_wait_begins() -> None:
    told = lot(parked(), 51, "ParkedCallTimeOut")(51.001, "BridgeLeave")(51.01, "QueueCallerJoin", Queue="sales")
    story = told.story()
    assert story["5551", "queue:support"] == "queued ringing answered held unheld transferred(blind,sales,queue)"
    assert story["5551", "queue:sales"] == "queued"


def test_a_parked_direct_call() -> None:
    told = lot(direct().dialled(3, "ANSWER"), 6)
    assert only(taken(told, 9, OTHER).story()) == "ringing answered held unheld transferred(blind,1002)"


def test_who_was_never_answered_is_not_on_hold() -> None:
    assert only(lot(queued(), 3).story()) == "queued"


def test_the_lot_is_remembered_over_a_restart() -> None:
    before = parked()
    told = Told()
    told.calls.restore({key: entry for key, entry in before.calls.calls.drain_state().items() if entry is not None})
    assert only(stories(taken(told, 15, OTHER).events())) == "unheld transferred(blind,1002)"


def test_two_customers_in_the_lot_at_once() -> None:
    told = parked()
    other = {"Uniqueid": "y.1", "Linkedid": "y.1", "Channel": "PJSIP/trunk-00000031", "CallerIDNum": "5552"}
    told(6.5, "QueueCallerJoin", Queue="support", **other)(6.6, "AgentConnect", Queue="support", **other)
    second = {"ParkeeUniqueid": "y.1", "ParkeeLinkedid": "y.1", "ParkeeChannel": "PJSIP/trunk-00000031"}
    lot(told, 7, by="PJSIP/1003", **second)
    taken(taken(told, 9, SAME), 10, OTHER, "x.21", by="PJSIP/1003", **second)
    assert told.story() == {
        ("5551", "queue:support"): "queued ringing answered held unheld",
        ("5552", "queue:support"): "queued answered held unheld transferred(blind,1002)",
    }
