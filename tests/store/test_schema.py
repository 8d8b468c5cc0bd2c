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
            if statement.startswith(("SELECT", "DELETE"))
            for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
        return "; ".join(steps)

    with store.transaction("pbx") as unit:
        plans = {
            "sqlite_autoindex_contact_1 (source=? AND contact=?": plan_of(
                lambda: unit.contacts([(f"c{n}", "x") for n in range(20)])
            ),
            "contact_missed (source=? AND customer=?": plan_of(lambda: unit.missed(["k"])),
            "contact_reached (source=? AND customer=? AND reached_at>?": plan_of(lambda: unit.first_reached([("k", 1)])),
            "contact_deadline (source=? AND deadline<?": plan_of(lambda: unit.due(1, 10)),
            "PRIMARY KEY (source=? AND contact=? AND": plan_of(lambda: unit.drop_signals([("c", "desk", "s", "1")])),
        }
    plans |= {
        "COVERING INDEX contact_deadline (source=?": plan_of(lambda: store.next_deadline("pbx")),
        "contact_running (source=?": plan_of(lambda: list(store.running("pbx"))),
        "signal_at (at>? AND at<?": plan_of(lambda: list(store.signals(since=1, until=2, limit=5))),
        "contact_begun (begun>? AND begun<?": plan_of(lambda: list(store.begun_between(1, 2))),
        "contact_begun (begun>?": plan_of(lambda: store.find("c")),
        "PRIMARY KEY (source=? AND key=?": plan_of(lambda: store.read_state("mail", ["n"])),
        "PRIMARY KEY (source=? AND key>? AND key<?": plan_of(lambda: store.read_state_prefix("mail", "n")),
        "contact_over (last<?": plan_of(lambda: store.prune(0)),
    }
    connection.close()
    for wanted, plan in plans.items():
        assert wanted in plan
        assert "SCAN contact" not in plan
        assert "SCAN signal" not in plan
        assert "TEMP B-TREE FOR ORDER BY" not in plan
