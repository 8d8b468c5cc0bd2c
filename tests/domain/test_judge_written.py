"""What is held of written contacts in office hours: Monday to Friday 09:00-17:30 in London, 8.5 hours a day."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.domain.event import Channel
from monitor.domain.judge import reported_seconds
from monitor.domain.limits import limit_seconds, waited_seconds
from tests.domain.contact_lines import at, email, expected, folded, judged, lines_of, outcomes, policy, ticket, verdicts

REPLIES = [
    # (asked, answered, held) of late_reply: 4 opening hours
    ("mon@09:30", "mon@13:29:59.999999", "kept mon@13:29:59.999999"),
    ("mon@09:30", "mon@13:30", "kept mon@13:30"),
    ("mon@09:30", "mon@13:30:00.000001", "breached mon@13:30:00.000001"),
    ("mon@13:30", "mon@17:30", "kept mon@17:30"),  # due exactly at closing
    ("mon@13:30", "mon@17:30:00.000001", "kept mon@17:30:00.000001"),  # closed: not a moment more of opening hours
    ("mon@13:30:01", "tue@09:00:01", "kept tue@09:00:01"),
    ("mon@16:30", "tue@12:00", "kept tue@12:00"),  # 1 h on Monday, 3 h on Tuesday
    ("mon@16:30", "tue@12:00:00.000001", "breached tue@12:00:00.000001"),
    ("fri@16:30", "mon+1@12:00", "kept mon+1@12:00"),  # over the weekend
    ("sat@11:00", "mon+1@13:00", "kept mon+1@13:00"),  # outside hours: from opening
    ("sat@11:00", "mon+1@13:00:00.000001", "breached mon+1@13:00:00.000001"),
    ("mon@18:00", "mon@19:00", "kept mon@19:00"),  # answered at night
    ("mon@07:00", "mon@13:00", "kept mon@13:00"),
    ("mon@17:30", "tue@13:00", "kept tue@13:00"),  # came at the closing instant: the next day
]


@pytest.mark.parametrize("channel", ["email", "ticket", "chat"])
@pytest.mark.parametrize(("asked", "answered", "held"), REPLIES)
def test_the_first_human_reply_is_due_in_four_opening_hours(channel: Channel, asked: str, answered: str, held: str) -> None:
    events = lines_of(channel, f"received {asked}", f"replied {answered}")
    judgement = judged(events, "mon+2@09:00", policy(channel, hours=True))
    assert verdicts(judgement, "late_reply") == expected(held)
    replied = [told for told in outcomes(judgement) if told.startswith("replied")]
    assert replied == ["replied in" if held.startswith("kept") else "replied late"]


@pytest.mark.parametrize(
    ("asked", "look", "held"),
    [
        ("mon@09:30", "mon@13:30", "open"),
        ("mon@09:30", "mon@13:30:00.000001", "breached mon@13:30:00.000001"),
        ("mon@13:30", "mon@17:30", "open"),
        ("mon@13:30", "mon@23:00", "open"),
        ("mon@16:30", "tue@11:59", "open"),
    ],
)
def test_an_unanswered_mail_is_a_signal_as_soon_as_its_limit_passes(asked: str, look: str, held: str) -> None:
    judgement = judged(email(f"received {asked}"), look, policy("email", hours=True))
    assert verdicts(judgement, "late_reply") == expected(held)
    assert outcomes(judgement) == []


@pytest.mark.parametrize(
    ("lines", "held"),
    [
        (("received tue@09:00", "replied tue@17:00"), "kept tue@17:00"),  # 8 opening hours
        (("received tue@09:00", "replied tue@17:00:00.000001"), "breached tue@17:00:00.000001"),
        (("received tue@09:00", "received tue@16:00", "replied tue@17:01"), "breached tue@17:00:00.000001"),
        (("received tue@09:00 courtesy",), ""),
        (("received tue@09:00 courtesy", "received tue@10:00", "replied wed@09:30"), "kept wed@09:30"),  # 7.5 h, 0.5 h
        (("received tue@09:00", "auto_replied tue@09:01", "noted tue@10:00"), "breached tue@17:00:00.000001"),
        (("received tue@09:00", "replied tue@10:00", "received tue@11:00"), "kept tue@10:00, breached wed@10:30:00.000001"),
        (("received tue@09:00", "resolved tue@10:00"), "kept tue@10:00"),
    ],
)
def test_later_messages_are_follow_ups_due_in_eight_opening_hours(lines: tuple[str, ...], held: str) -> None:
    events = email("received mon@09:00", "replied mon@09:30", *lines)
    assert verdicts(judged(events, "fri@09:00", policy("email", hours=True)), "late_follow_up") == expected(held)


def test_without_a_calendar_written_waits_run_around_the_clock() -> None:
    events = email("received fri@16:30", "replied fri@20:30:00.000001")
    assert verdicts(judged(events, "sat@09:00"), "late_reply") == expected("breached fri@20:30:00.000001")


RESOLUTIONS = {
    # three whole opening days; the day of arrival counts if it came before it opened
    "at opening, the day counts": (("received mon@09:00", "resolved wed@17:30"), "kept wed@17:30"),
    "a microsecond after closing": (
        ("received mon@09:00", "resolved wed@17:30:00.000001"),
        "breached wed@17:30:00.000001",
    ),
    "a microsecond after opening, the day does not count": (
        ("received mon@09:00:00.000001", "resolved thu@17:30"),
        "kept thu@17:30",
    ),
    "over the weekend": (("received fri@12:00", "resolved wed+1@17:30"), "kept wed+1@17:30"),
    "a pause of 2 h": (
        ("received mon@09:00", "pending tue@09:00", "resumed tue@11:00", "resolved thu@11:00"),
        "kept thu@11:00",
    ),
    "a pause of 2 h, and a microsecond": (
        ("received mon@09:00", "pending tue@09:00", "resumed tue@11:00", "resolved thu@11:00:00.000001"),
        "breached thu@11:00:00.000001",
    ),
    "a pause ended by the customer's answer": (
        ("received mon@09:00", "replied mon@10:00", "pending tue@09:00", "received tue@11:00", "resolved thu@11:00"),
        "kept thu@11:00",
    ),
    "a pause outside hours is none": (
        ("received mon@09:00", "pending mon@18:00", "resumed tue@08:00", "resolved wed@17:31"),
        "breached wed@17:30:00.000001",
    ),
    "the clock stands still": (("received mon@09:00", "pending tue@09:00"), "open"),
    "resolved while the clock stood still": (
        ("received mon@09:00", "pending tue@09:00", "resolved fri@09:00"),
        "kept fri@09:00",
    ),
    "a pause after the limit rescues nothing": (
        ("received mon@09:00", "pending thu@10:00"),
        "breached wed@17:30:00.000001",
    ),
    "nor one that begins with the closing": (
        ("received mon@09:00", "pending wed@17:30", "resumed fri@10:00", "resolved fri@10:30"),
        "breached wed@17:30:00.000001",
    ),
    "nor once it is over": (
        ("received mon@09:00", "pending thu@10:00", "resumed fri@10:00", "resolved fri@10:30"),
        "breached wed@17:30:00.000001",
    ),
    "a pause from before the limit to after it": (
        ("received mon@09:00", "pending wed@16:30", "resumed thu@10:00", "resolved thu@11:00"),
        "kept thu@11:00",
    ),
    "and a second one that began before the moved limit": (
        (
            "received mon@09:00", "pending wed@16:30", "resumed thu@10:00",
            "pending thu@10:30", "resumed thu@11:30", "resolved thu@12:01",
        ),
        "breached thu@12:00:00.000001",
    ),
    "each cycle after reopening has its own limit and its own pauses": (
        (
            "received mon@09:00", "pending tue@09:00", "resumed tue@11:00", "resolved wed@12:00",
            "reopened fri@09:00", "resolved tue+1@17:31",
        ),
        "kept wed@12:00, breached tue+1@17:30:00.000001",
    ),
    "never resolved": (("received mon@09:00", "replied mon@10:00"), "breached wed@17:30:00.000001"),
    "out of sight": (("received mon@09:00", "lost tue@09:00"), "void"),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "held"), RESOLUTIONS.values(), ids=RESOLUTIONS.keys())
def test_a_ticket_is_to_be_resolved_in_three_opening_days(lines: tuple[str, ...], held: str) -> None:
    judgement = judged(ticket(*lines), "fri+1@09:00", policy("ticket", hours=True))
    assert verdicts(judgement, "late_resolution") == expected(held)


@pytest.mark.parametrize(
    ("lines", "held"),
    [
        # 1 h used by 10:00; 3 h left from 15:00: 2.5 on Monday, half an hour on Tuesday
        (("pending mon@10:00", "resumed mon@15:00", "resolved tue@09:30"), "kept tue@09:30"),
        (("pending mon@10:00", "resumed mon@15:00", "resolved tue@09:30:00.000001"), "breached tue@09:30:00.000001"),
        (("pending mon@13:00:00.000001", "resumed tue@15:00"), "breached mon@13:00:00.000001"),
        (("pending mon@10:00", "resumed mon@11:00", "pending mon@12:00", "resumed mon@13:00"), "breached mon@15:00:00.000001"),
        (("pending mon@10:00", "resumed mon@11:00", "pending mon@12:00"), "open"),
        # used up as it is paused: passed when the clock runs on, not while it stands still
        (("pending mon@13:00", "resolved tue@10:00"), "kept tue@10:00"),
        (("pending mon@13:00", "resumed mon@15:00", "resolved mon@15:00"), "kept mon@15:00"),
        (("pending mon@13:00", "resumed mon@15:00", "resolved mon@15:30"), "breached mon@15:00:00.000001"),
        (("pending mon@13:00",), "open"),
        (("pending mon@09:00", "resumed mon@10:00"), "breached mon@14:00:00.000001"),  # paused from the beginning
    ],
)
def test_a_limit_in_opening_hours_takes_pauses_out(lines: tuple[str, ...], held: str) -> None:
    rules = policy("ticket", hours=True, late_resolution={"after": "4h"})
    assert verdicts(judged(ticket("received mon@09:00", *lines), "thu@09:00", rules), "late_resolution") == expected(held)


def test_while_its_clock_stands_still_a_wait_has_no_deadline_and_is_not_overdue() -> None:
    judgement = judged(
        ticket("received mon@09:00", "replied mon@10:00", "pending tue@09:00"), "thu@09:00", policy("ticket", hours=True)
    )
    (running,) = judgement.running
    assert (running.wait, running.due_at, running.overdue, judgement.deadline) == ("resolution", None, False, None)


def test_how_long_a_ticket_took_is_told_in_opening_hours_without_the_pauses() -> None:
    """Monday 8.5 h, Tuesday 8.5 h less a pause of 2 h, Wednesday 3 h: 18 h."""
    lines = ("received mon@09:00", "replied mon@09:00", "pending tue@09:00", "resumed tue@11:00", "resolved wed@12:00")
    measured = {each.wait: each.seconds for each in judged(ticket(*lines), "fri@09:00", policy("ticket", hours=True)).measured}
    assert measured == {"reply": 0.0, "resolution": 18 * 3600.0}


PROMISES = {
    "kept at the very moment": (("promised 0 due=60", "fulfilled 60"), "kept 60"),
    "kept a microsecond late": (("promised 0 due=60", "fulfilled 60.000001"), "breached 60.000001"),
    "not yet due": (("promised 0 due=99",), "open"),
    "passed": (("promised 0 due=60",), "breached 60.000001"),
    "a moved due date does not rescue the first": (("promised 0 due=60", "promised 50 due=95"), "breached 60.000001, open"),
    "resolved in time": (("promised 0 due=60", "resolved 30"), "kept 30"),
    "a promise for a moment that was over when it was made": (("promised 50 due=20",), "breached 50.000001"),
}


@pytest.mark.parametrize(("lines", "held"), PROMISES.values(), ids=PROMISES.keys())
def test_promises_are_to_be_kept_by_their_moment(lines: tuple[str, ...], held: str) -> None:
    assert verdicts(judged(email(*lines), "90"), "slipped_promise") == expected(held)


def test_grace_moves_the_moment() -> None:
    rules = policy("email", slipped_promise={"grace": "10s"})
    assert verdicts(judged(email("promised 0 due=60", "fulfilled 70"), "90", rules), "slipped_promise") == expected("kept 70")
    assert verdicts(judged(email("promised 0 due=60"), "90", rules), "slipped_promise") == expected("breached 70.000001")


MARKS = {
    "solved": ("reopened", ("received 0", "resolved 10"), "kept 10"),
    "solved, and the customer came back": ("reopened", ("received 0", "resolved 10", "received 20"), "breached 20"),
    "thanks for the solution": ("reopened", ("received 0", "replied 9", "resolved 10", "received 20 courtesy"), "kept 10"),
    "each resolution by itself": (
        "reopened", ("received 0", "resolved 10", "received 20", "resolved 30"), "breached 20, kept 30",
    ),
    "not solved yet": ("reopened", ("received 0",), ""),
    "two changes of owner are still good": (
        "passed_around", ("assigned 0 to=a", "assigned 1 to=b", "assigned 2 to=c", "resolved 9"), "kept 9",
    ),
    "three are too many": (
        "passed_around", ("assigned 0 to=a", "assigned 1 to=b", "assigned 2 to=c", "assigned 3 to=a", "resolved 9"), "breached 3",
    ),
    "so are three while it is open": (
        "passed_around", ("assigned 0 to=a", "assigned 1 to=b", "assigned 2 to=c", "assigned 3 to=a"), "breached 3",
    ),
    "four are one signal": (
        "passed_around", ("assigned 0 to=a", "assigned 1 to=b", "assigned 2 to=c", "assigned 3 to=a", "assigned 4 to=b"),
        "breached 3",
    ),
    "solved twice, and not passed around the first time": (
        "passed_around", ("assigned 0 to=a", "resolved 9", "reopened 20", "resolved 30"), "kept 9",
    ),
    "open, and not passed around yet": ("passed_around", ("assigned 0 to=a", "assigned 1 to=b"), ""),
    "escalated": ("escalated", ("received 0", "prioritised 5 raised=yes"), "breached 5"),
    "escalated twice is one signal": ("escalated", ("escalated 5", "prioritised 6 raised=yes", "resolved 9"), "breached 5"),
    "never escalated": ("escalated", ("received 0", "prioritised 5 raised=no", "resolved 9"), "kept 9"),
    "may still be escalated": ("escalated", ("received 0",), ""),
}  # fmt: skip


@pytest.mark.parametrize(("signal", "lines", "held"), MARKS.values(), ids=MARKS.keys())
def test_marks_of_tickets(signal: str, lines: tuple[str, ...], held: str) -> None:
    assert verdicts(judged(ticket(*lines), "90"), signal) == expected(held)


# Complaint of Monday 2 November 2026. Finance, energy, unknown: 8 weeks, the end of Monday 28 December; telecoms: 6 weeks,
# the end of Monday 14 December. Seven days before: 22 December 00:00 and 8 December 00:00.
@pytest.mark.parametrize(
    ("sector", "look", "held"),
    [
        (" sector=finance", "tue+7@00:00", "open"),
        (" sector=finance", "tue+7@00:00:00.000001", "breached tue+7@00:00:00.000001"),
        ("", "tue+7@00:00:00.000001", "breached tue+7@00:00:00.000001"),
        (" sector=telecoms", "tue+5@00:00", "open"),
        (" sector=telecoms", "tue+5@00:00:00.000001", "breached tue+5@00:00:00.000001"),
    ],
)
def test_a_complaint_nears_the_deadline_of_its_sector(sector: str, look: str, held: str) -> None:
    events = ticket("received mon@10:00", f"complained mon@10:00{sector}", "replied mon@11:00")
    assert verdicts(judged(events, look), "complaint_overdue") == expected(held)


def test_the_warning_before_the_deadline_can_be_changed() -> None:
    events = ticket("complained mon@10:00 sector=finance", "resolved mon+8@12:00")  # 28 December, the last day
    assert verdicts(judged(events, "fri+8@09:00", policy("ticket", complaint_overdue={"warn": "0s"})), "complaint_overdue") == (
        expected("kept mon+8@12:00")
    )
    assert verdicts(judged(events, "fri+8@09:00"), "complaint_overdue") == expected("breached tue+7@00:00:00.000001")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("received mon@09:00", "replied mon@10:00", "resolved mon@11:00"), ["replied in", "resolved in"]),
        (("received mon@09:00", "replied mon@13:01", "resolved mon@14:00"), ["replied late", "resolved in"]),
        (("received mon@09:00", "resolved mon@11:00"), ["resolved in"]),  # solved without a word
        (("received mon@09:00", "replied mon@10:00", "resolved thu@09:00"), ["replied in", "resolved late"]),
        (
            ("received mon@09:00", "replied mon@10:00", "received mon@11:00", "replied mon@12:00", "resolved mon@12:00"),
            ["replied in", "replied in", "resolved in"],  # answered and solved in one go
        ),
        (
            ("received mon@09:00", "resolved mon@10:00", "received mon@11:00", "replied mon@12:00", "resolved mon@13:00"),
            ["replied in", "resolved in", "resolved in"],
        ),
        (("received mon@09:00", "lost mon@10:00"), []),
    ],
)
def test_outcomes_of_a_ticket(lines: tuple[str, ...], told: list[str]) -> None:
    assert outcomes(judged(ticket(*lines), "fri@09:00", policy("ticket", hours=True))) == told


def test_a_question_that_the_customer_took_back_was_not_replied_to() -> None:
    assert outcomes(judged(lines_of("chat", "received 0", "replied 5", "received 10", "ended 20"), "90")) == ["replied in"]


@pytest.mark.parametrize(
    ("lines", "look", "deadline"),
    [
        # a promise for Tuesday falls before the resolution's third closing on Wednesday, whichever was begun first
        (("received mon@09:00", "replied mon@10:00", "promised mon@10:00 due=tue@10:00"), "mon@11:00", "tue@10:00"),
        (("received mon@09:00", "replied mon@10:00", "promised mon@10:00 due=fri@10:00"), "mon@11:00", "wed@17:30"),
        # the reply was due on Monday at 13:00: what is overdue has no deadline any more
        (("received mon@09:00",), "mon@12:59", "mon@13:00"),
        (("received mon@09:00",), "mon@14:00", "wed@17:30"),
        # while it is pending its clock stands still; only the promise's goes on
        (("received mon@09:00", "replied mon@10:00", "pending mon@10:30"), "mon@11:00", None),
        (("replied mon@10:00", "promised mon@10:00 due=fri@10:00", "pending mon@10:30"), "tue@11:00", "fri@10:00"),
        (("received mon@09:00", "replied mon@10:00", "resolved mon@11:00"), "mon@12:00", None),
    ],
)  # fmt: skip
def test_a_contact_is_judged_again_when_the_next_of_its_limits_is_passed(
    lines: tuple[str, ...], look: str, deadline: str | None
) -> None:
    found = judged(ticket(*lines), look, policy("ticket", hours=True)).deadline
    assert found == (None if deadline is None else at(deadline) + timedelta(microseconds=1))


def test_a_message_that_went_out_of_sight_was_not_replied_to() -> None:
    lines = ("received mon@09:00", "replied mon@10:00", "received mon@11:00", "lost mon@12:00")
    assert outcomes(judged(email(*lines), "fri@09:00", policy("email", hours=True))) == ["replied in"]


@pytest.mark.parametrize(
    ("lines", "replied"),
    [
        # the second message was answered by closing the ticket, without a word
        (("received mon@09:00", "replied mon@10:00", "received mon@11:00", "resolved mon@12:00"), ["received-1"]),
        # the first one was; the customer came back and was answered
        (("received mon@09:00", "resolved mon@10:00", "received mon@11:00", "replied mon@12:00"), ["received-2"]),
    ],
)
def test_which_message_was_replied_to(lines: tuple[str, ...], replied: list[str]) -> None:
    found = judged(ticket(*lines), "fri@09:00", policy("ticket", hours=True)).outcomes
    assert [each.key for each in found if each.outcome == "replied"] == replied


def test_a_promise_that_was_kept_is_no_reply() -> None:
    lines = ("received mon@09:00", "replied mon@10:00", "promised mon@10:00 due=tue@10:00", "fulfilled tue@09:00")
    assert outcomes(judged(email(*lines), "fri@09:00", policy("email", hours=True))) == ["replied in"]


EVERYTHING = (
    "received mon@09:00", "assigned mon@09:01 to=a", "assigned mon@09:02 to=b", "assigned mon@09:03 to=c",
    "assigned mon@09:04 to=d", "escalated mon@09:05", "complained mon@09:06", "replied mon@10:00",
    "promised mon@10:00 due=tue@10:00", "resolved mon@11:00", "received tue@09:00 id=again", "replied tue@10:00",
)  # fmt: skip


@pytest.mark.parametrize(
    "signal",
    [
        "late_reply", "late_follow_up", "slipped_promise", "late_resolution", "reopened", "passed_around", "escalated",
        "complaint_overdue",
    ],
)  # fmt: skip
def test_a_signal_that_is_switched_off_has_no_verdict_and_changes_no_other(signal: str) -> None:
    every = judged(ticket(*EVERYTHING), "fri@09:00", policy("ticket", hours=True)).verdicts
    without = judged(ticket(*EVERYTHING), "fri@09:00", policy("ticket", hours=True, **{signal: False})).verdicts
    assert any(each.signal == signal for each in every)
    assert without == tuple(each for each in every if each.signal != signal)


def test_people_are_told_opening_hours_waited_and_the_limit() -> None:
    events, rules = email("received mon@16:30"), policy("email", hours=True)
    judgement = judged(events, "tue@13:00", rules)
    told = [reported_seconds(each, folded(events), rules, at("tue@13:00")) for each in judgement.verdicts]
    assert told == [(5 * 3600.0, 4 * 3600.0)]  # 1 h on Monday, 4 h on Tuesday


def test_opening_days_have_no_length_in_seconds_but_plain_days_do() -> None:
    with_hours, without = (policy("ticket", hours=hours) for hours in (True, False))
    assert limit_seconds(with_hours.rules["late_resolution"], with_hours) is None
    assert limit_seconds(without.rules["late_resolution"], without) == 3 * 86400.0


def test_what_has_no_limit_of_a_fixed_length() -> None:
    """A complaint's deadline is its sector's; a return and a change of hands have no limit at all."""
    rules = policy("ticket")
    for signal in ("complaint_overdue", "reopened", "passed_around", "escalated"):
        assert limit_seconds(rules.rules[signal], rules) is None


@pytest.mark.parametrize(
    ("pauses", "due"),
    [
        ((), "259200"),  # three days of 24 hours
        (("pending 3600", "resumed 7200"), "262800"),
        (("pending 3600", "resumed 7200", "pending 10000", "resumed 20000"), "272800"),
        (("pending 259199", "resumed 300000"), "300001"),
        (("pending 259200", "resumed 300000"), "259200"),  # used up as the pause begins
        (("pending 3600",), None),
    ],
)
def test_pauses_move_a_limit_that_runs_around_the_clock(pauses: tuple[str, ...], due: str | None) -> None:
    judgement = judged(ticket("received 0", "replied 10", *pauses), "200000")
    [resolution] = [each for each in judgement.verdicts if each.signal == "late_resolution"]
    assert resolution.due_at == (None if due is None else at(due))


@pytest.mark.parametrize(("until", "seconds"), [("0", 0), ("50", 50), ("100", 100), ("150", 100), ("200", 100), ("250", 150)])
def test_a_pause_takes_out_what_lies_before_the_moment_asked_for(until: str, seconds: float) -> None:
    contact = folded(ticket("received 0", "replied 10", "pending 100", "resumed 200"))
    [resolution] = [wait for wait in contact.waits if wait.kind == "resolution"]
    assert waited_seconds(resolution, at(until), policy("ticket")) == seconds


@pytest.mark.parametrize(
    ("warn", "due"),
    [
        # telecoms: six weeks to the end of the local day, Monday 14 December
        ("0s", datetime(2026, 12, 15, tzinfo=UTC)),
        ("7d", datetime(2026, 12, 8, tzinfo=UTC)),
        ("400d", at("mon@10:00")),  # never before it was made
    ],
)
def test_how_long_before_its_deadline_a_complaint_is_overdue(warn: str, due: datetime) -> None:
    lines = ("received mon@09:00", "complained mon@10:00 sector=telecoms")
    judgement = judged(ticket(*lines), "mon@10:00", policy("ticket", complaint_overdue={"warn": warn}))
    assert [each.due_at for each in judgement.verdicts if each.signal == "complaint_overdue"] == [due]


def test_a_chat_that_was_left_before_its_limit_is_neither_good_nor_bad() -> None:
    assert verdicts(judged(lines_of("chat", "received 0", "ended 10"), "99999"), "late_reply") == expected("void")
    assert verdicts(judged(lines_of("chat", "received 0", "ended 14401"), "99999"), "late_reply") == expected(
        "breached 14400.000001"
    )
