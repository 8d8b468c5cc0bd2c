"""Contact points and sources in words, for every page that speaks of them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from monitor.domain.channels import SIGNALS_OF
from monitor.domain.snapshot import PointInfo, PointState, Reading, Running, Snapshot, SourceState, week_counts
from monitor.domain.weeks import monday_of
from monitor.publish.web.details import short_duration
from monitor.publish.words import AGENTS, CHANNELS, WAITS, Standing, words

#: How a source looks that is read so: what is not read looks as its contact points do, for which it means that nobody knows.
SOURCE_LOOKS: Final[Mapping[Reading, Standing]] = {
    "up": "quiet",
    "behind": "unknown",
    "down": "unknown",
    "not read yet": "unknown",
}


class WaitLine(NamedTuple):
    """Customers in one kind of wait at one contact point."""

    waiting: int
    words: str
    longest: str
    over: int
    soon: int
    next_limit: str


@dataclass(frozen=True, slots=True)
class PointLine:
    """One contact point, as a row."""

    also_named: str  # the name in configuration and metrics, where the title does not already say it
    channel: str
    team: str
    clock: str  # what time it is there
    open: bool
    unknown_because: str | None
    agents: str  # empty: not known
    waits: Sequence[WaitLine]


class SourceLine(NamedTuple):
    """One source, as a row."""

    name: str
    kind: str
    standing: Standing
    state: str
    trouble: str
    last_success: str
    complete_up_to: str


class StoreNotice(NamedTuple):
    """The store takes no writes, in words."""

    words: str
    lasting: str
    to_do: str


def store_notice(snapshot: Snapshot) -> StoreNotice | None:
    """What every page says that shows figures while the store takes no writes; None: it takes them."""
    trouble = snapshot.store_trouble
    if trouble is None:
        return None
    return StoreNotice(trouble.words, rounded_duration((snapshot.at - trouble.since).total_seconds()), trouble.to_do)


def point_line(state: PointState, snapshot: Snapshot) -> PointLine:
    """One contact point in words."""
    info = state.info
    return PointLine(
        also_named="" if _slug(info.title or info.name) == _slug(info.name) else info.name,
        channel=words(CHANNELS, info.channel),
        team=info.team,
        clock=snapshot.at.astimezone(ZoneInfo(info.timezone)).strftime("%H:%M %Z"),
        open=state.open,
        unknown_because=blind_because(state, snapshot),
        agents=agents_line(state),
        waits=[wait_line(wait, now, info, snapshot.at) for wait, now in (state.running or {}).items() if now.waiting],
    )


def point_path(name: str) -> str:
    """The address of a contact point's page, whatever it is called."""
    return f"/contact-points/{quote(name, safe='', errors='replace')}"


def _slug(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def wait_line(wait: str, now: Running, info: PointInfo, at: datetime) -> WaitLine:
    """One kind of wait in words. The longest is measured as its limit is."""
    if now.oldest_since is None:
        longest = ""
    elif wait in info.opening_hours_waits:
        longest = f"{short_duration(now.oldest_business_seconds)} of opening hours"
    else:
        longest = rounded_duration((at - now.oldest_since).total_seconds())
    due = "" if now.next_due is None or now.next_due <= at else rounded_duration((now.next_due - at).total_seconds())
    return WaitLine(now.waiting, words(WAITS, wait, now.waiting), longest, now.overdue, now.due_soon or 0, due)


def agents_line(state: PointState) -> str:
    """Who could answer: `3 ready, 1 paused`; empty where no source tells."""
    if state.agents is None:
        return ""
    counted = [f"{count} {words(AGENTS, doing, count)}" for doing, count in state.agents.items() if count]
    return ", ".join(counted) or "nobody logged in"


def week_of(state: PointState, snapshot: Snapshot) -> dict[str, tuple[int, int] | None]:
    """Signal -> (assessed, signals) in the running calendar week of the contact point's own zone; None: nobody can tell.

    What is nothing is left out.
    """
    start = monday_of(snapshot.at, ZoneInfo(state.info.timezone)).isoformat()
    found = ((signal, week_counts(snapshot, state.info, signal, start)) for signal in SIGNALS_OF[state.info.channel])
    return {signal: counts for signal, counts in found if counts != (0, 0)}


def blind_because(state: PointState, snapshot: Snapshot) -> str | None:
    """Why nobody can tell who waits at a contact point; None when it is known."""
    if state.running is not None:
        return None
    sources = [snapshot.sources[name] for name in state.info.sources if name in snapshot.sources]
    reasons = [_why_blind(source, snapshot.at) for source in sources if source.reading(snapshot.at) != "up"]
    return "; ".join(reasons) or "no source feeds it"


def unknown_since(state: PointState, snapshot: Snapshot) -> datetime | None:
    """Up to when it was known who waits at a blind contact point; None where it is known, or never was."""
    if state.running is not None:
        return None
    sources = [snapshot.sources[name] for name in state.info.sources if name in snapshot.sources]
    blind = [source for source in sources if source.reading(snapshot.at) != "up"]
    seen = [source.watermark for source in blind if source.watermark is not None]
    return min(seen, default=None) if len(seen) == len(blind) else None


def _why_blind(source: SourceState, at: datetime) -> str:
    reading = source.reading(at)
    if reading == "not read yet":
        return f"source {source.name} has not been read yet"
    if reading == "behind":
        return f"source {source.name} {_behind(source, at)}"
    lasting = "is down" if source.since is None else f"has been down for {rounded_duration((at - source.since).total_seconds())}"
    return f"source {source.name} {lasting}" + (f": {source.trouble}" if source.trouble else "")


def _behind(source: SourceState, at: datetime) -> str:
    """What is said of a source that answers and tells nothing newer."""
    if source.watermark is None:
        return "has not been seen completely yet"
    return f"has told nothing newer for {rounded_duration((at - source.watermark).total_seconds())}"


def source_line(state: SourceState, at: datetime) -> SourceLine:
    """One source in words."""
    reading = state.reading(at)
    lasting = "" if state.since is None or state.up is None else f" for {rounded_duration((at - state.since).total_seconds())}"
    return SourceLine(
        name=state.name,
        kind=state.kind,
        standing=SOURCE_LOOKS[reading],
        state=_behind(state, at) if reading == "behind" else reading + lasting,
        trouble=state.trouble or "",
        last_success=_ago(state.last_success, at),
        complete_up_to=_ago(state.watermark, at),
    )


def _ago(moment: datetime | None, at: datetime) -> str:
    if moment is None:
        return "never"
    seconds = (at - moment).total_seconds()
    return "now" if seconds < 1 else f"{rounded_duration(seconds)} ago"


def rounded_duration(seconds: float) -> str:
    """`7384.0` -> `2 h 3 min`: the two largest parts, rounded down, as one says it. A moment in the future counts as 0 s."""
    whole = max(0, int(seconds))
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    for (unit, size), (smaller, part) in pairwise(units):
        if whole >= size:
            count, rest = divmod(whole, size)
            return f"{count} {unit}" + (f" {rest // part} {smaller}" if rest // part else "")
    return f"{whole} s"
