"""A store that version 0.1 left behind opens, and nothing in it is lost."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.event import from_micros
from monitor.store.base import OPEN, CursorRow, GapRow, PlaceRow, Store
from tests.engine.scenarios import ingest_run

DUMP = Path(__file__).parent / "data" / "version_0_1.sql"
#: 2026-11-02 09:00 UTC, when the first call came in.
NINE = 1_793_610_000_000_000


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    path = tmp_path / "contacts.db"
    connection = sqlite3.connect(path)
    connection.executescript(DUMP.read_text())
    connection.close()
    return path


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, under the table's present name."""
    connection = sqlite3.connect(path)
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {
        "state" if name == "note" else name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr)
        for name in names
        if name != "alembic_version"
    }
    connection.close()
    return found


def test_every_row_is_there_afterwards_as_it_was(old_file: Path, open_sql: Callable[[Path], Store]) -> None:
    before = rows(old_file)
    assert all(before.values())
    open_sql(old_file).close()
    # It has calls alone; that a customer was reached is told by them no more, but beside them.
    contacts = sorted(((*row[:-1], None if row[-2] is None else OPEN) for row in before["contact"]), key=repr)
    news = [("pbx", "call", "ab23029f6fcca1c0", "words", NINE + 25_000_000, "ann", "phone", None, "")]
    signals = sorted(((*row, None) for row in before["signal"]), key=repr)
    new = {name: list[Any]() for name in ("named_event", "key_check", "told", "heard")}
    assert rows(old_file) == before | new | {"contact": contacts, "news": news, "signal": signals}


def test_what_it_knew_is_known_under_the_new_words(old_file: Path, open_sql: Callable[[Path], Store]) -> None:
    store = open_sql(old_file)
    assert store.cursor_row("pbx") == CursorRow(10, {"n": 9}, NINE + 330_000_000, NINE + 200_000_000)
    assert store.read_state_prefix("pbx", "thread:") == {"thread:7": "call"}
    assert list(store.places("pbx")) == [PlaceRow("name:desk", "desk", "phone"), PlaceRow("queue:sales", "sales", "phone")]
    assert list(store.gaps(0)) == [GapRow("pbx", NINE - 3000_000_000, NINE - 2940_000_000)]
    totals = store.totals()
    assert totals["contacts_total", ("phone", "desk", "inbound")] == 2.0
    assert totals["signals_total", ("phone", "desk", "long_wait")] == 2.0  # 25 s and 30 s in a queue of 20 s
    assert totals["wait_seconds_sum", ("phone", "desk", "queue")] == 55.0
    assert totals["wait_seconds_sum", ("phone", "desk", "callback")] == 0.1
    assert store.weeks("2026-11-02")["desk", "long_wait", "2026-11-02"] == (2, 2)
    assert [(each.row.contact, each.row.signal) for each in store.signals(since=NINE + 300_000_000)] == [
        ("missed", "abandoned"), ("missed", "long_wait"),
    ]  # fmt: skip


def test_it_is_gone_on_with(old_file: Path, open_sql: Callable[[Path], Store]) -> None:
    """The missed caller is owed a call back within four hours: when they are over, that is a signal more, and once."""
    store = open_sql(old_file)
    [waiting] = list(store.running("pbx"))
    assert (waiting.contact, waiting.owed_since) == ("missed", NINE + 330_000_000)
    for _ in range(2):
        ingest_run(store).sweep(from_micros(NINE + 5 * 3600_000_000))
        assert store.totals()["signals_total", ("phone", "desk", "missed_callback")] == 1.0
    assert store.totals()["signals_total", ("phone", "desk", "long_wait")] == 2.0
