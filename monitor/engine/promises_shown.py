"""What `explain` says of promises: which text made one, by which rule, and what kept it. Pure."""

from collections.abc import Sequence
from typing import Final, TypedDict

from monitor.domain.contact import Wait
from monitor.domain.durations import format_exactly
from monitor.domain.event import Event
from monitor.domain.judge import Verdict
from monitor.domain.moments import iso

#: What can end a promise well, the likelier first where several happened at that moment.
_KEEPING: Final = ("fulfilled", "reached", "called_out", "replied", "resolved", "settled")


class ShownPromise(TypedDict):
    """One promise that a text makes."""

    deed: str
    due: str | None  # None: no time was stated
    rule: str


class KeptBy(TypedDict, total=False):
    """The event that kept a promise; `channel` and `contact` (our id) where that happened in another contact."""

    kind: str
    channel: str
    contact: str


class OfPromise(TypedDict):
    """What people are shown of a wait that is a promise; all None of any other."""

    deed: str | None
    rule: str | None
    kept_by: KeptBy | None
    late_seconds: float | None  # kept so long after it was broken, on the clock on the wall


NO_PROMISE: Final = OfPromise(deed=None, rule=None, kept_by=None, late_seconds=None)


def promises_of(event: Event) -> list[ShownPromise]:
    """What an event's text promises."""
    made = event.gist.promises if event.gist is not None else ()
    return [{"deed": each.deed, "due": None if each.due is None else iso(each.due), "rule": each.rule} for each in made]


def promise_shown(wait: Wait, verdict: Verdict | None, events: Sequence[Event]) -> OfPromise:
    """What is shown of one wait of a contact with these events."""
    if wait.kind != "promise":
        return NO_PROMISE
    kept_by, late = None, None
    if verdict is not None and wait.until is not None and not wait.void and not wait.given_up:
        kept_by = _kept_by(wait, events)
        if verdict.state == "breached" and verdict.due_at is not None:
            late = round((wait.until - verdict.due_at).total_seconds(), 6)
    return {"deed": wait.deed, "rule": wait.rule, "kept_by": kept_by, "late_seconds": late}


def _kept_by(wait: Wait, events: Sequence[Event]) -> KeptBy | None:
    at_once = [event for event in events if event.at == wait.until and event.kind in _KEEPING]
    event = min(at_once, key=lambda each: _KEEPING.index(each.kind), default=None)
    if event is None:
        return None
    if event.kind != "reached":
        return {"kind": event.kind}
    return {"kind": event.kind, "channel": event.how or "phone", "contact": event.to or ""}


def promise_in_words(promise: ShownPromise) -> str:
    """For people, as `promises to call by 2026-11-20T17:00:00Z (rule will: call)`."""
    when = ", no time stated" if promise["due"] is None else f" by {promise['due']}"
    return f"promises to {promise['deed']}{when} (rule {promise['rule']})"


def keeping_in_words(shown: OfPromise) -> str:
    """What stands behind the outcome of a promise."""
    found = f" (to {shown['deed']})" if shown["deed"] is not None else ""
    if shown["rule"] is not None:
        found = f" (to {shown['deed']}, rule {shown['rule']})"
    if shown["kept_by"] is not None:
        found += f", kept by {shown['kept_by']['kind']}"
        if "contact" in shown["kept_by"]:
            found += f" in {shown['kept_by']['channel']} contact {shown['kept_by']['contact']}"
    return found + (f" {format_exactly(shown['late_seconds'])} late" if shown["late_seconds"] is not None else "")
