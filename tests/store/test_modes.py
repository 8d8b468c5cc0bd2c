"""Nobody but its owner reads an SQLite store, nor what lies beside it."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from monitor.store import make_store
from monitor.testing.store_contract import contact, put

FILES = ("contacts.db", "contacts.db-shm", "contacts.db-wal")


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(directory: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o777 for file in directory.iterdir()}


def test_a_new_one(tmp_path: Path) -> None:
    store = make_store(f"sqlite:{tmp_path / 'contacts.db'}")
    store.open()
    put(store, "pbx", contact("c"))
    assert modes(tmp_path) == dict.fromkeys(FILES, 0o600)
    store.close()


def test_one_that_others_could_read_is_mended(database: Path, tmp_path: Path) -> None:
    """As an earlier version left it, killed: with its log beside it."""
    living = make_store(f"sqlite:{database}")
    living.open()
    put(living, "pbx", contact("c"))
    for name in FILES:
        (tmp_path / name).chmod(0o644)
    store = make_store(f"sqlite:{database}")
    store.open()
    assert modes(tmp_path) == dict.fromkeys(FILES, 0o600)
    assert [found.row.contact for found in store.find("c")] == ["c"]
    store.close()
    living.close()


def test_one_of_another_owner_is_told_and_opened(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database.chmod(0o644)

    def refuse(*_arguments: object, **_options: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chmod", refuse)
    store = make_store(f"sqlite:{database}")
    with structlog.testing.capture_logs() as logs:
        store.open()
    assert [(line["log_level"], line["file"]) for line in logs] == [("warning", str(database))]
    store.close()


def test_opening_anew_takes_no_lock_from_this_process(database: Path) -> None:
    """POSIX takes all of a process's locks off a file when the process closes it once, whoever opened it."""
    with sqlite3.connect(database, isolation_level=None) as writing:
        writing.execute("BEGIN IMMEDIATE")
        store = make_store(f"sqlite:{database}")
        store.open()
        code = f"import sqlite3; sqlite3.connect({str(database)!r}, timeout=0).execute('BEGIN IMMEDIATE')"
        another = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
        assert "database is locked" in another.stderr
        store.close()
