"""A connector that plays a script, for tests of whatever reads connectors."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from datetime import datetime

from monitor.clock import Clock
from monitor.connector import Batch, Cursor, Finding


class ScriptedConnector:
    """A connector that does as it was told: each call of `read` plays the next list of steps.

    A step is a Batch to hand over, an Exception to raise, or a moment to wait for on the clock. When the lists are
    used up, or a live one has come to its end without raising, a polled `read` finds nothing and a live one stays
    connected in silence.
    """

    def __init__(self, clock: Clock, *reads: Sequence[Batch | Exception | datetime], live: bool = False) -> None:
        self.live = live
        self.cursors: list[Cursor | None] = []  # what each `read` was called with
        self.open = 0  # reads that go on
        self._clock = clock
        self._reads = list(reads)

    async def read(self, cursor: Cursor | None) -> AsyncGenerator[Batch, None]:
        """Plays the next list of steps."""
        self.cursors.append(cursor)
        self.open += 1
        try:
            for step in self._reads.pop(0) if self._reads else ():
                if isinstance(step, Exception):
                    raise step
                elif isinstance(step, datetime):
                    await self._clock.sleep((step - self._clock.now()).total_seconds())
                else:
                    yield step
            if self.live:
                await self._clock.sleep(float("inf"))
        finally:
            self.open -= 1

    async def check(self) -> AsyncIterator[Finding]:
        """Always well."""
        yield Finding(True, "plays a script")
