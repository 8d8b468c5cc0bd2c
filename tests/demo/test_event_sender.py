"""The demo's chats and visits: what is pushed, when, and what becomes of it while the daemon is not ready."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from monitor.demo.event_sender import EventSender, Pusher, PushRejected, chunks
from monitor.demo.schedule import TimeScale
from monitor.demo.written_traffic import VisitEvent
from monitor.testing import FakeClock
from tests.servers.ports import free_port

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def note(minutes: float, contact: str, kind: str, *, lag: float = 0, **rest: Any) -> VisitEvent:
    body = {"id": f"{contact}-{kind}", "contact": contact, "channel": "chat", "kind": kind, **rest}
    return VisitEvent(NOON + timedelta(minutes=minutes), lag, body)


def endless(*notes: VisitEvent) -> Iterator[VisitEvent]:
    yield from sorted(notes, key=lambda n: n.at)
    yield note(10**6, "later", "queued")


def sender_of(clock: FakeClock, *notes: VisitEvent, url: str = "http://127.0.0.1:9", speed: float = 1) -> EventSender:
    return EventSender(clock, Pusher(clock, url, "t0ken"), TimeScale(NOON, speed), endless(*notes))


def pushed(bodies: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(body["contact"], body["kind"], body["at"]) for body in bodies]


def test_what_happened_is_pushed_once_and_in_order() -> None:
    sender = sender_of(FakeClock(NOON), note(-2, "a", "queued"), note(-1, "b", "queued"), note(1, "a", "answered"))
    assert pushed(sender.due(NOON)) == [
        ("a", "queued", "2026-11-02T11:58:00.000Z"), ("b", "queued", "2026-11-02T11:59:00.000Z"),
    ]  # fmt: skip
    assert sender.due(NOON) == []
    assert sender.next_moment() == NOON + timedelta(minutes=1)
    assert pushed(sender.due(NOON + timedelta(minutes=1))) == [("a", "answered", "2026-11-02T12:01:00.000Z")]


def test_what_lags_behind_is_real_seconds_at_any_speed() -> None:
    sender = sender_of(FakeClock(NOON), note(10, "c", "queued"), note(10, "c", "answered", lag=40), speed=10)
    minute = NOON + timedelta(minutes=1)  # ten simulated minutes
    assert pushed(sender.due(minute)) == [("c", "queued", "2026-11-02T12:01:00.000Z")]
    assert sender.next_moment() == minute + timedelta(seconds=40)
    assert sender.due(minute + timedelta(seconds=39)) == []
    assert pushed(sender.due(minute + timedelta(seconds=40))) == [("c", "answered", "2026-11-02T12:01:40.000Z")]


def test_what_is_older_than_two_weeks_is_left_out() -> None:
    sender = sender_of(FakeClock(NOON), note(-14 * 24 * 60 - 1, "a", "queued"), note(-14 * 24 * 60, "b", "queued"))
    assert [body["contact"] for body in sender.due(NOON)] == ["b"]


def test_the_past_is_cut_between_contacts_only() -> None:
    bodies = [{"contact": f"c{i % 400:03}", "id": str(i)} for i in range(2_400)]  # six events each, interleaved
    parts = list(chunks(bodies))
    assert [len(part) for part in parts] == [996, 996, 408]
    seen = [{body["contact"] for body in part} for part in parts]
    assert not seen[0] & seen[1]
    assert not seen[1] & seen[2]
    first = [body["id"] for body in parts[0] if body["contact"] == "c000"]
    assert first == ["0", "400", "800", "1200", "1600", "2000"]
    assert list(chunks([])) == []


class Daemon:
    """Takes pushes as the test wishes."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.tries = 0
        self.got: list[dict[str, Any]] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.tries += 1
        if request.headers.get("Authorization") != "Bearer t0ken":
            return web.Response(status=401)
        lines = (await request.text()).splitlines()
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.got += [json.loads(line) for line in lines]
        return web.Response(status=status)


@asynccontextmanager
async def listening(daemon: Daemon, port: int = 0) -> AsyncIterator[str]:
    """The daemon's address while it is there."""
    app = web.Application()
    app.router.add_post("/api/v1/events", daemon.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def daemon() -> AsyncIterator[Daemon]:
    daemon = Daemon()
    async with listening(daemon) as daemon.url:
        yield daemon


async def until(clock: FakeClock, true: Callable[[], bool]) -> None:
    """Let time and sockets go on until something is so."""
    async with asyncio.timeout(60):
        while not true():
            await clock.advance(0.5)


async def test_a_push_is_repeated_until_it_is_taken_and_nothing_is_lost(daemon: Daemon) -> None:
    clock = FakeClock(NOON)
    daemon.answers = [503, 429, 500]
    task = asyncio.create_task(
        sender_of(clock, note(-1, "a", "queued"), note(2, "a", "answered", customer="Zoë"), url=daemon.url).run()
    )
    await until(clock, lambda: len(daemon.got) == 2)
    assert [body["kind"] for body in daemon.got] == ["queued", "answered"]
    assert daemon.got[1]["customer"] == "Zoë"
    assert daemon.tries == 5
    assert clock.now() >= NOON + timedelta(minutes=2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_it_waits_for_a_daemon_that_is_not_there() -> None:
    clock, daemon, port = FakeClock(NOON), Daemon(), free_port()
    task = asyncio.create_task(sender_of(clock, note(-1, "a", "queued"), url=f"http://127.0.0.1:{port}").run())
    await until(clock, lambda: clock.monotonic() >= 30)
    assert not task.done()
    async with listening(daemon, port):
        await until(clock, lambda: len(daemon.got) == 1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_wrong_token_ends_it_at_once(daemon: Daemon) -> None:
    clock = FakeClock(NOON)
    sender = EventSender(clock, Pusher(clock, daemon.url, "other"), TimeScale(NOON, 1), endless(note(-1, "a", "queued")))
    with pytest.raises(PushRejected, match="401"):
        await sender.run()
