"""A clock that moves only when a test says so."""

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final

#: How often every runnable task gets its turn before time moves on; a chain of that many awaits is quiet by then.
_TURNS: Final = 40


class FakeClock:
    """A `Clock` that moves only when told to; whoever sleeps wakes in the order of the moments, each at its own."""

    def __init__(self, start: datetime = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)) -> None:
        self._start = start
        self._elapsed = 0.0  # seconds since `start`
        self._order = count()  # who lay down first wakes first at the same moment
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        """Pause until the clock was advanced by `seconds`; zero or less only gives the others a turn."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waker: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), waker))
        await waker

    @property
    def sleeping(self) -> int:
        """How many tasks wait for this clock."""
        return sum(not waker.done() for _, _, waker in self._sleepers)

    async def advance(self, seconds: float) -> None:
        """Move on by `seconds`, stopping at each moment somebody sleeps until, so that it sees its own moment.

        Tasks that wait for a socket or a thread are not known here: await their effect instead.
        """
        target = self._elapsed + seconds
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= target:
            moment, _, waker = heapq.heappop(self._sleepers)
            if waker.done():  # its task was cancelled
                continue
            self._elapsed = max(self._elapsed, moment)
            waker.set_result(None)
            await self.settle()
        self._elapsed = max(self._elapsed, target)
        await self.settle()

    async def settle(self) -> None:
        """Let every task run until all of them wait for something else."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)
