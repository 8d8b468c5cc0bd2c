"""The weekly report in a whole daemon on a fake clock: on Monday at seven, each his part, once, also after a restart."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from monitor.config.loading import build
from monitor.connector import Batch
from monitor.daemon import app
from monitor.daemon.app import Daemon
from monitor.domain.event import Event
from monitor.notify.weekly import service
from monitor.testing import FakeClock, ScriptedConnector
from tests.engine.fake_daemon import InlineExecutor
from tests.servers.smtp import MailServer, mail_server

T = TypeVar("T")
#: A minute before the report of week 45 is due; no other is, for nothing is recorded of the weeks before.
START = datetime(2026, 11, 9, 6, 59, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 3, 10, tzinfo=UTC)


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture(autouse=True)
def _without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fake clock does not know them."""

    def at_once(work: Callable[[], T], name: str) -> asyncio.Future[T]:
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        try:
            done.set_result(work())
        except Exception as error:
            done.set_exception(error)
        return done

    monkeypatch.setattr(service, "in_thread", at_once)


def call(contact: str, queue: str) -> list[Event]:
    """One that waited half a minute; the limit is 20 s."""
    moments = {"queued": 0, "answered": 30, "ended": 60}
    return [
        Event(f"{contact}-{kind}", contact, f"queue:{queue}", "phone", kind, TUESDAY + timedelta(seconds=at))  # type: ignore[arg-type]
        for kind, at in moments.items()
    ]


async def lives(
    monkeypatch: pytest.MonkeyPatch, configuration: dict[str, Any], start: datetime, seconds: float, *batches: Batch
) -> None:
    """One life of a daemon."""
    clock = FakeClock(start)
    monkeypatch.setattr(app, "make_connector", lambda *_: ScriptedConnector(clock, list(batches), live=True))
    daemon = Daemon(lambda: build(configuration), clock, InlineExecutor)
    await daemon.open()
    running = asyncio.create_task(daemon.run())
    await clock.advance(seconds)
    daemon.stop()
    for _ in range(50):
        await clock.settle()
        if running.done():
            break
        await asyncio.sleep(0.01)
    await running


async def test_on_monday_at_seven_each_his_part_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mails: MailServer):
    configuration = {
        "store": f"sqlite:{tmp_path / 'contacts.db'}",
        "sources": {"pbx": {"type": "asterisk", "host": "127.0.0.1", "username": "monitor", "password": "p"}},
        "contact_points": {
            "billing": {"source": "pbx", "queue": "billing", "title": "Billing line", "team": "Billing"},
            "support": {"source": "pbx", "queue": "support", "title": "Support line", "team": "Support"},
        },
        "report": {
            "to": {"*": ["boss@example.org"], "Billing": ["lead@example.org"]},
            "smtp": {"host": "127.0.0.1", "port": mails.port, "tls": "none", "from": "monitor@example.org"},
        },
    }
    told = Batch([*call("a", "billing"), *call("b", "support")], live_lag=timedelta(0))
    await lives(monkeypatch, configuration, START, 40, told)
    assert mails.taken == []
    await lives(monkeypatch, configuration, START + timedelta(seconds=50), 60, Batch(live_lag=timedelta(0)))
    assert mails.recipients == ["boss@example.org", "lead@example.org"]
    boss, lead = (mails.mail(to).get_body(("plain",)) for to in mails.recipients)
    assert boss is not None
    assert lead is not None
    assert "Billing line" in boss.get_content()
    assert "Support line" in boss.get_content()
    assert "Support line" not in lead.get_content()
    await lives(monkeypatch, configuration, START + timedelta(days=1), 60, Batch(live_lag=timedelta(0)))
    assert len(mails.taken) == 2
