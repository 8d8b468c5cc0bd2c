"""How long does it take to list 50,000 signals, and to find one contact among many by a name?

    python -m benchmarks.listings [ROWS] [CONTACTS] [LOOKUPS]

SQLite files hold 10,000 and CONTACTS calls and conversations (one of 25) of 400 days; 30 of 100 have a signal.
- `contact-monitor signals` of the newest ROWS, as table, JSON and CSV, and as CSV of all there are: whole processes from start
  to end, and the most memory each had resident. Beside it csv.writer over the cursor of plain sqlite3, the same rows.
- LOOKUPS look-ups by our id, by a mail's Message-ID, and by one that nobody knows, as a page and `explain` do them; medians.
  Beside them what was done before: an index read through for the id, the text of every record for an event.
"""

import sqlite3
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks._measure import figure, machine
from benchmarks.import_events import process

SMALL = 10_000
NAMES = ("by our id", "by a Message-ID", "by one that is unknown")


def filled(path: Path, contacts: int) -> Path:
    subprocess.run([sys.executable, "-m", "benchmarks._listed", "fill", path, str(contacts)], check=True)
    return path


def listed(path: Path, rows: int) -> None:
    """Prints a line for each way to list them."""
    connection = sqlite3.connect(path)
    newest = [at for (at,) in connection.execute("SELECT at FROM signal ORDER BY at DESC LIMIT ?", (rows,))]
    [(there,)] = connection.execute("SELECT count(*) FROM signal")
    connection.close()
    since = datetime.fromtimestamp(newest[-1] / 1e6, UTC).isoformat()
    config = path.with_suffix(".yaml")
    config.write_text(f"store: sqlite:{path}\nsources: {{desk: {{type: events}}}}\n")
    ours = ("-m", "monitor", "signals", "--config", str(config), "--since")
    plain = ("-m", "benchmarks._listed", "plain", str(path), str(newest[-1]))
    ways = {form: (*ours, since, "--format", form) for form in ("table", "json", "csv")} | {"csv_writer": plain}
    for name, arguments in ways.items():
        took = [process(*arguments) for _ in range(3)]
        wall, cpu = (statistics.median(each) for each in zip(*((cost.wall, cost.cpu) for cost, _ in took), strict=True))
        peak = max(peak for _, peak in took)
        print(f"{len(newest):,} signals as {name:10} {wall:6.2f} s, {cpu:5.2f} s of CPU, at most {peak:4.0f} MiB")
        figure(f"listings.{name}", f"{wall:.1f} s, {peak:.0f} MiB")
    cost, peak = process(*ours, "9999d", "--format", "csv")
    print(f"{there:,} signals as csv {cost.wall:6.2f} s, {cost.cpu:5.2f} s of CPU, at most {peak:4.0f} MiB")


def found(path: Path, contacts: int, lookups: int) -> None:
    """Prints a line for each kind of name."""
    command = [sys.executable, "-m", "benchmarks._listed", "found", str(path), str(lookups)]
    took = list(map(float, subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()))
    for name, ours, before in zip(NAMES, took[:3], took[3:], strict=True):
        print(f"{contacts:9,} contacts, {name:22} {ours:7.2f} ms   everything read {before:9.2f} ms")
    figure("listings.by_id", f"{took[0]:.1f} ms")
    figure("listings.by_unknown", f"{took[2]:.1f} ms")


def main(rows: int, contacts: int, lookups: int) -> None:
    """Prints one line each."""
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        few, many = filled(Path(name) / "few.db", SMALL), filled(Path(name) / "many.db", contacts)
        print(f"{contacts:,} contacts, {many.stat().st_size / 2**20:,.0f} MiB")
        listed(many, rows)
        found(few, SMALL, lookups)
        found(many, contacts, lookups)


if __name__ == "__main__":
    given = dict(enumerate(map(int, sys.argv[1:])))
    main(given.get(0, 50_000), given.get(1, 1_200_000), given.get(2, 100))
