"""The story: the same for the same seed, in order, believable, and made of invented people only."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.demo.story import (
    RECEPTION,
    SALES,
    SUPPORT,
    ZONE,
    Stage,
    hours_of,
    person,
    phone_day,
    staff,
    timeline,
)
from monitor.demo.story_written import Letter, desk_day, mail_day, working_time_after
from monitor.domain.event import KINDS

MONDAY = date(2026, 11, 2)
SUNDAY = date(2026, 11, 1)
days = st.dates(date(2025, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize("make", [phone_day, mail_day, desk_day])
def test_a_day_is_the_same_every_time_and_another_with_another_seed(make: "object") -> None:
    assert callable(make)
    assert make(MONDAY, 1) == make(MONDAY, 1)
    assert make(MONDAY, 1) != make(MONDAY, 2)


@given(days)
@settings(max_examples=20, deadline=None)
def test_nothing_of_a_day_is_told_before_that_day(day: date) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE)
    calls = [call.at for call in phone_day(day, 1)]
    moments = [*calls, *(letter.at for letter in mail_day(day, 1)), *(note.at for note in desk_day(day, 1))]
    assert min(moments) >= midnight
    assert max(calls) < midnight + timedelta(days=1)


@pytest.mark.parametrize(("day", "hours"), [(MONDAY, 24), (date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_days_have_the_hours_that_the_clock_change_leaves_them(day: date, hours: int) -> None:
    assert len(list(hours_of(day))) == hours


def test_a_timeline_is_in_order_without_gaps_and_without_end() -> None:
    items = list(islice(timeline(lambda day: mail_day(day, 1), MONDAY), 500))
    assert [item.at for item in items] == sorted(item.at for item in items)
    last = items[-1].at
    span = [MONDAY + timedelta(days=i) for i in range((last.astimezone(ZONE).date() - MONDAY).days + 1)]
    told = {letter.key for day in span for letter in mail_day(day, 1) if letter.at < last}
    assert told == {item.key for item in items if item.at < last}


def test_working_days_are_busier_than_sundays_and_nights_are_not_dead() -> None:
    def by_hour(day: date, *lines: str) -> list[int]:
        hours = [a.at.astimezone(ZONE).hour for a in phone_day(day, 1) if a.plan.exten in lines]
        return [hours.count(h) for h in range(24)]

    monday, sunday = by_hour(MONDAY, SUPPORT, SALES, RECEPTION), by_hour(SUNDAY, SUPPORT, SALES, RECEPTION)
    assert sum(monday) > 1.2 * sum(sunday)
    assert min(monday) >= 10  # a caller every six minutes at the quietest


@pytest.mark.parametrize("speed", [1, 10, 60])
def test_there_is_always_somebody_on_duty_and_never_more_than_there_are(speed: float) -> None:
    moments = [datetime(2026, 11, 2, tzinfo=UTC) + timedelta(hours=h) for h in range(7 * 24)]
    assert all(1 <= staff(SUPPORT, m, speed, 1) <= 40 for m in moments)
    assert all(1 <= staff(SALES, m, speed, 1) <= 20 for m in moments)


def test_some_hours_are_short_of_people() -> None:
    counts = [staff(SUPPORT, datetime(2026, 11, 2, 11, tzinfo=ZONE) + timedelta(days=d), 1, 1) for d in range(0, 28, 7)]
    later = [staff(SUPPORT, datetime(2026, 11, 2, 10, tzinfo=ZONE) + timedelta(days=d), 1, 1) for d in range(0, 70, 7)]
    assert len(set(counts + later)) == 2


def test_every_customer_is_invented() -> None:
    people = [person(i) for i in range(18_000)]
    assert len({p.number for p in people}) == len({p.address for p in people}) == 18_000
    assert all(p.address.endswith("@post.example") and p.address.isascii() for p in people)
    reserved = ("0207946", "0113496", "0114496", "0115496", "0116496", "0117496", "0118496", "0121496", "0131496", "0141496",
                "0151496", "0161496", "0191498", "01632960", "07700900", "0292018", "02896496", "03069990")  # fmt: skip
    assert all(p.number.startswith(reserved) and len(p.number) == 11 for p in people)


@pytest.mark.parametrize(
    ("begin", "hours", "end"),
    [
        ("2026-11-02 09:00", 4, "2026-11-02 13:00"),
        ("2026-11-02 16:30", 2, "2026-11-03 10:00"),  # one hour that day, one the next
        ("2026-11-02 17:30", 1, "2026-11-03 10:00"),
        ("2026-11-02 03:00", 1, "2026-11-02 10:00"),
        ("2026-11-06 17:00", 1, "2026-11-09 09:30"),  # Friday to Monday
        ("2026-11-07 12:00", 8.5, "2026-11-09 17:30"),
        ("2026-10-23 17:00", 1, "2026-10-26 09:30"),  # the clocks go back in between
        ("2026-11-02 12:00", 17, "2026-11-04 12:00"),
    ],
)
def test_people_answer_in_working_hours(begin: str, hours: float, end: str) -> None:
    at = datetime.fromisoformat(begin).replace(tzinfo=ZONE)
    assert working_time_after(at, hours * 3600) == datetime.fromisoformat(end).replace(tzinfo=ZONE)


def history(day: date) -> list[Letter]:
    return [letter for i in range(14) for letter in mail_day(day - timedelta(days=i), 7)]


@pytest.mark.parametrize("today", [MONDAY, SUNDAY, date(2026, 12, 26), date(2027, 6, 16)])
def test_two_weeks_hold_every_sort_of_letter_and_some_that_wait_too_long(today: date) -> None:
    letters = history(today)
    assert {letter.kind for letter in letters} == {"plain", "automatic", "away", "bulk", "colleague", "spam", "draft"}
    assert len(letters) < 2_500
    asked = {letter.key.rsplit("-", 1)[0]: letter.at for letter in letters if not letter.answers and letter.kind == "plain"}
    answered: dict[str, datetime] = {}
    for letter in letters:
        if letter.outgoing and letter.kind == "plain":
            name = letter.key.rsplit("-", 1)[0]
            answered[name] = min(letter.at, answered.get(name, letter.at))
    late = [name for name, at in asked.items() if name in answered and answered[name] > working_time_after(at, 4 * 3600)]
    never = asked.keys() - answered.keys()
    assert 0.04 < len(late) / len(asked) < 0.25
    assert 0.01 < len(never) / len(asked) < 0.1


def test_letters_refer_to_earlier_ones_of_their_conversation() -> None:
    by_key = {letter.key: letter for letter in history(MONDAY)}
    replies = [letter for letter in by_key.values() if letter.answers]
    assert replies
    for letter in replies:
        for key in letter.answers:
            assert by_key[key].at <= letter.at
            assert by_key[key].who == letter.who


def test_the_desk_tells_events_of_the_neutral_format_in_order() -> None:
    notes = [note for i in range(14) for note in desk_day(MONDAY + timedelta(days=i), 7)]
    assert len({note.body["id"] for note in notes}) == len(notes)
    assert {note.body["kind"] for note in notes} <= KINDS
    kinds = {note.body["kind"] for note in notes if note.body["channel"] == "ticket"}
    assert kinds == {"received", "replied", "assigned", "pending", "resumed", "promised", "fulfilled", "resolved", "reopened",
                     "escalated", "complained"}  # fmt: skip
    for contact in {note.body["contact"] for note in notes}:
        own = [note for note in notes if note.body["contact"] == contact]
        assert [n.at + timedelta(seconds=n.lag) for n in own] == sorted(n.at + timedelta(seconds=n.lag) for n in own)
        assert own[0].body["kind"] in ("received", "queued")
        assert "customer" in own[0].body


def test_the_stage_runs_with_the_clock_until_the_curtain_and_faster_afterwards() -> None:
    noon = datetime(2026, 11, 2, 12, tzinfo=UTC)
    stage = Stage(noon, 10)
    assert stage.real(noon - timedelta(days=3)) == noon - timedelta(days=3)
    assert stage.real(noon + timedelta(minutes=10)) == noon + timedelta(minutes=1)
    assert stage.story(noon + timedelta(minutes=1)) == noon + timedelta(minutes=10)
    assert stage.story(noon) == noon


def test_calls_have_everything_that_becomes_a_signal() -> None:
    plans = [a.plan for i in range(3) for a in phone_day(MONDAY + timedelta(days=i), 7)]
    lines = [p for p in plans if p.exten != RECEPTION]
    assert any(p.pickups[0] is None for p in lines)  # a phone rings out
    assert any((p.pickups[0] or 0) >= 12 for p in lines)  # five rings
    assert any(length > 120 for p in lines for _, length in p.holds)
    assert any(p.ended_by == "held" for p in lines)
    assert {p.hand_on.how for p in lines if p.hand_on} == {"blind", "consult"}
    assert any(p.hand_on.exten in (SUPPORT, SALES) for p in lines if p.hand_on)
    assert any(p.patience < 5 for p in lines)
    assert any(p.call_back_after for p in lines)


def test_few_callers_come_again_within_a_week() -> None:
    week = [a.plan.number for i in range(7) for a in phone_day(MONDAY + timedelta(days=i), 7)]
    assert 0.05 < 1 - len(set(week)) / len(week) < 0.15
