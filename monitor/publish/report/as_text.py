"""The report as plain text, for the body of a mail and for a terminal: the news, what needs somebody, then each contact point."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from monitor.publish.report.values import PointWeek, WeekReport
from monitor.publish.report.words import (
    anew_words,
    complaint_words,
    contacts_words,
    counted,
    duration,
    gap_words,
    heaviest,
    kept_percent,
    lasting_words,
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

#: Entries of a list at the head of the report; more are only counted, the contact points have them all.
LISTED: Final = 12
#: What stands before the address of a contact, where pages are known.
_CONTACT: Final = "contacts"


def as_text(report: WeekReport, pages: str | None = None) -> str:
    """The report for a reader of plain text. `pages`: where browsers reach the daemon, for links to evidence."""
    return plain("\n".join(_lines(report, pages)) + "\n")


def _lines(report: WeekReport, pages: str | None) -> Iterator[str]:
    yield news(report)
    yield ""
    yield f"{span_words(report)}. {total_words(report)}."
    yield from notes(report)
    yield from _section("What needs somebody", needs_somebody(report))
    yield from _section("What went well and lasted", went_well(report))
    for point in by_urgency(report.contact_points):
        yield ""
        yield from _point(point, pages)
    yield ""
    yield from explanations(report)


def notes(report: WeekReport) -> Iterator[str]:
    """What limits the figures of the whole report: gaps, and that they are new."""
    yield from (gap_words(gap, report.timezone) for gap in report.gaps)
    anew = anew_words(report)
    if anew is not None:
        yield anew


def _section(title: str, items: Iterable[str]) -> Iterator[str]:
    found = listed(items)
    if found:
        yield ""
        yield title
        yield from (f"- {item}" for item in found)


def listed(items: Iterable[str]) -> list[str]:
    """The first LISTED, and how many more there are."""
    found = list(items)
    more = len(found) - LISTED
    return found if more <= 0 else [*found[:LISTED], f"and {counted(more)} more, below"]


def needs_somebody(report: WeekReport) -> Iterator[str]:
    """What was missed, the heaviest first; broken promises; complaints near their day."""
    for point, line in heaviest(report):
        figures = f"{kept_percent(line.judged, line.breached)} kept of {counted(line.judged)}"
        yield f"{point.title}: {line_title(line)}, {figures}, the objective is {objective_percent(line.objective)}"
    for point in report.contact_points:
        if point.promises is not None and point.promises.broken:
            yield f"{point.title}: {point.promises.broken} of {point.promises.due} promises are still not kept"
    yield from (complaint_words(each, report.timezone) for each in report.complaints)


def went_well(report: WeekReport) -> Iterator[str]:
    """What got better or went well, and lasted."""
    for point in report.contact_points:
        yield from (f"{point.title}: {sentence}" for sentence in lasting_words(point))


def by_urgency(points: Sequence[PointWeek]) -> list[PointWeek]:
    """Those that missed most objectives first; among equals as configured."""
    return sorted(points, key=lambda point: -point.missed)


def _point(point: PointWeek, pages: str | None) -> Iterator[str]:
    team = f", {point.team}" if point.team else ""
    yield f"{point.title} ({point.channel}{team}): {contacts_words(point)}"
    for line in point.signals:
        if line.judged:
            letter = f" {line.formula}" if line.formula else ""
            yield (
                f"  {kept_percent(line.judged, line.breached, 1):>8} {verdict_words(line):<10} {line_title(line)}{letter}: "
                f"{counted(line.breached)} of {counted(line.judged)}, objective {objective_percent(line.objective)}"
            )
    for each in point.waits:
        hours = " in opening hours" if each.opening_hours else ""
        yield (
            f"  {words(WAITS, each.wait)}: half within {duration(each.p50_seconds)}, nine in ten within "
            f"{duration(each.p90_seconds)}, the longest {duration(each.max_seconds)}{hours} ({counted(each.count)})"
        )
    yield from (f"  {sentence}" for sentence in point_sentences(point))
    if point.worst:
        yield "  Worst:"
    for worst in point.worst:
        link = f" {pages.rstrip('/')}/{_CONTACT}/{worst.contact}" if pages else f" (contact {worst.contact})"
        yield f"  - {worst_words(worst, point.timezone)}{link}"


def explanations(report: WeekReport) -> Iterator[str]:
    """How the figures are meant, for those who forward them."""
    yield (
        "Shares are of what was kept. SL-D: answered in time / (answered + gave up - gave up within the limit). A contact "
        "belongs to the week in which it came. Times are by the clocks of the contact point."
    )
    if report.lines:
        yield (
            f"More than chance: Fisher's exact test against the week before, corrected for {report.lines} "
            f"line{'s' * (report.lines != 1)} (Holm), 1 in 100."
        )
