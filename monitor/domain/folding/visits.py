"""Who is there, on the line, in a chat or at a counter: visits, rings, queues, holds, transfers and calls back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from monitor.domain.contact import Visit, Wait
from monitor.domain.event import Event
from monitor.domain.folding import promises
from monitor.domain.folding.state import State, Step


def turned_away(state: State, event: Event) -> None:
    """No visit: the caller never got in. Where the call is sent then may be one."""
    state.away = True
    state.mark("turned_away", event.id, event.at, event.reason)
    if state.visit is None:
        state.owe_call(event, event.reason)


def queued(state: State, event: Event) -> None:
    if state.visit is None:
        _end_hold(state, event.at)
        state.visit = Visit(event.id, event.at, queued=True)
        _begin_queue(state, event)
    elif state.queue is None:  # a phone rang before the caller came to the queue
        state.visit = state.visit._replace(queued=True)
        _begin_queue(state, event)
    else:
        state.again.append(event)


def _begin_queue(state: State, event: Event) -> None:
    """The source knows of the call's queues at other contact points; of those at this one we know too."""
    first = min(event.at, event.since or event.at, state.first_queued or event.at)
    state.first_queued = first
    state.queue = Wait("queue", event.id, event.at, call_since=first if first < event.at else None)


def ringing(state: State, event: Event) -> None:
    state.silent = event.reason == "over"
    if state.silent:
        return
    if state.visit is None:
        if state.answered_at is not None or state.over_at is not None or state.direction == "outbound":
            return  # a colleague's phone during a transfer: the customer has been answered; or the customer's own
        state.visit = Visit(event.id, event.at, queued=False)
    if state.ring is None:
        state.ring = Wait("ring", event.id, event.at)


def answered(state: State, event: Event) -> None:
    if state.visit is None and state.answered_at is None and not state.visits and state.direction == "inbound":
        state.visit = Visit(event.id, event.at, queued=False)  # all that is known: somebody picked up
    _end_visit(state, event, "answered")
    state.talking = True
    state.first_queued = None
    if state.answered_at is None:
        state.answered_at = event.at
    if state.callback is not None:  # the same call came through after all: no call back was needed
        state.close(state.callback, event.at, void=True)
        state.callback = None


def held(state: State, event: Event) -> None:
    if state.visit is not None or state.hold is not None:
        return
    unseen = state.over_at is None and (not state.visits or state.visits[-1].ended == "lost")
    if state.talking or unseen:  # where the answer was out of our sight, the hold shows that there was one
        state.hold = Wait("hold", event.id, event.at)


def unheld(state: State, event: Event) -> None:
    _end_hold(state, event.at)


def transferred(state: State, event: Event) -> None:
    _end_hold(state, event.at)
    how = "into_queue" if event.into_queue and event.how == "blind" else event.how
    state.mark("transferred", event.id, event.at, how)


def left(state: State, event: Event) -> None:
    if state.visit is None:
        if state.answered_at is not None or state.visits or state.away or state.direction == "outbound":
            ended(state, event)
            return
        state.visit = Visit(event.id, event.at, queued=False)  # all that is known: somebody left
    _end_visit(state, event, event.reason or "caller")


def voicemail(state: State, event: Event) -> None:
    if state.visit is None and not state.visits and not state.away and state.direction == "inbound":
        state.visit = Visit(event.id, event.at, queued=False)
    if state.visit is not None:
        _end_visit(state, event, "voicemail")
    else:  # the caller has left the queue before, or was turned away: that is decided
        state.mark("left", event.id, event.at, "voicemail")
        if state.answered_at is None:
            state.owe_call(event, "voicemail")


def ended(state: State, event: Event) -> None:
    _end_hold(state, event.at)
    if state.talking and state.visit is not None and state.visit.since == event.at:
        state.talking = False  # at the moment of a new visit it is the talk before that ends
        return
    state.talking = False
    _end_visit(state, event, "caller")
    if state.visit is None:
        state.over_at = event.at
        state.first_queued = None
    if state.channel == "chat":
        state.end_turn(event.at, given_up=True)


def called_out(state: State, event: Event) -> None:
    if event.answered:
        state.talking = True
        if state.answered_at is None:
            state.answered_at = event.at
        reached(state, event)


def reached(state: State, event: Event) -> None:
    spoken = event.how in (None, "phone")
    promises.kept_by_words(state, event, spoken=spoken)
    if spoken and event.by == "customer" and state.visits and event.reason != "same_call":
        state.mark("recovered", event.id, event.at)
    if state.callback is not None:
        state.close(state.callback, event.at, void=event.reason == "same_call")
        state.callback = None


def _end_visit(state: State, event: Event, how: str) -> None:
    """Ends the running visit, if any. It bears the name of what decided it: its beginning may be read later."""
    visit = state.visit
    if visit is None:
        return
    at = event.at
    served = how == "answered"
    for wait in (state.queue, state.ring):
        if wait is not None:
            state.close(wait, at, given_up=not served)
    state.queue = state.ring = state.visit = None
    state.visits.append(Visit(event.id, visit.since, visit.queued, at, how, state.stay))
    if not served:
        state.mark("abandoned" if how == "caller" else "left", event.id, at, how)
        state.owe_call(event, how)
    again, state.again = state.again, []
    if again and again[0].at == at and not served:  # sent out of the queue and back into it
        state.again = again[1:]
        queued(state, again[0])


def _end_hold(state: State, at: datetime) -> None:
    if state.hold is not None:
        state.close(state.hold, at)
        state.hold = None


STEPS: Final[Mapping[str, Step]] = {
    "turned_away": turned_away, "queued": queued, "ringing": ringing, "answered": answered, "held": held, "unheld": unheld,
    "transferred": transferred, "left": left, "voicemail": voicemail, "ended": ended, "called_out": called_out,
    "reached": reached,
}  # fmt: skip
