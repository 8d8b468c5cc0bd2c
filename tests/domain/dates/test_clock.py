"""Times of day and offsets in English, seen from Wednesday, 18 November 2026, 14:20 in London."""

import pytest

from tests.domain.dates.reading import due, told

MOMENTS = {
    "by 5pm": "2026-11-18T17:00",
    "at 5 p.m.": "2026-11-18T17:00",
    "at 9am": "2026-11-19T09:00",
    "by 17:00 tomorrow": "2026-11-19T17:00",
    "tomorrow at 9": "2026-11-19T09:00",
    "tomorrow at 3": "2026-11-19T15:00",
    "at 5ish": "2026-11-18T17:00",
    "at half past four": "2026-11-18T16:30",
    "Friday at half nine": "2026-11-20T09:30",
    "Friday at a quarter to six": "2026-11-20T17:45",
    "Friday at ten past two": "2026-11-20T14:10",
    "tomorrow at 5.30pm": "2026-11-19T17:30",
    "at two thirty on Friday": "2026-11-20T14:30",
    "Friday at 10 o'clock": "2026-11-20T10:00",
    "at 8 tonight": "2026-11-18T20:00",
    "at 4 this afternoon": "2026-11-18T16:00",
    "at 11 tomorrow morning": "2026-11-19T11:00",
    "noon on Friday": "2026-11-20T12:00",
    "by noon": "2026-11-19T12:00",
    "close of business tomorrow": "2026-11-19T17:30",
    "by COB": "2026-11-18T17:30",
    "by the end of the day": "2026-11-18T17:30",
    "in two hours": "2026-11-18T16:20",
    "in 2 hours' time": "2026-11-18T16:20",
    "in half an hour": "2026-11-18T14:50",
    "in an hour and a half": "2026-11-18T15:50",
    "in three quarters of an hour": "2026-11-18T15:05",
    "in 1.5 hours": "2026-11-18T15:50",
    "an hour from now": "2026-11-18T15:20",
    "in twenty five minutes": "2026-11-18T14:45",
    "10 minutes before noon tomorrow": "2026-11-19T11:50",
}
SPANS = {
    "between 8 and 12 on Monday": ("2026-11-23T08:00", "2026-11-23T12:00"),
    "on Monday between nine and one": ("2026-11-23T09:00", "2026-11-23T13:00"),
    "from 4pm to 5pm tomorrow": ("2026-11-19T16:00", "2026-11-19T17:00"),
    "tomorrow 9-11am": ("2026-11-19T09:00", "2026-11-19T11:00"),
    "Friday afternoon": ("2026-11-20T12:00", "2026-11-20T18:00"),
    "tomorrow morning": ("2026-11-19T08:00", "2026-11-19T12:00"),
    "first thing tomorrow": ("2026-11-19T07:00", "2026-11-19T12:00"),
    "in the morning": ("2026-11-19T08:00", "2026-11-19T12:00"),
    "within 48 hours": ("2026-11-18T14:20", "2026-11-20T14:20"),
    "within the hour": ("2026-11-18T14:20", "2026-11-18T15:20"),
    "in the next two hours": ("2026-11-18T14:20", "2026-11-18T16:20"),
    "in the next days": ("2026-11-18T14:20", "2026-11-21T14:20"),
    "within a day or two": ("2026-11-18T14:20", "2026-11-20T14:20"),
    "within a fortnight": ("2026-11-18T14:20", "2026-12-02T14:20"),
    "over the next three weeks": ("2026-11-18T14:20", "2026-12-09T14:20"),
    "by midnight": ("2026-11-18T23:59", "2026-11-18T23:59"),
}


@pytest.mark.parametrize(("text", "moment"), MOMENTS.items())
def test_a_moment(text: str, moment: str):
    assert told(text) == [(moment, moment)]
    assert due(text) == [moment]


@pytest.mark.parametrize(("text", "span"), SPANS.items())
def test_a_span_is_due_at_its_end(text: str, span: tuple[str, str]):
    assert told(text) == [span]
    assert due(text) == [span[1]]


@pytest.mark.parametrize("text", ["for 5 people", "at 6.45 percent", "flat 12", "we have 3 offers", "I am at 12 Acacia Road"])
def test_a_number_is_no_hour(text: str):
    assert told(text) == []


def test_an_hour_that_the_clock_change_skips_is_the_instant_of_the_change():
    assert told("tomorrow at 01:30", "2027-03-27T12:00") == [("2027-03-28T02:00", "2027-03-28T02:00")]


def test_an_offset_over_the_clock_change_is_told_by_the_clock_on_the_wall():
    assert told("in two days", "2027-03-27T12:00") == [("2027-03-29T00:00", "2027-03-29T23:59")]
