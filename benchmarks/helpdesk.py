"""How many tickets a second become verdicts in the store, on one core?

    python -m benchmarks.helpdesk [TICKETS] [ROUNDS]

What a real Request Tracker answered of 17 tickets, again and again under other numbers, in the bytes of its answers:
- ours: the connector's first read without its sockets, each batch a transaction into an SQLite file (contacts, verdicts, totals,
  state, cursor and watermark), and the sweep of what is late by then,
- ours, reading alone: the same up to events, nothing stored,
- rt, parsing: Request Tracker's own Python client gives every ticket and its history as dictionaries, its session replaced by one
  that hands over the same bytes: no sockets, no objects of HTTP, nothing judged or stored,
- rt on httpx2: the same with its own HTTP client, on a transport without sockets.
All in one process, in turns; medians.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import httpx2
import rt.rest2

from benchmarks._helpdesk import batches, events, verdicts
from benchmarks._measure import figure, in_turns, line, machine, median
from benchmarks._recorded_tickets import RecordedTickets
from monitor.cli.commands import quiet_gc
from monitor.connector import Batch
from monitor.connectors._http.client import HttpClient

NOW: Final = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # when the recordings were made, by the helpdesk's clock
BASE: Final = "http://desk.example/REST/2.0/"
SOURCE: Final = {
    "type": "request_tracker", "url": "http://desk.example", "token": "x", "requests_per_minute": 60_000,
    "robots": ["chatbot"], "promise_fields": ["Due", "Promised by"],
}  # fmt: skip


def read(server: RecordedTickets) -> AsyncIterator[Batch]:
    """The first read, from bytes of answers to batches."""

    async def sent(_client: HttpClient, _method: str, url: str, params: Any, _body: Any) -> tuple[int, dict[str, str], bytes]:
        return 200, {"Content-Type": "application/json"}, server.answer(unquote(url.removeprefix(BASE)), params or {})

    return batches(SOURCE, sent, NOW)


class Answer:
    """As much of an answer as rt looks at."""

    status_code = 200

    def __init__(self, content: bytes) -> None:
        self._content = content

    def json(self) -> Any:
        return json.loads(self._content)


class Session:
    """Hands over bytes where rt has an HTTP client."""

    def __init__(self, server: RecordedTickets) -> None:
        self._server = server

    def request(self, _method: str, url: str, *, params: dict[str, Any], **_rest: Any) -> Answer:
        return Answer(listed(self._server, url, int(params["page"])))


def listed(server: RecordedTickets, url: str, page: int) -> bytes:
    """What rt asks for: a page of tickets or of a history."""
    path = url.removeprefix(BASE)
    return server.page(page) if path.startswith("tickets") else server.history(path.split("/")[1], page)


def client(server: RecordedTickets) -> rt.rest2.Rt:
    """rt without an HTTP client."""
    found = rt.rest2.Rt(BASE, token="x")
    found.session = Session(server)
    return found


def client_on_httpx(server: RecordedTickets) -> rt.rest2.Rt:
    """rt with its own HTTP client, which is given bytes instead of a connection."""

    def handed(request: httpx2.Request) -> httpx2.Response:
        url = urlsplit(str(request.url))
        page = int(request.url.params["page"])
        return httpx2.Response(200, content=listed(server, f"{url.scheme}://{url.netloc}{url.path}", page))

    found = rt.rest2.Rt(BASE, token="x")
    found.session = httpx2.Client(transport=httpx2.MockTransport(handed))
    return found


def parsing(tracker: rt.rest2.Rt) -> tuple[int, int]:
    """Every ticket and its history, as rt gives them; returns how many there were, and how many records."""
    tickets = records = 0
    for ticket in tracker.search(raw_query="id > 0", order="id"):
        records += len(tracker.get_ticket_history(ticket["id"]))
        tickets += 1
    return tickets, records


def main(tickets: int, rounds: int) -> None:
    """Prints one line each and the ratios."""
    print(machine())
    server = RecordedTickets(tickets)
    with tempfile.TemporaryDirectory() as directory:
        paths = (Path(directory) / f"{number}.db" for number in count())
        ways: dict[str, Callable[[RecordedTickets], Any]] = {
            "ours, bytes to verdicts": lambda given: asyncio.run(verdicts(SOURCE, read(given), next(paths), NOW)),
            "ours, reading alone": lambda given: asyncio.run(events(read(given))),
            "rt, parsing": lambda given: parsing(client(given)),
            "rt on httpx2": lambda given: parsing(client_on_httpx(given)),
        }
        (contacts, signals), told_events, (parsed, records), _ = [way(server) for way in ways.values()]
        if not contacts == parsed == tickets:
            raise SystemExit(f"ours has {contacts} and rt {parsed} of {tickets} tickets")
        print(f"{tickets:,} tickets with {records:,} records, {server.size() / 1e6:,.0f} MB; ", end="")
        print(f"{told_events:,} events of ours and {signals:,} negative contacts")
        quiet_gc()  # as `run` does
        costs = in_turns({name: partial(way, server) for name, way in ways.items()}, rounds)
    for name, each in costs.items():
        print(line(name, "tickets", tickets, each))
    whole, alone, bare, on_httpx = (median(each).cpu for each in costs.values())
    print(f"beside ours from bytes to verdicts rt takes {bare / whole:.2f} times the CPU time to parse, ", end="")
    print(f"{on_httpx / whole:.2f} times with its HTTP client; {on_httpx / alone:.2f} times that of our reading alone")
    for name, cost in (("ours", whole), ("rt", bare), ("rt_on_httpx", on_httpx)):
        figure(f"helpdesk.{name}", f"{tickets / cost:,.0f}")


if __name__ == "__main__":
    main(*(int(each) for each in [*sys.argv[1:], *("2000", "5")[len(sys.argv) - 1 :]]))
