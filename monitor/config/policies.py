"""Settings -> the domain's own values: calendars, policies, contact points, bucket bounds. Pure but for holiday data."""

from collections.abc import Mapping
from functools import cached_property
from typing import Final

from monitor.config.models import PointSettings, PolicySettings, Settings, SignalSettings
from monitor.connector import SourceSettings
from monitor.connectors._discover import source_types
from monitor.domain.channels import SIGNALS_OF
from monitor.domain.contact import Reading
from monitor.domain.event import PENDING_ON, Channel
from monitor.domain.hours import Calendar, parse_dates, parse_week
from monitor.domain.limits import limit_seconds
from monitor.domain.policy import DEFAULTS, IGNORE_UNDER_SECONDS, RECOVERED_WITHIN_SECONDS, Default, Limit, Policy, Rule
from monitor.domain.public_holidays import closed_days
from monitor.domain.rings import ring_period
from monitor.domain.snapshot import BUCKETS
from monitor.engine.directory import Directory, PointConfig
from monitor.errors import ConfigError


def calendars(settings: Settings) -> dict[str, Calendar]:
    """Every configured calendar. Raises ConfigError with all that is wrong in them."""
    found, problems = {}, []
    for name, each in settings.calendars.items():
        days = each.holidays
        try:
            closed = closed_days(days.country, days.subdivision, days.also, days.open_anyway)
            zone, week, dates = each.timezone or settings.timezone, parse_week(each.hours), parse_dates(each.dates)
            found[name] = Calendar(name, zone, week, closed, dates)
        except ValueError as error:
            problems.append(f"calendars.{name}.{error}")
    if problems:
        raise ConfigError(*problems)
    return found


#: What holds where no policy is named; it need not be written.
DEFAULT_POLICY: Final = "default"


class PolicyResolver:
    """Makes the policy of a contact point for a channel: its own signals over the table of defaults."""

    def __init__(self, settings: Settings, calendars_: Mapping[str, Calendar]) -> None:
        self._settings = settings
        self._calendars = calendars_

    def make(self, point: PointConfig, channel: Channel, name: str = "") -> Policy:
        """What holds there, or there under the policy `name`, if there is one.

        A contact point that is not configured follows the policy `default`.
        """
        configured = self._settings.contact_points.get(point.name, PointSettings())
        known = name == DEFAULT_POLICY or name in self._settings.policies
        return self.policy(name if known else configured.policy, configured.calendar, channel)

    def policy(self, name: str, calendar: str | None, channel: Channel) -> Policy:
        """A policy by name; `calendar` is the contact point's own and goes before the policy's."""
        spec = self._settings.policies.get(name, PolicySettings())
        hours = self._calendars.get(calendar or spec.calendar or "")
        rules = {}
        for signal in SIGNALS_OF[channel]:
            default = DEFAULTS[signal]
            chosen = spec.signals.get(signal, False if default.off else SignalSettings())
            if chosen is not False:
                rules[signal] = _rule(signal, default, chosen, hours)
        abandoned = spec.signals.get("abandoned")
        abandoned = abandoned if isinstance(abandoned, SignalSettings) else SignalSettings()
        return Policy(
            name=name,
            rules=rules,
            calendar=hours,
            timezone=hours.timezone if hours is not None else self._settings.timezone,
            ring_period=ring_period(self._settings.country),
            ignore_under_seconds=_or(abandoned.ignore_under, IGNORE_UNDER_SECONDS),
            recovered_within_seconds=_or(abandoned.recovered_within, RECOVERED_WITHIN_SECONDS),
            reading=Reading(spec.bots, spec.agent_opened),
        )

    def bounds(self) -> dict[str, tuple[float, ...]]:
        """Bucket bounds by wait: the usual ones and every limit that is configured anywhere."""
        found = {wait: set(map(float, bounds)) for wait, bounds in BUCKETS.items()}
        for name in {"default", *self._settings.policies}:
            for channel in SIGNALS_OF:
                policy = self.policy(name, None, channel)
                for rule in policy.rules.values():
                    seconds = limit_seconds(rule, policy)
                    wait = DEFAULTS[rule.signal].wait
                    if wait is not None and seconds:
                        found[wait].add(seconds)
        return {wait: tuple(sorted(bounds)) for wait, bounds in found.items()}


def _or(chosen: float | None, default: float) -> float:
    return default if chosen is None else chosen


def _rule(signal: str, default: Default, chosen: SignalSettings, hours: Calendar | None) -> Rule:
    return Rule(
        signal=signal,
        objective=default.objective if chosen.objective is None else chosen.objective,
        limit=_limit(default, chosen),
        calendar=hours if (chosen.clock or default.clock) == "calendar" else None,
        inclusive=default.inclusive,
        times=(default.times if chosen.times is None else chosen.times) or 0,
        clock_from=chosen.clock_from or "queue",
        pauses=_pauses(default, chosen),
        below=(default.below if chosen.below is None else chosen.below) or 0.0,
        unstated=chosen.unstated_after,
        warn_before=chosen.warn_before,
    )


def _pauses(default: Default, chosen: SignalSettings) -> frozenset[str]:
    """Whose pending stops the clock."""
    if chosen.pauses is None:
        return default.pauses
    if isinstance(chosen.pauses, bool):
        return frozenset(PENDING_ON if chosen.pauses else ())
    return frozenset(chosen.pauses)


def _limit(default: Default, chosen: SignalSettings) -> Limit | None:
    """The limit as configured, by the one key that sets it for this signal."""
    if default.setting == "after" and chosen.after is not None:
        return chosen.after
    if default.setting == "rings" and chosen.rings is not None:
        return Limit(rings=chosen.rings)
    if default.setting == "grace" and chosen.grace is not None:
        return Limit(chosen.grace)
    if default.setting == "within" and chosen.within is not None:
        return Limit(chosen.within)
    if default.setting == "warn" and chosen.warn is not None:
        return Limit(chosen.warn)
    return default.limit


def make_directory(settings: Settings, resolver: PolicyResolver) -> Directory:
    """The directory of contact points as configured; nothing is discovered yet."""
    points = [
        PointConfig(name, point.source, settings.place_of(point), point.channel, point.title, point.team)
        for name, point in settings.contact_points.items()
    ]
    types = source_types()
    sources = {name: source.discover for name, source in settings.sources.items()}
    channels = {name: types[kind_of(source)].channel for name, source in settings.sources.items()}
    kinds = {name: kind_of(source) for name, source in settings.sources.items()}
    return Directory(points, sources, channels, resolver.make, kinds)


#: Where no hours are configured a day has 24 of them, and a working day is none of the weekend.
_ALL_DAY: Final = {"mon-fri": "00:00-24:00"}


class HoursOfPlaces:
    """The hours by which words are meant that are said at a place of a source: those of its contact point."""

    def __init__(self, settings: Settings, source: str) -> None:
        self._settings = settings
        self._names = {
            place: name
            for name, point in settings.contact_points.items()
            if point.source == source and (place := settings.place_of(point)) is not None
        }
        self._always = Calendar("always", settings.timezone, parse_week(_ALL_DAY))

    def __call__(self, place: str, channel: Channel) -> Calendar:
        return self.policy(place, channel).calendar or self._always

    def policy(self, place: str, channel: Channel) -> Policy:
        """That of its contact point."""
        kind, _, bare = place.partition(":")
        name = self._names.get(place) or (bare if kind == "name" else "")
        return self._resolver.make(PointConfig(name), channel)

    @cached_property
    def _resolver(self) -> PolicyResolver:
        return PolicyResolver(self._settings, calendars(self._settings))


def kind_of(source: SourceSettings) -> str:
    """The type of a source, as written in the configuration."""
    return source.type


def places_of(settings: Settings, source: str) -> frozenset[str]:
    """The places of a source that configuration names."""
    places = (settings.place_of(point) for point in settings.contact_points.values() if point.source == source)
    return frozenset(place for place in places if place is not None)
