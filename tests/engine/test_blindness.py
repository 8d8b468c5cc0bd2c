"""A source of which nothing newer is known is blind, by the mere passing of time: what waits at its contact points is unknown."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from monitor.connector import Batch
from monitor.domain.snapshot import Running
from monitor.errors import TransientError
from monitor.store.base import Store
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, AbsentStore, RunningDaemon, at, event
from tests.engine.pushed_desk import PushedDesk

#: Sources of these tests are read every 10 s: 3 x 10 s + 60 s.
BOUND = 90.0
MICROSECOND = 0.000001


def queue(daemon: RunningDaemon, point: str = "desk") -> Running | None:
    """Who waits in the queue, without how long ago the newest limit passed; None: nobody can tell."""
    running = daemon.snapshot().points[point].running
    return None if running is None else replace(running["queue"], broken_business_seconds=None)


def seen_until(seconds: float, *events: Any) -> Batch:
    return Batch(events, {"n": seconds}, watermark=at(seconds), agents={"name:desk": {"ready": 1}})


async def test_a_silent_sender_makes_its_callers_unknown_at_the_bound_and_known_again_as_it_catches_up() -> None:
    clock = FakeClock(NINE)
    waiting = event("a", "queued", 0)
    web = ScriptedConnector(clock, [seen_until(1, waiting), at(400), seen_until(310), at(420), seen_until(419)], live=True)
    async with RunningDaemon(clock, {"web": web}) as daemon:
        await clock.advance(1 + BOUND - MICROSECOND)
        assert queue(daemon) == Running(1, 0, NINE, 91.0 - MICROSECOND, at(20))  # judged at 9:00:01
        assert daemon.snapshot().points["desk"].agents == {"ready": 1, "busy": 0, "paused": 0, "away": 0}
        await clock.advance(MICROSECOND)
        assert queue(daemon) is not None
        await clock.advance(MICROSECOND)
        assert queue(daemon) is None
        assert daemon.snapshot().points["desk"].agents is None
        assert daemon.snapshot().points["desk"].open is True
        assert daemon.snapshot().sources["web"].up is True
        assert daemon.snapshot().ready is True  # a silent sender is no reason to take the monitor out of service
        assert daemon.total("contacts_total", "phone", "desk", "inbound") == 1
        await clock.advance(400 - 1 - BOUND - MICROSECOND)
        assert daemon.snapshot().sources["web"].watermark == at(310)
        assert queue(daemon) == Running(1, 1, NINE, 400.0, None)  # just within the bound again
        await clock.advance(MICROSECOND)
        assert queue(daemon) is None
        await clock.advance(30)
        assert queue(daemon) is not None


async def test_a_sender_that_never_says_how_far_it_is_complete_is_never_blind_while_we_run(store: Store) -> None:
    desk = PushedDesk(store, NINE)
    line = b'{"contact": "a", "contact_point": "line", "channel": "phone", "kind": "queued", "at": "2026-11-02T09:00:00Z"}'
    async with desk.daemon:
        await desk.push(line)
        await desk.clock.advance(12 * 3600)
        assert queue(desk.daemon, "line") == Running(1, 1, NINE, 12 * 3600.0, None)
        assert desk.daemon.snapshot().sources["desk"].watermark == at(12 * 3600)


async def test_a_sender_that_says_so_once_is_blind_when_it_stops_over_a_restart_too(store: Store) -> None:
    desk = PushedDesk(store, NINE)
    line = b'{"contact": "a", "contact_point": "line", "channel": "phone", "kind": "queued", "at": "2026-11-02T09:00:00Z"}'
    async with desk.daemon:
        await desk.push(line, b'{"kind": "seen_until", "at": "2026-11-02T09:00:00Z"}')
        await desk.clock.advance(BOUND)
        assert queue(desk.daemon, "line") is not None
        await desk.clock.advance(MICROSECOND)
        assert queue(desk.daemon, "line") is None
    again = PushedDesk(store, at(600))
    async with again.daemon:
        await again.clock.advance(60)
        assert queue(again.daemon, "line") is None
        await again.push(b'{"kind": "seen_until", "at": "2026-11-02T09:11:00Z"}')
        assert queue(again.daemon, "line") == Running(1, 1, NINE, 660.0, None)


async def test_one_blind_source_of_two_blinds_what_both_feed_and_nothing_else() -> None:
    clock = FakeClock(NINE)
    connectors = {
        "pbx": ScriptedConnector(clock, [Batch([event("a", "queued", 0)], live_lag=timedelta(0))], live=True),
        "web": ScriptedConnector(clock, [seen_until(0, event("b", "queued", 0)), at(200), seen_until(200)], live=True),
    }
    points = {"desk": {"source": "pbx", "channel": "phone"}, "line": {"source": "pbx", "channel": "phone"}}
    async with RunningDaemon(clock, connectors, contact_points=points) as daemon:
        await clock.advance(BOUND)
        assert daemon.snapshot().points["desk"].info.sources == ("pbx", "web")
        assert queue(daemon) == Running(2, 1, NINE, BOUND, at(20))  # that of `web` is judged at nine
        await clock.advance(MICROSECOND)
        assert queue(daemon) is None
        assert queue(daemon, "line") == Running(0, 0, None, 0.0, None)
        await clock.advance(110)
        assert queue(daemon) == Running(2, 2, NINE, 200 + MICROSECOND, None)


async def test_a_poll_every_five_minutes_is_not_blind_between_two_and_is_when_one_hangs() -> None:
    clock = FakeClock(NINE)
    polls = [[seen_until(0, event("a", "queued", 0))], [at(400), seen_until(300)], [at(9000)]]
    sources = {"log": {"type": "events", "poll_every": "5m"}}
    async with RunningDaemon(clock, {"log": ScriptedConnector(clock, *polls)}, sources=sources) as daemon:
        await clock.advance(399)
        assert queue(daemon) is not None
        await clock.advance(300 + 960 - 399)
        assert queue(daemon) is not None
        await clock.advance(MICROSECOND)
        assert queue(daemon) is None


async def test_a_first_read_is_blind_until_its_last_piece_is_stored() -> None:
    clock = FakeClock(NINE)
    pieces = [Batch([event(name, "queued", 0)], {"n": name}, more=True) for name in "abc"]
    whole = [pieces[0], at(100), pieces[1], at(200), pieces[2], at(300), seen_until(0)]
    async with RunningDaemon(clock, {"log": ScriptedConnector(clock, whole)}) as daemon:
        await clock.advance(299)
        assert daemon.total("contacts_total") == 3
        assert daemon.snapshot().sources["log"].reading(clock.now()) == "not read yet"
        assert queue(daemon) is None
        await clock.advance(1)
        assert daemon.snapshot().sources["log"].reading(clock.now()) == "behind"  # complete up to nine, which is long ago
        assert queue(daemon) is None
    async with RunningDaemon(clock, {"log": ScriptedConnector(clock, [*whole[:-1], seen_until(299)])}, MemoryStore()) as daemon:
        await clock.advance(1)
        assert daemon.total("contacts_total") == 3
        assert queue(daemon) == Running(3, 3, NINE, 301.0, None)


async def test_a_live_source_that_was_never_seen_completely_is_blind_though_it_answers() -> None:
    clock = FakeClock(NINE)
    pieces = [Batch([event("a", "queued", 0)], {"n": 1}, more=True), at(50), Batch(cursor={"n": 2}, live_lag=timedelta(0))]
    async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock, pieces, live=True)}) as daemon:
        await clock.advance(49)
        assert daemon.snapshot().sources["pbx"].up is True
        assert queue(daemon) is None
        await clock.advance(2)
        assert queue(daemon) == Running(1, 1, NINE, 51.0, None)


async def test_a_live_link_whose_proof_is_old_is_blind() -> None:
    clock = FakeClock(NINE)
    said = Batch([event("a", "queued", 0)], live_lag=timedelta(0), proven=NINE)
    async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock, [said], live=True)}) as daemon:
        await clock.advance(BOUND)
        assert queue(daemon) is not None
        await clock.advance(MICROSECOND)
        assert queue(daemon) is None


async def test_one_that_fails_is_blind_at_once_however_new_its_watermark() -> None:
    clock = FakeClock(NINE)
    cut = TransientError("cut", retry_after=30)
    polls = [[seen_until(0, event("a", "queued", 0))], [cut], [seen_until(40)]]
    async with RunningDaemon(clock, {"log": ScriptedConnector(clock, *polls)}) as daemon:
        await clock.advance(9)
        assert queue(daemon) is not None
        await clock.advance(3)
        assert queue(daemon) is None
        await clock.advance(30)
        assert queue(daemon) is not None


async def test_what_the_store_does_not_take_is_not_seen_though_the_source_is_connected() -> None:
    clock, store = FakeClock(NINE), AbsentStore()
    live = timedelta(0)
    script = [Batch([event("a", "queued", 0)], live_lag=live), at(10), Batch([event("b", "queued", 10)], live_lag=live)]
    async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock, script, live=True)}, store) as daemon:
        await clock.advance(9)
        assert daemon.snapshot().sources["pbx"].watermark == at(9)
        store.away = True
        await clock.advance(1 + 2.999)
        assert daemon.snapshot().sources["pbx"].watermark == at(12.999)  # a write that takes a moment is no blindness
        assert queue(daemon) == Running(1, 0, NINE, 12.999, at(20))
        await clock.advance(0.001)
        assert daemon.snapshot().sources["pbx"].watermark == at(10)
        assert queue(daemon) is None  # the second caller is not stored, nothing is judged
        await clock.advance(17)
        store.away = False
        await clock.advance(10)
        assert queue(daemon) == Running(2, 2, NINE, 40, None)


async def test_a_live_source_whose_last_piece_does_not_come_falls_behind() -> None:
    clock = FakeClock(NINE)
    script = [
        Batch([event("a", "queued", 0)], live_lag=timedelta(0)), at(10),
        Batch([event("b", "queued", 10)], more=True), at(60), Batch([event("c", "queued", 10)], more=True), at(200),
        Batch([event("d", "queued", 10)], live_lag=timedelta(0)),
    ]  # fmt: skip
    async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock, script, live=True)}) as daemon:
        await clock.advance(10 + BOUND)
        assert daemon.snapshot().sources["pbx"].watermark == at(10)
        assert queue(daemon) is not None
        await clock.advance(MICROSECOND)
        assert queue(daemon) is None
        await clock.advance(100)
        assert queue(daemon) == Running(4, 4, NINE, 200 + MICROSECOND, None)


async def test_a_read_that_ends_in_the_middle_is_not_held_any_longer() -> None:
    clock = FakeClock(NINE)
    cut = TransientError("cut", retry_after=5)
    pieces = [Batch([event("a", "queued", 0)], {"n": 1}, more=True), at(10), cut]
    whole = [Batch([event("b", "queued", 10)], {"n": 2}, live_lag=timedelta(0))]
    async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock, pieces, whole, live=True)}) as daemon:
        await clock.advance(200)
        assert daemon.snapshot().sources["pbx"].watermark == at(200)
        assert queue(daemon) is not None
