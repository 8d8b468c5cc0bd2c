"""The reference of the configuration, written from the models: `python -m tools.config_reference > docs/configuration.md`."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, time, timedelta
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, SecretStr
from pydantic.fields import FieldInfo

from monitor.config.cross_check import keys_of
from monitor.config.models import (
    CalendarSettings,
    HolidaySettings,
    PointSettings,
    Settings,
    SignalSettings,
    point_model,
)
from monitor.config.receivers import ReceiverSettings
from monitor.config.schema import is_secret, models_in
from monitor.connector import SourceSettings
from monitor.connectors._discover import SourceType, source_types
from monitor.domain.durations import format_duration
from monitor.domain.policy import DEFAULTS, IGNORE_UNDER_SECONDS, Default

_HEAD: Final = """# Configuration

Generated from the models: `python -m tools.config_reference > docs/configuration.md`.

One YAML file, given by `--config FILE` or `CONTACT_MONITOR_CONFIG`. Everything but one source has a default. Unknown keys
are errors; `contact-monitor check --offline` reports all problems at once.

- **Numbers stay as they are written**: the extension `0100`, the password `0042` and the country `NO` need no quotes.
- **Environment.** Every key can be given as a variable, which goes before the file: `sources.my-pbx.password` is
  `CONTACT_MONITOR__SOURCES__MY_PBX__PASSWORD`. Case does not count; what a variable's name cannot hold is written `_`.
  A value that begins with `[` or `{` is read as YAML, unless it is a secret.
- **Secrets** are the keys of type *secret*. Each may stand in a file of its own instead, named by the same key with `_file`
  at its end: one line, which may end with a line break. They appear in no output, log or error.
- **Order.** A variable goes before the file of a secret, and that before what stands in the configuration file.
- **Paths** that do not begin with `/` begin at the directory of the configuration file; those in variables, and the file
  of `store`, at the directory in which the daemon was started.
- **Durations**: `90s`, `2m`, `4h`, `3d`, `1h30m`; `3bd` is whole opening days (due at the closing of the third).
- **Shares**: `90%` or `0.9`.
"""
#: Validator -> how the value is written.
_WRITTEN: Final[Mapping[str, str]] = {
    "_share": "share", "_limit": "duration or opening days", "_seconds": "duration", "_retention": "duration",
    "_zone": "time zone", "_digits": "text", "parse_duration": "duration",
    "_clock_time": "time of day", "_day": "day of the week", "_by_team": "list or mapping", "_address": "mail address",
}  # fmt: skip
_TYPES: Final[Mapping[Any, str]] = {
    str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path", SecretStr: "secret", date: "date",
    timedelta: "duration", Any: "see below",
}  # fmt: skip


def reference(types: Mapping[str, SourceType] | None = None) -> str:
    """The whole page, for these source types; without any: for those that are shipped."""
    if types is None:
        types = {name: kind for name, kind in source_types().items() if kind.shipped}
    return "\n".join(_page(types)) + "\n"


def _page(types: Mapping[str, SourceType]) -> Iterator[str]:
    yield _HEAD
    yield from _section("The whole file", Settings, "")
    yield "## `sources`\n\nNames to sources. Keys that all types share:\n"
    shared = SourceSettings.model_fields.keys()
    yield from _table({name: info for name, info in SourceSettings.model_fields.items() if name != "type"})
    yield from _source_types(types)
    for name, kind in sorted(types.items()):
        own = {
            key: info
            for key, info in kind.settings.model_fields.items()
            if key not in shared or (key != "type" and info.default != SourceSettings.model_fields[key].default)
        }
        yield f"### `type: {name}`\n"
        yield from _table(own, nested=True)
    places = {place.key for kind in types.values() for place in kind.places}
    points = {name: info for name, info in point_model().model_fields.items() if _is_key(name, places)}
    yield f"## `contact_points`\n\n{_POINTS}"
    yield from _table(points)
    yield from _section("`policies`", SignalSettings, _POLICIES)
    yield from _signals()
    yield from _section("`calendars`", CalendarSettings, _CALENDARS)
    yield "### `holidays`\n"
    yield from _table(HolidaySettings.model_fields)
    for name, info in Settings.model_fields.items():
        for model in models_in(info.annotation):
            yield from _section(f"`{name}`", model, _WORDS_OF.get(name, ""), nested=name == "report")
            if name == "notify":
                yield "### `receivers`\n"
                yield from _table(ReceiverSettings.model_fields)


def _source_types(types: Mapping[str, SourceType]) -> Iterator[str]:
    """What each type declares of itself."""
    yield (
        "`type` is one of these. *Places*: the keys of a contact point that say which part of the source it is. *Archives*:\n"
        "what `contact-monitor import` reads. *Push*: receives `POST /api/v1/events`. "
        "Another type: [connectors/writing-one.md](connectors/writing-one.md).\n"
    )
    yield "| type | channel | places | archives | push |\n| --- | --- | --- | --- | --- |"
    for name, kind in sorted(types.items()):
        places = ", ".join(f"`{place.key}`" for place in kind.places) or "–"
        archives = ", ".join(archive.title for archive in kind.archives) or "–"
        yield f"| `{name}` | {kind.channel or 'any'} | {places} | {archives} | {'yes' if kind.accepts_push else '–'} |"
    yield ""


def _is_key(name: str, places: Collection[str]) -> bool:
    """Whether a key of contact points belongs on the page: not one that only names places of a type that is left out."""
    return name in PointSettings.model_fields or name in places


_POINTS: Final = """Names to contact points. A place (see the types of source above) belongs to one contact point.
What is not named here becomes a contact point of its own, named after the queue, extension or mailbox (`discover: false` at
its source switches that off; past 200 of one source it falls to `other`). The name `other` is taken.
"""
_POLICIES: Final = """Names to policies. A policy is a mapping from signals to what they take; `calendar` stands beside them.
The policy named `default` serves contact points that name none. What is left out is as in the table below; `false` switches a
signal off.
"""
_CALENDARS: Final = """Names to calendars. Hours beyond midnight are written `22:00-06:00`; days that are not named are closed.
What `dates` says of a day is all that holds on it, whatever its weekday, a holiday, `also` or `except` say:
`{2026-12-24: "09:00-12:00"}`, several times as a list, `[]` for closed. A date has its year. A day with short hours is an
opening day of `3bd` like any other. `contact-monitor check` says where a country's parts have holidays of their own and no
`subdivision` is named.
How clock changes are treated: [decisions/business-time.md](decisions/business-time.md).
"""
_WORDS_OF: Final = {
    "web": "Basic authentication and TLS. The events path asks for a token instead of a user, `/-/healthy` for neither.\n",
    "notify": "Messages from the monitor itself, for sites without Alertmanager: [notify.md](notify.md).\n",
    "report": "The weekly report by mail: [report.md](report.md).\n",
}
#: For keys whose models say nothing.
_SAYS: Final[Mapping[str, str]] = {
    "host": "Name or address of the server.", "username": "The account that reads.", "password": "Its password.",
    "enabled": "False: the source is left alone.", "accounts": "Addresses to mappings with `password` or `password_file`.",
    "calendars": "See below.", "sources": "See below; at least one.", "contact_points": "See below.", "policies": "See below.",
    "privacy": "See below.", "people": "See below.", "web": "See below.", "alerts": "See below.", "notify": "See below.",
    "report": "See below.", "holidays": "See below.",
}  # fmt: skip


def _section(title: str, model: type[BaseModel], words: str, *, nested: bool = False) -> Iterator[str]:
    yield f"## {title}\n"
    if words:
        yield words
    yield from _table(model.model_fields, nested=nested)


def _table(fields: Mapping[str, FieldInfo], *, nested: bool = False) -> Iterator[str]:
    yield "| key | type | default | |\n| --- | --- | --- | --- |"
    yield from _rows(fields, "", nested)
    yield ""


def _rows(fields: Mapping[str, FieldInfo], above: str, nested: bool) -> Iterator[str]:
    """`nested`: the keys of the models inside a key follow it."""
    for name, info in fields.items():
        kind = _kind(info.annotation, info.metadata)
        key = above + (info.alias or name)
        default = _default(info, kind)
        secret = is_secret(info.annotation)
        if secret and info.is_required():
            default += f", or `{key}_file`"
        yield f"| `{key}` | {kind} | {default} | {info.description or _SAYS.get(name, '')} |"
        if secret:
            yield f"| `{key}_file` | path | – | A file that holds it. |"
        for below, model in _models_below(info.annotation) if nested else ():
            yield from _rows(model.model_fields, f"{key}.{below}", nested)


def _models_below(annotation: Any) -> Iterator[tuple[str, type[BaseModel]]]:
    for model in models_in(annotation):
        yield "", model
    if get_origin(annotation) in (dict, list):
        for model in models_in(get_args(annotation)[-1]):
            yield "NAME." if get_origin(annotation) is dict else "N.", model


def _kind(annotation: Any, metadata: list[Any]) -> str:
    for each in metadata:
        if isinstance(each, BeforeValidator):
            return _WRITTEN.get(getattr(each.func, "__name__", ""), "text")
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(inner[0], list(inner[1:]))
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(_kind(each, []) for each in inner if each is not NoneType))
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in inner)
    if origin is list:
        return f"list of {_kind(inner[0], [])}s"
    if origin is dict:
        return "mapping"
    if next(models_in(annotation), None) is not None:
        return "mapping"
    return _TYPES.get(annotation, "text")


def _default(info: FieldInfo, kind: str) -> str:
    value = info.default
    if info.is_required():
        return "**required**"
    if info.default_factory is not None or value is None or value in ("", []):
        return "–"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, timedelta):
        return f"`{format_duration(value.total_seconds())}`"
    if isinstance(value, float) and kind == "duration":
        return f"`{format_duration(value)}`"
    if isinstance(value, time):
        return f"`{value:%H:%M}`"
    return f"`{value.key if isinstance(value, ZoneInfo) else value}`"


def _signals() -> Iterator[str]:
    yield "The signals, what each takes besides `objective`, and what holds where nothing is said"
    yield "([signals.md](signals.md) says when each one falls):\n"
    yield "| signal | takes | default limit | runs | objective |\n| --- | --- | --- | --- | --- |"
    for signal, default in DEFAULTS.items():
        takes = ", ".join(f"`{key}`" for key in sorted(keys_of(signal) - {"objective"})) or "–"
        runs = "–" if default.limit is None else "in opening hours" if default.clock == "calendar" else "always"
        limit = "off" if default.off else _limit(signal, default)
        yield f"| `{signal}` | {takes} | {limit} | {runs} | {default.objective:.0%} |"
    yield "\n`off`: falls only where a policy names it, as `refusal: true` or `refusal: {objective: 95%}`.\n"


def _limit(signal: str, default: Default) -> str:
    if signal == "abandoned":
        return f"`ignore_under: {format_duration(IGNORE_UNDER_SECONDS)}`"
    if default.below is not None:
        return f"`below: {default.below:g}`"
    if default.times is not None:
        return f"`times: {default.times}`"
    if default.limit is None:
        return "–"
    if default.limit.rings is not None:
        return f"`{default.setting}: {default.limit.rings}`"
    if default.limit.opening_days is not None:
        return f"`{default.setting}: {default.limit.opening_days}bd`"
    return f"`{default.setting}: {format_duration(default.limit.seconds or 0.0)}`"


if __name__ == "__main__":
    print(reference(), end="")
