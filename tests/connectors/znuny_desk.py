"""What the tests of Znuny share: a scripted server with a connector to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from monitor.connectors import znuny
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.testing import FakeClock, make_context
from monitor.testing.context import FakeState
from tests.connectors.polled_desk import PolledDesk
from tests.connectors.scripted_znuny import ALICE, PASSWORD, ROOT, USERNAME, ScriptedZnuny, scripted_znuny

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
ANNA = "anna@example.org"
Desk = PolledDesk[ScriptedZnuny]


def connector(keys: dict[str, Any], clock: FakeClock, state: FakeState, places: tuple[str, ...] = ()) -> HelpdeskConnector:
    settings = znuny.Settings.model_validate({"type": "znuny", **keys})
    return znuny.connect(settings, make_context(clock=clock, state=state, places=places))


@asynccontextmanager
async def scripted_desk(clock: FakeClock) -> AsyncIterator[Desk]:
    """An empty one."""
    server = ScriptedZnuny(clock)
    async with scripted_znuny(server) as url:
        keys = {"url": url, "username": USERNAME, "password": PASSWORD}
        yield PolledDesk(server, lambda keys, state: connector(keys, clock, state), keys)


async def filled(server: ScriptedZnuny, clock: FakeClock) -> None:
    """Three tickets, a minute apart."""
    server.open(17)
    await clock.advance(60)
    server.say(17, ALICE, "Which one?")
    await clock.advance(60)
    server.say(17, ROOT, "Thank you!", sender="customer")
    server.set_state(17, "closed successful")
    server.open(18, "bert@example.org")
    await clock.advance(60)
    server.say(18, ALICE, "Between us: is he the one?", public=False, channel="Internal", kind="AddNote")
    server.open(19, "carla@example.org", queue="Projects")
