"""What strangers send to the daemon's port, as a process: nothing of it is in its log."""

import asyncio
import json
from pathlib import Path

from tests.servers.daemon import Daemon

TOKEN = b"tok-3f9a"
NUMBER = b"+442079460000"
HEAD = b"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + TOKEN
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
