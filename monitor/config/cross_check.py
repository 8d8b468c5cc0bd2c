"""What one section of the configuration says of another: names that must exist, places that must fit their source."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

from monitor.config.values import is_loopback, split_address
from monitor.connectors._discover import source_types
from monitor.domain.policy import DEFAULTS
from monitor.errors import ConfigError, did_you_mean
from monitor.store import StoreUrl

#: Which keys say what part of a source a contact point is, by the only channel of the source's type.
_PLACES: Final = {"phone": ("queue", "extension"), "email": ("address",)}
#: Which keys besides `objective` a signal takes; the others take `after` and `clock`.
_KEYS_OF: Final[Mapping[str, frozenset[str]]] = {
    "slow_answer": frozenset(("rings", "clock")), "abandoned": frozenset(("ignore_under",)),
    "handed_on": frozenset(("times",)), "passed_around": frozenset(("times",)),
    "slipped_promise": frozenset(("grace",)), "complaint_overdue": frozenset(("warn",)),
    "reopened": frozenset(), "escalated": frozenset(),
}  # fmt: skip
_TIMED: Final = frozenset(("after", "clock"))
_ANY_SIGNAL: Final = _TIMED.union(*_KEYS_OF.values())
#: In the contract, and not judged yet.
_LATER: Final = ("repeat_contact", "lost_context")
#: What falls to no contact point goes there; nobody may be called so.
_RESERVED: Final = "other"
#: The source of imported contact events where no source of type `events` is configured (imports.IMPLICIT).
_IMPORTED: Final = "import"
_MAX_NAME: Final = 80
_YES: Final = ("true", "yes", "on", "1", "t", "y")


def cross_check(raw: Mapping[str, Any]) -> Iterable[str]:
    """What one section says of another. Works on plain values, so that it also speaks when the models have complained."""
    sources, policies, calendars = _section(raw, "sources"), _section(raw, "policies"), _section(raw, "calendars")
    if _IMPORTED in sources and sources[_IMPORTED].get("type") != "events":
        yield f"sources.{_IMPORTED}: `contact-monitor import` keeps contact events under this name; use another"
    taken: dict[tuple[str, str], str] = {}
    for name, point in _section(raw, "contact_points").items():
        where = f"contact_points.{name}"
        if name == _RESERVED:
            yield f"{where}: {name} is where everything goes that has no contact point; use another name"
        if not 0 < len(name) <= _MAX_NAME or not name.isprintable() or name != name.strip():
            yield f"contact_points.{name!r}: a contact point's name has 1 to {_MAX_NAME} printable characters"
        for key, known in (("source", sources), ("policy", policies), ("calendar", calendars)):
            value = point.get(key)
            if isinstance(value, str) and value not in known and (key, value) != ("policy", "default"):
                yield f"{where}.{key}: there is no {key} {value!r}{did_you_mean(value, known)}"
        places = {key: str(point[key]) for key in ("queue", "extension", "address") if isinstance(point.get(key), str | int)}
        if len(places) > 1:
            yield f"{where}: give one of {', '.join(places)}"
        source = point.get("source")
        if places and source is None:
            yield f"{where}: {next(iter(places))} needs `source`, the system it is in{did_you_mean('', sources)}"
        if isinstance(source, str) and source in sources:
            yield from (f"{where}{problem}" for problem in _unfit(source, sources[source].get("type"), point, places))
            for key, value in places.items():
                place = value.lower() if key == "address" else value
                other = taken.setdefault((source, f"{key}:{place}"), name)
                if other != name:
                    yield f"{where}.{key}: {value!r} of {source} is contact point {other} already"
    for name, policy in policies.items():
        yield from (f"policies.{name}{problem}" for problem in _policy(policy, calendars))
    yield from _exposed(raw)
    yield from _without_a_key(raw)


def _without_a_key(raw: Mapping[str, Any]) -> Iterable[str]:
    """Whether the secret of the customer hash would have to be made in a database, beside what it protects."""
    store, privacy = raw.get("store"), raw.get("privacy")
    given = isinstance(privacy, Mapping) and any(privacy.get(key) is not None for key in ("key", "key_file"))
    with suppress(ConfigError):  # what is no store is said by the models
        if not given and isinstance(store, str) and StoreUrl.parse(store).needs_privacy_key:
            yield (
                "privacy.key: a PostgreSQL store needs one, the same for all that share it: customers are kept as a keyed hash, "
                "and its key must not lie beside them; write one (openssl rand -hex 32) to a file, named as privacy.key_file"
            )


def _policy(policy: Mapping[str, Any], calendars: Mapping[str, Any]) -> Iterable[str]:
    calendar = policy.get("calendar")
    if isinstance(calendar, str) and calendar not in calendars:
        yield f".calendar: there is no calendar {calendar!r}{did_you_mean(calendar, calendars)}"
    for name, signal in policy.items():
        if name in _LATER:
            yield f".{name}: this signal is not judged yet; leave it out"
        elif name not in DEFAULTS and name != "calendar":
            yield f".{name}: is no signal{did_you_mean(name, [*DEFAULTS, 'calendar'])}"
        elif isinstance(signal, Mapping) and name != "calendar":
            takes = keys_of(name)
            unfit = [key for key in signal if key in _ANY_SIGNAL and key not in takes]
            yield from (f".{name}.{key}: {name} takes {', '.join(sorted(takes))}" for key in unfit)


def keys_of(signal: str) -> frozenset[str]:
    """The keys that a signal takes in a policy."""
    return _KEYS_OF.get(signal, _TIMED) | {"objective"}


def _unfit(source: str, kind: object, point: Mapping[str, Any], places: Mapping[str, str]) -> Iterable[str]:
    """Whether a contact point can be what it says, in a source of this type."""
    known = source_types().get(kind) if isinstance(kind, str) else None
    if known is None:
        return
    fitting = _PLACES.get(known.channel or "", ())
    if kind == "events":
        yield from (f".{key}: events name their contact point themselves; leave {key} out" for key in places)
    elif fitting:
        wanted = " or ".join(fitting)
        yield from (f".{key}: {source} is of type {kind}: give {wanted}" for key in places if key not in fitting)
        if not places:
            yield f": say which part of {source} it is: give {wanted}"
    channel = point.get("channel")
    if known.channel is not None and channel is not None and channel != known.channel:
        yield f".channel: all that {source} tells of is {known.channel}; leave channel out"


def _section(raw: Mapping[str, Any], name: str) -> dict[str, Mapping[str, Any]]:
    section = raw.get(name)
    if not isinstance(section, Mapping):
        return {}
    return {str(key): value if isinstance(value, Mapping) else {} for key, value in section.items()}


def _exposed(raw: Mapping[str, Any]) -> Iterable[str]:
    """Whether the world could look in unasked."""
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
