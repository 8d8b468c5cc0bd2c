"""What the demo's Request Tracker holds after planned steps: moments, what happens by itself, what is let go."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.demo.customers import customer
from monitor.demo.rt_tickets import NEVER, Record, TicketSystem, Words
from monitor.demo.schedule import ZONE, TimeScale
from monitor.demo.ticket_generator import TicketGenerator, make_system
from monitor.demo.ticket_traffic import Kind, TicketStep
from monitor.testing import FakeClock

NOON = datetime(2026, 7, 6, 12, tzinfo=UTC)
WHO = customer(3)


def step(minutes: float, kind: Kind, due: datetime | None = None, number: int = 5) -> TicketStep:
    return TicketStep(NOON + timedelta(minutes=minutes), number, kind, WHO, "amina", "Wrong tariff", "words", due)


def played(*steps: TicketStep, speed: float = 1, now: datetime = NOON) -> TicketSystem:
    system = make_system()
    generator = TicketGenerator(system, TimeScale(NOON, speed), FakeClock(now))
    for each in steps:
        generator.play(each)
    return system


def told(system: TicketSystem) -> list[tuple[str, str, str, str]]:
    return [(each.kind, each.by, each.old, each.new) for each in system.tickets[5].records if each.kind != "EmailRecord"]


def test_a_step_leaves_the_records_that_a_real_one_leaves() -> None:
    system = played(step(-9, "open"), step(-8, "take"), step(-7, "reply"), step(-6, "resolve"), step(-5, "write"))
    assert told(system) == [
        ("Create", WHO.address, "", ""),
        ("Set", "amina", "6", "20"),
        ("SetWatcher", "amina", "6", "20"),
        ("Correspond", "amina", "", ""),
        ("Status", "RT_System", "new", "open"),
        ("Status", "amina", "open", "resolved"),
        ("Correspond", WHO.address, "", ""),
        ("Status", "RT_System", "resolved", "open"),
    ]
    assert (system.tickets[5].status, system.tickets[5].owner) == ("open", "amina")
    assert system.tickets[5].updated == NOON - timedelta(minutes=5)


def test_words_leave_a_stalled_ticket_stalled_until_somebody_resumes_it() -> None:
    steps = [step(-9, "open"), step(-8, "reply"), step(-7, "stall"), step(-6, "write")]
    assert played(*steps).tickets[5].status == "stalled"
    assert played(*steps, step(-5, "resume")).tickets[5].status == "open"


def test_a_moment_of_london_is_kept_in_utc_and_whole_seconds() -> None:
    at = datetime(2026, 7, 6, 10, 0, 0, 999_999, tzinfo=ZONE)  # 9:00 UTC
    system = played(step(-240, "open")._replace(at=at), step(-9, "promise", due=datetime(2026, 7, 7, 17, tzinfo=ZONE)))
    assert system.tickets[5].created == datetime(2026, 7, 6, 9, tzinfo=UTC)
    assert system.tickets[5].due == datetime(2026, 7, 7, 16, tzinfo=UTC)
    assert system.tickets[5].records[-1] == Record(
        502, 5, "Set", "amina", NOON - timedelta(minutes=9), "Due", "1970-01-01 00:00:00", "2026-07-07 16:00:00"
    )


def test_promises_fall_due_in_real_time() -> None:
    system = played(step(-9, "open"), step(0, "promise", due=NOON + timedelta(hours=10)), speed=10)
    assert system.tickets[5].due == NOON + timedelta(hours=1)


@pytest.mark.parametrize(("late", "minutes"), [(60, 1), (61, 1 + 61 / 60)])
def test_what_a_suspended_machine_missed_by_more_than_a_minute_happens_when_it_wakes(late: float, minutes: float) -> None:
    now = NOON + timedelta(minutes=1, seconds=late)
    system = played(step(-9, "open"), step(1, "reply"), now=now)
    assert system.tickets[5].updated == NOON + timedelta(minutes=minutes)


def test_the_same_steps_have_the_same_numbers_in_every_run() -> None:
    steps = [step(-9, "open"), step(-8, "take"), step(-7, "reply")]
    alone = played(*steps).tickets[5].records
    beside = played(step(-9.5, "open", number=4), *steps).tickets[5].records
    assert [each.id for each in alone] == [each.id for each in beside] == [500, 501, 502, 503, 504, 505, 506]


def test_only_so_many_tickets_are_kept_and_the_oldest_go_with_their_words() -> None:
    system = TicketSystem(make_system().accounts, {"1": "Desk"}, {}, cap=2)
    for number in (1, 2, 3):
        system.open(number, WHO.address, NOON, "1", Words("words"))
    assert list(system.tickets) == [2, 3]
    assert list(system.words) == [200, 300]
    assert system.tickets[3].due == NEVER


def test_steps_of_a_ticket_that_was_let_go_are_passed_over() -> None:
    assert played(step(-5, "reply")).tickets == {}
