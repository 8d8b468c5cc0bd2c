"""Moments and values of fields as helpdesks write them in JSON, in UTC. Pure."""

import re
from collections.abc import Callable, Sequence
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


def _created(record: Any) -> datetime:
    return moment_at(record, "created_at")


def places(records: Sequence[Any], at: Callable[[Any], datetime] = _created) -> dict[int, int]:
    """Each record's place (by `id()`), in their order: by the second of `created_at`, or what `at` says, and within it by
    number. Raises DataError.

    The numbers that helpdesks give them are too large for a stamp.
    """
    found: dict[int, int] = {}
    last = -1
    for record in records:
        last = max(int(at(record).timestamp()) * PER_SECOND, last + 1)
        found[id(record)] = last
    return found
