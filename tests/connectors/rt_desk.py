"""What the tests of Request Tracker share: a scripted server with a connector to it, read as the engine reads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.connector import Batch, Event
from monitor.connectors import request_tracker
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.testing import FakeClock, make_context
from monitor.testing.context import FakeState
from tests.connectors.scripted_rt import TOKEN, ScriptedRt, scripted_rt

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
ANNA = "anna@example.org"


class Desk:
    """A scripted Request Tracker and a connector to it, read as the engine reads."""

    def __init__(self, rt: ScriptedRt, clock: FakeClock, url: str, **keys: Any) -> None:
        self.rt = rt
        self.clock = clock
        self.keys = {"url": url, "token": TOKEN, "requests_per_minute": 60_000, **keys}
        self.state = FakeState()
        self.batches: list[Batch] = []
        self.events: dict[tuple[str, str], Event] = {}
        self.restart()

    def restart(self) -> None:
        self.connector = connector(self.keys, self.clock, self.state)

    async def poll(self) -> list[str]:
        """One pass; what was asked for in it."""
        self.rt.asked.clear()
        self.batches = []
        async for batch in self.connector.read(self.state.cursor):
            self.batches.append(batch)
            self.state.store(batch)
            self.events |= {(event.contact, event.id): event for event in batch.events}
        return list(self.rt.asked)

    def told(self, number: str, *fields: str) -> list[tuple[Any, ...]]:
        """(kind, the fields asked for) of each event of a ticket but the first assignment, in order."""
        found = sorted((e for e in self.events.values() if e.contact == number), key=lambda e: (e.at, e.seq or 0))
        return [(e.kind, *(getattr(e, name) for name in fields)) for e in found if not e.id.endswith(":first")]

    async def findings(self) -> list[tuple[bool | None, str]]:
        return [(finding.ok, finding.text) async for finding in self.connector.check()]


def connector(keys: dict[str, Any], clock: FakeClock, state: FakeState, places: tuple[str, ...] = ()) -> HelpdeskConnector:
    settings = request_tracker.Settings.model_validate({"type": "request_tracker", **keys})
    return request_tracker.connect(settings, make_context(clock=clock, state=state, places=places))


@asynccontextmanager
async def scripted_desk(clock: FakeClock) -> AsyncIterator[Desk]:
    """An empty one."""
    rt = ScriptedRt(clock)
    async with scripted_rt(rt) as url:
        yield Desk(rt, clock, url)


def filled(rt: ScriptedRt) -> None:
    """Three tickets, an hour ago."""
    hour_ago = NOW - timedelta(hours=1)
    rt.open("17", at=hour_ago)
    rt.say("17", "alice", "Which one?")
    rt.say("17", ANNA, "Thank you!", headers="From: Anna Archer <anna@example.org>\n")
    rt.set("17", "Status", "resolved")
    rt.open("18", "bert@example.org", at=hour_ago)
    rt.say("18", "alice", "Between us: is he the one?", kind="Comment")
    rt.open("19", "carla@example.org", queue="4", at=hour_ago)
