"""One store into another, row by row in the order of the keys: all of it in one transaction, or nothing.

What was written is read back before it is made to last and compared with what was read, to the last bit of every figure.
Memory is bounded by a portion of rows on either side.
"""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import Connection, Table, func, insert, select

from monitor.errors import ConfigError, StoreBroken
from monitor.store import schema
from monitor.store.sql import SqlStore

_ROWS_AT_ONCE: Final = 2_000


def copy_store(origin: SqlStore, target: SqlStore, advance: Callable[[int, int], None]) -> dict[str, int]:
    """Copies all rows of `origin`, as they are at one moment, to `target`; both are open. Returns how many of each table.

    `advance` is called with the rows done and all there are; each is written and then read back, and counts twice.
    Raises ConfigError when `target` holds anything, StoreBroken when it does not give back what was written.
    Nothing is left of a copy that fails or is interrupted.
    """
    tables = schema.metadata.sorted_tables
    with origin.snapshot() as reading, target.whole() as writing:
        if any(writing.execute(select(*table.primary_key).limit(1)).first() is not None for table in tables):
            raise ConfigError(
                f"store {target.shown}: it is not empty: name a new file or a new database, or remove what is in it; "
                "nothing was changed"
            )
        counts = {table.name: _count(reading, table) for table in tables}
        progress = _Progress(2 * sum(counts.values()), advance)
        written = {table.name: _copy(reading, writing, table, progress) for table in tables}
        for table in tables:
            if _digest(writing, table, progress) != written[table.name] or _count(writing, table) != counts[table.name]:
                raise StoreBroken(f"store {target.shown}: {table.name}: it does not give back what was written; nothing was kept")
    return counts


class _Progress:
    """Counts rows for whoever shows how far it is."""

    def __init__(self, rows: int, advance: Callable[[int, int], None]) -> None:
        self._rows, self._advance, self._done = rows, advance, 0

    def add(self, rows: int) -> None:
        self._done += rows
        self._advance(self._done, self._rows)


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _copy(reading: Connection, writing: Connection, table: Table, progress: _Progress) -> bytes:
    names = [column.name for column in table.columns]
    return _digest(reading, table, progress, lambda rows: _write(writing, table, names, rows))


def _write(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Any]) -> None:
    connection.execute(insert(table).inline(), [dict(zip(names, row, strict=True)) for row in rows])


def _digest(
    connection: Connection, table: Table, progress: _Progress, keep: Callable[[Sequence[Any]], None] = lambda _rows: None
) -> bytes:
    """Reads all rows in the order of the key, which is the same in every database, and hands each portion to `keep`."""
    digest = blake2b(digest_size=16)
    wanted = select(*table.columns).order_by(*table.primary_key).execution_options(yield_per=_ROWS_AT_ONCE)
    with connection.execute(wanted) as found:
        for rows in found.partitions():
            keep(rows)
            for row in rows:
                digest.update(repr(tuple(row)).encode())  # a float's repr names it exactly
            progress.add(len(rows))
    return digest.digest()
