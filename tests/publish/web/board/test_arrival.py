"""A call that arrives at the real daemon, in a real browser: it is on the board within a second, and gone when it is answered."""

import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from monitor.clock import SystemClock
from monitor.daemon.app import Daemon
from monitor.daemon.serve import DaemonServices
from monitor.publish.web.server import make_app
from tests.patience import patience
from tests.publish.web.board.test_live import until, visit
from tests.publish.web.chromium import Tab
from tests.publish.web.running import running

pytestmark = pytest.mark.xdist_group("chromium")  # one browser for all

CONFIGURATION: dict[str, Any] = {
    "store": "memory:",
    "sources": {"desk": {"type": "events", "token": "secret"}},
    "contact_points": {"line": {"source": "desk", "channel": "phone", "title": "Billing line"}},
    "policies": {"default": {"long_wait": {"after": "10m"}}},  # the call stays within its limit, however slow the machine is
}
#: Who waits in the row of the line, each time that it changes while somebody looks.
WATCH = """
window.seen = [];
const look = () => {
  const shown = document.querySelector('#rows .waitn').textContent.trim();
  if (seen.at(-1)?.shown !== shown) seen.push({ shown, moment: Date.now() });
};
look();
new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
"""
SEEN = "seen.map(each => each.shown)"


@pytest.fixture
async def daemon() -> AsyncIterator[Daemon]:
    async with running(CONFIGURATION, SystemClock()) as daemon:
        yield daemon


@pytest.fixture
def real_services(daemon: Daemon) -> Iterator[DaemonServices]:
    services = DaemonServices(daemon)
    yield services
    services.close()


@pytest.fixture
async def client(real_services: DaemonServices) -> AsyncIterator[TestClient]:
    async with TestClient(TestServer(make_app(real_services))) as client:
        yield client


async def push(client: TestClient, kind: str) -> float:
    """One event of the call, now. Returns when it was sent, in milliseconds as browsers count."""
    sent = time.time() * 1000
    line = {"contact": "call", "contact_point": "line", "channel": "phone", "kind": kind, "at": datetime.now(UTC).isoformat()}
    answer = await client.post("/api/v1/events", json=line, headers={"Authorization": "Bearer secret"})
    assert answer.status == 200, await answer.text()
    return sent


async def test_a_call_is_on_the_board_within_a_second_and_gone_when_it_is_answered(client: TestClient, tab: Tab) -> None:
    await visit(tab, client)
    await tab.evaluate(WATCH)
    arrived = await push(client, "queued")
    await until(tab, "seen.length === 2", patience(20))
    answered = await push(client, "answered")
    await until(tab, "seen.length === 3", patience(20))
    assert await tab.evaluate(SEEN) == ["0", "1", "0"]  # nothing else was ever shown
    delays = [
        shown - sent
        for shown, sent in zip(await tab.evaluate("seen.slice(1).map(each => each.moment)"), (arrived, answered), strict=True)
    ]
    assert max(delays) < patience(1000)
    assert await tab.evaluate("window.same")  # it was never loaded anew
    assert tab.troubles == []
