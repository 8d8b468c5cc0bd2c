"""The report as rows for spreadsheets: one for each signal of each contact point and each week of its trend that has a record."""

from collections.abc import Iterator
from io import StringIO
from typing import Any, Final

from monitor.publish.report.values import PointWeek, SignalWeek, TrendWeek, WeekReport
from monitor.publish.spreadsheet import write_csv

CSV_COLUMNS: Final = (
    "week", "contact_point", "channel", "team", "signal", "judged", "breached", "share", "gap",
    "objective", "met", "formula", "share_before", "more_than_chance", "contacts",
)  # fmt: skip


def as_csv(report: WeekReport) -> str:
    """The whole file."""
    out = StringIO()
    write_csv(out, CSV_COLUMNS, csv_rows(report))
    return out.getvalue()


def csv_rows(report: WeekReport) -> Iterator[dict[str, Any]]:
    """Each with all CSV_COLUMNS. What is said of the reported week alone is None in rows of other weeks."""
    for point in report.contact_points:
        for line in point.signals:
            for week in line.trend:
                if week.judged is not None:
                    yield _row(report, point, line, week)


def _row(report: WeekReport, point: PointWeek, line: SignalWeek, week: TrendWeek) -> dict[str, Any]:
    is_reported, change = week.week == report.week, line.change
    return {
        "week": week.week,
        "contact_point": point.contact_point,
        "channel": point.channel,
        "team": point.team,
        "signal": line.signal,
        "judged": week.judged,
        "breached": week.breached,
        "share": week.share,
        "gap": _yes(week.gap),
        "objective": line.objective,
        "met": _yes(line.met) if is_reported else None,
        "formula": line.formula,
        "share_before": change.share_before if is_reported and change is not None else None,
        "more_than_chance": _yes(change.more_than_chance) if is_reported and change is not None else None,
        "contacts": point.contacts if is_reported else None,
    }


def _yes(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"
