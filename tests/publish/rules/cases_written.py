"""What is wrong with letters this minute: mails, limits and promises that fall soon, complaints; and single signals."""

from tests.publish.rules.series import POINT, Case, Expected, Scrapes, Series, counted, ours

W = Scrapes()
DAEMON = {**W.daemon(), **W.source()}
LIMITS = {"late_reply": 14400.0, "late_follow_up": 28800.0}
NIGHT = W.constant(0)


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
                "The oldest unanswered message has waited 13 h of opening time, since Thu 1 Jan 00:00 UTC; "
                "messages over their limit: 2. First: answer the oldest, or tell its writer when you will.",
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
                "The oldest unanswered message has waited 2 opening days, since Thu 1 Jan 00:01 UTC; "
                "messages over their limit: 1. First: answer the oldest, or tell its writer when you will.",
                {**MAIL, "wait": "follow_up"},
            ),
        ),
    ),
    Case("ContactPointReplyVeryLate", "late, but not by a day", mails("43200x150", "57600x150"), "20m"),
    Case("ContactPointReplyVeryLate", "closed", mails("90000x150", is_open=NIGHT), "20m"),
    Case(
        "ContactPointReplyVeryLate",
        "the desk closed meanwhile, and the message is as unanswered as before",
        mails("90000x150", is_open="1x30 0x120"),
        "140m",
        (
            Expected(
                "The oldest unanswered message has waited 3 opening days, since Thu 1 Jan 00:00 UTC; "
                "messages over their limit: 2. First: answer the oldest, or tell its writer when you will.",
                {**MAIL, "wait": "reply"},
            ),
        ),
    ),
    Case("ContactPointReplyVeryLate", "answered more than an hour ago", mails("90000x30 60x120"), "100m"),
    Case(
        "ContactPointReplyVeryLate",
        "the mailbox cannot be read",
        {**mails("90000x150"), **W.source("mail", "imap", up="0x150")},
        "20m",
    ),
)


def due_soon(values: str) -> Series:
    """Letters whose limit falls within the warning time; the first at 01:30."""
    mail = {"name": "info-mail", "channel": "email"}
    here = {"channel": "email", "contact_point": "info-mail", "wait": "reply"}
    return {
        **mails("3600x150"),
        **W.waits("reply", "7x150", "3600x150", due="5400x150", **mail),
        **ours("due_soon", values, **here),
    }


SOON = (
    Case(
        "ContactPointDueSoon",
        "two letters",
        due_soon("0x50 2x100"),
        "60m",
        (
            Expected(
                "Customers whose limit falls within the warning time (warn_before): 2, the first Thu 1 Jan 01:30 UTC. "
                "First: take these before anything newer.",
                {**MAIL, "wait": "reply"},
            ),
        ),
    ),
    Case("ContactPointDueSoon", "none for more than half an hour", due_soon("0x50 2x10 0x90"), "95m"),
    Case("ContactPointDueSoon", "no warning time is configured", mails("3600x150"), "60m"),
)
DUE = {**DAEMON, **W.point()}
#: Channel -> how a promise was made there.
MADE = {"phone": "made on the phone", "email": "made by e-mail", "ticket": "made in a ticket", "chat": "made in a chat"}
AT_EACH = {channel: {**POINT, "channel": channel, "contact_point": f"{channel}-point"} for channel in MADE}


def promised_everywhere(overdue: str, due: str) -> Series:
    """The same promises at a contact point of each channel."""
    found = {**DAEMON}
    for channel in MADE:
        here = {"name": f"{channel}-point", "channel": channel}
        found |= W.point(**here) | W.waits("promise", "2x150", "600x150", "60x150", overdue=overdue, due=due, **here)
    return found


PROMISES = (
    Case(
        "ContactPointPromiseDueSoon",
        "due at 01:30, seen at 01:00",
        {**DUE, **W.waits("promise", "2x150", "600x150", overdue="0x150", due="5400x150")},
        "60m",
        (
            Expected(
                "The next promise made on the phone falls due in 30 min, Thu 1 Jan 01:30 UTC. Promises open: 2, past due: 0. "
                "First: see who made it, and whether it is being kept.",
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
    Case(
        "ContactPointPromiseDueSoon",
        "each channel is named",
        promised_everywhere("1x150", "5400x150"),
        "60m",
        tuple(
            Expected(
                f"The next promise {made} falls due in 30 min, Thu 1 Jan 01:30 UTC. Promises open: 2, past due: 1. "
                "First: see who made it, and whether it is being kept.",
                {**AT_EACH[channel], "wait": "promise"},
            )
            for channel, made in MADE.items()
        ),
    ),
    Case("ContactPointPromiseDueSoon", "nothing promised", {**DUE, **W.waits("promise", "0x150", "0x150")}, "60m"),
)

#: Opening days are eight hours long.
THREE_DAYS = 3 * 28800


def broken(age: str, overdue: str = "", is_open: str = "", waiting: str = "3x150", **source: str) -> Series:
    """Three promises are open; `age`: opening time since the newest of those that are overdue was broken."""
    here = {"channel": "ticket", "contact_point": "service-desk"}
    desk = {"name": "service-desk", "channel": "ticket"}
    return {
        **W.daemon(),
        **W.source("desk", "znuny", **source),
        **W.point(**desk, source=("desk", "znuny"), is_open=is_open),
        **W.waits("promise", waiting, "7200x150", "60x150", overdue=overdue or "2x150", **desk),
        **ours("newest_broken_promise_business_seconds", age, **here),
    }


def owed(overdue: str, age: str, since: str = "Thu 1 Jan 00:01 UTC", made: str = "made in a ticket") -> str:
    return (
        f"Promises {made} that are past their moment and not kept yet: {overdue}; the newest for {age}, "
        f"the oldest open one was made {since}. First: keep them, or tell the customers when you will."
    )


OWED = {"wait": "promise", "signal": "slipped_promise"}
DESK = {**POINT, "channel": "ticket", "contact_point": "service-desk", **OWED}
BROKEN = (
    Case(
        "ContactPointPromiseBroken",
        "broken at 00:10, not kept by 01:00",
        broken("_x10 0+60x140", "0x9 1x140"),
        "60m",
        (Expected(owed("1", "50 min of opening time"), DESK),),
    ),
    Case(
        "ContactPointPromiseBroken",
        "each channel is named",
        promised_everywhere("2x150", "9000x150")
        | {
            name: values
            for channel in MADE
            for name, values in ours(
                "newest_broken_promise_business_seconds", "60000x150", channel=channel, contact_point=f"{channel}-point"
            ).items()
        },
        "60m",
        tuple(Expected(owed("2", "2 opening days", made=made), {**AT_EACH[channel], **OWED}) for channel, made in MADE.items()),
    ),
    Case("ContactPointPromiseBroken", "for less than five minutes", broken("_x55 0+60x90", "0x55 1x90"), "60m"),
    Case("ContactPointPromiseBroken", "all promises lie ahead", broken("_x150", "0x150"), "60m"),
    Case(
        "ContactPointPromiseBroken",
        "the newest within three opening days",
        broken(f"{THREE_DAYS - 1}x150"),
        "60m",
        (Expected(owed("2", "3 opening days"), DESK),),
    ),
    Case("ContactPointPromiseBroken", "three opening days ago: nobody will keep it any more", broken(f"{THREE_DAYS}x150"), "60m"),
    Case("ContactPointPromiseBroken", "kept more than half an hour ago", broken("0+60x40 _x100", "1x40 0x100"), "80m"),
    Case(
        "ContactPointPromiseBroken",
        "one was kept, another is not",
        broken("0+60x40 9000+60x100", "2x40 1x100"),
        "80m",
        (Expected(owed("1", "3 h of opening time"), DESK),),
    ),
    Case(
        "ContactPointPromiseBroken",
        "broken at the closing: told as the desk opens",
        broken("_x20 0x90 60+60x40", "0x20 1x130", is_open="1x20 0x90 1x40"),
        "120m",
        (Expected(owed("1", "10 min of opening time"), DESK),),
    ),
    Case("ContactPointPromiseBroken", "closed", broken("0x150", is_open=NIGHT), "60m"),
    Case(
        "ContactPointPromiseBroken",
        "it fired, and the desk has closed: nobody has kept it",
        broken("0+60x30 1800x120", is_open="1x30 0x120"),
        "140m",
        (Expected(owed("2", "30 min of opening time"), DESK),),
    ),
    Case(
        "ContactPointPromiseBroken",
        "it fired, and the helpdesk fell silent",
        broken("0+60x30 _x120", "1x30 _x120", waiting="3x30 _x120", up="1x30 0x120"),
        "140m",
        (Expected(owed("unknown", "an unknown time of opening time"), DESK),),
    ),
    Case("ContactPointPromiseBroken", "the helpdesk cannot be read", broken("600x150", up="0x150"), "60m"),
)

COMPLAINTS = (
    Case(
        "ContactPointComplaintDeadlineNear",
        "one of two complaints is inside the week before its deadline",
        {**DUE, **W.waits("complaint", "2x150", "600x150", "60x150", overdue="1x150")},
        "20m",
        (
            Expected(
                "Complaints near or past the deadline of their sector: 1; the oldest open one is of Thu 1 Jan 00:01 UTC. "
                "First: give the final answer, or say who will and when.",
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
                "Negative contacts in the last ten minutes: 1. Not one is allowed at this contact point. "
                "First: open its page, find the customer, and call back.",
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
                "Negative contacts in the last ten minutes: 1. Not one is allowed at this contact point. "
                "First: open its page, find the customer, and call back.",
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
    Case(
        "ContactPointCriticalSignal",
        "it was history when it was counted",
        {
            **single(1.0, ONCE),
            **ours("history_signals_total", ONCE, channel="phone", contact_point="support-line", signal="long_wait"),
        },
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

CASES = (*MAILS, *SOON, *PROMISES, *BROKEN, *COMPLAINTS, *SINGLES)
