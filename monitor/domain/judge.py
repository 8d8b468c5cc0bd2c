"""Contact + policy + moment -> verdicts, and the next moment at which a verdict falls by itself.

`evaluation_time` is the moment up to which the source has been seen completely: absence is judged there, never past it. A wait
is breached from one precise moment on (`breach_moment`), so that "has the limit passed" is one comparison everywhere.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from monitor.domain import complaints
from monitor.domain.channels import OUTCOMES_OF, WAITS_OF
from monitor.domain.contact import Contact, Outcome, Visit, Wait
from monitor.domain.event import MICROSECOND
from monitor.domain.hours import Calendar
from monitor.domain.policy import SIGNAL_OF_WAIT, Policy, Rule
from monitor.domain.rings import rings_heard, seconds_until_ring

State = Literal["kept", "breached", "open", "void"]


class Verdict(NamedTuple):
    """What is held of one wait or of one way to fail. `at` is the moment it fell; None while open or void."""

    signal: str
    key: str
    state: State
    at: datetime | None
    wait: Wait | None = None
    due_at: datetime | None = None


def fell_at(verdict: Verdict) -> datetime | None:
    """The moment people are told: the limit itself, not the microsecond after it with which a breach begins."""
    return verdict.due_at if verdict.state == "breached" and verdict.due_at is not None else verdict.at


class Decided(NamedTuple):
    """One outcome: the parts of every service-level formula."""

    key: str
    outcome: Outcome
    in_target: bool
    at: datetime


class Measured(NamedTuple):
    """The length of a wait that ended, observed once. `rings` only for the ring wait."""

    wait: str
    key: str
    seconds: float
    rings: int | None = None


class RunningWait(NamedTuple):
    """A wait that goes on."""

    wait: str
    since: datetime
    due_at: datetime | None
    overdue: bool


class Judgement(NamedTuple):
    """All that can be said of a contact at one evaluation_time. `deadline`: when to look again without a new event."""

    verdicts: tuple[Verdict, ...]
    outcomes: tuple[Decided, ...]
    measured: tuple[Measured, ...]
    running: tuple[RunningWait, ...]
    deadline: datetime | None


def judge(contact: Contact, policy: Policy, evaluation_time: datetime) -> Judgement:
    """Holds every wait and mark of `contact` against `policy`, absence being known up to `evaluation_time`."""
    verdicts: list[Verdict] = []
    measured: list[Measured] = []
    running: list[RunningWait] = []
    outcomes: list[Decided] = []
    deadline: datetime | None = None
    short = {visit.key for visit in contact.visits if _is_short(visit, policy)}
    known = WAITS_OF[contact.channel]
    for wait in contact.waits:
        if wait.kind not in known:
            continue
        rule = policy.rules.get(SIGNAL_OF_WAIT[wait.kind])
        if wait.kind == "callback" and wait.key in short:
            continue  # a misdialled call asks for nothing
        breach_at = verdict = None
        if rule is not None:
            due_at = due_moment(wait, rule, policy)
            breach_at = breach_moment(due_at, rule)
            verdict = _judge_wait(wait, rule, due_at, breach_at, evaluation_time)
            verdicts.append(verdict)
        if wait.until is None:
            overdue = verdict is not None and verdict.state == "breached"
            running.append(RunningWait(wait.kind, wait.since, verdict.due_at if verdict is not None else None, overdue))
            if not overdue and breach_at is not None and (deadline is None or breach_at < deadline):
                deadline = breach_at
        elif not wait.void:
            seconds = waited_seconds(wait, wait.until, policy)
            heard = wait.kind == "ring"
            rings = rings_heard((wait.until - wait.since).total_seconds(), policy.ring_period) if heard else None
            measured.append(Measured(wait.kind, wait.key, seconds, rings))
            if wait.kind in ("reply", "follow_up") and _was_replied(wait, contact):
                outcomes.append(Decided(wait.key, "replied", verdict is None or verdict.state != "breached", wait.until))
    possible = OUTCOMES_OF[contact.channel]
    for visit in contact.visits:
        decided = _decide(visit, policy, verdicts)
        if decided is not None and decided.outcome in possible:
            outcomes.append(decided)
            abandon = _judge_abandon(decided, visit, contact, policy)
            if abandon is not None:
                verdicts.append(abandon)
    moves = _judge_moves(contact, policy)
    if moves is not None:
        verdicts.append(moves)
    if contact.marks:
        verdicts.extend(_judge_marks(contact, policy))
    for mark in contact.marks:
        if mark.mark == "resolved" and "resolved" in possible:
            late = any(
                v.signal == "late_resolution" and v.state == "breached" and v.wait and v.wait.until == mark.at for v in verdicts
            )
            outcomes.append(Decided(mark.key, "resolved", not late, mark.at))
    return Judgement(tuple(verdicts), tuple(outcomes), tuple(measured), tuple(running), deadline)


def breach_moment(due_at: datetime | None, rule: Rule) -> datetime | None:
    """The first moment at which a wait that is due at `due_at`, still running, is a breach; None while its clock stands still."""
    return due_at if due_at is None or rule.inclusive else due_at + MICROSECOND


def due_moment(wait: Wait, rule: Rule, policy: Policy) -> datetime | None:
    """When the limit is used up, pauses taken out; None while its clock stands still or it has no limit."""
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
        return max(wait.since, wait.due) + timedelta(seconds=limit.seconds or 0.0) if wait.due is not None else None
    if wait.kind == "complaint":
        end = complaints.deadline(wait.sector, wait.since, policy.timezone)
        return max(wait.since, end - timedelta(seconds=limit.seconds or 0.0))
    if limit.opening_days is not None and rule.calendar is not None:
        return _closing(wait, limit.opening_days, rule.calendar)
    return _use_up(wait, limit_seconds(rule, policy) or 0.0, rule.calendar)


def _span(wait: Wait, rule: Rule, policy: Policy) -> timedelta | None:
    """The limit of a wait that runs around the clock for a fixed time; None where more must be looked at."""
    if rule.limit is None or rule.calendar is not None or wait.kind in ("promise", "complaint"):
        return None
    return timedelta(seconds=limit_seconds(rule, policy) or 0.0)


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


def waited_seconds(wait: Wait, until: datetime, policy: Policy) -> float:
    """How long the customer waited up to `until`: on the calendar where the wait runs on one, pauses taken out."""
    calendar = policy.calendar_of(wait.kind)
    if not wait.pauses:
        if until <= wait.since:
            return 0.0
        return (until - wait.since).total_seconds() if calendar is None else calendar.seconds_between(wait.since, until)
    return sum(_elapsed(calendar, since, min(end or until, until)) for since, end in _active(wait) if since < until)


def reported_seconds(
    verdict: Verdict, contact: Contact, policy: Policy, evaluation_time: datetime
) -> tuple[float | None, float | None]:
    """(waited, limit) in seconds as people are told of a verdict: None where it has none."""
    if verdict.wait is not None:
        until = max(verdict.wait.until or evaluation_time, verdict.wait.since)
        return waited_seconds(verdict.wait, until, policy), limit_seconds(policy.rules[verdict.signal], policy)
    if verdict.signal == "abandoned":
        visit = next(each for each in contact.visits if each.key == verdict.key)
        return ((visit.until or evaluation_time) - visit.since).total_seconds(), None  # giving up has no limit
    return None, None


def _active(wait: Wait) -> Iterator[tuple[datetime, datetime | None]]:
    """The spans in which its clock ran, the last one without end unless it stands still."""
    since = wait.since
    for pause, resume in wait.pauses:
        if pause > since:
            yield since, pause
        if resume is None:
            return
        since = max(since, resume)
    yield since, None


def _closing(wait: Wait, days: int, calendar: Calendar) -> datetime | None:
    """The closing of the last opening day, moved by the pauses that began before it."""
    end = calendar.closing_of_day(wait.since, days)
    for since, until in wait.pauses:
        if since >= end:
            break
        if until is None:
            return None
        paused = calendar.seconds_between(since, until)
        end = calendar.moment_after(end, paused) if paused else end
    return end


def _use_up(wait: Wait, seconds: float, calendar: Calendar | None) -> datetime | None:
    if not wait.pauses:
        return calendar.moment_after(wait.since, seconds) if calendar is not None else wait.since + timedelta(seconds=seconds)
    left = seconds
    for since, until in _active(wait):
        available = _elapsed(calendar, since, until) if until is not None else None
        if available is None or left <= available:
            return calendar.moment_after(since, left) if calendar is not None else since + timedelta(seconds=left)
        left -= available
    return None


def _elapsed(calendar: Calendar | None, since: datetime, until: datetime) -> float:
    return calendar.seconds_between(since, until) if calendar is not None else (until - since).total_seconds()


def _judge_wait(
    wait: Wait, rule: Rule, due_at: datetime | None, breach_at: datetime | None, evaluation_time: datetime
) -> Verdict:  # fmt: skip
    state: State
    at: datetime | None
    if breach_at is not None and breach_at <= (wait.until or evaluation_time):
        state, at = "breached", breach_at
    elif wait.until is None:
        state, at = "open", None
    elif wait.void or wait.given_up:
        state, at = "void", None  # an early abandon is neutral: 1 - signals/assessed is then SL-D
    else:
        state, at = "kept", wait.until
    return Verdict(rule.signal, wait.key, state, at, wait, due_at)


def _was_replied(wait: Wait, contact: Contact) -> bool:
    """Ended by our words, not by the matter being resolved without any."""
    if wait.given_up or contact.answered_at is None:
        return False
    return all(mark.at != wait.until for mark in contact.marks if mark.mark == "resolved" and mark.reason == "unanswered")


def _is_short(visit: Visit, policy: Policy) -> bool:
    if visit.ended != "caller" or visit.until is None:
        return False
    return (visit.until - visit.since).total_seconds() < policy.ignore_under_seconds


def _decide(visit: Visit, policy: Policy, verdicts: list[Verdict]) -> Decided | None:
    """The outcome of a visit. In target: not too long in the queue; where there was none, not too many rings."""
    if visit.until is None or visit.ended in (None, "lost"):
        return None
    ended = {v.signal: v.state for v in verdicts if v.wait is not None and v.wait.until == visit.until}
    in_target = ended.get("long_wait", ended.get("slow_answer")) != "breached"
    outcome: Outcome
    if visit.ended == "answered":
        outcome = "answered"
    elif visit.ended == "caller":
        outcome = "short_abandoned" if _is_short(visit, policy) else "abandoned"
    else:
        outcome = "callback" if visit.ended == "callback" else "flowed_out"
    return Decided(visit.key, outcome, in_target, visit.until)


def _judge_abandon(decided: Decided, visit: Visit, contact: Contact, policy: Policy) -> Verdict | None:
    """Each offered and decided visit could have been abandoned; short ones and those a restart ended are kept apart."""
    rule = policy.rules.get("abandoned")
    if rule is None or decided.outcome == "short_abandoned" or visit.ended == "restart":
        return None
    met_human = contact.answered_at is not None and contact.answered_at < visit.since
    state: State = "breached" if decided.outcome == "abandoned" and not met_human else "kept"
    return Verdict("abandoned", visit.key, state, decided.at)


def _judge_moves(contact: Contact, policy: Policy) -> Verdict | None:
    """Each answered call could have been handed on too often."""
    rule = policy.rules.get("handed_on")
    if rule is None or contact.answered_at is None or contact.direction != "inbound":
        return None
    moves = [mark for mark in contact.marks if mark.mark == "transferred"]
    bad = [mark.at for mark in moves if mark.reason == "into_queue"]
    bad += [mark.at for mark in moves[rule.times :][:1]]
    if bad:
        return Verdict("handed_on", "", "breached", min(bad))
    if contact.over_at is not None:
        return Verdict("handed_on", "", "kept", contact.over_at)
    return None


def _judge_marks(contact: Contact, policy: Policy) -> Iterator[Verdict]:
    """What is told by marks alone: without any there is nothing to say."""
    rules = policy.rules
    resolved = [mark for mark in contact.marks if mark.mark == "resolved"]
    if "reopened" in rules:
        again = {mark.key: mark.at for mark in contact.marks if mark.mark == "reopened"}
        solved = {mark.key: mark.at for mark in resolved}
        for key in {**solved, **again}:
            yield Verdict("reopened", key, "breached" if key in again else "kept", again.get(key) or solved[key])
    for signal, what in (("passed_around", "reassigned"), ("escalated", "escalated")):
        rule = rules.get(signal)
        if rule is None:
            continue
        moments = [mark.at for mark in contact.marks if mark.mark == what]
        if len(moments) > rule.times:
            yield Verdict(signal, "", "breached", moments[rule.times])
        elif resolved:
            yield Verdict(signal, "", "kept", resolved[0].at)
