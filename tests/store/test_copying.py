"""One store into another: nothing is lost, not even a float's last bit, and half a copy is none."""

import random
import sqlite3
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.domain.news import News
from monitor.errors import ConfigError, StoreBroken, StoreUnavailable
from monitor.store.base import NamedEvent, PlaceRow, ToldNews
from monitor.store.copying import copy_store
from monitor.store.sql import SqlStore
from monitor.testing.store_rows import contact, everything, put, signal
from tests.servers.postgresql import Postgresql
from tests.store.conftest import DATABASES

Open = Callable[[Path | str], SqlStore]
SOURCES = ("pbx", "mail", "Zürich", "\0")


@pytest.fixture(autouse=True)
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.store.copying._ROWS_AT_ONCE", 500)


@pytest.fixture
def full(url: str, open_sql: Open) -> SqlStore:
    """A store with a little of everything, and with what is awkward."""
    store = open_sql(url)
    chance = random.Random(7)
    for source in SOURCES:
        with store.transaction(source) as unit:
            unit.move(0, {"uid": [1, {"ä": None}], "nul": "\0"}, 1_795_000_000_000_000, None)
            unit.put_contacts([contact(f"c{n}\1", record="x" * n, deadline=n or None, running="[]") for n in range(600)])
            unit.put_signals([signal(f"c{n}\1", n, occurrence="\0") for n in range(200)])
            unit.add_totals({("wait_seconds_sum", (f"ü{n}", '"')): any_float(chance) for n in range(300)})
            unit.add_weeks({("desk", "slow_answer", f"2026-11-{n:02}"): (n, -n) for n in range(1, 30)})
            unit.put_places([PlaceRow("queue:日本", "日本", "phone")])
            unit.write_state({"": "empty", "a\0b": "\1"}, 5)
            unit.put_gap(1, 2)
            unit.put_named_events([NamedEvent("c1\1", "\0 ä", -1)])
            unit.put_news([News("\0 k", n, "c1\1", "email", "", until=n or None, remarks="ours") for n in range(2)])
            unit.put_told(ToldNews(7, {"\0 k": 1}))
            unit.have_heard(8)
    store.keep_key_check("of the key")
    return store


def any_float(chance: random.Random) -> float:
    """Any finite double, the smallest and largest too."""
    while True:
        found: float = struct.unpack("<d", chance.randbytes(8))[0]
        if abs(found) < float("inf"):
            return found


@pytest.fixture(params=DATABASES)
def target(request: pytest.FixtureRequest, tmp_path: Path, open_sql: Open) -> Iterator[SqlStore]:
    """An empty store of each database in turn."""
    if request.param == "sqlite":
        yield open_sql(tmp_path / "target.db")
        return
    server: Postgresql = request.getfixturevalue("postgresql")
    made = server.new_database()
    store = open_sql(made)
    yield store
    store.close()
    server.drop(made)


def ignore(_done: int, _rows: int) -> None:
    """Nobody looks."""


def test_the_copy_is_the_same_to_the_last_bit(full: SqlStore, target: SqlStore) -> None:
    steps: list[tuple[int, int]] = []
    counts = copy_store(full, target, lambda done, rows: steps.append((done, rows)))
    assert counts == {
        "source": 4, "contact": 2400, "signal": 800, "total": 1200, "week": 116, "place": 4, "gap": 4, "state": 8,
        "named_event": 4, "news": 8, "told": 4, "heard": 4, "key_check": 1,
    }  # fmt: skip
    for source in SOURCES:
        assert target.cursor_row(source) == full.cursor_row(source)
        assert target.read_state_prefix(source, "") == full.read_state_prefix(source, "")
        assert target.places(source) == full.places(source)
    assert sorted(totals(target)) == sorted(totals(full))
    copied, original = everything(target, SOURCES)["all"], everything(full, SOURCES)["all"]
    assert copied[1:] == original[1:]  # totals are sums over sources, whose last bit depends on the order they are added in
    rows = sum(counts.values())
    assert steps == sorted(steps)
    assert len(steps) > 10  # a portion each
    assert steps[-1] == (2 * rows, 2 * rows)


def totals(store: SqlStore) -> list[tuple[str, ...]]:
    """Each source's own, floats by their bits."""
    with store.snapshot() as connection:
        rows = connection.exec_driver_sql("SELECT source, labels, value FROM total").fetchall()
    return [(source, labels, value.hex()) for source, labels, value in rows]


def test_the_copy_is_gone_on_with(full: SqlStore, target: SqlStore) -> None:
    copy_store(full, target, ignore)
    with target.transaction("pbx") as unit:
        unit.move(1, {"uid": [2]}, None, None)
        unit.add_totals({("m", ()): 1.0})
        assert [row.contact for row in unit.due(1, 5)] == ["c1\1"]
    assert target.cursor_row("pbx").version == 2


@pytest.mark.parametrize("what", ["a contact", "a total", "an entry"])
def test_what_is_not_empty_is_left_alone(url: str, open_sql: Open, tmp_path: Path, what: str) -> None:
    origin, target = open_sql(tmp_path / "origin.db"), open_sql(url)
    put(origin, "pbx", contact("new"))
    with target.transaction("mail") as unit:
        if what == "a contact":
            unit.put_contacts([contact("mine")])
        elif what == "a total":
            unit.add_totals({("m", ()): 0.0})
        else:
            unit.write_state({"k": "v"}, 1)
    before = everything(target, ["pbx", "mail"])
    with pytest.raises(ConfigError, match="it is not empty"):
        copy_store(origin, target, ignore)
    assert everything(target, ["pbx", "mail"]) == before


@pytest.mark.parametrize("at", [0.1, 0.9])
def test_a_copy_that_is_interrupted_leaves_nothing_and_can_be_made_again(full: SqlStore, target: SqlStore, at: float) -> None:
    def interrupt(done: int, rows: int) -> None:
        if done >= at * rows:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_store(full, target, interrupt)
    assert everything(target, SOURCES)["all"] == ({}, {}, [], [], [])
    copy_store(full, target, ignore)
    assert len(list(target.begun_between(0, 1000))) == 2400


def test_what_is_written_meanwhile_is_not_in_the_copy(full: SqlStore, target: SqlStore) -> None:
    """The copy shows one moment, with totals that fit its contacts."""
    written = False

    def write_beside(_done: int, _rows: int) -> None:
        nonlocal written
        if not written:
            written = True
            with full.transaction("pbx") as unit:
                unit.put_contacts([contact("late")])
                unit.add_totals({("late", ()): 1.0})

    copy_store(full, target, write_beside)
    assert len(full.find("late")) == 1
    assert target.find("late") == []
    assert ("late", ()) not in target.totals()


def test_a_store_that_does_not_give_back_what_was_written_is_refused(
    tmp_path: Path, open_sql: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin, target = open_sql(tmp_path / "origin.db"), open_sql(tmp_path / "target.db")
    with origin.transaction("pbx") as unit:
        unit.add_totals({("m", ()): 0.1})
    beside = sqlite3.connect(tmp_path / "target.db")
    beside.execute(
        "CREATE TRIGGER round AFTER INSERT ON total BEGIN UPDATE total SET value = round(value) WHERE source = NEW.source; END"
    )
    beside.close()
    with pytest.raises(StoreBroken, match="total: it does not give back what was written"):
        copy_store(origin, target, ignore)
    assert target.totals() == {}


def test_nobody_writes_into_a_copy_while_it_is_made(tmp_path: Path, open_sql: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.store.engines.sqlite.BUSY_SECONDS", 0.0)
    origin, target, daemon = (open_sql(tmp_path / name) for name in ("origin.db", "target.db", "target.db"))
    put(origin, "pbx", contact("c"))
    refused: list[StoreUnavailable] = []

    def write_beside(_done: int, _rows: int) -> None:
        try:
            put(daemon, "pbx", contact("d"))
        except StoreUnavailable as error:
            refused.append(error)

    copy_store(origin, target, write_beside)
    assert len(refused) == 2
    assert [each.row.contact for each in target.begun_between(0, 1000)] == ["c"]
