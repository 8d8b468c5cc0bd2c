"""Simulators of services that nobody can run here: served over loopback, or asked without a socket where very much is read."""

import asyncio
import json
import random
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any, Protocol, TypeVar
from unittest.mock import patch
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from multidict import CIMultiDict

from monitor.connectors._http.client import HttpClient
from monitor.errors import TransientError
from monitor.testing import FakeClock
from tests.connectors.polled_desk import PolledDesk

_T = TypeVar("_T")


class Simulated(Protocol):
    """Answers requests: (status, header fields, body)."""

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]: ...


@asynccontextmanager
async def served(simulator: Simulated, *, seconds: float = 0.0) -> AsyncIterator[str]:
    """Serves it on loopback, each answer after so long; gives the address that a source names."""

    async def answer(request: web.BaseRequest) -> web.Response:
        await asyncio.sleep(seconds)
        status, headers, told = simulator.answer(request.method, request.raw_path, request.headers, await request.read())
        return web.Response(status=status, headers=headers, body=told)

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@contextmanager
def in_process(simulator: Simulated) -> Iterator[str]:
    """Every HttpClient speaks to it without a socket."""

    async def sent(client: Any, method: str, url: str, params: Any, body: Any) -> tuple[int, Any, bytes]:
        query = urlencode(params or {}, doseq=True)
        asked = b"" if body is None else json.dumps(body).encode()
        target = urlsplit(url).path + (f"?{query}" if query else "")
        status, headers, told = simulator.answer(method, target, client._headers, asked)
        return status, CIMultiDict(headers), told

    with patch.object(HttpClient, "_sent", sent), patch("monitor.connectors._http.client._tls", lambda _settings: True):
        yield "http://127.0.0.1:9"


async def as_time_passes(clock: FakeClock, work: Awaitable[_T]) -> _T:
    """What comes of it, while the clock runs whenever it waits for nothing else."""
    task = asyncio.ensure_future(work)
    while not task.done():
        await clock.settle()
        if not task.done():
            await clock.advance(1) if clock.sleeping else await asyncio.sleep(0.001)
    return task.result()


async def persevering(desk: PolledDesk[Any], clock: FakeClock, *, attempts: int = 60) -> list[TransientError]:
    """Reads until a pass comes to its end, and pauses as the engine does; what went wrong meanwhile."""
    errors: list[TransientError] = []
    for _ in range(attempts):
        try:
            await as_time_passes(clock, desk.poll())
        except TransientError as error:
            errors.append(error)
            await clock.advance(error.retry_after or 30)
        else:
            return errors
    raise AssertionError(errors[-3:])


async def behind_in_a_day(
    desk: PolledDesk[Any], clock: FakeClock, change: Callable[[random.Random], object], *, pause: float
) -> tuple[timedelta, int]:
    """(how far behind the present the watermark has been at worst, changes) in a day with one a minute, in bursts of up to four;
    polls begin `pause` seconds apart, as the engine's."""
    chance = random.Random(15)
    moments: deque[float] = deque()
    second = 0.0
    while second < 86_400:
        moments.extend([second] * (burst := chance.randint(1, 4)))
        second += burst * 60 * chance.uniform(0.7, 1.3)
    began, worst, watermark, changes = clock.now(), timedelta(0), None, 0
    while clock.now() < began + timedelta(days=1):
        while moments and moments[0] <= (clock.now() - began).total_seconds():
            moments.popleft()
            change(chance)
            changes += 1
        started = clock.monotonic()
        await as_time_passes(clock, desk.poll())
        if watermark is not None:
            worst = max(worst, clock.now() - watermark)  # just before the next one is stored
        watermark = desk.batches[-1].watermark or watermark
        await clock.advance(max(0.0, pause - (clock.monotonic() - started)))
        assert watermark is not None
        worst = max(worst, clock.now() - watermark)
    return worst, changes
