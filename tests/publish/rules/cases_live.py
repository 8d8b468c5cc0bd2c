"""What is wrong this minute: holds, queues, mails, promises, complaints, single signals."""

from tests.publish.rules.series import POINT, Case, Expected, Scrapes, Series, counted, ours

W = Scrapes()
DAEMON = {**W.daemon(), **W.source()}
LIMITS = {"long_hold": 120.0, "long_wait": 20.0, "late_reply": 14400.0, "late_follow_up": 28800.0}


def on_hold(seconds: str, **point: str) -> Series:
    """Somebody is put on hold at 00:10; the limit is two minutes, the alert's four."""
    return {**DAEMON, **W.point(limits=LIMITS, **point), **W.waits("hold", "0x9 1x100", seconds, "_x10 600x100")}


HOLDING = "0x10 60+60x100"
HOLD = {**POINT, "wait": "hold", "signal": "long_hold"}
NIGHT = W.constant(0)

HOLDS = (
    Case(
        "ContactPointHoldTooLong",
        "a customer who has been on hold for six minutes",
        on_hold(HOLDING),
        "16m",
        (
            Expected(
                "support-line: a customer has been on hold for 6m 0s, since 1970-01-01 00:10:00 +0000 UTC. "
                "On hold now: 1. The limit is 2m 0s.",
                HOLD,
            ),
        ),
    ),
    Case("ContactPointHoldTooLong", "a hold of exactly twice the limit is not yet longer", on_hold("240x100"), "30m"),
    Case("ContactPointHoldTooLong", "a quiet night: nobody is on hold", on_hold(W.constant(0)), "60m"),
    Case("ContactPointHoldTooLong", "closed", on_hold(HOLDING, is_open=NIGHT), "30m"),
    Case("ContactPointHoldTooLong", "closed since a minute", on_hold(HOLDING, is_open="1x29 0x100"), "31m"),
    Case(
        "ContactPointHoldTooLong",
        "the source has shown nothing new for minutes, so the hold may long be over",
        {**on_hold(HOLDING), **W.source(watermark="0+60x12 720x100")},
        "30m",
    ),
    Case(
        "ContactPointHoldTooLong",
        "the source is down: there are no live figures",
        {**on_hold("0x10 60+60x5 stale"), **W.source(up="1x15 0x100")},
        "18m",
    ),
    Case(
        "ContactPointHoldTooLong",
        "the daemon restarts as another pod and the customer is still on hold",
        {
            **on_hold(HOLDING),
            'contactpoint_oldest_wait_business_seconds{job="monitor",instance="other:9760",pod="b",channel="phone",'
            'contact_point="support-line",wait="hold"}': "_x12 120+60x100",
        },
        "16m",
        (
            Expected(
                "support-line: a customer has been on hold for 6m 0s, since 1970-01-01 00:10:00 +0000 UTC. "
                "On hold now: 1. The limit is 2m 0s.",
                HOLD,
            ),
        ),
    ),
)


def queued(answered: str, is_open: str = "") -> Series:
    """Three callers wait, the first since 00:20."""
    return {
        **DAEMON,
        **W.point(limits=LIMITS, is_open=is_open),
        **W.waits("queue", "0x19 3x100", "0x20 60+60x100", "_x20 1200x100"),
        **ours("outcomes_total", answered, channel="phone", contact_point="support-line", outcome="answered", in_target="true"),
        **ours(
            "outcomes_total", W.constant(0), channel="phone", contact_point="support-line", outcome="answered", in_target="false"
        ),
    }


QUEUES = (
    Case(
        "ContactPointQueueUnanswered",
        "three wait, and nobody has answered since",
        queued("0+1x15 15x100"),
        "30m",
        (
            Expected(
                "support-line: customers waiting: 3, the first since 1970-01-01 00:20:00 +0000 UTC, "
                "and nobody has been answered for ten minutes.",
                {**POINT, "wait": "queue", "signal": "long_wait"},
            ),
        ),
    ),
    Case("ContactPointQueueUnanswered", "answered five minutes ago: slow, but not deserted", queued("0x25 1x100"), "30m"),
    Case("ContactPointQueueUnanswered", "opened five minutes ago", queued("0x100", is_open="0x25 1x100"), "31m"),
    Case("ContactPointQueueUnanswered", "closed", queued("0x100", is_open=NIGHT), "40m"),
    Case(
        "ContactPointQueueUnanswered",
        "a minute and a half is not five times the limit",
        {**queued("0x100"), **W.waits("queue", "3x100", "90x100")},
        "40m",
    ),
    Case(
        "ContactPointQueueUnanswered",
        "a quiet night at a line that never closes",
        {**queued("5x150"), **W.waits("queue", "0x150", "0x150")},
        "60m",
    ),
)


def deserted(ready: str, busy: str = "0x150", waiting: str = "0x19 2x131", is_open: str = "") -> Series:
    """Two callers wait from 00:20 on; three agents are paused and one is away."""
    here = {"channel": "phone", "contact_point": "support-line"}
    states = {"ready": ready, "busy": busy, "paused": "3x150", "away": "1x150"}
    agents: Series = {}
    for state, values in states.items():
        agents |= ours("agents", values, **here, state=state) if values else {}
    return {
        **DAEMON, **W.point(limits=LIMITS, is_open=is_open), **W.waits("queue", waiting, "0x20 60+60x130", "_x20 1200x130"),
        **agents,
    }  # fmt: skip


NOBODY = (
    Case(
        "ContactPointNobodyThere",
        "two wait, three are paused and one is away",
        deserted("0x150"),
        "22m",
        (
            Expected(
                "support-line: customers waiting: 2, the first since 1970-01-01 00:20:00 +0000 UTC, "
                "and nobody is ready or busy. Paused: 3, away: 1.",
                {**POINT, "wait": "queue", "signal": "long_wait"},
            ),
        ),
    ),
    Case("ContactPointNobodyThere", "not yet for a minute", deserted("0x150"), "20m"),
    Case("ContactPointNobodyThere", "somebody is ready", deserted("1x150"), "30m"),
    Case("ContactPointNobodyThere", "somebody talks, and will be free", deserted("0x150", busy="1x150"), "30m"),
    Case("ContactPointNobodyThere", "somebody came back", deserted("0x24 1x126"), "26m"),
    Case("ContactPointNobodyThere", "nobody waits", deserted("0x150", waiting="0x150"), "30m"),
    Case("ContactPointNobodyThere", "closed", deserted("0x150", is_open=NIGHT), "30m"),
    Case(
        "ContactPointNobodyThere",
        "the source does not tell who is there",
        {**DAEMON, **W.point(limits=LIMITS), **W.waits("queue", "2x150", "600x150")},
        "30m",
    ),
    Case(
        "ContactPointNobodyThere",
        "the source went down: there are no live figures",
        {**deserted("0x21 stale", busy="0x21 stale", waiting="0x19 2x1 stale"), **W.source(up="1x21 0x129")},
        "25m",
    ),
)


def mails(reply: str, follow_up: str = "0x150", is_open: str = "") -> Series:
    """A mailbox with limits of four and eight hours and opening days of eight."""
    mail = {"name": "info-mail", "channel": "email"}
    return {
        **W.daemon(),
        **W.source("mail", "imap"),
        **W.point(**mail, source=("mail", "imap"), limits=LIMITS, is_open=is_open),
        **W.waits("reply", "7x150", reply, "0x150", overdue="2x150", **mail),
        **W.waits("follow_up", "1x150", follow_up, "60x150", overdue="1x150", **mail),
    }


MAIL = {**POINT, "channel": "email", "contact_point": "info-mail"}
MAILS = (
    Case(
        "ContactPointReplyVeryLate",
        "an hour beyond the limit and a whole opening day",
        mails("46800x150"),  # 13 h: 4 h limit, 8 h day
        "20m",
        (
            Expected(
                "info-mail: the oldest unanswered message has waited 13h 0m 0s of opening time, "
                "since 1970-01-01 00:00:00 +0000 UTC. Messages past their limit: 2.",
                {**MAIL, "wait": "reply"},
            ),
        ),
    ),
    Case(
        "ContactPointReplyVeryLate",
        "a follow-up, which has eight hours",
        mails("0x150", "57660x150"),
        "20m",
        (
            Expected(
                "info-mail: the oldest unanswered message has waited 16h 1m 0s of opening time, "
                "since 1970-01-01 00:01:00 +0000 UTC. Messages past their limit: 1.",
                {**MAIL, "wait": "follow_up"},
            ),
        ),
    ),
    Case("ContactPointReplyVeryLate", "late, but not by a day", mails("43200x150", "57600x150"), "20m"),
    Case("ContactPointReplyVeryLate", "closed", mails("90000x150", is_open=NIGHT), "20m"),
    Case(
        "ContactPointReplyVeryLate",
        "the mailbox cannot be read",
        {**mails("90000x150"), **W.source("mail", "imap", up="0x150")},
        "20m",
    ),
)

DUE = {**DAEMON, **W.point()}
PROMISES = (
    Case(
        "ContactPointPromiseDueSoon",
        "due at 01:30, seen at 01:00",
        {**DUE, **W.waits("promise", "2x150", "600x150", overdue="0x150", due="5400x150")},
        "60m",
        (
            Expected(
                "support-line: the next promise falls due in 30m 0s. Promises open: 2, past due: 0.",
                {**POINT, "wait": "promise"},
            ),
        ),
    ),
    Case(
        "ContactPointPromiseDueSoon",
        "due in two hours",
        {**DUE, **W.waits("promise", "2x150", "600x150", due="10800x150")},
        "60m",
    ),
    Case(
        "ContactPointPromiseDueSoon",
        "its moment has passed: it is slipped, not due",
        {**DUE, **W.waits("promise", "2x150", "600x150", due="3000x150")},
        "60m",
    ),
    Case(
        "ContactPointPromiseDueSoon",
        "closed",
        {**DUE, **W.point(is_open=NIGHT), **W.waits("promise", "2x150", "600x150", due="5400x150")},
        "60m",
    ),
    Case("ContactPointPromiseDueSoon", "nothing promised", {**DUE, **W.waits("promise", "0x150", "0x150")}, "60m"),
)

COMPLAINTS = (
    Case(
        "ContactPointComplaintDeadlineNear",
        "one of two complaints is inside the week before its deadline",
        {**DUE, **W.waits("complaint", "2x150", "600x150", "60x150", overdue="1x150")},
        "20m",
        (
            Expected(
                "support-line: complaints near or past the deadline of their sector: 1; the oldest open one is of "
                "1970-01-01 00:01:00 +0000 UTC.",
                {**POINT, "wait": "complaint", "signal": "complaint_overdue"},
            ),
        ),
    ),
    Case(
        "ContactPointComplaintDeadlineNear",
        "two complaints with weeks left",
        {**DUE, **W.waits("complaint", "2x150", "600x150", overdue="0x150")},
        "20m",
    ),
    Case(
        "ContactPointComplaintDeadlineNear",
        "closed",
        {**DUE, **W.point(is_open=NIGHT), **W.waits("complaint", "2x150", "600x150", overdue="1x150")},
        "20m",
    ),
)


def single(objective: float, bad: str, is_open: str = "", signal: str = "long_wait") -> Series:
    here = {"channel": "phone", "contact_point": "support-line", "signal": signal}
    return {
        **DAEMON,
        **W.point(objectives={signal: objective}, is_open=is_open),
        **ours("signals_total", bad, **here),
        **ours("assessed_total", f"0+1x{W.steps}", **here),
    }


ONCE = counted(W.steps, lambda step: int(step == 30))
SINGLES = (
    Case(
        "ContactPointCriticalSignal",
        "the first negative contact where none is allowed, counted from zero",
        single(1.0, ONCE),
        "33m",
        (
            Expected(
                'support-line: "long wait", times in the last ten minutes: 1. Not one is allowed at this contact point.',
                {**POINT, "signal": "long_wait"},
            ),
        ),
    ),
    Case("ContactPointCriticalSignal", "over after ten minutes", single(1.0, ONCE), "45m"),
    Case("ContactPointCriticalSignal", "an objective of 99.9 % allows one", single(0.999, ONCE), "33m"),
    Case("ContactPointCriticalSignal", "closed for ten minutes and more", single(1.0, ONCE, is_open=NIGHT), "33m"),
    Case(
        "ContactPointCriticalSignal",
        "it happened in the last minute before closing",
        single(1.0, ONCE, is_open="1x30 0x120"),
        "33m",
        (
            Expected(
                'support-line: "long wait", times in the last ten minutes: 1. Not one is allowed at this contact point.',
                {**POINT, "signal": "long_wait"},
            ),
        ),
    ),
    Case(
        "ContactPointCriticalSignal",
        "complaints have an alert of their own",
        single(1.0, ONCE, signal="complaint_overdue"),
        "33m",
    ),
    Case("ContactPointCriticalSignal", "a restart: the counter goes on where it was", single(1.0, "7x25 _x5 7x100"), "33m"),
    Case(
        "ContactPointCriticalSignal",
        "a counter that begins above zero tells nothing, so ours begin at zero",
        single(1.0, "_x30 1x100"),
        "33m",
    ),
)

CASES = (*HOLDS, *QUEUES, *NOBODY, *MAILS, *PROMISES, *COMPLAINTS, *SINGLES)
