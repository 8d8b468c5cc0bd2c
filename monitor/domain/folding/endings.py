"""What ends otherwise than by being served: out of sight, settled, discarded."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from monitor.domain.bounded import TOO_MANY
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
    if state.channel in ("email", "ticket") or event.reason == TOO_MANY:
        state.lose_matter(event)
    else:
        state.lose_call(event)  # what was promised in a call is still known, as long as we would be told that it was kept
    state.laid_aside = False


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
        state.lose_matter(event)
        state.laid_aside = True


STEPS: Final[Mapping[str, Step]] = {"lost": lost, "settled": settled, "discarded": discarded}
