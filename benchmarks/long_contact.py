"""What does the next event of a contact cost that has many already?

    python -m benchmarks.long_contact [ROUNDS]

A contact is stored with so many events, then told ROUNDS more, each by itself and in order, into an SQLite file: CPU time of
one `Ingest.batch` (read, fold, judge, count, write, commit), the median. Beside it, of the very same events, what looking at
all of them costs without a bound: unpack, merge, fold, judge, count, pack; nothing is read or written.
- a call that rings six phones again and again in a queue,
- a mailing thread that is answered, in office hours,
- a ticket that is asked, answered, paused and solved again and again, in office hours,
- a caller who queues and gives up again and again: the costliest contact of the kinds that were tried.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks._measure import machine
from monitor.config.loading import build
from monitor.config.policies import PolicyResolver, calendars
from monitor.connector import Batch
from monitor.daemon.app import make_directory
from monitor.domain.bounded import MOST_EVENTS
from monitor.domain.event import Channel, Event, pack, unpack
from monitor.domain.fold import fold
from monitor.domain.judge import judge
from monitor.domain.ledger import Counting, Deltas, Entry, count
from monitor.domain.merging import merge
from monitor.domain.policy import Policy
from monitor.engine.ingest import Ingest
from monitor.store import make_store

#: How many events there are already; None: nearly as many as are kept. At the last one there is room for none.
SIZES = (10, 500, None, 30_000)
BEGUN = datetime(2026, 11, 2, 9, tzinfo=UTC)
CONFIGURATION = {
    "calendars": {"office": {"hours": {"mon-fri": "09:00-17:30"}}},
    "sources": {"desk": {"type": "events"}},
    "policies": {"default": {"calendar": "office"}},
}
STORIES: dict[str, tuple[Channel, str, tuple[str, ...]]] = {
    "a call that rings": ("phone", "queued", ("ringing",) * 6 + ("over",)),
    "a mailing thread": ("email", "received", ("replied", "received")),
    "a ticket": ("ticket", "received", ("replied", "pending", "received", "resolved", "received")),
    "a caller again and again": ("phone", "queued", ("left", "queued")),
}


def story(name: str, events: int) -> list[Event]:
    """So many events, five minutes apart."""
    channel, first, then = STORIES[name]
    told = []
    for number in range(events):
        kind = then[(number - 1) % len(then)] if number else first
        reason = "over" if kind == "over" else None
        at = BEGUN + timedelta(minutes=5 * number)
        name_of = f"event-{number:08d}@example.org"
        told.append(Event(name_of, "c", "name:desk", channel, "ringing" if reason else kind, at, reason=reason))
    return told


def next_events(name: str, size: int, rounds: int, path: Path) -> list[float]:
    """Seconds of CPU for each of `rounds` events after `size`."""
    settings = build(CONFIGURATION)
    book = PolicyResolver(settings, calendars(settings))
    store = make_store(f"sqlite:{path}")
    store.open()
    ingest = Ingest(store, make_directory(settings, book), book.bounds())
    told = story(name, size + rounds)
    seconds = []
    for fresh in (told[:size], *([event] for event in told[size:])):
        row, now = store.cursor_row("desk"), fresh[-1].at
        cpu = time.process_time()
        ingest.batch("desk", "events", Batch(events=fresh), row, now, now, now=now)
        seconds.append(time.process_time() - cpu)
    store.close()
    return seconds[1:]


def unbounded(name: str, size: int, policy: Policy, bounds: dict[str, tuple[float, ...]]) -> float:
    """Seconds of CPU for looking at `size` events and one more."""
    *known, fresh = story(name, size + 1)
    channel = fresh.channel
    packed = [pack(event) for event in known]
    cpu = time.process_time()
    events = merge([unpack(row, "c", channel) for row in packed], [fresh], size + 1) or []
    contact = fold(channel, events, reachable=True)
    count(contact, judge(contact, policy, fresh.at), Entry("desk", "2026-11-02"), Counting(Deltas(), bounds, fresh.at))
    for event in events:
        pack(event)
    return time.process_time() - cpu


def median_of(rounds: int, work: Callable[[], float]) -> float:
    return statistics.median(work() for _ in range(rounds))


def main(rounds: int) -> None:
    """Prints a line for each story, in milliseconds."""
    print(machine())
    print("ms of CPU for the next event of a contact with so many; in brackets for looking at all of them without a bound")
    settings = build(CONFIGURATION)
    book = PolicyResolver(settings, calendars(settings))
    with tempfile.TemporaryDirectory() as directory:
        for name, (channel, _, _) in STORIES.items():
            policy = book.policy("default", None, channel)
            cells = []
            for each in SIZES:
                size = each or MOST_EVENTS[channel] - rounds
                ours = statistics.median(next_events(name, size, rounds, Path(directory) / f"{name}-{size}.db"))
                all_of_them = median_of(min(rounds, 5), lambda: unbounded(name, size, policy, book.bounds()))  # noqa: B023
                cells.append(f"{size:,}: {ours * 1000:.2f} ({all_of_them * 1000:.2f})")
            print(f"{name:26}" + "".join(f"{cell:>26}" for cell in cells))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 31)
