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


def first(count: int) -> Counts:
    """One contact a minute from 01:00 on, `count` in all."""
    return lambda step: int(60 < step <= 60 + count)


#: 48 of 60 are bad. Wilson: (48 + 1.3448 - 1.64 * sqrt(48 * 12 / 60 + 0.6724)) / 62.6896 = 0.703; a page wants 3 x 20 % = 0.6.
FAST = (
    Case(
        "ContactPointFastBurn",
        "four of five callers waited too long for an hour and a half",
        calls(one, four_of_five),
        "90m",
        (
            Expected(
                'support-line: 48 of 60 contacts of the last hour were "long wait" (80%). The objective is 80% without.', SIGNAL
            ),
        ),
    ),
    # 36 of 60: 60 % exactly, whose lower bound is 0.49
    Case("ContactPointFastBurn", "three of five: bad, but not for a page", calls(one, lambda step: int(step % 5 > 1)), "90m"),
    Case("ContactPointFastBurn", "a quiet night: nobody calls", calls(none, none), "90m"),
    Case("ContactPointFastBurn", "a line that had its calls before the night", calls(none, none, start=500), "90m"),
    Case("ContactPointFastBurn", "closed", calls(one, one, is_open=NIGHT), "90m"),
    Case("ContactPointFastBurn", "the first three of the morning, all bad", calls(first(3), first(3)), "64m"),
    Case("ContactPointFastBurn", "nineteen, all bad", calls(first(19), first(19)), "82m"),
    Case(
        "ContactPointFastBurn",
        "twenty, all bad",
        calls(first(20), first(20)),
        "83m",
        (
            Expected(
                'support-line: 20 of 20 contacts of the last hour were "long wait" (100%). The objective is 80% without.', SIGNAL
            ),
        ),
    ),
    Case("ContactPointFastBurn", "over for half an hour", calls(one, lambda step: int(step < 70)), "100m"),
    Case("ContactPointFastBurn", "its source is blind", calls(one, one, watermark="0+60x70 4200x90"), "100m"),
    Case(
        "ContactPointFastBurn",
        "a restart for five minutes: the counters went on from the store",
        {
            **calls(one, one),
            **ours("assessed_total", "0+1x60 _x4 65+1x85", channel="phone", contact_point="support-line", signal="long_wait"),
            **ours("signals_total", "0+1x60 _x4 65+1x85", channel="phone", contact_point="support-line", signal="long_wait"),
        },
        "90m",
        (
            Expected(
                'support-line: 60 of 60 contacts of the last hour were "long wait" (100%). The objective is 80% without.', SIGNAL
            ),
        ),
    ),
    Case("ContactPointFastBurn", "100 % has no budget to burn; it alerts by itself", calls(one, one, objective=1.0), "90m"),
)


def everything_bad(objectives: dict[str, float], scrapes: Scrapes) -> Series:
    found: Series = {**scrapes.daemon(), **scrapes.source()}
    for name, objective in objectives.items():
        found |= scrapes.point(name, objectives={"long_wait": objective})
        found |= scrapes.verdicts("long_wait", one, one, name=name)
    return found


#: Every objective that the table of defaults has, and more.
OBJECTIVES = {"o50": 0.5, "o80": 0.8, "o85": 0.85, "o90": 0.9, "o95": 0.95, "o97": 0.97, "o98": 0.98, "o99": 0.99, "o999": 0.999}
SHOWN = {name: f"{100 * objective:.4g}%" for name, objective in OBJECTIVES.items()}


def each(window: str, of: int) -> tuple[Expected, ...]:
    return tuple(
        Expected(
            f'{name}: {of} of {of} contacts of the last {window} were "long wait" (100%). '
            f"The objective is {SHOWN[name]} without.",
            {**SIGNAL, "contact_point": name},
        )
        for name in OBJECTIVES
    )


REACHABLE = (
    Case("ContactPointFastBurn", "reachable at every objective", everything_bad(OBJECTIVES, W), "90m", each("hour", 60)),
    Case("ContactPointSlowBurn", "reachable at every objective", everything_bad(OBJECTIVES, DAY), "400m", each("six hours", 360)),
)

#: Two of five for six hours: 144 of 360; the lower bound is 0.36, a ticket wants 1.5 x 20 % = 0.3, a page 0.6.
SLOWLY = (
    Case(
        "ContactPointSlowBurn",
        "two of five for six hours and more",
        calls(one, lambda step: int(step % 5 < 2), DAY),
        "400m",
        (
            Expected(
                'support-line: 144 of 360 contacts of the last six hours were "long wait" (40%). The objective is 80% without.',
                SIGNAL,
            ),
        ),
        evaluated=300,
    ),
    Case(
        "ContactPointFastBurn",
        "two of five is for a ticket",
        calls(one, lambda step: int(step % 5 < 2), DAY),
        "400m",
        evaluated=300,
    ),
    Case(
        "ContactPointSlowBurn", "one of five is as agreed", calls(one, lambda step: int(step % 5 < 1), DAY), "400m", evaluated=300
    ),
    Case("ContactPointSlowBurn", "three in all", calls(first(3), first(3), DAY), "80m"),
    Case("ContactPointSlowBurn", "closed", calls(one, one, DAY, is_open=DAY.constant(0)), "400m", evaluated=300),
    Case(
        "ContactPointSlowBurn", "over for more than an hour", calls(one, lambda step: int(step < 300), DAY), "400m", evaluated=300
    ),
)

#: One of four over three days, 15 an hour: 25 %, whose lower bound is 0.229; the objective allows 0.2.
TREND = (
    Case(
        "ContactPointObjectiveTrend",
        "one of four for three days",
        calls(one, lambda step: int(step % 4 == 0), SLOW),
        "4380m",
        (
            Expected(
                'support-line: 270 of 1080 contacts of the last three days were "long wait" (25%). The objective is 80% without.',
                SIGNAL,
            ),
        ),
        every=240,
        evaluated=1200,
    ),
    Case(
        "ContactPointSlowBurn",
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
                "support-line: a source of this contact point cannot be read, so nobody knows who is waiting. "
                "Its other alerts stay silent until the source is back.",
                POINT,
            ),
        ),
        evaluated=300,
    ),
    Case("ContactPointBlind", "closed", calls(one, none, is_open=NIGHT, **STALE), "80m"),
    Case("ContactPointBlind", "the source is read", calls(one, none), "80m"),
    Case(
        "ContactPointUnwatched",
        "open for an hour, its source works, and nothing is known of it",
        calls(none, none),
        "70m",
        (
            Expected(
                "support-line: no source has named this contact point, so nothing is known of it. "
                "Its queue, extension or address may be misspelt in the configuration.",
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
                "support-line: not one customer in the last hour, though it was open all the time and a week ago more than ten "
                "came in this hour. A line, a trunk or the delivery of mail may be dead.",
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

CASES = (*FAST, *REACHABLE, *SLOWLY, *TREND, *WATCHED, *CEASED)
