"""Judges running waits anew after their limits have changed: chunk by chunk, others in between, so that nobody waits for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from monitor.connector import Batch
from monitor.domain.event import EPOCH
from monitor.engine.coordinator import Coordinator
from monitor.engine.ingest import SWEEP_CHUNK, Ingest
from monitor.errors import StoreUnavailable
from monitor.store.base import ContactKey, Store

#: Under this key a source's state holds what its running waits were last judged by.
LIMITS = "engine:limits"


def judged_by(store: Store, source: str, limits: str) -> dict[str, str | None]:
    """What to write of a source before contacts are judged by `limits` beside a daemon, which may know others.

    Where nothing ran before, all that runs is judged by them. Where something was judged by others, a daemon judges it anew.
    """
    found = store.read_state(source, [LIMITS]).get(LIMITS)
    if found is None:
        return {} if any(True for _ in store.running(source)) else {LIMITS: limits}
    return {} if found == limits else {LIMITS: None}


@dataclass(slots=True)
class _Rest:
    """What is left to judge of one source, and up to when its absence is judged."""

    keys: Iterator[ContactKey]
    evaluation_time: datetime


class Adoption:
    """Brings the running waits of every source under the present limits. What is over stays as it was judged."""

    def __init__(self, coordinator: Coordinator, ingest: Ingest, limits: str) -> None:
        """`limits` names everything that decides when a limit falls."""
        self._coordinator = coordinator
        self._ingest = ingest
        self._limits = limits
        self._begun: dict[str, _Rest] = {}
        self._adopted: set[str] = set()

    async def go_on(self, chunks: int | None = None) -> None:
        """Judges at most so many chunks of each source that is not done; None: all. Raises StoreUnavailable, then a call goes on.

        A source that is in hand since the start is left for the next call: its batch may hold the very answers whose
        absence would be judged.
        """
        for source in [name for name in self._coordinator.live_state.sources if name not in self._adopted]:
            rest = self._begun.get(source) or await self._begin(source)
            if rest is not None and await self._judge(source, rest, chunks):
                await self._finish(source)

    async def _begin(self, source: str) -> _Rest | None:
        """What is to judge; None: nothing, or it cannot be said yet up to when the source has been seen."""
        coordinator = self._coordinator
        stored = await coordinator.call(coordinator.store.read_state, source, [LIMITS])
        if stored.get(LIMITS) == self._limits:
            self._adopted.add(source)
            return None
        seen = coordinator.seen_until(source)
        if seen is None and coordinator.is_in_hand(source):
            return None
        keys = coordinator.live_state.running_waits.contacts(source)
        rest = self._begun[source] = _Rest(iter(keys), seen or EPOCH)
        return rest

    async def _judge(self, source: str, rest: _Rest, chunks: int | None) -> bool:
        """Whether all is judged."""
        coordinator = self._coordinator
        while chunks is None or chunks > 0:
            keys = list(islice(rest.keys, SWEEP_CHUNK))
            if not keys:
                return True
            try:
                result = await coordinator.call(
                    self._ingest.rejudge, source, keys, rest.evaluation_time, now=coordinator.clock.now()
                )
            except StoreUnavailable:
                del self._begun[source]  # from the beginning, next time
                raise
            coordinator.committed(source, result)
            chunks = None if chunks is None else chunks - 1
        return False

    async def _finish(self, source: str) -> None:
        """Writes that all is judged by the present limits."""
        coordinator = self._coordinator
        status, now = coordinator.live_state.sources[source], coordinator.clock.now()
        judged = Batch(state={LIMITS: self._limits})
        await coordinator.call(
            self._ingest.batch, source, status.kind, judged, coordinator.cursor(source), EPOCH, None, now=now
        )  # fmt: skip
        self._adopted.add(source)
        del self._begun[source]
