"""How sources learn of each other's news about a customer, each in a transaction of its own.

A source's rows are written by its own transactions alone. News are written with the batch that brings them, and with a number
(`Unit.put_told`); whether they concern another source is asked afterwards, and only if they do, a transaction of its own takes
them up. What could not be passed on, because the process ended or because another one reads the other source, is caught up with
by number: at the start, and whenever another process has written. No news are lost, and none counts twice, for a contact that
knows of them learns nothing new.
"""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from itertools import islice
from typing import Final, ParamSpec, Protocol, TypeVar

from monitor.clock import Clock
from monitor.domain.event import to_micros
from monitor.engine.ingest import Ingest
from monitor.engine.transaction import IngestResult
from monitor.store.base import Store, ToldNews

P = ParamSpec("P")
T = TypeVar("T")

#: Microseconds by which a transaction of another process may become visible after one with a later number: its own length, and
#: the difference of the clocks.
_OVERLAP: Final = 5 * 60 * 1_000_000
#: How far what is kept of what a source has heard may be behind.
_KEPT_EVERY: Final = 10 * 60 * 1_000_000
_AT_ONCE: Final = 200


class Ask(Protocol):
    """Asks the store, on behalf of a source, until it answers."""

    def __call__(self, source: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]: ...


class Exchange:
    """Passes news on to the sources that are ours; those of other processes catch up there."""

    def __init__(
        self, store: Store, ingest: Ingest, clock: Clock, ask: Ask, committed: Callable[[str, IngestResult], None],
        ours: Collection[str],
    ) -> None:  # fmt: skip
        self._store, self._ingest, self._clock = store, ingest, clock
        self._ask, self._committed, self._ours = ask, committed, ours
        self._heard: dict[str, int] = {}  # up to where each source has heard of all
        self._kept: dict[str, int] = {}  # the same as it is stored
        self._recent: dict[str, set[tuple[str, int]]] = {}  # what was told after that, less the overlap, and it has heard of
        self._passing = 0  # news that are being passed on

    async def pass_on(self, source: str, since: Mapping[str, int]) -> None:
        """What `source` has told of these customers (all their names), once that is stored; and what others learn by it."""
        if not since or len(self._ours) < 2:
            return
        self._passing += 1
        try:
            for other in sorted(await self._ask(source, self._store.concerned, since)):
                if other != source and other in self._ours:
                    await self.pass_on(other, await self._hear(other, since))
        finally:
            self._passing -= 1

    async def catch_up(self, source: str) -> None:
        """What was told by others while nobody could pass it on to `source`."""
        begun = to_micros(self._clock.now())
        recent = self._recent.setdefault(source, set())
        told = self._untold(source)
        while part := await self._ask(source, lambda: list(islice(told, _AT_ONCE))):
            since: dict[str, int] = {}
            for teller, each in part:
                for name, moment in each.since.items() if (teller, each.number) not in recent else ():
                    since[name] = min(moment, since.get(name, moment))
            if since and source in await self._ask(source, self._store.concerned, since):
                await self.pass_on(source, await self._hear(source, since))
            recent.update((teller, each.number) for teller, each in part)
        self._has_heard(source, begun)

    def _untold(self, source: str) -> Iterator[tuple[str, ToldNews]]:
        """What others have told since `source` has heard of all; asked of the store as it is taken."""
        if source not in self._heard:
            self._heard[source] = self._store.heard(source)
        yield from self._store.told_after(self._heard[source] - _OVERLAP, source)

    def to_keep(self) -> dict[str, int]:
        """Up to where sources have heard of all that was told, where that is to be kept now: so the next start need not go far
        back."""
        now = to_micros(self._clock.now())
        if self._passing:
            return {}
        return {source: now for source in self._heard if now - self._kept.setdefault(source, now) > _KEPT_EVERY}

    def have_kept(self, source: str, number: int) -> None:
        """It is kept that `source` has heard of all up to here."""
        self._kept[source] = number
        self._has_heard(source, number)

    def _has_heard(self, source: str, number: int) -> None:
        self._heard[source] = number
        self._recent[source] = {each for each in self._recent.get(source, ()) if each[1] > number - _OVERLAP}

    async def _hear(self, source: str, since: Mapping[str, int]) -> dict[str, int]:
        """What is new of customers by what `source` has learned."""
        result = await self._ask(source, self._ingest.hear, source, since, now=self._clock.now())
        self._committed(source, result)
        return result.news
