"""Batches, sweeps, flushes, reloads and a second writer at the same time, over the store's real thread."""

import asyncio
import random
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.connector import Batch
from monitor.engine.evaluation import read_running
from monitor.engine.running_waits import Board
from monitor.store import make_store
from monitor.store.base import Store
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.house import NINE, House, at, told
from tests.engine.stories import desk


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    made: Store = MemoryStore() if request.param == "memory" else make_store(f"sqlite:{tmp_path / 'contacts.db'}")
    made.open()
    return made


@pytest.mark.parametrize("seed", range(3))
async def test_the_picture_is_what_the_store_holds_whatever_happens_at_once(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    clock = FakeClock(NINE)
    house = House(clock, {"pbx": ScriptedConnector(clock), "mail": ScriptedConnector(clock)}, store)
    await house.generation.start()
    hub = house.hub
    beside = desk(store)  # another process, as an import would write

    async def batches(source: str, channel: str) -> None:
        await hub.take(source, Batch(live_lag=timedelta(0)))
        for n in range(40):
            contact, kind = (
                f"{source}{n // 2}",
                ("queued", "answered")[n % 2] if channel == "phone" else ("received", "replied")[n % 2],
            )
            await hub.take(source, Batch([told(contact, kind, n, f"queue:{source}{n % 3}", channel)], {"n": n}))
            if chance.random() < 0.3:
                await asyncio.sleep(0)

    async def now_and_then() -> None:
        for n in range(30):
            await clock.advance(chance.choice((0, 10, 30)))
            await chance.choice((hub.sweep, hub.flush, hub._reload, hub.follow_others))()
            hub.picture.count("pbx", "source_polls_total", "pbx", "events")
            if n % 10 == 0:
                await hub.call(beside.take, [told(f"beside{n}", "queued", n)], NINE)

    await asyncio.gather(batches("pbx", "phone"), batches("mail", "email"), now_and_then(), now_and_then())
    await hub._reload()
    await hub.flush()
    assert hub.picture.totals == store.totals()
    assert hub.picture.totals["source_polls_total", ("pbx", "events")] == 60
    assert hub.picture.totals["source_events_total", ("mail", "events")] == 40
    assert {key: pair for key, pair in hub.picture.weeks.items() if pair != (0, 0)} == store.weeks("2000-01-01")
    recount = Board()
    for source in ("pbx", "mail"):
        for row in store.running(source):
            recount.replace(source, (row.contact, row.contact_point), row.channel, tuple(read_running(row)))
        assert hub._deadlines[source] is None or hub._deadlines[source] <= (store.next_deadline(source) or 2**62)
    assert {key: lane for key, lane in hub.picture.board.lanes().items() if lane.waiting} == recount.lanes()
    hub.release()
    store.close()


async def test_without_a_reload_the_picture_follows_by_what_each_transaction_says(store: Store) -> None:
    """No total is read back: what was added to the store was added to the picture."""
    clock = FakeClock(at(1000))
    house = House(clock, {"pbx": ScriptedConnector(clock)}, store)
    await house.generation.start()
    hub = house.hub
    await hub.take("pbx", Batch(live_lag=timedelta(0)))
    for n in range(30):
        given_up = [told(f"c{n}", "queued", n), told(f"c{n}", "left", n + 40, reason="caller")]
        await asyncio.gather(hub.take("pbx", Batch(given_up)), hub.sweep(), hub.flush())
    assert hub.picture.totals == store.totals()
    assert hub.picture.weeks == store.weeks("2000-01-01")
    hub.release()
    store.close()
