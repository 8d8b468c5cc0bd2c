"""How long does `import` of a million contact events take, and how much memory?

    python -m benchmarks.import_events [EVENTS] [ROUNDS]

A file of invented calls, conversations and tickets, in the order of their moments, into an empty SQLite file by
- ours: `python -m monitor import`, as a process of its own, from its start to its end,
- raw rows: `json.loads` of each line and `executemany` of the rows as they are, a commit every 5,000: no contacts, no
  limits, no signals, no totals; the least anybody could do,
- again: ours once more with the same file into the same store, where every event is known.
In turns; medians. CPU time is that of the whole process, its children's included.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from benchmarks._data import contact_events
from benchmarks._measure import Cost, figure, line, machine, median

COMMIT_EVERY = 5_000


def raw_rows(file: Path, store: Path) -> None:
    """The least anybody could do."""
    connection = sqlite3.connect(store, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE event (id, contact, contact_point, channel, kind, at, customer, PRIMARY KEY (contact, id))")
    with file.open("rb") as lines:
        while chunk := [json.loads(each) for each in islice(lines, COMMIT_EVERY)]:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT OR REPLACE INTO event VALUES (:id, :contact, :contact_point, :channel, :kind, :at, :customer)", chunk
            )
            connection.execute("COMMIT")
    connection.close()


def process(*arguments: str) -> tuple[Cost, float]:
    """Runs Python with these arguments: its cost, and the most MiB it had resident."""
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as child:
        told = child.stderr.read() if child.stderr else ""
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if child.returncode:
        raise SystemExit(told)
    return Cost(used.ru_utime + used.ru_stime, wall), used.ru_maxrss / 1024


def main(events: int, rounds: int) -> None:
    """Prints one line each and the ratio."""
    print(machine())
    with tempfile.TemporaryDirectory() as directory:
        here = Path(directory)
        file, config = here / "events.jsonl", here / "config.yaml"
        with file.open("wb") as out:
            out.writelines(contact_events(events))
        print(f"{events:,} events, {file.stat().st_size / 1e6:,.0f} MB")
        ways: dict[str, list[Cost]] = {"ours": [], "raw rows": [], "again": []}
        peaks: dict[str, float] = {}
        for number in range(rounds):
            store = here / f"store-{number}.db"
            config.write_text(f"store: sqlite:{store}\nsources: {{history: {{type: events}}}}\n")
            ours = ("-m", "monitor", "import", str(file), "--config", str(config))
            raw = ("-m", "benchmarks.import_events", "--raw", str(file), str(here / f"raw-{number}.db"))
            for name, arguments in (("ours", ours), ("raw rows", raw), ("again", ours)):
                cost, peak = process(*arguments)
                ways[name].append(cost)
                peaks[name] = max(peaks.get(name, 0.0), peak)
            for left in here.glob("*.db*"):
                left.unlink()
    for name, costs in ways.items():
        print(line(name, "events", events, costs), f" at most {peaks[name]:,.0f} MiB")
    ours_cost, raw_cost = median(ways["ours"]), median(ways["raw rows"])
    cpu, wall = ours_cost.cpu / raw_cost.cpu, ours_cost.wall / raw_cost.wall
    print(f"ours takes {cpu:.2f} times the CPU time of raw rows, {wall:.2f} times the time on the wall")
    figure("import.seconds", f"{ours_cost.wall:.0f}")
    figure("import.rate", f"{events / ours_cost.wall:,.0f}")
    figure("import.mib", f"{peaks['ours']:.0f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--raw"]:
        raw_rows(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main(*(int(each) for each in [*sys.argv[1:], *("1000000", "3")[len(sys.argv) - 1 :]]))
