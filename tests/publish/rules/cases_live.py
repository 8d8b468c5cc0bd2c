"""What is wrong this minute: holds, queues, people who are there."""

from tests.publish.rules.series import POINT, Case, Expected, Scrapes, Series, ours

W = Scrapes()
DAEMON = {**W.daemon(), **W.source()}
LIMITS = {"long_hold": 120.0, "long_wait": 20.0, "late_reply": 14400.0, "late_follow_up": 28800.0}


def on_hold(seconds: str, **point: str) -> Series:
    """Somebody is put on hold at 00:10; the limit is two minutes, the alert's four."""
    return {**DAEMON, **W.point(limits=LIMITS, **point), **W.waits("hold", "0x9 1x100", seconds, "_x10 600x100")}


HOLDING = "0x10 60+60x100"
HOLD = {**POINT, "wait": "hold", "signal": "long_hold"}
NIGHT = W.constant(0)
TAKE_UP = "First: ask whoever has the call to take it up, or to call back."


def unknown_hold(limit: str) -> Expected:
    return Expected(
        "A customer was on hold when the line was last seen, since an unknown moment; on hold now: unknown. "
        f"The limit is {limit}. {TAKE_UP}",
        HOLD,
    )


def held(seconds: str, now: str) -> Expected:
    return Expected(
        f"A customer has been on hold for {seconds}, since Thu 1 Jan 00:10 UTC; on hold now: {now}. "
        f"The limit is 2 min. {TAKE_UP}",
        HOLD,
    )


def blinded(seconds: str, waiting: str = "0x9 1x6 stale") -> Series:
    """Somebody on hold since 00:10; from 00:16 on there are no figures."""
    return {**DAEMON, **W.point(limits=LIMITS), **W.waits("hold", waiting, seconds)}


def stopped() -> Series:
    """Everything that the monitor told ends at 00:20."""
    return {name: f"{values.split()[0].split('x')[0]}x20 stale" for name, values in blinded("600x150", "1x150").items()}


def removed() -> Series:
    """The monitor goes on from 00:20, but no longer knows of the line."""
    return {
        name: f"{values.split()[0].split('x')[0]}x20 stale" if "support-line" in name else values
        for name, values in blinded("600x150", "1x150").items()
    }


HOLDS = (
    Case(
        "ContactPointHoldTooLong",
        "a customer who has been on hold for six minutes",
        on_hold(HOLDING),
        "16m",
        (held("6 min", "1"),),
    ),
    Case("ContactPointHoldTooLong", "a hold of exactly twice the limit is not yet longer", on_hold("240x100"), "30m"),
    Case("ContactPointHoldTooLong", "a quiet night: nobody is on hold", on_hold(W.constant(0)), "60m"),
    Case("ContactPointHoldTooLong", "closed", on_hold(HOLDING, is_open=NIGHT), "30m"),
    Case(
        "ContactPointHoldTooLong",
        "the desk closed a minute ago, and the customer is still on hold",
        on_hold(HOLDING, is_open="1x29 0x100"),
        "31m",
        (held("21 min", "1"),),
    ),
    Case(
        "ContactPointHoldTooLong",
        "the source had shown nothing new for minutes before it became too long",
        {**on_hold(HOLDING), **W.source(watermark="0+60x8 480x100")},
        "30m",
    ),
    Case(
        "ContactPointHoldTooLong",
        "the source went down meanwhile, and nobody knows whether the hold is over",
        {**blinded("0x10 60+60x7 stale", "0x9 1x8 stale"), **W.source(up="1x17 0x100")},
        "30m",
        (unknown_hold("2 min"),),
    ),
    Case(
        "ContactPointHoldTooLong",
        "the source came back and shows no hold",
        {**blinded("0x10 60+60x7 _x10 0x100", "0x9 1x8 _x10 0x100"), **W.source(up="1x17 0x10 1x100")},
        "30m",
    ),
    Case("ContactPointHoldTooLong", "the monitor stopped meanwhile", stopped(), "40m", (unknown_hold("not known"),)),
    Case("ContactPointHoldTooLong", "the line was taken out of the configuration", removed(), "40m"),
    Case(
        "ContactPointHoldTooLong",
        "the daemon restarts as another pod and the customer is still on hold",
        {
            **on_hold(HOLDING),
            'contactpoint_oldest_wait_business_seconds{job="monitor",instance="other:9760",pod="b",channel="phone",'
            'contact_point="support-line",wait="hold"}': "_x12 120+60x100",
        },
        "16m",
        (held("6 min", "1"),),
    ),
)


UNANSWERED = {**POINT, "wait": "queue", "signal": "long_wait"}
NOBODY_ANSWERS = "; nobody was answered for ten minutes. First: see who is logged in, and call the queue yourself."


def queued(answered: str, is_open: str = "", waiting: str = "0x19 3x100", oldest: str = "0x20 60+60x100") -> Series:
    """Three callers wait, the first since 00:20."""
    return {
        **DAEMON,
        **W.point(limits=LIMITS, is_open=is_open),
        **W.waits("queue", waiting, oldest, "_x20 1200x100"),
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
        (Expected(f"3 callers wait, the first since Thu 1 Jan 00:20 UTC{NOBODY_ANSWERS}", UNANSWERED),),
    ),
    Case("ContactPointQueueUnanswered", "answered nine minutes ago: slow, but not deserted", queued("0x17 1x100"), "27m"),
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
    Case("ContactPointQueueUnanswered", "one caller, who has waited nine minutes", queued("0x100", waiting="0x19 1x100"), "29m"),
    Case(
        "ContactPointQueueUnanswered",
        "one caller, who has waited eleven minutes",
        queued("0x100", waiting="0x19 1x100"),
        "32m",
        (Expected(f"1 customer waits, since Thu 1 Jan 00:20 UTC{NOBODY_ANSWERS}", UNANSWERED),),
    ),
    Case(
        "ContactPointQueueUnanswered",
        "they gave up a quarter of an hour ago: it still fires, with the words of the last moment at which it was true",
        queued("0x100", waiting="0x19 3x10 0x100", oldest="0x20 60+60x9 0x100"),
        "45m",
        (Expected(f"3 callers wait, the first since Thu 1 Jan 00:20 UTC{NOBODY_ANSWERS}", UNANSWERED),),
    ),
    Case(
        "ContactPointQueueUnanswered",
        "and more than half an hour ago",
        queued("0x100", waiting="0x19 3x10 0x100", oldest="0x20 60+60x9 0x100"),
        "62m",
    ),
    Case(
        "ContactPointQueueUnanswered",
        "the source is silent since: nobody knows",
        {
            **queued("0x100", waiting="0x19 3x10 stale", oldest="0x20 60+60x9 stale"),
            **W.source(watermark="0+60x30 1800x100"),
        },
        "80m",
        (Expected(f"Who waits now is not known{NOBODY_ANSWERS}", UNANSWERED),),
    ),
)


def deserted(ready: str, busy: str = "0x150", waiting: str = "0x19 2x131", is_open: str = "", came: str = "0x18 2x132") -> Series:
    """Two callers wait from 00:20 on; three agents are paused and one is away."""
    here = {"channel": "phone", "contact_point": "support-line"}
    states = {"ready": ready, "busy": busy, "paused": "3x150", "away": "1x150"}
    agents: Series = {}
    for state, values in states.items():
        agents |= ours("agents", values, **here, state=state) if values else {}
    return {
        **DAEMON, **W.point(limits=LIMITS, is_open=is_open), **W.waits("queue", waiting, "0x20 60+60x130", "_x20 1200x130"),
        **agents, **ours("contacts_total", came, **here, direction="inbound"),
    }  # fmt: skip


THERE = "Ready or busy: 0, paused: 3, away: 1. First: get somebody to log in, or send the calls elsewhere."
NOBODY = (
    Case(
        "ContactPointNobodyThere",
        "two wait, three are paused and one is away",
        deserted("0x150"),
        "22m",
        (
            Expected(
                "2 callers wait, the first since Thu 1 Jan 00:20 UTC; for five minutes nobody was ready or busy. " + THERE,
                {**POINT, "wait": "queue", "signal": "long_wait"},
            ),
        ),
    ),
    Case("ContactPointNobodyThere", "not yet for a minute", deserted("0x150"), "20m"),
    Case(
        "ContactPointNobodyThere",
        "one caller in twenty minutes",
        deserted("0x150", waiting="0x19 1x131", came="0x18 1x132"),
        "30m",
    ),
    Case("ContactPointNobodyThere", "somebody is ready", deserted("1x150"), "30m"),
    Case("ContactPointNobodyThere", "somebody talks, and will be free", deserted("0x150", busy="1x150"), "30m"),
    Case("ContactPointNobodyThere", "the last one left three minutes ago", deserted("1x19 0x131"), "22m"),
    Case("ContactPointNobodyThere", "somebody came back more than half an hour ago", deserted("0x24 1x126"), "58m"),
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
        "the source went down: there are no live figures, and no end",
        {
            **{
                name: values.replace("x150", "x31 stale") if "agents" in name else values
                for name, values in deserted("0x150", waiting="0x19 2x11 stale").items()
            },
            **W.source(up="1x31 0x119"),
        },
        "70m",
        (
            Expected(
                "Who waits now is not known; for five minutes nobody was ready or busy. "
                "First: get somebody to log in, or send the calls elsewhere.",
                {**POINT, "wait": "queue", "signal": "long_wait"},
            ),
        ),
    ),
)

CASES = (*HOLDS, *QUEUES, *NOBODY)
