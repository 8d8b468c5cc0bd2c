"""A limit that is used up exactly at closing: nothing falls in the night, and what falls in the morning falls once."""

from datetime import timedelta
from typing import Any

import pytest

from monitor.connector import Batch
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import RunningDaemon, at, event

HOUR = 3600
OFFICE: dict[str, Any] = {
    "calendars": {"office": {"timezone": "Europe/London", "hours": {"mon-fri": "09:00-17:30"}}},
    "policies": {"default": {"calendar": "office"}},
}
#: Monday 13:30, 18:00 and Tuesday 09:00, in seconds after Monday 09:00.
ASKED, EVENING, OPENING = 4.5 * HOUR, 9 * HOUR, 24 * HOUR


async def seen_now(daemon: RunningDaemon) -> None:
    """All that the source has to tell is read up to this moment."""
    await daemon.coordinator.store_batch("mail", Batch(live_lag=timedelta(0)))
    await daemon.coordinator.sweep()


async def asked_at_half_past_one(clock: FakeClock) -> RunningDaemon:
    daemon = RunningDaemon(clock, {"mail": ScriptedConnector(clock)}, MemoryStore(), **OFFICE)
    await daemon.generation.start()
    daemon.generation.statuses["mail"].up = True
    await seen_now(daemon)
    await daemon.coordinator.store_batch("mail", Batch([event("a", "received", ASKED, channel="email")]))
    return daemon


async def test_nobody_is_woken_in_the_night_and_the_signal_falls_with_the_opening() -> None:
    clock = FakeClock(at(EVENING))
    daemon = await asked_at_half_past_one(clock)
    assert await daemon.coordinator.sweep() == pytest.approx(OPENING - EVENING + 0.000001, abs=1e-7)
    running = daemon.snapshot().points["desk"].running
    assert running is not None
    assert (running["reply"].waiting, running["reply"].overdue, running["reply"].next_due) == (1, 0, at(8.5 * HOUR))
    assert daemon.signals("late_reply", channel="email") == 0
    await clock.advance(OPENING - EVENING)
    await seen_now(daemon)
    assert daemon.signals("late_reply", channel="email") == 0  # nine o'clock sharp: still exactly 4 h
    await clock.advance(1)
    await seen_now(daemon)
    assert daemon.signals("late_reply", channel="email") == 1
    running = daemon.snapshot().points["desk"].running
    assert running is not None
    assert (running["reply"].overdue, running["reply"].next_due) == (1, None)
    daemon.coordinator.release()


async def test_an_answer_in_the_night_is_in_time_and_in_the_bucket_of_its_limit() -> None:
    clock = FakeClock(at(EVENING))
    daemon = await asked_at_half_past_one(clock)
    await daemon.coordinator.sweep()
    await clock.advance(HOUR)
    await daemon.coordinator.store_batch("mail", Batch([event("a", "replied", EVENING + 0.5 * HOUR, channel="email")]))
    await clock.advance(OPENING)
    await seen_now(daemon)
    assert (daemon.signals("late_reply", channel="email"), daemon.total("signals_retracted_total")) == (0, 0)
    assert daemon.total("outcomes_total", "email", "desk", "replied", "true") == 1
    assert daemon.total("wait_seconds_bucket", "email", "desk", "reply", "14400.0") == 1
    daemon.coordinator.release()
