"""A daemon on a real store that takes nothing for a while: it says why, loses nothing, and goes on by itself.

A disk that is full, a file that is read-only or locked, a server that is stopped.
"""

import asyncio
import json
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from monitor.store import make_store
from monitor.store.engines import sqlite
from monitor.store.memory import MemoryStore
from tests.engine.fake_daemon import NINE, counted
from tests.engine.pushed_desk import PushedDesk
from tests.servers.postgresql import REAL_SERVER, Postgresql
from tests.store.conftest import no_file_longer_than


@dataclass
class BrokenStore:
    """The name of a store, what makes it take nothing for as long as it is entered, and what is said then."""

    url: str
    broken: Callable[[], AbstractContextManager[None]]
    why: str
    to_do: str


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MiB, where this user may mount one."""
    top = tmp_path / "disk"
    top.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", top], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("may not mount a disk of its own here")
    yield top
    subprocess.run(["umount", "--lazy", top], check=True)


@pytest.fixture
def full_disk(small_disk: Path) -> BrokenStore:
    @contextmanager
    def filled() -> Iterator[None]:
        ballast = small_disk / "ballast"
        with ballast.open("wb", buffering=0) as file:
            written = 1
            while written:
                try:
                    written = file.write(bytes(4096))
                except OSError:
                    written = 0
        yield
        ballast.unlink()

    return BrokenStore(
        f"sqlite:{small_disk / 'contacts.db'}", filled, "the disk is full", "make room on the disk on which it lies"
    )


@pytest.fixture
def full_database(database: Path, connections: list[sqlite3.Connection]) -> BrokenStore:
    """SQLite's own limit: what can be had without a disk."""

    @contextmanager
    def limited() -> Iterator[None]:
        pages = connections[0].execute("PRAGMA page_count").fetchone()[0]
        connections[0].execute(f"PRAGMA max_page_count={pages}")
        yield
        connections[0].execute("PRAGMA max_page_count=1000000")

    return BrokenStore(f"sqlite:{database}", limited, "the disk is full", "make room on the disk on which it lies")


@pytest.fixture
def limited_file(database: Path) -> BrokenStore:
    to_do = "look at the disk, at quotas, and at the kernel's log"
    return BrokenStore(f"sqlite:{database}", lambda: no_file_longer_than(0), "the disk reports an error", to_do)


@pytest.fixture
def read_only_file(database: Path, connections: list[sqlite3.Connection]) -> BrokenStore:
    @contextmanager
    def query_only() -> Iterator[None]:
        connections[0].execute("PRAGMA query_only=ON")
        yield
        connections[0].execute("PRAGMA query_only=OFF")

    return BrokenStore(f"sqlite:{database}", query_only, "it is read-only", "look at its owner, its mode and its file system")


@pytest.fixture
def locked_file(database: Path, monkeypatch: pytest.MonkeyPatch) -> BrokenStore:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.0)

    @contextmanager
    def locked() -> Iterator[None]:
        other = sqlite3.connect(database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
        other.close()

    return BrokenStore(
        f"sqlite:{database}",
        locked,
        "another process is writing to it",
        "find out which, as by lsof; a backup must copy it, not lock it",
    )


@pytest.fixture
def stopped_server(postgresql: Postgresql, postgresql_url: str) -> BrokenStore:
    @contextmanager
    def stopped() -> Iterator[None]:
        postgresql.stop()
        try:
            yield
        finally:
            postgresql.start()

    return BrokenStore(
        postgresql_url, stopped, "the server cannot be reached", "see whether it runs, and can be reached from the monitor's host"
    )


WAYS = [
    "full_disk", "full_database", "limited_file", "read_only_file", "locked_file",
    pytest.param("stopped_server", marks=REAL_SERVER),
]  # fmt: skip


def lines(minute: int) -> list[bytes]:
    """Ten calls that wait, and the answer to one of them; of long names, so that they need room."""
    told = [(number, "queued", 0) for number in range(10)] + [(0, "answered", 30)]
    return [
        json.dumps(
            {
                "id": f"{kind}-{'x' * 100}", "contact": f"{minute}-{number}-{'x' * 100}", "contact_point": "desk",
                "channel": "phone", "kind": kind, "at": f"2026-11-02T09:{minute:02}:{second:02}Z",
            }
        ).encode()
        for number, kind, second in told
    ]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
async def test_it_says_why_loses_nothing_and_goes_on_by_itself(way: str, request: pytest.FixtureRequest) -> None:
    broken: BrokenStore = request.getfixturevalue(way)
    store = make_store(broken.url)
    store.open()
    desk = PushedDesk(store, NINE)
    async with desk.daemon as daemon:
        await daemon.clock.advance(60)
        pushed = asyncio.create_task(desk.push(*lines(0)))
        await daemon.clock.advance(1)
        await pushed
        with capture_logs() as logged:
            with broken.broken():
                pushed = asyncio.create_task(desk.push(*lines(1)))
                await daemon.clock.advance(300)
                current = daemon.snapshot()
                assert not pushed.done()
                assert current.store_trouble is not None
                assert current.store_trouble.words == f"the store cannot be written: {broken.why}"
                assert current.store_trouble.to_do == broken.to_do
                assert (current.sources["desk"].reading(daemon.clock.now()), current.sources["desk"].trouble) == (
                    "down", f"the store cannot be written: {broken.why}",
                )  # fmt: skip
                assert current.points["desk"].running is None
            await daemon.clock.advance(20)  # the longest pause between two tries is 5 s, and 10 s must go well
            await pushed
            current = daemon.snapshot()
            assert current.store_trouble is None
            assert current.sources["desk"].reading(daemon.clock.now()) == "up"
            running = current.points["desk"].running
            assert running is not None
            assert running["queue"].waiting == 18
        assert daemon.total("contacts_total") == 20
    said = [line["event"] for line in logged if line["part"] == "store"]
    assert (said[0], said[-1]) == ("store does not take writes, trying again", "store takes writes again")
    assert set(said[1:-1]) <= {"store still does not take writes"}  # as where a server stops, and then cannot be reached
    assert len(said) <= 4
    assert counted(store) == counted(await undisturbed())
    store.close()


async def undisturbed() -> MemoryStore:
    """What is stored where nothing goes wrong."""
    store = MemoryStore()
    desk = PushedDesk(store, NINE)
    async with desk.daemon as daemon:
        for minute, seconds in ((0, 60), (1, 1)):
            await daemon.clock.advance(seconds)
            pushed = asyncio.create_task(desk.push(*lines(minute)))
            await daemon.clock.settle()
            await pushed
        await daemon.clock.advance(320)
    return store
