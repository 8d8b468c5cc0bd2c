"""Typed, strict configuration: YAML, environment over it, secrets from files; all problems told at once.

The tagged union of sources is built from what `connectors/` holds. Nothing here opens anything but files.
"""

import difflib
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from monitor.connectors._base import SourceSettings
from monitor.connectors._discover import source_types
from monitor.domain.durations import parse_duration, parse_opening_days
from monitor.domain.event import Channel
from monitor.domain.policy import DEFAULTS, Limit
from monitor.errors import ConfigError

ENV_PREFIX = "CONTACT_MONITOR__"


def _share(value: object) -> float:
    """`90%` or `0.9` -> 0.9."""
    text = str(value).strip()
    try:
        share = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a share: write 90% or 0.9") from None
    if not 0 < share <= 1:
        raise ValueError(f"{text!r} is not between 0% and 100%")
    return share


def _limit(value: object) -> Limit:
    days = parse_opening_days(value)
    if days is not None:
        return Limit(opening_days=days)
    return Limit(parse_duration(value).total_seconds())


def _zone(value: object) -> ZoneInfo:
    text = str(value)
    if isinstance(value, ZoneInfo):
        return value
    if text not in available_timezones():
        near = difflib.get_close_matches(text, available_timezones(), n=2)
        raise ValueError(f"{text!r} is not a time zone" + (f"; did you mean {' or '.join(near)}?" if near else ""))
    return ZoneInfo(text)


Share = Annotated[float, BeforeValidator(_share)]
LimitValue = Annotated[Limit, BeforeValidator(_limit)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
Seconds = Annotated[float, BeforeValidator(lambda value: parse_duration(value).total_seconds())]


class Strict(BaseModel):
    """Unknown keys are errors; values do not change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class SignalSettings(Strict):
    """One signal in a policy; what is left out is as in the table of defaults."""

    objective: Share | None = None
    after: LimitValue | None = None
    rings: int | None = Field(None, ge=1, le=60)
    times: int | None = Field(None, ge=0, le=100)
    grace: Seconds | None = None
    warn: Seconds | None = None
    ignore_under: Seconds | None = None
    clock: Literal["calendar", "always"] | None = None


#: Which keys besides `objective` and `clock` a signal takes.
_KEYS_OF = {
    "slow_answer": {"rings"}, "abandoned": {"ignore_under"}, "handed_on": {"times"}, "passed_around": {"times"},
    "slipped_promise": {"grace"}, "complaint_overdue": {"warn"}, "reopened": set(), "escalated": set(),
}  # fmt: skip


class PolicySettings(Strict):
    """Limits and objectives by signal; `false` switches one off."""

    calendar: str | None = None
    signals: dict[str, SignalSettings | Literal[False]] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, raw: object) -> object:
        """In the file signals stand beside `calendar`; here they are gathered under `signals`."""
        if not isinstance(raw, Mapping):
            raise ValueError("a policy is a mapping from signals to limits, as {long_hold: {after: 2m}}")
        known = {"calendar": raw.get("calendar")}
        signals = {key: value for key, value in raw.items() if key not in ("calendar", "signals")}
        for key in signals:
            if key not in DEFAULTS:
                raise ValueError(f"{key} is no signal{_nearest(str(key), DEFAULTS)}")
        return {**known, "signals": {**raw.get("signals", {}), **signals}}

    @field_validator("signals")
    @classmethod
    def _fitting(cls, signals: dict[str, SignalSettings | Literal[False]]) -> dict[str, SignalSettings | Literal[False]]:
        for name, signal in signals.items():
            if signal is False:
                continue
            allowed = _KEYS_OF.get(name, {"after"}) | {"objective", "clock"}
            for key in signal.model_fields_set - allowed:
                raise ValueError(f"{name}.{key}: {name} takes {', '.join(sorted(allowed))}")
        return signals


class HolidaySettings(Strict):
    """Days on which a calendar stays closed."""

    country: str | None = None
    subdivision: str | None = None
    also: list[date] = Field(default_factory=list)
    open_anyway: list[date] = Field(default_factory=list, alias="except")


class CalendarSettings(Strict):
    """Opening hours by weekday, in the calendar's own zone."""

    timezone: Zone | None = None
    hours: dict[str, Any]
    holidays: HolidaySettings = Field(default_factory=HolidaySettings)


class PointSettings(Strict):
    """One contact point: which part of which source it is, and what holds there."""

    source: str | None = None
    queue: str | None = None
    extension: str | None = None
    address: str | None = None
    channel: Channel | None = None
    policy: str = "default"
    calendar: str | None = None
    title: str = ""
    team: str = ""

    @field_validator("extension", mode="before")
    @classmethod
    def _digits(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value

    def place(self) -> str | None:
        """The place in its source, as connectors name it; None: contact events name the contact point itself."""
        for kind, value in (("queue", self.queue), ("extension", self.extension), ("address", self.address)):
            if value is not None:
                return f"{kind}:{value.lower() if kind == 'address' else value}"
        return None


class PrivacySettings(Strict):
    """How customers are kept unrecognisable."""

    key: str | None = Field(None, description="Secret of the customer hash; without one a key is made beside the store.")
    key_file: Path | None = None
    retention: Seconds = 400 * 86400.0


class WebSettings(Strict):
    """Who may look: basic-auth users with bcrypt hashes, and TLS."""

    users: dict[str, str] = Field(default_factory=dict)
    tls_cert: Path | None = None
    tls_key: Path | None = None
    anyone: bool = Field(False, description="Listen beyond loopback without users; say so in so many words.")


class Settings(BaseSettings):
    """The whole configuration file."""

    model_config = SettingsConfigDict(
        extra="forbid", env_prefix=ENV_PREFIX, env_nested_delimiter="__", frozen=True, arbitrary_types_allowed=True
    )

    listen: str = "127.0.0.1:9760"
    store: str = "sqlite:contacts.db"
    timezone: Zone = ZoneInfo("UTC")
    country: str = "GB"
    calendars: dict[str, CalendarSettings] = Field(default_factory=dict)
    sources: dict[str, SourceSettings] = Field(default_factory=dict)
    contact_points: dict[str, PointSettings] = Field(default_factory=dict)
    policies: dict[str, PolicySettings] = Field(default_factory=dict)
    privacy: PrivacySettings = Field(default_factory=PrivacySettings)
    web: WebSettings = Field(default_factory=WebSettings)

    @field_validator("sources", mode="plain")
    @classmethod
    def _by_type(cls, raw: object) -> dict[str, SourceSettings]:
        """Each source is checked by the model of its type; every problem of every source is told."""
        if not isinstance(raw, Mapping):
            raise ValueError("sources is a mapping from names to sources, as {pbx: {type: asterisk, host: …}}")
        found: dict[str, SourceSettings] = {}
        problems: list[str] = []
        for name, value in raw.items():
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", str(name)):
                problems.append(f"{name!r}: a source's name has letters, digits, . _ and - only")
                continue
            try:
                found[str(name)] = _source(str(name), value)
            except ConfigError as error:
                problems.extend(error.problems)
        if problems:
            raise ValueError("\n".join(problems))
        return found

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        return (init_settings,)


def _source(name: str, raw: object) -> SourceSettings:
    if not isinstance(raw, Mapping):
        raise ConfigError(f"sources.{name}: a source is a mapping that names its type, as {{type: asterisk, host: …}}")
    types = source_types()
    kind = raw.get("type")
    if kind not in types:
        raise ConfigError(f"sources.{name}.type: {kind!r} is no source type; known are {', '.join(sorted(types))}")
    model = types[kind].settings
    try:
        return model.model_validate(_with_secrets(f"sources.{name}", dict(raw)))
    except ValidationError as error:
        raise ConfigError(*_problems(error, model, f"sources.{name}")) from None


def _with_secrets(where: str, raw: dict[str, Any]) -> dict[str, Any]:
    """Reads `token_file`, `password_file` … into the key they stand for. Raises ConfigError naming the file, not its content."""
    out = dict(raw)
    for key, value in raw.items():
        if key == "accounts" and isinstance(value, Mapping):
            out[key] = {each: _with_secrets(f"{where}.{key}.{each}", dict(inner or {})) for each, inner in value.items()}
        elif key in ("password_file", "token_file", "key_file"):
            plain = key.removesuffix("_file")
            if plain in raw:
                raise ConfigError(f"{where}: give {plain} or {key}, not both")
            try:
                out[plain] = Path(str(value)).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                why = error.strerror if isinstance(error, OSError) else "not text"
                raise ConfigError(f"{where}.{key}: cannot read {value}: {why}") from None
            del out[key]
    return out


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """The configuration of a file (None: none) with the environment over it. Raises ConfigError with every problem."""
    raw: dict[str, Any] = {}
    if path is not None:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            raise ConfigError(f"{path}: cannot read the configuration: {why}") from None
        try:
            parsed = yaml.safe_load(text)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            at = f" in line {mark.line + 1}" if mark is not None else ""
            raise ConfigError(f"{path}: not YAML{at}: {getattr(error, 'problem', None) or 'cannot be read'}") from None
        if parsed is not None and not isinstance(parsed, dict):
            raise ConfigError(f"{path}: a configuration is a mapping of keys, as `sources:`")
        raw = parsed or {}
    return build(_overridden(raw, environ))


def build(raw: Mapping[str, Any]) -> Settings:
    """Checks a whole configuration. Raises ConfigError with every problem, one line each."""
    try:
        prepared = dict(raw)
        if isinstance(prepared.get("privacy"), Mapping):
            prepared["privacy"] = _with_secrets("privacy", dict(prepared["privacy"]))
        settings = Settings(**prepared)
    except ValidationError as error:
        raise ConfigError(*_problems(error, Settings, "")) from None
    problems = list(_cross_check(settings))
    if problems:
        raise ConfigError(*problems)
    return settings


def _overridden(raw: dict[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """`CONTACT_MONITOR__SOURCES__PBX__PASSWORD=…` over the file; names match regardless of case, `-` may be written `_`."""
    out: dict[str, Any] = raw
    for variable, value in environ.items():
        if not variable.upper().startswith(ENV_PREFIX):
            continue
        out = _put(out, variable[len(ENV_PREFIX) :].lower().split("__"), value)
    return out


def _put(tree: Mapping[str, Any], path: list[str], value: str) -> dict[str, Any]:
    out = dict(tree)
    key = next((known for known in out if str(known).lower().replace("-", "_") == path[0].replace("-", "_")), path[0])
    if len(path) == 1:
        out[key] = yaml.safe_load(value) if value[:1] in "[{" else value
    else:
        below = out.get(key)
        out[key] = _put(below if isinstance(below, Mapping) else {}, path[1:], value)
    return out


def _cross_check(settings: Settings) -> list[str]:
    problems = []
    for name, point in settings.contact_points.items():
        where = f"contact_points.{name}"
        if point.source is not None and point.source not in settings.sources:
            problems.append(f"{where}.source: there is no source {point.source!r}{_nearest(point.source, settings.sources)}")
        if point.policy != "default" and point.policy not in settings.policies:
            problems.append(f"{where}.policy: there is no policy {point.policy!r}{_nearest(point.policy, settings.policies)}")
        if point.calendar is not None and point.calendar not in settings.calendars:
            problems.append(
                f"{where}.calendar: there is no calendar {point.calendar!r}{_nearest(point.calendar, settings.calendars)}"
            )
        if sum(value is not None for value in (point.queue, point.extension, point.address)) > 1:
            problems.append(f"{where}: give one of queue, extension and address")
        if point.place() is not None and point.source is None:
            problems.append(f"{where}: {point.place()} needs `source`, the system it is in")
    for name, policy in settings.policies.items():
        if policy.calendar is not None and policy.calendar not in settings.calendars:
            near = _nearest(policy.calendar, settings.calendars)
            problems.append(f"policies.{name}.calendar: there is no calendar {policy.calendar!r}{near}")
    taken: dict[tuple[str, str], str] = {}
    for name, point in settings.contact_points.items():
        place = point.place()
        if point.source is not None and place is not None:
            other = taken.setdefault((point.source, place), name)
            if other != name:
                problems.append(f"contact_points.{name}: {place} of {point.source} is contact point {other} already")
    return problems


def _problems(error: ValidationError, model: type[BaseModel], prefix: str) -> list[str]:
    """One line each: where, what stands there, what to do. Values of secrets are never shown."""
    lines = []
    for each in error.errors(include_url=False):
        path = ".".join(str(part) for part in each["loc"] if part not in ("function-plain",))
        where = ".".join(part for part in (prefix, path) if part)
        if each["type"] == "extra_forbidden":
            known = _fields_at(model, each["loc"][:-1])
            lines.append(f"{where}: unknown key{_nearest(str(each['loc'][-1]), known)}")
        elif each["type"] == "missing":
            lines.append(f"{where}: is missing")
        else:
            text = each["msg"].removeprefix("Value error, ")
            lines.extend(line if line.startswith("sources.") else f"{where}: {line}" for line in text.split("\n"))
    return lines


def _fields_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    fields: dict[str, Any] = dict(model.model_fields)
    for part in path:
        info = fields.get(str(part))
        inner = _model_in(info.annotation) if info is not None else None
        if inner is not None:
            fields = dict(inner.model_fields)
    return [info.alias or name for name, info in fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found is not None:
            return found
    return None


def _nearest(name: str, known: Any) -> str:
    names = [str(each) for each in known]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; known are {', '.join(sorted(names)[:12])}" if names else ""
