"""What survives a restart, and what a reader of the metrics may see of counters that are not stored yet."""

from datetime import timedelta

import pytest

from monitor.connector import Batch, Gap, Rejected
from monitor.errors import TransientError
from monitor.store.base import Store
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, AbsentStore, RunningDaemon, at, event

LIVE = Batch(live_lag=timedelta(0))


async def test_a_restart_shows_at_once_what_was_shown_before(store: Store) -> None:
    clock = FakeClock(NINE)
    pbx_batches = [
        LIVE, at(10),
        Batch(
            [
                event("a", "queued", 10, place="queue:sales"),
                event("b", "queued", 0), event("b", "answered", 5), event("b", "held", 10),
            ],
            rejected=[Rejected("malformed", "x", 3)], gap=Gap(at(-60), at(-30)),
        ),
    ]  # fmt: skip
    mail_batches = [Batch([event("m", "received", 0, "address:info", "email")], watermark=at(0), newest_outbound=at(-5))]
    first = RunningDaemon(
        clock, {"pbx": ScriptedConnector(clock, pbx_batches, live=True), "mail": ScriptedConnector(clock, mail_batches)}, store
    )
    async with first:
        await clock.advance(150)
    before = first.snapshot()
    clock = FakeClock(at(150))
    second = RunningDaemon(clock, {"pbx": ScriptedConnector(clock, live=True), "mail": ScriptedConnector(clock)}, store)
    await second.generation.start()
    after = second.snapshot()
    assert after.totals == before.totals
    assert after.totals["source_records_rejected_total", ("pbx", "events", "malformed")] == 3
    assert after.totals["source_gap_seconds_total", ("pbx", "events")] == 30
    assert after.totals["source_polls_total", ("pbx", "events")] == 1
    assert after.weeks == before.weeks == {
        ("sales", "long_wait", "2026-11-02"): (1, 1), ("desk", "long_hold", "2026-11-02"): (1, 1),
        ("desk", "long_wait", "2026-11-02"): (1, 0), ("desk", "abandoned", "2026-11-02"): (1, 0),
        ("desk", "turned_away", "2026-11-02"): (1, 0),
    }  # fmt: skip
    assert {name: point.info for name, point in after.points.items()} == {
        name: point.info for name, point in before.points.items()
    }
    assert after.points.keys() == {"sales", "desk", "info"}
    assert all(point.running is None for point in after.points.values())  # no source has been read yet
    assert second.live_state.running_waits.groups(clock.now()) == {
        key: group for key, group in first.live_state.running_waits.groups(clock.now()).items() if group.waiting
    }
    for name in ("pbx", "mail"):
        assert after.sources[name].watermark == before.sources[name].watermark
    assert after.sources["pbx"].watermark == at(150)
    assert after.sources["mail"].watermark == NINE
    assert after.sources["mail"].last_outbound == at(-5)
    second.coordinator.release()
    store.close()


async def test_a_limit_that_passed_while_we_were_down_is_counted_after_the_restart_and_only_once_seen_again(store: Store) -> None:
    clock = FakeClock(NINE)
    hold = [LIVE, at(10), Batch([event("b", "answered", 5), event("b", "held", 10)])]
    async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock, hold, live=True)}, store):
        await clock.advance(60)
    clock = FakeClock(at(1000))
    async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock, [at(1011), LIVE], live=True)}, store) as daemon:
        await clock.advance(10.9)
        assert daemon.signals("long_hold") == 0
        await clock.advance(0.2)
        assert daemon.signals("long_hold") == 1
        assert daemon.total("detection_delay_seconds_sum") == 0  # not stored yet
        await clock.advance(5)
        assert daemon.total("detection_delay_seconds_sum") == pytest.approx(881)
    store.close()


async def test_operational_counters_are_shown_only_once_they_are_stored() -> None:
    """Else a daemon that is killed would show less after its start than before."""
    clock, store = FakeClock(NINE), AbsentStore()
    async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock, [TransientError("no")])}, store) as daemon:
        store.away = True
        await clock.advance(3)
        assert daemon.total("source_polls_total") == 0
        await clock.advance(30)
        assert daemon.total("source_polls_total") == 0
        assert daemon.live_state.pending["pbx"]["source_poll_failures_total", ("pbx", "events", "connect")] == 1
        store.away = False
        await clock.advance(5)
        shown = daemon.total("source_polls_total", "pbx", "events")
        assert shown >= 3
        assert daemon.total("source_poll_failures_total", "pbx", "events", "connect") == 1
        assert store.totals()["source_polls_total", ("pbx", "events")] == shown
        assert not any(daemon.live_state.pending.values())


async def test_store_failures_are_counted_once_the_store_is_back() -> None:
    clock, store = FakeClock(NINE), AbsentStore()
    pbx = ScriptedConnector(clock, [at(1), Batch([event("c", "queued", 1)])])
    async with RunningDaemon(clock, {"pbx": pbx}, store) as daemon:
        store.away = True
        await clock.advance(1.5)  # refused at 1.0, 1.1 and 1.4
        store.away = False
        await clock.advance(10)
        assert daemon.total("store_write_failures_total") == 3
        assert daemon.total("contacts_total") == 1


async def test_an_empty_poll_writes_nothing_but_counters_now_and_then() -> None:
    clock, store = FakeClock(NINE), MemoryStore()
    polls = [[Batch(watermark=at(n))] for n in range(12)]
    async with RunningDaemon(clock, {"mail": ScriptedConnector(clock, *polls)}, store) as daemon:
        await clock.advance(100)
        assert store.cursor_row("mail").version == 0
        assert daemon.snapshot().sources["mail"].watermark is not None
        assert store.totals()["source_polls_total", ("mail", "events")] >= 8
    assert store.cursor_row("mail").version == 1
    assert store.cursor_row("mail").watermark is not None
