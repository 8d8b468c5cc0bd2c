"""Whose turn it is in writing: what the customer asks, and what ends the waiting for our words."""

from collections.abc import Mapping
from typing import Final

from monitor.domain.contact import Wait, WaitKind
from monitor.domain.event import Event
from monitor.domain.folding import answers, matters, promises
from monitor.domain.folding.state import State, Step


def opened(state: State, event: Event) -> None:
    """A ticket was made: by the customer, who waits for our first words, or by an agent for him, or by a machine."""
    answers.heard(state, event)
    if event.answered is True:
        state.settled_once = True
    elif event.courtesy:  # for what went before, which this one follows
        state.mark("courtesy", event.id, event.at)
    elif event.by in (None, "customer") or (event.by == "agent" and state.reading.agent_opened):
        _ask(state, event, void=False)


def received(state: State, event: Event) -> None:
    if event.id in state.spam:
        _ask(state, event, void=True)
        return
    answers.heard(state, event)
    known = state.answered_at is not None or state.resolved is not None or state.settled_once or event.follows is not None
    if event.automatic or (event.courtesy and state.turn is None and known):
        state.mark("courtesy", event.id, event.at, "automatic" if event.automatic else None)
        state.thanked = state.resolved is not None
        return
    answers.pressed(state, event)
    state.end_pause(event.at)
    if state.resolved is not None:
        state.thanked = False
        matters.come_back(state, event)
    elif state.laid_aside:
        matters.begin_resolution(state, event)
    _ask(state, event, void=event.answered is True)
    state.settled_once = state.settled_once or event.answered is True


def _kind_of_turn(state: State) -> WaitKind:
    return "follow_up" if state.answered_at is not None or state.settled_once else "reply"


def _ask(state: State, event: Event, *, void: bool) -> None:
    """A message begins a wait, or joins the one that runs; `void`: it asks nothing that is still to be answered."""
    if state.turn is None:
        state.turn = Wait(_kind_of_turn(state), event.id, event.at)
        state.unanswered = {event.id: event}
        if void:
            state.end_turn(event.at, void=True)
    elif not (void or event.courtesy):
        state.unanswered[event.id] = event


def replied(state: State, event: Event) -> None:
    """Words of a human of ours; a bot's count as the policy says, a rule's never."""
    if event.by in (None, "agent"):
        if state.answered_at is None:
            state.answered_at = event.at
        state.end_turn(event.at)
        answers.answered(state, event)
        promises.kept_by_words(state, event, spoken=False)
        promises.made_in_words(state, event)
        matters.wait_again(state, event)
    elif event.by == "bot" and state.reading.bots == "answer":
        state.settled_once = True
        state.end_turn(event.at, by_bot=True)
        matters.wait_again(state, event)
    elif event.by == "bot" and state.reading.bots == "before":
        state.end_turn(event.at, void=True)


def auto_replied(state: State, event: Event) -> None:
    """Neither answers nor asks; what it does to a ticket that was closed is not the customer's doing."""
    state.automatic_at = event.at


def handed_over(state: State, event: Event) -> None:
    """A bot gives the customer to a human, for whom he waits from now on."""
    if state.reading.bots == "before":
        state.end_turn(event.at, void=True)
        state.turn = Wait(_kind_of_turn(state), event.id, event.at)
        state.unanswered = {event.id: event}


def ask_no_more(state: State, event: Event, *, void: bool) -> None:
    """One message asks nothing any more; another one that still waits begins its own wait, from its own moment."""
    left = state.unanswered
    if state.turn is None or event.event is None or left.pop(event.event, None) is None:
        return
    kind = state.turn.kind
    if state.turn.key == event.event:
        state.end_turn(event.at, void=void, wordless=not void)
        if left:
            oldest = next(iter(left.values()))
            state.turn = Wait(kind, oldest.id, oldest.at)
    state.unanswered = left
    state.settled_once = state.settled_once or not void


STEPS: Final[Mapping[str, Step]] = {
    "opened": opened, "received": received, "replied": replied, "auto_replied": auto_replied, "handed_over": handed_over,
}  # fmt: skip
