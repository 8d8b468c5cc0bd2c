"""What happened on one axis of time, to scale: bars of what lasted, lines of what happened, marks of limits. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from monitor.publish.charts.shapes import Picture, line, per_cent, rect, stretched, text
from monitor.publish.charts.ticks import Tick, ticks

#: How a stretch of a bar looks: the customer waits, talks, waits over the limit.
Look = Literal["wait", "talk", "over"]
_AREAS: Final = {"wait": "f-soft", "talk": "f-faint", "over": "f-breached"}

#: In pixels.
_LABEL: Final = 22
_ROW: Final = 50
_BELOW: Final = 18
_BAR: Final = 14
_AXIS: Final = 26
#: The width for which it is decided which words fit, and that of a character: a phone's, and the widest font's.
_NARROW: Final = 326
_CHARACTER: Final = 7.4
_OF_A_CLOCK: Final = 6.6  # colons are narrower
#: Of the width: a bar that is narrower is drawn as two pixels, a closed stretch that is narrower is left out.
_SLIVER: Final = 0.006
#: More than so many closed stretches, or rows of labels, say nothing.
_MOST_SHUT: Final = 60
_MOST_LABEL_ROWS: Final = 3


class Piece(NamedTuple):
    """A stretch of a bar. `still`: its clock stood still, as outside opening hours."""

    since: datetime
    until: datetime
    look: Look
    still: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One bar. `over`: red words at its end."""

    words: str
    pieces: Sequence[Piece]
    limits: Sequence[datetime] = ()
    over: str = ""


class Flag(NamedTuple):
    """Something that happened at a moment."""

    at: datetime
    words: str
    is_breached: bool = False


@dataclass(frozen=True, slots=True)
class TimeLine:
    """`shut`: when nobody was there. `now`: the moment up to which it is known, where something goes on."""

    begin: datetime
    end: datetime  # after it
    zone: ZoneInfo
    rows: Sequence[Row]
    flags: Sequence[Flag] = ()
    shut: Sequence[tuple[datetime, datetime]] = ()
    now: datetime | None = None


def draw_time_line(shown: TimeLine, words: str) -> Picture:
    """As wide as it is given room. `words`: what it shows, and where the same stands as a table.

    Labels that would cover each other on a phone are left out; the line itself stays.
    """
    axis = _Axis(shown)
    flags = list(_placed(axis, [*shown.flags, *([] if shown.now is None else [Flag(shown.now, "now")])]))
    top = _LABEL * (1 + max((level for _, level in flags if level is not None), default=-1)) + 8
    rows, bottom = [], top
    for row in shown.rows:
        rows.append((row, bottom))
        bottom += _ROW + (0 if not row.over or axis.fits(axis.of(_last(row)), row.over, gap=6) else _BELOW)
    marks = ticks(shown.begin, shown.end, shown.zone)
    shapes = [*_shut(axis, shown.shut, bottom), *_grid(axis, marks, bottom)]
    for flag, level in flags:
        shapes += _flag(axis, flag, level, bottom)
    for row, y in rows:
        shapes += _row(axis, row, y)
    shapes += [line("l-faint", "0", bottom, "100%", bottom), *_labels(axis, marks, bottom)]
    return stretched("line", bottom + _AXIS, shapes, words)


class _Axis:
    """Moments as shares of the width."""

    def __init__(self, shown: TimeLine) -> None:
        self._begin = shown.begin
        self._span = max((shown.end - shown.begin).total_seconds(), 1e-6)

    def of(self, at: datetime) -> float:
        return min(max((at - self._begin).total_seconds() / self._span, 0.0), 1.0)

    def x(self, at: datetime) -> str:
        return per_cent(self.of(at))

    def holds(self, at: datetime) -> bool:
        return self._begin <= at <= self._begin + timedelta(seconds=self._span)

    @staticmethod
    def wide(words: str, gap: float = 0) -> float:
        """Of a phone's width."""
        return (len(words) * _CHARACTER + gap) / _NARROW

    def fits(self, left: float, words: str, gap: float = 0) -> bool:
        return left + self.wide(words, gap) <= 1.0


def _last(row: Row) -> datetime:
    return max(piece.until for piece in row.pieces)


def _shut(axis: _Axis, shut: Sequence[tuple[datetime, datetime]], bottom: float) -> Iterator[str]:
    wide = [(axis.of(since), axis.of(until)) for since, until in shut]
    wide = [(left, right) for left, right in wide if right - left >= _SLIVER]
    if len(wide) <= _MOST_SHUT:
        yield from (rect("f-shut", per_cent(left), 0, per_cent(right - left), bottom) for left, right in wide)


def _grid(axis: _Axis, marks: Sequence[Tick], bottom: float) -> Iterator[str]:
    for tick in marks:
        yield line("l-line", axis.x(tick.at), 0, axis.x(tick.at), bottom)


def _placed(axis: _Axis, flags: Sequence[Flag]) -> Iterator[tuple[Flag, int | None]]:
    """Each with the row of labels in which its words cover no others; None: in none of them, the words are left out."""
    taken: list[list[tuple[float, float]]] = [[] for _ in range(_MOST_LABEL_ROWS)]
    for flag in sorted(flags, key=lambda each: (not each.is_breached, each.at)):  # what counts has the first choice
        left = axis.of(flag.at)
        wide = axis.wide(flag.words, 10)
        span = (left, left + wide) if axis.fits(left, flag.words, 10) else (left - wide, left)
        level = next((at for at, row in enumerate(taken) if all(span[1] <= a or b <= span[0] for a, b in row)), None)
        if span[0] < 0:
            level = None
        if level is not None:
            taken[level].append(span)
        yield flag, level


def _flag(axis: _Axis, flag: Flag, level: int | None, bottom: float) -> Iterator[str]:
    top, x = (4 if level is None else _LABEL * level + 4), axis.x(flag.at)
    yield line("l-breached" if flag.is_breached else "l-soft", x, top, x, bottom)
    if level is not None:
        look = "t-breached" if flag.is_breached else ""
        anchor, dx = ("", 5) if axis.fits(axis.of(flag.at), flag.words, 10) else ("end", -5)
        yield text(flag.words, x, top + 12, look, anchor, dx=dx)


def _row(axis: _Axis, row: Row, y: float) -> Iterator[str]:
    left, right = axis.of(min(piece.since for piece in row.pieces)), axis.of(_last(row))
    yield text(row.words, per_cent(min(left, max(0.0, 1.0 - axis.wide(row.words)))), y + 11)
    for piece in row.pieces:
        since, wide = axis.of(piece.since), axis.of(piece.until) - axis.of(piece.since)
        if piece.still:
            yield rect(_AREAS[piece.look], per_cent(since), y + 23, per_cent(wide), 2)
        else:
            yield rect(_AREAS[piece.look], per_cent(since), y + 17, per_cent(wide) if wide >= _SLIVER else "2", _BAR)
    for limit in row.limits:
        if axis.holds(limit):
            yield rect("f-surface", axis.x(limit), y + 13, "5", 22, more='transform="translate(-2.5)"')
            yield rect("f-ink", axis.x(limit), y + 13, "2", 22, more='transform="translate(-1)"')
    if row.over:
        if axis.fits(right, row.over, gap=6):
            yield text(row.over, per_cent(right), y + 29, "t-breached", dx=6)
        else:
            yield text(row.over, per_cent(max(right, axis.wide(row.over))), y + 47, "t-breached", "end")


def _labels(axis: _Axis, marks: Sequence[Tick], bottom: float) -> Iterator[str]:
    free = -1.0  # where the last label ends
    for tick in marks:
        at, x = axis.of(tick.at), axis.x(tick.at)
        yield line("l-faint", x, bottom - 4, x, bottom + 4)
        anchor = "" if at < 0.06 else "end" if at > 0.94 else "mid"
        wide = len(tick.words) * _OF_A_CLOCK / _NARROW
        left = at - wide * {"": 0.0, "mid": 0.5, "end": 1.0}[anchor]
        if left < free:
            continue
        free = left + wide
        more = f'<tspan class="wide">{escape(tick.more)}</tspan>' if tick.more else ""
        yield text(tick.words, x, bottom + 20, "t-soft", anchor).replace("</text>", f"{more}</text>")
