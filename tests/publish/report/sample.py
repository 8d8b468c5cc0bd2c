"""A report made by hand, for whatever shows one: a line that failed, a mailbox with a gap, a counter that has done well for long.

Week 46 of 2026 is Monday 9 to Sunday 15 November. All contact points are in London, where it is UTC then.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from monitor.domain.weeks import week_name, weeks_until
from monitor.publish.report.values import (
    Change,
    Heat,
    HeatCell,
    HoursCause,
    Lasting,
    OpenComplaint,
    PointWeek,
    Promises,
    ReportGap,
    SignalWeek,
    StageCause,
    TrendWeek,
    WaitWeek,
    WeekReport,
    Worst,
)

MONDAY: Final = date(2026, 11, 9)
STARTS: Final = datetime(2026, 11, 9, tzinfo=UTC)
ENDS: Final = datetime(2026, 11, 16, tzinfo=UTC)
WEEKS: Final = tuple(week_name(monday) for monday in weeks_until(MONDAY, 13))
GAP: Final = ReportGap("mail", datetime(2026, 11, 12, 10, 20, tzinfo=UTC), datetime(2026, 11, 12, 14, 5, tzinfo=UTC))


def trend(*counts: tuple[int, int] | None, gaps: tuple[int, ...] = ()) -> tuple[TrendWeek, ...]:
    """(judged, breached) of the 13 weeks, oldest first; None before anything was recorded. `gaps`: places with a gap."""
    pairs = [(None, None) if each is None else each for each in counts]
    return tuple(TrendWeek(week, *pair, n in gaps) for n, (week, pair) in enumerate(zip(WEEKS, pairs, strict=True)))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


# 431 of 1,104 waited too long, after 229 of 1,090: 79 -> 61 %.
BILLING: Final = PointWeek(
    contact_point="billing",
    channel="phone",
    title="Billing line",
    team="Billing",
    timezone="Europe/London",
    starts=STARTS,
    ends=ENDS,
    contacts=1204,
    with_signal=512,
    signals=(
        SignalWeek(
            "long_wait", 1104, 431, 0.8, met=False, limit_seconds=20.0,
            trend=trend(*[None] * 4, *[(1000, 190)] * 7, (1090, 229), (1104, 431)),
            change=Change(1090, 229, 3e-20, more_than_chance=True),
        ),
        SignalWeek(
            "abandoned", 1168, 97, 0.95, met=False,
            trend=trend(*[None] * 4, *[(1100, 45)] * 7, (1150, 51), (1168, 97)),
            change=Change(1150, 51, 1.2e-4, more_than_chance=True),
        ),
        SignalWeek("missed_callback", 0, 0, 0.9, met=None, limit_seconds=14400.0, trend=trend(*[None] * 4, *[(0, 0)] * 9)),
    ),
    waits=(
        WaitWeek("ring", 1040, 4.0, 9.5, 12.0, 31.25),
        WaitWeek("queue", 1168, 17.0, 161.0, 240.5, 571.0),
        WaitWeek("callback", 85, 4320.0, 15600.0, 16200.0, 86400.0, opening_hours=True),
    ),
    heat=Heat(
        "long_wait",
        (HeatCell(0, 9, 40, 4, 0.0396), HeatCell(1, 9, 60, 44, 0.6100), HeatCell(1, 10, 70, 50, 0.5996),
         HeatCell(5, 10, 1, 1, 0.2065)),
    ),
    hours=(HoursCause("long_wait", 1, 9, 12, 132, 190, 431),),
    stages=(StageCause("long_wait", 431, 528), StageCause("abandoned", 97, 528)),
    worst=(
        Worst("00000000000000a1", "long_wait", at(10, 10, 41), 571.0, 20.0),
        Worst("00000000000000a2", "abandoned", at(10, 11, 8), 482.0, None),
    ),
)  # fmt: skip

# Its source was silent on Thursday; 39 of 41, then 33 of 38 promises; the complaint's warning falls in December.
ORDERS: Final = PointWeek(
    contact_point="orders",
    channel="email",
    title="Orders <mailbox>",
    team="Orders",
    timezone="Europe/London",
    starts=STARTS,
    ends=ENDS,
    contacts=423,
    with_signal=30,
    signals=(
        SignalWeek(
            "late_reply", 412, 25, 0.9, met=None, limit_seconds=14400.0,
            trend=trend(*[(400, 24)] * 12, (412, 25), gaps=(12,)),
        ),
        SignalWeek("slipped_promise", 38, 5, 0.95, met=False, limit_seconds=0.0,
                   trend=trend(*[(40, 1)] * 12, (38, 5), gaps=(12,))),
        SignalWeek("late_resolution", 12, 2, 0.85, met=False, limit_opening_days=3,
                   trend=trend(*[None] * 12, (12, 2), gaps=(12,))),
    ),
    waits=(WaitWeek("reply", 412, 6600.0, 13260.0, 14100.0, 52200.0, opening_hours=True),),
    heat=Heat("late_reply", (HeatCell(3, 9, 20, 5, 0.1119),), unseen=tuple((3, hour) for hour in range(10, 15))),
    worst=(Worst("00000000000000b1", "slipped_promise", at(13, 17), 295200.0, 59400.0),),
    promises=Promises(kept=33, late=3, broken=2),
    gaps=(GAP,),
)  # fmt: skip

COUNTER: Final = PointWeek(
    contact_point="front-counter",
    channel="counter",
    title="Front counter",
    team="",
    timezone="Europe/London",
    starts=STARTS,
    ends=ENDS,
    contacts=246,
    with_signal=9,
    signals=(
        SignalWeek(
            "long_wait", 240, 7, 0.8, met=True, limit_seconds=300.0,
            trend=trend(*[(230, 12)] * 12, (240, 7)),
            change=Change(230, 12, 0.25, more_than_chance=False),
            lasting=Lasting("sustained", 13, WEEKS[0]),
        ),
    ),
    waits=(WaitWeek("queue", 243, 80.0, 190.0, 250.0, 580.0),),
)  # fmt: skip

REPORT: Final = WeekReport(
    week="2026-W46",
    monday=MONDAY,
    timezone="Europe/London",
    starts=STARTS,
    ends=ENDS,
    complete=True,
    made_at=ENDS + timedelta(hours=7),
    contact_points=(BILLING, ORDERS, COUNTER),
    gaps=(GAP,),
    complaints=(OpenComplaint("00000000000000c1", "orders", "email", datetime(2026, 11, 27, tzinfo=UTC), overdue=False),),
    weeks=WEEKS,
)
