"""What the report says: the news first, in figures of the report made by hand (`sample`)."""

from dataclasses import replace

import pytest

from monitor.publish.report.figures import NBSP
from monitor.publish.report.sentences import (
    by_urgency,
    chance,
    headline,
    lead,
    needs_somebody,
    not_seen,
    stages,
    went_well,
    worst,
)
from monitor.publish.report.values import Change, HoursCause, Lasting, PointWeek, SignalWeek, WeekReport
from tests.publish.report.sample import BILLING, COUNTER, GAP, ORDERS, REPORT


def plain(text: str) -> str:
    return text.replace(NBSP, " ")


def of(*points: PointWeek, complete: bool = True) -> WeekReport:
    return replace(REPORT, contact_points=points, gaps=tuple({gap for each in points for gap in each.gaps}), complete=complete)


def line(signal: str = "long_wait", judged: int = 100, breached: int = 5, *, met: bool | None = True) -> SignalWeek:
    return SignalWeek(signal, judged, breached, 0.9, met, limit_seconds=20.0)


class TestTheNews:
    def test_is_what_failed_most(self):
        assert plain(headline(REPORT)) == (
            "Billing line: 431 of 1,104 callers waited over 20 s, after 229 of 1,090 the week before; "
            "1 more of 3 contact points missed an objective"
        )

    def test_says_of_the_others_that_they_kept_theirs(self):
        assert plain(headline(of(BILLING, COUNTER))).endswith("the week before; the other one met every objective")
        assert plain(headline(of(BILLING, COUNTER, COUNTER))).endswith("; the other 2 met every objective")
        unseen = replace(COUNTER, gaps=(GAP,))
        assert plain(headline(of(BILLING, unseen))).endswith("; the other one missed none that was seen")

    def test_of_one_contact_point_alone(self):
        assert plain(headline(of(replace(BILLING, signals=(line(met=False),))))) == (
            "Billing line: 5 of 100 callers waited over 20 s; week 46"
        )

    def test_of_a_good_week_is_what_lasted(self):
        assert plain(headline(of(COUNTER, COUNTER))) == (
            "All 2 contact points met every objective; Front counter: waited over 5 min: 13 weeks in a row at or above its "
            "objective, 97.0 % this week"
        )

    def test_a_gap_is_no_good_week(self):
        seen_in_part = replace(COUNTER, signals=(line(met=None),), gaps=(GAP,))
        assert plain(headline(of(seen_in_part))) == "No objective was missed in what was seen of week 46; not all of it was"

    def test_a_running_week_is_not_judged(self):
        running = of(BILLING, COUNTER, complete=False)
        assert plain(headline(running)) == "Week 46 is not over, so it is not judged; 1,450 contacts so far"
        assert needs_somebody(running) == []

    def test_of_nothing(self):
        assert plain(headline(of())) == "Nothing was judged in week 46"
        assert plain(headline(of(replace(COUNTER, contacts=0, signals=(line(judged=0, breached=0, met=None),))))) == (
            "Nothing was judged in week 46"
        )

    def test_at_a_counter_nobody_calls(self):
        counter = replace(COUNTER, signals=(line(met=False),))
        assert plain(headline(of(counter))) == "Front counter: 5 of 100 visitors waited over 20 s; week 46"

    def test_a_signal_that_only_a_later_release_knows(self):
        assert "5 of 100: sang false" in plain(headline(of(replace(COUNTER, signals=(line("sang_false", met=False),)))))


def test_who_missed_stands_first_then_who_was_not_seen():
    blind = replace(COUNTER, contact_point="blind", gaps=(GAP,))
    assert [point.contact_point for point in by_urgency(of(COUNTER, blind, ORDERS, BILLING))] == [
        "billing", "orders", "blind", "front-counter",
    ]  # fmt: skip


def test_under_the_news_stand_causes_changes_and_gaps():
    assert [plain(each) for each in lead(REPORT)] == [
        "Billing line: 132 of the 431 (waited too long in the queue) came on Tuesday between 9:00 and 12:00.",
        "By more than chance gives, Billing line did worse than the week before; nothing else changed.",
        "mail was not seen from Thu 10:20 to Thu 14:05 (3 h 45 min); these hours are in no figure.",
    ]


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (HoursCause("abandoned", None, 12, 14, 40, 60, 97), "40 of the 97 (gave up) came every day between 12:00 and 14:00."),
        (HoursCause("late_reply", 0, 0, 24, 20, 30, 25), "20 of the 25 (first replies too late) came on Monday."),
    ],
)
def test_other_causes(cause: HoursCause, said: str):
    assert plain(lead(of(replace(BILLING, hours=(cause,))))[0]) == f"Billing line: {said}"


def test_what_got_better_and_what_got_worse():
    better = replace(COUNTER, signals=(replace(line(judged=240, breached=7), change=Change(230, 80, 1e-9, True)),))
    assert lead(of(better)) == ["By more than chance gives, Front counter did better; nothing else changed."]
    assert "Billing line did worse than the week before and Front counter did better" in " ".join(lead(of(BILLING, better)))
    assert lead(of(COUNTER)) == ["Nothing changed by more than chance gives."]
    assert lead(of(replace(COUNTER, signals=(line(),)))) == ["There is no week before to compare with."]


class TestOfAContactPoint:
    def test_more_than_chance(self):
        assert plain(chance(BILLING)) == (
            "Yes: 78.9 % → 60.9 % of 1,104 callers (waited over 20 s), and 95.5 % → 91.6 % of 1,168 callers (gave up). "
            "Chance alone would do this less than once in 100 such reports."
        )

    def test_within_chance(self):
        assert plain(chance(COUNTER)) == "No: 94.7 % → 97.0 % of 240 visitors (waited over 5 min) is within what chance gives."

    def test_few_are_told_as_numbers(self):
        few = SignalWeek("slipped_promise", 38, 5, 0.95, False, change=Change(41, 2, 0.25, False))
        assert chance(replace(ORDERS, signals=(few,))) == (
            "No: 39 of 41, then 33 of 38 promises well; so few can differ by chance. Below its objective all the same."
        )

    def test_nothing_to_compare(self):
        assert chance(ORDERS) == ""

    def test_what_weighs_most(self):
        assert stages(BILLING) == "Of 528 negative contacts: waited too long in the queue 431, gave up 97."
        assert stages(replace(BILLING, stages=BILLING.stages[:1])) == ""

    def test_the_worst(self):
        assert [(each.moment, plain(each.words)) for each in worst(BILLING)] == [
            ("Tue 10:41", "waited too long in the queue, 9 min 31 s (limit 20 s)"),
            ("Tue 11:08", "gave up, 8 min 02 s"),
        ]

    def test_a_gap_that_is_still_open(self):
        assert plain(not_seen(GAP._replace(open=True), "Europe/London")) == (
            "mail was not seen from Thu 10:20 and still is not (3 h 45 min); these hours are in no figure."
        )


def test_better_and_stayed_so_goes_before_what_was_always_good():
    better = replace(line(judged=187, breached=15), lasting=Lasting("better", 6, "2026-W41", 0.84))
    desk = replace(ORDERS, title="Service desk", signals=(replace(better, signal="late_reply", limit_seconds=14400.0),))
    assert [(said.point.title, plain(said.words)) for said in went_well(of(COUNTER, desk))] == [
        ("Service desk", "first reply after 4 h: at or above its objective since week 41, 91.9 % this week; before, 84 %"),
        ("Front counter", "waited over 5 min: 13 weeks in a row at or above its objective, 97.0 % this week"),
    ]


def test_what_needs_somebody():
    assert [(said.point.title, plain(said.words)) for said in needs_somebody(REPORT)] == [
        ("Billing line", "431 of 1,104 callers waited over 20 s; also below: gave up"),
        ("Orders <mailbox>", "5 of 38 promises were not kept; also below: not solved in 3 opening days"),
    ]
