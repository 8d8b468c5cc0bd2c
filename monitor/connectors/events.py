"""Source type `events`: anything that can post contact events, or write them to a file for `import`."""

import asyncio
import hmac
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from pydantic import Field, SecretStr

from monitor.connector import Batch, Context, Cursor, Finding, Rejected, SourceSettings
from monitor.connectors._event_lines import Bad, SeenUntil, parse_lines
from monitor.domain.event import Event
from monitor.errors import StoreUnavailable

#: Events of one push are stored in transactions of at most this many.
CHUNK = 2000
_LATER: Final = "the store did not take the push; send it again"


class Settings(SourceSettings):
    """`type: events`: who may push is whoever knows the token."""

    type: Literal["events"]
    token: SecretStr | None = Field(None, description="Bearer token that senders show; without one nothing is taken over HTTP.")


class Offered(NamedTuple):
    """What became of a push: how many events are stored now, how many of them were before, and the lines that were refused."""

    accepted: int
    repeated: int
    bad: list[Bad]


def connect(settings: Settings, context: Context) -> "Events":
    """The connector of one `events` source."""
    return Events(settings, context)


def _newest_reply(events: list[Event]) -> datetime | None:
    """A source that shows customers' words and none of ours for days hides the answers (contract section 5)."""
    return max((event.at for event in events if event.kind == "replied"), default=None)


class Events:
    """Takes pushes and hands them on as batches. A push is answered only when it is stored.

    What is pushed live is taken as complete up to now, until the sender says `seen_until` once: from then on its word
    alone moves the watermark (contract section 7).
    """

    live = True

    def __init__(self, settings: Settings, context: Context) -> None:
        self._settings = settings
        self._context = context
        self._waiting: asyncio.Queue[tuple[Batch, asyncio.Future[None]]] = asyncio.Queue(maxsize=64)
        self._closed = False

    def admits(self, token: str | None) -> bool:
        """Whether this token may push here; compared in constant time."""
        own = self._settings.token
        return own is not None and token is not None and hmac.compare_digest(own.get_secret_value().encode(), token.encode())

    async def offer(self, lines: Iterable[tuple[int, bytes]]) -> Offered:
        """Stores what can be used of these lines and tells what cannot. Returns when all of it is stored.

        Raises StoreUnavailable when it could not be stored; sending it again is harmless.
        """
        events: list[Event] = []
        bad: list[Bad] = []
        seen: datetime | None = None
        now = self._context.clock.now()
        values = await asyncio.to_thread(lambda: list(parse_lines(lines, self._context.hash_customer, now)))
        for value in values:
            if isinstance(value, Event):
                events.append(value)
            elif isinstance(value, SeenUntil):
                told = min(value.at, now)  # a clock that is ahead has not seen our future
                seen = told if seen is None else max(seen, told)
            else:
                bad.append(value)
        rejected = tuple(Rejected(each.reason, f"line {each.line}") for each in bad)
        parts = [events[start : start + CHUNK] for start in range(0, len(events), CHUNK)]
        repeated: list[int] = []
        chunks = [Batch(events=part, newest_outbound=_newest_reply(part), on_stored=repeated.append) for part in parts]
        if seen is not None or rejected:
            governed = {"seen_until": True} if seen is not None else None
            chunks.append(Batch(cursor=governed, watermark=seen, rejected=rejected))
        for chunk in chunks:
            stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            if not self._closed:
                await self._waiting.put((chunk, stored))
            if self._closed:  # since always, or while the queue was full
                raise StoreUnavailable(_LATER)
            await stored
        return Offered(len(events), sum(repeated), bad)

    async def read(self, cursor: Cursor | None) -> AsyncGenerator[Batch, None]:
        """Whatever is pushed from now on."""
        governed = bool(cursor and cursor.get("seen_until"))
        self._closed = False
        stored: asyncio.Future[None] | None = None
        try:
            yield Batch() if governed else Batch(live_lag=timedelta(0))
            while True:
                batch, stored = await self._waiting.get()
                yield batch  # what comes after this line runs when the engine has stored it
                if not stored.done():  # else its sender has gone meanwhile
                    stored.set_result(None)
        finally:  # nobody takes what still waits: its senders learn it at once
            self._closed = True
            left = [stored] if stored is not None else []
            while not self._waiting.empty():
                left.append(self._waiting.get_nowait()[1])
            for each in left:
                if not each.done():
                    each.set_exception(StoreUnavailable(_LATER))

    async def check(self) -> AsyncIterator[Finding]:
        """There is nothing to connect to; only the token can be missing."""
        if self._settings.token is None:
            yield Finding(None, "no token: events are taken from files (import) only; set token to take them over HTTP")
        else:
            yield Finding(True, "takes contact events at POST /api/v1/events from whoever shows the token")
