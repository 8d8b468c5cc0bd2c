"""The only place that reads the time and sleeps; tests put another clock in its stead."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Aware UTC moments and sleeping, injected wherever time matters."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never run backwards, for time-outs and durations."""

    async def sleep(self, seconds: float) -> None:
        """Pause the calling task."""


async def sleep_unless(event: asyncio.Event, clock: Clock, seconds: float) -> bool:
    """Pauses until the event is set, for so many seconds at most. Returns whether it is set."""
    happened = asyncio.create_task(event.wait(), name="event")
    pause_over = asyncio.create_task(clock.sleep(seconds), name="pause")
    try:
        await asyncio.wait((happened, pause_over), return_when=asyncio.FIRST_COMPLETED)
    finally:
        happened.cancel()
        pause_over.cancel()
    return event.is_set()


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
