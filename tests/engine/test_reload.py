"""A new configuration while we run, and the way out: nothing accepted is lost, no counter is seen to fall."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from monitor.config.loading import build
from monitor.config.models import Settings
from monitor.connector import Batch, Connector
from monitor.connectors.events import Events
from monitor.daemon import app
from monitor.daemon.app import Daemon
from monitor.domain.privacy_key import check_value
from monitor.errors import ConfigError, StoreUnavailable
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, AbsentStore, InlineExecutor, at, counted, event

LIVE = Batch(live_lag=timedelta(0))
Make = Callable[[str], Connector | None]


class Configuration:
    """What the file says now; `make` stands in for connectors of some sources."""

    def __init__(self, **raw: Any) -> None:
        self.raw: dict[str, Any] = raw

    def __call__(self) -> Settings:
        return build({"store": "memory:", **self.raw})


@asynccontextmanager
async def running(
    configuration: Configuration, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, scripted: Mapping[str, list[Connector]],
    store: MemoryStore | None = None,
) -> AsyncIterator[Daemon]:  # fmt: skip
    real = app.make_connector

    def make(settings: Settings, source: str, *rest: Any) -> Connector:
        return scripted[source].pop(0) if source in scripted else real(settings, source, *rest)

    monkeypatch.setattr(app, "make_connector", make)
    if store is not None:
        monkeypatch.setattr(app, "make_store", lambda _url: store)
    daemon = Daemon(configuration, clock, InlineExecutor)
    await daemon.open()
    task = asyncio.create_task(daemon.run())
    await clock.advance(0)
    try:
        yield daemon
    finally:
        daemon.stop()
        await task


def held(name: str) -> Batch:
    return Batch(
        [event(name, "queued", 0, customer="ann"), event(name, "answered", 1), event(name, "held", 2)], live_lag=timedelta(0)
    )


async def test_a_bad_configuration_changes_nothing_but_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock(NINE)
    configuration = Configuration(sources={"pbx": {"type": "events"}})
    pbx = ScriptedConnector(clock, [held("a")], live=True)
    async with running(configuration, clock, monkeypatch, {"pbx": [pbx]}) as daemon:
        await clock.advance(10)
        generation = daemon.generation
        for bad in (
            {"sources": {"pbx": {"type": "nothing"}}},
            {"sources": {}, "store": "sqlite:x.db"},
            {"listen": "127.0.0.1:1"},
        ):
            configuration.raw = bad
            assert await daemon.reload() != ()
            await clock.advance(1)
            assert daemon.generation is generation
            assert daemon.snapshot().config_ok is False
        assert daemon.settings.sources.keys() == {"pbx"}
        assert pbx.cursors == [None]
        await clock.advance(200)
        assert daemon.snapshot().totals["signals_total", ("phone", "desk", "long_hold")] == 1


async def test_a_good_one_keeps_counters_and_adds_and_removes(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock(NINE)
    configuration = Configuration(
        sources={"pbx": {"type": "events"}, "old": {"type": "events"}},
        contact_points={"gone": {"source": "old", "channel": "chat"}},
    )
    connectors: dict[str, list[Connector]] = {
        "pbx": [ScriptedConnector(clock, [held("a")], live=True), ScriptedConnector(clock, [LIVE], live=True)],
        "old": [ScriptedConnector(clock, [Batch([event("x", "queued", 0, "name:gone", "chat")])])],
        "new": [ScriptedConnector(clock)],
    }
    async with running(configuration, clock, monkeypatch, connectors) as daemon:
        await clock.advance(130)
        before = daemon.snapshot()
        key = daemon.generation.key
        assert before.totals["signals_total", ("phone", "desk", "long_hold")] == 1
        configuration.raw = {
            "sources": {"pbx": {"type": "events"}, "new": {"type": "events"}},
            "contact_points": {"added": {"source": "new", "channel": "chat"}},
            "policies": {"default": {"long_hold": {"after": "10m"}}},
        }
        assert await daemon.reload() == ()
        await clock.advance(1)
        after = daemon.snapshot()
        assert all(after.totals[name] >= value for name, value in before.totals.items())
        assert after.totals["signals_total", ("phone", "desk", "long_hold")] == 1
        assert after.totals["contacts_total", ("chat", "gone", "inbound")] == 1
        assert after.points.keys() == {"desk", "added"}
        assert after.sources.keys() == {"pbx", "new"}
        assert after.points["desk"].running is not None
        assert after.points["desk"].running["hold"].waiting == 1
        assert after.points["desk"].info.limit_seconds["long_hold"] == 600
        assert (after.config_ok, after.config_loaded_at) == (True, at(130))
        assert daemon.generation.key == key
    assert all(isinstance(each, ScriptedConnector) and each.open == 0 for left in connectors.values() for each in left)


async def test_after_a_bad_one_a_good_one_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock(NINE)
    configuration = Configuration(sources={})
    async with running(configuration, clock, monkeypatch, {}) as daemon:
        configuration.raw = {"sources": 5}
        assert await daemon.reload() != ()
        configuration.raw = {}
        assert await daemon.reload() == ()
        await clock.advance(1)
        assert daemon.snapshot().config_ok


async def test_the_customers_stay_who_they_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Also when the key lies beside the store and its file was removed meanwhile; a key that is configured anew is refused, until
    it is accepted."""
    configuration = Configuration(store=f"sqlite:{tmp_path / 'contacts.db'}")
    key_file = tmp_path / "contacts.db.key"
    clock = FakeClock(NINE)
    async with running(configuration, clock, monkeypatch, {}) as daemon:
        first = daemon.generation
        key_file.unlink()
        assert await daemon.reload() == ()
        await clock.advance(1)
        assert daemon.generation is not first
        assert daemon.generation.key == first.key
        configuration.raw["privacy"] = {"key": "x" * 40}
        [problem] = await daemon.reload()
        assert problem.startswith(f"store sqlite:{tmp_path / 'contacts.db'}: its customers were hashed with another privacy key ")
        assert not daemon.snapshot().config_ok
        daemon.store.keep_key_check(check_value(b"x" * 40), replace=True)
        assert await daemon.reload() == ()
        await clock.advance(1)
        assert daemon.generation.key == b"x" * 40


async def test_nobody_ever_sees_a_counter_fall_while_a_configuration_is_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader looks at every turn of the loop, while the store cannot be read for a while in the middle."""
    clock = FakeClock(NINE)

    class Slow(MemoryStore):
        refusals = 0

        def totals(self) -> Any:
            if self.refusals:
                self.refusals -= 1
                raise StoreUnavailable("busy")
            return super().totals()

    store = Slow()
    configuration = Configuration(sources={"pbx": {"type": "events"}})
    connectors: list[Connector] = [ScriptedConnector(clock, [held("a")], live=True), ScriptedConnector(clock, [LIVE], live=True)]
    async with running(configuration, clock, monkeypatch, {"pbx": connectors}, store) as daemon:
        await clock.advance(200)
        seen: list[Mapping[Any, float]] = []

        async def look() -> None:
            while True:
                seen.append(dict(daemon.snapshot().totals))
                await asyncio.sleep(0)

        looking = asyncio.create_task(look())
        first = daemon.generation
        store.refusals = 2
        assert await daemon.reload() == ()
        for _ in range(200):
            await asyncio.sleep(0)
        await clock.advance(5)
        looking.cancel()
        assert daemon.generation is not first
        for before, after in pairwise(seen):
            assert all(after.get(name, 0) >= value for name, value in before.items())


def line(contact: str) -> bytes:
    event = {"contact": contact, "contact_point": "desk", "channel": "chat", "kind": "queued", "at": NINE.isoformat()}
    return json.dumps(event).encode()


async def test_a_push_under_way_when_a_configuration_is_taken_up_is_stored_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is told `stored` finds it stored; whoever is refused sends it again, to the connector of then."""
    clock = FakeClock(NINE)
    store = AbsentStore()
    configuration = Configuration(sources={"web": {"type": "events"}})
    async with running(configuration, clock, monkeypatch, {}, store) as daemon:
        connector = daemon.generation.connectors["web"]
        assert isinstance(connector, Events)
        assert (await connector.offer([(1, line("early"))])).accepted == 1
        store.away = True
        offers = [asyncio.create_task(connector.offer([(1, line(f"c{n}"))])) for n in range(3)]
        await store.asked.wait()
        assert await daemon.reload() == ()
        for offer in offers:
            with pytest.raises(StoreUnavailable):
                await offer
        store.away = False
        await clock.advance(6)
        following = daemon.generation.connectors["web"]
        assert following is not connector
        assert isinstance(following, Events)
        for n in range(3):
            assert (await following.offer([(1, line(f"c{n}"))])).accepted == 1
    assert {each.row.contact for each in store.begun_between(0, 2**62)} == {"early", "c0", "c1", "c2"}


async def test_a_stop_keeps_everything_that_was_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock(NINE)
    store = MemoryStore()
    accepted: list[str] = []
    async with running(Configuration(sources={"web": {"type": "events"}}), clock, monkeypatch, {}, store) as daemon:
        connector = daemon.generation.connectors["web"]
        assert isinstance(connector, Events)

        async def push(name: str) -> None:
            if (await connector.offer([(1, line(name))])).accepted:
                accepted.append(name)

        offers = [asyncio.create_task(push(f"c{n}")) for n in range(100)]
        await asyncio.wait(offers[:20])
    results = await asyncio.gather(*offers, return_exceptions=True)
    assert {type(each) for each in results} <= {type(None), StoreUnavailable}
    assert len(accepted) >= 20
    assert {each.row.contact for each in store.begun_between(0, 2**62)} >= set(accepted)
    assert store.totals()["source_polls_total", ("web", "events")] == 1


async def test_a_stop_while_the_next_configuration_starts_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock(NINE)
    configuration = Configuration(sources={"pbx": {"type": "events"}})
    connectors: list[Connector] = [ScriptedConnector(clock, live=True), ScriptedConnector(clock, live=True)]
    async with running(configuration, clock, monkeypatch, {"pbx": connectors}) as daemon:
        assert await daemon.reload() == ()
        daemon.stop()
    assert counted(daemon.store) == {}


async def test_a_daemon_that_is_stopped_before_it_began_leaves_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock(NINE)
    monkeypatch.setattr(app, "make_connector", lambda *_: ScriptedConnector(clock, live=True))
    daemon = Daemon(Configuration(sources={"pbx": {"type": "events"}}), clock, InlineExecutor)
    await daemon.open()
    daemon.stop()
    await daemon.run()


async def test_a_parked_source_is_tried_again_after_a_reload(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock(NINE)
    configuration = Configuration(sources={"pbx": {"type": "events"}})
    parked, again = ScriptedConnector(clock, [ConfigError("no such queue")]), ScriptedConnector(clock)
    async with running(configuration, clock, monkeypatch, {"pbx": [parked, again]}) as daemon:
        await clock.advance(3600)
        assert daemon.snapshot().sources["pbx"].up is False
        await daemon.reload()
        await clock.advance(1)
        assert daemon.snapshot().sources["pbx"].up is True


SIGNALLED = ("signals_total", ("phone", "desk", "long_hold"))


async def test_a_shorter_limit_reaches_the_waits_that_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hold since 09:00:02 under 120 s; at 09:01 the limit becomes 30 s: it is a breach at once, not at 09:02:02."""
    configuration = Configuration(sources={"pbx": {"type": "events"}})
    clock = FakeClock(NINE)
    reads: list[Connector] = [
        ScriptedConnector(clock, [held("c1"), at(3600)], live=True),
        ScriptedConnector(clock, [LIVE, at(3600)], live=True),
    ]
    async with running(configuration, clock, monkeypatch, {"pbx": reads}) as daemon:
        await clock.advance(60)
        assert SIGNALLED not in counted(daemon.store)
        configuration.raw["policies"] = {"default": {"long_hold": {"after": "30s"}}}
        assert await daemon.reload() == ()
        await clock.advance(1)
        assert counted(daemon.store)[SIGNALLED] == 1
