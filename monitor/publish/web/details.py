"""What the pages behind a figure say, in words: one contact point with its signals, one contact. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Final, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from monitor import __version__
from monitor.domain.snapshot import PointState, Snapshot
from monitor.publish.web.overview import (
    STANDING_WORDS,
    WAIT_WORDS,
    Standing,
    plain,
    point_line,
    point_path,
    week_of,
)

#: The page of a contact point lists this many signals of the last LISTED_FOR.
LISTED: Final = 100
LISTED_FOR: Final = timedelta(days=7)
#: A contact that goes on for ever must not make a page that does.
_MAX_EVENTS: Final = 500

#: How a wait was judged: its look, its sign and its words.
_VERDICTS: Final[Mapping[str, tuple[Standing, str, str]]] = {
    "kept": ("quiet", "✓", "within the limit"),
    "breached": ("overdue", "▲", "over the limit"),
    "open": ("waiting", "●", "still open"),
    "void": ("unknown", "–", "does not count"),
}


class Moment(NamedTuple):
    """A moment as people of the contact point read it, and as programs do."""

    words: str
    iso: str


class WeekLine(NamedTuple):
    """One signal of a contact point against its objective in the running week."""

    words: str
    limit: str
    signals: int
    assessed: int
    share: str
    objective: str
    met: bool | None  # None: nothing was assessed


class ListedLine(NamedTuple):
    """One signal as a row. `contact` is empty when the contact is not kept any more."""

    at: Moment
    words: str
    channel: str
    waited: str
    limit: str
    contact: str
    native: str


class JudgedWait(NamedTuple):
    """One wait of a contact with the arithmetic of its verdict."""

    words: str
    since: Moment
    until: Moment | None
    waited: str
    clock: str
    limit: str
    due: Moment | None
    standing: Standing
    sign: str
    verdict: str
    by: str  # how far over the limit


class Step(NamedTuple):
    """Something that happened, when, and how long after the beginning."""

    at: Moment
    words: str
    after: str
    why: str


def states_of(name: str, snapshot: Snapshot) -> dict[str, PointState]:
    """The states of a contact point by their key in the snapshot: one for each channel it has."""
    return {key: state for key, state in sorted(snapshot.points.items()) if state.info.name == name}


def contact_point_page(
    states: Mapping[str, PointState], signals: Sequence[Mapping[str, Any]], snapshot: Snapshot
) -> dict[str, Any]:
    """Everything the page of one contact point says; `signals` are the newest, one more than shown if there are more."""
    lines = [(point_line(state, key, snapshot), week_lines(state, snapshot)) for key, state in states.items()]
    info = next(iter(states.values())).info
    zone = ZoneInfo(info.timezone)
    return {
        "version": __version__,
        "at": moment(snapshot.at, zone),
        "title": info.title or info.name,
        "all_as_json": f"/api/v1/signals?contact_point={quote(info.name, safe='', errors='replace')}&limit=1000",
        "zone": info.timezone,
        "lines": lines,
        "standing_words": STANDING_WORDS,
        "signals": [listed_line(row, zone) for row in signals[:LISTED]],
        "more": len(signals) > LISTED,
        "days": LISTED_FOR.days,
        "has_channels": len(states) > 1,
    }


def week_lines(state: PointState, snapshot: Snapshot) -> list[WeekLine]:
    """Every signal that is switched on, whether or not anything was assessed yet."""
    week, lines = week_of(state, snapshot), []
    for signal, objective in state.info.objectives.items():
        assessed, bad = week.get(signal, (0, 0))
        limit = state.info.limit_seconds.get(signal)
        # The configured decimal is meant, not the float nearest to it: 19 of 20 keeps an objective of 0.95.
        met = assessed - bad >= Fraction(repr(objective)) * assessed if assessed else None
        share = f"{_tenths((assessed - bad) * 1000 // assessed)} %" if assessed else ""
        spoken_limit = "" if limit is None else measured(limit)
        lines.append(WeekLine(plain(signal), spoken_limit, bad, assessed, share, f"{round(objective * 100, 3):g} %", met))
    return lines


def _tenths(count: int) -> str:
    """Rounded down by the caller, so that a missed objective never reads as met."""
    whole, tenth = divmod(count, 10)
    return f"{whole}.{tenth}" if tenth else str(whole)


def listed_line(row: Mapping[str, Any], zone: ZoneInfo) -> ListedLine:
    """A row of `signals` in words."""
    return ListedLine(
        at=moment(row["at"], zone),
        words=plain(row["signal"]),
        channel=row["channel"],
        waited=_or_nothing(row["waited_seconds"]),
        limit=_or_nothing(row["limit_seconds"]),
        contact=row["contact"],
        native=row["native_id"],
    )


def contact_page(told: Mapping[str, Any], snapshot: Snapshot) -> dict[str, Any]:
    """Everything the page of one contact says, from `explain`."""
    zone = ZoneInfo(told["timezone"])
    events, known = told["events"], states_of(told["contact_point"], snapshot)
    begun = events[0]["at"] if events else ""
    return {
        "version": __version__,
        "contact": told["contact"],
        "native": told["native_id"],
        "source": told["source"],
        "channel": told["channel"],
        "point": next((state.info.title for state in known.values() if state.info.title), told["contact_point"]),
        "point_path": point_path(told["contact_point"]) if known else "",
        "zone": told["timezone"],
        "seen_until": moment(told["seen_until"], zone),
        "signals": [Step(moment(each["at"], zone), plain(each["signal"]), "", "") for each in told["signals"]],
        "waits": [judged_wait(each, zone) for each in told["waits"]],
        "outcomes": [
            Step(moment(each["at"], zone), plain(each["outcome"]), "", "in target" if each["in_target"] else "not in target")
            for each in told["outcomes"]
        ],
        "marks": [Step(moment(each["at"], zone), plain(each["mark"]), "", plain(each["reason"] or "")) for each in told["marks"]],
        "events": [
            Step(moment(each["at"], zone), plain(each["kind"]), _after(begun, each["at"]), "") for each in events[-_MAX_EVENTS:]
        ],
        "left_out": max(0, len(events) - _MAX_EVENTS),
    }


def judged_wait(wait: Mapping[str, Any], zone: ZoneInfo) -> JudgedWait:
    """A wait of `explain` in words."""
    standing, sign, verdict = _VERDICTS[wait["outcome"]]
    waited, limit, by = wait["waited_seconds"], wait["limit_seconds"], ""
    if wait["outcome"] == "breached" and limit is not None and waited > limit:
        by = measured(waited - limit)
    return JudgedWait(
        words=WAIT_WORDS.get(wait["wait"], plain(wait["wait"])),
        since=moment(wait["since"], zone),
        until=None if wait["until"] is None else moment(wait["until"], zone),
        waited=measured(waited),
        clock=f"in the opening hours of {wait['calendar']}" if wait["calendar"] else "around the clock",
        limit=_or_nothing(limit),
        due=None if wait["due_at"] is None else moment(wait["due_at"], zone),
        standing=standing,
        sign=sign,
        verdict=verdict,
        by=by,
    )


def moment(at: datetime | str, zone: ZoneInfo) -> Moment:
    """A moment (or its ISO form) in a zone: `2026-11-02 09:28:25 GMT`."""
    local = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(zone)
    return Moment(local.strftime("%Y-%m-%d %H:%M:%S %Z"), local.isoformat())


def measured(seconds: float) -> str:
    """`20.4` -> `20.4 s`, `93784.2` -> `26 h 3 min 4 s`: what is compared is told exactly, below an hour to the millisecond.

    Never in days: a day of opening hours has not 24 of them.
    """
    millis = max(0, round(seconds * 1000))
    hours, rest = divmod(millis, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    last = f"{rest // 1000}" if hours else f"{rest / 1000:g}"
    parts = ((str(hours), "h"), (str(minutes), "min"), (last, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count != "0") or "0 s"


def _or_nothing(seconds: float | None) -> str:
    return "" if seconds is None else measured(seconds)


def _after(begun: str, at: str) -> str:
    seconds = (datetime.fromisoformat(at) - datetime.fromisoformat(begun)).total_seconds()
    return f"+ {measured(seconds)}" if seconds else ""
