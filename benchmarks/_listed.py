"""What `listings` measures, in a process of its own so that nothing of it counts as another's: fill a file, find contacts in it.

python -m benchmarks._listed fill FILE CONTACTS | plain FILE SINCE | found FILE LOOKUPS
"""

import csv
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from benchmarks.store_rows import CONTACTS as IN_A_BATCH
from benchmarks.store_rows import batch
from monitor.connectors._discover import event_ids
from monitor.domain.customer import customer_hasher
from monitor.engine.known import find
from monitor.store import make_store
from monitor.store.base import ContactRow, NamedEvent

HASHED = customer_hasher(b"key", "GB")
DAYS = 400
A_DAY = 86_400_000_000
BEGIN = 1_760_000_000_000_000
COLUMNS = "signal.contact, signal.contact_point, signal.channel, signal.signal, at, waited_seconds, limit_seconds"
NEWEST_FIRST = "at DESC, source DESC, signal.contact DESC, signal.contact_point DESC, signal DESC, occurrence DESC"
LISTED = f"""SELECT contact.id, {COLUMNS} FROM signal LEFT JOIN contact USING (source, contact, contact_point) WHERE at >= ?
    ORDER BY {NEWEST_FIRST}"""
#: What was asked before there was an index, and which index there was.
BEFORE_INDEX = "CREATE INDEX contact_before ON contact (begun, id)"
ID_BEFORE = "SELECT * FROM contact WHERE begun >= -9223372036854775808 AND id = ?"
EVENT_BEFORE = "SELECT * FROM contact WHERE instr(record, ?) > 0"


def message_id(number: int, mail: int) -> str:
    return f"{number}.{mail}@customer.example"


def stored(number: int, contacts: int) -> tuple[list[ContactRow], list[NamedEvent]]:
    """A batch of contacts, evenly over the days; one of 25 is a conversation of two mails."""
    rows, named = [], []
    for n, row in enumerate(batch(number)[0], number * IN_A_BATCH):
        at = BEGIN + n * DAYS * A_DAY // contacts
        moved = row._replace(begun=at, last=at + 60_000_000, deadline=None, running=None, missed_at=None)
        if n % 25 == 0:
            mails = [(event_ids(message_id(n, mail), HASHED)[0], at + mail) for mail in range(2)]
            told = ",".join(f'["{event}","received",{moment}]' for event, moment in mails)
            moved = moved._replace(contact=mails[0][0], channel="email", record=f'{{"e":[{told}]}}')
            named += [NamedEvent(moved.contact, *mail) for mail in mails]
        rows.append(moved)
    return rows, named


def fill(path: Path, contacts: int) -> None:
    """A file with so many contacts; 30 of 100 have a signal."""
    store = make_store(f"sqlite:{path}")
    store.open()
    for number in range(contacts // IN_A_BATCH):
        rows, named = stored(number, contacts)
        signals = zip(batch(number)[1], rows, strict=False)
        with store.transaction("desk") as unit:
            unit.put_contacts(rows)
            unit.put_signals([each._replace(contact=row.contact, channel=row.channel, at=row.last) for each, row in signals])
            unit.put_named_events(named)
    store.close()


def plain(path: Path, since: int) -> None:
    """The least anybody could do to list signals: no cell is looked at."""
    csv.writer(sys.stdout).writerows(sqlite3.connect(path).execute(LISTED, (since,)))


def found(path: Path, lookups: int) -> None:
    """Prints milliseconds of one look-up by our id, by a Message-ID, and by one that nobody knows; then as it was done before."""
    store = make_store(f"sqlite:{path}")
    store.open()
    rows = sqlite3.connect(path, isolation_level=None)
    ids = [each for (each,) in rows.execute("SELECT id FROM contact WHERE rowid % 997 = 1")]
    [(contacts,)] = rows.execute("SELECT count(*) FROM contact")
    mails = [message_id(n, 1) for n in range(0, contacts, 25 * 41)]
    unknown = [message_id(n, 7) for n in range(lookups)]

    def by_mail(name: str) -> object:
        """As `explain` does it."""
        return find(store, name, event_ids(name, HASHED))

    ours = (
        milliseconds(store.find, ids, lookups), milliseconds(by_mail, mails, lookups),
        milliseconds(lambda name: not by_mail(name), unknown, lookups),
    )  # fmt: skip
    store.close()
    rows.execute(BEFORE_INDEX)
    few = max(3, lookups // 20)
    by_id = milliseconds(lambda name: rows.execute(ID_BEFORE, (name,)).fetchall(), ids, few)
    by_event = milliseconds(lambda name: rows.execute(EVENT_BEFORE, (f'"{event_ids(name, HASHED)[0]}"',)).fetchall(), mails, few)
    print(*ours, by_id, by_event, by_event)


def milliseconds(ask: Callable[[str], object], names: Sequence[str], lookups: int) -> float:
    """The median of so many questions, whose names lie evenly among those given."""
    return statistics.median(timed(ask, (names[n * len(names) // lookups] for n in range(lookups))))


def timed(ask: Callable[[str], object], names: Iterable[str]) -> list[float]:
    took = []
    for name in names:
        began = time.perf_counter()
        answer = ask(name)
        took.append((time.perf_counter() - began) * 1000)
        if not answer:
            raise SystemExit(f"{name} was not found")
    return took


if __name__ == "__main__":
    ways = {"fill": fill, "plain": plain, "found": found}
    ways[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
