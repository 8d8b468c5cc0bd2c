"""What follows from the counts of a report: shares, objectives, teams."""

from dataclasses import replace

from monitor.publish.report.values import TeamWeek, TrendWeek, reaches, share_kept, teams_of
from tests.publish.report.sample import BILLING, COUNTER, ORDERS, REPORT


def test_a_share_is_of_what_was_kept_and_nothing_judged_has_none() -> None:
    assert share_kept(10, 1) == 0.9
    assert share_kept(0, 0) is None
    assert share_kept(None, None) is None
    assert TrendWeek("2026-W40", 4, 1).share == 0.75


def test_the_objective_itself_is_reached_and_one_less_is_not_whatever_floats_make_of_it() -> None:
    assert reaches(10, 1, 0.9)
    assert reaches(100, 7, 0.93)
    assert not reaches(100, 8, 0.93)
    assert reaches(20, 3, 0.85)
    assert reaches(1_000_000, 20_000, 0.98)
    assert not reaches(1_000_000, 20_001, 0.98)
    assert reaches(3, 0, 1.0)
    assert not reaches(3, 1, 1.0)


def test_the_letter_stands_beside_a_service_level_alone() -> None:
    assert [line.formula for line in BILLING.signals] == ["SL-D", None, None]


def test_promises_due_are_all_kept_late_and_broken_ones() -> None:
    assert ORDERS.promises is not None
    assert ORDERS.promises.due == 38


def test_lines_below_their_objective_are_missed_and_those_without_a_verdict_are_not() -> None:
    assert BILLING.missed == 2
    assert ORDERS.missed == 2


def test_a_contact_point_is_found_by_name_and_channel() -> None:
    assert REPORT.of("billing") is BILLING
    assert REPORT.of("billing", "phone") is BILLING
    assert REPORT.of("billing", "email") is None
    assert REPORT.of("nowhere") is None


def test_lines_held_against_the_week_before_are_counted() -> None:
    assert REPORT.lines == 3


def test_teams_add_up_and_a_contact_point_without_one_is_in_none() -> None:
    second = replace(COUNTER, team="Billing", contact_point="till")
    report = replace(REPORT, contact_points=(BILLING, second, COUNTER))
    # 1,104 + 240 judged, 431 + 7 breached; two lines missed, one without a figure, one met
    assert teams_of(report) == (
        TeamWeek(
            "Billing", ("billing", "till"), 1450, 521, 1, 3, (("long_wait", 1344, 438), ("abandoned", 1168, 97)),
        ),
    )  # fmt: skip
