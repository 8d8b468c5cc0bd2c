"""What has been counted for one contact, and what a new evaluation of it adds: the arithmetic that makes counting exactly-once.

Everything that can be counted of a contact has a name: the contact itself (`c`), an outcome (`o:KEY`), a wait measured
(`w:WAIT:KEY`), what is merely tallied (`t:TALLY:KEY`), a verdict fallen (`a:SIGNAL:KEY`), a signal (`s:SIGNAL:KEY`). The names
counted so far are kept with the contact. Evaluating it again, after more events or more time, counts only new names, so that
reading anything twice changes nothing. A signal that is no longer true is retracted: counters do not go down, the exact weekly
figures do.

Where history was judged anew by other limits (`Counting.anew`), weeks and lists hold the new verdicts and counters what they
held: from then on a contact keeps both (`Entry.judged`). What later events change of its verdicts counts in both, once.

Seconds are summed in 1/1024: such sums have no rounding, so that a sum over sources cannot come back a hair lower after
a restart, which Prometheus would read as a counter reset.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final, NamedTuple

from monitor.domain.contact import Contact
from monitor.domain.judge import Decided, Judgement, Measured, Verdict
from monitor.domain.snapshot import RING_BUCKETS, TotalKey, WeekKey

#: What is counted more than this after the moment at which it fell is history: an import, the first read of a mailbox, what
#: was caught up after an outage. Nobody is called out of bed for it.
HISTORY_AFTER: Final = timedelta(hours=1)


@dataclass(slots=True)
class Deltas:
    """What one transaction adds to totals and weeks. Filled by `count`, contact after contact."""

    totals: defaultdict[TotalKey, float] = field(default_factory=lambda: defaultdict(float))
    weeks: dict[WeekKey, tuple[int, int]] = field(default_factory=dict)

    def add_week(self, key: WeekKey, assessed: int, signals: int) -> None:
        have = self.weeks.get(key, (0, 0))
        self.weeks[key] = (have[0] + assessed, have[1] + signals)


class Counting(NamedTuple):
    """Where an evaluation adds what it counts, the bucket bounds (seconds, by wait) it counts by, and when it does."""

    deltas: Deltas
    bounds: Mapping[str, tuple[float, ...]]
    now: datetime  # by our clock, not the sources'
    #: History is judged anew: weeks follow, and of the counters those alone of limits that have fallen in waits that still run,
    #: in contacts that were known to wait (`Entry.waits`): they are no history.
    anew: bool = False
    source: tuple[str, str] = ("", "")  # whose contacts they are: its name and type


class Entry(NamedTuple):
    """Under which contact point and week (its Monday) a contact is counted, and what has been counted of it there before."""

    contact_point: str
    week: str
    counted: frozenset[str] = frozenset()
    counted_week: str | None = None  # the week it was counted in; None: it was not
    begun: bool = True  # whether the contact began at this contact point, and counts there as one
    #: What was counted of it at other contact points that does not count twice: all but verdicts.
    elsewhere: frozenset[str] = frozenset()
    #: The verdicts (and what is tallied) that weeks and reports show of it, where it was judged anew and they are not those that
    #: were counted; None: they are.
    judged: frozenset[str] | None = None
    waits: bool = True  # whether something was known to go on in it

    @property
    def moved(self) -> bool:
        """Whether it belongs to another week than the one it was counted in: an earlier event came late."""
        return self.counted_week is not None and self.counted_week != self.week

    @property
    def held(self) -> frozenset[str]:
        """The names of the verdicts that its week holds, among others."""
        return self.counted if self.judged is None else self.judged


class Booked(NamedTuple):
    """What is kept of a counted contact at a contact point (see `Entry`), and the signals counted for the first time."""

    names: frozenset[str]
    judged: frozenset[str] | None
    fallen: list[Verdict]


def shown_of(names: Iterable[str]) -> frozenset[str]:
    """Those of the names that limits decide: verdicts, signals, and what is tallied."""
    return frozenset(name for name in names if name[0] in "ast")


@lru_cache(maxsize=1024)
def le_label(bound: float) -> str:
    """A bucket bound as the Python client prints it: `30.0`, `+Inf`."""
    return repr(float(bound)) if bound != float("inf") else "+Inf"


def bucket(bounds: tuple[float, ...], value: float) -> str:
    """The label of the smallest bound that is not below `value`."""
    index = bisect_left(bounds, value)
    return le_label(bounds[index]) if index < len(bounds) else "+Inf"


def count(contact: Contact, judgement: Judgement, entry: Entry, counting: Counting) -> Booked:
    """Adds to `counting.deltas` what is new."""
    totals = counting.deltas.totals if not counting.anew else defaultdict[TotalKey, float](float)
    names = {"c"} if entry.begun else set()
    if entry.begun and "c" not in entry.counted and "c" not in entry.elsewhere:
        totals["contacts_total", (contact.channel, entry.contact_point, contact.direction)] += 1.0
    if judgement.outcomes:
        _count_outcomes(judgement.outcomes, contact.channel, entry, totals, names)
    if judgement.measured:
        _count_measured(judgement.measured, contact.channel, entry, counting.bounds, totals, names)
    for tally, key, _ in judgement.tallied:
        name = f"t:{tally}:{key}"
        names.add(name)
        if name not in entry.counted and name not in entry.elsewhere:
            labels = counting.source if tally == "source_verdicts_differ" else (contact.channel, entry.contact_point)
            totals[f"{tally}_total", labels] += 1.0
    fallen, uncounted = _count_verdicts(judgement.verdicts, contact.channel, entry, counting, names)
    return _booked(contact.channel, entry, counting, names, uncounted, fallen)


def _booked(
    channel: str, entry: Entry, counting: Counting, names: set[str], uncounted: set[str], fallen: list[Verdict]
) -> Booked:
    """Takes out of the week what is true no longer. `uncounted`: those of `names` that no counter holds."""
    held, deltas = entry.held, counting.deltas
    gone = held - names
    if entry.moved and entry.counted_week is not None:
        _add_weeks(held, entry.contact_point, entry.counted_week, -1, deltas)
        _add_weeks(names, entry.contact_point, entry.week, 1, deltas)
    elif gone:
        _add_weeks(gone, entry.contact_point, entry.week, -1, deltas)
    # What is neither assessed nor a signal counts once for ever, even if it vanishes and comes back. A verdict that was judged
    # away stays with the counters, which hold it, until a later event of its contact takes it back or brings it again.
    stays = entry.counted - names
    if not counting.anew:
        _retract(channel, entry.contact_point, gone & entry.counted, deltas.totals)
        stays = frozenset(name for name in stays if name[0] not in "as" or name not in held)
    kept = frozenset((names | stays) - uncounted)
    decided = "ast" if counting.anew or entry.judged is not None else "as"
    apart = uncounted or any(name[0] in decided for name in stays)
    return Booked(kept, shown_of(names) if apart else None, fallen)


def take_back(channel: str, point: str, entry: Entry, deltas: Deltas) -> None:
    """Takes back what was counted of a contact at a contact point: its signals are retracted, its week is without it.

    Other counters keep it.
    """
    _retract(channel, point, entry.counted, deltas.totals)
    if entry.counted_week is not None:
        _add_weeks(entry.held, point, entry.counted_week, -1, deltas)


def _count_outcomes(
    outcomes: Iterable[Decided], channel: str, entry: Entry, totals: defaultdict[TotalKey, float], names: set[str]
) -> None:
    point, counted = entry.contact_point, entry.counted
    for key, outcome, in_target, _, _ in outcomes:
        name = "o:" + key
        names.add(name)
        if name not in counted and name not in entry.elsewhere:
            totals["outcomes_total", (channel, point, outcome, "true" if in_target else "false")] += 1.0


def _count_measured(
    measured: Iterable[Measured], channel: str, entry: Entry, bounds: Mapping[str, tuple[float, ...]],
    totals: defaultdict[TotalKey, float], names: set[str],
) -> None:  # fmt: skip
    point, counted = entry.contact_point, entry.counted
    for wait, key, seconds, rings, _ in measured:
        name = f"w:{wait}:{key}"
        names.add(name)
        if name in counted or name in entry.elsewhere:
            continue
        totals["wait_seconds_bucket", (channel, point, wait, bucket(bounds[wait], seconds))] += 1.0
        totals["wait_seconds_sum", (channel, point, wait)] += round(seconds * 1024) / 1024  # exact in any order
        if rings is not None:
            totals["rings_bucket", (channel, point, bucket(RING_BUCKETS, rings))] += 1.0
            totals["rings_sum", (channel, point)] += rings


def _count_verdicts(
    verdicts: Iterable[Verdict], channel: str, entry: Entry, counting: Counting, names: set[str]
) -> tuple[list[Verdict], set[str]]:
    """Counts what fell. The signals among it that are new, and the names of what is true and in no counter."""
    deltas, history_until = counting.deltas, counting.now - HISTORY_AFTER
    totals, counted, held = deltas.totals, entry.counted, entry.held
    point, moved = entry.contact_point, entry.moved
    fallen: list[Verdict] = []
    uncounted: set[str] = set()
    for verdict in verdicts:
        signal, key, state, at, wait = verdict[:5]
        if state == "open" or state == "void":
            continue
        counts = not counting.anew or (entry.waits and wait is not None and wait.until is None)
        labels, is_history = (channel, point, signal), at is not None and at < history_until
        name = f"a:{signal}:{key}"
        names.add(name)
        assessed, fell, lacks = name not in held, False, name not in counted
        counts_here = lacks and assessed and counts
        if state == "breached":
            signal_name = f"s:{signal}:{key}"
            names.add(signal_name)
            fell = signal_name not in held
            if signal_name not in counted:
                if fell and counts:
                    counts_here = lacks  # no signal is counted without its assessment: a share is never above 1
                    fallen.append(verdict)
                    totals["signals_total", labels] += 1.0
                    if is_history:
                        totals["history_signals_total", labels] += 1.0
                else:
                    uncounted.add(signal_name)
        if counts_here:
            totals["assessed_total", labels] += 1.0
            if is_history:
                totals["history_assessed_total", labels] += 1.0
        elif lacks:
            uncounted.add(name)
        if (assessed or fell) and not moved:
            deltas.add_week((point, signal, entry.week), int(assessed), int(fell))
    return fallen, uncounted


def _retract(channel: str, point: str, names: Iterable[str], totals: defaultdict[TotalKey, float]) -> None:
    for name in names:
        if name[0] == "s":
            totals["signals_retracted_total", (channel, point, name.split(":", 2)[1])] += 1.0


def _add_weeks(names: Iterable[str], point: str, week: str, sign: int, deltas: Deltas) -> None:
    for name in names:
        if name[0] in "as":
            kind, signal, _ = name.split(":", 2)
            deltas.add_week((point, signal, week), sign if kind == "a" else 0, sign if kind == "s" else 0)


def week_start(moment: datetime, timezone: tzinfo, weeks_before: int = 0) -> str:
    """The Monday of the ISO week in which `moment` lies in that zone, or of one so many weeks before, as an ISO date."""
    return _monday(moment.astimezone(timezone).toordinal() - 7 * weeks_before)


@lru_cache(maxsize=1024)
def _monday(day: int) -> str:
    date = datetime.fromordinal(day).date()
    return (date - timedelta(days=date.weekday())).isoformat()
