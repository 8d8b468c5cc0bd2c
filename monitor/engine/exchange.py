"""How sources learn of each other's news about a customer, each in a transaction of its own.

A source's rows are written by its own transactions alone. News are written with the batch that brings them; whether another
source has something open for that customer is asked afterwards, and only if it has, a transaction of its own takes them up.
What was not passed on because the process ended is taken up at the next start: no news are lost, and none counts twice, for a
contact that knows of them learns nothing new.
"""

from collections.abc import Awaitable, Callable, Collection
from typing import ParamSpec, Protocol, TypeVar

from monitor.clock import Clock
from monitor.engine.ingest import SWEEP_CHUNK, Ingest
from monitor.engine.transaction import IngestResult
from monitor.store.base import Store

P = ParamSpec("P")
T = TypeVar("T")


class Ask(Protocol):
    """Asks the store, on behalf of a source, until it answers."""

    def __call__(self, source: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]: ...


class Exchange:
    """Passes news on to the sources that are ours; those of other processes take them up there."""

    def __init__(
        self, store: Store, ingest: Ingest, clock: Clock, ask: Ask, committed: Callable[[str, IngestResult], None],
        ours: Collection[str],
    ) -> None:  # fmt: skip
        self._store, self._ingest, self._clock = store, ingest, clock
        self._ask, self._committed, self._ours = ask, committed, ours

    async def pass_on(self, source: str, customers: Collection[str]) -> None:
        """What `source` has told of these customers (all their names), once that is stored."""
        if not customers or len(self._ours) < 2:
            return
        for other in sorted(await self._ask(source, self._store.owing, customers)):
            if other != source and other in self._ours:
                result = await self._ask(other, self._ingest.take_up, other, customers, now=self._clock.now())
                self._committed(other, result)

    async def take_up(self, source: str) -> None:
        """What was told while nobody could pass it on to `source`."""
        owed = await self._ask(source, self._store.all_owed, source)
        for start in range(0, len(owed), SWEEP_CHUNK):
            keys = owed[start : start + SWEEP_CHUNK]
            result = await self._ask(source, self._ingest.take_up_all, source, keys, now=self._clock.now())
            self._committed(source, result)
