"""What the tests of Request Tracker share: a scripted server with a connector to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.connectors import request_tracker
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.testing import FakeClock, make_context
from monitor.testing.context import FakeState
from tests.connectors.polled_desk import PolledDesk
from tests.connectors.scripted_rt import TOKEN, ScriptedRt, scripted_rt

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
ANNA = "anna@example.org"
Desk = PolledDesk[ScriptedRt]


def connector(keys: dict[str, Any], clock: FakeClock, state: FakeState, places: tuple[str, ...] = ()) -> HelpdeskConnector:
    settings = request_tracker.Settings.model_validate({"type": "request_tracker", **keys})
    return request_tracker.connect(settings, make_context(clock=clock, state=state, places=places))


@asynccontextmanager
async def scripted_desk(clock: FakeClock) -> AsyncIterator[Desk]:
    """An empty one."""
    rt = ScriptedRt(clock)
    async with scripted_rt(rt) as url:
        yield PolledDesk(rt, lambda keys, state: connector(keys, clock, state), {"url": url, "token": TOKEN})


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
