"""What one section of the configuration says of another: names that must exist, places that must fit their source."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import chain
from typing import Any, Final

from monitor.config.models import PolicySettings
from monitor.config.reporting import EVERYTHING
from monitor.config.values import is_loopback, split_address
from monitor.connectors._discover import IMPORT_SOURCE, SourceType, place_keys, source_types
from monitor.domain.contact import PAUSABLE
from monitor.domain.names import name_problem
from monitor.domain.policy import DEFAULTS, WARNABLE
from monitor.errors import ConfigError, did_you_mean
from monitor.store import StoreUrl

#: The keys that let a wait run on the calendar or always go with these.
_TIMED: Final = frozenset(("after", "rings"))
#: What stands beside the signals in a policy.
_OF_POLICIES: Final = tuple(key for key in PolicySettings.model_fields if key != "signals")
#: What falls to no contact point goes there; nobody may be called so.
_RESERVED: Final = "other"
_YES: Final = ("true", "yes", "on", "1", "t", "y")


def cross_check(raw: Mapping[str, Any]) -> Iterable[str]:
    """What one section says of another. Works on plain values, so that it also speaks when the models have complained."""
    sources, policies, calendars = _section(raw, "sources"), _section(raw, "policies"), _section(raw, "calendars")
    yield from _is_source_of_imports(sources)
    for name, source in sources.items():
        yield from (f"sources.{name}{problem}" for problem in _chooses_no_policy(source, {**policies, "default": {}}))
    yield from _tells_nobody_apart(sources)
    taken: dict[tuple[str, str], str] = {}
    for name, point in _section(raw, "contact_points").items():
        yield from _is_no_name(name)
        problems = chain(
            _names_nothing(point, {"source": sources, "policy": {**policies, "default": {}}, "calendar": calendars}),
            _is_no_place(name, point, sources, taken),
        )
        yield from (f"contact_points.{name}{problem}" for problem in problems)
    for name, policy in policies.items():
        problems = chain(_names_nothing(policy, {"calendar": calendars}), _is_no_policy(policy))
        yield from (f"policies.{name}{problem}" for problem in problems)
    yield from _is_no_team(raw)
    yield from _is_open_to_all(raw)
    yield from _is_without_a_key(raw)


def _is_without_a_key(raw: Mapping[str, Any]) -> Iterable[str]:
    """Whether the secret of the customer hash would have to be made in a database, beside what it protects."""
    store, privacy = raw.get("store"), raw.get("privacy")
    given = isinstance(privacy, Mapping) and any(privacy.get(key) is not None for key in ("key", "key_file"))
    with suppress(ConfigError):  # what is no store is said by the models
        if not given and isinstance(store, str) and StoreUrl.parse(store).needs_privacy_key:
            yield (
                "privacy.key: a PostgreSQL store needs one, the same for all that share it: customers are kept as a keyed hash, "
                "and its key must not lie beside them; write one (openssl rand -hex 32) to a file, named as privacy.key_file"
            )


def keys_of(signal: str) -> frozenset[str]:
    """The keys that a signal takes in a policy."""
    setting = DEFAULTS[signal].setting
    keys = ["objective", *([setting] if setting else []), *(["clock"] if setting in _TIMED else [])]
    keys += ["recovered_within"] if signal == "abandoned" else []
    keys += ["unstated_after"] if DEFAULTS[signal].wait == "promise" else []
    keys += ["clock_from"] if DEFAULTS[signal].wait == "queue" else []
    keys += ["pauses"] if DEFAULTS[signal].wait in PAUSABLE else []
    keys += ["warn_before"] if DEFAULTS[signal].wait in WARNABLE else []
    return frozenset(keys)


def _is_source_of_imports(sources: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    if IMPORT_SOURCE in sources and not _takes_imports(sources[IMPORT_SOURCE].get("type")):
        yield f"sources.{IMPORT_SOURCE}: `contact-monitor import` keeps contact events under this name; use another"


def _chooses_no_policy(source: Mapping[str, Any], policies: Mapping[str, Any]) -> Iterable[str]:
    """Whether a value of a field (`policies: {priority: {urgent: p1}}`) chooses a policy that does not exist."""
    fields = source.get("policies")
    for field, chosen in fields.items() if isinstance(fields, Mapping) else ():
        for value, name in chosen.items() if isinstance(chosen, Mapping) else ():
            if isinstance(name, str) and name not in policies:
                yield f".policies.{field}.{value}: there is no policy {name!r}{did_you_mean(name, policies)}"


def _tells_nobody_apart(sources: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    """Whether a token lets everybody in, or lets the senders of one source in as those of another."""
    taken: dict[str, str] = {}
    for name, source in sources.items():
        kind, token = _known_type(source.get("type")), source.get("token")
        if kind is None or not kind.accepts_push or not isinstance(token, str):
            continue
        if not token.strip():
            yield f"sources.{name}.token: is empty, so that anybody may push; write one (openssl rand -hex 32), or leave it out"
        elif taken.setdefault(token.strip(), name) != name:
            yield f"sources.{name}.token: {taken[token.strip()]} has the same; give each source its own (openssl rand -hex 32)"


def _is_no_name(name: str) -> Iterable[str]:
    """Whether a contact point cannot be called so."""
    if name == _RESERVED:
        yield f"contact_points.{name}: {name} is where everything goes that has no contact point; use another name"
    problem = name_problem(name)
    if problem is not None:
        yield f"contact_points.{name!r}: {problem}"


def _names_nothing(given: Mapping[str, Any], sections: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    """Whether it names a source, policy or calendar that does not exist."""
    for key, known in sections.items():
        value = given.get(key)
        if isinstance(value, str) and value not in known:
            yield f".{key}: there is no {key} {value!r}{did_you_mean(value, known)}"


def _is_no_place(
    name: str, point: Mapping[str, Any], sources: Mapping[str, Mapping[str, Any]], taken: dict[tuple[str, str], str]
) -> Iterable[str]:
    """Whether a contact point is one part of one source, of which nobody else is."""
    places = {place.key: str(point[place.key]) for place in place_keys() if isinstance(point.get(place.key), str | int)}
    if len(places) > 1:
        yield f": give one of {', '.join(places)}"
    source = point.get("source")
    if places and source is None:
        yield f": {next(iter(places))} needs `source`, the system it is in{did_you_mean('', sources)}"
    kind = _known_type(sources[source].get("type")) if isinstance(source, str) and source in sources else None
    if kind is not None:
        yield from _unfit(str(source), kind, point, places)
        yield from _claimed_twice(name, str(source), kind, places, taken)


def _is_no_policy(policy: Mapping[str, Any]) -> Iterable[str]:
    """Whether it names what is no signal, or keys that another signal takes."""
    for name, signal in policy.items():
        if name in _OF_POLICIES:
            continue
        if name not in DEFAULTS:
            yield f".{name}: is no signal{did_you_mean(name, [*DEFAULTS, *_OF_POLICIES])}"
        elif isinstance(signal, Mapping):
            takes = keys_of(name)
            others = frozenset().union(*map(keys_of, DEFAULTS)) - takes
            yield from (f".{name}.{key}: {name} takes {', '.join(sorted(takes))}" for key in signal if key in others)


def _unfit(source: str, kind: SourceType, point: Mapping[str, Any], places: Mapping[str, str]) -> Iterable[str]:
    """Whether a contact point can be what it says, in a source of this type."""
    fitting = [place.key for place in kind.places]
    wanted = " or ".join(fitting)
    for key in places:
        if not fitting:
            yield f".{key}: events name their contact point themselves; leave {key} out"
        elif key not in fitting:
            yield f".{key}: {source} is of type {kind.name}: give {wanted}"
    if fitting and not places:
        yield f": say which part of {source} it is: give {wanted}"
    channel = point.get("channel")
    if kind.channel is not None and channel is not None and channel != kind.channel:
        yield f".channel: all that {source} tells of is {kind.channel}; leave channel out"


def _claimed_twice(
    name: str, source: str, kind: SourceType, places: Mapping[str, str], taken: dict[tuple[str, str], str]
) -> Iterable[str]:
    """Whether another contact point is this place already; adds it to `taken`."""
    for place in kind.places:
        value = places.get(place.key)
        if value is not None:
            other = taken.setdefault((source, place.named(value)), name)
            if other != name:
                yield f".{place.key}: {value!r} of {source} is contact point {other} already"


def _known_type(name: object) -> SourceType | None:
    return source_types().get(name) if isinstance(name, str) else None


def _takes_imports(name: object) -> bool:
    """Whether archives that need no source may belong to a source of this type."""
    kind = _known_type(name)
    return kind is not None and any(archive.needs_no_source for archive in kind.archives)


def _is_no_team(raw: Mapping[str, Any]) -> Iterable[str]:
    """Whether a receiver of notifications, or of the report, is for a team that answers nowhere."""
    notify, report = raw.get("notify"), raw.get("report")
    teams = {team for point in _section(raw, "contact_points").values() if isinstance(team := point.get("team"), str)}
    for name, receiver in _section(notify, "receivers").items() if isinstance(notify, Mapping) else ():
        wanted = receiver.get("team")
        for team in wanted if isinstance(wanted, list) else ():
            if isinstance(team, str) and team not in teams:
                yield f"notify.receivers.{name}.team: no contact point has the team {team!r}{did_you_mean(team, teams)}"
    for team in _section(report, "to") if isinstance(report, Mapping) else ():
        if team != EVERYTHING and team not in teams:
            yield f"report.to.{team}: no contact point has the team {team!r}{did_you_mean(team, teams)}"


def _section(raw: Mapping[str, Any], name: str) -> dict[str, Mapping[str, Any]]:
    section = raw.get(name)
    if not isinstance(section, Mapping):
        return {}
    return {str(key): value if isinstance(value, Mapping) else {} for key, value in section.items()}


def _is_open_to_all(raw: Mapping[str, Any]) -> Iterable[str]:
    """Whether anybody could read the pages without being asked for a password, and nobody said that this is wanted."""
    listen, web = raw.get("listen"), raw.get("web")
    web = web if isinstance(web, Mapping) else {}
    try:
        host, _ = split_address(str(listen)) if listen is not None else ("localhost", 0)
    except ValueError:
        return
    if not is_loopback(host) and not web.get("users") and str(web.get("anyone")).lower() not in _YES:
        yield (
            f"listen: {listen} can be reached from outside and nobody needs a password: "
            "set web.users, or web.anyone: true if that is what you want"
        )
