"""What is due soon is counted by the mere passing of time, from the warning until the limit, an answer or blindness."""

from datetime import timedelta
from typing import Any

import pytest

from monitor.connector import Batch
from monitor.domain.snapshot import Running
from monitor.publish.exposition import Exposition
from monitor.store.base import Store
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, RunningDaemon, at, event

MINUTE, HOUR = 60.0, 3600.0
MICROSECOND = 0.000001
WARNED: dict[str, Any] = {"default": {"late_reply": {"after": "4h", "warn_before": "1h"}}}


def mail(name: str, kind: str = "received", seconds: float = 0.0, place: str = "name:desk", **details: Any) -> Any:
    return event(name, kind, seconds, place, "email", **details)


def live(*events: Any) -> Batch:
    return Batch(events, live_lag=timedelta(0))


def waits(daemon: RunningDaemon, point: str = "desk", wait: str = "reply") -> Running:
    running = daemon.snapshot().points[point].running
    assert running is not None
    return running[wait]


def figures(daemon: RunningDaemon, point: str = "desk") -> tuple[int, int, int | None]:
    """(waiting, overdue, due soon) for a reply."""
    found = waits(daemon, point)
    return found.waiting, found.overdue, found.due_soon


def daemon_of(clock: FakeClock, *script: Any, store: Store | None = None, policies: Any = WARNED, **more: Any) -> RunningDaemon:
    return RunningDaemon(clock, {"mail": ScriptedConnector(clock, script, live=True)}, store, policies=policies, **more)


async def test_from_the_moment_of_the_warning_until_the_limit() -> None:
    clock = FakeClock(NINE)
    async with daemon_of(clock, live(mail("a"), mail("b", seconds=-30 * MINUTE))) as daemon:
        await clock.advance(2.5 * HOUR - MICROSECOND)
        assert figures(daemon) == (2, 0, 0)
        await clock.advance(MICROSECOND)
        assert figures(daemon) == (2, 0, 1)
        await clock.advance(30 * MINUTE)
        assert figures(daemon) == (2, 0, 2)
        await clock.advance(30 * MINUTE)
        assert figures(daemon) == (2, 0, 2)  # exactly the limit is not over it
        await clock.advance(0.001)
        assert figures(daemon) == (2, 1, 1)
        await clock.advance(30 * MINUTE)
        assert figures(daemon) == (2, 2, 0)


@pytest.mark.parametrize("answered", [2 * HOUR, 3.5 * HOUR])
async def test_an_answer_ends_it_before_and_after_the_warning(answered: float) -> None:
    clock = FakeClock(NINE)
    script = live(mail("a"), mail("b")), at(answered), live(mail("a", "replied", answered))
    async with daemon_of(clock, *script) as daemon:
        await clock.advance(3.75 * HOUR)
        assert figures(daemon) == (1, 0, 1)


async def test_over_the_night_nothing_is_used_up() -> None:
    """Monday 16:00: 1 h on Monday, 3 h on Tuesday; the last hour begins on Tuesday at 11:00."""
    clock = FakeClock(at(7 * HOUR))
    calendars = {"office": {"timezone": "Europe/London", "hours": {"mon-fri": "09:00-17:00"}}}
    policies = {"default": {"calendar": "office", "late_reply": {"after": "4h", "warn_before": "1h"}}}
    async with daemon_of(clock, live(mail("a", seconds=7 * HOUR)), policies=policies, calendars=calendars) as daemon:
        await clock.advance(19 * HOUR - MICROSECOND)
        assert figures(daemon) == (1, 0, 0)
        await clock.advance(MICROSECOND)
        assert figures(daemon) == (1, 0, 1)


async def test_a_restart_knows_it_at_once(store: Store) -> None:
    clock = FakeClock(NINE)
    async with daemon_of(clock, live(mail("a"), mail("b", seconds=2 * HOUR)), store=store) as daemon:
        await clock.advance(3.2 * HOUR)
        assert figures(daemon) == (2, 0, 1)
    clock = FakeClock(at(3.5 * HOUR))
    async with daemon_of(clock, live(), store=store) as daemon:
        assert figures(daemon) == (2, 0, 1)
        await clock.advance(1.5 * HOUR)
        assert figures(daemon) == (2, 1, 1)


async def test_a_warning_that_is_wanted_later_holds_for_what_waits_already(store: Store) -> None:
    clock = FakeClock(NINE)
    async with daemon_of(clock, live(mail("a")), store=store, policies={}) as daemon:
        await clock.advance(3.5 * HOUR)
        assert figures(daemon) == (1, 0, None)
    clock = FakeClock(at(3.5 * HOUR))
    async with daemon_of(clock, live(), store=store) as daemon:
        assert figures(daemon) == (1, 0, 1)
    clock = FakeClock(at(3.75 * HOUR))
    async with daemon_of(clock, live(), store=store, policies={}) as daemon:
        assert figures(daemon) == (1, 0, None)


async def test_it_is_shown_where_a_warning_is_configured_and_nowhere_else() -> None:
    """Zero where nobody waits yet; absent at contact points and waits without, and while the source is blind."""
    clock = FakeClock(NINE)
    points = {
        "info": {"source": "mail", "channel": "email", "policy": "warned"},
        "desk": {"source": "mail", "channel": "email"},
    }
    policies = {"warned": {"late_reply": {"warn_before": "1h"}, "slipped_promise": {"warn_before": "1h"}}}
    silent = Batch([mail("a")], {"n": 1}, watermark=NINE)
    daemon = daemon_of(clock, live(), at(100), silent, contact_points=points, policies=policies)

    def shown() -> list[str]:
        lines = Exposition().render(daemon.snapshot())[0].decode().splitlines()
        return [line.removeprefix("contactpoint_") for line in lines if line.startswith("contactpoint_due_soon")]

    async with daemon:
        await clock.advance(10)
        assert shown() == [
            'due_soon{channel="email",contact_point="info",wait="reply"} 0.0',
            'due_soon{channel="email",contact_point="info",wait="promise"} 0.0',
        ]
        await clock.advance(3.5 * HOUR)
        assert daemon.snapshot().points["info"].running is None
        assert shown() == []


async def test_a_policy_that_an_event_chooses_warns_at_a_contact_point_whose_own_does_not() -> None:
    clock = FakeClock(NINE)
    policies = {"urgent": {"late_reply": {"after": "1h", "warn_before": "15m"}}}
    async with daemon_of(clock, live(mail("a"), mail("b", policy="urgent")), policies=policies) as daemon:
        await clock.advance(44 * MINUTE)
        assert figures(daemon) == (2, 0, 0)
        await clock.advance(MINUTE)
        assert figures(daemon) == (2, 0, 1)
        await clock.advance(15 * MINUTE + 1)
        assert figures(daemon) == (2, 1, None)


async def test_two_sources_of_one_contact_point_are_counted_together() -> None:
    clock = FakeClock(NINE)
    connectors = {name: ScriptedConnector(clock, [live(mail(name))], live=True) for name in ("mail", "desk")}
    points = {"desk": {"source": "mail", "channel": "email"}}
    async with RunningDaemon(clock, connectors, MemoryStore(), policies=WARNED, contact_points=points) as daemon:
        await clock.advance(3 * HOUR)
        assert figures(daemon) == (2, 0, 2)
