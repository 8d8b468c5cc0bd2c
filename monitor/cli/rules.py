"""Settings -> the alert rules or objectives of this configuration, as text: what `contact-monitor rules` prints."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final, Literal
from urllib.parse import urlsplit

from monitor.cli.output import printable
from monitor.config.models import PointSettings, Settings
from monitor.config.policies import PolicyResolver, calendars, kind_of
from monitor.connectors._discover import source_types
from monitor.domain.channels import SIGNALS_OF
from monitor.domain.event import CHANNELS, Channel
from monitor.errors import ConfigError
from monitor.publish.rules import generate, openslo
from monitor.publish.rules.values import Links, PointObjectives, Tuning

Format = Literal["prometheus", "kubernetes", "openslo"]

#: Keys of `alerts` that hold an address, and what it should lead to.
_LEADS_TO: Final = {
    "page_url": "people on call reach the daemon's pages",
    "dashboard_url": "people on call reach Grafana",
    "runbook_url": "people on call can read docs/runbooks",
}
#: Domains that lead nowhere (RFC 2606, RFC 6761).
_RESERVED: Final = ("example.com", "example.net", "example.org", "example", "invalid", "test")


def render(settings: Settings, form: Format) -> str:
    """The rules in one of the formats. Raises ConfigError where an alert could never fire, or would be told twice."""
    points = tuple(_points(settings))
    if form == "openslo":
        return openslo.render(points)
    if settings.notify.receivers:
        raise ConfigError(
            "notify: the monitor tells people itself, and alerts of these rules would tell them the same again: leave notify "
            "out to use Alertmanager; boards without Alertmanager work with config/prometheus/rules.yml"
        )
    chosen = tuning(settings)
    return generate.render(generate.rule_groups(chosen, generate.Scope(_channels(settings), points)), chosen.links, form)


def tuning(settings: Settings) -> Tuning:
    """The section `alerts`."""
    chosen = settings.alerts
    return Tuning(
        links=Links(chosen.page_url, chosen.dashboard_url, chosen.runbook_url),
        minimum_contacts=chosen.minimum_contacts,
        hold_factor=chosen.hold_factor,
        queue_factor=chosen.queue_factor,
        page_factor=chosen.page_factor,
        ticket_factor=chosen.ticket_factor,
        critical=tuple(chosen.critical),
    )


def unknown_critical(settings: Settings) -> list[str]:
    """Names in `alerts.critical` that are no configured contact point: they may yet be discovered."""
    return [name for name in settings.alerts.critical if name not in settings.contact_points]


def dead_links(settings: Settings) -> list[str]:
    """A note for each address under `alerts` that is a placeholder or the reader's own machine; one where none is set."""
    if settings.alerts.model_fields_set.isdisjoint(_LEADS_TO):
        *others, last = _LEADS_TO
        return [f"alerts: note: {', '.join(others)} and {last} are not set, so links in alerts lead nowhere on a phone"]
    notes = []
    for key, target in _LEADS_TO.items():
        host = _host(getattr(settings.alerts, key))
        why = _why_dead(host)
        if why:
            notes.append(
                f"alerts.{key}: note: {host} {why}, so links in alerts lead nowhere on a phone; set it to where {target}"
            )
    return notes


def _host(address: str) -> str:
    """The host alone: an address may hold a password."""
    try:
        return printable(urlsplit(address).hostname or "")
    except ValueError:  # half an IPv6 address; browsers say so
        return ""


def _why_dead(host: str) -> str:
    """Why nobody but this machine gets to a host; empty where others may."""
    if any(f".{host}".endswith(f".{name}") for name in _RESERVED):
        return "is a placeholder"
    try:
        address = ip_address(host)
    except ValueError:
        own = f".{host}".endswith(".localhost")
    else:
        own = address.is_loopback or address.is_unspecified
    return "is the reader's own machine" if own else ""


def _channel(settings: Settings, point: PointSettings) -> Channel | None:
    if point.channel is not None or point.source is None:
        return point.channel
    return source_types()[kind_of(settings.sources[point.source])].channel


def _points(settings: Settings) -> Iterator[PointObjectives]:
    """The configured contact points whose channel is known before their first contact."""
    resolver = PolicyResolver(settings, calendars(settings))
    for name, point in settings.contact_points.items():
        channel = _channel(settings, point)
        if channel is not None:
            policy = resolver.policy(point.policy, point.calendar, channel)
            known = [policy.rules[signal] for signal in SIGNALS_OF[channel] if signal in policy.rules]
            yield PointObjectives(name, channel, {rule.signal: rule.objective for rule in known}, str(policy.timezone))


def _channels(settings: Settings) -> frozenset[str] | None:
    """The channels that the sources can feed; None where a source can feed any."""
    found = {source_types()[kind_of(source)].channel for source in settings.sources.values() if source.enabled}
    found |= {_channel(settings, point) for point in settings.contact_points.values()} - {None}
    return None if None in found or not found else frozenset(each for each in found if each in CHANNELS)
