"""The API of a real daemon under generated requests, sensible and not: no fault, and every answer as described.

Seeded by the names of the operations (Hypothesis' `derandomize`), so that a failure comes again.
"""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import schemathesis
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from monitor.config.loading import build
from monitor.daemon.app import Daemon
from monitor.daemon.serve import DaemonServices
from monitor.publish.web.openapi import document
from monitor.publish.web.server import make_app
from monitor.testing import FakeClock

SCHEMA = schemathesis.openapi.from_dict(document()).exclude(path="/api/v1/stream")  # which has no end
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
TOKEN = {"Authorization": "Bearer secret"}
NINE = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
EVENTS = b"""
{"contact": "c1", "contact_point": "desk", "channel": "phone", "kind": "queued", "at": "2026-11-02T08:00:00Z"}
{"contact": "c1", "kind": "answered", "contact_point": "desk", "channel": "phone", "at": "2026-11-02T08:01:00Z"}
{"contact": "c2", "contact_point": "desk", "channel": "ticket", "kind": "received", "at": "2026-11-02T08:00:00Z"}
"""


@schemathesis.serializer("application/x-ndjson")
def as_lines(_: object, value: object) -> bytes:
    """Texts as they are, also such as are no text."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@pytest.fixture(scope="module")
def daemon_at() -> Iterator[tuple[str, str]]:
    """Where a daemon listens, with a signal and somebody who waits, in a thread of its own (the generated requests are made in
    this one); and our id of who waits."""
    listening, address, contact = threading.Event(), "", ""
    loop = asyncio.new_event_loop()
    over = asyncio.Event()

    async def serve() -> None:
        nonlocal address, contact
        raw = {"store": "memory:", "sources": {"desk": {"type": "events", "token": "secret"}}}
        daemon = Daemon(lambda: build(raw), FakeClock(NINE))
        await daemon.open()
        running = asyncio.create_task(daemon.run())
        services = DaemonServices(daemon)
        async with TestServer(make_app(services)) as server:
            await services.push("desk", "secret", list(enumerate(EVENTS.strip().split(b"\n"), 1)))
            address = str(server.make_url("/")).rstrip("/")
            [contact] = [each.row.id for each in daemon.store.find("c2")]
            listening.set()
            await over.wait()
        daemon.stop()
        await running
        services.close()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert listening.wait(timedelta(seconds=30).total_seconds())
    yield address, contact
    loop.call_soon_threadsafe(over.set)
    thread.join(30)
    loop.close()


@pytest.mark.parametrize("known", [True, False])
@SCHEMA.parametrize()
@settings(max_examples=15, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_asked_is_answered_as_described(case: schemathesis.Case, known: bool, daemon_at: tuple[str, str]):
    """`known`: by who shows the token of a source, and of a contact that there is."""
    address, contact = daemon_at
    if known and "contact" in case.path_parameters:
        case.path_parameters["contact"] = contact
    case.call_and_validate(base_url=address, headers=TOKEN if known else {}, checks=CHECKS, timeout=20)
