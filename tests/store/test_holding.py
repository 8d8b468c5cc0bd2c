"""One daemon reads a source into a store: a second one is told who it is, and one that is killed leaves nothing behind."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.errors import StoreBroken, StoreHeld, StoreUnavailable
from monitor.store import make_store
from monitor.store.base import Store
from monitor.store.engines.holder import MAX_SIGNATURE, Holder, signature
from tests.servers.postgresql import REAL_SERVER, Postgresql

ROOT = Path(__file__).parents[2]
WHO = rf"another daemon \(process {os.getpid()} on {re.escape(socket.gethostname())}, since 20..-..-.. ..:..:.. UTC\)"

Make = Callable[[str], Store]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes stores, as daemons do, and closes them after the test."""
    made: list[Store] = []

    def one(url: str) -> Store:
        made.append(make_store(url))
        return made[-1]

    yield one
    for store in made:
        store.close()


class TestAHolder:
    @pytest.mark.parametrize("signed", ["", "contact-monitor", "psql", "contact-monitor x@y", "contact-monitor 1@", "\0" * 63])
    def test_that_cannot_be_told_is_another_daemon(self, signed: str):
        assert str(Holder.read(signed, None)) == "another daemon"

    def test_is_shown_with_what_is_known_of_it(self):
        since = datetime(2026, 11, 2, 9, 0, 5, tzinfo=UTC)
        assert str(Holder.read("contact-monitor 4711@web1", since)) == (
            "another daemon (process 4711 on web1, since 2026-11-02 09:00:05 UTC)"
        )
        assert str(Holder.read("contact-monitor 4711@web1", None)) == "another daemon (process 4711 on web1)"
        assert str(Holder.read("psql", since)) == "another daemon (since 2026-11-02 09:00:05 UTC)"

    @pytest.mark.parametrize("host", ["web1", "h" * 64, "büro rechner\n", ""])
    def test_signs_whatever_its_host_is_called(self, host: str, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(socket, "gethostname", lambda: host)
        signed = signature()
        assert len(signed) <= MAX_SIGNATURE
        assert signed.isascii()
        assert Holder.read(signed, None).process == os.getpid()


class TestAFile:
    def test_is_one_daemons_and_then_anothers(self, database: Path, make: Make):
        first, second = make(f"sqlite:{database}"), make(f"sqlite:{database}")
        first.hold({"pbx"})
        for sources in ({"pbx"}, {"mail"}, set()):
            with pytest.raises(StoreHeld, match=rf"^store {re.escape(str(database))}: {WHO} has it open: end that one first$"):
                second.hold(sources)
        first.close()
        second.hold({"pbx"})
        with pytest.raises(StoreHeld):
            first.hold({"pbx"})

    def test_says_who_holds_it_and_is_held_by_nobody_who_asks(self, database: Path, make: Make):
        first, second = make(f"sqlite:{database}"), make(f"sqlite:{database}")
        assert second.held_by({"pbx"}) is None
        first.hold({"pbx"})
        assert re.fullmatch(WHO, second.held_by({"pbx"}) or "")
        first.close()
        assert second.held_by({"pbx"}) is None
        first.hold({"pbx"})

    def test_is_held_from_before_it_is_there(self, tmp_path: Path, make: Make):
        first, second = make(f"sqlite:{tmp_path / 'new.db'}"), make(f"sqlite:{tmp_path / 'new.db'}")
        first.hold({"pbx"})
        with pytest.raises(StoreHeld):
            second.hold({"pbx"})
        assert not (tmp_path / "new.db").exists()
        first.open()

    def test_stays_held_whoever_else_opens_and_closes_it(self, database: Path, make: Make):
        """Closing any descriptor of a file drops the locks of `fcntl` that the process has on it: ours is of another kind."""
        first, second = make(f"sqlite:{database}"), make(f"sqlite:{database}")
        first.hold({"pbx"})
        first.open()
        for path in (database, Path(f"{database}.lock")):
            path.open("rb").close()
        sqlite3.connect(database).close()
        beside = make(f"sqlite:{database}")  # a command
        beside.open()
        with beside.transaction("pbx") as unit:
            unit.add_totals({("m", ()): 1.0})
        beside.close()
        with pytest.raises(StoreHeld):
            second.hold({"pbx"})
        first.hold({"pbx"})

    def test_has_one_lock_by_whatever_name(self, database: Path, make: Make, tmp_path: Path):
        (tmp_path / "link.db").symlink_to(database)
        make(f"sqlite:{tmp_path / 'link.db'}").hold({"pbx"})
        with pytest.raises(StoreHeld):
            make(f"sqlite:{database}").hold({"pbx"})

    @pytest.mark.parametrize("left", ["", "contact-monitor 1@gone", "\xff" * 100])
    def test_is_free_whatever_an_old_lock_file_says(self, database: Path, make: Make, left: str):
        Path(f"{database}.lock").write_text(left, encoding="latin-1")
        make(f"sqlite:{database}").hold({"pbx"})
        with pytest.raises(StoreHeld, match=WHO):
            make(f"sqlite:{database}").hold({"pbx"})

    def test_is_locked_anew_where_the_lock_file_was_deleted(self, database: Path, make: Make):
        first, second = make(f"sqlite:{database}"), make(f"sqlite:{database}")
        first.hold({"pbx"})
        Path(f"{database}.lock").unlink()
        first.hold({"pbx"})
        with pytest.raises(StoreHeld):
            second.hold({"pbx"})
        Path(f"{database}.lock").unlink()
        second.hold({"pbx"})
        with pytest.raises(StoreHeld):
            first.hold({"pbx"})

    def test_without_its_directory_is_named_with_the_remedy(self, tmp_path: Path, make: Make):
        with pytest.raises(StoreBroken, match=r"there is no directory .*/nowhere: create it"):
            make(f"sqlite:{tmp_path / 'nowhere' / 'contacts.db'}").hold({"pbx"})

    def test_with_a_directory_for_a_lock_file_is_refused(self, database: Path, make: Make):
        Path(f"{database}.lock").mkdir()
        with pytest.raises(StoreBroken, match=r"contacts\.db\.lock: Is a directory"):
            make(f"sqlite:{database}").hold({"pbx"})


_HOLD = """
import sys, time
from monitor.store import make_store
store = make_store(sys.argv[1])
store.hold({"pbx"})
print("held", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_who_is_killed_leaves_nothing_behind(url: str, make: Make, end: signal.Signals):
    holder = subprocess.Popen([sys.executable, "-c", _HOLD, url], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    store = make(url)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreHeld, match=rf"process {holder.pid} on "):
            store.hold({"pbx"})
    finally:
        holder.send_signal(end)
        holder.wait(10)
        holder.stdout.close()  # type: ignore[union-attr]  # it is a pipe
    for _ in range(100):
        with suppress(StoreHeld):
            store.hold({"pbx"})
            return
        assert url.startswith("postgresql")  # whose server ends the session once it sees that its client has gone
        time.sleep(0.1)
    pytest.fail("the lock of a process that is gone is still there after 10 s")


class TestADatabase:
    pytestmark = REAL_SERVER

    def test_is_shared_by_daemons_that_read_other_sources(self, postgresql_url: str, make: Make):
        first, second = make(postgresql_url), make(postgresql_url)
        first.hold({"pbx", "mail"})
        second.hold({"desk"})
        shown = re.escape(postgresql_url)
        with pytest.raises(StoreHeld, match=rf"^store {shown}: {WHO} reads source mail into it: end that one first, or "):
            second.hold({"desk", "mail"})
        first.hold({"pbx"})
        second.hold({"desk", "mail"})
        with pytest.raises(StoreHeld, match="source mail"):
            first.hold({"pbx", "mail"})

    def test_says_who_reads_a_source_and_is_held_by_nobody_who_asks(self, postgresql_url: str, make: Make):
        first, second = make(postgresql_url), make(postgresql_url)
        first.hold({"pbx"})
        assert re.fullmatch(WHO, second.held_by({"mail", "pbx"}) or "")
        assert second.held_by({"mail"}) is None
        first.close()
        assert second.held_by({"pbx"}) is None

    def test_of_another_name_is_another(self, postgresql: Postgresql, postgresql_url: str, make: Make):
        other = postgresql.new_database()
        make(postgresql_url).hold({"pbx"})
        make(other).hold({"pbx"})
        with pytest.raises(StoreHeld):
            make(other).hold({"pbx"})
        postgresql.drop(other)

    def test_whose_connection_is_lost_is_the_quickest_ones(self, postgresql: Postgresql, postgresql_url: str, make: Make):
        quicker, other = make(postgresql_url), make(postgresql_url)
        for _ in range(2):  # the second time it is the other one that had it and lost it
            quicker.hold({"pbx"})
            postgresql.end_sessions(postgresql_url)
            quicker.hold({"pbx"})
            with pytest.raises(StoreHeld, match=WHO):
                other.hold({"pbx"})
            postgresql.end_sessions(postgresql_url)
            quicker, other = other, quicker

    def test_whose_server_is_away_can_be_held_when_it_is_back(
        self, postgresql: Postgresql, postgresql_url: str, make: Make
    ):  # fmt: skip
        store = make(postgresql_url)
        store.hold({"pbx"})
        postgresql.stop()
        try:
            for _ in range(2):
                with pytest.raises(StoreUnavailable):
                    store.hold({"pbx"})
        finally:
            postgresql.start()
        store.hold({"pbx"})
        with pytest.raises(StoreHeld):
            make(postgresql_url).hold({"pbx"})

    def test_that_is_not_there_is_named_with_the_remedy(self, postgresql: Postgresql, make: Make):
        with pytest.raises(StoreBroken, match="create it"):
            make(postgresql.url("nowhere")).hold({"pbx"})
