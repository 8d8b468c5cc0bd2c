"""Recording and alerting rules for Prometheus, made by pure functions. Prometheus 2.42 understands all of them.

Without a configuration: the generic file, which serves every configuration because objectives, limits, opening hours and teams
are metrics. With one: the same rules, narrowed to what it can need, and refused where one of them could never fire.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

import yaml

from monitor.errors import ConfigError
from monitor.publish.alert_facts import TRENDS
from monitor.publish.rules import burn, live, monitor, unseen
from monitor.publish.rules.texts import with_definitions
from monitor.publish.rules.values import Alert, Group, Links, PointObjectives, Recording, Tuning
from monitor.publish.rules.windows import MAX_SHARE, share_at, windows

#: Where everything runs when nothing was said. Runbooks are in docs/runbooks: put them where people on call can read them.
GENERIC: Final = Tuning(Links("http://127.0.0.1:9760", "http://127.0.0.1:3000", "https://runbooks.example.org/contact-monitor"))

#: Alerts that need one of these channels: without it they can never fire.
_CHANNELS_OF: Final = {
    "ContactPointHoldTooLong": {"phone"},
    "ContactPointQueueUnanswered": {"phone", "chat", "counter"},
    "ContactPointNobodyThere": {"phone", "chat", "counter"},
    "ContactPointFastBurn": {"phone", "chat", "counter"},
    "ContactPointHourBurn": {"phone", "chat", "counter"},
    "ContactPointReplyVeryLate": {"email", "ticket", "chat"},
    "ContactPointPromiseDueSoon": {"email", "ticket", "phone", "chat"},
    "ContactPointPromiseBroken": {"email", "ticket", "phone", "chat"},
    "ContactPointComplaintDeadlineNear": {"ticket", "email"},
    "ContactPointNoOutbound": {"email", "ticket"},
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What one configuration can need. `channels` None: any may appear."""

    channels: frozenset[str] | None
    points: tuple[PointObjectives, ...]


def rule_groups(tuning: Tuning = GENERIC, scope: Scope | None = None) -> tuple[Group, ...]:
    """All rules. Raises ConfigError naming every burn alert that could never fire."""
    of_points = (*live.live_alerts(tuning), *unseen.unseen_alerts())
    if scope is not None:
        problems = list(unreachable(tuning, scope.points))
        if problems:
            raise ConfigError(*problems)
        of_points += (unseen.missing_points(scope.points),) if scope.points else ()
    groups = (
        *windows(tuning),
        Group("contactpoint-customers", of_points),
        Group("contactpoint-objectives", burn.burn_alerts(tuning)),
        Group("contactpoint-sources", monitor.source_alerts()),
        Group("contactpoint-monitor", monitor.daemon_alerts()),
    )
    channels = None if scope is None else scope.channels
    return tuple(Group(group.name, tuple(_needed(group.rules, channels)), group.interval) for group in groups)


def _needed(rules: Iterable[Recording | Alert], channels: frozenset[str] | None) -> Iterable[Recording | Alert]:
    for rule in rules:
        needs = _CHANNELS_OF.get(rule.name) if isinstance(rule, Alert) else None
        if needs is None or channels is None or needs & channels:
            yield rule


def unreachable(tuning: Tuning, points: Iterable[PointObjectives]) -> Iterable[str]:
    """One line for each burn alert that asks for a larger share of bad contacts than can be waited for."""
    for level, factor in (("page", tuning.page_factor), ("ticket", tuning.ticket_factor)):
        if factor is None:
            continue  # derived factors are capped
        for point in points:
            for signal, objective in point.objectives.items():
                wanted = share_at(level, objective, factor)
                if objective < 1 and wanted > MAX_SHARE and signal not in TRENDS:
                    yield (
                        f"alerts.{level}_factor: {factor:g} x (1 - {objective:g}) = {wanted:.3g}: {signal} of "
                        f"{point.contact_point} ({point.channel}) could never alert: more than {MAX_SHARE:.0%} of its contacts "
                        f"would have to be bad. With this objective use at most {_rounded_down(MAX_SHARE / (1 - objective)):g}"
                    )


def _rounded_down(value: float) -> float:
    return int(value * 100 + 1e-9) / 100


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, so that expressions can be read."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def dump(*documents: object) -> str:
    """YAML, one document after the other."""
    return yaml.dump_all(documents, Dumper=_Dumper, sort_keys=False, width=1_000_000, allow_unicode=True)


def spec(groups: Iterable[Group], links: Links) -> dict[str, Any]:
    """`{groups: …}` as Prometheus reads it."""
    return {"groups": [_group(group, links) for group in groups if group.rules]}


def _group(group: Group, links: Links) -> dict[str, Any]:
    head: dict[str, Any] = {"name": group.name}
    if group.interval:
        head["interval"] = group.interval
    return {**head, "rules": [_rule(rule, links) for rule in group.rules]}


def _rule(rule: Recording | Alert, links: Links) -> dict[str, Any]:
    if isinstance(rule, Recording):
        return {"record": rule.record, "expr": rule.expr}
    shown: dict[str, Any] = {"alert": rule.name, "expr": rule.expr}
    if rule.hold:
        shown["for"] = rule.hold
    if rule.keep:
        shown["keep_firing_for"] = rule.keep
    annotations = {name: with_definitions(text) for name, text in rule.annotations(links).items()}
    return {**shown, "labels": rule.all_labels(), "annotations": annotations}


def render(groups: Iterable[Group], links: Links, form: Literal["prometheus", "kubernetes"]) -> str:
    """The rules as a rule file, or as a PrometheusRule object of the Prometheus operator."""
    content = spec(groups, links)
    if form == "prometheus":
        return dump(content)
    metadata = {"name": "contact-monitor", "labels": {"app.kubernetes.io/name": "contact-monitor"}}
    return dump({"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "metadata": metadata, "spec": content})
