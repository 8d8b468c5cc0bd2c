"""A wait of exactly its limit that ends after closing: one rule for the verdict, its moment, the histogram and the deadline.

Office hours are Monday to Friday 09:00-17:30 in London. Asked at 13:30, four opening hours are used up at closing, 17:30.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.domain.event import Channel, Event
from monitor.domain.fold import fold
from monitor.domain.judge import Judgement, fell_at, judge, reported_seconds
from monitor.domain.limits import waited_seconds
from monitor.domain.policy import Policy
from tests.domain.contact_lines import Books, at, call, email, expected, folded, judged, outcomes, policy, ticket, verdicts

#: Asked, answered, late from this moment on (None: kept), opening seconds waited.
REPLIES = [
    ("mon@13:30", "mon@17:29:59.999999", None, 14399.999999),
    ("mon@13:30", "mon@17:30", None, 14400),
    ("mon@13:30", "mon@17:30:00.000001", None, 14400),
    ("mon@13:30", "mon@19:00", None, 14400),
    ("mon@13:30", "tue@08:59:59.999999", None, 14400),
    ("mon@13:30", "tue@09:00", None, 14400),
    ("mon@13:30", "tue@09:00:00.000001", "tue@09:00:00.000001", 14400.000001),
    ("mon@13:30", "tue@10:00", "tue@09:00:00.000001", 18000),
    ("mon@13:29:59.999999", "mon@17:30", "mon@17:30", 14400.000001),  # a microsecond earlier: used up before closing
    ("mon@13:30:00.000001", "tue@09:00:00.000001", None, 14400),
    # over the weekend
    ("fri@13:30", "sun@12:00", None, 14400),
    ("fri@13:30", "mon+1@09:00", None, 14400),
    ("fri@13:30", "mon+1@09:00:00.000001", "mon+1@09:00:00.000001", 14400.000001),
    # half an hour on Monday, three and a half on Tuesday: used up at 12:30, while open
    ("mon@17:00", "tue@12:30", None, 14400),
    ("mon@17:00", "tue@12:30:00.000001", "tue@12:30:00.000001", 14400.000001),
]


@pytest.mark.parametrize(("asked", "answered", "late_from", "seconds"), REPLIES)
def test_a_wait_is_late_when_it_is_longer_than_its_limit(
    asked: str, answered: str, late_from: str | None, seconds: float
) -> None:
    rules, events = policy("email", hours=True), email(f"received {asked}", f"replied {answered}")
    judgement = judged(events, "fri+1@09:00", rules)
    assert verdicts(judgement, "late_reply") == expected(f"breached {late_from}" if late_from else f"kept {answered}")
    assert outcomes(judgement) == ["replied late" if late_from else "replied in"]
    [verdict] = judgement.verdicts
    assert reported_seconds(verdict, folded(events), rules, at("fri+1@09:00")) == (seconds, 14400)


@pytest.mark.parametrize(("asked", "answered", "late_from", "seconds"), REPLIES)
def test_the_histogram_has_it_in_the_bucket_of_its_limit_exactly_when_it_was_kept(
    asked: str, answered: str, late_from: str | None, seconds: float
) -> None:
    books = Books(policy("email", hours=True))
    books.evaluate(email(f"received {asked}", f"replied {answered}"), at("fri+1@09:00"))
    assert books.total("wait_seconds_bucket", "reply", "28800.0" if late_from else "14400.0") == 1
    assert books.total("wait_seconds_bucket") == 1
    assert books.total("signals_total", "late_reply") == (1 if late_from else 0)


@pytest.mark.parametrize(
    ("look", "state", "overdue"),
    [
        ("mon@17:29:59.999999", "open", False),
        ("mon@17:30", "open", False),
        ("mon@17:30:00.000001", "open", False),
        ("tue@09:00", "open", False),
        ("tue@09:00:00.000001", "breached", True),
    ],
)
def test_an_unanswered_one_is_due_at_closing_and_falls_when_the_next_day_opens(look: str, state: str, overdue: bool) -> None:
    judgement = judged(email("received mon@13:30"), look, policy("email", hours=True))
    [verdict], [running] = judgement.verdicts, judgement.running
    assert (verdict.state, verdict.due_at) == (state, at("mon@17:30"))
    assert (running.due_at, running.overdue) == (at("mon@17:30"), overdue)
    assert judgement.deadline == (None if overdue else at("tue@09:00:00.000001"))
    assert fell_at(verdict) == (at("tue@09:00") if overdue else None)


def test_it_is_counted_once_in_the_morning_and_nothing_is_taken_back() -> None:
    books = Books(policy("email", hours=True))
    books.evaluate(email("received mon@13:30"), at("mon@13:31"))
    assert [books.evaluate([], at(look)) for look in ("mon@17:30:00.000001", "tue@09:00")] == [[], []]
    assert books.evaluate([], at("tue@09:00:00.000001")) == ["late_reply"]
    books.evaluate(email("replied tue@09:30"), at("tue@10:00"))
    assert (books.total("signals_total"), books.total("signals_retracted_total")) == (1, 0)


@pytest.mark.parametrize(
    ("asked", "opens"),
    [
        # Friday 23 October 2026 13:30 is 12:30 UTC in summer, Monday 09:00 is 09:00 UTC in winter
        ("2026-10-23T12:30", "2026-10-26T09:00"),
        # Friday 26 March 2027 13:30 is 13:30 UTC in winter, Monday 09:00 is 08:00 UTC in summer
        ("2027-03-26T13:30", "2027-03-29T08:00"),
    ],
)
def test_over_a_clock_change(asked: str, opens: str) -> None:
    since, opening = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (asked, opens))
    due, instant = since + timedelta(hours=4), timedelta(microseconds=1)
    assert held_of_a_mail(since, opening).verdicts[0].state == "kept"
    assert held_of_a_mail(since, due + instant).verdicts[0].state == "kept"
    [verdict] = held_of_a_mail(since, opening + instant).verdicts
    assert (verdict.state, verdict.at, verdict.due_at) == ("breached", opening + instant, due)


def held_of_a_mail(asked: datetime, answered: datetime) -> Judgement:
    channel: Channel = "email"
    said: dict[str, Any] = {"contact": "c1", "place": "address:info@example.org", "channel": channel}
    events = [
        Event(id="1", kind="received", at=asked, **said),
        Event(id="2", kind="replied", at=answered, **said),
    ]
    return judge(fold(channel, events, reachable=True), policy(channel, hours=True), answered)


@pytest.mark.parametrize(
    ("over", "held"),
    [
        ("mon@17:29:59.999999", "kept mon@17:29:59.999999"),
        ("mon@17:30", "breached mon@17:30"),  # reaching two minutes is too long
        ("mon@19:00", "breached mon@17:30"),
        ("tue@09:00", "breached mon@17:30"),
    ],
)
def test_a_signal_that_falls_when_its_limit_is_reached_falls_at_the_closing(over: str, held: str) -> None:
    rules = policy("phone", hours=True, long_hold={"after": "2m", "clock": "calendar"})
    events = call("queued mon@17:20", "answered mon@17:21", "held mon@17:28", f"unheld {over}", "ended tue@10:00")
    judgement = judged(events, "tue@10:00", rules)
    assert verdicts(judgement, "long_hold") == expected(held)
    shown = [fell_at(each) for each in judgement.verdicts if each.signal == "long_hold" and each.state == "breached"]
    assert shown == ([at("mon@17:30")] if held.startswith("breached") else [])


@pytest.mark.parametrize(
    ("solved", "held"),
    [
        ("wed@17:29:59.999999", "kept wed@17:29:59.999999"),
        ("wed@17:30", "kept wed@17:30"),
        ("wed@17:30:00.000001", "breached wed@17:30:00.000001"),
        ("wed@19:00", "breached wed@17:30:00.000001"),
        ("thu@09:00", "breached wed@17:30:00.000001"),
    ],
)
def test_three_opening_days_end_at_a_moment_which_is_the_closing(solved: str, held: str) -> None:
    events = ticket("received mon@09:00", f"resolved {solved}")
    assert verdicts(judged(events, "fri@09:00", policy("ticket", hours=True)), "late_resolution") == expected(held)


FOUR_HOURS: Mapping[str, Any] = {"late_resolution": {"after": "4h"}}


@pytest.mark.parametrize(
    ("lines", "held", "seconds"),
    [
        # 3 h by 16:30 and 1 h from Tuesday 16:30: used up at Tuesday's closing
        (("pending mon@16:30", "resumed tue@16:30", "resolved tue@20:00"), "kept tue@20:00", 14400),
        (("pending mon@16:30", "resumed tue@16:30", "resolved wed@09:00"), "kept wed@09:00", 14400),
        (
            ("pending mon@16:30", "resumed tue@16:30", "resolved wed@09:00:00.000001"),
            "breached wed@09:00:00.000001", 14400.000001,
        ),
        # used up as it is paused, and the pause ends in the night
        (("pending mon@17:30", "resumed mon@23:00", "resolved tue@09:00"), "kept tue@09:00", 14400),
        (("pending mon@17:30", "resumed tue@12:00", "resolved tue@12:00"), "kept tue@12:00", 14400),
        (
            ("pending mon@17:30", "resumed tue@12:00", "resolved tue@12:00:00.000001"),
            "breached tue@12:00:00.000001", 14400.000001,
        ),
        # 1726.4 + 2434.8 + 2624.6 + 2811.6 + 4802.6 s are 4 h, though these floats add up to more
        (
            (
                "pending tue@09:28:46.4", "resumed tue@10:00", "pending tue@10:40:34.8", "resumed tue@11:00",
                "pending tue@11:43:44.6", "resumed tue@12:00", "pending tue@12:46:51.6", "resumed tue@13:00",
                "resolved tue@14:20:02.6",
            ),
            "kept tue@14:20:02.6", 14400,
        ),
    ],
)  # fmt: skip
def test_pauses_are_taken_out_to_the_microsecond(lines: tuple[str, ...], held: str, seconds: float) -> None:
    rules: Policy = policy("ticket", hours=True, **FOUR_HOURS)
    asked = "tue@09:00" if "tue" in lines[0] else "mon@13:30"
    events = ticket(f"received {asked}", *lines)
    judgement = judged(events, "thu@09:00", rules)
    assert verdicts(judgement, "late_resolution") == expected(held)
    [wait] = [each.wait for each in judgement.verdicts if each.signal == "late_resolution"]
    assert wait is not None
    assert wait.until is not None
    assert waited_seconds(wait, wait.until, rules) == seconds
