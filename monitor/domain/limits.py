"""When a limit is used up and how long a wait has lasted: arithmetic over calendars and pauses, no verdicts."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from monitor.domain import complaints
from monitor.domain.contact import CLOSED, Wait
from monitor.domain.event import MICROSECOND
from monitor.domain.hours import Calendar
from monitor.domain.policy import DEFAULTS, SIGNAL_OF_WAIT, UNSTATED, Policy, Rule
from monitor.domain.rings import seconds_until_ring


def under(wait: Wait, policy: Policy) -> Wait:
    """The wait with those pauses alone that stop its clock under a policy, for all that is asked here."""
    if not wait.pauses:
        return wait
    rule = policy.rules.get(SIGNAL_OF_WAIT[wait.kind])
    pausing = DEFAULTS[SIGNAL_OF_WAIT[wait.kind]].pauses if rule is None else rule.pauses
    return wait._replace(
        pauses=tuple(pause for pause in wait.pauses if pause.on == CLOSED or (pause.on or "customer") in pausing)
    )


def due_moment(wait: Wait, rule: Rule, policy: Policy) -> datetime | None:
    """When the limit is used up, pauses taken out; None while its clock stands still or it has no limit.

    Raises ValueError where the wait runs on a calendar that stays closed for years.
    """
    try:
        span = policy.spans[wait.kind]
    except KeyError:
        span = policy.spans[wait.kind] = _span(wait, rule, policy)
    if span is not None and not wait.pauses:
        return wait.since + span
    limit = rule.limit
    if limit is None:
        return None
    if wait.kind == "promise":
        end = _unstated(wait.since, rule, policy) if wait.due is None else _end(wait.due, policy)
        return max(wait.since, end) + timedelta(seconds=limit.seconds or 0.0)
    if wait.kind == "complaint":
        if wait.due is not None:
            end = _end(wait.due, policy)
        else:
            end = complaints.deadline(wait.sector, wait.since, policy.timezone, policy.calendar)
        return max(wait.since, end - timedelta(seconds=limit.seconds or 0.0))
    if limit.opening_days is not None and rule.calendar is not None:
        return _closing(wait, limit.opening_days, rule.calendar)
    return _use_up(wait, limit_seconds(rule, policy) or 0.0, rule.calendar)


def breach_moment(wait: Wait, due_at: datetime | None, rule: Rule, policy: Policy) -> datetime | None:
    """The first moment at which a wait that is due at `due_at`, still running, is a breach; None while its clock stands still.

    A limit of so much time is passed when the clock runs beyond it: used up at a closing, or as a pause begins, not before it
    runs on. What is due at a moment (opening days, a promise, a complaint) is late right after it.
    Raises ValueError as `due_moment`.
    """
    if due_at is None or rule.inclusive:
        return due_at
    if (rule.calendar is None and not wait.pauses) or _is_due_at_a_moment(wait, rule):
        return due_at + MICROSECOND
    if rule.calendar is not None and not wait.pauses:
        return rule.calendar.moment_after(due_at, MICROSECOND.total_seconds())
    return _use_up(wait, (limit_seconds(rule, policy) or 0.0) + MICROSECOND.total_seconds(), rule.calendar)


def due_soon_moment(wait: Wait, due_at: datetime | None, rule: Rule) -> datetime | None:
    """The first moment from which no more than `warn_before` is left until a wait that is due at `due_at`.

    None where no warning is wanted, and while its clock stands still. On a calendar that may be a closing: nothing is used
    up until the opening. Raises ValueError as `due_moment`.
    """
    if due_at is None or rule.warn_before is None:
        return None
    if rule.calendar is None:
        return due_at - timedelta(seconds=rule.warn_before)
    ahead = rule.calendar.seconds_between(wait.since, due_at) - rule.warn_before
    return rule.calendar.moment_after(wait.since, ahead) if ahead > 0 else wait.since


def limit_seconds(rule: Rule, policy: Policy) -> float | None:
    """The limit in seconds; None where it has no fixed length (opening days on a calendar, a sector's deadline)."""
    limit = rule.limit
    if limit is None or rule.signal == "complaint_overdue":
        return None
    if limit.rings is not None:
        return seconds_until_ring(limit.rings, policy.ring_period)
    if limit.opening_days is not None:
        return None if rule.calendar is not None else limit.opening_days * 86400.0
    return limit.seconds


def limit_opening_days(rule: Rule) -> int | None:
    """The limit in whole opening days of its calendar; None where it is none of these."""
    return rule.limit.opening_days if rule.limit is not None and rule.calendar is not None else None


def waited_seconds(wait: Wait, until: datetime, policy: Policy) -> float:
    """How long the customer waited up to `until`: on the calendar where the wait runs on one, pauses taken out."""
    calendar = policy.calendar_of(wait.kind)
    if not wait.pauses:
        if until <= wait.since:
            return 0.0
        return (until - wait.since).total_seconds() if calendar is None else calendar.seconds_between(wait.since, until)
    return sum(_micros(calendar, since, min(end or until, until)) for since, end in _active(wait) if since < until) / 1e6


def counted_spans(wait: Wait, until: datetime, policy: Policy) -> Iterator[tuple[datetime, datetime]]:
    """The spans up to `until` in which its clock ran; together they are as long as `waited_seconds`."""
    calendar = policy.calendar_of(wait.kind)
    for since, end in _active(wait):
        stop = min(end or until, until)
        if since < stop:
            yield from ((since, stop),) if calendar is None else calendar.open_spans(since, stop)


def _end(due: date, policy: Policy) -> datetime:
    """A moment as it stands; a day ends where the contact point is."""
    return due if isinstance(due, datetime) else complaints.end_of_day(due, policy.timezone)


def _unstated(since: datetime, rule: Rule, policy: Policy) -> datetime:
    """When a promise is due that names no time."""
    limit, calendar = rule.unstated or UNSTATED, policy.calendar
    if limit.opening_days is not None:
        days = limit.opening_days
        return since + timedelta(days=days) if calendar is None else calendar.closing_of_day(since, days)
    seconds = limit.seconds or 0.0
    return since + timedelta(seconds=seconds) if calendar is None else calendar.moment_after(since, seconds)


def _span(wait: Wait, rule: Rule, policy: Policy) -> timedelta | None:
    """The limit of a wait that runs around the clock for a fixed time; None where it depends on the wait."""
    if rule.limit is None or rule.calendar is not None or wait.kind in ("promise", "complaint"):
        return None
    return timedelta(seconds=limit_seconds(rule, policy) or 0.0)


def _is_due_at_a_moment(wait: Wait, rule: Rule) -> bool:
    """Whether its limit is a moment on the clock on the wall, and no amount of time."""
    opening_days = rule.limit is not None and rule.limit.opening_days is not None
    return wait.kind in ("promise", "complaint") or (opening_days and rule.calendar is not None)


def _active(wait: Wait) -> Iterator[tuple[datetime, datetime | None]]:
    """The spans in which its clock ran, the last one without end unless it stands still."""
    since = wait.since
    for pause, resume, _ in wait.pauses:
        if pause > since:
            yield since, pause
        if resume is None:
            return
        since = max(since, resume)
    yield since, None


def _closing(wait: Wait, days: int, calendar: Calendar) -> datetime | None:
    """The closing of the last opening day, moved by the pauses that began before it."""
    end = calendar.closing_of_day(wait.since, days)
    for since, until, _ in wait.pauses:
        if since >= end:
            break
        if until is None:
            return None
        paused = calendar.seconds_between(since, until)
        end = calendar.moment_after(end, paused) if paused else end
    return end


def _use_up(wait: Wait, seconds: float, calendar: Calendar | None) -> datetime | None:
    """The moment at which its clock has run for `seconds`; None when it stands still before."""
    if not wait.pauses:
        return calendar.moment_after(wait.since, seconds) if calendar is not None else wait.since + timedelta(seconds=seconds)
    left = round(seconds * 1e6)
    for since, until in _active(wait):
        available = _micros(calendar, since, until) if until is not None else None
        if available is None or left <= available:
            return calendar.moment_after(since, left / 1e6) if calendar is not None else since + timedelta(microseconds=left)
        left -= available
    return None


def _micros(calendar: Calendar | None, since: datetime, until: datetime) -> int:
    """Whole microseconds, so that sums of them are exact: a wait of exactly the limit must not come out longer."""
    if calendar is None:
        return (until - since) // MICROSECOND
    return round(calendar.seconds_between(since, until) * 1e6)
