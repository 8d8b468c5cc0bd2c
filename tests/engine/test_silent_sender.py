"""A sender of pushed events that has died is unknown, not calm: `expect_every`."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from monitor.connectors.events import Events, Settings
from monitor.domain.snapshot import SourceState
from monitor.errors import SourceSilent
from monitor.store.base import Store
from monitor.store.memory import MemoryStore
from monitor.testing import FakeClock
from tests.engine.fake_daemon import NINE, RunningDaemon, at
from tests.engine.pushed_desk import events_source

MOMENT = 0.000001
MINUTE = 60.0
SILENT = "its sender was heard last at 2026-11-02 {} UTC, and is expected every 5m"


def line(contact: str, kind: str, seconds: float) -> bytes:
    where = '"contact_point": "desk", "channel": "phone"'
    return f'{{"contact": "{contact}", {where}, "kind": "{kind}", "at": "{at(seconds).isoformat()}"}}'.encode()


class Desk:
    """A daemon with one source that is pushed to. Use `daemon` as `async with`."""

    def __init__(self, store: Store | None = None, start: datetime = NINE, **keys: Any) -> None:
        self.clock = FakeClock(start)
        sources = {"desk": {"type": "events", "token": "s3cret", "expect_every": "5m", **keys}}
        self.daemon = RunningDaemon(self.clock, {}, store, sources=sources)

    async def push(self, *lines: bytes) -> int:
        connector = self.daemon.generation.connectors["desk"]
        assert isinstance(connector, Events)
        return (await connector.offer(list(enumerate(lines, 1)))).accepted

    @property
    def source(self) -> SourceState:
        return self.daemon.snapshot().sources["desk"]

    @property
    def reading(self) -> str:
        return self.source.reading(self.clock.now())

    def waiting(self) -> int | None:
        """How many callers wait; None: unknown."""
        running = self.daemon.snapshot().points["desk"].running
        return None if running is None else running["queue"].waiting


async def test_it_is_well_until_it_has_been_silent_for_so_long_and_then_blind_from_its_last_sign() -> None:
    desk = Desk()
    async with desk.daemon:
        await desk.clock.advance(100)
        await desk.push(line("a", "queued", 100))
        await desk.clock.advance(5 * MINUTE - MOMENT)
        assert (desk.reading, desk.source.watermark, desk.waiting()) == ("up", at(400 - MOMENT), 1)
        await desk.clock.advance(MOMENT)
        assert (desk.reading, desk.source.up, desk.source.watermark, desk.waiting()) == ("down", False, at(100), None)
        assert desk.source.trouble == SILENT.format("09:01:40")
        assert desk.source.since == at(400)
        assert desk.source.to_do.startswith("see whether the sender runs and reaches the monitor")
        await desk.clock.advance(1800)
        assert (desk.reading, desk.source.watermark) == ("down", at(100))


async def test_the_next_push_is_taken_and_ends_it() -> None:
    desk = Desk()
    async with desk.daemon:
        await desk.push(line("a", "queued", 0))
        await desk.clock.advance(3600)
        assert desk.reading == "down"
        assert await desk.push(line("b", "queued", 3600)) == 1
        assert (desk.reading, desk.source.trouble, desk.source.to_do, desk.waiting()) == ("up", None, "", 2)
        assert desk.source.watermark == at(3600)
        await desk.clock.advance(5 * MINUTE)
        assert (desk.reading, desk.source.watermark) == ("down", at(3600))


async def test_it_is_said_once_when_it_falls_silent_and_once_when_it_is_back() -> None:
    desk = Desk()
    with capture_logs() as logged:
        async with desk.daemon:
            for _ in range(2):
                await desk.clock.advance(1800)
                await desk.push()
    assert [line["event"] for line in logged] == ["works", "does not work", "works again", "does not work", "works again"]
    assert [line["reason"] for line in logged if line["event"] == "does not work"] == ["timeout", "timeout"]
    assert [line["after"] for line in logged if line["event"] == "works again"] == ["25m", "25m"]


@pytest.mark.parametrize(
    "sign",
    [
        pytest.param([], id="an empty push"),
        pytest.param([b"", b"  "], id="a push of blanks"),
        pytest.param([line("a", "queued", 0)], id="an event, the same again and again"),
        pytest.param([b"rubbish"], id="a line that cannot be used"),
    ],
)
async def test_every_push_is_a_sign_of_life(sign: list[bytes]) -> None:
    desk = Desk()
    async with desk.daemon:
        for _ in range(3):
            await desk.clock.advance(5 * MINUTE - MOMENT)
            assert desk.reading == "up"
            await desk.push(*sign)


async def test_one_that_was_never_heard_is_blind_after_as_long() -> None:
    desk = Desk()
    async with desk.daemon:
        await desk.clock.advance(5 * MINUTE - MOMENT)
        assert desk.reading == "up"
        await desk.clock.advance(MOMENT)
        assert (desk.reading, desk.source.watermark) == ("down", NINE)
        assert desk.source.trouble == "its sender has not been heard yet, and is expected every 5m"


async def test_without_it_silence_is_calm_as_before() -> None:
    desk = Desk(expect_every=None)
    async with desk.daemon:
        await desk.push(line("a", "queued", 0))
        await desk.clock.advance(3600)
        assert (desk.reading, desk.waiting()) == ("up", 1)


async def test_no_limit_is_counted_that_falls_while_it_is_silent() -> None:
    desk = Desk(expect_every="10s")
    async with desk.daemon:
        await desk.push(line("kept", "queued", 0), line("late", "queued", 0))
        await desk.clock.advance(MINUTE)
        assert desk.daemon.signals("long_wait") == 0
        await desk.push(line("kept", "answered", 15), line("late", "answered", 21))
        await desk.clock.advance(1)
        assert desk.daemon.signals("long_wait") == 1


async def test_one_that_says_up_to_when_it_has_told_everything_is_known_up_to_there() -> None:
    desk = Desk()
    until = b'{"kind": "seen_until", "at": "%s"}'
    async with desk.daemon:
        await desk.push(until % at(-30).isoformat().encode())
        for minute in range(0, 20, 4):
            await desk.clock.advance(4 * MINUTE)
            assert desk.reading == "up"  # though it lags by more than three polls of 15 s and a minute
            await desk.push(until % at(60 * minute).isoformat().encode())
        await desk.clock.advance(5 * MINUTE)
        assert (desk.reading, desk.source.watermark) == ("down", at(16 * 60))


class TestARestart:
    async def heard_at_nine(self, store: Store, stops_after: float) -> None:
        desk = Desk(store)
        async with desk.daemon:
            await desk.push(line("a", "queued", 0))
            await desk.clock.advance(stops_after)

    async def test_soon_after_a_sign_goes_on_and_gives_it_one_interval(self, store: Store) -> None:
        await self.heard_at_nine(store, 200)
        desk = Desk(store, at(210))
        async with desk.daemon:
            assert (desk.reading, desk.source.watermark, desk.waiting()) == ("up", at(210), 1)
            await desk.clock.advance(5 * MINUTE - MOMENT)
            assert desk.reading == "up"
            await desk.clock.advance(MOMENT)
            assert (desk.reading, desk.source.watermark) == ("down", NINE)
            assert desk.source.trouble == SILENT.format("09:00:00")

    async def test_long_after_a_sign_judges_nothing_and_gives_it_one_interval(self, store: Store) -> None:
        await self.heard_at_nine(store, 10)
        desk = Desk(store, at(3600))
        async with desk.daemon:
            assert (desk.source.up, desk.reading, desk.source.watermark) == (True, "behind", at(10))
            assert desk.waiting() is None
            await desk.clock.advance(5 * MINUTE - MOMENT)
            assert desk.source.up
            assert desk.daemon.signals("long_wait") == 0
            await desk.clock.advance(MOMENT)
            assert desk.source.trouble == SILENT.format("09:00:00")
            await desk.push(line("a", "answered", 15))
            assert (desk.reading, desk.waiting()) == ("up", 0)
            assert desk.daemon.signals("long_wait") == 0

    async def test_of_one_that_was_silent_still_says_since_when(self, store: Store) -> None:
        await self.heard_at_nine(store, 1200)
        desk = Desk(store, at(1260))
        async with desk.daemon:
            assert desk.reading == "behind"
            await desk.clock.advance(5 * MINUTE)
            assert desk.source.trouble == SILENT.format("09:00:00")


class StoppedClock(FakeClock):
    """A process that is stopped for an hour while it sleeps."""

    stopped = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.stopped


async def test_a_process_that_stood_still_does_not_blame_the_sender() -> None:
    desk = Desk()
    desk.daemon.clock = desk.clock = clock = StoppedClock(NINE)
    desk.daemon = RunningDaemon(
        clock, {}, MemoryStore(), sources={"desk": {"type": "events", "token": "s3cret", "expect_every": "5m"}}
    )
    async with desk.daemon:
        await clock.advance(299)
        clock.stopped = 3600.0
        await clock.advance(5 * MINUTE)
        assert desk.reading == "up"
        await clock.advance(1)
        assert desk.reading == "down"


async def test_what_is_pushed_before_the_engine_listens_again_waits_for_it() -> None:
    clock = FakeClock(NINE)
    connector = events_source("desk", clock, expect_every="5m")
    batches = connector.read(None)
    assert (await anext(batches)).live_lag == timedelta(0)
    silence = asyncio.ensure_future(anext(batches))
    await clock.advance(5 * MINUTE)
    with pytest.raises(SourceSilent):
        await silence
    pushed = asyncio.ensure_future(connector.offer([(1, line("a", "queued", 0))]))
    await clock.settle()
    assert not pushed.done()
    again = connector.read({"seen_until": False, "heard": NINE.isoformat()})
    batch = await anext(again)
    assert [event.contact for event in batch.events] == ["a"]
    assert batch.cursor == {"seen_until": False, "heard": "2026-11-02T09:05:00Z"}
    rest = asyncio.ensure_future(anext(again))
    assert (await pushed).accepted == 1
    rest.cancel()


class TestSettings:
    def settings(self, **keys: str) -> Settings:
        return Settings.model_validate({"type": "events", **keys})

    def test_how_far_behind_it_may_be_goes_by_it_too(self):
        assert self.settings(expect_every="5m").poll_every == timedelta(minutes=5)
        assert self.settings(expect_every="5m", poll_every="1m").poll_every == timedelta(minutes=1)
        assert self.settings().poll_every == timedelta(seconds=15)

    @pytest.mark.parametrize("every", ["0s", "0.999s", "", "soon", "3bd"])
    def test_less_than_a_second_and_what_is_no_duration_are_refused(self, every: str):
        with pytest.raises(ValidationError):
            self.settings(expect_every=every)
        assert self.settings(expect_every="1s").expect_every == timedelta(seconds=1)
