"""A simulated Zammad with a connector to it."""

from datetime import UTC, datetime
from typing import Any

from monitor.connectors import zammad
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.testing import FakeClock, make_context
from monitor.testing.context import FakeState
from tests.connectors.polled_desk import PolledDesk
from tests.connectors.zammad.simulator import TOKEN, Simulator

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
Desk = PolledDesk[Simulator]


def connector(keys: dict[str, Any], clock: FakeClock, state: FakeState) -> HelpdeskConnector:
    settings = zammad.Settings.model_validate({"type": "zammad", **keys})
    return zammad.connect(settings, make_context(clock=clock, state=state))


def desk_at(url: str, simulator: Simulator, clock: FakeClock, **keys: Any) -> Desk:
    """A connector to it."""
    return PolledDesk(simulator, lambda keys, state: connector(keys, clock, state), {"url": url, "token": TOKEN, **keys})
