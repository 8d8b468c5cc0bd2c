"""Burn alerts: shares over two windows, against objectives from 80 % to 99.9 %; and contact points that are not watched."""

from tests.publish.rules.series import POINT, Case, Counts, Expected, Scrapes, Series, ours

W = Scrapes()
DAY = Scrapes(steps=420)
SLOW = Scrapes(steps=1100, every=240)  # three days and more, a scrape every four minutes
NIGHT = W.constant(0)
SIGNAL = {**POINT, "signal": "long_wait"}


def one(_step: int) -> int:
    return 1


def none(_step: int) -> int:
    return 0


def four_of_five(step: int) -> int:
    return int(step % 5 != 0)


def calls(
    assessed: Counts, bad: Counts, scrapes: Scrapes = W, objective: float = 0.8, is_open: str = "", start: int = 0, **source: str
) -> Series:
    """One line with an objective for its waits."""
    return {
        **scrapes.daemon(),
        **scrapes.source(**source),
        **scrapes.point(objectives={"long_wait": objective}, is_open=is_open),
        **scrapes.verdicts("long_wait", assessed, bad, start=start),
    }


def until(end: int) -> Counts:
    """One with each scrape before this one."""
    return lambda step: int(step < end)


def imported(*counters: str) -> Series:
    """A thousand verdicts, all bad, between two scrapes."""
    here = {"channel": "phone", "contact_point": "support-line", "signal": "long_wait"}
    return {name: values for each in counters for name, values in ours(each, "0x79 1000x71", **here).items()}


def first(count: int) -> Counts:
    """One contact a minute from 01:00 on, `count` in all."""
    return lambda step: int(60 < step <= 60 + count)


def says(bad: int, of: int, window: str, allowed: str = "20", did: str = "callers waited too long") -> str:
    return f"{bad} of {of} {did} in the last {window}; {allowed} % are allowed. "


MORE_PEOPLE = "First: put more people on the line, or tell callers how long it takes and offer to call back."
WHO = "First: see on its page who is there, and whether somebody is missing."
OLDEST = "First: look at the oldest ones on its page."
WEEKS = "First: compare the weeks on the dashboard."


def fast(bad: int, of: int) -> tuple[Expected, ...]:
    return (Expected(says(bad, of, "20 minutes") + MORE_PEOPLE, SIGNAL),)


#: 16 of 20 are bad. Wilson: (16 + 1.3448 - 1.64 * sqrt(16 * 4 / 20 + 0.6724)) / 22.6896 = 0.622; a page wants 2 x 20 % = 0.4.
FAST = (
    Case("ContactPointFastBurn", "four of five callers waited too long", calls(one, four_of_five), "90m", fast(16, 20)),
    # 8 of 20: 40 % exactly, whose lower bound is 0.24
    Case("ContactPointFastBurn", "two of five: bad, but not for a page", calls(one, lambda step: int(step % 5 > 2)), "90m"),
    Case("ContactPointFastBurn", "a quiet night: nobody calls", calls(none, none), "90m"),
    Case("ContactPointFastBurn", "a line that had its calls before the night", calls(none, none, start=500), "90m"),
    Case("ContactPointFastBurn", "closed", calls(one, one, is_open=NIGHT), "90m"),
    # a counter that grew by 2 within a window shows as 2.1
    Case("ContactPointFastBurn", "the first two of the morning, both bad", calls(first(2), first(2)), "66m"),
    Case("ContactPointFastBurn", "the first three, all bad", calls(first(3), first(3)), "65m", fast(3, 3)),
    # (3 + 1.3448 - 1.64 * sqrt(3 * 1 / 4 + 0.6724)) / 6.6896 = 0.357
    Case("ContactPointFastBurn", "three of four", calls(first(4), lambda step: int(61 < step <= 64)), "67m"),
    # two of the five minutes up to 01:12 are bad, one of those up to 01:13: it is over, and fires for half an hour more
    Case("ContactPointFastBurn", "over for not quite half an hour", calls(one, until(70)), "102m", fast(17, 20)),
    Case("ContactPointFastBurn", "over for half an hour", calls(one, until(70)), "103m"),
    Case(
        "ContactPointFastBurn",
        "its source was blind before",
        calls(one, lambda s: int(s > 72), watermark="0+60x70 4200x90"),
        "100m",
    ),
    Case(
        "ContactPointFastBurn",
        "its source fell silent meanwhile: nobody knows whether it is over",
        calls(until(72), until(72), watermark="0+60x70 4200x90"),
        "140m",
        (Expected(MORE_PEOPLE, SIGNAL),),
    ),
    Case(
        "ContactPointFastBurn",
        "the source is read again, and nobody has called since",
        calls(until(72), until(72), watermark="0+60x70 4200x19 5400+60x90"),
        "140m",
    ),
    Case(
        "ContactPointFastBurn",
        "the desk closed: those who had called are judged, and then it is over",
        calls(until(72), until(72), is_open="1x70 0x90"),
        "120m",
    ),
    Case(
        "ContactPointFastBurn",
        "a restart for five minutes: the counters went on from the store",
        {
            **calls(one, one),
            **ours("assessed_total", "0+1x60 _x4 65+1x85", channel="phone", contact_point="support-line", signal="long_wait"),
            **ours("signals_total", "0+1x60 _x4 65+1x85", channel="phone", contact_point="support-line", signal="long_wait"),
        },
        "90m",
        fast(20, 20),
    ),
    Case(
        "ContactPointFastBurn",
        "an import: all of it was history when it was counted",
        {**calls(none, none), **imported("assessed_total", "signals_total", "history_assessed_total", "history_signals_total")},
        "85m",
    ),
    Case(
        "ContactPointFastBurn",
        "the same from a daemon that does not tell history apart",
        {**calls(none, none), **imported("assessed_total", "signals_total")},
        "85m",
        fast(1000, 1000),
    ),
    Case("ContactPointFastBurn", "100 % has no budget to burn; it alerts by itself", calls(one, one, objective=1.0), "90m"),
    Case(
        "ContactPointFastBurn",
        "letters never page",
        {name.replace("long_wait", "late_reply"): values for name, values in calls(one, one).items()},
        "90m",
    ),
    Case(
        "ContactPointFastBurn",
        "two ways to count the same waiting are one alert, which says both",
        {
            **calls(one, one),
            **W.point(objectives={"long_wait": 0.8, "abandoned": 0.95}, limits={"long_wait": 20}),
            **W.verdicts("abandoned", one, four_of_five),
        },
        "90m",
        (
            Expected(
                says(20, 20, "20 minutes", did="callers waited over 20 s")
                + says(16, 20, "20 minutes", "5", "callers gave up")
                + MORE_PEOPLE,
                SIGNAL,
            ),
        ),
    ),
    Case(
        "ContactPointFastBurn",
        "holds are another",
        {
            **W.daemon(),
            **W.source(),
            **W.point(objectives={"long_hold": 0.98}, limits={"long_hold": 120}),
            **W.verdicts("long_hold", one, four_of_five),
        },
        "90m",
        (Expected(says(16, 20, "20 minutes", "2", "holds lasted over 2 min") + MORE_PEOPLE, {**POINT, "signal": "long_hold"}),),
    ),
)


def hourly(bad: int, of: int) -> tuple[Expected, ...]:
    return (Expected(says(bad, of, "hour") + WHO, SIGNAL),)


#: 27 of 60. Wilson: (27 + 1.3448 - 1.64 * sqrt(27 * 33 / 60 + 0.6724)) / 62.6896 = 0.349; a warning wants 1.5 x 20 % = 0.3.
HOUR = (
    Case(
        "ContactPointHourBurn", "nine of twenty", calls(one, lambda step: int(step % 20 % 2 and step % 20 < 19)), "90m",
        hourly(27, 60),
    ),
    Case("ContactPointHourBurn", "one of five is as agreed", calls(one, lambda step: int(step % 5 == 0)), "90m"),
    Case("ContactPointHourBurn", "closed", calls(one, one, is_open=NIGHT), "90m"),
    Case("ContactPointHourBurn", "over for half an hour", calls(one, until(70)), "100m"),
    Case("ContactPointHourBurn", "two bad ones", calls(first(2), first(2)), "66m"),
)  # fmt: skip


def everything_bad(objectives: dict[str, float], scrapes: Scrapes, signal: str) -> Series:
    found: Series = {**scrapes.daemon(), **scrapes.source()}
    for name, objective in objectives.items():
        found |= scrapes.point(name, objectives={signal: objective})
        found |= scrapes.verdicts(signal, one, one, name=name)
    return found


#: Every objective that the table of defaults has, and more; with what it allows.
OBJECTIVES = {"o50": 0.5, "o80": 0.8, "o85": 0.85, "o90": 0.9, "o95": 0.95, "o97": 0.97, "o98": 0.98, "o99": 0.99, "o999": 0.999}
ALLOWED = {
    "o50": "50", "o80": "20", "o85": "15", "o90": "10", "o95": "5", "o97": "3", "o98": "2", "o99": "1", "o999": "0.1",
}  # fmt: skip


def each(window: str, of: int, signal: str, did: str, first_step: str) -> tuple[Expected, ...]:
    return tuple(
        Expected(says(of, of, window, ALLOWED[name], did) + first_step, {**POINT, "contact_point": name, "signal": signal})
        for name in OBJECTIVES
    )


LATE = "first replies were too late"
REACHABLE = (
    Case(
        "ContactPointFastBurn", "reachable at every objective", everything_bad(OBJECTIVES, W, "long_wait"), "90m",
        each("20 minutes", 20, "long_wait", "callers waited too long", MORE_PEOPLE),
    ),
    Case(
        "ContactPointHourBurn", "reachable at every objective", everything_bad(OBJECTIVES, W, "long_wait"), "90m",
        each("hour", 60, "long_wait", "callers waited too long", WHO),
    ),
    Case(
        "ContactPointSlowBurn", "reachable at every objective", everything_bad(OBJECTIVES, DAY, "late_reply"), "400m",
        each("six hours", 360, "late_reply", LATE, OLDEST),
    ),
)  # fmt: skip


def letters(assessed: Counts, bad: Counts, scrapes: Scrapes = DAY, is_open: str = "") -> Series:
    """A mailbox with an objective of 80 % for its first replies."""
    return {
        name.replace("long_wait", "late_reply"): values for name, values in calls(assessed, bad, scrapes, is_open=is_open).items()
    }


def slow(bad: int, of: int) -> tuple[Expected, ...]:
    return (Expected(says(bad, of, "six hours", did=LATE) + OLDEST, {**POINT, "signal": "late_reply"}),)


#: Two of five for six hours: 144 of 360; the lower bound is 0.36, a warning wants 1.5 x 20 % = 0.3.
SLOWLY = (
    Case(
        "ContactPointSlowBurn",
        "two of five for six hours and more",
        letters(one, lambda step: int(step % 5 < 2)),
        "400m",
        slow(144, 360),
        evaluated=300,
    ),
    Case("ContactPointSlowBurn", "people on the line have alerts of their own", calls(one, one, DAY), "400m", evaluated=300),
    Case(
        "ContactPointSlowBurn",
        "customers who come again, or start anew, are a trend: nothing can be done for them within the hour",
        {
            name.replace("late_reply", signal): values
            for signal in ("repeat_contact", "lost_context")
            for name, values in letters(one, one).items()
        },
        "400m",
        evaluated=300,
    ),
    Case("ContactPointSlowBurn", "one of five is as agreed", letters(one, lambda step: int(step % 5 < 1)), "400m", evaluated=300),
    Case("ContactPointSlowBurn", "three in all", letters(first(3), first(3)), "80m"),
    Case("ContactPointSlowBurn", "closed", letters(one, one, is_open=DAY.constant(0)), "400m", evaluated=300),
    Case("ContactPointSlowBurn", "over for three hours", letters(one, until(100)), "300m", slow(99, 120), evaluated=300),
    Case("ContactPointSlowBurn", "over for more than four hours", letters(one, until(100)), "400m", evaluated=300),
    Case(
        "ContactPointSlowBurn",
        "the desk closed two hours ago: nothing has become better",
        letters(until(270), until(270), is_open="1x280 0x140"),
        "400m",
        slow(229, 229),
        evaluated=300,
    ),
    Case(
        "ContactPointSlowBurn",
        "it opened again more than an hour ago, and nothing has been judged since",
        letters(until(270), until(270), is_open="1x280 0x60 1x80"),
        "410m",
        slow(219, 219),
        evaluated=300,
    ),
    Case(
        "ContactPointSlowBurn",
        "it opened again more than four hours ago, and all is well since",
        letters(one, until(60), is_open="1x70 0x30 1x320"),
        "400m",
        evaluated=300,
    ),
)


def came_again(scrapes: Scrapes, bad: Counts) -> Series:
    """One contact with each scrape; which of them are of customers who had come within seven days."""
    return {
        **scrapes.daemon(),
        **scrapes.source(),
        **scrapes.point(objectives={"repeat_contact": 0.8}, limits={"repeat_contact": 604800}),
        **scrapes.verdicts("repeat_contact", one, bad),
    }


#: One of four over three days, 15 an hour: 25 %, whose lower bound is 0.229; the objective allows 0.2.
TREND = (
    Case(
        "ContactPointObjectiveTrend",
        "one of four for three days",
        calls(one, lambda step: int(step % 4 == 0), SLOW),
        "4380m",
        (Expected(says(270, 1080, "three days") + WEEKS, SIGNAL),),
        every=240,
        evaluated=1200,
    ),
    Case(
        "ContactPointHourBurn",
        "one of four is but a trend",
        calls(one, lambda step: int(step % 4 == 0), SLOW),
        "4380m",
        every=240,
        evaluated=1200,
    ),
    Case(
        "ContactPointObjectiveTrend",
        "one of five for three days is as agreed",
        calls(one, lambda step: int(step % 5 == 0), SLOW),
        "4380m",
        every=240,
        evaluated=1200,
    ),
    Case(
        "ContactPointObjectiveTrend",
        "one of four customers came again",
        came_again(SLOW, lambda step: int(step % 4 == 0)),
        "4380m",
        (
            Expected(
                says(270, 1080, "three days", did="contacts came from customers who had come within 7 days") + WEEKS,
                {**POINT, "signal": "repeat_contact"},
            ),
        ),
        every=240,
        evaluated=1200,
    ),
    Case("ContactPointObjectiveTrend", "nothing for three days", calls(none, none, SLOW), "4380m", every=240, evaluated=1200),
    Case(
        "ContactPointObjectiveTrend",
        "closed",
        calls(one, one, SLOW, is_open=SLOW.constant(0)),
        "4380m",
        every=240,
        evaluated=1200,
    ),
)

STALE = {"watermark": "0+60x70 4200x90"}
WATCHED = (
    Case(
        "ContactPointBlind",
        "its source has shown nothing for ten minutes",
        calls(one, none, **STALE),
        "80m",
        (
            Expected(
                "A source of this contact point cannot be read, so nobody knows who is waiting. Its other alerts stay as they "
                "were until the source is back. First: see the page of sources for the reason.",
                POINT,
            ),
        ),
        evaluated=300,
    ),
    Case("ContactPointBlind", "the source is read", calls(one, none), "80m"),
    Case(
        "ContactPointUnwatched",
        "open for an hour, its source works, and nothing is known of it",
        calls(none, none),
        "70m",
        (
            Expected(
                "No source has named this contact point, so nothing is known of it. "
                "First: check its queue, extension or address in the configuration; it may be misspelt.",
                POINT,
            ),
        ),
    ),
    Case(
        "ContactPointUnwatched",
        "nobody waits, and that is known",
        {**calls(none, none), **W.waits("queue", "0x150", "0x150")},
        "70m",
    ),
    Case("ContactPointUnwatched", "blind: that is another matter", calls(none, none, up=NIGHT), "70m"),
)

#: A week and two hours. Twelve come in the first hour of a week ago; the hour looked at begins a week and 30 minutes later.
WEEK = Scrapes(steps=2560, every=240)


def traffic(now: Counts, is_open: str = "") -> Series:
    return {
        **WEEK.daemon(),
        **WEEK.source(),
        **WEEK.point(is_open=is_open),
        **ours(
            "contacts_total",
            " ".join(map(str, _grown(WEEK.steps, now))),
            channel="phone",
            contact_point="support-line",
            direction="inbound",
        ),
    }


def _grown(steps: int, now: Counts) -> list[int]:
    """Twenty contacts in the first two hours, two a step elsewhere, and in the last two hours what `now` says."""
    total, values = 0, [0]
    for step in range(1, steps + 1):
        total += now(step) if step > steps - 40 else 1
        values.append(total)
    return values


CEASED = (
    Case(
        "ContactPointTrafficCeased",
        "not one for an hour, fifteen a week ago",
        traffic(none),
        "10236m",  # a week and two hours and a half
        (
            Expected(
                "Not one customer in an hour in which it was open all the time and more than ten came a week ago. "
                "A line, a trunk or the delivery of mail may be dead. First: call or write to it yourself.",
                POINT,
            ),
        ),
        every=240,
        evaluated=1200,
    ),
    Case("ContactPointTrafficCeased", "one came", traffic(lambda step: int(step == 2555)), "10236m", every=240, evaluated=1200),
    Case(
        "ContactPointTrafficCeased",
        "closed half an hour ago",
        traffic(none, is_open="1x2551 0x9"),
        "10236m",
        every=240,
        evaluated=1200,
    ),
    Case("ContactPointTrafficCeased", "a line that is new this week", calls(none, none), "120m"),
)

CASES = (*FAST, *HOUR, *REACHABLE, *SLOWLY, *TREND, *WATCHED, *CEASED)
