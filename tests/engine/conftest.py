"""For all tests of the engine that hold on every kind of store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.store import make_store
from monitor.store.base import Store
from monitor.store.memory import MemoryStore


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made: Store = MemoryStore() if request.param == "memory" else make_store(f"sqlite:{tmp_path / 'contacts.db'}")
    made.open()
    yield made
    made.close()
