"""From when on a wait is due soon: so much of its own clock before the limit falls, and never once it is over the limit.

The office is open mon-fri 09:00-17:30, 8.5 hours a day.
"""

from collections.abc import Sequence
from typing import Any

import pytest

from monitor.domain.event import Channel
from monitor.domain.judge import RunningWait
from monitor.domain.policy import DEFAULTS, WARNABLE
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


def test_only_what_can_be_answered_in_time_is_warned_of() -> None:
    warned = {signal for signal, default in DEFAULTS.items() if default.wait in WARNABLE}
    assert warned == {"missed_callback", "late_reply", "late_follow_up", "slipped_promise", "late_resolution"}
