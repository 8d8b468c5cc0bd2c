"""Moments and values of fields as helpdesks write them in JSON, in UTC. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from monitor.connectors._http.fields import part
from monitor.connectors._tickets.facts import Value
from monitor.errors import DataError

MAX_VALUE: Final = 200
#: Records of one second that are told apart.
PER_SECOND: Final = 512
_MOMENT: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d{1,6})?)\d*(?: ?(?:Z|UTC|\+00:?00))?\Z", re.ASCII
)  # fmt: skip
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)


def moment(raw: Any) -> datetime | None:
    """A moment, in UTC; None where it is none."""
    match = _MOMENT.match(raw) if isinstance(raw, str) else None
    try:
        return datetime.fromisoformat(f"{match[1]}T{match[2]}").replace(tzinfo=UTC) if match else None
    except ValueError:
        return None


def moment_at(data: Any, key: str) -> datetime:
    """The moment that must be there. Raises DataError."""
    found = moment(part(data, key))
    if found is None:
        raise DataError(f"no moment {key}")
    return found


def value(raw: Any) -> Value:
    """A field's value: a day, a moment, a text; several separated by commas; None where it is not set."""
    if isinstance(raw, list):
        return ", ".join(sorted(str(each) for each in raw if each not in (None, "")))[:MAX_VALUE] or None
    if raw is None or raw == "" or isinstance(raw, dict):
        return None
    text = str(raw)
    try:
        return (date.fromisoformat(text) if _DAY.match(text) else moment(text)) or text[:MAX_VALUE]
    except ValueError:
        return text[:MAX_VALUE]  # digits like those of a date


def places(records: Sequence[Any]) -> dict[int, int]:
    """Each record's place (by `id()`), in their order, by the second of `created_at` (`numbered`). Raises DataError."""
    numbers = numbered([moment_at(record, "created_at") for record in records])
    return {id(record): number for record, number in zip(records, numbers, strict=True)}


def numbered(moments: Iterable[datetime]) -> list[int]:
    """Places of what happened at these moments, in their order: by the second, and within it by number.

    The numbers that helpdesks give to records are too large for a stamp.
    """
    found: list[int] = []
    for at in moments:
        found.append(max(int(at.timestamp()) * PER_SECOND, found[-1] + 1 if found else 0))
    return found
