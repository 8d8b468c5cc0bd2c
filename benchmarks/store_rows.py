"""How fast the store takes and gives rows, beside plain sqlite3 on the same tables in the same run.

    python -m benchmarks.store_rows [--batches 100] [--directory DIR] [--postgresql URL]

URL names an empty PostgreSQL database, which is measured beside the file.

A batch is what an import writes at once: 1,000 contacts of about 600 bytes, 300 signals, 60 totals, one move.
"""

import argparse
import sqlite3
import tempfile
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from time import perf_counter

from benchmarks._measure import machine
from monitor.store import make_store, schema
from monitor.store.base import ContactRow, SignalRow

CONTACTS, SIGNALS, TOTALS = 1_000, 300, 60
RECORD = (
    '[["1795000000.12345.queued","queued",1795000000000000],'
    + '["1795000000.12345.answered","answered",1795000012000000],' * 9
    + "[]]"
)


def contact(number: int) -> ContactRow:
    at = 1_795_000_000_000_000 + number * 1_000_000
    name = f"{1_795_000_000 + number}.{number}"
    customer = blake2b(str(number % 50_000).encode(), digest_size=8).hexdigest()
    own = blake2b(name.encode(), digest_size=8).hexdigest()
    waits = number % 100 == 0
    return ContactRow(
        name, f"point-{number % 20}", own, "phone", at, at + 60_000_000, RECORD, at if waits else None, "x" if waits else None,
        customer, at if number % 10 == 0 else None, None if number % 10 == 0 else at,
    )  # fmt: skip


def batch(number: int) -> tuple[list[ContactRow], list[SignalRow], dict[tuple[str, tuple[str, ...]], float]]:
    rows = [contact(number * CONTACTS + n) for n in range(CONTACTS)]
    signals = [
        SignalRow(row.contact, row.contact_point, "slow_answer", "1", "phone", row.last, 25.0, 20.0) for row in rows[:SIGNALS]
    ]
    return rows, signals, {("signals_total", (f"point-{n}", "slow_answer")): 1.0 for n in range(TOTALS)}


def timed(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def through_store(url: str, batches: int) -> dict[str, float]:
    made = [batch(n) for n in range(batches)]
    store = make_store(url)
    store.open()

    def write() -> None:
        for rows, signals, totals in made:
            with store.transaction("pbx") as unit:
                unit.move(unit.cursor_row().version, {"offset": 1}, 1, None)
                unit.put_contacts(rows)
                unit.put_signals(signals)
                unit.add_totals(totals)

    def read() -> None:
        for rows, _, _ in made:
            with store.transaction("pbx") as unit:
                found = unit.contacts([row[:2] for row in rows])
            if len(found) != CONTACTS:
                raise SystemExit("rows are missing")

    taken = {"insert": timed(write), "replace": timed(write), "read": timed(read)}
    store.close()
    return taken


def plain(path: Path, batches: int, synchronous: str) -> dict[str, float]:
    """The same rows and tables by hand."""
    made = [batch(n) for n in range(batches)]
    make_store_file(path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA synchronous={synchronous}")
    connection.execute("PRAGMA cache_size=-65536")
    connection.execute("PRAGMA wal_autocheckpoint=8192")
    names = schema.contact.columns.keys()
    signal_names = schema.signal.columns.keys()

    def put(table: str, columns: list[str], key: int) -> str:
        new = ", ".join(f"{name} = excluded.{name}" for name in columns[key:])
        marks = ", ".join("?" * len(columns))
        return f"INSERT INTO {table} VALUES ({marks}) ON CONFLICT ({', '.join(columns[:key])}) DO UPDATE SET {new}"

    put_contact, put_signal = put("contact", names, 3), put("signal", signal_names, 5)
    add = (
        "INSERT INTO total VALUES (?, ?, ?, ?) ON CONFLICT (source, metric, labels) DO UPDATE SET value = value + excluded.value"
    )
    marks = ", ".join("?" * 500)
    get = f"SELECT * FROM contact WHERE source = ? AND contact IN ({marks})"

    def write() -> None:
        for rows, signals, totals in made:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("UPDATE source SET version = version + 1 WHERE source = 'pbx'")
            connection.executemany(put_contact, [("pbx", *row) for row in rows])
            connection.executemany(put_signal, [("pbx", *row) for row in signals])
            connection.executemany(add, [("pbx", metric, labels[0], value) for (metric, labels), value in totals.items()])
            connection.execute("COMMIT")

    def read() -> None:
        for rows, _, _ in made:
            for half in (rows[:500], rows[500:]):
                connection.execute(get, ("pbx", *(row.contact for row in half))).fetchall()

    taken = {"insert": timed(write), "replace": timed(write), "read": timed(read)}
    connection.close()
    return taken


def make_store_file(path: Path) -> None:
    store = make_store(f"sqlite:{path}")
    store.open()
    store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=100)
    parser.add_argument("--directory", default=None)
    parser.add_argument("--postgresql", default=None)
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory(dir=options.directory) as directory:
        ours = through_store(f"sqlite:{Path(directory, 'ours.db')}", options.batches)
        full = plain(Path(directory, "full.db"), options.batches, "FULL")
        normal = plain(Path(directory, "normal.db"), options.batches, "NORMAL")
    rows = options.batches * CONTACTS
    print(f"{rows} contacts in {options.batches} batches; rows/s")
    print(f"{'':8} {'store':>9} {'plain FULL':>11} {'plain NORMAL':>13} {'store/plain FULL':>17}")
    for step, seconds in ours.items():
        ratio = full[step] / seconds
        print(f"{step:8} {rows / seconds:9,.0f} {rows / full[step]:11,.0f} {rows / normal[step]:13,.0f} {ratio:17.2f}")
    if options.postgresql is not None:
        for step, seconds in through_store(options.postgresql, options.batches).items():
            print(f"{step:8} {rows / seconds:9,.0f} (PostgreSQL)")


if __name__ == "__main__":
    main()
