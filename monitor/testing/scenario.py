"""A source with known content, and how a test reads it: what ConnectorContract works with."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

from monitor.clock import Clock, SystemClock
from monitor.connector import Batch, Connector, Cursor, Event
from monitor.testing.context import FakeState, make_context

#: Real seconds within which a source must answer.
PATIENCE: Final = 20.0


@dataclass(slots=True)
class SourceScenario:
    """A source with a known content, as `ConnectorContract.source` provides it, running for one test.

    `python -m inspect monitor.testing:SourceScenario` shows what each field holds.
    """

    settings: Mapping[str, Any]  # the source's keys as in a configuration file, without `type`
    contacts: Mapping[str, Sequence[str]]  # the source's own name of each contact: the kinds of its events, in any order
    personal: Collection[str] = ()  # numbers, addresses and words in the source that must not leave the connector
    secrets: Collection[str] = ()  # values of the secrets among the settings
    places: Collection[str] = ()  # places that a configuration names, as "queue:support"
    clock: Clock = field(default_factory=SystemClock)
    report: Callable[[Connector], Awaitable[object]] | None = None  # live: has the source report its contacts, after `read` began
    open_connections: Callable[[], int] | None = None  # counts the connections that the source sees
    changes: Callable[[], Sequence[str]] | None = None  # requests to the source that could change something
    unreachable: Mapping[str, Any] | None = None  # settings under which the source cannot be read
    archives: Mapping[str, bytes] = field(default_factory=dict)  # by the name of the format: a file of it, with events
    push: tuple[str, Sequence[bytes]] | None = None  # a token that is admitted, and lines with at least one event


class Reading:
    """What was read so far, and the state as the store would have it."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.state = FakeState()
        self.hashes: set[str] = set()  # every customer's hash that the connector asked for

    @property
    def events(self) -> list[Event]:
        return [event for batch in self.batches for event in batch.events]

    def has(self, contacts: Mapping[str, Sequence[str]]) -> bool:
        """Whether exactly these contacts were read, with these kinds of events."""
        return kinds_of(self.events) == {contact: sorted(kinds) for contact, kinds in contacts.items()}

    def add(self, batch: Batch) -> None:
        self.batches.append(batch)
        self.state.store(batch)

    def resumed(self) -> "Reading":
        """A new reading that goes on where this one stands, with cursor and state as the store gives them back."""
        other = Reading()
        other.state.entries = json.loads(json.dumps(self.state.entries))
        other.state.cursor = json.loads(json.dumps(self.state.cursor))
        other.hashes = self.hashes
        return other


async def collect(connector: Connector, cursor: Cursor | None, reading: Reading, count: int | None) -> None:
    """Reads `count` batches, or all there are, into `reading`."""
    async with aclosing(connector.read(cursor)) as stream:
        async for batch in stream:
            reading.add(batch)
            if count is not None and len(reading.batches) >= count:
                return


def kinds_of(events: Sequence[Event]) -> dict[str, list[str]]:
    """Each contact's kinds of events, sorted; an event that was read twice counts once."""
    found: dict[str, list[str]] = {}
    for contact, _, kind in sorted({(event.contact, event.id, event.kind) for event in events}):
        found.setdefault(contact, []).append(kind)
    return {contact: sorted(kinds) for contact, kinds in found.items()}


async def until(condition: Callable[[], bool]) -> None:
    """Waits until the condition holds. Raises TimeoutError after PATIENCE seconds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110  # the condition is a test's own
            await asyncio.sleep(0.01)


def recording_hasher(hashes: set[str]) -> Callable[[str], str]:
    """The usual hash of customers, which adds each hash it makes to `hashes`."""
    hash_customer = make_context().hash_customer

    def hashed(raw: str) -> str:
        found = hash_customer(raw)
        hashes.add(found)
        return found

    return hashed


def replaced(scenario: SourceScenario, settings: Mapping[str, Any]) -> SourceScenario:
    """The scenario under other settings."""
    return SourceScenario(settings, {}, clock=scenario.clock, places=scenario.places)
