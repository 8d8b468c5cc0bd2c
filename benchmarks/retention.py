"""How long does a push wait while old contacts are dropped?

    python -m benchmarks.retention [CONTACTS] [SECONDS]

An SQLite file holds CONTACTS contacts, all of them older than the retention. The daemon as `run` starts it begins to
drop them at once; meanwhile four connections each post one event at a time for SECONDS. Printed: the latency of the posts,
and how many contacts went. Beside it, in the same run:
- all at once: everything that is too old in one transaction, as fast as it goes,
- nothing to drop: the same posts with a retention that is longer than anything is old.
"""

import asyncio
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path
from shutil import copy

from benchmarks._daemon import Daemon, sender
from benchmarks._measure import figure, machine
from benchmarks.store_rows import CONTACTS as IN_A_BATCH
from benchmarks.store_rows import batch, contact
from monitor.store import make_store

SENDERS = 4
#: How much older than the moments in `store_rows` the contacts are made.
OLDER = 200 * 86_400 * 1_000_000
ALL_AT_ONCE = """
import monitor.store.sql, monitor.engine.supervise
monitor.store.sql._PRUNE_AT_ONCE = 10**9
monitor.engine.supervise.PRUNE_SHARE = 1.0
"""


def filled(path: Path, contacts: int) -> None:
    """A file with so many old contacts and their signals."""
    store = make_store(f"sqlite:{path}")
    store.open()
    for number in range(contacts // IN_A_BATCH):
        rows, signals, _ = batch(number)
        with store.transaction("desk") as unit:
            over = [row._replace(deadline=None, running=None, owed_since=None) for row in rows]
            unit.put_contacts([row._replace(begun=row.begun - OLDER, last=row.last - OLDER) for row in over])
            unit.put_signals([row._replace(at=row.at - OLDER) for row in signals])
    store.close()


def old(path: Path) -> int:
    """How many of them are left."""
    connection = sqlite3.connect(path)
    found: int = connection.execute("SELECT count(*) FROM contact WHERE last < ?", (contact(0).last,)).fetchone()[0]
    connection.close()
    return found


async def posting(seconds: float) -> list[float]:
    took: list[float] = []
    until = time.time() + seconds
    await asyncio.gather(*(sender(n, until, took) for n in range(SENDERS)))
    return took


def run(full: Path, retention: str, patch: str, seconds: float) -> tuple[float, str]:
    """The longest that a push had to wait, and all of it in words."""
    with tempfile.TemporaryDirectory(dir=full.parent) as name:
        path = Path(name) / "store.db"
        copy(full, path)
        before = old(path)
        with Daemon(path, f"privacy: {{retention: {retention}}}\n", patch):
            took = asyncio.run(posting(seconds))
            cut = statistics.quantiles(took, n=100)
            gone = before - old(path)
        return max(took), (
            f"{len(took) / seconds:8,.0f} posts/s   latency p50 {cut[49] * 1000:6.1f} ms, p99 {cut[98] * 1000:7.1f} ms, "
            f"at most {max(took) * 1000:8.1f} ms   {gone:,} contacts went"
        )


def main(contacts: int, seconds: float) -> None:
    """Prints one line each."""
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        full = Path(name) / "full.db"
        filled(full, contacts)
        print(f"{contacts:,} contacts, {full.stat().st_size / 2**20:,.0f} MiB")
        for key, way, retention, patch in (
            ("ours", "ours", "90d", ""),
            ("at_once", "all at once", "90d", ALL_AT_ONCE),
            ("nothing", "nothing to drop", "4000d", ""),
        ):
            longest, told = run(full, retention, patch, seconds)
            print(f"{way:16} {told}")
            figure(f"retention.{key}", f"{longest:.2f} s")


if __name__ == "__main__":
    given = dict(enumerate(sys.argv[1:]))
    main(int(given.get(0, 600_000)), float(given.get(1, 30)))
