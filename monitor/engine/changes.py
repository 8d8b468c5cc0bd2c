"""What is shown can be waited for: a number that counts changes, and a wait until it has moved on."""

import asyncio

from monitor.clock import Clock, sleep_unless


class Changes:
    """Counts what changes: a commit, a source's state, a reload. Belongs to the event loop's thread.

    One object serves all generations of a daemon, so that nobody waits on one that a reload has replaced.
    """

    def __init__(self) -> None:
        self.version = 0
        self._next = asyncio.Event()

    def record(self) -> None:
        """Something that is shown has changed: everybody who waits goes on."""
        self.version += 1
        # A new event for those who wait from now on. Setting and clearing one would lose whoever had not run in between.
        passed, self._next = self._next, asyncio.Event()
        passed.set()

    async def since(self, version: int) -> int:
        """Returns the present version: at once if it is not `version`, else as soon as something changes.

        Changes that follow each other before the caller runs again are one.
        """
        while self.version == version:
            await self._next.wait()
        return self.version

    async def within(self, seconds: float, version: int, clock: Clock) -> int:
        """The same, for so many seconds at most."""
        if self.version == version:
            await sleep_unless(self._next, clock, seconds)
        return self.version
