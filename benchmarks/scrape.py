"""What does a scrape cost at 1,000 phone lines, and how long does it hold up the event loop?

    python -m benchmarks.scrape [POINTS] [ROUNDS]

Snapshots are taken from a real live state, as the daemon has it. Beside our page stands prometheus-client's plain
`generate_latest` over the same snapshot in the same run. The last lines are whole scrapes by another process over HTTP.
"""

import asyncio
import gc
import gzip
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from aiohttp import web
from prometheus_client import generate_latest

from benchmarks._measure import figure, machine, peak_mib, resident_mib
from benchmarks._pages import OpenToAll
from monitor.clock import SystemClock
from monitor.config.loading import build
from monitor.daemon.app import Generation
from monitor.domain.channels import SIGNALS_OF
from monitor.domain.judge import RunningWait
from monitor.domain.snapshot import BUCKETS, Snapshot
from monitor.engine.live_state import LiveState
from monitor.publish.exposition import Exposition, FixedRegistry
from monitor.publish.metrics import families
from monitor.publish.web.server import make_app
from monitor.store import make_store

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
SIGNALS = SIGNALS_OF["phone"]
WEEKS = [(datetime(2026, 11, 2, tzinfo=UTC) - timedelta(weeks=n)).date().isoformat() for n in range(14)]
SCRAPER = """
import sys, urllib.request
request = urllib.request.Request(sys.argv[1], headers={"Accept-Encoding": sys.argv[2]})
print(len(urllib.request.urlopen(request).read()))
"""


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


class Centre(OpenToAll):
    """Lines of one Asterisk, each with two callers waiting. What a scrape asks of the daemon, it answers."""

    def __init__(self, points: int) -> None:
        self.names = [f"line-{number:04}" for number in range(points)]
        self.seconds = 0.0
        policy = {"long_wait": {"after": "20s", "objective": "80%"}, "long_hold": {"after": "2m", "objective": "98%"}}
        settings = build(
            {
                "store": "memory:",
                "sources": {"pbx": {"type": "asterisk", "host": "192.0.2.1", "username": "monitor", "password": "unused"}},
                "contact_points": {name: {"source": "pbx", "queue": name, "policy": "phone"} for name in self.names},
                "policies": {"phone": policy},
            }
        )
        generation = Generation(settings, make_store(settings.store), SystemClock(), b"key")
        self.live: LiveState = generation.live_state
        for status in generation.statuses.values():
            status.up, status.connected, status.tried = True, True, True
            self.live.sources[status.name] = status
        self.live.weeks = {(name, signal, week): (90, 9) for name in self.names for signal in SIGNALS for week in WEEKS}
        waits = tuple(
            RunningWait("queue", NOW - timedelta(seconds=age), NOW + timedelta(seconds=20 - age), age > 20) for age in (6, 30)
        )
        for name in self.names:
            self.live.running_waits.replace("pbx", ("call", name), "00" * 8, "phone", waits)
            self.live.totals |= counted(name, 0.0)

    def take_calls(self, busy: int) -> None:
        """The first `busy` lines take one more call each within the next second."""
        self.seconds += 1
        for name in self.names[:busy]:
            self.live.totals |= counted(name, self.seconds)

    def snapshot(self) -> Snapshot:
        return self.live.snapshot(NOW + timedelta(seconds=self.seconds))


async def measured(work: Callable[[], Awaitable[int]]) -> tuple[int, float, float]:
    """`work` beside a task that wants to run every millisecond: (result, seconds, the longest it had to wait beyond that)."""
    held, done = 0.0, asyncio.Event()

    async def heartbeat() -> None:
        nonlocal held
        before = time.perf_counter()
        while not done.is_set():
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            held, before = max(held, now - before - 0.001), now

    beating = asyncio.create_task(heartbeat())
    await asyncio.sleep(0.05)
    held, start = 0.0, time.perf_counter()
    result = await work()
    took = time.perf_counter() - start
    done.set()
    await beating
    return result, took, held


async def scraped(port: int, encoding: str) -> int:
    """One scrape by another process; the bytes that came."""
    url = f"http://127.0.0.1:{port}/metrics"
    command = [sys.executable, "-c", SCRAPER, url, encoding]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    return int(out)


#: What the table in README.md shows.
SHOWN = {
    "nothing": "nothing changed", "some": "10 % took a call", "all": "all took a call", "plain": "plain generate_latest",
}  # fmt: skip


class Findings:
    """What was measured, by name: (bytes, seconds, seconds for which the event loop was held up) of each round."""

    def __init__(self) -> None:
        self.runs: defaultdict[str, list[tuple[int, float, float]]] = defaultdict(list)

    async def in_thread(self, name: str, work: Callable[[], bytes]) -> bytes:
        """Measures `work` in a thread, as the daemon renders."""
        results: list[bytes] = []

        async def waited() -> int:
            results.append(await asyncio.to_thread(work))
            return len(results[0])

        gc.collect()
        self.runs[name].append(await measured(waited))
        return results[0]

    def seconds(self, name: str) -> float:
        """The median."""
        return statistics.median(took for _, took, _ in self.runs[name])

    def lines(self) -> Iterator[str]:
        """The median of each, and the longest hold in any round."""
        plain = self.seconds("plain generate_latest")
        for name, runs in self.runs.items():
            took, held = self.seconds(name), max(held for _, _, held in runs)
            ratio = f"{took / plain:5.2f} of plain" if name != "plain generate_latest" else " " * 14
            yield f"{name:26} {took * 1000:8.1f} ms {ratio}   loop held up {held * 1000:6.1f} ms   {runs[0][0]:,} bytes"


async def main(points: int, rounds: int) -> None:
    """Prints one line each."""
    print(machine())
    centre, findings, copies = Centre(points), Findings(), []
    centre.snapshot()  # the static facts of contact points are made at the start
    gc.collect()
    gc.freeze()  # as `contact-monitor run` does, for all ways alike
    gc.set_threshold(100_000, 20, 100)
    before = resident_mib()

    def after_calls(busy: int) -> Snapshot:
        centre.take_calls(busy)
        start = time.perf_counter()
        snapshot = centre.snapshot()
        copies.append(time.perf_counter() - start)
        return snapshot

    def rendered(page: Exposition, snapshot: Snapshot) -> Callable[[], bytes]:
        return lambda: page.render(snapshot)[0]

    for number in range(rounds):
        page = Exposition()
        body = await findings.in_thread("first of all", rendered(page, after_calls(points)))
        if number == 0:
            del body
            print(f"resident {before:.0f} MiB before the first scrape, {resident_mib():.0f} after, {peak_mib():.0f} at most")
        await findings.in_thread("nothing changed", rendered(page, centre.snapshot()))
        await findings.in_thread("10 % took a call", rendered(page, after_calls(points // 10)))
        snapshot = after_calls(points)
        body = await findings.in_thread("all took a call", rendered(page, snapshot))
        await findings.in_thread("gzip, level 1", partial(gzip.compress, body, 1))
        registry = partial(families, snapshot)
        await findings.in_thread("plain generate_latest", lambda made=registry: generate_latest(FixedRegistry(list(made()))))
    runner = web.AppRunner(make_app(centre))  # type: ignore[arg-type]  # a scrape asks for nothing else
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    for _ in range(rounds):
        for encoding in ("gzip", "identity"):
            centre.take_calls(points)
            findings.runs[f"all, over HTTP, {encoding}"].append(await measured(partial(scraped, port, encoding)))
    await runner.cleanup()
    lines = body.count(b"\n")
    print(f"{points} phone lines, {lines:,} lines of text; of {rounds} rounds the median, and the longest hold of the event loop")
    print("\n".join(findings.lines()))
    print(f"{'snapshot, on the loop':26} {statistics.median(copies) * 1000:8.1f} ms, at most {max(copies) * 1000:.1f} ms")
    for name, way in SHOWN.items():
        figure(f"scrape.{name}", f"{findings.seconds(way) * 1000:,.0f} ms")


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:3]]
    asyncio.run(main(*numbers, *(1000, 3)[len(numbers) :]))
