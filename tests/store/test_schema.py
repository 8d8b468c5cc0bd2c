"""The migrated tables are those of `schema.py`, and no question that is asked often reads a whole table."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event

from monitor.store import make_store, migrations, schema
from monitor.store.base import Begun, NamedEvent, Store
from monitor.store.sql import SqlStore
from monitor.testing.store_rows import signal
from tests.servers.postgresql import Postgresql


def tables(path: Path) -> dict[str, str]:
    """Name -> definition of every table and index, white space evened out."""
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    connection.close()
    return {
        name: " ".join(sql.replace(f'TABLE "{name}"', f"TABLE {name}").split())
        for name, sql in found
        if name != "alembic_version"
    }


def test_the_revisions_make_exactly_the_tables_of_the_schema(database: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.db"
    engine = create_engine(f"sqlite:///{fresh}")
    schema.metadata.create_all(engine)
    engine.dispose()
    assert tables(database) == tables(fresh)


#: Every column with its type and collation, every index with its definition.
CATALOGUE = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text, coalesce(l.collname, '')
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_collation l ON l.oid = a.attcollation
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL SELECT tablename, indexname, indexdef, '', '' FROM pg_indexes WHERE schemaname = 'public'
    ORDER BY 1, 2"""


@pytest.mark.live
@pytest.mark.xdist_group("postgresql")
def test_the_revisions_make_the_same_tables_in_postgresql(postgresql: Postgresql, postgresql_url: str) -> None:
    fresh = postgresql.new_database(template="template1")
    engine = create_engine(fresh.replace("postgresql:", "postgresql+psycopg:"))
    schema.metadata.create_all(engine)
    engine.dispose()
    own = ("alembic_version", "writer")
    migrated = postgresql.execute(CATALOGUE, database=postgresql_url.rpartition("/")[2])
    assert [row for row in migrated if row[0] not in own] == postgresql.execute(CATALOGUE, database=fresh.rpartition("/")[2])
    assert {row[4] for row in migrated if row[2] == "text" and row[0] not in own} == {"C"}
    postgresql.drop(fresh)


@pytest.mark.live
@pytest.mark.xdist_group("postgresql")
def test_several_that_start_at_once_make_the_tables_once(postgresql: Postgresql) -> None:
    """Whoever comes second waits, and finds it done."""
    url = postgresql.new_database(template="template1")
    stores = [make_store(url) for _ in range(4)]
    done: list[str | None] = []

    def migrate(store: Store) -> None:
        assert isinstance(store, SqlStore)
        before, _ = store.migrate()
        done.append(before)

    threads = [Thread(target=migrate, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done, key=str) == [schema.REVISION] * 3 + [None]
    for store in stores:
        store.close()
    postgresql.drop(url)


def test_the_schema_names_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.REVISION]


@pytest.fixture
def asked() -> Iterator[list[tuple[str, Any]]]:
    """Every statement that is put to a database, with its parameters."""
    heard: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, _context: object, many: bool) -> None:
        heard.append((statement, parameters[0] if many else parameters))

    event.listen(Engine, "before_cursor_execute", note)
    yield heard
    event.remove(Engine, "before_cursor_execute", note)


def test_contacts_and_signals_are_reached_by_an_index_and_never_sorted(
    database: Path, open_sql: Callable[[Path], Store], asked: list[tuple[str, Any]]
) -> None:
    store = open_sql(database)
    connection = sqlite3.connect(database)

    def plan_of(question: Callable[[], object]) -> str:
        asked.clear()
        question()
        steps = [
            step[3]
            for statement, parameters in asked
            if statement.startswith(("SELECT", "DELETE", "WITH"))
            for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
        return "; ".join(steps)

    with store.transaction("pbx") as unit:
        unit.put_named_events([NamedEvent("c", "e", 1)])
        plans = {
            "sqlite_autoindex_contact_1 (source=? AND contact=?": plan_of(
                lambda: unit.contacts([(f"c{n}", "x") for n in range(20)])
            ),
            "contact_owed (customer=? AND owed_until>?": plan_of(lambda: unit.owed({"k": 1})),
            "SEARCH contact USING INDEX contact_owed (customer=? AND owed_until>?": plan_of(
                lambda: unit.owed({f"k{n}": 1 for n in range(300)})
            ),
            "news_customer (customer=? AND at>?": plan_of(lambda: unit.first_words(["k"], 1, spoken=False, besides="c")),
            "contact_deadline (source=? AND deadline<?": plan_of(lambda: unit.due(1, 10)),
            "INDEX news_customer (customer=? AND at<?": plan_of(lambda: unit.news_before([(["k"], 1)])),
            "INDEX news_customer (customer=? AND at>?": plan_of(lambda: unit.came({"k": 1})),
            "news USING PRIMARY KEY (source=? AND contact=?": plan_of(lambda: unit.news_of(["c"])),
            "PRIMARY KEY (source=? AND contact=? AND": plan_of(lambda: unit.drop_signals([("c", "desk", "s", "1")])),
        }
    plans |= {
        "COVERING INDEX contact_deadline (source=?": plan_of(lambda: store.next_deadline("pbx")),
        "contact_running (source=?": plan_of(lambda: list(store.running("pbx"))),
        "signal_at (at>? AND at<?": plan_of(lambda: list(store.signals(since=1, until=2, limit=5))),
        "signal_point (contact_point=? AND at>?": plan_of(lambda: list(store.signals(since=1, contact_points=("a",), limit=5))),
        "signal_kind (signal=? AND at>?": plan_of(lambda: list(store.signals(since=1, signal="a", limit=5))),
        "SEARCH signal USING INDEX signal_at": plan_of(lambda: list(store.signals(since=1, contact_points=("a", "b"), limit=5))),
        "contact_begun (begun>? AND begun<?": plan_of(lambda: list(store.begun_between(1, 2))),
        "contact_begun (begun>?); USE TEMP B-TREE FOR RIGHT PART": plan_of(
            lambda: store.begun_after(Begun(1, "", "", ""), {"pbx"}, 5)
        ),
        "contact_begun (begun>?)": plan_of(lambda: store.count_begun(Begun(1, "", "", ""), {"pbx"})),
        "contact_id (<expr>=? AND id=?)": plan_of(lambda: store.find("c")),
        "named_event USING PRIMARY KEY (source=? AND day=? AND event=?)": plan_of(lambda: store.find_event("e")),
        "PRIMARY KEY (source=? AND key=?": plan_of(lambda: store.read_state("mail", ["n"])),
        "PRIMARY KEY (source=? AND key>? AND key<?": plan_of(lambda: store.read_state_prefix("mail", "n")),
        "INDEX contact_owed (customer=? AND owed_until>?": plan_of(lambda: store.concerned({"k": 1})),
        "INDEX told_number (number>?": plan_of(lambda: list(store.told_after(1, "pbx"))),
        "contact_over (last<?": plan_of(lambda: sum(store.prune(0))),
    }
    connection.close()
    for wanted, plan in plans.items():
        assert wanted in plan
        assert "SCAN contact" not in plan
        assert "SCAN signal" not in plan
        assert "TEMP B-TREE FOR ORDER BY" not in plan


def test_the_contacts_around_a_moment_are_one_question_of_two_indexes(
    database: Path, open_sql: Callable[[Path], Store], asked: list[tuple[str, Any]]
) -> None:
    """Only the few that were found are sorted by how near they are."""
    store = open_sql(database)
    connection = sqlite3.connect(database)
    asked.clear()
    store.around(["k", "j"], 5, 1, 9, 20)
    [(statement, parameters)] = asked
    plan = [step[3] for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    connection.close()
    assert plan.count("SEARCH news USING COVERING INDEX news_customer (customer=? AND at>? AND at<?)") == 4
    assert any(step.startswith("SEARCH contact USING INDEX sqlite_autoindex_contact_1 (source=? AND contact=?)") for step in plan)
    assert not any(step.startswith(("SCAN contact", "SCAN news")) for step in plan)


@pytest.mark.live
@pytest.mark.xdist_group("postgresql")
def test_postgresql_reaches_them_by_an_index_too(
    postgresql_url: str, open_sql: Callable[[str], Store], asked: list[tuple[str, Any]]
) -> None:
    """Its planner reads a small table through, whatever there is; forbidden to, it does so only for want of an index."""
    store = open_sql(postgresql_url)
    connection = psycopg.connect(postgresql_url, autocommit=True)
    connection.execute("SET enable_seqscan = off")

    def plan_of(question: Callable[[], object]) -> str:
        asked.clear()
        question()
        steps = [
            step
            for statement, parameters in asked
            if statement.startswith(("SELECT", "DELETE", "WITH"))
            for (step,) in connection.execute(f"EXPLAIN {statement}".encode(), parameters)
        ]
        return "; ".join(steps)

    with store.transaction("pbx") as unit:
        unit.put_signals([signal(f"c{n}", n) for n in range(500)])
    connection.execute("ANALYZE signal")  # where nothing is known of a table, each of its indexes is as good as another
    with store.transaction("pbx") as unit:
        unit.put_named_events([NamedEvent("c", "e", 1)])
        plans = {
            "contact_pkey": plan_of(lambda: unit.contacts([(f"c{n}", "x") for n in range(20)])),
            "contact_owed": plan_of(lambda: unit.owed({"k": 1})),
            "news_customer": plan_of(lambda: unit.first_words(["k"], 1, spoken=False, besides="c")),
            "contact_deadline on contact": plan_of(lambda: unit.due(1, 10)),
            "signal_pkey": plan_of(lambda: unit.drop_signals([("c1", "desk", "slow_answer", "1")])),
        }
    plans |= {
        "Index Only Scan using contact_deadline": plan_of(lambda: store.next_deadline("pbx")),
        "contact_running": plan_of(lambda: list(store.running("pbx"))),
        "signal_at": plan_of(lambda: list(store.signals(since=1, until=2, limit=5))),
        "signal_point": plan_of(lambda: list(store.signals(since=1, contact_points=("a",), limit=5))),
        "contact_begun on contact": plan_of(lambda: list(store.begun_between(1, 2))),
        "Index Scan using contact_id": plan_of(lambda: store.find("c")),
        "named_event_pkey": plan_of(lambda: store.find_event("e")),
        "using news_customer on news": plan_of(lambda: store.around(["k"], 5, 1, 9, 20)),
        "state_pkey on state": plan_of(lambda: store.read_state("mail", ["n"])),
        "state_pkey": plan_of(lambda: store.read_state_prefix("mail", "n")),
        "Index Only Scan using contact_owed": plan_of(lambda: store.concerned({"k": 1})),
        "contact_over": plan_of(lambda: sum(store.prune(0))),
    }
    connection.close()
    for wanted, plan in plans.items():
        assert wanted in plan
        assert "Seq Scan on contact" not in plan
        assert "Seq Scan on signal" not in plan
