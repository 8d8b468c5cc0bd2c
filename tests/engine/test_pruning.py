"""Old contacts go step by step, at a pace at which nobody who writes notices."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from monitor.connector import Batch
from monitor.domain.event import from_micros
from monitor.errors import StoreUnavailable
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, RunningDaemon, at, event


class SteppingClock(FakeClock):
    """Moves on while nobody has a turn, as if what is under way had taken so long."""

    def take(self, seconds: float) -> None:
        self._elapsed += seconds


class FullStore(MemoryStore):
    """Each step of pruning takes a while; one of them may fail."""

    def __init__(self, clock: SteppingClock, *steps: float | Exception) -> None:
        super().__init__()
        self._clock = clock
        self._steps = steps
        self.asked: list[tuple[datetime, datetime]] = []  # when, and before which moment

    def prune(self, before: int) -> Iterator[int]:
        steps, self._steps = self._steps, ()
        for step in steps:
            self.asked.append((self._clock.now(), from_micros(before)))
            if isinstance(step, Exception):
                raise step
            self._clock.take(step)
            yield 500
        self.asked.append((self._clock.now(), from_micros(before)))


async def test_a_tenth_of_the_time_is_taken() -> None:
    """Steps of 0.2, 0.05 and 1 s are followed by pauses of nine times as long."""
    clock = SteppingClock(NINE)
    store = FullStore(clock, 0.2, 0.05, 1.0)
    async with RunningDaemon(clock, {}, store, privacy={"retention": "90d"}):
        await clock.advance(60)
    moments, before = zip(*store.asked, strict=True)
    waited = [(moment - NINE).total_seconds() for moment in moments]
    assert waited == pytest.approx([0.0, 2.0, 2.5, 12.5])
    assert set(before) == {NINE - timedelta(days=90)}  # the end of what goes is fixed when it begins


async def test_a_batch_has_its_turn_between_two_steps() -> None:
    clock = SteppingClock(NINE)
    store = FullStore(clock, 0.1, 0.1, 0.1)
    pbx = ScriptedConnector(clock, [at(0.5), Batch([event("a", "queued", 0)], live_lag=timedelta(0))], live=True)
    async with RunningDaemon(clock, {"pbx": pbx}, store) as daemon:
        await clock.advance(0.6)
        assert (len(store.asked), daemon.total("contacts_total")) == (1, 1)
        await clock.advance(60)
        assert len(store.asked) == 4


async def test_it_begins_again_every_day_and_an_hour_after_the_store_was_away() -> None:
    clock = SteppingClock(NINE)
    store = FullStore(clock, 0.0, StoreUnavailable("another process is writing to it"))
    async with RunningDaemon(clock, {}, store):
        await clock.advance(1)
        assert len(store.asked) == 2
        await clock.advance(3598)
        assert len(store.asked) == 2
        await clock.advance(2)
        assert len(store.asked) == 3
        await clock.advance(86_398)
        assert len(store.asked) == 3
        await clock.advance(2)
        assert len(store.asked) == 4
