"""For connectors that receive pushes: who offers waits until the engine has stored it. Part of the public seam."""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Final

from monitor.clock import Clock, sleep_unless
from monitor.connector import Batch, Refuse
from monitor.domain.event import AFTERWARDS_KINDS, Event, EventName
from monitor.errors import StoreUnavailable

#: So many events of several pushes are stored in one transaction.
GROUP_EVENTS: Final = 2000
#: Who sleeps so many seconds longer than asked has stood still.
STOOD_STILL: Final = 1.0
_NOT_STORED: Final = "the store did not accept the push; send it again"


@dataclass(slots=True)
class _Offer:
    """A batch on its way to the engine, and whom to tell that it is stored."""

    batch: Batch
    arrived: datetime
    stored: asyncio.Future[int]  # how many of its events were known before
    piece: bool  # of a push that comes in several batches

    def fits(self, events: int) -> bool:
        """Whether it may share a transaction in which there are so many events: only what `_together` can put together.

        What speaks of contacts that are there already must find those that came before it stored.
        """
        rest = replace(self.batch, events=(), cursor=None, watermark=None, rejected=(), newest_outbound=None, on_refused=None)
        if self.piece or rest != Batch() or events + len(self.batch.events) > GROUP_EVENTS:
            return False
        return all(event.place and event.kind not in AFTERWARDS_KINDS for event in self.batch.events)


class PushQueue:
    """Batches on their way from `offer` to `read`: whoever offers waits until the engine has stored them.

    What waits is stored together, in transactions of at most GROUP_EVENTS events: a transaction costs as much as
    hundreds of events. Those that may speak of contacts that are there already go alone, in their turn. While a
    push of several batches is not whole, every batch between its pieces is one with `more`.
    """

    def __init__(self, clock: Clock, max_waiting: int = 64) -> None:
        self._clock = clock
        self._room = asyncio.Semaphore(max_waiting)
        self._waiting: deque[_Offer] = deque()
        self._arrived = asyncio.Event()
        self._in_pieces = asyncio.Lock()  # one such push at a time, so that there is a moment without any after each
        self._closed = False

    async def store(self, *batches: Batch) -> int:
        """Returns when all batches of a push are stored: how many of their events were before.

        Raises StoreUnavailable when nobody reads.
        """
        if len(batches) == 1:
            return await self._offer(batches[0], piece=False)
        async with self._in_pieces:
            return sum([await self._offer(batch, piece=True) for batch in batches])

    async def _offer(self, batch: Batch, *, piece: bool) -> int:
        async with self._room:
            if self._closed:  # since always, or while the queue was full
                raise StoreUnavailable(_NOT_STORED)
            offer = _Offer(batch, self._clock.now(), asyncio.get_running_loop().create_future(), piece)
            self._waiting.append(offer)
            self._arrived.set()
            return await offer.stored

    @property
    def waiting(self) -> int:
        """How many batches nobody has taken from the queue yet."""
        return len(self._waiting)

    @property
    def untaken_since(self) -> datetime | None:
        """When the first of them arrived; None: there are none."""
        return self._waiting[0].arrived if self._waiting else None

    async def batches(self, first: Batch | None, within: float | None = None) -> AsyncGenerator[Batch, None]:
        """`first`, then what is offered, for `read` to yield; close it (`contextlib.aclosing`) when `read` ends.

        What comes after a `yield` runs when the engine has stored the batch. Ends by itself when nothing is offered for
        `within` seconds; what is offered after that waits for whoever calls this next.
        """
        self._closed = in_pieces = quiet = False
        group: list[_Offer] = []
        try:
            if first is not None:
                yield first
            while not (quiet := not await self._arrives(within)):
                group = self._next()
                if group[0].piece:
                    in_pieces = group[0].batch.more
                batch, told = _together(group)
                yield replace(batch, more=in_pieces)
                for offer, repeated in zip(group, told(), strict=True):
                    if not offer.stored.done():  # else its sender has gone meanwhile
                        offer.stored.set_result(repeated)
        finally:  # nobody stores what still waits: its senders learn it at once
            self._closed = not quiet
            for offer in (*group, *self._waiting):
                if not offer.stored.done():
                    offer.stored.set_exception(StoreUnavailable(_NOT_STORED))
            self._waiting.clear()

    async def _arrives(self, within: float | None) -> bool:
        """Whether something is offered within so many seconds (None: some day).

        A process that stood still meanwhile has heard nobody: it listens as long again.
        """
        while not self._waiting:
            self._arrived.clear()
            if within is None:
                await self._arrived.wait()
                continue
            begun = self._clock.monotonic()
            if await sleep_unless(self._arrived, self._clock, within):
                continue
            if self._clock.monotonic() - begun <= within + STOOD_STILL:
                return False
        return True

    def _next(self) -> list[_Offer]:
        """What is stored next: everything that waits, as far as it fits into one transaction."""
        group = [self._waiting.popleft()]
        events = len(group[0].batch.events)
        while self._waiting and group[0].fits(0) and self._waiting[0].fits(events):
            group.append(self._waiting.popleft())
            events += len(group[-1].batch.events)
        return group


class _Refusals:
    """Tells of an event that was refused to the batch that brought it; of one that several brought, to each once."""

    def __init__(self, batches: Sequence[Batch]) -> None:
        self._batches = batches

    def __call__(self, event: Event, why: str, reason: str = "unknown_contact") -> None:
        refuse = next(self._refuse_of.get(_name(event), iter(())), None)
        if refuse is not None:
            refuse(event, why, reason)

    @cached_property
    def _refuse_of(self) -> Mapping[EventName, Iterator[Refuse | None]]:
        """By event who is to be told, one after the other. Few groups ever need it."""
        found: defaultdict[EventName, list[Refuse | None]] = defaultdict(list)
        for batch in self._batches:
            for event in batch.events:
                found[_name(event)].append(batch.on_refused)
        return {name: iter(told) for name, told in found.items()}


def _name(event: Event) -> EventName:
    return event.contact, event.id, event.place


def _together(group: Sequence[_Offer]) -> tuple[Batch, Callable[[], list[int]]]:
    """What several senders pushed as one batch; once that is stored, the function says how many of each one's were known."""
    known: Counter[EventName] = Counter()
    batches = [offer.batch for offer in group]
    if len(batches) == 1:
        return replace(batches[0], on_stored=known.update), lambda: [known.total()]
    newest = max((batch.newest_outbound for batch in batches if batch.newest_outbound is not None), default=None)
    batch = replace(
        batches[-1],
        events=[event for batch in batches for event in batch.events],
        cursor=next((batch.cursor for batch in reversed(batches) if batch.cursor is not None), None),
        watermark=max((batch.watermark for batch in batches if batch.watermark is not None), default=None),
        rejected=[rejected for batch in batches for rejected in batch.rejected],
        newest_outbound=newest,
        on_stored=known.update,
        on_refused=_Refusals(batches) if any(batch.on_refused is not None for batch in batches) else None,
    )

    def told() -> list[int]:
        repeated = []
        for each in reversed(batches):  # of an event that two of them brought, the first was new
            names = Counter(map(_name, each.events)) & known
            known.subtract(names)
            repeated.append(names.total())
        return repeated[::-1]

    return batch, told
