"""A whole daemon on a fake clock: scripted sources, a store in memory, its transactions run in the calling thread."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, ParamSpec, TypeVar

from monitor.config.loading import build
from monitor.connector import Connector
from monitor.daemon.app import Generation
from monitor.domain.event import Event
from monitor.domain.snapshot import Snapshot
from monitor.errors import StoreUnavailable
from monitor.store.base import Store
from monitor.store.memory import MemoryStore, MemoryUnit
from monitor.testing import FakeClock

P = ParamSpec("P")
T = TypeVar("T")

#: A Monday, nine o'clock in London.
NINE = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
#: Metrics about how we read, not about what customers went through.
OPERATIONAL = ("source_", "store_", "detection_")


def at(seconds: float) -> datetime:
    """So many seconds after nine."""
    return NINE + timedelta(seconds=seconds)


def event(contact: str, kind: str, seconds: float, place: str = "name:desk", channel: str = "phone", **details: Any) -> Event:
    """One event, named after what it says."""
    details = {"id": f"{contact}-{kind}-{seconds:g}", **details}
    return Event(contact=contact, place=place, channel=channel, kind=kind, at=at(seconds), **details)  # type: ignore[arg-type]


class InlineExecutor(Executor):
    """Runs what it is given at once, so that a fake clock alone says when things happen."""

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class AbsentStore(MemoryStore):
    """A store that takes no write while it is `away`."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.asked = asyncio.Event()  # somebody came in vain

    def transaction(self, source: str) -> AbstractContextManager[MemoryUnit]:
        if self.away:
            self.asked.set()
            raise StoreUnavailable("store contacts.db: no space left", "the disk is full", "make room")
        return super().transaction(source)


class RunningDaemon:
    """One generation of the daemon with connectors of the test's own. Use as `async with`."""

    def __init__(
        self,
        clock: FakeClock,
        connectors: Mapping[str, Connector],
        store: Store | None = None,
        executor: Executor | None = None,
        **configuration: Any,
    ) -> None:
        sources = {name: {"type": "events", "poll_every": "10s"} for name in connectors}
        settings = build({"store": "memory:", "sources": sources, **configuration})
        self.clock = clock
        self.store = store if store is not None else MemoryStore()
        self.generation = Generation(settings, self.store, clock, b"k" * 32, executor=executor or InlineExecutor())
        self.live_state, self.coordinator = self.generation.live_state, self.generation.coordinator
        for name, connector in connectors.items():
            self.generation.connectors[name] = connector
            self.generation.statuses[name].live = connector.live
        self._stop = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "RunningDaemon":
        await self.generation.start()
        self.task = asyncio.create_task(self.generation.run(self._stop))
        await self.clock.advance(0)
        return self

    async def __aexit__(self, kind: object, *_: object) -> None:
        self._stop.set()
        if self.task is not None and kind is None:
            await self.task
        elif self.task is not None:
            self.task.cancel()

    def snapshot(self) -> Snapshot:
        return self.live_state.snapshot(self.clock.now())

    def total(self, metric: str, *labels: str) -> float:
        """What is shown under these labels, summed over all others that follow."""
        return sum(value for key, value in self.live_state.totals.items() if key[0] == metric and key[1][: len(labels)] == labels)

    def signals(self, signal: str, point: str = "desk", channel: str = "phone") -> float:
        return self.total("signals_total", channel, point, signal)


def counted(store: Store) -> dict[tuple[str, tuple[str, ...]], float]:
    """All totals that are about customers."""
    return {key: value for key, value in store.totals().items() if not key[0].startswith(OPERATIONAL) and value}


def listed(store: Store) -> list[tuple[object, ...]]:
    """All signals, without our own ids."""
    return sorted((each.source, *each.row) for each in store.signals())
