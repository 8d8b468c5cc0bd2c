"""Durations as people write them: `90s`, `2m`, `4h`, `3d`, and `3bd` for whole opening days."""

import re
from datetime import timedelta
from typing import Final

_UNITS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdw])")
_WHOLE: Final = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+")
_OPENING_DAYS: Final = re.compile(r"(\d{1,3})bd")


def parse_duration(value: object) -> timedelta:
    """`"1h30m"` -> 1.5 hours. Numbers alone are refused: nobody can tell seconds from minutes in a file.

    Raises ValueError with the remedy.
    """
    if isinstance(value, timedelta):
        return value
    text = str(value).strip()
    if not isinstance(value, str) or not _WHOLE.fullmatch(text):
        raise ValueError(f"{text!r} is not a duration: write a number and a unit, as 90s, 2m, 4h or 3d")
    try:
        return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text)))
    except OverflowError:
        raise ValueError(f"{text!r} is too long a duration") from None


def parse_opening_days(value: object) -> int | None:
    """`"3bd"` -> 3; None when it is not written in opening days."""
    match = _OPENING_DAYS.fullmatch(str(value).strip())
    return int(match[1]) if match else None


def format_opening_days(days: int) -> str:
    """`3` -> `3 opening days`."""
    return f"{days} opening day{'s' * (days != 1)}"


def format_duration(seconds: float) -> str:
    """`7384.0` -> `2h 3m 4s`: the two or three largest parts, for people."""
    sign, rest = ("-", -seconds) if seconds < 0 else ("", seconds)
    if rest < 60:
        return f"{sign}{rest:.3f}".rstrip("0").rstrip(".") + "s"
    whole, parts = round(rest), []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, whole = divmod(whole, size)
        if count:
            parts.append(f"{count}{unit}")
    return sign + " ".join(parts[:3])


def format_exactly(seconds: float) -> str:
    """`14400.000001` -> `4h 0.000001s`: to the microsecond, for what is compared; never in days, as of opening hours."""
    whole, micros = divmod(round(max(0.0, seconds) * 1e6), 1_000_000)
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    last = f"{rest}.{micros:06}".rstrip("0").rstrip(".")
    return (
        " ".join(f"{count}{unit}" for count, unit in ((hours, "h"), (minutes, "m"), (last, "s")) if count not in (0, "0")) or "0s"
    )
