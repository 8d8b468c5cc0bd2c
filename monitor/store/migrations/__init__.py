"""Brings a database's tables up to `schema.REVISION`. A new revision is a file in `versions`, written by hand.

Alembic takes up to a third of a second to import and is needed only when something must change, so it is imported late.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text

from monitor.errors import StoreBroken
from monitor.store import schema

if TYPE_CHECKING:
    from alembic.config import Config

#: A revision that goes through all contacts writes a line of the log each time it has dealt with so many.
SHOWN_EVERY: Final = 100_000


def revision(connection: Connection, name: str) -> str | None:
    """The revision of the tables in the database; None when it is empty.

    Raises StoreBroken when it holds something else. `name` is for the message.
    """
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    if "alembic_version" not in tables:
        raise StoreBroken(f"store {name}: it holds another program's tables: name another store")
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def verify(connection: Connection, name: str) -> None:
    """Only reads. Raises StoreBroken when the database holds something else, or is newer than this program."""
    found = revision(connection, name)
    if found not in (None, schema.REVISION):
        _refuse_newer(found, _config(), name)


def upgrade(connection: Connection, name: str) -> None:
    """Run in a transaction that holds the write lock: what is missing is made, all of it or nothing.

    Raises StoreBroken when the database is newer than this program.
    """
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    _refuse_newer(revision(connection, name), config, name)
    command.upgrade(config, schema.REVISION)


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def _refuse_newer(found: str | None, config: "Config", name: str) -> None:
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise StoreBroken(
            f"store {name} was written by a newer version of this program ({found}): install that one, or name another store"
        )
