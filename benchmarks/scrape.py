"""What a scrape costs at 1,000 phone lines, and how long it holds up the event loop. Run: python -m benchmarks.scrape [POINTS]

Beside our cached page stands prometheus-client's plain `generate_latest` over the same snapshot in the same run.
"""

import asyncio
import gc
import gzip
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from prometheus_client import generate_latest

from monitor.domain.channels import ASSESSED_SIGNALS, OUTCOMES_OF, SIGNALS_OF, WAITS_OF
from monitor.domain.snapshot import BUCKETS, PointInfo, PointState, Running, Snapshot, SourceState
from monitor.publish.exposition import Exposition, FixedRegistry
from monitor.publish.metrics import families

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
SIGNALS = tuple(signal for signal in SIGNALS_OF["phone"] if signal in ASSESSED_SIGNALS)
WEEKS = [(datetime(2026, 11, 2, tzinfo=UTC) - timedelta(weeks=n)).date().isoformat() for n in range(14)]


def phone_line(number: int) -> PointState:
    """A line with two callers waiting."""
    info = PointInfo(
        f"line-{number:04}", "phone", ("pbx",), "Europe/London", f"Line {number}", "support",
        dict.fromkeys(SIGNALS, 0.9), {"long_wait": 20.0, "long_hold": 120.0, "slow_answer": 24.0, "missed_callback": 14400.0},
        WAITS_OF["phone"], OUTCOMES_OF["phone"],
    )  # fmt: skip
    running = {"queue": Running(2, 1, NOW - timedelta(seconds=30), 30.0, NOW + timedelta(seconds=5))}
    return PointState(info, True, running)


def counted(name: str, extra: float) -> dict[tuple[str, tuple[str, ...]], float]:
    """What one line has counted so far; `extra` calls more."""
    here = ("phone", name)
    totals = {("contacts_total", (*here, "inbound")): 900 + extra, ("outcomes_total", (*here, "answered", "true")): 800 + extra}
    for signal in SIGNALS:
        totals[("assessed_total", (*here, signal))] = 900 + extra
        totals[("signals_total", (*here, signal))] = 90.0
    for wait in ("ring", "queue", "hold"):
        totals |= {("wait_seconds_bucket", (*here, wait, f"{float(le)}")): 70 + extra for le in BUCKETS[wait]}
        totals[("wait_seconds_sum", (*here, wait))] = 20_000.5 + extra
    totals |= {("rings_bucket", (*here, f"{float(n)}")): 80 + extra for n in range(1, 11)}
    totals[("rings_sum", here)] = 3_000 + extra
    return totals


def centre(points: int, busy: int = 0, age: float = 0.0) -> Snapshot:
    """`points` lines, of which the first `busy` have taken one more call; their waiting callers are `age` seconds older."""
    states = {state.info.name: state for state in map(phone_line, range(points))}
    totals: dict[tuple[str, tuple[str, ...]], float] = {}
    for number, (name, state) in enumerate(states.items()):
        totals |= counted(name, float(number < busy))
        if age and number < busy and state.running:
            queue = state.running["queue"]
            states[name] = replace(state, running={"queue": replace(queue, oldest_business_seconds=30.0 + age)})
    sources = {"pbx": SourceState("pbx", "asterisk", True, True, 15.0, NOW, NOW)}
    weeks = {(name, signal, week): (90, 9) for name in states for signal in SIGNALS for week in WEEKS}
    return Snapshot(NOW, states, sources, totals, weeks, True, True, NOW, 10_000_000)


async def measured(work: Callable[[], bytes]) -> tuple[bytes, float, float]:
    """Runs `work` in a thread beside a 1 ms ticker: (result, seconds, longest gap between two ticks in seconds)."""
    gap, done = 0.0, asyncio.Event()

    async def tick() -> None:
        nonlocal gap
        before = time.perf_counter()
        while not done.is_set():
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            gap, before = max(gap, now - before), now

    ticker = asyncio.create_task(tick())
    await asyncio.sleep(0.05)
    gap, start = 0.0, time.perf_counter()
    result = await asyncio.to_thread(work)
    took = time.perf_counter() - start
    done.set()
    await ticker
    return result, took, gap


async def main(points: int) -> None:
    page, snapshots = Exposition(), {
        "cold": centre(points),
        "warm, nothing changed": centre(points),
        "10 % took a call": centre(points, points // 10, 1.0),
        "all took a call": centre(points, points, 2.0),
    }  # fmt: skip
    print(f"{points} phone lines")
    for name, snapshot in snapshots.items():
        gc.collect()
        body, took, gap = await measured(lambda snapshot=snapshot: page.render(snapshot)[0])
        lines = body.count(b"\n")
        print(f"{name:24} {took * 1000:8.1f} ms   event loop held up {gap * 1000:6.1f} ms   {len(body):,} bytes, {lines:,} lines")
    snapshot = snapshots["all took a call"]
    packed, took, gap = await measured(lambda: gzip.compress(body, 1))
    print(f"{'gzip, level 1':24} {took * 1000:8.1f} ms   event loop held up {gap * 1000:6.1f} ms   {len(packed):,} bytes")
    body, took, gap = await measured(lambda: generate_latest(FixedRegistry(list(families(snapshot)))))
    print(f"{'plain generate_latest':24} {took * 1000:8.1f} ms   event loop held up {gap * 1000:6.1f} ms   {len(body):,} bytes")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
