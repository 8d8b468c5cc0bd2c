"""What the benchmarks of helpdesks share: a connector's first read without sockets, its batches as verdicts in an SQLite file."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

from monitor.config.loading import build
from monitor.config.policies import PolicyResolver, calendars, make_directory
from monitor.connector import Batch
from monitor.connectors._http.client import HttpClient
from monitor.domain.event import EPOCH
from monitor.engine.ingest import Ingest
from monitor.store import make_store
from monitor.testing import FakeClock, make_context
from monitor.testing.context import FakeState

#: (client, method, url, parameters, body) -> status, headers, bytes: what stands in for the sockets.
Sent = Callable[[HttpClient, str, str, Any, Any], Awaitable[tuple[int, dict[str, str], bytes]]]


async def batches(source: Mapping[str, Any], sent: Sent, now: datetime) -> AsyncIterator[Batch]:
    """The first read of a source, as configured, from bytes of answers to batches."""
    connector, state = import_module(f"monitor.connectors.{source['type']}"), FakeState()
    context = make_context("desk", clock=FakeClock(now), state=state)
    with patch.object(HttpClient, "_sent", sent):
        async for batch in connector.connect(connector.Settings.model_validate(source), context).read(None):
            state.store(batch)
            yield batch


async def verdicts(source: Mapping[str, Any], read: AsyncIterator[Batch], path: Path, now: datetime) -> tuple[int, int]:
    """Batches -> verdicts in an SQLite file; how many contacts were stored, and how many negative ones they make."""
    settings = build({"sources": {"desk": source}})
    resolver = PolicyResolver(settings, calendars(settings))
    store = make_store(f"sqlite:{path}")
    store.open()
    ingest = Ingest(store, make_directory(settings, resolver), resolver.bounds())
    seen, until, rejected = store.cursor_row("desk"), None, 0
    async for batch in read:
        until = batch.watermark
        result = ingest.batch("desk", source["type"], batch, seen, until or EPOCH, until, now=now)
        seen, rejected = result.source or seen, rejected + len(batch.rejected)
    while ingest.sweep("desk", until or EPOCH, now=now).swept:
        pass
    totals = store.totals()
    store.close()
    if rejected:
        raise SystemExit(f"{rejected} tickets were not understood")
    contacts, signals = (
        int(sum(n for (metric, _), n in totals.items() if metric == name)) for name in ("contacts_total", "signals_total")
    )
    return contacts, signals


async def events(read: AsyncIterator[Batch]) -> int:
    """How many events there are."""
    return sum([len(batch.events) async for batch in read])
