"""Limits and objectives: what each signal means at a contact point, and the defaults of contract section 4."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from typing import Final, Literal, NamedTuple

from monitor.domain.contact import AS_EVER, Reading
from monitor.domain.event import PENDING_ON
from monitor.domain.hours import Calendar

HOUR: Final = 3600.0
DAY: Final = 86400.0


class Limit(NamedTuple):
    """How long a wait may last: seconds, whole opening days, or rings; exactly one is set."""

    seconds: float | None = None
    opening_days: int | None = None
    rings: int | None = None


#: Where the clock of a queue wait begins: at this queue, or at the first one of a call that overflowed.
ClockFrom = Literal["queue", "call"]


class Default(NamedTuple):
    """One row of the table of signals. `wait`: the wait it judges; None for signals that come from marks."""

    objective: float
    wait: str | None
    limit: Limit | None = None
    clock: Literal["calendar", "always"] = "always"
    inclusive: bool = False  # True: a wait of exactly the limit is a breach; False: it must be longer
    times: int | None = None  # how many transfers or changes of owner are still good
    setting: str | None = "after"  # the key of a policy that sets the limit, or what stands for one
    pauses: frozenset[str] = frozenset()  # whose pending stops its clock (`event.PENDING_ON`)
    below: float | None = None  # a score lower than this is bad
    off: bool = False  # falls only where a policy names it


#: Contract section 4.
DEFAULTS: Final[Mapping[str, Default]] = {
    "slow_answer": Default(0.90, "ring", Limit(rings=5), inclusive=True, setting="rings"),
    "long_wait": Default(0.80, "queue", Limit(20.0)),
    "long_hold": Default(0.98, "hold", Limit(120.0), inclusive=True),
    "turned_away": Default(0.99, None, setting=None),
    "abandoned": Default(0.95, None, setting="ignore_under"),
    "missed_callback": Default(0.90, "callback", Limit(4 * HOUR), clock="calendar"),
    "handed_on": Default(0.95, None, times=1, setting="times"),
    "late_reply": Default(0.90, "reply", Limit(4 * HOUR), clock="calendar"),
    "late_follow_up": Default(0.90, "follow_up", Limit(8 * HOUR), clock="calendar"),
    "slipped_promise": Default(0.95, "promise", Limit(0.0), setting="grace"),
    "late_resolution": Default(0.85, "resolution", Limit(opening_days=3), clock="calendar", pauses=frozenset(PENDING_ON)),
    "reopened": Default(0.95, None, setting=None),
    "passed_around": Default(0.95, None, times=2, setting="times"),
    "escalated": Default(0.97, None, setting=None),
    "low_rating": Default(0.90, None, setting="below", below=0.5),
    "refusal": Default(0.95, None, setting=None, off=True),
    "canned_reply": Default(0.95, None, setting=None, off=True),
    "asked_again": Default(0.95, None, setting=None, off=True),
    "repeat_contact": Default(0.80, None, Limit(7 * DAY), setting="within"),
    "lost_context": Default(0.95, None, setting=None),
    "complaint_overdue": Default(1.0, "complaint", Limit(7 * DAY), setting="warn"),
}

#: When a promise is due that names no time (contract section 4).
UNSTATED: Final = Limit(opening_days=2)

#: A wait is judged by one signal.
SIGNAL_OF_WAIT: Final[Mapping[str, str]] = {row.wait: signal for signal, row in DEFAULTS.items() if row.wait is not None}

#: Waits of which a warning may be given before the limit falls: what waits on the line is over before anybody has read it,
#: and a complaint's own limit lies before its deadline already.
WARNABLE: Final = frozenset(("callback", "reply", "follow_up", "promise", "resolution"))

#: A caller who gave up and is answered within this, having called again, was not lost for good.
RECOVERED_WITHIN_SECONDS: Final = 900.0

#: An abandon shorter than this is counted apart (contract section 4).
IGNORE_UNDER_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Rule:
    """One signal at one contact point. `calendar` None: its clock never stops."""

    signal: str
    objective: float
    limit: Limit | None = None
    calendar: Calendar | None = None
    inclusive: bool = False
    times: int = 0
    clock_from: ClockFrom = "queue"
    pauses: frozenset[str] = frozenset()  # whose pending stops its clock
    below: float = 0.0  # of ratings: lower is bad
    unstated: Limit | None = None  # promises: when one is due that names no time; opening days of the policy's calendar
    warn_before: float | None = None  # seconds of the rule's clock before the limit falls; None: no warning is wanted


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules of a contact point; a signal that is missing is off there.

    `ring_period` is in seconds (`rings.ring_period`). The limit of `complaint_overdue` is how long before the sector's
    deadline the signal falls; the deadline itself comes from the sector's table.
    """

    name: str
    rules: Mapping[str, Rule]
    calendar: Calendar | None
    timezone: tzinfo
    ring_period: float
    ignore_under_seconds: float = IGNORE_UNDER_SECONDS
    recovered_within_seconds: float = RECOVERED_WITHIN_SECONDS
    reading: Reading = AS_EVER
    #: What `judge` has worked out of the rules: by wait, its limit where that is a plain span of time.
    spans: dict[str, timedelta | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    def calendar_of(self, wait: str) -> Calendar | None:
        """The calendar on which the length of this kind of wait is measured."""
        rule = self.rules.get(SIGNAL_OF_WAIT[wait])
        if rule is not None:
            return rule.calendar
        return self.calendar if DEFAULTS[SIGNAL_OF_WAIT[wait]].clock == "calendar" else None
