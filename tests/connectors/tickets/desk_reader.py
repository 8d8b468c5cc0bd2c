"""Reads a helpdesk in memory as the engine does."""

import json
from datetime import timedelta

from monitor.connector import Batch, Cursor, Event
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.testing import make_context
from monitor.testing.context import FakeState
from tests.connectors.tickets.desk import Desk


class Reader:
    """Stores each batch, and gives the cursor back at the next read."""

    def __init__(self, desk: Desk, *, backfill: timedelta = timedelta(days=30)) -> None:
        self.desk = desk
        self.state = FakeState()
        self.backfill = backfill
        self.batches: list[Batch] = []
        self.events: dict[tuple[str, str], str] = {}
        self.told: dict[tuple[str, str], Event] = {}
        self.restart()

    def restart(self) -> None:
        """Another process goes on."""
        self.state.entries = json.loads(json.dumps(self.state.entries))
        self.state.cursor = json.loads(json.dumps(self.state.cursor))
        self.connector = HelpdeskConnector(self.desk, make_context(clock=self.desk.clock, state=self.state), self.backfill)

    async def poll(self, cut_after: int | None = None) -> list[str]:
        """One read, or its first `cut_after` batches; what was asked for since the last one."""
        self.desk.asked.clear()
        self.batches = []
        cursor: Cursor | None = self.state.cursor
        stream = self.connector.read(cursor)
        async for batch in stream:
            self.batches.append(batch)
            self.state.store(batch)
            self.events |= {(event.contact, event.id): event.kind for event in batch.events}
            self.told |= {(event.contact, event.id): event for event in batch.events}
            if len(self.batches) == cut_after:
                await stream.aclose()
                break
        return [each for each in self.desk.asked if each != "prepare"]

    def kinds(self, number: str) -> list[str]:
        return [kind for (contact, name), kind in self.events.items() if contact == number and not name.endswith(":first")]
