"""Alerts about what is wrong at a contact point this minute: no share is needed for it."""

import re
from typing import Final

from monitor.publish.rules.going_on import indented, lasting, unless_told, where_open_and_seen
from monitor.publish.rules.texts import (
    COUNT,
    HERE,
    NUMBER,
    TITLE,
    VALUE_LENGTH,
    alarm,
    callers,
    length,
    local_moment,
    number,
    opening_time,
    told,
)
from monitor.publish.rules.values import (
    POINT_PAGE,
    Alert,
    Tuning,
    board,
    gauge,
    highest_in,
    increase,
    lowest_in,
    merged,
    quoted,
    selector,
)
from monitor.publish.rules.windows import NEW_SIGNALS, OBJECTIVE, OPEN_AND_SEEN, TEAM

DETAIL: Final = board("contactpoint-detail")
WRITTEN: Final = board("contactpoint-written", "now-7d")
NOBODY_THERE: Final = "ContactPointNobodyThere"
QUEUE_UNANSWERED: Final = "ContactPointQueueUnanswered"
#: "Nobody has been answered" is said of two people, or of one who has waited this long.
_ALONE_SECONDS: Final = 600
_OF_WAIT: Final = ("channel", "contact_point", "wait")


def _oldest_wait(wait: str) -> str:
    return gauge("oldest_wait_business_seconds", wait=wait)


def _limit(signal: str) -> str:
    return gauge("limit_seconds", signal=signal, without=("signal",))


def _of(metric: str, wait: str) -> str:
    return f'{selector(metric)}{{{HERE},wait="{wait}"}}'


def _since(wait: str) -> str:
    return local_moment(_of("oldest_wait_start_timestamp_seconds", wait))


def live_alerts(tuning: Tuning) -> tuple[Alert, ...]:
    """What is wrong this minute."""
    return (
        _hold_too_long(tuning),
        _queue_unanswered(tuning),
        _nobody_there(),
        _reply_very_late(),
        _due_soon(),
        _promise_due_soon(),
        _complaint_deadline_near(),
        _critical_signal(tuning),
    )


def _hold_too_long(tuning: Tuning) -> Alert:
    name, limit = "ContactPointHoldTooLong", f'{selector("limit_seconds")}{{{HERE},signal="long_hold"}}'
    condition = f"{_oldest_wait('hold')}\n> ignoring (wait) group_left () {tuning.hold_factor:g} * {_limit('long_hold')}"
    held = told(
        _of("oldest_wait_business_seconds", "hold") + " > 0",
        'A customer has been on hold for {{ template "length" (. | value) }}',
        "A customer was on hold when the line was last seen",
    )
    return Alert(
        name,
        "customer",
        "warning",
        lasting(name, condition, ("wait",), f"ignoring (team) {gauge('waiting', wait='hold')}", added=("signal",)),
        f"{TITLE}: a customer is on hold far too long",
        f"{held}, since {_since('hold')}; on hold now: {number(_of('waiting', 'hold'))}. "
        f"The limit is {length(limit, otherwise='not known')}. First: ask whoever has the call to take it up, or to call back.",
        hold="30s",
        page=POINT_PAGE,
        dashboard=DETAIL,
        labels=(("signal", "long_hold"),),
    )


def _who_is_there() -> str:
    """ "Ready or busy: 2, paused: 1, away: 0. " Nothing where the source does not tell."""

    def doing(states: str) -> str:
        return f'sum({selector("agents")}{{{HERE},state=~"{states}"}})'

    rest = f"paused: {number(doing('paused'))}, away: {number(doing('away'))}. "
    return told(doing("ready|busy"), f"Ready or busy: {COUNT}, {rest}", "")


def _waiting_callers() -> str:
    """ "3 callers wait, the first since Sat 28 Nov 02:07 CET"."""
    several = f'{{{{ . | value | printf "%.0f" }}}} {callers("callers")} wait, the first since'
    count = f"{{{{ if eq (. | value) 1.0 }}}}1 customer waits, since{{{{ else }}}}{several}{{{{ end }}}}"
    return told(_of("waiting", "queue") + " > 0", f"{count} {_since('queue')}", "Who waits now is not known")


def _queue_unanswered(tuning: Tuning) -> Alert:
    name = QUEUE_UNANSWERED
    answered = increase("outcomes_total", "10m", outcome="answered", without=("outcome", "in_target"))
    waiting, oldest = gauge("waiting", wait="queue"), _oldest_wait("queue")
    condition = (
        f"{waiting} > 0\n"
        f"and {oldest} > ignoring (wait) group_left () {tuning.queue_factor:g} * {_limit('long_wait')}\n"
        f"and ({waiting} >= 2 or {oldest} >= {_ALONE_SECONDS})\n"
        f"and ignoring (wait) {answered} == 0"
    )
    return _about_queue(
        name,
        lasting(
            name,
            condition,
            ("wait",),
            f"ignoring (team) {waiting}",
            begins=unless_told(NOBODY_THERE, begins=f"({OPEN_AND_SEEN} and ignoring (team) {lowest_in('open', '10m')} == 1)"),
            added=("signal",),
        ),
        "callers wait and nobody answers",
        "nobody was answered for ten minutes",
        "see who is logged in, and call the queue yourself",
        hold="30s",
    )


def _about_queue(name: str, expr: str, trouble: str, fact: str, first: str, *, hold: str) -> Alert:
    """Callers wait, and nobody deals with them: `trouble` in the summary, the `fact` behind it, the `first` step."""
    return Alert(
        name,
        "customer",
        "critical",
        expr,
        f"{TITLE}: {callers(trouble)}",
        f"{_waiting_callers()}; {fact}. {_who_is_there()}First: {first}.",
        hold=hold,
        keep="20m",
        page=POINT_PAGE,
        dashboard=DETAIL,
        labels=(("signal", "long_wait"),),
    )


def _nobody_there() -> Alert:
    name = NOBODY_THERE
    state = 'state=~"ready|busy"'
    there = merged("sum", merged("max", f"max_over_time({selector('agents', state)}[5m])"), "state")
    came = increase("contacts_total", "20m", direction="inbound", without=("direction",))
    waiting = gauge("waiting", wait="queue")
    return _about_queue(
        name,
        lasting(
            name,
            f"{waiting} > 0\nand ignoring (wait) {there} == 0\nand ignoring (wait) round({came}) >= 2",
            ("wait",),
            f"ignoring (team, wait) {merged('max', selector('agents'), 'state')}",
            added=("signal",),
        ),
        "callers wait and nobody is there to answer",
        "for five minutes nobody was ready or busy",
        "get somebody to log in, or send the calls elsewhere",
        hold="1m",
    )


def _reply_very_late() -> Alert:
    name, day = "ContactPointReplyVeryLate", gauge("opening_day_seconds")
    condition = "\nor\n".join(
        f"{_oldest_wait(wait)}\n> ignoring (wait) group_left () ({_limit(signal)} + {day})"
        for wait, signal in (("reply", "late_reply"), ("follow_up", "late_follow_up"))
    )
    since = local_moment(f"{selector('oldest_wait_start_timestamp_seconds')}{{{HERE}}}", labels=_OF_WAIT)
    oldest = f"{selector('oldest_wait_business_seconds')}{{{HERE}}}"
    late = number(f"{selector('overdue')}{{{HERE}}}", labels=_OF_WAIT)
    return Alert(
        name,
        "customer",
        "warning",
        lasting(name, condition, ("wait",), f"ignoring (team) {gauge('waiting')}"),
        f"{TITLE}: a message has stayed unanswered for days",
        f"The oldest unanswered message has waited {opening_time(oldest, _OF_WAIT)}, since {since}; "
        f"messages over their limit: {late}. First: answer the oldest, or tell its writer when you will.",
        hold="5m",
        keep="1h",
        page=POINT_PAGE,
        dashboard=WRITTEN,
    )


def _due_soon() -> Alert:
    name = "ContactPointDueSoon"
    due = local_moment(f"{selector('next_due_timestamp_seconds')}{{{HERE}}}", labels=_OF_WAIT)
    soon = number(f"{selector('due_soon')}{{{HERE}}}", labels=_OF_WAIT)
    return Alert(
        name,
        "customer",
        "warning",
        lasting(name, f"{gauge('due_soon')} > 0", ("wait",), f"ignoring (team) {gauge('due_soon')}"),
        f"{TITLE}: customers are about to wait over the limit",
        f"Customers whose limit falls within the warning time (warn_before): {soon}, the first {due}. "
        "First: take these before anything newer.",
        hold="1m",
        keep="30m",
        page=POINT_PAGE,
        dashboard=WRITTEN,
    )


def _promise_due_soon() -> Alert:
    due = merged("min", selector("next_due_timestamp_seconds", wait="promise"))
    return Alert(
        "ContactPointPromiseDueSoon",
        "customer",
        "info",
        where_open_and_seen(f"({due} - time() < 3600)\n> 0", "wait"),
        f"{TITLE}: a promise falls due within the hour",
        f"The next promise falls due in {VALUE_LENGTH}. "
        f"Promises open: {number(_of('waiting', 'promise'))}, past due: {number(_of('overdue', 'promise'))}. "
        "First: see who made it, and whether it is being kept.",
        hold="1m",
        page=POINT_PAGE,
        dashboard=WRITTEN,
    )


def _complaint_deadline_near() -> Alert:
    name = "ContactPointComplaintDeadlineNear"
    return Alert(
        name,
        "customer",
        "warning",
        lasting(
            name,
            f"{gauge('overdue', wait='complaint')} > 0",
            ("wait",),
            f"ignoring (team) {gauge('waiting', wait='complaint')}",
            added=("signal",),
        ),
        f"{TITLE}: a complaint nears its deadline",
        f"Complaints near or past the deadline of their sector: {number(_of('overdue', 'complaint'))}; "
        f"the oldest open one is of {_since('complaint')}. First: give the final answer, or say who will and when.",
        hold="1m",
        page=POINT_PAGE,
        dashboard=WRITTEN,
        labels=(("signal", "complaint_overdue"),),
    )


def _critical_signal(tuning: Tuning) -> Alert:
    """No lower bound and no count: of these, one is one too many. Complaints have an alert of their own."""
    own = 'signal!="complaint_overdue"'
    wanted = [f"increase({NEW_SIGNALS}{{{own}}}[10m]) > 0 and {OBJECTIVE} == 1"]
    if tuning.critical:
        names = "contact_point=~" + quoted("|".join(re.escape(name) for name in tuning.critical))
        wanted.append(f"increase({NEW_SIGNALS}{{{names},{own}}}[10m]) > 0")
    condition = f"(\n{indented(chr(10).join(wanted[:1] + ['or ' + each for each in wanted[1:]]))}\n)"
    condition += f"\nand ignoring (signal) {highest_in('open', '10m')} == 1"
    return Alert(
        "ContactPointCriticalSignal",
        "customer",
        "critical",
        f"(\n{indented(condition)}\n)\n* ignoring (signal, team) group_left (team) {TEAM}",
        f"{TITLE}: {alarm()}, and not one is allowed",
        f"Negative contacts in the last ten minutes: {NUMBER}. Not one is allowed at this contact point. "
        "First: open its page, find the customer, and call back.",
        page=POINT_PAGE,
        dashboard=DETAIL,
    )
