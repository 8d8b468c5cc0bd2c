"""The PromQL that several boards share. Only metrics of the catalogue, no recorded rule; 2.42 is enough.

Ratios are sums divided by sums, behind a `> 0`; counts that people read are rounded; a correction by the source is taken off.
"""

from collections.abc import Sequence
from typing import Final

from monitor.domain.policy import SIGNAL_OF_WAIT

#: The contact points that the reader chose.
CHOSEN: Final = 'channel=~"$channel", contact_point=~"$contact_point"'

POINT: Final = ("channel", "contact_point")
BY_SIGNAL: Final = (*POINT, "signal")
BY_WAIT: Final = (*POINT, "wait")

#: What stands for "not known" in a count, a duration or a share, none of which can be below 0.
NOT_KNOWN: Final = -1
#: The same in a budget, which can: what is left is never shown as less than nine times overspent.
NO_BUDGET: Final = -1000

#: Waits of one customer that run beside each other: a caller in a queue hears it ring as well, and counts once.
_ANSWER: Final = "ring|queue"
#: The waits in which somebody waits for us this minute or for an answer in writing; the others run beside these.
_WAITING: Final = f"{_ANSWER}|hold|reply|follow_up"


def _by(labels: Sequence[str]) -> str:
    return f"by ({', '.join(labels)})"


def gauge(name: str, labels: Sequence[str], matchers: str = CHOSEN) -> str:
    """A gauge by these labels; the highest where several targets export it (a restart elsewhere)."""
    return f"max {_by(labels)} (contactpoint_{name}{{{matchers}}})"


def counted(name: str, labels: Sequence[str], window: str, matchers: str = CHOSEN) -> str:
    """How much a counter grew, as a whole number."""
    return f"round(sum {_by(labels)} (increase(contactpoint_{name}{{{matchers}}}[{window}])))"


def wrong(labels: Sequence[str], window: str, matchers: str = CHOSEN) -> str:
    """Negative contacts less those that the source took back, as a whole number."""
    raised, retracted = (counted(name, labels, window, matchers) for name in ("signals_total", "signals_retracted_total"))
    return f"clamp_min({raised} - {retracted}, 0)"


def judged(labels: Sequence[str], window: str, matchers: str = CHOSEN) -> str:
    """Verdicts, as a whole number."""
    return counted("assessed_total", labels, window, matchers)


def kept_share(window: str, matchers: str = CHOSEN) -> str:
    """Share of verdicts without the signal, by signal; no figure where nothing was judged."""
    return f"1 - {wrong(BY_SIGNAL, window, matchers)} / ({judged(BY_SIGNAL, window, matchers)} > 0)"


def service_level(window: str) -> str:
    """The share kept of the signal that stands for a contact point: the wait in the queue, else the rings, else the first reply.

    Over `long_wait` this is formula SL-D: who gave up before the limit is not judged, who waited beyond it counts.
    """
    shares = (kept_share(window, f'{CHOSEN}, signal="{signal}"') for signal in ("long_wait", "slow_answer", "late_reply"))
    return " or on (channel, contact_point) ".join(f"({share})" for share in shares)


def objective_of(shares: str) -> str:
    """The objective of the signals in `shares`."""
    return f"{gauge('objective_ratio', BY_SIGNAL)} and on (channel, contact_point, signal) ({shares})"


def budget_left(window: str) -> str:
    """What is left of the contacts that may go wrong, as a share of them, for the signal that has least; 100 % leaves none."""
    allowed = f"((1 - {gauge('objective_ratio', BY_SIGNAL)}) * {judged(BY_SIGNAL, window)}) > 0"
    return f"clamp_min(min {_by(POINT)} (1 - {wrong(BY_SIGNAL, window)} / ({allowed})), -9)"


def customers(name: str, waits: str = _WAITING) -> str:
    """Customers in these waits (`waiting` or `overdue`), each once."""
    stage = (
        f'label_replace(label_replace(contactpoint_{name}{{{CHOSEN}, wait=~"{waits}"}}, "stage", "$1", "wait", "(.+)"), '
        f'"stage", "answer", "wait", "{_ANSWER}")'
    )
    return f"sum {_by(POINT)} (max {_by((*POINT, 'stage'))} ({stage}))"


def longest(labels: Sequence[str] = POINT, waits: str = _WAITING) -> str:
    """The longest running wait in seconds: by the clock for people who are there, in opening hours for what is written."""
    live, written = f'{CHOSEN}, wait=~"ring|queue|hold"', f'{CHOSEN}, wait!~"ring|queue|hold", wait=~"{waits}"'
    return (
        f"max {_by(labels)} (time() - contactpoint_oldest_wait_start_timestamp_seconds{{{live}}}"
        f" or contactpoint_oldest_wait_business_seconds{{{written}}})"
    )


def or_unknown(expr: str, unknown: int = NOT_KNOWN) -> str:
    """`expr` by contact point; where it says nothing about a configured one, a number that is shown as a word."""
    return f"({expr}) or {unknown} * {gauge('info', POINT)}"


def limit_of_wait(wait: str) -> str:
    """The limit of these waits by contact point, with the wait as a label; limits are configured by signal."""
    limits = gauge("limit_seconds", BY_SIGNAL)
    for each, signal in SIGNAL_OF_WAIT.items():
        limits = f'label_replace({limits}, "wait", "{each}", "signal", "{signal}")'
    here = f'contactpoint_wait_seconds_count{{{CHOSEN}, wait=~"{wait}"}}'
    return f"max {_by(BY_WAIT)} ({limits}) and on (channel, contact_point, wait) {here}"


def quantile(q: float, metric: str, window: str, matchers: str, labels: Sequence[str] = ()) -> str:
    """A quantile; no figure where nothing was observed."""
    buckets = f"sum {_by(('le', *labels))} (increase(contactpoint_{metric}_bucket{{{matchers}}}[{window}]))"
    return f"histogram_quantile({q:g}, {buckets}) >= 0"


def week_starting(weeks_ago: int) -> str:
    """One series whose label `week_start` names the Monday of this week (0), the last full one (1) and so on.

    PromQL cannot make a label of a date in one step. The day is that of UTC: around midnight between Sunday and Monday
    the step to the next week comes up to half a day away from that of the contact point's own zone.
    """
    monday = f"(time() - 86400 * ((day_of_week() + 6) % 7 + {7 * weeks_ago}))"
    parts = (
        f'count_values("year", year{monday}) * on () group_left (month) count_values("month", month{monday})'
        f' * on () group_left (day) count_values("day", day_of_month{monday})'
    )
    padded = f'label_replace(label_replace({parts}, "month", "0$1", "month", "(.)"), "day", "0$1", "day", "(.)")'
    return f'label_join({padded}, "week_start", "-", "year", "month", "day")'


def of_week(name: str, weeks_ago: int, matchers: str = CHOSEN) -> str:
    """`report_week_assessed` or `report_week_signals` of one week, by contact point and signal."""
    return f"max {_by(BY_SIGNAL)} (contactpoint_report_week_{name}{{{matchers}}} and on (week_start) {week_starting(weeks_ago)})"


def share_of_week(weeks_ago: int) -> str:
    """The share kept in one week, by contact point and signal."""
    return f"1 - {of_week('signals', weeks_ago)} / ({of_week('assessed', weeks_ago)} > 0)"


#: How each source stands: 2 behind, 1 read, 0 down, -1 not read yet. A watermark may lag three polls and a minute.
SOURCE_STATE: Final = (
    "max by (source) (contactpoint_source_up) * on (source) (1 + ((time() - max by (source) "
    "(contactpoint_source_watermark_timestamp_seconds)) > bool (3 * max by (source) (contactpoint_source_poll_interval_seconds) "
    "+ 60))) or max by (source) (contactpoint_source_up) or 0 * max by (source) (contactpoint_source_poll_interval_seconds) - 1"
)
