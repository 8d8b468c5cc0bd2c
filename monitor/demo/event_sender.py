"""Pushes contact events to the daemon, JSON lines over HTTP (contract section 7): the demo's chats and counter visits as they
happen, and once what a telephone system's export tells of the past.

It waits until the daemon answers and sends again what was not accepted; event ids make that harmless.
"""

import heapq
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Final

import aiohttp

from monitor.clock import Clock
from monitor.demo.schedule import TimeScale
from monitor.demo.written_traffic import VisitEvent

_CHUNK: Final = 1_000  # lines in one request
_PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 15.0)  # seconds between tries
_TIMEOUT: Final = aiohttp.ClientTimeout(total=30)
#: What is older than this at the start is not pushed.
RECENT: Final = timedelta(days=14)


class PushRejected(Exception):
    """The daemon refuses all our events: the token or the address is wrong."""


class Pusher:
    """Pushes to the daemon at `url` with the token of one source."""

    def __init__(self, clock: Clock, url: str, token: str) -> None:
        self._clock = clock
        self._address = f"{url.rstrip('/')}/api/v1/events"
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}

    def session(self) -> aiohttp.ClientSession:
        """What `push` sends through; to be closed."""
        return aiohttp.ClientSession(headers=self._headers, timeout=_TIMEOUT)

    async def push(self, session: aiohttp.ClientSession, bodies: Sequence[dict[str, Any]]) -> None:
        """Send until it is accepted. Raises PushRejected."""
        payload = "".join(json.dumps(body, ensure_ascii=False) + "\n" for body in bodies).encode()
        tries = 0
        while not await self._post(session, payload):
            await self._clock.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
            tries += 1

    async def _post(self, session: aiohttp.ClientSession, payload: bytes) -> bool:
        try:
            async with session.post(self._address, data=payload) as answer:
                if answer.status in (401, 403, 404):
                    raise PushRejected(f"the daemon answers {answer.status} to pushed events")
                return answer.status < 500 and answer.status != 429  # a line it cannot use is not sent again
        except (aiohttp.ClientError, TimeoutError):
            return False


async def push_all(pusher: Pusher, parts: Iterable[Sequence[dict[str, Any]]]) -> None:
    """Pushes what belongs to the past, part by part. Raises PushRejected."""
    async with pusher.session() as session:
        for part in parts:
            await pusher.push(session, part)


class EventSender:
    """Pushes contact events to the daemon: first the past, then each as it happens."""

    def __init__(self, clock: Clock, pusher: Pusher, scale: TimeScale, events: Iterator[VisitEvent]) -> None:
        """`events` are in order, in simulated time, and without end."""
        self._clock = clock
        self._pusher = pusher
        self._scale = scale
        self._events = events
        self._pending: list[tuple[datetime, int, dict[str, Any]]] = []
        self._count = 0
        self._next: VisitEvent | None = None

    async def run(self) -> None:
        """Go on until cancelled. Raises PushRejected."""
        async with self._pusher.session() as session:
            for lines in chunks(self.due(self._clock.now())):
                await self._pusher.push(session, lines)
            while True:
                await self._clock.sleep(max(0.05, (self.next_moment() - self._clock.now()).total_seconds()))
                bodies = self.due(self._clock.now())
                if bodies:
                    await self._pusher.push(session, bodies)

    def due(self, now: datetime) -> list[dict[str, Any]]:
        """What has happened since the last call, in order."""
        self._look_ahead(now)
        bodies = []
        while self._pending and self._pending[0][0] <= now:
            at, _, body = heapq.heappop(self._pending)
            bodies.append(body | {"at": moment_text(at)})
        return bodies

    def next_moment(self) -> datetime:
        """When the next event is due."""
        coming = self._scale.to_real(self._coming().at)
        return min(coming, self._pending[0][0]) if self._pending else coming

    def _look_ahead(self, now: datetime) -> None:
        """Queue every event that begins until `now`; one that lags behind waits for its moment."""
        while self._scale.to_real(self._coming().at) <= now:
            event = self._coming()
            self._next = None
            if event.at < self._scale.begun - RECENT:
                continue
            self._count += 1
            real = self._scale.to_real(event.at) + timedelta(seconds=event.lag)
            heapq.heappush(self._pending, (real, self._count, event.body))

    def _coming(self) -> VisitEvent:
        if self._next is None:
            self._next = next(self._events)
        return self._next


def chunks(bodies: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The past in requests; the events of one contact stay together, or its answer would be missing until the next request."""
    bodies = sorted(bodies, key=lambda body: str(body["contact"]))  # stable: events stay in order
    return parts_of(list(events) for _, events in groupby(bodies, key=lambda body: body["contact"]))


def parts_of(contacts: Iterable[list[dict[str, Any]]]) -> Iterator[list[dict[str, Any]]]:
    """Contacts in requests of a bounded size, none cut in two."""
    part: list[dict[str, Any]] = []
    for contact in contacts:
        if part and len(part) + len(contact) > _CHUNK:
            yield part
            part = []
        part += contact
    if part:
        yield part


def moment_text(moment: datetime) -> str:
    """As contact events write it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
