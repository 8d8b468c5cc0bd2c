"""What is held of calls: before, at and after each limit, one microsecond apart. GB: a ring every 3 s, the fifth at 12 s."""

from dataclasses import replace

import pytest

from monitor.domain.judge import fell_at, reported_seconds
from monitor.domain.rings import ring_period
from tests.domain.contact_lines import at, call, chat, expected, folded, judged, lines_of, outcomes, policy, verdicts

CASES = {
    # slow_answer: 5 rings, the fifth begins 12 s after the first phone rang
    "answered before the 5th ring": ("slow_answer", ("ringing 1", "answered 12.999999"), 99, "kept 12.999999"),
    "answered as the 5th ring begins": ("slow_answer", ("ringing 1", "answered 13"), 99, "breached 13"),
    "rings: the queue before them does not count": (
        "slow_answer", ("queued 0", "ringing 60", "answered 71.999999"), 99, "kept 71.999999",
    ),
    "a new attempt does not start the rings again": (
        "slow_answer", ("queued 0", "ringing 1", "ringing 11", "answered 14"), 99, "breached 13",
    ),
    "still ringing before the 5th ring": ("slow_answer", ("ringing 1",), 12.999999, "open"),
    "still ringing as the 5th ring begins": ("slow_answer", ("ringing 1",), 13, "breached 13"),
    "gave up before the 5th ring": ("slow_answer", ("ringing 1", "left 12.999999"), 99, "void"),
    "gave up as the 5th ring began": ("slow_answer", ("ringing 1", "left 13"), 99, "breached 13"),
    "gave up long after the 5th ring": ("slow_answer", ("ringing 1", "left 60"), 99, "breached 13"),
    "nobody's phone rang": ("slow_answer", ("queued 0", "left 60"), 99, ""),
    "sight lost before the 5th ring": ("slow_answer", ("ringing 1", "lost 5"), 99, "void"),
    "sight lost after the 5th ring": ("slow_answer", ("ringing 1", "lost 50"), 99, "breached 13"),
    # long_wait: longer than 20 s
    "answered after exactly 20 s": ("long_wait", ("queued 0", "answered 20"), 99, "kept 20"),
    "answered a microsecond after 20 s": ("long_wait", ("queued 0", "answered 20.000001"), 99, "breached 20.000001"),
    "answered a microsecond before 20 s": ("long_wait", ("queued 0", "answered 19.999999"), 99, "kept 19.999999"),
    "waiting for 20 s": ("long_wait", ("queued 0",), 20, "open"),
    "waiting for a microsecond more": ("long_wait", ("queued 0",), 20.000001, "breached 20.000001"),
    "gave up at 20 s": ("long_wait", ("queued 0", "left 20"), 99, "void"),
    "gave up a microsecond after 20 s": ("long_wait", ("queued 0", "left 20.000001"), 99, "breached 20.000001"),
    "timed out of the queue before 20 s": ("long_wait", ("queued 0", "left 15 reason=timeout"), 99, "void"),
    "each visit waits for itself": (
        "long_wait", ("queued 0", "left 19 reason=timeout", "queued 19.5", "answered 39"), 99, "void, kept 39",
    ),
    "a direct call has no queue": ("long_wait", ("ringing 0", "answered 60"), 99, ""),
    # long_hold: reaches 120 s
    "held for a microsecond less than 2 min": (
        "long_hold", ("answered 0", "held 10", "unheld 129.999999"), 999, "kept 129.999999",
    ),
    "held for 2 min": ("long_hold", ("answered 0", "held 10", "unheld 130"), 999, "breached 130"),
    "on hold for a microsecond less than 2 min": ("long_hold", ("answered 0", "held 10"), 129.999999, "open"),
    "on hold for 2 min, told while it lasts": ("long_hold", ("answered 0", "held 10"), 130, "breached 130"),
    "hung up while held for less": ("long_hold", ("answered 0", "held 10", "ended 100"), 999, "kept 100"),
    "hung up while held for longer": ("long_hold", ("answered 0", "held 10", "ended 131"), 999, "breached 130"),
    "two holds of 90 s are two short holds": (
        "long_hold", ("answered 0", "held 10", "unheld 100", "held 110", "unheld 200"), 999, "kept 100, kept 200",
    ),
    "two holds, the second too long": (
        "long_hold", ("answered 0", "held 10", "unheld 100", "held 110", "unheld 231"), 999, "kept 100, breached 230",
    ),
    "sight lost during a hold": ("long_hold", ("answered 0", "held 10", "lost 100"), 999, "void"),
    "two minutes of queue music": ("long_hold", ("queued 0", "held 1", "unheld 200", "answered 201"), 999, ""),
    # abandoned: from 5 s on
    "gave up after 5 s": ("abandoned", ("queued 0", "left 5 reason=caller"), 99, "breached 5"),
    "gave up a microsecond before 5 s": ("abandoned", ("queued 0", "left 4.999999 reason=caller"), 99, ""),
    "left without a reason told": ("abandoned", ("queued 0", "left 9"), 99, "breached 9"),
    "ended without answer": ("abandoned", ("queued 0", "ended 9"), 99, "breached 9"),
    "a direct call given up": ("abandoned", ("ringing 0", "left 9"), 99, "breached 9"),
    "answered": ("abandoned", ("queued 0", "answered 9"), 99, "kept 9"),
    "answered at once": ("abandoned", ("queued 0", "answered 0"), 99, "kept 0"),
    "timed out": ("abandoned", ("queued 0", "left 9 reason=timeout"), 99, "kept 9"),
    "no agents": ("abandoned", ("queued 0", "left 9 reason=no_agents"), 99, "kept 9"),
    "pressed a key": ("abandoned", ("queued 0", "left 9 reason=key"), 99, "kept 9"),
    "withdrawn": ("abandoned", ("queued 0", "left 9 reason=withdrawn"), 99, "kept 9"),
    "took a call back": ("abandoned", ("queued 0", "left 9 reason=callback"), 99, "kept 9"),
    "left a message": ("abandoned", ("queued 0", "voicemail 9"), 99, "kept 9"),
    "timed out and left a message is decided once": (
        "abandoned", ("queued 0", "left 9 reason=timeout", "voicemail 10"), 99, "kept 9",
    ),
    "the phone system stopped": ("abandoned", ("queued 0", "left 9 reason=restart", "ended 9"), 99, ""),
    "still waiting is not decided": ("abandoned", ("queued 0",), 99, ""),
    "sight lost is not decided": ("abandoned", ("queued 0", "lost 9"), 99, ""),
    "gave up in a second queue after a talk: each visit stands for itself": (
        "abandoned", ("queued 0", "answered 9", "transferred 50 how=blind into_queue", "queued 51", "left 80"), 99,
        "kept 9, breached 80",
    ),
    "left a second queue at once after a talk": (
        "abandoned", ("queued 0", "answered 9", "transferred 50 how=blind into_queue", "queued 51", "left 55.999999"), 99,
        "kept 9",
    ),
    "hung up after a talk: no visit runs": ("abandoned", ("queued 0", "answered 9", "held 20", "left 80"), 99, "kept 9"),
    "answered in a second queue after a talk": (
        "abandoned", ("queued 0", "answered 9", "transferred 50 how=blind into_queue", "queued 51", "answered 80"), 99,
        "kept 9, kept 80",
    ),
    # turned_away: the caller never got in
    "turned away": ("turned_away", ("turned_away 0 reason=full", "ended 3"), 99, "breached 0"),
    "turned away, nobody says why": ("turned_away", ("turned_away 0",), 99, "breached 0"),
    "got in": ("turned_away", ("queued 0", "answered 9"), 99, "kept 9"),
    "got in and left at once": ("turned_away", ("queued 0", "left 2"), 99, "kept 2"),
    "got in and still waits": ("turned_away", ("queued 0",), 99, ""),
    "got in, then sight was lost": ("turned_away", ("queued 0", "lost 9"), 99, ""),
    "turned away, then answered by a phone": (
        "turned_away", ("turned_away 0 reason=no_agents", "ringing 1", "answered 5"), 99, "kept 5, breached 0",
    ),
    "turned away, then left a message: decided once": (
        "turned_away", ("turned_away 0 reason=closed", "voicemail 5", "ended 20"), 99, "breached 0",
    ),
    "tried twice in one call": (
        "turned_away", ("turned_away 0 reason=full", "turned_away 30 reason=full", "queued 60", "answered 70"), 99,
        "kept 70, breached 0, breached 30",
    ),
    "turned away is not given up": ("abandoned", ("turned_away 0 reason=full", "ended 9"), 99, ""),
    "turned away, told as left too, is not given up": ("abandoned", ("turned_away 0 reason=full", "left 9"), 99, ""),
    # missed_callback: 4 h, here around the clock, from 10 s on
    "called back after exactly 4 h": (
        "missed_callback", ("queued 0", "left 10", "called_out 14410 answered=yes"), 99999, "kept 14410",
    ),
    "called back a microsecond later": (
        "missed_callback", ("queued 0", "left 10", "called_out 14410.000001 answered=yes"), 99999, "breached 14410.000001",
    ),
    "reached otherwise": ("missed_callback", ("queued 0", "left 10", "reached 500"), 99999, "kept 500"),
    "a call in vain is no call back": (
        "missed_callback", ("queued 0", "left 10", "called_out 500 answered=no"), 14410.000001, "breached 14410.000001",
    ),
    "not yet called back": ("missed_callback", ("queued 0", "left 10"), 14410, "open"),
    "a misdialled call asks for nothing": ("missed_callback", ("queued 0", "left 4.999999"), 99999, ""),
    "the same call was answered after all": (
        "missed_callback", ("queued 0", "left 10 reason=timeout", "ringing 11", "answered 12"), 99999, "void",
    ),
    "the same call was answered at another place": (
        "missed_callback", ("queued 0", "left 10 reason=timeout", "reached 40 reason=same_call"), 99999, "void",
    ),
    "the promised call back": ("missed_callback", ("queued 0", "left 10 reason=callback"), 99999, "breached 14410.000001"),
    "a message on the machine": ("missed_callback", ("queued 0", "voicemail 10"), 99999, "breached 14410.000001"),
    "sent away by a restart": ("missed_callback", ("queued 0", "left 10 reason=restart"), 99999, "breached 14410.000001"),
    "found the queue full": ("missed_callback", ("turned_away 10 reason=full",), 99999, "breached 14410.000001"),
    "found nobody there": ("missed_callback", ("turned_away 10 reason=no_agents",), 99999, "breached 14410.000001"),
    "was told that we are closed": ("missed_callback", ("turned_away 10 reason=closed", "ended 20"), 99999, ""),
    "turned away and served by the next queue": (
        "missed_callback", ("turned_away 10 reason=full", "reached 40 reason=same_call"), 99999, "void",
    ),
    "who pressed a key got what they wanted": ("missed_callback", ("queued 0", "left 10 reason=key"), 99999, ""),
    "who was answered is owed nothing": ("missed_callback", ("queued 0", "answered 10", "ended 20"), 99999, ""),
    "who was answered and gave up a second queue is owed a call by that one": (
        "missed_callback", ("queued 0", "answered 10", "transferred 50 how=blind", "queued 51", "left 80"), 99999,
        "breached 14480.000001",
    ),
    "who was answered and left a message later is owed nothing": (
        "missed_callback", ("queued 0", "answered 10", "transferred 50 how=blind", "voicemail 60"), 99999, "",
    ),
    # handed_on: more than once, or blind into a queue
    "not handed on": ("handed_on", ("answered 0", "ended 60"), 99, "kept 60"),
    "handed on once": ("handed_on", ("answered 0", "transferred 30 how=consult", "ended 60"), 99, "kept 60"),
    "handed on twice": (
        "handed_on", ("answered 0", "transferred 30 how=consult", "transferred 40 how=blind", "ended 60"), 99, "breached 40",
    ),
    "handed on three times is one signal": (
        "handed_on", ("answered 0", "transferred 30", "transferred 40", "transferred 50", "ended 60"), 99, "breached 40",
    ),
    "blind into a queue": (
        "handed_on", ("answered 0", "transferred 30 how=blind into_queue", "ended 60"), 99, "breached 30",
    ),
    "with a word into a queue": (
        "handed_on", ("answered 0", "transferred 30 how=consult into_queue", "ended 60"), 99, "kept 60",
    ),
    "the talk goes on": ("handed_on", ("answered 0", "transferred 30 how=consult"), 99, ""),
    "never answered, never handed on": ("handed_on", ("queued 0", "left 30", "ended 30"), 99, ""),
    "a call of ours is not assessed": (
        "handed_on", ("called_out 0 answered=yes", "transferred 30", "transferred 40", "ended 60"), 99, "",
    ),
    # slipped_promise, from a phone note
    "a promise made on the phone": ("slipped_promise", ("answered 0", "promised 60 due=600"), 601, "breached 600.000001"),
}  # fmt: skip


@pytest.mark.parametrize(("signal", "lines", "look", "held"), CASES.values(), ids=CASES.keys())
def test_calls_are_held_against_the_default_policy(signal: str, lines: tuple[str, ...], look: float, held: str) -> None:
    assert verdicts(judged(call(*lines), str(look)), signal) == expected(held)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("queued 0", "answered 20"), ["answered in"]),
        (("queued 0", "answered 20.000001"), ["answered late"]),
        (("queued 0", "ringing 1", "answered 15"), ["answered in"]),  # late for the rings; the queue is what counts
        (("ringing 0", "queued 1", "answered 21"), ["answered in"]),  # 20 s in the queue
        (("ringing 0", "queued 1", "answered 21.000001"), ["answered late"]),
        (("ringing 0", "answered 11.999999"), ["answered in"]),
        (("ringing 0", "answered 12"), ["answered late"]),
        (("queued 0", "left 20"), ["abandoned in"]),
        (("queued 0", "left 20.000001"), ["abandoned late"]),
        (("queued 0", "left 4.999999"), ["short_abandoned in"]),
        (("queued 0", "left 9 reason=timeout"), ["flowed_out in"]),
        (("queued 0", "left 30 reason=no_agents"), ["flowed_out late"]),
        (("queued 0", "left 9 reason=restart", "ended 9"), ["flowed_out in"]),
        (("queued 0", "left 9 reason=callback"), ["callback in"]),
        (("queued 0", "left 9 reason=timeout", "voicemail 10", "ended 30"), ["flowed_out in"]),
        (("queued 0", "left 9 reason=timeout", "queued 10", "answered 31"), ["flowed_out in", "answered late"]),
        (("queued 0", "lost 9"), []),
        (("queued 0",), []),
        (("called_out 0 answered=yes", "ended 9"), []),
    ],
)
def test_outcomes_are_the_parts_of_every_service_level(lines: tuple[str, ...], told: list[str]) -> None:
    assert outcomes(judged(call(*lines), "99")) == told


def test_service_level_d_is_one_minus_signals_over_assessed() -> None:
    """7 answered in 20 s, 1 later, 1 gave up early (neutral), 1 gave up late: SL-D = 7 / (8 + 2 - 1) = 7/9."""
    day = [("queued 0", "answered 10")] * 7 + [("queued 0", "answered 30"), ("queued 0", "left 8"), ("queued 0", "left 40")]
    states = [state for lines in day for state, _ in verdicts(judged(call(*lines), "99"), "long_wait")]
    assert (states.count("kept"), states.count("breached"), states.count("void")) == (7, 2, 1)


@pytest.mark.parametrize(
    ("lines", "rings"),
    [
        (("ringing 0", "answered 0"), 1),
        (("ringing 0", "answered 2.999999"), 1),
        (("ringing 0", "answered 3"), 2),
        (("ringing 0", "left 11.999999"), 4),
        (("ringing 0", "left 12"), 5),
    ],
)
def test_rings_heard_are_measured_however_the_ringing_ended(lines: tuple[str, ...], rings: int) -> None:
    measured = judged(call(*lines), "99").measured
    assert [each.rings for each in measured if each.wait == "ring"] == [rings]


def test_each_wait_is_measured_when_it_has_ended_and_only_then() -> None:
    lines = ("queued 0", "ringing 2", "answered 9", "held 30")
    measured = {(each.wait, each.seconds) for each in judged(call(*lines), "99").measured}
    assert measured == {("queue", 9.0), ("ring", 7.0)}


def test_a_wait_out_of_sight_is_not_measured() -> None:
    assert judged(call("queued 0", "ringing 2", "lost 9"), "99").measured == ()


@pytest.mark.parametrize(
    ("lines", "look", "deadline", "running"),
    [
        (("queued 0", "ringing 2"), "3", "14", {"queue": False, "ring": False}),
        (("queued 0", "ringing 2"), "13.999999", "14", {"queue": False, "ring": False}),
        (("queued 0", "ringing 2"), "14", "20.000001", {"queue": False, "ring": True}),
        (("queued 0", "ringing 2"), "20.000001", None, {"queue": True, "ring": True}),
        (("answered 0", "held 10"), "20", "130", {"hold": False}),
        (("queued 0", "left 10"), "20", "14410.000001", {"callback": False}),
        (("queued 0", "answered 10"), "20", None, {}),
    ],
)
def test_the_deadline_is_the_next_limit_to_fall(
    lines: tuple[str, ...], look: str, deadline: str | None, running: dict[str, bool]
) -> None:
    judgement = judged(call(*lines), look)
    assert judgement.deadline == (None if deadline is None else at(deadline))
    assert {each.wait: each.overdue for each in judgement.running} == running


def test_the_due_moment_shown_is_the_last_good_one_or_the_fifth_ring_itself() -> None:
    due = {each.wait: each.due_at for each in judged(call("queued 0", "ringing 2"), "3").running}
    assert due == {"queue": at("20"), "ring": at("14")}


def test_before_its_time_a_contact_is_judged_by_what_has_ended() -> None:
    """A source that was never read completely has its watermark in 1970."""
    lines = ("queued 0", "ringing 2", "answered 30", "held 40", "unheld 200", "held 300")
    judgement = judged(call(*lines), "-1793610000")
    assert judgement.deadline == at("420")
    assert verdicts(judgement, "long_wait") == expected("breached 20.000001")
    assert verdicts(judgement, "slow_answer") == expected("breached 14")
    assert verdicts(judgement, "long_hold") == expected("breached 160, open")
    contact, rules = folded(call(*lines)), policy("phone")
    told = [
        reported_seconds(each, contact, rules, at("-1793610000")) for each in judgement.verdicts if each.signal == "long_hold"
    ]
    assert told == [(160.0, 120.0), (0.0, 120.0)]


@pytest.mark.parametrize(
    ("left", "called", "held"),
    [
        ("mon@16:30", "tue@12:00", "kept tue@12:00"),  # 1 h on Monday, 3 h on Tuesday
        ("mon@16:30", "tue@12:00:00.000001", "breached tue@12:00:00.000001"),
        ("mon@13:30", "mon@17:30", "kept mon@17:30"),  # due at closing
        ("mon@13:30", "mon@17:31", "kept mon@17:31"),  # closed: still exactly 4 h
        ("mon@13:30", "tue@09:00:00.000001", "breached tue@09:00:00.000001"),
        ("sat@11:00", "mon+1@13:00", "kept mon+1@13:00"),  # outside hours: from opening
    ],
)
def test_a_call_back_is_owed_within_opening_hours(left: str, called: str, held: str) -> None:
    lines = (f"left {left} reason=no_agents", f"called_out {called} answered=yes")
    assert verdicts(judged(call(*lines), "mon+1@17:00", policy("phone", hours=True)), "missed_callback") == expected(held)


def test_phone_waits_run_around_the_clock_unless_told_otherwise() -> None:
    night = call("queued mon@20:00", "answered mon@20:01")
    assert verdicts(judged(night, "tue@10:00", policy("phone", hours=True)), "long_wait") == expected(
        "breached mon@20:00:20.000001"
    )
    told = policy("phone", hours=True, long_wait={"clock": "calendar"}, slow_answer={"clock": "calendar"})
    assert verdicts(judged(night, "tue@10:00", told), "long_wait") == expected("kept mon@20:01")
    ringing = call("ringing mon@20:00")
    assert judged(ringing, "tue@09:00", told).deadline == at("tue@09:00:12")


@pytest.mark.parametrize(
    ("country", "breach"), [("GB", "12"), ("DE", "20"), ("US", "24"), ("ES", "18")]
)  # 4 rings of 3, 5, 6 and 4.5 s
def test_the_fifth_ring_is_the_callers(country: str, breach: str) -> None:
    rules = replace(policy("phone"), ring_period=ring_period(country))
    assert judged(call("ringing 0"), "0", rules).deadline == at(breach)


def test_a_signal_that_is_switched_off_is_not_held_but_its_wait_is_still_shown() -> None:
    judgement = judged(call("queued 0"), "60", policy("phone", long_wait=False))
    assert verdicts(judgement, "long_wait") == []
    assert [(each.wait, each.overdue, each.due_at) for each in judgement.running] == [("queue", False, None)]


@pytest.mark.parametrize(
    ("signal", "change", "lines", "held"),
    [
        ("slow_answer", {"rings": 3}, ("ringing 0", "answered 6"), "breached 6"),
        ("slow_answer", {"rings": 3}, ("ringing 0", "answered 5.999999"), "kept 5.999999"),
        ("slow_answer", {"rings": 1}, ("ringing 0", "answered 0"), "breached 0"),
        ("long_wait", {"after": "30s"}, ("queued 0", "answered 30"), "kept 30"),
        ("long_hold", {"after": "60s"}, ("answered 0", "held 0", "unheld 60"), "breached 60"),
        ("abandoned", {"ignore_under": "10s"}, ("queued 0", "left 9.999999"), ""),
        ("abandoned", {"ignore_under": "10s"}, ("queued 0", "left 10"), "breached 10"),
        ("abandoned", {"ignore_under": "0s"}, ("queued 0", "left 0"), "breached 0"),
        ("handed_on", {"times": 0}, ("answered 0", "transferred 5"), "breached 5"),
        ("handed_on", {"times": 2}, ("answered 0", "transferred 5", "transferred 6", "ended 9"), "kept 9"),
    ],
)
def test_every_limit_can_be_changed(signal: str, change: dict[str, object], lines: tuple[str, ...], held: str) -> None:
    assert verdicts(judged(call(*lines), "99", policy("phone", **{signal: change})), signal) == expected(held)


OVERFLOW = ("queued 0", "left 15 reason=timeout", "queued 15.5")


@pytest.mark.parametrize(
    ("lines", "look", "expected_"),
    [
        (("queued 0", "answered 20"), "99", "kept 20"),
        ((*OVERFLOW, "answered 20"), "99", "void, kept 20"),
        ((*OVERFLOW, "answered 20.000001"), "99", "void, breached 20.000001"),
        (OVERFLOW, "20", "void, open"),
        (OVERFLOW, "20.000001", "void, breached 20.000001"),
        ((*OVERFLOW, "left 19"), "99", "void, void"),
        ((*OVERFLOW, "left 17 reason=timeout", "queued 18", "answered 21"), "99", "void, void, breached 20.000001"),
        # the limit was over before this queue: it falls as the caller enters, even where nobody waits here any more
        (("queued 0", "left 24 reason=timeout", "queued 25", "answered 25"), "99", "breached 20.000001, breached 25"),
        (("queued 0", "left 25 reason=timeout", "queued 26"), "26", "breached 20.000001, breached 26"),
        # the source knows of a queue that is another contact point
        (("queued 15 since=0", "answered 20"), "99", "kept 20"),
        (("queued 15 since=0", "answered 20.000001"), "99", "breached 20.000001"),
        (("queued 40 since=0", "answered 41"), "99", "breached 40"),
        (("queued 15 since=0", "left 17 reason=timeout", "queued 18", "answered 21"), "99", "void, breached 20.000001"),
        # whom somebody answered, and whom we lost sight of, begins anew
        (("queued 0", "answered 5", "transferred 50 how=blind", "queued 51", "answered 71"), "99", "kept 5, kept 71"),
        (("queued 0", "lost 10", "queued 30", "answered 50"), "99", "void, kept 50"),
    ],
)
def test_the_clock_of_an_overflow_may_go_on_from_the_first_queue(lines: tuple[str, ...], look: str, expected_: str) -> None:
    rules = policy("phone", long_wait={"after": "20s", "clock_from": "call"})
    assert verdicts(judged(call(*lines), look, rules), "long_wait") == expected(expected_)


@pytest.mark.parametrize(("clock_from", "seconds"), [("queue", (15.0, 4.5)), ("call", (15.0, 20.0))])
def test_how_long_a_wait_was_follows_the_same_clock(clock_from: str, seconds: tuple[float, ...]) -> None:
    rules = policy("phone", long_wait={"clock_from": clock_from})
    judgement = judged(call(*OVERFLOW, "answered 20"), "99", rules)
    assert tuple(each.seconds for each in judgement.measured if each.wait == "queue") == seconds


def test_a_running_wait_shows_when_its_clock_began_and_when_it_falls() -> None:
    rules = policy("phone", long_wait={"clock_from": "call"})
    [queue] = [each for each in judged(call(*OVERFLOW), "16", rules).running if each.wait == "queue"]
    assert (queue.since, queue.due_at, queue.overdue) == (at("0"), at("20"), False)
    judgement = judged(call(*OVERFLOW), "16", rules)
    assert judgement.deadline == at("20.000001")


@pytest.mark.parametrize(
    "signal", ["slow_answer", "long_wait", "long_hold", "turned_away", "abandoned", "missed_callback", "handed_on"]
)
def test_a_signal_that_is_switched_off_has_no_verdict_and_changes_no_other(signal: str) -> None:
    seen = set()
    for events in (
        call("queued 0", "ringing 2", "answered 25", "held 30", "unheld 200", "transferred 210", "transferred 220", "ended 230"),
        call("queued 0", "ringing 2", "left 30"),
    ):
        every = judged(events, "99999").verdicts
        seen |= {each.signal for each in every}
        without = judged(events, "99999", policy("phone", **{signal: False})).verdicts
        assert without == tuple(each for each in every if each.signal != signal)
    assert signal in seen


def test_the_moment_shown_of_a_breach_is_its_limit_and_of_anything_else_when_it_fell() -> None:
    """A queue's limit of 20 s is broken a microsecond later; the fifth ring is one as it begins, 12 s after the first."""
    judgement = judged(call("queued 0", "ringing 2", "left 30"), "60")
    assert {each.signal: fell_at(each) for each in judgement.verdicts if each.state == "breached"} == {
        "long_wait": at("20"), "slow_answer": at("14"), "abandoned": at("30"),
    }  # fmt: skip
    [kept] = [each for each in judged(call("queued 0", "answered 7"), "7").verdicts if each.signal == "long_wait"]
    assert fell_at(kept) == at("7")


def test_the_seconds_shown_beside_each_signal() -> None:
    """Waits show theirs and their limit, an abandon how long the caller stayed, moves nothing."""
    left = call("queued 0", "ringing 2", "left 30")
    moved = call("queued 0", "answered 25", "transferred 40", "transferred 50")
    rules = policy("phone")
    shown = {
        each.signal: reported_seconds(each, folded(events), rules, at("60"))
        for events in (left, moved)
        for each in judged(events, "60", rules).verdicts
        if each.state == "breached"
    }
    assert shown == {
        "long_wait": (25.0, 20.0), "slow_answer": (28.0, 12.0), "abandoned": (30.0, None), "handed_on": (None, None),
    }  # fmt: skip


def test_an_anonymous_caller_is_owed_no_call() -> None:
    assert verdicts(judged(call("queued 0", "left 10"), "99999", reachable=False), "missed_callback") == []


@pytest.mark.parametrize("channel", ["chat", "counter"])
def test_chat_and_counter_know_the_queue_and_the_abandon(channel: str) -> None:
    lines = ("queued 0", "left 30")
    judgement = judged(lines_of(channel, *lines), "99999")
    assert {each.signal: each.state for each in judgement.verdicts} == {"long_wait": "breached", "abandoned": "breached"}
    assert outcomes(judgement) == ["abandoned late"]


def test_a_channel_shows_only_what_it_knows() -> None:
    """Labels are bounded: a chat has no rings, holds or resolutions, an e-mail no visits."""
    strange = ("queued 0", "ringing 1", "left 30", "received 31", "resolved 40", "voicemail 50")
    assert outcomes(judged(chat(*strange), "99")) == ["abandoned late"]
    assert outcomes(judged(lines_of("email", *strange), "99")) == ["resolved in"]
    assert {each.wait for each in judged(chat(*strange), "99").measured} == {"queue", "reply"}
