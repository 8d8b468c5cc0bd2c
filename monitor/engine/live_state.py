"""The live state: what snapshots are taken from. Changed only on the event loop, after a transaction was committed."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache

from monitor.connector import Untold
from monitor.domain.channels import AGENT_STATES, OUTCOMES_OF, SIGNALS_OF, STAFFED, WAITS_OF
from monitor.domain.event import Channel
from monitor.domain.hours import Calendar
from monitor.domain.ledger import bucket, week_start
from monitor.domain.limits import limit_opening_days, limit_seconds
from monitor.domain.policy import DEFAULTS, Policy
from monitor.domain.snapshot import (
    DETECTION_DELAY_BOUNDS,
    PointInfo,
    PointState,
    ReceiverState,
    ReportMails,
    Running,
    Snapshot,
    SourceState,
    TotalKey,
    WeekKey,
    blind_since,
    local_zone,
)
from monitor.engine.changes import Changes
from monitor.engine.days import Days
from monitor.engine.directory import OTHER, Directory, PointConfig
from monitor.engine.running_waits import GroupState, RunningWaits
from monitor.engine.store_health import StoreHealth, batches_of
from monitor.engine.today_shown import TodayShown
from monitor.engine.transaction import IngestResult
from monitor.engine.unseen import Unseen
from monitor.engine.weeks_shown import WeeksShown

#: Contact points show this many calendar weeks besides the running one (contract section 5).
WEEKS_SHOWN = 13
#: Signs of life of a quiet source come this often at least.
HEARD_WITHIN = timedelta(seconds=3)
_NOBODY = Running(0, 0, None, 0.0, None)
_NOBODY_SOON = replace(_NOBODY, due_soon=0)

#: Name, channel, other channels, the sources that feed it and what these do not tell.
_InfoKey = tuple[str, Channel, tuple[Channel, ...], tuple[str, ...], tuple[Untold, ...]]


@dataclass(slots=True)
class SourceStatus:
    """What is known of one source's reading, from its runner."""

    name: str
    kind: str
    live: bool
    poll_every: timedelta
    up: bool | None = None
    since: datetime | None = None
    trouble: str | None = None
    to_do: str = ""  # what helps against the trouble, where it tells
    connected: bool = False  # a live read goes on
    lag: timedelta = timedelta(0)
    proven: datetime | None = None  # the live read was certainly heard up to this moment of the source's clock
    prove: Callable[[], None] | None = None  # asks for a later one
    held_since: datetime | None = None  # what came then is not stored yet, or not whole
    watermark: datetime | None = None
    last_success: datetime | None = None
    last_outbound: datetime | None = None
    poll_duration: float | None = None
    clock_offset: float | None = None
    agents: Mapping[str, Mapping[str, int]] | None = None  # place -> state -> how many could answer
    untold: Untold = field(default_factory=Untold)
    tried: bool = False

    def evaluation_time(self, now: datetime) -> datetime | None:
        """Up to when the source has been seen completely; None when it never was."""
        if self.connected:
            complete = now - self.lag
            return complete if self.proven is None else min(complete, self.proven)
        return self.watermark

    def held_up_since(self, now: datetime) -> datetime | None:
        """Since when what came of it is not stored; None as long as that may be a matter of a moment."""
        held = self.held_since
        return None if held is None or now - held < HEARD_WITHIN else held

    def shown_watermark(self, now: datetime) -> datetime | None:
        """The same for people: between two signs of life a link is taken to be well, so that the figure does not jump.

        While the store does not take what has come, nothing later is seen.
        """
        now = self.held_up_since(now) or now
        if self.connected and self.proven is not None and now - self.lag - self.proven < HEARD_WITHIN:
            return now - self.lag
        return self.evaluation_time(now)


@dataclass(slots=True)
class LiveState:
    """Totals, weeks, running waits and the state of sources. Whoever changes it says so to `changes`."""

    directory: Directory
    bounds: Mapping[str, tuple[float, ...]]
    config_loaded_at: datetime
    totals: dict[TotalKey, float] = field(default_factory=dict)
    weeks: dict[WeekKey, tuple[int, int]] = field(default_factory=dict)
    days: Days = field(default_factory=dict)
    running_waits: RunningWaits = field(default_factory=RunningWaits)
    sources: dict[str, SourceStatus] = field(default_factory=dict)
    #: Operational counters that are not in the store yet; shown only once they are, so that they never fall.
    pending: defaultdict[str, defaultdict[TotalKey, float]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(float))
    )
    changes: Changes = field(default_factory=Changes)
    store_health: StoreHealth = field(default_factory=StoreHealth)
    unseen: Unseen = field(default_factory=Unseen)
    _infos: dict[_InfoKey, PointInfo] = field(default_factory=dict)
    config_ok: bool = True
    store_size: int | None = None
    #: Receivers of notifications by name.
    receivers: dict[str, ReceiverState] = field(default_factory=dict)
    report_mails: ReportMails | None = None

    def committed(self, source: str, result: IngestResult) -> None:
        """Adds what a transaction did."""
        self.add_totals(result.totals)
        for week, (assessed, signals) in result.weeks.items():
            have = self.weeks.get(week, (0, 0))
            self.weeks[week] = (have[0] + assessed, have[1] + signals)
        for day, counts in result.days.items():
            of_day = self.days.setdefault(day, {})
            for key, (assessed, signals) in counts.items():
                have = of_day.get(key, (0, 0))
                of_day[key] = (have[0] + assessed, have[1] + signals)
        if result.gap is not None:
            self.unseen.add(source, *result.gap)
        for contact, evaluated in result.evaluated.items():
            self.running_waits.replace(source, contact, *evaluated)
        self.changes.record()

    def count(self, source: str, metric: str, *labels: str, by: float = 1.0) -> None:
        """Adds to an operational counter of a source; written with the next transaction."""
        self.pending[source][metric, labels] += by

    def add_totals(self, deltas: Mapping[TotalKey, float]) -> None:
        """Adds to the totals what the store has taken."""
        for key, value in deltas.items():
            self.totals[key] = self.totals.get(key, 0.0) + value
        self.changes.record()

    def count_delays(self, source: str, fallen: list[datetime], now: datetime) -> None:
        """How long after its limit each signal was counted that fell because time passed, not because a batch came."""
        for at in fallen:
            delay = max(0.0, (now - at).total_seconds())
            self.count(source, "detection_delay_seconds_bucket", bucket(DETECTION_DELAY_BOUNDS, delay))
            self.count(source, "detection_delay_seconds_sum", by=delay)

    def _info(
        self, config: PointConfig, channel: Channel, others: tuple[Channel, ...], fed_by: tuple[str, ...], policy: Policy
    ) -> PointInfo:
        """Static facts are made once: with a thousand contact points they would cost more than all the rest."""
        untold = tuple(self.sources[name].untold for name in fed_by if name in self.sources)
        key = (config.name, channel, others, fed_by, untold)
        info = self._infos.get(key)
        if info is None:
            info = replace(point_info(config, channel, fed_by, policy), other_channels=others)
            info = self._infos[key] = _without(info, untold)
        return info

    def snapshot(self, now: datetime) -> Snapshot:
        """What is shown at this moment."""
        groups: defaultdict[tuple[str, str], defaultdict[str, list[GroupState]]] = defaultdict(lambda: defaultdict(list))
        for (_, point, channel, wait), state in self.running_waits.groups(now).items():
            groups[point, channel][wait].append(state)
        points: dict[str, PointState] = {}
        sources = {name: self._source_state(status, now) for name, status in self.sources.items()}
        blind = {name for name, state in sources.items() if state.reading(now) != "up"}
        agents = self._agents()
        zone_of = cache(lambda timezone: local_zone(timezone, now))
        zones: defaultdict[str, set[tzinfo]] = defaultdict(set)
        turns_at = cache(lambda calendar: _turns_at(calendar, now))
        day_in = cache(lambda timezone: now.astimezone(timezone).date().isoformat())
        day_of: dict[str, str] = {}
        fed: dict[tuple[str, Channel], tuple[str, ...]] = {}
        known = list(self.directory.points())
        channels: defaultdict[str, list[Channel]] = defaultdict(list)
        for config, channel, _ in known:
            channels[config.name].append(channel)
        for config, channel, fed_by in known:
            policy = self.directory.policy(config.name, channel)
            zones[config.name].add(policy.timezone)
            fed[config.name, channel] = fed_by
            day_of[config.name] = day_in(policy.timezone)
            key = config.name if config.name not in points else f"{config.name}/{channel}"
            others = tuple(each for each in channels[config.name] if each != channel)
            info, zone = self._info(config, channel, others, fed_by, policy), zone_of(policy.timezone)
            is_seen = bool(fed_by) and blind.isdisjoint(fed_by)
            running = _running(groups[config.name, channel], info, policy, now) if is_seen else None
            is_open = policy.calendar is None or policy.calendar.is_open(now)
            told = agents.get(config.name) if is_seen and channel in STAFFED else None
            turns = None if policy.calendar is None else turns_at(policy.calendar)
            points[key] = PointState(info, is_open, zone, running, told, turns)
        return Snapshot(
            at=now,
            points=points,
            sources=sources,
            totals=self.totals.copy(),
            weeks=self._weeks_shown(zones, now),
            ready=all(status.tried for status in self.sources.values()),
            config_ok=self.config_ok,
            config_loaded_at=self.config_loaded_at,
            store_size_bytes=self.store_size,
            wait_bounds=self.bounds,
            store_trouble=self.store_health.trouble,
            receivers=self.receivers.copy(),
            report_mails=self.report_mails,
            unseen=self.unseen.shown(fed, self.directory.look_up, now, blind_since(sources.values(), now)),
            today=TodayShown({day: counts.copy() for day, counts in self.days.items()}, day_of),
        )

    def seen(self, now: datetime) -> list[str]:
        """The sources that are not blind."""
        return [name for name, status in self.sources.items() if self._source_state(status, now).reading(now) == "up"]

    def blind_since(self, now: datetime) -> dict[str, datetime]:
        """The sources that cannot be seen now, and up to when they were; those that never were seen are left out."""
        return blind_since([self._source_state(status, now) for status in list(self.sources.values())], now)

    def _source_state(self, status: SourceStatus, now: datetime) -> SourceState:
        """A source is down also while the store refuses what came of it, once that is no matter of a moment."""
        state, trouble = _source_state(status, now), self.store_health.trouble
        held_up_since = status.held_up_since(now)
        if trouble is None or held_up_since is None or not self.store_health.refuses(batches_of(status.name)):
            return state
        return replace(state, up=False, trouble=trouble.words, to_do=trouble.to_do, since=max(trouble.since, held_up_since))

    def _agents(self) -> dict[str, dict[str, int]]:
        """Contact point -> state -> how many could answer there, where a source tells.

        `other`, the only contact point of several places, has no figure: who serves two of them would count twice.
        """
        return {
            point: {state: counts.get(state, 0) for state in AGENT_STATES}
            for name, status in self.sources.items()
            for place, counts in (status.agents or {}).items()
            if (point := self.directory.known(name, place)) is not None and point != OTHER
        }

    def _weeks_shown(self, zones: Mapping[str, Iterable[tzinfo]], now: datetime) -> WeeksShown:
        """The last WEEKS_SHOWN calendar weeks and the running one, in each contact point's zone."""
        first_in = {zone: week_start(now, zone, WEEKS_SHOWN) for zone in {UTC}.union(*zones.values())}
        first_of = {point: min(first_in[zone] for zone in of_point) for point, of_point in zones.items()}
        return WeeksShown(self.weeks.copy(), first_of, first_in[UTC])


def point_info(config: PointConfig, channel: Channel, fed_by: tuple[str, ...], policy: Policy) -> PointInfo:
    """The static facts of a contact point."""
    rules = [policy.rules[name] for name in SIGNALS_OF[channel] if name in policy.rules]
    limits = {rule.signal: limit_seconds(rule, policy) for rule in rules}
    return PointInfo(
        name=config.name,
        channel=channel,
        sources=fed_by,
        timezone=str(policy.timezone),
        title=config.title or config.name,
        team=config.team,
        objectives={rule.signal: rule.objective for rule in rules},
        limit_seconds={signal: seconds for signal, seconds in limits.items() if seconds is not None},
        limit_opening_days={rule.signal: days for rule in rules if (days := limit_opening_days(rule)) is not None},
        waits=WAITS_OF[channel],
        outcomes=OUTCOMES_OF[channel],
        opening_day_seconds=policy.calendar.longest_day_seconds() if policy.calendar is not None else 86400.0,
        warned_waits=frozenset(DEFAULTS[rule.signal].wait or "" for rule in rules if rule.warn_before is not None),
        opening_hours_waits=frozenset(wait for wait in WAITS_OF[channel] if policy.calendar_of(wait) is not None),
    )


def _without(info: PointInfo, untold: Iterable[Untold]) -> PointInfo:
    """Without what one of its sources cannot tell: unknown is not zero."""
    for each in untold:
        info = replace(
            info,
            objectives={signal: value for signal, value in info.objectives.items() if signal not in each.signals},
            limit_seconds={signal: value for signal, value in info.limit_seconds.items() if signal not in each.signals},
            limit_opening_days={name: days for name, days in info.limit_opening_days.items() if name not in each.signals},
            waits=tuple(wait for wait in info.waits if wait not in each.waits),
            outcomes=tuple(outcome for outcome in info.outcomes if outcome not in each.outcomes),
        )
    return info


def _running(groups: Mapping[str, list[GroupState]], info: PointInfo, policy: Policy, now: datetime) -> dict[str, Running]:
    found: dict[str, Running] = {}
    for wait in WAITS_OF[info.channel]:
        states = groups.get(wait)
        if not states:
            found[wait] = _NOBODY_SOON if wait in info.warned_waits else _NOBODY
            continue
        waiting, overdue, oldest, due, soon, broken = states[0] if len(states) == 1 else _together(states)
        if soon is None and wait in info.warned_waits:
            soon = 0
        waited = 0.0 if oldest is None else age(oldest, now, policy.calendar_of(wait))
        since_broken = None if broken is None else age(broken, now, policy.calendar)  # also of what runs by the clock
        found[wait] = Running(waiting, overdue, oldest, waited, due, soon, since_broken)
    return found


def age(since: datetime, now: datetime, calendar: Calendar | None) -> float:
    """Seconds since a moment, of opening time where a calendar counts."""
    return max(0.0, calendar.seconds_between(since, now) if calendar is not None else (now - since).total_seconds())


def _turns_at(calendar: Calendar, now: datetime) -> datetime | None:
    """When a contact point closes that is open, or opens that is closed; None where its calendar stays so for years."""
    try:
        return calendar.next_closing(now) if calendar.is_open(now) else calendar.next_opening(now)
    except ValueError:
        return None


def _together(states: Sequence[GroupState]) -> GroupState:
    """What runs at a contact point that several sources feed."""
    return GroupState(
        waiting=sum(state.waiting for state in states),
        overdue=sum(state.overdue for state in states),
        oldest=min((state.oldest for state in states if state.oldest is not None), default=None),
        next_due=min((state.next_due for state in states if state.next_due is not None), default=None),
        due_soon=sum(soon) if (soon := [state.due_soon for state in states if state.due_soon is not None]) else None,
        last_broken=max((state.last_broken for state in states if state.last_broken is not None), default=None),
    )


def _source_state(status: SourceStatus, now: datetime) -> SourceState:
    return SourceState(
        name=status.name,
        kind=status.kind,
        up=status.up,
        live=status.live,
        poll_interval_seconds=status.poll_every.total_seconds(),
        last_success=now if status.connected else status.last_success,
        watermark=status.shown_watermark(now),
        last_outbound=status.last_outbound,
        poll_duration_seconds=status.poll_duration,
        clock_offset_seconds=status.clock_offset,
        trouble=status.trouble,
        since=status.since,
        to_do=status.to_do,
    )
