"""The generic rule file, config/prometheus/rules.yml, and the same as an object of the Prometheus operator."""

from typing import Final

from monitor.publish.rules.generate import GENERIC, render, rule_groups

_HEAD: Final = (
    "# Generated: make generated\n"
    "# Serves every configuration: objectives, limits, opening hours and teams come from the metrics. See docs/alerts.md.\n"
)


def prometheus_rules() -> str:
    """The rules as Prometheus reads them."""
    return _HEAD + render(rule_groups(), GENERIC.links, "prometheus")


def kubernetes_rules() -> str:
    """The rules as a PrometheusRule."""
    return _HEAD + render(rule_groups(), GENERIC.links, "kubernetes")
