"""Rows for tests of stores, and what a store shows of itself."""

from collections.abc import Iterable
from typing import Any

from monitor.domain.news import News
from monitor.store.base import ContactRow, NamedEvent, SignalRow, Store

#: Microseconds.
DAY = 86_400_000_000


def contact(name: str, point: str = "desk", **other: Any) -> ContactRow:
    made = ContactRow(name, point, f"id-{name}-{point}", "phone", 100, 200, f'{{"e":[["{name}.1","queued",1]]}}', None, None)
    return made._replace(**other)


def signal(name: str, at: int = 0, point: str = "desk", kind: str = "slow_answer", occurrence: str = "1") -> SignalRow:
    return SignalRow(name, point, kind, occurrence, "phone", at, 25.5, None)


def put(store: Store, source: str, *rows: ContactRow, signals: Iterable[SignalRow] = ()) -> None:
    with store.transaction(source) as unit:
        unit.put_contacts(rows)
        unit.put_signals(list(signals))


def put_named(store: Store, source: str, *rows: tuple[str, str, int]) -> None:
    with store.transaction(source) as unit:
        unit.put_named_events([NamedEvent(*row) for row in rows])


def news(at: int, contact: str = "c", channel: str = "phone", customer: str = "k", **other: Any) -> News:
    return News(customer, at, contact, channel, f"id-{contact}-desk", **other)


def tell(store: Store, source: str, *rows: News) -> None:
    with store.transaction(source) as unit:
        unit.put_news(rows)


def everything(store: Store, sources: Iterable[str]) -> dict[str, Any]:
    """All that a store shows of itself, to compare two moments or two stores."""
    shown: dict[str, Any] = {}
    for source in sources:
        shown[source] = (
            store.cursor_row(source), store.read_state_prefix(source, ""), store.next_deadline(source),
            sorted(store.running(source)), store.places(source),
        )  # fmt: skip
    shown["all"] = (
        store.totals(), store.weeks(""), store.gaps(-(10**18)), list(store.signals()),
        list(store.begun_between(-(10**18), 10**18)),
    )  # fmt: skip
    return shown
