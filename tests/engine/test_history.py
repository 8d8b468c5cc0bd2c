"""What is counted long after it fell: an import of the past, an outage that is caught up; each once, over a restart too."""

from datetime import timedelta

from monitor.connector import Batch
from monitor.domain.event import Event
from monitor.errors import TransientError
from monitor.store.base import Store
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, AbsentStore, RunningDaemon, at, counted, event

LIVE = Batch(live_lag=timedelta(0))
HOUR = 3600.0


def call(name: str, seconds: float) -> list[Event]:
    """Answered too late, over at once: five verdicts with `handed_on`, of which `long_wait` is a signal."""
    return [
        event(name, "queued", seconds),
        event(name, "answered", seconds + 25),
        event(name, "ended", seconds + 26),
    ]


def figures(daemon: RunningDaemon, signal: str = "long_wait") -> tuple[float, float, float, float]:
    """(assessed, signals, history assessed, history signals) of the phone line."""
    names = ("assessed_total", "signals_total", "history_assessed_total", "history_signals_total")
    assessed, signals, old, old_signals = (daemon.total(name, "phone", "desk", signal) for name in names)
    return assessed, signals, old, old_signals


async def test_the_past_that_a_first_read_brings_is_history_and_today_is_not_over_a_restart_too(store: Store) -> None:
    clock = FakeClock(NINE)
    past = Batch([*call("old", -2 * HOUR), *call("new", -HOUR)], {"n": 1}, watermark=NINE)  # its limit fell 59:40 ago
    async with RunningDaemon(clock, {"log": ScriptedConnector(clock, [past])}, store) as daemon:
        await clock.advance(1)
        assert figures(daemon) == (2, 2, 1, 1)
        assert figures(daemon, "handed_on") == (2, 0, 1, 0)
    before = counted(store)
    clock = FakeClock(at(3 * HOUR))
    again = Batch([*call("old", -2 * HOUR), *call("new", -HOUR)], {"n": 2}, watermark=at(3 * HOUR))
    async with RunningDaemon(clock, {"log": ScriptedConnector(clock, [again])}, store) as daemon:
        await clock.advance(1)
        assert figures(daemon) == (2, 2, 1, 1)
    assert counted(store) == before


async def test_a_limit_that_an_outage_hid_for_more_than_an_hour_is_history() -> None:
    """Both limits fall while nothing is seen, at 9:00:20 and 9:40:00, and are counted at 10:00:30."""
    clock = FakeClock(NINE)
    cut = TransientError("no route to the host", retry_after=HOUR)
    waiting = Batch([event("a", "queued", 0), event("b", "queued", 2380)], live_lag=timedelta(0))
    pbx = ScriptedConnector(clock, [waiting, at(10), cut], [at(HOUR + 30), LIVE], live=True)
    async with RunningDaemon(clock, {"pbx": pbx}) as daemon:
        await clock.advance(HOUR + 29)
        assert figures(daemon) == (0, 0, 0, 0)
        await clock.advance(1)
        assert figures(daemon) == (2, 2, 1, 1)


async def test_what_a_store_refused_for_two_hours_is_history_once_it_is_counted() -> None:
    clock, store = FakeClock(NINE), AbsentStore()
    pbx = ScriptedConnector(clock, [at(1), Batch([*call("a", -30)], watermark=NINE)])
    async with RunningDaemon(clock, {"pbx": pbx}, store) as daemon:
        store.away = True
        await clock.advance(2 * HOUR)
        assert figures(daemon) == (0, 0, 0, 0)
        store.away = False
        await clock.advance(10)
        assert figures(daemon) == (1, 1, 1, 1)


async def test_what_is_counted_as_it_falls_is_none() -> None:
    clock = FakeClock(NINE)
    waiting = Batch([event("a", "queued", 0)], live_lag=timedelta(0))
    async with RunningDaemon(clock, {"pbx": ScriptedConnector(clock, [waiting], live=True)}) as daemon:
        await clock.advance(2 * HOUR)
        assert figures(daemon) == (1, 1, 0, 0)
