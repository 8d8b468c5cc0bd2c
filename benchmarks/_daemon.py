"""The daemon as `run` starts it, in a process of its own, and connections that post to it as fast as it answers."""

import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Self

PORT = 9931
TOKEN = "benchmark"
#: Runs the command line after something was changed for the comparison.
_PATCHED = "{patch}\nfrom monitor.cli.commands import main\nmain()"


class Daemon:
    """Runs while the block does, over this SQLite file, with one source `desk` that accepts pushes."""

    def __init__(self, store: Path, configuration: str = "", patch: str = "", log: IO[bytes] | None = None) -> None:
        """`configuration`: more lines of YAML. `patch`: Python that is run first. `log`: where its standard error goes."""
        self._store, self._configuration, self._log = store, configuration, log
        self._command = ["-c", _PATCHED.format(patch=patch)] if patch else ["-m", "monitor"]

    def __enter__(self) -> Self:
        self._config = tempfile.NamedTemporaryFile("w", suffix=".yaml")  # closed in __exit__
        self._config.write(
            f"store: sqlite:{self._store}\nlisten: 127.0.0.1:{PORT}\n"
            f"sources: {{desk: {{type: events, token: {TOKEN}}}}}\n{self._configuration}"
        )
        self._config.flush()
        command = [sys.executable, *self._command, "run", "--config", self._config.name]
        self.process = subprocess.Popen(command, stderr=self._log or subprocess.DEVNULL)
        asyncio.run(_when_up())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.process.terminate()
        self.process.wait()
        self._config.close()


async def _when_up() -> None:
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", PORT)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise SystemExit("the daemon did not start")


async def asked(request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """One request on an open connection; the body of the answer, also of a refusal."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    if length is None:
        raise SystemExit(f"{head!r}: no length")
    return await reader.readexactly(int(length[1]))


def post(body: bytes) -> bytes:
    """The bytes of a push."""
    head = (
        f"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def metrics() -> str:
    """A scrape."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    text = await asked(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", reader, writer)
    writer.close()
    return text.decode()


async def sender(name: int, until: float, took: list[float]) -> None:
    """Posts one event after the other; a call in the queue is answered by the next post, so that it never waits long."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    number = 0
    while time.time() < until:
        told = {"id": f"{number}", "contact": f"s{name}-{number // 2}", "contact_point": f"line-{name % 20}", "channel": "phone"}
        kind = ("queued", "answered")[number % 2]
        body = json.dumps({**told, "kind": kind, "at": datetime.now(UTC).isoformat()}).encode()
        begun = time.perf_counter()
        await asked(post(body), reader, writer)
        took.append(time.perf_counter() - begun)
        number += 1
    writer.close()
