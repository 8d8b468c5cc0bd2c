"""Which contact point a place belongs to, and which policy holds there. Configured ones first, then discovered ones."""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Final
from unicodedata import normalize

from monitor.domain.event import Channel
from monitor.domain.names import name_of
from monitor.domain.policy import Policy
from monitor.store.base import PlaceRow

#: Past this many discovered contact points of one source the rest falls to OTHER (contract section 3).
MAX_DISCOVERED: Final = 200
OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class PointConfig:
    """One contact point as configured; for a discovered one only the name is set."""

    name: str
    source: str | None = None
    place: str | None = None
    channel: Channel | None = None
    title: str = ""
    team: str = ""


@dataclass(slots=True)
class _SourcePlaces:
    discover: bool
    by_place: dict[str, str] = field(default_factory=dict)
    found: dict[str, tuple[str, Channel]] = field(default_factory=dict)  # discovered: place -> (name, channel)
    others: set[Channel] = field(default_factory=set)  # channels on which something fell to OTHER
    unsaved: list[PlaceRow] = field(default_factory=list)


def _other_place(channel: Channel) -> str:
    """Under which place it is stored that something of this channel fell to OTHER."""
    return f"{OTHER}:{channel}"


def _further_place(place: str, channel: Channel) -> str:
    """Under which place it is stored that contacts came there on this channel too, not on that of the first one alone."""
    return f"{channel}:{place}"


class Directory:
    """Resolves places to contact points. A discovered one is stored in the transaction that needed it first."""

    def __init__(
        self,
        points: Iterable[PointConfig],
        sources: Mapping[str, bool],
        channel_of: Mapping[str, Channel | None],
        make_policy: Callable[[PointConfig, Channel, str], Policy],
        kinds: Mapping[str, str] | None = None,
    ) -> None:
        """`sources`: name -> whether unnamed places become contact points. `channel_of`: a source's only channel.

        `make_policy`: what holds at a contact point on a channel, or there under a policy of that name where it is not "".
        `kinds`: the type of each source.
        """
        self._kinds = dict(kinds or {})
        self._configured = {point.name: point for point in points}
        self._make_policy = make_policy
        self._policies: dict[tuple[str, Channel], Policy] = {}
        self._named: dict[tuple[str, Channel, str], Policy] = {}
        self._fed_by: dict[str, set[str]] = {}
        self._sources = {name: _SourcePlaces(discover) for name, discover in sources.items()}
        for point in self._configured.values():
            if point.source is not None:
                self._fed_by.setdefault(point.name, set()).add(point.source)
                if point.place is not None:
                    self._sources[point.source].by_place[point.place] = point.name
            channel = point.channel or channel_of.get(point.source or "")
            if channel is not None:
                self.policy(point.name, channel)

    def kind(self, source: str) -> str:
        """The type of a source; empty for one that is in no configuration."""
        return self._kinds.get(source, "")

    def add_source(self, source: str) -> None:
        """A source that is in no configuration: what `import` stores when no `events` source is configured."""
        self._sources.setdefault(source, _SourcePlaces(discover=True))

    def restore(self, source: str, rows: Iterable[PlaceRow]) -> None:
        """Restores the contact points that were discovered before this start, or by others beside us.

        Those that are stored no longer have been forgotten beside us, and are forgotten here.
        """
        places, rows = self._sources[source], list(rows)
        self._forget(source, {row.place for row in (*rows, *places.unsaved)})
        for row in rows:
            if row.contact_point == OTHER:
                self._fell_to_other(source, row.channel)  # type: ignore[arg-type]  # written by `resolve` below
            elif row.place.startswith(f"{row.channel}:"):
                self._fed_by.setdefault(row.contact_point, set()).add(source)
                self.policy(row.contact_point, row.channel)  # type: ignore[arg-type]  # written by `resolve` below
            elif row.place not in places.by_place:
                name = row.contact_point
                channel: Channel = row.channel  # type: ignore[assignment]  # written by `resolve` below
                places.by_place[row.place] = name
                places.found[row.place] = (name, channel)
                self._fed_by.setdefault(name, set()).add(source)
                self.policy(name, channel)

    def _forget(self, source: str, kept: Set[str]) -> None:
        """Forgets what was discovered of a source, but for these places. A contact point that nothing feeds then is none."""
        places = self._sources[source]
        gone = {places.found[place][0] for place in places.found.keys() - kept}
        for place in places.found.keys() - kept:
            del places.found[place], places.by_place[place]
        others = {channel for channel in places.others if _other_place(channel) in kept}
        if others != places.others:
            places.others = others
            gone.add(OTHER)
        still = {name for name, _ in places.found.values()} | ({OTHER} if others else set())
        for name in gone - still:
            fed_by = self._fed_by.get(name, set())
            fed_by.discard(source)
            if fed_by:
                continue
            self._fed_by.pop(name, None)
            if name not in self._configured:
                for key in [key for key in self._policies if key[0] == name]:
                    del self._policies[key]

    def resolve(self, source: str, place: str, channel: Channel) -> str:
        """The contact point of a place; discovers it when it is new and that is allowed."""
        places = self._sources[source]
        name = places.by_place.get(place)
        if name is None:
            name = self._discover(source, places, place, channel)
        elif name != OTHER and (name, channel) not in self._policies:
            places.unsaved.append(PlaceRow(_further_place(place, channel), name, channel))
        if name == OTHER and channel not in places.others and place not in places.by_place:
            self._fell_to_other(source, channel)
            places.unsaved.append(PlaceRow(_other_place(channel), OTHER, channel))
        if (name, channel) not in self._policies:
            self.policy(name, channel)
            self._fed_by.setdefault(name, set()).add(source)
        return name

    def known(self, source: str, place: str) -> str | None:
        """The contact point of a place, without discovering one."""
        kind, _, bare = place.partition(":")
        whole = normalize("NFC", bare)
        return self._sources[source].by_place.get(place) or (whole if kind == "name" and whole in self._configured else None)

    def _discover(self, source: str, places: _SourcePlaces, place: str, channel: Channel) -> str:
        kind, _, bare = place.partition(":")
        label, whole = name_of(bare), normalize("NFC", bare)
        if kind == "name" and whole in self._configured:  # a pushed event names its contact point itself
            name = whole
        elif not places.discover or len(places.found) >= MAX_DISCOVERED or not label:
            return OTHER
        else:
            name = label
            while name in self._configured or name == OTHER or source not in self._fed_by.get(name, {source}):
                name = f"{source}-{name}"
            places.found[place] = (name, channel)
        places.by_place[place] = name
        places.unsaved.append(PlaceRow(place, name, channel))
        self._fed_by.setdefault(name, set()).add(source)
        return name

    def _fell_to_other(self, source: str, channel: Channel) -> None:
        self._sources[source].others.add(channel)
        self._fed_by.setdefault(OTHER, set()).add(source)
        self.policy(OTHER, channel)

    def unsaved(self, source: str) -> list[PlaceRow]:
        """What was discovered since `saved` was last called. Nothing for a source that somebody else reads."""
        places = self._sources.get(source)
        return places.unsaved if places is not None else []

    def saved(self, source: str) -> None:
        """Called once they are committed."""
        if source in self._sources:
            self._sources[source].unsaved = []

    def is_queue(self, source: str, target: str | None) -> bool:
        """Whether a transfer's target is one of our queues or contact points, not a phone."""
        if target is None:
            return False
        places = self._sources[source].by_place
        return target in self._configured or "queue:" + target in places or "name:" + target in places

    def policy(self, point: str, channel: Channel, name: str = "") -> Policy:
        """What holds at a contact point for contacts of a channel; `name`: for those that follow this policy."""
        key = (point, channel)
        policy = self.look_up(point, channel)
        if key not in self._policies:
            self._policies[key] = policy
        return policy if not name else self.look_up(point, channel, name)

    def look_up(self, point: str, channel: Channel, name: str = "") -> Policy:
        """The same, but an unknown contact point stays unknown: for questions about contacts of other days, from any thread."""
        if name:
            named = self._named.get((point, channel, name))
            if named is None:
                named = self._named[point, channel, name] = self._make(point, channel, name)
            return named
        return self._policies.get((point, channel)) or self._make(point, channel, "")

    def _make(self, point: str, channel: Channel, name: str) -> Policy:
        return self._make_policy(self._configured.get(point, PointConfig(point)), channel, name)

    def points(self) -> Iterable[tuple[PointConfig, Channel, tuple[str, ...]]]:
        """Every contact point and channel known so far, with the sources that feed it."""
        for point, channel in list(self._policies):
            fed = tuple(sorted(self._fed_by.get(point, ())))
            yield self._configured.get(point, PointConfig(point)), channel, fed
