"""The report as JSON: contract section 8, and what is free to stand beside it. Shares are of what was kept."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from monitor.domain.moments import iso
from monitor.publish.report.values import Heat, JudgedAnew, PointWeek, ReportGap, SignalWeek, WeekReport, WeekSummary, teams_of
from monitor.publish.report.words import news, plain, point_sentences


def as_json_value(report: WeekReport) -> dict[str, Any]:
    """The whole report, as `report --format json` and `/api/v1/weeks/…` give it."""
    return {
        "week": report.week,
        "timezone": report.timezone,
        "starts": _moment(report.starts),
        "ends": _moment(report.ends),
        "complete": report.complete,
        "contact_points": [_point(point) for point in report.contact_points],
        "gaps": _gaps(report.gaps),
        "made_at": _moment(report.made_at),
        "judged_anew": _judged_anew(report.judged_anew),
        "news": plain(news(report)),
        "weeks": list(report.weeks),
        "teams": [
            {
                "team": team.team,
                "contact_points": list(team.contact_points),
                "contacts": team.contacts,
                "contacts_with_signal": team.with_signal,
                "objectives_met": team.met,
                "objectives_judged": team.judged_lines,
                "signals": [{"signal": signal, "judged": judged, "breached": bad} for signal, judged, bad in team.signals],
            }
            for team in teams_of(report)
        ],
        "complaints": [
            {
                "contact": each.contact,
                "contact_point": each.contact_point,
                "channel": each.channel,
                "warn_at": _moment(each.warn_at),
                "overdue": each.overdue,
            }
            for each in report.complaints
        ],
    }


def _judged_anew(anew: JudgedAnew | None) -> dict[str, Any] | None:
    return None if anew is None else {"at": _moment(anew.at), "whole": anew.whole}


def weeks_json(weeks: Iterable[WeekSummary]) -> dict[str, Any]:
    """`/api/v1/weeks`: the newest first. `objectives_met` of `objectives_judged`; none is judged while a week runs."""
    return {
        "weeks": [
            {
                "week": each.week,
                "starts": _moment(each.starts),
                "ends": _moment(each.ends),
                "complete": each.complete,
                "gap": each.gap,
                "judged": each.judged,
                "breached": each.breached,
                "objectives_met": each.met,
                "objectives_judged": each.judged_lines,
            }
            for each in weeks
        ]
    }


def _point(point: PointWeek) -> dict[str, Any]:
    promises = point.promises
    return {
        "contact_point": point.contact_point,
        "channel": point.channel,
        "contacts": point.contacts,
        "signals": [_signal(line) for line in point.signals],
        "waits": [
            {
                "wait": each.wait,
                "count": each.count,
                "p50_seconds": each.p50_seconds,
                "p90_seconds": each.p90_seconds,
                "p95_seconds": each.p95_seconds,
                "max_seconds": each.max_seconds,
                "opening_hours": each.opening_hours,
            }
            for each in point.waits
        ],
        "trend": [
            {"week": week.week, "signal": line.signal, "judged": week.judged, "breached": week.breached, "gap": week.gap}
            for line in point.signals
            for week in line.trend
            if week.judged is not None
        ],
        "worst": [
            {
                "contact": each.contact,
                "signal": each.signal,
                "waited_seconds": each.waited_seconds,
                "limit_seconds": each.limit_seconds,
                "limit_opening_days": each.limit_opening_days,
                "at": _moment(each.at),
            }
            for each in point.worst
        ],
        "contacts_kept": point.kept,
        "title": point.title,
        "team": point.team,
        "timezone": point.timezone,
        "starts": _moment(point.starts),
        "ends": _moment(point.ends),
        "contacts_with_signal": point.with_signal,
        "heat": None if point.heat is None else _heat(point.heat),
        "causes": {
            "hours": [cause._asdict() for cause in point.hours],
            "stages": [cause._asdict() for cause in point.stages],
        },
        "promises": None if promises is None else {"due": promises.due, **promises._asdict()},
        "gaps": _gaps(point.gaps),
        "sentences": list(map(plain, point_sentences(point))),
    }


def _signal(line: SignalWeek) -> dict[str, Any]:
    change, lasting = line.change, line.lasting
    return {
        "signal": line.signal,
        "judged": line.judged,
        "breached": line.breached,
        "share": line.share,
        "objective": line.objective,
        "met": line.met,
        "formula": line.formula,
        "limit_seconds": line.limit_seconds,
        "limit_opening_days": line.limit_opening_days,
        "change": None if change is None else {
            "judged_before": change.judged_before,
            "breached_before": change.breached_before,
            "share_before": change.share_before,
            "probability": change.probability,
            "more_than_chance": change.more_than_chance,
        },
        "lasting": None if lasting is None else lasting._asdict(),
    }  # fmt: skip


def _heat(heat: Heat) -> dict[str, Any]:
    return {
        "signal": heat.signal,
        "cells": [cell._asdict() for cell in heat.cells],
        "unseen": [{"weekday": weekday, "hour": hour} for weekday, hour in heat.unseen],
    }


def _gaps(gaps: Iterable[ReportGap]) -> list[dict[str, Any]]:
    return [{"source": gap.source, "from": _moment(gap.since), "to": _moment(gap.until), "open": gap.open} for gap in gaps]


def _moment(moment: datetime) -> str:
    return iso(moment.astimezone(UTC))
