"""What the page of one contact says, from `explain`, in words: the news, what happened, each wait against its limit. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from monitor.domain.event import AGAIN, RETURNS
from monitor.domain.policy import DEFAULTS
from monitor.domain.snapshot import PointState, Snapshot
from monitor.publish.said import grounds_in_words, said_in_words
from monitor.publish.web.clock import Clock
from monitor.publish.web.details import limit_in_words, said_against, short_duration, states_of
from monitor.publish.web.evidence_line import time_lines
from monitor.publish.web.judged_waits import judged_wait, limit_of
from monitor.publish.web.moments import Moment, first_and_last, moment
from monitor.publish.web.overview import point_path, rounded_duration
from monitor.publish.web.side_by_side import side_by_side
from monitor.publish.words import (
    CHANNELS,
    CONTACTS,
    DEEDS,
    KINDS,
    MARKS,
    OF_OTHERS,
    OUTCOMES,
    REASONS,
    SIGNALS,
    WAITED,
    WAITS,
    readable,
    words,
)

#: A contact that goes on for ever must not make a page that does.
_MAX_EVENTS: Final = 500

#: Kinds of events that a contact has learned of others of its customer.
_OF_OTHERS: Final = frozenset((*RETURNS, "reached"))


class Step(NamedTuple):
    """Something that happened, when, and how long after the beginning."""

    at: Moment
    words: str
    after: str = ""
    why: str = ""
    other: str = ""  # our id of another contact that it speaks of
    other_words: str = ""  # what that is


class News(NamedTuple):
    """The first line of the page. `state`: a sign of signs.html."""

    state: Literal["breached", "waiting", "good"]
    label: str
    words: str


class Counted(NamedTuple):
    """A signal of the contact, and what it is held against."""

    step: Step
    name: str  # as configuration and alerts name it
    policy: str
    limit: str
    objective: str  # of the contact point now; empty where it is off
    all_path: str  # all signals of this kind there


class Due(NamedTuple):
    """A wait that goes on."""

    words: str
    waited: str
    limit: str  # when it falls or fell, in words
    is_over: bool


def contact_page(explained: Mapping[str, Any], snapshot: Snapshot) -> dict[str, Any]:
    """Everything the page of one contact says, from `explain`."""
    zone = ZoneInfo(explained["timezone"])
    events, known = explained["events"], states_of(explained["contact_point"], snapshot)
    begun = events[0]["at"] if events else ""
    clock = Clock(zone, _moments(explained))
    shown = events[-_MAX_EVENTS:]
    first, last = first_and_last(begun, events[-1]["at"], zone) if events else (None, None)
    return {
        "contact": explained["contact"],
        "native": explained["native_id"],
        "source": explained["source"],
        "channel": words(CHANNELS, explained["channel"]),
        "what": words(CONTACTS, explained["channel"]),
        "point": next((state.info.title for state in known.values() if state.info.title), explained["contact_point"]),
        "point_path": point_path(explained["contact_point"]) if known else "",
        "zone": explained["timezone"],
        "judged_up_to": moment(explained["seen_until"], zone),
        "begun": first,
        "ended": last,
        "news": _news(explained, clock),
        "signals": [_signal(each, clock) for each in explained["signals"]],
        "counted": [_counted(each, explained, known.values(), clock) for each in explained["signals"]],
        "due": list(_due(explained, snapshot, clock)),
        "lines": time_lines(explained, clock),
        "waits": [judged_wait(each, clock) for each in explained["waits"]],
        "outcomes": [_outcome(each, clock) for each in explained["outcomes"]],
        "marks": [_mark(each, clock) for each in explained["marks"]],
        "events": [_event(each, begun, clock) for each in shown],
        "others": side_by_side(explained["others"], begun, snapshot, zone),
        "left_out": max(0, len(events) - _MAX_EVENTS),
    }


def _moments(explained: Mapping[str, Any]) -> Iterator[datetime]:
    """All that stand on the page."""
    keys = ("events", "waits", "marks", "signals", "outcomes")
    said = [each[key] for rows in keys for each in explained[rows] for key in ("at", "since", "until", "due_at") if each.get(key)]
    return (datetime.fromisoformat(at) for at in (*said, explained["seen_until"]))


def _news(explained: Mapping[str, Any], clock: Clock) -> News:
    """What matters most: what waits over its limit, what was over it the longest, what else went wrong, what waits."""
    signals = ", ".join(dict.fromkeys(words(SIGNALS, each["signal"]) for each in explained["signals"]))
    breached = [wait for wait in explained["waits"] if wait["outcome"] == "breached"]
    if breached:
        worst = max(breached, key=lambda wait: (wait["until"] is None, wait["waited_seconds"] / (limit_of(wait) or 1.0)))
        return News("breached", signals or words(WAITS, worst["wait"]), _lasted(worst, clock))
    if signals:
        return News("breached", "went wrong", f"This customer met a negative contact: {signals}.")
    running = [wait for wait in explained["waits"] if wait["outcome"] == "open"]
    if running:
        nearest = min(running, key=lambda wait: wait["due_at"] or "9")
        return News("waiting", words(WAITS, nearest["wait"]), _lasted(nearest, clock))
    return News("good", "well so far", "Nothing went wrong so far.")


def _lasted(wait: Mapping[str, Any], clock: Clock) -> str:
    """How long a wait was, and its limit."""
    shown = judged_wait(wait, clock)
    if wait["wait"] == "promise":
        promised = f"We promised{'' if wait['deed'] is None else ' to ' + words(DEEDS, wait['deed'])}"
        due = "" if shown.due is None else f" by {shown.due.words}"
        kept = "It has not been kept so far." if shown.until is None else f"It was kept at {shown.until.words}."
        return f"{promised}{due}. {kept}"
    before = WAITED.get(wait["wait"], (readable(wait["wait"]), readable(wait["wait"])))[shown.until is None]
    of = f" of opening hours ({wait['calendar']})" if wait["calendar"] else ""
    waited = said_against(wait["waited_seconds"], limit_of(wait))
    limit = f" The limit is {shown.limit}." if shown.limit else f" It was due at {shown.due.words}." if shown.due else ""
    return f"{before} {waited}{of}.{limit}"


def _counted(signal: Mapping[str, Any], explained: Mapping[str, Any], points: Iterable[PointState], clock: Clock) -> Counted:
    name, kind = signal["signal"], DEFAULTS[signal["signal"]].wait if signal["signal"] in DEFAULTS else None
    of_kind = [wait for wait in explained["waits"] if wait["wait"] == kind]
    info = next((state.info for state in points if state.info.channel == explained["channel"]), None)
    objective = None if info is None else info.objectives.get(name)
    return Counted(
        step=_signal(signal, clock),
        name=name,
        policy=of_kind[0]["policy"] if of_kind else "",
        limit=limit_in_words(limit_of(of_kind[0]), of_kind[0]["limit_opening_days"]) if of_kind else "",
        objective="" if objective is None else f"{round(objective * 100, 3):g} %",
        all_path=f"/signals?{urlencode({'contact_point': explained['contact_point'], 'signal': name}, errors='replace')}",
    )


def _due(explained: Mapping[str, Any], snapshot: Snapshot, clock: Clock) -> Iterator[Due]:
    for wait in explained["waits"]:
        if wait["until"] is not None or wait["outcome"] == "void":
            continue
        shown, limit = judged_wait(wait, clock), "has no limit"
        if shown.due is not None:
            left = (datetime.fromisoformat(wait["due_at"]) - snapshot.at).total_seconds()
            is_over = wait["outcome"] == "breached"
            limit = f"limit passed at {shown.due.words}" if is_over else f"limit falls at {shown.due.words}"
            limit += f", {rounded_duration(-left)} ago" if left < 0 else f", in {rounded_duration(left)}"
        yield Due(shown.words, said_against(wait["waited_seconds"], limit_of(wait)), limit, wait["outcome"] == "breached")


def _event(event: Mapping[str, Any], begun: str, clock: Clock) -> Step:
    other = f"{words(CHANNELS, event['channel'])} contact {event['contact']}" if "contact" in event else ""
    return Step(
        clock.moment(event["at"]),
        words(KINDS, event["kind"]),
        after=_after(begun, event["at"]),
        why=_said(event, clock),
        other=event.get("contact", ""),
        other_words=other,
    )


def _signal(signal: Mapping[str, Any], clock: Clock) -> Step:
    why, other = grounds_in_words(signal), signal["related"] or ""
    return Step(clock.moment(signal["at"]), words(SIGNALS, signal["signal"]), why=why, other=other)


def _said(event: Mapping[str, Any], clock: Clock) -> str:
    """What was said of an event beside its moment."""
    notes = []
    if "reason" in event:
        reason, is_mail = event["reason"], event["kind"] in ("received", "replied")
        table = OF_OTHERS if event["kind"] in _OF_OTHERS else REASONS
        notes.append(f"moment from its {reason}" if is_mail else table[reason].one if reason in table else reason)
    if "by" in event:
        notes.append(f"by {event['by']}")
    if "about" in event:
        notes.append(f"of what came at {moment(event['about'], clock.zone).words}")
    if "answered" in event:
        notes.append("dealt with when it was first read")
    if "contact_point" in event:
        notes.append(f"at {event['contact_point']}")
    if "policy" in event:
        notes.append(f"under the policy {event['policy']}")
    if "not_before" in event:
        notes.append(f"not before {moment(event['not_before'], clock.zone).words}")
    if "since" in event:
        until_then = "until" if event["kind"] == AGAIN else "since"
        notes.append(f"{until_then} {moment(event['since'], clock.zone).words}")
    if "promises" in event:
        notes += [_promise(each, clock) for each in event["promises"]]
    elif "deed" in event:
        notes.append(f"to {words(DEEDS, event['deed'])}")
    return ", ".join(notes + said_in_words(event))


def _promise(promise: Mapping[str, Any], clock: Clock) -> str:
    """What a text promises."""
    when = ", no time stated" if promise["due"] is None else f" by {moment(promise['due'], clock.zone).words}"
    return f"promises to {words(DEEDS, promise['deed'])}{when} (rule {promise['rule']})"


def _outcome(outcome: Mapping[str, Any], clock: Clock) -> Step:
    why = "in target" if outcome["in_target"] else "not in target"
    return Step(clock.moment(outcome["at"]), words(OUTCOMES, outcome["outcome"]), why=why)


def _mark(mark: Mapping[str, Any], clock: Clock) -> Step:
    why = words(REASONS, mark["reason"]) if mark["reason"] else ""
    return Step(clock.moment(mark["at"]), words(MARKS, mark["mark"]), why=why)


def _after(begun: str, at: str) -> str:
    seconds = (datetime.fromisoformat(at) - datetime.fromisoformat(begun)).total_seconds()
    return f"+ {short_duration(seconds)}" if seconds else ""
