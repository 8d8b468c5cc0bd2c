"""`promises`: what texts promise their readers, and by when; nothing is stored."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, Final, TextIO
from zoneinfo import ZoneInfo

import typer

from monitor.cli.options import ConfigFile
from monitor.cli.output import Column, as_json, printable, terminal_width, write_table
from monitor.clock import SystemClock
from monitor.config.loading import load
from monitor.config.policies import calendars
from monitor.domain.hours import Calendar, parse_week
from monitor.errors import ConfigError, MonitorError, did_you_mean

#: Without a calendar of the configuration a text stands for no contact point, so these are its opening hours.
HOURS: Final = {"mon-fri": "09:00-17:30"}
_COLUMNS: Final = (Column("due"), Column("deed"), Column("time"), Column("words", least=20))


def promises(
    file: Annotated[Path | None, typer.Argument(help="A text, or JSON lines; without it, or with -, standard input.")] = None,
    lines: Annotated[bool, typer.Option("--lines", help="Read and write JSON lines: id, text, at and timezone.")] = False,
    at: Annotated[str | None, typer.Option(help="When the text was written. Default: now.")] = None,
    timezone: Annotated[str | None, typer.Option(help="The writer's zone. Default: the calendar's, else UTC.")] = None,
    calendar: Annotated[
        str | None, typer.Option(help="Opening hours of the configuration. Default: Mon-Fri, 9:00-17:30.")
    ] = None,
    in_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    config: ConfigFile = None,
) -> None:
    """What a text of ours promises, by when, and with which words. Nothing is kept."""
    chosen = _calendar(calendar, timezone, config)
    if lines:
        if at is not None or timezone is not None:
            raise ConfigError("promises: with --lines each line has its own at and timezone; leave out --at and --timezone")
        _answer_lines(file, chosen)
        return
    zone = chosen.timezone if chosen is not None else UTC
    asked: dict[str, Any] = {"at": at or SystemClock().now().isoformat(), "timezone": None if zone is UTC else str(zone)}
    with _opened(file) as source:
        asked["text"] = source.read()
    try:
        found = answer(asked, chosen)
    except (ValueError, OverflowError) as error:
        raise ConfigError(f"promises: {error}") from None
    if in_json:
        print(as_json({"promises": found["promises"], "dates": found["dates"]}))
        return
    rows = [
        (each["due"], each["deed"], "inferred" if each["inferred"] else "stated", " ".join(each["words"].split()))
        for each in found["promises"]
    ]
    if not write_table(sys.stdout, _COLUMNS, rows, terminal_width(sys.stdout)):
        print("no promises")


def _calendar(name: str | None, timezone: str | None, config: Path | None) -> Calendar | None:
    """The opening hours to go by; None: those of nobody in particular, in the zone of each text."""
    zone = None if timezone is None else _zone(timezone)
    if name is None:
        return None if zone is None else _office(zone)
    known = calendars(load(config, os.environ))
    if name not in known:
        raise ConfigError(f"--calendar: there is no calendar {name!r}{did_you_mean(name, known)}")
    if zone is not None and str(zone) != str(known[name].timezone):
        raise ConfigError(f"--timezone: the calendar {name} is in {known[name].timezone}; leave one of the two out")
    return known[name]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise ConfigError(f"--timezone: {name!r} is no time zone; write Europe/London") from None


def _answer_lines(file: Path | None, calendar: Calendar | None) -> None:
    read = refused = 0
    with _opened(file) as source:
        for row in _answers(source, calendar):
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


def _answers(source: Iterable[str], calendar: Calendar | None) -> Iterator[dict[str, Any] | str]:
    """What is to be written for each line, or what is wrong with it."""
    for number, line in enumerate(source, 1):
        if line.strip():
            try:
                yield answer(json.loads(line), calendar)
            except (ValueError, OverflowError, RecursionError) as error:
                yield f"line {number}: refused: {error}"


def answer(asked: Any, calendar: Calendar | None = None) -> dict[str, Any]:
    """The promises and dates of one text, by these opening hours. Raises ValueError or OverflowError that says what is wrong
    with the question."""
    from monitor.domain.promises.finding import find  # the rules of languages: other commands start without
    from monitor.domain.promises.reading import own_text

    if not isinstance(asked, dict) or not isinstance(asked.get("text"), str):
        raise ValueError('a line is an object with "id", "text" and "at"')
    at, zone = _moment(asked.get("at"), asked.get("timezone"))
    text = own_text(asked["text"])
    found = find(text, at, calendar or _office(zone))
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
