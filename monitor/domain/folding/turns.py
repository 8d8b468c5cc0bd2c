"""Whose turn it is in writing: what the customer asks, and what ends the waiting for our words."""

from collections.abc import Mapping
from typing import Final

from monitor.domain.contact import Mark, Wait, WaitKind
from monitor.domain.event import Event
from monitor.domain.folding import matters
from monitor.domain.folding.state import State, Step


def received(state: State, event: Event) -> None:
    if event.id in state.spam:
        _ask(state, event, void=True)
        return
    known = state.answered_at is not None or state.resolved is not None or state.settled_once
    if event.courtesy and state.turn is None and known:
        state.marks.append(Mark("courtesy", event.id, event.at))
        state.thanked = state.resolved is not None
        return
    matters.resumed(state, event)
    if state.resolved is not None:
        state.thanked = False
        matters.reopened(state, event)
    elif state.laid_aside:
        matters.begin_resolution(state, event)
    _ask(state, event, void=event.answered is True)
    state.settled_once = state.settled_once or event.answered is True


def _ask(state: State, event: Event, *, void: bool) -> None:
    """A message begins a wait, or joins the one that runs; `void`: it asks nothing that is still to be answered."""
    kind: WaitKind = "follow_up" if state.answered_at is not None or state.settled_once else "reply"
    if state.turn is None:
        state.turn = Wait(kind, event.id, event.at)
        state.unanswered = [event]
        if void:
            state.end_turn(event.at, void=True)
    elif not (void or event.courtesy):
        state.unanswered.append(event)


def replied(state: State, event: Event) -> None:
    if state.answered_at is None:
        state.answered_at = event.at
    state.end_turn(event.at)


def ask_no_more(state: State, event: Event, *, void: bool) -> None:
    """One message asks nothing any more; another one that still waits begins its own wait, from its own moment."""
    left = [each for each in state.unanswered if each.id != event.event]
    if state.turn is None or len(left) == len(state.unanswered):
        return
    kind = state.turn.kind
    if state.turn.key == event.event:
        state.end_turn(event.at, void=void, wordless=not void)
        if left:
            state.turn = Wait(kind, left[0].id, left[0].at)
    state.unanswered = left
    state.settled_once = state.settled_once or not void


STEPS: Final[Mapping[str, Step]] = {"received": received, "replied": replied}
