"""What the page of sources says, in words: how each is read, what it cannot tell any more, and what to do. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from monitor.domain.snapshot import PointState, Reading, ReceiverState, Snapshot, SourceState
from monitor.publish.web.moments import Moment, common_moment
from monitor.publish.web.overview import (
    SourceLine,
    point_path,
    rounded_duration,
    source_line,
    store_notice,
)
from monitor.publish.web.services import Gap
from monitor.publish.words import Standing

#: Gaps that ended longer ago are left to the weekly figures.
GAPS_SINCE: Final = timedelta(days=7)
#: A source that comes and goes must not fill the page.
_MAX_GAPS: Final = 5
_MAX_POINTS: Final = 12
_MAX_NAMED: Final = 3
#: Clocks that differ by less need no word.
_SKEW_SECONDS: Final = 1.0

#: Totals of a source -> what they count.
_COUNTED: Final = {
    "source_records_rejected_total": "records refused",
    "source_records_unmapped_total": "records without a contact point",
    "source_shared_customers_total": "contacts of numbers that many have",
}

#: What helps a source that is read so. Worst first.
_WHAT_TO_DO: Final[Mapping[Reading, str]] = {
    "down": (
        "Put right what the error names, then try it from the monitor's host: contact-monitor check --config FILE. "
        "The monitor tries again by itself; after refused logins or a mistake in the configuration it waits for a reload "
        "(SIGHUP, or POST /-/reload)."
    ),
    "behind": (
        "It answers but tells nothing newer. If events are pushed, look at the sender; "
        "otherwise at whether reading it takes longer than the pause between two polls, and at its clock."
    ),
    "not read yet": "The first read has not ended. If this stays, the log of the monitor says what it waits for.",
    "up": "",
}


class GapLine(NamedTuple):
    """A span of which a source can tell nothing any more."""

    since: Moment
    until: Moment
    length: str


class ReceiverLine(NamedTuple):
    """One receiver of notifications: its look, and how it stands in words."""

    name: str
    standing: Standing
    state: str
    trouble: str


class SourceCard(NamedTuple):
    """One source. `notes` are figures that are worth a word, `feeds` are (title, path) of its contact points."""

    line: SourceLine
    to_do: str
    gaps: Sequence[GapLine]
    more_gaps: int
    notes: Sequence[str]
    feeds: Sequence[tuple[str, str]]
    more_points: int


def sources_page(snapshot: Snapshot, gaps: Iterable[Gap] | None) -> dict[str, Any]:
    """Everything the page says; what cannot be read stands first.

    `gaps` are those of the last GAPS_SINCE, in any order; None: the store cannot be read.
    """
    readings = {name: state.reading(snapshot.at) for name, state in snapshot.sources.items()}
    worst = list(_WHAT_TO_DO)
    order = sorted(readings, key=lambda name: (worst.index(readings[name]), name))
    of_source: dict[str, list[Gap]] = {}
    for gap in sorted(gaps or (), key=lambda gap: gap.since, reverse=True):
        of_source.setdefault(gap.source, []).append(gap)
    fed: dict[str, list[PointState]] = {}
    for _, point in sorted(snapshot.points.items()):
        for name in point.info.sources:
            fed.setdefault(name, []).append(point)
    counts = _counts(snapshot)
    return {
        "at": common_moment(snapshot.at, snapshot.points.values()),
        "store": store_notice(snapshot),
        "cards": [
            _card(snapshot.sources[name], snapshot.at, of_source.get(name, ()), fed.get(name, ()), counts) for name in order
        ],
        "news": _news(snapshot, [name for name in order if readings[name] != "up"]),
        "gaps_known": gaps is not None,
        "unread": [(name, "#" + quote(name, safe="", errors="replace")) for name in order if readings[name] != "up"],
        "days": GAPS_SINCE.days,
        "receivers": [_receiver_line(name, state, snapshot.at) for name, state in sorted(snapshot.receivers.items())],
    }


def _news(snapshot: Snapshot, unread: Sequence[str]) -> str:
    """The first line: whether all is seen, else what is not."""
    total = len(snapshot.sources)
    if not unread:
        return f"All {total} sources are read up to now" if total > 1 else "".join(snapshot.sources) + " is read up to now"
    if len(unread) == 1:
        return f"{unread[0]}: {source_line(snapshot.sources[unread[0]], snapshot.at).state}"
    named = ", ".join(unread[:_MAX_NAMED]) + (f" and {len(unread) - _MAX_NAMED} more" if len(unread) > _MAX_NAMED else "")
    return f"{len(unread)} of {total} sources are not known up to now: {named}"


def _receiver_line(name: str, state: ReceiverState, at: datetime) -> ReceiverLine:
    if state.well is None or state.since is None:
        return ReceiverLine(name, "quiet", "nothing sent since the start", "")
    lasting = rounded_duration((at - state.since).total_seconds())
    if state.well:
        return ReceiverLine(name, "quiet", f"takes messages for {lasting}", "")
    return ReceiverLine(name, "overdue", f"takes no messages for {lasting}", state.trouble or "")


def _card(
    state: SourceState, at: datetime, gaps: Sequence[Gap], points: Sequence[PointState], counts: Mapping[tuple[str, str], float]
) -> SourceCard:
    feeds = {point.info.name: (point.info.title or point.info.name, point_path(point.info.name)) for point in points}
    return SourceCard(
        line=source_line(state, at),
        to_do=f"{state.to_do[0].upper()}{state.to_do[1:]}." if state.to_do else _WHAT_TO_DO[state.reading(at)],
        gaps=[_gap_line(gap, points) for gap in gaps[:_MAX_GAPS]],
        more_gaps=max(0, len(gaps) - _MAX_GAPS),
        notes=_notes(state, at, counts),
        feeds=list(feeds.values())[:_MAX_POINTS],
        more_points=max(0, len(feeds) - _MAX_POINTS),
    )


def _gap_line(gap: Gap, points: Sequence[PointState]) -> GapLine:
    """A gap by the clocks of the contact points that the source feeds."""
    length = rounded_duration((gap.until - gap.since).total_seconds())
    return GapLine(common_moment(gap.since, points), common_moment(gap.until, points), length)


def _counts(snapshot: Snapshot) -> dict[tuple[str, str], float]:
    """(what, source) -> how many records of it could not be used as they are, in one pass over the totals."""
    found: dict[tuple[str, str], float] = {}
    for (metric, labels), value in snapshot.totals.items():
        if metric in _COUNTED:
            key = (_COUNTED[metric], labels[0])
            found[key] = found.get(key, 0.0) + value
    return found


def _notes(state: SourceState, at: datetime, counts: Mapping[tuple[str, str], float]) -> list[str]:
    notes = []
    if state.last_outbound is not None:
        notes.append(f"newest answer of ours {rounded_duration((at - state.last_outbound).total_seconds())} ago")
    offset = state.clock_offset_seconds
    if offset is not None and abs(offset) > _SKEW_SECONDS:
        notes.append(f"its clock and ours differ by {rounded_duration(abs(offset))}")
    for what in _COUNTED.values():
        count = counts.get((what, state.name), 0.0)
        if count:
            notes.append(f"{what} so far: {count:.0f}")
    return notes
