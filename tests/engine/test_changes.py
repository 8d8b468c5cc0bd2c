"""The live state can be waited for: a commit, a source's state and a reload wake everybody who waits, nothing else does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from monitor.config.loading import build
from monitor.config.models import Settings
from monitor.connector import Batch
from monitor.daemon.app import Daemon
from monitor.engine.changes import Changes
from monitor.errors import ConfigError, TransientError
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, AbsentStore, InlineExecutor, RunningDaemon, at, event

LIVE = Batch(live_lag=timedelta(0))


async def test_a_change_that_has_happened_is_returned_at_once() -> None:
    changes = Changes()
    changes.record()
    changes.record()
    assert await asyncio.wait_for(changes.since(0), 1) == 2
    assert await asyncio.wait_for(changes.since(1), 1) == 2


async def test_everybody_who_waits_is_woken_by_one_change_and_may_wait_again() -> None:
    changes = Changes()
    seen: list[list[int]] = [[] for _ in range(50)]

    async def follow(versions: list[int]) -> None:
        while True:
            versions.append(await changes.since(versions[-1] if versions else 0))

    tasks = [asyncio.create_task(follow(versions)) for versions in seen]
    for _ in range(3):
        await asyncio.sleep(0)
        assert not any(task.done() for task in tasks)
        changes.record()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert seen == [[1, 2, 3]] * 50
    for task in tasks:
        task.cancel()


async def test_changes_in_a_row_are_one_for_those_who_wait() -> None:
    changes = Changes()
    waiting = asyncio.create_task(changes.since(0))
    await asyncio.sleep(0)
    changes.record()
    changes.record()
    assert await waiting == 2


async def test_one_who_stops_waiting_does_not_disturb_the_others() -> None:
    changes = Changes()
    gone, stays = asyncio.create_task(changes.since(0)), asyncio.create_task(changes.since(0))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    changes.record()
    assert await stays == 1
    assert gone.cancelled()


async def test_nobody_is_woken_while_nothing_changes() -> None:
    """A live source without events for a minute: only its first polls are counted, every five seconds none is written."""
    clock = FakeClock(NINE)
    async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock, [LIVE], live=True)}) as daemon:
        changes = daemon.live_state.changes
        await clock.advance(10)
        version = changes.version
        await clock.advance(60)
        assert changes.version == version


async def test_a_stored_batch_and_a_limit_that_passes_are_changes() -> None:
    clock = FakeClock(NINE)
    pbx = ScriptedConnector(clock, [LIVE, at(20), Batch([event("c", "queued", 20)])], live=True)
    async with RunningDaemon(clock, {"pbx": pbx}) as daemon:
        changes = daemon.live_state.changes
        await clock.advance(19)
        batch = asyncio.create_task(changes.since(changes.version))
        await clock.advance(0.999)
        assert not batch.done()
        await clock.advance(0.001)
        assert batch.done()
        assert daemon.total("contacts_total") == 1
        await clock.advance(10)  # the operational counters are written
        limit = asyncio.create_task(changes.since(changes.version))
        await clock.advance(9.999)
        assert not limit.done()
        await clock.advance(0.002)
        assert limit.done()
        assert daemon.signals("long_wait") == 1


async def test_a_batch_that_the_store_refuses_is_a_change_and_another_when_it_is_stored() -> None:
    clock, store = FakeClock(NINE), AbsentStore()
    pbx = ScriptedConnector(clock, [LIVE, at(8), Batch([event("c", "queued", 8)])], live=True)
    async with RunningDaemon(clock, {"pbx": pbx}, store) as daemon:
        changes = daemon.live_state.changes
        await clock.advance(7)
        store.away = True
        version = changes.version
        await clock.advance(2)
        assert changes.version > version
        assert daemon.total("contacts_total") == 0
        version = changes.version
        store.away = False
        await clock.advance(4)
        assert changes.version > version
        assert daemon.total("contacts_total") == 1


async def test_a_source_that_is_lost_and_found_again_is_two_changes() -> None:
    clock = FakeClock(NINE)
    pbx = ScriptedConnector(clock, [LIVE, at(12), TransientError("cut", retry_after=20)], [LIVE], live=True)
    async with RunningDaemon(clock, {"pbx": pbx}) as daemon:
        changes = daemon.live_state.changes
        await clock.advance(11)
        for up in (False, True):
            change = asyncio.create_task(changes.since(changes.version))
            await clock.advance(1)
            assert change.done()
            assert daemon.snapshot().sources["pbx"].up is up
            await clock.advance(19)


async def test_an_empty_poll_that_moves_the_watermark_is_a_change() -> None:
    clock = FakeClock(NINE)
    mail = ScriptedConnector(clock, [at(100), Batch(watermark=at(100)), at(200)])
    async with RunningDaemon(clock, {"mail": mail}) as daemon:
        changes = daemon.live_state.changes
        await clock.advance(99)
        change = asyncio.create_task(changes.since(changes.version))
        await clock.advance(0.9)
        assert not change.done()
        await clock.advance(0.1)
        assert change.done()
        assert daemon.snapshot().sources["mail"].watermark == at(100)


class Configuration:
    """What a daemon loads; `problem` makes the next load fail."""

    def __init__(self) -> None:
        self.problem = False
        self.raw: dict[str, Any] = {"sources": {"web": {"type": "events"}}}

    def __call__(self) -> Settings:
        if self.problem:
            raise ConfigError("sources: missing")
        return build({"store": "memory:", **self.raw})


@asynccontextmanager
async def running(configuration: Configuration, clock: FakeClock) -> AsyncIterator[Daemon]:
    daemon = Daemon(configuration, clock, InlineExecutor)
    await daemon.open()
    task = asyncio.create_task(daemon.run())
    await clock.advance(0)
    try:
        yield daemon
    finally:
        daemon.stop()
        await task


async def test_nobody_who_waits_is_lost_by_a_reload() -> None:
    """One who waits before a reload goes on after it, sees the new configuration, and then the new generation's changes."""
    clock, configuration = FakeClock(NINE), Configuration()
    async with running(configuration, clock) as daemon:
        await clock.advance(30)
        shown: list[frozenset[str]] = []

        async def follow() -> None:
            version = daemon.changes.version
            while True:
                version = await daemon.changes.since(version)
                shown.append(frozenset(daemon.snapshot().sources))

        follower = asyncio.create_task(follow())
        await clock.advance(0)
        assert shown == []
        configuration.raw["sources"] = {"shop": {"type": "events"}}
        assert await daemon.reload() == ()
        await clock.advance(0)
        assert shown[-1] == {"shop"}
        assert frozenset() not in shown  # never a state between the two
        before = len(shown)
        await clock.advance(0)
        assert len(shown) == before
        daemon.generation.live_state.changes.record()
        await clock.advance(0)
        assert len(shown) == before + 1
        follower.cancel()


@pytest.mark.parametrize("problem", [True, False])
async def test_a_reload_that_is_refused_is_a_change_too(problem: bool) -> None:
    clock, configuration = FakeClock(NINE), Configuration()
    async with running(configuration, clock) as daemon:
        await clock.advance(30)
        configuration.problem = problem
        change = asyncio.create_task(daemon.changes.since(daemon.changes.version))
        await daemon.reload()
        await clock.advance(0)
        assert change.done()
        assert daemon.snapshot().config_ok is not problem


async def test_who_waits_for_a_time_goes_on_at_the_change_or_when_it_is_over() -> None:
    clock, changes = FakeClock(NINE), Changes()
    changed, in_vain = (asyncio.create_task(changes.within(seconds, 0, clock)) for seconds in (10.0, 10.0))
    await clock.advance(9.999)
    assert not changed.done()
    changes.record()
    assert (await changed, await in_vain) == (1, 1)
    assert clock.sleeping == 0
    in_vain = asyncio.create_task(changes.within(10.0, 1, clock))
    await clock.advance(9.999)
    assert not in_vain.done()
    await clock.advance(0.001)
    assert await in_vain == 1
    assert await changes.within(10.0, 0, clock) == 1  # at once: it has moved on before
    assert clock.sleeping == 0


async def test_fifty_who_wait_for_a_time_lose_no_change_that_comes_while_they_look() -> None:
    clock, changes = FakeClock(NINE), Changes()
    seen: list[list[int]] = [[0] for _ in range(50)]

    async def follow(versions: list[int]) -> None:
        while versions[-1] < 20:
            versions.append(await changes.within(60.0, versions[-1], clock))
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(follow(versions)) for versions in seen]
    for _ in range(20):
        await asyncio.sleep(0)
        changes.record()
    await clock.settle()
    assert all(task.done() for task in tasks)
    assert all(versions == sorted(set(versions)) and versions[-1] == 20 for versions in seen)
    assert clock.sleeping == 0
