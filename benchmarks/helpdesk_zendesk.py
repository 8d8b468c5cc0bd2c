"""How many tickets of a (simulated) Zendesk a second become verdicts in the store, on one core?

    python -m benchmarks.helpdesk_zendesk [TICKETS] [ROUNDS]

What the tests' simulator of Zendesk answers of tickets that are asked, answered, asked again and solved, in the bytes of its
answers, recorded beforehand:
- ours: the connector's first read without its sockets, each batch a transaction into an SQLite file, and the sweep of what is
  late by then,
- ours, reading alone: the same up to events, nothing stored,
- zenpy, parsing: the client that most programs for Zendesk use gives every ticket of the export and its audits as objects, its
  session replaced by one that hands over the same bytes: no sockets, nothing judged or stored.
All in one process, in turns; medians.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import zenpy

from benchmarks._helpdesk import batches, events, verdicts
from benchmarks._measure import figure, in_turns, line, machine, median
from monitor.cli.commands import quiet_gc
from monitor.connector import Batch
from monitor.connectors._http.client import HttpClient
from monitor.testing import FakeClock
from tests.connectors.zendesk.simulator import ALICE, BOB, TOKEN, USERNAME, Simulator
from tests.live.helpdesk.story import NOW

URL: Final = "http://desk.example"
SOURCE: Final = {
    "type": "zendesk", "url": URL, "username": USERNAME, "token": TOKEN, "requests_per_minute": 60_000,
    "exports_per_minute": 1000,
}  # fmt: skip
_BACKFILL: Final = timedelta(days=30)


class Recorded:
    """The answers of a simulator, made once: looking one up costs next to nothing."""

    def __init__(self, tickets: int) -> None:
        self.clock = FakeClock(NOW)
        self._simulator = Simulator(FakeClock(NOW - timedelta(hours=10)))
        self._simulator.limits.per_minute = self._simulator.limits.exports_per_minute = 1_000_000
        for number in range(1, tickets + 1):
            self._tell(number)
        self._simulator.clock = self.clock
        self._answers: dict[str, tuple[int, dict[str, str], bytes]] = {}

    def _tell(self, number: int) -> None:
        """Asked, assigned, answered, asked again, answered, solved; every seventh waits."""
        desk = self._simulator
        customer = desk.customer(f"customer{number % 500}")
        desk.open(number, f"customer{number % 500}", "Where is my order? It was due on Monday.")
        if number % 7:
            desk.set(number, ALICE, assignee_id=ALICE)
            desk.say(number, ALICE, "It has left our warehouse. You will have it by tomorrow evening.")
            desk.say(number, customer, "Thank you! And the second parcel?")
            desk.say(number, BOB, "Here is its number.")
            desk.set(number, BOB, status="solved")

    def answer(self, target: str) -> tuple[int, dict[str, str], bytes]:
        """What is at this path and query."""
        found = self._answers.get(target)
        if found is None:
            headers = Simulator.headers()
            found = self._answers[target] = self._simulator.answer("GET", target, headers)
        return found

    def size(self) -> int:
        """Bytes of all answers."""
        return sum(len(body) for _, _, body in self._answers.values())


def read(desk: Recorded) -> AsyncIterator[Batch]:
    """The first read, from bytes of answers to batches."""

    async def sent(_client: HttpClient, _method: str, url: str, params: Any, _body: Any) -> tuple[int, dict[str, str], bytes]:
        return desk.answer(urlsplit(url).path + (f"?{urlencode(params, doseq=True)}" if params else ""))

    return batches(SOURCE, sent, NOW)


class Answer:
    """As much of an answer as zenpy looks at."""

    def __init__(self, status: int, headers: dict[str, str], content: bytes, url: str) -> None:
        self.status_code = status
        self.headers = {name.lower(): text for name, text in headers.items()}
        self.request = SimpleNamespace(url=url)
        self._content = content

    def json(self) -> Any:
        return json.loads(self._content)


class Session:
    """Hands over bytes where zenpy has an HTTP client."""

    def __init__(self, desk: Recorded) -> None:
        self._desk = desk
        self.headers: dict[str, str] = {}

    def get(self, url: str, **_rest: Any) -> Answer:
        parts = urlsplit(url)
        path = parts.path.removesuffix(".json")
        query = "&".join(sorted(each for each in parts.query.split("&") if each != "include=None"))  # in any order
        if path.endswith("/cursor") and "cursor=" in query:
            query = f"cursor={query.partition('cursor=')[2].partition('&')[0]}"
        status, headers, body = self._desk.answer(path + (f"?{query}" if query else ""))
        return Answer(status, headers, body, url)

    post = put = patch = delete = get


def parsing(desk: Recorded) -> tuple[int, int]:
    """Every ticket of the export and its audits, as zenpy gives them; returns how many there were, and how many events."""
    client = zenpy.Zenpy(subdomain="desk", email=USERNAME, token=TOKEN, session=Session(desk))
    tickets = events = 0
    for ticket in client.tickets.incremental(start_time=NOW - _BACKFILL, paginate_by_time=False, per_page=100):
        for audit in client.tickets.audits(ticket=ticket.id):
            events += len(audit.events)
        tickets += 1
    return tickets, events


def main(tickets: int, rounds: int) -> None:
    """Prints one line each and the ratios."""
    print(machine())
    desk = Recorded(tickets)
    with tempfile.TemporaryDirectory() as directory:
        paths = (Path(directory) / f"{number}.db" for number in count())
        ways: dict[str, Callable[[Recorded], Any]] = {
            "ours, bytes to verdicts": lambda given: asyncio.run(verdicts(SOURCE, read(given), next(paths), NOW)),
            "ours, reading alone": lambda given: asyncio.run(events(read(given))),
            "zenpy, parsing": parsing,
        }
        (contacts, signals), told_events, (parsed, told) = [way(desk) for way in ways.values()]
        if not contacts == parsed == tickets:
            raise SystemExit(f"ours has {contacts} and zenpy {parsed} of {tickets} tickets")
        print(f"{tickets:,} tickets with {told:,} events of audits, {desk.size() / 1e6:,.0f} MB of answers; ", end="")
        print(f"{told_events:,} events of ours and {signals:,} negative contacts")
        quiet_gc()  # as `run` does
        costs = in_turns({name: partial(way, desk) for name, way in ways.items()}, rounds)
    for name, each in costs.items():
        print(line(name, "tickets", tickets, each))
    whole, alone, bare = (median(each).cpu for each in costs.values())
    print(f"zenpy takes {bare / whole:.2f} times the CPU time of ours from bytes to verdicts to parse, ", end="")
    print(f"{bare / alone:.2f} times that of our reading alone")
    for name, cost in (("ours", whole), ("zenpy", bare)):
        figure(f"helpdesk_zendesk.{name}", f"{tickets / cost:,.0f}")


if __name__ == "__main__":
    main(*(int(each) for each in [*sys.argv[1:], *("2000", "5")[len(sys.argv) - 1 :]]))
