"""The daemon's long-lived tasks: named, watched, ended together. A child that returns is an error."""

from collections.abc import Callable, Collection, Coroutine
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from monitor import log
from monitor.clock import Clock, sleep_unless
from monitor.engine.adoption import Adoption
from monitor.engine.coordinator import Coordinator
from monitor.errors import StoreUnavailable

#: Seconds between two writes of operational counters, so that an empty poll writes nothing by itself.
FLUSH_EVERY = 5.0
#: Who sleeps so many seconds longer than asked has stood still; and how long it then takes in what has arrived.
STOOD_STILL = 1.0
TAKE_IN = 1.0
#: Pruning takes this part of the store's time: about 1,500 contacts a second (benchmarks/retention.py).
PRUNE_SHARE = 0.1


class ChildEnded(Exception):
    """A task that should live as long as the daemon has returned: a bug of ours."""


async def forever(name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs a child that must not return."""
    await work()
    raise ChildEnded(name)


async def sweep(coordinator: Coordinator, clock: Clock) -> None:
    """Counts a breach at the moment its limit passes: sleeps until the next limit, or until `woken`.

    A process that stood still (SIGSTOP, a sleeping machine) first takes in what was pushed to it meanwhile.
    """
    while True:
        pause = await coordinator.sweep()
        begun = clock.monotonic()
        await sleep_unless(coordinator.woken, clock, 3600.0 if pause is None else pause)
        if pause is not None and clock.monotonic() - begun > pause + STOOD_STILL:
            await clock.sleep(TAKE_IN)


async def prune(coordinator: Coordinator, clock: Clock, retention: timedelta) -> None:
    """Deletes once a day what is older than the retention, at a pace at which nobody notices."""
    while True:
        try:
            gone = await _prune(coordinator, clock, clock.now() - retention)
        except StoreUnavailable as error:
            log.get("store").error("could not prune old contacts, trying again in an hour", error=str(error))
            await clock.sleep(3600.0)
        else:
            if gone:
                log.get("store").info("pruned old contacts", contacts=gone)
            await clock.sleep(86400.0)


async def _prune(coordinator: Coordinator, clock: Clock, before: datetime) -> int:
    """After each step a pause in which the store belongs to the others, the longer the more it had to do."""
    gone, begun = 0, clock.monotonic()
    async for step in coordinator.prune(before):
        gone += step
        await clock.sleep((clock.monotonic() - begun) * (1 / PRUNE_SHARE - 1))
        begun = clock.monotonic()
    return gone


async def flush(coordinator: Coordinator, clock: Clock) -> None:
    """Writes operational counters every few seconds, restores what another process has written."""
    while True:
        await clock.sleep(FLUSH_EVERY)
        with suppress(StoreUnavailable):  # logged by whoever has something to write; the next round comes soon
            await coordinator.follow_others()
            await coordinator.flush()


async def hold(coordinator: Coordinator, clock: Clock, sources: Collection[str]) -> None:
    """Stays the only daemon that reads these sources: a lock may be lost with its connection. Raises StoreHeld."""
    while True:
        with suppress(StoreUnavailable):
            await coordinator.call(coordinator.store.hold, sources)
        await clock.sleep(FLUSH_EVERY)


async def adopt(adoption: Adoption, clock: Clock) -> None:
    """Brings running waits under limits that have changed, trying again where that was not possible yet."""
    while True:
        with suppress(StoreUnavailable):
            await adoption.go_on()
        await clock.sleep(FLUSH_EVERY)
