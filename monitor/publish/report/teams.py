"""A report for some teams: their contact points, and what concerns these. Pure."""

from collections.abc import Collection
from dataclasses import replace

from monitor.publish.report.values import WeekReport


def for_teams(report: WeekReport, teams: Collection[str]) -> WeekReport:
    """The report of these teams alone; of all contact points where none is named.

    What is more than chance stays what it is among all lines: a reader of a part must not see more alarms than one of the whole.
    """
    if not teams:
        return report
    points = tuple(point for point in report.contact_points if point.team in teams)
    sources = {gap.source for point in points for gap in point.gaps}
    names = {point.contact_point for point in points}
    return replace(
        report,
        contact_points=points,
        gaps=tuple(gap for gap in report.gaps if gap.source in sources),
        complaints=tuple(each for each in report.complaints if each.contact_point in names),
    )
