"""The fake clock: sleepers wake when a test lets time pass."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from monitor.clock import Clock
from monitor.testing import FakeClock

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


async def test_sleepers_wake_in_the_order_of_their_moments_and_see_their_own_moment() -> None:
    clock = FakeClock(START)
    woken: list[tuple[str, datetime]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.now()))

    tasks = [asyncio.create_task(sleeper(name, seconds)) for name, seconds in (("c", 3), ("a", 1), ("b", 2), ("never", 9))]
    await clock.advance(5)
    assert woken == [(name, START + timedelta(seconds=s)) for name, s in (("a", 1), ("b", 2), ("c", 3))]
    assert clock.monotonic() == 5
    assert clock.sleeping == 1
    tasks[-1].cancel()
    with pytest.raises(asyncio.CancelledError):
        await tasks[-1]
    assert clock.sleeping == 0


async def test_a_task_that_sleeps_again_wakes_at_each_of_its_moments_within_one_advance() -> None:
    clock: Clock = FakeClock(START)
    ticks: list[float] = []

    async def ticker() -> None:
        while True:
            await clock.sleep(10)
            ticks.append(clock.monotonic())

    task = asyncio.create_task(ticker())
    assert isinstance(clock, FakeClock)
    await clock.advance(30)
    assert ticks == [10, 20, 30]
    task.cancel()


async def test_sleeping_for_nothing_needs_no_advance() -> None:
    clock = FakeClock(START)
    await clock.sleep(0)
    await clock.sleep(-1)
    assert clock.now() == START
