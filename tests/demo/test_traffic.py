"""The simulated traffic: the same for the same seed, in order, believable, and made of invented people only."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.demo.call_traffic import RECEPTION, SALES, SUPPORT, agents_needed, calls_of_day
from monitor.demo.customers import customer, storied
from monitor.demo.schedule import ZONE, TimeScale, hours_of, timeline, working_time_after
from monitor.demo.ticket_traffic import TicketStep, tickets_of_day
from monitor.demo.written_traffic import PlannedMail, mails_of_day, visits_of_day
from monitor.domain.event import KINDS

MONDAY = date(2026, 11, 2)
SUNDAY = date(2026, 11, 1)
days = st.dates(date(2025, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize("make", [calls_of_day, mails_of_day, visits_of_day, tickets_of_day])
def test_a_day_is_the_same_every_time_and_another_with_another_seed(make: "object") -> None:
    assert callable(make)
    assert make(MONDAY, 1) == make(MONDAY, 1)
    assert make(MONDAY, 1) != make(MONDAY, 2)


@given(days)
@settings(max_examples=20, deadline=None)
def test_nothing_of_a_day_happens_before_that_day(day: date) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE)
    calls = [call.at for call in calls_of_day(day, 1)]
    others = [*mails_of_day(day, 1), *visits_of_day(day, 1), *tickets_of_day(day, 1)]
    moments = [*calls, *(each.at for each in others)]
    assert min(moments) >= midnight
    assert max(calls) < midnight + timedelta(days=1)


@pytest.mark.parametrize(("day", "hours"), [(MONDAY, 24), (date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_days_have_the_hours_that_the_clock_change_leaves_them(day: date, hours: int) -> None:
    assert len(list(hours_of(day))) == hours


def test_a_timeline_is_in_order_without_gaps_and_without_end() -> None:
    items = list(islice(timeline(lambda day: mails_of_day(day, 1), MONDAY), 500))
    assert [item.at for item in items] == sorted(item.at for item in items)
    last = items[-1].at
    span = [MONDAY + timedelta(days=i) for i in range((last.astimezone(ZONE).date() - MONDAY).days + 1)]
    expected = {mail.key for day in span for mail in mails_of_day(day, 1) if mail.at < last}
    assert expected == {item.key for item in items if item.at < last}


def test_working_days_are_busier_than_sundays_and_nights_are_not_dead() -> None:
    def by_hour(day: date, *lines: str) -> list[int]:
        hours = [a.at.astimezone(ZONE).hour for a in calls_of_day(day, 1) if a.plan.exten in lines]
        return [hours.count(h) for h in range(24)]

    monday, sunday = by_hour(MONDAY, SUPPORT, SALES, RECEPTION), by_hour(SUNDAY, SUPPORT, SALES, RECEPTION)
    assert sum(monday) > 1.2 * sum(sunday)
    assert min(monday) >= 10  # a caller every six minutes at the quietest


@pytest.mark.parametrize("speed", [1, 10, 60])
def test_there_is_always_somebody_on_duty_and_never_more_than_there_are(speed: float) -> None:
    moments = [datetime(2026, 11, 2, tzinfo=UTC) + timedelta(hours=h) for h in range(7 * 24)]
    assert all(1 <= agents_needed(SUPPORT, m, speed, 1) <= 40 for m in moments)
    assert all(1 <= agents_needed(SALES, m, speed, 1) <= 20 for m in moments)


def test_some_hours_are_short_of_people() -> None:
    counts = [agents_needed(SUPPORT, datetime(2026, 11, 2, 11, tzinfo=ZONE) + timedelta(days=d), 1, 1) for d in range(0, 28, 7)]
    later = [agents_needed(SUPPORT, datetime(2026, 11, 2, 10, tzinfo=ZONE) + timedelta(days=d), 1, 1) for d in range(0, 70, 7)]
    assert len(set(counts + later)) == 2


def test_every_customer_is_invented() -> None:
    people = [*map(customer, range(12_000)), *map(storied, range(6_000))]
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


def history(day: date) -> list[PlannedMail]:
    return [mail for i in range(14) for mail in mails_of_day(day - timedelta(days=i), 7)]


@pytest.mark.parametrize("today", [MONDAY, SUNDAY, date(2026, 12, 26), date(2027, 6, 16)])
def test_two_weeks_hold_every_kind_of_mail_and_some_that_wait_too_long(today: date) -> None:
    mails = history(today)
    assert {mail.kind for mail in mails} == {"plain", "automatic", "away", "bulk", "colleague", "spam", "draft"}
    assert len(mails) < 2_500
    asked = {mail.key.rsplit("-", 1)[0]: mail.at for mail in mails if not mail.answers and mail.kind == "plain"}
    answered: dict[str, datetime] = {}
    for mail in mails:
        if mail.outgoing and mail.kind == "plain":
            name = mail.key.rsplit("-", 1)[0]
            answered[name] = min(mail.at, answered.get(name, mail.at))
    late = [name for name, at in asked.items() if name in answered and answered[name] > working_time_after(at, 4 * 3600)]
    never = asked.keys() - answered.keys()
    assert 0.04 < len(late) / len(asked) < 0.25
    assert 0.01 < len(never) / len(asked) < 0.1


def test_mails_refer_to_earlier_ones_of_their_conversation() -> None:
    by_key = {mail.key: mail for mail in history(MONDAY)}
    replies = [mail for mail in by_key.values() if mail.answers]
    assert replies
    for mail in replies:
        for key in mail.answers:
            assert by_key[key].at <= mail.at
            assert by_key[key].who == mail.who


def test_chats_and_visits_are_events_of_the_neutral_format_in_order() -> None:
    events = [event for i in range(14) for event in visits_of_day(MONDAY + timedelta(days=i), 7)]
    assert len({event.body["id"] for event in events}) == len(events)
    assert {event.body["kind"] for event in events} == {"queued", "answered", "left", "ended"} < KINDS
    assert {event.body["channel"] for event in events} == {"chat", "counter"}
    for contact in {event.body["contact"] for event in events}:
        own = [event for event in events if event.body["contact"] == contact]
        assert [n.at + timedelta(seconds=n.lag) for n in own] == sorted(n.at + timedelta(seconds=n.lag) for n in own)
        assert own[0].body["kind"] == "queued"
        assert "customer" in own[0].body


def by_ticket(today: date, days: int) -> list[list[TicketStep]]:
    """The tickets of so many days, each with its steps."""
    tickets: dict[int, list[TicketStep]] = {}
    for i in range(days):
        for step in tickets_of_day(today - timedelta(days=i), 7):
            tickets.setdefault(step.number, []).append(step)
    return list(tickets.values())


@pytest.mark.parametrize("today", [MONDAY, SUNDAY, date(2026, 12, 26), date(2027, 6, 16)])
def test_two_weeks_of_tickets_are_some_and_hold_late_answers(today: date) -> None:
    tickets = by_ticket(today, 14)
    assert 40 < len(tickets) < 150
    replies = [(steps[0].at, next((step.at for step in steps if step.kind == "reply"), None)) for steps in tickets]
    late = [at for at, reply in replies if reply is None or reply > working_time_after(at, 4 * 3600)]
    assert 0.02 < len(late) / len(tickets) < 0.4


@pytest.mark.parametrize("today", [MONDAY, SUNDAY, date(2026, 12, 26), date(2027, 6, 16)])
def test_eight_weeks_of_tickets_hold_everything_that_becomes_a_signal(today: date) -> None:
    tickets = by_ticket(today, 56)
    for steps in tickets:
        assert [step.at for step in steps] == sorted(step.at for step in steps)
        assert steps[0].kind == "open"
        assert len({step.who for step in steps}) == 1
        assert all((step.kind == "promise") == (step.due is not None) for step in steps)
    kinds = [[step.kind for step in steps] for steps in tickets]
    assert {kind for each in kinds for kind in each} == {
        "open", "complaint", "take", "reply", "write", "promise", "raise", "stall", "resume", "resolve",
    }  # fmt: skip
    assert any("reply" not in each for each in kinds)  # never answered
    assert any(each.count("take") > 3 for each in kinds)  # passed around
    assert any(each.count("resolve") == 2 for each in kinds)  # reopened
    promised = [(step.due, steps) for steps in tickets for step in steps if step.due is not None]
    kept = [due >= next(step.at for step in steps if step.kind == "resolve") for due, steps in promised]
    assert set(kept) == {True, False}


def test_a_later_ticket_has_a_larger_number() -> None:
    steps = [step for i in range(14) for step in tickets_of_day(MONDAY + timedelta(days=i), 7) if step.kind == "open"]
    assert [step.number for step in steps] == sorted({step.number for step in steps})
    assert steps[0].number == 261102001


def test_simulated_time_follows_the_clock_until_the_start_and_runs_faster_afterwards() -> None:
    noon = datetime(2026, 11, 2, 12, tzinfo=UTC)
    scale = TimeScale(noon, 10)
    assert scale.to_real(noon - timedelta(days=3)) == noon - timedelta(days=3)
    assert scale.to_real(noon + timedelta(minutes=10)) == noon + timedelta(minutes=1)
    assert scale.to_simulated(noon + timedelta(minutes=1)) == noon + timedelta(minutes=10)
    assert scale.to_simulated(noon) == noon


def test_calls_have_everything_that_becomes_a_signal() -> None:
    plans = [a.plan for i in range(3) for a in calls_of_day(MONDAY + timedelta(days=i), 7)]
    lines = [p for p in plans if p.exten != RECEPTION]
    assert any(p.pickups[0] is None for p in lines)  # a phone rings out
    assert any((p.pickups[0] or 0) >= 12 for p in lines)  # five rings
    assert any(length > 120 for p in lines for _, length in p.holds)
    assert any(p.ended_by == "held" for p in lines)
    assert {p.transfer.how for p in lines if p.transfer} == {"blind", "consult"}
    assert any(p.transfer.exten in (SUPPORT, SALES) for p in lines if p.transfer)
    assert any(p.patience < 5 for p in lines)
    assert any(p.call_back_after for p in lines)


def test_few_callers_come_again_within_a_week() -> None:
    week = [a.plan.number for i in range(7) for a in calls_of_day(MONDAY + timedelta(days=i), 7)]
    assert 0.05 < 1 - len(set(week)) / len(week) < 0.15
