"""A scripted helpdesk with a connector to it, read as the engine reads."""

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from monitor.connector import Batch, Event
from monitor.connectors._tickets.connector import HelpdeskConnector
from monitor.testing.context import FakeState


class ScriptedDesk(Protocol):
    """What answers."""

    asked: list[str]


D = TypeVar("D", bound=ScriptedDesk)


class PolledDesk(Generic[D]):
    """`make` makes the connector from keys and the state."""

    def __init__(self, server: D, make: Callable[[dict[str, Any], FakeState], HelpdeskConnector], keys: dict[str, Any]) -> None:
        self.server = server
        self.keys = {"requests_per_minute": 60_000, **keys}
        self.state = FakeState()
        self.batches: list[Batch] = []
        self.events: dict[tuple[str, str], Event] = {}
        self._make = make
        self.restart()

    def restart(self, **keys: Any) -> None:
        """Another process, perhaps with other keys, goes on from what is stored."""
        self.keys |= keys
        self.connector = self._make(self.keys, self.state)

    async def poll(self) -> list[str]:
        """One pass; what was asked for in it."""
        self.server.asked.clear()
        self.batches = []
        async for batch in self.connector.read(self.state.cursor):
            self.batches.append(batch)
            self.state.store(batch)
            self.events |= {(event.contact, event.id): event for event in batch.events}
        return list(self.server.asked)

    def told(self, number: str, *fields: str) -> list[tuple[Any, ...]]:
        """(kind, the fields asked for) of each event of a ticket but the first assignment, in order."""
        found = sorted((e for e in self.events.values() if e.contact == number), key=lambda e: (e.at, e.seq or 0))
        return [(e.kind, *(getattr(e, name) for name in fields)) for e in found if not e.id.endswith(":first")]

    async def findings(self) -> list[tuple[bool | None, str]]:
        """What `check` says."""
        return [(finding.ok, finding.text) async for finding in self.connector.check()]
