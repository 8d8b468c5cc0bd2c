"""Batches, sweeps, flushes, reloads and a second writer at the same time, over the store's real thread."""

import asyncio
import random
from datetime import timedelta

import pytest

from monitor.connector import Batch
from monitor.engine.coordinator import store_thread
from monitor.engine.evaluation import read_running
from monitor.engine.running_waits import RunningWaits
from monitor.store.base import Store
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, RunningDaemon, at, event
from tests.engine.scenarios import ingest_run


@pytest.mark.parametrize("seed", range(3))
async def test_the_live_state_is_what_the_store_holds_whatever_happens_at_once(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    clock = FakeClock(NINE)
    daemon = RunningDaemon(clock, {"pbx": ScriptedConnector(clock), "mail": ScriptedConnector(clock)}, store, store_thread())
    await daemon.generation.start()
    coordinator = daemon.coordinator
    beside = ingest_run(store)  # another process, as an import would write

    async def batches(source: str, channel: str) -> None:
        await coordinator.store_batch(source, Batch(live_lag=timedelta(0)))
        for n in range(40):
            contact, kind = (
                f"{source}{n // 2}",
                ("queued", "answered")[n % 2] if channel == "phone" else ("received", "replied")[n % 2],
            )
            await coordinator.store_batch(source, Batch([event(contact, kind, n, f"queue:{source}{n % 3}", channel)], {"n": n}))
            if chance.random() < 0.3:
                await asyncio.sleep(0)

    async def now_and_then() -> None:
        for n in range(30):
            await clock.advance(chance.choice((0, 10, 30)))
            await chance.choice((coordinator.sweep, coordinator.flush, coordinator._restore, coordinator.follow_others))()
            coordinator.live_state.count("pbx", "source_polls_total", "pbx", "events")
            if n % 10 == 0:
                await coordinator.call(beside.store_batch, [event(f"beside{n}", "queued", n)], NINE)

    await asyncio.gather(batches("pbx", "phone"), batches("mail", "email"), now_and_then(), now_and_then())
    await coordinator._restore()
    await coordinator.flush()
    assert coordinator.live_state.totals == store.totals()
    assert coordinator.live_state.totals["source_polls_total", ("pbx", "events")] == 60
    assert coordinator.live_state.totals["source_events_total", ("mail", "events")] == 40
    assert {key: pair for key, pair in coordinator.live_state.weeks.items() if pair != (0, 0)} == store.weeks("2000-01-01")
    recount = RunningWaits()
    for source in ("pbx", "mail"):
        for row in store.running(source):
            recount.replace(source, (row.contact, row.contact_point), row.id, row.channel, read_running(row.running))
        assert coordinator._deadlines[source] is None or coordinator._deadlines[source] <= (store.next_deadline(source) or 2**62)
    assert {
        key: group for key, group in coordinator.live_state.running_waits.groups(clock.now()).items() if group.waiting
    } == recount.groups(clock.now())
    coordinator.release()
    store.close()


async def test_without_a_reload_the_picture_follows_by_what_each_transaction_says(store: Store) -> None:
    """No total is read back: what was added to the store was added to the live_state."""
    clock = FakeClock(at(1000))
    daemon = RunningDaemon(clock, {"pbx": ScriptedConnector(clock)}, store, store_thread())
    await daemon.generation.start()
    coordinator = daemon.coordinator
    await coordinator.store_batch("pbx", Batch(live_lag=timedelta(0)))
    for n in range(30):
        given_up = [event(f"c{n}", "queued", n), event(f"c{n}", "left", n + 40, reason="caller")]
        await asyncio.gather(coordinator.store_batch("pbx", Batch(given_up)), coordinator.sweep(), coordinator.flush())
    assert coordinator.live_state.totals == store.totals()
    assert coordinator.live_state.weeks == store.weeks("2000-01-01")
    coordinator.release()
    store.close()
