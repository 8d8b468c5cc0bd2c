"""What goes wrong with a server: away, cut off in the middle, read-only, foreign, newer. And several daemons on one database."""

import traceback
from collections.abc import Callable
from contextlib import suppress
from threading import Barrier, Thread

import psycopg
import pytest

from monitor.errors import StoreBroken, StoreUnavailable
from monitor.store import make_store
from monitor.store.base import NO_CURSOR, Store
from monitor.store.engines import postgresql as engine
from monitor.testing.store_rows import contact, everything, put, signal
from tests.servers.ports import free_port
from tests.servers.postgresql import REAL_SERVER, USER, Postgresql

pytestmark = REAL_SERVER

Open = Callable[[str], Store]


def batch(store: Store, seen: int = 0) -> None:
    with store.transaction("pbx") as unit:
        unit.move(seen, {"at": 1}, 1, None)
        unit.put_contacts([contact(f"c{n}") for n in range(100)])
        unit.put_signals([signal(f"c{n}", n) for n in range(100)])
        unit.add_totals({("signals_total", ("desk",)): 100.0})


def assert_holds_one_batch(store: Store) -> None:
    assert store.cursor_row("pbx").version == 1
    assert store.totals() == {("signals_total", ("desk",)): 100.0}
    assert len(list(store.begun_between(0, 10**9))) == len(list(store.signals())) == 100


def add_one(store: Store) -> None:
    """What has no cursor to protect it: the daemon's own counters."""
    with store.transaction("pbx") as unit:
        unit.add_totals({("m", ()): 1.0})


def database(url: str) -> str:
    return url.rpartition("/")[2]


class TestAServerThatGoesAway:
    def test_between_two_batches_costs_one_try(self, postgresql: Postgresql, postgresql_url: str, open_sql: Open) -> None:
        store = open_sql(postgresql_url)
        store.cursor_row("pbx")
        postgresql.end_sessions(postgresql_url)
        with pytest.raises(StoreUnavailable):
            batch(store)
        with pytest.raises(StoreUnavailable):
            store.cursor_row("pbx")
        batch(store)
        assert_holds_one_batch(store)

    def test_is_noticed_by_who_only_asks_for_the_generation(
        self, postgresql: Postgresql, postgresql_url: str, open_sql: Open
    ) -> None:
        """An idle daemon asks every few seconds and writes nothing: it must find its way back all the same."""
        store = open_sql(postgresql_url)
        before = store.generation()
        postgresql.end_sessions(postgresql_url)
        with pytest.raises(StoreUnavailable):
            store.generation()
        assert store.generation() == before

    def test_in_the_middle_of_a_batch_leaves_nothing_of_it(
        self, postgresql: Postgresql, postgresql_url: str, open_sql: Open
    ) -> None:
        store = open_sql(postgresql_url)

        def cut_off() -> None:
            with store.transaction("pbx") as unit:
                unit.add_totals({("signals_total", ("desk",)): 100.0})
                postgresql.end_sessions(postgresql_url)
                unit.move(0, {"at": 1}, 1, None)

        with pytest.raises(StoreUnavailable):
            cut_off()
        assert everything(store, ["pbx"])["all"] == ({}, {}, [], [], [])
        batch(store)
        assert_holds_one_batch(store)

    def test_during_a_listing_is_unavailable(self, postgresql: Postgresql, postgresql_url: str, open_sql: Open) -> None:
        store = open_sql(postgresql_url)
        put(store, "pbx", *(contact(f"c{n:04}") for n in range(1500)))
        listing = store.begun_between(0, 10**6)
        next(listing)
        postgresql.end_sessions(postgresql_url)
        with pytest.raises(StoreUnavailable):
            list(listing)
        assert len(list(store.begun_between(0, 10**6))) == 1500

    def test_for_good_and_comes_back(self, postgresql: Postgresql, postgresql_url: str, open_sql: Open) -> None:
        store = open_sql(postgresql_url)
        add_one(store)
        postgresql.stop()
        try:
            for _ in range(2):
                with pytest.raises(StoreUnavailable):
                    add_one(store)
                with pytest.raises(StoreUnavailable, match="cannot be reached"):
                    store.totals()
                with pytest.raises(StoreUnavailable):
                    store.size_bytes()
        finally:
            postgresql.start()
        with suppress(StoreUnavailable):  # a pooled connection may be found broken once
            store.totals()
        add_one(store)
        assert store.totals() == {("m", ()): 2.0}


class TestSeveralDaemons:
    def test_one_waits_for_the_other_on_the_same_source_only(
        self, postgresql_url: str, open_sql: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(engine, "BUSY_SECONDS", 0.1)
        ours, other = open_sql(postgresql_url), open_sql(postgresql_url)
        with other.transaction("pbx") as unit:
            unit.move(0, {}, 1, None)
            with pytest.raises(StoreUnavailable, match="another process is writing"):
                batch(ours)
            with pytest.raises(StoreUnavailable, match="another process is writing"):
                sum(ours.prune(1))  # goes over every source
            put(ours, "mail", contact("m"))
            assert ours.cursor_row("pbx") == NO_CURSOR
        batch(ours, seen=1)
        assert ours.cursor_row("pbx").version == 2
        assert other.find("m") != []

    def test_what_both_add_to_one_source_is_all_there(self, postgresql_url: str, open_sql: Open) -> None:
        stores = [open_sql(postgresql_url) for _ in range(3)]

        def add(store: Store) -> None:
            for _ in range(50):
                add_one(store)

        at_once([lambda store=store: add(store) for store in stores])  # type: ignore[misc]
        assert stores[0].totals() == {("m", ()): 150.0}

    @pytest.mark.parametrize("default", ["read committed", "serializable"])
    def test_a_limit_that_two_see_fall_is_counted_once(
        self, postgresql: Postgresql, postgresql_url: str, open_sql: Open, default: str
    ) -> None:
        """As a sweep does it, which no cursor protects: read what is due, count it, put it back with no deadline."""
        postgresql.execute(f"ALTER DATABASE {database(postgresql_url)} SET default_transaction_isolation = '{default}'")
        stores = [open_sql(postgresql_url) for _ in range(3)]
        put(stores[0], "pbx", *(contact(f"c{n}", deadline=n) for n in range(60)))

        def sweep(store: Store) -> None:
            while True:
                with store.transaction("pbx") as unit:
                    due = unit.due(100, 3)
                    unit.put_contacts([row._replace(deadline=None) for row in due])
                    unit.add_totals({("m", ()): float(len(due))})
                if not due:
                    return

        at_once([lambda store=store: sweep(store) for store in stores])  # type: ignore[misc]
        assert stores[0].totals() == {("m", ()): 60.0}

    def test_a_contact_that_speaks_again_while_it_is_pruned_stays(self, postgresql_url: str, open_sql: Open) -> None:
        ours, other = open_sql(postgresql_url), open_sql(postgresql_url)
        put(ours, "pbx", contact("c", last=1), contact("d", last=1))
        pruned: list[int] = []
        with other.transaction("pbx") as unit:
            unit.put_contacts([contact("c", last=1000)])
            pruning = Thread(target=lambda: pruned.append(sum(ours.prune(500))))
            pruning.start()
            pruning.join(0.3)
            assert pruned == []
        pruning.join()
        assert pruned == [1]
        assert [each.row.contact for each in ours.begun_between(0, 10**6)] == ["c"]

    def test_who_is_silent_in_a_transaction_does_not_hold_up_the_others_for_ever(
        self, postgresql_url: str, open_sql: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(engine, "_IDLE_SECONDS", 0.3)
        stopped, going_on = open_sql(postgresql_url), open_sql(postgresql_url)

        def fall_silent() -> None:
            with stopped.transaction("pbx") as unit:
                add_one(going_on)  # waits for the server to end the silent one
                unit.move(0, {}, None, None)

        with pytest.raises(StoreUnavailable):
            fall_silent()
        assert going_on.totals() == {("m", ()): 1.0}

    def test_writers_that_are_gone_are_dropped_some_day(
        self, postgresql: Postgresql, postgresql_url: str, open_sql: Open
    ) -> None:
        store = open_sql(postgresql_url)
        statement = "INSERT INTO writer VALUES ('gone', 7, now() - interval '40 days'), ('here', 7, now() - interval '20 days')"
        postgresql.execute(statement, database=database(postgresql_url))
        sum(store.prune(0))
        found = postgresql.execute("SELECT writer FROM writer WHERE writes = 7", database=database(postgresql_url))
        assert found == [("here",)]


def at_once(works: list[Callable[[], None]]) -> None:
    """Runs them side by side from one moment on."""
    barrier = Barrier(len(works))
    failures: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        barrier.wait()
        try:
            work()
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


class TestRefusals:
    def test_a_server_that_is_not_there_may_come(self) -> None:
        store = make_store(f"postgresql://{USER}:sesame@127.0.0.1:{free_port()}/db")
        with pytest.raises(StoreUnavailable, match="cannot be reached") as caught:
            store.open()
        assert "sesame" not in str(caught.value)
        store.close()

    @pytest.mark.parametrize(("user", "name"), [(USER, "nowhere"), ("nobody", "postgres")])
    def test_a_database_or_user_that_is_not_there_is_named_with_the_remedy(
        self, postgresql: Postgresql, user: str, name: str
    ) -> None:
        store = make_store(f"postgresql://{user}@127.0.0.1:{postgresql.port}/{name}")
        with pytest.raises(StoreBroken, match="create it"):
            store.open()
        store.close()

    def test_a_wrong_password_is_named_and_not_shown(self, postgresql: Postgresql) -> None:
        postgresql.execute("CREATE ROLE guarded LOGIN PASSWORD 'right'")
        rules = postgresql.top / "data" / "pg_hba.conf"
        before = rules.read_text()
        rules.write_text("host all guarded 127.0.0.1/32 scram-sha-256\n" + before)
        postgresql.execute("SELECT pg_reload_conf()")
        while postgresql.execute("SELECT count(*) FROM pg_hba_file_rules WHERE user_name = '{guarded}'") != [(1,)]:
            pass
        try:
            store = make_store(f"postgresql://guarded:sesame@127.0.0.1:{postgresql.port}/postgres?connect_timeout=5")
            with pytest.raises(StoreBroken, match="password is wrong") as caught:
                store.open()
            assert "sesame" not in "".join(traceback.format_exception(caught.value))
            store.close()
        finally:
            rules.write_text(before)
            postgresql.execute("SELECT pg_reload_conf()")

    def test_a_user_that_may_not_make_tables(self, postgresql: Postgresql) -> None:
        url = postgresql.new_database(template="template1")
        postgresql.execute("CREATE ROLE guest LOGIN")
        store = make_store(url.replace(USER, "guest"))
        with pytest.raises(StoreBroken, match="make it the owner"):
            store.open()
        store.close()
        postgresql.drop(url)
        postgresql.execute("DROP ROLE guest")

    def test_another_programs_database_is_left_alone(self, postgresql: Postgresql) -> None:
        url = postgresql.new_database(template="template1")
        postgresql.execute("CREATE TABLE contact (id int)", database=database(url))
        store = make_store(url)
        with pytest.raises(StoreBroken, match="another program's tables"):
            store.open()
        store.close()
        postgresql.drop(url)

    def test_a_newer_schema_is_not_touched(self, postgresql: Postgresql, postgresql_url: str, open_sql: Open) -> None:
        postgresql.execute("UPDATE alembic_version SET version_num = '9999'", database=database(postgresql_url))
        with pytest.raises(StoreBroken, match=r"written by a newer version of this program \(9999\)"):
            open_sql(postgresql_url)

    def test_tables_that_are_lost_are_broken_not_busy(self, postgresql: Postgresql, postgresql_url: str, open_sql: Open) -> None:
        store = open_sql(postgresql_url)
        postgresql.execute("DROP TABLE contact", database=database(postgresql_url))
        private = "-".join(["address"] * 2)  # joined, so that the traceback's own lines of code do not hold it
        with pytest.raises(StoreBroken, match="does not hold the tables") as caught, store.transaction("pbx") as unit:
            unit.put_contacts([contact(private, record=private)])
        assert private not in "".join(traceback.format_exception(caught.value))
        assert store.cursor_row("pbx") == NO_CURSOR

    def test_a_standby_takes_no_writes_until_it_does(self, postgresql: Postgresql, postgresql_url: str, open_sql: Open) -> None:
        name = database(postgresql_url)
        postgresql.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        store = open_sql(postgresql_url)
        with pytest.raises(StoreUnavailable, match="takes no writes"):
            batch(store)
        postgresql.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        postgresql.end_sessions(postgresql_url)
        with pytest.raises(StoreUnavailable):
            batch(store)
        with suppress(StoreUnavailable):
            store.totals()
        batch(store)
        assert_holds_one_batch(store)

    def test_a_connection_for_reading_cannot_write(self, postgresql_url: str, open_sql: Open) -> None:
        made = engine.PostgresqlEngine(postgresql_url, "shown")
        with pytest.raises(StoreUnavailable, match="takes no writes"), made.errors(), made.reading() as connection:
            connection.exec_driver_sql("DELETE FROM contact")
        made.dispose()


def test_texts_keep_their_order_and_every_character(postgresql_url: str, open_sql: Open) -> None:
    """PostgreSQL has no character 0 in its texts, and by default another order than SQLite and Python."""
    store = open_sql(postgresql_url)
    keys = [
        "",
        "\0",
        "\0\0",
        "\0a",
        "\1",
        "\1\0",
        "\1\1",
        "\1\2",
        "\2",
        "B",
        "a",
        "a\0",
        "a\0\1",
        "a\1",
        "a\1\1\0",
        "b",
        "ä",
        "\U0010ffff",
    ]
    with store.transaction("pbx") as unit:
        unit.write_state({key: key for key in keys}, 1)
        unit.put_contacts([contact(key, begun=1) for key in keys])
    assert [each.row.contact for each in store.begun_between(0, 2)] == keys
    for prefix in keys:
        assert store.read_state_prefix("pbx", prefix) == {key: key for key in keys if key.startswith(prefix)}


def test_the_url_may_say_what_libpq_knows(postgresql_url: str) -> None:
    store = make_store(postgresql_url + "?application_name=mine&connect_timeout=3")
    store.open()
    with psycopg.connect(postgresql_url) as asking:
        found = asking.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mine'").fetchone()
    assert found == (1,)
    store.close()
