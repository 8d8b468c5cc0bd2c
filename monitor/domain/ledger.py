"""What has been counted for one contact, and what a new look at it adds: the arithmetic that makes counting exactly-once.

Everything that can be counted of a contact has a name: the contact itself (`c`), an outcome (`o:KEY`), a wait measured
(`w:WAIT:KEY`), a verdict fallen (`a:SIGNAL:KEY`), a signal (`s:SIGNAL:KEY`). The names counted so far are kept with the
contact. Looking again, after more events or more time, counts only new names, so that reading anything twice changes
nothing. A signal that is no longer true is retracted: counters do not go down, the exact weekly figures do.

Seconds are summed in 1/1024: such sums have no rounding, so that a sum over sources cannot come back a hair lower after
a restart, which Prometheus would read as a counter reset.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache

from monitor.domain.contact import Contact
from monitor.domain.judge import Judgement, Verdict
from monitor.domain.snapshot import RING_BUCKETS

TotalKey = tuple[str, tuple[str, ...]]
WeekKey = tuple[str, str, str]


@dataclass(slots=True)
class Deltas:
    """What one transaction adds to totals and weeks. Filled by `count`, contact after contact."""

    totals: defaultdict[TotalKey, float] = field(default_factory=lambda: defaultdict(float))
    weeks: dict[WeekKey, tuple[int, int]] = field(default_factory=dict)

    def add_week(self, key: WeekKey, assessed: int, signals: int) -> None:
        have = self.weeks.get(key, (0, 0))
        self.weeks[key] = (have[0] + assessed, have[1] + signals)


@lru_cache(maxsize=1024)
def le_label(bound: float) -> str:
    """A bucket bound as the Python client prints it: `30.0`, `+Inf`."""
    return repr(float(bound)) if bound != float("inf") else "+Inf"


def bucket(bounds: tuple[float, ...], value: float) -> str:
    """The label of the smallest bound that is not below `value`."""
    index = bisect_left(bounds, value)
    return le_label(bounds[index]) if index < len(bounds) else "+Inf"


def count(
    contact: Contact, judgement: Judgement, point: str, bounds: Mapping[str, tuple[float, ...]],
    week: str, counted: frozenset[str], counted_week: str | None, out: Deltas,
) -> tuple[set[str], list[Verdict]]:  # fmt: skip
    """Adds to `out` what is new at contact point `point`.

    Returns the names that are counted from now on, and the signals counted for the first time. `week` is the week the
    contact belongs to now, `counted_week` the one it was counted in before, if it was.
    """
    totals = out.totals
    channel = contact.channel
    names = {"c"}
    if "c" not in counted:
        totals["contacts_total", (channel, point, contact.direction)] += 1.0
    for key, outcome, in_target, _ in judgement.outcomes:
        name = "o:" + key
        names.add(name)
        if name not in counted:
            totals["outcomes_total", (channel, point, outcome, "true" if in_target else "false")] += 1.0
    for wait, key, seconds, rings in judgement.measured:
        name = f"w:{wait}:{key}"
        names.add(name)
        if name not in counted:
            totals["wait_seconds_bucket", (channel, point, wait, bucket(bounds[wait], seconds))] += 1.0
            totals["wait_seconds_sum", (channel, point, wait)] += round(seconds * 1024) / 1024  # exact in any order
            if rings is not None:
                totals["rings_bucket", (channel, point, bucket(RING_BUCKETS, rings))] += 1.0
                totals["rings_sum", (channel, point)] += rings
    moved = counted_week is not None and counted_week != week  # an earlier event came late
    fallen = []
    for verdict in judgement.verdicts:
        signal, key, state = verdict[:3]
        if state == "open" or state == "void":
            continue
        name = f"a:{signal}:{key}"
        names.add(name)
        assessed = name not in counted
        fell = False
        if assessed:
            totals["assessed_total", (channel, point, signal)] += 1.0
        if state == "breached":
            name = f"s:{signal}:{key}"
            names.add(name)
            fell = name not in counted
            if fell:
                fallen.append(verdict)
                totals["signals_total", (channel, point, signal)] += 1.0
        if (assessed or fell) and not moved:
            out.add_week((point, signal, week), int(assessed), int(fell))
    gone = counted - names
    for name in gone:
        if name[0] == "s":
            totals["signals_retracted_total", (channel, point, name.split(":", 2)[1])] += 1.0
    if moved and counted_week is not None:
        _add_weeks(counted, point, counted_week, -1, out)
        _add_weeks(names, point, week, 1, out)
    else:
        _add_weeks(gone, point, week, -1, out)
    # what is neither assessed nor a signal counts once for ever, even if it vanishes and comes back
    names.update(name for name in gone if name[0] not in "as")
    return names, fallen


def _add_weeks(names: Iterable[str], point: str, week: str, sign: int, out: Deltas) -> None:
    for name in names:
        if name[0] in "as":
            kind, signal, _ = name.split(":", 2)
            out.add_week((point, signal, week), sign if kind == "a" else 0, sign if kind == "s" else 0)


def week_start(moment: datetime, timezone: tzinfo) -> str:
    """The Monday of the ISO week in which `moment` lies in that zone, as an ISO date."""
    return _monday(moment.astimezone(timezone).toordinal())


@lru_cache(maxsize=1024)
def _monday(day: int) -> str:
    date = datetime.fromordinal(day).date()
    return (date - timedelta(days=date.weekday())).isoformat()
