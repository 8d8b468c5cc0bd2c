"""Contact + policy + moment -> verdicts, and the next moment at which a verdict falls by itself.

The evaluation time is the moment up to which the source has been seen completely: absence is judged there, never past it. A
wait is breached from one precise moment on (`limits.breach_moment`), so that "has the limit passed" is one comparison
everywhere.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from operator import attrgetter
from typing import Final, Literal, NamedTuple

from monitor.domain.answered import held
from monitor.domain.channels import OUTCOMES_OF, WAITS_OF
from monitor.domain.contact import Answer, Contact, Judged, Mark, Outcome, Rating, Stay, Visit, Wait
from monitor.domain.event import MICROSECOND
from monitor.domain.limits import breach_moment, due_moment, due_soon_moment, limit_seconds, under, waited_seconds
from monitor.domain.policy import SIGNAL_OF_WAIT, Policy, Rule
from monitor.domain.rings import rings_heard

_SECOND: Final = timedelta(seconds=1)
_OF_TICKETS: Final = frozenset(("resolved", "reopened", "reassigned", "escalated"))

State = Literal["kept", "breached", "open", "void"]


class Verdict(NamedTuple):
    """What is held of one wait or of one way to fail. `at` is the moment it fell; None while open or void.

    `stay`: where the contact was then, or is: the contact point whose verdict it is, and whose policy.
    """

    signal: str
    key: str
    state: State
    at: datetime | None
    wait: Wait | None = None
    due_at: datetime | None = None
    stay: int = 0


def fell_at(verdict: Verdict) -> datetime | None:
    """The moment that is shown: the last good one, not the microsecond after it with which a breach begins.

    That is the limit itself, or where it was used up at a closing, the opening at which its clock ran on.
    """
    if verdict.state != "breached" or verdict.at is None or verdict.due_at in (None, verdict.at):
        return verdict.at
    return verdict.at - MICROSECOND


class Decided(NamedTuple):
    """One outcome: the parts of every service-level formula."""

    key: str
    outcome: Outcome
    in_target: bool
    at: datetime
    stay: int = 0


class Measured(NamedTuple):
    """The length of a wait that ended, observed once. `rings` only for the ring wait."""

    wait: str
    key: str
    seconds: float
    rings: int | None = None
    stay: int = 0


class RunningWait(NamedTuple):
    """A wait that goes on."""

    wait: str
    since: datetime
    due_at: datetime | None
    overdue: bool
    soon_at: datetime | None = None  # from when on it is due soon; None where that is not asked


#: What is only counted: a promise was made, one that was broken was kept after all, who gave up came back and was answered, the
#: source's own clocks say otherwise.
Tally = Literal["promises_made", "promises_kept_late", "abandons_recovered", "source_verdicts_differ"]


class Tallied(NamedTuple):
    """One of these, under the name of what it is about."""

    tally: Tally
    key: str
    stay: int = 0


class Judgement(NamedTuple):
    """All that can be said of a contact at one evaluation time. `deadline`: when to judge again without a new event."""

    verdicts: tuple[Verdict, ...]
    outcomes: tuple[Decided, ...]
    measured: tuple[Measured, ...]
    running: tuple[RunningWait, ...]
    deadline: datetime | None
    tallied: tuple[Tallied, ...] = ()

    def at(self, stays: frozenset[int]) -> "Judgement":
        """What of it happened in these stays of the contact."""
        verdicts = tuple(each for each in self.verdicts if each.stay in stays)
        outcomes = tuple(each for each in self.outcomes if each.stay in stays)
        measured = tuple(each for each in self.measured if each.stay in stays)
        tallied = tuple(each for each in self.tallied if each.stay in stays)
        return self._replace(verdicts=verdicts, outcomes=outcomes, measured=measured, tallied=tallied)


class JudgedWait(NamedTuple):
    """A wait and what is held of it; None where no signal judges it. `breach_at`: when it is, or would be, a breach.

    None where its clock stands still, and where it ended before it was due.
    """

    wait: Wait
    verdict: Verdict | None
    breach_at: datetime | None


def judge(contact: Contact, policy: Policy, evaluation_time: datetime, before: Sequence[Policy] = ()) -> Judgement:
    """Holds every wait and mark of `contact` against `policy`, absence being known up to `evaluation_time`.

    `before`: the policies of its earlier stays, in their order.
    """
    policies = (*before, policy)
    waits = _judge_waits(contact, policies, evaluation_time)
    running = [each for each in waits if each.wait.until is None]
    verdicts = [each.verdict for each in waits if each.verdict is not None]
    outcomes: list[Decided] = []
    possible = OUTCOMES_OF[contact.channel]
    if "replied" in possible:
        outcomes += _decide_replies(waits)
    if contact.visits:
        visits = _decide_visits(contact, policies, verdicts)
        outcomes += [decided for decided, _ in visits]
        verdicts += _judge_abandons(visits, policies)
        verdicts += [
            Verdict("turned_away", decided.key, "kept", decided.at, stay=decided.stay)
            for decided, _ in visits
            if "turned_away" in policies[decided.stay].rules
        ]
    moves = _judge_moves(contact, policy)
    if moves is not None:
        verdicts.append(moves)
    if contact.marks:
        verdicts += _judge_marks(contact, policies)
        if "resolved" in possible:
            outcomes += _decide_resolutions(contact, verdicts)
    if contact.rating is not None:
        verdicts += _judge_rating(contact.rating, policies)
    if contact.answers:
        verdicts += _judge_answers(contact.answers, policies)
    if contact.came_at is not None and (outcomes or not contact.visits) and not is_misdialled(outcomes):
        verdicts += _judge_return(contact, contact.came_at, policies[0])
    measured = _measure(waits, policies)
    tallied: tuple[Tallied, ...] = (*_tally_promises(waits), *_tally_recovered(contact, outcomes, policies))
    if contact.judged:
        tallied += tuple(
            Tallied("source_verdicts_differ", theirs.key, ours.stay) for theirs, ours in differing(contact, verdicts)
        )
    if not running:  # most contacts are over: an import of a million events gains 1 %
        return Judgement(tuple(verdicts), tuple(outcomes), measured, (), None, tallied)
    deadline = _next_deadline(running)
    return Judgement(tuple(verdicts), tuple(outcomes), measured, _still_running(running, policies), deadline, tallied)


# --- waits: is the limit kept, how long was it, does it go on, when does it fall? ------------------------------------------


def _judge_waits(contact: Contact, policies: Sequence[Policy], evaluation_time: datetime) -> list[JudgedWait]:
    """The waits that the contact's channel knows, each with its verdict."""
    known = WAITS_OF[contact.channel]
    short = {visit.key for visit in contact.visits if _is_short(visit, policies[visit.stay])}
    judged: list[JudgedWait] = []
    for wait in contact.waits:
        if wait.kind not in known:
            continue
        if wait.stay:
            fallen = _fallen_before(wait, contact.stays, policies)
            if fallen is not None:
                judged.append(fallen)
                continue
        policy = policies[wait.stay]
        wait = under(wait, policy)
        if wait.kind == "callback" and wait.key in short:
            continue  # a misdialled call asks for nothing
        rule = policy.rules.get(SIGNAL_OF_WAIT[wait.kind])
        if rule is None:
            judged.append(JudgedWait(wait, None, None))
            continue
        begun = wait.since
        if wait.call_since is not None and rule.clock_from == "call":
            wait = wait._replace(since=wait.call_since)
        elif wait.stay:
            begun = max(begun, contact.stays[wait.stay].since)
        judged.append(_judge_wait(wait, rule, policy, evaluation_time, begun))
    return judged


def _fallen_before(wait: Wait, stays: Sequence[Stay], policies: Sequence[Policy]) -> JudgedWait | None:
    """The breach of a wait that ended or runs in a later stay than the one in which it fell; None where none did.

    Each stay holds it against its own policy, counted from its beginning. What is over that limit as it comes falls then.
    """
    for number in range(wait.stay):
        stay, until, policy = stays[number], stays[number + 1].since, policies[number]
        rule = policy.rules.get(SIGNAL_OF_WAIT[wait.kind])
        if rule is None or until <= wait.since:
            continue
        held = under(wait, policy)
        due_at, breach_at = _limits(held, rule, policy, max(stay.since, wait.since))
        if breach_at is not None and breach_at < until:
            return JudgedWait(held, Verdict(rule.signal, wait.key, "breached", breach_at, held, due_at, number), breach_at)
    return None


def _limits(wait: Wait, rule: Rule, policy: Policy, begun: datetime) -> tuple[datetime | None, datetime | None]:
    """When it is due and from when on a breach; where its clock ran before it `begun` here, it falls here at the earliest."""
    due_at = due_moment(wait, rule, policy)
    in_time = wait.until is not None and due_at is not None and wait.until < due_at  # most waits: calendars cost time
    breach_at = None if in_time else breach_moment(wait, due_at, rule, policy)
    if due_at is not None and breach_at is not None and breach_at <= begun and wait.since < begun:
        due_at = breach_at = begun
    return due_at, breach_at


def _judge_wait(wait: Wait, rule: Rule, policy: Policy, evaluation_time: datetime, begun: datetime) -> JudgedWait:
    """`begun`: when the wait began here, though its clock may have run before."""
    due_at, breach_at = _limits(wait, rule, policy, begun)
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
    return JudgedWait(wait, Verdict(rule.signal, wait.key, state, at, wait, due_at, wait.stay), breach_at)


def _measure(waits: Iterable[JudgedWait], policies: Sequence[Policy]) -> tuple[Measured, ...]:
    """How long each wait was that ended and counts."""
    measured = []
    for wait, _, _ in waits:
        kind, key, since, until = wait[:4]
        if until is None or wait.void:
            continue
        policy = policies[wait.stay]
        rings = rings_heard((until - since).total_seconds(), policy.ring_period) if kind == "ring" else None
        measured.append(Measured(kind, key, waited_seconds(wait, until, policy), rings, wait.stay))
    return tuple(measured)


def _still_running(running: Iterable[JudgedWait], policies: Sequence[Policy]) -> tuple[RunningWait, ...]:
    """How each wait that goes on stands."""
    found = []
    for wait, verdict, _ in running:
        due_at, overdue = None if verdict is None else verdict.due_at, _is_breached(verdict)
        rule = policies[wait.stay].rules.get(SIGNAL_OF_WAIT[wait.kind])
        soon_at = None if rule is None or overdue else due_soon_moment(wait, due_at, rule)
        found.append(RunningWait(wait.kind, wait.since, due_at, overdue, soon_at))
    return tuple(found)


def _is_breached(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.state == "breached"


def _next_deadline(running: Iterable[JudgedWait]) -> datetime | None:
    """When the next limit of a wait that goes on will be passed."""
    open_ones = (breach_at for _, verdict, breach_at in running if verdict is not None and verdict.state == "open")
    return min((breach_at for breach_at in open_ones if breach_at is not None), default=None)


def _tally_promises(waits: Iterable[JudgedWait]) -> Iterator[Tallied]:
    """Every promise that was made; those that were kept too late."""
    for wait, verdict, _ in waits:
        if wait.kind != "promise":
            continue
        yield Tallied("promises_made", wait.key, wait.stay)
        if verdict is not None and _is_breached(verdict) and wait.until is not None and not (wait.void or wait.given_up):
            yield Tallied("promises_kept_late", wait.key, verdict.stay)


def differing(contact: Contact, verdicts: Iterable[Verdict]) -> list[tuple[Judged, Verdict]]:
    """What the source says of waits, and what is held of them here, where one is late and the other was in time.

    A source tells moments in whole seconds. What is still open here is not compared.
    """
    decided = [each for each in verdicts if each.wait is not None and each.state in ("kept", "breached")]
    found = []
    for theirs in contact.judged:
        of_it = [
            each for each in decided
            if (wait := each.wait) is not None and wait.kind == theirs.wait and wait.since <= theirs.at + _SECOND
            and (wait.until is None or wait.until >= theirs.at - _SECOND)
        ]  # fmt: skip
        ours = max(of_it, key=lambda each: each.wait.since if each.wait is not None else theirs.at, default=None)
        if ours is not None and theirs.breached != (ours.state == "breached"):
            found.append((theirs, ours))
    return found


# --- written contacts: was there a reply, was it resolved? -----------------------------------------------------------------


def _decide_replies(waits: Iterable[JudgedWait]) -> Iterator[Decided]:
    """Each wait for our words that ended with them is an outcome."""
    for wait, verdict, _ in waits:
        if wait.kind not in ("reply", "follow_up") or wait.until is None:
            continue
        if not (wait.void or wait.given_up or wait.wordless):
            yield Decided(wait.key, "bot" if wait.by_bot else "replied", not _is_breached(verdict), wait.until, wait.stay)


def _decide_resolutions(contact: Contact, verdicts: Sequence[Verdict]) -> Iterator[Decided]:
    """Each resolution is an outcome; in target unless the resolution that ended at its moment was late.

    What was rejected, or closed for want of an answer of the customer, was not resolved.
    """
    late = {v.wait.until for v in verdicts if v.signal == "late_resolution" and v.state == "breached" and v.wait is not None}
    for mark in contact.marks:
        if mark.mark == "resolved" and mark.reason == "auto_closed":
            yield Decided(mark.key, "auto_closed", False, mark.at, mark.stay)
        elif mark.mark == "resolved" and mark.reason not in ("rejected", "no_answer"):
            yield Decided(mark.key, "resolved", mark.at not in late, mark.at, mark.stay)


# --- visits: how did each end, was it abandoned? ---------------------------------------------------------------------------


def _decide_visits(contact: Contact, policies: Sequence[Policy], verdicts: Sequence[Verdict]) -> list[tuple[Decided, Visit]]:
    """The outcomes of the visits that are over, as far as the channel knows them."""
    possible = OUTCOMES_OF[contact.channel]
    ended: dict[datetime | None, dict[str, State]] = {}
    for signal, _, state, _, wait, _, _ in verdicts:
        if wait is not None:
            ended.setdefault(wait.until, {})[signal] = state
    found = []
    for visit in contact.visits:
        decided = _decide_visit(visit, policies[visit.stay], ended.get(visit.until, {}))
        if decided is not None and decided.outcome in possible:
            found.append((decided, visit))
    return found


def _is_short(visit: Visit, policy: Policy) -> bool:
    if visit.ended != "caller" or visit.until is None:
        return False
    return (visit.until - visit.since).total_seconds() < policy.ignore_under_seconds


def _decide_visit(visit: Visit, policy: Policy, ended: Mapping[str, State]) -> Decided | None:
    """The outcome of a visit. In target: not too long in the queue; where there was none, not too many rings.

    `ended`: how the waits were judged that ended with it.
    """
    if visit.until is None or visit.ended in (None, "lost"):
        return None
    in_target = ended.get("long_wait", ended.get("slow_answer")) != "breached"
    outcome: Outcome
    if visit.ended == "answered":
        outcome = "answered"
    elif visit.ended == "caller":
        outcome = "short_abandoned" if _is_short(visit, policy) else "abandoned"
    else:
        outcome = "callback" if visit.ended == "callback" else "flowed_out"
    return Decided(visit.key, outcome, in_target, visit.until, visit.stay)


def _judge_abandons(visits: Iterable[tuple[Decided, Visit]], policies: Sequence[Policy]) -> list[Verdict]:
    """Each offered and decided visit could have been abandoned, whoever the caller had talked to before.

    Short ones and those a restart ended are kept apart.
    """
    verdicts: list[Verdict] = []
    for decided, visit in visits:
        if decided.outcome == "short_abandoned" or visit.ended == "restart" or "abandoned" not in policies[visit.stay].rules:
            continue
        state: State = "breached" if decided.outcome == "abandoned" else "kept"
        verdicts.append(Verdict("abandoned", visit.key, state, decided.at, stay=visit.stay))
    return verdicts


def _tally_recovered(contact: Contact, outcomes: Iterable[Decided], policies: Sequence[Policy]) -> Iterator[Tallied]:
    """Calls that were given up, whose caller came back and was answered soon enough: none of them is lost for good."""
    back = [mark.at for mark in contact.marks if mark.mark == "recovered"]
    for each in outcomes if back else ():
        within = timedelta(seconds=policies[each.stay].recovered_within_seconds)
        if each.outcome == "abandoned" and any(each.at < at <= each.at + within for at in back):
            yield Tallied("abandons_recovered", each.key, each.stay)


# --- moves and marks: handed on, reopened, passed around, escalated --------------------------------------------------------


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


def _judge_rating(rating: Rating, policies: Sequence[Policy]) -> Iterator[Verdict]:
    rule = policies[rating.stay].rules.get("low_rating")
    if rule is not None:
        state: State = "breached" if rating.score < rule.below else "kept"
        yield Verdict("low_rating", "", state, rating.at, stay=rating.stay)


def _judge_answers(answers: Iterable[Answer], policies: Sequence[Policy]) -> Iterator[Verdict]:
    """Each answer that was read can have been of no help."""
    for answer in answers:
        for signal, bad, at in held(answer):
            if signal in policies[answer.stay].rules:
                yield Verdict(signal, answer.key, "breached" if bad else "kept", at, stay=answer.stay)


def is_misdialled(outcomes: Sequence[Decided]) -> bool:
    """Whether the caller rang off at once, and it came to nothing else."""
    return bool(outcomes) and all(each.outcome == "short_abandoned" for each in outcomes)


def _judge_return(contact: Contact, came_at: datetime, policy: Policy) -> Iterator[Verdict]:
    """Each time that the customer comes he could have come in vain before."""
    again, anew = contact.again, contact.anew
    if (rule := policy.rules.get("repeat_contact")) is not None:
        within = timedelta(seconds=rule.limit.seconds or 0.0) if rule.limit is not None else timedelta(0)
        bad = again is not None and again.reason is None and came_at - again.since <= within
        yield Verdict("repeat_contact", "", "breached" if bad else "kept", came_at)
    if "lost_context" in policy.rules:
        yield Verdict("lost_context", "", "kept" if anew is None else "breached", came_at)


def _judge_marks(contact: Contact, policies: Sequence[Policy]) -> Iterator[Verdict]:
    """What being turned away, resolutions, returns, changes of owner and escalations say."""
    for mark in contact.marks:
        if mark.mark == "turned_away" and "turned_away" in policies[mark.stay].rules:
            yield Verdict("turned_away", mark.key, "breached", mark.at, stay=mark.stay)
    if _OF_TICKETS.isdisjoint([mark.mark for mark in contact.marks]):
        return
    resolved = [mark for mark in contact.marks if mark.mark == "resolved"]
    yield from _judge_reopening(resolved, [mark for mark in contact.marks if mark.mark == "reopened"], policies)
    for signal, what in (("passed_around", "reassigned"), ("escalated", "escalated")):
        bad = _first_too_many(signal, [mark for mark in contact.marks if mark.mark == what], policies)
        good = next((mark for mark in resolved if signal in policies[mark.stay].rules), None)
        if bad is not None:  # where it was assessed before, it is counted there
            stay = bad.stay if good is None else min(bad.stay, good.stay)
            yield Verdict(signal, "", "breached", bad.at, stay=stay)
        elif good is not None:
            yield Verdict(signal, "", "kept", good.at, stay=good.stay)


def _first_too_many(signal: str, marks: Iterable[Mark], policies: Sequence[Policy]) -> Mark | None:
    """The first mark that was one more than the policy allows which held then."""
    for number, mark in enumerate(marks):
        rule = policies[mark.stay].rules.get(signal)
        if rule is not None and number >= rule.times:
            return mark
    return None


def _judge_reopening(resolved: Iterable[Mark], reopened: Iterable[Mark], policies: Sequence[Policy]) -> Iterator[Verdict]:
    """Each resolution is assessed, kept at first; a return under its key makes it a signal, where it was resolved.

    What a rule closed unanswered was no resolution, until somebody comes back to it.
    """
    solved = {mark.key: mark for mark in resolved}
    again = {mark.key: mark for mark in reversed(list(reopened))}  # of several the first
    for key in {**solved, **again}:
        first, back = solved.get(key), again.get(key)
        stay = (first or again[key]).stay
        if "reopened" not in policies[stay].rules:
            continue
        if back is not None:
            yield Verdict("reopened", key, "breached", back.at, stay=stay)
        elif first is not None and first.reason != "auto_closed":
            yield Verdict("reopened", key, "kept", first.at, stay=stay)


# --- what is shown with a verdict -------------------------------------------------------------------------------------------


def reported_seconds(
    verdict: Verdict, contact: Contact, policy: Policy, evaluation_time: datetime
) -> tuple[float | None, float | None]:
    """(waited, limit) in seconds as they are shown with a verdict: None where it has none."""
    if verdict.wait is not None:
        until = max(verdict.wait.until or evaluation_time, verdict.wait.since)
        return waited_seconds(verdict.wait, until, policy), limit_seconds(policy.rules[verdict.signal], policy)
    returned = {"repeat_contact": contact.again, "lost_context": contact.anew}.get(verdict.signal)
    if returned is not None and verdict.at is not None:  # since he came last, or has been waiting elsewhere
        return (verdict.at - returned.since).total_seconds(), limit_seconds(policy.rules[verdict.signal], policy)
    if verdict.signal == "abandoned":
        visit = _visit_of(verdict, contact.visits)
        return ((visit.until or evaluation_time) - visit.since).total_seconds(), None  # giving up has no limit
    return None, None


def related_to(verdict: Verdict, contact: Contact) -> str | None:
    """Our id of another contact that a breach rests on."""
    found = {"repeat_contact": contact.again, "lost_context": contact.anew}.get(verdict.signal)
    return None if found is None else found.other


def _visit_of(verdict: Verdict, visits: Sequence[Visit]) -> Visit:
    """The visit whose end this verdict is about: visits end one after the other, the last one may go on."""
    ended = len(visits) - (visits[-1].until is None)
    first = bisect_left(visits, verdict.at, hi=ended, key=attrgetter("until"))
    return next(each for each in islice(visits, first, None) if each.key == verdict.key)
