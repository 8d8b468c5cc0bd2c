"""Rules as values, and the few ways in which their expressions and texts are put together."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from monitor.publish.alert_facts import AlertFacts, Family, Severity

#: Restarts of the daemon change these labels of its target; all others (job, namespace, site …) are kept.
_RESTARTED: Final = ("instance", "pod")


@dataclass(frozen=True, slots=True)
class Links:
    """Where the annotations of alerts point to: bases of addresses without a slash at the end."""

    page: str
    dashboards: str
    runbooks: str

    def runbook(self, alert: str) -> str:
        """Where it is written what to do about an alert."""
        return f"{self.runbooks}/{alert}.md#{alert.lower()}"


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording rule."""

    record: str
    expr: str


@dataclass(frozen=True, slots=True)
class Alert:
    """An alerting rule. `hold`: how long it must be true first; `keep`: how long it stays when it no longer is.

    `summary` (the subject of a mail) and `description` are templates. `page` is a path of the daemon's own pages,
    `dashboard` the uid of a dashboard and its query.
    """

    name: str
    family: Family
    severity: Severity
    expr: str
    summary: str
    description: str
    hold: str = ""
    keep: str = ""
    page: str = "/"
    dashboard: str = "contactpoint-monitor"
    labels: tuple[tuple[str, str], ...] = ()

    def all_labels(self) -> dict[str, str]:
        """The labels that the rule adds."""
        return {"severity": self.severity, "family": self.family, **dict(self.labels)}

    def annotations(self, links: Links) -> dict[str, str]:
        """What people read, and where to look next."""
        return {
            "summary": self.summary,
            "description": self.description,
            "runbook_url": links.runbook(self.name),
            "dashboard_url": f"{links.dashboards}/d/{self.dashboard}",
            "page_url": links.page + self.page,
        }


def alert_of(facts: AlertFacts, expr: str, said: Mapping[str, str], **where: Any) -> Alert:
    """The rule of an alert: `said` fills the gaps of its sentences with templates; `where`: its `page` and `dashboard`."""
    return Alert(
        facts.name,
        facts.family,
        facts.severity,
        expr,
        facts.summary.format(**said),
        facts.description.format(**said),
        hold=facts.hold,
        keep=facts.keep,
        labels=(("signal", facts.signal),) if facts.signal else (),
        **where,
    )


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are evaluated one after the other. `interval` empty: as often as Prometheus does by default."""

    name: str
    rules: tuple[Recording | Alert, ...]
    interval: str = ""


@dataclass(frozen=True, slots=True)
class Tuning:
    """What a site may choose (settings `alerts`); the defaults make the generic file.

    `page_factor` and `ticket_factor`: burn factors in place of those derived from each objective. `critical`: contact points
    of which every single negative contact alerts.
    """

    links: Links
    minimum_contacts: int = 20
    hold_factor: float = 2.0
    queue_factor: float = 5.0
    page_factor: float | None = None
    ticket_factor: float | None = None
    critical: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PointObjectives:
    """A configured contact point at one channel: signal -> objective."""

    contact_point: str
    channel: str
    objectives: dict[str, float] = field(hash=False)
    timezone: str = "UTC"


def selector(name: str, *matchers: str, **equal: str) -> str:
    """`contactpoint_NAME{…}`: `equal` are labels and their values, `matchers` stand as they are."""
    wanted = (*matchers, *(f"{label}={quoted(value)}" for label, value in equal.items()))
    return f"contactpoint_{name}" + (f"{{{','.join(wanted)}}}" if wanted else "")


def merged(operator: str, inner: str, *dropped: str) -> str:
    """The series of all incarnations of one daemon as one, without the labels `dropped` too."""
    return f"{operator} without ({', '.join((*_RESTARTED, *dropped))}) ({inner})"


def gauge(name: str, *matchers: str, without: Sequence[str] = (), **equal: str) -> str:
    """A gauge of the daemon."""
    return merged("max", selector(name, *matchers, **equal), *without)


def increase(name: str, window: str, *matchers: str, without: Sequence[str] = (), late: str = "", **equal: str) -> str:
    """How much a counter of the daemon grew in `window`, which ended `late` ago."""
    offset = f" offset {late}" if late else ""
    return merged("sum", f"increase({selector(name, *matchers, **equal)}[{window}]{offset})", *without)


#: What Prometheus adds to an alert's own series in ALERTS, with the labels that every rule of ours sets.
_OF_ALERTS: Final = ("alertname", "alertstate", "severity", "family")


def was_firing(names: str, *added: str, within: str = "") -> str:
    """The series for which one of these alerts (`A|B`) fired at the last evaluation, or at any `within` so long ago.

    They come without the labels that the rule adds (`added`: more).
    """
    operator = "=~" if "|" in names else "="
    alerts = f'ALERTS{{alertname{operator}"{names}",alertstate="firing"}}'
    found = f"max_over_time({alerts}[{within}])" if within else alerts
    return f"max without ({', '.join((*_OF_ALERTS, *added))}) ({found})"


def lowest_in(name: str, window: str) -> str:
    """The lowest value of a 0/1 gauge in `window`, where it was there when the window began."""
    least = merged("min", f"min_over_time({selector(name)}[{window}])")
    return f"({least} and {merged('max', f'{selector(name)} offset {window}')})"


def highest_in(name: str, window: str) -> str:
    """The highest value of a 0/1 gauge in `window`: one scrape that failed changes nothing."""
    return merged("max", f"max_over_time({selector(name)}[{window}])")


def quoted(text: str) -> str:
    """A text as a string of PromQL."""
    return json.dumps(text, ensure_ascii=False)


#: Paths and queries with names that may hold anything. In a path a space is %20, never +.
POINT_PAGE: Final = '/contact-points/{{ reReplaceAll "\\\\+" "%20" ($labels.contact_point | urlquery) }}'
_POINT_QUERY: Final = "var-channel={{ $labels.channel | urlquery }}&var-contact_point={{ $labels.contact_point | urlquery }}"


def board(uid: str, since: str = "now-6h") -> str:
    """A dashboard about the alert's contact point."""
    return f"{uid}?{_POINT_QUERY}&from={since}&to=now"
