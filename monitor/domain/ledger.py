"""What has been counted for one contact, and what a new look at it adds: the arithmetic that makes counting exactly-once.

A look at a contact yields `facts`: contact begun, outcome decided, verdict fallen, wait measured. The names of the facts
that were counted are kept with the contact. Looking again, after more events or more time, counts only facts with new
names, so that reading anything twice changes nothing. A signal that is no longer a fact is retracted: counters do not go
down, the exact weekly figures do.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from monitor.domain.contact import Contact
from monitor.domain.judge import Judgement, Verdict

TotalKey = tuple[str, tuple[str, ...]]
WeekKey = tuple[str, str, str]


class Fact(NamedTuple):
    """One countable thing: the totals it adds to, and the week's share of it."""

    totals: tuple[tuple[str, tuple[str, ...], float], ...]
    signal: str | None = None
    assessed: int = 0
    signals: int = 0
    at: datetime | None = None  # when the verdict fell


@dataclass(slots=True)
class Deltas:
    """What one transaction adds to totals and weeks. Filled by `count`, contact after contact."""

    totals: dict[TotalKey, float] = field(default_factory=lambda: defaultdict(float))
    weeks: dict[WeekKey, tuple[int, int]] = field(default_factory=dict)

    def add_week(self, key: WeekKey, assessed: int, signals: int) -> None:
        have = self.weeks.get(key, (0, 0))
        self.weeks[key] = (have[0] + assessed, have[1] + signals)


def le_label(bound: float) -> str:
    """A bucket bound as the Python client prints it: `30.0`, `+Inf`."""
    return repr(float(bound)) if bound != float("inf") else "+Inf"


def bucket(bounds: tuple[float, ...], value: float) -> str:
    """The label of the smallest bound that is not below `value`."""
    index = bisect_left(bounds, value)
    return le_label(bounds[index]) if index < len(bounds) else "+Inf"


def facts(
    contact: Contact, judgement: Judgement, point: str, bounds: Mapping[str, tuple[float, ...]], ring_bounds: tuple[float, ...]
) -> dict[str, Fact]:
    """All that there is to count of a contact now, by name. `point` is its contact point."""
    base = (contact.channel, point)
    found = {"c": Fact((("contacts_total", (*base, contact.direction), 1.0),))}
    for decided in judgement.outcomes:
        in_target = "true" if decided.in_target else "false"
        found["o:" + decided.key] = Fact((("outcomes_total", (*base, decided.outcome, in_target), 1.0),))
    for wait, key, seconds, rings in judgement.measured:
        totals = (
            ("wait_seconds_bucket", (*base, wait, bucket(bounds[wait], seconds)), 1.0),
            ("wait_seconds_sum", (*base, wait), seconds),
        )
        found[f"w:{wait}:{key}"] = Fact(totals)
        if rings is not None:
            heard = (("rings_bucket", (*base, bucket(ring_bounds, rings)), 1.0), ("rings_sum", base, float(rings)))
            found["r:" + key] = Fact(heard)
    for verdict in judgement.verdicts:
        signal, key, state, at = verdict[:4]
        if state in ("kept", "breached"):
            labels = (*base, signal)
            found[f"a:{signal}:{key}"] = Fact((("assessed_total", labels, 1.0),), signal, assessed=1, at=at)
            if state == "breached":
                found[f"s:{signal}:{key}"] = Fact((("signals_total", labels, 1.0),), signal, signals=1, at=at)
    return found


def count(
    found: Mapping[str, Fact],
    counted: frozenset[str],
    contact: Contact,
    point: str,
    week: str,
    counted_week: str | None,
    out: Deltas,
) -> frozenset[str]:
    """Adds to `out` what is new and returns the names that are counted from now on.

    `week`: the week to which the contact belongs now; `counted_week`: the one it was counted in before, if it was.
    """
    totals = out.totals
    for name in found.keys() - counted:
        for metric, labels, value in found[name].totals:
            totals[metric, labels] += value
    gone = counted - found.keys()
    for name in gone:
        kind, _, rest = name.partition(":")
        if kind == "s":
            totals["signals_retracted_total", (contact.channel, point, rest.partition(":")[0])] += 1.0
    if counted_week is not None and counted_week != week:  # an earlier event came late and moved the contact's beginning
        _add_weeks(counted, point, counted_week, -1, out)
        _add_weeks(found.keys(), point, week, 1, out)
    else:
        _add_weeks(found.keys() - counted, point, week, 1, out)
        _add_weeks(gone, point, week, -1, out)
    # what is neither assessed nor a signal counts once for ever, even if it vanishes and comes back
    return frozenset(found) | {name for name in gone if name[0] not in "as"}


def _add_weeks(names: Iterable[str], point: str, week: str, sign: int, out: Deltas) -> None:
    for name in names:
        kind, _, rest = name.partition(":")
        if kind in ("a", "s"):
            signal = rest.partition(":")[0]
            out.add_week((point, signal, week), sign if kind == "a" else 0, sign if kind == "s" else 0)


def week_start(moment: datetime, timezone: tzinfo) -> str:
    """The Monday of the ISO week in which `moment` lies in that zone, as an ISO date."""
    day = moment.astimezone(timezone).date()
    return (day - timedelta(days=day.weekday())).isoformat()


def signals_of(judgement: Judgement) -> tuple[Verdict, ...]:
    """The breached verdicts: what is listed."""
    return tuple(verdict for verdict in judgement.verdicts if verdict.state == "breached")
