"""What does it cost that contacts of one customer learn of each other, whatever source reads them?

    python -m benchmarks.customers [CUSTOMERS] [ROUNDS]

SQLite files hold 10,000 and CUSTOMERS customers, each with a call that is over; 1,000 of them have been promised something by
mail. A helpdesk tells of a reply to one of them, as the running daemon stores and passes it on (`Ingest`, `Store.concerned`):
- to a customer to whom nothing is owed, and to one whose promise it keeps;
- the same, where every source reads all that it owes instead of asking whom the news concern: what a look-up by customer saves;
- a call of a customer who has called ten times before, and of one who has called 100,000 times.
Milliseconds of CPU for one message in transactions of its own; medians. How long the disk takes is another matter.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks._measure import figure, machine
from monitor.config.loading import build
from monitor.config.policies import PolicyResolver, calendars, make_directory
from monitor.connector import Batch
from monitor.domain.event import Event, from_micros, to_micros
from monitor.domain.gist import Gist, Promised
from monitor.domain.news import News
from monitor.engine.ingest import Ingest
from monitor.store import make_store
from monitor.store.base import ContactRow, Store

SMALL = 10_000
OWED = 1_000
OFTEN = 100_000
AT_ONCE = 5_000
A_SECOND = 1_000_000
BEGIN = to_micros(datetime.fromisoformat("2026-11-02T09:00:00+00:00"))
SOURCES = ("pbx", "mail", "desk")


class Desk:
    """A store, and what writes into it as a daemon does."""

    def __init__(self, path: Path) -> None:
        settings = build({"store": f"sqlite:{path}", "sources": {name: {"type": "events"} for name in SOURCES}})
        book = PolicyResolver(settings, calendars(settings))
        directory = make_directory(settings, book)
        self.store: Store = make_store(settings.store)
        self.store.open()
        for name in SOURCES:
            directory.restore(name, self.store.places(name))
        self.ingest = Ingest(self.store, directory, book.bounds())

    def tell(self, source: str, *events: Event) -> dict[str, int]:
        """Stores a batch. What is new of customers by it."""
        row, now = self.store.cursor_row(source), events[-1].at + timedelta(seconds=1)
        return self.ingest.batch(source, "events", Batch(events, {"at": str(now)}), row, events[-1].at, None, now=now).news

    def pass_on(self, source: str, since: dict[str, int]) -> int:
        """To those whom it concerns. How many sources these are."""
        concerned = self.store.concerned(since) - {source}
        for other in concerned:
            self.ingest.hear(other, since, now=from_micros(max(since.values())))
        return len(concerned)


def filled(path: Path, customers: int) -> Desk:
    """So many customers, each with a call that is over; the first OWED of them are promised something by mail, by Friday."""
    desk = Desk(path)
    plain = '{"e":[["a","queued",1],["b","answered",2],["c","ended",3]],"l":[],"w":null,"h":0}'
    for start in range(0, customers, AT_ONCE):
        rows, news = [], []
        for n in range(start, start + AT_ONCE):
            at = BEGIN + n * 10
            rows.append(ContactRow(f"c{n}", "line", f"{n:016x}", "phone", at, at + A_SECOND, plain, None, None, f"k{n}"))
            news.append(News(f"k{n}", at, f"c{n}", "phone", f"{n:016x}", "came", at + A_SECOND))
            news.append(News(f"k{n}", at + 100, f"c{n}", "phone", f"{n:016x}", "words"))
        with desk.store.transaction("pbx") as unit:
            unit.put_contacts(rows)
            unit.put_news(news)
    friday = from_micros(BEGIN + 4 * 86_400 * A_SECOND)
    for n in range(OWED):
        asked, answered = from_micros(BEGIN + 3600 * A_SECOND), from_micros(BEGIN + 7200 * A_SECOND)
        promise = Gist((Promised("send", friday, "will: send"),))
        desk.tell(
            "mail",
            Event("q", f"m{n}", "name:letters", "email", "received", asked, f"k{n}"),
            Event("a", f"m{n}", "name:letters", "email", "replied", answered, gist=promise),
        )
    return desk


def call_often(desk: Desk, customer: str, times: int) -> None:
    """One customer's calls of the years before."""
    news = [
        News(customer, BEGIN - (times - n) * 600 * A_SECOND, f"o{n}", "phone", f"o{n:015x}", kind)
        for n in range(times)
        for kind in ("came", "words")
    ]
    for start in range(0, len(news), AT_ONCE):
        with desk.store.transaction("pbx") as unit:
            unit.put_news(news[start : start + AT_ONCE])  # type: ignore[arg-type]  # two of the kinds


def milliseconds(rounds: int, work: Callable[[int], object]) -> float:
    """Of CPU, the median of one."""
    took = []
    for number in range(rounds):
        began = time.process_time()
        work(number)
        took.append((time.process_time() - began) * 1e3)
    return statistics.median(took)


def measured(desk: Desk, rounds: int) -> dict[str, float]:
    """By what is told. The rounds are different customers."""
    at = from_micros(BEGIN + 86_400 * A_SECOND)

    def reply(name: str, customer: str) -> dict[str, int]:
        place, channel = "name:tickets", "ticket"
        asked = Event("q", name, place, channel, "received", at, customer)
        return desk.tell("desk", asked, asked._replace(id="a", kind="replied", at=at + timedelta(minutes=5), customer=None))

    def nothing_owed(number: int) -> None:
        desk.pass_on("desk", reply(f"n{number}", f"k{SMALL - 1 - number}"))

    def kept(number: int) -> None:
        if desk.pass_on("desk", reply(f"o{number}", f"k{number}")) == 0:
            raise SystemExit("a promise was owed, and nobody heard of it")

    def all_read(number: int) -> None:
        since = reply(f"r{number}", f"k{SMALL - 1 - rounds - number}")
        for other in ("mail", "pbx"):
            desk.ingest.hear(other, {f"k{n}": min(since.values()) for n in range(OWED)}, now=at)

    return {"nothing owed": milliseconds(rounds, nothing_owed), "a promise kept": milliseconds(rounds, kept),
            "all that is owed read": milliseconds(min(rounds, 5), all_read)}  # fmt: skip


def calls(desk: Desk, customer: str, rounds: int) -> float:
    """A call of one who came often, each an hour after the one before."""

    def call(number: int) -> None:
        at = from_micros(BEGIN + (1 + number) * 3600 * A_SECOND)
        told = Event("q", f"{customer}-{number}", "queue:line", "phone", "queued", at, customer)
        desk.pass_on("pbx", desk.tell("pbx", told, told._replace(id="a", kind="answered", customer=None)))

    return milliseconds(rounds, call)


def main(customers: int, rounds: int) -> None:
    """Prints one line each and the ratios."""
    print(machine())
    found: dict[int, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        for number in (SMALL, customers):
            desk = filled(Path(name) / f"{number}.db", number)
            found[number] = measured(desk, rounds)
            for what, took in found[number].items():
                print(f"{number:9,} customers, {what:24} {took:8.2f} ms")
        call_often(desk, "rare", 10)
        call_often(desk, "frequent", OFTEN)
        rare, frequent = calls(desk, "rare", rounds), calls(desk, "frequent", rounds)
        print(f"a call of one who has called 10 times {rare:.2f} ms, {OFTEN:,} times {frequent:.2f} ms")
    few, many = found[SMALL], found[customers]
    for what in ("nothing owed", "a promise kept"):
        print(f"{what}: {many[what] / few[what]:.2f} times the CPU for {customers / SMALL:.0f} times the customers")
    print(f"reading all that is owed takes {many['all that is owed read'] / many['nothing owed']:.0f} times as much as asking")
    figure("customers.nothing", f"{many['nothing owed']:.1f} ms")
    figure("customers.kept", f"{many['a promise kept']:.1f} ms")
    figure("customers.ratio", f"{many['a promise kept'] / few['a promise kept']:.2f}")


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:3]), *((1_000_000, 200)[len(sys.argv) - 1 :]))
