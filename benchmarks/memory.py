"""How much memory does the daemon have resident with 100,000 open conversations, and how long does it take to start?

    python -m benchmarks.memory [CONVERSATIONS]

They are imported into an SQLite file once. Then, each in a process of its own:
- empty: the daemon's parts, started on an empty store,
- first start: the same, started on that file: only running waits are kept, contacts stay in the store,
- second start: once more,
- reload: started, and then a new generation beside it, which takes over; as after SIGHUP,
- other limits: the same with a changed limit, until every wait is judged by it,
- objects: the same as empty, and every contact read, folded and kept as Python objects: its events, which a new event
  needs, and what they fold to.
Resident afterwards, the most at any time, and seconds from the start of the process (of a reload: its own) until the daemon shows
what runs.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks._data import open_conversations
from benchmarks._measure import figure, machine, peak_mib, resident_mib
from monitor.cli.commands import quiet_gc
from monitor.clock import SystemClock
from monitor.config.loading import build
from monitor.config.models import Settings
from monitor.daemon.app import Generation
from monitor.domain.contact import Contact
from monitor.domain.event import Event
from monitor.domain.fold import fold
from monitor.engine.evaluation import read_record
from monitor.store import make_store
from monitor.store.base import ContactKey, Store

BEGUN = time.perf_counter()


def configuration(path: Path, **changed: object) -> Settings:
    return build({"store": f"sqlite:{path}", "sources": {"mail": {"type": "events"}}, **changed})


def generation_of(path: Path, store: Store, **changed: object) -> Generation:
    return Generation(configuration(path, **changed), store, SystemClock(), b"key")


def as_objects(path: Path) -> dict[ContactKey, tuple[Sequence[Event], Contact]]:
    """What a daemon without a store to go back to would keep."""
    kept = {}
    store = make_store(f"sqlite:{path}")
    for found in store.begun_between(0, 2**62):
        record = read_record(found.row)
        contact = fold(record.channel, record.events, reachable=record.customer is not None)
        kept[record.contact, record.contact_point] = (record.events, contact)
    store.close()
    return kept


async def measured(way: str, path: Path, read: Path) -> None:
    """Prints resident and peak MiB, seconds, and how many conversations wait."""
    quiet_gc()  # as `run` does
    store = make_store(f"sqlite:{path}")
    store.open()
    generation = generation_of(path, store)
    await generation.start()
    seconds = time.perf_counter() - BEGUN
    if way in ("reload", "other limits"):
        begun = time.perf_counter()
        generation.coordinator.release()
        changed = {} if way == "reload" else {"policies": {"default": {"late_follow_up": {"after": "9h"}}}}
        following = generation_of(path, store, **changed)
        await following.start()
        seconds = time.perf_counter() - begun
        generation = following
        await generation.adoption.go_on()
    kept = as_objects(read) if way == "objects" else {}
    waiting = sum(group.waiting for group in generation.live_state.running_waits.groups(generation.clock.now()).values())
    print(f"{resident_mib():.0f} {peak_mib():.0f} {waiting + len(kept)} {seconds:.2f}")
    generation.coordinator.release()
    store.close()


def in_process(way: str, path: Path, read: Path) -> tuple[int, int, int, float]:
    command = [sys.executable, "-m", "benchmarks.memory", "--measure", way, str(path), str(read)]
    resident, peak, waiting, seconds = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return int(resident), int(peak), int(waiting), float(seconds)


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
        ways = {
            "empty": empty,
            **dict.fromkeys(("first start", "second start", "reload", "other limits"), full),
            "objects": empty,
        }
        found = {way: in_process(way, path, full) for way, path in ways.items()}
    print(f"{conversations:,} open conversations, the store has {found['first start'][2]:,}")
    for way, (resident, peak, _, seconds) in found.items():
        print(f"{way:14} {resident:5} MiB resident   {peak:5} MiB at most   {seconds:6.2f} s")
    figure("memory.resident", str(found["first start"][0]))
    figure("memory.seconds", f"{found['first start'][3]:.1f}")
    own, others = (found[way][0] - found["empty"][0] for way in ("first start", "objects"))
    each = own * 2**20 / conversations
    print(f"ours adds {own} MiB ({each:,.0f} bytes a conversation), objects {others} MiB, {others / own:.1f} times that")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        asyncio.run(measured(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
