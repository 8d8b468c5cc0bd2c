"""What notifications are made of: alerts and their state, receivers, messages. Plain values, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from monitor.domain.snapshot import LocalZone
from monitor.publish import alert_facts
from monitor.publish.alert_facts import AlertFacts, Family

#: As in config/alertmanager/alertmanager.yml: how long a group waits for what belongs to it before its first message.
GROUP_WAIT: Final[Mapping[Family, timedelta]] = {"customer": timedelta(seconds=10), "source": timedelta(seconds=30)}
#: And between two messages about one group.
GROUP_INTERVAL: Final = timedelta(minutes=5)


#: Every alert that the daemon can judge by itself, by name.
FACTS: Final[Mapping[str, AlertFacts]] = {
    facts.name: facts for facts in vars(alert_facts).values() if isinstance(facts, AlertFacts)
}


class AlertId(NamedTuple):
    """One alert about one thing. `subject`: a contact point or a source; `detail`: the wait or signal, of several."""

    name: str
    channel: str  # empty: about a source
    subject: str
    detail: str = ""

    @property
    def facts(self) -> AlertFacts:
        """What alerts of this name are."""
        return FACTS[self.name]

    @property
    def signal(self) -> str:
        """The signal that it is about; empty where it is about none."""
        return self.facts.signal or (self.detail if self.facts is alert_facts.CRITICAL_SIGNAL else "")

    @property
    def group(self) -> str:
        """What is told together: whatever is wrong at one contact point; of sources, all that have the same trouble."""
        return f"{self.channel}/{self.subject}" if self.channel else self.name


class Finding(NamedTuple):
    """What can be said of one alert at a moment. What is false and can be known so has no finding."""

    holds: bool | None  # None: the figures by which it could end are missing
    begins: bool = True  # it may begin now; what goes on needs no leave
    summary: str = ""
    description: str = ""


class Standing(NamedTuple):
    """How the subject of an alert stands now."""

    team: str
    is_open: bool  # of a source: something that it feeds is open, or it feeds nothing
    is_seen: bool
    page: str  # path of the daemon's own page
    zone: LocalZone


@dataclass(frozen=True, slots=True)
class Judgement:
    """All findings of one moment, and how what they speak of stands."""

    at: datetime
    findings: Mapping[AlertId, Finding]
    standings: Mapping[tuple[str, str], Standing]  # (channel, subject)


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert that is pending, fires, or has ended and is still to be told so.

    Pending until `firing_since`; over once `ended_at`. `told`: the receivers that were told that it fires; `tried`: those to
    whom a message of it is on its way, or was when the daemon was killed.
    """

    team: str
    page: str
    zone: LocalZone
    summary: str
    description: str
    pending_since: datetime
    firing_since: datetime | None = None
    false_since: datetime | None = None  # its condition is false since; it is kept for a while
    ended_at: datetime | None = None
    told: frozenset[str] = frozenset()
    tried: frozenset[str] = frozenset()

    @property
    def fires(self) -> bool:
        """Whether it is past its pending time and not over."""
        return self.firing_since is not None and self.ended_at is None


@dataclass(frozen=True, slots=True)
class GroupState:
    """What one receiver is told together. `since`: something is to be told since; `last`: the last message."""

    since: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """How many messages a receiver may be sent at a moment."""

    messages: float
    at: datetime


@dataclass(frozen=True, slots=True)
class State:
    """What is kept between two evaluations, and over a restart."""

    alerts: Mapping[AlertId, Alert] = field(default_factory=dict)
    groups: Mapping[tuple[str, str], GroupState] = field(default_factory=dict)  # (receiver, group)
    budgets: Mapping[str, Budget] = field(default_factory=dict)  # receiver
    missed: Mapping[str, int] = field(default_factory=dict)  # receiver -> alerts that ended before they could be told
    counted: Mapping[AlertId, float] = field(default_factory=dict)  # totals of signals of which not one is allowed


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who is told of what. Empty `teams`: of all."""

    name: str
    severities: frozenset[str]
    families: frozenset[str]
    teams: frozenset[str]
    messages_per_hour: int

    def wants(self, of: AlertId, team: str) -> bool:
        """Whether an alert is for this receiver. A source has no team: it is every team's."""
        facts = of.facts
        is_ours = not self.teams or facts.family != "customer" or team in self.teams
        return is_ours and facts.severity in self.severities and facts.family in self.families


@dataclass(frozen=True, slots=True)
class Message:
    """What one receiver is sent: `firing` and `resolved` are what it was not told yet.

    `still_firing`: all of the group that fire for it, with their severities. `missed`: alerts that came and went untold;
    `waiting`: those of other groups that wait for their turn.
    """

    receiver: str
    group: str
    firing: Mapping[AlertId, Alert]
    resolved: Mapping[AlertId, Alert]
    still_firing: Mapping[AlertId, str]
    missed: int
    waiting: int
    messages_per_hour: int
