"""A handful of contacts that touch everything that is counted, and one clean way of ingesting them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from monitor.config.models import build
from monitor.config.policies import PolicyBook, calendars, make_directory
from monitor.connector import Batch
from monitor.domain.event import Event
from monitor.engine.directory import Directory
from monitor.engine.ingest import SWEEP_CHUNK, Ingest
from monitor.store.base import Store
from tests.engine.house import at, counted, listed, told

#: When everything has been told and every limit has passed.
END = at(400_000)

STORIES: dict[str, list[Event]] = {
    # waits 25 s, is held 130 s, handed on twice
    "call": [
        told("call", "queued", 0, customer="ann"), told("call", "ringing", 5), told("call", "answered", 25),
        told("call", "held", 30), told("call", "unheld", 160), told("call", "transferred", 170, how="consult"),
        told("call", "transferred", 180, how="blind"), told("call", "ended", 200),
    ],
    # gives up after 30 s, is called back five hours later
    "missed": [told("missed", "queued", 300, customer="bob"), told("missed", "left", 330, reason="caller")],
    "back": [told("back", "called_out", 18_330, customer="bob", answered=True), told("back", "ended", 18_400)],
    # gives up after 40 s, comes through an hour later
    "again": [told("again", "queued", 500, customer="cy"), told("again", "left", 540, reason="caller")],
    "through": [
        told("through", "queued", 4000, customer="cy"), told("through", "answered", 4010), told("through", "ended", 4100),
    ],
    # answered after five hours, promised for the next day and kept a day late
    "mail": [
        told("mail", "received", 0, channel="email"), told("mail", "replied", 18_000, channel="email"),
        told("mail", "promised", 18_000, channel="email", id="p", due=at(90_000)),
        told("mail", "fulfilled", 176_400, channel="email"),
    ],
    # solved, comes back, changes hands three times
    "ticket": [
        told("ticket", "received", 0, channel="ticket"), told("ticket", "assigned", 10, channel="ticket", to="a"),
        told("ticket", "assigned", 20, channel="ticket", to="b"), told("ticket", "assigned", 30, channel="ticket", to="c"),
        told("ticket", "assigned", 40, channel="ticket", to="d"), told("ticket", "replied", 600, channel="ticket"),
        told("ticket", "resolved", 700, channel="ticket"), told("ticket", "received", 900, channel="ticket"),
        told("ticket", "resolved", 1000, channel="ticket"),
    ],
}  # fmt: skip


@dataclass
class Desk:
    """An ingest over a store, with the configuration of the stories."""

    store: Store
    directory: Directory
    ingest: Ingest

    def take(self, events: Sequence[Event], horizon: datetime | None = None, *, position: Any = None) -> None:
        """One batch as the hub would hand it in, absence being known up to the newest event at best."""
        moment = horizon or min(event.at for event in events)
        seen = self.store.source_row("pbx")
        self.ingest.batch("pbx", "events", Batch(events, position), seen, moment, None, now=END)

    def sweep(self, horizon: datetime = END) -> None:
        while self.ingest.sweep("pbx", horizon).swept >= SWEEP_CHUNK:
            pass


def desk(store: Store) -> Desk:
    """A desk over a store, as after a start."""
    settings = build({"store": "memory:", "sources": {"pbx": {"type": "events"}}})
    book = PolicyBook(settings, calendars(settings))
    directory = make_directory(settings, book)
    directory.restore("pbx", store.places("pbx"))
    return Desk(store, directory, Ingest(store, directory, book.bounds()))


def figures(store: Store) -> tuple[object, ...]:
    """Everything that is shown of customers: totals, weeks, signals."""
    return counted(store), store.weeks("2000-01-01"), listed(store)


def in_order(names: Iterable[str]) -> list[list[Event]]:
    """The events of these stories by moment: what a live source hands over."""
    events = sorted((event for name in names for event in STORIES[name]), key=lambda event: event.at)
    return [list(together) for _, together in groupby(events, key=lambda event: event.at)]
