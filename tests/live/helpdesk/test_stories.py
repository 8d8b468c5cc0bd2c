"""The stories, played on each real helpdesk: what the account that may only read finds is what has happened, to the second."""

from collections.abc import Sequence

import pytest

from tests.live.helpdesk.conftest import STORIES
from tests.live.helpdesk.player import Message, Player
from tests.live.helpdesk.story import Step, System, Ticket, moment
from tests.live.helpdesk.systems import EACH_SYSTEM

pytestmark = [
    pytest.mark.waits(40),
    pytest.mark.timeout(900),  # a whole story on a busy machine
    pytest.mark.parametrize("system", EACH_SYSTEM),
    pytest.mark.parametrize("story", STORIES),
]
CLOSING = ("resolved", "rejected", "merged", "deleted")
OPENING = ("taken_back_up", "is_open_again")


def message_of(step: Step, system: System) -> Message | None:
    """What the step leaves for everybody to read."""
    if step.verb == "is_away" and system == "redmine":
        return None  # which drops such mails
    if step.verb == "wrote_first":
        return Message(moment(step.hours), step.arguments[0], public=True)
    if step.verb == "entered":  # only Znuny keeps whose words an agent has written down
        return Message(moment(step.hours), step.arguments[1 if system == "znuny" else 0], public=True)
    if step.verb in ("opened", "asked", "answered", "noted", "is_away"):
        return Message(moment(step.hours), step.arguments[0], public=step.verb != "noted")
    return None


def written(story: Sequence[Ticket], system: System) -> dict[str, set[Message]]:
    """The messages of every ticket; what was merged lies in the other one, where a system can do that."""
    found = {ticket.key: {m for step in ticket.steps if (m := message_of(step, system))} for ticket in story}
    for ticket in story:
        for step in ticket.steps:
            if step.verb == "merged" and system != "redmine":
                found[step.arguments[1]] |= found.pop(ticket.key)
            elif step.verb == "deleted":
                del found[ticket.key]
    return found


def is_closed(ticket: Ticket, system: System) -> bool:
    """By the last step that closes or opens; a thank-you opens it too, where mail does."""
    last = [step.verb in CLOSING for step in ticket.steps if step.verb in CLOSING + OPENING]
    return last[-1] if last else False


def test_the_reader_finds_every_message_at_its_moment(played: Player, system: System, story: str) -> None:
    expected = written(STORIES[story], system)
    # As sets: a ticket that is made without words has a row of its own beside the first words.
    assert {key: set(played.messages(key)) for key in expected} == expected


def test_the_reader_finds_closed_what_is_closed(played: Player, system: System, story: str) -> None:
    tickets = STORIES[story]
    assert {t.key: played.is_closed(t.key) for t in tickets} == {t.key: is_closed(t, system) for t in tickets}
