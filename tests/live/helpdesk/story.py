"""How a story of a helpdesk is told: what happens to each ticket, and by hand what is true of it afterwards.

All times are hours before NOW, so that 50 is earlier than 30 and -60 lies ahead; where a fraction counts, it is a whole
number of seconds. The truth is meant under LIMITS, around the clock, with the settings in SETTINGS.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # a Wednesday
#: Longer than these is late; more changes than `passed_around` are too many; `complaint` is warned of so long before.
LIMITS = {
    "late_reply": timedelta(hours=24),
    "late_follow_up": timedelta(hours=24),
    "late_resolution": timedelta(hours=216),
    "complaint_overdue": timedelta(days=7),
}
CHANGES_ALLOWED = 2
#: What the stories take for granted beside the limits; by the name that each system has for it.
ESCALATION_QUEUE, COMPLAINTS_QUEUE, COMPLAINTS_SECTOR = "managers", "complaints", "telecoms"

System = Literal["request_tracker", "redmine", "znuny", "zendesk", "zammad", "jira_service_management", "freshdesk"]
SYSTEMS: tuple[System, ...] = ("request_tracker", "redmine", "znuny", "zendesk", "zammad", "jira_service_management", "freshdesk")
WaitKind = Literal["reply", "follow_up", "promise", "resolution", "complaint"]
Verdict = Literal["kept", "breached", "open", "void"]
#: The signal of a breached wait.
SIGNAL_OF: Mapping[WaitKind, str] = {
    "reply": "late_reply",
    "follow_up": "late_follow_up",
    "promise": "slipped_promise",
    "resolution": "late_resolution",
    "complaint": "complaint_overdue",
}
#: These keep dates for promises, without a time: a promise is good until the end of its day.
KEEP_DAYS: frozenset[System] = frozenset({"redmine", "zendesk", "jira_service_management", "freshdesk"})


def moment(hours: float) -> datetime:
    """So many hours before NOW."""
    return NOW - timedelta(seconds=round(hours * 3600))


@dataclass(frozen=True)
class Step:
    """Something happens: a method of `Player` and what it is called with after the ticket."""

    hours: float
    verb: str
    arguments: Sequence[Any]


@dataclass(frozen=True)
class Wait:
    """A span in which the customer waits. `late` is when it became too long; `late_by_day` where the system keeps days.

    `wordless`: it ended without any words to the customer, so that nothing was replied.
    """

    kind: WaitKind
    since: float
    until: float | None
    verdict: Verdict
    late: float | None = None
    late_by_day: float | None = None
    wordless: bool = False


@dataclass(frozen=True)
class Mark:
    """A signal that is no wait: `reopened`, `passed_around`, `escalated`."""

    signal: str
    at: float


Fact = Wait | Mark


@dataclass(frozen=True)
class Otherwise:
    """What one system lets an observer conclude instead, and why it cannot tell better."""

    why: str
    facts: Sequence[Fact]


@dataclass(frozen=True)
class Ticket:
    """One ticket of a story, its steps oldest first, and what is true of it at NOW."""

    key: str
    what: str
    steps: Sequence[Step]
    facts: Sequence[Fact]
    otherwise: Mapping[System, Otherwise] = field(default_factory=dict)
    #: Thrown away: nothing of it is in any count. Where it was gone before anybody looked, nobody knows of it.
    may_be_gone: bool = False

    def facts_in(self, system: System) -> Sequence[Fact]:
        """What an observer of this system must conclude."""
        return self.otherwise[system].facts if system in self.otherwise else self.facts

    def waits_in(self, system: System) -> list[Wait]:
        """The waits, in the order of the table."""
        return [fact for fact in self.facts_in(system) if isinstance(fact, Wait)]

    def signals_in(self, system: System) -> list[tuple[datetime, str]]:
        """When which signal falls, oldest first."""
        found = []
        for fact in self.facts_in(system):
            if isinstance(fact, Mark):
                found.append((moment(fact.at), fact.signal))
            elif fact.late is not None:
                by_day = fact.late_by_day if system in KEEP_DAYS else None
                found.append((moment(fact.late if by_day is None else by_day), SIGNAL_OF[fact.kind]))
        return sorted(found)

    def outcomes_in(self, system: System) -> list[tuple[str, bool]]:
        """Each `replied` and `resolved` with whether it came in time, in the order of the table."""
        ended = [wait for wait in self.waits_in(system) if wait.until is not None and wait.verdict in ("kept", "breached")]
        named = {"reply": "replied", "follow_up": "replied", "resolution": "resolved"}
        return [(named[wait.kind], wait.verdict == "kept") for wait in ended if wait.kind in named and not wait.wordless]


def at(hours: float, verb: str, *arguments: Any) -> Step:
    """A step of a story."""
    return Step(hours, verb, arguments)


def kept(kind: WaitKind, since: float, until: float, *, wordless: bool = False) -> Wait:
    """Ended in time."""
    return Wait(kind, since, until, "kept", wordless=wordless)


def late(
    kind: WaitKind, since: float, until: float | None, *, at: float, by_day: float | None = None, wordless: bool = False
) -> Wait:  # fmt: skip
    """Too long since `at`, whether it has ended or not."""
    return Wait(kind, since, until, "breached", at, by_day, wordless)


def running(kind: WaitKind, since: float) -> Wait:
    """Not too long yet."""
    return Wait(kind, since, None, "open")


def void(kind: WaitKind, since: float, until: float) -> Wait:
    """In no count."""
    return Wait(kind, since, until, "void")


def mark(signal: str, at: float) -> Mark:
    """A signal that is no wait."""
    return Mark(signal, at)
