"""What we have said will be done by a moment: promises, each of its own name, and the final answer to a complaint."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from monitor.domain.contact import Wait
from monitor.domain.event import Event
from monitor.domain.folding.state import State, Step

#: An answer and the closing of its matter that lie so close together are one act.
_IN_ONE_GO: Final = timedelta(minutes=1)

_Key = tuple[str | None, date | None]


def promised(state: State, event: Event) -> None:
    """A rule promises nothing. Without a date the promises of that name are released; a date that the customer agreed to
    takes the place of theirs, and so does one for the same deed while they are not due; any other stands beside them."""
    if event.by == "rule":
        return
    name = event.deed if event.name is None else event.name
    if event.due is None:
        _end(state, _named(state, name), event, void=True)
    elif (name, event.due) not in state.promises:
        if event.agreed:
            _end(state, _named(state, name), event, void=True)
        elif event.deed is not None:
            moved = [key for key in _named(state, name) if _is_moved(state.promises[key], event.deed, event.at)]
            _end(state, moved, event, void=True)
        rule = event.gist.promises[0].rule if event.gist is not None else None  # its date is one that its text states
        state.promises[name, event.due] = Wait("promise", event.id, event.at, due=event.due, deed=event.deed, rule=rule)


def made_in_words(state: State, event: Event) -> None:
    """What a text of ours promises. A newer promise of the same deed takes the place of those that an earlier text made."""
    for number, (deed, due, rule) in enumerate(event.gist.promises if event.gist is not None else ()):
        moved = [key for key in _named(state, deed) if _is_moved(state.promises[key], deed, event.at)]
        _end(state, moved, event, void=True)
        key = event.id if number == 0 else f"{event.id}/{number}"
        state.promises.setdefault((deed, due), Wait("promise", key, event.at, due=due, deed=deed, rule=rule))


def noted(state: State, event: Event) -> None:
    """A note of ours, as of a phone call: no words to the customer, but what it says was promised."""
    if event.by in (None, "agent"):
        made_in_words(state, event)


def _is_moved(promise: Wait, deed: str, at: datetime) -> bool:
    """Whether a promise of the same deed, made now, takes its place: what one message promises stands side by side."""
    return promise.deed == deed and promise.since < at and is_ahead(promise, at)


def kept_by_words(state: State, event: Event, *, spoken: bool) -> None:
    """We spoke with the customer on the phone, or wrote to him: that keeps what was promised before, a call only if spoken."""
    kept = [
        key
        for key, promise in state.promises.items()
        if promise.deed is not None and promise.since < event.at and (spoken or promise.deed != "call")
    ]
    if kept:
        _end(state, kept, event)


def fulfilled(state: State, event: Event) -> None:
    """Keeps the promises of that name; without a name what was due until now, or where nothing was, what is due next."""
    if event.name is not None:
        kept = _named(state, event.name)
    else:
        kept = [key for key, promise in state.promises.items() if not is_ahead(promise, event.at)]
        if not kept and state.promises:
            due = min(map(_moment, state.promises.values()))
            kept = [key for key, promise in state.promises.items() if _moment(promise) == due]
    _end(state, kept, event)


def _named(state: State, name: str | None) -> list[_Key]:
    """The keys of the promises of this name."""
    return [key for key in state.promises if key[0] == name]


def end_all(state: State, event: Event, *, given_up: bool = False, void: bool = False) -> None:
    """The matter is solved, and with it what was promised; not what the words promise with which it was closed, nor a call."""
    over = [key for key, promise in state.promises.items() if void or given_up or not _outlives(promise, event.at)]
    _end(state, over, event, given_up=given_up, void=void)


def _outlives(promise: Wait, closed_at: datetime) -> bool:
    """Whether it is owed after a matter is closed: "I'll call you tomorrow" is often the last that is said in one."""
    return promise.rule is not None and (promise.deed == "call" or closed_at - promise.since < _IN_ONE_GO)


def is_ahead(promise: Wait, moment: datetime) -> bool:
    """Whether its moment has yet to come; where the policy says when, `judge` knows whether it had."""
    return promise.due is None or _moment(promise) > moment


def _moment(promise: Wait) -> datetime:
    """When it is due, for putting promises in order; of a day, whose end is the contact point's, about when."""
    due = promise.due
    if due is None or isinstance(due, datetime):
        return due or promise.since
    return datetime(due.year, due.month, due.day, tzinfo=UTC) + timedelta(days=1)


def _end(
    state: State, keys: list[_Key], event: Event, *, given_up: bool = False, void: bool = False
) -> None:  # fmt: skip
    for key in keys:
        state.close(state.promises.pop(key), event.at, given_up=given_up, void=void)


def complained(state: State, event: Event) -> None:
    """Told again, it corrects what is known of the complaint: the newest data, the earliest receipt."""
    received = event.at if event.since is None else event.since
    if event.withdrawn:
        if state.complaint is not None:
            state.close(state.complaint, event.at, void=True)
            state.complaint = None
    elif state.complaint is not None:
        state.complaint = _corrected(state.complaint, event, received)
    elif state.resolved is not None and (place := _answered_complaint(state)) is not None:
        state.waits[place] = _corrected(state.waits[place], event, received)
    else:
        state.complaint = Wait("complaint", event.id, received, due=event.due, sector=event.sector)


def _corrected(complaint: Wait, event: Event, received: datetime) -> Wait:
    due = complaint.due if event.due is None else event.due
    return complaint._replace(since=min(complaint.since, received), due=due, sector=event.sector or complaint.sector)


def _answered_complaint(state: State) -> int | None:
    """Where the complaint stands that has had its final answer."""
    return next((place for place, wait in reversed(list(enumerate(state.waits))) if wait.kind == "complaint"), None)


def final_answer(state: State, event: Event) -> None:
    if state.complaint is not None:
        state.close(state.complaint, event.at)
        state.complaint = None


STEPS: Final[Mapping[str, Step]] = {
    "promised": promised, "noted": noted, "fulfilled": fulfilled, "complained": complained, "final_answer": final_answer,
}  # fmt: skip
