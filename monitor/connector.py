"""The public seam: everything a connector imports. docs/connectors/writing-one.md shows how to write one.

A connector is a module whose name is its source type. It declares
- `Settings`, a `SourceSettings` with `type: Literal["its name"]`, and `connect(settings, context) -> Connector`;
- where it applies: `CHANNEL` (the only channel of its contacts), `PLACES` (keys of a contact point that name a place of
  such a source), `ARCHIVES` (file formats that `import` reads), and `event_id(name, hash_customer) -> str | None` (how people
  name one event, such as by a Message-ID).
A connector that also is a `PushTarget` receives what is posted to `/api/v1/events`; its module says `ACCEPTS_PUSH = True`.

The engine adds schedule, retries, metrics and the store.

Fields are described by comments: `python -m inspect monitor.connector:Batch`.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Annotated, Any, BinaryIO, NamedTuple, Protocol, runtime_checkable

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from monitor.clock import Clock
from monitor.domain.channels import AGENT_STATES
from monitor.domain.courtesy import is_courtesy
from monitor.domain.durations import parse_duration
from monitor.domain.event import CHANNELS, KINDS, LEAVE_REASONS, Channel, Event, EventName
from monitor.errors import (
    REJECT_REASONS,
    AuthError,
    ConfigError,
    DataError,
    MonitorError,
    SourceError,
    SourceSilent,
    StoreUnavailable,
    TransientError,
)

__all__ = [
    "AGENT_STATES",
    "CHANNELS",
    "KINDS",
    "LEAVE_REASONS",
    "REJECT_REASONS",
    "Archive",
    "ArchiveRecord",
    "AuthError",
    "Batch",
    "Channel",
    "Clock",
    "ConfigError",
    "Connector",
    "Context",
    "Cursor",
    "DataError",
    "Event",
    "Finding",
    "Gap",
    "MonitorError",
    "NoState",
    "Offered",
    "Place",
    "PushTarget",
    "ReadText",
    "Refuse",
    "Rejected",
    "RejectedLine",
    "Seconds",
    "SeenUntil",
    "SourceError",
    "SourceSettings",
    "SourceSilent",
    "StateReader",
    "StoreUnavailable",
    "TransientError",
    "Untold",
    "is_courtesy",
    "left_unread",
]

#: Up to where a source was read: whatever JSON the connector needs to go on from there. None on the very first read.
Cursor = dict[str, Any]

Seconds = Annotated[timedelta, BeforeValidator(parse_duration)]


class SourceSettings(BaseModel):
    """Keys that all source types share. A connector's own `Settings` inherits from it."""

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


class RejectedLine(NamedTuple):
    """A line of an archive or of a push that was refused: its number from 1, why, and one of errors.REJECT_REASONS.

    `why` is shown to whoever sent the line, never stored.
    """

    line: int
    why: str
    reason: str


class SeenUntil(NamedTuple):
    """A sender's statement that it has reported everything before this moment."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """A span of which the source can tell nothing any more."""

    since: datetime
    until: datetime
    unknown: str | None = None  # what nobody can tell of it, where something else told the rest; None: anything
    callbacks: bool = True  # somebody may have been called back in it: a call back that was owed becomes void


@dataclass(frozen=True, slots=True)
class Untold:
    """What a source turned out unable to tell, an account with too few rights for example. Empty: it tells everything."""

    why: tuple[str, ...] = ()  # what is missing and what to do, a sentence each, for the log
    waits: frozenset[str] = frozenset()  # of its contact points; what would be 0 for this reason alone is left out
    signals: frozenset[str] = frozenset()
    outcomes: frozenset[str] = frozenset()


class Refuse(Protocol):
    """Is told of an event that was not stored: why, for whoever sent it, and one of errors.REJECT_REASONS."""

    def __call__(self, event: Event, why: str, reason: str = "unknown_contact") -> None: ...


@dataclass(frozen=True, slots=True)
class Batch:
    """What a connector yields at one moment: events, its cursor now, and up to when it has seen everything.

    `watermark`: absence before it is a fact. `live_lag` instead says that the source is complete
    up to (our clock - live_lag) for as long as the present `read` goes on; it carries the source's clock offset, so it
    may be negative. A batch may hold nothing but a cursor or a watermark. A batch is ingested in one transaction.
    `more`: a piece of what is known at this moment; absence is judged with the last piece, which may hold the answers.

    A link may be dead, and our process may have stood still, long before `read` can tell. A live source behind a link
    therefore also says `proven`: a moment of its own clock at which it was certainly still heard. Absence is then judged
    up to the earlier of the two. When a limit passes that is not proven yet, the engine calls `prove`, and the source
    yields a batch with a later `proven` as soon as it can.
    """

    events: Sequence[Event] = ()
    cursor: Cursor | None = None  # None: it has not moved
    watermark: datetime | None = None
    live_lag: timedelta | None = None
    proven: datetime | None = None  # only with live_lag; None: nothing lies between the source and us
    prove: Callable[[], None] | None = None  # asks the source for a sign of life; must not block
    rejected: Sequence[Rejected] = ()
    gap: Gap | None = None
    newest_outbound: datetime | None = None  # newest answer of ours seen; email and ticket: none at all is an alert
    state: Mapping[str, str | None] = field(default_factory=dict)  # entries to read again by Context.state; None deletes one
    #: Place -> one of AGENT_STATES -> how many could answer there now; None: no news. All places that the source tells of: one
    #: that is missing is not known (any more). Shown while the source is up, never stored.
    agents: Mapping[str, Mapping[str, int]] | None = None
    #: Record of a customer -> his names, hashed: they are one customer's everywhere from now on. No record is ever empty again.
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    untold: Untold | None = None  # what the source cannot tell; None: as before
    clock_offset: float | None = None  # source clock minus ours, seconds, where the source tells
    #: Called once it is stored, with the names of the events that were known before.
    on_stored: Callable[[Sequence[EventName]], None] | None = None
    #: Set where whoever sends the events may speak of contacts that are there already, perhaps with another source (those
    #: without a place, and `settled` and its like): called before `on_stored` with each event that was refused, in any thread.
    on_refused: Refuse | None = None
    more: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `check`: what was tried and how it went. `ok` None: worth knowing, neither good nor bad."""

    ok: bool | None
    text: str


class StateReader(Protocol):
    """Reads the entries that earlier batches stored (thread indexes, open calls). Empty for `poll` and `check`."""

    async def keys(self, keys: Iterable[str]) -> dict[str, str]:
        """The entries under these keys; missing ones are left out."""

    async def prefix(self, prefix: str) -> dict[str, str]:
        """All entries whose key begins with `prefix`."""


class NoState:
    """Connector state with nothing in it."""

    async def keys(self, keys: Iterable[str]) -> dict[str, str]:
        return {}

    async def prefix(self, prefix: str) -> dict[str, str]:
        return {}


class ReadText(Protocol):
    """Adds to an event what its text says, in closed words: what `replied` and `noted` promise, what else `replied` says, which
    facts a customer's `received` and `opened` give. The text itself must be dropped.

    `text` is what was written, quotes and signature included; `language` a tag as `en` or `de-AT`, where it is known.
    Never raises; any thread may call it.
    """

    def __call__(self, event: Event, text: str, language: str | None = None) -> Event: ...


def left_unread(event: Event, text: str, language: str | None = None) -> Event:
    """Whoever reads nothing."""
    return event


@dataclass(frozen=True, slots=True)
class Context:
    """What the engine gives a connector."""

    source: str
    clock: Clock
    timezone: tzinfo
    country: str
    hash_customer: Callable[[str], str]
    #: The connector's own entries, kept by `Batch.state` in the transaction of that batch.
    state: StateReader
    read_text: ReadText = left_unread
    #: Places of this source that configuration names, e.g. {"queue:support", "extension:100"}.
    places: frozenset[str] = field(default_factory=frozenset)
    #: The policies that an event may name; None: they are not checked.
    policies: frozenset[str] | None = None


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


@dataclass(frozen=True, slots=True)
class Place:
    """A key of a contact point that names a place of a source, as `queue: support`; its events have the place `queue:support`."""

    key: str
    description: str  # one line for the configuration reference
    fold_case: bool = False  # True: upper and lower case are the same place (mail addresses)

    def named(self, value: str) -> str:
        """The place as an event carries it."""
        return f"{self.key}:{value.lower() if self.fold_case else value}"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A file ends in the middle of what goes on in another one: absence can be judged up to here, whatever is said of it."""

    at: datetime


#: What an archive holds: events, statements of completeness, and what could not be used.
ArchiveRecord = Event | SeenUntil | Unfinished | RejectedLine | Rejected


@dataclass(frozen=True, slots=True)
class Archive:
    """A file format that `import` reads into sources of one type."""

    name: str  # source types that read the same format give it the same name
    title: str  # for people, as "contact events (JSON lines)"
    #: Whether a file that begins with these bytes (up to 4096) is one. Must not accept other formats.
    sniff: Callable[[bytes], bool]
    #: The records of an open file, lazily: files may be larger than memory.
    read: Callable[[BinaryIO, Any, Context], Iterator[ArchiveRecord]]
    #: True: no configured source is needed; the events then belong to a source of this type named `import`.
    needs_no_source: bool = False
    #: Where files continue each other, as rotated logs do: a number that puts them in order, from a file's first bytes. Such
    #: files of one import are read as if they were one. None: each stands for itself.
    begins: Callable[[bytes], int] | None = None


class Offered(NamedTuple):
    """What became of a push: how many events are stored now, how many of them were before, and the lines that were refused."""

    accepted: int
    repeated: int
    rejected: Sequence[RejectedLine]


@runtime_checkable
class PushTarget(Protocol):
    """A connector that receives what is posted to `/api/v1/events`. `push_queue.PushQueue` does the waiting for the store."""

    def admits(self, token: str | None) -> bool:
        """Whether a sender with this bearer token may push here; compares in constant time (`hmac.compare_digest`)."""

    async def offer(self, lines: Sequence[tuple[int, bytes]]) -> Offered:
        """Stores what can be used of these lines (number from 1, bytes). Returns when all of it is stored.

        Raises StoreUnavailable when it could not be stored; sending the same lines again must be harmless.
        """
