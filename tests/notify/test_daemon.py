"""Notifications in a whole daemon on a fake clock: from an event to a message, over a reload."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from monitor.config.loading import build
from monitor.connector import Batch
from monitor.daemon import app, notifying
from monitor.daemon.app import Daemon
from monitor.notify import service
from monitor.notify.delivery import AppriseSender
from monitor.notify.wording import Worded
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import NINE, InlineExecutor, event

T = TypeVar("T")

HELD = [
    event("a", "queued", 0, "queue:billing"),
    event("a", "answered", 1, "queue:billing"),
    event("a", "held", 2, "queue:billing"),
]
CONFIGURATION = {
    "store": "memory:",
    "sources": {"pbx": {"type": "asterisk", "host": "127.0.0.1", "username": "monitor", "password": "p"}},
    "contact_points": {"billing": {"source": "pbx", "queue": "billing", "title": "Billing line"}},
    "notify": {"receivers": {"ops": {"url": "json://127.0.0.1:1/"}}},
    "alerts": {"page_url": "http://monitor.example", "runbook_url": "http://wiki.example/runbooks"},
}


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[Worded]:
    """What the receivers got; threads are left out, for a fake clock does not know them."""
    got: list[Worded] = []

    def at_once(work: Callable[[], T], name: str) -> asyncio.Future[T]:
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        done.set_result(work())
        return done

    async def aside(self: object, function: Callable[..., Any], *args: Any) -> Any:
        return function(*args)

    monkeypatch.setattr(service, "in_thread", at_once)
    monkeypatch.setattr(notifying._House, "aside", aside)
    monkeypatch.setattr(AppriseSender, "send", lambda self, said, group: got.append(said))
    return got


async def test_from_an_event_to_a_message_and_over_a_reload(monkeypatch: pytest.MonkeyPatch, said: list[Worded]) -> None:
    clock, configuration = FakeClock(NINE), dict(CONFIGURATION)
    live = Batch(live_lag=timedelta(0))
    connectors = [
        ScriptedConnector(clock, [Batch(HELD, live_lag=timedelta(0))], live=True),
        ScriptedConnector(clock, [live], live=True),
    ]
    monkeypatch.setattr(app, "make_connector", lambda *_: connectors.pop(0))
    daemon = Daemon(lambda: build(configuration), clock, InlineExecutor)
    await daemon.open()
    running = asyncio.create_task(daemon.run())
    await clock.advance(240)
    assert said == []  # two minutes of hold are a signal; twice as long is an alert
    await clock.advance(60)
    assert [each.title for each in said] == ["FIRING: Billing line: a customer is on hold far too long"]
    assert said[0].text.endswith(
        "\nPage: http://monitor.example/contact-points/billing"
        "\nRunbook: http://wiki.example/runbooks/ContactPointHoldTooLong.md#contactpointholdtoolong"
    )
    assert daemon.snapshot().totals["notifications_total", ("ops", "sent")] == 1
    assert daemon.snapshot().receivers["ops"].well is True

    configuration["timezone"] = "Europe/Berlin"
    assert await daemon.reload() == ()
    await clock.advance(600)
    assert len(said) == 1
    assert daemon.snapshot().totals["notifications_total", ("ops", "sent")] == 1

    configuration["notify"] = {"receivers": {"ops": {"url": "fax://s3cret"}}}
    [problem] = await daemon.reload()
    assert problem.startswith("notify.receivers.ops.url: is no address")
    configuration["notify"] = {}
    connectors.append(ScriptedConnector(clock, [live], live=True))
    assert await daemon.reload() == ()
    await clock.advance(60)
    assert daemon.snapshot().receivers == {}
    daemon.stop()
    await running
