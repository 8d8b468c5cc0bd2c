"""From when on a wait is due soon: so much of its own clock before the limit falls, and never once it is over the limit.

The office is open mon-fri 09:00-17:30, 8.5 hours a day.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.contact import Wait
from monitor.domain.event import MICROSECOND, Channel
from monitor.domain.hours import Calendar, parse_week
from monitor.domain.judge import RunningWait
from monitor.domain.limits import due_soon_moment
from monitor.domain.policy import DEFAULTS, WARNABLE, Limit, Rule
from tests.domain.contact_lines import at, judged, lines_of, policy


def running(channel: Channel, look: str, lines: Sequence[str], *, hours: bool = True, **signals: Any) -> dict[str, RunningWait]:
    """What waits at the moment `look`, by the kind of wait."""
    judgement = judged(lines_of(channel, *lines), look, policy(channel, hours=hours, **signals))
    return {each.wait: each for each in judgement.running}


@pytest.mark.parametrize(
    ("received", "warn_before", "due", "soon"),
    [
        ("mon@09:00", "1h", "mon@13:00", "mon@12:00"),
        ("mon@16:00", "1h", "tue@11:30", "tue@10:30"),
        ("mon@16:00", "2h29m", "tue@11:30", "tue@09:01"),
        ("mon@16:00", "2h30m", "tue@11:30", "mon@17:30"),  # from the closing on: the night uses nothing up
        ("mon@16:00", "2h31m", "tue@11:30", "mon@17:29"),
        ("mon@13:30", "1h", "mon@17:30", "mon@16:30"),  # used up exactly at the closing
        ("fri@16:30", "1h", "mon+1@12:00", "mon+1@11:00"),
        ("fri@16:30", "3h30m", "mon+1@12:00", "fri@17:00"),
        ("sat@12:00", "3h59m59s", "mon+1@13:00", "mon+1@09:00:01"),
    ],
)
def test_in_opening_hours(received: str, warn_before: str, due: str, soon: str) -> None:
    reply = running("email", received, [f"received {received}"], late_reply={"warn_before": warn_before})["reply"]
    assert (reply.due_at, reply.soon_at) == (at(due), at(soon))


def test_around_the_clock_it_is_that_long_before() -> None:
    reply = running("email", "0", ["received sat@22:00"], hours=False, late_reply={"after": "4h", "warn_before": "90m"})["reply"]
    assert (reply.due_at, reply.soon_at) == (at("sun@02:00"), at("sun@00:30"))


def test_before_the_closing_of_the_last_opening_day() -> None:
    """Three whole days after Monday 10:00 are Tuesday, Wednesday and Thursday."""
    lines = ["received mon@10:00", "replied mon@11:00"]
    for warn_before, soon in (("2h", "thu@15:30"), ("8h30m", "wed@17:30"), ("9h30m", "wed@16:30")):
        wait = running("ticket", "mon@11:00", lines, late_resolution={"warn_before": warn_before})["resolution"]
        assert (wait.due_at, wait.soon_at) == (at("thu@17:30"), at(soon))


def test_a_pause_takes_the_warning_along() -> None:
    """4 h from Monday 09:00, of which 3.5 h are used up as it is paused: after that half an hour is left."""
    rules = {"late_resolution": {"after": "4h", "warn_before": "1h"}}
    lines = ["received mon@09:00", "replied mon@09:00", "pending mon@12:30", "resumed tue@10:00"]
    looks = {2: "mon@12:30", 3: "tue@09:59", 4: "tue@10:00"}
    before, paused, after = (running("ticket", look, lines[:n], **rules)["resolution"] for n, look in looks.items())
    assert (before.due_at, before.soon_at) == (at("mon@13:00"), at("mon@12:00"))
    assert (paused.due_at, paused.soon_at) == (None, None)
    assert after.due_at == at("tue@10:30")
    assert after.soon_at == at("tue@09:30")  # which is over as it goes on: due soon at once


@pytest.mark.parametrize(("grace", "due", "soon"), [({}, "tue@09:00", "tue@08:00"), ({"grace": "30m"}, "tue@09:30", "tue@08:30")])
def test_a_promise_is_a_moment_on_the_clock_on_the_wall(grace: dict[str, str], due: str, soon: str) -> None:
    promise = running("email", "mon@10:00", ["received mon@09:00", "replied mon@09:30", "promised mon@09:30 due=tue@09:00"],
                      slipped_promise={"warn_before": "1h", **grace})["promise"]  # fmt: skip
    assert (promise.due_at, promise.soon_at) == (at(due), at(soon))


def test_a_call_back_that_is_owed() -> None:
    wait = running("phone", "mon@16:31", ["queued mon@16:29", "left mon@16:30 reason=caller"],
                   missed_callback={"warn_before": "30m"})["callback"]  # fmt: skip
    assert (wait.due_at, wait.soon_at) == (at("tue@12:00"), at("tue@11:30"))


@pytest.mark.parametrize(("look", "overdue", "soon"), [("14400", False, "10800"), ("14400.000001", True, None)])
def test_over_the_limit_nothing_is_due_soon(look: str, overdue: bool, soon: str | None) -> None:
    reply = running("email", look, ["received 0"], hours=False, late_reply={"warn_before": "1h"})["reply"]
    assert (reply.overdue, reply.soon_at) == (overdue, None if soon is None else at(soon))


def test_no_warning_is_given_where_none_is_wanted() -> None:
    found = running("ticket", "0", ["received 0"], late_reply={"warn_before": "1h"})
    assert found["reply"].soon_at is not None
    assert found["resolution"].soon_at is None


BERLIN = Calendar(
    "office", ZoneInfo("Europe/Berlin"), parse_week({"mon-fri": ["08:30-12:00", "13:00-17:00"], "sat": "22:00-02:00"})
)
#: Around both clock changes of 2026.
MOMENTS = st.builds(
    lambda week, micros: week + timedelta(microseconds=micros),
    st.sampled_from([datetime(2026, 3, 23, tzinfo=UTC), datetime(2026, 10, 19, tzinfo=UTC)]),
    st.integers(0, 14 * 86_400_000_000),
)
MICROS = st.integers(1, 72 * 3600 * 1_000_000)


@given(MOMENTS, MICROS, MICROS, st.sampled_from([BERLIN, None]))
def test_it_is_the_first_moment_with_no_more_than_the_warning_left(
    since: datetime, limit: int, warning: int, calendar: Calendar | None
) -> None:
    shorter = min(limit, warning) / 1e6

    def left(moment: datetime) -> int:
        """Microseconds of the wait's clock until the limit."""
        span = calendar.seconds_between(moment, due) if calendar else (due - moment).total_seconds()
        return round(span * 1e6)

    due = calendar.moment_after(since, limit / 1e6) if calendar else since + timedelta(microseconds=limit)
    rule = Rule("late_reply", 0.9, Limit(limit / 1e6), calendar, warn_before=shorter)
    soon = due_soon_moment(Wait("reply", "id", since), due, rule)
    assert soon is not None
    assert since <= soon <= due
    assert left(soon) <= round(shorter * 1e6)
    assert soon == since or left(soon - MICROSECOND) > round(shorter * 1e6)


def test_only_what_can_be_answered_in_time_is_warned_of() -> None:
    warned = {signal for signal, default in DEFAULTS.items() if default.wait in WARNABLE}
    assert warned == {"missed_callback", "late_reply", "late_follow_up", "slipped_promise", "late_resolution"}
