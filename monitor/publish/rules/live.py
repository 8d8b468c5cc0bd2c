"""Alerts about what is wrong at a contact point this minute: no share is needed for it."""

import re
from typing import Final

from monitor.publish import alert_facts
from monitor.publish.alert_facts import AlertFacts
from monitor.publish.rules.going_on import indented, lasting, unless_told, where_open_and_seen
from monitor.publish.rules.texts import (
    COUNT,
    HERE,
    LENGTH,
    NUMBER,
    TITLE,
    VALUE_LENGTH,
    alarm,
    callers,
    length,
    local_moment,
    number,
    opening_time,
    promised,
    told,
)
from monitor.publish.rules.values import (
    POINT_PAGE,
    Alert,
    Tuning,
    alert_of,
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
#: Of whatever channel, with what was promised or answered last week.
DETAIL_OF_WEEK: Final = board("contactpoint-detail", "now-7d")
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
        _promise_broken(),
        _complaint_deadline_near(),
        _critical_signal(tuning),
    )


def _hold_too_long(tuning: Tuning) -> Alert:
    facts, limit = alert_facts.HOLD_TOO_LONG, f'{selector("limit_seconds")}{{{HERE},signal="long_hold"}}'
    condition = f"{_oldest_wait('hold')}\n> ignoring (wait) group_left () {tuning.hold_factor:g} * {_limit('long_hold')}"
    held = told(
        _of("oldest_wait_business_seconds", "hold") + " > 0",
        alert_facts.HELD.format(length=LENGTH),
        "A customer was on hold when the line was last seen",
    )
    said = {
        "title": TITLE,
        "held": held,
        "since": _since("hold"),
        "waiting": number(_of("waiting", "hold")),
        "limit": length(limit, otherwise="not known"),
    }
    goes_on = lasting(facts.name, condition, ("wait",), f"ignoring (team) {gauge('waiting', wait='hold')}", added=("signal",))
    return alert_of(facts, goes_on, said, page=POINT_PAGE, dashboard=DETAIL)


def _who_is_there() -> str:
    """ "Ready or busy: 2, paused: 1, away: 0. " Nothing where the source does not tell."""

    def doing(states: str) -> str:
        return f'sum({selector("agents")}{{{HERE},state=~"{states}"}})'

    shown = alert_facts.WHO_IS_THERE.format(there=COUNT, paused=number(doing("paused")), away=number(doing("away")))
    return told(doing("ready|busy"), shown, "")


def _waiting_callers() -> str:
    """ "3 callers wait, the first since Sat 28 Nov 02:07 CET"."""
    several = alert_facts.SEVERAL_WAIT.format(count=COUNT, callers=callers("callers"))
    count = f"{{{{ if eq (. | value) 1.0 }}}}{alert_facts.ONE_WAITS}{{{{ else }}}}{several}{{{{ end }}}}"
    return told(_of("waiting", "queue") + " > 0", f"{count} {_since('queue')}", "Who waits now is not known")


def _queue_unanswered(tuning: Tuning) -> Alert:
    facts, within = alert_facts.QUEUE_UNANSWERED, alert_facts.UNANSWERED_WITHIN
    answered = increase("outcomes_total", within, outcome="answered", without=("outcome", "in_target"))
    waiting, oldest = gauge("waiting", wait="queue"), _oldest_wait("queue")
    condition = (
        f"{waiting} > 0\n"
        f"and {oldest} > ignoring (wait) group_left () {tuning.queue_factor:g} * {_limit('long_wait')}\n"
        f"and ({waiting} >= 2 or {oldest} >= {alert_facts.ALONE_SECONDS})\n"
        f"and ignoring (wait) {answered} == 0"
    )
    open_so_long = f"({OPEN_AND_SEEN} and ignoring (team) {lowest_in('open', within)} == 1)"
    begins = unless_told(alert_facts.NOBODY_THERE.name, begins=open_so_long)
    goes_on = lasting(facts.name, condition, ("wait",), f"ignoring (team) {waiting}", begins=begins, added=("signal",))
    return _about_queue(facts, goes_on)


def _about_queue(facts: AlertFacts, expr: str) -> Alert:
    """Callers wait, and nobody deals with them."""
    said = {"title": TITLE, "callers": callers("callers"), "waiting": _waiting_callers(), "who": _who_is_there()}
    return alert_of(facts, expr, said, page=POINT_PAGE, dashboard=DETAIL)


def _nobody_there() -> Alert:
    facts = alert_facts.NOBODY_THERE
    state = 'state=~"ready|busy"'
    there = merged("sum", merged("max", f"max_over_time({selector('agents', state)}[{alert_facts.NOBODY_WITHIN}])"), "state")
    came = increase("contacts_total", alert_facts.CAME_WITHIN, direction="inbound", without=("direction",))
    waiting = gauge("waiting", wait="queue")
    condition = (
        f"{waiting} > 0\nand ignoring (wait) {there} == 0\nand ignoring (wait) round({came}) >= {alert_facts.CAME_AT_LEAST}"
    )
    figures = f"ignoring (team, wait) {merged('max', selector('agents'), 'state')}"
    return _about_queue(facts, lasting(facts.name, condition, ("wait",), figures, added=("signal",)))


def _reply_very_late() -> Alert:
    facts, day = alert_facts.REPLY_VERY_LATE, gauge("opening_day_seconds")
    condition = "\nor\n".join(
        f"{_oldest_wait(wait)}\n> ignoring (wait) group_left () ({_limit(signal)} + {day})"
        for wait, signal in alert_facts.LATE_WAITS
    )
    oldest = f"{selector('oldest_wait_business_seconds')}{{{HERE}}}"
    said = {
        "title": TITLE,
        "opening_time": opening_time(oldest, _OF_WAIT),
        "since": local_moment(f"{selector('oldest_wait_start_timestamp_seconds')}{{{HERE}}}", labels=_OF_WAIT),
        "late": number(f"{selector('overdue')}{{{HERE}}}", labels=_OF_WAIT),
    }
    goes_on = lasting(facts.name, condition, ("wait",), f"ignoring (team) {gauge('waiting')}")
    return alert_of(facts, goes_on, said, page=POINT_PAGE, dashboard=WRITTEN)


def _due_soon() -> Alert:
    facts = alert_facts.DUE_SOON
    said = {
        "title": TITLE,
        "soon": number(f"{selector('due_soon')}{{{HERE}}}", labels=_OF_WAIT),
        "due": local_moment(f"{selector('next_due_timestamp_seconds')}{{{HERE}}}", labels=_OF_WAIT),
    }
    goes_on = lasting(facts.name, f"{gauge('due_soon')} > 0", ("wait",), f"ignoring (team) {gauge('due_soon')}")
    return alert_of(facts, goes_on, said, page=POINT_PAGE, dashboard=DETAIL_OF_WEEK)


def _promise_due_soon() -> Alert:
    due = merged("min", selector("next_due_timestamp_seconds", wait="promise"))
    said = {
        "title": TITLE,
        "promised": promised(),
        "length": VALUE_LENGTH,
        "due": local_moment(_of("next_due_timestamp_seconds", "promise")),
        "waiting": number(_of("waiting", "promise")),
        "overdue": number(_of("overdue", "promise")),
    }
    soon = where_open_and_seen(f"({due} - time() < {alert_facts.PROMISE_SECONDS})\n> 0", "wait")
    return alert_of(alert_facts.PROMISE_DUE_SOON, soon, said, page=POINT_PAGE, dashboard=DETAIL_OF_WEEK)


def _promise_broken() -> Alert:
    """Of the newest: one that was kept without a word, as a parcel that was sent, must not hide those that follow."""
    facts = alert_facts.PROMISE_BROKEN
    newest, opening_day = "newest_broken_promise_business_seconds", gauge("opening_day_seconds")
    condition = (
        f"{gauge('overdue', wait='promise')} > 0\n"
        f"and ignoring (wait) {gauge(newest)} < {alert_facts.BROKEN_OPENING_DAYS} * {opening_day}"
    )
    said = {
        "title": TITLE,
        "promised": promised(),
        "overdue": number(_of("overdue", "promise")),
        "opening_time": opening_time(f"{selector(newest)}{{{HERE}}}"),
        "since": _since("promise"),
    }
    figures = f"ignoring (team) {gauge('waiting', wait='promise')}"
    goes_on = lasting(facts.name, condition, ("wait",), figures, added=("signal",))
    return alert_of(facts, goes_on, said, page=POINT_PAGE, dashboard=DETAIL_OF_WEEK)


def _complaint_deadline_near() -> Alert:
    facts = alert_facts.COMPLAINT_DEADLINE_NEAR
    condition = f"{gauge('overdue', wait='complaint')} > 0"
    figures = f"ignoring (team) {gauge('waiting', wait='complaint')}"
    said = {"title": TITLE, "overdue": number(_of("overdue", "complaint")), "since": _since("complaint")}
    goes_on = lasting(facts.name, condition, ("wait",), figures, added=("signal",))
    return alert_of(facts, goes_on, said, page=POINT_PAGE, dashboard=WRITTEN)


def _critical_signal(tuning: Tuning) -> Alert:
    """No lower bound and no count: of these, one is one too many. Complaints have an alert of their own.

    What is but a trend is none of the signals that a critical line allows not one of.
    """
    own, within = f'signal!="{alert_facts.COMPLAINT_DEADLINE_NEAR.signal}"', alert_facts.CRITICAL_WITHIN
    wanted = [f"increase({NEW_SIGNALS}{{{own}}}[{within}]) > 0 and {OBJECTIVE} == 1"]
    if tuning.critical:
        names = "contact_point=~" + quoted("|".join(re.escape(name) for name in tuning.critical))
        others = f'signal!~"{"|".join((alert_facts.COMPLAINT_DEADLINE_NEAR.signal, *alert_facts.TRENDS))}"'
        wanted.append(f"increase({NEW_SIGNALS}{{{names},{others}}}[{within}]) > 0")
    condition = f"(\n{indented(chr(10).join(wanted[:1] + ['or ' + each for each in wanted[1:]]))}\n)"
    condition += f"\nand ignoring (signal) {highest_in('open', within)} == 1"
    expr = f"(\n{indented(condition)}\n)\n* ignoring (signal, team) group_left (team) {TEAM}"
    said = {"title": TITLE, "alarm": alarm(), "count": NUMBER}
    return alert_of(alert_facts.CRITICAL_SIGNAL, expr, said, page=POINT_PAGE, dashboard=DETAIL)
