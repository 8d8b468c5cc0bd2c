"""Absence is judged up to the last sign of life of a source, however long ago that is; a healthy link delays nothing."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest

from monitor.connector import Batch, Cursor, TransientError
from monitor.domain.event import from_micros
from monitor.engine.coordinator import PROVE_AHEAD
from monitor.testing import FakeClock
from tests.engine.fake_daemon import NINE, RunningDaemon, at, event

LAG = timedelta(seconds=0.08)
LIMITS = {"default": {"long_hold": {"after": "120s"}, "long_wait": {"after": "20s"}}}
TALK = [event("a", "queued", 0), event("a", "answered", 5), event("a", "held", 10)]  # over the limit at 130 s


class Line:
    """A live source behind a link: what it has to say comes while the link is up, and so do answers to `prove`."""

    live = True

    def __init__(self, clock: FakeClock, travels: float = 0.001) -> None:
        self.asked: list[float] = []  # seconds after nine
        self.reads = 0
        self._clock = clock
        self._travels = travels  # seconds there, and the same back
        self._up = True
        self._batches: asyncio.Queue[Batch | Exception] = asyncio.Queue()
        self._kept: list[Batch] = []

    def say(self, *events: object, seconds: float) -> None:
        """A batch, from a source that was heard at this moment; kept while the link is down."""
        batch = Batch(events, live_lag=LAG, proven=at(seconds), prove=self._prove)  # type: ignore[arg-type]
        if self._up:
            self._batches.put_nowait(batch)
        else:
            self._kept.append(batch)

    def down(self) -> None:
        self._up = False

    def up(self) -> None:
        """What was said meanwhile comes at once."""
        self._up = True
        for batch in self._kept:
            self._batches.put_nowait(batch)
        self._kept.clear()

    def break_off(self) -> None:
        self._batches.put_nowait(TransientError("said nothing", reason="timeout"))

    def _prove(self) -> None:
        self.asked.append((self._clock.now() - NINE).total_seconds())
        asyncio.get_running_loop().create_task(self._answer())

    async def _answer(self) -> None:
        await self._clock.sleep(self._travels)
        there = (self._clock.now() - NINE).total_seconds()
        await self._clock.sleep(self._travels)
        self.say(seconds=there)

    async def read(self, _: Cursor | None) -> AsyncGenerator[Batch, None]:
        self.reads += 1
        while True:
            step = await self._batches.get()
            if isinstance(step, Exception):
                raise step
            yield step

    async def check(self) -> AsyncGenerator[None, None]:
        for never in ():
            yield never


def daemon(clock: FakeClock, line: Line) -> RunningDaemon:
    return RunningDaemon(clock, {"pbx": line}, policies=LIMITS)  # type: ignore[dict-item]


async def test_a_healthy_link_is_asked_in_time_and_delays_nothing() -> None:
    clock = FakeClock(NINE)
    line = Line(clock)
    async with daemon(clock, line) as running:
        line.say(*TALK, seconds=10)
        await clock.advance(130.079)
        assert running.signals("long_hold") == 0
        await clock.advance(0.002)
        assert running.signals("long_hold") == 1
    assert line.asked == [pytest.approx(130 + (LAG - PROVE_AHEAD).total_seconds(), abs=1e-5)]


async def test_nothing_is_asked_before_a_limit_falls() -> None:
    clock = FakeClock(NINE)
    line = Line(clock)
    async with daemon(clock, line) as running:
        line.say(*TALK, seconds=10)
        await clock.advance(129)
        line.say(event("a", "unheld", 129), seconds=129)
        await clock.advance(1)
        assert line.asked == []
        await clock.advance(600)
        assert running.signals("long_hold") == 0
    assert len(line.asked) <= 1


@pytest.mark.parametrize("dead_for", [6.0, 60.0])
async def test_a_dead_link_counts_nothing_that_is_retracted_later(dead_for: float) -> None:
    clock = FakeClock(NINE)
    line = Line(clock)
    async with daemon(clock, line) as running:
        line.say(*TALK, seconds=10)
        await clock.advance(129)
        line.down()
        line.say(event("a", "unheld", 129.9), seconds=129.9)
        await clock.advance(dead_for)
        assert running.signals("long_hold") == 0
        assert running.snapshot().sources["pbx"].watermark == at(10)
        line.up()
        await clock.advance(5)
        assert running.signals("long_hold") == 0
        assert running.total("signals_retracted_total") == 0
        assert running.total("assessed_total", "phone", "desk", "long_hold") == 1


async def test_a_limit_that_passed_on_a_dead_link_falls_when_it_is_back() -> None:
    clock = FakeClock(NINE)
    line = Line(clock)
    async with daemon(clock, line) as running:
        line.say(*TALK, seconds=10)
        await clock.advance(129)
        line.down()
        await clock.advance(10)
        assert running.signals("long_hold") == 0
        line.up()
        line.say(seconds=139)
        await clock.advance(0)
        assert running.signals("long_hold") == 1


async def test_a_lost_connection_was_complete_up_to_the_last_sign_of_life() -> None:
    clock = FakeClock(NINE)
    line = Line(clock)
    async with daemon(clock, line) as running:
        line.say(*TALK, seconds=10)
        await clock.advance(129)
        line.down()
        await clock.advance(6)
        line.break_off()
        await clock.advance(0)
        assert running.snapshot().sources["pbx"].watermark == at(10)
        assert running.signals("long_hold") == 0
    assert from_micros(running.store.cursor_row("pbx").watermark or 0) == at(10)


async def test_people_see_a_quiet_link_as_complete_until_a_sign_of_life_is_overdue() -> None:
    clock = FakeClock(NINE)
    line = Line(clock)
    async with daemon(clock, line) as running:
        line.say(seconds=0)
        await clock.advance(3)
        assert running.snapshot().sources["pbx"].watermark == at(3) - LAG
        await clock.advance(0.08)
        assert running.snapshot().sources["pbx"].watermark == at(0)


async def test_on_a_slow_link_a_limit_falls_when_a_later_sign_of_life_has_come() -> None:
    """Three seconds each way: what is asked at 130.02 s is answered with what was true at 133.02 s, and known at 136.02 s."""
    clock = FakeClock(NINE)
    line = Line(clock, travels=3.0)
    async with daemon(clock, line) as running:
        line.say(*TALK, seconds=10)
        await clock.advance(136.0)
        assert running.signals("long_hold") == 0
        await clock.advance(0.1)
        assert running.signals("long_hold") == 1


@pytest.mark.parametrize(("seconds", "fallen"), [(129.999999, 0), (130.0, 1), (130.000001, 1)])
async def test_a_sign_of_life_proves_what_is_not_after_it(seconds: float, fallen: int) -> None:
    clock = FakeClock(NINE)
    line = Line(clock)
    async with daemon(clock, line) as running:
        line.say(*TALK, seconds=10)
        await clock.advance(60)
        line.down()
        await clock.advance(80)
        line.up()
        line.say(seconds=seconds)
        line.down()
        await clock.advance(1)
        assert running.signals("long_hold") == fallen


async def test_a_source_with_nothing_between_it_and_us_is_not_asked() -> None:
    clock = FakeClock(NINE)
    line = Line(clock)
    async with daemon(clock, line) as running:
        line._batches.put_nowait(Batch(TALK, live_lag=timedelta(0)))
        await clock.advance(130)
        assert running.signals("long_hold") == 1
    assert line.asked == []
