"""`migrate` and `store copy`: what they say, and with which exit code; and what a PostgreSQL store asks of the configuration."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.config.loading import build
from monitor.daemon.privacy_key import customer_key
from monitor.errors import ConfigError
from monitor.store import make_store
from monitor.testing.store_rows import contact, put
from tests.cli.conftest import Run
from tests.servers.postgresql import Postgresql
from tests.store.test_old_store import DUMP

Write = Callable[[dict[str, Any]], Path]


@pytest.fixture
def empty_database(postgresql: Postgresql) -> Iterator[str]:
    """A PostgreSQL database without tables."""
    made = postgresql.new_database(template="template1")
    yield made
    postgresql.drop(made)


def old_store(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(DUMP.read_text())
    connection.close()


class TestMigrate:
    def test_says_what_it_did(self, run: Run, write: Write, tmp_path: Path) -> None:
        config = write({"store": "sqlite:contacts.db"})
        old_store(tmp_path / "contacts.db")
        said = run("migrate", "--config", config)
        assert (said.code, said.err) == (0, "")
        assert said.out == "sqlite:contacts.db: tables brought from revision 0001 to 0008\n"
        assert run("migrate", "--config", config).out == "sqlite:contacts.db: tables were up to date, revision 0008\n"

    def test_makes_what_is_not_there(self, run: Run, write: Write, tmp_path: Path) -> None:
        said = run("migrate", "--config", write({"store": "sqlite:new.db"}))
        assert (said.code, said.out) == (0, "sqlite:new.db: tables made, revision 0008\n")
        assert (tmp_path / "new.db").exists()

    def test_of_memory_is_nothing_to_do(self, run: Run, write: Write) -> None:
        said = run("migrate", "--config", write({"store": "memory:"}))
        assert (said.code, said.out) == (0, "memory: has no tables: nothing to do\n")

    def test_of_a_newer_store_is_one_line_and_3(self, run: Run, write: Write, tmp_path: Path) -> None:
        config = write({"store": "sqlite:contacts.db"})
        run("migrate", "--config", config)
        newer = sqlite3.connect(tmp_path / "contacts.db")
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.commit()
        newer.close()
        said = run("migrate", "--config", config)
        assert (said.code, said.out) == (3, "")
        assert "written by a newer version of this program (9999)" in said.err
        assert len(said.err.splitlines()) == 1

    @pytest.mark.live
    @pytest.mark.xdist_group("postgresql")
    def test_of_postgresql_shows_no_password(self, run: Run, write: Write, empty_database: str) -> None:
        url = empty_database.replace("monitor@", "monitor:sesame@")
        said = run("migrate", "--config", write({"store": url, "privacy": {"key": "k" * 16}}))
        assert (said.code, said.err) == (0, "")
        assert said.out == f"{empty_database}: tables made, revision 0008\n"


class TestCopy:
    def test_there_and_says_what(self, run: Run, tmp_path: Path) -> None:
        old_store(tmp_path / "old.db")
        (tmp_path / "old.db.key").write_text("ab" * 32)
        said = run("store", "copy", "sqlite:old.db", "sqlite:new.db")
        assert said.code == 0
        told, about_the_key = said.out.splitlines()
        assert told == (
            "copied and read back, all equal: 1 sources, 2 contacts, 6 signals, 23 totals, 5 weeks, 2 places, 1 gaps, "
            "1 entries of connectors, 0 names of events, 1 news of customers, 0 privacy keys"
        )
        assert "copy old.db.key to new.db.key" in about_the_key
        assert said.err.splitlines()[-1] == "copying: 100 %"
        copy = make_store(f"sqlite:{tmp_path / 'new.db'}")
        copy.open()
        assert copy.totals()["wait_seconds_sum", ("phone", "desk", "callback")] == 0.1
        copy.close()

    @pytest.mark.live
    @pytest.mark.xdist_group("postgresql")
    def test_to_postgresql_and_back_loses_nothing(self, run: Run, tmp_path: Path, empty_database: str) -> None:
        old_store(tmp_path / "old.db")
        (tmp_path / "old.db.key").write_text("ab" * 32)
        there = run("store", "copy", "sqlite:old.db", empty_database)
        assert there.code == 0
        assert "set privacy.key to hex: and what old.db.key holds" in there.out
        back = run("store", "copy", empty_database, "sqlite:back.db")
        assert back.code == 0
        assert there.out.splitlines()[0] == back.out.splitlines()[0]
        rows = [self.rows(tmp_path / name) for name in ("old.db", "back.db")]
        assert rows[0] == rows[1]
        assert rows[0]["contact"] != []

    @staticmethod
    def rows(path: Path) -> dict[str, list[Any]]:
        connection = sqlite3.connect(path)
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in names}
        connection.close()
        return found

    def test_into_what_is_not_empty_is_refused_with_the_remedy(self, run: Run, tmp_path: Path) -> None:
        old_store(tmp_path / "old.db")
        store = make_store(f"sqlite:{tmp_path / 'full.db'}")
        store.open()
        put(store, "pbx", contact("c"))
        store.close()
        said = run("store", "copy", "sqlite:old.db", "sqlite:full.db")
        assert (said.code, said.out) == (2, "")
        [line] = said.err.splitlines()
        assert line.startswith(f"store {tmp_path / 'full.db'}: it is not empty: name a new file or a new database")

    @pytest.mark.parametrize(
        ("origin", "target", "why"),
        [
            ("sqlite:none.db", "sqlite:new.db", "sqlite:none.db: there is no such store"),
            ("memory:", "sqlite:new.db", "memory: keeps nothing"),
            ("sqlite:old.db", "memory:", "memory: keeps nothing"),
            ("sqlite:old.db", "old.db", "write sqlite:FILE"),
        ],
    )
    def test_of_what_is_no_store_is_2_and_makes_none(self, run: Run, tmp_path: Path, origin: str, target: str, why: str) -> None:
        old_store(tmp_path / "old.db")
        said = run("store", "copy", origin, target)
        assert (said.code, said.out) == (2, "")
        assert why in said.err
        assert [path.name for path in tmp_path.iterdir()] == ["old.db"]


class TestPostgresqlInTheConfiguration:
    URL = "postgresql://monitor:sesame@127.0.0.1:1/contacts?connect_timeout=2"

    def test_needs_a_key_before_anything_starts(self) -> None:
        with pytest.raises(ConfigError, match=r"privacy\.key: a PostgreSQL store needs one") as caught:
            build({"store": self.URL})
        assert "sesame" not in str(caught.value)

    def test_the_key_is_the_same_for_all_that_share_it(self) -> None:
        keys = {customer_key(build({"store": self.URL, "privacy": {"key": "k" * 16}})) for _ in range(2)}
        assert keys == {b"k" * 16}

    def test_a_key_that_was_made_beside_a_file_goes_on(self, tmp_path: Path) -> None:
        beside_a_file = customer_key(build({"store": f"sqlite:{tmp_path / 'contacts.db'}"}))
        written = (tmp_path / "contacts.db.key").read_text()
        assert customer_key(build({"store": self.URL, "privacy": {"key": f"hex:{written}"}})) == beside_a_file
        with pytest.raises(ConfigError, match="hexadecimal"):
            customer_key(build({"store": self.URL, "privacy": {"key": "hex:0"}}))

    def test_check_asks_the_database_unless_offline(self, run: Run, write: Write) -> None:
        config = write({"store": self.URL, "privacy": {"key": "k" * 16}, "sources": {"shop": {"type": "events"}}})
        assert run("check", "--offline", "--config", config).code == 0
        said = run("check", "--config", config)
        assert said.code == 2
        assert "postgresql://monitor@127.0.0.1:1/contacts: the server cannot be reached" in said.err
        assert "sesame" not in said.all

    def test_an_unknown_contact_shows_no_password(self, run: Run, write: Write) -> None:
        config = write({"store": self.URL, "privacy": {"key": "k" * 16}, "sources": {"shop": {"type": "events"}}})
        said = run("explain", "c1", "--config", config)
        assert said.code == 1
        assert "sesame" not in said.all
