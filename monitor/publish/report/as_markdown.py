"""The report as Markdown, for a wiki or a chat. What comes from outside is text there, never markup."""

import re
from collections.abc import Iterator
from typing import Final

from monitor.publish.report.as_text import by_urgency, explanations, listed, needs_somebody, notes, went_well
from monitor.publish.report.values import PointWeek, SignalWeek, WeekReport, teams_of
from monitor.publish.report.words import (
    contacts_words,
    counted,
    duration,
    kept_percent,
    line_title,
    news,
    objective_percent,
    plain,
    point_sentences,
    span_words,
    total_words,
    verdict_words,
    worst_words,
)
from monitor.publish.words import WAITS, words

#: What is markup wherever it stands, what is so at the beginning of a line, and what makes a bare address a link.
_MARKUP: Final = re.compile(r"[\\`*_\[\]<>#|~&]|^[-+=]|(?<=^\d)[.)]|:(?=//)")
_BREAKS: Final = re.compile(r"[\r\n\t\x0b\x0c\x1c-\x1f\x85\u2028\u2029]+")


def escaped(text: str) -> str:
    """Text of others as it stands, whatever characters of markup it holds, on one line."""
    return _MARKUP.sub(r"\\\g<0>", _BREAKS.sub(" ", text))


def as_markdown(report: WeekReport, pages: str | None = None) -> str:
    """The report in Markdown with tables. `pages`: where browsers reach the daemon, for links to evidence."""
    return plain("\n".join(_lines(report, pages)) + "\n")


def _lines(report: WeekReport, pages: str | None) -> Iterator[str]:
    yield f"# {escaped(news(report))}"
    yield ""
    yield f"{escaped(span_words(report))}. {escaped(total_words(report))}."
    for note in notes(report):
        yield ""
        yield f"**{escaped(note)}**"
    for title, items in (("What needs somebody", needs_somebody(report)), ("What went well and lasted", went_well(report))):
        found = listed(items)
        if found:
            yield from ("", f"## {title}", "", *(f"- {escaped(item)}" for item in found))
    for point in by_urgency(report.contact_points):
        yield ""
        yield from _point(point, pages)
    yield from _teams(report)
    yield ""
    for sentence in explanations(report):
        yield escaped(sentence)
        yield ""


def _point(point: PointWeek, pages: str | None) -> Iterator[str]:
    team = f", {escaped(point.team)}" if point.team else ""
    yield f"## {escaped(point.title)}"
    yield ""
    yield f"{point.channel}{team}: {contacts_words(point)}"
    lines = [line for line in point.signals if line.judged]
    if lines:
        yield ""
        yield f"| signal | went wrong | kept | objective | | {len(lines[0].trend)} weeks, oldest first |"
        yield "|---|---:|---:|---:|---|---|"
        yield from map(_signal, lines)
    if point.waits:
        yield ""
        yield "| wait | count | p50 | p90 | p95 | longest |"
        yield "|---|---:|---:|---:|---:|---:|"
        for each in point.waits:
            lengths = (each.p50_seconds, each.p90_seconds, each.p95_seconds, each.max_seconds)
            hours = " (opening hours)" if each.opening_hours else ""
            yield f"| {words(WAITS, each.wait)}{hours} | {counted(each.count)} | {' | '.join(map(duration, lengths))} |"
    for sentence in point_sentences(point):
        yield ""
        yield escaped(sentence)
    if point.worst:
        yield ""
    for worst in point.worst:
        said = escaped(worst_words(worst, point.timezone))
        yield f"- [{said}]({pages.rstrip('/')}/contacts/{worst.contact})" if pages else f"- {said}, contact {worst.contact}"


def _signal(line: SignalWeek) -> str:
    letter = f" {line.formula}" if line.formula else ""
    trend = " ".join("?" if week.gap else kept_percent(week.judged or 0, week.breached or 0)[:-2] or "–" for week in line.trend)
    return (
        f"| {escaped(line_title(line))}{letter} | {counted(line.breached)} of {counted(line.judged)} | "
        f"{kept_percent(line.judged, line.breached, 1)} | {objective_percent(line.objective)} | {verdict_words(line)} | {trend} |"
    )


def _teams(report: WeekReport) -> Iterator[str]:
    teams = teams_of(report)
    if not teams:
        return
    yield from ("", "## Teams", "", "| team | contacts | with a signal | objectives met |", "|---|---:|---:|---:|")
    for team in teams:
        met = f"{team.met} of {team.judged_lines}" if team.judged_lines else "–"
        yield f"| {escaped(team.team)} | {counted(team.contacts)} | {counted(team.with_signal)} | {met} |"
