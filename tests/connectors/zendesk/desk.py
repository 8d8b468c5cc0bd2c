"""A simulated Zendesk with a connector to it; over loopback, or where very much is read, without a socket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar
from unittest.mock import patch
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from multidict import CIMultiDict

from monitor.connectors import zendesk
from monitor.connectors._http.client import HttpClient
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.testing import FakeClock, make_context
from monitor.testing.context import FakeState
from tests.connectors.polled_desk import PolledDesk
from tests.connectors.zendesk.simulator import TOKEN, USERNAME, Simulator

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
Desk = PolledDesk[Simulator]
_T = TypeVar("_T")


def connector(keys: dict[str, Any], clock: FakeClock, state: FakeState, places: tuple[str, ...] = ()) -> HelpdeskConnector:
    settings = zendesk.Settings.model_validate({"type": "zendesk", **keys})
    return zendesk.connect(settings, make_context(clock=clock, state=state, places=places))


@asynccontextmanager
async def served(simulator: Simulator) -> AsyncIterator[str]:
    """Serves it on loopback; gives the address that a source names."""

    async def answer(request: web.BaseRequest) -> web.Response:
        status, headers, body = simulator.answer(request.method, request.raw_path, request.headers)
        return web.Response(status=status, headers=headers, body=body)

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@contextmanager
def in_process(simulator: Simulator) -> Iterator[str]:
    """Every HttpClient speaks to it without a socket."""

    async def sent(client: Any, method: str, url: str, params: Any, _body: Any) -> tuple[int, Any, bytes]:
        query = urlencode(params or {}, doseq=True)
        target = urlsplit(url).path + (f"?{query}" if query else "")
        status, headers, body = simulator.answer(method, target, client._headers)
        return status, CIMultiDict(headers), body

    with patch.object(HttpClient, "_sent", sent), patch("monitor.connectors._http.client._tls", lambda _settings: True):
        yield "http://127.0.0.1:9"


def desk_at(url: str, simulator: Simulator, clock: FakeClock, **keys: Any) -> Desk:
    """A connector to it."""
    held = {"url": url, "username": USERNAME, "token": TOKEN, "exports_per_minute": 1000, **keys}
    return PolledDesk(simulator, lambda keys, state: connector(keys, clock, state), held)


@asynccontextmanager
async def simulated_desk(clock: FakeClock, **keys: Any) -> AsyncIterator[Desk]:
    """An empty one over loopback."""
    simulator = Simulator(clock)
    simulator.limits.per_minute = simulator.limits.exports_per_minute = 1_000_000
    async with served(simulator) as url:
        yield desk_at(url, simulator, clock, **keys)


async def as_time_passes(clock: FakeClock, work: Awaitable[_T]) -> _T:
    """What comes of it, while the clock runs whenever it waits for nothing else."""
    task = asyncio.ensure_future(work)
    while not task.done():
        await clock.settle()
        if not task.done():
            await clock.advance(1) if clock.sleeping else await asyncio.sleep(0.001)
    return task.result()
