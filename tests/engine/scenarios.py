"""A handful of contacts that touch everything that is counted, and one plain way of ingesting them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from monitor.config.loading import build
from monitor.config.policies import PolicyResolver, calendars, make_directory
from monitor.connector import Batch
from monitor.domain.event import Event
from monitor.engine.directory import Directory
from monitor.engine.ingest import SWEEP_CHUNK, Ingest
from monitor.store.base import Store
from tests.engine.fake_daemon import at, counted, event, listed

#: When every event has been read and every limit has passed.
END = at(400_000)

SCENARIOS: dict[str, list[Event]] = {
    # waits 25 s, is held 130 s, handed on twice
    "call": [
        event("call", "queued", 0, customer="ann"), event("call", "ringing", 5), event("call", "answered", 25),
        event("call", "held", 30), event("call", "unheld", 160), event("call", "transferred", 170, how="consult"),
        event("call", "transferred", 180, how="blind"), event("call", "ended", 200),
    ],
    # gives up after 30 s, is called back five hours later
    "missed": [event("missed", "queued", 300, customer="bob"), event("missed", "left", 330, reason="caller")],
    "back": [event("back", "called_out", 18_330, customer="bob", answered=True), event("back", "ended", 18_400)],
    # gives up after 40 s, comes through an hour later
    "again": [event("again", "queued", 500, customer="cy"), event("again", "left", 540, reason="caller")],
    "through": [
        event("through", "queued", 4000, customer="cy"), event("through", "answered", 4010), event("through", "ended", 4100),
    ],
    # answered after five hours, promised for the next day and kept a day late
    "mail": [
        event("mail", "received", 0, channel="email"), event("mail", "replied", 18_000, channel="email"),
        event("mail", "promised", 18_000, channel="email", id="p", due=at(90_000)),
        event("mail", "fulfilled", 176_400, channel="email"),
    ],
    # solved, comes back, changes hands three times
    "ticket": [
        event("ticket", "received", 0, channel="ticket"), event("ticket", "assigned", 10, channel="ticket", to="a"),
        event("ticket", "assigned", 20, channel="ticket", to="b"), event("ticket", "assigned", 30, channel="ticket", to="c"),
        event("ticket", "assigned", 40, channel="ticket", to="d"), event("ticket", "replied", 600, channel="ticket"),
        event("ticket", "resolved", 700, channel="ticket"), event("ticket", "received", 900, channel="ticket"),
        event("ticket", "resolved", 1000, channel="ticket"),
    ],
}  # fmt: skip


@dataclass
class IngestRun:
    """An ingest over a store, with the configuration of the scenarios, as one process has it."""

    store: Store
    directory: Directory
    ingest: Ingest

    def store_batch(self, events: Sequence[Event], evaluation_time: datetime | None = None, *, cursor: Any = None) -> None:
        """One batch as the coordinator would store it, absence being known up to the newest event at best."""
        moment = evaluation_time or min(event.at for event in events)
        seen = self.store.cursor_row("pbx")
        self.ingest.batch("pbx", "events", Batch(events, cursor), seen, moment, None, now=END)

    def sweep(self, evaluation_time: datetime = END) -> None:
        while self.ingest.sweep("pbx", evaluation_time, now=END).swept >= SWEEP_CHUNK:
            pass


def ingest_run(store: Store, **configuration: Any) -> IngestRun:
    """An ingest over a store, as after a start."""
    settings = build({"store": "memory:", "sources": {"pbx": {"type": "events"}}, **configuration})
    book = PolicyResolver(settings, calendars(settings))
    directory = make_directory(settings, book)
    directory.restore("pbx", store.places("pbx"))
    return IngestRun(store, directory, Ingest(store, directory, book.bounds()))


def figures(store: Store) -> tuple[object, ...]:
    """Everything that is shown of customers: totals, weeks, signals."""
    return counted(store), store.weeks("2000-01-01"), listed(store)


def in_order(names: Iterable[str]) -> list[list[Event]]:
    """The events of these scenarios by moment: what a live source gives."""
    events = sorted((event for name in names for event in SCENARIOS[name]), key=lambda event: event.at)
    return [list(together) for _, together in groupby(events, key=lambda event: event.at)]
