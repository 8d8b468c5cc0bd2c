"""Spans of time as the board writes them."""

import pytest

from monitor.publish.web.board.spans import NBSP, Style, Used, age_of, left_until, limit_of, span, used_of
from tests.publish.snapshots import NOW, ago
from tests.publish.web.board.scenes import Scene

#: The browser's script writes the same (test_live.py).
SPANS: list[tuple[float, Style, str]] = [
    (-3, "clock", "0:00"), (0, "clock", "0:00"), (59.9, "clock", "0:59"), (192, "clock", "3:12"), (3599, "clock", "59:59"),
    (3600, "clock", "1 h"), (13_080, "clock", "3 h 38"), (86_399, "clock", "23 h 59"), (86_400, "clock", "1 d"),
    (234_000, "clock", "2 d 17 h"),
    (0, "time", "0 min"), (59, "time", "under 1 min"), (2880, "time", "48 min"), (13_260, "time", "3 h 41"),
    (90_000, "time", "1 d 1 h"),
    (91_800, "opening", "25 h 30"), (359_940, "opening", "99 h 59"), (361_000, "opening", "100 h"),
    (86_400, "opening", "24 h"), (3660, "opening", "1 h 01"),
    (-1, "left", "0 s"), (4.9, "left", "4 s"), (59.9, "left", "59 s"), (60, "left", "1 min"), (3540, "left", "59 min"),
    (192, "said", "3 min 12 s"), (59, "said", "59 s"), (7384, "said", "2 h 3 min"), (0, "said", "0 s"),
]  # fmt: skip


@pytest.mark.parametrize(("seconds", "style", "written"), SPANS)
def test_a_span(seconds: float, style: Style, written: str):
    assert span(seconds, style).replace(NBSP, " ") == written


def test_people_on_the_line_are_counted_by_the_second_and_letters_by_the_minute():
    scene = Scene().add("line", waits={"queue": [192], "callback": [100_000]}).services()
    [caller] = scene.who_waits["line", "phone"]["queue"].first
    [callback] = scene.who_waits["line", "phone"]["callback"].first
    assert (age_of(caller, NOW).text, limit_of(caller)) == ("3:12", "0:20")
    assert age_of(caller, NOW).since == "2026-11-02T09:26:48Z"
    # 100,000 s of opening time are 27 h 46 min; the page cannot count them
    assert (age_of(callback, NOW).text, limit_of(callback)) == (f"27{NBSP}h{NBSP}46", f"4{NBSP}h")
    assert age_of(callback, NOW).since == ""


@pytest.mark.parametrize(
    ("wait", "seconds", "written"),
    [
        ("reply", 90, "1 min 30 s"), ("reply", 45, "45 s"), ("reply", 60, "1 min"), ("reply", 5400, "1 h 30"),
        ("queue", 90, "1:30"), ("queue", 3630, "1 h 30 s"), ("promise", 129_600, "1 d 12 h"), ("promise", 131_400, "36 h 30 min"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("in_opening_hours", [False, True])
def test_a_limit_is_never_rounded(wait: str, seconds: float, written: str, in_opening_hours: bool):
    [caller] = Scene().add("line", waits={"queue": [10]}).services().who_waits["line", "phone"]["queue"].first
    limited = caller._replace(wait=wait, limit_seconds=seconds, business_seconds=10.0 if in_opening_hours else None)
    if in_opening_hours:  # never in days, and not as a clock
        written = {"1:30": "1 min 30 s", "1 d 12 h": "36 h", "36 h 30 min": "36 h 30"}.get(written, written)
    assert limit_of(limited).replace(NBSP, " ") == written


def test_two_ages_are_the_same_that_began_together_however_late_they_are_looked_at():
    [caller] = Scene().add("line", waits={"queue": [10]}).services().who_waits["line", "phone"]["queue"].first
    later = NOW.replace(minute=31)
    assert age_of(caller, NOW) == age_of(caller, later)
    assert age_of(caller, NOW).text != age_of(caller, later).text
    assert used_of(caller, NOW) == used_of(caller, later)
    assert left_until(later, NOW.replace(second=1)) == left_until(later, NOW.replace(second=20))
    assert left_until(later, NOW.replace(second=1)) != left_until(later, ago(1))  # within the last minute it looks otherwise
    letter = caller._replace(business_seconds=10.0)
    assert age_of(letter, NOW) != age_of(letter._replace(business_seconds=70.0), NOW)


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.99, ""), (1.09, ""), (1.1, "1.1 times the limit"), (9.65, "9.6 times the limit"), (12.0, "12 times the limit")],
)
def test_how_many_times_the_limit(share: float, said: str):
    assert Used("", 20.0, share, share).times == said


def test_what_has_no_limit_or_was_due_when_it_began():
    [caller] = Scene().add("line", waits={"queue": [10]}).services().who_waits["line", "phone"]["queue"].first
    assert used_of(caller._replace(limit_seconds=None), NOW) is None
    assert limit_of(caller._replace(limit_seconds=None)) == ""
    due_at_once = used_of(caller._replace(limit_seconds=0.0, overdue=True), NOW)
    assert due_at_once is not None
    assert due_at_once.share == 2.0
