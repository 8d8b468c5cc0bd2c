"""How long does the weekly report over 13 weeks take, and how much memory, where 2,000,000 contacts are stored?

    python -m benchmarks.report [CONTACTS] [ROUNDS]

An SQLite file holds so many contacts of 13 weeks: some thousand invented ones of one week (`_data`; 94 of 100 are calls),
imported, and repeated under other names, some milliseconds apart.
- `contact-monitor report --format json` of the last week: a whole process from start to end, and the most memory it had resident.
- everything judged anew: the contacts of that week alone folded and judged again, as where no lengths of waits are kept.
- one statement in SQL: the week's contacts and signals counted by contact point, without lengths, hours, trends or objectives.
"""

import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Final

from benchmarks._data import BEGIN, contact_events
from benchmarks._measure import Cost, cost_of, figure, machine, median
from benchmarks.import_events import process
from monitor.cli.report import known_directory
from monitor.config.loading import build
from monitor.domain.event import to_micros
from monitor.domain.weeks import week_bounds, week_name, weeks_until
from monitor.engine.evaluation import examine, read_record, whereabouts
from monitor.store import make_store
from monitor.store.base import FoundContact, ListedSignal, Store

WEEKS: Final = 13
BASE_EVENTS: Final = 20_000
FIRST: Final = date(2025, 3, 3)  # the Monday of BEGIN
LAST: Final = FIRST + timedelta(weeks=WEEKS - 1)
WRITTEN_AT_ONCE: Final = 20_000
COUNTED = """SELECT contact.contact_point, count(DISTINCT contact.id), count(signal.signal) FROM contact LEFT JOIN signal
    USING (source, contact, contact_point) WHERE begun >= ? AND begun < ? GROUP BY contact.contact_point"""


def base(here: Path) -> tuple[list[FoundContact], list[ListedSignal], dict[tuple[str, str, str], tuple[int, int]], list[object]]:
    """Contacts of one week as `import` stores them, with their signals and what they count for the week."""
    assert BEGIN.date() == FIRST
    (here / "base.jsonl").write_bytes(b"".join(contact_events(BASE_EVENTS, days=6)))
    (here / "base.yaml").write_text(config(here / "base.db"))
    command = [sys.executable, "-m", "monitor", "import", str(here / "base.jsonl"), "--config", str(here / "base.yaml")]
    subprocess.run(command, check=True, capture_output=True)
    store = make_store(f"sqlite:{here / 'base.db'}")
    store.open()
    bounds = tuple(map(to_micros, week_bounds(FIRST, UTC)))
    found = [each for each in store.begun_between(*bounds) if each.row.running is None]
    kept = {each.row.id for each in found}
    signals = [each for _, each in store.signals_of_begun(*bounds) if each.contact_id in kept]
    made = found, signals, dict(store.weeks("")), list(store.places("desk"))
    store.close()
    return made


def config(store: Path) -> str:
    return f"store: sqlite:{store}\ntimezone: UTC\nsources: {{desk: {{type: events}}}}\n"


def fill(here: Path, contacts: int) -> Path:
    """The file, and where."""
    found, listed, weeks, places = base(here)
    signals = {}
    for each in listed:
        signals.setdefault((each.row.contact, each.row.contact_point), []).append(each.row)
    copies = max(1, round(contacts / WEEKS / len(found)))
    path, week_of = here / "many.db", FIRST.isoformat()
    store = make_store(f"sqlite:{path}")
    store.open()
    with store.transaction("desk") as unit:
        unit.put_places(places)
        for monday in weeks_until(LAST, WEEKS):
            unit.add_weeks({(*key[:2], monday.isoformat()): (a * copies, s * copies) for key, (a, s) in weeks.items()})
    for week, monday in enumerate(weeks_until(LAST, WEEKS)):
        later, as_week = week * 7 * 86_400_000_000, f'"w":"{monday.isoformat()}"'
        for start in range(0, len(found), max(1, WRITTEN_AT_ONCE // copies)):
            rows, bad = [], []
            for _, row in found[start : start + max(1, WRITTEN_AT_ONCE // copies)]:
                record = row.record.replace(f'"w":"{week_of}"', as_week)
                for copy in range(copies):
                    name, moved = f"{row.contact}/{week}/{copy}", later + 1000 * copy
                    made_id = f"{week:02x}{copy:04x}{row.id[:10]}"
                    rows.append(
                        row._replace(contact=name, id=made_id, begun=row.begun + moved, last=row.last + moved, record=record)
                    )
                    mine = signals.get((row.contact, row.contact_point), ())
                    bad += [each._replace(contact=name, at=each.at + moved) for each in mine]
            with store.transaction("desk") as unit:
                unit.put_contacts(rows)
                unit.put_signals(bad)
    store.close()
    (here / "many.yaml").write_text(config(path))
    return path


def judged_anew(store: Store) -> None:
    """The contacts of the last week, folded and judged again; nothing is made of it."""
    settings = build({"store": "memory:", "timezone": "UTC", "sources": {"desk": {"type": "events"}}})
    directory = known_directory(settings, store)
    bounds = tuple(map(to_micros, week_bounds(LAST, UTC)))
    for each in store.begun_between(*bounds):
        record = read_record(each.row)
        examine(record, record.events, whereabouts(record, record.events, directory.look_up), record.evaluation_time)


def counted(path: Path) -> None:
    """The least anybody could do in SQL."""
    connection = sqlite3.connect(path)
    connection.execute(COUNTED, tuple(map(to_micros, week_bounds(LAST, UTC)))).fetchall()
    connection.close()


def shown(name: str, costs: Sequence[Cost], memory: str = "") -> Cost:
    """Prints a line: the median."""
    middle = median(list(costs))
    print(f"{name:42} {middle.wall:6.2f} s, {middle.cpu:6.2f} s of CPU{memory}")
    return middle


def main(contacts: int, rounds: int) -> None:
    """Prints one line each."""
    print(machine())
    with tempfile.TemporaryDirectory() as directory:
        here = Path(directory)
        path = fill(here, contacts)
        connection = sqlite3.connect(path)
        [(there,)] = connection.execute("SELECT count(*) FROM contact")
        bounds = tuple(map(to_micros, week_bounds(LAST, UTC)))
        [(last,)] = connection.execute("SELECT count(*) FROM contact WHERE begun >= ? AND begun < ?", bounds)
        connection.close()
        print(f"{there:,} contacts, {last:,} in the last week, {path.stat().st_size / 2**20:,.0f} MiB")
        ours = ("-m", "monitor", "report", "--week", week_name(LAST), "--format", "json", "--config", str(here / "many.yaml"))
        took, peaks, anew, plain = [], [], [], []
        store = make_store(f"sqlite:{path}")
        store.open()
        for _ in range(rounds):
            cost, peak = process(*ours)
            took.append(cost)
            peaks.append(peak)
            anew.append(cost_of(lambda: judged_anew(store)))
            plain.append(cost_of(lambda: counted(path)))
        store.close()
        middle, peak = shown("the report, a whole process", took, f", at most {max(peaks):.0f} MiB"), statistics.median(peaks)
        other = shown("the week judged anew, no report made of it", anew)
        shown("one statement in SQL, counts alone", plain)
        figure("report.ours", f"{middle.wall:.1f} s, {peak:.0f} MiB")
        figure("report.anew", f"{other.wall:.1f} s")


if __name__ == "__main__":
    given = dict(enumerate(map(int, sys.argv[1:])))
    main(given.get(0, 2_000_000), given.get(1, 3))
