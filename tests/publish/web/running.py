"""A real daemon behind the pages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from monitor.clock import Clock
from monitor.config.loading import build
from monitor.daemon.app import Daemon


@asynccontextmanager
async def running(raw: dict[str, Any], clock: Clock) -> AsyncIterator[Daemon]:
    """One of this configuration, until nobody needs it any more."""
    daemon = Daemon(lambda: build(raw), clock)
    await daemon.open()
    task = asyncio.create_task(daemon.run())
    yield daemon
    daemon.stop()
    await task
