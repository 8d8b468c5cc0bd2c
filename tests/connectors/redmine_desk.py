"""What the tests of Redmine share: a scripted server with a connector to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.connectors import redmine
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.testing import FakeClock, make_context
from monitor.testing.context import FakeState
from tests.connectors.polled_desk import PolledDesk
from tests.connectors.scripted_redmine import ALICE, ANNA, BERT, KEY, MEMBER, ScriptedRedmine, scripted_redmine

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
Desk = PolledDesk[ScriptedRedmine]


def connector(keys: dict[str, Any], clock: FakeClock, state: FakeState, places: tuple[str, ...] = ()) -> HelpdeskConnector:
    settings = redmine.Settings.model_validate({"type": "redmine", **keys})
    return redmine.connect(settings, make_context(clock=clock, state=state, places=places))


@asynccontextmanager
async def scripted_desk(clock: FakeClock) -> AsyncIterator[Desk]:
    """An empty one."""
    server = ScriptedRedmine(clock)
    async with scripted_redmine(server) as url:
        yield PolledDesk(server, lambda keys, state: connector(keys, clock, state), {"url": url, "key": KEY})


def filled(server: ScriptedRedmine) -> None:
    """Three issues, an hour ago."""
    hour_ago = NOW - timedelta(hours=1)
    server.open(17, at=hour_ago)
    server.say(17, ALICE, "Which one?")
    server.say(17, ANNA, "Thank you!")
    server.set(17, "status_id", "5")
    server.open(18, BERT, at=hour_ago)
    server.say(18, ALICE, "Between us: is he the one?", private=True)
    server.open(19, MEMBER, at=hour_ago, project={"id": 2, "name": "Projects"})
