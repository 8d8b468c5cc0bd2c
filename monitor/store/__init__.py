"""Where contacts, totals and cursors live: one protocol, an in-memory reference and SQL."""

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
    scheme, colon, path = url.partition(":")
    if path.startswith("//"):
        path = path.removeprefix("///") if path.startswith("///") else ""
    if scheme == "sqlite" and colon and path and not path.startswith(":"):
        from monitor.store.sql import SqlStore

        return SqlStore(path)
    raise ConfigError(f"store: {url!r} is not a store: write sqlite:FILE, as sqlite:contacts.db, or memory: to keep nothing")
