"""A connector's own entries: written in the transaction of their batch, read back by the next start, deleted when old."""

from datetime import timedelta

import pytest

from monitor.connector import Batch
from monitor.daemon.app import StoredState
from monitor.domain.event import to_micros
from monitor.engine.adoption import LIMITS
from monitor.errors import CursorMoved
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, RunningDaemon, at, event


async def started(store: MemoryStore, clock: FakeClock, **configuration: object) -> RunningDaemon:
    daemon = RunningDaemon(clock, {"mail": ScriptedConnector(clock)}, store, **configuration)
    await daemon.generation.start()
    return daemon


async def test_entries_come_back_after_a_restart_and_none_forgets_one() -> None:
    clock, store = FakeClock(NINE), MemoryStore()
    first = await started(store, clock)
    await first.coordinator.store_batch("mail", Batch(state={"thread:a": "1", "thread:b": "2", "call:c": "3"}))
    await first.coordinator.store_batch("mail", Batch(state={"thread:a": None, "thread:b": "4"}))
    first.coordinator.release()
    second = await started(store, clock)
    state = StoredState(second.coordinator, "mail")
    assert await state.keys(["thread:a", "thread:b", "missing"]) == {"thread:b": "4"}
    assert await state.prefix("call:") == {"call:c": "3"}
    second.coordinator.release()


async def test_entries_of_a_batch_that_is_refused_are_not_written() -> None:
    clock, store = FakeClock(NINE), MemoryStore()
    daemon = await started(store, clock)
    with store.transaction("mail") as unit:
        unit.move(unit.cursor_row().version, {"n": 9}, None, None)
    with pytest.raises(CursorMoved):
        await daemon.coordinator.store_batch("mail", Batch((), {"n": 1}, state={"thread:a": "1"}))
    assert store.read_state("mail", ["thread:a"]) == {}
    daemon.coordinator.release()


async def test_an_entry_is_as_old_as_the_moment_it_was_written() -> None:
    clock, store = FakeClock(NINE), MemoryStore()
    daemon = await started(store, clock)
    await clock.advance(1000)
    await daemon.coordinator.store_batch("mail", Batch(state={"thread:a": "1"}))
    sum(store.prune(to_micros(at(1000))))
    assert store.read_state("mail", ["thread:a"]) == {"thread:a": "1"}
    sum(store.prune(to_micros(at(1000)) + 1))
    assert store.read_state("mail", ["thread:a"]) == {}
    daemon.coordinator.release()


async def test_the_limits_that_waits_were_judged_by_are_kept_until_they_change() -> None:
    """A start under the same limits judges nothing anew; a start under others does, once."""
    clock, store = FakeClock(NINE), MemoryStore()
    first = await started(store, clock)
    await first.coordinator.store_batch("mail", Batch(live_lag=timedelta(0)))
    await first.coordinator.store_batch("mail", Batch([event("a", "queued", 0)]))
    first.coordinator.release()
    limits = store.read_state("mail", [LIMITS])
    versions = []
    for after in (None, None, "40s", "40s"):
        policies = {} if after is None else {"policies": {"default": {"long_wait": {"after": after}}}}
        before = [found.row for found in store.find("a")]
        daemon = await started(store, clock, **policies)
        daemon.coordinator.release()
        versions.append((store.read_state("mail", [LIMITS]) == limits, [found.row for found in store.find("a")] == before))
    assert versions == [(True, True), (True, True), (False, False), (False, True)]
    [found] = store.find("a")
    assert found.row.deadline == to_micros(at(40)) + 1


async def test_other_hours_on_a_date_are_other_limits() -> None:
    """Asked on Monday 2 November at nine, due at 13:00; closed from ten that day, three of the four hours are Tuesday's."""
    clock, store = FakeClock(NINE), MemoryStore()
    hours = {"timezone": "Europe/London", "hours": {"mon-fri": "09:00-17:30"}}
    deadlines = []
    for dates in ({}, {"2026-11-02": "09:00-10:00"}):
        office = {"calendars": {"office": {**hours, "dates": dates}}, "policies": {"default": {"calendar": "office"}}}
        daemon = await started(store, clock, **office)
        if not dates:
            await daemon.coordinator.store_batch("mail", Batch(live_lag=timedelta(0)))
            await daemon.coordinator.store_batch("mail", Batch([event("a", "received", 0, channel="email")]))
        daemon.coordinator.release()
        [found] = store.find("a")
        deadlines.append(found.row.deadline)
    assert deadlines == [to_micros(at(4 * 3600)) + 1, to_micros(at((24 + 3) * 3600)) + 1]
