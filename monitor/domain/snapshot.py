"""Everything that is shown at one moment, as one immutable value; its size is set by configuration alone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Final, Literal, NamedTuple

from monitor.domain.channels import SIGNALS_OF
from monitor.domain.event import Channel

#: Bucket bounds in seconds, the same for every contact point so that they can be summed; configured limits are added.
BUCKETS: Final[Mapping[str, tuple[float, ...]]] = {
    "ring": (4, 8, 12, 16, 20, 24, 30, 45, 60, 120),
    "queue": (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600),
    "hold": (10, 30, 60, 90, 120, 180, 300, 600, 900),
    "reply": (900, 1800, 3600, 7200, 14400, 28800, 57600, 86400, 172800, 259200, 604800),
    "follow_up": (900, 1800, 3600, 7200, 14400, 28800, 57600, 86400, 172800, 259200, 604800),
    "callback": (300, 900, 1800, 3600, 7200, 14400, 28800, 57600, 86400),
    "promise": (3600, 14400, 28800, 86400, 172800, 259200, 604800),
    "resolution": (3600, 14400, 28800, 86400, 172800, 259200, 432000, 604800),
    "complaint": (86400, 259200, 604800, 1209600, 2419200),
}
RING_BUCKETS: Final = tuple(float(n) for n in range(1, 11))
#: Bucket bounds of `detection_delay_seconds`: from "at once" to "after an outage of an hour".
DETECTION_DELAY_BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3600.0)

#: (metric without prefix, its label values in the order of the catalogue)
TotalKey = tuple[str, tuple[str, ...]]
#: (contact point, signal, week_start as an ISO date)
WeekKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class PointInfo:
    """Static facts about one contact point, from configuration and discovery."""

    name: str
    channel: Channel
    sources: tuple[str, ...]
    timezone: str
    title: str
    team: str
    objectives: Mapping[str, float]  # signal -> objective, e.g. 0.9; only signals switched on
    limit_seconds: Mapping[str, float]  # signal -> limit; only signals that have one in seconds
    waits: tuple[str, ...]  # the waits its channel knows
    outcomes: tuple[str, ...]
    opening_day_seconds: float = 86400.0  # its longest opening day in a week
    limit_opening_days: Mapping[str, int] = field(default_factory=dict)  # signal -> limit, of those that count in these
    warned_waits: frozenset[str] = frozenset()  # those of which a warning is wanted before the limit falls
    opening_hours_waits: frozenset[str] = frozenset()  # those that are measured in opening time, not by the clock
    other_channels: tuple[Channel, ...] = ()  # on which customers come to this contact point, too


@dataclass(frozen=True, slots=True)
class Running:
    """The waits of one kind that run at one contact point now."""

    waiting: int
    overdue: int
    oldest_since: datetime | None  # None: nobody waits
    oldest_business_seconds: float
    next_due: datetime | None
    due_soon: int | None = None  # not overdue, and less than the configured warning is left; None: none is configured
    broken_business_seconds: float | None = None  # opening time since the newest overdue one passed its limit; None: none is


class Waiting(NamedTuple):
    """One wait that runs, and whose it is."""

    contact: str  # our id
    contact_point: str
    channel: Channel
    wait: str
    since: datetime
    due_at: datetime | None  # the limit; None: the wait has none
    overdue: bool
    due_soon: bool  # not overdue, and less than the configured warning is left
    business_seconds: float | None  # opening time waited; None: the wait is measured by the clock
    limit_seconds: float | None = None  # from `since` to `due_at`, measured as the wait is, pauses included


class WhoWaits(NamedTuple):
    """The first of those who wait, in an order, and how many there are in all."""

    total: int
    first: Sequence[Waiting]


#: What falls due within so long is among the next limits.
NEXT_LIMITS_WITHIN: Final = timedelta(hours=1)


class LocalZone(NamedTuple):
    """What clocks in a zone show at one moment: how far they are from UTC, and the abbreviation people know that by."""

    utc_offset_seconds: float  # east of Greenwich positive
    abbreviation: str  # "CET", "BST"; where the zone has none, "+0530"


def local_zone(timezone: tzinfo, at: datetime) -> LocalZone:
    """The offset of `timezone` at this moment, summer time included."""
    local = at.astimezone(timezone)
    return LocalZone((local.utcoffset() or timedelta(0)).total_seconds(), local.tzname() or f"{local:%z}")


@dataclass(frozen=True, slots=True)
class PointState:
    """One contact point now. `running` is None while any of its sources is blind: unknown is not zero."""

    info: PointInfo
    open: bool
    zone: LocalZone
    running: Mapping[str, Running] | None  # wait -> Running
    agents: Mapping[str, int] | None = None  # state -> how many could answer; None: no source tells
    turns_at: datetime | None = None  # when it closes while open, and opens while closed; None: never, as far as is known


#: A source is behind once what is known of it is older than so many polls and so many seconds. Recording rules use the same.
BEHIND_POLLS: Final = 3
BEHIND_SECONDS: Final = 60

#: How a source is read now. Whatever is not "up" is blind: what waits at its contact points is unknown.
Reading = Literal["up", "behind", "down", "not read yet"]


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source now. Moments and figures are None where nothing is known yet."""

    name: str
    kind: str
    up: bool | None  # None: not tried yet
    live: bool
    poll_interval_seconds: float
    last_success: datetime | None = None
    watermark: datetime | None = None
    last_outbound: datetime | None = None
    poll_duration_seconds: float | None = None
    clock_offset_seconds: float | None = None
    trouble: str | None = None  # why it is down, one line without secrets
    since: datetime | None = None  # up or down since
    to_do: str = ""  # what helps, where the trouble itself tells: an imperative without a capital and a full stop

    def reading(self, at: datetime) -> Reading:
        """How it is read at this moment. One that was never seen completely is behind, however well it can be reached."""
        if self.up is None:
            return "not read yet"
        if not self.up:
            return "down"
        behind = BEHIND_POLLS * self.poll_interval_seconds + BEHIND_SECONDS
        return "behind" if self.watermark is None or (at - self.watermark).total_seconds() > behind else "up"


def blind_since(sources: Iterable[SourceState], at: datetime) -> dict[str, datetime]:
    """The sources that cannot be seen at this moment, and up to when each was; those that never were seen are left out."""
    blind = [source for source in sources if source.reading(at) in ("down", "behind")]
    return {source.name: source.watermark for source in blind if source.watermark is not None}


class StoreTrouble(NamedTuple):
    """Why the store takes no writes now, what to do about it, and since when. What is to be written waits: nothing is lost."""

    why: str  # goes on after "the store cannot be written: "
    to_do: str
    since: datetime

    @property
    def words(self) -> str:
        """`the store cannot be written: the disk is full`."""
        return f"the store cannot be written: {self.why}"


#: What became of a message to a receiver: taken; not taken, and tried again; `missed` counts alerts that were never told.
NOTIFICATION_OUTCOMES: Final = ("sent", "failed", "missed")


class ReceiverState(NamedTuple):
    """One receiver of notifications now. `well` None: nothing was sent there yet."""

    well: bool | None
    since: datetime | None = None  # it is so
    trouble: str | None = None  # why it does not take messages, one line without secrets


#: How the mail of a report to one recipient stands: not tried yet; about to be sent; taken by the server; nobody knows whether it
#: was taken; refused for good; not taken, and tried again.
REPORT_MAIL_STATES: Final = ("waiting", "claimed", "sent", "perhaps", "refused", "later")


class ReportMails(NamedTuple):
    """The weekly report by mail, as the store has it: the same for every process that sends."""

    last_sent: datetime | None  # a server took one last; None: never
    #: Since when the report is to be out; None: not known yet, or there is nothing to tell of its week.
    due: datetime | None = None
    standing: Mapping[str, int] = {}  # state -> recipients of that report; empty likewise


#: Histograms are kept as `wait_seconds_bucket` (not cumulative, label `le`), `wait_seconds_sum`, and likewise for the others.
Totals = Mapping[TotalKey, float]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything `/metrics` and the pages need, taken at one moment. `totals` may be shared: readers never write it."""

    at: datetime
    points: Mapping[str, PointState]
    sources: Mapping[str, SourceState]
    totals: Totals
    weeks: Mapping[WeekKey, tuple[int, int]]  # assessed, signals
    ready: bool
    config_ok: bool
    config_loaded_at: datetime
    store_size_bytes: int | None
    wait_bounds: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: BUCKETS)
    store_trouble: StoreTrouble | None = None
    receivers: Mapping[str, ReceiverState] = field(default_factory=dict)
    report_mails: ReportMails | None = None  # None: nobody gets any, or it is not known yet
    #: (contact point, channel, signal) -> (assessed, signals) of the contacts offered since midnight there; nothing assessed is
    #: left out.
    today: Mapping[tuple[str, Channel, str], tuple[int, int]] = field(default_factory=dict)
    #: (contact point, channel) -> the Mondays (ISO dates) of the weeks of which a gap of a source hides something.
    unseen: Mapping[tuple[str, Channel], Collection[str]] = field(default_factory=dict)


def week_counts(snapshot: Snapshot, info: PointInfo, signal: str, week_start: str) -> tuple[int, int] | None:
    """Assessed and signals of a week on the channel of `info`; None: nobody can tell.

    Weeks are kept by contact point. What customers of several channels come to is one channel's alone where the counters of the
    others have nothing of this signal; where several have, it cannot be told apart.
    """
    kept = snapshot.weeks.get((info.name, signal, week_start), (0, 0))
    others = [channel for channel in info.other_channels if signal in SIGNALS_OF[channel]]
    if not others or kept == (0, 0):
        return kept
    here, *there = (snapshot.totals.get(("assessed_total", (each, info.name, signal)), 0) for each in (info.channel, *others))
    if not any(there):
        return kept if here else None
    return None if here else (0, 0)
