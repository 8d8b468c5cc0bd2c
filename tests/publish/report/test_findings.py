"""What is more than chance, what lasted, which hours weigh: counts by hand."""

from monitor.publish.report.findings import HOURS, Hours, changes, heat_cells, lasting, worst_hours
from monitor.publish.report.values import HoursCause, Lasting, TrendWeek
from tests.publish.report.sample import WEEKS


def week(judged: int | None, breached: int | None, *, gap: bool = False) -> TrendWeek:
    return TrendWeek("2026-W46", judged, breached, gap)


def trend(*counts: tuple[int | None, int | None] | TrendWeek) -> tuple[TrendWeek, ...]:
    made = [each if isinstance(each, TrendWeek) else week(*each) for each in counts]
    return tuple(each._replace(week=name) for name, each in zip(WEEKS, made, strict=False))


def test_a_change_is_told_of_weeks_that_both_have_figures_and_no_gap() -> None:
    good, bad = week(1000, 100), week(1000, 300)
    found = changes([
        (good, bad), (None, good), (week(None, None), good), (week(0, 0), good), (good, week(0, 0)),
        (week(1000, 100, gap=True), bad), (good, week(1000, 300, gap=True)), (good, week(1000, 105)),
    ])  # fmt: skip
    assert [each is None for each in found] == [False, True, True, True, True, True, True, False]
    assert found[0] is not None
    assert found[7] is not None
    assert (found[0].judged_before, found[0].breached_before, found[0].share_before) == (1000, 100, 0.9)
    assert (found[0].more_than_chance, found[7].more_than_chance) == (True, False)


def test_what_one_line_alone_would_call_more_than_chance_thirty_lines_do_not() -> None:
    # 2 of 40, then 11 of 40: Fisher's p is about 0.0126 * ... below 0.02; 1 of 40 then 11 of 40 about 0.003: 30 * 0.003 > 0.01
    line = (week(40, 1), week(40, 11))
    alone = changes([line])[0]
    assert alone is not None
    assert 0.001 < alone.probability < 0.01
    assert alone.more_than_chance
    among = changes([line, *[(week(40, 5), week(40, 5))] * 29])[0]
    assert among is not None
    assert among.probability == alone.probability
    assert not among.more_than_chance


def test_well_for_all_weeks_that_have_a_figure_is_sustained() -> None:
    assert lasting(trend(*[(None, None)] * 9, *[(100, 10)] * 4), 0.9) == Lasting("sustained", 4, WEEKS[9])
    assert lasting(trend(*[(None, None)] * 10, *[(100, 10)] * 3), 0.9) is None  # three weeks are not for long
    assert lasting(trend((100, 10), (0, 0), (100, 9), (100, 0), (100, 10)), 0.9) == Lasting("sustained", 4, WEEKS[0])


def test_better_for_four_weeks_by_more_than_chance_lasted() -> None:
    # 80 % of 1,000 in five weeks, then 95 % of 400 in four
    assert lasting(trend(*[(200, 40)] * 5, *[(100, 5)] * 4), 0.9) == Lasting("better", 4, WEEKS[5], 0.8)
    assert lasting(trend(*[(200, 40)] * 5, *[(100, 5)] * 3), 0.9) is None
    # 88 % of 50 before and 90 % after is what chance gives
    assert lasting(trend((50, 6), *[(50, 5)] * 4), 0.9) is None


def test_a_bad_last_week_or_one_without_a_figure_has_not_lasted() -> None:
    assert lasting(trend(*[(100, 5)] * 12, (100, 11)), 0.9) is None
    assert lasting(trend(*[(100, 5)] * 12, (0, 0)), 0.9) is None


def test_a_gap_ends_what_lasted_and_is_no_good_week() -> None:
    gap = week(100, 0, gap=True)
    assert lasting(trend(*[(100, 5)] * 8, gap, *[(100, 5)] * 4), 0.9) is None
    assert lasting(trend(*[(100, 5)] * 12, gap), 0.9) is None
    # a bad week with a gap further back is not pooled: 80 % of the other 800 before
    assert lasting(trend(gap, *[(200, 40)] * 4, *[(100, 5)] * 4), 0.9) == Lasting("better", 4, WEEKS[5], 0.8)


def hours(*cells: tuple[int, int, int, int]) -> Hours:
    """(weekday, hour, judged, breached)."""
    made = Hours([0] * HOURS, [0] * HOURS)
    for weekday, hour, judged, breached in cells:
        made.judged[24 * weekday + hour] = judged
        made.breached[24 * weekday + hour] = breached
    return made


def test_hours_in_which_far_more_goes_wrong_are_a_cause() -> None:
    others = [(weekday, hour, 20, 2) for weekday in range(5) for hour in range(8, 18) if (weekday, hour) not in ((1, 9), (1, 10))]
    # Tuesday from 9 to 11: 32 of 40 where the rest has one of ten
    found = worst_hours("long_wait", hours(*others, (1, 9, 20, 16), (1, 10, 20, 16)))
    assert found == HoursCause("long_wait", 1, 9, 11, 32, 40, 48 * 2 + 32)


def test_the_same_hour_of_every_day_is_one_cause() -> None:
    cells = [(weekday, hour, 20, 14 if hour == 12 else 1) for weekday in range(5) for hour in range(8, 18)]
    assert worst_hours("long_wait", hours(*cells)) == HoursCause("long_wait", None, 12, 13, 70, 100, 45 + 70)


def test_few_or_evenly_spread_bad_contacts_have_no_cause() -> None:
    assert worst_hours("long_wait", hours((1, 9, 4, 4), (2, 9, 100, 0))) is None
    assert worst_hours("long_wait", hours(*((day, hour, 20, 4) for day in range(5) for hour in range(8, 18)))) is None
    assert worst_hours("long_wait", hours((1, 9, 6, 6))) is None  # all there is
    assert worst_hours("long_wait", hours()) is None


def test_cells_are_those_in_which_anything_was_judged() -> None:
    cells = heat_cells(hours((0, 9, 2, 1), (6, 23, 1, 1)))
    assert [each[:4] for each in cells] == [(0, 9, 2, 1), (6, 23, 1, 1)]
    assert 0.09 < cells[0].certain_share < 0.1  # one of two: 0.0945 by Wilson
