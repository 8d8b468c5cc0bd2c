"""Weekly reports for whoever asks the daemon: made in a thread of their own, one at a time, kept while nothing has changed."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Final, NamedTuple, TypeVar

from monitor.clock import Clock
from monitor.daemon.app import Daemon, Generation
from monitor.domain.snapshot import blind_since
from monitor.engine.directory import Directory
from monitor.engine.weekly import week_report, week_summaries
from monitor.errors import StoreBroken, StoreUnavailable
from monitor.publish.report.values import WeekReport, WeekSummary
from monitor.store.base import Store

T = TypeVar("T")

#: Reports that are kept. A week of 150,000 contacts takes some seconds; its report some hundred kilobytes.
MAX_KEPT: Final = 6
#: However much changes meanwhile, a report is shown for as long as this many times what it took to make it, so that pages that
#: are asked for again and again cost a twentieth of a core; at least for FRESH_SECONDS.
RESTING: Final = 20
FRESH_SECONDS: Final = 5.0
#: Who asks waits so long for a report that is being made. It is made all the same, and there when it is asked for again.
PATIENCE_SECONDS: Final = 25.0


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was made, of which version and by which generation, when it was (monotonic seconds) and how long that took."""

    value: Any
    version: int
    generation: Generation
    made: float
    took: float


class _Known(NamedTuple):
    """What a report is made from."""

    store: Store
    directory: Directory
    now: datetime
    timezone: tzinfo
    blind: Mapping[str, datetime]  # sources that cannot be seen now, and up to when each was


class WeeklyReports:
    """Belongs to the event loop's thread."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reports")
        self._kept: OrderedDict[date | None, _Kept] = OrderedDict()
        self._making: dict[date | None, asyncio.Task[Any]] = {}

    def close(self) -> None:
        """Ends the thread; what it is at goes on to its end unheard."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def report(self, monday: date) -> WeekReport:
        """The report of a week as it is known now. Raises StoreUnavailable."""

        def prepare(known: _Known) -> Callable[[], WeekReport]:
            return lambda: week_report(known.store, known.directory, monday, known.now, known.timezone, blind=known.blind)

        return await self._current(monday, prepare)

    async def summaries(self) -> tuple[WeekSummary, ...]:
        """The weeks of which anything is known, the newest first. Raises StoreUnavailable."""

        def prepare(known: _Known) -> Callable[[], tuple[WeekSummary, ...]]:
            return lambda: week_summaries(known.store, known.directory, known.now, known.timezone, blind=known.blind)

        return await self._current(None, prepare)

    def _known(self) -> "_Known":
        """What the daemon knows now. A snapshot costs: it is taken for what is made alone."""
        generation, snapshot = self._daemon.generation, self._daemon.snapshot()
        blind = blind_since(snapshot.sources.values(), snapshot.at)
        return _Known(self._daemon.store, generation.directory, snapshot.at, generation.settings.timezone, blind)

    async def _current(self, key: date | None, prepare: Callable[[_Known], Callable[[], T]]) -> T:
        """What is kept, where that is current; else what is made anew, by one for all who ask meanwhile."""
        kept = self._kept.get(key)
        if kept is not None and self._is_current(kept):
            self._kept.move_to_end(key)
            value: T = kept.value
            return value
        making = self._making.get(key)
        if making is None:
            making = self._making[key] = asyncio.create_task(self._make(key, prepare(self._known())), name="weekly report")
            making.add_done_callback(lambda task: self._made(key, task))
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                made: T = await asyncio.shield(making)
                return made
        except TimeoutError:
            raise StoreUnavailable(f"the report was not made within {PATIENCE_SECONDS:g} s: ask again in a moment") from None
        except StoreBroken as error:  # whether the daemon can go on is decided where it writes
            raise StoreUnavailable(str(error)) from None

    def _is_current(self, kept: _Kept) -> bool:
        if kept.generation is not self._daemon.generation:
            return False
        age = self._clock.monotonic() - kept.made
        return kept.version == self._daemon.changes.version or age < max(FRESH_SECONDS, RESTING * kept.took)

    async def _make(self, key: date | None, make: Callable[[], T]) -> T:
        version, generation = self._daemon.changes.version, self._daemon.generation

        def timed() -> tuple[T, float]:
            begun = self._clock.monotonic()
            return make(), self._clock.monotonic() - begun

        value, took = await asyncio.get_running_loop().run_in_executor(self._thread, timed)
        self._kept[key] = _Kept(value, version, generation, self._clock.monotonic(), took)
        self._kept.move_to_end(key)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return value

    def _made(self, key: date | None, task: "asyncio.Task[Any]") -> None:
        del self._making[key]
        if not task.cancelled():
            task.exception()  # has been seen, or nobody waits for it any more

    @property
    def _clock(self) -> Clock:
        return self._daemon.clock
