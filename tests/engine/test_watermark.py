"""A watermark and the newest outbound moment never move back: not in memory, not in the store, whatever a batch says."""

import pytest

from monitor.connector import Batch
from monitor.domain.event import from_micros
from monitor.store.base import Store
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, RunningDaemon, at, event
from tests.engine.scenarios import ingest_run


@pytest.mark.parametrize(("seconds", "kept"), [(99.999999, 100), (100, 100), (100.000001, 100.000001), (-1_000_000, 100)])
def test_an_earlier_watermark_is_not_stored(store: Store, seconds: float, kept: float) -> None:
    ingest = ingest_run(store).ingest
    ingest.batch("pbx", "events", Batch(), store.cursor_row("pbx"), NINE, at(100), now=at(200))
    moved = ingest.batch("pbx", "events", Batch(), store.cursor_row("pbx"), NINE, at(seconds), now=at(200)).source
    assert moved == store.cursor_row("pbx")
    assert moved is not None
    assert from_micros(moved.watermark or 0) == at(kept)


@pytest.mark.parametrize(("seconds", "kept"), [(99.999999, 100), (100.000001, 100.000001)])
def test_an_earlier_outbound_moment_is_not_stored(store: Store, seconds: float, kept: float) -> None:
    ingest = ingest_run(store).ingest
    for moment in (at(100), at(seconds)):
        seen = store.cursor_row("pbx")
        moved = ingest.batch("pbx", "events", Batch(newest_outbound=moment), seen, NINE, None, now=at(200)).source
    assert moved == store.cursor_row("pbx")
    assert moved is not None
    assert from_micros(moved.last_outbound or 0) == at(kept)
    assert moved.watermark is None


def test_a_batch_without_a_watermark_leaves_the_one_that_is_stored(store: Store) -> None:
    ingest = ingest_run(store).ingest
    ingest.batch("pbx", "events", Batch((), {"n": 1}, newest_outbound=at(50)), store.cursor_row("pbx"), NINE, at(100), now=NINE)
    moved = ingest.batch("pbx", "events", Batch((), {"n": 2}), store.cursor_row("pbx"), NINE, None, now=NINE).source
    assert moved == store.cursor_row("pbx")
    assert moved is not None
    assert (moved.version, moved.cursor) == (2, {"n": 2})
    assert from_micros(moved.watermark or 0) == at(100)
    assert from_micros(moved.last_outbound or 0) == at(50)


@pytest.mark.parametrize("cursor", [None, {"n": 2}], ids=["empty poll", "with a cursor"])
async def test_an_earlier_watermark_of_a_polled_source_is_ignored_in_memory(store: Store, cursor: dict[str, int] | None) -> None:
    clock = FakeClock(at(1000))
    steps = [
        Batch((), {"n": 1}, watermark=at(900), newest_outbound=at(800)),
        Batch((), cursor, watermark=at(400), newest_outbound=at(300)),
    ]
    async with RunningDaemon(clock, {"mail": ScriptedConnector(clock, steps)}, store) as daemon:
        await clock.advance(1)
        shown = daemon.snapshot().sources["mail"]
        assert (shown.watermark, shown.last_outbound) == (at(900), at(800))
    assert from_micros(store.cursor_row("mail").watermark or 0) == at(900)


async def test_a_limit_judged_at_a_watermark_is_not_judged_at_an_earlier_one_again() -> None:
    """The mail waits since nine; its limit of four hours is over at the first watermark, not at the second one."""
    clock = FakeClock(at(20_000))
    late, early = Batch((), {"n": 1}, watermark=at(14_500)), Batch(watermark=at(10_000))
    asked = Batch([event("m", "received", 0, channel="email")], {"n": 2})
    mail = ScriptedConnector(clock, [late, early, asked])
    async with RunningDaemon(clock, {"mail": mail}) as daemon:
        await clock.advance(1)
        assert daemon.signals("late_reply", channel="email") == 1
        assert daemon.snapshot().sources["mail"].watermark == at(14_500)


async def test_a_watermark_survives_a_restart_and_still_does_not_move_back(store: Store) -> None:
    clock = FakeClock(at(1000))
    first = ScriptedConnector(clock, [Batch((), {"n": 1}, watermark=at(900))])
    async with RunningDaemon(clock, {"mail": first}, store):
        await clock.advance(1)
    again = ScriptedConnector(clock, [Batch((), {"n": 2}, watermark=at(500))])
    async with RunningDaemon(clock, {"mail": again}, store) as daemon:
        await clock.advance(1)
        assert daemon.snapshot().sources["mail"].watermark == at(900)
    assert from_micros(store.cursor_row("mail").watermark or 0) == at(900)
