"""Reads date expressions as from a desk in London that is open from Monday to Friday, 9:00 to 17:30."""

from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.domain.dates.english import ENGLISH
from monitor.domain.dates.expressions import expressions
from monitor.domain.dates.resolving import Expression
from monitor.domain.dates.vocabulary import Vocabulary
from monitor.domain.hours import Calendar, parse_week

#: A Wednesday.
NOW = "2026-11-18T14:20"


def desk(zone: str = "Europe/London") -> Calendar:
    return Calendar("desk", ZoneInfo(zone), parse_week({"mon-fri": "09:00-17:30"}))


def read(text: str, at: str = NOW, zone: str = "Europe/London", words: Vocabulary = ENGLISH) -> list[Expression]:
    return expressions(text, datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(zone)), desk(zone), words)


def told(text: str, at: str = NOW, zone: str = "Europe/London", words: Vocabulary = ENGLISH) -> list[tuple[str, str]]:
    """(from, to) of each expression in local time, to the minute."""
    local = ZoneInfo(zone)
    return [
        (f"{each.begin.astimezone(local):%Y-%m-%dT%H:%M}", f"{each.end.astimezone(local):%Y-%m-%dT%H:%M}")
        for each in read(text, at, zone, words)
    ]


def due(text: str, at: str = NOW, zone: str = "Europe/London", words: Vocabulary = ENGLISH) -> list[str | None]:
    """The local moment at which what is promised for each expression is due, to the minute."""
    local = ZoneInfo(zone)
    return [None if each.due is None else f"{each.due.astimezone(local):%Y-%m-%dT%H:%M}" for each in read(text, at, zone, words)]
