"""What the pages behind a figure say, in words: one contact point with its signals, one contact. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Final, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from monitor.domain.durations import format_opening_days
from monitor.domain.event import AGAIN, RETURNS
from monitor.domain.snapshot import PointInfo, PointState, Snapshot
from monitor.publish.said import grounds_in_words, said_in_words
from monitor.publish.web.moments import Moment, common_moment, moment
from monitor.publish.web.overview import STANDING_SIGNS, point_line, point_path, store_notice, week_of
from monitor.publish.web.services import SignalsPage
from monitor.publish.web.side_by_side import side_by_side
from monitor.publish.words import (
    CHANNELS,
    DEEDS,
    KINDS,
    MARKS,
    OF_OTHERS,
    OUTCOMES,
    REASONS,
    SIGNALS,
    VERDICTS,
    WAITS,
    Standing,
    readable,
    words,
)

#: The page of a contact point lists this many signals of the last LISTED_FOR.
LISTED: Final = 100
LISTED_FOR: Final = timedelta(days=7)
#: A contact that goes on for ever must not make a page that does.
_MAX_EVENTS: Final = 500

#: Kinds of events that a contact has learned of others of its customer.
_OF_OTHERS: Final = frozenset((*RETURNS, "reached"))

#: How a judged wait looks: like a contact point that stands so, but for its sign.
_VERDICT_LOOKS: Final[Mapping[str, tuple[Standing, str]]] = {
    "kept": ("quiet", "✓"),
    "breached": ("overdue", STANDING_SIGNS["overdue"]),
    "open": ("waiting", STANDING_SIGNS["waiting"]),
    "void": ("unknown", "–"),
}


class WeekLine(NamedTuple):
    """One signal of a contact point against its objective in the running week."""

    words: str
    name: str  # as configuration and alerts name it
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
    related: str = ""  # our id of another contact that it rests on


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
    what: str = ""  # was promised, and by which rule it was found
    kept_by: str = ""  # what kept a promise
    kept_in: str = ""  # our id of the other contact in which that happened


class Step(NamedTuple):
    """Something that happened, when, and how long after the beginning."""

    at: Moment
    words: str
    after: str = ""
    why: str = ""
    other: str = ""  # our id of another contact that it speaks of
    other_words: str = ""  # what that is


def states_of(name: str, snapshot: Snapshot) -> dict[str, PointState]:
    """The states of a contact point by their key in the snapshot: one for each channel it has."""
    return {key: state for key, state in sorted(snapshot.points.items()) if state.info.name == name}


def contact_point_page(states: Mapping[str, PointState], signals: SignalsPage, snapshot: Snapshot) -> dict[str, Any]:
    """Everything the page of one contact point says; `signals` are the newest."""
    lines = [(point_line(state, key, snapshot), week_lines(state, snapshot)) for key, state in states.items()]
    info = next(iter(states.values())).info
    zones = {state.info.channel: ZoneInfo(state.info.timezone) for state in states.values()}
    return {
        "at": common_moment(snapshot.at, states.values()),
        "store": store_notice(snapshot),
        "title": info.title or info.name,
        "all_as_json": f"/api/v1/signals?contact_point={quote(info.name, safe='', errors='replace')}&limit=1000",
        "zone": info.timezone if len(set(zones.values())) == 1 else "",
        "lines": lines,
        "signals": [listed_line(row, zones.get(row["channel"], ZoneInfo(info.timezone))) for row in signals.rows],
        "more": signals.cursor is not None,
        "days": LISTED_FOR.days,
        "has_channels": len(states) > 1,
    }


def week_lines(state: PointState, snapshot: Snapshot) -> list[WeekLine]:
    """Every signal that is switched on, whether or not anything was assessed yet."""
    week = week_of(state, snapshot)
    return [
        _week_line(signal, objective, _limit_of(state.info, signal), *week.get(signal, (0, 0)))
        for signal, objective in state.info.objectives.items()
    ]


def _week_line(signal: str, objective: float, limit: str, assessed: int, bad: int) -> WeekLine:
    good = assessed - bad
    return WeekLine(
        words=words(SIGNALS, signal),
        name=readable(signal),
        limit=limit,
        signals=bad,
        assessed=assessed,
        share=f"{_tenths(good * 1000 // assessed)} %" if assessed else "",
        objective=f"{round(objective * 100, 3):g} %",
        # The configured decimal is meant, not the float nearest to it: 19 of 20 keeps an objective of 0.95.
        met=good >= Fraction(repr(objective)) * assessed if assessed else None,
    )


def _tenths(count: int) -> str:
    """Rounded down by the caller, so that a missed objective never reads as met."""
    whole, tenth = divmod(count, 10)
    return f"{whole}.{tenth}" if tenth else str(whole)


def listed_line(row: Mapping[str, Any], zone: ZoneInfo) -> ListedLine:
    """A row of `signals` in words."""
    return ListedLine(
        at=moment(row["at"], zone),
        words=words(SIGNALS, row["signal"]),
        channel=words(CHANNELS, row["channel"]),
        waited=_or_nothing(row["waited_seconds"]),
        limit=_limit(row["limit_seconds"], row["limit_opening_days"]),
        contact=row["contact"],
        native=row["native_id"],
        related=row["related"] or "",
    )


def contact_page(explained: Mapping[str, Any], snapshot: Snapshot) -> dict[str, Any]:
    """Everything the page of one contact says, from `explain`."""
    zone = ZoneInfo(explained["timezone"])
    events, known = explained["events"], states_of(explained["contact_point"], snapshot)
    begun = events[0]["at"] if events else ""
    return {
        "contact": explained["contact"],
        "native": explained["native_id"],
        "source": explained["source"],
        "channel": words(CHANNELS, explained["channel"]),
        "point": next((state.info.title for state in known.values() if state.info.title), explained["contact_point"]),
        "point_path": point_path(explained["contact_point"]) if known else "",
        "zone": explained["timezone"],
        "judged_up_to": moment(explained["seen_until"], zone),
        "signals": [_signal(each, zone) for each in explained["signals"]],
        "waits": [judged_wait(each, zone) for each in explained["waits"]],
        "outcomes": [_outcome(each, zone) for each in explained["outcomes"]],
        "marks": [_mark(each, zone) for each in explained["marks"]],
        "events": [_event(each, begun, zone) for each in events[-_MAX_EVENTS:]],
        "others": side_by_side(explained["others"], begun, snapshot, zone),
        "left_out": max(0, len(events) - _MAX_EVENTS),
    }


def _event(event: Mapping[str, Any], begun: str, zone: ZoneInfo) -> Step:
    other = f"{words(CHANNELS, event['channel'])} contact {event['contact']}" if "contact" in event else ""
    return Step(
        moment(event["at"], zone),
        words(KINDS, event["kind"]),
        after=_after(begun, event["at"]),
        why=_said(event, zone),
        other=event.get("contact", ""),
        other_words=other,
    )


def _signal(signal: Mapping[str, Any], zone: ZoneInfo) -> Step:
    why, other = grounds_in_words(signal), signal["related"] or ""
    return Step(moment(signal["at"], zone), words(SIGNALS, signal["signal"]), why=why, other=other)


def _said(event: Mapping[str, Any], zone: ZoneInfo) -> str:
    """What was said of an event beside its moment."""
    notes = []
    if "reason" in event:
        reason, is_mail = event["reason"], event["kind"] in ("received", "replied")
        table = OF_OTHERS if event["kind"] in _OF_OTHERS else REASONS
        notes.append(f"moment from its {reason}" if is_mail else table[reason].one if reason in table else reason)
    if "by" in event:
        notes.append(f"by {event['by']}")
    if "about" in event:
        notes.append(f"of what came at {moment(event['about'], zone).words}")
    if "answered" in event:
        notes.append("dealt with when it was first read")
    if "contact_point" in event:
        notes.append(f"at {event['contact_point']}")
    if "policy" in event:
        notes.append(f"under the policy {event['policy']}")
    if "not_before" in event:
        notes.append(f"not before {moment(event['not_before'], zone).words}")
    if "since" in event:
        until_then = "until" if event["kind"] == AGAIN else "since"
        notes.append(f"{until_then} {moment(event['since'], zone).words}")
    if "promises" in event:
        notes += [_promise(each, zone) for each in event["promises"]]
    elif "deed" in event:
        notes.append(f"to {words(DEEDS, event['deed'])}")
    return ", ".join(notes + said_in_words(event))


def _promise(promise: Mapping[str, Any], zone: ZoneInfo) -> str:
    """What a text promises."""
    when = ", no time stated" if promise["due"] is None else f" by {moment(promise['due'], zone).words}"
    return f"promises to {words(DEEDS, promise['deed'])}{when} (rule {promise['rule']})"


def _outcome(outcome: Mapping[str, Any], zone: ZoneInfo) -> Step:
    why = "in target" if outcome["in_target"] else "not in target"
    return Step(moment(outcome["at"], zone), words(OUTCOMES, outcome["outcome"]), why=why)


def _mark(mark: Mapping[str, Any], zone: ZoneInfo) -> Step:
    why = words(REASONS, mark["reason"]) if mark["reason"] else ""
    return Step(moment(mark["at"], zone), words(MARKS, mark["mark"]), why=why)


def judged_wait(wait: Mapping[str, Any], zone: ZoneInfo) -> JudgedWait:
    """A wait of `explain` in words."""
    standing, sign = _VERDICT_LOOKS[wait["outcome"]]
    waited, by = wait["waited_seconds"], ""
    limit = None if wait["wait"] == "promise" else wait["limit_seconds"]  # a promise has a moment, and a grace after it
    if wait["outcome"] == "breached" and limit is not None and waited > limit:
        by = exact_duration(waited - limit) if waited - limit >= 0.0005 else "less than 1 ms"
    if wait["late_seconds"] is not None:
        by = exact_duration(wait["late_seconds"]) if wait["late_seconds"] >= 0.0005 else "less than 1 ms"
    kept_by = wait["kept_by"]
    return JudgedWait(
        words=words(WAITS, wait["wait"]),
        since=moment(wait["since"], zone),
        until=None if wait["until"] is None else moment(wait["until"], zone),
        waited=exact_duration(waited),
        clock=f"in the opening hours of {wait['calendar']}" if wait["calendar"] else "around the clock",
        limit=_limit(limit, wait["limit_opening_days"]),
        due=None if wait["due_at"] is None else moment(wait["due_at"], zone),
        standing=standing,
        sign=sign,
        verdict=words(VERDICTS, wait["outcome"]),
        by=by,
        what="" if wait["deed"] is None else _what_was_promised(wait["deed"], wait["rule"]),
        kept_by="" if kept_by is None else words(KINDS, kept_by["kind"]),
        kept_in="" if kept_by is None else kept_by.get("contact", ""),
    )


def _what_was_promised(deed: str, rule: str | None) -> str:
    return f"to {words(DEEDS, deed)}" + (f", found by the rule {rule}" if rule is not None else "")


def exact_duration(seconds: float) -> str:
    """`20.4` -> `20.4 s`, `93784.2` -> `26 h 3 min 4 s`: what is compared is exact, below an hour to the millisecond.

    Never in days: a day of opening hours has not 24 of them.
    """
    millis = max(0, round(seconds * 1000))
    hours, rest = divmod(millis, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    last = f"{rest // 1000}" if hours else f"{rest / 1000:g}"
    parts = ((str(hours), "h"), (str(minutes), "min"), (last, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count != "0") or "0 s"


def _limit_of(info: PointInfo, signal: str) -> str:
    return _limit(info.limit_seconds.get(signal), info.limit_opening_days.get(signal))


def _limit(seconds: float | None, opening_days: int | None) -> str:
    """A limit in words; empty where it has neither seconds nor opening days."""
    return _or_nothing(seconds) if opening_days is None else format_opening_days(opening_days)


def _or_nothing(seconds: float | None) -> str:
    return "" if seconds is None else exact_duration(seconds)


def _after(begun: str, at: str) -> str:
    seconds = (datetime.fromisoformat(at) - datetime.fromisoformat(begun)).total_seconds()
    return f"+ {exact_duration(seconds)}" if seconds else ""
