"""How many posts of one event does the running daemon store a second, and are limits counted in time meanwhile?

    python -m benchmarks.push_live [SENDERS] [SECONDS] [DUE]

The daemon as `run` starts it, in a process of its own, with an SQLite file that is really synchronised. DUE callers are
pushed in whose 20 s in the queue will be over at moments spread over SECONDS. From the first of these moments SENDERS
connections each post one event at a time, the next as soon as the last is answered. Printed: posts a second and their
latency, and from the daemon's own `contactpoint_detection_delay_seconds` how many limits were counted, and how many within
a second. Beside it, in the same run:
- one by one: each push is a transaction of its own,
- store only: `fsync` of a file after a line is appended, in this process: what one durable write costs here.
"""

import asyncio
import json
import os
import re
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks._daemon import PORT, Daemon, asked, metrics, post, sender
from benchmarks._measure import figure, machine

LIMIT = timedelta(seconds=20)
#: From now until the first limit is over: pushing the callers in takes part of it.
AHEAD = timedelta(seconds=12)
#: So long after the last limit what is not counted will not be.
PATIENCE = 10.0
CHUNK = 2000
ONE_BY_ONE = """
import monitor.connectors.events, monitor.push_queue
monitor.push_queue.GROUP_EVENTS = 1
"""


def caller(number: int, at: datetime) -> bytes:
    told = {"id": f"{number}", "contact": f"due{number}", "contact_point": f"line-{number % 20}", "channel": "phone"}
    return json.dumps({**told, "kind": "queued", "at": at.isoformat()}).encode()


async def counted() -> dict[float, float]:
    """The daemon's own buckets of the delay of detection."""
    found = re.findall(r'contactpoint_detection_delay_seconds_bucket\{.*?le="([^"]+)".*?\} (\S+)', await metrics())
    return {float(bound): float(value) for bound, value in found}


async def measured(senders: int, seconds: float, due: int) -> tuple[float, float, str]:
    """Posts a second, the share of limits that were counted within a second, and both in words."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    first = datetime.now(UTC) + AHEAD
    for start in range(0, due, CHUNK):
        numbers = range(start, min(start + CHUNK, due))
        lines = [caller(n, first - LIMIT + timedelta(seconds=seconds * n / due)) for n in numbers]
        await asked(post(b"\n".join(lines)), reader, writer)
    writer.close()
    left = first.timestamp() - time.time()
    if left < 0:
        raise SystemExit(f"pushing the callers in took {-left:.1f} s too long: this machine is too busy")
    await asyncio.sleep(left)
    took: list[float] = []
    until = time.time() + seconds
    await asyncio.gather(*(sender(n, until, took) for n in range(senders)))
    before = (await counted()).get(float("inf"), 0.0)
    for _ in range(int(PATIENCE / 0.2)):
        buckets = await counted()
        if buckets.get(float("inf"), 0.0) >= due:
            break
        await asyncio.sleep(0.2)
    cut = statistics.quantiles(took, n=100)
    posts, in_time = len(took) / seconds, buckets[1.0] / due
    return (
        posts,
        in_time,
        (
            f"  {posts:8,.0f} posts/s   latency p50 {cut[49] * 1000:6.1f} ms, p99 {cut[98] * 1000:6.1f} ms   "
            f"counted when the senders stopped {before / due:6.1%}, {PATIENCE:g} s later {buckets[float('inf')] / due:6.1%}, "
            f"within 1 s {in_time:6.1%}, within 0.1 s {buckets[0.1] / due:6.1%}"
        ),
    )


def store_only(directory: Path, seconds: float = 2.0) -> str:
    writes, until = 0, time.perf_counter() + seconds
    with (directory / "appended").open("wb") as out:
        while time.perf_counter() < until:
            out.write(b"x" * 200 + b"\n")
            out.flush()
            os.fsync(out.fileno())
            writes += 1
    return f"store only: {writes / seconds:,.0f} durable appends a second"


def main(senders: int, seconds: float, due: int) -> None:
    """Prints one line each."""
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        print(store_only(Path(name)))
        found: dict[tuple[int, str], tuple[float, float, str]] = {}
        for count in dict.fromkeys((1, senders)):
            for way, patch in (("ours", ""), ("one by one", ONE_BY_ONE)):
                print(f"{count} sender{'s' * (count > 1)}, {way}, {due:,} limits in {seconds:g} s:")
                with Daemon(Path(name) / f"{way} {count}.db", patch=patch):
                    found[count, way] = posts, in_time, told = asyncio.run(measured(count, seconds, due))
                print(told)
    posts, in_time, _ = found[senders, "ours"]
    figure("push.posts", f"{posts:,.0f}")
    figure("push.in_time", f"{in_time:.1%}")
    figure("push.one_by_one", f"{found[senders, 'one by one'][0]:,.0f}")


if __name__ == "__main__":
    given = dict(enumerate(sys.argv[1:]))
    main(int(given.get(0, 64)), float(given.get(1, 15)), int(given.get(2, 20_000)))
