"""The reference store keeps the contract, and fails on demand."""

import pytest

from monitor.errors import StoreUnavailable
from monitor.store.memory import MemoryStore
from monitor.testing.store_contract import StoreContract
from monitor.testing.store_rows import contact


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


class TestMemoryStore(StoreContract):
    pass


def test_a_commit_fails_once_when_it_is_told_to(store: MemoryStore) -> None:
    store.fail_next = StoreUnavailable("the disk is full")
    with pytest.raises(StoreUnavailable, match="disk is full"), store.transaction("pbx") as unit:
        unit.put_contacts([contact("c")])
    assert store.find("c") == []
    with store.transaction("pbx") as unit:
        unit.put_contacts([contact("c")])
    assert len(store.find("c")) == 1


def test_it_has_no_size_and_no_other_writer(store: MemoryStore) -> None:
    assert (store.size_bytes(), store.generation()) == (None, 0)
