"""The matter itself: its resolution, what stops the clocks, what undoes it; who has it and how urgent it is."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from monitor.domain.contact import CLOSED, Pause, Rating, Wait
from monitor.domain.event import FOLLOWED, Event
from monitor.domain.folding import promises
from monitor.domain.folding.state import Closed, State, Step

#: What a rule says of the priority so soon after a ticket came is the first that is said of it.
_TRIAGE: Final = timedelta(minutes=1)
_A_SECOND: Final = timedelta(seconds=1)
#: An owner that is written so is a queue, where no queue is named beside it.
_TEAMS: Final = ("group:", "queue:", "team:")


def pending(state: State, event: Event) -> None:
    """The source waits for somebody else. It goes on saying so until `resumed`; a message of the customer lifts it until we
    have answered."""
    if state.resolved is not None:
        return
    if state.paused_since is not None and state.pending is not None and (event.on, event.until) != (
        state.pending.on, state.pending.until,
    ):  # fmt: skip
        state.end_pause(event.at)
    state.pending = event
    if state.paused_since is None:
        state.paused_since = event.at


def resumed(state: State, event: Event) -> None:
    state.end_pause(event.at)
    state.pending = None


def wait_again(state: State, event: Event) -> None:
    """Our words have answered what lifted a pause that the source never ended."""
    stands = state.pending is not None and (state.pending.until is None or state.pending.until > event.at)
    if stands and state.paused_since is None:
        state.paused_since = event.at


def assigned(state: State, event: Event) -> None:
    """Another person after a person, or another queue: a hand-over, both at once one; nobody between is none."""
    person, team = event.to, event.queue
    if team is None and person is not None and person.startswith(_TEAMS):
        person, team = None, person
    if person is not None:
        if state.owner is not None and person != state.owner and state.handed_on_at != event.at:
            state.mark("reassigned", event.id, event.at)
            state.handed_on_at = event.at
        state.owner, state.owner_at = person, event.at
    if team is not None:
        if state.team is not None and team != state.team:
            state.hand_on(event)
        state.team = team


def prioritised(state: State, event: Event) -> None:
    """The first priority, which whoever sorts new tickets gives, raises nothing."""
    first = event.at - state.begun < (_TRIAGE if event.by == "rule" else _A_SECOND)
    if event.raised and not first:
        state.mark("escalated", event.id, event.at, "priority")


def escalated(state: State, event: Event) -> None:
    state.mark("escalated", event.id, event.at, event.reason)


def resolved(state: State, event: Event) -> None:
    """By the customer: what waited was given up. By a rule, and nobody had answered: nothing was served."""
    if state.merged:
        return
    if event.how == "duplicate":
        merged(state, event)
        return
    unserved = event.by == "rule" and state.turn is not None
    silent = state.turn is not None
    if state.resolved is None:
        complaint = None if unserved else state.complaint  # a rule has given no final answer
        running = tuple(wait for wait in (state.resolution, complaint) if wait is not None)
        state.closed = Closed(state.turn, state.unanswered, running, state.promises.copy(), len(state.waits))
    given_up = event.by == "customer"
    state.end_turn(event.at, wordless=True, given_up=given_up, void=unserved)
    end_matter(state, event, given_up=given_up, void=unserved)
    if state.resolved is None:
        state.once_resolved = True
        state.resolved = state.mark(
            "resolved", event.id, event.at,
            "auto_closed" if unserved else "rejected" if event.how == "rejected" else "no_answer" if event.how == "timeout"
            else "unanswered" if silent else None,
        )  # fmt: skip
    state.thanked = False
    state.over_at = event.at
    resumed(state, event)


def reopened(state: State, event: Event) -> None:
    """Without a message of the customer: what the resolution ended unanswered is taken up again. By an agent: it was none.

    Followed by another contact it stays as it is, but did not last.
    """
    if event.how == FOLLOWED:
        if state.resolved is not None:
            state.mark("reopened", state.resolved.key, event.at)
        return
    if state.resolved is None:
        if not state.once_resolved:
            come_back(state, event)  # its resolution is out of our sight
        return  # else the customer's message has already said so
    if event.by == "agent":
        _undo(state, event, everything=True)
        return
    if state.thanked or state.automatic_at == event.at:
        return  # the system's answer to a thank-you, or to a machine
    _undo(state, event, everything=False)
    come_back(state, event)


def come_back(state: State, event: Event) -> None:
    """A solved matter is open again, and is to be resolved anew."""
    if event.by != "agent":
        state.mark("reopened", state.resolved.key if state.resolved is not None else event.id, event.at)
    state.resolved = state.closed = None
    state.once_resolved = True
    state.thanked = False
    state.over_at = None
    begin_resolution(state, event)


def _undo(state: State, event: Event, *, everything: bool) -> None:
    """Takes up again what `resolved` ended and nobody served; the time in which it was closed does not count.

    A promise whose moment has passed meanwhile was kept by it. `everything`: there never was a resolution.
    """
    closed, mark = state.closed, state.resolved
    if closed is None or mark is None:
        return
    back = [wait for wait in closed.waits if wait.kind == "complaint" or everything]
    ahead = {key: promise for key, promise in closed.promises.items() if promises.is_ahead(promise, event.at)}
    names = {(wait.kind, wait.key) for wait in (*back, *ahead.values(), closed.turn) if wait is not None}
    state.waits[closed.first :] = [wait for wait in state.waits[closed.first :] if (wait.kind, wait.key) not in names]
    state.pauses.append(Pause(mark.at, event.at, CLOSED))
    state.turn, state.unanswered = closed.turn, closed.unanswered
    state.promises |= ahead
    for wait in back:
        if wait.kind == "complaint":
            state.complaint = wait
        else:
            state.resolution = wait
    if everything:
        state.marks.remove(mark)
        state.resolved = state.closed = None
        state.thanked = False
        state.over_at = None


def merged(state: State, event: Event) -> None:
    """It goes on in another contact: nothing that runs here is held against anybody."""
    state.lose_matter(event)
    state.laid_aside = state.merged = True
    state.over_at = event.at


def rated(state: State, event: Event) -> None:
    if event.score is not None:
        state.rating = Rating(event.score, event.at, state.stay)


def begin_resolution(state: State, event: Event) -> None:
    """A ticket is to be resolved anew, from this event on."""
    state.laid_aside = state.merged = False
    if state.channel == "ticket" and state.resolution is None:
        state.resolution = Wait("resolution", event.id, event.at)


def end_matter(state: State, event: Event, *, given_up: bool = False, void: bool = False) -> None:
    """The resolution, the complaint and all promises end."""
    if state.resolution is not None:
        state.close(state.resolution, event.at, void=void)
        state.resolution = None
    if state.complaint is not None and not void:
        state.close(state.complaint, event.at, given_up=given_up)
        state.complaint = None
    promises.end_all(state, event, given_up=given_up, void=void)


STEPS: Final[Mapping[str, Step]] = {
    "pending": pending, "resumed": resumed, "assigned": assigned, "prioritised": prioritised, "escalated": escalated,
    "resolved": resolved, "reopened": reopened, "merged": merged, "rated": rated,
}  # fmt: skip
