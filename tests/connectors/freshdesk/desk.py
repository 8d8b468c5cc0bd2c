"""A simulated Freshdesk with a connector to it."""

from datetime import UTC, datetime
from typing import Any

from monitor.connectors import freshdesk
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.testing import FakeClock, make_context
from monitor.testing.context import FakeState
from tests.connectors.freshdesk.simulator import KEY, Simulator
from tests.connectors.polled_desk import PolledDesk

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
LIMITLESS = 1_000_000
Desk = PolledDesk[Simulator]


def connector(keys: dict[str, Any], clock: FakeClock, state: FakeState) -> HelpdeskConnector:
    settings = freshdesk.Settings.model_validate({"type": "freshdesk", **keys})
    return freshdesk.connect(settings, make_context(clock=clock, state=state))


def limitless(clock: FakeClock) -> Simulator:
    """One that refuses nobody."""
    simulator = Simulator(clock)
    simulator.limits.per_minute = simulator.limits.lists_per_minute = LIMITLESS
    return simulator


def desk_at(url: str, simulator: Simulator, clock: FakeClock, **keys: Any) -> Desk:
    """A connector to it."""
    held = {"url": url, "key": KEY, "lists_per_minute": 1000, **keys}
    return PolledDesk(simulator, lambda keys, state: connector(keys, clock, state), held)
