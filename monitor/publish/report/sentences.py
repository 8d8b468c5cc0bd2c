"""What the report says in words: the news, what lasted, what needs somebody, and what chance gives. Pure; no form of its own."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from monitor.domain.event import Channel
from monitor.publish.report import figures
from monitor.publish.report.figures import NBSP
from monitor.publish.report.values import CHANCE, HoursCause, PointWeek, Promises, ReportGap, SignalWeek, WeekReport, Worst
from monitor.publish.words import SIGNALS, words

#: Fewer than these are told as numbers, not as shares.
_FEW: Final = 100
#: Lists at the head of the report.
SHOWN: Final = 5


class Said(NamedTuple):
    """A sentence about a contact point."""

    point: PointWeek
    words: str


class WorstSaid(NamedTuple):
    """A contact that fared worst: its moment is the link to its evidence."""

    contact: str
    moment: str
    words: str


def by_urgency(report: WeekReport) -> list[PointWeek]:
    """Points that missed an objective first, the heaviest first; then those that changed or were not seen; then as configured."""
    return sorted(report.contact_points, key=_urgency)


def matters(point: PointWeek) -> bool:
    """Whether there is news of a contact point: an objective missed, a change that is more than chance, a gap."""
    return bool(point.missed or point.gaps or any(line.change and line.change.more_than_chance for line in point.signals))


def _urgency(point: PointWeek) -> tuple[int, float]:
    missed = [line for line in point.signals if line.met is False]
    if missed:
        worse = any(line.change is not None and line.change.more_than_chance and _fell(line) for line in missed)
        return (0 if worse else 1, -max(_shortfall(line) for line in missed))
    return (2 if matters(point) else 3, 0.0)


def _shortfall(line: SignalWeek) -> float:
    """How many went wrong beyond what the objective leaves."""
    return line.breached - line.judged * (1 - line.objective)


def _fell(line: SignalWeek) -> bool:
    return line.change is not None and line.share is not None and line.share < line.change.share_before


def headline(report: WeekReport) -> str:
    """The news of the week in one sentence, without a full stop."""
    points = report.contact_points
    if not report.complete:
        number = sum(point.contacts for point in points)
        return f"{_week(report)} is not over, so it is not judged; {figures.count(number)} contacts so far"
    missed = [point for point in by_urgency(report) if point.missed]
    if missed:
        worst, line = missed[0], worst_line(missed[0])
        news = f"{worst.title}: {figures.wrong(line, worst.channel)}"
        if (change := line.change) is not None:
            news += f", after {figures.count(change.breached_before)} of {figures.count(change.judged_before)} the week before"
        return f"{news}; {_others(report, len(missed) - 1)}"
    if not any(line.judged for point in points for line in point.signals):
        return f"Nothing was judged in {figures.week_number(report.week)}"
    if any(point.gaps for point in points):
        return f"No objective was missed in what was seen of {figures.week_number(report.week)}; not all of it was"
    lasting = next((said for said in went_well(report)), None)
    if lasting is not None:
        return f"{_all_met(points)}; {lasting.point.title}: {lasting.words}"
    return _all_met(points)


def _week(report: WeekReport) -> str:
    return f"Week{NBSP}{int(report.week[-2:])}"


def _all_met(points: Sequence[PointWeek]) -> str:
    return (
        f"{points[0].title} met every objective" if len(points) == 1 else f"All {len(points)} contact points met every objective"
    )


def _others(report: WeekReport, more: int) -> str:
    rest = len(report.contact_points) - 1
    if not rest:
        return f"{figures.week_number(report.week)}"
    if more:
        return f"{more} more of {rest + 1} contact points missed an objective"
    unseen = any(point.gaps for point in report.contact_points)
    kept = "missed none that was seen" if unseen else "met every objective"
    return f"the other {rest} {kept}" if rest > 1 else f"the other one {kept}"


def worst_line(point: PointWeek) -> SignalWeek:
    """The missed line in which most went wrong beyond what the objective leaves; what fell by more than chance goes before."""
    missed = [line for line in point.signals if line.met is False]
    return max(missed, key=lambda line: (bool(line.change and line.change.more_than_chance and _fell(line)), _shortfall(line)))


def lead(report: WeekReport) -> list[str]:
    """What stands under the news, as whole sentences: causes, what changed, what was not seen."""
    if not report.complete:
        return [
            "Figures stand as they are so far; objectives, changes and what lasted are judged when the week is over everywhere."
        ]
    heaviest = by_urgency(report)[:2]
    told = [hours_cause(point, point.hours[0]) for point in heaviest if point.missed and point.hours]
    told.append(changes(report))
    told += (not_seen(gap, report.timezone) for gap in report.gaps[:2])
    if len(report.gaps) > 2:
        told.append(f"{len(report.gaps) - 2} more gaps stand at their contact points.")
    return told


def changes(report: WeekReport) -> str:
    """Which contact points changed by more than chance gives."""
    fell, rose = [], []
    for point in by_urgency(report):
        moved = [line for line in point.signals if line.change is not None and line.change.more_than_chance]
        if any(_fell(line) for line in moved):
            fell.append(point.title)
        elif moved:
            rose.append(point.title)
    if not fell and not rose:
        return "Nothing changed by more than chance gives." if report.lines else "There is no week before to compare with."
    told = [f"{_listed(fell)} did worse than the week before" if fell else "", f"{_listed(rose)} did better" if rose else ""]
    return f"By more than chance gives, {' and '.join(filter(None, told))}; nothing else changed."


def _listed(names: Sequence[str]) -> str:
    shown = list(names[:SHOWN])
    if len(names) > SHOWN:
        shown.append(f"{len(names) - SHOWN} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def hours_cause(point: PointWeek, cause: HoursCause) -> str:
    """`132 of the 431 at Billing line who waited too long came on Tuesday between 9:00 and 12:00.`"""
    when = "every day" if cause.weekday is None else f"on {figures.WEEKDAYS[cause.weekday]}"
    came = f"{figures.count(cause.breached)} of the {figures.count(cause.of)} ({words(SIGNALS, cause.signal, cause.of)})"
    if (cause.from_hour, cause.to_hour) == (0, 24):
        return f"{point.title}: {came} came {when}."
    return f"{point.title}: {came} came {when} between {cause.from_hour}:00 and {cause.to_hour}:00."


def stages(point: PointWeek) -> str:
    """What weighs most among all that went wrong, where there is more than one thing; else empty."""
    if len(point.stages) < 2:
        return ""
    shown = [f"{words(SIGNALS, each.signal, each.breached)} {figures.count(each.breached)}" for each in point.stages[:3]]
    return f"Of {figures.count(point.stages[0].of)} negative contacts: {', '.join(shown)}."


def went_well(report: WeekReport) -> list[Said]:
    """What lasted: better and stayed so first, then what is sustained, the longest first."""
    found = [(point, line) for point in report.contact_points for line in point.signals if line.lasting is not None]
    found.sort(key=lambda pair: (pair[1].lasting.kind != "better", -pair[1].lasting.weeks) if pair[1].lasting else (True, 0))
    first_of: dict[int, Said] = {}
    for point, line in found:
        first_of.setdefault(id(point), Said(point, _lasted(line)))
    return list(first_of.values())


def _lasted(line: SignalWeek) -> str:
    lasting = line.lasting
    assert lasting is not None
    name, kept = _plain(line), figures.per_cent(line.judged, line.breached)
    if lasting.kind == "better":
        before = f"; before, {int(lasting.share_before * 100)}{NBSP}%" if lasting.share_before is not None else ""
        return f"{name}: at or above its objective since {figures.week_number(lasting.since)}, {kept} this week{before}"
    return f"{name}: {lasting.weeks} weeks in a row at or above its objective, {kept} this week"


def _plain(line: SignalWeek) -> str:
    name = figures.line_name(line)
    return name[:1].lower() + name[1:]


def needs_somebody(report: WeekReport) -> list[Said]:
    """The contact points that missed an objective, the heaviest first, and what went wrong there."""
    if not report.complete:
        return []
    return [Said(point, _needs(point)) for point in by_urgency(report) if point.missed]


def _needs(point: PointWeek) -> str:
    first = worst_line(point)
    others = [line for line in point.signals if line.met is False and line is not first]
    told = figures.wrong(first, point.channel)
    if others:
        told += f"; also below: {', '.join(_plain(line) for line in others[:3])}"
    return told


def chance(point: PointWeek) -> str:
    """Whether the contact point changed by more than chance, in plain words; empty: nothing to compare."""
    compared = [line for line in point.signals if line.change is not None]
    if not compared:
        return ""
    sure = [line for line in compared if line.change is not None and line.change.more_than_chance]
    if sure:
        told = ", and ".join(_from_to(line, point.channel) for line in sure[:3])
        return f"Yes: {told}. Chance alone would do this less than once in {round(1 / CHANCE)} such reports."
    line = compared[0]
    few = line.judged < _FEW
    told = f"No: {_from_to(line, point.channel)}{'; so few can differ by chance' if few else ' is within what chance gives'}."
    return f"{told} Below its objective all the same." if line.met is False else told


def _from_to(line: SignalWeek, channel: Channel) -> str:
    change, counted = line.change, figures.who(line.signal, channel)
    assert change is not None
    if line.judged < _FEW:
        kept, kept_before = line.judged - line.breached, change.judged_before - change.breached_before
        return f"{kept_before} of {change.judged_before}, then {kept} of {line.judged} {counted} well"
    before = figures.per_cent(change.judged_before, change.breached_before)
    return f"{before} → {figures.per_cent(line.judged, line.breached)} of {figures.count(line.judged)} {counted} ({_plain(line)})"


def promises(kept: Promises) -> str:
    """`33 kept, 3 late, 2 broken`."""
    return f"{kept.kept} kept, {kept.late} late, {kept.broken} broken"


def worst(point: PointWeek) -> Iterator[WorstSaid]:
    """The contacts that fared worst."""
    for each in point.worst:
        yield WorstSaid(each.contact, figures.moment(each.at, point.timezone), _fared(each))


def _fared(each: Worst) -> str:
    what = words(SIGNALS, each.signal)
    allowed = figures.limit(each.limit_seconds or None, each.limit_opening_days)
    if each.waited_seconds is None:
        return what
    return f"{what}, {figures.said(each.waited_seconds)}" + (f" (limit {allowed})" if allowed else "")


def not_seen(gap: ReportGap, timezone: str) -> str:
    """`pbx-north was not seen from Thu 10:20 to Thu 14:05 (3 h 45 min); these hours are in no figure.`"""
    lasted = figures.said((gap.until - gap.since).total_seconds())
    until = "and still is not" if gap.open else f"to {_when(gap.until, timezone)}"
    return f"{gap.source} was not seen from {_when(gap.since, timezone)} {until} ({lasted}); these hours are in no figure."


def _when(at: datetime, timezone: str) -> str:
    return f"{at.astimezone(ZoneInfo(timezone)):%a %H:%M}"
