"""Where contacts, totals and cursors live: one protocol, an in-memory reference and SQL."""

from pathlib import Path

from monitor.errors import ConfigError
from monitor.store.base import Store


def make_store(url: str) -> Store:
    """The store that the configuration's `store` names, not opened yet. Raises ConfigError for what is no store.

    `sqlite:contacts.db` and `sqlite:/var/lib/contacts.db` name a file; `sqlite:///contacts.db` is read as SQLAlchemy
    reads it (three slashes: relative, four: absolute). `memory:` keeps nothing over a restart.
    """
    if url == "memory:":
        from monitor.store.memory import MemoryStore

        return MemoryStore()
    file = store_file(url)
    if file is None:
        raise ConfigError("store: write sqlite:FILE, as sqlite:contacts.db, or memory: to keep nothing")
    from monitor.store.sql import SqlStore

    return SqlStore(str(file))


def store_file(url: str) -> Path | None:
    """The file that a store's name means; None where it is none."""
    scheme, colon, path = url.partition(":")
    if path.startswith("//"):
        path = path.removeprefix("///") if path.startswith("///") else ""
    return Path(path) if scheme == "sqlite" and colon and path and not path.startswith(":") else None
