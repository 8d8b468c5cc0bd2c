"""Where contacts, totals and cursors live: one protocol, an in-memory reference, and SQL on SQLite or PostgreSQL.

This module is the only place that knows how a store is named.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from monitor.errors import ConfigError
from monitor.store.base import Store

FORMS: Final = (
    "write sqlite:FILE, as sqlite:contacts.db, or postgresql://USER@HOST/DATABASE, or memory: to keep nothing over a restart"
)


@dataclass(frozen=True, slots=True)
class StoreUrl:
    """The name of a store, taken apart. `text` may hold a password; `shown` holds none."""

    scheme: Literal["sqlite", "postgresql", "memory"]
    text: str
    shown: str
    file: Path | None = None  # of SQLite only

    @classmethod
    def parse(cls, text: str) -> "StoreUrl":
        """Reads the configuration's `store`. Raises ConfigError for what is no store, without showing it.

        `sqlite:contacts.db` and `sqlite:/var/lib/contacts.db` name a file; `sqlite:///contacts.db` is read as SQLAlchemy
        reads it (three slashes: relative, four: absolute). `postgresql://` is a connection URI of libpq.
        """
        scheme, colon, path = text.partition(":")
        if text == "memory:":
            return cls("memory", text, text)
        if scheme == "sqlite" and colon:
            if path.startswith("//"):
                path = path.removeprefix("///") if path.startswith("///") else ""
            if path and not path.startswith(":"):
                return cls("sqlite", text, text, Path(path))
        if scheme in ("postgresql", "postgres") and path.startswith("//"):
            return cls("postgresql", text, _without_password(text))
        raise ConfigError(f"store: {FORMS}")

    @property
    def needs_privacy_key(self) -> bool:
        """Whether the secret of the customer hash must be configured.

        A file has a place beside it for one that is made at the first start. A database has none: in it, the secret would
        lie beside what it protects, and each daemon that shares the database needs the same one.
        """
        return self.scheme == "postgresql"

    @property
    def key_file(self) -> Path | None:
        """Where a secret that was made at the first start is kept; None where none is made, or nothing outlives the process."""
        return None if self.file is None else Path(f"{self.file}.key")

    def check_directory(self) -> None:
        """Raises ConfigError where nothing can be written beside the file, or where its directory is not there."""
        directory = Path() if self.file is None else self.file.absolute().parent
        if not directory.is_dir() or not os.access(directory, os.W_OK | os.X_OK):
            raise ConfigError(
                f"store {self.shown}: {directory} is no directory we can write to: make it, or look at its owner and mode"
            )


def _without_password(text: str) -> str:
    """User, hosts and database of a libpq URI. Its parameters are left out: `password` may be one.

    A password that should have been escaped, as one with a slash, is not shown either.
    """
    try:
        urlsplit(text)
    except ValueError:
        raise ConfigError(f"store: {FORMS}") from None
    user, at, rest = text.partition("://")[2].rpartition("@")
    return f"postgresql://{re.split('[:/?#]', user)[0]}{at}{re.split('[?#]', rest)[0]}"


def make_store(url: str | StoreUrl) -> Store:
    """The store that the configuration's `store` names, not opened yet.

    Raises ConfigError for what is no store, and where the driver of its database is not installed.
    """
    found = url if isinstance(url, StoreUrl) else StoreUrl.parse(url)
    if found.scheme == "memory":
        from monitor.store.memory import MemoryStore

        return MemoryStore()
    from monitor.store.sql import SqlStore

    if found.file is not None:
        from monitor.store.engines.sqlite import SqliteEngine

        return SqlStore(SqliteEngine(str(found.file)))
    try:
        from monitor.store.engines.postgresql import PostgresqlEngine
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise ConfigError("store: PostgreSQL needs its driver: pip install 'contact-monitor[postgres]'") from None
    return SqlStore(PostgresqlEngine(found.text, found.shown))
