"""Reads JSON that others wrote: every step may be missing or of another type. Pure."""

from typing import Any

from monitor.errors import DataError

_MAX_NAME = 200


def part(data: Any, *path: str | int) -> Any:
    """What lies at `path` in nested objects and arrays; None where anything on the way is missing or of another type."""
    for step in path:
        if isinstance(step, str):
            data = data.get(step) if isinstance(data, dict) else None
        else:
            data = data[step] if isinstance(data, list) and -len(data) <= step < len(data) else None
    return data


def items(data: Any, *path: str | int) -> list[Any]:
    """The array at `path`. Raises DataError where there is none."""
    found = part(data, *path)
    if not isinstance(found, list):
        raise DataError(f"no list {_shown(path)}")
    return found


def name(data: Any, *path: str | int) -> str:
    """A text or number at `path` that names something, as text. Raises DataError where there is none that is fit for it."""
    found = optional_name(data, *path)
    if found is None:
        raise DataError(f"no {_shown(path)}")
    return found


def optional_name(data: Any, *path: str | int) -> str | None:
    """The same; None where nothing is there. Raises DataError for what is no name."""
    found = part(data, *path)
    if found is None or found == "":
        return None
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    if not isinstance(found, str) or not found.isprintable() or len(found) > _MAX_NAME:
        raise DataError(f"{_shown(path)} is no name")
    return found


def whole(data: Any, *path: str | int) -> int:
    """A whole number at `path`, perhaps as text. Raises DataError where there is none."""
    found = part(data, *path)
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 16:
        return int(found)
    if isinstance(found, int) and not isinstance(found, bool):
        return found
    raise DataError(f"no number {_shown(path)}")


def _shown(path: tuple[str | int, ...]) -> str:
    return ".".join(map(str, path))
