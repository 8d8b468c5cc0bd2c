"""A simulated Jira Service Management with a connector to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from monitor.connectors import jira_service_management
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.testing import FakeClock, make_context
from monitor.testing.context import FakeState
from tests.connectors.jira.shapes import TOKEN, USERNAME
from tests.connectors.jira.simulator import Simulator
from tests.connectors.polled_desk import PolledDesk
from tests.connectors.simulated import served

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
Desk = PolledDesk[Simulator]


def connector(keys: dict[str, Any], clock: FakeClock, state: FakeState) -> HelpdeskConnector:
    settings = jira_service_management.Settings.model_validate({"type": "jira_service_management", **keys})
    return jira_service_management.connect(settings, make_context(clock=clock, state=state))


def desk_at(url: str, simulator: Simulator, clock: FakeClock, **keys: Any) -> Desk:
    """A connector to it."""
    held = {"url": url, "username": USERNAME, "token": TOKEN, **keys}
    return PolledDesk(simulator, lambda keys, state: connector(keys, clock, state), held)


@asynccontextmanager
async def simulated_desk(clock: FakeClock, **keys: Any) -> AsyncIterator[Desk]:
    """An empty one over loopback."""
    simulator = Simulator(clock)
    simulator.limits.per_minute = 1_000_000
    async with served(simulator) as url:
        yield desk_at(url, simulator, clock, **keys)


def opened(desk: Desk, count: int, first: int = 1) -> None:
    """So many requests are raised."""
    for number in range(first, first + count):
        desk.server.open(number)


def read(desk: Desk) -> set[int]:
    """The numbers of the issues that were told."""
    return {int(contact.partition("-")[2]) for contact, _ in desk.events}


def asked_for(asked: list[str], what: str) -> int:
    """How many requests were for this."""
    return len([each for each in asked if what in each])
