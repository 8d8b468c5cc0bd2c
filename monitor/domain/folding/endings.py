"""What ends otherwise than by being served: out of sight, settled, discarded."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from monitor.domain.contact import Visit
from monitor.domain.corrections import SPAM
from monitor.domain.event import Event
from monitor.domain.folding import matters, turns
from monitor.domain.folding.state import State, Step


def lost(state: State, event: Event) -> None:
    """Sight was lost: whatever ran until now is void, for how it went on is unknown.

    Reason `callback`: from `due` to `at` nobody could see whether we called; a call back that was owed then is void.
    """
    if event.reason == "callback":
        if state.callback is not None:
            since = event.due if isinstance(event.due, datetime) else event.at
            state.close(state.callback, max(state.callback.since, since), void=True)
            state.callback = None
        return
    _lose(state, event, matter=state.channel in ("email", "ticket"))  # what was promised in a call is still known
    state.laid_aside = False


def _lose(state: State, event: Event, *, matter: bool) -> None:
    """The live call and the turn are void; `matter`: so is all else that runs. Of spam nothing ever ran."""
    running = [state.queue, state.ring, state.hold]
    state.queue = state.ring = state.hold = state.first_queued = None
    if state.visit is not None or matter:
        running.append(state.callback)  # back in the queue: perhaps the same call was answered after all
        state.callback = None
    if state.visit is not None:
        state.visits.append(Visit(event.id, state.visit.since, state.visit.queued, event.at, "lost"))
        state.visit = None
    if matter:
        running += [state.paused_resolution(), state.complaint, *state.promises]
        state.resolution = state.complaint = None
        state.promises.clear()
    state.end_turn(event.at, void=True)
    for wait in running:
        if wait is not None and not (event.kind == "discarded" and event.reason == SPAM):
            state.close(wait, event.at, void=True)


def settled(state: State, event: Event) -> None:
    """Not the live call: who waits in a queue is still there."""
    if event.event is not None:
        turns.ask_no_more(state, event, void=False)
        return
    state.end_turn(event.at, wordless=True)
    matters.end_matter(state, event)
    if state.callback is not None:
        state.close(state.callback, event.at)
        state.callback = None
    state.settled_once = state.laid_aside = True


def discarded(state: State, event: Event) -> None:
    if event.event is not None:
        turns.ask_no_more(state, event, void=True)
    else:
        _lose(state, event, matter=True)
        state.laid_aside = True


STEPS: Final[Mapping[str, Step]] = {"lost": lost, "settled": settled, "discarded": discarded}
