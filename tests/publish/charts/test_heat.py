"""Hours by weekday: numbers, shades by hand from Wilson's interval, hatches, and what is left out."""

import pytest

from monitor.domain.statistics import wilson
from monitor.publish.charts.heat import draw_heat, heat_table, shade
from monitor.publish.report.values import Heat, HeatCell
from tests.publish.charts.drawn import attributes, shapes, texts

MONDAY, TUESDAY, SATURDAY = 0, 1, 5


def cell(weekday: int, hour: int, judged: int, breached: int) -> HeatCell:
    return HeatCell(weekday, hour, judged, breached, wilson(breached, judged).low)


def heat(*cells: HeatCell, unseen: tuple[tuple[int, int], ...] = ()) -> Heat:
    return Heat("long_wait", cells, unseen)


@pytest.mark.parametrize(
    ("breached", "judged", "expected"),
    [
        (0, 50, 0),
        (1, 29, 1),  # from 0.6 per cent
        (2, 20, 1),  # 2.8
        (5, 40, 2),  # 5.5
        (15, 60, 3),  # 15.8: (0.25 + 0.032 - 1.96 sqrt(0.003125 + 0.000267)) / 1.064 = 0.158
        (9, 12, 4),  # 46.8
        (1, 1, 2),  # 20.7, but one of one is not worth a dark cell
        (1, 2, 2),  # 9.5
        (2, 2, 3),  # 34.2
    ],
)
def test_the_shade_is_how_sure_the_share_is(breached: int, judged: int, expected: int):
    assert shade(cell(MONDAY, 9, judged, breached)) == expected


def test_a_cell_lies_where_its_day_and_hour_say():
    """Names of days take 34, hours 15; columns are 24 apart, rows 19; a cell is 23 by 18; there is room for ten columns."""
    drawn = draw_heat(heat(cell(MONDAY, 9, 50, 0), cell(TUESDAY, 10, 12, 9)), "what went wrong")
    assert (
        shapes(drawn, "svg")[0].get("viewBox") == "0 0 274 110"
    )  # room for ten hours: cells of a few are not larger than elsewhere
    assert attributes(drawn, "rect", "h0", "x", "y", "width", "height") == [("34", "15", "23", "18")]
    assert attributes(drawn, "rect", "h4", "x", "y") == [("58", "34")]
    [number] = shapes(drawn, "text", "t-on")
    assert (number.text, number.get("x"), number.get("y"), number.get("fill")) == ("9", "69.5", "47.3", "#ffffff")
    assert texts(drawn) == ["9", "10", "Mon", "Tue", "Wed", "Thu", "Fri", "9"]


def test_where_nobody_came_there_is_no_cell():
    drawn = draw_heat(heat(cell(TUESDAY, 9, 4, 0), cell(TUESDAY, 11, 4, 0)), "what went wrong")
    assert attributes(drawn, "rect", "", "x") == [("34",), ("82",)]


def test_hours_that_were_not_seen_are_hatched_and_stretch_nothing():
    unseen = (*((MONDAY, hour) for hour in range(24)), (TUESDAY, 10))
    drawn = draw_heat(heat(cell(TUESDAY, 9, 3, 0), cell(TUESDAY, 10, 3, 2), unseen=unseen), "what went wrong")
    assert texts(drawn)[:2] == ["9", "10"]
    assert [(each.get("x"), each.get("y")) for each in shapes(drawn, "svg")[1:]] == [("34", "15"), ("58", "15"), ("58", "34")]
    assert len(shapes(drawn, "rect")) == 2


def test_saturday_is_shown_when_somebody_came_then():
    drawn = draw_heat(heat(cell(SATURDAY, 9, 3, 1)), "what went wrong")
    assert texts(drawn) == ["9", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "1"]
    # 15 for the hours and six rows of 19
    assert shapes(drawn, "svg")[0].get("viewBox") == "0 0 274 129"


def test_a_day_of_24_hours_stands_in_two_bands():
    drawn = draw_heat(heat(cell(MONDAY, 0, 2, 2), cell(MONDAY, 23, 2, 0)), "what went wrong")
    hours = [each.text for each in shapes(drawn, "text") if each.get("text-anchor") == "middle" and each.get("fill") == "#545b64"]
    assert hours == [str(hour) for hour in range(24)]
    # A band is 15 + 5 * 19 = 110 high, 6 lie between: hour 12 begins again at the left, at 116 + 15.
    assert attributes(drawn, "rect", "h0", "x", "y") == [("298", "131")]  # 34 + 11 * 24
    assert shapes(drawn, "svg")[0].get("viewBox") == "0 0 322 226"


def test_a_number_never_outgrows_its_cell():
    assert texts(draw_heat(heat(cell(MONDAY, 9, 5000, 1234)), "what went wrong"))[-1] == "1k"


def test_a_week_without_anybody_is_an_empty_grid_of_usual_hours():
    drawn = draw_heat(heat(), "nobody came")
    assert texts(drawn)[:10] == [str(hour) for hour in range(8, 18)]
    assert shapes(drawn, "rect") == []


def test_hostile_words_stay_words():
    drawn = draw_heat(heat(), '"><script>alert(1)</script>')
    assert shapes(drawn, "svg")[0].get("aria-label") == '"><script>alert(1)</script>'
    assert shapes(drawn, "script") == []


def test_the_table_has_the_same():
    cells = cell(MONDAY, 9, 41, 3), cell(TUESDAY, 10, 7, 0)
    table = heat_table(heat(*cells, unseen=((MONDAY, 10), (TUESDAY, 10))), "long waits")
    assert table.head == ("", "9:00", "10:00")
    assert table.rows[:2] == [("Mon", "3 of 41", "not seen"), ("Tue", "nobody", "0 of 7, not wholly seen")]
