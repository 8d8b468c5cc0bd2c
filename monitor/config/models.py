"""The models of the configuration: typed, strict, with a description of every key.

A field typed SecretStr is a secret: its value is shown nowhere, and it may stand in a file that `KEY_file` names
(`config.schema`). The models of sources are those of `connectors/`, by `type`.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    Discriminator,
    Field,
    SecretStr,
    SerializeAsAny,
    Tag,
    ValidationError,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from monitor.config.messages import problems as in_words
from monitor.config.receivers import NotifySettings
from monitor.config.reporting import ReportSettings
from monitor.config.schema import secret_values
from monitor.config.strict import NAME, Strict
from monitor.config.values import (
    DAY,
    MAX_SECONDS,
    Label,
    LimitValue,
    Retention,
    Seconds,
    Share,
    StoreAddress,
    WebAddress,
    Zone,
    split_address,
)
from monitor.connector import Place, SourceSettings
from monitor.connectors._discover import place_keys, source_types
from monitor.domain.contact import Bots
from monitor.domain.event import Channel
from monitor.domain.hours import parse_dates, parse_week
from monitor.domain.policy import DEFAULTS, ClockFrom
from monitor.domain.privacy_key import REMEDY, parse_key
from monitor.domain.public_holidays import closed_days, country_called, country_codes
from monitor.domain.rings import iso_code
from monitor.errors import ConfigError, did_you_mean
from monitor.store import StoreUrl

#: The name of a host as browsers send it; what is not ASCII is written `xn--…` there.
_HOST: Final = re.compile(r"(?!.{254})[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?")
_BCRYPT: Final = re.compile(r"\$2[abxy]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}")
#: A check of cost 14 takes about a second; each more doubles it.
_MAX_BCRYPT_COST: Final = 14
_SHORTEST_POLL: Final = timedelta(milliseconds=100)


class SignalSettings(Strict):
    """One signal in a policy; what is left out is as in the table of defaults."""

    objective: Share | None = Field(None, description="Share that must stay free of the signal, as 90% or 0.9.")
    after: LimitValue | None = Field(None, description="The limit: a duration, or whole opening days as 3bd.")
    rings: int | None = Field(None, ge=1, le=60, description="`slow_answer`: the signal falls when this ring begins.")
    times: int | None = Field(None, ge=0, le=100, description="`handed_on`, `passed_around`: so many are still good.")
    grace: Seconds | None = Field(None, description="`slipped_promise`: how long after its moment a promise may still be kept.")
    unstated_after: LimitValue | None = Field(
        None, description="`slipped_promise`: when a promise is due that names no time, as 2bd, the default, or 1d."
    )
    warn: Seconds | None = Field(None, description="`complaint_overdue`: how long before the sector's deadline it falls.")
    ignore_under: Seconds | None = Field(None, description="`abandoned`: shorter ones are counted apart.")
    recovered_within: Seconds | None = Field(
        None, description="`abandoned`: a caller who calls again and is answered within this was not lost for good; default 15m."
    )
    within: Seconds | None = Field(None, gt=0, description="`repeat_contact`: so soon after the end of the last contact.")
    below: float | None = Field(None, ge=0, le=1, description="`low_rating`: a score of 0 to 1 that is lower is bad.")
    clock: Literal["calendar", "always"] | None = Field(None, description="Whether the limit runs in opening hours or always.")
    warn_before: Seconds | None = Field(
        None,
        gt=0,
        description="Written waits, promises and call backs: `contactpoint_due_soon` counts what is closer to its limit, in"
        " opening hours where the limit runs in them.",
    )
    pauses: bool | list[Literal["customer", "third_party", "time"]] | None = Field(
        None,
        description="`late_reply`, `late_follow_up`, `late_resolution`: whether a pending ticket stops the clock, or whose"
        " pending does, as [customer, time]; default: of `late_resolution` alone.",
    )
    clock_from: ClockFrom | None = Field(
        None,
        description="`long_wait`: `call` counts from the first queue of a call that overflowed; default `queue`, from this one.",
    )


def _is_always_due_soon(signal: str, chosen: SignalSettings) -> bool:
    """Whether a warning is wanted no shorter than the limit, of which a whole opening day is 24 hours at most."""
    limit = chosen.after or (DEFAULTS[signal].limit if signal in DEFAULTS else None)
    if chosen.warn_before is None or limit is None or signal == "slipped_promise":  # a promise has a moment of its own
        return False
    return chosen.warn_before >= (limit.seconds or (limit.opening_days or 0) * DAY)


#: What a signal may be in place of its keys.
_SWITCHES: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("false", "off", "no"), False), **{key: {} for key in ("true", "on", "yes")},
}  # fmt: skip


def _switched(value: object) -> str:
    return "off" if value is False else "on"


SignalChoice = Annotated[Annotated[SignalSettings, Tag("on")] | Annotated[Literal[False], Tag("off")], Discriminator(_switched)]


class PolicySettings(Strict):
    """Limits and objectives by signal; `false` switches one off, `true` one on that is off otherwise, both as in the table."""

    calendar: str | None = Field(None, description="Opening hours for contact points that name none.")
    bots: Bots = Field(
        "ignore",
        description="A bot's words: `ignore`, they are no answer; `answer`, they are; `before`, nobody waits for a human until"
        " the bot has handed over.",
    )
    agent_opened: bool = Field(True, description="Whether a ticket that an agent opens for a customer waits for our first words.")
    signals: dict[str, SignalChoice] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, raw: object) -> object:
        """In the file signals stand beside the other keys; here they are gathered under `signals`."""
        if not isinstance(raw, Mapping):
            raise ValueError("a policy is a mapping from signals to limits, as {long_hold: {after: 2m}}")
        own = {key: value for key, value in raw.items() if key in cls.model_fields and key != "signals"}
        signals = {key: value for key, value in raw.items() if key not in own}
        return {**own, "signals": {name: _SWITCHES.get(str(value).lower(), value) for name, value in signals.items()}}

    @model_validator(mode="after")
    def _warns_in_time(self) -> "PolicySettings":
        early = [name for name, chosen in self.signals.items() if chosen is not False and _is_always_due_soon(name, chosen)]
        if early:
            raise ValueError(
                "\n".join(f".{name}.warn_before: must be shorter than the limit, or all that waits is due soon" for name in early)
            )
        return self


class HolidaySettings(Strict):
    """Days on which a calendar stays closed."""

    country: str | None = Field(None, description="Public holidays of this country, ISO 3166 as GB. Default: none.")
    subdivision: str | None = Field(None, description="Part of the country with holidays of its own, as ENG.")
    also: list[date] = Field(default_factory=list, description="More closed days.")
    open_anyway: list[date] = Field(default_factory=list, alias="except", description="Public holidays that are worked.")

    @field_validator("country", "subdivision")
    @classmethod
    def _known(cls, value: str | None, info: ValidationInfo) -> str | None:
        if info.field_name == "country":
            closed_days(value)
        elif "country" in info.data:
            closed_days(info.data["country"], value)
        return value


class CalendarSettings(Strict):
    """Opening hours by weekday, in the calendar's own zone."""

    timezone: Zone | None = Field(None, description="Default: the `timezone` of the whole file.")
    hours: dict[str, Any] = Field(description="Days (mon, mon-fri, sat,sun, daily) to times (09:00-17:30, or a list of them).")
    dates: dict[str, Any] = Field(
        default_factory=dict,
        description="Single dates with other hours, as 2026-12-24 to 09:00-12:00; goes before `hours` and `holidays`.",
    )
    holidays: HolidaySettings = Field(default_factory=HolidaySettings)

    @field_validator("hours")
    @classmethod
    def _open_at_times(cls, hours: dict[str, Any]) -> dict[str, Any]:
        if not any(parse_week(hours).values()):
            raise ValueError("the calendar never opens: give at least one day hours, as mon-fri: 09:00-17:30")
        return hours

    @field_validator("dates")
    @classmethod
    def _are_dates(cls, dates: dict[str, Any]) -> dict[str, Any]:
        parse_dates(dates)
        return dates


class PointSettings(Strict):
    """One contact point: which part of which source it is, and what holds there. `point_model` adds the keys of places."""

    source: str | None = Field(None, description="A source of this file. Contact events may come from any.")
    channel: Channel | None = Field(None, description="For contact events: makes its metrics exist from the first scrape.")
    policy: str = Field("default", description="A policy of this file.")
    calendar: str | None = Field(None, description="Opening hours; goes before the policy's.")
    title: str = Field("", description="Its name for people.")
    team: str = Field("", description="Who answers there.")


def point_model() -> type[PointSettings]:
    """PointSettings with the keys that name places in the known types of source, as `queue`."""
    return _point_model(place_keys())


@lru_cache(maxsize=4)
def _point_model(places: tuple[Place, ...]) -> type[PointSettings]:
    taken = [place.key for place in places if place.key in PointSettings.model_fields]
    if taken:
        raise TypeError(f"a connector's place cannot be called {taken[0]}: every contact point has that key")
    keys: dict[str, Any] = {place.key: (Label | None, Field(None, description=place.description)) for place in places}
    return create_model("PointSettings", __base__=PointSettings, __doc__=PointSettings.__doc__, **keys)


class PrivacySettings(Strict):
    """How customers are kept unrecognisable."""

    key: SecretStr | None = Field(
        None,
        description="Secret of the customer hash, at least 16 characters. Default: one is made, in a file beside the store; "
        "PostgreSQL needs one given.",
    )
    retention: Retention = Field(400 * DAY, description="Events, contacts and verdicts are kept so long.")

    @field_validator("key")
    @classmethod
    def _can_hide(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None:
            try:
                parse_key(key.get_secret_value())
            except ValueError as error:
                raise ValueError(f"{error}; {REMEDY}") from None
        return key


class PeopleSettings(Strict):
    """Which numbers and addresses are one customer's."""

    file: Path | None = Field(None, description="CSV in UTF-8: each line the numbers and addresses of one person or firm.")
    shared: list[str] = Field(
        default_factory=list, description="Numbers and addresses that many have, as a switchboard: they tie nobody."
    )


def _cost(hashed: SecretStr) -> int:
    """The cost that a bcrypt hash was made with: it stands between its second and third dollar."""
    return int(hashed.get_secret_value().split("$")[2])


class WebSettings(Strict):
    """Who may look: basic-auth users with bcrypt hashes, and TLS."""

    users: dict[str, SecretStr] = Field(default_factory=dict, description="Names to bcrypt hashes (`htpasswd -nBC 10 NAME`).")
    wall_users: dict[str, SecretStr] = Field(
        default_factory=dict, description="Likewise, of those who see the board on the wall (`/?wall=1`) and nothing else."
    )
    tls_cert: Path | None = Field(None, description="Certificate chain, PEM.")
    tls_key: Path | None = Field(None, description="Its private key, PEM; not needed where the certificate's file holds it.")
    anyone: bool = Field(False, description="Allow listening beyond loopback although there are no users.")
    hosts: list[str] = Field(
        default_factory=list,
        description="Without users: names by which pages may be asked for, beside `alerts.page_url` and addresses.",
    )

    @field_validator("users", "wall_users")
    @classmethod
    def _hashed(cls, users: dict[str, SecretStr]) -> dict[str, SecretStr]:
        unhashed = [name for name, stored in users.items() if not _BCRYPT.fullmatch(stored.get_secret_value())]
        wrong = [f".{name}: is no bcrypt hash; make one with: htpasswd -nBC 10 NAME" for name in unhashed]
        costly = [name for name in users if name not in unhashed and _cost(users[name]) > _MAX_BCRYPT_COST]
        wrong += [
            f".{name}: a bcrypt cost of {_cost(users[name])} takes too long for every check; at most {_MAX_BCRYPT_COST}, "
            "as by: htpasswd -nBC 10 NAME"
            for name in costly
        ]
        wrong += [f".{name}: a user's name cannot hold a colon or be empty" for name in users if ":" in name or not name]
        if wrong:
            raise ValueError("\n".join(wrong))
        return users

    @field_validator("hosts")
    @classmethod
    def _names_alone(cls, hosts: list[str]) -> list[str]:
        remedy = "write it as monitor.example.org, without scheme, port and wildcard, in ASCII"
        wrong = [
            f".{place}: {host!r} is no name of a host: {remedy}" for place, host in enumerate(hosts) if not _HOST.fullmatch(host)
        ]
        if wrong:
            raise ValueError("\n".join(wrong))
        return hosts

    @model_validator(mode="after")
    def _certified(self) -> "WebSettings":
        if self.tls_key is not None and self.tls_cert is None:
            raise ValueError(".tls_key: a key needs web.tls_cert, its certificate")
        return self

    @model_validator(mode="after")
    def _apart(self) -> "WebSettings":
        if self.wall_users and not self.users:
            raise ValueError(".wall_users: without web.users anybody may read everything: name users, too, or leave these out")
        twice = [
            f".wall_users.{name}: is in web.users, too, and may read everything: take one of them out"
            for name in self.wall_users
            if name in self.users
        ]
        if twice:
            raise ValueError("\n".join(twice))
        return self


class AlertSettings(Strict):
    """What `contact-monitor rules` writes; the generic rule file has the defaults."""

    page_url: WebAddress = Field("http://127.0.0.1:9760", description="Where people reach the daemon's pages.")
    dashboard_url: WebAddress = Field("http://127.0.0.1:3000", description="Where people reach Grafana.")
    runbook_url: WebAddress = Field(
        "https://runbooks.example.org/contact-monitor", description="Where `docs/runbooks` can be read."
    )
    minimum_contacts: int = Field(
        20, ge=1, le=10_000, description="No alert on fewer contacts than these in six hours or three days."
    )
    hold_factor: float = Field(2.0, ge=1, le=100, description="Alert on a hold longer than so many times its limit.")
    queue_factor: float = Field(5.0, ge=1, le=100, description="Alert on an unanswered queue at so many times its limit.")
    page_factor: float | None = Field(
        None, gt=0, le=1000, description="Burn factor of the page (20 minutes). Default: from each objective."
    )
    ticket_factor: float | None = Field(
        None, gt=0, le=1000, description="Burn factor of the warnings (an hour, six hours). Default: from each objective."
    )
    critical: list[str] = Field(default_factory=list, description="Contact points of which every single negative contact alerts.")


class Settings(BaseSettings):
    """The whole configuration: environment, secret files and the YAML file, as `config.loading` lays them over each other."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True)

    listen: str = Field("127.0.0.1:9760", description="HOST:PORT of pages and metrics; beyond loopback it wants `web.users`.")
    store: StoreAddress = Field(
        "sqlite:contacts.db",
        repr=False,
        description="`sqlite:FILE`, `postgresql://USER@HOST/DATABASE`, or `memory:` to keep nothing over a restart.",
    )
    timezone: Zone = Field(ZoneInfo("UTC"), description="Where a calendar or a source names none.")
    country: str = Field("GB", description="ISO 3166: how often it rings in a second, how numbers without a country are meant.")
    calendars: dict[str, CalendarSettings] = Field(default_factory=dict)
    sources: dict[str, SerializeAsAny[SourceSettings]] = Field(default_factory=dict)
    contact_points: dict[str, SerializeAsAny[PointSettings]] = Field(default_factory=dict)
    policies: dict[str, PolicySettings] = Field(default_factory=dict)
    privacy: PrivacySettings = Field(default_factory=PrivacySettings)
    people: PeopleSettings = Field(default_factory=PeopleSettings)
    web: WebSettings = Field(default_factory=WebSettings)
    alerts: AlertSettings = Field(default_factory=AlertSettings)
    notify: NotifySettings = Field(default_factory=NotifySettings)
    report: ReportSettings = Field(default_factory=ReportSettings)

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_others: PydanticBaseSettingsSource,
        **_named: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        """What is made by hand has its arguments only; `config.loading` gives the sources of a daemon's configuration."""
        return (init_settings,)

    @field_validator("listen")
    @classmethod
    def _an_address(cls, listen: str) -> str:
        split_address(listen)
        return listen

    @field_validator("store")
    @classmethod
    def _a_store(cls, store: str) -> str:
        """The value is not shown: it may hold the password of a database."""
        try:
            StoreUrl.parse(store)
        except ConfigError as error:
            raise ValueError(str(error).removeprefix("store: ")) from None
        return store

    @field_validator("country")
    @classmethod
    def _a_country(cls, country: str) -> str:
        code = country.upper()
        if iso_code(code) not in country_codes():
            meant = country_called(country)
            remedy = f"; did you mean {meant}?" if meant is not None else ": write two letters, as GB or DE"
            raise ValueError(f"{country!r} is no ISO 3166 code{remedy}")
        return code

    @field_validator("contact_points", mode="plain")
    @classmethod
    def _by_place(cls, raw: object) -> dict[str, PointSettings]:
        """Each contact point is checked by the model that knows the places of all source types."""
        if not isinstance(raw, Mapping):
            raise ValueError("write a mapping here, as {name: …}")
        found: dict[str, PointSettings] = {}
        problems: list[str] = []
        for name, value in raw.items():
            try:
                found[str(name)] = point_model().model_validate(value)
            except ValidationError as error:
                problems.extend(in_words(error, point_model(), f".{name}"))
        if problems:
            raise ValueError("\n".join(problems))
        return found

    def place_of(self, point: PointSettings) -> str | None:
        """A contact point's place in its source, as connectors name it; None: contact events name the contact point itself."""
        source = self.sources.get(point.source or "")
        for place in source_types()[source.type].places if source is not None else ():
            value = getattr(point, place.key)
            if value is not None:
                return place.named(value)
        return None

    @field_validator("sources", mode="plain")
    @classmethod
    def _by_type(cls, raw: object) -> dict[str, SourceSettings]:
        """Each source is checked by the model of its type; every problem of every source is reported."""
        if not isinstance(raw, Mapping):
            raise ValueError("write a mapping from names to sources, as {pbx: {type: asterisk, host: …}}")
        found: dict[str, SourceSettings] = {}
        problems: list[str] = []
        for name, value in raw.items():
            if not NAME.fullmatch(str(name)):
                problems.append(f".{name}: a source's name has letters, digits, . _ and - only")
            elif not isinstance(value, Mapping):
                problems.append(f".{name}: a source is a mapping that names its type, as {{type: asterisk, host: …}}")
            elif str(value.get("type")) not in source_types():
                problems.append(f".{name}.type: {_no_type(value.get('type'))}")
            else:
                found |= _source(str(name), value, problems)
        if problems:
            raise ValueError("\n".join(problems))
        return found


def _no_type(kind: object) -> str:
    types = source_types()
    if kind is None:
        return f"is missing; known are {', '.join(sorted(types))}"
    if not isinstance(kind, str):
        return f"write one of {', '.join(sorted(types))}"
    return f"{kind!r} is no source type{did_you_mean(kind, types)}"


def _source(name: str, raw: Mapping[str, Any], problems: list[str]) -> dict[str, SourceSettings]:
    model = source_types()[raw["type"]].settings
    try:
        source = model.model_validate(raw)
    except ValidationError as error:
        problems.extend(in_words(error, model, f".{name}", secret_values(model, raw)))
        return {}
    except Exception as error:  # of a connector from elsewhere; its text and traceback may show what it looked at
        problems.append(f".{name}: the check of type {raw['type']} failed with {type(error).__name__}, a bug of its package")
        return {}
    for key, value in source:
        if isinstance(value, timedelta) and not timedelta(0) < value <= timedelta(seconds=MAX_SECONDS):
            problems.append(f".{name}.{key}: {raw.get(key)!r} must be longer than 0s and shorter than a hundred years")
    if source.poll_every < _SHORTEST_POLL:
        problems.append(f".{name}.poll_every: {raw.get('poll_every')!r} is too often: at least 100ms")
    return {name: source}
