"""What is held of one answer of ours, by its words: in which ways it was, or was not, of no help."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from monitor.domain.contact import Answer


class Held(NamedTuple):
    """`bad`: it was of no help in the way of this signal; `at`: the moment from which that is known."""

    signal: str
    bad: bool
    at: datetime


def held(answer: Answer) -> Iterator[Held]:
    """A canned one is good as it is sent, and bad once the customer has to ask again; one without a sketch is neither."""
    yield Held("refusal", answer.refusal is not None, answer.at)
    if answer.sketch is not None:
        canned = answer.alike and answer.pressed_at is not None
        yield Held("canned_reply", canned, answer.pressed_at if canned and answer.pressed_at is not None else answer.at)
    yield Held("asked_again", bool(answer.again), answer.at)
