"""What our replies say to the customer, beside what they promise, and what he has told us before."""

from collections.abc import Mapping
from typing import Final

from monitor.domain.contact import Answer
from monitor.domain.event import ALIKE, Event
from monitor.domain.folding.state import State, Step


def heard(state: State, event: Event) -> None:
    """Words of the customer, with the facts that they give: whoever reads this matter need not ask for them."""
    state.heard = True
    if event.gist is not None:
        state.given.update(event.gist.gives)


def pressed(state: State, event: Event) -> None:
    """He has to ask again, unless our last answer had asked him."""
    if state.pressing is not None:
        state.answers[state.pressing] = state.answers[state.pressing]._replace(pressed_at=event.at)
        state.pressing = None


def answered(state: State, event: Event) -> None:
    """A reply of a human of ours. One whose text nobody has read says nothing, neither good nor bad, nor does one that begins the
    matter: it answers nobody."""
    gist = event.gist
    state.pressing = None
    if gist is not None and gist.read and state.heard:
        again = tuple(sorted(state.given.intersection(gist.wants)))
        if not gist.asks:
            state.pressing = len(state.answers)
        alike = event.id in state.alike
        state.answers.append(Answer(event.id, event.at, gist.refusal, again, state.stay, gist.sketch, alike=alike))


def worded_alike(state: State, event: Event) -> None:
    """The words of an answer had been sent to many others. Of one moment it may stand before the answer."""
    if event.event is not None:
        state.alike.add(event.event)
    state.answers = [each._replace(alike=True) if each.key == event.event else each for each in state.answers]


STEPS: Final[Mapping[str, Step]] = {ALIKE: worded_alike}
