"""What people are shown of how a wait was measured: the spans that counted, whose policy, the rings. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Final, TypedDict

from monitor.domain.contact import Contact, Wait
from monitor.domain.judge import Judgement
from monitor.domain.limits import counted_spans
from monitor.domain.moments import iso
from monitor.domain.policy import SIGNAL_OF_WAIT, Policy
from monitor.domain.rings import rings_heard

#: So many spans are told of a wait, and of the opening hours around a contact: half a year of working days, at least.
MOST_SPANS: Final = 300


class Rings(TypedDict):
    """What a caller heard. `limit`: the ring that must not begin; None: there is no limit."""

    heard: int
    limit: int | None
    period_seconds: float


class Arithmetic(TypedDict):
    """How long a wait was, span by span. `counted` are [since, until], `counted_left_out` later ones that are not told."""

    counted: list[list[str]]
    counted_left_out: int
    paused: bool  # its clock stood still beside the calendar
    policy: str
    rings: Rings | None  # of the wait while it rings


def arithmetic_of(wait: Wait, policy: Policy, evaluation_time: datetime) -> Arithmetic:
    """Of one wait under the policy that judges it, up to its end or to `evaluation_time`."""
    until = max(wait.until or evaluation_time, wait.since)
    spans = counted_spans(wait, until, policy)
    counted = _told(spans)
    rings: Rings | None = None
    if wait.kind == "ring":
        rule = policy.rules.get(SIGNAL_OF_WAIT["ring"])
        limit = None if rule is None or rule.limit is None else rule.limit.rings
        heard = rings_heard((until - wait.since).total_seconds(), policy.ring_period)
        rings = {"heard": heard, "limit": limit, "period_seconds": policy.ring_period}
    return {
        "counted": counted,
        "counted_left_out": sum(1 for _ in spans),
        "paused": bool(wait.pauses),
        "policy": policy.name,
        "rings": rings,
    }


def opening_hours(
    contact: Contact, judgement: Judgement, policies: Sequence[Policy], evaluation_time: datetime
) -> list[list[str]] | None:
    """The opening hours from the beginning of a contact to its last moment, or the last limit of what still waits there.

    None where no wait of it runs on a calendar, and where they are more than MOST_SPANS.
    """
    on = [policies[wait.stay].calendar_of(wait.kind) for wait in contact.waits]
    calendar = next((each for each in reversed(on) if each is not None), None)
    if calendar is None:
        return None
    due = [each.due_at for each in judgement.running if each.due_at is not None]
    last = max(contact.last, *(wait.until or evaluation_time for wait in contact.waits), *due)
    spans = calendar.open_spans(contact.begun, last)
    told = _told(spans)
    return told if next(spans, None) is None else None


def _told(spans: Iterable[tuple[datetime, datetime]]) -> list[list[str]]:
    return [[iso(since), iso(until)] for since, until in islice(spans, MOST_SPANS)]
