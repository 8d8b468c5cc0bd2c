"""Alerts about shares: of the contacts of a window more went badly than the objective allows.

People on the line can page, within minutes. What is an echo of the morning (a call that was not returned) or a letter warns.
What tells of the whole way of a customer, over days and channels, is a trend.
Two windows each: the long one says that it is no accident, the short one ends the alert when the trouble has ended.
"""

from collections.abc import Callable
from typing import Final, Literal

from monitor.publish.alert_facts import LINGERS, NOBODY_THERE, QUEUE_UNANSWERED, TRENDS
from monitor.publish.rules.going_on import indented, lasting, unless_told
from monitor.publish.rules.live import DETAIL
from monitor.publish.rules.texts import HERE, TITLE, alarm, callers, counted, counted_by_signal
from monitor.publish.rules.values import POINT_PAGE, Alert, Tuning, board
from monitor.publish.rules.windows import (
    MAX_SHARE,
    OBJECTIVE,
    OPEN_AND_SEEN,
    SEEN,
    SLOW_WINDOW,
    assessed,
    lower_bound,
    ratio,
    share,
    signals,
)

WEEKLY: Final = board("contactpoint-weekly", "now-13w")

#: Three ways to count that callers are not answered in time. They rise together and are one alert, called by the first.
WAITING: Final = ("long_wait", "abandoned", "slow_answer")
#: What happens to somebody on the line within the minute.
ON_THE_LINE: Final = (*WAITING, "long_hold")
#: So many people who fared badly are no accident, whatever the share: one or two do not page.
SEVERAL: Final = 3
#: It is still going on when the last minutes are worse than the whole window must be: not the tail of a rush.
_NOW: Final = 1.5
_FAST: Final = "ContactPointFastBurn"


def burn_alerts(tuning: Tuning) -> tuple[Alert, ...]:
    """The objective is being missed, now or surely."""
    return (
        _on_the_line(
            _FAST, "critical", "page", "20m", "5m", "20 minutes",
            unless_told(NOBODY_THERE.name, QUEUE_UNANSWERED.name), hold="1m", keep=LINGERS,
            first="First: put more people on the line, or tell callers how long it takes and offer to call back.",
        ),
        _on_the_line(
            "ContactPointHourBurn", "warning", "ticket", "1h", "20m", "hour",
            unless_told(NOBODY_THERE.name, QUEUE_UNANSWERED.name, _FAST, within="1h"), hold="10m", keep="15m",
            first="First: see on its page who is there, and whether somebody is missing.",
        ),
        _slow(
            "ContactPointSlowBurn", "warning", "ticket", "6h", "30m", "six hours", tuning, hold="15m", keep="4h",
            matching=f'{{signal!~"{"|".join(sorted((*ON_THE_LINE, *TRENDS)))}"}}',
            first="First: look at the oldest ones on its page.", board=DETAIL,
        ),
        _slow(
            "ContactPointObjectiveTrend", "info", "trend", SLOW_WINDOW, "6h", "three days", tuning, hold="1h", keep="1h",
            first="First: compare the weeks on the dashboard.", board=WEEKLY,
        ),
    )  # fmt: skip


def _on_the_line(
    name: str, severity: Literal["critical", "warning"], level: str, window: str, short: str, words: str, begins: str,
    *, hold: str, keep: str, first: str,
) -> Alert:  # fmt: skip
    """Signals of waiting as one alert, holds as another. `begins`: where it may.

    It begins by the lower bound of the long window, and goes on while both windows are as bad as a warning wants.
    """

    def both(condition: Callable[[str], str]) -> str:
        waiting = condition(f'{{signal=~"{"|".join(sorted(WAITING))}"}}')
        merged = f"max without (signal) (\n{indented(indented(waiting))}\n  )"
        return f'label_replace(\n  {merged},\n  "signal", "{WAITING[0]}", "", ""\n)\nor\n' + condition('{signal="long_hold"}')

    now = f"clamp_max({_NOW:g} * {share(level)}, {MAX_SHARE})" if level == "page" else share(level)

    def burning(matching: str) -> str:
        return (
            f"{lower_bound(window)}{matching} > {share(level)}\n"
            f"and round({signals(window)}) >= {SEVERAL}\nand {ratio(short)} > {now}"
        )

    def going_on(matching: str) -> str:
        return f"{ratio(window)}{matching} > {share('ticket')}\nand {ratio(short)} > {share('ticket')}"

    what = '{{ if eq $labels.signal "long_hold" }}callers are on hold too long{{ else }}callers wait too long{{ end }}'
    return Alert(
        name,
        "customer",
        severity,
        lasting(name, both(burning), ("signal",), f"ignoring (signal) {SEEN}", begins=begins, goes_on=both(going_on)),
        f"{TITLE}: {callers(what)}",
        f'{{{{ if eq $labels.signal "long_hold" }}}}{_counted("long_hold", window, words)}{{{{ else }}}}'
        f"{''.join(_counted(signal, window, words) for signal in WAITING)}{{{{ end }}}}{first}",
        hold=hold,
        keep=keep,
        page=POINT_PAGE,
        dashboard=DETAIL,
    )


def _counted(signal: str, window: str, words: str) -> str:
    """The sentence of one signal; only the first of those about waiting is said although it is within its objective."""
    here = f'{{{HERE},signal="{signal}"}}'
    beyond = "" if signal not in WAITING[1:] else f" and {ratio(window)}{here} > 1 - {OBJECTIVE}{here}"
    return counted(
        signal, f"{signals(window)}{here}{beyond}", f"{assessed(window)}{here}", f"100 * (1 - {OBJECTIVE}{here})", words
    )


def _slow(
    name: str, severity: Literal["warning", "info"], level: str, long: str, short: str, words: str, tuning: Tuning,
    *, hold: str, keep: str, first: str, board: str, matching: str = "",
) -> Alert:  # fmt: skip
    """One alert a signal. The night empties its windows: it goes on until the desk is open again and something was judged."""
    here = f"{{{HERE}}}"
    judged = f"{ratio(short)} and ignoring (signal, team) {OPEN_AND_SEEN}"
    return Alert(
        name,
        "customer",
        severity,
        lasting(
            name,
            f"{lower_bound(long)}{matching} > {share(level)}\n"
            f"and round({assessed(long)}) >= {tuning.minimum_contacts}\nand {ratio(short)} > {share(level)}",
            ("signal",),
            f"ignoring (team) ({judged})\nand ignoring (team) {OBJECTIVE}",
        ),
        f"{TITLE}: {alarm()}",
        f"{counted_by_signal(signals(long) + here, assessed(long) + here, f'100 * (1 - {OBJECTIVE}{here})', words)}{first}",
        hold=hold,
        keep=keep,
        page=POINT_PAGE,
        dashboard=board,
    )
