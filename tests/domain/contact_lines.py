"""Events of one contact written as lines, and what is held of it: `call("queued 0", "ringing 2", "answered 14.999")`.

A moment is seconds since Monday 2 November 2026, 09:00 (London is on UTC that week), or `tue@14:30`, or `mon+1@09:00`
for the Monday after. Details follow as `key=value`; a key alone means true. Without `id=` the first `queued` is called
`queued-1`, the second `queued-2`.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from monitor.config.loading import build
from monitor.config.policies import PolicyResolver, calendars
from monitor.domain.contact import Contact
from monitor.domain.event import Channel, Event
from monitor.domain.fold import fold
from monitor.domain.judge import Judgement, judge
from monitor.domain.ledger import Counting, Deltas, Entry, count, week_start
from monitor.domain.merging import merge
from monitor.domain.policy import Policy
from monitor.domain.snapshot import BUCKETS

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
OFFICE = {"hours": {"mon-fri": "09:00-17:30"}, "timezone": "Europe/London"}  # 8.5 h a day
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def at(text: str) -> datetime:
    day, sign, clock = text.partition("@")
    if not sign:
        return START + timedelta(microseconds=int(Decimal(text) * 1_000_000))
    name, _, weeks = day.partition("+")
    hours, minutes, seconds = (*clock.split(":"), "0")[:3]
    micros = int((Decimal(hours) * 3600 + Decimal(minutes) * 60 + Decimal(seconds)) * 1_000_000)
    midnight = START.replace(hour=0) + timedelta(days=_DAYS.index(name) + 7 * int(weeks or 0))
    return midnight + timedelta(microseconds=micros)


def lines_of(channel: Channel, *lines: str) -> list[Event]:
    """The events of one contact, in the order of the lines."""
    events: list[Event] = []
    for line in lines:
        kind, moment, *details = line.split()
        said: dict[str, Any] = {"id": f"{kind}-{1 + sum(event.kind == kind for event in events)}"}
        for detail in details:
            key, sign, value = detail.partition("=")
            said[key] = (
                (at(value) if key in ("due", "since", "until", "after") else {"yes": True, "no": False}.get(value, value))
                if sign
                else True
            )
        events.append(Event(contact="c1", place="queue:support", channel=channel, kind=kind, at=at(moment), **said))
    return events


def call(*lines: str) -> list[Event]:
    return lines_of("phone", *lines)


def email(*lines: str) -> list[Event]:
    return lines_of("email", *lines)


def ticket(*lines: str) -> list[Event]:
    return lines_of("ticket", *lines)


def chat(*lines: str) -> list[Event]:
    return lines_of("chat", *lines)


def policy(channel: Channel, *, hours: bool = False, **signals: Mapping[str, Any] | bool) -> Policy:
    """The defaults of contract section 4 for a channel, in office hours if `hours`, with some signals changed.

    What other contacts of the customer decide is switched off: every contact that he begins would have a verdict of it.
    """
    if signals:
        return _make(channel, hours, signals)
    return _default(channel, hours)


@cache
def _default(channel: Channel, hours: bool) -> Policy:
    return _make(channel, hours, {})


def _make(channel: Channel, hours: bool, signals: Mapping[str, Any]) -> Policy:
    named = {"calendar": "office"} if hours else {}
    raw = {
        "country": "GB",  # a ring every 3 s: the fifth begins at 12 s
        "timezone": "Europe/London",
        "calendars": {"office": OFFICE},
        "sources": {"test": {"type": "events"}},
        "policies": {"tested": {**named, "repeat_contact": False, "lost_context": False, **signals}},
    }
    settings = build(raw)
    return PolicyResolver(settings, calendars(settings)).policy("tested", None, channel)


def folded(events: Iterable[Event], *, reachable: bool = True) -> Contact:
    merged = merge((), events)
    assert merged is not None
    return fold(merged[0].channel, merged, reachable=reachable)


def judged(events: list[Event], look: str, rules: Policy | None = None, *, reachable: bool = True) -> Judgement:
    """What is held of a contact at the moment `look`."""
    return judge(folded(events, reachable=reachable), rules or policy(events[0].channel), at(look))


def verdicts(judgement: Judgement, signal: str) -> list[tuple[str, datetime | None]]:
    return [(each.state, each.at) for each in judgement.verdicts if each.signal == signal]


def expected(text: str) -> list[tuple[str, datetime | None]]:
    """`"kept 12, breached 20.000001, open"` as `verdicts` gives it."""
    parts = [part.split() for part in text.split(",") if part.strip()]
    return [(part[0], at(part[1]) if len(part) > 1 else None) for part in parts]


def outcomes(judgement: Judgement) -> list[str]:
    """`"answered in"`: answered within the target; `"abandoned late"`."""
    return [f"{each.outcome} {'in' if each.in_target else 'late'}" for each in judgement.outcomes]


class Books:
    """Totals, weeks and the counted names of one contact at the contact point `line`, kept as the engine keeps them."""

    def __init__(self, rules: Policy) -> None:
        self.rules = rules
        self.deltas = Deltas()
        self.events: list[Event] = []
        self.counted: frozenset[str] = frozenset()
        self.week: str | None = None
        self.judged: frozenset[str] | None = None
        self.evaluation_time = at("0")

    def evaluate(
        self, events: Iterable[Event], evaluation_time: datetime, now: datetime | None = None, *, anew: bool = False
    ) -> list[str]:
        """Merges events, judges the contact, counts what is new; the signals that have just fallen.

        `now`: when it is counted by our clock; else the moment up to which is judged. `anew`: as history is judged anew.
        """
        self.events = merge(self.events, events) or self.events
        self.evaluation_time = max(self.evaluation_time, evaluation_time)
        contact = fold(self.events[0].channel, self.events, reachable=True)
        week = week_start(contact.begun, self.rules.timezone)
        entry = Entry("line", week, self.counted, self.week, judged=self.judged)
        judgement = judge(contact, self.rules, self.evaluation_time)
        counting = Counting(self.deltas, BUCKETS, now or self.evaluation_time, anew)
        self.counted, self.judged, fallen = count(contact, judgement, entry, counting)
        self.week = week
        return [each.signal for each in fallen]

    def total(self, metric: str, *labels: str) -> float:
        """A total over all whose labels contain these."""
        return sum(value for (name, has), value in self.deltas.totals.items() if name == metric and set(labels) <= set(has))

    def weeks(self) -> dict[tuple[str, str], tuple[int, int]]:
        """(signal, Monday) -> assessed, signals; what is back at nothing is left out."""
        return {(signal, week): sums for (_, signal, week), sums in self.deltas.weeks.items() if any(sums)}
