"""How soon after its limit passed is a signal counted, when ten thousand limits fall within ten seconds?

    python -m benchmarks.detection_delay [WAITS] [ROUNDS]

The daemon's own parts with the real clock and an SQLite file, on a live `events` source: callers are pushed in whose
20 s in the queue will be over at moments spread over 10 s. For each the time from the moment its limit passed until it was
counted (committed, and in the live_state that /metrics shows), and beside it what a sweep once a second would have made of
the very same moments, if looking cost it nothing.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks._measure import figure, machine
from monitor.cli.commands import quiet_gc
from monitor.clock import SystemClock
from monitor.config.loading import build
from monitor.connectors.events import Events
from monitor.daemon.app import Generation
from monitor.engine.live_state import LiveState
from monitor.store import make_store

SPREAD = timedelta(seconds=10)
#: How long before the first limit the callers are pushed in: storing 10,000 takes part of it.
AHEAD = timedelta(seconds=4)
LIMIT = timedelta(seconds=20)
SWEEP_EVERY = 1.0
#: Whatever is not counted so long after the last limit will never be.
PATIENCE = timedelta(seconds=20)


class RecordingPicture(LiveState):
    """The live_state of now, which also writes down each delay that it counts."""

    def __init__(self, generation: Generation) -> None:
        super().__init__(generation.directory, generation.live_state.bounds, generation.clock.now())
        self.counted: list[tuple[datetime, datetime]] = []  # when the limit passed, when it was counted

    def count_delays(self, source: str, fallen: list[datetime], now: datetime) -> None:
        super().count_delays(source, fallen, now)
        self.counted.extend((at, now) for at in fallen)


async def delays(waits: int, path: Path) -> tuple[list[tuple[datetime, datetime]], float]:
    """What was counted when, and the CPU seconds the daemon took from the first limit to the last count."""
    clock = SystemClock()
    settings = build({"store": f"sqlite:{path}", "sources": {"desk": {"type": "events"}}})
    store = make_store(settings.store)
    store.open()
    generation = Generation(settings, store, clock, b"key")
    live_state = RecordingPicture(generation)
    generation.live_state = generation.coordinator.live_state = live_state
    quiet_gc()  # as `run` does
    await generation.start()
    done = asyncio.Event()
    running = asyncio.create_task(generation.run(done))
    desk = generation.connectors["desk"]
    assert isinstance(desk, Events)
    first = clock.now() + AHEAD
    lines = []
    for number in range(waits):
        at = first - LIMIT + SPREAD * number / waits
        told = {"id": f"{number}", "contact": f"c{number}", "contact_point": f"line-{number % 20}", "channel": "phone"}
        lines.append((number, json.dumps({**told, "kind": "queued", "at": at.isoformat()}).encode()))
    await desk.offer(lines)
    left = (first - clock.now()).total_seconds()
    if left < 0:
        raise SystemExit(f"pushing took {-left:.1f} s too long: this machine is too busy")
    await clock.sleep(left)
    cpu = time.process_time()
    while len(live_state.counted) < waits:
        if running.done() or clock.now() > first + SPREAD + PATIENCE:
            raise SystemExit(f"only {len(live_state.counted)} of {waits} were counted")
        await clock.sleep(0.05)
    cpu = time.process_time() - cpu
    done.set()
    await running
    store.close()
    return live_state.counted, cpu


def once_a_second(moments: list[datetime]) -> list[float]:
    """Seconds until the next look of a sweep that evaluations every second from the first moment on."""
    start = min(moments)
    return [-(moment - start).total_seconds() % SWEEP_EVERY for moment in moments]


def told(name: str, seconds: list[float]) -> str:
    hundredths = statistics.quantiles(seconds, n=100)
    p50, p99 = hundredths[49] * 1000, hundredths[98] * 1000
    return f"{name:24} p50 {p50:7.1f} ms   p99 {p99:7.1f} ms   max {max(seconds) * 1000:7.1f} ms"


def main(waits: int, rounds: int) -> None:
    """Prints one line a round for each way."""
    print(machine())
    print(f"{waits:,} waits, limits over {SPREAD.total_seconds():g} s")
    p99s = []
    for number in range(rounds):
        with tempfile.TemporaryDirectory() as directory:
            counted, cpu = asyncio.run(delays(waits, Path(directory) / f"{number}.db"))
        seconds = [(now - at).total_seconds() for at, now in counted]
        print(told("ours", seconds), f"  CPU {cpu:.2f} s")
        polled = once_a_second([at for at, _ in counted])
        print(told("a sweep once a second", polled))
        p99s.append((statistics.quantiles(seconds, n=100)[98], statistics.quantiles(polled, n=100)[98]))
    ours, other = (statistics.median(each) for each in zip(*p99s, strict=True))
    print(f"p99 of ours {ours * 1000:.1f} ms (median of {rounds}); of the sweep {other / ours:.1f} times that")
    figure("delay.p99", f"{ours * 1000:.0f} ms")


if __name__ == "__main__":
    main(*(int(each) for each in [*sys.argv[1:], *("10000", "3")[len(sys.argv) - 1 :]]))
