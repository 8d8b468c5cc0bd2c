"""What went wrong by weekday and hour of arrival: the number in each cell, and a shade of how sure the share is. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final

from monitor.publish.charts.shapes import Picture, Table, hatch, number, rect, scaled, text
from monitor.publish.report.values import Heat, HeatCell

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
#: Lower ends of the 95 % interval of the share from which a cell is darker by one.
STEPS: Final = (0.05, 0.15, 0.40)
#: One that went wrong makes no cell darker than this: one of one is worth no more than one of two.
_LONE: Final = 2
#: Hours beside each other; more stand in several bands, so that numbers fit on a phone and on paper.
_ABREAST: Final = 12
#: In pixels: room for the names of the days and for the hours; how far cells are apart, and how large they are.
_LABELS: Final = 34
_HEAD: Final = 15
_COLUMN: Final = 24
_ROW: Final = 19
_WIDE: Final = 23
_HIGH: Final = 18
_APART: Final = 6  # bands
#: Hours that are drawn where nobody came in any.
_USUAL: Final = range(8, 18)


def draw_heat(heat: Heat, words: str) -> Picture:
    """As wide as a sheet says. `words`: what it shows, and where the same stands as a table.

    Without a cell: nobody came. Hatched: not wholly seen.
    """
    days, bands = _days(heat), _bands(_hours(heat))
    tall = _HEAD + _ROW * len(days)
    cells = {(cell.weekday, cell.hour): cell for cell in heat.cells}
    shapes: list[str] = []
    for place, hours in enumerate(bands):
        top = place * (tall + _APART)
        shapes += _labels(days, hours, top)
        for row, day in enumerate(days):
            for column, hour in enumerate(hours):
                left, y = _LABELS + column * _COLUMN, top + _HEAD + row * _ROW
                shapes += _cell(cells.get((day, hour)), left, y, is_seen=(day, hour) not in heat.unseen)
    width = _LABELS + _COLUMN * max(len(bands[0]), len(_USUAL))  # of few hours, cells are not larger than elsewhere
    return scaled("heat", width, tall * len(bands) + _APART * (len(bands) - 1), shapes, words, fixed=False)


def heat_table(heat: Heat, caption: str) -> Table:
    """The figures of `draw_heat`: `3 of 41`, by day and hour."""
    hours, cells = _hours(heat), {(cell.weekday, cell.hour): cell for cell in heat.cells}
    rows = [
        (DAYS[day], *(_said(cells.get((day, hour)), is_seen=(day, hour) not in heat.unseen) for hour in hours))
        for day in _days(heat)
    ]
    return Table(caption, ("", *(f"{hour}:00" for hour in hours)), rows)


def shade(cell: HeatCell) -> int:
    """From 0, nothing went wrong, to 4."""
    if not cell.breached:
        return 0
    darkness = 1 + sum(cell.certain_share >= step for step in STEPS)
    return min(darkness, _LONE) if cell.breached == 1 else darkness


def _said(cell: HeatCell | None, *, is_seen: bool) -> str:
    if cell is None:
        return "nobody" if is_seen else "not seen"
    return f"{cell.breached} of {cell.judged}" + ("" if is_seen else ", not wholly seen")


def _days(heat: Heat) -> Sequence[int]:
    """Working days always, Saturday and Sunday where somebody came."""
    came = {cell.weekday for cell in heat.cells}
    return [day for day in range(7) if day < 5 or day in came]


def _hours(heat: Heat) -> Sequence[int]:
    """From the first hour to the last in which somebody came on any day. Hours that nobody saw stretch nothing."""
    came = [cell.hour for cell in heat.cells]
    return range(min(came), max(came) + 1) if came else _USUAL


def _bands(hours: Sequence[int]) -> Sequence[Sequence[int]]:
    """As many as are needed, all but the last as long as each other."""
    count = -(-len(hours) // _ABREAST)
    long = -(-len(hours) // count)
    return [hours[begin : begin + long] for begin in range(0, len(hours), long)]


def _labels(days: Sequence[int], hours: Sequence[int], top: int) -> Iterator[str]:
    for column, hour in enumerate(hours):
        yield text(str(hour), number(_LABELS + column * _COLUMN + _WIDE / 2), top + 11, "t-soft", "mid", size=12)
    for row, day in enumerate(days):
        yield text(DAYS[day], "0", top + _HEAD + row * _ROW + 13.5, "t-soft", size=12)


def _cell(cell: HeatCell | None, left: int, y: int, *, is_seen: bool) -> Iterator[str]:
    x, width = number(left), number(_WIDE)
    if cell is not None:
        yield rect(f"h{shade(cell)}", x, y, width, _HIGH)
    if not is_seen:
        yield hatch(x, y, width, _HIGH)
    if cell is not None and cell.breached:
        look = "t-on" if shade(cell) == 4 else ""
        yield text(_count(cell.breached), number(left + _WIDE / 2), y + 13.3, look, "mid", size=12)


def _count(breached: int) -> str:
    """Three places at most fit into a cell; the table has the number."""
    return str(breached) if breached < 1000 else f"{breached // 1000}k"
