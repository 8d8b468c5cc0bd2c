"""What commands write for people and programs: foreign text made harmless, tables, JSON, CSV, progress."""

import csv
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TextIO

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

#: Columns of a table that is not shown on a terminal.
_WIDTH: Final = 160
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7e]")


def printable(text: str) -> str:
    """Foreign text for a terminal: control and direction characters made visible."""
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def as_json(value: object, *, indent: int | None = None) -> str:
    """JSON in which letters stay letters and everything that could move a terminal's cursor is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _NOT_ASCII.sub(lambda found: found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1], text)


def write_csv(out: TextIO, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """CSV for spreadsheets: no cell is taken for a formula."""
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = printable(value)
    return "'" + text if text[:1] in ("=", "+", "-", "@") else text


def write_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on standard output; cells are data, never markup."""
    table = Table(*columns)
    for row in rows:
        table.add_row(*(escape(printable(cell).replace("\n", "\\n")) for cell in row))
    Console(width=None if sys.stdout.isatty() else _WIDTH).print(table)


@contextmanager
def progress(*paths: Path) -> Iterator[Callable[[int], None]]:
    """Reports how far the files have been read: a bar on a terminal, elsewhere a line every ten per cent. On standard error."""
    size = sum(path.stat().st_size for path in paths)
    name = printable(paths[0].name if len(paths) == 1 else f"{paths[0].name} … {paths[-1].name}")
    if sys.stderr.isatty():
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task(escape(name), total=size)
            yield lambda read: bar.update(task, completed=read)
        return
    reported = 0

    def line(read: int) -> None:
        nonlocal reported
        tenth = 10 * read // max(1, size)
        if tenth > reported:
            reported = tenth
            print(f"{name}: {10 * tenth} %", file=sys.stderr)

    yield line
