"""The SQLite store keeps the contract."""

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.store.base import Store
from tests.store.contract import StoreContract


@pytest.fixture
def store(database: Path, open_sql: Callable[[Path], Store]) -> Store:
    return open_sql(database)


class TestSqlStore(StoreContract):
    pass
