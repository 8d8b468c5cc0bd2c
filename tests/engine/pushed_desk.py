"""A whole daemon that takes pushes from `desk` and reads a mailbox, `mail`."""

from datetime import datetime

from monitor.clock import Clock
from monitor.connector import Offered
from monitor.connectors.events import Events, Settings, connect
from monitor.store.base import Store
from monitor.testing import FakeClock, ScriptedConnector, make_context
from tests.engine.fake_daemon import RunningDaemon


def events_source(name: str, clock: Clock, token: str | None = "s3cret", **keys: str) -> Events:
    """A connector of type `events`."""
    settings = Settings.model_validate({"type": "events", "token": token, **keys})
    return connect(settings, make_context(name, clock=clock, hash_customer=lambda raw: "#" + raw))


class PushedDesk:
    """Use `daemon` as `async with`."""

    def __init__(self, store: Store, now: datetime) -> None:
        self.clock, self.store = FakeClock(now), store
        self.mailbox = ScriptedConnector(self.clock)
        self.pushes = events_source("desk", self.clock)
        self.daemon = RunningDaemon(self.clock, {"mail": self.mailbox, "desk": self.pushes}, store)

    async def push(self, *lines: bytes) -> Offered:
        return await self.pushes.offer(list(enumerate(lines, 1)))
