"""The report as what a template shows: rows of words, figures and pictures. Pure.

Who missed an objective, changed or was not seen wholly stands first and at length; of more than ROOM contact points those of whom
there is no news are one line each.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple
from urllib.parse import quote

from monitor.domain.policy import DEFAULTS
from monitor.publish.charts.heat import draw_heat, heat_table
from monitor.publish.charts.shapes import Picture, Table
from monitor.publish.charts.trend import draw_trend
from monitor.publish.report.as_text import explanations, needs_somebody, went_well
from monitor.publish.report.values import PointWeek, SignalWeek, TeamWeek, WaitWeek, WeekReport, teams_of
from monitor.publish.report.words import (
    contacts_words,
    counted,
    duration,
    kept_percent,
    line_title,
    news,
    objective_percent,
    point_sentences,
    span_words,
    total_words,
    verdict_words,
    worst_words,
)
from monitor.publish.words import CHANNELS, SIGNALS, words

#: So many contact points are shown at length whatever there is to say of them: two pages of A4.
ROOM: Final = 6
#: And no more than so many, however many missed an objective.
MOST_AT_LENGTH: Final = 24
#: Entries of a list at the head of the report.
_LISTED: Final = 6


class Row(NamedTuple):
    """One signal of a contact point."""

    title: str
    letter: str  # of the service level's formula; empty: it is none
    wrong: str
    of: str
    sign: str  # good, below, none: as `signs.html` has them
    verdict: str
    kept: str
    per_cent: int  # the same for a bar, rounded down
    objective: str
    trend: Picture
    p50: str
    p90: str
    p95: str


class Evidence(NamedTuple):
    """A contact that fared worst."""

    words: str
    link: str  # empty: there are no pages to lead to


class Section(NamedTuple):
    """A contact point at length."""

    anchor: str
    title: str
    link: str
    where: str  # channel and team
    contacts: str
    rows: Sequence[Row]
    heat: Picture | None
    heat_of: str  # what its numbers count
    heat_table: Table | None
    unseen: Sequence[str]
    sentences: Sequence[str]
    worst: Sequence[Evidence]


class Line(NamedTuple):
    """A contact point in one line: its first signal."""

    title: str
    link: str
    where: str
    contacts: str
    signal: str
    sign: str
    verdict: str
    kept: str
    objective: str


class Figure(NamedTuple):
    """One of the large figures at the head."""

    value: str
    words: str


class TeamLine(NamedTuple):
    """A team."""

    team: str
    contacts: str
    with_signal: str
    met: str


class Page(NamedTuple):
    """The whole report."""

    week: str
    kicker: str
    news: str
    total: str
    is_running: bool
    figures: Sequence[Figure]
    unseen: Sequence[str]
    well: Sequence[str]
    needs: Sequence[str]
    sections: Sequence[Section]
    others: Sequence[Line]
    not_shown: int
    teams: Sequence[TeamLine]
    notes: Sequence[str]


def page_of(report: WeekReport, pages: str | None) -> Page:
    """The report for a template. `pages`: what stands before `/contacts/ID` in links; empty: on these pages; None: no links."""
    points = by_news(report)
    # Of a week that is not judged yet nobody has news: all are shown.
    is_short = len(points) <= ROOM or not report.complete
    at_length = (points if is_short else [point for point in points if has_news(point)])[:MOST_AT_LENGTH]
    shown = {id(point) for point in at_length}
    others = [point for point in points if id(point) not in shown]
    return Page(
        week=report.week,
        kicker=span_words(report),
        news=news(report),
        total=total_words(report),
        is_running=not report.complete,
        figures=_figures(report),
        unseen=sorted({_gap(gap.source) for gap in report.gaps}),
        well=_short(list(went_well(report))),
        needs=_short(list(needs_somebody(report))),
        sections=[_section(point, number, pages) for number, point in enumerate(at_length, 1)],
        others=[_line(point, pages) for point in others],
        not_shown=0,
        teams=[_team(team) for team in teams_of(report)],
        notes=_notes(report),
    )


def has_news(point: PointWeek) -> bool:
    """Whether it missed an objective, changed by more than chance gives, or was not seen wholly."""
    return bool(point.missed or point.gaps or any(line.change and line.change.more_than_chance for line in point.signals))


def by_news(report: WeekReport) -> list[PointWeek]:
    """Those that missed most objectives first, then those with other news, then as configured."""
    return sorted(report.contact_points, key=lambda point: (-point.missed, not has_news(point)))


def point_link(pages: str | None, name: str) -> str:
    """The page of a contact point; empty where there are no pages."""
    return "" if pages is None else f"{pages}/contact-points/{quote(name, safe='', errors='replace')}"


def contact_link(pages: str | None, contact: str) -> str:
    """The evidence of a contact; empty where there are no pages."""
    return "" if pages is None else f"{pages}/contacts/{quote(contact, safe='')}"


def _short(items: list[str]) -> list[str]:
    more = len(items) - _LISTED
    return items if more <= 0 else [*items[:_LISTED], f"and {more} more, below"]


def _figures(report: WeekReport) -> list[Figure]:
    points = report.contact_points
    verdicts = [line.met for point in points for line in point.signals if line.met is not None]
    total, bad = sum(point.contacts for point in points), sum(point.with_signal for point in points)
    due = [point.promises for point in points if point.promises is not None]
    found = []
    if verdicts:
        found.append(Figure(str(sum(verdicts)), f"objectives met, of {len(verdicts)}"))
    of_all = f", {100 * bad // total} % of all" if total else ""
    found.append(Figure(counted(bad), f"contacts with a signal{of_all}"))
    if due:
        kept, late, broken = (sum(each) for each in zip(*due, strict=True))
        found.append(Figure(counted(kept + late + broken), f"promises due: {kept} kept, {late} late, {broken} broken"))
    if report.complaints:
        overdue = sum(each.overdue for each in report.complaints)
        late = f", {overdue} past their warning" if overdue else ""
        found.append(
            Figure(str(len(report.complaints)), f"open complaint{'s' * (len(report.complaints) != 1)} near the day{late}")
        )
    return found


def _gap(source: str) -> str:
    return f"{source} was not seen for a part of the week: what is below is what was seen"


def _section(point: PointWeek, number: int, pages: str | None) -> Section:
    waits = {wait.wait: wait for wait in point.waits if wait.wait != "promise"}  # which has a day: its length says nothing
    judged = [line for line in point.signals if line.judged]
    calm = [line for line in judged if line.met and not line.breached]
    calm = calm if 1 < len(calm) < len(judged) else []
    sentences = list(point_sentences(point))
    unseen, sentences = sentences[: len(point.gaps)], sentences[len(point.gaps) :]
    if calm:
        sentences.append(f"Nothing went wrong: {', '.join(map(_calm, calm))}.")
    heat_of = f"{words(SIGNALS, point.heat.signal, 2)}, by weekday and hour" if point.heat else ""
    title = f"{point.title}: {heat_of}"
    return Section(
        anchor=f"point-{number}",
        title=point.title,
        link=point_link(pages, point.contact_point),
        where=_where(point),
        contacts=contacts_words(point),
        rows=[_row(line, waits.get(DEFAULTS[line.signal].wait or "")) for line in judged if line not in calm],
        heat=draw_heat(point.heat, f"{title}; the same as a table below") if point.heat else None,
        heat_of=heat_of[:1].upper() + heat_of[1:],
        heat_table=heat_table(point.heat, title) if point.heat else None,
        unseen=unseen,
        sentences=sentences,
        worst=[Evidence(worst_words(each, point.timezone), contact_link(pages, each.contact)) for each in point.worst],
    )


def _where(point: PointWeek) -> str:
    return ", ".join(filter(None, (words(CHANNELS, point.channel), point.team)))


def _row(line: SignalWeek, wait: WaitWeek | None) -> Row:
    title = line_title(line)
    return Row(
        title=title[:1].upper() + title[1:],
        letter=line.formula or "",
        wrong=counted(line.breached),
        of=f"of {counted(line.judged)}",
        sign=_sign(line),
        verdict=verdict_words(line),
        kept=kept_percent(line.judged, line.breached, 1),
        per_cent=(line.judged - line.breached) * 100 // line.judged,
        objective=objective_percent(line.objective),
        trend=draw_trend(line.trend, line.objective, 96, 20),
        p50=duration(wait.p50_seconds) if wait else "",
        p90=duration(wait.p90_seconds) if wait else "",
        p95=duration(wait.p95_seconds) if wait else "",
    )


def _calm(line: SignalWeek) -> str:
    """`turned away (of 2,234)`."""
    return f"{words(SIGNALS, line.signal, 2)} (of {counted(line.judged)})"


def _sign(line: SignalWeek) -> str:
    return "none" if line.met is None else "good" if line.met else "below"


def _line(point: PointWeek, pages: str | None) -> Line:
    first = next((line for line in point.signals if line.judged), None)
    return Line(
        title=point.title,
        link=point_link(pages, point.contact_point),
        where=_where(point),
        contacts=contacts_words(point),
        signal=line_title(first) if first else "nothing judged",
        sign=_sign(first) if first else "none",
        verdict=verdict_words(first) if first else "",
        kept=kept_percent(first.judged, first.breached, 1) if first else "–",
        objective=objective_percent(first.objective) if first else "–",
    )


def _team(team: TeamWeek) -> TeamLine:
    met = f"{team.met} of {team.judged_lines}" if team.judged_lines else "–"
    return TeamLine(team.team, counted(team.contacts), counted(team.with_signal), met)


def _notes(report: WeekReport) -> list[str]:
    pictures = (
        "Trend: share kept in whole weeks; dashed, the objective; triangles, weeks below it; every picture has the same scale. "
        "Heat: what went wrong of the first line, by weekday and hour of arrival; darker is a larger share that is certain "
        "(lower end of the 95 % Wilson interval: 0, 5, 15, 40 %), so that one bad contact of one stays pale. Hatched: not seen."
    )
    percentiles = "p50, p90, p95: half, nine in ten, nineteen in twenty waited no longer; letters in opening hours."
    return [*explanations(report), pictures, percentiles]
