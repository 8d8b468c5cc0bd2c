"""Each wait of a contact against its limit, with the arithmetic, in words. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from monitor.publish.web.clock import Clock
from monitor.publish.web.details import exact_duration, limit_in_words
from monitor.publish.web.moments import Moment
from monitor.publish.words import DEEDS, KINDS, VERDICTS, WAITS, Standing, words

#: How a judged wait looks.
_VERDICT_LOOKS: Final[Mapping[str, Standing]] = {"kept": "quiet", "breached": "overdue", "open": "waiting", "void": "none"}
#: So many spans of a wait are written out: the first ones and the last.
_SPANS: Final = 5
_RINGS: Final = 6


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
    verdict: str
    by: str  # how far over the limit
    arithmetic: str
    what: str = ""  # was promised, and by which rule it was found
    kept_by: str = ""  # what kept a promise
    kept_in: str = ""  # our id of the other contact in which that happened


def judged_wait(wait: Mapping[str, Any], clock: Clock) -> JudgedWait:
    """A wait of `explain` in words."""
    waited, by = wait["waited_seconds"], ""
    limit = limit_of(wait)
    if wait["outcome"] == "breached" and limit is not None and waited > limit:
        by = exact_duration(waited - limit) if waited - limit >= 0.0005 else "less than 1 ms"
    if wait["late_seconds"] is not None:
        by = exact_duration(wait["late_seconds"]) if wait["late_seconds"] >= 0.0005 else "less than 1 ms"
    kept_by = wait["kept_by"]
    return JudgedWait(
        words=words(WAITS, wait["wait"]),
        since=clock.moment(wait["since"]),
        until=None if wait["until"] is None else clock.moment(wait["until"]),
        waited=exact_duration(waited),
        clock=f"in the opening hours of {wait['calendar']}" if wait["calendar"] else "around the clock",
        limit=limit_in_words(limit, wait["limit_opening_days"]),
        due=None if wait["due_at"] is None else clock.moment(wait["due_at"]),
        standing=_VERDICT_LOOKS[wait["outcome"]],
        verdict=words(VERDICTS, wait["outcome"]),
        by=by,
        arithmetic=" ".join(_arithmetic(wait, clock)),
        what="" if wait["deed"] is None else _what_was_promised(wait["deed"], wait["rule"]),
        kept_by="" if kept_by is None else words(KINDS, kept_by["kind"]),
        kept_in="" if kept_by is None else kept_by.get("contact", ""),
    )


def limit_of(wait: Mapping[str, Any]) -> float | None:
    """In seconds. A promise has none: it has a moment, and a grace after it."""
    limit: float | None = None if wait["wait"] == "promise" else wait["limit_seconds"]
    return limit


def _what_was_promised(deed: str, rule: str | None) -> str:
    return f"to {words(DEEDS, deed)}" + (f", found by the rule {rule}" if rule is not None else "")


def _arithmetic(wait: Mapping[str, Any], clock: Clock) -> list[str]:
    """Sentences."""
    said = [_measured(wait, clock)]
    if wait["rings"] is not None:
        said.append(_rings(wait["rings"], has_begun=wait["outcome"] == "breached"))
    if wait["paused"]:
        said.append("While it was pending its clock stood still.")
    if wait["until"] is None:
        said.append("It goes on.")
    if wait["due_at"] is not None:
        due = clock.moment(wait["due_at"]).words
        said.append({"breached": f"The limit passed at {due}.", "open": f"The limit falls at {due}."}.get(
            wait["outcome"], f"It would have been over the limit after {due}."))  # fmt: skip
    return said


def _measured(wait: Mapping[str, Any], clock: Clock) -> str:
    if wait["wait"] == "promise" or not (wait["calendar"] or wait["paused"]):
        if wait["until"] is None:
            return f"Since {clock.moment(wait['since']).words}, by the clock."
        return f"{clock.span(wait['since'], wait['until'])}, by the clock."
    spans = wait["counted"]
    if not spans:
        return f"Since {clock.moment(wait['since']).words} no opening hour has counted."
    said = [f"{clock.span(since, until)}: {_length(since, until)}." for since, until in spans]
    left_out = len(said) - _SPANS + wait["counted_left_out"]
    if left_out > 0:
        said = [*said[: _SPANS - 1], f"Then {left_out} more such spans.", *([] if wait["counted_left_out"] else said[-1:])]
    of = f"opening hours ({wait['calendar']})" if wait["calendar"] else "time that counts"
    together = f"Together {exact_duration(wait['waited_seconds'])} of {of}."
    return " ".join([*said, together] if len(spans) > 1 or left_out > 0 else [said[0][:-1] + f" of {of}."])


def _length(since: str, until: str) -> str:
    return exact_duration((datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds())


def _rings(rings: Mapping[str, Any], *, has_begun: bool) -> str:
    """What the caller heard."""
    heard, limit, period = rings["heard"], rings["limit"], rings["period_seconds"]
    each = f"one every {exact_duration(period)} in this country"
    said = f"{heard} {'ring' if heard == 1 else 'rings'} heard, {each}."
    if heard <= _RINGS:
        times = [f"{number * period:g}" for number in range(heard)]
        listed = times[0] if heard == 1 else f"{', '.join(times[:-1])} and {times[-1]}"
        said = f"{said[:-1]}: at {listed} s."
    if limit is None:
        return said
    return f"{said} Ring {limit} {'began' if has_begun else 'would have begun'} at {(limit - 1) * period:g} s."
