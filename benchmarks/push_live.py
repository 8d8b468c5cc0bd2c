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
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks._measure import machine

TOKEN = "benchmark"
LIMIT = timedelta(seconds=20)
#: From now until the first limit is over: pushing the callers in takes part of it.
AHEAD = timedelta(seconds=12)
#: So long after the last limit what is not counted will not be.
PATIENCE = 10.0
CHUNK = 2000


def line(number: int, contact: str, at: datetime) -> bytes:
    told = {"id": f"{number}", "contact": contact, "contact_point": f"line-{number % 20}", "channel": "phone"}
    return json.dumps({**told, "kind": "queued", "at": at.isoformat()}).encode()


async def asked(port: int, request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """One request on an open connection; the body of the answer."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    assert length is not None, head
    body = await reader.readexactly(int(length[1]))
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"{head.splitlines()[0]!r}: {body[:200]!r}")
    return body


def post(body: bytes) -> bytes:
    head = f"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def sender(name: int, port: int, until: float, took: list[float]) -> None:
    """Posts one event after the other; a call in the queue is answered by the next post, so that it never waits long."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    number = 0
    while time.time() < until:
        told = {"id": f"{number}", "contact": f"s{name}-{number // 2}", "contact_point": f"line-{name % 20}", "channel": "phone"}
        kind = ("queued", "answered")[number % 2]
        body = json.dumps({**told, "kind": kind, "at": datetime.now(UTC).isoformat()}).encode()
        begun = time.perf_counter()
        await asked(port, post(body), reader, writer)
        took.append(time.perf_counter() - begun)
        number += 1
    writer.close()


async def counted(port: int) -> dict[float, float]:
    """The daemon's own buckets of the delay of detection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    text = (await asked(port, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", reader, writer)).decode()
    writer.close()
    found = re.findall(r'contactpoint_detection_delay_seconds_bucket\{.*?le="([^"]+)".*?\} (\S+)', text)
    return {float(bound): float(value) for bound, value in found}


async def measured(port: int, senders: int, seconds: float, due: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    first = datetime.now(UTC) + AHEAD
    for start in range(0, due, CHUNK):
        numbers = range(start, min(start + CHUNK, due))
        lines = [line(n, f"due{n}", first - LIMIT + timedelta(seconds=seconds * n / due)) for n in numbers]
        await asked(port, post(b"\n".join(lines)), reader, writer)
    writer.close()
    left = first.timestamp() - time.time()
    if left < 0:
        raise SystemExit(f"pushing the callers in took {-left:.1f} s too long: this machine is too busy")
    await asyncio.sleep(left)
    took: list[float] = []
    begun = time.perf_counter()
    await asyncio.gather(*(sender(n, port, time.time() + seconds, took) for n in range(senders)))
    spent = time.perf_counter() - begun
    before = (await counted(port)).get(float("inf"), 0.0)
    for _ in range(int(PATIENCE / 0.2)):
        buckets = await counted(port)
        if buckets.get(float("inf"), 0.0) >= due:
            break
        await asyncio.sleep(0.2)
    cut = statistics.quantiles(took, n=100)
    print(
        f"  {len(took) / spent:8,.0f} posts/s   latency p50 {cut[49] * 1000:6.1f} ms, p99 {cut[98] * 1000:6.1f} ms   "
        f"limits counted when the senders stopped {before / due:6.1%}, {PATIENCE:g} s later {buckets[float('inf')] / due:6.1%}, "
        f"within 1 s {buckets[1.0] / due:6.1%}, within 0.1 s {buckets[0.1] / due:6.1%}"
    )


#: `run`, but each push alone in its transaction.
ONE_BY_ONE = """
import monitor.connector, monitor.connectors.events
monitor.connector.GROUP_EVENTS = 1
from monitor.cli.commands import main
main()
"""


def run(directory: Path, one_by_one: bool, senders: int, seconds: float, due: int) -> None:
    with tempfile.TemporaryDirectory(dir=directory) as own:
        config, port = Path(own) / "config.yaml", 9931
        config.write_text(
            f"store: sqlite:{own}/store.db\nlisten: 127.0.0.1:{port}\nsources: {{desk: {{type: events, token: {TOKEN}}}}}\n"
        )
        command = ["-c", ONE_BY_ONE] if one_by_one else ["-m", "monitor"]
        daemon = subprocess.Popen([sys.executable, *command, "run", "--config", str(config)], stderr=subprocess.DEVNULL)
        try:
            asyncio.run(_when_up(port))
            asyncio.run(measured(port, senders, seconds, due))
        finally:
            daemon.terminate()
            daemon.wait()


async def _when_up(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise SystemExit("the daemon did not start")


def store_only(directory: Path, seconds: float = 2.0) -> None:
    writes, until = 0, time.perf_counter() + seconds
    with (directory / "appended").open("wb") as out:
        while time.perf_counter() < until:
            out.write(b"x" * 200 + b"\n")
            out.flush()
            os.fsync(out.fileno())
            writes += 1
    print(f"store only: {writes / seconds:,.0f} durable appends a second")


def main(senders: int, seconds: float, due: int) -> None:
    """Prints one line each."""
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        store_only(Path(name))
        for count in dict.fromkeys((1, senders)):
            for one_by_one in (False, True):
                way = "one by one" if one_by_one else "ours"
                print(f"{count} sender{'s' * (count > 1)}, {way}, {due:,} limits in {seconds:g} s:")
                run(Path(name), one_by_one, count, seconds, due)


if __name__ == "__main__":
    given = dict(enumerate(sys.argv[1:]))
    main(int(given.get(0, 64)), float(given.get(1, 15)), int(given.get(2, 20_000)))
