"""What a report says in sentences that can be forwarded: the news first, then what needs somebody and what lasted."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Final
from zoneinfo import ZoneInfo

from monitor.domain.policy import DEFAULTS
from monitor.publish.report.values import (
    HoursCause,
    OpenComplaint,
    PointWeek,
    Promises,
    ReportGap,
    SignalWeek,
    WeekReport,
    Worst,
)
from monitor.publish.words import ALARMS, COUNTED, KEPT, SIGNALS, words

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: Channel -> what its contacts are called, one and several.
_CONTACTS: Final = {
    "phone": ("call", "calls"),
    "email": ("conversation", "conversations"),
    "ticket": ("ticket", "tickets"),
    "chat": ("chat", "chats"),
    "counter": ("visitor", "visitors"),
}
#: Signal -> what it judges, where that is not each contact: several, behind a number.
_JUDGED: Final = {
    "long_hold": "holds",
    "missed_callback": "call backs",
    "late_reply": "first replies",
    "late_follow_up": "later answers",
    "slipped_promise": "promises",
    "late_resolution": "solutions",
    "reopened": "solved matters",
    "low_rating": "ratings",
    "refusal": "answers",
    "canned_reply": "answers",
    "asked_again": "answers",
    "complaint_overdue": "complaints",
}
_NARROW: Final = "\N{NO-BREAK SPACE}"


def plain(text: str) -> str:
    """The same with ordinary spaces, for what is no page: a terminal, a mail's subject, JSON."""
    return text.replace(_NARROW, " ")


def percent(share: float | None, digits: int = 0) -> str:
    """`61 %`, rounded down: what is below an objective never reads as if it had reached it. Nothing judged: a dash."""
    if share is None:
        return "–"
    whole = Decimal(repr(share)) * 100
    # A float of 0.29 * 100 must not become 28: floats are read as they are printed.
    return f"{whole.quantize(Decimal(1).scaleb(-digits), ROUND_FLOOR)}{_NARROW}%"


def kept_percent(judged: int, breached: int, digits: int = 0) -> str:
    """The same of counts, without rounding on the way."""
    if not judged:
        return "–"
    scale = 10**digits
    floor = (judged - breached) * 100 * scale // judged
    return f"{Decimal(floor).scaleb(-digits)}{_NARROW}%" if digits else f"{floor}{_NARROW}%"


def objective_percent(objective: float) -> str:
    """`95 %`, `99.5 %`: as it is configured."""
    value = Fraction(str(objective)) * 100
    return f"{float(value):g}{_NARROW}%"


def duration(seconds: float) -> str:
    """`0:17`, `2:41`, `48 min`, `3 h 41`, `2 d 17 h`: short, for a table or a sentence. Under ten minutes by the second."""
    whole = round(seconds)
    if whole < 600:
        return f"{whole // 60}:{whole % 60:02}"
    if whole < 3600:
        return f"{whole // 60}{_NARROW}min"
    if whole < 86400:
        hours, minutes = divmod(whole // 60, 60)
        return f"{hours}{_NARROW}h{_NARROW}{minutes:02}"
    days, hours = divmod(whole // 3600, 24)
    return f"{days}{_NARROW}d{_NARROW}{hours}{_NARROW}h"


def counted(number: int) -> str:
    """`1,204`."""
    return f"{number:,}"


def contacts_words(point: PointWeek) -> str:
    """`1,204 calls`; where something was not seen, or is not kept any more, `at least 1,204 calls`."""
    one, several = _CONTACTS[point.channel]
    least = "at least " if point.gaps or not point.kept else ""
    return f"{least}{counted(point.contacts)} {one if point.contacts == 1 else several}"


def judged_words(signal: str, channel: str, number: int) -> str:
    """`1,104 calls`, `38 promises`: what a signal has judged."""
    one, several = _CONTACTS[channel]
    several = _JUDGED.get(signal, several)
    if number == 1:
        return f"1 {one if signal not in _JUDGED else several.removesuffix('s').replace('replie', 'reply')}"
    return f"{counted(number)} {several}"


def line_title(line: SignalWeek) -> str:
    """`waited too long in the queue (over 0:20)`."""
    limit = limit_words(line)
    return words(SIGNALS, line.signal, 2) + (f" ({limit})" if limit else "")


def limit_words(line: SignalWeek) -> str:
    """`over 0:20`, `over 3 opening days`; empty where there is no limit of that kind."""
    if line.limit_opening_days is not None:
        return f"over {line.limit_opening_days} opening day{'s' * (line.limit_opening_days != 1)}"
    if line.limit_seconds and DEFAULTS[line.signal].wait is not None:
        return f"over {duration(line.limit_seconds)}"
    return ""


def verdict_words(line: SignalWeek) -> str:
    """`met`, `missed`, or why neither can be said."""
    if line.met is not None:
        return "met" if line.met else "missed"
    if not line.judged:
        return "nothing judged"
    return "not judged"


# --- the news ----------------------------------------------------------------------------------------------------------------


def news(report: WeekReport) -> str:
    """The first line, which is also the subject of a mail: what somebody must know who reads nothing else."""
    points = report.contact_points
    if not report.complete:
        return f"Week {_number(report)} still runs: {_total(report)} so far, not judged yet"
    if not any(line.judged for point in points for line in point.signals):
        unseen = f"; {_unseen(report)}" if report.gaps else ""
        return f"Nothing was judged in week {_number(report)}{unseen}"
    missed = heaviest(report)
    if not missed:
        judged = sum(line.met is not None for point in points for line in point.signals)
        if not judged:
            return f"Week {_number(report)} cannot be judged: {_unseen(report)}"
        unseen = f"; {_unseen(report)}" if report.gaps else ""
        return f"Every objective was met in week {_number(report)}, {judged} of {judged}{unseen}"
    point, line = missed[0]
    return f"{_headline(point, line)}{_others(points, point)}"


def subject(report: WeekReport) -> str:
    """The news in a few words, for a subject: `Billing line: callers wait too long, 60 % kept after 78 % – week 46`."""
    missed = heaviest(report) if report.complete else []
    if not missed:
        return plain(news(report))
    point, line = missed[0]
    after = f" after {kept_percent(line.change.judged_before, line.change.breached_before)}" if line.change is not None else ""
    kept = f"{kept_percent(line.judged, line.breached)} kept{after}"
    return plain(f"{point.title}: {ALARMS[line.signal]}, {kept} – week {_number(report)}")


def heaviest(report: WeekReport) -> list[tuple[PointWeek, SignalWeek]]:
    """The lines that were missed, that first which is the news."""
    missed = [(point, line) for point in report.contact_points for line in point.signals if line.met is False]
    return sorted(missed, key=lambda each: _weight(each[1]), reverse=True)


def _weight(line: SignalWeek) -> tuple[bool, float]:
    """What got worse by more than chance goes first; then by how many contacts are beyond what the objective allows."""
    worse = line.change is not None and line.change.more_than_chance and (line.share or 0.0) < line.change.share_before
    return worse, line.breached - line.judged * (1 - line.objective)


def _headline(point: PointWeek, line: SignalWeek) -> str:
    who = COUNTED[line.signal]
    begun = f"{point.title}: {counted(line.breached)} of {counted(line.judged)} {who.who} {who.did}"
    share = f"{kept_percent(line.judged, line.breached)} kept, the objective is {objective_percent(line.objective)}"
    before = f", {kept_percent(line.change.judged_before, line.change.breached_before)} the week before" if line.change else ""
    return f"{begun} ({share}{before})"


def _others(points: Sequence[PointWeek], first: PointWeek) -> str:
    others = [point.title for point in points if point is not first and point.missed]
    if not others:
        well = sum(point is not first and any(line.met for line in point.signals) for point in points)
        return f"; the other {well} met their objectives" if well > 1 else ""
    if len(others) == 1:
        return f"; {others[0]} missed an objective too"
    return f"; {len(others)} more contact points missed an objective"


def _number(report: WeekReport) -> str:
    return str(report.monday.isocalendar().week)


def _total(report: WeekReport) -> str:
    contacts = sum(point.contacts for point in report.contact_points)
    return f"{counted(contacts)} contact{'s' * (contacts != 1)}"


def _unseen(report: WeekReport) -> str:
    sources = list(dict.fromkeys(gap.source for gap in report.gaps))
    return f"{_listed(sources)} could not be seen for a part of it"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def span_words(report: WeekReport) -> str:
    """`Week 46, Mon 9 to Sun 15 Nov 2026, Europe/London`."""
    sunday = report.monday + timedelta(days=6)
    month = f" {report.monday:%b}" if report.monday.month != sunday.month else ""
    return f"Week {_number(report)}, Mon {report.monday.day}{month} to Sun {sunday.day} {sunday:%b %Y}, {report.timezone}"


def total_words(report: WeekReport) -> str:
    """`3 contact points, 1,873 contacts, 551 of them with a signal; 3 objectives met of 6`."""
    points = report.contact_points
    bad = sum(point.with_signal for point in points)
    verdicts = [line.met for point in points for line in point.signals if line.met is not None]
    lines = f"; {sum(verdicts)} objective{'s' * (sum(verdicts) != 1)} met of {len(verdicts)}" if verdicts else ""
    return f"{len(points)} contact point{'s' * (len(points) != 1)}, {_total(report)}, {counted(bad)} of them with a signal{lines}"


def anew_words(report: WeekReport) -> str | None:
    """`Judged anew on Wed 18 Nov 09:00 by the limits of that moment: an earlier report has other figures.`; None: it was not."""
    if report.judged_anew is None:
        return None
    what = "Judged anew" if report.judged_anew.whole else "Judged anew in part"
    at = _at(report.judged_anew.at.astimezone(ZoneInfo(report.timezone)))
    return f"{what} on {at} by the limits of that moment: an earlier report may have other figures."


# --- of one contact point ---------------------------------------------------------------------------------------------------


def point_sentences(point: PointWeek) -> Iterator[str]:
    """All that is said of a contact point besides its table, what weighs most first."""
    yield from (gap_words(gap, point.timezone) for gap in point.gaps)
    if point.first is not None and (first := point.first.astimezone(ZoneInfo(point.timezone))).weekday():
        yield f"The first contact on record came {_at(first)}: what was before is in no figure."
    if not point.kept:
        yield "Contacts of then are not all kept any more: hours, lengths of waits and worst contacts are those of the rest."
    yield from changes_words(point)
    yield from (hours_words(cause, point.channel) for cause in point.hours)
    stages = stages_words(point)
    if stages:
        yield stages
    if point.promises is not None:
        yield promises_words(point.promises)
    yield from lasting_words(point)


def _worth(line: SignalWeek) -> bool:
    """A change that is chance is told of where the figure is below its objective, or where a reader might take it for one."""
    change = line.change
    assert change is not None
    moved = abs((line.share or 0.0) - change.share_before) >= 0.01
    return change.more_than_chance or (moved and (line.met is False or DEFAULTS[line.signal].wait is not None))


def changes_words(point: PointWeek) -> Iterator[str]:
    """`Not given up: 96 → 91 % of 2,162 calls is worse by more than chance gives.`

    In the last sentence all that may be chance: `No long hold: 78 → 74 % of 230 holds is within what chance gives.`
    """
    chance = []
    for line in point.signals:
        if line.change is None or not _worth(line):
            continue
        if line.change.more_than_chance:
            better = (line.share or 0.0) > line.change.share_before
            yield f"{_capital(_changed(line, point.channel))} is {'better' if better else 'worse'} by more than chance gives."
        else:
            chance.append(_changed(line, point.channel))
    if chance:
        yield f"{_capital('; '.join(chance))} {'is' if len(chance) == 1 else 'are'} within what chance gives."


def _changed(line: SignalWeek, channel: str) -> str:
    """`no long wait in the queue: 78 → 74 % of 230 calls`."""
    change = line.change
    assert change is not None
    before, now = kept_percent(change.judged_before, change.breached_before), kept_percent(line.judged, line.breached)
    digits = 1 if before == now else 0
    before = kept_percent(change.judged_before, change.breached_before, digits).removesuffix(f"{_NARROW}%")
    now = kept_percent(line.judged, line.breached, digits)
    return f"{KEPT[line.signal]}: {before} → {now} of {judged_words(line.signal, channel, line.judged)}"


def hours_words(cause: HoursCause, channel: str) -> str:
    """`132 of 431 that waited too long in the queue came on Tuesday between 9 and 12, of 190 calls then.`"""
    day = f"on {WEEKDAYS[cause.weekday]}" if cause.weekday is not None else "every day"
    hours = "" if (cause.from_hour, cause.to_hour) == (0, 24) else f" between {cause.from_hour} and {cause.to_hour}"
    return (
        f"{_capital(words(SIGNALS, cause.signal, 2))}: {counted(cause.breached)} of {counted(cause.of)} came {day}{hours}, "
        f"of {judged_words(cause.signal, channel, cause.judged)} then."
    )


def stages_words(point: PointWeek) -> str:
    """`Of 528 signals 431: waited too long in the queue; 97: gave up.`; empty where there is nothing to compare."""
    if len(point.stages) < 2:
        return ""
    shares = "; ".join(f"{counted(each.breached)} {words(SIGNALS, each.signal, each.breached)}" for each in point.stages[:3])
    return f"What weighs most of {counted(point.stages[0].of)} signals: {shares}."


def promises_words(promises: Promises) -> str:
    """`Promises due: 38, of them 33 kept, 3 late, 2 broken.`"""
    return f"Promises due: {promises.due}, of them {promises.kept} kept, {promises.late} late, {promises.broken} broken."


def lasting_words(point: PointWeek) -> Iterator[str]:
    """What got better and lasted; then what went well for as long as is shown, in one sentence for all that did so equally long.

    `First replies in time: at or above the objective since week 9, 97 % this week; 84 % before, less than chance gives.`
    """
    sustained: dict[int, list[str]] = {}
    for line in point.signals:
        if line.lasting is None:
            continue
        now = kept_percent(line.judged, line.breached)
        if line.lasting.kind == "sustained":
            sustained.setdefault(line.lasting.weeks, []).append(f"{KEPT[line.signal]} {now}")
        else:
            since, before = line.lasting.since.partition("-W")[2].removeprefix("0"), percent(line.lasting.share_before)
            yield (
                f"{_capital(KEPT[line.signal])}: at or above the objective since week {since}, {now} this week; {before} before, "
                "worse by more than chance gives."
            )
    for weeks, kept in sorted(sustained.items(), reverse=True):
        yield f"{weeks} weeks in a row at or above the objective: {', '.join(kept)}."


def gap_words(gap: ReportGap, timezone: str) -> str:
    """`Not seen: Thu 12 Nov 10:20 to 14:05, source mail. These hours are in no figure.`"""
    zone = ZoneInfo(timezone)
    since, until = gap.since.astimezone(zone), gap.until.astimezone(zone)
    if gap.open:
        return f"Not seen since {_at(since)}: source {gap.source}. What happened since is in no figure."
    end = f"{until:%H:%M}" if since.date() == until.date() else _at(until)
    return f"Not seen: {_at(since)} to {end}, source {gap.source}. These hours are in no figure."


def worst_words(worst: Worst, timezone: str) -> str:
    """`Tue 10 Nov 10:41 waited too long in the queue, 9:31`."""
    waited = "" if worst.waited_seconds is None else f", {duration(worst.waited_seconds)}"
    return f"{_at(worst.at.astimezone(ZoneInfo(timezone)))} {words(SIGNALS, worst.signal)}{waited}"


def complaint_words(complaint: OpenComplaint, timezone: str) -> str:
    """`orders: a complaint is due for its final answer; its warning falls on Fri 27 Nov 00:00`."""
    moment = _at(complaint.warn_at.astimezone(ZoneInfo(timezone)))
    said = f"its warning fell {moment}" if complaint.overdue else f"its warning falls {moment}"
    return f"{complaint.contact_point}: a complaint has no final answer; {said}"


def _at(local: datetime) -> str:
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
