"""Stores as files that cost no migration each."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.store import make_store
from monitor.store.base import Store

pytest.register_assert_rewrite("tests.store.contract")


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.db"
    store = make_store(f"sqlite:{path}")
    store.open()
    store.close()
    return path


@pytest.fixture
def database(empty_database: Path, tmp_path: Path) -> Path:
    """A file with the tables and nothing in them."""
    return Path(shutil.copy(empty_database, tmp_path / "contacts.db"))


@pytest.fixture
def open_sql() -> Iterator[Callable[[Path], Store]]:
    """Opens stores and closes them after the test."""
    opened: list[Store] = []

    def open_one(path: Path) -> Store:
        store = make_store(f"sqlite:{path}")
        opened.append(store)
        store.open()
        return store

    yield open_one
    for store in opened:
        store.close()
