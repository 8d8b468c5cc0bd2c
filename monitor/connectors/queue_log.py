"""Source type `queue_log`: the log of Asterisk's queues, where AMI is not to be had. Whole seconds, no holds.

open the file at the cursor -> lines -> what they say about calls -> a batch
"""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from monitor.connector import Batch, Context, Cursor, Finding, Gap, Rejected, Seconds, SourceSettings
from monitor.connectors._asterisk.calls import STATE_PREFIX, Calls
from monitor.connectors._asterisk.log_archive import ARCHIVE
from monitor.connectors._asterisk.log_calls import LogCalls
from monitor.connectors._asterisk.queue_log import DAY, EXTENSION_PLACE, QUEUE_PLACE, parse
from monitor.connectors._asterisk.tail import LogTailer, inspect_log
from monitor.domain.event import from_micros, to_micros
from monitor.errors import TransientError

#: All its contacts are calls, so the metrics of its contact points exist from the start.
CHANNEL: Final = "phone"
PLACES: Final = (QUEUE_PLACE, EXTENSION_PLACE)
ARCHIVES: Final = (ARCHIVE,)
#: Asterisk may still write the present second when we read.
_SETTLED: Final = timedelta(seconds=1)
#: A rotation renames the file first and makes a new one then.
_ROTATION_TRIES: Final = 3
_ROTATION_PAUSE: Final = 0.1


class Settings(SourceSettings):
    """Keys of a `queue_log` source."""

    type: Literal["queue_log"]
    path: Path = Field(description="The file, e.g. /var/log/asterisk/queue_log. Rotated files beside it are read on.")
    timezone: str | None = Field(None, description="Not needed: the file counts seconds since 1970.")
    poll_every: Seconds = Field(timedelta(seconds=1), description="Pause between two looks at the file.")


class QueueLog:
    """Follows one file."""

    live = False

    def __init__(self, settings: Settings, context: Context) -> None:
        self._path = settings.path
        self._context = context
        self._complete_at = 0  # all that was written until then has been read by this process
        self._reached: tuple[Cursor, Calls, LogCalls] | None = None  # the last read ended here, and all of it is stored

    async def read(self, cursor: Cursor | None) -> AsyncGenerator[Batch, None]:
        """Everything since `cursor`; the first time from the beginning of the present file."""
        known = cursor or {}
        tailer = LogTailer(self._path, known.get("file"))
        calls, log = await self._calls_at(known)
        at_end = False
        try:
            while not at_end:
                before = tailer.cursor()
                read_at = self._context.clock.now()
                lines, at_end = await self._lines(tailer)
                since = max(log.newest, self._complete_at)
                gap = None
                if tailer.broken and log.newest:
                    log.missed_lines()
                    tailer.broken = False
                    gap = Gap(from_micros(since), max(from_micros(since), _first(lines) or read_at))
                rejected = _apply(lines, log, to_micros(read_at) + DAY)
                if at_end:
                    log.settle(to_micros(read_at))
                    self._complete_at = to_micros(read_at - _SETTLED)
                moved = tailer.cursor() != before or tailer.cursor() != known.get("file")
                moved_to = {"file": tailer.cursor(), "newest": log.newest, "log": log.memory()} if moved else None
                known = moved_to or known
                yield Batch(
                    calls.drain_events(), moved_to, _watermark(log, read_at if at_end else None), rejected=rejected, gap=gap,
                    state=calls.drain_state(),
                )  # fmt: skip
            self._reached = known, calls, log
        finally:
            tailer.close()

    async def check(self) -> AsyncGenerator[Finding, None]:
        """Whether the file can be read and looks like a queue_log."""
        yield await asyncio.to_thread(inspect_log, self._path)

    async def _calls_at(self, known: Cursor) -> tuple[Calls, LogCalls]:
        """As the last read left them; from the store where that was cut short, or another process has read on."""
        reached, self._reached = self._reached, None
        if reached is not None and reached[0] == known:
            return reached[1:]
        calls = Calls(self._context.hash_customer)
        calls.restore(await self._context.state.prefix(STATE_PREFIX))
        log = LogCalls(calls, alone=True, memory=known.get("log"), places=self._context.places)
        log.newest = int(known.get("newest", 0))
        return calls, log

    async def _lines(self, tailer: LogTailer) -> tuple[list[bytes | Rejected], bool]:
        for _ in range(_ROTATION_TRIES):
            try:
                return await asyncio.to_thread(tailer.read)
            except FileNotFoundError:
                await self._context.clock.sleep(_ROTATION_PAUSE)
            except OSError as error:
                raise TransientError(f"cannot read {self._path}: {error.strerror}; look at its owner and mode") from error
        raise TransientError(f"{self._path} does not exist; look at `path` and at queue_log in Asterisk's logger.conf")


def _apply(lines: list[bytes | Rejected], log: LogCalls, latest: int) -> list[Rejected]:
    rejected = []
    for raw in lines:
        line = parse(raw, latest=latest) if isinstance(raw, bytes) else raw
        if isinstance(line, Rejected):
            rejected.append(line)
        else:
            log.apply(line)
    return rejected


def _first(lines: list[bytes | Rejected]) -> datetime | None:
    parsed = (parse(raw) for raw in lines if isinstance(raw, bytes))
    return next((from_micros(line.at) for line in parsed if not isinstance(line, Rejected)), None)


def _watermark(log: LogCalls, read_to_end_at: datetime | None) -> datetime | None:
    """Everything before this moment has been reported."""
    until = read_to_end_at - _SETTLED if read_to_end_at is not None else from_micros(log.newest) if log.newest else None
    held_back = log.held_back()
    return min(until, from_micros(held_back)) if until is not None and held_back is not None else until


def connect(settings: Settings, context: Context) -> QueueLog:
    """A connector for one file; opens nothing yet."""
    return QueueLog(settings, context)
