"""`promises`: what texts promise their readers, and by when; nothing is stored."""

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, Final, TextIO
from zoneinfo import ZoneInfo

import typer

from monitor.cli.output import as_json, printable
from monitor.domain.hours import Calendar, parse_week
from monitor.domain.promises.finding import find
from monitor.domain.promises.reading import own_text
from monitor.errors import ConfigError, MonitorError

#: Lines stand for no contact point, so these are its opening hours.
HOURS: Final = {"mon-fri": "09:00-17:30"}


def promises(
    file: Annotated[Path | None, typer.Argument(help="JSON lines; without it, or with -, standard input.")] = None,
    lines: Annotated[bool, typer.Option("--lines", help="Read and write JSON lines: id, text, at and timezone.")] = False,
) -> None:
    """What texts promise, by when, and every date that they name. Opening hours are Monday to Friday, 9:00 to 17:30."""
    if not lines:
        raise ConfigError("promises: give --lines, the only form in which texts are read")
    read = refused = 0
    with _opened(file) as source:
        for row in _answers(source):
            if isinstance(row, str):
                refused += 1
                print(printable(row), file=sys.stderr)
            else:
                read += 1
                print(as_json(row))
    if refused and not read:
        raise MonitorError("promises: all lines were refused")


def _opened(file: Path | None) -> TextIO:
    if file is None or str(file) == "-":
        return TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="replace")
    try:
        return file.open(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from None


def _answers(source: Iterable[str]) -> Iterator[dict[str, Any] | str]:
    """What is to be written for each line, or what is wrong with it."""
    for number, line in enumerate(source, 1):
        if line.strip():
            try:
                yield answer(json.loads(line))
            except (ValueError, OverflowError, RecursionError) as error:
                yield f"line {number}: refused: {error}"


def answer(asked: Any) -> dict[str, Any]:
    """The promises and dates of one text. Raises ValueError or OverflowError that says what is wrong with the question."""
    if not isinstance(asked, dict) or not isinstance(asked.get("text"), str):
        raise ValueError('a line is an object with "id", "text" and "at"')
    at, zone = _moment(asked.get("at"), asked.get("timezone"))
    text = own_text(asked["text"])
    found = find(text, at, _office(zone))
    return {
        "id": asked.get("id"),
        "promises": [
            {
                "due": _shown(each.due, zone),
                "inferred": each.inferred,
                "deed": each.deed,
                "words": text[each.start : each.stop].strip(),
            }
            for each in found.promises
        ],
        "dates": [
            {"from": _shown(each.begin, zone), "to": _shown(each.end, zone), "words": text[each.start : each.stop]}
            for each in found.dates
        ],
    }


def _shown(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).isoformat()


def _moment(at: object, timezone: object) -> tuple[datetime, tzinfo]:
    """The moment of a message and its writer's zone: the one that is named, else the offset of the moment, else UTC."""
    if not isinstance(at, str):
        raise ValueError('"at" is the moment of the text, as 2026-11-02T09:00:00Z')
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise ValueError(f'"at": {at!r} is not a moment; write 2026-11-02T09:00:00Z') from None
    zone: tzinfo = moment.tzinfo or UTC
    if timezone is not None:
        try:
            zone = ZoneInfo(str(timezone))
        except (ValueError, OSError, LookupError):
            raise ValueError(f'"timezone": {timezone!r} is no time zone; write Europe/London') from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone), zone


@lru_cache(maxsize=64)
def _office(zone: tzinfo) -> Calendar:
    return Calendar("office", zone, parse_week(HOURS))
