"""The page of one contact in words and drawings: its news, its arithmetic, its time line; worked out by hand."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.publish.web.clock import Clock
from monitor.publish.web.evidence import contact_page
from monitor.publish.web.evidence_line import time_lines
from monitor.publish.web.judged_waits import judged_wait
from tests.publish.charts.drawn import attributes, shapes, texts
from tests.publish.snapshots import contact_centre
from tests.publish.web.answers import evidence, wait

LONDON = ZoneInfo("Europe/London")
QUEUE = wait("queue", "2026-11-02T09:00:00Z", "2026-11-02T09:00:18Z", 18.0, 20.0, "2026-11-02T09:00:20Z", "kept")
HOLD = wait("hold", "2026-11-02T09:02:00Z", "2026-11-02T09:04:24Z", 144.0, 120.0, "2026-11-02T09:04:00Z", "breached")
CALL = [
    {"kind": kind, "at": f"2026-11-02T09:0{at}Z"}
    for kind, at in (("queued", "0:00"), ("answered", "0:18"), ("held", "2:00"), ("unheld", "4:24"), ("ended", "6:00"))
]
LONG_HOLD = [{"signal": "long_hold", "at": "2026-11-02T09:04:00Z", "related": None}]


def held(**changed: Any) -> Mapping[str, Any]:
    """A call of six minutes with a hold of 2:24, where 2:00 are the limit."""
    parts: dict[str, Any] = {"waits": [QUEUE, HOLD], "events": CALL, "signals": LONG_HOLD, "marks": [], **changed}
    return evidence(**parts).explained


def clock(explained: Mapping[str, Any], *, one_day: bool = True) -> Clock:
    days = (2,) if one_day else (2, 4)
    return Clock(LONDON, [datetime(2026, 11, day, 9, tzinfo=UTC) for day in days])


def news(explained: Mapping[str, Any]) -> tuple[str, str, str]:
    said = contact_page(explained, contact_centre())["news"]
    return said.state, said.label, said.words


class TestNews:
    def test_how_long_the_worst_wait_was_and_its_limit(self):
        assert news(held()) == ("breached", "held too long", "This caller was held for 2 min 24 s. The limit is 2 min.")

    def test_what_waits_over_its_limit_comes_before_what_did(self):
        owed = wait("callback", "2026-11-02T09:05:00Z", None, 14521.0, 14400.0, "2026-11-02T13:05:00Z", "breached")
        said = "This caller has been owed a call back for 4 h 2 min of opening hours (office). The limit is 4 h."
        assert news(held(waits=[HOLD, owed]))[2] == said

    def test_it_is_rounded_where_the_arithmetic_is_exact(self):
        hold = wait(
            "hold", "2026-11-02T09:02:00Z", "2026-11-02T09:04:24.001Z", 144.001, 120.0, "2026-11-02T09:04:00Z", "breached"
        )
        page = contact_page(held(waits=[hold]), contact_centre())
        assert page["news"].words == "This caller was held for 2 min 24 s. The limit is 2 min."
        assert page["waits"][0].waited == "2 min 24.001 s"

    def test_what_went_on_a_moment_longer_than_its_limit_does_not_read_as_equal_to_it(self):
        hold = wait("hold", "2026-11-02T09:02:00Z", None, 120.001, 120.0, "2026-11-02T09:04:00Z", "breached")
        page = contact_page(held(waits=[hold]), contact_centre())
        assert page["news"].words == "This caller has been on hold for just over 2 min. The limit is 2 min."
        assert page["due"][0].waited == "just over 2 min"

    @pytest.mark.parametrize(
        ("until", "said"),
        [
            ("2026-11-04T10:15:00Z", "We promised to call by Tue 3 Nov, 17:00:00. It was kept at Wed 4 Nov, 10:15:00."),
            (None, "We promised to call by Tue 3 Nov, 17:00:00. It has not been kept so far."),
        ],
    )
    def test_a_promise_has_a_moment(self, until: str | None, said: str):
        row = wait("promise", "2026-11-02T09:00:00Z", until, 7200.0, None, "2026-11-03T17:00:00Z", "breached")
        assert news(evidence({"deed": "call"}, waits=[row], signals=LONG_HOLD).explained)[2] == said

    def test_what_went_wrong_without_a_wait(self):
        rated = [{"signal": "low_rating", "at": "2026-11-02T09:07:00Z", "related": None}]
        assert news(held(waits=[QUEUE], signals=rated))[2] == "This customer met a negative contact: rated low."

    def test_who_waits_is_told_by_the_nearest_limit(self):
        waits = [
            wait("resolution", "2026-11-02T09:00:00Z", None, 1500.0, None, "2026-11-05T17:00:00Z", "open", 3),
            wait("reply", "2026-11-02T09:00:00Z", None, 1500.0, 14400.0, "2026-11-02T13:00:00Z", "open"),
        ]
        said = ("waiting", "awaiting a first reply", "The first reply has been owed for 25 min. The limit is 4 h.")
        assert news(held(waits=waits, signals=[])) == said

    def test_nothing_wrong(self):
        assert news(held(waits=[QUEUE], signals=[])) == ("good", "well so far", "Nothing went wrong so far.")


class TestWhatGoesOn:
    def due(self, **of_wait: Any) -> list[tuple[str, str, str, bool]]:
        row = {**wait("queue", "2026-11-02T09:29:48Z", None, 12.0, 20.0, "2026-11-02T09:30:08Z", "open"), **of_wait}
        return [tuple(each) for each in contact_page(held(waits=[row], signals=[]), contact_centre())["due"]]

    def test_when_it_breaches(self):
        # It is half past nine.
        assert self.due() == [("in the queue", "12 s", "limit falls at 09:30:08, in 8 s", False)]

    def test_since_when_it_is_over(self):
        found = self.due(due_at="2026-11-02T09:29:30Z", outcome="breached", waited_seconds=50.0)
        assert found == [("in the queue", "50 s", "limit passed at 09:29:30, 30 s ago", True)]

    def test_without_a_limit(self):
        assert self.due(due_at=None) == [("in the queue", "12 s", "has no limit", False)]

    def test_what_ended_or_does_not_count_is_not_due(self):
        assert self.due(until="2026-11-02T09:29:59Z", outcome="kept") == self.due(outcome="void") == []


class TestArithmetic:
    def said(self, row: Mapping[str, Any], *, one_day: bool = True, **measured: Any) -> str:
        explained = evidence(measured, waits=[row]).explained
        return judged_wait(explained["waits"][0], clock(explained, one_day=one_day)).arithmetic

    def test_by_the_clock(self):
        assert self.said(HOLD) == "09:02:00 to 09:04:24, by the clock. The limit passed at 09:04:00."
        assert self.said(QUEUE) == "09:00:00 to 09:00:18, by the clock. It would have been over the limit after 09:00:20."

    def test_rings(self):
        """Three seconds apart; the fifth begins after four periods."""
        ring = wait("ring", "2026-11-02T09:00:08Z", "2026-11-02T09:00:18Z", 10.0, 12.0, "2026-11-02T09:00:20Z", "kept")
        rings = {"heard": 4, "limit": 5, "period_seconds": 3.0}
        said = self.said(ring, rings=rings)
        assert "4 rings heard, one every 3 s in this country: at 0, 3, 6 and 9 s. Ring 5 would have begun at 12 s." in said
        assert "Ring 5 began at 12 s." in self.said({**ring, "outcome": "breached"}, rings={**rings, "heard": 9})
        assert "1 ring heard, one every 4.5 s in this country: at 0 s." in self.said(
            ring, rings={"heard": 1, "limit": None, "period_seconds": 4.5}
        )

    def test_opening_hours_are_added_up(self):
        """From 15:20:04 to closing at 17:30 are 2 h 9 min 56 s, from opening at 9:00 to 9:42:31 are 42 min 31 s."""
        reply = wait("reply", "2026-11-02T15:20:04Z", "2026-11-03T09:42:31Z", 10347.0, 14400.0, "2026-11-03T10:50:04Z", "kept")
        counted = [["2026-11-02T15:20:04Z", "2026-11-02T17:30:00Z"], ["2026-11-03T09:00:00Z", "2026-11-03T09:42:31Z"]]
        assert self.said(reply, one_day=False, calendar="office", counted=counted) == (
            "Mon 2 Nov, 15:20:04 to 17:30:00: 2 h 9 min 56 s. Tue 3 Nov, 09:00:00 to 09:42:31: 42 min 31 s. "
            "Together 2 h 52 min 27 s of opening hours (office). It would have been over the limit after Tue 3 Nov, 10:50:04."
        )

    def test_one_span_needs_no_sum(self):
        reply = wait("reply", "2026-11-02T09:00:00Z", "2026-11-02T10:00:00Z", 3600.0, None, None, "kept")
        counted = [["2026-11-02T09:00:00Z", "2026-11-02T10:00:00Z"]]
        assert self.said(reply, calendar="office", counted=counted) == "09:00:00 to 10:00:00: 1 h of opening hours (office)."

    def test_before_the_first_opening_nothing_has_counted(self):
        reply = wait("reply", "2026-11-02T20:00:00Z", None, 0.0, 14400.0, "2026-11-03T13:00:00Z", "open")
        said = self.said(reply, one_day=False, calendar="office", counted=[])
        assert (
            said == "Since Mon 2 Nov, 20:00:00 no opening hour has counted. It goes on. The limit falls at Tue 3 Nov, 13:00:00."
        )

    def test_of_many_spans_the_first_and_the_last_are_written_out(self):
        days = [[f"2026-11-{day:02}T09:00:00Z", f"2026-11-{day:02}T17:00:00Z"] for day in range(2, 22)]
        solution = wait("resolution", "2026-11-02T09:00:00Z", "2026-11-21T17:00:00Z", 20 * 28800.0, None, None, "kept", 3)
        said = self.said(solution, one_day=False, calendar="office", counted=days)
        # 20 of them: four, then 15, then the last
        assert "Thu 5 Nov, 09:00:00 to 17:00:00: 8 h. Then 15 more such spans. Sat 21 Nov" in said
        assert "Together 160 h of opening hours (office)." in said
        untold = self.said(solution, one_day=False, calendar="office", counted=days, counted_left_out=7)
        assert "Then 22 more such spans. Together" in untold

    def test_a_pause_is_said(self):
        counted = [["2026-11-02T09:00:00Z", "2026-11-02T10:00:00Z"], ["2026-11-02T11:00:00Z", "2026-11-02T11:30:00Z"]]
        solution = wait("resolution", "2026-11-02T09:00:00Z", "2026-11-02T11:30:00Z", 5400.0, 14400.0, None, "kept")
        said = self.said(solution, counted=counted, paused=True, calendar=None)
        assert "Together 1 h 30 min of time that counts. While it was pending its clock stood still." in said


class TestClock:
    def test_the_zone_is_said_where_the_clocks_change_in_between(self):
        both = Clock(LONDON, [datetime(2026, 10, 24, 9, tzinfo=UTC), datetime(2026, 10, 26, 9, tzinfo=UTC)])
        assert both.span("2026-10-24T09:00:00Z", "2026-10-26T09:00:00Z") == "Sat 24 Oct, 10:00:00 BST to Mon 26 Oct, 09:00:00 GMT"

    def test_the_year_is_said_where_there_are_two(self):
        both = Clock(LONDON, [datetime(2026, 12, 31, 9, tzinfo=UTC), datetime(2027, 1, 2, 9, tzinfo=UTC)])
        assert both.moment("2026-12-31T09:00:00Z").words == "Thu 31 Dec 2026, 09:00:00"


class TestTimeLine:
    def test_a_call_to_scale(self):
        """Six minutes and 3 % of room are 370.8 s: 18 s are 4.85 %, the hold lies from 120 s to its limit at 240 s and 264 s."""
        [line] = time_lines(held(), clock(held()))
        assert line.heading == ""
        words = [each for each in texts(line.picture) if ":" in each and "over" not in each][:3]
        assert words == ["In the queue: 18 s of 20 s", "Talking, 2 times: 3 min 18 s", "On hold: 2 min 24 s of 2 min"]
        assert attributes(line.picture, "rect", "f-soft", "x", "width") == [("0%", "4.85%"), ("32.36%", "32.36%")]
        assert attributes(line.picture, "rect", "f-breached", "x", "width") == [("64.72%", "6.47%")]
        assert attributes(line.picture, "rect", "f-faint", "x", "width") == [("4.85%", "27.51%"), ("71.2%", "25.89%")]
        assert attributes(line.picture, "rect", "f-ink", "x") == [("5.39%",), ("64.72%",)]
        assert [each.text for each in shapes(line.picture, "text", "t-breached")] == ["24 s over"]
        assert "On hold: 2 min 24 s of 2 min, 24 s over" in (shapes(line.picture, "svg")[0].get("aria-label") or "")

    def test_opening_hours_are_thick_and_nights_thin_and_grey(self):
        """From 16:00 to 10:00 with closing at 17:00 and opening at 9:00: 18 h, with room 18.54 h."""
        reply = wait("reply", "2026-11-02T16:00:00Z", "2026-11-03T10:00:00Z", 7200.0, 14400.0, "2026-11-03T12:00:00Z", "kept")
        opened = [["2026-11-02T16:00:00Z", "2026-11-02T17:00:00Z"], ["2026-11-03T09:00:00Z", "2026-11-03T10:00:00Z"]]
        events = [{"kind": "received", "at": "2026-11-02T16:00:00Z"}, {"kind": "replied", "at": "2026-11-03T10:00:00Z"}]
        explained = evidence({"counted": opened, "calendar": "office"}, {"open": opened}, waits=[reply], events=events,
                             channel="email", signals=[], marks=[]).explained  # fmt: skip
        [line] = time_lines(explained, clock(explained, one_day=False))
        assert attributes(line.picture, "rect", "f-shut", "x", "width") == [("5.39%", "86.3%")]
        assert attributes(line.picture, "rect", "f-soft", "x", "width", "height") == [
            ("0%", "5.39%", "14"), ("5.39%", "86.3%", "2"), ("91.69%", "5.39%", "14"),
        ]  # fmt: skip
        assert line.has_shut
        assert {"message", "reply"} <= set(texts(line.picture))

    def test_a_call_and_what_followed_days_later_are_drawn_apart(self):
        owed = wait(
            "callback", "2026-11-02T09:06:00Z", "2026-11-04T09:06:00Z", 172800.0, 14400.0, "2026-11-02T13:06:00Z", "breached"
        )
        explained = held(waits=[QUEUE, HOLD, owed])
        lines = time_lines(explained, clock(explained, one_day=False))
        assert [line.heading for line in lines] == ["On the line", "Afterwards"]
        assert "the contact" in texts(lines[1].picture)

    def test_now_is_marked_while_somebody_waits(self):
        row = wait("queue", "2026-11-02T09:29:48Z", None, 10.0, 20.0, "2026-11-02T09:30:08Z", "open")
        events = [{"kind": "queued", "at": "2026-11-02T09:29:48Z"}]
        explained = held(waits=[row], signals=[], events=events)
        [line] = time_lines(explained, clock(explained))
        # Seen up to 09:29:58; the axis goes on to the limit: 20.6 s with its room, the limit at 20 of these.
        assert "now" in texts(line.picture)
        assert attributes(line.picture, "rect", "f-ink", "x") == [("97.09%",)]
        assert attributes(line.picture, "rect", "f-soft", "width") == [("48.54%",)]

    def test_a_wait_of_no_length_is_seen(self):
        row = wait("hold", "2026-11-02T09:02:00Z", "2026-11-02T09:02:00Z", 0.0, 120.0, "2026-11-02T09:04:00Z", "kept")
        [line] = time_lines(held(waits=[row]), clock(held()))
        assert attributes(line.picture, "rect", "f-soft", "width") == [("2",)]

    def test_what_overlaps_lies_in_rows_of_its_own(self):
        rows = [
            wait("promise", f"2026-11-02T09:0{n}:00Z", "2026-11-02T09:30:00Z", 60.0, None, "2026-11-02T09:20:00Z", "breached")
            for n in range(3)
        ]
        [line] = time_lines(held(waits=rows), clock(held()))
        assert len([each for each in texts(line.picture) if each.startswith("Promised for 09:20:00")]) == 3

    def test_very_many_bars_are_bounded_and_counted(self):
        rows = [wait("promise", f"2026-11-02T09:{n:02}:00Z", "2026-11-02T10:30:00Z", 60.0, None, None, "kept") for n in range(40)]
        [line] = time_lines(held(waits=rows, events=[]), clock(held()))
        assert line.left_out == 26  # of 40 promises 14 are drawn
        assert len(line.picture.svg) < 20_000

    def test_a_contact_without_any_moment_has_none(self):
        assert time_lines(held(waits=[], events=[]), clock(held())) == []

    def test_a_year_of_messages_is_bounded(self):
        days = [f"2026-{1 + n // 28:02}-{1 + n % 28:02}" for n in range(330)]
        events = [{"kind": kind, "at": f"{day}T09:00:00Z"} for day in days for kind in ("received", "replied")]
        waits = [wait("follow_up", f"{day}T09:00:00Z", f"{day}T10:00:00Z", 3600.0, 28800.0, None, "kept") for day in days]
        explained = evidence(waits=waits, events=events, channel="email", signals=[], marks=[]).explained
        [line] = time_lines(explained, clock(explained, one_day=False))
        assert len(line.picture.svg) < 40_000
        assert any(each.startswith("Answer, 330 times") for each in texts(line.picture))
