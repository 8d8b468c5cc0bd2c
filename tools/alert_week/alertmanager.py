"""Which messages Alertmanager would send: a small model of its routes, groups, inhibition and mute times, without real time.

It follows Alertmanager's own code: a group is flushed `group_wait` after its first alert and every `group_interval` from then
on; what is inhibited or outside its active times is left out; a message goes out when an alert is new, when all have ended,
when one has ended and the receiver wants to know, or when `repeat_interval` has passed since the last message.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from tools.alert_week.firing import Firing, seconds

_MATCHER: Final = re.compile(r'\s*(\w+)\s*(=~|!~|!=|=)\s*"?(.*?)"?\s*')
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DEFAULTS: Final = {"group_wait": "30s", "group_interval": "5m", "repeat_interval": "4h"}


class Message(NamedTuple):
    """One message to a receiver: what fires and what has ended. `group`: the labels of its group."""

    at: int
    receiver: str
    group: Mapping[str, str]
    firing: tuple[Firing, ...]
    ended: tuple[Firing, ...]


class Matcher(NamedTuple):
    """One condition on a label; a label that is not there is empty."""

    label: str
    operator: str
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether these labels fulfil it."""
        found = labels.get(self.label, "")
        same = bool(re.fullmatch(self.value, found)) if "~" in self.operator else found == self.value
        return same != self.operator.startswith("!")


def matchers(texts: Sequence[str]) -> list[Matcher]:
    """`family=~"source|monitor"` and the like. Raises ValueError for what is none."""
    found = [_MATCHER.fullmatch(text) for text in texts]
    if None in found:
        raise ValueError(f"not all of these are matchers: {texts}")
    return [Matcher(each[1], each[2], each[3]) for each in found if each is not None]


def _all_match(conditions: Sequence[Matcher], labels: Mapping[str, str]) -> bool:
    return all(each.matches(labels) for each in conditions)


@dataclass(frozen=True, slots=True)
class Route:
    """One leaf or branch of the tree, with what it inherits filled in."""

    receiver: str
    group_by: tuple[str, ...]
    group_wait: int
    group_interval: int
    repeat_interval: int
    conditions: tuple[Matcher, ...]
    active: tuple[str, ...]
    muted: tuple[str, ...]
    goes_on: bool
    below: tuple["Route", ...]

    def of(self, labels: Mapping[str, str]) -> Iterator["Route"]:
        """The routes that an alert takes."""
        if not _all_match(self.conditions, labels):
            return
        taken = False
        for route in self.below:
            deeper = list(route.of(labels))
            yield from deeper
            taken = taken or bool(deeper)
            if deeper and not route.goes_on:
                break
        if not taken:
            yield self


def route(tree: Mapping[str, Any], above: Mapping[str, Any] | None = None) -> Route:
    """The routing tree of a configuration."""
    inherited = {key: value for key, value in (above or _DEFAULTS).items() if key in (*_DEFAULTS, "receiver", "group_by")}
    own = {**inherited, **tree}
    return Route(
        own["receiver"],
        tuple(own.get("group_by", ())),
        seconds(own["group_wait"]),
        seconds(own["group_interval"]),
        seconds(own["repeat_interval"]),
        tuple(matchers(tree.get("matchers", ()))),
        tuple(tree.get("active_time_intervals", ())),
        tuple(tree.get("mute_time_intervals", ())),
        bool(tree.get("continue", False)),
        tuple(route(each, own) for each in tree.get("routes", ())),
    )


@dataclass(slots=True)
class _Group:
    """Alerts that are told together, and what was told of them last."""

    route: Route
    labels: Mapping[str, str]
    next_flush: int
    members: list[Firing] = field(default_factory=list)
    told: set[int] = field(default_factory=set)
    told_ended: set[int] = field(default_factory=set)
    told_at: int | None = None


class Alertmanager:
    """The messages of one configuration (the content of alertmanager.yml) about alerts whose firing is known in advance."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._route = route(config["route"])
        self._intervals = {each["name"]: each["time_intervals"] for each in config.get("time_intervals", ())}
        self._inhibitions = [
            (matchers(rule["source_matchers"]), matchers(rule["target_matchers"]), tuple(rule.get("equal", ())))
            for rule in config.get("inhibit_rules", ())
        ]
        #: Receiver -> whether it is told of what has ended; receivers that tell nobody are missing.
        self._tells_ended = {
            each["name"]: any(_sends_resolved(kind, entry) for kind, entries in _integrations(each) for entry in entries)
            for each in config["receivers"]
            if any(_integrations(each))
        }

    def messages(self, firings: Sequence[Firing]) -> list[Message]:
        """All messages, in order of time."""
        found: list[Message] = []
        for route, labels, members in self._groups(firings):
            found += self._told(_Group(route, labels, 0), members, firings)
        return sorted(found, key=lambda message: (message.at, message.receiver))

    def _groups(self, firings: Sequence[Firing]) -> list[tuple[Route, dict[str, str], list[Firing]]]:
        groups: dict[tuple[int, tuple[tuple[str, str], ...]], tuple[Route, dict[str, str], list[Firing]]] = {}
        for firing in sorted(firings, key=lambda each: each.since):
            for taken in self._route.of(firing.labels):
                labels = {label: firing.labels.get(label, "") for label in taken.group_by}
                groups.setdefault((id(taken), tuple(labels.items())), (taken, labels, []))[2].append(firing)
        return list(groups.values())

    def _told(self, group: _Group, coming: Sequence[Firing], everything: Sequence[Firing]) -> Iterator[Message]:
        """Flush after flush of one group, from its first alert until all that ended has been handled; and anew."""
        waiting = list(coming)
        while waiting or group.members:
            if not group.members:
                group.next_flush = waiting[0].since + group.route.group_wait
            now = group.next_flush
            group.members += [each for each in waiting if each.since <= now]
            waiting = [each for each in waiting if each.since > now]
            message = self._flush(group, now, everything)
            if message is not None:
                yield message
            # An alert that fires again under the same labels takes the place of the one that ended.
            group.members = [each for each in group.members if each.until > now]
            group.next_flush = now + group.route.group_interval

    def _flush(self, group: _Group, now: int, everything: Sequence[Firing]) -> Message | None:
        tells_ended = self._tells_ended.get(group.route.receiver)
        if tells_ended is None or not self._is_active(group.route, now):
            return None
        heard = [each for each in group.members if not self._is_inhibited(each, now, everything)]
        firing = [each for each in heard if each.until > now]
        ended = [each for each in heard if each.until <= now]
        if not self._is_due(group, now, firing, ended, tells_ended=tells_ended):
            return None
        group.told, group.told_ended, group.told_at = set(map(_identity, firing)), set(map(_identity, ended)), now
        if not firing and not tells_ended:
            return None
        return Message(now, group.route.receiver, group.labels, tuple(firing), tuple(ended) if tells_ended else ())

    @staticmethod
    def _is_due(group: _Group, now: int, firing: list[Firing], ended: list[Firing], *, tells_ended: bool) -> bool:
        """Alertmanager's `needsUpdate`."""
        if group.told_at is None:
            return bool(firing)
        if not set(map(_identity, firing)) <= group.told:
            return True
        if not firing:
            return bool(group.told and ended)
        if tells_ended and not set(map(_identity, ended)) <= group.told_ended:
            return True
        return now - group.told_at > group.route.repeat_interval

    def _is_active(self, route: Route, now: int) -> bool:
        if route.active and not any(self._in_interval(name, now) for name in route.active):
            return False
        return not any(self._in_interval(name, now) for name in route.muted)

    def _in_interval(self, name: str, now: int) -> bool:
        return any(_contains(each, now) for each in self._intervals[name])

    def _is_inhibited(self, target: Firing, now: int, everything: Sequence[Firing]) -> bool:
        for sources, targets, equal in self._inhibitions:
            if _all_match(targets, target.labels) and any(
                each.since <= now < each.until
                and _all_match(sources, each.labels)
                and not (_all_match(targets, each.labels) and _all_match(sources, target.labels))
                and all(each.labels.get(label, "") == target.labels.get(label, "") for label in equal)
                for each in everything
            ):
                return True
        return False


def _identity(firing: Firing) -> int:
    """Alertmanager knows an alert by its labels alone."""
    return hash(frozenset(firing.labels.items()))


def _integrations(receiver: Mapping[str, Any]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    return [(key, value) for key, value in receiver.items() if key.endswith("_configs")]


def _sends_resolved(kind: str, entry: Mapping[str, Any]) -> bool:
    return bool(entry.get("send_resolved", kind not in ("email_configs", "slack_configs")))


def _contains(interval: Mapping[str, Any], now: int) -> bool:
    """Whether a time interval of Alertmanager (weekdays and times only) contains a moment."""
    local = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(interval.get("location", "UTC")))
    days = interval.get("weekdays")
    if days is not None and not any(
        _DAYS.index(first) <= local.weekday() <= _DAYS.index(last) for first, last in map(_ends, days)
    ):
        return False
    times = interval.get("times")
    minute = f"{local:%H:%M}"
    return times is None or any(each["start_time"] <= minute < each["end_time"] for each in times)


def _ends(days: str) -> tuple[str, str]:
    first, _, last = days.partition(":")
    return first, last or first
