"""Weeks against the objective: where each point lies is worked out by hand.

104 by 28 pixels with a margin of 3 and an edge of 2.5: thirteen weeks are 98 / 12 = 8.17 apart, a percentage point is
(28 - 5) / 20 = 1.15 high, and the objective lies at 2.5 + 9 * 1.15 = 12.85.
"""

from monitor.publish.charts.trend import draw_trend, trend_in_words, trend_table
from monitor.publish.report.values import TrendWeek
from tests.publish.charts.drawn import attributes, shapes


def week(kept: int, *, gap: bool = False) -> TrendWeek:
    """So many of a hundred were kept."""
    return TrendWeek("2026-W40", 100, 100 - kept, gap)


NOTHING = TrendWeek("2026-W40", 0, 0)


def test_three_weeks_and_the_objective():
    drawn = draw_trend([week(80), week(84), week(89)], 0.8)
    assert attributes(drawn, "path", "l-faint", "d") == [("M0 12.85H104",)]
    # 3, 52 and 101 from the left; 4 points over the objective are 4.6 pixels, 9 are 10.35.
    assert attributes(drawn, "path", "l-soft", "d") == [("M3 12.85L52 8.25L101 2.5",)]
    assert attributes(drawn, "circle", "f-ink", "cx", "cy") == [("101", "2.5")]
    assert shapes(drawn, "path", "f-soft") == []


def test_thirteen_weeks_fill_the_width():
    [(path,)] = attributes(draw_trend([week(80)] * 13, 0.8), "path", "l-soft", "d")
    assert path is not None
    assert path.startswith("M3 12.85L11.17 12.85L19.33 12.85")
    assert path.endswith("L92.83 12.85L101 12.85")


def test_what_lies_beyond_is_drawn_at_the_edge():
    # 20 over would lie at -10.15, 40 under at 58.85.
    drawn = draw_trend([week(100), week(40), week(80)], 0.8)
    assert attributes(drawn, "path", "l-soft", "d") == [("M3 2.5L52 25.5L101 12.85",)]


def test_the_objective_lies_at_one_height_whatever_it_is():
    lines = [attributes(draw_trend([week(90)], objective), "path", "l-faint", "d") for objective in (0.5, 0.8, 0.98, 1.0)]
    assert lines == [lines[0]] * 4


def test_only_the_last_week_may_be_red():
    drawn = draw_trend([week(79), week(80), week(78)], 0.8)
    # One point under is 1.15 lower: 14; a triangle reaches from 2 above that to 2.6 below. Two under: 15.15.
    assert attributes(drawn, "path", "f-soft", "d") == [("M0.4 12h5.2L3 16.6Z",)]
    assert attributes(drawn, "path", "f-breached", "d") == [("M98.4 13.15h5.2L101 17.75Z",)]
    assert shapes(drawn, "circle") == []


def test_an_objective_that_is_just_kept_is_no_triangle():
    """19 of 20 keeps 0.95, though the float is a little more."""
    drawn = draw_trend([TrendWeek("2026-W40", 20, 1)] * 2, 0.95)
    assert shapes(drawn, "path", "f-soft") == shapes(drawn, "path", "f-breached") == []


def test_a_week_in_which_nothing_was_judged_is_blank():
    drawn = draw_trend([week(80), week(80), NOTHING, week(84), week(84)], 0.8)
    # 98 / 4 = 24.5 apart
    assert attributes(drawn, "path", "l-soft", "d") == [("M3 12.85L27.5 12.85",), ("M76.5 8.25L101 8.25",)]
    assert shapes(drawn, "svg", "trend") != []
    assert len(shapes(drawn, "svg")) == 1  # no hatch


def test_a_last_week_in_which_nothing_was_judged_leaves_no_dot_to_another():
    assert shapes(draw_trend([week(80), week(84), NOTHING], 0.8), "circle") == []


def test_a_week_alone_is_seen():
    drawn = draw_trend([NOTHING, week(80), NOTHING], 0.8)
    assert attributes(drawn, "circle", "f-soft", "cx", "cy", "r") == [("52", "12.85", "1.2")]


def test_what_was_not_seen_is_hatched():
    blind = TrendWeek("2026-W40", None, None, gap=True)
    drawn = draw_trend([week(80), blind, week(80)], 0.8)
    # 49 wide around 52: from 27.5
    assert [(each.get("x"), each.get("width"), each.get("height")) for each in shapes(drawn, "svg")[1:]] == [("27.5", "49", "28")]
    assert shapes(drawn, "path", "l-unknown")


def test_a_week_that_was_seen_in_part_is_hatched_and_drawn():
    drawn = draw_trend([week(80), week(84, gap=True), week(80)], 0.8)
    assert attributes(drawn, "path", "l-soft", "d") == [("M3 12.85L52 8.25L101 12.85",)]
    assert shapes(drawn, "path", "l-unknown")


def test_weeks_before_the_first_record_are_blank_and_no_gap():
    before = TrendWeek("2026-W40", None, None)
    drawn = draw_trend([before, before, week(84)], 0.8)
    assert shapes(drawn, "path", "l-unknown") == []
    assert attributes(drawn, "circle", "f-ink", "cx") == [("101",)]
    assert trend_in_words([before, before, week(84)], 0.8) == "1 week, per cent kept: 84; objective 80"
    assert trend_in_words([before, before], 0.8) == "no whole week yet"


def test_no_week_at_all_is_the_objective_alone():
    drawn = draw_trend([], 0.8)
    assert len(shapes(drawn, "path")) == 1
    assert shapes(drawn, "svg")[0].get("aria-label") == "no whole week yet"


def test_a_larger_one_has_the_same_proportions():
    drawn = draw_trend([week(80), week(89)], 0.8, width=206, height=65)
    # 60 pixels for 20 points: the objective lies at 2.5 + 27.
    assert attributes(drawn, "path", "l-soft", "d") == [("M3 29.5L203 2.5",)]
    assert shapes(drawn, "svg")[0].get("viewBox") == "0 0 206 65"


def test_a_screen_reader_is_told_every_week():
    weeks = [week(81), week(79), NOTHING, TrendWeek("2026-W43", None, None, gap=True), week(90, gap=True)]
    said = "5 weeks, per cent kept: 81, 79 (below), nothing judged, not seen, 90 (not wholly seen); objective 80"
    assert trend_in_words(weeks, 0.8) == said
    assert shapes(draw_trend(weeks, 0.8), "svg")[0].get("aria-label") == said


def test_the_table_has_the_figures_behind_it_the_newest_first():
    weeks = [TrendWeek("2026-W39", None, None), TrendWeek("2026-W40", 0, 0), TrendWeek("2026-W41", 1104, 431)]
    table = trend_table(weeks, 0.8, "Long waits of <Billing>")
    assert table.head == ("Week", "Judged", "Went wrong", "Kept in per cent, objective 80")
    # 673 of 1104 = 60.96 per cent, rounded down
    assert table.rows == [
        ("2026-W41", "1104", "431", "60 (below)"),
        ("2026-W40", "0", "0", "nothing judged"),
        ("2026-W39", "not recorded yet", "", ""),
    ]
    assert "<caption>Long waits of &lt;Billing&gt;</caption>" in table.__html__()
    assert '<tr><th scope="row">2026-W41</th><td>1104</td>' in table.__html__()
