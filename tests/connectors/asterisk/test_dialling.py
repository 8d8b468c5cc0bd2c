"""Phones that are dialled for a caller: when one rings, what is one visit and where, and who may answer.

Messages written by hand after apps/app_dial.c, app_queue.c, app_followme.c and main/pickup.c, with the fields of real ones.
"""

from typing import Any

import pytest

from monitor.connectors._asterisk.calls import STATE_PREFIX
from monitor.domain.event import Event, from_micros
from monitor.domain.fold import fold
from monitor.domain.merging import merge
from tests.connectors.asterisk.test_tracker import stories
from tests.connectors.asterisk.test_tracker_cases import AGENT, CALLER, PHONE, START, Told, queued

SECOND_UID, SECOND = "1795000000.3", "PJSIP/1002-00000003"
PICKER_UID, PICKER = "1795000000.9", "PJSIP/1009-00000009"
MOBILE_UID, MOBILE = "1795000000.8", "PJSIP/trunk-00000008"


def call(exten: str = "8301", **settings: Any) -> Told:
    """A caller from outside dials `exten` at 0 s."""
    told = Told(**settings)
    return told(0, "Newchannel", Exten=exten)


def rings(told: Told, at: float, uid: str = AGENT, channel: str = PHONE, status: str = "RINGING", **fields: str) -> Told:
    return told(at, "DialState", DestUniqueid=uid, DestChannel=channel, DestLinkedid=CALLER, DialStatus=status, **fields)


def both(told: Told, at: float, **fields: str) -> Told:
    """Dial(1001&1002): both ring 10 ms later."""
    told.dial(at, **fields).dial(at, SECOND_UID, SECOND, "1002", **fields)
    return rings(rings(told, at + 0.01, **fields), at + 0.01, SECOND_UID, SECOND, **fields)


def moments(events: list[Event], kind: str) -> list[float]:
    """Seconds after START."""
    return sorted((e.at - from_micros(int(START) * 1_000_000)).total_seconds() for e in events if e.kind == kind and not e.reason)


def waits(events: list[Event], kind: str) -> list[tuple[float, float | None]]:
    """The waits of one contact, as since and until in seconds after START."""
    begun = from_micros(int(START) * 1_000_000)
    contact = fold("phone", merge([], events) or [], reachable=True)
    return [
        ((wait.since - begun).total_seconds(), (wait.until - begun).total_seconds() if wait.until is not None else None)
        for wait in contact.waits
        if wait.kind == kind
    ]


def only(story: dict[tuple[str, str], str], place: str) -> str:
    assert [key[1] for key in story] == [place]
    return next(iter(story.values()))


# --- when a phone rings --------------------------------------------------------------------------------


def test_a_phone_that_needs_ten_seconds_rings_for_the_four_that_are_left() -> None:
    told = rings(call().dial(1), 11).dialled(15, "ANSWER")
    assert waits(told.events(), "ring") == [(11, 15)]


def test_members_that_refuse_at_once_never_rang() -> None:
    told = queued()
    for n in range(12):
        told.dial(2 + n, f"r.{n}").dialled(2.001 + n, "NOANSWER", f"r.{n}")
    events = rings(told.dial(14), 14.1).dialled(16, "ANSWER")(16, "AgentConnect", Queue="support").events()
    assert waits(events, "ring") == [(14.1, 16)]
    assert waits(events, "queue") == [(1, 16)]


def test_a_phone_on_do_not_disturb_leaves_the_caller_unserved_without_a_ring() -> None:
    told = rings(call().dial(1), 1.1).dialled(3, "ANSWER")
    told.events()  # a phone has rung: this account sees DialState
    told(5, "Newchannel", Uniqueid="b.1", Linkedid="b.1", Exten="8301")
    theirs = {"Uniqueid": "b.1", "Linkedid": "b.1"}
    told.dial(6, "b.2", **theirs).dialled(6.01, "BUSY", "b.2", **theirs)(6.2, "Hangup", Uniqueid="b.1", Linkedid="b.1")
    assert [(e.kind, e.reason) for e in told.events()] == [("left", "timeout"), ("ended", None)]


def test_an_unserved_caller_of_a_direct_number_is_not_held_back_for_queue_log_which_never_names_one() -> None:
    """The same calls with and without a queue_log: told as soon as the call is over."""
    for has_log in (False, True):
        told = call(has_log=has_log).dial(1)
        rings(told, 1.1).dialled(4, "NOANSWER")(4.5, "Hangup")
        left = [(e.kind, e.reason) for e in told.events(4.6) if e.kind in {"left", "ended"}]
        assert left == [("left", "timeout"), ("ended", None)], has_log


def test_early_media_is_ringing_that_the_far_end_plays() -> None:
    told = rings(
        call(places={"extension:8301"}).dial(1, MOBILE_UID, MOBILE, "07700900001@trunk"), 4, MOBILE_UID, MOBILE, "PROGRESS"
    )
    rings(told, 6, MOBILE_UID, MOBILE).dialled(9, "ANSWER", MOBILE_UID, MOBILE)
    assert waits(told.events(), "ring") == [(4, 9)]


def test_proceeding_is_no_ringing() -> None:
    assert waits(rings(rings(call().dial(1), 1.1, status="PROCEEDING"), 4).dialled(6, "ANSWER").events(), "ring") == [(4, 6)]


def test_a_phone_that_was_lifted_without_a_word_of_ringing_rang_from_when_it_was_dialled() -> None:
    told = queued().dial(2, SECOND_UID, SECOND)
    rings(told, 2.5, SECOND_UID, SECOND).dialled(5, "NOANSWER", SECOND_UID, SECOND)
    events = told.dial(6).dialled(9, "ANSWER")(9, "AgentConnect", Queue="support", DestUniqueid=AGENT).events()
    assert moments(events, "ringing") == [2.5, 6]


@pytest.mark.parametrize("status", ["NOANSWER", "CANCEL"])
def test_where_no_dial_state_has_come_yet_a_phone_that_was_dialled_for_long_has_rung(status: str) -> None:
    assert moments(queued().dial(2).dialled(2.5, status, AGENT).events(), "ringing") == []
    assert moments(queued().dial(2).dialled(17, status, AGENT).events(), "ringing") == [2]


def test_where_an_answer_came_without_dial_state_the_next_phone_rings_when_it_is_dialled() -> None:
    told = call().dial(1).dialled(4, "ANSWER")
    assert moments(told.events(), "ringing") == [1]
    theirs = {"Uniqueid": "b.1", "Linkedid": "b.1"}
    assert moments(told.dial(6, "b.2", **theirs).events(6.5), "ringing") == [6]


def test_where_dial_state_comes_nothing_rings_before_it() -> None:
    told = rings(call().dial(1), 1.1).dialled(3, "ANSWER")
    told.events()
    theirs = {"Uniqueid": "b.1", "Linkedid": "b.1"}
    assert told.dial(6, "b.2", **theirs).events(26) == []


def test_who_gives_up_before_the_phone_rang_has_waited_since_it_was_dialled() -> None:
    told = rings(queued(), 1.5, "other")  # this account sees DialState
    told(2, "Hangup")
    told.events()
    theirs = {"Uniqueid": "b.1", "Linkedid": "b.1"}
    told.dial(6, "b.2", **theirs)(14, "HangupRequest", **theirs).dialled(14.01, "CANCEL", "b.2", **theirs)(
        14.02, "Hangup", **theirs
    )
    assert [(e.kind, e.reason) for e in told.events()] == [("ringing", None), ("left", "caller"), ("ended", None)]


def test_a_member_behind_a_local_channel_rings_when_the_phone_does() -> None:
    local, far = "Local/1001@agents-00000001;1", {"Channel": "Local/1001@agents-00000001;2", "Uniqueid": "l.2"}
    told = rings(queued().dial(2, "l.1", local, "Local/1001@agents").dial(2.1, **far), 7, **far)
    events = rings(told, 7.01, "l.1", local).dialled(9, "ANSWER", **far).dialled(9.01, "ANSWER", "l.1", local)
    assert waits(events(9.02, "AgentConnect", Queue="support", DestUniqueid="l.1").events(), "ring") == [(7, 9.02)]


def test_an_agent_connect_alone_is_enough() -> None:
    told = queued().dial(2)(9, "AgentConnect", Queue="support", DestUniqueid=AGENT)
    assert waits(told.events(), "ring") == [(2, 9)]


@pytest.mark.parametrize(
    ("said", "expected"),
    [("3", [(6, 9)]), ("0", [(9, 9)]), ("12", [(1, 9)]), ("", []), ("-3", []), ("3.5", []), ("9" * 10, []), ("\u0663", [])],
)
def test_a_phone_that_began_to_ring_while_nobody_listened_rang_as_long_as_agent_connect_says(
    said: str, expected: list[tuple[float, float]]
) -> None:
    told = queued()(9, "AgentConnect", Queue="support", DestUniqueid=AGENT, RingTime=said)
    assert waits(told.events(), "ring") == expected


def test_ringing_that_was_seen_is_not_counted_from_ring_time() -> None:
    told = rings(queued().dial(2), 4)(9, "AgentConnect", Queue="support", DestUniqueid=AGENT, RingTime="7")
    assert waits(told.events(), "ring") == [(4, 9)]


@pytest.mark.parametrize(
    ("milliseconds", "expected"),
    [
        ("5000", [(5, 20)]),  # ended at 10: began at 5, before the first phone that was seen
        ("12000", [(1, 20)]),  # not before the caller came
        ("", [(12, 20)]),
        ("0", [(12, 20)]),  # refused at once
    ],
)
def test_an_attempt_that_began_while_nobody_listened_rang_as_long_as_agent_ring_no_answer_says(
    milliseconds: str, expected: list[tuple[float, float]]
) -> None:
    told = queued()(10, "AgentRingNoAnswer", Queue="support", RingTime=milliseconds).dial(11, SECOND_UID)
    told = rings(told, 12, SECOND_UID)(20, "AgentConnect", Queue="support", DestUniqueid=SECOND_UID, RingTime="8")
    assert waits(told.events(), "ring") == expected


@pytest.mark.parametrize(("milliseconds", "since"), [(8000, 12), (9000, 10.9)])
def test_an_unseen_attempt_is_told_after_a_later_one_rings_if_it_was_over_a_second_earlier(
    milliseconds: int, since: float
) -> None:
    """queue_log says so after AMI: the attempts that were seen are dialled from 12 s on."""
    told = rings(queued().dial(12), 12)(19.9, "AgentRingNoAnswer", Queue="support", RingTime=str(milliseconds))
    assert waits(told(25, "AgentConnect", Queue="support", DestUniqueid=AGENT).events(), "ring") == [(since, 25)]


def test_a_phone_that_was_dialled_and_never_rang_has_not_rung_when_its_time_is_up() -> None:
    told = rings(queued().dial(2, SECOND_UID), 3, MOBILE_UID)(7, "AgentRingNoAnswer", Queue="support", RingTime="5000")
    assert waits(rings(told.dial(8), 9)(12, "AgentConnect", Queue="support", DestUniqueid=AGENT).events(), "ring") == [(9, 12)]


# --- one Dial() is one visit ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({}, "extension:8301"),  # nothing configured: the number that stands for the group
        ({"places": {"extension:8301"}}, "extension:8301"),
        ({"places": {"extension:1001"}}, "extension:1001"),
        ({"places": {"extension:1002"}}, "extension:1002"),
        ({"places": {"extension:1002", "extension:1001"}}, "extension:1001"),  # the first of those dialled
        ({"places": {"extension:1002", "extension:8301"}}, "extension:8301"),
        ({"extensions": ["1002"]}, "extension:1002"),
    ],
)
@pytest.mark.parametrize("winner", [AGENT, SECOND_UID])
def test_a_ring_group_is_one_visit_whoever_answers(settings: dict[str, Any], place: str, winner: str) -> None:
    loser = SECOND_UID if winner == AGENT else AGENT
    told = both(call(**settings), 1)
    told.dialled(4, "CANCEL", loser).dialled(4.001, "ANSWER", winner)(9, "Hangup")
    assert only(told.story(), place) == "ringing ringing answered ended"


def test_a_ring_group_that_nobody_answers_is_one_call_left() -> None:
    told = both(call(), 1).dialled(20, "NOANSWER").dialled(20, "NOANSWER", SECOND_UID)(20.1, "Hangup")
    assert only(told.story(), "extension:8301") == "ringing ringing left(timeout) ended"


def test_the_number_of_a_group_is_the_one_in_the_dialplan_not_the_line() -> None:
    assert only(both(call("02079460000"), 1, Exten="600").story(), "extension:600") == "ringing ringing"
    assert only(both(call("02079460000"), 1, Exten="s").story(), "extension:02079460000") == "ringing ringing"
    assert only(both(call("02079460000", places={"extension:600"}), 1, Exten="600").story(), "extension:600") == "ringing ringing"


def test_a_group_of_local_channels_as_freepbx_dials_it() -> None:
    told = call("02079460000").dial(1, "l.1", "Local/RG-600-1001@grps-00000001;1", Exten="600")
    told.dial(1, "m.1", "Local/RG-600-1002@grps-00000002;1", Exten="600")
    far = {"Channel": "Local/RG-600-1001@grps-00000001;2", "Uniqueid": "l.2", "Exten": "s"}
    other = {"Channel": "Local/RG-600-1002@grps-00000002;2", "Uniqueid": "m.2", "Exten": "s"}
    rings(told.dial(1.05, **far), 1.06, **far)
    rings(told.dial(1.1, SECOND_UID, SECOND, **other), 1.11, SECOND_UID, SECOND, **other)
    told.dialled(4, "ANSWER", SECOND_UID, SECOND, **other).dialled(4.01, "ANSWER", "m.1", "Local/RG-600-1002@grps-00000002;1")
    told.dialled(4.01, "CANCEL", "l.1", "Local/RG-600-1001@grps-00000001;1")(4.02, "BridgeEnter")(9, "Hangup")
    assert only(told.story(), "extension:600") == "ringing ringing answered ended"


def test_a_configured_phone_behind_the_second_local_channel_is_the_place_from_the_start() -> None:
    told = call(places={"extension:1002"}).dial(1, "l.1", "Local/1001@x-00000001;1").dial(1, "m.1", "Local/1002@x-00000002;1")
    far = {"Channel": "Local/1001@x-00000001;2", "Uniqueid": "l.2"}
    assert only(rings(told.dial(1.05, **far), 1.06, **far).story(), "extension:1002") == "ringing"


@pytest.mark.parametrize("pause", [0.01, 0.9, 5.0, 9.8])
def test_one_dial_after_another_is_one_visit_also_after_an_announcement(pause: float) -> None:
    told = rings(call().dial(1), 1.1).dialled(7, "NOANSWER")
    rings(told.dial(7 + pause, SECOND_UID, SECOND), 7.1 + pause, SECOND_UID, SECOND).dialled(20, "ANSWER", SECOND_UID, SECOND)
    events = told.events()
    assert {e.place for e in events} == {"extension:1001"}
    assert [e.kind for e in events if e.kind not in ("ringing",)] == ["answered"]
    assert waits(events, "ring") == [(1.1, 20)]


def test_while_nothing_rings_nobody_waits_at_a_phone() -> None:
    told = rings(call().dial(1), 1.1).dialled(7, "NOANSWER")
    assert waits(told.events(8.1), "ring") == []


def test_a_phone_that_rings_on_after_an_announcement_is_waited_for_again() -> None:
    told = rings(call().dial(1), 1.1).dialled(7, "NOANSWER")
    events = told.events(9)
    events += rings(told.dial(10, SECOND_UID, SECOND), 10.1, SECOND_UID, SECOND).events(12)
    assert waits(events, "ring") == [(1.1, None)]


def test_a_voicemail_behind_a_phone_ends_the_ringing_where_it_ended() -> None:
    told = rings(call().dial(1), 1.1).dialled(7, "NOANSWER")(12, "HangupRequest")(12.01, "Hangup")
    events = told.events()
    assert [(e.kind, e.reason) for e in events if e.kind == "left"] == [("left", "timeout")]
    assert waits(events, "ring") == [(1.1, 7)]


def test_who_hangs_up_at_the_moment_the_phone_falls_silent_has_given_up() -> None:
    told = rings(call().dial(1), 1.1).dialled(7, "NOANSWER")(7.9, "HangupRequest")(7.91, "Hangup")
    assert only(told.story(), "extension:1001") == "ringing left(caller) ended"


def test_a_phone_that_rings_after_more_than_ten_seconds_is_another_visit() -> None:
    told = rings(call().dial(1), 1.1).dialled(7, "NOANSWER")
    told.events(17.5)
    rings(told.dial(18, SECOND_UID, SECOND), 18.1, SECOND_UID, SECOND).dialled(20, "ANSWER", SECOND_UID, SECOND)
    assert [(e.kind, e.place) for e in told.events()] == [("ringing", "extension:1002"), ("answered", "extension:1002")]


def test_hunting_from_a_phone_to_a_configured_one_is_one_visit_there() -> None:
    told = rings(call(places={"extension:1002"}).dial(1), 1.1).dialled(7, "NOANSWER")
    rings(told.dial(7.01, SECOND_UID, SECOND), 7.1, SECOND_UID, SECOND).dialled(9, "ANSWER", SECOND_UID, SECOND)
    story = told(12, "Hangup").story()
    assert story["5551", "extension:1002"] == "ringing ringing answered ended"
    assert story["5551", "extension:1001"] == "ringing lost(gap) ended"  # in no count


def test_from_one_configured_phone_to_another_the_call_has_two_visits() -> None:
    told = rings(call(places={"extension:1001", "extension:1002"}).dial(1), 1.1).dialled(7, "NOANSWER")
    rings(told.dial(7.01, SECOND_UID, SECOND), 7.1, SECOND_UID, SECOND).dialled(9, "ANSWER", SECOND_UID, SECOND)
    assert told.story() == {
        ("5551", "extension:1001"): "ringing left(timeout)",
        ("5551", "extension:1002"): "ringing answered",
    }


def test_a_busy_first_phone_does_not_hide_the_second() -> None:
    told = call().dial(1).dialled(1.01, "BUSY")
    rings(told.dial(1.05, SECOND_UID, SECOND), 1.1, SECOND_UID, SECOND).dialled(9, "ANSWER", SECOND_UID, SECOND)
    assert waits(told.events(), "ring") == [(1.1, 9)]


def test_a_mobile_that_rings_along_answers_for_the_phone() -> None:
    told = rings(call().dial(1).dial(1, MOBILE_UID, MOBILE, "07700900001@trunk"), 1.1)
    told.dialled(6, "CANCEL").dialled(6, "ANSWER", MOBILE_UID, MOBILE)(9, "Hangup")
    assert only(told.story(), "extension:1001") == "ringing ringing answered ended"


def test_two_groups_at_once_do_not_touch_each_other() -> None:
    told = both(call(), 1)
    theirs = {
        "Uniqueid": "b.1",
        "Linkedid": "b.1",
        "CallerIDNum": "5552",
        "Channel": "PJSIP/trunk-0000000b",
    }
    told(1, "Newchannel", Exten="8302", **theirs)
    rings(told.dial(1.005, "b.2", "PJSIP/1003-0000000c", "1003", **theirs), 1.02, "b.2", "PJSIP/1003-0000000c", **theirs)
    told.dialled(3, "ANSWER", SECOND_UID, SECOND).dialled(3, "CANCEL")(4, "HangupRequest", **theirs)
    told.dialled(4, "CANCEL", "b.2", **theirs)(4.01, "Hangup", **theirs)(5, "Hangup")
    assert told.story() == {
        ("5551", "extension:8301"): "ringing ringing answered ended",
        ("5552", "extension:1003"): "ringing left(caller) ended",
    }


# --- whoever answers answers ---------------------------------------------------------------------------


def picked_up(told: Told, at: float) -> Told:
    """*8: the ids are swapped; the phone that rang goes without DialEnd, the answer bears the picker's id."""
    told(at - 0.1, "Newchannel", Uniqueid=PICKER_UID, Linkedid=PICKER_UID, Channel=PICKER, CallerIDNum="1009", Exten="*81001")
    told(at, "Hangup", Uniqueid=AGENT, Channel=PHONE, Cause="26")
    return told.dialled(at + 0.001, "ANSWER", PICKER_UID, PICKER)


def test_a_direct_call_that_a_colleague_picked_up_is_answered() -> None:
    told = picked_up(rings(call().dial(1), 1.1), 4)(7, "HangupRequest")(7.01, "Hangup")
    assert only(told.story(), "extension:1001") == "ringing answered ended"


def test_one_phone_of_a_group_picked_up() -> None:
    told = both(call(), 1).dialled(4, "CANCEL", SECOND_UID, SECOND)
    assert only(picked_up(told, 4.001)(7, "Hangup").story(), "extension:8301") == "ringing ringing answered ended"


def test_an_answer_a_few_milliseconds_after_every_phone_was_cancelled() -> None:
    told = (
        both(call(), 1).dialled(4, "CANCEL").dialled(4, "CANCEL", SECOND_UID, SECOND).dialled(4.002, "ANSWER", PICKER_UID, PICKER)
    )
    assert only(told(7, "Hangup").story(), "extension:8301") == "ringing ringing answered ended"


def test_a_pick_up_that_is_told_as_dialling_the_picker() -> None:
    told = rings(call().dial(1), 1.1).dialled(4, "CANCEL").dial(4, PICKER_UID, PICKER)  # main/stasis_channels.c, dial_masquerade
    assert only(told.dialled(4.01, "ANSWER", PICKER_UID, PICKER)(7, "Hangup").story(), "extension:1001") == (
        "ringing ringing answered ended"
    )


def test_the_phone_behind_a_local_channel_picked_up() -> None:
    far = {"Channel": "Local/1001@x-00000001;2", "Uniqueid": "l.2"}
    told = rings(call().dial(1, "l.1", "Local/1001@x-00000001;1").dial(1.1, **far), 1.2, **far)
    told.dialled(4, "ANSWER", PICKER_UID, PICKER, **far).dialled(4.01, "ANSWER", "l.1", "Local/1001@x-00000001;1")
    assert only(told(4.02, "BridgeEnter")(7, "Hangup").story(), "extension:1001") == "ringing answered ended"


def test_a_members_phone_picked_up_is_answered() -> None:
    told = rings(queued().dial(2), 2.1)(5, "Hangup", Uniqueid=AGENT, Channel=PHONE, Cause="26")
    told(5, "QueueCallerLeave", Queue="support")(5, "AgentConnect", Queue="support", DestUniqueid=PICKER_UID)
    assert told.story() == {("5551", "queue:support"): "queued ringing answered"}


def followed(told: Told) -> Told:
    """FollowMe: a mobile behind a Local channel is lifted at 6 s and asked to press 1 (app_followme.c)."""
    far = {"Channel": "Local/1001@follow-00000001;2", "Uniqueid": "l.2"}
    told.dial(1, "l.1", "Local/1001@follow-00000001;1").dial(1.1, MOBILE_UID, MOBILE, "07700900001@trunk", **far)
    rings(told, 2, MOBILE_UID, MOBILE, **far).dialled(6, "ANSWER", MOBILE_UID, MOBILE, **far)
    told.dialled(6.01, "ANSWER", "l.1", "Local/1001@follow-00000001;1")
    return told(6.02, "BridgeEnter", Uniqueid=MOBILE_UID, Channel=MOBILE)


def test_who_must_press_1_has_answered_when_they_have() -> None:
    told = followed(call(places={"extension:8301"}))
    assert [e.kind for e in told.events(9)] == ["ringing"]
    assert [(e.kind, e.at) for e in told(10, "BridgeEnter").events(11)] == [("answered", from_micros(int((START + 10) * 1e6)))]


def test_who_does_not_press_1_has_not_answered() -> None:
    told = followed(call(places={"extension:8301"}))
    told(9, "Hangup", Uniqueid=MOBILE_UID, Channel=MOBILE)(9, "Hangup", Uniqueid="l.1", Channel="Local/1001@follow-00000001;1")
    assert only(told(9.5, "Hangup").story(), "extension:8301") == "ringing left(timeout) ended"


def test_a_caller_who_hangs_up_while_somebody_is_asked_to_press_1_gave_up() -> None:
    told = followed(call(places={"extension:8301"}))(8, "HangupRequest")(8.01, "Hangup")
    assert only(told.story(), "extension:8301") == "ringing left(caller) ended"


def test_where_bridges_are_filtered_away_the_lifted_phone_has_answered() -> None:
    far = {"Channel": "Local/1001@x-00000001;2", "Uniqueid": "l.2"}
    told = rings(call().dial(1, "l.1", "Local/1001@x-00000001;1").dial(1.1, **far), 1.2, **far).dialled(4, "ANSWER", **far)
    events = told.events()
    assert (moments(events, "answered"), stories(events)) == ([4], {("5551", "extension:1001"): "ringing answered"})


def test_a_refusal_after_the_question_is_no_answer() -> None:
    told = rings(call().dial(1), 1.1).dialled(9, "CONTINUE")(14, "HangupRequest")(14.01, "Hangup")  # Dial(…,U(ask))
    assert [(e.kind, e.reason) for e in told.events() if e.kind == "left"] == [("left", "timeout")]


def test_a_voicemail_behind_a_local_channel_has_not_answered() -> None:
    far = {"Channel": "Local/1001@x-00000001;2", "Uniqueid": "l.2"}
    told = rings(call().dial(1, "l.1", "Local/1001@x-00000001;1").dial(1.1, **far), 1.2, **far).dialled(15, "NOANSWER", **far)
    told.dialled(15.1, "ANSWER", "l.1", "Local/1001@x-00000001;1")(15.2, "BridgeEnter")(40, "HangupRequest")(40.01, "Hangup")
    events = told.events()
    assert [(e.kind, e.reason) for e in events if e.kind in ("left", "answered")] == [("left", "timeout")]


def test_an_announcement_behind_a_local_channel_is_no_visit() -> None:
    told = call().dial(1, "l.1", "Local/1001@x-00000001;1").dialled(1.1, "ANSWER", "l.1", "Local/1001@x-00000001;1")
    assert told(9, "HangupRequest")(9.01, "Hangup").story() == {}


# --- queue, then phone ---------------------------------------------------------------------------------


def out_of_queue(told: Told, how: str) -> Told:
    """A member rings from 2 s; at 6 s the caller leaves the queue, alive."""
    rings(told.dial(2), 2.1).dialled(6, "NOANSWER").dialled(6, "CANCEL")
    if how == "time-out":
        told(6.001, "QueueCallerAbandon", Queue="support")
    return told(6.002, "QueueCallerLeave", Queue="support")


@pytest.mark.parametrize("pause", [0.001, 0.4, 5.0])
@pytest.mark.parametrize(("how", "reason"), [("time-out", "timeout"), ("key", "key")])
@pytest.mark.parametrize("has_log", [False, True])
def test_a_phone_after_a_queue_is_a_visit_of_its_own(how: str, reason: str, pause: float, *, has_log: bool) -> None:
    told = out_of_queue(queued(has_log=has_log), how)
    at = 6.002 + pause
    rings(told.dial(at, SECOND_UID, SECOND, "1002"), at + 0.01, SECOND_UID, SECOND)
    told.dialled(at + 2, "ANSWER", SECOND_UID, SECOND)(at + 5, "Hangup")
    assert told.story() == {
        ("5551", "queue:support"): f"queued ringing left({reason}) ended",
        ("5551", "extension:1002"): "ringing answered ended",
    }


def test_a_group_behind_local_channels_after_a_queue() -> None:
    told = out_of_queue(queued(), "time-out").dial(6.01, "l.1", "Local/1002@x-00000001;1", Exten="600")
    told.dial(6.01, "m.1", "Local/1003@x-00000002;1", Exten="600")
    far = {"Channel": "Local/1002@x-00000001;2", "Uniqueid": "l.2"}
    rings(told.dial(6.05, SECOND_UID, SECOND, **far), 6.1, SECOND_UID, SECOND, **far).dialled(
        9, "ANSWER", SECOND_UID, SECOND, **far
    )
    told.dialled(9.01, "ANSWER", "l.1", "Local/1002@x-00000001;1")(9.02, "BridgeEnter")(12, "Hangup")
    assert told.story() == {
        ("5551", "queue:support"): "queued ringing left(timeout) ended",
        ("5551", "extension:600"): "ringing answered ended",
    }


@pytest.mark.parametrize(("phone", "dial"), [(SECOND, "1002"), (MOBILE, "07700900001@trunk")])
def test_an_answer_where_no_contact_point_is_still_serves_who_left_the_queue(phone: str, dial: str) -> None:
    told = rings(out_of_queue(queued(extensions=["1001"]), "time-out").dial(7, "p.1", phone, dial), 7.1, "p.1", phone)
    events = told.dialled(9, "ANSWER", "p.1", phone)(12, "Hangup").events()
    assert stories(events) == {("5551", "queue:support"): "queued ringing left(timeout) answered ended"}
    contact = fold("phone", merge([], events) or [], reachable=True)
    assert [(visit.ended, visit.queued) for visit in contact.visits] == [("timeout", True)]
    assert [wait.void for wait in contact.waits if wait.kind == "callback"] == [True]


def test_a_voicemail_after_a_queue_is_no_abandon() -> None:
    told = out_of_queue(queued(), "time-out")(20, "HangupRequest")(20.01, "Hangup")
    assert told.story() == {("5551", "queue:support"): "queued ringing left(timeout) ended"}


def test_a_phone_that_refuses_after_a_queue_has_not_rung_and_is_no_visit() -> None:
    told = out_of_queue(queued(), "time-out").dial(6.1, SECOND_UID, SECOND, "1002").dialled(6.11, "BUSY", SECOND_UID, SECOND)
    assert told(6.2, "Hangup").story() == {("5551", "queue:support"): "queued ringing left(timeout) ended"}


def test_a_phone_that_nobody_lifts_after_a_queue_and_then_the_queue_again() -> None:
    told = rings(out_of_queue(queued(), "time-out").dial(6.1, SECOND_UID, SECOND, "1002"), 6.2, SECOND_UID, SECOND)
    told.dialled(10, "NOANSWER", SECOND_UID, SECOND)(10.01, "QueueCallerJoin", Queue="support")
    assert told.story() == {
        ("5551", "queue:support"): "queued ringing left(timeout) queued",
        ("5551", "extension:1002"): "ringing left(timeout)",
    }


def test_a_local_channel_into_a_queue_is_no_visit_at_a_phone() -> None:
    told = call(places={"extension:8301"}).dial(1, "l.1", "Local/600@queues-00000001;1")
    far = {"Channel": "Local/600@queues-00000001;2", "Uniqueid": "l.2"}
    assert told(1.1, "QueueCallerJoin", Queue="support", **far).story() == {("5551", "queue:support"): "queued"}


def test_an_agent_who_hangs_up_in_the_announcement_has_not_got_the_caller() -> None:
    told = rings(queued().dial(2), 2.1).dialled(3, "ANSWER").dialled(4.5, "NOANSWER")  # AGENTDUMP
    story = told(5, "QueueCallerLeave", Queue="support")(20, "HangupRequest")(20.01, "Hangup").story()
    assert story == {("5551", "queue:support"): "queued ringing left(key) ended"}


# --- what is remembered --------------------------------------------------------------------------------


def test_a_monitor_that_begins_again_between_dialling_and_ringing_tells_the_same() -> None:
    first = call(places={"extension:8301"}).dial(1).dial(1, SECOND_UID, SECOND, "1002")
    assert first.events(1.5) == []
    second = Told(places={"extension:8301"})
    second.calls.restore({key: entry for key, entry in first.calls.calls.drain_state().items() if entry is not None})
    rings(second, 4).dialled(6, "CANCEL").dialled(6, "ANSWER", SECOND_UID, SECOND)
    assert stories(second.events()) == {("5551", "extension:8301"): "ringing ringing answered"}


def test_a_ringing_call_of_an_older_version_is_taken_up() -> None:
    entry = (
        f'{{"contact":"{CALLER}","uid":"{CALLER}","customer":"customer-5551","trunk":true,"exten":"8301","seen":1,"visits":'
        '[{"place":"extension:1001","key":"k/1001/1","since":1,"state":"waiting","rings":1,"gone":null,"abandoned":false,'
        f'"picked_up":false,"reason":null,"transfers":0,"ended":false,"dialling":["{AGENT}"]}}],"names":[],"holds":{{}},'
        '"held":{},"requested":false,"stopping":false,"callback":false,"agent_hung_up":null,"left_bridge":null,'
        '"transferred":null,"handing":null,"over":null,"ended":false}'
    )
    told = Told()
    told.calls.restore({STATE_PREFIX + CALLER: entry})
    assert stories(told.dialled(6, "ANSWER").events()) == {("5551", "extension:1001"): "answered"}


# --- messages that a filter hides, or that come in another order ------------------------------------------


def test_where_dial_end_is_filtered_away_the_callers_bridge_shows_the_answer() -> None:
    told = rings(call().dial(1), 1.1)(4, "BridgeEnter")(9, "HangupRequest")(9.01, "Hangup")
    assert only(told.story(), "extension:1001") == "ringing answered ended"


def test_a_ringing_told_just_before_its_dialling_counts() -> None:
    told = rings(call(), 1).dial(1.002).dialled(1.5, "NOANSWER")
    assert moments(told.events(), "ringing") == [1.002]


def test_a_member_dialled_just_before_the_join_is_the_queues() -> None:
    told = Told()(0, "Newchannel", Exten="8001").dial(1)(1.002, "QueueCallerJoin", Queue="support")
    rings(told, 2)(4, "AgentConnect", Queue="support", DestUniqueid=AGENT)
    assert told.story() == {("5551", "queue:support"): "queued ringing answered"}


def test_a_phone_dialled_just_before_the_caller_has_left_the_queue_still_answers() -> None:
    told = rings(queued().dial(2), 2.1).dialled(6, "NOANSWER").dial(6.001, SECOND_UID, SECOND, "1002")
    told(6.002, "QueueCallerAbandon", Queue="support")(6.002, "QueueCallerLeave", Queue="support")
    story = told.dialled(8, "ANSWER", SECOND_UID, SECOND)(9, "Hangup").story()
    assert story["5551", "extension:1002"] == "answered ended"
    assert "left(timeout)" in story["5551", "queue:support"]


def test_a_phone_that_answers_after_the_caller_hung_up_has_answered_nobody() -> None:
    told = rings(queued().dial(2), 2.1)(5, "HangupRequest").dialled(5, "CANCEL")(5, "QueueCallerAbandon", Queue="support")
    told.dialled(5.001, "ANSWER", SECOND_UID, SECOND)(5.01, "Hangup")
    assert told.story() == {("5551", "queue:support"): "queued ringing left(caller) ended"}


def test_what_comes_of_a_caller_who_hung_up_long_ago_begins_nothing() -> None:
    told = rings(call().dial(1), 1.1).dialled(3, "ANSWER")(4, "Hangup")
    told.events(10)
    assert told.dial(11, SECOND_UID, SECOND, "1002").dialled(12, "ANSWER", SECOND_UID, SECOND).events() == []
