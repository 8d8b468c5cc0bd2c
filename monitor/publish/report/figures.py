"""How the report writes numbers, spans, moments and what a line counts: the same in every form. Pure.

A space that stands in a figure does not break (U+00A0). Shares are rounded down, so that a missed objective never reads as met.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from monitor.domain.durations import format_opening_days
from monitor.domain.event import Channel
from monitor.publish.report.values import SignalWeek, WaitWeek, WeekReport
from monitor.publish.words import COUNTED, SIGNALS, Words, words

NBSP: Final = "\u00a0"
#: What came in on a channel.
CONTACTS: Final[Mapping[str, Words]] = {
    "phone": Words("call", "calls"),
    "email": Words("conversation", "conversations"),
    "ticket": Words("ticket", "tickets"),
    "chat": Words("chat", "chats"),
    "counter": Words("visitor", "visitors"),
}
#: Signal -> what a line of the report counts, in front of its limit where it has one.
_LINES: Final[Mapping[str, str]] = {
    "slow_answer": "Rang too often",
    "long_wait": "Waited over {}",
    "long_hold": "Held over {}",
    "missed_callback": "Not called back in {}",
    "late_reply": "First reply after {}",
    "late_follow_up": "Later reply after {}",
    "slipped_promise": "Promise kept late or not",
    "late_resolution": "Not solved in {}",
    "reopened": "Came back",
    "repeat_contact": "Had to contact us again",
    "canned_reply": "Canned reply",
    "complaint_overdue": "Complaint not settled in time",
}
#: Signal -> the wait whose percentiles stand in its line.
WAIT_OF: Final[Mapping[str, str]] = {
    "slow_answer": "ring", "long_wait": "queue", "long_hold": "hold", "missed_callback": "callback", "late_reply": "reply",
    "late_follow_up": "follow_up", "late_resolution": "resolution",
}  # fmt: skip
#: Waits of people on the line, written by minutes and seconds.
_SPOKEN: Final = ("ring", "queue", "hold")
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOUR, _DAY = 3600, 86400


def count(number: int) -> str:
    """`1204` -> `1,204`."""
    return f"{number:,}"


def per_cent(judged: int, breached: int) -> str:
    """What was kept, with one digit, rounded down: `60.9 %`."""
    per_mille = (judged - breached) * 1000 // judged
    return f"{per_mille // 10}.{per_mille % 10}{NBSP}%"


def objective(share: float) -> str:
    """`0.995` -> `99.5 %`."""
    return f"{round(share * 100, 3):g}{NBSP}%"


def span(seconds: float, *, spoken: bool = False, opening_hours: bool = False) -> str:
    """A span as a figure: `0:17` where `spoken` and under an hour, else `48 min`, `3 h 41`, `2 d 17 h`; of opening hours no
    days are made."""
    whole = int(seconds)
    if whole < _HOUR:
        if spoken:
            return f"{whole // 60}:{whole % 60:02}"
        return f"{whole // 60}{NBSP}min" if whole >= 60 else f"{whole}{NBSP}s"
    hours, minutes = divmod(whole // 60, 60)
    if whole < _DAY:
        return f"{hours}{NBSP}h{NBSP}{minutes:02}"
    if opening_hours:
        return f"{hours}{NBSP}h"
    return f"{whole // _DAY}{NBSP}d{NBSP}{whole % _DAY // _HOUR}{NBSP}h"


def said(seconds: float, *, opening_hours: bool = False) -> str:
    """A span in a sentence: `9 min 31 s`, `3 h 41 min`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}{NBSP}s"
    if whole < _HOUR:
        return f"{whole // 60}{NBSP}min" + (f"{NBSP}{whole % 60:02}{NBSP}s" if whole % 60 else "")
    if whole < _DAY or opening_hours:
        minutes = whole % _HOUR // 60
        return f"{whole // _HOUR}{NBSP}h" + (f"{NBSP}{minutes:02}{NBSP}min" if minutes else "")
    return span(seconds)


def limit(seconds: float | None, opening_days: int | None) -> str:
    """A limit as people set it: `20 s`, `4 h`, `3 opening days`; empty: none."""
    if opening_days is not None:
        return format_opening_days(opening_days).replace(" ", NBSP, 1)
    return "" if seconds is None else said(seconds)


def line_name(line: SignalWeek) -> str:
    """What a line counts: `Waited over 20 s`."""
    allowed = limit(line.limit_seconds, line.limit_opening_days)
    template = _LINES.get(line.signal)
    if template is not None and (allowed or "{" not in template):
        return template.format(allowed)
    plain = words(SIGNALS, line.signal)
    return plain[:1].upper() + plain[1:]


def wrong(line: SignalWeek, channel: Channel) -> str:
    """What went wrong: `431 of 1,104 callers waited over 20 s`."""
    counted, allowed = COUNTED.get(line.signal), limit(line.limit_seconds, line.limit_opening_days)
    of = f"{count(line.breached)} of {count(line.judged)}"
    if counted is None:
        return f"{of}: {words(SIGNALS, line.signal, line.breached)}"
    did = f"{counted.beyond} {allowed}" if counted.beyond and allowed else counted.did
    return f"{of} {who(line.signal, channel)} {did}"


def who(signal: str, channel: Channel) -> str:
    """Who or what a signal counts: `callers`, at a counter `visitors`."""
    counted = COUNTED.get(signal)
    if counted is None or (counted.who.startswith("caller") and channel != "phone"):
        return words(CONTACTS, channel, 2)
    return counted.who


def wait_figures(wait: WaitWeek) -> tuple[str, str, str]:
    """p50, p90 and p95."""
    spoken = wait.wait in _SPOKEN
    p50, p90, p95 = (
        span(each, spoken=spoken, opening_hours=wait.opening_hours)
        for each in (wait.p50_seconds, wait.p90_seconds, wait.p95_seconds)
    )
    return p50, p90, p95


def contacts(channel: Channel, number: int, *, at_least: bool = False) -> str:
    """`1,204 calls`; `at least 321 calls` where not all was seen."""
    return f"{'at least ' if at_least else ''}{count(number)}{NBSP}{words(CONTACTS, channel, number)}"


def moment(at: datetime, timezone: str) -> str:
    """`Tue 10:41`, by the clocks of the contact point."""
    return f"{at.astimezone(ZoneInfo(timezone)):%a %H:%M}"


def day(at: datetime | date, timezone: str = "UTC") -> str:
    """`Fri 27 Nov`."""
    local = at.astimezone(ZoneInfo(timezone)) if isinstance(at, datetime) else at
    return f"{local:%a} {local.day}{NBSP}{local:%b}"


def week_number(week: str) -> str:
    """`2026-W46` -> `week 46`."""
    return f"week{NBSP}{int(week[-2:])}"


def days(report: WeekReport) -> str:
    """`Mon 9 to Sun 15 Nov 2026`."""
    last = report.monday + timedelta(days=6)
    first = f"{report.monday:%a} {report.monday.day}"
    if report.monday.month != last.month:
        first += f" {report.monday:%b}"
    if report.monday.year != last.year:
        first += f" {report.monday.year}"
    return f"{first} to {last:%a} {last.day} {last:%b} {last.year}"
