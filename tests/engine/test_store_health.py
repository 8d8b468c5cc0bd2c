"""When the store takes nothing: who is told what, for how long, and with how many lines in the log."""

import pytest
from structlog.testing import capture_logs

from monitor.config.loading import build
from monitor.config.models import Settings
from monitor.connector import Batch
from monitor.daemon.app import Daemon
from monitor.domain.snapshot import StoreTrouble
from monitor.engine.store_health import COUNTERS, LIMITS, StoreHealth, batches_of
from monitor.errors import StoreUnavailable
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, AbsentStore, InlineExecutor, RunningDaemon, at, event

FULL = StoreUnavailable("store a.db: no space left", "the disk is full", "make room")
BUSY = StoreUnavailable("store a.db: busy", "another process is writing to it", "wait")
PBX, MAIL = batches_of("pbx"), batches_of("mail")


class TestHealth:
    def test_lasts_from_the_first_refusal_until_all_was_taken_and_none_was_refused_for_ten_seconds(self):
        health = StoreHealth()
        health.took(PBX, at(0))
        assert health.trouble is None
        health.refused(PBX, FULL, at(1))
        health.refused(COUNTERS, FULL, at(2))
        health.refused(PBX, FULL, at(3))
        assert health.trouble == StoreTrouble("the disk is full", "make room", at(1))
        assert health.trouble.words == "the store cannot be written: the disk is full"
        for taken in (MAIL, COUNTERS, LIMITS, MAIL):  # small writes find room, the batch does not
            health.took(taken, at(400))
        assert health.trouble is not None
        assert [health.refuses(each) for each in (PBX, MAIL, COUNTERS)] == [True, False, False]
        health.refused(PBX, FULL, at(500))
        for seconds in (500, 509.999):
            health.took(PBX, at(seconds))
            assert not health.refuses(PBX)
            assert health.trouble is not None
        health.took(LIMITS, at(510))
        assert health.trouble is None

    def test_what_is_given_up_is_waited_for_no_longer(self):
        health = StoreHealth()
        health.refused(PBX, FULL, at(1))
        health.given_up(PBX)
        assert health.trouble is not None
        health.took(COUNTERS, at(11))
        assert health.trouble is None

    def test_of_another_reason_keeps_its_beginning(self):
        health = StoreHealth()
        health.refused(PBX, FULL, at(1))
        health.refused(PBX, BUSY, at(9))
        assert health.trouble == StoreTrouble("another process is writing to it", "wait", at(1))

    def test_is_logged_when_it_begins_changes_and_ends(self):
        with capture_logs() as logged:
            health = StoreHealth()
            for second in range(60):
                health.refused(PBX, FULL, at(second))
                health.refused(MAIL, FULL, at(second))
            for second in range(60, 120):
                health.refused(PBX, BUSY, at(second))
            for second in range(120, 180):  # takes and refuses in turns
                health.took(MAIL, at(second))
                health.took(PBX, at(second + 0.5))
                health.refused(PBX, BUSY, at(second + 0.6))
            for second in (200, 210):
                health.took(PBX, at(second))
        assert [(line["event"], line.get("error") or line["after"]) for line in logged] == [
            ("store does not take writes, trying again", "store a.db: no space left"),
            ("store still does not take writes", "store a.db: busy"),
            ("store takes writes again", "3m 20s"),
        ]


async def test_a_source_whose_batch_is_refused_is_down_and_says_so_another_is_not() -> None:
    clock, store = FakeClock(NINE), AbsentStore()
    pbx = ScriptedConnector(clock, [Batch(watermark=at(0)), at(8), Batch([event("c", "queued", 8)], watermark=at(8))], live=True)
    mail = ScriptedConnector(clock, *([Batch(watermark=at(second))] for second in range(0, 60, 10)))
    async with RunningDaemon(clock, {"pbx": pbx, "mail": mail}, store) as daemon:
        await clock.advance(7)
        store.away = True
        assert daemon.snapshot().store_trouble is None
        await clock.advance(1)
        assert daemon.snapshot().store_trouble == StoreTrouble("the disk is full", "make room", at(8))
        assert daemon.snapshot().sources["pbx"].reading(clock.now()) == "up"  # as long as that may be a matter of a moment
        await clock.advance(3)
        state = daemon.snapshot().sources["pbx"]
        assert (state.reading(clock.now()), state.up, state.since) == ("down", False, at(8))
        assert (state.trouble, state.to_do) == ("the store cannot be written: the disk is full", "make room")
        assert daemon.snapshot().sources["mail"].reading(clock.now()) == "up"
        await clock.advance(600)
        assert daemon.snapshot().store_trouble == StoreTrouble("the disk is full", "make room", at(8))
        store.away = False
        await clock.advance(5)
        assert daemon.snapshot().sources["pbx"].trouble is None
        assert daemon.snapshot().sources["pbx"].up
        await clock.advance(15)
        assert daemon.snapshot().store_trouble is None
        assert daemon.total("contacts_total") == 1


async def test_it_is_two_lines_however_many_sources_wait_and_however_long() -> None:
    clock, store = FakeClock(NINE), AbsentStore()
    sources = {
        name: ScriptedConnector(clock, [at(5), Batch([event(name, "queued", 5)], watermark=at(5))], live=True)
        for name in ("a", "b", "c")
    }
    async with RunningDaemon(clock, sources, store) as daemon:
        with capture_logs() as logged:
            store.away = True
            await clock.advance(3600)
            assert {state.up for state in daemon.snapshot().sources.values()} == {False}
            store.away = False
            await clock.advance(20)
            assert {state.up for state in daemon.snapshot().sources.values()} == {True}
    said = [(line["event"], line["log_level"]) for line in logged if line["part"] == "store"]
    assert said == [("store does not take writes, trying again", "error"), ("store takes writes again", "info")]


async def test_a_daemon_with_no_batch_to_store_learns_of_it_when_a_limit_falls() -> None:
    clock, store = FakeClock(NINE), AbsentStore()
    live = Batch([event("c", "queued", 0)], live_lag=at(0) - at(0))
    async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock, [live], live=True)}, store) as daemon:
        await clock.advance(18)
        store.away = True
        await clock.advance(2)
        assert daemon.snapshot().store_trouble is None  # nothing was to be written
        await clock.advance(1)
        trouble = daemon.snapshot().store_trouble
        assert trouble == StoreTrouble("the disk is full", "make room", at(20.000001))  # past 20 s the limit has fallen
        assert daemon.snapshot().sources["pbx"].reading(clock.now()) == "up"  # what it told is stored
        assert daemon.signals("long_wait") == 0
        store.away = False
        await clock.advance(5)
        assert daemon.signals("long_wait") == 1
        await clock.advance(15)
        assert daemon.snapshot().store_trouble is None


class Silent(MemoryStore):
    """A server that cannot even be asked while it is `away`."""

    away = False

    def generation(self) -> int:
        if self.away:
            raise FULL
        return super().generation()


async def test_an_idle_daemon_learns_that_the_server_is_away_and_is_back() -> None:
    clock, store = FakeClock(NINE), Silent()
    async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock, live=True)}, store) as daemon:
        await clock.advance(20)
        store.away = True
        await clock.advance(5)
        assert daemon.snapshot().store_trouble == StoreTrouble("the disk is full", "make room", at(25))
        store.away = False
        await clock.advance(15)
        assert daemon.snapshot().store_trouble is None


async def test_a_reload_while_the_store_is_away_is_the_same_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    store, clock = AbsentStore(), FakeClock(NINE)
    monkeypatch.setattr("monitor.daemon.app.make_store", lambda _: store)

    def load() -> Settings:
        return build({"store": "memory:", "sources": {"desk": {"type": "events"}}})

    daemon = Daemon(load, clock, InlineExecutor)
    await daemon.open()
    with capture_logs() as logged:
        store.away = True
        daemon.generation.live_state.count("desk", "source_polls_total", "desk", "events")
        await daemon.generation.coordinator.flush()
        assert daemon.snapshot().store_trouble == StoreTrouble("the disk is full", "make room", NINE)
        daemon.generation = daemon._make_generation(load(), daemon.generation.key)
        await daemon.generation.start()
        assert daemon.snapshot().store_trouble == StoreTrouble("the disk is full", "make room", NINE)
        daemon.generation.live_state.count("desk", "source_polls_total", "desk", "events")
        await daemon.generation.coordinator.flush()
        store.away = False
        await clock.advance(10)
        await daemon.generation.coordinator.flush()
        assert daemon.snapshot().store_trouble is None
    assert [line["event"] for line in logged] == ["store does not take writes, trying again", "store takes writes again"]
