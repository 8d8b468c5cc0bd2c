"""A sweep passes over a source whose last batch is not stored yet; what it passed over is not forgotten."""

import asyncio
from datetime import timedelta

import pytest

from monitor.connector import Batch
from monitor.errors import CursorMoved, TransientError
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, AbsentStore, RunningDaemon, at, event


async def test_a_limit_that_a_sweep_passed_over_wakes_it_when_the_batch_is_stored() -> None:
    """Batches of the `events` source say nothing of the watermark, and the second one's limit is not the earlier."""
    clock, store = FakeClock(NINE), AbsentStore()
    daemon = RunningDaemon(clock, {"pbx": ScriptedConnector(clock)}, store)
    await daemon.generation.start()
    coordinator = daemon.coordinator
    await coordinator.store_batch("pbx", Batch(live_lag=timedelta(0)))
    await coordinator.store_batch("pbx", Batch([event("a", "queued", 0)]))
    store.away = True
    taking = asyncio.create_task(coordinator.store_batch("pbx", Batch([event("b", "queued", 1)])))
    await store.asked.wait()
    assert await coordinator.sweep() is None
    assert not coordinator.woken.is_set()
    store.away = False
    await clock.advance(1)
    await taking
    assert coordinator.woken.is_set()
    assert await coordinator.sweep() == pytest.approx(19.000001)  # 20 s in the queue, of which one has passed
    coordinator.release()


async def test_a_changed_limit_waits_for_the_batch_in_hand() -> None:
    """Under 20 s a caller waits since nine; under 5 s the answer after 4 s is in hand while the store is busy."""
    clock, store = FakeClock(NINE), AbsentStore()
    before = RunningDaemon(clock, {"pbx": ScriptedConnector(clock)}, store)
    await before.generation.start()
    await before.coordinator.store_batch("pbx", Batch(live_lag=timedelta(0)))
    await before.coordinator.store_batch("pbx", Batch([event("a", "queued", 0)]))
    before.coordinator.release()
    store.away = True
    after = RunningDaemon(clock, {"pbx": ScriptedConnector(clock)}, store, policies={"default": {"long_wait": {"after": "5s"}}})
    await after.generation.start()
    await clock.advance(10)
    await after.coordinator.store_batch("pbx", Batch(live_lag=timedelta(0)))
    taking = asyncio.create_task(after.coordinator.store_batch("pbx", Batch([event("a", "answered", 4)])))
    await clock.settle()
    store.away = False
    await after.generation.adoption.go_on()
    assert after.signals("long_wait") == 0
    await clock.advance(1)
    await taking
    await after.generation.adoption.go_on()
    assert after.signals("long_wait") == 0
    assert after.total("signals_retracted_total") == 0
    after.coordinator.release()


@pytest.mark.parametrize("cursor", [{"n": 1}, {"n": 9}], ids=["an import moved the watermark", "another daemon moved the cursor"])
async def test_counters_that_wait_survive_a_cursor_that_was_moved(cursor: dict[str, int]) -> None:
    """Three polls are counted and not stored yet when the batch is refused; the next write has them, once."""
    clock, store = FakeClock(NINE), MemoryStore()
    daemon = RunningDaemon(clock, {"pbx": ScriptedConnector(clock)}, store)
    await daemon.generation.start()
    coordinator = daemon.coordinator
    await coordinator.store_batch("pbx", Batch(cursor={"n": 1}))
    for _ in range(3):
        coordinator.live_state.count("pbx", "source_polls_total", "pbx", "events")
    with store.transaction("pbx") as unit:
        unit.move(unit.cursor_row().version, cursor, 1, None)
    batch = Batch([event("a", "queued", 0)], {"n": 2})
    if cursor == {"n": 1}:
        await coordinator.store_batch("pbx", batch)
    else:
        with pytest.raises(CursorMoved):
            await coordinator.store_batch("pbx", batch)
        assert coordinator.cursor("pbx").cursor == cursor  # the reader begins again from there
        await coordinator.flush()
    assert store.totals()["source_polls_total", ("pbx", "events")] == 3
    assert daemon.total("source_polls_total") == 3
    assert daemon.total("contacts_total") == (1 if cursor == {"n": 1} else 0)
    coordinator.release()


async def test_absence_is_judged_with_the_last_piece_of_what_a_source_has_to_tell() -> None:
    clock, store = FakeClock(NINE), MemoryStore()
    daemon = RunningDaemon(clock, {"pbx": ScriptedConnector(clock)}, store)
    await daemon.generation.start()
    coordinator = daemon.coordinator
    await coordinator.store_batch("pbx", Batch(live_lag=timedelta(0)))
    await coordinator.store_batch("pbx", Batch([event("a", "queued", -100), event("b", "queued", -60)], more=True))
    assert await coordinator.sweep() is None
    assert daemon.signals("long_wait") == 0
    await coordinator.store_batch("pbx", Batch([event("a", "answered", -90)], live_lag=timedelta(0)))
    await coordinator.sweep()
    assert (daemon.signals("long_wait"), daemon.total("signals_retracted_total")) == (1, 0)  # b waits for a minute
    coordinator.release()


async def test_a_source_that_ends_between_two_pieces_is_complete_up_to_where_it_was_before() -> None:
    clock, store = FakeClock(NINE), MemoryStore()
    pieces = [Batch(live_lag=timedelta(0)), at(60), Batch([event("a", "queued", 0)], more=True), TransientError("gone")]
    async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock, pieces, live=True)}, store) as daemon:
        await clock.advance(90)
        assert daemon.signals("long_wait") == 0
        watermark = daemon.snapshot().sources["pbx"].watermark
        assert watermark is not None
        assert watermark <= at(60)
