"""The PromQL that several boards share. Only metrics of the catalogue, no recorded rule; 2.42 is enough.

Ratios are sums divided by sums, behind a `> 0`; counts that people read are rounded; a correction by the source is taken off.
"""

import math
from collections.abc import Sequence
from typing import Final

from monitor.domain.policy import SIGNAL_OF_WAIT
from monitor.domain.snapshot import BEHIND_POLLS, BEHIND_SECONDS
from monitor.publish.alert_facts import LENGTHS, LONGEST
from monitor.publish.rules.burn import ON_THE_LINE, SEVERAL
from monitor.publish.rules.windows import share_expr, wilson

#: The contact points that the reader chose.
CHOSEN: Final = 'channel=~"$channel", contact_point=~"$contact_point"'

#: Signals that stand for a contact point, the first that it has: service level, else rings, else first replies.
FIRST_SIGNALS: Final = ("long_wait", "slow_answer", "late_reply")

POINT: Final = ("channel", "contact_point")
BY_SIGNAL: Final = (*POINT, "signal")
BY_WAIT: Final = (*POINT, "wait")

#: The chosen contact points themselves. Figures of a range outlive the monitor; joined with these they end with it.
HERE: Final = f'max by (channel, contact_point) (contactpoint_info{{{CHOSEN}, team=~"$team"}})'

#: What stands for "not known" in a count, a duration or a share, none of which can be below 0.
NOT_KNOWN: Final = -1

#: Waits of one customer that run beside each other: a caller in a queue hears it ring as well, and counts once.
_ANSWER: Final = "ring|queue"
#: Waits in which somebody is on the line or stands before us.
PEOPLE: Final = f"{_ANSWER}|hold"

#: Where a contact point stands now, worst first; within each, `used` of its limit is added.
OVER, LATE, AT_RISK, UNSEEN, FINE, CLOSED = 600_000, 500_000, 400_000, 300_000, 200_000, 100_000
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: Lengths of time below so many seconds, in units of so many, called; the last has no end.
_UNITS: Final = (*LENGTHS, (math.inf, *LONGEST))
#: No wait has used more of its limit, as shown.
_MOST_USED: Final = 9_999


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


def grown(name: str, labels: Sequence[str], window: str, matchers: str = CHOSEN) -> str:
    """How much a counter of verdicts grew, exactly: counters are kept in the store and never fall.

    Of two `increase`, each stretched in its own way to the ends of the window, a difference would leave a part of the history.
    """
    counter = f"contactpoint_{name}{{{matchers}}}"
    first = f"min {_by(BY_SIGNAL)} (min_over_time({counter}[{window}]))"
    return f"sum {_by(labels)} (max {_by(BY_SIGNAL)} ({counter}) - {first})"


def wrong_lately(labels: Sequence[str], window: str, matchers: str = CHOSEN) -> str:
    """The same as `wrong` without history: what was counted more than an hour after it fell (imported, first read, caught up)."""
    raised, history, retracted = (
        grown(f"{name}_total", labels, window, matchers) for name in ("signals", "history_signals", "signals_retracted")
    )
    return f"clamp_min({raised} - {history} - {retracted}, 0)"


def judged_lately(labels: Sequence[str], window: str, matchers: str = CHOSEN) -> str:
    """The same as `judged` without history."""
    all_, history = (grown(f"{name}_total", labels, window, matchers) for name in ("assessed", "history_assessed"))
    return f"({all_} - {history})"


def kept_share(window: str, matchers: str = CHOSEN) -> str:
    """Share of verdicts without the signal, by signal; no figure where nothing was judged.

    Prometheus stretches the two counts a little differently: where all went wrong, more than all may seem to have.
    """
    return f"clamp_min(1 - {wrong(BY_SIGNAL, window, matchers)} / ({judged(BY_SIGNAL, window, matchers)} > 0), 0)"


def here(expr: str) -> str:
    """`expr` of the chosen contact points that the monitor watches now."""
    return f"({expr}) and on (channel, contact_point) {HERE}"


def near_a_page(window: str) -> str:
    """How near each contact point is to ContactPointFastBurn, by signal: at 1 the long window of the alert is met."""
    matchers = f'{CHOSEN}, signal=~"{"|".join(ON_THE_LINE)}"'
    bad, all_ = wrong_lately(BY_SIGNAL, window, matchers), judged_lately(BY_SIGNAL, window, matchers)
    line = share_expr("page", objective=gauge("objective_ratio", BY_SIGNAL, matchers))
    return f"({wilson(bad, all_)}) / ({line} > 0) and {bad} >= {SEVERAL}"


def titled(expr: str) -> str:
    """`expr` of the chosen contact points that the monitor watches now, with their titles."""
    titles = f'max by (channel, contact_point, title) (contactpoint_info{{{CHOSEN}, team=~"$team"}})'
    return f"({expr}) * on (channel, contact_point) group_left (title) {titles}"


def or_sentence(expr: str, label: str, sentence: str, known: str) -> str:
    """`expr`; where it brings nothing but `known` brings something, one line without a figure that says why, as `label`.

    Grafana shows a table of several empty queries as bare headings, and what the panel says of no data nowhere.
    """
    return f'({expr}) or on () label_replace(NaN * max({known}), "{label}", "{sentence}", "", "")'


def first_signal() -> str:
    """The objective of the first signal of each contact point: wait in the queue, else rings, else first reply."""
    each = (gauge("objective_ratio", BY_SIGNAL, f'{CHOSEN}, signal="{signal}"') for signal in FIRST_SIGNALS)
    return " or on (channel, contact_point) ".join(each)


def of_first_signal(expr: str) -> str:
    """`expr` by signal, of the signal that stands for each contact point."""
    return f"{expr} and on (channel, contact_point, signal) ({first_signal()})"


def service_level(window: str) -> str:
    """The share kept of the first signal, by contact point and signal.

    Over `long_wait` this is formula SL-D: who gave up before the limit is not judged, who waited beyond it counts.
    """
    matchers = f'{CHOSEN}, signal=~"{"|".join(FIRST_SIGNALS)}"'
    return of_first_signal(kept_share(window, matchers))


def customers(waits: str, name: str = "waiting") -> str:
    """Customers in these waits (`waiting` or `overdue`), each once."""
    stage = (
        f'label_replace(label_replace(contactpoint_{name}{{{CHOSEN}, wait=~"{waits}"}}, "stage", "$1", "wait", "(.+)"), '
        f'"stage", "answer", "wait", "{_ANSWER}")'
    )
    return f"sum {_by(POINT)} (max {_by((*POINT, 'stage'))} ({stage}) and on (channel, contact_point) {HERE})"


def age(waits: str = ".+") -> str:
    """How long the longest running wait has lasted by the clock, in seconds, by wait."""
    since = f'contactpoint_oldest_wait_start_timestamp_seconds{{{CHOSEN}, wait=~"{waits}"}}'
    return f"max {_by(BY_WAIT)} (time() - {since})"


def used() -> str:
    """How much of its limit the longest running wait has used, by wait: 1 is all of it, in opening hours where these count.

    Where no limit has a fixed length (a promise, whole opening days) it is 1 when some are over, else 0.
    """
    lasted = (
        f'max {_by(BY_WAIT)} (time() - contactpoint_oldest_wait_start_timestamp_seconds{{{CHOSEN}, wait=~"{PEOPLE}"}}'
        f' or contactpoint_oldest_wait_business_seconds{{{CHOSEN}, wait!~"{PEOPLE}"}})'
    )
    share = f"clamp_max({lasted} / on (channel, contact_point, wait) ({limit_of_wait('.+')} > 0), {_MOST_USED})"
    return f"({share} or ({gauge('overdue', BY_WAIT)} > bool 0))"


def urgency_of_waits() -> str:
    """Where each wait in which somebody waits stands: OVER, LATE, AT_RISK or FINE, plus what is used of its limit."""
    people, letters = (gauge("overdue", BY_WAIT, f'{CHOSEN}, wait{sign}"{PEOPLE}"') for sign in ("=~", "!~"))
    passed = f"({OVER} * ({people} > bool 0) or {LATE} * ({letters} > bool 0)) > 0"
    near = f"{AT_RISK} * ({used()} >= bool 0.8)"
    return f"({used()} + clamp_min({passed} or {near}, {FINE}) and {gauge('waiting', BY_WAIT)} > 0)"


def worst_wait() -> str:
    """The most urgent wait of each contact point where somebody waits."""
    return here(f"topk by (channel, contact_point) (1, {urgency_of_waits()})")


def standing() -> str:
    """Where each contact point stands: that of its most urgent wait; what is closed is not urgent for those who write."""
    worst = f"max {_by(POINT)} ({urgency_of_waits()})"
    opened = f"{gauge('open', POINT)} == 1"
    return (
        f"{worst} >= {OVER} or ({worst} and {opened}) or {UNSEEN} * ({HERE} unless {gauge('waiting', POINT)})"
        f" or {FINE} * ({HERE} and {opened}) or {CLOSED} * {HERE}"
    )


def in_units(seconds: str, label: str) -> str:
    """Lengths of time as a label in people's units: "18 s", "26 min", "35 h", "14 days", each rounded as alerts round them."""
    parts, low = [], 0.0
    for high, unit, word in _UNITS:
        within = f"{seconds} >= {low:g} < {high:g}" if high < math.inf else f"{seconds} >= {low:g}"
        low = high
        whole = f'count_values {_by(BY_WAIT)} ("{label}", round(({within}) / {unit}))'
        parts.append(f'label_replace({whole}, "{label}", "$1 {word}", "{label}", "(.+)")')
    return " or ".join(parts)


def limit_of_wait(wait: str) -> str:
    """The limit of these waits by contact point, with the wait as a label; limits are configured by signal."""
    limits = gauge("limit_seconds", BY_SIGNAL)
    for each, signal in SIGNAL_OF_WAIT.items():
        limits = f'label_replace({limits}, "wait", "{each}", "signal", "{signal}")'
    here = f'contactpoint_wait_seconds_count{{{CHOSEN}, wait=~"{wait}"}}'
    return f"(max {_by(BY_WAIT)} ({limits}) and on (channel, contact_point, wait) {here})"


def quantile(q: float, metric: str, window: str, matchers: str) -> str:
    """A quantile; no figure where nothing was observed."""
    buckets = f"sum by (le) (increase(contactpoint_{metric}_bucket{{{matchers}}}[{window}]))"
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


def of_week(name: str, weeks_ago: int) -> str:
    """`report_week_assessed` or `report_week_signals` of one week, by contact point and signal."""
    that_week = f"{each_week(name)} and on (week_start) {week_starting(weeks_ago)}"
    return here(f"max {_by(BY_SIGNAL)} ({that_week})")


def each_week(name: str, matchers: str = CHOSEN) -> str:
    """`report_week_assessed` or `report_week_signals` of every week that is told, by signal, with the week as a label."""
    return gauge(f"report_week_{name}", (*BY_SIGNAL, "week_start"), matchers)


def share_of_week(weeks_ago: int) -> str:
    """The share kept in one week, by contact point and signal."""
    return f"1 - ({of_week('signals', weeks_ago)}) / (({of_week('assessed', weeks_ago)}) > 0)"


def too_many(weeks_ago: int) -> str:
    """How many more contacts went wrong in one week than the objective allows; below 0: how many more might have."""
    allowed = f"(1 - {gauge('objective_ratio', BY_SIGNAL)}) * ({of_week('assessed', weeks_ago)})"
    return f"({of_week('signals', weeks_ago)}) - {allowed}"


def points(difference: str) -> str:
    """A difference of shares in points, to a tenth: what is computed in fractions is never quite 0."""
    return f"round(1000 * ({difference})) / 10"


def met(share: str, objective: str) -> str:
    """The share where it meets its objective."""
    return f"({share}) >= ({objective}) - 1e-9"


def missed(share: str, objective: str) -> str:
    """The share where it misses its objective."""
    return f"({share}) < ({objective}) - 1e-9"


def short_week(expr: str) -> str:
    """`expr` with a label `week` that calls the week by its Monday, "23 Nov", beside `week_start`."""
    for number, month in enumerate(_MONTHS, start=1):
        expr = f'label_replace({expr}, "week", "$1 {month}", "week_start", "....-{number:02}-0?(.+)")'
    return expr


#: How each source stands, as `SourceState.reading` judges it: 2 behind, 1 read, 0 down, -1 not read yet.
SOURCE_STATE: Final = (
    "(max by (source) (contactpoint_source_up) * on (source) (1 + ((time() - max by (source) "
    "(contactpoint_source_watermark_timestamp_seconds)) > bool "
    f"({BEHIND_POLLS} * max by (source) (contactpoint_source_poll_interval_seconds) + {BEHIND_SECONDS}))) "
    "or 2 * max by (source) (contactpoint_source_up) or 0 * max by (source) (contactpoint_source_poll_interval_seconds) - 1)"
)
