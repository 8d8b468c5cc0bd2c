"""The store in SQL keeps the contract, on SQLite and on PostgreSQL."""

from collections.abc import Callable

import pytest

from monitor.store.base import Store
from monitor.testing import StoreContract


@pytest.fixture
def store(url: str, open_sql: Callable[[str], Store]) -> Store:
    return open_sql(url)


class TestSqlStore(StoreContract):
    pass
