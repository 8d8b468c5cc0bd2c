"""The store in SQL keeps the contract, on SQLite and on PostgreSQL."""

from collections.abc import Callable

import pytest

from monitor.store.base import SignalRow, Store
from monitor.store.memory import MemoryStore
from monitor.testing import StoreContract
from monitor.testing.store_rows import contact, put, signal


@pytest.fixture
def store(url: str, open_sql: Callable[[str], Store]) -> Store:
    return open_sql(url)


class TestSqlStore(StoreContract):
    pass


@pytest.fixture
def three_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.store.sql._LISTED_AT_ONCE", 3)


@pytest.mark.usefixtures("three_at_once")
@pytest.mark.parametrize("limit", [None, 0, 1, 2, 3, 4, 6, 7, 100])
def test_signals_are_listed_portion_by_portion_as_if_at_once(store: Store, limit: int | None) -> None:
    """Many have one moment, and differ in each of their other keys in turn."""
    memory = MemoryStore()
    for each in (store, memory):
        for source in ("mail", "pbx"):
            rows = [
                signal(name, at, point, kind, occurrence)
                for at in (-1, 0, 7)
                for name, point, kind, occurrence in (
                    ("c", "a", "k", f"{at} 1"), ("c", "a", "k", f"{at} 2"), ("c", "a", f"l {at}", "1"),
                    ("c", "b", f"k {at}", "1"), (f"d\1 {at}", "a", "k", "1"),
                )
            ]  # fmt: skip
            put(each, source, contact("c", "a"), signals=rows)
    found = list(store.signals(limit=limit))
    assert found == list(memory.signals(limit=limit))
    assert len(found) == (30 if limit is None else min(30, limit))
    assert list(store.signals(since=0, until=7, contact_points=("a",))) == list(
        memory.signals(since=0, until=7, contact_points=("a",))
    )


@pytest.mark.usefixtures("three_at_once")
def test_a_listing_that_stands_still_holds_up_nobody_and_goes_on_with_what_is_there_then(store: Store) -> None:
    """Whoever reads through a pager may take hours: what is dropped meanwhile is not listed, what is newer is not either."""

    def row(at: int) -> SignalRow:
        return signal("c", at, occurrence=str(at))

    put(store, "pbx", contact("c", last=1), signals=[row(at) for at in range(10, 18)])
    listing = store.signals()
    assert [next(listing).row.at for _ in range(3)] == [17, 16, 15]
    with store.transaction("pbx") as unit:
        unit.drop_signals([row(13)[:4]])
        unit.put_signals([row(20)])
    assert [each.row.at for each in listing] == [14, 12, 11, 10]
