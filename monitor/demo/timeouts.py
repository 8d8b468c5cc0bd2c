"""Waiting with a time limit on an injected clock."""

import asyncio
from typing import Any

from monitor.clock import Clock


async def done_within(clock: Clock, future: "asyncio.Future[Any]", seconds: float) -> bool:
    """Wait until `future` is done, at most `seconds`; returns whether it is. Never cancels it."""
    if future.done() or seconds <= 0:
        return future.done()
    timer = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({timer, future}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        timer.cancel()
    return future.done()
