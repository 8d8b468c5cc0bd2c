"""How much memory does the daemon have resident with 100,000 open conversations?

    python -m benchmarks.memory [CONVERSATIONS]

They are imported into an SQLite file once. Then, each in a process of its own:
- empty: the daemon's parts, started on an empty store,
- ours: the same, started on that file: only running waits are kept, contacts stay in the store,
- objects: the same as empty, and every contact read, folded and kept as Python objects: its events, which a new event
  needs, and what they fold to.
Resident after the start, and the most at any time.
"""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks._data import open_conversations
from benchmarks._measure import machine, peak_mib, resident_mib
from monitor.clock import SystemClock
from monitor.config.loading import build
from monitor.config.models import Settings
from monitor.daemon.app import Generation
from monitor.domain.contact import Contact
from monitor.domain.event import Event
from monitor.domain.fold import fold
from monitor.engine.evaluation import read_record
from monitor.store import make_store
from monitor.store.base import ContactKey


def configuration(path: Path) -> Settings:
    return build({"store": f"sqlite:{path}", "sources": {"mail": {"type": "events"}}})


async def started(path: Path) -> Generation:
    """The daemon's parts after their start, as `run` has them."""
    settings = configuration(path)
    store = make_store(settings.store)
    store.open()
    generation = Generation(settings, store, SystemClock(), b"key")
    await generation.start()
    return generation


def as_objects(path: Path) -> dict[ContactKey, tuple[Sequence[Event], Contact]]:
    """What a daemon without a store to go back to would keep."""
    kept = {}
    store = make_store(f"sqlite:{path}")
    for row in store.running("mail"):
        record = read_record(row)
        contact = fold(record.channel, record.events, reachable=record.customer is not None)
        kept[row.contact, row.contact_point] = (record.events, contact)
    store.close()
    return kept


async def measured(start: Path, read: Path | None) -> None:
    """Prints resident and peak MiB, and how many conversations wait."""
    generation = await started(start)
    kept = as_objects(read) if read is not None else {}
    waiting = sum(group.waiting for group in generation.live_state.running_waits.groups().values())
    print(f"{resident_mib():.0f} {peak_mib():.0f} {waiting + len(kept)}")
    generation.coordinator.release()
    generation.coordinator.store.close()


def in_process(*paths: Path) -> tuple[int, int, int]:
    command = [sys.executable, "-m", "benchmarks.memory", "--measure", *map(str, paths)]
    resident, peak, waiting = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return int(resident), int(peak), int(waiting)


def main(conversations: int) -> None:
    """Prints one line each."""
    print(machine())
    with tempfile.TemporaryDirectory() as directory:
        full, empty, lines = (Path(directory) / name for name in ("full.db", "empty.db", "conversations.jsonl"))
        with lines.open("wb") as out:
            out.writelines(open_conversations(conversations))
        config = Path(directory) / "config.yaml"
        config.write_text(f"store: sqlite:{full}\nsources: {{mail: {{type: events}}}}\n")
        command = [sys.executable, "-m", "monitor", "import", str(lines), "--config", str(config)]
        subprocess.run(command, check=True, capture_output=True)
        found = {"empty": in_process(empty), "ours": in_process(full), "objects": in_process(empty, full)}
    print(f"{conversations:,} open conversations, the store has {found['ours'][2]:,}")
    for way, (resident, peak, _) in found.items():
        print(f"{way:10} {resident:5} MiB resident   {peak:5} MiB at most")
    own, others = (found[way][0] - found["empty"][0] for way in ("ours", "objects"))
    each = own * 2**20 / conversations
    print(f"ours adds {own} MiB ({each:,.0f} bytes a conversation), objects {others} MiB, {others / own:.1f} times that")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        paths = [*map(Path, sys.argv[2:]), None]
        asyncio.run(measured(paths[0] or Path(), paths[1]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
