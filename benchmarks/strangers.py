"""How long do a push and a scrape take beside strangers, who have neither token nor password?

    python -m benchmarks.strangers [ROUNDS]

The daemon as `run` starts it, with one user, in a process that may have 1024 descriptors, as most systems give. Each request
is on a connection of its own, as a client's first is. Beside each of the three sits the same request with nobody else there:
- a push beside four who have sent the heads of pushes without a token and half of their bodies,
- a scrape with a password that is known beside 60 connections that guess as fast as they are answered, and the first request
  of somebody from another address, with a wrong password of his own, until it is checked,
- a scrape beside 1,100 connections that have sent half of a head, each opened again as soon as it is closed.
The last line says how much the daemon logged meanwhile.
"""

import asyncio
import base64
import itertools
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import bcrypt

from benchmarks._daemon import PORT, Daemon, post
from benchmarks._measure import machine

PATIENCE = 60.0
STRANGERS, GUESSERS, HALF_SENT = 4, 60, 1100
PASSWORD = "benchmark"
DESCRIPTORS = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (1024, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
"""
EVENT = b'{"id":"1","contact":"c","contact_point":"desk","channel":"phone","kind":"queued","at":"2026-11-02T09:00:00Z"}'
HALF_PUSH = b"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n" + EVENT
HALF_HEAD = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n"

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def scrape(password: str) -> bytes:
    """The bytes of a scrape by the one user."""
    shown = base64.b64encode(f"anna:{password}".encode()).decode()
    return f"GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {shown}\r\n\r\n".encode()


async def opened(request: bytes, address: str = "127.0.0.1") -> Stream:
    """A connection from this loopback address on which this was sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT, local_addr=(address, 0))
    writer.write(request)
    return reader, writer


async def status(request: bytes, address: str = "127.0.0.1") -> int:
    """Of the answer to a request on a connection of its own; 0: none."""
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await opened(request, address)
            try:
                return int((await reader.readline()).split()[1])
            finally:
                writer.transport.abort()
    except (OSError, IndexError):  # too long, refused, or closed without a word
        return 0


async def timed(request: bytes, rounds: int) -> str:
    """How long requests take, one after the other, and how many are not answered with 200."""
    took, wrong = [], 0
    for _ in range(rounds):
        start = time.perf_counter()
        wrong += await status(request) != 200
        took.append(time.perf_counter() - start)
    return f"median {statistics.median(took) * 1000:8.1f} ms, at most {max(took) * 1000:8.1f} ms, {wrong} of {rounds} failed"


async def send_half(request: bytes) -> None:
    """Holds a connection on which half a request was sent; opens it again when it is closed."""
    while True:
        with suppress(OSError):
            reader, writer = await opened(request)
            try:
                await reader.read()
            finally:
                writer.transport.abort()
        await asyncio.sleep(0.1)


async def guess(numbers: "itertools.count[int]") -> None:
    while True:
        if await status(scrape(f"guess {next(numbers)}")) in (0, 503):
            await asyncio.sleep(0.05)


@asynccontextmanager
async def beside(count: int, stranger: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """So many strangers, from two seconds before."""
    tasks = [asyncio.create_task(stranger()) for _ in range(count)]
    await asyncio.sleep(2)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until_checked() -> str:
    """Somebody from another address, who tries again a second after each 503."""
    start = time.perf_counter()
    for tries in itertools.count(1):
        if await status(scrape("not known yet"), "127.0.0.2") == 401:
            return f"{time.perf_counter() - start:.2f} s, {tries} tries"
        await asyncio.sleep(1)
    raise AssertionError


async def main(rounds: int) -> None:
    """Prints one line each."""
    pushed, scraped, numbers = post(EVENT), scrape(PASSWORD), itertools.count()
    print(f"push alone                      {await timed(pushed, rounds)}")
    async with beside(STRANGERS, lambda: send_half(HALF_PUSH)):
        print(f"push beside {STRANGERS} half-sent ones    {await timed(pushed, rounds)}")
    await status(scraped)
    print(f"scrape alone                    {await timed(scraped, rounds)}")
    async with beside(GUESSERS, lambda: guess(numbers)):
        print(f"scrape beside {GUESSERS} guessers       {await timed(scraped, rounds)}")
        print(f"a new password beside them is checked after {await until_checked()}")
    async with beside(HALF_SENT, lambda: send_half(HALF_HEAD)):
        print(f"scrape beside {HALF_SENT} half heads    {await timed(scraped, rounds)}")


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(machine())
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(10)).decode()
    with tempfile.TemporaryDirectory() as made, (Path(made) / "log").open("w+b") as log:
        with Daemon(Path(made) / "contacts.db", f"web: {{users: {{anna: {hashed}}}}}\n", DESCRIPTORS, log=log):
            asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
        log.seek(0)
        print(f"{sum(1 for _ in log)} lines in the log")
