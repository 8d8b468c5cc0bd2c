"""A daemon stays the only one that reads its sources, and leaves when it has lost them to another."""

from collections.abc import Collection

import pytest

from monitor.config.loading import build
from monitor.config.models import Settings
from monitor.daemon.app import Daemon
from monitor.errors import StoreHeld, StoreUnavailable
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, InlineExecutor, RunningDaemon

HELD = "store contacts.db: another daemon (process 4711 on web1) has it open: end that one first"


class SharedStore(MemoryStore):
    """A store of which another daemon has `elsewhere`; `problem` is raised instead while it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.elsewhere: set[str] = set()
        self.problem: StoreUnavailable | None = None
        self.held: set[str] = set()

    def hold(self, sources: Collection[str]) -> None:
        if self.problem is not None:
            raise self.problem
        if self.elsewhere.intersection(sources):
            raise StoreHeld(HELD)
        self.held = set(sources)


async def test_who_lost_its_sources_to_another_leaves():
    clock, store = FakeClock(NINE), SharedStore()
    daemon = RunningDaemon(clock, {"pbx": ScriptedConnector(clock)}, store)
    async with daemon:
        await clock.advance(60)
        assert store.held == {"pbx"}
        store.elsewhere = {"pbx"}
        await clock.advance(5)
        assert daemon.task is not None
        with pytest.raises(StoreHeld, match="process 4711"):
            await daemon.task
        daemon.task = None


async def test_a_store_that_is_away_is_no_loss():
    clock, store = FakeClock(NINE), SharedStore()
    async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock)}, store) as daemon:
        store.problem = StoreUnavailable("the server cannot be reached")
        await clock.advance(600)
        assert daemon.task is not None
        assert not daemon.task.done()
        store.problem = None
        store.held.clear()
        await clock.advance(5)
        assert store.held == {"pbx"}


class TestAReload:
    def daemon(self, store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> tuple[Daemon, dict[str, dict[str, str]]]:
        monkeypatch.setattr("monitor.daemon.app.make_store", lambda _: store)
        sources = {"pbx": {"type": "events"}}

        def load() -> Settings:
            return build({"store": "memory:", "sources": sources})

        return Daemon(load, FakeClock(NINE), InlineExecutor), sources

    async def test_that_brings_a_source_of_another_daemon_is_refused(self, monkeypatch: pytest.MonkeyPatch):
        store = SharedStore()
        store.elsewhere = {"desk"}
        daemon, sources = self.daemon(store, monkeypatch)
        await daemon.open()
        sources["desk"] = {"type": "events"}
        assert await daemon.reload() == (HELD,)
        assert not daemon.snapshot().config_ok
        assert daemon.settings.sources.keys() == {"pbx"}

    @pytest.mark.parametrize("problem", [None, StoreUnavailable("the server cannot be reached")])
    async def test_holds_what_is_read_before_and_after_it(
        self, monkeypatch: pytest.MonkeyPatch, problem: StoreUnavailable | None
    ):  # fmt: skip
        store = SharedStore()
        daemon, sources = self.daemon(store, monkeypatch)
        await daemon.open()
        sources["desk"] = {"type": "events"}
        del sources["pbx"]
        store.problem = problem
        assert await daemon.reload() == ()
        assert store.held == ({"pbx"} if problem else {"pbx", "desk"})


async def test_a_daemon_whose_store_another_has_does_not_open_it(monkeypatch: pytest.MonkeyPatch):
    store = SharedStore()
    store.elsewhere = {"pbx"}
    opened: list[bool] = []
    monkeypatch.setattr(store, "open", lambda: opened.append(True))
    monkeypatch.setattr("monitor.daemon.app.make_store", lambda _: store)
    daemon = Daemon(lambda: build({"store": "memory:", "sources": {"pbx": {"type": "events"}}}), FakeClock(NINE), InlineExecutor)
    with pytest.raises(StoreHeld):
        await daemon.open()
    assert opened == []
