"""What does a pass over many tickets cost of which few have changed? Requests and seconds on a real Request Tracker.

    python -m benchmarks.helpdesk_pass [TICKETS] [CHANGED]

Starts a real Request Tracker on SQLite, copies one ticket in its database until there are TICKETS (100,000) that nobody has
touched for a year, lets CHANGED (50) be answered, and reads: the first pass, one in which nothing changed, and one that finds
the changed ones.
"""

import asyncio
import sqlite3
import sys
import time
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from benchmarks._measure import figure
from monitor.clock import SystemClock
from monitor.connector import Connector
from monitor.connectors._http.client import HttpClient
from monitor.connectors.request_tracker import Settings, connect
from monitor.testing import make_context
from monitor.testing.context import FakeState
from tests.live.helpdesk.mail import mail_from
from tests.servers.request_tracker import RequestTracker

_COPIED = ("Tickets", "Transactions")


def fill(server: RequestTracker, tickets: int) -> None:
    """Copies the first ticket and the record of its creation. The server must not run."""
    year_ago = (datetime.now(UTC) - timedelta(days=365)).strftime("%Y-%m-%d %H:%M:%S")
    with sqlite3.connect(server.database) as database:
        newest = {table: database.execute(f"SELECT max(id) FROM {table}").fetchone()[0] for table in _COPIED}
        row = dict(
            zip(_columns(database, "Tickets"), database.execute("SELECT * FROM Tickets WHERE id = 1").fetchone(), strict=True)
        )
        created = "SELECT * FROM Transactions WHERE ObjectType = 'RT::Ticket' AND ObjectId = 1 AND Type = 'Create'"
        record = dict(zip(_columns(database, "Transactions"), database.execute(created).fetchone(), strict=True))
        numbers = range(newest["Tickets"] + 1, tickets + 1)
        _insert(
            database,
            "Tickets",
            [row | {"id": n, "EffectiveId": n, "LastUpdated": year_ago, "Created": year_ago} for n in numbers],
        )
        first = newest["Transactions"] + 1 - numbers.start
        _insert(database, "Transactions", [record | {"id": first + n, "ObjectId": n, "Created": year_ago} for n in numbers])


def _columns(database: sqlite3.Connection, table: str) -> list[str]:
    return [column[1] for column in database.execute(f"PRAGMA table_info({table})")]


def _insert(database: sqlite3.Connection, table: str, rows: list[dict[str, object]]) -> None:
    names = ", ".join(rows[0])
    marks = ", ".join("?" * len(rows[0]))
    database.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", [tuple(row.values()) for row in rows])


async def main(tickets: int, changed: int) -> None:
    with RequestTracker() as server:
        server.deliver(mail_from("carol", "support", "The first", datetime.now(UTC)), "Support")
        server.stop()
        fill(server, tickets)
        server.start()
        settings = Settings.model_validate(
            {"type": "request_tracker", "url": server.url, "token": server.token, "requests_per_minute": 60_000, "timeout": "60s"}
        )
        state = FakeState()
        connector = connect(settings, make_context(clock=SystemClock(), state=state))
        await measured(connector, state, f"first pass over {tickets} tickets, of which 1 is younger than a year")
        await measured(connector, state, "nothing changed")
        agent = server.client("alice")
        for number in range(2, 2 + changed):
            agent.post(
                f"/ticket/{number * (tickets // (changed + 2))}/correspond", {"Content": "Yes.", "ContentType": "text/plain"}
            )
        figure("helpdesk_pass.changed", await measured(connector, state, f"{changed} changed"))
        figure("helpdesk_pass.nothing", await measured(connector, state, "nothing changed"))


async def measured(connector: Connector, state: FakeState, what: str) -> str:
    """One pass, stored as the engine does. Returns its requests and seconds in words."""
    began, events = time.perf_counter(), 0
    with patch.object(HttpClient, "_sent", autospec=True, side_effect=HttpClient._sent) as sent:
        async for batch in connector.read(state.cursor):
            state.store(batch)
            events += len(batch.events)
    cost = f"{sent.call_count} request{'' if sent.call_count == 1 else 's'}, {time.perf_counter() - began:.1f} s"
    print(f"{what}: {cost}, {events} events", flush=True)
    return cost


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    asyncio.run(main(*(given or [100_000, 50])))
