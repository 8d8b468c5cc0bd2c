"""The migrated tables are those of `schema.py`, and no question that is asked often reads a whole table."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event

from monitor.store import migrations, schema
from monitor.store.base import Store


def tables(path: Path) -> dict[str, str]:
    """Name -> definition of every table and index, white space evened out."""
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    connection.close()
    return {name: " ".join(sql.split()) for name, sql in found if name != "alembic_version"}


def test_the_revisions_make_exactly_the_tables_of_the_schema(database: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.db"
    engine = create_engine(f"sqlite:///{fresh}")
    schema.metadata.create_all(engine)
    engine.dispose()
    assert tables(database) == tables(fresh)


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
    asked.clear()
    with store.transaction("pbx") as unit:
        unit.contacts([(f"c{n}", "desk") for n in range(20)])
        unit.due(1, 10)
        unit.missed(["k"])
        unit.first_reached([("k", 1)])
        unit.drop_signals([("c", "desk", "s", "1")])
    store.next_deadline("pbx")
    list(store.running("pbx"))
    list(store.signals(since=1, until=2, limit=5))
    list(store.begun_between(1, 2))
    store.find("c")
    store.recall("mail", ["n"])
    store.recall_prefix("mail", "n")
    connection = sqlite3.connect(database)
    plans = {
        statement: [step[3] for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
        for statement, parameters in asked
        if statement.startswith(("SELECT", "DELETE"))
    }
    connection.close()
    assert len(plans) >= 12
    for statement, plan in plans.items():
        for step in plan:
            assert not step.startswith("SCAN"), f"{statement}\n{plan}"
            assert "USE TEMP B-TREE FOR ORDER BY" not in step, f"{statement}\n{plan}"


def test_a_question_for_due_contacts_reads_the_index_of_deadlines(database: Path) -> None:
    connection = sqlite3.connect(database)
    plan = connection.execute(
        "EXPLAIN QUERY PLAN SELECT 1 FROM contact WHERE source = 'a' AND deadline <= 5 ORDER BY deadline"
    ).fetchall()
    connection.close()
    assert "contact_deadline" in plan[0][3]
