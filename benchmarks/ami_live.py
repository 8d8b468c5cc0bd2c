"""How many AMI messages a second does the running daemon take on one core, and how soon is what they tell in the store?

    python -m benchmarks.ami_live [RATE] [SECONDS] [ROUNDS]

A server in a process of its own tells on loopback of the recorded calls, so many at once, each at its own pace, that RATE
messages a second arise. The daemon's own parts take them: connection, parser, call tracker, coordinator, an SQLite file
that is really synchronised. The callers' limits are short enough that some pass.
- live at RATE: CPU time of the daemon's process from the first to the last message; the delay of an event from the moment
  Asterisk stamped it until it was committed, over the kinds that are told at once (a caller who left may be held back for
  half a second: only time shows why); and of a limit, from the moment it passed until it was counted,
- live, hurried: the calls of the recording one after the other, as few at once as there were, hurried to RATE: each is over
  within some hundredths of a second, so that its events come in few batches,
- live, as fast as they are taken: the first messages again, which then pile up, so that the delay says nothing,
- replay: the very same bytes by the way of `ami_to_verdicts`, batches of 2,000 events, no socket and no clock,
- asterisk-ami and panoramisk: the same bytes taken apart, nobody listens, nothing is stored.
An AMI message counts whether or not anybody wants it.
"""

import asyncio
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from benchmarks._data import CHUNK_BYTES, AmiStream
from benchmarks._dense_calls import LAST, LAST_MESSAGE, RECORDED_RATE, SECRET, USERNAME, dense_messages, serve, stamped
from benchmarks._measure import Cost, cost_of, figure, machine, median
from benchmarks.ami_to_verdicts import SHORT_LIMITS, asterisk_ami, ours, panoramisk
from monitor.cli.commands import quiet_gc
from monitor.clock import SystemClock
from monitor.config.loading import build
from monitor.connector import Batch
from monitor.daemon.app import Generation
from monitor.engine.coordinator import Coordinator
from monitor.engine.live_state import LiveState
from monitor.store import make_store

#: Kinds of events that are told as soon as their message is in order.
AT_ONCE = frozenset(("queued", "ringing", "answered", "held", "unheld"))


class Live(NamedTuple):
    """One run: its cost, how often there was a transaction with events, and seconds of delay."""

    cost: Cost
    transactions: int
    stored: list[float]
    counted: list[float]


class _Measured:
    """Looks on while batches are stored and limits are counted."""

    def __init__(self, coordinator: Coordinator) -> None:
        self.stored: list[float] = []
        self.counted: list[float] = []
        self.transactions = 0
        self.begun: tuple[float, float] | None = None
        self.ended: tuple[float, float] | None = None
        self.done = asyncio.Event()
        self._store_batch = coordinator.store_batch
        coordinator.store_batch = self.store_batch  # type: ignore[method-assign]

    async def store_batch(self, source: str, batch: Batch) -> None:
        if batch.events and self.begun is None:
            self.begun = time.process_time(), time.perf_counter()
        await self._store_batch(source, batch)
        now = time.time()
        self.transactions += bool(batch.events)
        self.stored += [now - event.at.timestamp() for event in batch.events if event.kind in AT_ONCE]
        if any(event.contact == LAST for event in batch.events):
            self.ended = time.process_time(), time.perf_counter()
            self.done.set()


class _RecordingState(LiveState):
    """The live state, which also hands over each delay that it counts."""

    measured: _Measured

    def count_delays(self, source: str, fallen: list[datetime], now: datetime) -> None:
        super().count_delays(source, fallen, now)
        self.measured.counted += [(now - at).total_seconds() for at in fallen]


async def live(rate: float, messages: int, pace: float | None, path: Path) -> Live:
    """The daemon beside a server in a process of its own (see `serve`)."""
    arguments = ("-m", "benchmarks.ami_live", "serve", str(rate), str(messages), str(pace or 0))
    server = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert server.stdout is not None
    port = int(await server.stdout.readline())
    source = {"type": "asterisk", "host": "127.0.0.1", "port": port, "username": USERNAME, "password": SECRET}
    settings = build({"store": f"sqlite:{path}", "sources": {"pbx": source}, **SHORT_LIMITS})
    store = make_store(settings.store)
    store.open()
    generation = Generation(settings, store, SystemClock(), b"key")
    state = _RecordingState(generation.directory, generation.live_state.bounds, generation.clock.now())
    generation.live_state = generation.coordinator.live_state = state
    measured = state.measured = _Measured(generation.coordinator)
    await generation.start()
    end = asyncio.Event()
    running = asyncio.create_task(generation.run(end))
    waiting = asyncio.create_task(measured.done.wait())
    await asyncio.wait((running, waiting), return_when=asyncio.FIRST_COMPLETED)
    end.set()
    await running
    store.close()
    await server.wait()
    assert measured.begun is not None
    assert measured.ended is not None
    cpu, wall = (after - before for before, after in zip(measured.begun, measured.ended, strict=True))
    return Live(Cost(cpu, wall), measured.transactions, measured.stored, measured.counted)


def the_same_bytes(rate: int, messages: int) -> AmiStream:
    """What the server tells, stamped as it would stamp it, in pieces as a socket hands them over."""
    begun, turn = time.time(), max(1, rate // 500)
    told = iter([*islice(dense_messages(rate), messages - 1), LAST_MESSAGE])
    pieces, data = [(int(begun * 1e6), b"Asterisk Call Manager/11.0.0\r\n")], b""
    for number in range(0, messages, turn):
        at = begun + number / rate
        data += stamped(list(islice(told, turn)), at)
        if len(data) > CHUNK_BYTES:
            pieces.append((int(at * 1e6), data))
            data = b""
    return AmiStream([*pieces, (int((begun + messages / rate) * 1e6), data)], messages)


def hundredths(seconds: list[float]) -> str:
    """Their middle and their 99th hundredth in milliseconds."""
    if len(seconds) < 2:
        return "none"
    cut = statistics.quantiles(seconds, n=100)
    return f"p50 {cut[49] * 1000:.0f} ms, p99 {cut[98] * 1000:.0f} ms, at most {max(seconds) * 1000:.0f} ms of {len(seconds):,}"


def told(name: str, messages: int, costs: list[Cost]) -> str:
    """The median of several runs."""
    middle = median(costs)
    return f"{name:30} {messages / middle.cpu:9,.0f} messages/s of core   {messages / middle.wall:9,.0f} on the wall"


def main(rate: int, seconds: int, rounds: int) -> None:
    """Prints a line for each way, and the ratios."""
    print(machine())
    logging.disable(logging.INFO)
    messages = rate * seconds
    print(f"{messages:,} messages; {rate:,} a second are {rate * 200 // 7888:,} calls a second")
    lives: dict[str, tuple[float, float | None]] = {
        f"live at {rate:,} a second": (rate, rate), f"live, hurried to {rate:,}": (RECORDED_RATE, rate),
        "live, as fast as taken": (rate, None),
    }  # fmt: skip
    costs: dict[str, list[Cost]] = {}
    delays: dict[str, list[float]] = {"stored": [], "counted": []}
    stream = the_same_bytes(rate, messages)
    with tempfile.TemporaryDirectory() as directory:
        ways: dict[str, Callable[[int], object]] = {
            "replay of the same bytes": lambda number: ours(stream, Path(directory) / f"replay-{number}.db"),
            "asterisk-ami, parsing": lambda _: asterisk_ami(stream),
            "panoramisk, parsing": lambda _: panoramisk(stream),
        }
        asyncio.run(live(rate, rate, rate, Path(directory) / "first.db"))  # from here on imports and caches are warm
        quiet_gc()  # as `run` does
        for number in range(rounds):
            for name, (dense, pace) in lives.items():
                run = asyncio.run(live(dense, messages, pace, Path(directory) / f"{number}-{dense}-{pace}.db"))
                costs.setdefault(name, []).append(run.cost)
                print(told(name, messages, [run.cost]) + f"   {run.transactions:,} transactions")
                if pace == dense:
                    delays["stored"] += run.stored
                    delays["counted"] += run.counted
                if pace is not None:
                    print(f"    stored: {hundredths(run.stored)}; limits counted: {hundredths(run.counted)}")
            for name, way in ways.items():
                costs.setdefault(name, []).append(cost_of(lambda way=way, number=number: way(number)))
    print(f"medians of {rounds}:")
    for name, each in costs.items():
        print(told(name, messages, each))
    first = median(next(iter(costs.values()))).cpu
    beside = ", ".join(f"{name} {median(each).cpu / first:.2f}" for name, each in islice(costs.items(), 1, None))
    print(f"CPU time of live at {rate:,} a second = 1: {beside}")
    figure("ami_live.ours", f"{messages / first:,.0f}")
    for name, seconds in delays.items():
        figure(f"ami_live.{name}", f"within {statistics.quantiles(seconds, n=100)[98] * 1000:.0f} ms")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(float(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]) or None))
    else:
        main(*(int(each) for each in [*sys.argv[1:], *("20000", "20", "3")[len(sys.argv) - 1 :]]))
