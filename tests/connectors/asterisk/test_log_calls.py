"""What queue_log's lines say where a line's Uniqueid is not the caller's, and where a later line disproves an earlier one.

The lines follow app_queue.c; moments are seconds after T.
"""

import itertools
import json

import pytest

from monitor.connectors._asterisk.calls import Calls
from monitor.connectors._asterisk.log_archive import events_of
from monitor.connectors._asterisk.log_calls import LogCalls
from monitor.connectors._asterisk.queue_log import Line, parse
from monitor.domain.event import Event, from_micros
from monitor.domain.fold import fold
from monitor.domain.merging import merge
from tests.connectors.asterisk.test_queue_log import T, events, line, story
from tests.connectors.asterisk_recordings import hashed

ENTER = line(0, "ENTERQUEUE", "", "5551", 1, agent="NONE")
ANSWERED = ENTER, line(5, "CONNECT", 5, "1.2", 3, agent="PJSIP/7009")
CONSULT = "1.5"


def at(seconds: float) -> object:
    return from_micros(round((T + seconds) * 1_000_000))


def told(found: list[Event], place: str, contact: str | None = None) -> list[str]:
    return [e.kind for e in found if e.place == place and contact in (None, e.contact)]


def started(seconds: int) -> str:
    return line(seconds, "QUEUESTART", "", uid="NONE", queue="NONE", agent="NONE")


def outcome(found: list[Event], place: str) -> list[str | None]:
    """How the visits to a place ended, as the engine sees them."""
    mine = merge([], [event for event in found if event.place == place])
    assert mine is not None
    return [visit.ended for visit in fold("phone", mine, reachable=True).visits]


# --- another Uniqueid than that of the caller who came ------------------------------------------------


def consultation(*rest: str) -> list[Event]:
    """Served in support since 5 s; the agent asks sales from 31 s and completes the transfer at 33 s."""
    return events(
        *ANSWERED,
        line(31, "ENTERQUEUE", "", "7009", 1, uid=CONSULT, queue="sales", agent="NONE"),
        line(33, "ATTENDEDTRANSFER", "APP", "Queue", 5, 28, 1, uid=CONSULT, agent="PJSIP/7009"),
        *rest,
    )


def test_a_customer_who_takes_the_place_where_the_agent_waited_is_answered_there() -> None:
    found = consultation(
        line(38, "CONNECT", 7, "1.6", 4, queue="sales", agent="PJSIP/7051"),
        line(90, "COMPLETEAGENT", 7, 52, 1, queue="sales", agent="PJSIP/7051"),
    )
    assert told(found, "queue:support") == ["queued", "ringing", "answered", "transferred", "ended"]
    assert told(found, "queue:sales") == ["queued", "ringing", "answered", "ended"]
    assert len({e.contact for e in found if e.place == "queue:sales"}) == 1
    assert next(e for e in found if e.kind == "transferred")[7:9] == ("consult", "sales")


def test_a_customer_who_gives_up_in_the_agents_place_has_abandoned_and_the_agent_is_owed_nothing() -> None:
    found = consultation(line(51, "ABANDON", 1, 1, 20, queue="sales", agent="NONE"))
    assert told(found, "queue:sales") == ["queued", "left", "ended"]
    assert [(e.reason, e.customer) for e in found if e.kind == "left"] == [("caller", hashed("5551"))]
    assert hashed("7009") not in {e.customer for e in found}


@pytest.mark.parametrize(
    ("verb", "data"), [("EXITWITHTIMEOUT", (1, 1, 20)), ("EXITEMPTY", (1, 1, 20)), ("EXITWITHKEY", ("1", 1, 1, 20))]
)
def test_a_customer_may_leave_the_agents_place_otherwise(verb: str, data: tuple[object, ...]) -> None:
    assert told(consultation(line(51, verb, *data, queue="sales", agent="NONE")), "queue:sales") == ["queued", "left"]


def test_two_who_came_in_one_second_are_told_apart_by_the_transfer() -> None:
    found = consultation(line(38, "CONNECT", 7, "1.6", 4, queue="sales"))
    other = line(31, "ENTERQUEUE", "", "5559", 2, uid="1.7", queue="sales", agent="NONE")
    both = events(
        *ANSWERED, other, line(31, "ENTERQUEUE", "", "7009", 1, uid=CONSULT, queue="sales", agent="NONE"),
        line(33, "ATTENDEDTRANSFER", "APP", "Queue", 5, 28, 1, uid=CONSULT, agent="PJSIP/7009"),
        line(38, "CONNECT", 7, "1.6", 4, queue="sales"),
    )  # fmt: skip
    assert told(both, "queue:sales", CONSULT) == told(found, "queue:sales", CONSULT)
    assert told(both, "queue:sales", "1.7") == ["queued"]


def test_the_place_of_another_who_waits_is_not_taken_by_a_line_that_stands_there_twice() -> None:
    connected = line(5, "CONNECT", 5, "1.2", 3)
    found = events(ENTER, line(0, "ENTERQUEUE", "", "5552", 2, uid="1.9", agent="NONE"), connected, connected)
    assert told(found, "queue:support", "1.9") == ["queued"]


def test_a_customer_of_a_direct_call_who_takes_the_agents_place_needs_no_line_of_transfer() -> None:
    found = events(
        line(0, "ENTERQUEUE", "", "7009", 1, uid=CONSULT, queue="sales", agent="NONE"),
        line(12, "CONNECT", 12, "1.6", 4, queue="sales"),
        line(40, "COMPLETECALLER", 12, 28, 1, queue="sales"),
    )
    assert [(e.contact, e.kind) for e in found] == [(CONSULT, kind) for kind in ("queued", "ringing", "answered", "ended")]


@pytest.mark.parametrize("late", [0, 1])
def test_the_end_of_a_call_is_known_by_its_seconds_when_a_local_channel_is_gone(late: int) -> None:
    """COMPLETE carries the outer channel's id; `late`: the second has changed between two of Asterisk's looks at the clock."""
    found = events(*ANSWERED, line(20 + late, "COMPLETEAGENT", 5, 15, 1, uid="1.0", agent="PJSIP/7009"))
    assert told(found, "queue:support") == ["queued", "ringing", "answered", "ended"]


def test_of_two_who_were_answered_in_one_second_the_agent_tells_whose_call_has_ended() -> None:
    other = (
        line(0, "ENTERQUEUE", "", "5552", 2, uid="1.9", agent="NONE"),
        line(5, "CONNECT", 5, "1.8", 3, uid="1.9", agent="PJSIP/7010"),
    )
    found = events(*ANSWERED, *other, line(20, "COMPLETEAGENT", 5, 15, 1, uid="1.0", agent="PJSIP/7010"))
    assert [e.contact for e in found if e.kind == "ended"] == ["1.9"]


def test_an_agent_who_calls_a_queue_is_owed_nothing() -> None:
    found = events(*ANSWERED, line(31, "ENTERQUEUE", "", "7009", 1, uid=CONSULT, queue="sales", agent="NONE"))
    assert next(e.customer for e in found if e.contact == CONSULT) is None


# --- moved, dumped, refused ---------------------------------------------------------------------------


@pytest.mark.parametrize("later", [0, 1, 3, 15, 300])
@pytest.mark.parametrize("between", [False, True])
def test_who_enters_a_queue_after_an_abandon_was_moved(later: int, between: bool) -> None:
    """Also when the abandon was told before: the engine takes it back."""
    lines = [ENTER, line(6, "ABANDON", 1, 1, 6, agent="NONE")]
    if between and later:
        lines.append(line(6 + later, "ENTERQUEUE", "", "5552", 1, uid="1.9", agent="NONE"))
    found = events_of_story(*lines, line(6 + later, "ENTERQUEUE", "", "5551", 1, queue="sales", agent="NONE"))
    assert outcome(found, "queue:support")[0] == "timeout"
    assert outcome(found, "queue:sales") == [None]


def events_of_story(*lines: str) -> list[Event]:
    """Events in which one fact may be told twice, the second time better."""
    return [each for each in events_of((each.encode() for each in lines), hashed) if isinstance(each, Event)]


def test_who_is_connected_after_an_abandon_had_not_given_up() -> None:
    lines = ENTER, line(6, "ABANDON", 1, 1, 6, agent="NONE"), line(7, "CONNECT", 7, "1.2", 1)
    assert story(*lines) == {("5551", "queue:support"): "queued ringing answered"}
    late = events_of_story(ENTER, line(6, "ABANDON", 1, 1, 6, agent="NONE"), line(17, "CONNECT", 17, "1.2", 1))
    assert outcome(late, "queue:support")[0] == "timeout"


def test_moved_to_the_same_queue_is_a_second_visit() -> None:
    again = line(6, "ENTERQUEUE", "", "5551", 1, agent="NONE")
    found = events(ENTER, line(6, "ABANDON", 1, 1, 6, agent="NONE"), again, line(9, "CONNECT", 3, "1.2", 2))
    assert outcome(found, "queue:support") == ["timeout", "answered"]


def test_an_abandon_of_another_caller_is_not_disproved() -> None:
    lines = ENTER, line(6, "ABANDON", 1, 1, 6, agent="NONE"), line(6, "ENTERQUEUE", "", "5552", 1, uid="1.9", agent="NONE")
    assert story(*lines)["5551", "queue:support"] == "queued left(caller) ended"


@pytest.mark.parametrize("back", [0, 1, 2])
def test_put_out_at_once_and_back_is_a_second_visit(back: int) -> None:
    """leavewhenempty lets a caller go within the second in which he came."""
    found = events(
        ENTER, line(0, "EXITEMPTY", 1, 1, 0, agent="NONE"), line(back, "ENTERQUEUE", "", "5551", 1, agent="NONE"),
        line(31, "ABANDON", 1, 1, 31 - back, agent="NONE"),
    )  # fmt: skip
    assert outcome(found, "queue:support") == ["no_agents", "caller"]


def test_put_out_again_and_again_within_a_second() -> None:
    out = line(0, "EXITEMPTY", 1, 1, 0, agent="NONE")
    found = events(ENTER, out, ENTER, out, ENTER, out, ENTER, line(31, "ABANDON", 1, 1, 31, agent="NONE"))
    assert outcome(found, "queue:support") == ["no_agents"] * 3 + ["caller"]


def test_lines_that_stand_there_twice_are_no_second_visit() -> None:
    lines = (
        ENTER,
        line(0, "EXITEMPTY", 1, 1, 0, agent="NONE"),
        line(9, "CONFIGRELOAD", "", uid="NONE", queue="NONE", agent="NONE"),
    )
    assert events(*(each for each in lines for _ in range(2))) == events(*lines) == events(*lines, *lines)


def test_channels_that_cannot_be_joined_are_not_the_callers_decision() -> None:
    """app_queue.c writes SYSCOMPAT, then the ABANDON of whoever leaves unserved."""
    lines = ENTER, line(8, "SYSCOMPAT", ""), line(8, "ABANDON", 1, 1, 8, agent="NONE"), line(60, "CONFIGRELOAD", "", uid="NONE")
    assert story(*lines) == {("5551", "queue:support"): "queued left(timeout) ended"}


def test_a_phone_that_refuses_at_once_never_rang() -> None:
    refused = [line(n, "RINGNOANSWER", 0) for n in range(1, 9)]
    found = events(ENTER, *refused, line(14, "CONNECT", 14, "1.2", 2))
    assert [e.at for e in found if e.kind == "ringing"] == [at(12)]
    assert "ringing" not in told(events(ENTER, *refused, line(9, "ABANDON", 1, 1, 9)), "queue:support")


def test_an_agent_who_hangs_up_in_the_announcement_does_not_end_the_wait() -> None:
    lines = ENTER, line(3, "AGENTDUMP", ""), line(6, "AGENTDUMP", ""), line(9, "CONNECT", 9, "1.2", 2)
    assert story(*lines) == {("5551", "queue:support"): "queued ringing answered"}


def test_a_key_after_an_agent_hung_up_is_a_key() -> None:
    assert (
        story(ENTER, line(3, "AGENTDUMP", ""), line(4, "EXITWITHKEY", "1", 1, 1, 4))["5551", "queue:support"]
        == "queued left(key)"
    )


# --- transfers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["BLINDTRANSFER", "TRANSFER"])
def test_a_blind_transfer_into_a_queue_is_told_once_in_any_order(verb: str) -> None:
    """Asterisk 1.4 to 11 wrote TRANSFER. The queue's own thread may be quicker than the one that writes of the transfer."""
    transfer = line(40, verb, 8002, "from-internal", 5, 35, 1)
    enters = line(40, "ENTERQUEUE", "", "5551", 1, queue="sales", agent="NONE")
    for order in itertools.permutations((transfer, enters)):
        found = story(*ANSWERED, *order)
        assert found["5551", "queue:support"] == "queued ringing answered transferred(blind,sales,queue) ended"
        assert found["5551", "queue:sales"] == "queued"


def test_two_transfers_within_seconds_are_two() -> None:
    found = events(
        *ANSWERED, line(9, "BLINDTRANSFER", 8002, "x", 5, 4, 1), line(9, "ENTERQUEUE", "", "5551", 1, queue="sales"),
        line(10, "CONNECT", 1, "1.3", 1, queue="sales"), line(12, "BLINDTRANSFER", 8003, "x", 1, 2, 1, queue="sales"),
        line(12, "ENTERQUEUE", "", "5551", 1, queue="third", agent="NONE"),
    )  # fmt: skip
    assert [(e.place, e.to) for e in found if e.kind == "transferred"] == [("queue:support", "sales"), ("queue:sales", "third")]


def test_the_talk_before_ends_where_the_next_visit_begins() -> None:
    """A caller who was sent on by AMI Redirect: COMPLETECALLER is written when he hangs up."""
    found = events(
        *ANSWERED, line(9, "ENTERQUEUE", "", "5551", 1, queue="sales", agent="NONE"), line(12, "ABANDON", 1, 1, 3, queue="sales"),
        line(12, "COMPLETECALLER", 5, 7, 1),
    )  # fmt: skip
    assert [e.at for e in found if e.kind == "ended" and e.place == "queue:support"] == [at(9)]


def test_a_consultation_that_was_answered_is_no_transfer_of_the_one_who_answered() -> None:
    """Both queues write ATTENDEDTRANSFER when two answered calls are merged (app_queue.c, handle_attended_transfer)."""
    lines = (
        line(31, "ENTERQUEUE", "", "7009", 1, uid=CONSULT, queue="sales", agent="NONE"),
        line(33, "CONNECT", 2, "1.6", 2, uid=CONSULT, queue="sales", agent="PJSIP/7051"),
    )
    merged = [
        line(40, "ATTENDEDTRANSFER", "BRIDGE", "b1", 5, 35, 1, agent="PJSIP/7009"),
        line(40, "ATTENDEDTRANSFER", "BRIDGE", "b1", 2, 7, 1, uid=CONSULT, queue="sales", agent="PJSIP/7051"),
    ]
    for order in itertools.permutations(merged):
        found = events(*ANSWERED, *lines, *order)
        assert [e.place for e in found if e.kind == "transferred"] == ["queue:support"]
        assert told(found, "queue:sales") == ["queued", "ringing", "answered", "ended"]


# --- who never got in ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "reason"), [("FULL", "full"), ("CLOSED", "closed"), ("JOINEMPTY", "no_agents"), ("JOINUNAVAIL", "no_agents")]
)
def test_who_never_got_in_is_turned_away(verb: str, reason: str) -> None:
    (event,) = events(line(0, verb, "", agent="NONE"))
    assert (event.kind, event.reason, event.place, event.contact) == ("turned_away", reason, "queue:support", "1.1")


def test_who_overflows_into_a_full_queue_is_known() -> None:
    found = events(ENTER, line(20, "EXITWITHTIMEOUT", 1, 1, 20), line(20, "FULL", "", queue="sales", agent="NONE"))
    assert [(e.place, e.customer) for e in found if e.kind == "turned_away"] == [("queue:sales", hashed("5551"))]


def test_leaving_an_empty_queue_is_told_once() -> None:
    lines = ENTER, line(3, "EXITEMPTY", 1, 1, 3, agent="NONE"), line(3, "LEAVEEMPTY", "", agent="NONE")
    assert story(*lines) == {("5551", "queue:support"): "queued left(no_agents)"}


@pytest.mark.parametrize("verb", ["DIVERT_CA_RATIO", "DIVERT_HOLDTIME", "DID", "INFO", "PAUSEREASON", "X" * 200])
def test_lines_of_a_dialplan_say_nothing(verb: str) -> None:
    assert events(line(0, verb, "a", "b")) == []


# --- a log that is read from the middle ---------------------------------------------------------------


def test_who_came_before_the_first_line_is_known_by_how_long_he_has_waited() -> None:
    found = events(
        line(10, "CONFIGRELOAD", "", uid="NONE"), line(14, "CONNECT", 8, "1.2", 5), line(60, "COMPLETECALLER", 8, 46, 1)
    )
    assert [(e.id, e.at) for e in found] == [
        ("1.1/support/1/queued", at(6)), ("1.1/support/1/ringing/1", at(9)), ("1.1/support/1/answered", at(14)),
        ("1.1/support/1/ended", at(60)),
    ]  # fmt: skip


def test_so_is_who_was_answered_before_it() -> None:
    found = events(line(30, "COMPLETEAGENT", 5, 15, 1))
    assert [(e.kind, e.at) for e in found] == [("queued", at(10)), ("answered", at(15)), ("ended", at(30))]


@pytest.mark.parametrize(
    ("verb", "data", "how"),
    [("ABANDON", (1, 1, 40), "caller"), ("EXITWITHTIMEOUT", (1, 1, 40), "timeout"), ("EXITWITHKEY", ("5", 1, 1, 40), "key")],
)
def test_and_who_left(verb: str, data: tuple[object, ...], how: str) -> None:
    found = events(line(30, verb, *data, agent="NONE"))
    assert [e.at for e in found if e.kind == "queued"] == [at(-10)]
    assert outcome(found, "queue:support") == [how]


def test_an_old_line_without_the_seconds_says_nothing_of_an_unknown_caller() -> None:
    assert events(line(30, "EXITWITHKEY", "5", 1)) == []


def test_nobody_has_waited_for_a_day() -> None:
    assert events(line(30, "CONNECT", 86_431, "1.2", 3)) == []


def test_who_should_have_entered_after_the_first_line_did_not_enter_there() -> None:
    assert events(line(10, "CONFIGRELOAD", "", uid="NONE"), line(18, "CONNECT", 8, "1.2", 5)) == []


# --- a clock that is set back -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rest", "how"),
    [
        ((line(45, "CONNECT", -55, "1.2", 3), line(60, "COMPLETECALLER", -55, 15, 1)), "answered"),
        ((line(105, "CONNECT", 5, "1.2", 3), line(60, "COMPLETECALLER", 5, -45, 1)), "answered"),
        ((line(45, "ABANDON", 1, 1, -55, agent="NONE"),), "caller"),
        ((line(45, "EXITWITHTIMEOUT", 1, 1, -55, agent="NONE"),), "timeout"),
    ],
)
def test_a_clock_that_is_set_back_by_a_minute_leaves_one_visit(rest: tuple[bytes, ...], how: str) -> None:
    entered = line(100, "ENTERQUEUE", "", "5551", 1, agent="NONE")
    assert outcome(events(entered, *rest), "queue:support") == [how]


# --- several servers in one file ----------------------------------------------------------------------


def on(server: str, number: int) -> str:
    return f"{server}-{T}.{number}"


def waits(server: str, number: int, seconds: int = 0) -> str:
    return line(seconds, "ENTERQUEUE", "", f"555{number}", 1, uid=on(server, number), agent="NONE")


def test_a_start_ends_the_calls_of_the_server_that_had_ended_all_its_calls() -> None:
    found = events(
        waits("a", 1), waits("b", 2), line(9, "ABANDON", 1, 1, 9, uid=on("a", 1)), started(12),
        line(20, "CONNECT", 20, "b-1.3", 4, uid=on("b", 2)),
    )  # fmt: skip
    assert {e.contact: e.reason for e in found if e.kind == "left"} == {on("a", 1): "restart"}
    assert told(found, "queue:support", on("b", 2)) == ["queued", "ringing", "answered"]


def test_a_server_that_goes_on_says_nothing_of_another_that_stops() -> None:
    found = events(
        waits("a", 1), waits("b", 2), line(3, "ABANDON", 1, 1, 3, uid=on("a", 1)),
        line(8, "CONNECT", 8, "b-1.3", 4, uid=on("b", 2)), started(12),
    )  # fmt: skip
    assert [e.reason for e in found if e.kind == "left"] == ["restart"]


def test_after_a_crash_the_server_that_goes_on_shows_that_it_was_the_other() -> None:
    begin = waits("a", 1), waits("b", 2), started(12)
    assert "left" not in {e.kind for e in events(*begin)}
    found = events(*begin, line(20, "CONNECT", 20, "b-1.3", 4, uid=on("b", 2)))
    assert [(e.contact, e.reason, e.at) for e in found if e.kind == "left"] == [(on("a", 1), "restart", at(0))]


def test_after_a_crash_the_server_that_counts_from_nothing_was_it() -> None:
    fresh = line(30, "ENTERQUEUE", "", "5559", 1, uid=f"a-{T + 29}.0", agent="NONE")
    found = events(waits("a", 1), waits("b", 2), waits("c", 3), started(12), fresh)
    assert {e.contact: e.reason for e in found if e.kind == "left"} == {on("a", 1): "restart"}


def test_a_caller_who_listened_to_a_menu_is_no_proof_of_a_start() -> None:
    """His channel is older than the start, so that its number is low."""
    late = line(30, "ENTERQUEUE", "", "5559", 1, uid=f"a-{T - 60}.0", agent="NONE")
    found = events(waits("a", 1), waits("b", 2), waits("c", 3), started(12), late)
    assert "left" not in {e.kind for e in found}


def test_servers_without_a_name_cannot_be_told_apart() -> None:
    other = line(0, "ENTERQUEUE", "", "5552", 1, uid="1.9", agent="NONE")
    assert [e.reason for e in events(ENTER, other, started(12)) if e.kind == "left"] == ["restart", "restart"]


# --- read in pieces -----------------------------------------------------------------------------------

STORIES = {
    "consultation": [
        *ANSWERED, line(31, "ENTERQUEUE", "", "7009", 1, uid=CONSULT, queue="sales", agent="NONE"),
        line(33, "ATTENDEDTRANSFER", "APP", "Queue", 5, 28, 1, uid=CONSULT, agent="PJSIP/7009"),
        line(38, "CONNECT", 7, "1.6", 4, queue="sales"), line(90, "COMPLETEAGENT", 7, 52, 1, queue="sales"),
    ],
    "local channel": [*ANSWERED, line(20, "COMPLETEAGENT", 5, 15, 1, uid="1.0", agent="PJSIP/7009")],
    "moved": [
        ENTER, line(6, "ABANDON", 1, 1, 6), line(6, "ENTERQUEUE", "", "5551", 1, queue="sales"),
        line(9, "CONNECT", 3, "1.2", 2, queue="sales"),
    ],
    "moved late": [
        ENTER, line(6, "ABANDON", 1, 1, 6), line(30, "ENTERQUEUE", "", "5552", 1, uid="1.9"),
        line(31, "ENTERQUEUE", "", "5551", 1, queue="sales"),
    ],
    "put out and back": [ENTER, line(0, "EXITEMPTY", 1, 1, 0), ENTER, line(31, "ABANDON", 1, 1, 31)],
    "transfer written late": [
        *ANSWERED, line(40, "ENTERQUEUE", "", "5551", 1, queue="sales"), line(40, "BLINDTRANSFER", 8002, "x", 5, 35, 1),
    ],
    "read from the middle": [line(10, "CONFIGRELOAD", "", uid="NONE"), line(14, "CONNECT", 8, "1.2", 5)],
    "crash of one of two": [waits("a", 1), waits("b", 2), started(12), line(20, "CONNECT", 20, "b-1.3", 4, uid=on("b", 2))],
    "stop of one of two": [waits("a", 1), waits("b", 2), line(9, "ABANDON", 1, 1, 9, uid=on("a", 1)), started(12)],
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_a_story_in_pieces_is_the_same_story(name: str) -> None:
    """Between two lines the calls are stored, and read by another process."""
    lines = [*STORIES[name], line(200, "CONFIGRELOAD", "", uid="NONE", queue="NONE", agent="NONE")]
    entries: dict[str, str] = {}
    memory: dict[str, object] = {}
    newest, found = 0, []
    for raw in lines:
        calls = Calls(hashed)
        calls.restore(entries)
        log = LogCalls(calls, alone=True, memory=json.loads(json.dumps(memory)))
        log.newest = newest
        parsed = parse(raw.encode())
        assert isinstance(parsed, Line)
        log.apply(parsed)
        memory, newest = log.memory(), log.newest
        found += calls.drain_events()
        for key, entry in calls.drain_state().items():
            if entry is None:
                del entries[key]
            else:
                entries[key] = entry
    assert merge([], found) == merge([], events_of_story(*lines))
    assert {e.place for e in found} == {e.place for e in events_of_story(*lines)}


def test_calls_and_cursor_of_an_older_version_are_taken_up() -> None:
    leg = {"place": "queue:support", "key": "1.1/support/1", "since": T * 1_000_000, "state": "waiting"}
    call = {"contact": "1.1", "uid": "1.1", "seen": T * 1_000_000, "visits": [leg], "handing": None}
    calls = Calls(hashed)
    calls.restore({"call:1.1": json.dumps(call)})
    log = LogCalls(calls, alone=True, memory=None)
    parsed = parse(line(5, "CONNECT", 5, "1.2", 3).encode())
    assert isinstance(parsed, Line)
    log.apply(parsed)
    assert [e.id for e in calls.drain_events()] == ["1.1/support/1/ringing/1", "1.1/support/1/answered"]


@pytest.mark.parametrize(("between", "decided"), [(True, 2), (False, 10)], ids=["somebody else calls", "nobody"])
def test_an_abandon_is_decided_sooner_where_the_server_goes_on_working(between: bool, decided: int) -> None:
    """Nobody restarts a switch between two lines of its callers; who was moved comes within two seconds."""
    lines = [line(0, "ENTERQUEUE", "", "5551", 1), line(30, "ABANDON", 1, 1, 30)]
    lines += [line(31, "ENTERQUEUE", "", "5552", 1, uid="1.9", agent="NONE")] if between else []
    calls = Calls(hashed)
    log = LogCalls(calls, alone=True)
    for each in lines:
        parsed = parse(each.encode())
        assert isinstance(parsed, Line)
        log.apply(parsed)
    log.settle((T + 30 + decided) * 1_000_000 - 1)
    assert [event.kind for event in calls.drain_events() if event.contact != "1.9"] == ["queued"]
    log.settle((T + 30 + decided) * 1_000_000)
    assert [(event.kind, event.reason) for event in calls.drain_events() if event.kind == "left"] == [("left", "caller")]
