"""What happened in a contact, on an axis of time: `explain` -> the values of a drawing. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final, NamedTuple

from monitor.domain.contact import LIVE_WAITS
from monitor.publish.charts.shapes import Picture
from monitor.publish.charts.time_line import Flag, Look, Piece, Row, TimeLine, draw_time_line
from monitor.publish.web.clock import Clock
from monitor.publish.web.details import short_duration
from monitor.publish.web.judged_waits import judged_wait, limit_of
from monitor.publish.words import BARS, FLAGS, words

#: What is drawn at most; all of it stands in the tables.
_MOST_ROWS: Final = 14
_MOST_PIECES: Final = 80
_MOST_FLAGS: Final = 60
#: A call that is a smaller part of the whole than this is drawn by itself: beside days it would be a line.
_LITTLE: Final = 0.15
#: Room behind the last moment.
_PADDING: Final = 0.03
_BEGIN_TALKING: Final = frozenset(("answered", "unheld"))
_END_TALKING: Final = frozenset(("held", "ended", "queued", "ringing", "left", "voicemail"))


class Drawn(NamedTuple):
    """One axis of a contact."""

    heading: str
    picture: Picture
    has_shut: bool
    left_out: int  # bars that are in the table only


class _Bar(NamedTuple):
    """A row that is still to be placed, and what it belongs to."""

    row: Row
    is_live: bool
    begin: datetime
    end: datetime


def time_lines(explained: Mapping[str, Any], clock: Clock) -> list[Drawn]:
    """One axis, or two: the call itself, and what followed where that took far longer. None where nothing has a length."""
    known = _at(explained["seen_until"])
    bars = [*_waits(explained["waits"], known, clock), *_talking(explained["events"], known)]
    flags = list(_flags(explained))
    moments = [at for bar in bars for at in (bar.begin, bar.end)] + [flag.at for flag in flags]
    if not moments:
        return []
    live = [bar for bar in bars if bar.is_live]
    later = [bar for bar in bars if not bar.is_live]
    begin, end = min(moments), max(moments)
    if live and later and (max(bar.end for bar in live) - begin) < _LITTLE * (end - begin):
        call_end = max(bar.end for bar in live)
        during = [flag for flag in flags if flag.at <= call_end]
        after = [Flag(begin, "the contact"), *(flag for flag in flags if flag.at > call_end)]
        return [
            _drawn("On the line", live, during, explained, clock, call_end),
            _drawn("Afterwards", later, after, explained, clock, end),
        ]
    return [_drawn("", [*live, *later], flags, explained, clock, end)]


def _drawn(
    heading: str, bars: Sequence[_Bar], flags: Sequence[Flag], explained: Mapping[str, Any], clock: Clock, last: datetime
) -> Drawn:
    shown = sorted(bars, key=lambda bar: (bar.begin, bar.end))[:_MOST_ROWS]
    begin = min([*(bar.begin for bar in shown), *(flag.at for flag in flags)])
    length = max(last - begin, timedelta(seconds=1))
    shut = _shut(explained["open"], begin, last) if any(not bar.is_live for bar in shown) else []
    known = _at(explained["seen_until"])
    goes_on = any(wait["until"] is None for wait in explained["waits"]) and begin <= known <= last
    axis = TimeLine(begin, begin + length * (1 + _PADDING), clock.zone, [bar.row for bar in shown], flags[-_MOST_FLAGS:], shut,
                    known if goes_on else None)  # fmt: skip
    said = "; ".join(bar.row.words + (f", {bar.row.over}" if bar.row.over else "") for bar in shown)
    picture = draw_time_line(axis, f"Time line: {said or 'what happened'}. The same figures are in the tables below.")
    return Drawn(heading, picture, bool(shut), len(bars) - len(shown))


def _waits(waits: Sequence[Mapping[str, Any]], known: datetime, clock: Clock) -> Iterator[_Bar]:
    """Waits of a kind lie in one row where none overlaps another; each promise has its own."""
    rows: list[tuple[str, list[Mapping[str, Any]]]] = []
    for wait in sorted(waits, key=lambda each: each["since"]):
        for kind, others in rows:
            if kind == wait["wait"] != "promise" and _end(others[-1], known) <= _at(wait["since"]):
                others.append(wait)
                break
        else:
            rows.append((wait["wait"], [wait]))
    for kind, of_row in rows:
        pieces = [piece for wait in of_row for piece in _pieces(wait, known)]
        due = [_at(wait["due_at"]) for wait in of_row if wait["due_at"] is not None]
        begin, end = _at(of_row[0]["since"]), max(_end(wait, known) for wait in of_row)
        open_due = [_at(wait["due_at"]) for wait in of_row if wait["outcome"] == "open" and wait["due_at"] is not None]
        row = Row(_row_words(kind, of_row, clock), pieces[:_MOST_PIECES], due[:_MOST_PIECES], _over(of_row))
        yield _Bar(row, kind in LIVE_WAITS, begin, max(end, *open_due) if open_due else end)


def _row_words(kind: str, waits: Sequence[Mapping[str, Any]], clock: Clock) -> str:
    """Short: it stands on one line on a phone."""
    longest = max(waits, key=lambda each: (each["outcome"] == "breached", each["waited_seconds"]))
    shown, name = judged_wait(longest, clock), words(BARS, kind)
    if kind == "promise":
        return name if shown.due is None else f"{name} for {shown.due.words}"
    length = short_duration(longest["waited_seconds"], limit_of(longest) or 0) + (f" of {shown.limit}" if shown.limit else "")
    return f"{name}: {length}" if len(waits) == 1 else f"{name}, {len(waits)} times: {length}"


def _over(waits: Sequence[Mapping[str, Any]]) -> str:
    breached = [each for each in waits if each["outcome"] == "breached"]
    if len(breached) != 1:
        return f"{len(breached)} over the limit" if breached else ""
    [wait] = breached
    if wait["late_seconds"] is not None:
        return f"{short_duration(wait['late_seconds'])} late"
    limit = limit_of(wait)
    if limit is not None and wait["waited_seconds"] > limit:
        return f"{short_duration(wait['waited_seconds'] - limit)} over"
    return "not kept" if wait["wait"] == "promise" else "over the limit"


def _pieces(wait: Mapping[str, Any], known: datetime) -> Iterator[Piece]:
    """What counted thick, what did not thin; from the limit on over it."""
    since, until = _at(wait["since"]), _end(wait, known)
    due = _at(wait["due_at"]) if wait["outcome"] == "breached" and wait["due_at"] is not None else None
    counted = [(_at(first), _at(last)) for first, last in wait["counted"]] if wait["wait"] != "promise" else [(since, until)]
    edges = sorted({since, until, *(at for span in counted for at in span), *([] if due is None else [due])})
    for first, last in pairwise(at for at in edges if since <= at <= until):
        look: Look = "over" if due is not None and first >= due else "wait"
        yield Piece(first, last, look, still=not any(begin <= first and last <= end for begin, end in counted))
    if since == until:
        yield Piece(since, until, "wait")


def _talking(events: Iterable[Mapping[str, Any]], known: datetime) -> Iterator[_Bar]:
    """When somebody of ours spoke with the customer, on the line."""
    pieces: list[Piece] = []
    since: datetime | None = None
    for event in sorted(events, key=lambda each: _at(each["at"])):
        if event["kind"] in _BEGIN_TALKING and since is None:
            since = _at(event["at"])
        elif event["kind"] in _END_TALKING and since is not None:
            pieces.append(Piece(since, _at(event["at"]), "talk"))
            since = None
    if since is not None and since < known:
        pieces.append(Piece(since, known, "talk"))
    if pieces:
        length = short_duration(sum((piece.until - piece.since).total_seconds() for piece in pieces))
        times = "" if len(pieces) == 1 else f", {len(pieces)} times"
        row = Row(f"Talking{times}: {length}", pieces[:_MOST_PIECES])
        yield _Bar(row, True, pieces[0].since, pieces[-1].until)


def _flags(explained: Mapping[str, Any]) -> Iterator[Flag]:
    for event in explained["events"]:
        if event["kind"] in FLAGS and (event["kind"] != "left" or event.get("reason", "caller") == "caller"):
            yield Flag(_at(event["at"]), words(FLAGS, event["kind"]))
    for wait in explained["waits"]:
        if wait["wait"] in ("promise", "complaint") and wait["outcome"] == "breached" and wait["due_at"] is not None:
            yield Flag(_at(wait["due_at"]), f"{wait['wait']} due", is_breached=True)


def _shut(open_spans: Sequence[Sequence[str]] | None, begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Between the opening hours; none where none is known."""
    if open_spans is None:
        return []
    edges = [begin, *(_at(edge) for span in open_spans for edge in span), end]
    return [(since, until) for since, until in zip(edges[::2], edges[1::2], strict=True) if begin <= since < until <= end]


def _end(wait: Mapping[str, Any], known: datetime) -> datetime:
    since = _at(wait["since"])
    return max(since, known) if wait["until"] is None else max(since, _at(wait["until"]))


def _at(moment: str) -> datetime:
    return datetime.fromisoformat(moment)
