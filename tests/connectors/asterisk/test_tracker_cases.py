"""The call tracker where our recordings have no example: messages written by hand after FACTS section 3."""

from typing import Any

import pytest

from monitor.connectors._asterisk.ami import Message
from monitor.connectors._asterisk.tracker import PARTS, CallTracker
from monitor.domain.event import Event, from_micros
from tests.connectors.asterisk.test_tracker import as_set, stories
from tests.connectors.asterisk_recordings import hashed

START = 1_795_000_000.0
CALLER, AGENT = "1795000000.1", "1795000000.2"
LINE, PHONE = "PJSIP/trunk-00000001", "PJSIP/1001-00000002"


class Told:
    """Messages in the order of their moments (seconds after START), and what comes of them."""

    def __init__(self, **settings: Any) -> None:
        self.calls = CallTracker(hashed, **settings)
        self.calls.pending.in_touch = True

    def __call__(self, at: float, name: str, **fields: str) -> "Told":
        stamp = {"Timestamp": f"{START + at:.6f}"}
        caller = {"Uniqueid": CALLER, "Linkedid": CALLER, "Channel": LINE, "CallerIDNum": "5551"}
        whole = {"Event": name, **stamp, **caller, **fields}
        read = {key: value for key, value in whole.items() if key in PARTS.get(name, whole)}  # as the parser hands it on
        self.calls.feed(Message(name, read), int((START + at) * 1e6))
        return self

    def dial(self, at: float, uid: str = AGENT, channel: str = PHONE, dial: str = "1001", **fields: str) -> "Told":
        return self(at, "DialBegin", DestUniqueid=uid, DestChannel=channel, DestLinkedid=CALLER, DialString=dial, **fields)

    def dialled(self, at: float, status: str, uid: str = AGENT, channel: str = PHONE, **fields: str) -> "Told":
        return self(at, "DialEnd", DestUniqueid=uid, DestChannel=channel, DestLinkedid=CALLER, DialStatus=status, **fields)

    def agent(self, at: float, name: str, **fields: str) -> "Told":
        return self(at, name, **{"Uniqueid": AGENT, "Channel": PHONE, "CallerIDNum": "1001", **fields})

    def events(self, at: float = 100_000.0) -> list[Event]:
        self.calls.tick(int((START + at) * 1_000_000))
        told = self.calls.calls.drain_events()
        as_set(told)
        return told

    def story(self) -> dict[tuple[str, str], str]:
        return stories(self.events())


def answered(**settings: Any) -> Told:
    """In the queue at 1 s, rings at 2 s, talks from 5 s."""
    told = Told(**settings)
    told(0, "Newchannel", Exten="8001")(1, "QueueCallerJoin", Queue="support").dial(2).dialled(4.9, "ANSWER")
    return told(4.95, "QueueCallerLeave", Queue="support")(5, "AgentConnect", Queue="support", Interface="PJSIP/1001")


def queued(**settings: Any) -> Told:
    """In the queue from 1 s."""
    return Told(**settings)(0, "Newchannel", Exten="8001")(1, "QueueCallerJoin", Queue="support")


def only(story: dict[tuple[str, str], str]) -> str:
    (told,) = story.values()
    return told


# --- leaving a queue ---------------------------------------------------------------------------------


def test_an_abandon_is_told_at_its_own_moment() -> None:
    told = queued()(3.0, "HangupRequest")(3.01, "QueueCallerAbandon", Queue="support")
    left = told.events(4)[-1]
    assert (left.kind, left.reason, left.at) == ("left", "caller", from_micros(int((START + 3.01) * 1_000_000)))


def test_an_abandon_without_the_callers_hang_up_is_a_time_out_once_the_caller_lives_on() -> None:
    told = queued()(3, "QueueCallerAbandon", Queue="support")
    assert [e.kind for e in told.events(3.4)] == ["queued"]
    assert [(e.kind, e.reason) for e in told.events(3.6)] == [("left", "timeout")]


def test_a_hang_up_request_just_after_the_abandon_still_makes_it_the_callers() -> None:
    told = queued()(3, "QueueCallerAbandon", Queue="support")(3.3, "HangupRequest")(3.31, "Hangup", Cause="0")
    assert only(told.story()) == "queued left(caller) ended"


@pytest.mark.parametrize(("cause", "reason"), [("0", "caller"), ("127", "caller"), ("16", "timeout")])
def test_where_an_event_filter_hides_the_request_the_cause_decides(cause: str, reason: str) -> None:
    told = queued()(3, "QueueCallerAbandon", Queue="support")(3.01, "Hangup", Cause=cause)
    assert only(told.story()) == f"queued left({reason}) ended"


def test_a_reason_from_queue_log_is_waited_for_and_used() -> None:
    told = queued(has_log=True)(3, "QueueCallerAbandon", Queue="support")(3.01, "Hangup", Cause="16")
    assert [e.kind for e in told.events(4)] == ["queued"]
    told.calls.left_for(CALLER, "support", "no_agents", int((START + 3) * 1_000_000), int((START + 4.2) * 1_000_000))
    assert only(stories(told.events())) == "left(no_agents) ended"


def test_without_a_word_of_queue_log_it_is_a_time_out_after_two_seconds() -> None:
    told = queued(has_log=True)(3, "QueueCallerAbandon", Queue="support")(3.01, "Hangup", Cause="16")
    assert [e.kind for e in told.events(4.9)] == ["queued"]
    assert only(stories(told.events(5.1))) == "left(timeout) ended"


def test_a_long_announcement_to_the_agent_is_no_leaving() -> None:
    told = queued().dial(2).dialled(4, "ANSWER")(4.1, "QueueCallerLeave", Queue="support")
    assert [e.kind for e in told.events(20)] == ["queued", "ringing"]
    assert [e.kind for e in told(21, "AgentConnect", Queue="support").events()] == ["answered"]


def test_a_caller_who_hangs_up_during_that_announcement_gave_up() -> None:
    told = queued().dial(2).dialled(4, "ANSWER")(4.1, "QueueCallerLeave", Queue="support")
    assert only(told(9, "HangupRequest")(9.01, "Hangup").story()) == "queued ringing left(caller) ended"


def test_two_stays_in_the_same_queue_have_ids_of_their_own() -> None:
    told = queued()(3, "QueueCallerAbandon", Queue="support")(3.1, "QueueCallerJoin", Queue="support")
    assert [e.id for e in told.events() if e.kind == "queued"] == [f"{CALLER}/support/1/queued", f"{CALLER}/support/2/queued"]


def test_an_asterisk_that_goes_down_takes_no_ones_decision() -> None:
    told = answered()(6, "Hold", Uniqueid=AGENT, Channel=PHONE)(8, "Shutdown")
    assert only(told.story()) == "queued ringing answered held unheld ended"
    assert only(queued()(8, "Shutdown").story()) == "queued left(restart) ended"


# --- hold --------------------------------------------------------------------------------------------


def test_an_unhold_without_a_hold_is_nothing() -> None:
    assert only(answered().agent(6, "Unhold").story()) == "queued ringing answered"


def test_a_second_press_of_hold_does_not_begin_another() -> None:
    told = answered().agent(6, "Hold").agent(7, "Hold").agent(9, "Unhold").agent(10, "Unhold")
    events = [e for e in told.events() if e.kind in ("held", "unheld")]
    assert [(e.kind, (e.at - from_micros(int(START) * 1_000_000)).total_seconds()) for e in events] == [
        ("held", 6),
        ("unheld", 9),
    ]


@pytest.mark.parametrize("ending", ["Hangup", "Unhold"])
def test_a_hold_ends_with_the_holder(ending: str) -> None:
    assert only(answered().agent(6, "Hold").agent(8, ending).story()) == "queued ringing answered held unheld"


def test_a_hold_that_a_clock_set_back_seems_to_end_before_it_began_has_no_length() -> None:
    told = answered().agent(100, "Hold")
    held = told.events(100.1)[-1]
    [unheld] = told.agent(50, "Unhold").events(50.1)
    assert (held.kind, unheld.kind, unheld.at) == ("held", "unheld", held.at)


def test_the_holder_leaving_the_bridge_to_ask_a_colleague_still_holds() -> None:
    assert only(answered().agent(6, "Hold").agent(7, "BridgeLeave").story()) == "queued ringing answered held"


def test_the_customer_leaving_the_bridge_is_no_longer_held() -> None:
    assert only(answered().agent(6, "Hold")(7, "BridgeLeave").story()) == "queued ringing answered held unheld"


def test_holds_of_the_caller_and_of_somebody_outside_do_not_count() -> None:
    told = answered()(6, "Hold")(7, "Unhold")
    told(8, "Hold", Uniqueid="1795000000.9", Channel="PJSIP/trunk-00000009", CallerIDNum="5559")
    assert only(told.story()) == "queued ringing answered"


# --- transfer ----------------------------------------------------------------------------------------


def blind(told: Told, at: float, extension: str) -> Told:
    ours = {"TransfererUniqueid": AGENT, "TransfererLinkedid": CALLER, "TransfererChannel": PHONE}
    return told(at, "BlindTransfer", Result="Success", TransfereeUniqueid=CALLER, Extension=extension, **ours)


def test_a_queue_behind_an_announcement_is_still_the_target() -> None:
    told = blind(answered(), 6, "8002")(6.01, "BridgeLeave")
    assert [e.kind for e in told.events(11)] == ["queued", "ringing", "answered"]
    story = stories(told(12, "QueueCallerJoin", Queue="sales").events())
    assert story["5551", "queue:support"] == "transferred(blind,sales,queue)"
    assert story["5551", "queue:sales"] == "queued"


def test_a_transfer_that_leads_nowhere_is_told_after_ten_seconds() -> None:
    assert only(blind(answered(), 6, "1003").story()) == "queued ringing answered transferred(blind,1003)"


def test_a_transfer_that_failed_is_none() -> None:
    told = answered()(6, "BlindTransfer", Result="Fail", TransfererUniqueid=AGENT, TransfereeUniqueid=CALLER, Extension="1003")
    assert only(told.story()) == "queued ringing answered"


def test_the_customers_own_transfer_is_not_ours() -> None:
    told = answered()(6, "BlindTransfer", Result="Success", TransfererUniqueid=CALLER, TransfereeUniqueid=AGENT, Extension="7")
    assert only(told.story()) == "queued ringing answered"


def test_a_transfer_to_a_watched_number_begins_a_visit_there() -> None:
    told = blind(answered(places={"extension:1003"}), 6, "1003")(6.01, "BridgeLeave")
    told.dial(6.1, "x.3", "PJSIP/1003-00000003", "1003").dialled(8, "ANSWER", "x.3", "PJSIP/1003-00000003")
    assert told(9, "Hangup").story() == {
        ("5551", "queue:support"): "queued ringing answered transferred(blind,1003,queue) ended",
        ("5551", "extension:1003"): "ringing answered ended",
    }


def test_a_dialplan_that_goes_on_after_the_agent_hung_up_is_no_transfer() -> None:
    told = answered().agent(6, "HangupRequest")(6.01, "BridgeLeave").agent(6.02, "Hangup")
    story = told(6.1, "QueueCallerJoin", Queue="survey").story()
    assert story["5551", "queue:support"] == "queued ringing answered"


def test_a_redirect_has_no_event_of_its_own_and_is_told_when_the_caller_left_the_bridge() -> None:
    told = answered()(6, "BridgeLeave").agent(6.01, "Hangup")(6.1, "QueueCallerJoin", Queue="sales")
    assert told.story()["5551", "queue:support"] == "queued ringing answered transferred(blind,sales,queue)"


def test_an_attended_transfer_into_a_queue_is_told_as_such() -> None:
    ours = {"OrigTransfererUniqueid": AGENT, "OrigTransfererLinkedid": CALLER, "SecondTransfererLinkedid": "x.7"}
    told = answered()(6, "AttendedTransfer", Result="Success", DestType="App", DestApp="Queue", TransfereeUniqueid=CALLER, **ours)
    assert only(told.story()) == "queued ringing answered transferred(consult,queue)"


def test_a_later_hold_is_found_under_the_linkedid_of_the_consultation() -> None:
    ours = {"OrigTransfererUniqueid": AGENT, "OrigTransfererLinkedid": CALLER, "SecondTransfererLinkedid": "x.7"}
    target = {"TransferTargetChannel": "PJSIP/1003-00000009"}
    told = answered()(6, "AttendedTransfer", Result="Success", DestType="Bridge", TransfereeUniqueid=CALLER, **ours, **target)
    told(8, "Hold", Uniqueid="x.8", Linkedid="x.7", Channel="PJSIP/1003-00000009")
    assert only(told.story()) == "queued ringing answered transferred(consult,1003) held"


# --- direct numbers ----------------------------------------------------------------------------------


def direct(**settings: Any) -> Told:
    return Told(**settings)(0, "Newchannel", Exten="8301").dial(1)


def test_a_direct_call_nobody_took() -> None:
    told = direct().dialled(20, "NOANSWER")(20.1, "Hangup", Cause="16")
    assert told.story() == {("5551", "extension:1001"): "ringing left(timeout) ended"}


def test_a_caller_who_hangs_up_while_it_rings_gave_up() -> None:
    told = direct()(5, "HangupRequest").dialled(5.01, "CANCEL").dialled(5.01, "CANCEL")(5.02, "Hangup")
    assert told.story() == {("5551", "extension:1001"): "ringing left(caller) ended"}


def test_a_ring_group_is_counted_under_the_configured_number() -> None:
    told = direct(extensions=["8301"]).dial(1.1, "x.3", "PJSIP/1002-00000003", "1002")
    told.dialled(4, "ANSWER", "x.3", "PJSIP/1002-00000003").dialled(4.01, "CANCEL").dialled(4.02, "CANCEL")
    assert told(9, "Hangup").story() == {("5551", "extension:8301"): "ringing ringing answered ended"}


def test_one_phone_after_the_other_is_one_wait_at_the_number_dialled() -> None:
    told = direct(places={"extension:8301"}).dialled(10, "NOANSWER").dial(10.2, "x.3", "PJSIP/1002-00000003", "1002")
    told.dialled(12, "ANSWER", "x.3", "PJSIP/1002-00000003")
    assert told.story() == {("5551", "extension:8301"): "ringing ringing answered"}


def test_where_extensions_are_named_the_others_are_nobodys_contact_point() -> None:
    assert direct(extensions=["8999"]).dialled(4, "ANSWER")(9, "Hangup").story() == {}


def test_a_queue_after_a_phone_that_rang_out_is_another_place() -> None:
    told = direct().dialled(10, "NOANSWER")(10.1, "QueueCallerJoin", Queue="support")
    assert told.story() == {("5551", "extension:1001"): "ringing left(timeout)", ("5551", "queue:support"): "queued"}


def test_a_phone_behind_a_local_channel_rings_when_it_is_dialled_itself() -> None:
    told = Told()(0, "Newchannel", Exten="8301").dial(1, "x.3", "Local/1001@phones-00000001;1", "1001@phones")
    told.dial(1.5, AGENT, PHONE, "1001", Channel="Local/1001@phones-00000001;2", Uniqueid="x.4").dialled(
        3, "ANSWER", Channel="Local/1001@phones-00000001;2", Uniqueid="x.4"
    )
    events = told.events()
    assert stories(events) == {("5551", "extension:1001"): "ringing answered"}
    assert events[0].at == from_micros(int((START + 1.5) * 1_000_000))


def test_calls_between_phones_are_no_contacts() -> None:
    inside = {"Channel": "PJSIP/1004-00000007", "CallerIDNum": "1004"}
    told = Told()(0, "Newchannel", Exten="1001", **inside).dial(1, **inside).dialled(3, "ANSWER", **inside)
    assert told(9, "Hangup", **inside).story() == {}


@pytest.mark.parametrize("number", ["<unknown>", "", "anonymous", "unknown", "s"])
def test_nobody_is_known_by_no_number(number: str) -> None:
    told = Told()(1, "QueueCallerJoin", Queue="support", CallerIDNum=number)
    assert told.events()[0].customer is None


# --- outbound ----------------------------------------------------------------------------------------


def outbound(told: Told, at: float, dial: str, source: str | None = "PJSIP/1004-00000007", uid: str = "x.5") -> Told:
    ours = {"Channel": source, "Uniqueid": AGENT} if source else {"Uniqueid": None, "Channel": None}
    fields = {"CallerIDNum": "1004", "Exten": "95552", "DestUniqueid": uid, "DestChannel": "PJSIP/trunk-00000008", **ours}
    message = {key: value for key, value in fields.items() if value is not None}
    stamp = {"Timestamp": f"{START + at:.6f}", "DestLinkedid": "x.1", "Linkedid": "x.1", "DialString": dial}
    told.calls.feed(Message("DialBegin", {"Event": "DialBegin", **stamp, **message}), int((START + at) * 1e6))
    return told


def test_an_unanswered_call_out_is_told_when_the_agent_hangs_up() -> None:
    told = outbound(Told(), 1, "5552@trunk").dialled(9, "NOANSWER", "x.5", "PJSIP/trunk-00000008", Linkedid="x.1", Uniqueid=AGENT)
    (event,) = told.agent(9.5, "Hangup", Linkedid="x.1").events()
    assert (event.kind, event.answered, event.customer) == ("called_out", False, "customer-5552")
    assert event.at == from_micros(int((START + 9) * 1_000_000))


def test_a_second_line_is_tried_before_a_call_out_counts_as_failed() -> None:
    told = outbound(Told(), 1, "5552@trunk").dialled(
        2, "CONGESTION", "x.5", "PJSIP/trunk-00000008", Linkedid="x.1", Uniqueid=AGENT
    )
    outbound(told, 2.1, "5552@trunk", uid="x.6").dialled(
        7, "ANSWER", "x.6", "PJSIP/trunk-00000008", Linkedid="x.1", Uniqueid=AGENT
    )
    (event,) = told.agent(9.5, "Hangup", Linkedid="x.1").events()
    assert (event.answered, event.id, event.place) == (True, "x.1/called_out", "outbound")


def test_a_configured_extension_places_its_calls_itself() -> None:
    told = outbound(Told(extensions=["1004"]), 1, "5552@trunk")
    (event,) = told.dialled(7, "ANSWER", "x.5", "PJSIP/trunk-00000008", Linkedid="x.1", Uniqueid=AGENT).events()
    assert event.place == "extension:1004"


def test_originate_may_ring_the_customer_first_and_the_phone_then() -> None:
    told = outbound(Told(), 1, "5552@trunk", source=None)
    told.dialled(4, "ANSWER", "x.5", "PJSIP/trunk-00000008", Linkedid="x.1", Uniqueid="x.9")
    theirs = {"Channel": "PJSIP/trunk-00000008", "Uniqueid": "x.5", "Linkedid": "x.1"}
    told.dial(4.1, **theirs).dialled(6, "ANSWER", **theirs)
    assert told.story() == {("5552", "outbound"): "called_out(True)"}


# --- lines -------------------------------------------------------------------------------------------


def test_configured_trunks_decide_alone() -> None:
    line = {"Channel": "SIP/1234-0000001a"}
    told = Told(trunks=["SIP/1234"])(0, "Newchannel", Exten="8301", **line).dial(1, **line).dialled(3, "ANSWER", **line)
    assert told.story() == {("5551", "extension:1001"): "ringing answered"}


@pytest.mark.parametrize(
    ("channel", "number", "outside"),
    [
        ("PJSIP/trunk-00000001", "5551", True),
        ("SIP/441234567890-0000001a", "5551", True),
        ("DAHDI/i1/5551234-1", "5551234", True),
        ("PJSIP/1004-00000007", "1004", False),
        ("PJSIP/reception-00000007", "reception", False),
        ("PJSIP/desk-a-00000007", "5551", True),
        ("Local/1004@phones-00000001;2", "1004", False),
    ],
)
def test_what_is_a_line_when_nothing_is_configured(channel: str, number: str, outside: bool) -> None:
    calls = CallTracker(hashed)
    calls.endpoints.appeared(channel, number)
    assert calls.endpoints.is_outside(channel) is outside


def test_a_queue_member_is_a_phone_whatever_its_name() -> None:
    calls = CallTracker(hashed)
    calls.endpoints.member("PJSIP/desk-a")
    assert not calls.endpoints.is_outside("PJSIP/desk-a-00000007")


@pytest.mark.parametrize("name", ["NoSuchEvent", "Hangup", "DialBegin", "DialEnd", "QueueCallerJoin", "Hold", "BlindTransfer",
                                  "AttendedTransfer", "AgentConnect", "UserEvent", "Newchannel", "BridgeLeave"])  # fmt: skip
def test_a_message_without_any_field_breaks_nothing(name: str) -> None:
    calls = CallTracker(hashed)
    calls.feed(Message(name, {}), 1_795_000_000_000_000)
    calls.flush()
    calls.tick(1_795_000_100_000_000)


# --- the first queue of a call -------------------------------------------------------------------------


def overflowed() -> Told:
    """In support from 1 s, out of it at 16 s, in sales from 16.5 s."""
    told = queued()(16, "QueueCallerAbandon", Queue="support")(16, "QueueCallerLeave", Queue="support")
    return told(16.5, "QueueCallerJoin", Queue="sales")


def first_queues(told: Told, at: float = 100_000.0) -> dict[str, float | None]:
    return {
        each.place: None if each.since is None else round(each.since.timestamp() - START, 3)
        for each in told.events(at)
        if each.kind == "queued"
    }


def test_the_second_queue_knows_when_the_call_came_to_the_first() -> None:
    assert first_queues(overflowed()) == {"queue:support": None, "queue:sales": 1.0}


def test_the_first_queue_is_remembered_over_a_restart_of_ours() -> None:
    before = queued()
    assert first_queues(before, 2) == {"queue:support": None}
    entries = {key: entry for key, entry in before.calls.calls.drain_state().items() if entry is not None}
    after = Told()
    after.calls.calls.restore(entries)
    after(16, "QueueCallerAbandon", Queue="support")(16, "QueueCallerLeave", Queue="support")(
        16.5, "QueueCallerJoin", Queue="sales"
    )
    assert first_queues(after) == {"queue:sales": 1.0}


def test_a_queue_after_a_talk_is_the_first_again() -> None:
    told = answered()(20, "QueueCallerJoin", Queue="sales")
    assert first_queues(told) == {"queue:support": None, "queue:sales": None}
