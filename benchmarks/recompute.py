"""How long does a push wait while history is judged anew?

    python -m benchmarks.recompute [CONTACTS] [SECONDS]

CONTACTS calls, conversations and tickets are imported into an SQLite file, judged by the default limits. Then the limits change:
the daemon is started with the new ones, and `recompute` runs beside it as a user runs it, while four connections each post one
event at a time. Printed: how long it took, and the latency of the posts meanwhile. Beside it, in the same run:
- all at once: everything in one transaction, as fast as it goes,
- nothing: the same posts for SECONDS with no `recompute` beside the daemon.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from shutil import copy

from benchmarks._daemon import PORT, TOKEN, Daemon, sender
from benchmarks._data import contact_events
from benchmarks._measure import figure, machine

SENDERS = 4
LIMITS = """
timezone: Europe/London
calendars: {office: {hours: {mon-fri: "09:00-17:00"}}}
privacy: {retention: 9000d}
policies: {default: {calendar: office, long_wait: {after: 10s}, late_reply: {after: 1h}, late_resolution: {after: 1bd}}}
"""
ALL_AT_ONCE = """
import monitor.engine.recomputing
monitor.engine.recomputing.AT_ONCE = monitor.engine.recomputing._AT_LEAST = 10**9
"""
#: Of `contact_events`, on the average.
_EVENTS_OF_A_CONTACT = 4.65


def command(config: Path, *arguments: str, patch: str = "") -> list[str]:
    """A command as a user calls it; after the Python text `patch`, if any."""
    call = ["-c", f"{patch}\nfrom monitor.cli.commands import main\nmain()"] if patch else ["-m", "monitor"]
    return [sys.executable, *call, *arguments, "--config", str(config)]


def configuration(directory: Path, store: Path, limits: str = "") -> Path:
    """The configuration of the daemon over this store."""
    file = directory / "contact-monitor.yaml"
    source = f"{{type: events, token: {TOKEN}}}"
    file.write_text(f"store: sqlite:{store}\nlisten: 127.0.0.1:{PORT}\nsources: {{desk: {source}}}\n{limits}")
    return file


def filled(directory: Path, contacts: int) -> Path:
    """A file with so many contacts, judged by the default limits."""
    store, events = directory / "full.db", directory / "events.jsonl"
    with events.open("wb") as out:
        out.writelines(contact_events(int(contacts * _EVENTS_OF_A_CONTACT)))
    arguments = ("import", str(events), "--source", "desk")
    subprocess.run(command(configuration(directory, store), *arguments), check=True, capture_output=True)
    events.unlink()
    return store


def posting(goes_on: Callable[[], bool]) -> list[float]:
    """The latencies of posts, a second after the other, for as long as it goes on."""

    async def a_second() -> None:
        until = time.time() + 1.0
        await asyncio.gather(*(sender(number, until, took) for number in range(SENDERS)))

    took: list[float] = []
    while goes_on():
        asyncio.run(a_second())
    return took


def run(full: Path, arguments: list[str] | None, seconds: float, patch: str = "") -> tuple[list[float], float, str]:
    """The latencies of posts beside a daemon over a copy of the file; how long `arguments` took, and what it said."""
    with tempfile.TemporaryDirectory(dir=full.parent) as name:
        store = Path(name) / "store.db"
        copy(full, store)
        copy(f"{full}.key", f"{store}.key")
        config = configuration(Path(name), store, LIMITS)
        with Daemon(store, LIMITS):
            # It waits until what waits is judged by the new limits.
            subprocess.run(command(config, "recompute", "--since", "1s"), check=True, capture_output=True)
            begun = time.monotonic()
            if arguments is None:
                return posting(lambda: time.monotonic() - begun < seconds), seconds, ""
            with (Path(name) / "said").open("w+") as said:
                process = subprocess.Popen(command(config, *arguments, patch=patch), stdout=said, stderr=subprocess.STDOUT)
                took = posting(lambda: process.poll() is None)
                elapsed = time.monotonic() - begun
                said.seek(0)
                if process.returncode:
                    raise SystemExit(said.read())
                return took, elapsed, said.read()


def main(contacts: int, seconds: float) -> None:
    """Prints one line each."""
    print(machine())
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).parents[1]))
    with tempfile.TemporaryDirectory() as name:
        full = filled(Path(name), contacts)
        print(f"about {contacts:,} contacts, {full.stat().st_size / 2**20:,.0f} MiB")
        for key, way, arguments, patch in (
            ("ours", "ours", ["recompute"], ""),
            ("at_once", "all at once", ["recompute"], ALL_AT_ONCE),
            ("nothing", "nothing", None, ""),
        ):
            took, elapsed, said = run(full, arguments, seconds, patch)
            cut = statistics.quantiles(took, n=100)
            done = next((line for line in said.splitlines() if " judged anew" in line), "")
            print(
                f"{way:12} {elapsed:7.1f} s   {len(took) / elapsed:8,.0f} posts/s   latency p50 {cut[49] * 1000:6.1f} ms, "
                f"p99 {cut[98] * 1000:7.1f} ms, at most {max(took) * 1000:8.1f} ms   {done}"
            )
            figure(f"recompute.{key}", f"{max(took):.2f} s")  # one job holds up four posts, for as long as it takes
            if key == "ours":
                figure("recompute.seconds", f"{elapsed:.0f}")


if __name__ == "__main__":
    given = dict(enumerate(sys.argv[1:]))
    main(int(given.get(0, 1_000_000)), float(given.get(1, 15)))
