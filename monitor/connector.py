"""What every connector is: settings, one `read`, one `check`. The engine dresses it with schedule, errors and metrics."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Annotated, Any, Protocol

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from monitor.clock import Clock
from monitor.domain.durations import parse_duration
from monitor.domain.event import Event

#: Where a source was left: whatever JSON the connector wants to find again. None on the very first read.
Cursor = dict[str, Any]

Seconds = Annotated[timedelta, BeforeValidator(parse_duration)]


class SourceSettings(BaseModel):
    """Keys that all source types share (contract section 3). A connector's own `Settings` inherits from it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    type: str  # a connector narrows it to Literal["its own name"]
    poll_every: Seconds = Field(timedelta(seconds=15), description="Pause between two reads of what must be polled.")
    timeout: Seconds = Field(timedelta(seconds=20), description="How long to wait for one answer of the source.")
    enabled: bool = True
    discover: bool = Field(True, description="False: what no contact point names falls to `other`.")


@dataclass(frozen=True, slots=True)
class Rejected:
    """One record that could not be used. `sample` is redacted: never a number, an address or text of a customer."""

    reason: str  # one of errors.REJECT_REASONS
    sample: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Gap:
    """A span of which the source can tell nothing any more."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """What a connector hands over at one moment: events, where it stands now, and up to when it has seen everything.

    `watermark` is the watermark: absence before it is a fact. `live_lag` instead says that the source is complete
    up to (our clock - live_lag) for as long as the present `read` goes on; it carries the source's clock offset, so it
    may be negative. A batch may hold nothing but a cursor or a watermark. A batch is ingested in one transaction.
    """

    events: Sequence[Event] = ()
    cursor: Cursor | None = None  # None: where we stand has not moved
    watermark: datetime | None = None
    live_lag: timedelta | None = None
    rejected: Sequence[Rejected] = ()
    gap: Gap | None = None
    newest_outbound: datetime | None = None  # newest answer of ours seen
    state: Mapping[str, str | None] = field(default_factory=dict)  # entries to find again by `state`; None forgets one
    clock_offset: float | None = None  # source clock minus ours, seconds, where the source tells
    on_stored: Callable[[int], None] | None = None  # called once it is stored, with how many events were known before


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `check`: what was tried and how it went. `ok` None: worth knowing, neither good nor bad."""

    ok: bool | None
    text: str


class StateReader(Protocol):
    """Reads back what earlier batches asked to remember (thread indexes, open calls). Empty for `poll` and `check`."""

    async def keys(self, keys: Iterable[str]) -> dict[str, str]:
        """The entries under these keys; missing ones are left out."""

    async def prefix(self, prefix: str) -> dict[str, str]:
        """All entries whose key begins with `prefix`."""


class NoState:
    """A memory with nothing in it."""

    async def keys(self, keys: Iterable[str]) -> dict[str, str]:
        return {}

    async def prefix(self, prefix: str) -> dict[str, str]:
        return {}


@dataclass(frozen=True, slots=True)
class Context:
    """What the engine lends a connector."""

    source: str
    clock: Clock
    timezone: tzinfo
    country: str
    hash_customer: Callable[[str], str]
    #: The connector's own entries, kept by `Batch.state` in the transaction of that batch.
    state: StateReader
    #: Places of this source that configuration names, e.g. {"queue:support", "extension:100"}.
    places: frozenset[str] = field(default_factory=frozenset)


class Connector(Protocol):
    """Reads one source. Made by the module's `connect(settings, context)`; opens nothing until `read` or `check`."""

    #: True: `read` goes on for as long as the connection lives. False: it ends when it has caught up, and is polled.
    live: bool

    def read(self, cursor: Cursor | None) -> AsyncGenerator[Batch, None]:
        """Everything since `cursor`, batch by batch. Raises SourceError; closing the iterator closes the connection.

        A live connector that loses its connection raises TransientError; it is then called again with the cursor of
        the last batch that was stored.
        """

    def check(self) -> AsyncIterator[Finding]:
        """Connects read-only, names what would be watched and proves, where the protocol tells, that we cannot write."""
