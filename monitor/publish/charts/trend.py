"""The share that was kept, week by week, against the objective. Pure.

The scale is the same everywhere: the objective lies at one height, ABOVE points over it are shown and BELOW under it; what lies
beyond is drawn at the edge. So pictures beside each other can be compared, whatever their objectives are.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from monitor.publish.charts.shapes import AREAS, Picture, Table, area, hatch, number, scaled, stroke
from monitor.publish.report.values import TrendWeek, reaches

#: Percentage points over and under the objective that are shown.
ABOVE: Final = 9
BELOW: Final = 11
#: Room for signs and line ends, in pixels.
_MARGIN: Final = 3.0
_EDGE: Final = 2.5
_DOT: Final = 2.4


def draw_trend(weeks: Sequence[TrendWeek], objective: float, width: float = 104, height: float = 28) -> Picture:
    """The weeks from the oldest to the last whole one, `width` by `height` pixels. The running one is none: it is not judged.

    A week in which nothing was judged, or before there was a record, is blank; one that was not wholly seen is hatched, with
    what was seen. Triangles are weeks below the objective, a dot is the last week where it is not one of these.
    """
    places = [(week, _x(number_of, len(weeks), width)) for number_of, week in enumerate(weeks)]
    step = (width - 2 * _MARGIN) / max(1, len(weeks) - 1)
    shapes = [hatch(number(max(0.0, x - step / 2)), 0, number(min(step, width)), height) for week, x in places if week.gap]
    at = number(_y(0, height))
    shapes.append(stroke("l-faint", f"M0 {at}H{number(width)}", more='stroke-dasharray="3 2"'))
    shapes += _lines(places, objective, height)
    shapes += _triangles(places, objective, height)
    if weeks and weeks[-1].share is not None and not _is_below(weeks[-1], objective):
        shapes.append(_dot("f-ink", places[-1][1], _height_of(weeks[-1].share, objective, height), _DOT))
    return scaled("trend", width, height, shapes, trend_in_words(weeks, objective), fixed=True)


def trend_in_words(weeks: Sequence[TrendWeek], objective: float) -> str:
    """`3 weeks, per cent kept: 81, 79 (below), nothing judged; objective 80`, without the weeks before there was a record."""
    known = [week for week in weeks if not _is_before(week)]
    if not known:
        return "no whole week yet"
    shares = ", ".join(_said(week, objective) for week in known)
    return f"{len(known)} {'week' if len(known) == 1 else 'weeks'}, per cent kept: {shares}; objective {_objective(objective)}"


def trend_table(weeks: Sequence[TrendWeek], objective: float, caption: str) -> Table:
    """The figures of `draw_trend`, the last week first."""
    rows = [
        (week.week, "not recorded yet", "", "")
        if _is_before(week)
        else (week.week, str(week.judged or 0), str(week.breached or 0), _said(week, objective))
        for week in reversed(weeks)
    ]
    return Table(caption, ("Week", "Judged", "Went wrong", f"Kept in per cent, objective {_objective(objective)}"), rows)


def _is_before(week: TrendWeek) -> bool:
    """Nothing was recorded yet. What no source saw of a week that is recorded is a gap."""
    return week.judged is None and not week.gap


def _is_below(week: TrendWeek, objective: float) -> bool:
    return bool(week.judged) and not reaches(week.judged or 0, week.breached or 0, objective)


def _said(week: TrendWeek, objective: float) -> str:
    if not week.judged:
        return "not seen" if week.gap else "nothing judged"
    # Rounded down, so that a missed objective never reads as met.
    share = str((week.judged - (week.breached or 0)) * 100 // week.judged)
    return share + (" (below)" if _is_below(week, objective) else "") + (" (not wholly seen)" if week.gap else "")


def _objective(objective: float) -> str:
    return f"{round(objective * 100, 3):g}"


def _x(number_of: int, count: int, width: float) -> float:
    """The last week stands at the right edge, also where it is the only one."""
    return width - _MARGIN - (count - 1 - number_of) * (width - 2 * _MARGIN) / max(1, count - 1)


def _y(points_over: float, height: float) -> float:
    """Of so many percentage points over the objective."""
    shown = min(max(points_over, -BELOW), ABOVE)
    return _EDGE + (ABOVE - shown) * (height - 2 * _EDGE) / (ABOVE + BELOW)


def _height_of(share: float, objective: float, height: float) -> float:
    return _y((share - objective) * 100, height)


def _lines(places: Sequence[tuple[TrendWeek, float]], objective: float, height: float) -> Iterator[str]:
    """One for each run of weeks that have a share; a single week is a small dot."""
    shares = [(week.share, x) for week, x in places]
    for has_share, run in groupby(shares, key=lambda place: place[0] is not None):
        if not has_share:
            continue
        corners = [(x, _height_of(share, objective, height)) for share, x in run if share is not None]
        if len(corners) == 1:
            yield _dot("f-soft", *corners[0], 1.2)
        else:
            path = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in corners)
            yield stroke("l-soft", path, 1.4, more='stroke-linejoin="round"')


def _triangles(places: Sequence[tuple[TrendWeek, float]], objective: float, height: float) -> Iterator[str]:
    """Past weeks in ink; the last one alone may be red."""
    for place, (week, x) in enumerate(places, start=1):
        if week.share is not None and _is_below(week, objective):
            y = min(_height_of(week.share, objective, height), height - 2.6)
            look = "f-breached" if place == len(places) else "f-soft"
            yield area(look, f"M{number(x - 2.6)} {number(y - 2)}h5.2L{number(x)} {number(y + 2.6)}Z")


def _dot(look: str, x: float, y: float, radius: float) -> str:
    return f'<circle class="{look}" fill="{AREAS[look]}" cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"/>'
