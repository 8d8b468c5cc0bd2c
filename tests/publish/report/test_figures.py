"""How numbers, spans and moments are written."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from monitor.domain.policy import DEFAULTS
from monitor.publish.report import figures
from monitor.publish.report.figures import NBSP
from monitor.publish.report.values import SignalWeek, WaitWeek
from tests.publish.report.sample import REPORT


@pytest.mark.parametrize(
    ("seconds", "spoken", "opening_hours", "written"),
    [
        (17, True, False, "0:17"), (161, True, False, "2:41"), (3599.9, True, False, "59:59"), (3600, True, False, "1 h 00"),
        (45, False, False, "45 s"), (2880, False, False, "48 min"), (13260, False, False, "3 h 41"),
        (234000, False, False, "2 d 17 h"),
        (234000, False, True, "65 h"), (0, True, False, "0:00"),
    ],
)  # fmt: skip
def test_a_span_as_a_figure(seconds: float, spoken: bool, opening_hours: bool, written: str):
    assert figures.span(seconds, spoken=spoken, opening_hours=opening_hours) == written.replace(" ", NBSP)


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(20, "20 s"), (120, "2 min"), (571, "9 min 31 s"), (14400, "4 h"), (13260, "3 h 41 min"), (234000, "2 d 17 h")],
)
def test_a_span_in_a_sentence(seconds: float, written: str):
    assert figures.said(seconds) == written.replace(" ", NBSP)


def test_a_share_is_rounded_down():
    """673 of 1,104 is 60.96 %; 8,999 of 10,000 is 89.99 %, and not the 90 that it missed."""
    assert figures.per_cent(1104, 431) == f"60.9{NBSP}%"
    assert figures.per_cent(10_000, 1001) == f"89.9{NBSP}%"
    assert figures.per_cent(7, 0) == f"100.0{NBSP}%"
    assert figures.objective(0.995) == f"99.5{NBSP}%"


def test_every_signal_has_a_name_in_the_report():
    for signal in DEFAULTS:
        name = figures.line_name(SignalWeek(signal, 1, 0, 0.9, True, limit_seconds=14400.0))
        assert name[0].isupper()
        assert "{" not in name
    assert (
        figures.line_name(SignalWeek("late_resolution", 1, 0, 0.9, True, limit_opening_days=3))
        == f"Not solved in 3{NBSP}opening days"
    )
    assert figures.line_name(SignalWeek("long_wait", 1, 0, 0.9, True)) == "Waited too long in the queue"


def test_percentiles_of_letters_and_of_callers():
    assert figures.wait_figures(WaitWeek("queue", 9, 17.0, 161.0, 240.5, 571.0)) == ("0:17", "2:41", "4:00")
    letters = WaitWeek("reply", 9, 6600.0, 13260.0, 100_000.0, 100_000.0, opening_hours=True)
    assert [each.replace(NBSP, " ") for each in figures.wait_figures(letters)] == ["1 h 50", "3 h 41", "27 h"]


def test_contacts_and_moments():
    assert figures.contacts("phone", 1) == f"1{NBSP}call"
    assert figures.contacts("email", 423, at_least=True) == f"at least 423{NBSP}conversations"
    assert figures.moment(datetime(2026, 11, 10, 9, 41, tzinfo=UTC), "Europe/Berlin") == "Tue 10:41"
    assert figures.day(date(2026, 11, 27)) == f"Fri 27{NBSP}Nov"
    assert figures.week_number("2026-W05") == f"week{NBSP}5"


@pytest.mark.parametrize(
    ("monday", "written"),
    [
        (date(2026, 11, 9), "Mon 9 to Sun 15 Nov 2026"),
        (date(2026, 11, 30), "Mon 30 Nov to Sun 6 Dec 2026"),
        (date(2026, 12, 28), "Mon 28 Dec 2026 to Sun 3 Jan 2027"),
    ],
)
def test_the_days_of_a_week(monday: date, written: str):
    assert figures.days(replace(REPORT, monday=monday)) == written
