"""The values of a weekly report: everything that any form of it says, worked out once. Moments are aware and in UTC.

Shares are of what was kept: (judged - breached) / judged, the same direction as objectives.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from monitor.domain.event import Channel
from monitor.domain.service_level import AS_COUNTED, SIGNAL

#: The probability of a false alarm in a whole report, after Holm's correction over all its lines.
CHANCE: Final = 0.01
#: Better, or well, for so many weeks with a figure in a row is called lasting.
LASTING_WEEKS: Final = 4
#: The worst contacts that a contact point shows.
WORST_SHOWN: Final = 5
#: A complaint whose deadline is no further away is near its day.
COMPLAINT_DAYS: Final = 14
#: Signals whose share is a service level, and the letter of its formula (docs/report.md).
FORMULAS: Final[Mapping[str, str]] = {SIGNAL: AS_COUNTED}


def share_kept(judged: int | None, breached: int | None) -> float | None:
    """Between 0 and 1; None where nothing was judged: no figure is not 100 %."""
    return (judged - breached) / judged if judged and breached is not None else None


def reaches(judged: int, breached: int, objective: float) -> bool:
    """Whether what was kept of so many is at least the objective, without rounding: 9 of 10 reach 0.9."""
    return judged - breached >= judged * _exactly(objective)


@lru_cache(maxsize=256)
def _exactly(objective: float) -> Fraction:
    """As it is written: 0.9 is nine tenths. There are few of them, and each is compared with thousands of times."""
    return Fraction(str(objective))


class TrendWeek(NamedTuple):
    """One signal in one week. Counts are None in weeks before anything was recorded: blank, and no gap.

    `gap`: a source could not be seen for a part of the week; what is counted is what was seen of it.
    """

    week: str  # as 2026-W46
    judged: int | None
    breached: int | None
    gap: bool = False

    @property
    def share(self) -> float | None:
        return share_kept(self.judged, self.breached)


class Change(NamedTuple):
    """This week against the one before it, where both were seen whole and both have a figure."""

    judged_before: int
    breached_before: int
    probability: float  # of such a difference by chance alone, of this line by itself (Fisher, two-sided)
    more_than_chance: bool  # among all lines of the report (Holm, CHANCE)

    @property
    def share_before(self) -> float:
        return (self.judged_before - self.breached_before) / self.judged_before


class Lasting(NamedTuple):
    """What went well and lasted: so many weeks with a figure in a row, the reported one last, all at or above the objective.

    `better`: the weeks before them were worse, one right before them below the objective, and by more than chance gives (Fisher
    over the pooled counts); `share_before` is theirs. `sustained`: all weeks that are shown and have a figure.
    """

    kind: Literal["better", "sustained"]
    weeks: int
    since: str  # the first of these weeks
    share_before: float | None = None


@dataclass(frozen=True, slots=True)
class SignalWeek:
    """One line of the report: a signal at a contact point. `met` None: no figure, week not over, or not seen whole."""

    signal: str
    judged: int
    breached: int
    objective: float
    met: bool | None
    limit_seconds: float | None = None
    limit_opening_days: int | None = None
    trend: tuple[TrendWeek, ...] = ()  # oldest first, the reported week last
    change: Change | None = None
    lasting: Lasting | None = None

    @property
    def share(self) -> float | None:
        return share_kept(self.judged, self.breached)

    @property
    def formula(self) -> str | None:
        """The letter of the service level's formula; None where the share is no service level."""
        return FORMULAS.get(self.signal)


@dataclass(frozen=True, slots=True)
class WaitWeek:
    """Waits of one kind that ended, in seconds: opening time where `opening_hours`. Percentiles by nearest rank, exact."""

    wait: str
    count: int
    p50_seconds: float
    p90_seconds: float
    p95_seconds: float
    max_seconds: float
    opening_hours: bool = False


class HeatCell(NamedTuple):
    """What was judged of contacts that came in one hour of the week."""

    weekday: int  # 0 Monday
    hour: int  # 0 to 23, by the clocks of the contact point
    judged: int
    breached: int
    certain_share: float  # lower end of the 95 % Wilson interval of breached / judged: one of one stays pale


@dataclass(frozen=True, slots=True)
class Heat:
    """The first signal of a contact point by the hour in which contacts came: cells in order, without those where none did."""

    signal: str
    cells: tuple[HeatCell, ...]
    unseen: tuple[tuple[int, int], ...] = ()  # (weekday, hour) that lie in a gap, at least in part


class HoursCause(NamedTuple):
    """Hours in which far more went wrong than in the others (by more than chance): `breached` of all `of` of this signal."""

    signal: str
    weekday: int | None  # None: every day
    from_hour: int
    to_hour: int  # exclusive, up to 24
    breached: int
    judged: int
    of: int


class StageCause(NamedTuple):
    """Where along their way customers fared badly: so many of all negative contacts `of` of the contact point."""

    signal: str
    breached: int
    of: int


class Worst(NamedTuple):
    """A contact that fared worst in one way. `contact` is our id, for a link to its evidence."""

    contact: str
    signal: str
    at: datetime  # when it fell
    waited_seconds: float | None
    limit_seconds: float | None
    limit_opening_days: int | None = None


class Promises(NamedTuple):
    """Promises that fell due: kept in time, kept late, not kept so far."""

    kept: int
    late: int
    broken: int

    @property
    def due(self) -> int:
        return sum(self)


class OpenComplaint(NamedTuple):
    """A complaint without final answer whose deadline is near or over, as of when the report was made."""

    contact: str
    contact_point: str
    channel: Channel
    warn_at: datetime  # when its signal falls: `warn` before the sector's deadline
    overdue: bool  # `warn_at` has passed


class ReportGap(NamedTuple):
    """A span, cut to the reported week, that a source could not be seen. `open`: it was not seen since, so far."""

    source: str
    since: datetime
    until: datetime
    open: bool = False


class JudgedAnew(NamedTuple):
    """That contacts of the week were judged anew by other limits, and when last. `whole`: all of them were."""

    at: datetime
    whole: bool


@dataclass(frozen=True, slots=True)
class PointWeek:
    """A contact point's week, in its own zone."""

    contact_point: str
    channel: Channel
    title: str
    team: str  # "": none
    timezone: str
    starts: datetime
    ends: datetime
    contacts: int  # that were offered: customers who came; where there is a gap, at least so many
    with_signal: int  # of these, with at least one signal
    signals: tuple[SignalWeek, ...]  # those that are switched on, in the order of contract section 4
    waits: tuple[WaitWeek, ...] = ()
    heat: Heat | None = None
    hours: tuple[HoursCause, ...] = ()
    stages: tuple[StageCause, ...] = ()  # the heaviest first
    worst: tuple[Worst, ...] = ()
    promises: Promises | None = None  # None: none fell due
    gaps: tuple[ReportGap, ...] = ()  # of the sources that feed it, in its opening hours
    #: False: contacts of the week are not all kept any more (retention). Counts of `signals` are whole, all else is not.
    kept: bool = True
    first: datetime | None = None  # when the first contact of all came, if it was in this week

    @property
    def missed(self) -> int:
        """Lines below their objective."""
        return sum(each.met is False for each in self.signals)


@dataclass(frozen=True, slots=True)
class TeamWeek:
    """All contact points of a team together; `signals`: (signal, judged, breached), those with a figure."""

    team: str
    contact_points: tuple[str, ...]
    contacts: int
    with_signal: int
    met: int
    judged_lines: int  # lines with a verdict, `met` of them well
    signals: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class WeekReport:
    """The report of one week. `starts` and `ends` are by the clocks of `timezone`; each contact point has its own.

    `complete`: the week is over in every zone; one that still runs is not judged.
    """

    week: str
    monday: date
    timezone: str
    starts: datetime
    ends: datetime
    complete: bool
    made_at: datetime
    contact_points: tuple[PointWeek, ...]  # as configured, then as discovered
    gaps: tuple[ReportGap, ...] = ()
    complaints: tuple[OpenComplaint, ...] = ()  # the nearest first; of the last whole week and the running one alone
    weeks: tuple[str, ...] = ()  # those of the trends, the reported one last
    judged_anew: JudgedAnew | None = None

    def of(self, contact_point: str, channel: Channel | None = None) -> PointWeek | None:
        """The week of one contact point; None where it is not in the report."""
        return next(
            (each for each in self.contact_points if each.contact_point == contact_point and channel in (None, each.channel)),
            None,
        )

    @property
    def has_any_record(self) -> bool:
        """Whether anything is known of this week or of those of its trends."""
        return any(
            point.contacts or any(week.judged for line in point.signals for week in line.trend) for point in self.contact_points
        )

    @property
    def lines(self) -> int:
        """How many figures were held against the week before: over so many the test is corrected."""
        return sum(line.change is not None for point in self.contact_points for line in point.signals)


class WeekSummary(NamedTuple):
    """One week among others: what was judged at all contact points together, and how many of their objectives were met.

    `met` of `judged_lines`, which have a verdict: none while the week runs (`complete` False). A signal that several channels of
    one contact point share is in none of it: only contacts tell whose it was, and none is read.
    """

    week: str
    monday: date
    starts: datetime  # by the clocks of the report's zone
    ends: datetime
    complete: bool
    gap: bool  # a source could not be seen for a part of it
    judged: int
    breached: int
    met: int
    judged_lines: int
    news: str = ""  # its first line; empty while it runs


def teams_of(report: WeekReport) -> tuple[TeamWeek, ...]:
    """The report by team, in the order of the alphabet; contact points without a team are in none."""
    by_team: dict[str, list[PointWeek]] = {}
    for point in report.contact_points:
        if point.team:
            by_team.setdefault(point.team, []).append(point)
    return tuple(_team(team, points) for team, points in sorted(by_team.items()))


def _team(team: str, points: list[PointWeek]) -> TeamWeek:
    counts: dict[str, tuple[int, int]] = {}
    for line in (line for point in points for line in point.signals if line.judged):
        judged, breached = counts.get(line.signal, (0, 0))
        counts[line.signal] = judged + line.judged, breached + line.breached
    verdicts = [line.met for point in points for line in point.signals if line.met is not None]
    return TeamWeek(
        team,
        tuple(point.contact_point for point in points),
        sum(point.contacts for point in points),
        sum(point.with_signal for point in points),
        sum(verdicts),
        len(verdicts),
        tuple((signal, *pair) for signal, pair in counts.items()),
    )
