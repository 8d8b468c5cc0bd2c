"""A real PostgreSQL for tests: one server of Debian's package in a directory of its own, a fresh database for each test.

The server refuses to run as root, who starts it as `nobody`. Its default collation is not the order of characters' numbers,
as most installations have it, so that a comparison which rests on the default shows.
"""

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from monitor.store import make_store, schema
from tests.servers.ports import free_port
from tests.servers.requirement import wanting

USER = "monitor"
#: Marks what needs the server; side by side with other tests, one worker runs all of it on one server.
REAL_SERVER = [pytest.mark.live, pytest.mark.xdist_group("postgresql")]
_TEMPLATE, _SHARED = "with_tables", "shared"


@dataclass
class Postgresql:
    """A running server."""

    top: Path
    port: int
    programs: Path
    process: "subprocess.Popen[bytes] | None" = None
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def url(self, database: str) -> str:
        """The name of a store in this database."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, *parameters: Any, database: str = "postgres") -> Sequence[Any]:
        """One statement as the superuser, committed; its rows."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def new_database(self, *, template: str = _TEMPLATE) -> str:
        """The URL of a database with the tables and nothing in them, or with `template="template1"` without tables."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def emptied(self) -> str:
        """The URL of the one database that tests share which leave its tables alone, with nothing in them: much quicker."""
        url = self.url(_SHARED)
        if not self.execute("SELECT 1 FROM pg_database WHERE datname = %s", _SHARED):
            self.execute(f"CREATE DATABASE {_SHARED} TEMPLATE {_TEMPLATE}")
        self.end_sessions(url)
        names = [table.name for table in schema.metadata.sorted_tables] + ["writer"]
        self.execute("; ".join(f"DELETE FROM {name}" for name in names), database=_SHARED)
        return url

    def drop(self, url: str) -> None:
        """Ends the sessions of a database and removes it."""
        self.execute(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    def end_sessions(self, url: str) -> None:
        """Cuts every connection to a database, as a restart of the server does."""
        self.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", url.rpartition("/")[2])

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        with (self.top / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.top / "data", "-p", str(self.port), *_SETTINGS],
                stdout=log, stderr=log, cwd=self.top, **_owner(),
            )  # fmt: skip
        for _ in range(300):
            with contextlib.suppress(psycopg.OperationalError):
                self.execute("SELECT 1")
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError("PostgreSQL did not come up: " + (self.top / "log").read_text())

    def stop(self) -> None:
        """Ends it at once, sessions or not."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)
            self.process = None


#: Nothing has to outlive the machine.
_SETTINGS = [
    option
    for setting in (
        "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "full_page_writes=off", "max_connections=200",
        "shared_buffers=64MB", "autovacuum=off",
    )
    for option in ("-c", setting)
]  # fmt: skip


def _owner() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _programs() -> Path:
    """Debian keeps them off the PATH, by version."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if elsewhere := shutil.which("initdb"):
        found.append(Path(elsewhere).parent)
    if not found:
        wanting("postgresql")
    return max(found, key=lambda path: (path.parent.name.zfill(4), str(path)))


@contextlib.contextmanager
def running_postgresql() -> Iterator[Postgresql]:
    """Starts one and ends it. Skips (or fails, in CI) where PostgreSQL is not installed."""
    programs = _programs()
    top = Path(tempfile.mkdtemp(prefix="postgresql-test-"))
    if owner := _owner():
        os.chown(top, owner["user"], owner["group"])
    server = Postgresql(top, free_port(), programs)
    version = subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    collation = ["--locale-provider=icu", "--icu-locale=en"] if int(version.split()[2].partition(".")[0]) >= 15 else []
    try:
        subprocess.run(
            [
                programs / "initdb", "-D", top / "data", "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync",
                "--locale=C.UTF-8", *collation,
            ],
            check=True, capture_output=True, cwd=top, **owner,
        )  # fmt: skip
        server.start()
        server.execute(f"CREATE DATABASE {_TEMPLATE}")
        store = make_store(server.url(_TEMPLATE))
        store.open()
        store.close()
        yield server
    finally:
        server.stop()
        shutil.rmtree(top, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """One server for all tests of a session."""
    with running_postgresql() as server:
        yield server
