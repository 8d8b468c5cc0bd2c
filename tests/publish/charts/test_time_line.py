"""A call and a conversation on one axis; where each shape lies is worked out by hand."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.publish.charts.shapes import Picture
from monitor.publish.charts.time_line import Flag, Piece, Row, TimeLine, draw_time_line
from tests.publish.charts.drawn import attributes, shapes, texts

LONDON = ZoneInfo("Europe/London")
NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def drawn(*rows: Row, flags: tuple[Flag, ...] = (), seconds: int = 1000, now: datetime | None = None) -> Picture:
    """An axis on which ten seconds are one per cent."""
    return draw_time_line(TimeLine(NINE, at(seconds), LONDON, rows, flags, now=now), "what happened")


def test_a_bar_is_as_long_as_the_wait():
    picture = drawn(
        Row("On hold 2:30 of 2:00", [Piece(at(100), at(220), "wait"), Piece(at(220), at(250), "over")], [at(220)], "0:30 over")
    )
    # No labels of flags: the row begins at 8, its bar 17 below, 14 high.
    assert attributes(picture, "rect", "f-soft", "x", "width", "y", "height") == [("10%", "12%", "25", "14")]
    assert attributes(picture, "rect", "f-breached", "x", "width") == [("22%", "3%")]
    assert attributes(picture, "rect", "f-ink", "x", "width", "transform") == [("22%", "2", "translate(-1)")]
    assert [(each.text, each.get("x"), each.get("dx")) for each in shapes(picture, "text", "t-breached")] == [
        ("0:30 over", "25%", "6")
    ]


def test_words_that_would_leave_the_picture_begin_further_left():
    """On a phone the 20 characters take 20 * 7.4 / 326 = 45.4 per cent."""
    row = Row("On hold 2:30 of 2:00", [Piece(at(800), at(950), "over")], [], "0:30 over")
    picture = drawn(row)
    first, over = shapes(picture, "text")[:2]
    assert (first.text, first.get("x")) == ("On hold 2:30 of 2:00", "54.6%")
    # Under the bar, which makes room for it: 8 + 50 + 18 to the axis, 26 below that.
    assert (over.text, over.get("x"), over.get("text-anchor"), over.get("y")) == ("0:30 over", "95%", "end", "55")
    assert shapes(picture, "svg")[0].get("height") == "102"


def test_what_is_too_short_to_be_seen_is_two_pixels():
    assert attributes(drawn(Row("Ringing", [Piece(at(10), at(12), "wait")])), "rect", "f-soft", "x", "width") == [("1%", "2")]


def test_a_clock_that_stands_still_is_a_thin_line():
    picture = drawn(Row("First reply", [Piece(at(0), at(500), "wait"), Piece(at(500), at(900), "wait", still=True)]))
    assert attributes(picture, "rect", "f-soft", "x", "width", "height") == [("0%", "50%", "14"), ("50%", "40%", "2")]


def test_a_limit_beyond_the_axis_is_not_drawn():
    picture = drawn(Row("Ringing", [Piece(at(10), at(900), "wait")], [at(1001)]))
    assert shapes(picture, "rect", "f-ink") == []


def test_closed_hours_lie_behind_and_slivers_of_them_do_not():
    closed = [(at(-500), at(100)), (at(500), at(505)), (at(900), at(2000))]
    picture = draw_time_line(TimeLine(NINE, at(1000), LONDON, [], shut=closed), "what happened")
    assert attributes(picture, "rect", "f-shut", "x", "width") == [("0%", "10%"), ("90%", "10%")]


def test_labels_of_what_happened_do_not_cover_each_other():
    """On a phone of 326 pixels "message" takes (7 * 7.4 + 10) / 326 = 19 per cent."""
    flags = (Flag(at(0), "message"), Flag(at(100), "message"), Flag(at(200), "message"), Flag(at(150), "message"))
    picture = drawn(flags=flags)
    found = [(each.get("x"), each.get("y")) for each in shapes(picture, "text") if each.text == "message"]
    assert found == [("0%", "16"), ("10%", "38"), ("15%", "60"), ("20%", "16")]
    assert len(shapes(picture, "line", "l-soft")) == 4


def test_a_line_whose_label_has_no_room_stays():
    flags = tuple(Flag(at(seconds), "message") for seconds in range(0, 50, 10))
    picture = drawn(flags=flags)
    assert texts(picture).count("message") == 3
    assert len(shapes(picture, "line", "l-soft")) == 5


def test_what_was_broken_is_labelled_first():
    flags = (*(Flag(at(seconds), "message") for seconds in range(0, 30, 10)), Flag(at(40), "promise due", is_breached=True))
    picture = drawn(flags=flags)
    assert "promise due" in texts(picture)
    assert attributes(picture, "line", "l-breached", "x1") == [("4%",)]


def test_now_is_marked_where_something_goes_on():
    picture = drawn(Row("In the queue", [Piece(at(0), at(600), "wait")]), now=at(600))
    assert texts(picture)[0] == "now"
    assert attributes(picture, "line", "l-soft", "x1") == [("60%",)]


def test_the_axis_has_the_clock_of_the_zone():
    summer = datetime(2026, 7, 1, 9, tzinfo=UTC)
    picture = draw_time_line(TimeLine(summer, summer + timedelta(minutes=5), LONDON, []), "what happened")
    assert texts(picture) == ["10:00", "10:01", "10:02", "10:03", "10:04", "10:05"]
    # The first and the last do not stick out.
    anchors = [each.get("text-anchor") for each in shapes(picture, "text")]
    assert anchors == [None, "middle", "middle", "middle", "middle", "end"]


def test_a_label_at_the_end_of_the_axis_does_not_cover_the_one_before():
    """09:00:10 and on, every 17.2 per cent; on a phone each takes 8 * 6.6 / 326 = 16.2. The last, at 96.6, ends there: it would
    begin at 80.4, while the one before, at 79.3, ends at 87.4."""
    picture = draw_time_line(TimeLine(at(4), at(62), LONDON, [Row("Queue", [Piece(at(4), at(62), "wait")])]), "what happened")
    labels = [each.text for each in shapes(picture, "text", "t-soft")]
    assert labels == ["09:00:10", "09:00:20", "09:00:30", "09:00:40", "09:00:50"]
    assert len(attributes(picture, "line", "l-faint", "x1")) == 6 + 1  # each tick, and the axis


def test_days_are_shorter_on_a_phone():
    picture = draw_time_line(TimeLine(NINE, NINE + timedelta(days=3), LONDON, []), "what happened")
    # Six steps of half a day from nine on Tuesday.
    assert texts(picture) == ["12:00", "Wed 25", "12:00", "Thu 26", "12:00", "Fri 27"]
    assert [each.text for each in shapes(picture, "tspan", "wide")] == [" 25", " 26", " 27"]


def test_hostile_words_stay_words():
    hostile = "</text><script>alert(1)</script>"
    picture = draw_time_line(TimeLine(NINE, at(1000), LONDON, [Row(hostile, [Piece(at(0), at(1), "talk")])]), hostile)
    assert hostile in texts(picture)
    assert shapes(picture, "script") == []


def test_a_moment_alone_is_drawn():
    picture = draw_time_line(TimeLine(NINE, NINE, LONDON, [Row("x", [Piece(NINE, NINE, "talk")])], [Flag(NINE, "here")]), "x")
    assert "here" in texts(picture)
