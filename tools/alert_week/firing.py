"""When an alert fires: Prometheus' own rules of `for` and `keep_firing_for`, applied to where its expression has values."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tools.alert_week.server import STEP, Matrix

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Firing(NamedTuple):
    """One alert fired from `since` until `until` (the first moment at which it no longer did)."""

    labels: Mapping[str, str]
    since: int
    until: int

    @property
    def name(self) -> str:
        """Name of the alert."""
        return self.labels["alertname"]


def seconds(duration: str) -> int:
    """`90s`, `2m`, `4h` or `3d`; 0 for nothing."""
    return int(duration[:-1]) * _UNITS[duration[-1]] if duration else 0


def firings(rule: Mapping[str, Any], found: Matrix, carried: Matrix | None = None) -> list[Firing]:
    """What the rule fired.

    `carried`: where the expression would have values if every alert had been firing before: an alert that is firing goes on
    there. A rule that asks for its own ALERTS is evaluated so.
    """
    hold, keep = seconds(rule.get("for", "")), seconds(rule.get("keep_firing_for", ""))
    going_on = _labelled(rule, carried or {})
    return [
        Firing(dict(labels), since, until)
        for labels, values in _labelled(rule, found).items()
        for since, until in _spans(values, going_on.get(labels, {}), hold, keep)
    ]


def _labelled(rule: Mapping[str, Any], found: Matrix) -> Matrix:
    """The series under the labels that their alerts get."""
    added = {**rule["labels"], "alertname": rule["alert"]}
    return {
        frozenset({**{key: value for key, value in series if key != "__name__"}, **added}.items()): values
        for series, values in found.items()
    }


def _spans(values: Mapping[int, float], carried: Mapping[int, float], hold: int, keep: int) -> list[tuple[int, int]]:
    """From when until when one series fired. Between two moments of `values` lies one evaluation, or a gap."""
    spans: list[tuple[int, int]] = []
    pending: int | None = None
    since: int | None = None
    seen = 0  # the last moment at which it was true
    moment, last = min(values), max(*values, *carried, 0) + keep + STEP
    while moment <= last:
        true = moment in values or (since is not None and moment in carried)
        if true:
            pending, seen = moment if pending is None else pending, moment
            if since is None and moment - pending >= hold:
                since = moment
        elif since is None or moment - seen > keep:
            if since is not None:
                spans.append((since, moment))
            pending = since = None
        moment += STEP
    if since is not None:
        spans.append((since, last))
    return spans
