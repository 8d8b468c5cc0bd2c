"""The engine's one way to the store: every transaction runs in the store's thread, its result joins the live state here."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from sys import intern
from typing import ParamSpec, TypeVar

from monitor.clock import Clock
from monitor.connector import Batch, Rejected
from monitor.domain.event import EPOCH, Event, EventName, from_micros, to_micros
from monitor.domain.snapshot import TotalKey
from monitor.engine.days import drop_ended, stored_days
from monitor.engine.evaluation import read_running
from monitor.engine.exchange import Exchange
from monitor.engine.ingest import Ingest, Settled, is_empty
from monitor.engine.known import apart
from monitor.engine.live_state import LiveState, SourceStatus
from monitor.engine.running_waits import SourceWaits
from monitor.engine.source_log import log_gap, log_untold
from monitor.engine.store_health import COUNTERS, LIMITS, Writer, batches_of
from monitor.engine.transaction import IngestResult
from monitor.errors import CursorMoved, StoreUnavailable
from monitor.store.base import NO_CURSOR, ContactKey, CursorRow, Store

P = ParamSpec("P")
T = TypeVar("T")

#: So many events at once are looked up that speak of contacts of other sources.
LOOK_UP_CHUNK = 20
#: How long before absence can be judged a sign of life is asked for. Less than any lag of a live source behind a link,
#: so that what is asked for is never older than the limit.
PROVE_AHEAD = timedelta(seconds=0.06)
#: Pauses in seconds between tries when the store does not take a write.
STORE_PAUSES = (0.1, 0.3, 1.0, 3.0, 5.0)


def store_thread() -> Executor:
    """One thread named `store`: transactions run one after the other."""
    return ThreadPoolExecutor(1, thread_name_prefix="store")


class Coordinator:
    """Owns the store's thread, the cursors and the deadlines of the sources that are ours."""

    def __init__(
        self, store: Store, ingest: Ingest, live_state: LiveState, clock: Clock, executor: Executor | None = None
    ) -> None:
        """`executor` runs what is asked of the store, one thing at a time; `release` ends it."""
        self.store = store
        self.live_state = live_state
        self.clock = clock
        self._ingest = ingest
        self._executor = executor if executor is not None else store_thread()
        self._rows: dict[str, CursorRow] = {}
        self._generation = 0
        self._deadlines: dict[str, int | None] = {}
        self._in_hand: set[str] = set()  # sources whose last batch is not stored yet: absence cannot be judged there
        self._in_pieces: set[str] = set()  # nor where the last piece of what a source has to tell has not come
        self._whole: dict[str, datetime | None] = {}  # up to when a source had been seen when its last batch was stored
        self._released = False
        self._exchange = Exchange(store, ingest, clock, self._answered, self.committed, live_state.sources)
        self.woken = asyncio.Event()  # something happened that may bring a deadline forward

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs something in the store's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, lambda: function(*args, **kwargs))

    async def start(self, sources: Iterable[SourceStatus], first_week: str) -> None:
        """Restores totals, weeks, running waits and cursors. Raises StoreBroken or StoreUnavailable."""
        self._first_week = first_week
        for status in sources:
            self.live_state.sources[status.name] = status
        await self._restore()

    async def _restore(self) -> None:
        """Reads everything anew: at the start, and when another process has written beside us."""
        generation = await self.call(self.store.generation)
        self.live_state.totals = await self.call(self.store.totals)
        self.live_state.weeks = await self.call(self.store.weeks, self._first_week)
        first = datetime.fromisoformat(self._first_week).replace(tzinfo=UTC) - timedelta(days=1)  # it begins earlier in the east
        self.live_state.unseen.restore(await self.call(self.store.gaps, to_micros(first)))
        for name, status in self.live_state.sources.items():
            row = await self.call(self.store.cursor_row, name)
            self._adopt_row(name, row)
            if status.watermark is None and row.watermark is not None:
                status.watermark = from_micros(row.watermark)
            if status.last_outbound is None and row.last_outbound is not None:
                status.last_outbound = from_micros(row.last_outbound)
            await self.call(self._restore_places, name)
            self._deadlines[name] = await self.call(self.store.next_deadline, name)
            self.live_state.running_waits.restore(name, await self.call(self._running, name))
        self.live_state.days = await self.call(stored_days, self.store, self.live_state.directory, self.clock.now())
        self.live_state.store_size = await self.call(self.store.size_bytes)
        for name in self.live_state.sources:
            await self._exchange.catch_up(name)
        self._generation = generation
        self.live_state.changes.record()
        self.woken.set()

    def _adopt_row(self, source: str, row: CursorRow) -> bool:
        """Goes on from a row that others have written, if only the watermark moved (an `import`). False: it cannot.

        Where the cursor moved too, what our connector reads now began somewhere else: its next batch must fail.
        """
        have = self._rows.setdefault(source, row)
        if have.cursor != row.cursor:
            return False
        self._rows[source] = row
        return True

    def _restore_places(self, source: str) -> None:
        """And names of customers. In the store's thread, where batches discover others: none of theirs comes in between."""
        self.live_state.directory.restore(source, self.store.places(source))
        self._ingest.restore_names(source)

    def _running(self, source: str) -> SourceWaits:
        """Built where it is read: with 100,000 waits that takes a second, in which the event loop serves others."""
        waits = SourceWaits()
        for row in self.store.running(source):
            waits.replace((row.contact, intern(row.contact_point)), row.id, row.channel, read_running(row.running))
        return waits

    async def follow_others(self) -> None:
        """Restores what another process (an `import` beside us) has written. Raises StoreUnavailable."""
        try:
            if await self.call(self.store.generation) != self._generation:
                await self._restore()
        except StoreUnavailable as error:  # an idle daemon learns of it here
            self.live_state.store_health.refused(COUNTERS, error, self.clock.now())
            self.live_state.changes.record()
            raise

    def cursor(self, source: str) -> CursorRow:
        """Where a source was left."""
        return self._rows.get(source, NO_CURSOR)

    async def store_batch(self, source: str, batch: Batch) -> None:
        """Stores a batch, trying again for as long as the store is unavailable. Raises CursorMoved.

        1. An empty batch only moves the watermark in memory; it is written with the next one.
        2. The batch is judged at the moment it came in, however long the store needs. What it says of the watermark
           holds once it is stored, not before: its events may be the very answers whose absence would be judged.
           Until then the source is *in hand*, and no sweep passes over it; of several pieces, until the last is stored.
        3. What it says of contacts that are there already, perhaps with other sources, is stored with those first (`_told`):
           should the rest fail and be offered again, that is known then.
           One transaction writes the rest, together with the operational counters that wait (`_written`).
        4. Its result joins the live state; the sweep is woken, since deadlines and the evaluation time may have moved.
        """
        status = self.live_state.sources[source]
        came_in = self.clock.now()
        log_untold(source, status.untold, batch)
        if is_empty(batch):
            self._apply(status, batch, came_in)
            self.live_state.changes.record()
            self.woken.set()
            return
        self._in_hand.add(source)
        status.held_since = status.held_since or came_in
        repeated: list[EventName] = []
        try:
            if batch.on_refused is not None:
                batch, repeated = await self._told(source, status, batch)
            result = await self._written(source, status, batch, came_in)
        except CursorMoved:
            self._let_go(source)
            raise
        finally:
            self.live_state.store_health.given_up(batches_of(source))  # unless it was taken
        self._apply(status, batch, came_in)
        self.committed(source, result)
        await self._exchange.pass_on(source, result.news)
        if batch.on_stored is not None:
            batch.on_stored(repeated + result.repeated)
        log_gap(source, batch)
        if batch.more:
            self._in_pieces.add(source)
        else:
            self._in_pieces.discard(source)
            await self._sweep_between(source, status.evaluation_time(came_in))
        self._let_go(source)

    def _let_go(self, source: str) -> None:
        """The batch in hand is stored, or will be read again; the last piece may still be missing."""
        self._in_hand.discard(source)
        if not self.is_in_hand(source):
            self.live_state.sources[source].held_since = None
        self.woken.set()

    async def _sweep_between(self, source: str, evaluation_time: datetime | None) -> None:
        """Counts what is due up to where a source has been seen, before its next batch is taken in hand.

        A source that always has a next batch is always in hand when a sweep passes. What waits behind the batch that was
        just stored has come later than that moment, so that no absence is judged whose answer waits.
        """
        self._whole[source] = evaluation_time
        try:
            while await self._sweep_chunk(source, evaluation_time):
                pass
        except StoreUnavailable as error:  # the batch itself is stored; the next sweep finds the rest
            self._refused(LIMITS, source, error)

    def read_ended(self, source: str) -> bool:
        """No further piece comes of what the source's connector had begun to tell. Returns whether one was missing."""
        missing = source in self._in_pieces
        self._in_pieces.discard(source)
        self.live_state.sources[source].held_since = None
        return missing

    def is_in_hand(self, source: str) -> bool:
        """Whether a batch, or the last piece of what a source has to tell, is not stored yet."""
        return source in self._in_hand or source in self._in_pieces

    def seen_until(self, source: str) -> datetime | None:
        """Up to when a source has been seen completely; while a batch is in hand, up to where the one before left it.

        None: never, or not since the start.
        """
        if self.is_in_hand(source):
            return self._whole.get(source)
        return self.live_state.sources[source].evaluation_time(self.clock.now())

    async def _written(self, source: str, status: SourceStatus, batch: Batch, came_in: datetime) -> IngestResult:
        """Writes a batch that came in at this moment, again and again until it is committed. Raises CursorMoved."""
        after = replace(status)
        self._apply(after, batch, came_in)
        evaluation_time = after.evaluation_time(came_in) or EPOCH  # never seen completely: no absence can be judged yet
        complete = evaluation_time if after.connected else batch.watermark
        if batch.more:
            evaluation_time, complete = EPOCH, None
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
                row = await self._answered(source, self.store.cursor_row, source)
                if not self._adopt_row(source, row):
                    self._rows[source] = row
                    raise
            else:
                self._took(batches_of(source))
                return result

    async def _told(self, source: str, status: SourceStatus, batch: Batch) -> tuple[Batch, list[EventName]]:
        """Stores what a batch says of contacts that are there already. Returns the rest, and which events were known."""
        own, said = apart(batch.events)
        refused: list[tuple[Event, str]] = []
        new, repeated = 0, list[EventName]()
        for start in range(0, len(said), LOOK_UP_CHUNK):  # a name may have to be searched for: others come in between
            spoken = await self._answered(source, self._ingest.meant, source, said[start : start + LOOK_UP_CHUNK])
            refused += spoken.refused
            for other, events in spoken.of.items():
                result = await self._answered(source, self._ingest.tell, other, events, now=self.clock.now())
                self.committed(other, result)
                await self._exchange.pass_on(other, result.news)
                new += result.events
                repeated += result.repeated
        if new:
            self.live_state.count(source, "source_events_total", source, status.kind, by=new)
        for event, why in refused:
            if batch.on_refused is not None:
                batch.on_refused(event, why)
        rejected = (*batch.rejected, *(Rejected("unknown_contact", event.kind) for event, _ in refused))
        return replace(batch, events=own, rejected=rejected), repeated

    async def settle(self, source: str, key: ContactKey, reason: str, by: str) -> Settled:
        """Settles a contact now, whichever source it is of. Raises StoreUnavailable, then nothing has happened."""
        if self._released:
            raise StoreUnavailable("a new configuration is just coming into force")
        settled = await self.call(self._ingest.settle, source, key, self.clock.now(), reason, by)
        self.committed(source, settled.result)
        return settled

    async def _answered(self, source: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the store answers, asked until it does."""
        refused = 0
        while True:
            try:
                answer = await self.call(function, *args, **kwargs)
            except StoreUnavailable as error:
                await self._wait_for_store(source, refused, error)
                refused += 1
            else:
                if refused:
                    self._took(batches_of(source))
                return answer

    async def _wait_for_store(self, source: str, refused: int, error: StoreUnavailable) -> None:
        self._refused(batches_of(source), source, error)
        await self.clock.sleep(STORE_PAUSES[min(refused, len(STORE_PAUSES) - 1)])

    def _refused(self, writer: Writer, source: str, error: StoreUnavailable) -> None:
        """The store did not take what comes of a source; whoever calls offers it again."""
        self.live_state.count(source, "store_write_failures_total")
        self.live_state.store_health.refused(writer, error, self.clock.now())
        self.live_state.changes.record()

    def _took(self, writer: Writer) -> None:
        had = self.live_state.store_health.trouble
        self.live_state.store_health.took(writer, self.clock.now())
        if self.live_state.store_health.trouble is not had:
            self.live_state.changes.record()

    def _apply(self, status: SourceStatus, batch: Batch, now: datetime) -> None:
        """Moves a source's status by what a batch says of it. A watermark never moves back."""
        if batch.live_lag is not None:
            status.connected, status.lag = True, batch.live_lag
            status.proven, status.prove = batch.proven, batch.prove
            status.watermark = status.evaluation_time(now)
            status.last_success = now
        if batch.watermark is not None:
            status.connected = False
            status.watermark = max(batch.watermark, status.watermark or batch.watermark)
        if batch.newest_outbound is not None:
            status.last_outbound = max(batch.newest_outbound, status.last_outbound or batch.newest_outbound)
        if batch.agents is not None:
            status.agents = batch.agents
        if batch.untold is not None:
            status.untold = batch.untold
        if batch.clock_offset is not None:
            status.clock_offset = batch.clock_offset

    def _put_back(self, source: str, pending: dict[TotalKey, float]) -> None:
        for key, value in pending.items():
            self.live_state.pending[source][key] += value

    def committed(self, source: str, result: IngestResult) -> None:
        """Takes what a transaction did into the live state, the cursors and the deadlines."""
        if source not in self.live_state.sources:  # another process reads it, and shows what waits there
            result.evaluated.clear()
            result.deadline = None
        self.live_state.committed(source, result)
        if result.source is not None:
            self._rows[source] = result.source
        if result.deadline is not None:
            have = self._deadlines.get(source)
            if have is None or result.deadline < have:
                self._deadlines[source] = result.deadline
                self.woken.set()

    async def flush(self, *, final: bool = False) -> None:
        """Writes operational counters and, at the end, watermarks that no batch has carried yet. Forgets days that are over."""
        drop_ended(self.live_state.days, self.clock.now())
        refused = False
        for source, status in self.live_state.sources.items():
            pending: dict[TotalKey, float] = self.live_state.pending.pop(source, {})
            watermark = status.evaluation_time(self.clock.now()) if final and not self.is_in_hand(source) else None
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
            except StoreUnavailable as error:
                self._put_back(source, pending)
                self._refused(COUNTERS, source, error)
                refused = True
            except CursorMoved:
                self._put_back(source, pending)
            else:
                self.committed(source, result)
        try:
            for source, number in ({} if final or refused else self._exchange.to_keep()).items():
                await self.call(self._ingest.have_heard, source, number)
                self._exchange.have_kept(source, number)
        except StoreUnavailable as error:
            self._refused(COUNTERS, source, error)
            refused = True
        if not refused:
            self._took(COUNTERS)
        with suppress(StoreUnavailable):  # a server that is away must not turn a stop into a failure
            self.live_state.store_size = await self.call(self.store.size_bytes)

    async def sweep(self) -> float | None:
        """Evaluates every contact whose limit has passed up to its source's evaluation time.

        Returns the seconds until the next limit can fall; None when only a new batch can bring one, be it a sign of life.
        """
        self.woken.clear()
        next_in: float | None = None
        for source, status in self.live_state.sources.items():
            try:
                await self._sweep(source, status)
            except StoreUnavailable as error:
                self._refused(LIMITS, source, error)
                return STORE_PAUSES[2]
            deadline = self._deadlines.get(source)
            if status.connected and deadline is not None and not self.is_in_hand(source):
                wait = _next_look(status, from_micros(deadline), self.clock.now())
                if wait is not None:
                    next_in = wait if next_in is None else min(next_in, wait)
        self._took(LIMITS)
        return next_in

    async def _sweep(self, source: str, status: SourceStatus) -> None:
        """Evaluates the contacts of one source whose deadline is over.

        1. The evaluation time is fixed once: a limit that passes while this runs is the next sweep's.
        2. While the earliest deadline is not after it, one transaction evaluates up to SWEEP_CHUNK contacts. A source
           whose batch is in hand is left alone, from whichever chunk on.
        3. Each signal that fell is observed in `detection_delay_seconds`: time brought it, not a batch.
        4. The earliest deadline is read anew from the store unless a contact just written still holds it.
        """
        evaluation_time = status.evaluation_time(self.clock.now())
        while not self.is_in_hand(source) and await self._sweep_chunk(source, evaluation_time):
            pass

    async def _sweep_chunk(self, source: str, evaluation_time: datetime | None) -> bool:
        """One transaction of a sweep. False: nothing is due at that moment."""
        deadline = self._deadlines.get(source)
        if evaluation_time is None or deadline is None or deadline > to_micros(evaluation_time):
            return False
        result = await self.call(self._ingest.sweep, source, evaluation_time, now=self.clock.now())
        self.committed(source, result)
        self.live_state.count_delays(source, result.fallen, self.clock.now())
        if result.swept == 0 or result.deadline is None or result.deadline > deadline:
            self._deadlines[source] = await self.call(self.store.next_deadline, source)
        return True

    def seconds_to_limit(self, source: str) -> float | None:
        """How far a source's watermark is from its next limit; None where none runs, or nothing was ever seen completely."""
        deadline, watermark = self._deadlines.get(source), self.live_state.sources[source].watermark
        if deadline is None or watermark is None:
            return None
        return (deadline - to_micros(watermark)) / 1e6

    async def prune(self, before: datetime) -> AsyncGenerator[int, None]:
        """Deletes what is older, step by step; counters and weeks stay. Others have their turn between two steps.

        Each step says how many contacts went. Raises StoreUnavailable.
        """
        steps = self.store.prune(to_micros(before))
        while (gone := await self.call(next, steps, None)) is not None:
            yield gone

    def release(self) -> None:
        """Ends the store's thread; the store itself stays open."""
        self._released = True
        self._executor.shutdown()


def _next_look(status: SourceStatus, deadline: datetime, now: datetime) -> float | None:
    """Seconds until a sweep can find this deadline over; None when a sign of life must come first, which is asked for.

    It is asked for a little before it is needed, so that a healthy link delays nothing.
    """
    complete_at = deadline + status.lag
    if status.proven is None or status.proven >= deadline:
        return max(0.0, (complete_at - now).total_seconds())
    asking = complete_at - PROVE_AHEAD
    if now < asking:
        return (asking - now).total_seconds()
    if status.prove is not None:
        status.prove()
    return None
