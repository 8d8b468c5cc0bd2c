"""Reads JSON that others wrote: every step may be missing or of another type. Pure."""

from typing import Any, Final

from monitor.errors import DataError

_MAX_NAME: Final = 200
_NUMBERS_END: Final = 1 << 63


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


def optional_items(data: Any, *path: str | int) -> list[Any]:
    """The same; empty where nothing is there. Raises DataError for what is no list."""
    return [] if part(data, *path) is None else items(data, *path)


def name(data: Any, *path: str | int) -> str:
    """A text or number at `path` that names something, fit to be shown. Raises DataError where there is none."""
    found = optional_name(data, *path)
    if found is None:
        raise DataError(f"no {_shown(path)}")
    return found


def optional_name(data: Any, *path: str | int) -> str | None:
    """The same; None where nothing is there. Raises DataError for what is neither text nor number.

    Names come from anybody's mail program: what cannot be printed is replaced, what is too long is cut.
    """
    found = part(data, *path)
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    if found is not None and not isinstance(found, str):
        raise DataError(f"{_shown(path)} is no name")
    return _fit(found[:_MAX_NAME]).strip() or None if found else None


def whole(data: Any, *path: str | int) -> int:
    """A whole number at `path`, perhaps as text, as a database holds it. Raises DataError where there is none."""
    found = part(data, *path)
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 16:
        return int(found)
    if isinstance(found, int) and not isinstance(found, bool) and abs(found) < _NUMBERS_END:
        return found
    raise DataError(f"no number {_shown(path)}")


def number(data: Any, *path: str | int) -> str:
    """The number by which a system knows something, fit for a path. Raises DataError where there is none."""
    return str(whole(data, *path))


def _fit(text: str) -> str:
    return text if text.isprintable() else "".join(map(_printable, text))  # nearly all are: letter by letter takes long


def _printable(character: str) -> str:
    return character if character.isprintable() else " " if character.isspace() else "?"


def _shown(path: tuple[str | int, ...]) -> str:
    return ".".join(map(str, path))
