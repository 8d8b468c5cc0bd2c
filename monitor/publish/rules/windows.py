"""Recording rules: what was counted in each window, which share of bad contacts alerts, and who may be judged now.

Numerators and denominators are summed first and divided last: a ratio is never averaged, and one of nothing does not exist.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from monitor.domain.snapshot import BEHIND_POLLS, BEHIND_SECONDS
from monitor.publish.rules.values import Group, Recording, Tuning, gauge, increase, merged, selector

#: No alert asks for a larger share of bad contacts than this: at factor x (1 - objective) >= 1 it could never fire.
MAX_SHARE: Final = 0.8

#: Quantile of the normal distribution for a one-sided 95 %.
Z: Final = 1.64


class Factor(NamedTuple):
    """At this objective, so many times the bad share that the objective allows."""

    objective: float
    page: float
    ticket: float


#: Between the rows the factors rise in a straight line, before the first and after the last they stay.
FACTORS: Final = (
    Factor(0.80, 2.0, 1.5),
    Factor(0.90, 4.0, 2.0),
    Factor(0.95, 8.0, 3.0),
    Factor(0.98, 12.0, 5.0),
    Factor(0.99, 14.4, 6.0),
)

#: Windows with a lower bound are long ones; the others make an alert end soon after the trouble has.
SHORT_WINDOWS: Final = ("5m", "30m")
LONG_WINDOWS: Final = ("20m", "1h", "6h")
SLOW_WINDOW: Final = "3d"

OBJECTIVE: Final = "contactpoint:objective_ratio:max"
TEAM: Final = "contactpoint:team:max"
OPEN_AND_SEEN: Final = "contactpoint:open_and_seen:max"
SEEN: Final = "contactpoint:seen:max"
BLIND_POINT: Final = "contactpoint:source_blind:max"
MONITOR: Final = "contactpoint:monitor:max"
#: There where a monitor was running within the last three days and none is now.
MONITOR_GONE: Final = "contactpoint:monitor_gone:max"
BLIND: Final = "source:blind:max"
LAG: Final = "source:watermark_lag_seconds:max"


#: Counters of verdicts without those that were history when they were counted (imported, first read, caught up).
NEW_SIGNALS: Final = "contactpoint:signals:without_history"
NEW_ASSESSED: Final = "contactpoint:assessed:without_history"

#: Customers who came within the slow window.
INBOUND: Final = f"contactpoint:inbound_contacts:increase{SLOW_WINDOW}"


def signals(window: str) -> str:
    """Name of the recorded number of negative contacts in a window."""
    return f"contactpoint:signals:increase{window}"


def assessed(window: str) -> str:
    """Name of the recorded number of verdicts in a window."""
    return f"contactpoint:assessed:increase{window}"


def ratio(window: str) -> str:
    """Name of the recorded share of negative contacts in a window."""
    return f"contactpoint:signals_per_assessed:ratio_increase{window}"


def lower_bound(window: str) -> str:
    """Name of the recorded lower bound of that share."""
    return f"contactpoint:signals_per_assessed:wilson_lower{window}"


def share(level: str) -> str:
    """Name of the recorded share of bad contacts from which on `level` (page, ticket, trend) alerts."""
    return f"contactpoint:{level}_share:threshold"


def factor_at(level: str, objective: float) -> float:
    """The burn factor at an objective below 1, before the cap; the same arithmetic as in the rules."""
    if level == "trend":
        return 1.0
    factor = _factors(level)[0]
    for low, high, rise in _segments(level):
        part = min(max(objective - low, 0.0), high - low)
        factor += rise * part / (high - low)
    return factor


def _factors(level: str) -> list[float]:
    return [row.page if level == "page" else row.ticket for row in FACTORS]


def _segments(level: str) -> Iterator[tuple[float, float, float]]:
    """From this objective to that, the factor rises by so much."""
    for (low, high), (below, above) in zip(pairwise(FACTORS), pairwise(_factors(level)), strict=True):
        yield low.objective, high.objective, above - below


def share_at(level: str, objective: float, factor: float | None = None) -> float:
    """The share of bad contacts from which on an alert fires; `factor`: a site's own, which is never capped."""
    if factor is not None:
        return factor * (1 - objective)
    return min(factor_at(level, objective) * (1 - objective), MAX_SHARE)


def windows(tuning: Tuning) -> tuple[Group, ...]:
    """The groups of recording rules, in the order in which alerts rest on them."""
    counted = [rule for window in (*SHORT_WINDOWS, *LONG_WINDOWS) for rule in _of_window(window)]
    return (
        Group("contactpoint-state", (*_monitor(), *_sources(), *_points())),
        Group(
            "contactpoint-windows",
            (
                Recording(OBJECTIVE, gauge("objective_ratio")),
                Recording(share("page"), share_expr("page", tuning.page_factor)),
                Recording(share("ticket"), share_expr("ticket", tuning.ticket_factor)),
                Recording(share("trend"), f"clamp_max(1 - ({OBJECTIVE} < 1), {MAX_SHARE})"),
                Recording(NEW_SIGNALS, _without_history("signals")),
                Recording(NEW_ASSESSED, _without_history("assessed")),
                *counted,
            ),
            interval="30s",
        ),
        # Well below the five minutes after which a sample is too old to be seen.
        Group("contactpoint-slow-windows", (*_of_window(SLOW_WINDOW), _inbound()), interval="2m"),
    )


def share_expr(level: str, own: float | None = None, objective: str = OBJECTIVE) -> str:
    """PromQL of the share of bad contacts from which on `level` alerts; nothing at an objective of 100 %."""
    allowed = f"(1 - ({objective} < 1))"
    if own is not None:
        return f"{own:g} * {allowed}"
    lines = [f"    {_factors(level)[0]:g}"]
    for low, high, rise in _segments(level):
        lines.append(f"    + {rise:.3g} * clamp({objective} - {low:g}, 0, {high - low:.2g}) / {high - low:.2g}")
    factor = "\n".join(lines)
    return f"clamp_max(\n  (\n{factor}\n  )\n  * {allowed},\n  {MAX_SHARE}\n)"


def _of_window(window: str) -> list[Recording]:
    bad, all_ = signals(window), assessed(window)
    rules = [
        Recording(bad, f"increase({NEW_SIGNALS}[{window}])"),
        Recording(all_, f"increase({NEW_ASSESSED}[{window}])"),
    ]
    if window != SLOW_WINDOW:
        # Prometheus' increase() may stretch the two a little differently: a share above 1 would be no share.
        rules.append(Recording(ratio(window), f"clamp_max({bad} / ({all_} > 0), 1)"))
    if window not in SHORT_WINDOWS:
        rules.append(Recording(lower_bound(window), wilson(bad, all_)))
    return rules


def _without_history(kind: str) -> str:
    """The counter less its history; a daemon that does not tell its history has none.

    The difference is recorded as a counter of its own: of two increases, each stretched in its own way to the ends of the
    window, it would leave a part of the history. `max`: a daemon that comes back goes on from the store, never below.
    """
    everything, history = gauge(f"{kind}_total"), gauge(f"history_{kind}_total")
    return f"{everything}\n- ({history} or 0 * {everything})"


def _inbound() -> Recording:
    return Recording(INBOUND, increase("contacts_total", SLOW_WINDOW, direction="inbound", without=("direction",)))


def wilson(bad: str, all_: str) -> str:
    """Lower bound of Wilson's interval: three of three bad are at least 53 % bad, fourteen of twenty at least 52 %."""
    square = Z * Z
    spread = f"{bad} * clamp_min({all_} - {bad}, 0) / ({all_} > 0) + {square / 4:g}"
    return f"(\n  {bad} + {square / 2:g}\n  - {Z:g} * sqrt({spread})\n)\n/ (({all_} > 0) + {square:g})"


def _sources() -> tuple[Recording, ...]:
    """The same judgement as `SourceState.reading`; a source that was not tried yet has none here."""
    up, late = gauge("source_up"), f"{BEHIND_POLLS} * {gauge('source_poll_interval_seconds')} + {BEHIND_SECONDS}"
    return (
        Recording(LAG, f"time() - {gauge('source_watermark_timestamp_seconds')}"),
        Recording(BLIND, f"(\n  ({LAG} > bool {late})\n  + ({up} == bool 0)\n  > bool 0\n)\nor {up} >= bool 0"),
    )


def _points() -> tuple[Recording, ...]:
    feeds = gauge("source_info")
    told = f"{feeds}\n  * ignoring (channel, contact_point) group_left () {BLIND}"
    not_read_yet = f"{feeds}\n  unless ignoring (channel, contact_point) {BLIND}"
    return (
        Recording(BLIND_POINT, f"max without (source, kind) (\n  {told}\n  or\n  {not_read_yet}\n)"),
        Recording(TEAM, merged("max", selector("info"), "title", "timezone")),
        Recording(SEEN, f"{TEAM}\nunless ignoring (team) {BLIND_POINT} == 1"),
        Recording(OPEN_AND_SEEN, f"{SEEN}\nand ignoring (team) {gauge('open')} == 1"),
    )


def _monitor() -> tuple[Recording, ...]:
    """Whether a monitor is there, and whether one was."""
    build, facts = selector("build_info"), ("version", "python_version")
    return (
        Recording(MONITOR, merged("max", build, *facts)),
        Recording(MONITOR_GONE, f"{merged('max', f'max_over_time({build}[3d])', *facts)}\nunless {MONITOR}"),
    )
