"""Strangers at the port of the daemon as a process: nothing they send is in its log, and half-sent heads end no scrape."""

import asyncio
import json
import resource
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.servers.daemon import Daemon

TOKEN = b"tok-3f9a"
NUMBER = b"+442079460000"
HEAD = b"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + TOKEN
BAD = (
    HEAD + b"\r\r\n\r\n",
    HEAD + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + NUMBER + b"\r\n",
    HEAD + b"\r\nContent-Encoding: gzip\r\nContent-Length: 13\r\n\r\n" + NUMBER,
    b"GET /?customer=" + NUMBER + b" HTTP/9.9\r\n\r\n",
)


async def send(address: str, request: bytes) -> bytes:
    """The first line of the answer."""
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(request)
        return await reader.readline()
    finally:
        writer.close()


async def test_nothing_of_a_bad_request_is_in_the_log(tmp_path: Path):
    async with (
        asyncio.timeout(120),
        Daemon(tmp_path, {"sources": {"desk": {"type": "events", "token": TOKEN.decode()}}}) as daemon,
    ):
        for request in BAD:
            for _ in range(20):
                assert (await send(daemon.address, request)).endswith(b" 400 Bad Request\r\n")
        assert await daemon.stop() == 0
        written = daemon.log.read_text()
    assert TOKEN.decode() not in written
    assert NUMBER.decode() not in written
    said = [json.loads(line)["event"] for line in written.splitlines()]  # structured lines and nothing else
    assert said.count("a request that is no HTTP was refused") == 1


@pytest.fixture
def few_descriptors() -> Iterator[None]:
    """What is started meanwhile may have 200: this process keeps to it too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("few_descriptors")
async def test_more_half_sent_heads_than_it_has_descriptors_end_no_scrape(tmp_path: Path):
    sources = {"desk": {"type": "events", "token": TOKEN.decode()}}
    async with asyncio.timeout(120), Daemon(tmp_path, {"sources": sources}) as daemon, AsyncExitStack() as opened:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))  # ours
        host, _, port = daemon.address.rpartition(":")
        for _ in range(400):
            _, writer = await asyncio.open_connection(host, int(port))
            opened.callback(lambda writer=writer: writer.transport.abort())
            writer.write(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n")
        assert "contactpoint_source_up" in (await daemon.get("/metrics") or "no answer")
        said = [json.loads(line) for line in daemon.log.read_text().splitlines()]
    full = [line for line in said if line["level"] == "warning"]
    assert [(line["event"][:31], line["most"]) for line in full] == [("as many connections as may be: ", 100)]
