"""Days and periods in English, seen from Wednesday, 18 November 2026, 14:20 in London."""

import pytest

from monitor.domain.dates.feasts import easter, nth_weekday
from tests.domain.dates.reading import due, read, told

DAYS = {
    "today": "2026-11-18",
    "tomorrow": "2026-11-19",
    "the day after tomorrow": "2026-11-20",
    "Friday": "2026-11-20",
    "this Friday": "2026-11-20",
    "next Friday": "2026-11-27",
    "Friday week": "2026-11-27",
    "a week on Friday": "2026-11-27",
    "Friday next week": "2026-11-27",
    "next week Friday": "2026-11-27",
    "Wednesday": "2026-11-25",
    "a week today": "2026-11-25",
    "two weeks from Monday": "2026-12-07",
    "the Monday after next": "2026-11-30",
    "the 3rd": "2026-12-03",
    "the 18th": "2026-11-18",
    "the 17th": "2026-12-17",
    "Friday 27th": "2026-11-27",
    "20 November": "2026-11-20",
    "Nov 3rd": "2027-11-03",
    "the third of May 2027": "2027-05-03",
    "December the twenty-first": "2026-12-21",
    "5 Dec. 2027": "2027-12-05",
    "2026-11-20": "2026-11-20",
    "20/11/2026": "2026-11-20",
    "on 4/12": "2026-12-04",
    "20.11.2026": "2026-11-20",
    "in three days": "2026-11-21",
    "in a fortnight": "2026-12-02",
    "in 2 weeks' time": "2026-12-02",
    "three days from now": "2026-11-21",
    "ten days from Monday": "2026-12-03",
    "two days before Christmas": "2026-12-23",
    "the second Friday of December": "2026-12-11",
    "the last Monday in November": "2026-11-30",
    "the last day of the month": "2026-11-30",
    "the 5th of next month": "2026-12-05",
    "Boxing Day": "2026-12-26",
    "Good Friday": "2027-03-26",
    "Thanksgiving": "2026-11-26",
    "Easter Monday 2027": "2027-03-29",
}
PERIODS = {
    "next week": ("2026-11-23", "2026-11-29"),
    "this week": ("2026-11-16", "2026-11-22"),
    "the week after next": ("2026-11-30", "2026-12-06"),
    "the end of next week": ("2026-11-26", "2026-11-29"),
    "early next week": ("2026-11-23", "2026-11-25"),
    "the weekend": ("2026-11-21", "2026-11-22"),
    "next weekend": ("2026-11-28", "2026-11-29"),
    "next month": ("2026-12-01", "2026-12-31"),
    "the end of the month": ("2026-11-20", "2026-11-30"),
    "mid-December": ("2026-12-10", "2026-12-15"),
    "January": ("2027-01-01", "2027-01-31"),
    "March 2028": ("2028-03-01", "2028-03-31"),
    "Q1": ("2027-01-01", "2027-03-31"),
    "next year": ("2027-01-01", "2027-12-31"),
    "the first week of January": ("2027-01-04", "2027-01-10"),
    "3 to 5 December": ("2026-12-03", "2026-12-05"),
    "December 3-5": ("2026-12-03", "2026-12-05"),
    "from Friday to Tuesday": ("2026-11-20", "2026-11-24"),
    "between Monday and Thursday": ("2026-11-23", "2026-11-26"),
    "the week commencing 30 November": ("2026-11-30", "2026-12-06"),
}


@pytest.mark.parametrize(("text", "day"), DAYS.items())
def test_a_day(text: str, day: str):
    assert told(text) == [(f"{day}T00:00", f"{day}T23:59")]


@pytest.mark.parametrize(("text", "span"), PERIODS.items())
def test_a_period(text: str, span: tuple[str, str]):
    assert told(text) == [(f"{span[0]}T00:00", f"{span[1]}T23:59")]


def test_the_month_comes_first_in_america_only():
    assert told("on 3/4/2027", zone="America/New_York") == [("2027-03-04T00:00", "2027-03-04T23:59")]
    assert told("on 3/4/2027", zone="Europe/London") == [("2027-04-03T00:00", "2027-04-03T23:59")]
    assert told("on 13/4/2027", zone="America/New_York") == [("2027-04-13T00:00", "2027-04-13T23:59")]


def test_a_weekday_seen_from_a_sunday():
    sunday = "2026-07-12T10:00"
    assert told("Monday", sunday) == [("2026-07-13T00:00", "2026-07-13T23:59")]
    assert told("next Friday", sunday) == [("2026-07-17T00:00", "2026-07-17T23:59")]


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "last Friday",
        "three days ago",
        "since Monday",
        "on 3 November 2025",
        "every Friday",
        "24/7",
        "version 3.11",
        "you may not",
        "it sat there",
        "good morning",
        "We usually march on",
        "the second floor",
        "a couple of people",
    ],
)
def test_what_is_past_or_no_date_is_left_out(text: str):
    assert told(text) == []


def test_what_is_promised_for_days_is_due_when_the_desk_closes():
    assert due("by Friday") == ["2026-11-20T17:30"]
    assert due("on Saturday") == ["2026-11-21T23:59"]
    assert due("next week") == ["2026-11-27T17:30"]
    assert due("over the weekend") == ["2026-11-22T23:59"]
    assert due("by the end of the month") == ["2026-11-30T17:30"]


def test_today_after_closing_is_due_at_the_end_of_the_day():
    assert due("today", "2026-11-18T17:29") == ["2026-11-18T17:30"]
    assert due("today", "2026-11-18T17:30") == ["2026-11-18T23:59"]


def test_working_days_are_counted_from_the_day_after_the_message():
    assert due("within 2 working days") == ["2026-11-20T17:30"]
    assert due("within 2 working days", "2026-11-18T08:00") == ["2026-11-20T17:30"]
    assert due("in 3 to 5 business days") == ["2026-11-25T17:30"]
    assert due("within one working day", "2026-11-20T10:00") == ["2026-11-23T17:30"]


def test_after_a_day_says_no_time():
    assert due("after Friday") == [None]


def test_before_a_day_ends_with_the_day_before():
    assert told("before Friday")[0][1] == "2026-11-19T23:59"
    assert told("before the end of May")[0][1] == "2027-05-31T23:59"


def test_an_expression_stands_where_it_is_written():
    text = "We will call you by Friday 5pm at the latest."
    [found] = read(text)
    assert text[found.start : found.stop] == "Friday 5pm"


@pytest.mark.parametrize("text", ["in 99999 years", "the 40th", "in 100000 working days", "2026-13-45", "5 weeks before 1900"])
def test_dates_beyond_the_calendar_are_none(text: str):
    assert told(text) == []


def test_easter():
    assert [easter(year).isoformat() for year in (2024, 2026, 2027, 2038)] == [
        "2024-03-31",
        "2026-04-05",
        "2027-03-28",
        "2038-04-25",
    ]


def test_the_fifth_friday_of_a_month_with_four_is_none():
    assert nth_weekday(2026, 10, 4, 5).isoformat() == "2026-10-30"
    with pytest.raises(ValueError, match="no 5th"):
        nth_weekday(2026, 11, 4, 5)
