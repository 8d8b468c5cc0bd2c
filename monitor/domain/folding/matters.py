"""What is owed beside an answer: the resolution and its pauses, promises, complaints; who has it, how urgent it is."""

from collections.abc import Mapping
from typing import Final

from monitor.domain.contact import Mark, Wait
from monitor.domain.event import Event
from monitor.domain.folding.state import State, Step


def promised(state: State, event: Event) -> None:
    if event.due is not None and all(promise.due != event.due for promise in state.promises):
        state.promises.append(Wait("promise", event.id, event.at, due=event.due))


def fulfilled(state: State, event: Event) -> None:
    for promise in state.promises:
        state.close(promise, event.at)
    state.promises.clear()


def pending(state: State, event: Event) -> None:
    if state.resolution is not None and state.paused_since is None:
        state.paused_since = event.at


def resumed(state: State, event: Event) -> None:
    if state.paused_since is not None:
        state.pauses.append((state.paused_since, event.at))
        state.paused_since = None


def assigned(state: State, event: Event) -> None:
    if state.owner is not None and (event.to is None or event.to != state.owner):
        state.marks.append(Mark("reassigned", event.id, event.at))
    state.owner = event.to or state.owner or ""


def prioritised(state: State, event: Event) -> None:
    if event.raised:
        state.marks.append(Mark("escalated", event.id, event.at, "priority"))


def escalated(state: State, event: Event) -> None:
    state.marks.append(Mark("escalated", event.id, event.at, event.reason))


def resolved(state: State, event: Event) -> None:
    silent = state.turn is not None
    state.end_turn(event.at, wordless=True)
    end_matter(state, event)
    if state.resolved is None:
        state.resolved = Mark("resolved", event.id, event.at, "unanswered" if silent else None)
        state.marks.append(state.resolved)
    state.thanked = False
    state.over_at = event.at


def reopened(state: State, event: Event) -> None:
    earlier = any(mark.mark in ("reopened", "resolved") for mark in state.marks)
    if state.thanked or (state.resolved is None and earlier):
        return  # the system's answer to a thank-you, or the customer's message has already said so
    key = state.resolved.key if state.resolved is not None else event.id
    state.marks.append(Mark("reopened", key, event.at))
    state.resolved = None
    state.thanked = False
    state.over_at = None
    begin_resolution(state, event)


def complained(state: State, event: Event) -> None:
    if state.complaint is None:
        state.complaint = Wait("complaint", event.id, event.at, sector=event.sector)


def begin_resolution(state: State, event: Event) -> None:
    """A ticket is to be resolved anew, from this event on."""
    state.laid_aside = False
    if state.channel == "ticket" and state.resolution is None:
        state.resolution = Wait("resolution", event.id, event.at)
        state.pauses.clear()
        state.paused_since = None


def end_matter(state: State, event: Event) -> None:
    """The resolution, the complaint and all promises end."""
    for wait in (state.paused_resolution(), state.complaint):
        if wait is not None:
            state.close(wait, event.at)
    state.resolution = state.complaint = None
    fulfilled(state, event)


STEPS: Final[Mapping[str, Step]] = {
    "promised": promised, "fulfilled": fulfilled, "pending": pending, "resumed": resumed, "assigned": assigned,
    "prioritised": prioritised, "escalated": escalated, "resolved": resolved, "reopened": reopened, "complained": complained,
}  # fmt: skip
