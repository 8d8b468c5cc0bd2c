"""Empty stores that cost no migration each: a file that is copied, a database from a template."""

import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from monitor.store import make_store
from monitor.store.sql import SqlStore
from tests.servers.postgresql import REAL_SERVER, Postgresql

#: Both databases, for tests whose sense is the same in each.
DATABASES = ("sqlite", pytest.param("postgresql", marks=REAL_SERVER))


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
def postgresql_url(postgresql: Postgresql) -> Iterator[str]:
    """A PostgreSQL database of the test's own, with the tables and nothing in them."""
    url = postgresql.new_database()
    yield url
    postgresql.drop(url)


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest) -> str:
    """The name of a store with the tables and nothing in them, of each database in turn."""
    if request.param == "sqlite":
        return f"sqlite:{request.getfixturevalue('database')}"
    server: Postgresql = request.getfixturevalue("postgresql")
    return server.emptied()


@pytest.fixture(params=DATABASES)
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The name of a store that has no tables yet."""
    if request.param == "sqlite":
        yield f"sqlite:{tmp_path / 'new.db'}"
        return
    server: Postgresql = request.getfixturevalue("postgresql")
    made = server.new_database(template="template1")
    yield made
    server.drop(made)


@pytest.fixture
def open_sql() -> Iterator[Callable[[Path | str], SqlStore]]:
    """Opens stores, by file or by URL, and closes them after the test."""
    opened: list[SqlStore] = []

    def open_one(where: Path | str) -> SqlStore:
        store = make_store(f"sqlite:{where}" if isinstance(where, Path) else where)
        assert isinstance(store, SqlStore)
        opened.append(store)
        store.open()
        return store

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def connections() -> Iterator[list[sqlite3.Connection]]:
    """SQLite's connections as they are made, the writer first."""
    made: list[sqlite3.Connection] = []

    def note(connection: object, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            made.append(connection)

    event.listen(Engine, "connect", note)
    yield made
    event.remove(Engine, "connect", note)


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """What a quota does: this process cannot make a file longer, whatever room there is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
