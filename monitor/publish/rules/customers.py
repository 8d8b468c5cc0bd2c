"""Alerts about customers. Every one names its contact point and team, and none speaks of one that is closed or unseen."""

import re
from typing import Final

from monitor.publish.rules.values import (
    DURATION,
    LENGTH,
    MOMENT,
    NUMBER,
    POINT,
    POINT_PAGE,
    SHARE,
    SIGNAL,
    WHOLE,
    Alert,
    PointObjectives,
    Tuning,
    board,
    gauge,
    highest_in,
    increase,
    looked_up,
    lowest_in,
    merged,
    quoted,
    selector,
)
from monitor.publish.rules.windows import (
    BLIND_POINT,
    OBJECTIVE,
    OPEN_AND_SEEN,
    SLOW_WINDOW,
    TEAM,
    assessed,
    lower_bound,
    ratio,
    share,
    signals,
)

DETAIL: Final = board("contactpoint-detail")
WRITTEN: Final = board("contactpoint-written", "now-7d")
WEEKLY: Final = board("contactpoint-weekly", "now-13w")


def _where_open_and_seen(condition: str, *own: str) -> str:
    """The condition where the contact point is open and seen, with its team. `own`: labels that only the condition has."""
    return f"(\n{_indented(condition)}\n)\n* ignoring ({', '.join((*own, 'team'))}) group_left (team) {OPEN_AND_SEEN}"


def _indented(text: str) -> str:
    return "\n".join("  " + line for line in text.split("\n"))


def _oldest_wait(wait: str) -> str:
    return gauge("oldest_wait_business_seconds", wait=wait)


def _limit(signal: str) -> str:
    return gauge("limit_seconds", signal=signal, without=("signal",))


def _at_point(metric: str, wait: str, form: str = WHOLE, otherwise: str = "unknown") -> str:
    return looked_up(selector(metric), "channel", "contact_point", form=form, otherwise=otherwise, wait=wait)


def _since(wait: str) -> str:
    return _at_point("oldest_wait_start_timestamp_seconds", wait, MOMENT, "an unknown moment")


def live_alerts(tuning: Tuning) -> tuple[Alert, ...]:
    """What is wrong this minute: no share is needed for it."""
    return (
        _hold_too_long(tuning),
        _queue_unanswered(tuning),
        _nobody_there(),
        _reply_very_late(),
        _promise_due_soon(),
        _complaint_deadline_near(),
        _critical_signal(tuning),
    )


def _hold_too_long(tuning: Tuning) -> Alert:
    limit = looked_up(
        selector("limit_seconds"), "channel", "contact_point", form=DURATION, otherwise="not known", signal="long_hold"
    )
    condition = f"{_oldest_wait('hold')}\n> ignoring (wait) group_left () {tuning.hold_factor:g} * {_limit('long_hold')}"
    return Alert(
        "ContactPointHoldTooLong",
        "customer",
        "warning",
        _where_open_and_seen(condition, "wait"),
        "A customer has been on hold far too long.",
        f"{POINT}: a customer has been on hold for {LENGTH}, since {_since('hold')}. "
        f"On hold now: {_at_point('waiting', 'hold')}. The limit is {limit}.",
        hold="30s",
        page=POINT_PAGE,
        dashboard=DETAIL,
        labels=(("signal", "long_hold"),),
    )


def _queue_unanswered(tuning: Tuning) -> Alert:
    answered = increase("outcomes_total", "10m", outcome="answered", without=("outcome", "in_target"))
    condition = (
        f"{gauge('waiting', wait='queue')} > 0\n"
        f"and {_oldest_wait('queue')} > ignoring (wait) group_left () {tuning.queue_factor:g} * {_limit('long_wait')}\n"
        f"and ignoring (wait) {answered} == 0\n"
        f"and ignoring (wait) {lowest_in('open', '10m')} == 1"
    )
    return Alert(
        "ContactPointQueueUnanswered",
        "customer",
        "critical",
        _where_open_and_seen(condition, "wait"),
        "Customers are waiting in a queue and nobody answers.",
        f"{POINT}: customers waiting: {NUMBER}, the first since {_since('queue')}, and nobody has been answered for ten minutes.",
        hold="30s",
        page=POINT_PAGE,
        dashboard=DETAIL,
        labels=(("signal", "long_wait"),),
    )


def _nobody_there() -> Alert:
    there = merged("sum", gauge("agents", 'state=~"ready|busy"'), "state")
    condition = f"{gauge('waiting', wait='queue')} > 0\nand ignoring (wait) {there} == 0"

    def at_point(doing: str) -> str:
        return looked_up(selector("agents"), "channel", "contact_point", state=doing)

    return Alert(
        "ContactPointNobodyThere",
        "customer",
        "critical",
        _where_open_and_seen(condition, "wait"),
        "Customers are waiting in a queue and nobody is there to answer.",
        f"{POINT}: customers waiting: {NUMBER}, the first since {_since('queue')}, and nobody is ready or busy. "
        f"Paused: {at_point('paused')}, away: {at_point('away')}.",
        hold="1m",
        page=POINT_PAGE,
        dashboard=DETAIL,
        labels=(("signal", "long_wait"),),
    )


def _reply_very_late() -> Alert:
    day = gauge("opening_day_seconds")
    condition = "\nor\n".join(
        f"{_oldest_wait(wait)}\n> ignoring (wait) group_left () ({_limit(signal)} + {day})"
        for wait, signal in (("reply", "late_reply"), ("follow_up", "late_follow_up"))
    )
    labels = ("channel", "contact_point", "wait")
    since = looked_up(selector("oldest_wait_start_timestamp_seconds"), *labels, form=MOMENT, otherwise="an unknown moment")
    return Alert(
        "ContactPointReplyVeryLate",
        "customer",
        "warning",
        _where_open_and_seen(condition, "wait"),
        "A customer's message has stayed unanswered an opening day beyond its limit.",
        f"{POINT}: the oldest unanswered message has waited {LENGTH} of opening time, since {since}. "
        f"Messages past their limit: {looked_up(selector('overdue'), *labels)}.",
        hold="5m",
        page=POINT_PAGE,
        dashboard=WRITTEN,
    )


def _promise_due_soon() -> Alert:
    due = merged("min", selector("next_due_timestamp_seconds", wait="promise"))
    return Alert(
        "ContactPointPromiseDueSoon",
        "customer",
        "warning",
        _where_open_and_seen(f"({due} - time() < 3600)\n> 0", "wait"),
        "A promise to a customer falls due within the hour.",
        f"{POINT}: the next promise falls due in {LENGTH}. "
        f"Promises open: {_at_point('waiting', 'promise')}, past due: {_at_point('overdue', 'promise')}.",
        hold="1m",
        page=POINT_PAGE,
        dashboard=WRITTEN,
    )


def _complaint_deadline_near() -> Alert:
    return Alert(
        "ContactPointComplaintDeadlineNear",
        "customer",
        "warning",
        _where_open_and_seen(f"{gauge('overdue', wait='complaint')} > 0", "wait"),
        "A complaint without a final answer nears its deadline.",
        f"{POINT}: complaints near or past the deadline of their sector: {NUMBER}; the oldest open one is of "
        f"{_since('complaint')}.",
        hold="1m",
        page=POINT_PAGE,
        dashboard=WRITTEN,
        labels=(("signal", "complaint_overdue"),),
    )


def _critical_signal(tuning: Tuning) -> Alert:
    """No lower bound and no count: of these, one is one too many. Complaints have an alert of their own."""
    own = 'signal!="complaint_overdue"'
    wanted = [f"{increase('signals_total', '10m', own)} > 0 and {OBJECTIVE} == 1"]
    if tuning.critical:
        names = "contact_point=~" + quoted("|".join(re.escape(name) for name in tuning.critical))
        wanted.append(f"{increase('signals_total', '10m', names, own)} > 0")
    condition = f"(\n{_indented(chr(10).join(wanted[:1] + ['or ' + each for each in wanted[1:]]))}\n)"
    condition += f"\nand ignoring (signal) {highest_in('open', '10m')} == 1"
    return Alert(
        "ContactPointCriticalSignal",
        "customer",
        "critical",
        f"(\n{_indented(condition)}\n)\n* ignoring (signal, team) group_left (team) {TEAM}",
        "A negative contact where not one is allowed.",
        f"{POINT}: {SIGNAL}, times in the last ten minutes: {NUMBER}. Not one is allowed at this contact point.",
        page=POINT_PAGE,
        dashboard=DETAIL,
    )


def burn_alerts(tuning: Tuning) -> tuple[Alert, ...]:
    """The objective is being missed, soon or surely. Two windows: the short one ends the alert when the trouble has ended."""
    return (
        Alert(
            "ContactPointFastBurn",
            "customer",
            "critical",
            _burn_condition("page", "1h", "5m", tuning),
            "Far too many contacts of the last hour went badly.",
            _burn_description("1h", "hour"),
            hold="2m",
            keep="10m",
            page=POINT_PAGE,
            dashboard=DETAIL,
        ),
        Alert(
            "ContactPointSlowBurn",
            "customer",
            "warning",
            _burn_condition("ticket", "6h", "30m", tuning),
            "Too many contacts of the last six hours went badly: the week will miss its objective if this goes on.",
            _burn_description("6h", "six hours"),
            hold="15m",
            keep="30m",
            page=POINT_PAGE,
            dashboard=DETAIL,
        ),
        Alert(
            "ContactPointObjectiveTrend",
            "customer",
            "info",
            _burn_condition("trend", SLOW_WINDOW, "6h", tuning),
            "For days more contacts have gone badly than the objective allows.",
            _burn_description(SLOW_WINDOW, "three days"),
            hold="1h",
            keep="1h",
            page=POINT_PAGE,
            dashboard=WEEKLY,
        ),
    )


def _burn_condition(level: str, long: str, short: str, tuning: Tuning) -> str:
    condition = (
        f"{lower_bound(long)} > {share(level)}\n"
        f"and round({assessed(long)}) >= {tuning.minimum_contacts}\n"
        f"and {ratio(short)} > {share(level)}"
    )
    return _where_open_and_seen(condition, "signal")


def _burn_description(window: str, words: str) -> str:
    def figure(name: str, form: str = WHOLE) -> str:
        return looked_up(name, "channel", "contact_point", "signal", form=form)

    return (
        f"{POINT}: {figure(signals(window))} of {figure(assessed(window))} contacts of the last {words} were {SIGNAL} "
        f"({figure(ratio(window), SHARE)}). The objective is {figure(OBJECTIVE, SHARE)} without."
    )


def unseen_alerts() -> tuple[Alert, ...]:
    """Contact points of which nothing can be said."""

    def inbound(late: str = "") -> str:
        return increase("contacts_total", "1h", direction="inbound", without=("direction",), late=late)

    ceased = f"{inbound()} == 0\nand {inbound('1w')} > 10\nand {lowest_in('open', '1h')} == 1"
    return (
        Alert(
            "ContactPointBlind",
            "customer",
            "info",
            f"({BLIND_POINT} == 1 and {gauge('open')} == 1)\n* ignoring (team) group_left (team) {TEAM}",
            "A contact point is not being watched: its source cannot be read.",
            f"{POINT}: a source of this contact point cannot be read, so nobody knows who is waiting. "
            "Its other alerts stay silent until the source is back.",
            hold="2m",
            page="/sources",
            dashboard=DETAIL,
        ),
        Alert(
            "ContactPointUnwatched",
            "customer",
            "info",
            f"{OPEN_AND_SEEN}\nunless ignoring (team) {gauge('waiting', without=('wait',))}",
            "A contact point has no figures although all its sources work.",
            f"{POINT}: no source has named this contact point, so nothing is known of it. "
            "Its queue, extension or address may be misspelt in the configuration.",
            hold="1h",
            page="/sources",
            dashboard=DETAIL,
        ),
        Alert(
            "ContactPointTrafficCeased",
            "customer",
            "warning",
            _where_open_and_seen(ceased),
            "Nobody has contacted us for an hour in which many usually do.",
            f"{POINT}: not one customer in the last hour, though it was open all the time and a week ago more than ten came "
            "in this hour. A line, a trunk or the delivery of mail may be dead.",
            hold="15m",
            page=POINT_PAGE,
            dashboard=DETAIL,
        ),
    )


def missing_points(points: tuple[PointObjectives, ...]) -> Alert:
    """Only a rule file made for one configuration can know which contact points should be there."""
    names = sorted({point.contact_point for point in points})
    gone = "\n  or ".join(f"absent({selector('info', contact_point=name)})" for name in names)
    return Alert(
        "ContactPointMissing",
        "customer",
        "warning",
        f"(\n  {gone}\n)\nand on () count({selector('build_info')}) > 0",
        "A configured contact point is not among the figures.",
        f"{POINT}: this contact point is in the configuration that these rules were made from, but the monitor does not know it. "
        "Reload the monitor, or make the rules again.",
        hold="15m",
        page="/sources",
    )
