"""What a contact point of the simulated week is, and what happened there: the values that everything else works on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from monitor.domain.hours import Calendar, parse_week

HOUR = 3600.0


class Objective(NamedTuple):
    """One signal as configured: how many of its verdicts must be good (0 to 1), and its limit in seconds where it has one."""

    share: float
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """One contact point. `objectives`: signal -> as configured; `waits`: kind of wait -> the signal of its limit."""

    name: str
    title: str
    channel: str
    source: tuple[str, str]
    calendar: Calendar
    objectives: Mapping[str, Objective]
    waits: Mapping[str, str]
    team: str = ""

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which its people work."""
        zone = self.calendar.timezone
        assert isinstance(zone, ZoneInfo)
        return zone

    def is_open(self, moment: float) -> bool:
        """Whether it is open at `moment`, in seconds since 1970."""
        return self.calendar.is_open(datetime.fromtimestamp(moment, UTC))

    def open_seconds(self, start: float, end: float) -> float:
        """Opening seconds between two moments."""
        return self.calendar.seconds_between(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))

    def after(self, start: float, seconds: float) -> float:
        """The moment at which `seconds` of opening time have passed since `start`."""
        return self.calendar.moment_after(datetime.fromtimestamp(start, UTC), seconds).timestamp()

    def next_opening(self, moment: float) -> float:
        """`moment` itself in opening hours, else when it opens next."""
        return self.after(moment, 1.0) - 1.0


class Wait(NamedTuple):
    """Somebody waited from `since` until `until`; the limit passed, or would have passed, at `due`."""

    kind: str
    since: float
    until: float
    due: float


class Verdict(NamedTuple):
    """At `at` it was decided whether a contact went well."""

    at: float
    signal: str
    bad: bool


class Outcome(NamedTuple):
    """How a contact was decided, and whether within its target."""

    at: float
    outcome: str
    in_target: bool


class Caller(NamedTuple):
    """One caller as the truth counts them: `late` when the wait in the queue was over its limit, whoever ended it."""

    at: float
    late: bool


@dataclass(slots=True)
class Lived:
    """All that happened at one contact point, in no particular order. Moments are seconds since 1970."""

    place: Place
    contacts: list[float] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    callers: list[Caller] = field(default_factory=list)
    talks: list[tuple[float, float]] = field(default_factory=list)
    #: Local hour (its start) -> people logged in; empty where the source does not tell.
    staff: dict[float, int] = field(default_factory=dict)

    def judge(self, signal: str, at: float, bad: bool) -> None:
        """A verdict fell."""
        self.verdicts.append(Verdict(at, signal, bad))


def calendar(name: str, zone: str, hours: Mapping[str, object]) -> Calendar:
    """Opening hours as the configuration writes them."""
    return Calendar(name, ZoneInfo(zone), parse_week(hours))
