"""What goes wrong with a file: full, busy, read-only, damaged, foreign, newer. And that nothing is doubled afterwards."""

import sqlite3
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.engine.default import DefaultDialect

from monitor.errors import StoreBroken, StoreUnavailable
from monitor.store.base import NO_CURSOR, Store
from monitor.store.engines import sqlite
from monitor.testing.store_rows import contact, everything, signal
from tests.store.conftest import no_file_longer_than


def big_batch(store: Store) -> None:
    """One batch of about a megabyte."""
    with store.transaction("pbx") as unit:
        unit.move(0, {"at": 1}, 1, None)
        unit.put_contacts([contact(f"c{n}", record="x" * 1000) for n in range(1000)])
        unit.put_signals([signal(f"c{n}", n) for n in range(1000)])
        unit.add_totals({("signals_total", ("desk",)): 1000.0})


def assert_holds_one_batch(store: Store) -> None:
    assert store.cursor_row("pbx").version == 1
    assert store.totals() == {("signals_total", ("desk",)): 1000.0}
    assert len(list(store.begun_between(0, 10**9))) == len(list(store.signals())) == 1000


def test_a_full_database_refuses_the_batch_and_takes_it_later(
    database: Path, open_sql: Callable[[Path], Store], connections: list[sqlite3.Connection]
) -> None:
    store = open_sql(database)
    pages = connections[0].execute("PRAGMA page_count").fetchone()[0]
    connections[0].execute(f"PRAGMA max_page_count={pages + 50}")
    before = everything(store, ["pbx"])
    for _ in range(3):
        with pytest.raises(StoreUnavailable, match="disk is full"):
            big_batch(store)
        assert everything(store, ["pbx"]) == before
    connections[0].execute("PRAGMA max_page_count=1000000")
    big_batch(store)
    assert_holds_one_batch(store)


@pytest.mark.parametrize("room", [0, 5_000, 100_000, 900_000])
def test_a_write_that_fails_halfway_through_the_commit_leaves_nothing(
    database: Path, open_sql: Callable[[Path], Store], room: int
) -> None:
    store = open_sql(database)
    with no_file_longer_than(room), pytest.raises(StoreUnavailable):
        big_batch(store)
    assert store.cursor_row("pbx") == NO_CURSOR
    big_batch(store)
    assert_holds_one_batch(store)
    store.close()
    assert_holds_one_batch(open_sql(database))


def test_a_file_that_became_read_only_is_unavailable_until_it_is_not(
    database: Path, open_sql: Callable[[Path], Store], connections: list[sqlite3.Connection]
) -> None:
    store = open_sql(database)
    connections[0].execute("PRAGMA query_only=ON")
    with pytest.raises(StoreUnavailable, match="is read-only"):
        big_batch(store)
    connections[0].execute("PRAGMA query_only=OFF")
    big_batch(store)
    assert_holds_one_batch(store)


def test_ctrl_c_in_the_middle_of_a_statement_undoes_the_batch_and_is_handed_on(
    database: Path, open_sql: Callable[[Path], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    store = open_sql(database)
    before = everything(store, ["pbx"])
    monkeypatch.setattr(DefaultDialect, "do_executemany", interrupted)
    with pytest.raises(KeyboardInterrupt):
        big_batch(store)
    assert everything(store, ["pbx"]) == before


def test_a_writer_that_waited_too_long_is_told_so_and_nothing_is_lost(
    database: Path, open_sql: Callable[[Path], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.0)
    ours, other = open_sql(database), open_sql(database)
    with other.transaction("mail") as unit:
        unit.move(0, {}, 1, None)
        with pytest.raises(StoreUnavailable, match="another process is writing"):
            big_batch(ours)
        with pytest.raises(StoreUnavailable):
            sum(ours.prune(1))
        assert ours.cursor_row("mail") == NO_CURSOR
    big_batch(ours)
    assert_holds_one_batch(other)
    assert other.cursor_row("mail").version == 1


def test_opening_a_new_file_on_a_full_disk_can_be_tried_again(tmp_path: Path, open_sql: Callable[[Path], Store]) -> None:
    file = tmp_path / "new.db"
    with no_file_longer_than(8_000), pytest.raises(StoreUnavailable):
        open_sql(file)
    store = open_sql(file)
    big_batch(store)
    assert_holds_one_batch(store)


def test_a_file_that_is_no_database_is_named_with_the_remedy(tmp_path: Path, open_sql: Callable[[Path], Store]) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(b"Dear diary, this is not a database. " * 200)
    with pytest.raises(StoreBroken, match=r"notes\.txt: it is not an SQLite database"):
        open_sql(file)
    assert file.read_bytes().startswith(b"Dear diary")


def test_a_damaged_file_is_broken_not_busy(database: Path, open_sql: Callable[[Path], Store]) -> None:
    store = open_sql(database)
    big_batch(store)
    store.close()
    content = bytearray(database.read_bytes())
    content[4096:] = bytes(0xA5 for _ in content[4096:])
    database.write_bytes(content)
    with pytest.raises(StoreBroken, match="damaged"):
        list(open_sql(database).begun_between(0, 10**9))


def test_another_programs_database_is_left_alone(tmp_path: Path, open_sql: Callable[[Path], Store]) -> None:
    file = tmp_path / "asterisk.sqlite3"
    other = sqlite3.connect(file)
    other.execute("CREATE TABLE contact (id)")
    other.commit()
    other.close()
    with pytest.raises(StoreBroken, match="another program's tables"):
        open_sql(file)


def test_a_newer_schema_is_not_touched(database: Path, open_sql: Callable[[Path], Store]) -> None:
    newer = sqlite3.connect(database)
    newer.execute("UPDATE alembic_version SET version_num = '9999'")
    newer.commit()
    newer.close()
    with pytest.raises(StoreBroken, match=r"written by a newer version of this program \(9999\)"):
        open_sql(database)


def test_a_store_that_lost_its_tables_is_broken(database: Path, open_sql: Callable[[Path], Store]) -> None:
    store = open_sql(database)
    other = sqlite3.connect(database)
    other.execute("DROP TABLE contact")
    other.close()
    with pytest.raises(StoreBroken, match="does not hold the tables"):
        big_batch(store)
    assert store.cursor_row("pbx") == NO_CURSOR


def test_a_file_that_was_deleted_or_replaced_under_us_takes_no_batch(database: Path, open_sql: Callable[[Path], Store]) -> None:
    store = open_sql(database)
    kept = database.rename(database.with_name("moved.db"))
    with pytest.raises(StoreBroken, match="moved or deleted while it was open"):
        big_batch(store)
    database.write_bytes(kept.read_bytes())
    with pytest.raises(StoreBroken, match="moved or deleted while it was open"):
        big_batch(store)
    kept.rename(database)
    big_batch(store)
    assert_holds_one_batch(store)


def test_a_failure_shows_nothing_of_what_was_to_be_written(
    database: Path, open_sql: Callable[[Path], Store], connections: list[sqlite3.Connection]
) -> None:
    store = open_sql(database)
    connections[0].execute("DROP TABLE contact")
    private = "-".join(["address"] * 2)  # joined, so that the traceback's own lines of code do not hold it
    with pytest.raises(StoreBroken) as caught, store.transaction("pbx") as unit:
        unit.put_contacts([contact(private, record=private)])
    assert private not in "".join(traceback.format_exception(caught.value))


def test_a_store_opens_beside_one_that_is_writing(
    database: Path, open_sql: Callable[[Path], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.0)
    store = open_sql(database)
    with store.transaction("pbx") as unit:
        unit.put_contacts([contact("c")])
        assert open_sql(database).find("c") == []


def test_a_missing_directory_and_a_directory_as_file_are_named(tmp_path: Path, open_sql: Callable[[Path], Store]) -> None:
    with pytest.raises(StoreBroken, match=r"there is no directory .*/nowhere: create it"):
        open_sql(tmp_path / "nowhere" / "contacts.db")
    with pytest.raises(StoreBroken, match="it is a directory"):
        open_sql(tmp_path)
