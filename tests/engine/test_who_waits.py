"""Who waits, by our id, and what falls due next: through the live state, over a restart, without sources that are blind."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.connector import Batch
from monitor.domain.judge import RunningWait
from monitor.domain.snapshot import Waiting, WhoWaits
from monitor.engine import running_waits
from monitor.engine.evaluation import contact_id
from monitor.engine.running_waits import RunningWaits
from monitor.engine.who_waits import next_limits, who_waits
from monitor.store.base import Store
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, RunningDaemon, at, event

HOUR = 3600.0
MICROSECOND = 0.000001
POLICIES: dict[str, Any] = {"default": {"late_reply": {"after": "4h", "warn_before": "1h"}}}


def live(*events: Any) -> Batch:
    return Batch(events, live_lag=timedelta(0))


def of(daemon: RunningDaemon, point: str = "desk", channel: Any = "phone", limit: int = 10) -> dict[str, WhoWaits]:
    return dict(who_waits(daemon.live_state, point, channel, limit, daemon.clock.now()))


def due_next(daemon: RunningDaemon, limit: int = 10) -> WhoWaits:
    return next_limits(daemon.live_state, limit, daemon.clock.now())


def names(who: WhoWaits) -> tuple[int, list[str]]:
    return who.total, [each.contact for each in who.first]


def call(name: str, point: str = "desk") -> str:
    return contact_id("pbx", name, point)


def mail(name: str) -> str:
    return contact_id("mail", name, "")


def daemon_of(clock: FakeClock, pbx: Any, letters: Any, store: Store | None = None, **configuration: Any) -> RunningDaemon:
    connectors = {"pbx": ScriptedConnector(clock, pbx, live=True), "mail": ScriptedConnector(clock, letters, live=True)}
    return RunningDaemon(clock, connectors, store, policies=POLICIES, **configuration)


async def test_the_longest_wait_is_first_and_who_is_over_the_limit_is_said() -> None:
    clock = FakeClock(at(30))
    calls = live(event("late", "queued", 5), event("short", "queued", 15), event("long", "queued", 0))
    async with daemon_of(clock, [calls], [live()]) as daemon:
        found = of(daemon)
        assert list(found) == ["queue"]
        assert names(found["queue"]) == (3, [call("long"), call("late"), call("short")])
        # 20 s is the limit in the queue: at 30 s the first two have passed it
        assert found["queue"].first[0] == Waiting(
            call("long"), "desk", "phone", "queue", at(0), at(20), True, due_soon=False, business_seconds=None, limit_seconds=20.0
        )
        assert [(each.due_at, each.overdue) for each in found["queue"].first[1:]] == [(at(25), True), (at(35), False)]
        assert names(of(daemon, limit=1)["queue"]) == (3, [call("long")])
        assert names(due_next(daemon)) == (1, [call("short")])
        assert of(daemon, "elsewhere") == of(daemon, channel="email") == {}


async def test_who_is_answered_waits_no_longer() -> None:
    clock = FakeClock(NINE)
    script = [live(event("a", "queued", 0), event("b", "queued", 0)), at(5), live(event("a", "answered", 5))]
    async with daemon_of(clock, script, [live()]) as daemon:
        assert names(of(daemon)["queue"])[0] == 2
        await clock.advance(5)
        assert names(of(daemon)["queue"]) == (1, [call("b")])
        assert names(due_next(daemon)) == (1, [call("b")])


async def test_the_next_limits_are_those_of_the_next_hour_on_every_channel_the_nearest_first() -> None:
    clock = FakeClock(NINE)
    letters = live(event("a", "received", 0, channel="email"), event("b", "received", -600, channel="email"))
    calls = [live(), at(3.5 * HOUR), live(event("c", "queued", 3.5 * HOUR, "name:line"))]
    async with daemon_of(clock, calls, [letters]) as daemon:
        await clock.advance(3 * HOUR - 600 - MICROSECOND)
        assert names(due_next(daemon)) == (0, [])
        await clock.advance(MICROSECOND)  # to its limit of four hours it is one
        assert names(due_next(daemon)) == (1, [mail("b")])
        assert due_next(daemon).first[0].due_soon  # its warning is an hour before the limit, too
        await clock.advance(600)
        assert names(due_next(daemon)) == (2, [mail("b"), mail("a")])
        await clock.advance(0.5 * HOUR)
        assert names(due_next(daemon)) == (3, [call("c", "line"), mail("b"), mail("a")])
        assert names(due_next(daemon, 2)) == (3, [call("c", "line"), mail("b")])
        assert names(due_next(daemon, 0)) == (3, [])
        await clock.advance(20)
        assert names(due_next(daemon)) == (3, [call("c", "line"), mail("b"), mail("a")])  # exactly the limit is not over it
        await clock.advance(0.001)
        assert names(due_next(daemon)) == (2, [mail("b"), mail("a")])
        assert of(daemon, "line")["queue"].first[0].overdue


async def test_letters_are_measured_in_opening_hours() -> None:
    """Since Friday 16:00; asked on Monday at 10:00: two hours in which the office was open. The call is measured by the clock."""
    clock = FakeClock(datetime(2026, 11, 2, 10, tzinfo=UTC))
    hours = {"office": {"timezone": "Europe/London", "hours": {"mon-fri": "09:00-17:00"}}}
    points = {"desk": {"source": "mail", "channel": "email", "calendar": "office"}}
    friday = (datetime(2026, 10, 30, 16, tzinfo=UTC) - NINE).total_seconds()
    letters = live(event("a", "received", friday, channel="email"))
    calls = live(event("c", "queued", HOUR - 5, "name:line"))
    async with daemon_of(clock, [calls], [letters], calendars=hours, contact_points=points) as daemon:
        [letter] = of(daemon, channel="email")["reply"].first
        assert letter.business_seconds == 2 * HOUR
        [caller] = of(daemon, "line")["queue"].first
        assert caller.business_seconds is None
        infos = {name: state.info.opening_hours_waits for name, state in daemon.snapshot().points.items()}
        assert "reply" in infos["desk"]
        assert infos["line"].isdisjoint(("queue", "ring", "hold"))
        running = daemon.snapshot().points["desk"].running
        assert running is not None
        assert running["reply"].oldest_business_seconds == 2 * HOUR


async def test_a_source_that_is_blind_tells_of_nobody() -> None:
    """Read every 10 s, behind from 90 s on; its contact is not forgotten."""
    clock = FakeClock(NINE)
    letters = Batch([event("a", "received", -3.5 * HOUR, "name:info", "email")], watermark=NINE)
    reads = ScriptedConnector(clock, [letters, at(91), Batch(watermark=at(91))], live=True)
    connectors = {"pbx": ScriptedConnector(clock, [live(event("c", "queued", 0))], live=True), "mail": reads}
    async with RunningDaemon(clock, connectors, policies=POLICIES) as daemon:
        await clock.advance(90)
        assert names(of(daemon, "info", "email")["reply"]) == (1, [mail("a")])
        assert names(due_next(daemon)) == (1, [mail("a")])
        await clock.advance(MICROSECOND)
        assert daemon.snapshot().points["info"].running is None
        assert of(daemon, "info", "email") == {}
        assert names(due_next(daemon)) == (0, [])
        assert names(of(daemon)["queue"]) == (1, [call("c")])
        await clock.advance(1)
        assert names(of(daemon, "info", "email")["reply"]) == (1, [mail("a")])


@pytest.mark.parametrize("again", [False, True])
async def test_the_id_is_the_one_of_the_store_before_and_after_a_restart(again: bool) -> None:
    """Also of a mail that has moved: what is written keeps its id."""
    clock, store = FakeClock(NINE), MemoryStore()
    moved = [event("a", "received", 0, channel="email"), event("a", "moved", 60, "name:shop", "email")]
    async with daemon_of(clock, [live(event("c", "queued", 0))], [live(*moved)], store) as daemon:
        await clock.advance(61)
        if not again:
            await assert_ids(daemon, store)
    if again:
        async with daemon_of(clock, [live()], [live()], store) as daemon:
            await assert_ids(daemon, store)


async def assert_ids(daemon: RunningDaemon, store: Store) -> None:
    stored = {each.row.contact: each.row for each in store.begun_between(0, 2**62)}
    for name, channel, wait in (("c", "phone", "queue"), ("a", "email", "reply")):
        row = stored[name]
        [waiting] = of(daemon, row.contact_point, channel)[wait].first
        assert (waiting.contact, waiting.contact_point) == (row.id, row.contact_point)


def test_what_is_looked_at_goes_by_what_is_shown_not_by_who_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten thousand at five contact points twelve are shown, half of them gone again: each that is gone costs once."""
    popped = 0

    def heappop(heap: Any) -> Any:
        nonlocal popped
        popped += 1
        return original(heap)

    original = running_waits.heappop
    waits = RunningWaits()
    for n in range(10_000):
        wait = RunningWait("queue", at(n), at(n + 60), False)
        waits.replace("pbx", (f"c{n}", f"line{n % 5}"), f"{n:016x}", "phone", (wait,))
    waits.nearest(["pbx"], NINE, 0)  # the first look takes in what falls due in the next hour, once
    monkeypatch.setattr(running_waits, "heappop", heappop)
    for _ in range(3):
        popped = 0
        assert [kept.since for kept in waits.longest(["pbx"], ("line0", "phone", "queue"), NINE, 12)[1]] == [
            at(5 * n) for n in range(12)
        ]
        total, found = waits.nearest(["pbx"], NINE, 12)
        assert (total, [kept.since for _, kept in found]) == (3541, [at(n) for n in range(12)])
        assert popped == 24
    for n in range(1_000):
        waits.replace("pbx", (f"c{n}", f"line{n % 5}"), f"{n:016x}", "phone", ())
    for gone in (2_000, 0):  # from two heaps, of which `longest` looks at one contact point's alone
        popped = 0
        for line in range(5):
            waits.longest(["pbx"], (f"line{line}", "phone", "queue"), NINE, 12)
        waits.nearest(["pbx"], NINE, 12)
        assert popped == 6 * 12 + gone
