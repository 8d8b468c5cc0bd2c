"""One source's life: read, store, pause; what each kind of error means; a log line when its state changes.

read from where it was left -> each batch into the store -> the end of the pass -> pause -> again
"""

import random
from collections.abc import AsyncGenerator

from monitor import log
from monitor.clock import Clock
from monitor.connector import Batch, Connector
from monitor.domain.durations import format_duration
from monitor.engine import schedule
from monitor.engine.coordinator import Coordinator
from monitor.engine.live_state import SourceStatus
from monitor.errors import ConfigError, CursorMoved, SourceError, SourceSilent, StoreBroken, StoreUnavailable, TransientError


class Runner:
    """Dresses a connector with schedule, meaning of errors, log and metrics."""

    def __init__(
        self, status: SourceStatus, connector: Connector, coordinator: Coordinator, clock: Clock, seed: int | None = None
    ) -> None:
        self._status = status
        self._connector = connector
        self._coordinator = coordinator
        self._clock = clock
        self._random = random.Random(seed)  # noqa: S311  # spreads polls, hides nothing
        self._log = log.get("source").bind(source=status.name, kind=status.kind)
        self._failures = 0

    async def run(self) -> None:
        """Goes on until cancelled. Whatever it does not catch is a bug of ours and ends the process."""
        status = self._status
        while True:
            started = self._clock.monotonic()
            pause: float | None
            self._count("source_polls_total")
            try:
                await self._read()
            except CursorMoved:
                pause = self._random.random()  # another process has read on: begin again from where it is now
            except (SourceError, ConfigError) as error:
                self._failed(error)
                longest = schedule.MAX_LIVE_PAUSE if status.live else schedule.MAX_PAUSE
                pause = schedule.pause_after_failure(error, self._failures, self._random.random(), longest)
            else:
                took = self._clock.monotonic() - started
                self._worked()
                status.poll_duration = took
                pause = schedule.pause_after_success(status.poll_every, took, self._random.random())
                behind = self._coordinator.seconds_to_limit(status.name)
                pause = schedule.pause_before_limit(pause, status.poll_every, None if behind is None else behind - took)
            if self._coordinator.read_ended(status.name):
                status.connected = False  # in the middle of what it had to tell: nothing more is complete than before
            if status.connected:  # what was complete until now stays so
                status.connected, status.watermark = False, status.evaluation_time(self._clock.now())
            if status.live or not status.up:  # who is there now is known no longer
                status.agents = None
            status.tried = True
            self._coordinator.live_state.changes.record()
            if pause is None:
                self._log.error("this source is parked until the configuration is reloaded")
                pause = float("inf")
            await self._clock.sleep(pause)

    async def _read(self) -> None:
        status = self._status
        batches = self._connector.read(self._coordinator.cursor(status.name).cursor)
        try:
            while (batch := await self._next(batches)) is not None:
                await self._coordinator.store_batch(status.name, batch)
                if status.live:
                    self._worked()
        finally:
            await batches.aclose()

    async def _next(self, batches: AsyncGenerator[Batch, None]) -> Batch | None:
        try:
            return await anext(batches, None)
        except (SourceError, ConfigError, StoreBroken):
            raise
        except StoreUnavailable as error:  # it read its state
            raise TransientError(str(error), reason="store") from error
        except Exception as error:
            # the one broad catch: a connector that stumbles over what a foreign system sent must not end the others
            self._log.exception("a bug of ours in this connector; please report it")
            raise SourceError(f"internal error: {type(error).__name__}") from error

    def _worked(self) -> None:
        status, now = self._status, self._clock.now()
        if status.up is not True:
            if status.up is False and status.since is not None:
                self._log.info("works again", after=format_duration((now - status.since).total_seconds()))
            else:
                self._log.info("works")
            status.up, status.since, status.trouble, status.to_do = True, now, None, ""
            self._coordinator.live_state.changes.record()
        status.tried = True
        status.last_success = now
        self._failures = 0

    def _failed(self, error: SourceError | ConfigError) -> None:
        status = self._status
        self._failures += 1
        reason = error.reason if isinstance(error, SourceError) else "config"
        self._count("source_poll_failures_total", reason)
        trouble = str(error)
        if status.up is not False:
            self._log.error("does not work", reason=reason, error=trouble)
            status.since = self._clock.now()
        elif trouble != status.trouble:
            self._log.error("still does not work", reason=reason, error=trouble)
        status.up, status.trouble, status.to_do = False, trouble, error.to_do if isinstance(error, SourceError) else ""
        if isinstance(error, SourceSilent) and status.connected:  # it was taken to be well since then
            status.connected, status.watermark = False, error.heard

    def _count(self, metric: str, *labels: str) -> None:
        self._coordinator.live_state.count(self._status.name, metric, self._status.name, self._status.kind, *labels)
