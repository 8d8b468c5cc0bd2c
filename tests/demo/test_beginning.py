"""Whenever the demo is started people work there: its days are moved, its calendar with them, and a restart moves nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.loading import build
from monitor.config.policies import calendars
from monitor.demo.beginning import DEFAULT_STORE, Beginning, beginning
from monitor.demo.schedule import ZONE, TimeScale, is_open, opening_hours, shift_to_open
from monitor.errors import StoreHeld
from monitor.store import make_store

MONDAY_NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
SUNDAY_NIGHT = datetime(2026, 11, 29, 2, 13, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("start", "simulated"),
    [
        ("2026-11-02T12:00", "2026-11-02T12:00"),
        ("2026-11-02T09:00", "2026-11-02T09:00"),
        ("2026-11-02T08:59", "2026-11-02T10:59"),  # before they come
        ("2026-11-02T15:00", "2026-11-02T15:00"),
        ("2026-11-02T15:01", "2026-11-02T10:01"),  # in less than two hours and a half they leave
        ("2026-11-29T02:13", "2026-11-27T10:13"),  # Sunday night
        ("2026-11-28T12:30", "2026-11-27T10:30"),  # Saturday noon
        ("2026-07-06T22:30", "2026-07-06T09:30"),  # 23:30 in London
    ],
)
def test_at_the_start_it_is_a_working_morning(start: str, simulated: str) -> None:
    at, then = (datetime.fromisoformat(f"{each}+00:00") for each in (start, simulated))
    assert at - shift_to_open(at) == then


def test_hours_of_work_are_moved_over_midnight_and_over_the_end_of_the_week() -> None:
    assert opening_hours(timedelta(0)) == {day: ["09:00-17:30"] for day in ("mon", "tue", "wed", "thu", "fri")}
    both = ["00:00-00:30", "16:00-24:00"]
    assert opening_hours(timedelta(hours=7)) == {
        "mon": ["16:00-24:00"], "tue": both, "wed": both, "thu": both, "fri": both, "sat": ["00:00-00:30"],
    }  # fmt: skip
    assert opening_hours(timedelta(hours=6, minutes=30))["tue"] == ["15:30-24:00"]  # until midnight, not a minute longer
    assert opening_hours(timedelta(days=1, hours=16)) == {
        day: ["01:00-09:30"] for day in ("wed", "thu", "fri", "sat", "sun")
    }  # fmt: skip
    assert opening_hours(timedelta(days=2, hours=16))["mon"] == ["01:00-09:30"]  # Friday's


@given(st.integers(0, 366 * 24 * 60))
def test_the_daemon_is_open_at_every_start_and_closes_when_people_leave(minutes: int) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    shift = shift_to_open(start)
    assert is_open(start - shift, 2 * HOUR)
    office = calendars(build({"timezone": "Europe/London", "calendars": {"office": {"hours": opening_hours(shift)}}}))["office"]
    moment = start
    for _ in range(12):
        if (
            (moment - shift).astimezone(ZONE).utcoffset()
            == moment.astimezone(ZONE).utcoffset()
            == start.astimezone(ZONE).utcoffset()
        ):
            assert office.is_open(moment) == is_open(moment - shift), moment
        moment += HOUR


def test_simulated_time_is_moved_before_the_start_and_after_it() -> None:
    scale = TimeScale(SUNDAY_NIGHT, 10, 40 * HOUR)
    assert scale.begun == SUNDAY_NIGHT - 40 * HOUR
    assert scale.to_real(scale.begun - HOUR) == SUNDAY_NIGHT - HOUR
    assert scale.to_real(scale.begun) == SUNDAY_NIGHT
    assert scale.to_real(scale.begun + 10 * HOUR) == SUNDAY_NIGHT + HOUR
    for real in (SUNDAY_NIGHT - HOUR, SUNDAY_NIGHT, SUNDAY_NIGHT + HOUR):
        assert scale.to_real(scale.to_simulated(real)) == real


def test_a_restart_goes_on_with_the_days_of_the_first_start(tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path / 'mine.db'}"
    first = beginning(store, SUNDAY_NIGHT)
    assert first == Beginning(SUNDAY_NIGHT, 40 * HOUR)
    assert beginning(store, SUNDAY_NIGHT + HOUR) == first
    assert beginning(store, SUNDAY_NIGHT + 12 * HOUR) == first  # closed, and somebody's own


def test_the_default_store_is_emptied_once_it_is_closed_and_not_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From 10:13 to 17:15, a quarter of an hour before people leave, are seven hours and two minutes."""
    monkeypatch.chdir(tmp_path)
    first = beginning(DEFAULT_STORE, SUNDAY_NIGHT)
    last = SUNDAY_NIGHT.replace(hour=9, minute=15, second=0)
    assert beginning(DEFAULT_STORE, last) == first
    later = last + timedelta(seconds=1)
    assert beginning(DEFAULT_STORE, later) == Beginning(later, shift_to_open(later))
    assert shift_to_open(later) != first.shift


def test_a_store_of_before_is_told_from_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (DEFAULT_STORE, "sqlite:mine.db"):
        store = make_store(name)
        store.open()
        with store.transaction("pbx") as unit:
            unit.add_totals({("contacts_total", ("phone", "support-line", "inbound")): 1.0})
        store.close()
    assert beginning("sqlite:mine.db", SUNDAY_NIGHT) == Beginning(None, timedelta(0))
    assert beginning(DEFAULT_STORE, SUNDAY_NIGHT) == Beginning(SUNDAY_NIGHT, 40 * HOUR)
    assert beginning(DEFAULT_STORE, MONDAY_NOON).shift == timedelta(0)


def test_nothing_is_emptied_that_another_daemon_has_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    beginning(DEFAULT_STORE, SUNDAY_NIGHT)
    held = make_store(DEFAULT_STORE)
    held.hold(["pbx"])
    held.open()
    with pytest.raises(StoreHeld):
        beginning(DEFAULT_STORE, SUNDAY_NIGHT + 12 * HOUR)
    held.close()
    assert Path("demo.db").exists()
