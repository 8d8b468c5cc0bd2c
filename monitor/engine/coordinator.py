"""The engine's one way to the store: every transaction runs in the store's thread, its result joins the live_state here."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import ParamSpec, TypeVar

from monitor import log
from monitor.clock import Clock
from monitor.connector import Batch
from monitor.domain.durations import format_duration
from monitor.domain.event import EPOCH, from_micros, to_micros
from monitor.domain.judge import RunningWait
from monitor.domain.ledger import TotalKey
from monitor.engine.evaluation import read_running
from monitor.engine.ingest import SWEEP_CHUNK, Ingest, IngestResult, is_empty
from monitor.engine.live_state import LiveState, SourceStatus
from monitor.errors import CursorMoved, StoreUnavailable
from monitor.store.base import NO_CURSOR, ContactKey, CursorRow, Store

P = ParamSpec("P")
T = TypeVar("T")

#: Under this name a source's notes hold what its running waits were last judged by.
LIMITS = "engine:limits"
#: Pauses in seconds between tries when the store does not take a write.
STORE_PAUSES = (0.1, 0.3, 1.0, 3.0, 5.0)
#: Contact points show this many calendar weeks besides the running one (contract section 5).
WEEKS_SHOWN = 13


class Coordinator:
    """Owns the store's thread, the cursors and the deadlines of the sources that are ours."""

    def __init__(self, store: Store, ingest: Ingest, live_state: LiveState, clock: Clock) -> None:
        self.store = store
        self.live_state = live_state
        self.clock = clock
        self._ingest = ingest
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._rows: dict[str, CursorRow] = {}
        self._generation = 0
        self._deadlines: dict[str, int | None] = {}
        self._in_hand: set[str] = set()  # sources whose last batch is not stored yet: absence cannot be judged there
        self._limits = ""
        self._adopted: set[str] = set()  # sources whose running waits are judged by the present limits
        self.woken = asyncio.Event()  # something happened that may bring a deadline forward

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs something in the store's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: function(*args, **kwargs))

    async def start(self, sources: Iterable[SourceStatus], first_week: str, limits: str) -> None:
        """Restores totals, weeks, running waits and cursors. Raises StoreBroken or StoreUnavailable.

        `limits` tells apart what running waits are judged by; see `adopt_limits`.
        """
        self._first_week = first_week
        self._limits = limits
        for status in sources:
            self.live_state.sources[status.name] = status
        await self._reload()
        await self.adopt_limits()

    async def adopt_limits(self) -> None:
        """Judges running waits anew where they were last judged under other limits; tried again while the store is busy.

        What is over stays as it was judged: counters only grow.
        """
        for source in [name for name in self.live_state.sources if name not in self._adopted]:
            if source in self._in_hand:  # its batch may hold the very answers whose absence would be judged
                continue
            try:
                await self._adopt(source)
            except (StoreUnavailable, CursorMoved):
                return
            self._adopted.add(source)

    async def _adopt(self, source: str) -> None:
        status = self.live_state.sources[source]
        noted = await self.call(self.store.read_state, source, [LIMITS])
        if noted.get(LIMITS) == self._limits:
            return
        evaluation_time = status.evaluation_time(self.clock.now()) or EPOCH
        keys = iter([(row.contact, row.contact_point) for row in await self.call(list, self.store.running(source))])
        while chunk := list(islice(keys, SWEEP_CHUNK)):
            self._committed(source, await self.call(self._ingest.rejudge, source, chunk, evaluation_time))
        note, now = Batch(state={LIMITS: self._limits}), self.clock.now()
        await self.call(self._ingest.batch, source, status.kind, note, self.cursor(source), evaluation_time, None, now=now)

    async def _reload(self) -> None:
        """Reads everything anew: at the start, and when another process has written beside us."""
        generation = await self.call(self.store.generation)
        self.live_state.totals = await self.call(self.store.totals)
        self.live_state.weeks = await self.call(self.store.weeks, self._first_week)
        for name, status in self.live_state.sources.items():
            row = await self.call(self.store.cursor_row, name)
            self._take_row(name, row)
            if status.watermark is None and row.watermark is not None:
                status.watermark = from_micros(row.watermark)
            if status.last_outbound is None and row.last_outbound is not None:
                status.last_outbound = from_micros(row.last_outbound)
            self.live_state.directory.restore(name, await self.call(self.store.places, name))
            self._deadlines[name] = await self.call(self.store.next_deadline, name)
            found = await self.call(self._running, name)
            self.live_state.running_waits.forget(
                name
            )  # no pause between this and the next lines: nobody may see an empty running_waits
            for key, channel, running in found:
                self.live_state.running_waits.replace(name, key, channel, running)
        self.live_state.store_size = await self.call(self.store.size_bytes)
        self._generation = generation
        self.woken.set()

    def _take_row(self, source: str, row: CursorRow) -> bool:
        """Takes over a cursor that others have moved, if only the watermark moved (an `import`).

        Where the cursor moved too, what our connector reads now began somewhere else: its next batch must fail.
        """
        have = self._rows.setdefault(source, row)
        if have.cursor != row.cursor:
            return False
        self._rows[source] = row
        return True

    def _running(self, source: str) -> list[tuple[ContactKey, str, tuple[RunningWait, ...]]]:
        return [((row.contact, row.contact_point), row.channel, tuple(read_running(row))) for row in self.store.running(source)]

    async def follow_others(self) -> None:
        """Takes up what an `import` beside us has written."""
        if await self.call(self.store.generation) != self._generation:
            await self._reload()

    def cursor(self, source: str) -> CursorRow:
        """Where a source was left."""
        return self._rows.get(source, NO_CURSOR)

    async def take(self, source: str, batch: Batch) -> None:
        """Stores a batch, trying again for as long as the store does not take it. Raises CursorMoved.

        What the batch says of the watermark holds once it is stored, not before: its events may be the very answers
        whose absence would be judged.
        """
        status = self.live_state.sources[source]
        if is_empty(batch):
            self._note(status, batch, self.clock.now())
            self.woken.set()
            return
        handed_over = self.clock.now()
        after = replace(status)
        self._note(after, batch, handed_over)
        evaluation_time = after.evaluation_time(handed_over) or EPOCH  # never seen completely: no absence can be judged yet
        complete = evaluation_time if after.connected else batch.watermark
        self._in_hand.add(source)
        refused = 0
        while True:
            pending: dict[TotalKey, float] = self.live_state.pending.pop(source, {})
            try:
                result = await self.call(
                    self._ingest.batch, source, status.kind, batch, self.cursor(source), evaluation_time, complete, pending,
                    now=self.clock.now(),
                )  # fmt: skip
            except StoreUnavailable as error:
                self._put_back(source, pending)
                await self._wait_for_store(source, refused, error)
                refused += 1
            except CursorMoved:
                self._put_back(source, pending)
                row = await self._read_cursor(source)
                if not self._take_row(source, row):
                    self._rows[source] = row
                    self._in_hand.discard(source)
                    self.woken.set()
                    raise
            else:
                break
        if refused:
            log.get("store").info("store takes writes again", source=source, refused=refused)
        self._note(status, batch, handed_over)
        self._in_hand.discard(source)
        self._committed(source, result)
        if batch.on_stored is not None:
            batch.on_stored(result.repeated)
        if batch.gap is not None:
            length = format_duration((batch.gap.until - batch.gap.since).total_seconds())
            span = {"since": batch.gap.since.isoformat(), "until": batch.gap.until.isoformat()}
            log.get("source").warning(
                "a gap nothing can fill: what happened then stays unknown", source=source, length=length, **span
            )
        self.woken.set()  # a sweep passes over what is in hand, and the evaluation_time may have moved: limits may have passed

    async def _read_cursor(self, source: str) -> CursorRow:
        """The cursor as it is now, asked for until the store tells."""
        refused = 0
        while True:
            try:
                return await self.call(self.store.cursor_row, source)
            except StoreUnavailable as error:
                await self._wait_for_store(source, refused, error)
                refused += 1

    async def _wait_for_store(self, source: str, refused: int, error: StoreUnavailable) -> None:
        self.live_state.count(source, "store_write_failures_total")
        if refused == 0:
            log.get("store").error("store does not take writes, trying again", source=source, error=str(error))
        await self.clock.sleep(STORE_PAUSES[min(refused, len(STORE_PAUSES) - 1)])

    def _note(self, status: SourceStatus, batch: Batch, now: datetime) -> None:
        """What a batch says of its source."""
        if batch.live_lag is not None:
            status.connected, status.lag = True, batch.live_lag
            status.watermark = now - batch.live_lag
            status.last_success = now
        if batch.watermark is not None:
            status.connected = False
            status.watermark = max(batch.watermark, status.watermark or batch.watermark)
        if batch.newest_outbound is not None:
            status.last_outbound = max(batch.newest_outbound, status.last_outbound or batch.newest_outbound)
        if batch.clock_offset is not None:
            status.clock_offset = batch.clock_offset

    def _put_back(self, source: str, pending: dict[TotalKey, float]) -> None:
        for key, value in pending.items():
            self.live_state.pending[source][key] += value

    def _committed(self, source: str, result: IngestResult) -> None:
        self.live_state.committed(source, result)
        if result.source is not None:
            self._rows[source] = result.source
        if result.deadline is not None:
            have = self._deadlines.get(source)
            if have is None or result.deadline < have:
                self._deadlines[source] = result.deadline
                self.woken.set()

    async def flush(self, *, final: bool = False) -> None:
        """Writes operational counters and, at the end, watermarks that no batch has carried yet."""
        for source, status in self.live_state.sources.items():
            pending: dict[TotalKey, float] = self.live_state.pending.pop(source, {})
            watermark = status.evaluation_time(self.clock.now()) if final and source not in self._in_hand else None
            if not pending and watermark is None:
                continue
            try:
                now = self.clock.now()
                if final:  # what was under way when everything stopped may have been stored without our hearing of it
                    self._rows[source] = await self.call(self.store.cursor_row, source)
                row = self.cursor(source)
                result = await self.call(
                    self._ingest.batch, source, status.kind, Batch(), row, now, watermark, dict(pending), now=now
                )
            except (StoreUnavailable, CursorMoved):
                self._put_back(source, pending)
                continue
            self.live_state.committed(source, result)
            if result.source is not None:
                self._rows[source] = result.source
        self.live_state.store_size = await self.call(self.store.size_bytes)

    async def sweep(self) -> float | None:
        """Looks at every contact whose limit has passed up to its source's evaluation_time.

        Returns the seconds until the next limit can fall; None when only news can bring one.
        """
        self.woken.clear()
        next_in: float | None = None
        for source, status in self.live_state.sources.items():
            try:
                await self._sweep(source, status)
            except StoreUnavailable:
                self.live_state.count(source, "store_write_failures_total")
                return STORE_PAUSES[2]
            deadline = self._deadlines.get(source)
            if status.connected and deadline is not None and source not in self._in_hand:
                wait = (from_micros(deadline) + status.lag - self.clock.now()).total_seconds()
                next_in = wait if next_in is None else min(next_in, wait)
        return None if next_in is None else max(0.0, next_in)

    async def _sweep(self, source: str, status: SourceStatus) -> None:
        evaluation_time = status.evaluation_time(self.clock.now())
        while evaluation_time is not None and source not in self._in_hand:
            deadline = self._deadlines.get(source)
            if deadline is None or deadline > to_micros(evaluation_time):
                break
            result = await self.call(self._ingest.sweep, source, evaluation_time)
            self._committed(source, result)
            self.live_state.count_delays(source, result.fallen, self.clock.now())
            if result.swept == 0 or result.deadline is None or result.deadline > deadline:
                self._deadlines[source] = await self.call(self.store.next_deadline, source)

    async def prune(self, before: datetime) -> int:
        """Drops what is older than the retention allows; counters and weeks stay."""
        return await self.call(self.store.prune, to_micros(before))

    def release(self) -> None:
        """Ends the store's thread; the store itself stays open."""
        self._thread.shutdown()
