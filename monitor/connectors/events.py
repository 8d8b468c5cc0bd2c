"""Source type `events`: anything that can post contact events, or write them to a file for `import`."""

import asyncio
import hmac
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any, Final, Literal

from pydantic import Field, SecretStr, model_validator

from monitor.connector import (
    Batch,
    Context,
    Cursor,
    Event,
    Finding,
    Offered,
    Refuse,
    Rejected,
    RejectedLine,
    Seconds,
    SeenUntil,
    SourceSettings,
    SourceSilent,
)
from monitor.connectors._event_lines import ARCHIVE, parse_lines
from monitor.domain.durations import format_duration
from monitor.domain.moments import iso, parse_moment
from monitor.push_queue import GROUP_EVENTS, PushQueue

ACCEPTS_PUSH: Final = True
ARCHIVES: Final = (ARCHIVE,)
#: Events of one push are stored in transactions of at most this many.
CHUNK: Final = GROUP_EVENTS
#: So many lines of so many bytes in all are parsed where they come in, within a millisecond, or ten where most of it is text to
#: be read; more in a thread, so that nobody else waits for them.
PARSED_AT_ONCE: Final = 20
BYTES_AT_ONCE: Final = 4_096


class Settings(SourceSettings):
    """`type: events`: who may push is whoever knows the token."""

    type: Literal["events"]
    token: SecretStr | None = Field(None, description="Bearer token that senders show; without one nothing is taken over HTTP.")
    expect_every: Seconds | None = Field(
        None,
        ge=timedelta(seconds=1),
        description="A push, empty or not, comes at least this often; after a longer silence the source is down, not calm. It is"
        " `poll_every` too, unless that is set.",
    )

    @model_validator(mode="before")
    @classmethod
    def _sets_the_pace(cls, data: Any) -> Any:
        """How far behind a source may be goes by `poll_every`, which means nothing else where nothing is polled."""
        if isinstance(data, dict) and data.get("expect_every") is not None:
            return {"poll_every": data["expect_every"], **data}
        return data


def connect(settings: Settings, context: Context) -> "Events":
    """The connector of one `events` source."""
    return Events(settings, context)


def _newest_reply(events: list[Event]) -> datetime | None:
    """The moment of our newest answer: a source that shows only customers' words hides the answers (contract section 5)."""
    return max((event.at for event in events if event.kind == "replied" and event.place), default=None)


class Events:
    """Turns pushes into batches. A push is answered only when it is stored.

    What is pushed live counts as complete up to now, until the sender says `seen_until` once: from then on only that
    moves the watermark (contract section 7).
    """

    live = True

    def __init__(self, settings: Settings, context: Context) -> None:
        self._settings = settings
        self._context = context
        self._queue = PushQueue(context.clock)
        self._silent = False

    def admits(self, token: str | None) -> bool:
        """Whether this token may push here; compared in constant time."""
        own = self._settings.token
        return own is not None and token is not None and hmac.compare_digest(own.get_secret_value().encode(), token.encode())

    async def offer(self, lines: Sequence[tuple[int, bytes]]) -> Offered:
        """Stores what can be used of these lines and reports what cannot. Returns when all of it is stored.

        Raises StoreUnavailable when it could not be stored; sending it again is harmless.
        """
        now = self._context.clock.now()
        told = [line for line in lines if line[1] and not line[1].isspace()]
        context = self._context
        parse = partial(parse_lines, told, context.hash_customer, now, context.policies, context.read_text)
        is_quick = len(told) <= PARSED_AT_ONCE and sum(len(line) for _, line in told) <= BYTES_AT_ONCE
        records = list(parse()) if is_quick else await asyncio.to_thread(lambda: list(parse()))
        events = [record for record in records if isinstance(record, Event)]
        refused = [record for record in records if isinstance(record, RejectedLine)]
        seen = max((record.at for record in records if isinstance(record, SeenUntil)), default=None)
        lines_of = _Lines(told, records)

        # a sender that goes away in the middle leaves no piece without the last one
        repeated = await asyncio.shield(self._queue.store(*_batches(events, refused, seen, now, lines_of.refuse)))
        return Offered(len(events) - len(lines_of.refused), repeated, sorted((*refused, *lines_of.refused)))

    async def read(self, cursor: Cursor | None) -> AsyncGenerator[Batch, None]:
        """Whatever is pushed from now on.

        Raises SourceSilent once nothing has come for `expect_every`; the next call says nothing before the next push.
        """
        sender = _Sender.read(cursor, self._settings.expect_every, self._context.clock.now())
        first = None if self._silent else sender.first(self._context.clock.now(), self._queue.untaken_since)
        while True:
            async with aclosing(self._queue.batches(first, sender.within)) as pushed:
                async for batch in pushed:
                    if batch is first:
                        yield batch
                        continue
                    self._silent = False
                    # what waits behind this batch may hold the answers whose absence would be judged
                    yield sender.told(batch, self._context.clock.now(), self._queue.untaken_since)
            if not self._silent:
                self._silent = True
                raise sender.silent()
            first = None

    async def check(self) -> AsyncIterator[Finding]:
        """There is nothing to connect to; only the token can be missing."""
        if self._settings.token is None:
            yield Finding(None, "no token: events are taken from files (import) only; set token to take them over HTTP")
            return
        yield Finding(True, "takes contact events at POST /api/v1/events from whoever shows the token")
        if self._settings.expect_every is None:
            yield Finding(None, "a sender that has died will look like calm; set expect_every to how often it pushes at least")


@dataclass(slots=True)
class _Sender:
    """What is known of whoever pushes: when it was heard last, and whether it says itself up to when it has told everything."""

    expect_every: timedelta | None
    heard: datetime | None  # None: never
    governed: bool
    begun: datetime  # since when it is listened to

    @classmethod
    def read(cls, cursor: Cursor | None, expect_every: timedelta | None, now: datetime) -> "_Sender":
        """As it was left."""
        kept = cursor or {}
        heard = parse_moment(kept["heard"]) if "heard" in kept else None
        return cls(expect_every, heard, bool(kept.get("seen_until")), now)

    @property
    def within(self) -> float | None:
        """So many seconds of silence are too many; None: it may be silent for ever."""
        return None if self.expect_every is None else self.expect_every.total_seconds()

    def first(self, now: datetime, untaken_since: datetime | None) -> Batch:
        """What is said before anything was pushed. One that had fallen silent before has told nothing up to now."""
        if self.governed:
            return Batch()
        if self.expect_every is not None and self.heard is not None and now - self.heard >= self.expect_every:
            return Batch(watermark=self.heard)
        return Batch(live_lag=timedelta(0), proven=untaken_since)

    def told(self, batch: Batch, now: datetime, untaken_since: datetime | None) -> Batch:
        """A batch that was pushed, with what it says of its sender."""
        self.governed = self.governed or batch.watermark is not None
        if self.expect_every is not None:
            self.heard = now
            batch = replace(batch, cursor={"seen_until": self.governed, "heard": iso(now)})
        return batch if self.governed else replace(batch, live_lag=timedelta(0), proven=untaken_since)

    def silent(self) -> SourceSilent:
        """Why nothing is known any more."""
        every = format_duration(self.within or 0)
        heard = "has not been heard yet" if self.heard is None else f"was heard last at {self.heard:%Y-%m-%d %H:%M:%S} UTC"
        return SourceSilent(
            f"its sender {heard}, and is expected every {every}",
            self.heard or self.begun,
            "see whether the sender runs and reaches the monitor; one that has nothing to tell pushes an empty body as its "
            "sign of life",
        )


def _batches(
    events: Sequence[Event], refused: Sequence[RejectedLine], seen: datetime | None, now: datetime,
    refuse: Refuse,
) -> list[Batch]:  # fmt: skip
    """A push in transactions of at most CHUNK events; the sender's own watermark comes with the last.

    `refuse` is called with what speaks of a contact that nobody knows, or finds no room in its contact. Absence is judged
    when all events are stored.
    """
    parts = [list(events[start : start + CHUNK]) for start in range(0, len(events), CHUNK)]
    batches = [
        Batch(
            events=part,
            newest_outbound=_newest_reply(part),
            more=True,
            on_refused=refuse,
        )
        for part in parts or [[]]  # an empty push is a sign of life
    ]
    batches[-1] = replace(
        batches[-1],
        cursor={"seen_until": True} if seen is not None else None,
        watermark=min(seen, now) if seen is not None else None,  # a clock that is ahead has not seen our future
        rejected=tuple(Rejected(each.reason, f"line {each.line}") for each in refused),
        more=False,
    )
    return batches


class _Lines:
    """The lines of one push, and those of them that the engine refused."""

    def __init__(self, told: Sequence[tuple[int, bytes]], records: Sequence[object]) -> None:
        self.refused: list[RejectedLine] = []
        self._told, self._records = told, records

    def refuse(self, event: Event, why: str, reason: str = "unknown_contact") -> None:
        """The engine hands an event back with the place of its contact, where the line names none."""
        lines = self._of.get((event.contact, event.id), [])
        for index, (number, place) in enumerate(lines):
            if place in ("", event.place):
                self.refused.append(RejectedLine(number, why, reason))
                del lines[index]
                return

    @cached_property
    def _of(self) -> Mapping[tuple[str, str], list[tuple[int, str]]]:
        """By contact and id of an event, the lines that tell it and the places they name. Few pushes ever need it."""
        found: dict[tuple[str, str], list[tuple[int, str]]] = {}
        for (number, _), record in zip(self._told, self._records, strict=True):
            if isinstance(record, Event):
                found.setdefault((record.contact, record.id), []).append((number, record.place))
        return found
