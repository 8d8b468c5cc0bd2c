"""Rows as CSV for spreadsheets, and foreign text made visible."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TextIO

#: The columns of `signals` (contract section 2), for whoever writes them.
SIGNAL_COLUMNS: Final = (
    "contact", "native_id", "contact_point", "channel", "signal", "at", "waited_seconds", "limit_seconds", "limit_opening_days",
    "related",
)  # fmt: skip
#: With what a spreadsheet begins a formula.
_FORMULA: Final = ("=", "+", "-", "@")


def printable(text: str) -> str:
    """Foreign text with control and direction characters made visible."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def write_csv(out: TextIO, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """CSV for spreadsheets, written as the rows come: no cell is taken for a formula."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = printable(value)
    return "'" + text if text.lstrip().startswith(_FORMULA) else text
