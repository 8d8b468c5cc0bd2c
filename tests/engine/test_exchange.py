"""What a source hears of others: each thing once, whoever has told it under which number."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from monitor.engine.exchange import Exchange
from monitor.engine.ingest import Ingest
from monitor.engine.transaction import IngestResult
from monitor.store.base import Store, ToldNews
from monitor.store.memory import MemoryStore
from monitor.testing.clock import FakeClock

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
NUMBER = int(NOW.timestamp() * 1e6)


class EveryCustomerIsOurs(MemoryStore):
    """A store in which all that is told concerns the telephone."""

    def concerned(self, since: Mapping[str, int]) -> set[str]:
        return {"pbx"}


def told(store: Store, source: str, customer: str) -> None:
    with store.transaction(source) as unit:
        unit.put_told(ToldNews(NUMBER, {customer: 1}))


async def test_two_sources_that_told_in_one_microsecond_are_both_heard_of_and_once() -> None:
    store, heard = EveryCustomerIsOurs(), list[str]()

    async def ask(source: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    def hear(source: str, since: Mapping[str, int], *, now: datetime) -> IngestResult:
        assert source == "pbx"
        heard.extend(sorted(since))
        return IngestResult()

    ingest = cast(Ingest, SimpleNamespace(hear=hear))
    exchange = Exchange(store, ingest, FakeClock(NOW), ask, lambda source, result: None, ["pbx"])
    told(store, "mail", "ann")
    await exchange.catch_up("pbx")
    assert heard == ["ann"]
    told(store, "desk", "bob")  # its transaction became visible later
    for _ in range(2):
        await exchange.catch_up("pbx")
    assert heard == ["ann", "bob"]
