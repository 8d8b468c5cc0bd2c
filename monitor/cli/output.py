"""What commands write for people and programs: foreign text made harmless, tables, JSON, CSV, progress."""

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from monitor.publish.spreadsheet import printable as printable
from monitor.publish.spreadsheet import write_csv as write_csv

#: How many rows decide how wide the columns of a table are, and the widest that one of them makes its column.
_MEASURED_ROWS: Final = 200
_MAX_WIDTH: Final = 40
_GAP: Final = "  "
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7e]")


def as_json(value: object, *, indent: int | None = None) -> str:
    """JSON in which letters stay letters and everything that could move a terminal's cursor is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    if text.isprintable():
        return text
    return _NOT_ASCII.sub(lambda found: found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1], text)


def write_json(out: TextIO, rows: Iterable[Mapping[str, Any]]) -> None:
    """An array, one line an element, written as the rows come."""
    before = "[\n"
    for row in rows:
        out.write(before + as_json(row))
        before = ",\n"
    out.write("[]\n" if before == "[\n" else "\n]\n")


class Column(NamedTuple):
    """A column of a table. On a narrow terminal it is cut down to `least` places (None: never), or left out."""

    title: str
    least: int | None = None
    may_go: bool = False  # so may all to the right of it
    if_room: bool = False  # it goes before anything is cut; the last ones only


def write_table(out: TextIO, columns: Sequence[Column], rows: Iterable[Sequence[str]], width: int | None = None) -> bool:
    """A table for people, written as the rows come. Whether there was any row; without, nothing is written.

    The first rows decide how wide a column is. In a table that would be wider than `width` cells are cut with an ellipsis,
    from the right; where that is not enough the last columns are left out. Without `width` (no terminal) every cell is
    whole: a longer one pushes the rest of its line to the right.
    """
    lines = ([_one_line(cell) for cell in row] for row in rows)
    first = list(islice(lines, _MEASURED_ROWS))
    if not first:
        return False
    first.insert(0, [column.title for column in columns])
    widths = [max(cell_len(row[n]) for row in first) for n in range(len(columns))]
    widths = [min(_MAX_WIDTH, each) for each in widths] if width is None else _fitting(columns, widths, width)
    cuts = [width is not None and column.least is not None for column in columns]
    for row in chain(first, lines):
        cells = [_cut(cell, widths[n]) if cuts[n] else cell for n, cell in enumerate(row[: len(widths)])]
        out.write(_GAP.join((*map(_padded, cells[:-1], widths), cells[-1])).rstrip(" ") + "\n")
    return True


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _fitting(columns: Sequence[Column], widths: Sequence[int], width: int) -> list[int]:
    """The widths with which a table fits, as far as its columns give way; of the first columns alone where all are too many."""
    if columns[-1].if_room and _total(widths) > width:
        return _fitting(columns[:-1], widths[:-1], width)
    fitting = list(widths)
    for n in reversed(range(len(columns))):
        least = columns[n].least
        if least is not None:
            fitting[n] -= max(0, min(_total(fitting) - width, fitting[n] - least))
    rest = width - _total(fitting)
    if rest < 0 and columns[-1].may_go:
        return _fitting(columns[:-1], widths[:-1], width)
    return [*fitting[:-1], fitting[-1] + max(0, rest)]


def _cut(cell: str, width: int) -> str:
    return cell if cell_len(cell) <= width else set_cell_size(cell, width - 1).rstrip() + "…"


def _padded(cell: str, width: int) -> str:
    return cell.ljust(width) if cell.isascii() else cell + " " * (width - cell_len(cell))


def _one_line(cell: str) -> str:
    return cell if cell.isprintable() else printable(cell).replace("\n", "\\n").replace("\t", "\\t")


def terminal_width(out: TextIO) -> int | None:
    """Places in a line where `out` is a terminal; None where it is a pipe or a file."""
    return shutil.get_terminal_size().columns if out.isatty() else None


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
    told = _tenths(name)
    yield lambda read: told(read, size)


@contextmanager
def counted_progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Reports (done, of so many): a bar on a terminal, elsewhere a line every ten per cent. On standard error."""
    if sys.stderr.isatty():
        with Progress(console=Console(stderr=True)) as bar:
            task = bar.add_task(what, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
        return
    yield _tenths(what)


def _tenths(what: str) -> Callable[[int, int], None]:
    """A line on standard error for every ten per cent that are done."""
    shown = 0

    def line(done: int, total: int) -> None:
        nonlocal shown
        tenth = 10 * done // max(1, total)
        if tenth > shown:
            shown = tenth
            print(f"{what}: {10 * tenth} %", file=sys.stderr)

    return line
