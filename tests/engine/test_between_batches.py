"""Between two batches of a source all limits are counted up to where it has been seen, though its next batch is ready."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from monitor.connector import Batch, Cursor
from monitor.domain.event import MICROSECOND
from monitor.store.memory import MemoryStore, MemoryUnit
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, AbsentStore, RunningDaemon, at, event


class JumpingClock(FakeClock):
    """Moves on while nobody has a turn, as if what is under way had taken so long."""

    def jump(self, seconds: float) -> None:
        self._elapsed += seconds


class BusyLine(ScriptedConnector):
    """A live source whose next batch is always ready: storing each has taken a second."""

    def __init__(self, clock: JumpingClock, batches: list[Batch]) -> None:
        super().__init__(clock, batches, live=True)
        self._jump = clock.jump

    async def read(self, cursor: Cursor | None) -> AsyncGenerator[Batch, None]:
        async for batch in super().read(cursor):
            yield batch
            self._jump(1)


async def started(clock: FakeClock, store: MemoryStore | None = None, **configuration: Any) -> RunningDaemon:
    daemon = RunningDaemon(clock, {"pbx": ScriptedConnector(clock)}, store, **configuration)
    await daemon.generation.start()
    return daemon


async def test_a_source_that_always_has_a_next_batch_is_counted_in_between() -> None:
    """A caller every second; 20 s in the queue is the limit. No sweep is ever asked for."""
    clock = FakeClock(NINE)
    daemon = await started(clock)
    counted = []
    for second in range(25):
        await clock.advance(1 if second else 0)
        await daemon.coordinator.store_batch("pbx", Batch([event(f"c{second}", "queued", second)], live_lag=timedelta(0)))
        counted.append(daemon.signals("long_wait"))
    # at 9:00:20 the first has waited 20 s, which is kept; at 9:00:21 he has waited longer
    assert counted == [0] * 21 + [1, 2, 3, 4]
    daemon.coordinator.release()


@pytest.mark.parametrize(("after", "counted"), [(timedelta(0), 0), (MICROSECOND, 1)], ids=["at the limit", "one instant after"])
async def test_up_to_the_watermark_and_no_further(after: timedelta, counted: int) -> None:
    """A log that is read from the start says itself up to when it is complete; our own clock is a day ahead."""
    clock = FakeClock(NINE + timedelta(days=1))
    daemon = await started(clock)
    await daemon.coordinator.store_batch("pbx", Batch([event("a", "queued", 0)], watermark=at(1)))
    await daemon.coordinator.store_batch("pbx", Batch([event("b", "queued", 19)], watermark=at(20) + after))
    assert daemon.signals("long_wait") == counted
    daemon.coordinator.release()


async def test_no_absence_is_judged_whose_answer_waits_behind_the_batch() -> None:
    """At 9:00:30 a batch is stored while what came at 9:00:15 still waits: it may hold the answer."""
    clock = FakeClock(NINE)
    daemon = await started(clock)
    await daemon.coordinator.store_batch("pbx", Batch([event("a", "queued", 0)], live_lag=timedelta(0)))
    await clock.advance(30)
    await daemon.coordinator.store_batch("pbx", Batch([event("b", "queued", 14)], live_lag=timedelta(0), proven=at(15)))
    assert daemon.signals("long_wait") == 0
    await daemon.coordinator.store_batch("pbx", Batch([event("a", "answered", 15)], live_lag=timedelta(0)))
    assert (daemon.signals("long_wait"), daemon.total("signals_retracted_total")) == (0, 0)
    daemon.coordinator.release()


async def test_nothing_is_counted_between_pieces() -> None:
    clock = FakeClock(at(60))
    daemon = await started(clock)
    await daemon.coordinator.store_batch("pbx", Batch([event("a", "queued", 0)], live_lag=timedelta(0), more=True))
    await daemon.coordinator.store_batch("pbx", Batch([event("b", "queued", 0)], more=True))
    assert daemon.signals("long_wait") == 0
    await daemon.coordinator.store_batch("pbx", Batch([event("a", "answered", 5)], live_lag=timedelta(0)))
    assert (daemon.signals("long_wait"), daemon.total("signals_retracted_total")) == (1, 0)
    daemon.coordinator.release()


class ShyStore(AbsentStore):
    """Takes the next write and no other until it is asked to."""

    def transaction(self, source: str) -> AbstractContextManager[MemoryUnit]:
        opened = super().transaction(source)
        self.away = True
        return opened


async def test_a_store_that_goes_away_in_between_has_the_batch_all_the_same() -> None:
    clock, store = FakeClock(NINE), ShyStore()
    daemon = await started(clock, store)
    store.away = False
    await daemon.coordinator.store_batch("pbx", Batch([event("a", "queued", 0)], live_lag=timedelta(0)))
    await clock.advance(30)
    store.away = False
    await daemon.coordinator.store_batch("pbx", Batch([event("b", "queued", 30)], live_lag=timedelta(0)))
    assert (daemon.total("contacts_total"), daemon.signals("long_wait")) == (2, 0)
    store.away = False
    await daemon.coordinator.sweep()
    assert daemon.signals("long_wait") == 1
    daemon.coordinator.release()


async def test_changed_limits_come_into_force_beside_a_source_that_is_always_in_hand() -> None:
    """20 s were the limit when a caller came; now it is 5 s, and a batch is in hand whenever anybody looks."""
    clock, store = FakeClock(NINE), AbsentStore()
    before = await started(clock, store)
    await before.coordinator.store_batch("pbx", Batch([event("a", "queued", 0)], live_lag=timedelta(0)))
    before.coordinator.release()
    store.away = True
    after = await started(clock, store, policies={"default": {"long_wait": {"after": "5s"}}})
    store.away = False
    await clock.advance(10)
    await after.coordinator.store_batch("pbx", Batch([event("b", "queued", 10)], live_lag=timedelta(0)))
    store.away = True
    taking = asyncio.create_task(after.coordinator.store_batch("pbx", Batch([event("c", "queued", 10)])))
    await clock.settle()
    store.away = False
    assert after.coordinator.is_in_hand("pbx")
    await after.generation.adoption.go_on()
    assert after.signals("long_wait") == 1
    await clock.advance(1)
    await taking
    after.coordinator.release()


async def test_the_daemon_counts_while_batches_never_end() -> None:
    """A caller every second for a minute; each batch is ready as soon as the one before is stored."""
    clock = JumpingClock(NINE)
    batches = [Batch([event(f"c{n}", "queued", n)], live_lag=timedelta(0)) for n in range(60)]
    counted = {}

    class Watching(BusyLine):
        async def read(self, cursor: Cursor | None) -> AsyncGenerator[Batch, None]:
            async for batch in super().read(cursor):
                counted[clock.now()] = daemon.signals("long_wait")
                yield batch

    daemon = RunningDaemon(clock, {"pbx": Watching(clock, batches)}, MemoryStore())
    async with daemon:
        while daemon.total("contacts_total") < 60:
            await clock.settle()
    # when a batch is handed over, all are counted who had waited longer than 20 s when the one before it came in
    assert [counted[at(second)] for second in (0, 21, 22, 23, 59)] == [0, 0, 1, 2, 38]
