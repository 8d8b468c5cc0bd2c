"""What our replies say to the customer, beside what they promise, and what he has told us before."""

from monitor.domain.contact import Answer
from monitor.domain.event import Event
from monitor.domain.folding.state import State


def heard(state: State, event: Event) -> None:
    """Words of the customer, with the facts that they give: whoever reads this matter need not ask for them."""
    state.heard = True
    if event.gist is not None:
        state.given.update(event.gist.gives)


def answered(state: State, event: Event) -> None:
    """A reply of a human of ours. One whose text nobody has read says nothing, neither good nor bad, nor does one that begins the
    matter: it answers nobody."""
    gist = event.gist
    if gist is not None and gist.read and state.heard:
        again = tuple(sorted(state.given.intersection(gist.wants)))
        state.answers.append(Answer(event.id, event.at, gist.refusal, again, state.stay))
